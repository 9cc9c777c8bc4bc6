"""The KPIs of the engine once more, in vectorised pandas: what `benchmarks.kpis` holds the engine against.

One wide frame per kind of period (quarters, trailing twelve months), whole frames shifted at once, no loop over
companies; values, with the ends of their intervals where they are wanted. No marks of evidence, no days of knowledge, no reasons.
"""

from typing import Any

import duckdb
import numpy as np

from kc_pipeline.kpis.plan import Plan

Figure = tuple[Any, ...]  # the values, and where they are wanted the lower and the upper ends


def _over(top: Figure, bottom: Figure) -> Figure:
    x = top[0] / bottom[0].where(bottom[0] > 0)
    if len(top) == 1:
        return (x,)
    _, low, high = bottom
    safe = low.where(low > 0)
    a, b, c, d = (t / u for t in top[1:] for u in (safe, high))
    return (
        x,
        np.minimum(np.minimum(a, b), np.minimum(c, d)),
        np.maximum(np.maximum(a, b), np.maximum(c, d)),
    )


def _less(now: Figure, then: Figure) -> Figure:
    return (now[0] - then[0], *(a - b for a, b in zip(now[1:], then[:0:-1], strict=True)))


def _frame(plan: Plan, levels: dict[str, Any], halves: dict[str, Any], company: Any, ttm: bool) -> int:
    """The number of values of one kind of period, from its inputs and, for intervals, their half widths."""
    word = "ttm" if ttm else "quarter"
    amounts: dict[str, Figure] = {}
    out: dict[str, Figure] = {}
    for kpi in plan.kept("amount"):
        terms = plan.sums[kpi.name][0]
        x = sum(t.weight * levels[t.role] for t in terms)
        h = sum(halves[t.role] for t in terms) if halves else None
        amounts[kpi.name] = (x,) if h is None else (x, x - h, x + h)
    out |= amounts
    for kpi in plan.kept("ratio"):
        shares = [_over(amounts[p], amounts[kpi.over or ""]) for p in kpi.parts or (kpi.of or "",)]
        if kpi.parts:
            shares = [(s[0] ** 2, *(end.clip(lower=0) ** 2 for end in s[1:])) for s in shares]
        out[kpi.name] = tuple(sum(ends) for ends in zip(*shares, strict=True))
    earlier: dict[tuple[str, int], Figure] = {}

    def back(name: str, lag: int) -> Figure:
        if (name, lag) not in earlier:
            earlier[name, lag] = tuple(s.groupby(company).shift(lag) for s in out[name])
        return earlier[name, lag]

    for kpi in plan.kept("growth", "cagr", "change", "incremental"):
        if word not in kpi.period_types:
            continue
        now, then = out[kpi.of or ""], back(kpi.of or "", kpi.lag)
        if kpi.kind == "change":
            out[kpi.name] = _less(now, then)
        elif kpi.kind == "incremental":
            under, base = amounts[kpi.over or ""], back(kpi.over or "", kpi.lag)
            out[kpi.name] = _over(_less(now, then), _less(under, base))
        elif kpi.kind == "cagr":
            x, *ends = _over(now, then)
            out[kpi.name] = (
                x.where(x > 0) ** (1 / 3) - 1,
                *(end.clip(lower=0) ** (1 / 3) - 1 for end in ends),
            )
        else:
            if kpi.of_loss:
                now, then = ((-s[0], *(-end for end in s[:0:-1])) for s in (now, then))
                now = (now[0].where(now[0] > 0), *now[1:])
            out[kpi.name] = tuple(end - 1 for end in _over(now, then))
    shown = [k.name for k in plan.kept("amount", "ratio", "growth", "cagr", "change", "incremental")]
    return sum(int(out[n][0].count()) for n in shown if n in out and word in plan.cat.kpis[n].period_types)


def values(con: duckdb.DuckDBPyConnection, plan: Plan, *, intervals: bool) -> int:
    """Compute the quarterly and trailing values of all companies from `core.facts`; return how many there are.

    `intervals`: the ends of their intervals, too.
    """
    half = ", 0.5 * pow(10.0, -decimals) AS half" if intervals else ""
    facts = con.execute(f"""
        SELECT company, period_end, concept || coalesce('/' || segment, '') AS name, list_avg([value]) AS value{half}
        FROM core.facts""").df()
    facts["name"] = facts["name"].astype("category")
    facts["company"] = facts["company"].astype("category")
    wide = facts.set_index(["company", "period_end", "name"]).unstack("name").sort_index()
    company = wide.index.get_level_values("company")
    levels = {n: wide["value"][n] for n in wide["value"].columns}
    halves = {n: wide["half"][n] for n in wide["half"].columns} if intervals else {}
    count = _frame(plan, levels, halves, company, ttm=False)

    def trailing(name: str, series: Any) -> Any:
        if name.partition("/")[0] in plan.cat.instants:
            return series
        groups = series.groupby(company)
        return series + groups.shift(1) + groups.shift(2) + groups.shift(3)

    return count + _frame(
        plan,
        {n: trailing(n, s) for n, s in levels.items()},
        {n: trailing(n, s) for n, s in halves.items()},
        company,
        ttm=True,
    )
