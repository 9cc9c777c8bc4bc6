"""Why a rule did or did not fire on a metric in a period: what it judged, and the threshold it was held against."""

from dataclasses import dataclass
from typing import Any

import duckdb

from kc_pipeline.anomalies import drivers
from kc_pipeline.anomalies.detectors import DETECTORS
from kc_pipeline.anomalies.detectors.peers import PEERS
from kc_pipeline.anomalies.engine import LABELS, create_cases, create_series, graded_sql
from kc_pipeline.anomalies.rules import GRADES, Case, Rules
from kc_pipeline.figures.display import kpi_value, moved


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one metric in one period: `outcome` is fired, quiet, uncertain, too_little_history or missing."""

    rule: str
    question: str
    outcome: str
    words: str


def why(
    con: duckdb.DuckDBPyConnection, company: str, period: str, metric: str, declared: Rules | None = None
) -> list[Verdict]:
    """Return the verdict of every rule that judges a metric, for one company and period, in the order of the catalogue.

    Reads `marts.kpis` and makes temporary tables; the list is empty where no rule judges the metric.

    Raises:
        duckdb.Error: if `marts.kpis` is missing.
    """
    found = create_cases(con, declared)
    period_type = "year" if period.endswith("FY") else "quarter"
    asked = [
        (number, case)
        for number, case in enumerate(found)
        if metric in (case.metric, case.judged)
        and case.period_type == period_type
        and case.company in (None, company)
    ]
    con.execute(LABELS)
    drivers.create_parts(con)
    if any(case.rule.detector == "peers" for _, case in asked):
        con.execute(PEERS)
    create_series(con, (company, company))
    con.execute("DELETE FROM cases WHERE NOT list_contains(?, case_id)", [[n for n, _ in asked]])
    judged: dict[int, dict[str, Any]] = {}
    for detector in sorted({case.rule.detector for _, case in asked}):
        cursor = con.execute(
            f"""SELECT g.*, j.unit FROM ({graded_sql(detector)}) g JOIN labels l ON l.position = g.position
                JOIN cases c USING (case_id)
                LEFT JOIN series j ON j.kpi = c.judged AND j.period_type = c.period_type AND j.position = g.position
                WHERE l.period = ? AND l.period_type = ? AND g.company = ?""",
            [period, period_type, company],
        )
        names = [d[0] for d in cursor.description]
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            judged[row["case_id"]] = row
    return [_verdict(case, judged.get(number)) for number, case in asked]


def _verdict(case: Case, row: dict[str, Any] | None) -> Verdict:
    rule = case.rule
    if row is None:
        needs = case.judged if case.partner is None else f"{case.judged} and {case.partner}"
        return Verdict(
            rule.name,
            rule.question,
            "missing",
            f"not evaluable: {needs} is not known of the period, or has no base",
        )
    if not row["enough"]:
        return Verdict(
            rule.name,
            rule.question,
            "too_little_history",
            f"too little history: it needs {rule.least} earlier",
        )
    least = next(size for size in row["lines"] if size is not None)
    said = f"{_seen(case, row)}; {_threshold(case, least)}"
    if row["grade"]:
        return Verdict(rule.name, rule.question, "fired", f"fired, {GRADES[row['grade'] - 1]}: {said}")
    if not row["sure"] and row["reached"]:
        return Verdict(rule.name, rule.question, "uncertain", f"not larger than its own uncertainty: {said}")
    return Verdict(rule.name, rule.question, "quiet", said)


def _seen(case: Case, row: dict[str, Any]) -> str:
    detector, value = case.rule.detector, row["deviation"]
    if detector == "contradicted":
        return "stated and computed agree" if not row["size"] else "stated and computed differ"
    if detector == "late":
        return (
            f"known {row['observed']:.0f} days after its end, against {row['expected']:.0f} in earlier years"
        )
    if detector == "dropped":
        return f"told for {row['run']} periods before"
    if detector == "streak":
        return f"{row['run']} {'rises' if value > 0 else 'falls'} in a row"
    if DETECTORS[detector].judges == "level":
        if row["observed"] is None:
            return "nothing known"
        return f"is {kpi_value(case.judged, row['observed'], row['unit'], row['observed'], row['observed'])}"
    size = moved(case.judged, value, row["unit"], row["low"], row["high"])
    down = value < 0
    if detector == "acceleration":
        return f"growth {'slowed' if down else 'picked up'} by {size}"
    if detector == "divergence":
        return f"{size} {'below' if down else 'above'} {case.partner}"
    if detector in ("outlier", "season"):
        seen = f"{size} {'below' if down else 'above'} the median of its history"
        return f"{seen}, {abs(row['size']):.1f} robust standard deviations" if detector == "outlier" else seen
    seen = f"{'fell' if down else 'rose'} {size}"
    return f"{seen} after a run of {row['run']}" if detector == "turn" else seen


DIRECTIONS = {"down": " down", "up": " up", "either": ""}


def _threshold(case: Case, least: float) -> str:
    rule, detector = case.rule, case.rule.detector
    way = DIRECTIONS[rule.direction]
    if detector == "outlier":
        return f"threshold {least:.1f}{way}"
    if detector == "streak":
        return f"threshold {least:.0f}{way}"
    if detector == "late":
        return f"threshold {least:.0f} days later"
    if detector == "sign":
        return "it looks for a change of sign" + way
    if detector in ("contradicted", "dropped"):
        return f"threshold {least:g}"
    if DETECTORS[detector].limits:
        return f"limit {-least if rule.direction == 'down' else least:g}{way}"
    if detector == "against":
        return f"threshold {least * 100:.0f} % of {case.partner}"
    unit = "points" if "_change_" in case.judged or detector in ("acceleration", "peers") else "%"
    run = f" after a run of {rule.least} the other way" if detector == "turn" else ""
    return f"threshold {least * 100:.1f} {unit}{way}{run}"
