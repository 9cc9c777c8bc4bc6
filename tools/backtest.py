"""`make backtest`: every rule walked forward over a company's history, with only what was known on each day.

Per rule: how often it could judge and fired, on which periods, and what became of it in the next two quarters: *undone*
where the figure went back to where it had come from (or the finding was resolved), *stayed* where it did not, *open*
where that is not known yet. A false alarm is a red finding of at least medium severity that was undone and that no
event explains. Recall is over `events.csv` (`$KC_SHARED/reference`), with `tools/backtest.toml`.
"""

import argparse
import csv
import os
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from kc_pipeline.anomalies import drivers
from kc_pipeline.anomalies.detectors.peers import PEERS
from kc_pipeline.anomalies.engine import create_cases, create_series, graded_sql
from kc_pipeline.anomalies.rules import SEVERITIES, cases
from kc_pipeline.brief.snapshot import as_known_at
from kc_pipeline.config import Settings, following, load_companies

NEXT = 2
GRAVE = ("medium", "high", "critical")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a company's history and what is expected of the rules: flag, explain, ignore or out_of_scope."""

    period: str
    what: str
    kind: str
    metric: str
    expected: str
    max_severity: str

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods in which it may show: a year's event in the year or one of its quarters."""
        year = self.period[:4]
        return (
            (self.period, *(f"{year}Q{q}" for q in range(1, 5)))
            if self.period.endswith("FY")
            else (self.period,)
        )


@dataclass(slots=True)
class Walk:
    """What a company's history gave: findings as first known, the periods that each rule and metric could judge."""

    company: str
    findings: list[dict[str, Any]] = field(default_factory=list)
    judged: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    short: Counter[str] = field(default_factory=Counter)
    levels: dict[tuple[str, str], Any] = field(default_factory=dict)


def dicts(con: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return a query's rows as dicts."""
    cursor = con.execute(query, list(parameters))
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def events_of(path: Path) -> list[Event]:
    """Read the events; an empty list where the file is not there."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return [
            Event(r["period"], r["event"], r["kind"], r["metric"], r["expected"], r["max_severity"])
            for r in csv.DictReader(lines)
        ]


def later(period: str, steps: int) -> str:
    """Return the quarter or year that lies some steps after a period."""
    if period.endswith("FY"):
        return f"{int(period[:4]) + steps}FY"
    number = int(period[:4]) * 4 + int(period[5]) - 1 + steps
    return f"{number // 4}Q{number % 4 + 1}"


def outcome(finding: Mapping[str, Any], levels: Mapping[tuple[str, str], Any]) -> str:
    """Return what became of a finding in the next two periods: undone, stayed or open.

    Undone: the figure came back to the value before the change; without such a value, the finding was resolved.
    """
    following = [later(finding["period"], n) for n in range(1, NEXT + 1)]
    if finding["base"] is not None and finding["now"] is not None and finding["base"] != finding["now"]:
        values = [levels[p, finding["metric"]] for p in following if (p, finding["metric"]) in levels]
        if not values:
            return "open"
        fell = finding["now"] < finding["base"]
        back = any(v >= finding["base"] if fell else v <= finding["base"] for v in values)
        return "undone" if back else "stayed"
    if finding["resolved_in"] in following:
        return "undone"
    return "stayed" if any((p, finding["metric"]) in levels for p in following) else "open"


def walk(con: duckdb.DuckDBPyConnection, warehouse: Path, company: str) -> Walk:
    """Walk a company's history day by day; each finding as it stood on the day on which it could first be known."""
    out = Walk(company)
    days = [
        r["known_at"]
        for r in dicts(
            con, "SELECT DISTINCT known_at FROM core.facts WHERE company = ? ORDER BY 1", [company]
        )
    ]
    for day in days:
        with as_known_at(warehouse, day) as then:
            found = dicts(
                then,
                """SELECT a.*, n.value AS now, b.value AS base FROM marts.anomalies a
                   LEFT JOIN marts.kpis n ON n.company = a.company AND n.period = a.period AND n.kpi = a.metric
                   LEFT JOIN marts.kpis b ON b.company = a.company AND b.period = a.base_period AND b.kpi = a.metric
                   WHERE a.company = ? AND a.known_at = ?""",
                [company, day],
            )
            out.findings += found
    _judged(con, out)
    for row in dicts(con, "SELECT period, kpi, value FROM marts.kpis WHERE company = ?", [company]):
        out.levels[row["period"], row["kpi"]] = row["value"]
    return out


def _judged(con: duckdb.DuckDBPyConnection, out: Walk) -> None:
    found = create_cases(con)
    con.execute(PEERS)
    drivers.create_parts(con)
    create_series(con, (out.company, out.company))
    for detector in sorted({c.rule.detector for c in found}):
        rows = con.execute(f"SELECT case_id, position, enough FROM ({graded_sql(detector)})").fetchall()
        for case_id, position, enough in rows:
            case = found[case_id]
            period = f"{position}FY" if case.period_type == "year" else f"{position // 4}Q{position % 4 + 1}"
            if enough:
                out.judged[case.rule.name, case.metric].add(period)
            else:
                out.short[case.rule.name] += 1


def matches(event: Event, kinds: Mapping[str, Any], rule: str, metric: str) -> bool:
    """Return whether a rule on a metric answers for an event."""
    kind = kinds.get(event.kind)
    kind = kind and kind.get("of", {}).get(event.metric, kind)
    if kind is None or rule not in kind["rules"]:
        return False
    wanted = kind.get("metrics")
    return wanted is None or any(metric.startswith(w) for w in wanted)


def verdict(event: Event, kinds: Mapping[str, Any], walked: Walk) -> str:
    """Return what the rules made of an event: found, missed, quiet, too_loud, not_evaluable or out_of_scope."""
    if event.expected == "out_of_scope":
        return "out_of_scope"
    fired = [
        f
        for f in walked.findings
        if f["period"] in event.periods and matches(event, kinds, f["rule"], f["metric"])
    ]
    if event.expected == "flag":
        if fired:
            return "found"
        able = any(
            periods.intersection(event.periods) and matches(event, kinds, *key)
            for key, periods in walked.judged.items()
        )
        return "missed" if able else "not_evaluable"
    if not event.max_severity:
        return "quiet" if not fired or event.expected == "explain" else "too_loud"
    most = max((SEVERITIES.index(f["severity"]) for f in fired), default=0)
    return "quiet" if most <= SEVERITIES.index(event.max_severity) else "too_loud"


def report(walked: Walk, events: Sequence[Event], kinds: Mapping[str, Any]) -> list[str]:
    """Return the report of one company as lines."""
    known_rules = {c.rule.name: c.rule for c in cases() if c.company in (None, walked.company)}
    rows: dict[str, Counter[str]] = {name: Counter() for name in known_rules}
    periods: dict[str, list[str]] = defaultdict(list)
    explained = [e for e in events if e.expected in ("flag", "explain")]
    tones = {name: rule.tone for name, rule in known_rules.items()}
    for f in walked.findings:
        became = outcome(f, walked.levels)
        counted = rows[f["rule"]]
        counted["fired"] += 1
        counted[became] += 1
        periods[f["rule"]].append(f["period"])
        known = any(f["period"] in e.periods and matches(e, kinds, f["rule"], f["metric"]) for e in explained)
        if tones[f["rule"]] == "red" and f["severity"] in GRAVE and became == "undone" and not known:
            counted["false"] += 1
    judged = Counter(dict.fromkeys(rows, 0))
    years: dict[str, set[str]] = defaultdict(set)
    for (rule, _), found in walked.judged.items():
        judged[rule] += len(found)
        years[rule] |= {p[:4] for p in found}
    lines = [
        f"{walked.company}: rules walked forward, each finding as it stood when it could first be known",
        "",
    ]
    lines.append(
        f"{'rule':36}{'judged':>7}{'short':>6}{'fired':>6}{'undone':>7}{'stayed':>7}{'open':>5}{'false':>6}{'a year':>7}  periods"
    )
    for rule, counted in rows.items():
        n = len(years[rule])
        a_year = f"{counted['false'] / n:.2f}" if n else "-"
        shown = " ".join(dict.fromkeys(sorted(periods[rule])))
        lines.append(
            f"{rule:36}{judged[rule]:>7}{walked.short[rule]:>6}{counted['fired']:>6}{counted['undone']:>7}{counted['stayed']:>7}"
            f"{counted['open']:>5}{counted['false']:>6}{a_year:>7}  {shown}"
        )
    total = sum((c for c in rows.values()), Counter[str]())
    all_years = sorted({p[:4] for found in walked.judged.values() for p in found})
    lines.append(
        f"{'all':36}{sum(judged.values()):>7}{sum(walked.short.values()):>6}{total['fired']:>6}{total['undone']:>7}{total['stayed']:>7}"
        f"{total['open']:>5}{total['false']:>6}{total['false'] / max(len(all_years), 1):>7.2f}  n = {len(all_years)} years"
    )
    return lines + _recall(walked, events, kinds)


def _recall(walked: Walk, events: Iterable[Event], kinds: Mapping[str, Any]) -> list[str]:
    told = [(e, verdict(e, kinds, walked)) for e in events]
    counted = Counter(v for _, v in told)
    evaluable = counted["found"] + counted["missed"]
    kept = counted["quiet"] + counted["too_loud"]
    if not told:
        return []
    lines = ["", "events"]
    lines += [f"  {v:14} {e.period:7} {e.kind:18} {e.what[:90]}" for e, v in told if v != "out_of_scope"]
    recall = f"{counted['found'] / evaluable:.1%}" if evaluable else "-"
    lines.append(
        f"recall {recall} ({counted['found']} of {evaluable} that could be judged; {counted['not_evaluable']} could not); "
        f"kept quiet {counted['quiet']} of {kept}; out of scope {counted['out_of_scope']}"
    )
    return lines


def main() -> int:
    """Print the report; 1 where recall on the events is under 95 %."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--company", action="append", help="only these (default: all in the warehouse)")
    options = parser.parse_args()
    at = Settings.from_env()
    kinds = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    shared = Path(os.environ.get("KC_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    events = events_of(shared / "reference" / "events.csv")
    worst = 1.0
    packs = following(load_companies(at.companies_file).values())
    with packs, duckdb.connect(str(at.warehouse), read_only=True) as con:
        names = [r["company"] for r in dicts(con, "SELECT company FROM core.companies ORDER BY 1")]
        for company in options.company or names:
            walked = walk(con, at.warehouse, company)
            own = events if company == "KC" else []
            print("\n".join([*report(walked, own, kinds), ""]))
            told = Counter(verdict(e, kinds, walked) for e in own)
            if told["found"] + told["missed"]:
                worst = min(worst, told["found"] / (told["found"] + told["missed"]))
    return 0 if worst >= 0.95 else 1


if __name__ == "__main__":
    raise SystemExit(main())
