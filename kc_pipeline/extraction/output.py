"""An Extraction as the JSON object of the public contract, and as Arrow tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kc_pipeline.extraction.model import Evidence, Extraction

if TYPE_CHECKING:
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


def as_arrow(extraction: Extraction) -> dict[str, pa.Table]:
    """Return the Arrow tables `lines`, `stated`, `commentary`, `definitions`, `warnings` and `page`.

    Columns are those of the staging tables that extraction can fill. `suspect` of a line holds the
    codes of the warnings that contradict its reading; `page` has one row, `opening`.
    """
    import pyarrow as pa

    amount = pa.decimal128(38, 8)

    def columns(items: list[Any], schema: pa.Schema, of: dict[str, Any]) -> pa.Table:
        return pa.table(
            {name: pa.array([of[name](x) for x in items], schema.field(name).type) for name in schema.names},
            schema=schema,
        )

    source = [
        ("grade", pa.string()),
        ("source_kind", pa.string()),
        ("source_title", pa.string()),
        ("source_url", pa.string()),
    ]
    period = [("period_start", pa.date32()), ("period_end", pa.date32()), ("months", pa.int16())]

    def by_name(names: list[str]) -> dict[str, Any]:
        return {name: (lambda x, n=name: getattr(x, n)) for name in names}

    traced = {
        name: (lambda x, n=name: getattr(x.evidence, n) if x.evidence else None)
        for name in ("grade", "source_kind", "source_title", "source_url")
    }
    spans = {"span_start": lambda x: x.span[0], "span_end": lambda x: x.span[1]}
    lines_schema = pa.schema(
        [
            ("table_index", pa.int32()),
            ("row_index", pa.int32()),
            ("col_index", pa.int32()),
            ("statement", pa.string()),
            ("scope", pa.string()),
            ("table_title", pa.string()),
            ("section", pa.list_(pa.string())),
            ("label", pa.string()),
            ("column_label", pa.string()),
            ("value", amount),
            ("unit", pa.string()),
            ("decimals", pa.int16()),
            *period,
            ("audited", pa.bool_()),
            ("text", pa.string()),
            *source,
            ("suspect", pa.string()),
        ]
    )
    lines = columns(
        extraction.lines,
        lines_schema,
        {
            **by_name(
                [
                    "statement",
                    "scope",
                    "label",
                    "column_label",
                    "value",
                    "unit",
                    "decimals",
                    "period_start",
                    "period_end",
                    "months",
                    "audited",
                    "text",
                ]
            ),
            "table_index": lambda x: x.table,
            "row_index": lambda x: x.row,
            "col_index": lambda x: x.col,
            "table_title": lambda x: x.title,
            "section": lambda x: list(x.section),
            **traced,
            "suspect": lambda x: x.suspect,
        },
    )
    stated_schema = pa.schema(
        [
            ("metric", pa.string()),
            ("segment", pa.string()),
            ("value", amount),
            ("unit", pa.string()),
            ("decimals", pa.int16()),
            *period,
            ("comparison", pa.string()),
            ("span_start", pa.int32()),
            ("span_end", pa.int32()),
            ("text", pa.string()),
            ("sentence", pa.string()),
            *source,
        ]
    )
    names = [
        "metric",
        "segment",
        "value",
        "unit",
        "decimals",
        "period_start",
        "period_end",
        "months",
        "comparison",
        "text",
        "sentence",
    ]
    stated = columns(extraction.stated, stated_schema, {**by_name(names), **spans, **traced})
    said_schema = pa.schema(
        [
            ("speaker", pa.string()),
            ("title", pa.string()),
            ("text", pa.string()),
            ("span_start", pa.int32()),
            ("span_end", pa.int32()),
            *source,
        ]
    )
    said = columns(
        extraction.commentary, said_schema, {**by_name(["speaker", "title", "text"]), **spans, **traced}
    )
    defined_schema = pa.schema(
        [
            ("metric", pa.string()),
            ("segment", pa.string()),
            ("wording", pa.string()),
            ("base", pa.string()),
            ("exclusions", pa.list_(pa.string())),
            ("inclusions", pa.list_(pa.string())),
            ("sense", pa.string()),
            ("span_start", pa.int32()),
            ("span_end", pa.int32()),
            ("sentence", pa.string()),
            *source,
        ]
    )
    defined = columns(
        extraction.definitions,
        defined_schema,
        {
            **by_name(["metric", "segment", "wording", "base", "sense", "sentence"]),
            "exclusions": lambda x: list(x.exclusions),
            "inclusions": lambda x: list(x.inclusions),
            **spans,
            **traced,
        },
    )
    warn_schema = pa.schema([("table_index", pa.int32()), ("code", pa.string()), ("message", pa.string())])
    warned = columns(
        extraction.warnings, warn_schema, {**by_name(["code", "message"]), "table_index": lambda x: x.table}
    )
    page = pa.table({"opening": pa.array([extraction.opening], pa.string())})
    return {
        "lines": lines,
        "stated": stated,
        "commentary": said,
        "definitions": defined,
        "warnings": warned,
        "page": page,
    }
