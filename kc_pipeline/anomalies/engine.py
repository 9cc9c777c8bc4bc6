"""Every declared rule held against every company's periods: SQL gives numbers, `sentences` the words.

The path of a finding: a detector's row; its grade (the company's thresholds, else the rule's); what history says of
it (season, percentile, the range that would be usual); its life (since when, resolved when); the facts behind it.

`detect` works on batches of companies. Temporary relations: `cases`, `thresholds`, `series`, `tracks` (what detectors
read), `outcomes` (per company and case how often it could be judged, and its findings), `findings`.
"""

from collections import defaultdict
from typing import Any

import duckdb
import pyarrow as pa

from kc_pipeline.anomalies import drivers, stories
from kc_pipeline.anomalies.detectors import DETECTORS
from kc_pipeline.anomalies.detectors.peers import PEERS
from kc_pipeline.anomalies.detectors.shape import COLUMNS, SIGMA
from kc_pipeline.anomalies.rules import GRADES, SEVERITIES, Case, Rules, Season, cases, rules, sizes
from kc_pipeline.anomalies.sentences import SAID, Finding, explain
from kc_pipeline.config import followed
from kc_pipeline.schema import ddl, table

BATCH = 500
USUAL = 3
"""The usual range reaches this many robust standard deviations to both sides of the median."""
LEAST_FOR_RANGE = 8
LEAST_FOR_PERCENTILE = 4

POSITION = (
    "CASE period_type WHEN 'quarter' THEN CAST(left(period, 4) AS INTEGER) * 4 + CAST(right(period, 1) AS INTEGER) - 1 "
    "ELSE CAST(left(period, 4) AS INTEGER) END"
)
_FINDING = (
    "position, base_position, observed, expected, deviation, low, high, size, grade, known_at, run, partner_value, "
    "middle, spread"
)


def _insert(con: duckdb.DuckDBPyConnection, name: str, content: pa.Table) -> None:
    con.register("incoming", content)
    con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def create_cases(con: duckdb.DuckDBPyConnection, declared: Rules | None = None) -> tuple[Case, ...]:
    """Create the temporary tables `cases` and `thresholds`; return the cases, whose `case_id` is their place."""
    found = cases(declared)
    con.execute(
        """CREATE OR REPLACE TEMP TABLE cases (case_id INTEGER, detector VARCHAR, rule VARCHAR, metric VARCHAR,
        judged VARCHAR, level VARCHAR, partner VARCHAR, seasonal VARCHAR, counterpart VARCHAR, period_type VARCHAR, of_company VARCHAR,
        lag INTEGER, direction INTEGER, least INTEGER, floor DOUBLE, each_time BOOLEAN, earliest BOOLEAN,
        opposite BOOLEAN, low_size DOUBLE, medium_size DOUBLE, high_size DOUBLE, critical_size DOUBLE)"""
    )
    rows = [
        {
            "case_id": number,
            "detector": c.rule.detector,
            "rule": c.rule.name,
            "metric": c.metric,
            "judged": c.judged,
            "level": c.level,
            "partner": c.partner,
            "seasonal": c.seasonal,
            "counterpart": c.counterpart,
            "period_type": c.period_type,
            "of_company": c.company,
            "lag": c.lag,
            "direction": {"down": -1, "up": 1, "either": 0}[c.rule.direction],
            "least": c.rule.least,
            "floor": c.rule.floor,
            "each_time": c.rule.each,
            "earliest": c.rule.first,
            "opposite": c.rule.opposite,
            **{f"{grade}_size": size for grade, size in zip(GRADES, c.sizes, strict=True)},
        }
        for number, c in enumerate(found)
    ]
    _insert(con, "cases", pa.Table.from_pylist(rows))
    own = [
        {"rule": rule.name, "company": company.id, "sizes": list(sizes(rule, company.severities[rule.name]))}
        for rule in {c.rule.name: c.rule for c in found}.values()
        for company in followed().companies
        if rule.name in company.severities
    ]
    con.execute("CREATE OR REPLACE TEMP TABLE thresholds (rule VARCHAR, company VARCHAR, sizes DOUBLE[])")
    if own:
        _insert(con, "thresholds", pa.Table.from_pylist(own))
    return found


def create_series(con: duckdb.DuckDBPyConnection, companies: tuple[str, str]) -> None:
    """Create the temporary tables `series` and `tracks` of the companies between two names, from `marts.kpis`."""
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE series AS
        SELECT company, kpi, period_type, {POSITION} AS position, period, period_end, value, low, high, unit, known_at,
          remark, evidence, stated_value, computed_value
        FROM marts.kpis WHERE period_type IN (SELECT DISTINCT period_type FROM cases) AND company BETWEEN ? AND ?
          AND kpi IN (SELECT unnest([judged, level, partner, seasonal, counterpart]) FROM cases UNION SELECT 'revenue'
            UNION SELECT unnest([metric, part, over]) FROM driver_parts)""",
        list(companies),
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE tracks AS
        SELECT company, kpi, period_type,
          list({'p': position, 'v': value::DOUBLE, 'k': known_at} ORDER BY position) AS track
        FROM series GROUP BY ALL"""
    )


def graded_sql(detector: str) -> str:
    """Return a SELECT of all that a detector judged, with its grade: 0 for none, 1 for low to 4 for critical."""
    absent = "".join(
        f", NULL::{kind} AS {name}" for name, kind in COLUMNS.items() if name not in DETECTORS[detector].gives
    )
    reached = " + ".join(f"coalesce(({{0}} >= lines[{n}])::INTEGER, 0)" for n in range(1, len(GRADES) + 1))
    return f"""
SELECT *, CASE WHEN sure AND enough AND coalesce({reached.format("size")}, 0) > coalesce({reached.format("before")}, 0)
  THEN {reached.format("size")} ELSE 0 END AS grade, {reached.format("size")} AS reached
FROM (
  SELECT f.*{absent}, coalesce(t.sizes, [c.low_size, c.medium_size, c.high_size, c.critical_size]) AS lines
  FROM ({DETECTORS[detector].sql}) f
  JOIN cases c USING (case_id)
  LEFT JOIN thresholds t ON t.rule = c.rule AND t.company = f.company
  WHERE c.of_company IS NULL OR c.of_company = f.company
)"""


def _collect(con: duckdb.DuckDBPyConnection, used: set[str]) -> None:
    fields = ", ".join(f"{name}: {name}" for name in _FINDING.split(", "))
    con.execute(
        "CREATE OR REPLACE TEMP TABLE outcomes AS "
        + "\nUNION ALL\n".join(
            f"""SELECT company, case_id, count(*) FILTER (enough) AS judged,
              count(*) FILTER (NOT enough) AS too_little, min(position) FILTER (enough) AS first_judged,
              max(position) FILTER (enough) AS last_judged,
              list(position) FILTER (enough AND grade = 0 AND NOT coalesce(holds, reached > 0)) AS quiet,
              list({{{fields}}}) FILTER (grade > 0) AS found
            FROM ({graded_sql(name)}) GROUP BY company, case_id"""
            for name in sorted(used)
        )
    )
    con.execute(
        """CREATE OR REPLACE TEMP TABLE fired AS
        SELECT company, case_id, quiet, f.* FROM (SELECT company, case_id, quiet, unnest(found) AS f FROM outcomes)"""
    )


def findings_sql(season: Season) -> str:
    """Return a SELECT of one row per finding, with all that its sentence and its row in `marts.anomalies` say."""
    changes = "list_filter(st.track, lambda x: x.p < f.position AND x.k <= f.known_at)"
    # what only the left side says stands in a column, never in the ON of a left join: that would be a nested loop
    return f"""
WITH placed AS (
  SELECT f.*, c.* EXCLUDE (case_id), j.period, j.period_end, j.unit, j.value AS measured, j.remark,
    row_number() OVER (PARTITION BY f.company, f.case_id ORDER BY f.position) AS turn
  FROM fired f JOIN cases c USING (case_id)
  JOIN series j ON j.company = f.company AND j.period_type = c.period_type AND j.position = f.position
    AND j.kpi = CASE c.detector WHEN 'dropped' THEN 'revenue' ELSE c.judged END
),
lives AS MATERIALIZED (
  SELECT p.*, min(position) OVER (PARTITION BY company, case_id, position - turn) AS since,
    list_min(list_filter(quiet, lambda q: q > position)) AS resolved
  FROM placed p
),
histories AS MATERIALIZED (
  SELECT f.*, sv.value AS season_change,
    list_filter({changes}, lambda x: (f.position - x.p) % 4 = 0) AS years,
    list_transform(list_filter(ot.track, lambda x: x.p < f.position AND x.k <= f.known_at), lambda x: x.v) AS own
  FROM lives f
  LEFT JOIN series sv ON sv.company = f.company AND sv.kpi = f.seasonal AND sv.period_type = f.period_type
    AND sv.position = f.position
  LEFT JOIN tracks st ON st.company = f.company AND st.kpi = f.seasonal AND st.period_type = f.period_type
  LEFT JOIN tracks ot ON ot.company = f.company AND ot.kpi = f.judged AND ot.period_type = f.period_type
),
told AS (
  SELECT *, coalesce(len(years), 0) AS known_years,
    CASE WHEN seasonal IS NULL THEN NULL
      WHEN coalesce(len(years), 0) < {season.least_history} OR season_change IS NULL THEN 'too_little_history'
      WHEN len(list_filter(years, lambda x: x.v * sign(season_change) >= {season.size_alike} * abs(season_change)))
        > {season.share_alike} * len(years) THEN 'seasonal'
      WHEN len(list_filter(years, lambda x: x.v * sign(season_change) <= 0)) > {season.share_alike} * len(years)
        THEN 'counter_seasonal'
      ELSE 'no_clear_season' END AS seasonality,
    CASE WHEN len(own) >= {LEAST_FOR_PERCENTILE} THEN
      (len(list_filter(own, lambda v: v < measured)) + len(list_filter(own, lambda v: v <= measured))) / (2.0 * len(own))
    END AS percentile,
    CASE WHEN len(years) >= {season.least_history} AND seasonal = judged THEN list_transform(years, lambda x: x.v)
      WHEN len(own) >= {LEAST_FOR_RANGE} THEN own END AS usual
  FROM histories
),
ranged AS MATERIALIZED (
  SELECT * EXCLUDE (quiet, usual, own), CASE period_type WHEN 'quarter' THEN position - 4 END AS year_before,
    list_median(usual) AS usual_middle, {USUAL * SIGMA} * list_aggregate(usual, 'mad') AS usual_reach,
    CASE WHEN len(own) >= {LEAST_FOR_RANGE} THEN list_median(own) END AS own_middle,
    CASE WHEN len(own) >= {LEAST_FOR_RANGE} THEN {SIGMA} * list_aggregate(own, 'mad') END AS own_reach
  FROM told
)
SELECT f.*, {_value("n")}, {_value("b")}, {_value("pn")}, {_value("pb")}, {_value("y")}, a.value AS counterpart_change, bp.period AS base_period,
  b.remark AS base_remark, sp.period AS since_period, rp.period AS resolved_period
FROM ranged f
LEFT JOIN series n ON n.company = f.company AND n.kpi = f.level AND n.period_type = f.period_type AND n.position = f.position
LEFT JOIN series b ON b.company = f.company AND b.kpi = f.level AND b.period_type = f.period_type AND b.position = f.base_position
LEFT JOIN series pn ON pn.company = f.company AND pn.kpi = f.partner AND pn.period_type = f.period_type AND pn.position = f.position
LEFT JOIN series pb ON pb.company = f.company AND pb.kpi = f.partner AND pb.period_type = f.period_type AND pb.position = f.base_position
LEFT JOIN series y ON y.company = f.company AND y.kpi = f.level AND y.period_type = f.period_type
  AND y.position = f.year_before AND y.known_at <= f.known_at
LEFT JOIN series a ON a.company = f.company AND a.kpi = f.counterpart AND a.period_type = f.period_type
  AND a.position = f.position AND a.known_at <= f.known_at
LEFT JOIN labels bp ON bp.period_type = f.period_type AND bp.position = f.base_position
LEFT JOIN labels sp ON sp.period_type = f.period_type AND sp.position = f.since
LEFT JOIN labels rp ON rp.period_type = f.period_type AND rp.position = f.resolved
ORDER BY f.company, f.period_end, f.period, f.rule, f.metric"""


def _value(side: str) -> str:
    return ", ".join(f"{side}.{name} AS {side}_{name}" for name in ("value", "low", "high", "unit"))


LABELS = """CREATE OR REPLACE TEMP TABLE labels AS
SELECT 'quarter' AS period_type, y * 4 + q - 1 AS position, y || 'Q' || q AS period
FROM (SELECT unnest(range(1900, 2200)) AS y) CROSS JOIN (SELECT unnest([1, 2, 3, 4]) AS q)
UNION ALL SELECT 'year', y, y || 'FY' FROM (SELECT unnest(range(1900, 2200)) AS y)"""

# The facts behind a finding: those of what was judged, of the level and of the partner, now and at the base; over a
# run those of each of its changes.
_EVIDENCE = """
CREATE OR REPLACE TEMP TABLE cited AS
WITH named AS (
  SELECT anomaly_id, company, period_type, position,
    unnest([judged, level, partner, CASE detector WHEN 'dropped' THEN 'revenue' END]) AS kpi FROM findings
  UNION ALL
  SELECT anomaly_id, company, period_type, base_position, unnest([level, CASE WHEN partner <> judged THEN partner END])
  FROM findings WHERE base_position IS NOT NULL
  UNION ALL
  SELECT f.anomaly_id, f.company, f.period_type, x.p, f.judged FROM findings f,
    (SELECT unnest(range(1, 200))::INTEGER AS back) r, LATERAL (SELECT f.position - r.back AS p) x
  WHERE f.detector IN ('streak', 'turn') AND r.back < f.run + (f.detector = 'turn')::INTEGER
)
SELECT n.anomaly_id, list(DISTINCT i.fact_id ORDER BY i.fact_id) AS evidence
FROM named n JOIN labels l ON l.period_type = n.period_type AND l.position = n.position
JOIN marts.kpi_inputs i ON i.company = n.company AND i.period = l.period AND i.kpi = n.kpi
GROUP BY ALL"""
_HISTORY = """
CREATE OR REPLACE TEMP TABLE history_cited AS
SELECT f.anomaly_id, list(DISTINCT i.fact_id ORDER BY i.fact_id) AS history_evidence
FROM (SELECT anomaly_id, company, period_type, seasonal, unnest(years).p AS position FROM findings) f
JOIN labels l ON l.period_type = f.period_type AND l.position = f.position
JOIN marts.kpi_inputs i ON i.company = f.company AND i.period = l.period AND i.kpi = f.seasonal
GROUP BY ALL"""
_WRITE = """
INSERT INTO marts.anomalies BY NAME
SELECT f.anomaly_id, f.company, f.period, f.period_end, f.rule, s.theme, s.tone, s.story_id, s.severity, f.metric,
  f.observed, f.expected, f.base_period, f.deviation, f.low, f.high, s.unit, f.seasonality, s.history, s.expected_low, s.expected_high,
  f.percentile, s.explanation, e.evidence, coalesce(h.history_evidence, []) AS history_evidence, f.known_at,
  f.since_period AS first_seen, f.resolved_period AS resolved_in
FROM findings f JOIN said s USING (anomaly_id) JOIN cited e USING (anomaly_id)
LEFT JOIN history_cited h USING (anomaly_id)
ORDER BY f.company, f.period_end, f.period, f.rule, f.metric"""
_COVERAGE = """
INSERT INTO marts.rule_coverage BY NAME
SELECT o.company, c.rule, c.metric, c.period_type, o.judged::INTEGER AS judged, coalesce(len(o.found), 0)::INTEGER AS fired,
  o.too_little::INTEGER AS too_little_history, f.period AS first_period, l.period AS last_period
FROM outcomes o JOIN cases c USING (case_id)
LEFT JOIN labels f ON f.period_type = c.period_type AND f.position = o.first_judged
LEFT JOIN labels l ON l.period_type = c.period_type AND l.position = o.last_judged
ORDER BY o.company, c.rule, c.metric, c.period_type"""
MARTS = ("marts.anomalies", "marts.anomaly_drivers", "marts.stories", "marts.rule_coverage")
_TEMPORARY = (
    "cases",
    "thresholds",
    "series",
    "tracks",
    "outcomes",
    "fired",
    "findings",
    "labels",
    "peers",
    "drivers",
    "driver_parts",
    "cited",
    "history_cited",
    "said",
)


def detect(con: duckdb.DuckDBPyConnection, declared: Rules | None = None) -> None:
    """Create and fill the tables of findings, drivers, stories and coverage (`MARTS`) from `marts.kpis` and `marts.kpi_inputs`.

    Args:
        con: a connection to a warehouse with those tables.
        declared: the rules to hold against it; those of this version by default.

    Raises:
        duckdb.Error: if a table is missing.
        RuleError: if a rule judges a KPI that is not declared.
    """
    season = (declared or rules()).season
    for name in MARTS:
        con.execute(f"DROP TABLE IF EXISTS {name}")
        con.execute(ddl(table(name)))
    found = create_cases(con, declared)
    con.execute(LABELS)
    drivers.create_parts(con)
    used = {c.rule.detector for c in found}
    if "peers" in used:
        con.execute(PEERS)
    for batch in batches(con):
        create_series(con, batch)
        _collect(con, used)
        con.execute(
            f"""CREATE OR REPLACE TEMP TABLE findings AS
            SELECT left(sha256(concat_ws('/', company, period, rule, metric)), 16) AS anomaly_id, *
            FROM ({findings_sql(season)})"""
        )
        con.execute(f"CREATE OR REPLACE TEMP TABLE drivers AS {drivers.contributions_sql()}")
        _say(con, found, season)
        con.execute(_EVIDENCE)
        con.execute(_HISTORY)
        con.execute(_WRITE)
        con.execute(drivers.WRITE)
        con.execute(stories.WRITE)
        con.execute(_COVERAGE)
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def batches(con: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return the companies in batches, the first and the last of each by name: what is worked on at one time."""
    names = [n for (n,) in con.execute("SELECT DISTINCT company FROM marts.kpis ORDER BY 1").fetchall()]
    return [(names[i], names[min(i + BATCH, len(names)) - 1]) for i in range(0, len(names), BATCH)]


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    cursor = con.execute(query)
    names = [d[0] for d in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _ordinary(case: Case, row: dict[str, Any]) -> bool:
    """Whether a finding is what the metric's own history does all the time; see rules.toml."""
    if case.rule.ordinary is None or row["own_reach"] is None:
        return False
    off = abs(float(row["measured"]) - float(row["own_middle"]))
    return off <= case.rule.ordinary * float(row["own_reach"])


def _say(con: duckdb.DuckDBPyConnection, found: tuple[Case, ...], season: Season) -> None:
    """Create the temporary table `said`: what Python adds to each finding."""
    moved: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(con, "SELECT * FROM drivers ORDER BY anomaly_id, place"):
        moved[row["anomaly_id"]].append(row)
    said = []
    for row in _rows(con, "SELECT * FROM findings"):
        case = found[row["case_id"]]
        seasonal = row["seasonality"] == "seasonal" and case.rule.tone == "red"
        grade = 1 if _ordinary(case, row) else row["grade"]
        severity = season.severity if seasonal else SEVERITIES[grade]
        said.append(explain(Finding(case, row, moved[row["anomaly_id"]]), severity))
    stories.assign(said)
    schema = pa.schema([pa.field(name, SAID[name]) for name in SAID])
    con.register("incoming", pa.Table.from_pylist(said, schema=schema))
    con.execute("CREATE OR REPLACE TEMP TABLE said AS SELECT * FROM incoming")
    con.unregister("incoming")


__all__ = [
    "MARTS",
    "SEVERITIES",
    "batches",
    "create_cases",
    "create_series",
    "detect",
    "findings_sql",
    "graded_sql",
]
