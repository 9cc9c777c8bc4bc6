"""A split of the shares restates every figure per share, and every number of shares, that was printed before it.

Packs declare splits (`core.splits`). From a split's day on, the version of such a figure that stood until then counts
in the new shares: a version of its own, of origin `derived`, with the printed one as its input, known on that day. Where
the issuer prints the restated figure later, that is the next version, and the revision between the two printed ones has
the kind `split` (revisions.py).

Not touched: figures per ADS, whose ratio may move with the split; preferred shares; the par value and the number of
shares authorised, which a split does not always change.

Belongs here: the arithmetic of splits. Does not belong here: how many shares an ADS stands for (core.securities).
"""

import duckdb

from kc_pipeline.schema import AMOUNT

COUNTED = (
    "(({0}.unit = 'shares' OR ends_with({0}.unit, '/share')) "
    "AND NOT regexp_matches({0}.concept, '(^|_)(par_value|authorized|preferred)(_|$)'))"
)
"""SQL: a figure counts in shares, so that a split restates it; format with an alias that has unit and concept."""

SPLIT_BETWEEN = f"""
SELECT r.figure_id, r.version
FROM {{changes}} r JOIN candidates f ON f.cid = r.first_cid JOIN candidates l ON l.cid = r.later_cid
JOIN core.splits t ON t.company = l.company AND t.split_date > f.known_at AND t.split_date <= l.known_at
WHERE {COUNTED.format("l")}
GROUP BY r.figure_id, r.version, l.unit, l.value, l.half, f.value, f.half
HAVING abs(l.value - f.value * pow(product(t.ratio::DOUBLE), if(l.unit = 'shares', 1, -1)))
  <= l.half + f.half * pow(product(t.ratio::DOUBLE), if(l.unit = 'shares', 1, -1)) + 1e-9"""
"""SQL: the changes (figure_id, version) that a split between two reports explains within the rounding of both; format
with a relation of figure_id, version, first_cid, later_cid."""

# The reported version that stood before each split, and all splits since it was printed.
_RESTATED = f"""
CREATE OR REPLACE TEMP TABLE restated AS
WITH standing AS (
  SELECT f.*, lead(f.known_at) OVER (PARTITION BY f.figure_id ORDER BY f.version) AS until
  FROM core.facts f WHERE f.origin = 'reported' AND {COUNTED.format("f")}
), due AS (
  SELECT f.*, s.split_date, s.ratio AS last_ratio, product(t.ratio::DOUBLE) AS ratio
  FROM standing f
  JOIN core.splits s ON s.company = f.company AND s.split_date > f.known_at AND (f.until IS NULL OR s.split_date < f.until)
  JOIN core.splits t ON t.company = f.company AND t.split_date > f.known_at AND t.split_date <= s.split_date
  GROUP BY ALL
), scaled AS (
  SELECT *, CASE WHEN unit = 'shares' THEN ratio ELSE 1 / ratio END::DECIMAL(18,9) AS weight FROM due
)
SELECT *, decimals - floor(log10(weight::DOUBLE) + 1e-9)::INTEGER AS new_decimals,
  row_number() OVER (PARTITION BY figure_id ORDER BY version, split_date)::INTEGER AS place
FROM scaled"""

_RENUMBER = """
UPDATE core.facts AS f SET version = f.version + r.versions
FROM (
  SELECT f.fact_id, count(*) AS versions FROM core.facts f
  JOIN restated r ON r.figure_id = f.figure_id AND r.version < f.version GROUP BY f.fact_id
) r WHERE r.fact_id = f.fact_id"""

_FACTS = f"""
INSERT INTO core.facts BY NAME
SELECT r.* EXCLUDE (until, split_date, last_ratio, ratio, weight, new_decimals, place)
  REPLACE (
    md5(concat_ws(chr(31), r.figure_id, 'split', r.fact_id, r.split_date::VARCHAR)) AS fact_id,
    (r.value * r.weight)::{AMOUNT} AS value, r.new_decimals AS decimals,
    (ceil(round(10 * coalesce(r.half_units, 1) * r.weight::DOUBLE * pow(10, r.new_decimals - r.decimals), 6)) / 10)::DECIMAL(4,1)
      AS half_units,
    'derived' AS origin, r.split_date AS known_at, 'day' AS known_at_precision, r.version + r.place AS version,
    NULL AS table_index, NULL AS row_index, NULL AS col_index, NULL AS span_start, NULL AS span_end, NULL AS text,
    NULL AS section, NULL AS column_label,
    'as of the split of ' || r.split_date || ', ' || rtrim(rtrim(r.last_ratio::VARCHAR, '0'), '.') || ' for 1' AS label)
FROM restated r ORDER BY r.company, r.concept, r.period_end, r.version, r.split_date"""

_INPUTS = """
INSERT INTO core.fact_inputs BY NAME
SELECT md5(concat_ws(chr(31), figure_id, 'split', fact_id, split_date::VARCHAR)) AS fact_id, fact_id AS input_fact_id, weight
FROM restated ORDER BY figure_id, place"""


def restate_by_splits(con: duckdb.DuckDBPyConnection) -> int:
    """Add to `core.facts` and `core.fact_inputs` what declared splits make of figures that count in shares.

    Needs reported facts with their versions, and `core.splits`.

    Returns:
        The versions added.
    """
    con.execute(_RESTATED)
    row = con.execute("SELECT count(*) FROM restated").fetchone()
    added = int(row[0]) if row else 0
    if added:
        for statement in (_RENUMBER, _FACTS, _INPUTS):
            con.execute(statement)
    con.execute("DROP TABLE restated")
    return added
