"""What lies between a period and the one it is compared with: breaks of the measures, as SQL."""

from collections.abc import Iterable
from dataclasses import dataclass

from kc_pipeline.kpis.catalogue import Kpi, Measure
from kc_pipeline.kpis.plan import Plan, text_sql


@dataclass(frozen=True, slots=True)
class Crossing:
    """What may lie between a period and the one it is compared with: breaks of these measures."""

    measures: tuple[Measure, ...]
    lag: int
    at_a_day: bool


def crossings(kpis: Iterable[Kpi], plan: Plan) -> dict[Crossing, list[Kpi]]:
    """The comparisons that a break can touch, those together that every break touches alike."""
    out: dict[Crossing, list[Kpi]] = {}
    for kpi in kpis:
        if kpi.name in plan.broken:
            at_a_day = plan.cat.kpis[kpi.of or ""].instant
            out.setdefault(Crossing(plan.broken[kpi.name], kpi.lag, at_a_day), []).append(kpi)
    return out


def _broken(plan: Plan) -> dict[tuple[Measure, ...], int]:
    """The sets of measures that break, numbered."""
    return {measures: n for n, measures in enumerate(dict.fromkeys(plan.broken.values()))}


def breaks_sql(plan: Plan) -> str:
    """Return a SELECT, per company's number, of the days on which measures break.

    Columns: number, then per set of measures lists of days `block<n>` and `annotate<n>`.
    """
    columns = []
    for measures, n in _broken(plan).items():
        among = " OR ".join(
            f"(concept = {text_sql(c)} AND segment IS NOT DISTINCT FROM {text_sql(s)})"
            for c, s, _ in measures
        )
        columns += [
            f"list(break_date) FILTER (effect = '{effect}' AND ({among})) AS {effect}{n}"
            for effect in ("block", "annotate")
        ]
    return (
        f"SELECT number, {', '.join(columns)} FROM core.breaks JOIN numbered USING (company) GROUP BY number"
    )


def crossed_sql(crossing: Crossing, effect: str, plan: Plan) -> str:
    """Whether a comparison of `c` with the earlier `p` crosses a break: the earlier period begins before it, the later ends on it or after.

    Of a balance at a day the earlier day lies before it. Where nothing is known of the earlier period, it is
    the one that lies as many months back.
    """
    ends = ("period_end",) if crossing.at_a_day else ("period_start", "period_end")
    then = ", ".join(f"p.{end}" for end in ends)
    since = f"coalesce({then}, c.{ends[0]} - INTERVAL {3 * crossing.lag} MONTH)"
    inside = f"lambda d: d > {since} AND d <= c.period_end"
    return f"coalesce(len(list_filter(b.{effect}{_broken(plan)[crossing.measures]}, {inside})), 0) > 0"


def blocked_sql(plan: Plan) -> str:
    """Return a SELECT, per company's number, of the days on which inputs break so that nothing adds up across them.

    Columns: number, then a list of days `b<input>` per input of `plan.breaking`.
    """
    columns = [
        f"list(break_date) FILTER (concept = {text_sql(c)} AND segment IS NOT DISTINCT FROM {text_sql(s)}) "
        f"AS b{plan.numbers[i]}"
        for i in sorted(plan.breaking, key=str)
        for c, s, _ in (i[0],)
    ]
    return (
        f"SELECT number, {', '.join(columns)} FROM core.breaks JOIN numbered USING (company) "
        "WHERE effect = 'block' GROUP BY number"
    )
