"""From when to when each stated definition holds, and the breaks between two definitions of one measure.

A document's definition governs its own newest quarter and what follows, until a document about a later period
states another one; a definition is not dated back to periods before the first document that states it. Where
documents about one period state several, the first of them counts. Where releases define a measure, only releases
count: a report that words it otherwise beside them changes nothing. What a pack declares for a measure
takes the place of all that is read for it.

A break between two definitions blocks growth across it, unless the document that brings the new one also prints
earlier periods and these agree with what was known: then the change moved nothing that is known, and growth is
only annotated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import Any

import duckdb
import pyarrow as pa

from kc_pipeline.schema import arrow_schema, table
from kc_pipeline.warehouse.candidates import AGREES
from kc_pipeline.warehouse.declared import definition_id

# One row per stated definition, in the order of the periods that the documents are about.
_STATED = """
SELECT s.company, s.metric AS concept, s.segment, f.period_of_report, s.sense, s.wording, s.base, s.exclusions, s.inclusions,
  s.document_id, s.span_start, s.span_end, s.sentence AS quote, coalesce(s.source_url, s.source_title) AS source, o.known_at
FROM staging.definitions s
JOIN document_order o ON o.document_id = s.document_id AND o.status = 'accepted'
JOIN raw.documents k ON k.document_id = s.document_id
JOIN raw.filings f ON f.filing_id = o.filing_id
ANTI JOIN (SELECT company, concept AS metric, coalesce(segment, '') AS part FROM core.definitions WHERE origin = 'declared') d
  ON d.company = s.company AND d.metric = s.metric AND d.part = coalesce(s.segment, '')
QUALIFY k.type = 'release' OR NOT bool_or(k.type = 'release') OVER (PARTITION BY s.company, s.metric, s.segment)
ORDER BY s.company, s.metric, s.segment, f.period_of_report, o.ord, s.seq"""

# A document that brings a new definition: what it prints of the measure for earlier periods that were reported
# before, and how much of that is not what was known then.
_COMPARATIVES = f"""
SELECT d.definition_id, count(*) AS printed,
  count(*) FILTER (a.lesser OR a.flipped OR a.is_version AND NOT ({AGREES.format(l="a", s="p")})) AS moved
FROM core.definitions d
JOIN attached a ON a.document_id = d.document_id
JOIN candidates c ON c.cid = a.cid AND c.concept = d.concept AND c.segment IS NOT DISTINCT FROM d.segment AND c.counterparty IS NULL
  AND c.period_end < d.valid_from
LEFT JOIN versions v ON v.figure_id = a.figure_id AND v.version = a.version - 1
LEFT JOIN document_figures p ON p.cid = v.cid
WHERE d.origin = 'read' AND (NOT a.is_version OR a.version > 1)
GROUP BY d.definition_id"""


@dataclass(frozen=True, slots=True)
class _Stated:
    company: str
    concept: str
    segment: str | None
    period_of_report: date
    sense: str
    wording: str
    base: str | None
    exclusions: list[str]
    inclusions: list[str]
    document_id: str
    span_start: int
    span_end: int
    quote: str
    source: str | None
    known_at: date

    @property
    def measure(self) -> tuple[str, str, str | None]:
        return self.company, self.concept, self.segment


def first_day(period_of_report: date) -> date:
    """Return the first day of the quarter that ends on a day: whole months, or 13 weeks where it is no month's end."""
    if (period_of_report + timedelta(days=1)).day == 1:
        months = period_of_report.year * 12 + period_of_report.month - 3
        return date(months // 12, months % 12 + 1, 1)
    return period_of_report - timedelta(days=90)


def fill_definitions(con: duckdb.DuckDBPyConnection) -> None:
    """Add the definitions that documents state to `core.definitions`; needs `document_order` (candidates.py)."""
    con.execute("DELETE FROM core.definitions WHERE origin = 'read'")
    stated = [_Stated(*row) for row in con.execute(_STATED).fetchall()]
    rows: list[dict[str, Any]] = []
    for _, group in groupby(stated, key=lambda s: s.measure):
        rows += _in_force(group)
    _insert(con, "core.definitions", rows)


def _in_force(stated: Iterable[_Stated]) -> list[dict[str, Any]]:
    """Return the rows of one measure's definitions, in order of time, each until the next begins."""
    out: list[dict[str, Any]] = []
    turns: dict[str, int] = {}
    sense = None
    for s in stated:
        begins = first_day(s.period_of_report)
        if s.sense == sense or (out and begins <= out[-1]["valid_from"]):
            continue
        if out:
            out[-1]["valid_to"] = begins - timedelta(days=1)
        sense = s.sense
        turns[sense] = turns.get(sense, 0) + 1
        kept = ("company", "concept", "segment", "wording", "base", "exclusions", "inclusions", "known_at",
                "document_id", "span_start", "span_end", "quote", "source")  # fmt: skip
        out.append(
            {name: getattr(s, name) for name in kept}
            | {
                "definition_id": definition_id(*s.measure, sense, turns[sense]),
                "valid_from": begins,
                "valid_to": None,
                "origin": "read",
            }
        )
    return out


def fill_breaks(con: duckdb.DuckDBPyConnection) -> None:
    """Add the breaks between stated definitions to `core.breaks`; needs `attached` (versions.py) and `candidates`."""
    con.execute("DELETE FROM core.breaks WHERE origin = 'derived'")
    cursor = con.execute(
        "FROM core.definitions WHERE origin = 'read' ORDER BY company, concept, segment, valid_from"
    )
    names = [d[0] for d in cursor.description or ()]
    read = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    unmoved = {d for d, printed, moved in con.execute(_COMPARATIVES).fetchall() if printed and not moved}
    rows = []
    for before, after in pairwise(read):
        if any(before[k] != after[k] for k in ("company", "concept", "segment")):
            continue
        rows.append(
            {
                **{
                    k: after[k]
                    for k in ("company", "concept", "segment", "known_at", "document_id", "quote", "source")
                },
                "break_date": after["valid_from"],
                "kind": "definition",
                "effect": "annotate" if after["definition_id"] in unmoved else "block",
                "note": _difference(before, after),
                "from_definition_id": before["definition_id"],
                "to_definition_id": after["definition_id"],
                "wording": f"before: {before['wording']}; after: {after['wording']}",
                "origin": "derived",
            }
        )
    _insert(con, "core.breaks", rows)


def _difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Say in a few words what distinguishes two definitions."""
    said = []
    for name, word in (("exclusions", "excluding"), ("inclusions", "including")):
        old, new = ({x.lower() for x in d[name]} for d in (before, after))
        said += [f"now {word} {x}" for x in after[name] if x.lower() not in old]
        said += [f"no longer {word} {x}" for x in before[name] if x.lower() not in new]
    return "definition changed" + (f": {', '.join(said)}" if said else "")


def _insert(con: duckdb.DuckDBPyConnection, name: str, rows: list[dict[str, Any]]) -> None:
    con.register("incoming", pa.Table.from_pylist(rows, schema=arrow_schema(table(name))))
    try:
        con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
    finally:
        con.unregister("incoming")
