"""An Extraction as the JSON object of the public contract, and as Arrow tables."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

from kc_pipeline.extraction.model import Evidence, Extraction
from kc_pipeline.schema import arrow_schema, table
from kc_pipeline.schema.staging import columns_as_read

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa


def _evidence(evidence: Evidence | None) -> dict[str, Any] | None:
    if evidence is None:
        return None
    return {
        "grade": evidence.grade,
        "source_kind": evidence.source_kind,
        "source_title": evidence.source_title,
        "source_url": evidence.source_url,
    }


def as_dict(extraction: Extraction) -> dict[str, Any]:
    """Return the object that `kc extract --format json` prints; decimals as plain strings, dates as ISO text."""
    lines = [
        {
            "statement": x.statement,
            "section": list(x.section),
            "label": x.label,
            "concept": x.concept,
            "value": f"{x.value:f}",
            "unit": x.unit,
            "decimals": x.decimals,
            "period_start": x.period_start.isoformat() if x.period_start else None,
            "period_end": x.period_end.isoformat() if x.period_end else None,
            "months": x.months,
            "audited": x.audited,
            "table": x.table,
            "row": x.row,
            "col": x.col,
            "text": x.text,
            "column_label": x.column_label,
            "title": x.title,
            "scope": x.scope,
            "member": x.member,
            "unit_rule": x.unit_rule,
            "scale_rule": x.scale_rule,
            "period_rule": x.period_rule,
            "suspect": x.suspect,
            "segment": x.segment,
            "mapping_rule": x.mapping_rule,
            "evidence": _evidence(x.evidence),
        }
        for x in extraction.lines
    ]
    stated = [
        {
            "metric": x.metric,
            "segment": x.segment,
            "value": f"{x.value:f}",
            "unit": x.unit,
            "decimals": x.decimals,
            "period": {
                "start": x.period_start.isoformat() if x.period_start else None,
                "end": x.period_end.isoformat() if x.period_end else None,
                "months": x.months,
            },
            "comparison": x.comparison,
            "span": list(x.span),
            "text": x.text,
            "sentence": x.sentence,
            "evidence": _evidence(x.evidence),
        }
        for x in extraction.stated
    ]
    commentary = [
        {
            "speaker": x.speaker,
            "title": x.title,
            "text": x.text,
            "span": list(x.span),
            "evidence": _evidence(x.evidence),
        }
        for x in extraction.commentary
    ]
    definitions = [
        {
            "metric": x.metric,
            "segment": x.segment,
            "wording": x.wording,
            "base": x.base,
            "exclusions": list(x.exclusions),
            "inclusions": list(x.inclusions),
            "sense": x.sense,
            "span": list(x.span),
            "sentence": x.sentence,
            "evidence": _evidence(x.evidence),
        }
        for x in extraction.definitions
    ]
    warnings = [{"table": x.table, "code": x.code, "message": x.message} for x in extraction.warnings]
    return {
        "document": {"sha256": extraction.sha256, "title": extraction.title, **extraction.meta},
        "lines": lines,
        "stated": stated,
        "commentary": commentary,
        "definitions": definitions,
        "warnings": warnings,
    }


_SOURCES: dict[str, Callable[[Any], Any]] = {
    "table_index": lambda x: x.table,
    "row_index": lambda x: x.row,
    "col_index": lambda x: x.col,
    "table_title": lambda x: x.title,
    "member": lambda x: x.member or None,
    "span_start": lambda x: x.span[0],
    "span_end": lambda x: x.span[1],
    "section": lambda x: list(x.section),
    "exclusions": lambda x: list(x.exclusions),
    "inclusions": lambda x: list(x.inclusions),
    "grade": lambda x: x.evidence and x.evidence.grade,
    "source_kind": lambda x: x.evidence and x.evidence.source_kind,
    "source_title": lambda x: x.evidence and x.evidence.source_title,
    "source_url": lambda x: x.evidence and x.evidence.source_url,
}
"""Where a declared column's value stands, if not under the column's own name."""


def _rows(items: Sequence[Any], relation: str) -> pa.Table:
    """Return items in the declared columns of a staging table; AttributeError if a column has no source."""
    import pyarrow as pa

    declared = table(relation)
    names = {c.name for c in columns_as_read(declared)}
    schema = pa.schema([f for f in arrow_schema(declared) if f.name in names])
    arrays = []
    for field in schema:
        source = _SOURCES.get(field.name) or attrgetter(field.name)
        arrays.append(pa.array([source(x) for x in items], field.type))
    return pa.table(arrays, schema=schema)


def as_arrow(extraction: Extraction) -> dict[str, pa.Table]:
    """Return the Arrow tables `lines`, `stated`, `commentary`, `definitions`, `warnings` and `page`.

    Columns are those that staging declares, but for what loading and mapping fill: what is declared is handed
    over. `suspect` of a line holds the codes of the warnings that contradict its reading; `page` has one row,
    `title` and `opening`.
    """
    import pyarrow as pa

    return {
        "lines": _rows(extraction.lines, "staging.statement_lines"),
        "stated": _rows(extraction.stated, "staging.stated_figures"),
        "commentary": _rows(extraction.commentary, "staging.commentary"),
        "definitions": _rows(extraction.definitions, "staging.definitions"),
        "warnings": _rows(extraction.warnings, "staging.warnings"),
        "page": pa.table({n: pa.array([getattr(extraction, n)], pa.string()) for n in ("title", "opening")}),
    }
