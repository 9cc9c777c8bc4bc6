"""Periods that follow from others: facts of origin `derived`, and checks of reported quarters.

A quarter is what a period that ends with it holds more than the known periods that make up its beginning: six
months less the first quarter, nine months less six, a year less nine months or less three quarters. A second half
is the year less the first half. A half-year, nine months or a year is the sum of its quarters, where all of them are
known and it was not reported. All inputs are
reported facts of one figure (company, scope, concept, definition, segment, counterparty, unit, basis), of one
fiscal year, and fit end to start by their days. Nothing is derived

* of what does not add up over time (`core.concepts.additive`): balances, per-share figures, counts, ratios;
* of a rest of lines (`other_...`) whose inputs are printed under different labels: what is in the rest depends on
  the lines beside it;
* below zero of what is never below zero: the lines were cut otherwise in one of the inputs;
* across a break that blocks (`core.breaks`);
* from inputs of different vintages: where one was revised, every other must have been printed, or printed
  again, in a document at least as late. This is for what is taken off; a sum takes its quarters as they stand.

Point in time: a version of a derived fact is known on the day from which it stands: when the latest of its inputs is,
or later, where another sum stood until then. A change of an input makes the next version; where that change is taken
back, the first sum comes back as a version of its own. A reported figure wins from the day it is known: after it nothing is derived, and what would follow is
held against it (`core.quarter_checks`). Where reported quarters of a figure's fiscal year
do not add up, what is derived in that year is marked `quarters_disagree`. Where several sums give a quarter, the one with the narrowest interval is
taken, then the one of fewer inputs.

Belongs here: the arithmetic of periods. Does not belong here: what segments leave (members.py), trailing twelve
months and growth (KPIs).
"""

from itertools import pairwise

import duckdb

from kc_pipeline.figures.calendar_sql import fiscal_month_sql, label_sql
from kc_pipeline.schema import table
from kc_pipeline.warehouse.candidates import FIGURE_KEY, REST_OF_LINES
from kc_pipeline.warehouse.derivation import COARSEST as _COARSEST
from kc_pipeline.warehouse.derivation import SERIES as _SERIES
from kc_pipeline.warehouse.derivation import WRITE

# Every version of a reported flow of whole quarters that adds up over time. It runs from boundary a to boundary b of
# its fiscal year (0 to 4). `revised_on`: the day of a version that disagrees with the one before.
_SPANS = f"""
CREATE OR REPLACE TEMP TABLE spans AS
WITH flows AS (
  SELECT f.*, coalesce(k.nonnegative, false) AS nonnegative, md5(concat_ws(chr(31), {", ".join(f"coalesce(f.{c}, '~')" for c in _SERIES.split(", "))})) AS series,
    {fiscal_month_sql("f.period_end", "y")} AS fiscal_month, f.months // 3 AS quarters
  FROM core.facts f
  JOIN core.concepts k ON k.concept = f.concept AND k.additive
  JOIN core.companies y ON y.company = f.company AND y.reporting_currency = f.unit
  WHERE f.origin = 'reported' AND f.months IN (3, 6, 9, 12)
)
SELECT f.fact_id, f.figure_id, f.series, f.nonnegative,
  CASE WHEN {REST_OF_LINES.format("f.concept")} THEN regexp_replace(lower(f.label), '[^a-z]+', '', 'g') END AS rest, f.document_id, f.version, f.period_start, f.period_end, f.value, f.decimals,
  (0.5 * pow(10, -f.decimals))::DECIMAL(38,10) AS half, f.evidence, f.assurance, f.known_at, f.known_at_precision,
  f.suspect, f.statement, f.fiscal_month // 3 AS quarter, f.fiscal_month // 12 AS year,
  (f.fiscal_month // 3) % 4 + 1 - f.quarters AS a, (f.fiscal_month // 3) % 4 + 1 AS b,
  CASE WHEN r.later_fact_id IS NOT NULL THEN f.known_at END AS revised_on
FROM flows f
LEFT JOIN (SELECT DISTINCT later_fact_id FROM core.revisions WHERE kind <> 'refinement') r ON r.later_fact_id = f.fact_id
WHERE f.fiscal_month % 3 = 2 AND (f.fiscal_month // 3) % 4 + 1 >= f.quarters"""

# What stood at the end of each day on which something of a fiscal year became known, and how late it was printed.
_STANDING_SPANS = f"""
CREATE OR REPLACE TEMP TABLE standing_spans AS
WITH days AS (
  SELECT series, year, day, {_COARSEST.format("precision")} AS day_precision
  FROM (
    SELECT s.series, s.year, s.known_at AS day, s.known_at_precision AS precision FROM spans s
    UNION ALL
    SELECT s.series, s.year, g.known_at, o.known_at_precision
    FROM spans s JOIN core.sightings g ON g.fact_id = s.fact_id JOIN raw.documents o ON o.document_id = g.document_id
  ) GROUP BY ALL
), stood AS (
  SELECT d.day, d.day_precision, s.* FROM days d JOIN spans s ON s.series = d.series AND s.year = d.year AND s.known_at <= d.day
  QUALIFY row_number() OVER (PARTITION BY s.figure_id, d.day ORDER BY s.version DESC) = 1
)
SELECT s.*, max(coalesce(g.known_at, s.known_at)) AS printed_on
FROM stood s LEFT JOIN core.sightings g ON g.fact_id = s.fact_id AND g.known_at <= s.day
GROUP BY ALL"""

_LABEL = label_sql("({0}.b - {0}.a - 1)", "{0}.quarter")


_MATCHES = "JOIN standing_spans {p} ON {p}.series = w.series AND {p}.year = w.year AND {p}.day = w.day AND {p}.a = {begins}"


def _totals(parts: int) -> str:
    """Return a SELECT of the half-years, nine months or years that so many reported quarters make up.

    Each quarter as it stands on the day, whatever its vintage: a sum that kept a quarter's old version beside the
    new one would contradict its own parts.
    """
    inputs = ["w", *(f"p{i}" for i in range(2, parts + 1))]
    joins = [
        _MATCHES.format(p=p, begins=f"{before}.b AND {p}.b = {p}.a + 1 AND {p}.period_start = {before}.period_end + 1")
        for before, p in pairwise(inputs)
    ]  # fmt: skip

    def listed(column: str) -> str:
        return "[" + ", ".join(f"{i}.{column}" for i in inputs) + "]"

    last = inputs[-1]
    label = " || ' + ' || ".join(_LABEL.format(i) for i in inputs)
    return f"""
SELECT w.day, w.day_precision, w.series, {last}.quarter, w.period_start, {last}.period_end, w.statement,
  {" + ".join(f"{i}.value" for i in inputs)} AS value, {" + ".join(f"{i}.half" for i in inputs)} AS half,
  list_min({listed("decimals")}) AS decimals, {listed("fact_id")} AS inputs, {label} AS label,
  NULL::DATE AS revised_on, list_min({listed("printed_on")}) AS printed_on, w.nonnegative,
  {3 * parts} AS months, {[1] * parts} AS weights
FROM standing_spans w
{" ".join(joins)}
WHERE w.b = w.a + 1 AND w.a % {parts} = 0 AND len(list_distinct({listed("rest")})) <= 1"""


def _sums(parts: int, rest: int = 1) -> str:
    """Return a SELECT of what follows from a period less this many periods that make up its beginning.

    `rest` is how many quarters are left: one, or two for a second half.
    """
    names = [f"p{i}" for i in range(1, parts + 1)]
    inputs = ["w", *names]

    def listed(column: str) -> str:
        return "[" + ", ".join(f"{i}.{column}" for i in inputs) + "]"

    before = "w"
    joins = []
    for i, p in enumerate(names):
        begins = (
            "w.a AND {p}.period_start = w.period_start"
            if i == 0
            else "{0}.b AND {p}.period_start = {0}.period_end + 1"
        )
        joins.append(_MATCHES.format(p=p, begins=begins.format(before, p=p)))
        before = p
    label = " || ' - ' || ".join(_LABEL.format(i) for i in inputs)
    return f"""
SELECT w.day, w.day_precision, w.series, w.quarter, {before}.period_end + 1 AS period_start, w.period_end, w.statement,
  w.value - {" - ".join(f"{p}.value" for p in names)} AS value, {" + ".join(f"{i}.half" for i in inputs)} AS half,
  list_min({listed("decimals")}) AS decimals, {listed("fact_id")} AS inputs, {label} AS label,
  list_max({listed("revised_on")}) AS revised_on, list_min({listed("printed_on")}) AS printed_on, w.nonnegative,
  {3 * rest} AS months, {[1] + [-1] * parts} AS weights
FROM standing_spans w
{" ".join(joins)}
WHERE {before}.b = w.b - {rest} AND {before}.b % {rest} = 0 AND len(list_distinct({listed("rest")})) <= 1"""


# Sums of one vintage, of the right length, that no blocking break cuts; the best of each day.
_FOLLOWING = f"""
CREATE OR REPLACE TEMP TABLE following AS
WITH sums AS ({" UNION ALL ".join([*(_sums(n) for n in (1, 2, 3)), _sums(1, rest=2), *(_totals(n) for n in (2, 3, 4))])}),
named AS (
  SELECT s.*, {", ".join(f"f.{c}" for c in _SERIES.split(", "))}
  FROM sums s JOIN core.facts f ON f.fact_id = s.inputs[1]
  WHERE NOT (s.nonnegative AND s.value + s.half < 0)
    AND coalesce(s.printed_on >= s.revised_on, true) AND (s.period_end - s.period_start + 1) * 3 / s.months BETWEEN 80 AND 116
    AND NOT EXISTS (
      SELECT 1 FROM core.breaks b
      WHERE b.effect = 'block' AND b.company = f.company AND b.concept = f.concept
        AND (b.segment IS NULL OR b.segment = f.segment)
        AND b.break_date > least(f.period_start, s.period_start) AND b.break_date <= greatest(f.period_end, s.period_end))
)
SELECT c.*, md5({FIGURE_KEY}) AS figure_id FROM named c
QUALIFY row_number() OVER (PARTITION BY c.series, c.period_start, c.period_end, c.day
  ORDER BY c.half, len(c.inputs), c.label, c.inputs) = 1"""

# The newest version of a reported quarter beside what followed on the last day, if all that is of one vintage.
_CHECKS = """
INSERT INTO core.quarter_checks BY NAME
WITH last AS (
  SELECT * FROM following QUALIFY row_number() OVER (PARTITION BY figure_id ORDER BY day DESC) = 1
), reported AS (
  SELECT * FROM standing_spans WHERE b = a + 1
  QUALIFY row_number() OVER (PARTITION BY figure_id ORDER BY day DESC) = 1
)
SELECT r.fact_id, r.figure_id, l.company, r.document_id, l.concept, l.segment, l.counterparty, l.period_start, l.period_end, l.unit,
  r.value, l.value AS derived_value, r.value - l.value AS deviation,
  (r.half + l.half + pow(10, -least(r.decimals, l.decimals)))::DECIMAL(38,8) AS allowed,
  l.label AS formula, l.inputs AS input_fact_ids
FROM last l JOIN reported r ON r.figure_id = l.figure_id
WHERE coalesce(least(r.printed_on, l.printed_on) >= greatest(r.revised_on, l.revised_on), true)
ORDER BY l.company, l.concept, l.segment, l.period_end, r.fact_id"""

_MARK = """
UPDATE core.facts AS f SET suspect = concat_ws(',', f.suspect, 'quarters_disagree')
FROM derived d JOIN (
  SELECT DISTINCT s.series, s.year FROM core.quarter_checks q JOIN spans s ON s.fact_id = q.fact_id
  WHERE abs(q.deviation) > q.allowed
) q ON q.series = d.series AND q.year = d.quarter // 4
WHERE f.fact_id = d.fact_id"""

_WRITTEN = ("core.fact_inputs", "core.quarter_checks")
_SCRATCH = ("spans", "standing_spans", "following", "derived")


def derive_quarters(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Add derived quarters to `core.facts`, whose reported facts, sightings and revisions are complete.

    Fills `core.fact_inputs` and `core.quarter_checks` anew. The versions of a quarter that was derived first and
    reported later count on from the derived ones.

    Returns:
        Rows in the tables filled, and of derived facts under `derived`.
    """
    for name in _WRITTEN:
        con.execute(f"DELETE FROM {table(name).qualified}")
    for statement in (_SPANS, _STANDING_SPANS, _FOLLOWING, *WRITE, _CHECKS, _MARK):
        con.execute(statement)
    counts = {name: _count(con, name) for name in _WRITTEN} | {"derived": _count(con, "derived")}
    for name in _SCRATCH:
        con.execute(f"DROP TABLE {name}")
    return counts


def _count(con: duckdb.DuckDBPyConnection, name: str) -> int:
    row = con.execute(f"SELECT count(*) FROM {name}").fetchone()
    return int(row[0]) if row else 0
