"""Staging to `core.facts` and its history, in SQL.

Belongs here: writing facts, sightings and conflicts. Does not belong here: which figure qualifies
(candidates.py), when quarters end (fiscal.py), what follows from longer
periods (derived.py) or other segments (members.py), which is a version (versions.py), what kind a revision is (revisions.py), the translated
currency (convenience.py).
"""

import duckdb

from kc_pipeline.schema import table
from kc_pipeline.warehouse.candidates import KEY, PLACE, gather, order_documents
from kc_pipeline.warehouse.convenience import fill_convenience_translations
from kc_pipeline.warehouse.definitions import fill_breaks, fill_definitions
from kc_pipeline.warehouse.derived import derive_quarters
from kc_pipeline.warehouse.fiscal import fill_fiscal_quarters
from kc_pipeline.warehouse.members import derive_members
from kc_pipeline.warehouse.nil_lines import find_nil_lines
from kc_pipeline.warehouse.revisions import fill_revisions
from kc_pipeline.warehouse.splits import restate_by_splits
from kc_pipeline.warehouse.versions import find_versions

# Deterministic: the figure's key and the document, nothing about the value or the place.
FACT_ID = "md5({figure} || chr(31) || {document})"

# A fact is marked where another document prints its opposite, or its own document prints another figure for it in
# a place of no less standing (two primary statements, two sentences); so does another document of the same day whose
# place and evidence are no weaker, since nobody can say which one is right. What a place of less standing prints
# (prose against a table, a reconciliation against the statement) is said by a check and marks nothing.
_MARKS = """
CREATE OR REPLACE TEMP TABLE marks AS
SELECT version_cid AS cid, 'opposite_sign' AS code FROM attached WHERE flipped
UNION
SELECT a.version_cid, 'conflict' FROM attached a
JOIN document_figures l ON l.cid = a.cid JOIN document_figures s ON s.cid = a.version_cid
WHERE a.lesser AND l.known_at = s.known_at AND l.standing <= s.standing AND l.weakness <= s.weakness
  AND NOT (l.doubted AND NOT s.doubted)
UNION
SELECT a.version_cid, CASE WHEN r.flipped THEN 'opposite_sign' ELSE 'conflict' END
FROM repeats r JOIN attached a ON a.cid = r.best_cid
WHERE NOT r.agrees AND (r.flipped OR r.same_standing) AND a.is_version"""

_FACTS = f"""
INSERT INTO core.facts BY NAME
SELECT {FACT_ID.format(figure="c.figure_id", document="c.document_id")} AS fact_id, c.figure_id, c.company, c.scope,
  c.concept, c.definition_id, c.segment, c.counterparty, c.period_start, c.period_end, c.months, c.unit, c.value,
  c.decimals, 1 AS half_units, c.basis, CASE WHEN c.unit = 'pure' THEN 'stated' ELSE 'reported' END AS origin, c.evidence,
  c.assurance, c.known_at, c.known_at_precision, v.version, c.document_id, c.filing_id, c.statement, c.table_index,
  c.row_index, c.col_index, c.span_start, c.span_end, c.section, c.label, c.column_label, c.text, c.grade,
  c.source_kind, c.source_title, c.source_url, c.mapping_rule, c.sign_rule, c.unit_rule, c.scale_rule, c.period_rule,
  nullif(concat_ws(',', c.suspect, m.codes), '') AS suspect
FROM versions v JOIN candidates c ON c.cid = v.cid
LEFT JOIN (SELECT cid, string_agg(code, ',' ORDER BY code) AS codes FROM marks GROUP BY cid) m ON m.cid = v.cid
ORDER BY c.company, c.concept, c.segment, c.unit, c.period_end, c.period_start, c.scope, v.version"""

_FACT_OF_VERSION = FACT_ID.format(figure="w.figure_id", document="w.document_id")

# What became of each place that is no version: how it stands to the version of its time, its document's own best
# place between them.
_REST = """
CREATE OR REPLACE TEMP TABLE rest AS
SELECT cid, version_cid, CASE WHEN flipped THEN 'opposite_sign' WHEN lesser THEN 'lesser_place' END AS kind
FROM attached WHERE NOT is_version
UNION ALL
SELECT r.cid, a.version_cid, CASE
  WHEN r.agrees AND a.flipped OR r.flipped AND NOT a.flipped THEN 'opposite_sign'
  WHEN r.agrees AND a.lesser THEN 'lesser_place'
  WHEN NOT r.agrees AND NOT r.flipped THEN 'same_document' END
FROM repeats r JOIN attached a ON a.cid = r.best_cid"""

_SIGHTINGS = f"""
INSERT INTO core.sightings BY NAME
SELECT {_FACT_OF_VERSION} AS fact_id, c.figure_id, c.company, c.document_id, c.known_at, c.value, c.decimals, {PLACE}
FROM rest s JOIN candidates c ON c.cid = s.cid JOIN candidates w ON w.cid = s.version_cid
WHERE s.kind IS NULL
ORDER BY c.cid"""

_CONFLICTS = f"""
INSERT INTO core.conflicts BY NAME
SELECT {_FACT_OF_VERSION} AS fact_id, {KEY}, s.kind, c.value, c.decimals, c.value - w.value AS deviation,
  c.half + w.half AS allowed, {PLACE}
FROM rest s JOIN candidates c ON c.cid = s.cid JOIN candidates w ON w.cid = s.version_cid
WHERE s.kind IS NOT NULL
UNION ALL
SELECT NULL, {KEY}, 'ambiguous', c.value, c.decimals, c.value - w.value, c.half + w.half, {PLACE}
FROM (
  SELECT cid, cid AS best_cid FROM ambiguous
  UNION ALL SELECT r.cid, r.best_cid FROM repeats r SEMI JOIN ambiguous a ON a.cid = r.best_cid
) s JOIN candidates c ON c.cid = s.cid JOIN candidates w ON w.cid = s.best_cid
WHERE c.accepted
ORDER BY document_id, table_index, row_index, col_index, span_start, figure_id"""

_WRITTEN = (
    "core.facts",
    "core.sightings",
    "core.conflicts",
    "core.revisions",
    "core.convenience_translations",
)
_SCRATCH = (
    "document_order",
    "fiscal_closes",
    "candidates",
    "document_figures",
    "versions",
    "standing",
    "attached",
    "repeats",
    "ambiguous",
    "marks",
    "rest",
)


def build_facts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Fill facts, sightings, conflicts, revisions and convenience translations anew from staging.

    So are the definitions that documents state and the breaks between them; those declared stay.

    Only documents with status `accepted` give facts. A superseded transcript whose lines are in staging gives
    revisions of kind `transcription` where the original that took its place disagrees. The result depends on
    what is in staging, not on the order in which it came.

    Returns:
        Rows written, by table.
    """
    for name in _WRITTEN:
        con.execute(f"DELETE FROM {name}")
    fill_fiscal_quarters(con)
    order_documents(con)
    fill_definitions(con)
    gather(con)
    find_versions(con)
    fill_breaks(con)
    for statement in (_MARKS, _FACTS, _REST, _SIGHTINGS, _CONFLICTS):
        con.execute(statement)
    fill_revisions(con)
    derive_quarters(con)
    derive_members(con)
    restate_by_splits(con)
    find_nil_lines(con)
    fill_convenience_translations(con)
    for name in _SCRATCH:
        con.execute(f"DROP TABLE {name}")
    return {name: _count(con, table(name).qualified) for name in _WRITTEN}


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0
