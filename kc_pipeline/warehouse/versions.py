"""The history of each figure: versions, sightings, conflicts.

Documents speak in the order of `document_order` (known_at, then the tie-break). The first report of a figure
is version 1. What a later document says is held against the version that stands then:

* it disagrees beyond both sides' decimals: the next version, also where it is coarser;
* it agrees: a sighting; unless it is stated finer and its evidence is not weaker: then it is the next version,
  a refinement, because the analyst wants the figure to its best known digit (a finer figure from weaker
  evidence stays a sighting: a data site does not displace the issuer's paper);
* it is equal in size and opposite in sign: a conflict, an extraction suspect on the fact, never a version;
* it disagrees, but it cannot outweigh the figure that stands: a conflict, not a version. That is so where it
  stands in a table that is no primary statement (a reconciliation, a segment table, a note) against a primary
  statement's figure, or in a sentence against a table's, and says nothing of a restatement; where it is a sentence
  from weaker evidence against a table's, whatever it says; where its own document contradicts it and the standing
  one is uncontradicted; and where both documents are of one day, since nobody can say which came later.

Set-based: one round per version, over all figures at once; the number of rounds is the greatest number of
versions that any figure has. The order of loading plays no part.
"""

import duckdb

from kc_pipeline.warehouse.candidates import AGREES, FLIPPED

# Of a later figure l against the standing version s.
_AGREES = AGREES.format(l="l", s="s")
_FLIPPED = FLIPPED.format(l="l", s="s")
_LESSER = (
    f"(NOT {_AGREES} AND (l.known_at = s.known_at OR l.doubted AND NOT s.doubted "
    "OR l.standing BETWEEN 1 AND 3 AND s.standing = 0 AND NOT l.restates "
    "OR l.standing = 4 AND s.standing < 4 AND (NOT l.restates OR l.weakness > s.weakness)))"
)
_REFINES = (
    f"({_AGREES} AND l.half < s.half AND l.weakness <= s.weakness AND NOT (l.doubted AND NOT s.doubted))"
)
_SUPERSEDES = f"((NOT {_AGREES} AND NOT {_FLIPPED} AND NOT {_LESSER}) OR {_REFINES})"

_FIRST = """
CREATE OR REPLACE TEMP TABLE versions AS
SELECT figure_id, 1 AS version, min(ord) AS ord, arg_min(cid, ord) AS cid FROM document_figures
WHERE accepted GROUP BY figure_id"""

_STANDING = """
CREATE OR REPLACE TEMP TABLE standing AS
SELECT v.figure_id, v.version, d.ord, d.known_at, d.value, d.half, d.weakness, d.standing, d.doubted
FROM versions v JOIN document_figures d ON d.cid = v.cid
WHERE v.version = {version} AND EXISTS (
  SELECT 1 FROM document_figures l WHERE l.figure_id = v.figure_id AND l.accepted AND l.ord > v.ord)"""

_NEXT = f"""
INSERT INTO versions
SELECT l.figure_id, any_value(s.version) + 1, min(l.ord), arg_min(l.cid, l.ord)
FROM standing s JOIN document_figures l ON l.figure_id = s.figure_id AND l.ord > s.ord
WHERE l.accepted AND {_SUPERSEDES}
GROUP BY l.figure_id"""

# Every figure of a document beside the version that stands when the document speaks (its own, if it is one).
_ATTACHED = f"""
CREATE OR REPLACE TEMP TABLE attached AS
SELECT l.figure_id, l.document_id, l.cid, l.value, l.half, v.version, v.cid AS version_cid, s.value AS version_value,
  s.half AS version_half, l.cid = v.cid AS is_version, {_FLIPPED} AS flipped,
  l.cid <> v.cid AND NOT {_AGREES} AND NOT {_FLIPPED} AS lesser
FROM (SELECT * FROM document_figures WHERE accepted) l
ASOF JOIN versions v ON v.figure_id = l.figure_id AND v.ord <= l.ord
JOIN document_figures s ON s.cid = v.cid"""


def find_versions(con: duckdb.DuckDBPyConnection) -> int:
    """Create the temporary tables `versions` and `attached` from `document_figures`.

    Returns:
        The greatest number of versions of a figure (0 without figures).
    """
    con.execute(_FIRST)
    rounds = 1
    while True:
        con.execute(_STANDING.format(version=rounds))
        before = _count(con, "versions")
        con.execute(_NEXT)
        if _count(con, "versions") == before:
            break
        rounds += 1
    con.execute(_ATTACHED)
    return rounds if before else 0


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0
