"""How a figure that follows from others becomes a fact: its versions, evidence, days, inputs.

What follows stands in the temporary table `following`, one row per figure and day on which it follows anew: the
columns of `SERIES`, figure_id, period_start, period_end, months, day, day_precision, value, half (half width of its interval),
decimals, inputs (fact ids, the first weighted with 1), weights, label, statement.

Belongs here: what all derived facts have in common. Does not belong here: what follows from what (derived.py,
members.py, splits.py).
"""

SERIES = "company, scope, concept, definition_id, segment, counterparty, unit, basis"
"""The columns of a figure's key but its period, with its basis."""

WEAKEST = "['original', 'copy', 'call', 'third_party'][max(list_position(['original', 'copy', 'call', 'third_party'], i.evidence))]"

COARSEST = "CASE WHEN bool_or({0} = 'month_estimated') THEN 'month_estimated' WHEN bool_or({0} = 'day') THEN 'day' ELSE 'second' END"
"""SQL: the coarsest of some precisions of becoming known; format with the column."""

# Before anything else is known of the figure; a day on which value and interval stay as they were makes no version. What
# comes back after something else stood is a version of its own, so the day on which it does is part of its identity.
_DERIVED = """
CREATE OR REPLACE TEMP TABLE derived AS
WITH before AS (
  SELECT d.*, lag(d.value) OVER w AS last_value, lag(d.half) OVER w AS last_half
  FROM following d
  LEFT JOIN (SELECT figure_id, min(known_at) AS reported FROM core.facts GROUP BY figure_id) r USING (figure_id)
  WHERE r.reported IS NULL OR d.day < r.reported
  WINDOW w AS (PARTITION BY d.figure_id ORDER BY d.day)
)
SELECT * EXCLUDE (last_value, last_half), row_number() OVER (PARTITION BY figure_id ORDER BY day)::INTEGER AS version,
  md5(concat_ws(chr(31), figure_id, 'derived', array_to_string(list_sort(inputs), ','),
    CASE WHEN row_number() OVER (PARTITION BY figure_id, list_sort(inputs) ORDER BY day) > 1 THEN day::VARCHAR END)) AS fact_id
FROM before WHERE last_value IS NULL OR last_value <> value OR last_half <> half"""

_RENUMBER = """
UPDATE core.facts AS f SET version = f.version + d.versions
FROM (SELECT figure_id, max(version) AS versions FROM derived GROUP BY figure_id) d
WHERE f.figure_id = d.figure_id"""

FACTS = f"""
INSERT INTO core.facts BY NAME
WITH inputs AS (
  SELECT d.fact_id AS derived_id, i.*,
    row_number() OVER (PARTITION BY d.fact_id ORDER BY i.known_at DESC, i.document_id, i.fact_id) AS latest
  FROM (SELECT fact_id, unnest(inputs) AS input FROM derived) d
  JOIN core.facts i ON i.fact_id = d.input
)
SELECT d.fact_id, d.figure_id, {", ".join(f"d.{c}" for c in SERIES.split(", "))}, d.period_start, d.period_end,
  d.months, d.value, d.decimals, (ceil(round(d.half / (0.05 * pow(10, -d.decimals)), 6)) / 10)::DECIMAL(4,1) AS half_units,
  'derived' AS origin, {WEAKEST} AS evidence,
  CASE WHEN count(i.assurance) < count(*) THEN NULL WHEN bool_or(i.assurance = 'unaudited') THEN 'unaudited'
    ELSE 'audited' END AS assurance,
  d.day AS known_at,
  {COARSEST.format("if(i.latest = 1 AND i.known_at < d.day, d.day_precision, i.known_at_precision)")} AS known_at_precision,
  d.version, any_value(i.document_id) FILTER (i.latest = 1) AS document_id,
  any_value(i.filing_id) FILTER (i.latest = 1) AS filing_id, d.statement, d.label,
  nullif(array_to_string(list_sort(list_distinct(flatten(list(string_split(i.suspect, ',')) FILTER (i.suspect IS NOT NULL)))), ','), '')
    AS suspect
FROM derived d JOIN inputs i ON i.derived_id = d.fact_id
GROUP BY ALL
ORDER BY d.company, d.concept, d.segment, d.period_end, d.version"""

INPUTS = """
INSERT INTO core.fact_inputs BY NAME
SELECT d.fact_id, unnest(d.inputs) AS input_fact_id, unnest(d.weights) AS weight
FROM derived d ORDER BY d.figure_id, d.version"""

WRITE = (_DERIVED, _RENUMBER, FACTS, INPUTS)
"""Statements, in order: `following` to the temporary table `derived`, `core.facts` and `core.fact_inputs`."""
