"""A small warehouse for tests: declared tables, companies, facts by hand or from the reference."""

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from kc_pipeline.figures import Period, months_between
from kc_pipeline.kpis import catalogue
from kc_pipeline.schema import arrow_schema, ddl, table


@dataclass(frozen=True)
class Fact:
    """The columns of core.facts that matter to KPIs; the rest is filled with plausible values."""

    concept: str
    period_end: date
    value: Decimal
    months: int | None = 3
    segment: str | None = None
    unit: str = "CNY"
    decimals: int = -5
    company: str = "KC"
    scope: str = "consolidated"
    counterparty: str | None = None
    origin: str = "reported"
    evidence: str = "original"
    known_at: date | None = None
    period_start: date | None = None
    suspect: str | None = None
    definition_id: str | None = None

    @property
    def fact_id(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def flow_start(end: date, months: int) -> date:
    zero_based = end.year * 12 + end.month - months
    return date(zero_based // 12, zero_based % 12 + 1, 1)


def quarter(label: str) -> date:
    end = Period.parse(label).end
    return end


def connect(
    facts: Iterable[Fact], companies: Iterable[tuple[str, str, str]] = (("KC", "CNY", "--12-31"),)
) -> duckdb.DuckDBPyConnection:
    """Return a connection with the tables that KPIs read, these companies (id, currency, year end) and facts."""
    con = duckdb.connect()
    con.execute("SET threads = 2")
    for schema in ("core", "marts"):
        con.execute(f"CREATE SCHEMA {schema}")
    for name in ("core.companies", "core.facts"):
        con.execute(ddl(table(name)))
    con.execute("CREATE VIEW core.facts_latest AS SELECT * FROM core.facts")
    rows = [
        {"company": c, "name": c, "tickers": [], "reporting_currency": currency, "fiscal_year_end": year_end}
        for c, currency, year_end in companies
    ]
    schema = arrow_schema(table("core.companies"))
    whole = [
        {name: row.get(name, [] if name == "segments" else None) for name in schema.names} for row in rows
    ]
    known = pa.Table.from_pylist(whole, schema=schema)
    con.register("new_companies", known)
    con.execute("INSERT INTO core.companies BY NAME SELECT * FROM new_companies")
    con.unregister("new_companies")
    insert(con, facts)
    return con


def insert(con: duckdb.DuckDBPyConnection, facts: Iterable[Fact]) -> None:
    names = table("core.facts").column_names
    rows = []
    for f in facts:
        start = f.period_start
        if start is None and f.months is not None:
            start = flow_start(f.period_end, f.months)
        values = {
            "fact_id": f.fact_id,
            "figure_id": f.fact_id,
            "company": f.company,
            "scope": f.scope,
            "concept": f.concept,
            "definition_id": f.definition_id,
            "segment": f.segment,
            "counterparty": f.counterparty,
            "period_start": start,
            "period_end": f.period_end,
            "months": f.months,
            "unit": f.unit,
            "value": f.value,
            "decimals": f.decimals,
            "basis": "gaap",
            "origin": f.origin,
            "evidence": f.evidence,
            "known_at": f.known_at or f.period_end + timedelta(days=50),
            "known_at_precision": "day",
            "version": 1,
            "document_id": f"{f.company}/x/release",
            "filing_id": f"{f.company}/x",
            "statement": "income",
            "text": str(f.value),
            "suspect": f.suspect,
        }
        rows.append({name: values.get(name) for name in names})
    batch = pa.Table.from_pylist(rows, schema=arrow_schema(table("core.facts")))
    con.register("new_facts", batch)
    con.execute("INSERT INTO core.facts SELECT * FROM new_facts")
    con.unregister("new_facts")


RELEASES = {
    "2020Q1": "2020-06-03", "2020Q2": "2020-08-18", "2020Q3": "2020-11-18", "2020Q4": "2021-03-17",
    "2021Q1": "2021-05-18", "2021Q2": "2021-08-25", "2021Q3": "2021-11-24", "2021Q4": "2022-03-24",
    "2022Q1": "2022-06-08", "2022Q2": "2022-09-06", "2022Q3": "2022-11-23", "2022Q4": "2023-03-29",
    "2023Q1": "2023-05-31", "2023Q2": "2023-08-22", "2023Q3": "2023-11-21", "2023Q4": "2024-03-20",
    "2024Q1": "2024-05-22", "2024Q2": "2024-08-20", "2024Q3": "2024-11-19", "2024Q4": "2025-03-19",
    "2025Q1": "2025-05-28", "2025Q2": "2025-08-20", "2025Q3": "2025-11-19", "2025Q4": "2026-03-25",
    "2026Q1": "2026-05-27",
}  # fmt: skip

_MONTHS = {"quarter": 3, "half": 6, "nine_months": 9, "year": 12, "instant": None}
_STATED_SEGMENT = {"gross_margin": "{}_gross_margin", "gross_margin_change_yoy": "{}_gross_margin_change_yoy"}


# the reference's "cash growth" is a data site's, with short-term investments
_OWN_NAMES = {
    "cash_growth_yoy": "cash_and_short_term_investments_growth_yoy",
    "cash_and_cash_equivalents_change_yoy": "cash_growth_yoy",
}


def reference_facts(shared: Path) -> list[Fact]:
    """The best rows of grade A and B of the releases, one per figure (the first release's)."""
    kpis = catalogue().kpis
    stated = {alias: k for k in kpis.values() for alias in k.stated_as}
    out: dict[tuple[object, ...], Fact] = {}
    with (shared / "reference" / "facts.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        if (
            row["best"] != "yes"
            or row["grade"] not in "AB"
            or row["use"] not in ("statement", "key_figure", "ratio")
        ):
            continue
        release = row["document"].removesuffix("-release")
        if not row["document"].endswith("-release"):
            continue
        segment: str | None = row["segment"] or None
        value, rounding, unit = Decimal(row["value"]), Decimal(row["rounding"]), row["unit"]
        concept = _OWN_NAMES.get(row["concept"], row["concept"])
        if row["use"] == "ratio":
            if segment and "growth" not in concept:
                concept = f"{segment}_{concept}"
            segment = None
            if unit not in ("percent", "percentage_points"):
                continue
            if unit == "percentage_points":
                value, rounding = value / 100, rounding / 100
            unit = "pure"
            if concept not in stated:
                continue
        else:
            unit = unit.replace("RMB", "CNY")
        end = date.fromisoformat(row["period_end"])
        fact = Fact(
            concept=concept,
            period_end=end,
            value=value,
            months=_MONTHS[row["period_type"]],
            segment=segment,
            unit=unit,
            decimals=-rounding.adjusted(),
            origin="stated" if row["use"] == "ratio" else "reported",
            evidence="copy" if row["grade"] == "A" else "third_party",
            known_at=date.fromisoformat(RELEASES[release]),
        )
        key = (concept, segment, fact.period_end, fact.months, unit)
        if key not in out or (fact.known_at or end) < (out[key].known_at or end):
            out[key] = fact
    return list(out.values())


def without(facts: Iterable[Fact], **match: object) -> list[Fact]:
    return [f for f in facts if not all(getattr(f, k) == v for k, v in match.items())]


def scaled(facts: Iterable[Fact], factor: int) -> list[Fact]:
    shift = len(str(factor)) - 1
    return [
        f if f.unit == "pure" else replace(f, value=f.value * factor, decimals=f.decimals - shift)
        for f in facts
    ]


__all__ = ["Fact", "connect", "insert", "months_between", "quarter", "reference_facts", "scaled", "without"]
