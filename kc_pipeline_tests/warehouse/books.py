"""Hand-made extractions: filings with a few lines each, loaded into an in-memory build."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa

from kc_pipeline.config import Company
from kc_pipeline.figures import calendar_quarter
from kc_pipeline.schema import arrow_schema, table
from kc_pipeline.schema.staging import columns_as_read
from kc_pipeline.warehouse.load import create_schema, load_staging

KC = Company.model_validate(
    {
        "id": "KC",
        "name": "Kingsoft Cloud Holdings Limited",
        "reporting_currency": "CNY",
        "expected_from": "2024Q4",
        "segments": [
            {"id": "public_cloud", "labels": ["Public cloud services"]},
            {"id": "enterprise_cloud", "labels": ["Enterprise cloud services"]},
            {"id": "others", "labels": ["Others"]},
        ],
    }
)


def _as_read(relation: str) -> pa.Schema:
    """What extraction hands over of a staging table, with its document; nulls are left to the loading to judge."""
    declared = table(relation)
    names = {"document_id", *(c.name for c in columns_as_read(declared))}
    return pa.schema([pa.field(f.name, f.type) for f in arrow_schema(declared) if f.name in names])


LINES = _as_read("staging.statement_lines")
STATED = _as_read("staging.stated_figures")
SAID = _as_read("staging.commentary")
DEFINED = _as_read("staging.definitions")
WARNINGS = _as_read("staging.warnings")


def starts(end: date, months: int) -> date:
    """Return the first day of a period of whole months."""
    zero = end.year * 12 + end.month - months
    return date(zero // 12, zero % 12 + 1, 1)


@dataclass
class Books:
    """Filings under construction. Amounts are given in thousands unless `decimals` says otherwise."""

    companies: dict[str, Company] = field(default_factory=lambda: {"KC": KC})
    filings: list[dict[str, Any]] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    stated: list[dict[str, Any]] = field(default_factory=list)
    commentary: list[dict[str, Any]] = field(default_factory=list)
    definitions: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def document(
        self,
        name: str,
        filed: date,
        *,
        company: str = "KC",
        kind: str = "original",
        type: str = "release",
        period: date = date(2025, 3, 31),
        status: str = "accepted",
        form: str = "6-K",
        content: str | None = None,
    ) -> str:
        """Add a filing with one document; return its document_id."""
        filing, document = f"{company}/{name}", f"{company}/{name}/doc"
        content = document if content is None else content
        self.filings.append(
            {
                "filing_id": filing, "company": company, "form": form, "filing_date": filed,
                "filing_date_precision": "day", "period_of_report": period, "quarter": calendar_quarter(period),
                "source": "local",
            }
        )  # fmt: skip
        self.documents.append(
            {
                "document_id": document, "filing_id": filing, "company": company,
                "sha256": hashlib.sha256(content.encode()).hexdigest(), "bytes": 1, "kind": kind, "type": type,
                "path": f"filings/{filing}/doc.htm", "filing_date": filed, "known_at": filed,
                "known_at_precision": "day", "extractor_version": "1", "status": status,
            }
        )  # fmt: skip
        return document

    def line(
        self,
        document: str,
        label: str,
        value: Any,
        end: date = date(2025, 3, 31),
        *,
        months: int | None = None,
        statement: str | None = None,
        row: int | None = None,
        table: int = 0,
        col: int = 2,
        decimals: int = -3,
        unit: str = "CNY",
        section: Sequence[str] = (),
        source: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Add a printed figure; `value` in units of its last digit (12.5 with decimals -6 is 12.5 million)."""
        if row is None:
            row = 1 + max((x["row_index"] for x in self.lines if (x["document_id"], x["table_index"]) == (document, table)), default=-1)  # fmt: skip
        amount = Decimal(str(value)).scaleb(-decimals)
        start = None if months is None else starts(end, months)
        self.lines.append(
            {
                "document_id": document, "table_index": table, "row_index": row, "col_index": col,
                "statement": statement or ("balance_sheet" if months is None else "income"), "scope": "consolidated",
                "table_title": None, "section": list(section), "label": label, "column_label": f"{end} {unit}",
                "value": amount, "unit": unit, "decimals": decimals, "period_start": start, "period_end": end,
                "months": months, "audited": None, "text": f"{value:,}", **(source or {}), **more,
            }
        )  # fmt: skip

    def prose(
        self,
        document: str,
        metric: str,
        value: Any,
        end: date = date(2025, 3, 31),
        *,
        months: int | None = 3,
        decimals: int = -5,
        unit: str = "CNY",
        span: int = 100,
        source: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Add a figure stated in prose; `value` in units of its last digit."""
        self.stated.append(
            {
                "document_id": document, "metric": metric, "value": Decimal(str(value)).scaleb(-decimals), "unit": unit,
                "decimals": decimals, "period_start": None if months is None else starts(end, months), "period_end": end,
                "months": months, "span_start": span, "span_end": span + 10, "text": f"{value}",
                "sentence": f"{metric} was {value}.", **(source or {}), **more,
            }
        )  # fmt: skip

    def define(
        self, document: str, metric: str, base: str, *exclusions: str, wording: str | None = None
    ) -> None:
        """Add a definition; its sense is the base and what is left out, whatever its wording."""
        sense = f"{base} - {', '.join(sorted(exclusions))}"
        words = wording or f"{base} excluding {', '.join(exclusions)}"
        self.definitions.append(
            {
                "document_id": document, "metric": metric, "segment": None, "wording": words, "base": base,
                "exclusions": list(exclusions), "inclusions": [], "sense": sense, "span_start": 900, "span_end": 950,
                "sentence": f"{metric} is defined as {words}.",
            }
        )  # fmt: skip

    def load(
        self, con: duckdb.DuckDBPyConnection | None = None, order: Sequence[int] | None = None
    ) -> duckdb.DuckDBPyConnection:
        """Load everything into a build; `order` permutes the documents and, with them, all rows."""
        con = con or duckdb.connect(config={"threads": 1})
        create_schema(con)
        ids = [d["document_id"] for d in self.documents]
        rank = {ids[i]: n for n, i in enumerate(order if order is not None else range(len(ids)))}

        def rows(content: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
            return pa.Table.from_pylist(sorted(content, key=lambda r: rank[r["document_id"]]), schema=schema)

        filings = sorted(self.filings, key=lambda f: rank[f["filing_id"] + "/doc"])
        load_staging(
            con,
            pa.Table.from_pylist(filings, schema=arrow_schema(table("raw.filings"))),
            rows(self.documents, arrow_schema(table("raw.documents"))),
            rows(self.lines, LINES),
            rows(self.stated, STATED),
            rows(self.commentary, SAID),
            rows(self.warnings, WARNINGS),
            self.companies,
            rows(self.definitions, DEFINED),
        )
        return con


def values(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query, whole decimals as ints."""

    def plain(v: Any) -> Any:
        return int(v) if isinstance(v, Decimal) and v == v.to_integral_value() else v

    return [tuple(plain(v) for v in row) for row in con.execute(sql).fetchall()]
