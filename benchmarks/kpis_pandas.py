"""The KPIs of the engine once more, in vectorised pandas: what `benchmarks.kpis` holds the engine against.

One wide frame per kind of period (quarters, trailing twelve months), whole frames shifted at once, no loop over
companies; values with the ends of their intervals. No marks of evidence, no days of knowledge, no reasons.
"""

from typing import Any

import duckdb
import numpy as np

from kc_pipeline.kpis.plan import Plan

Interval = tuple[Any, Any, Any]


def _over(top: Interval, bottom: Interval) -> Interval:
    x, low, high = bottom
    safe, positive = low.where(low > 0), x.where(x > 0)
    a, b, c, d = (t / u for t in top[1:] for u in (safe, high))
    least, most = (
        np.minimum(np.minimum(a, b), np.minimum(c, d)),
        np.maximum(np.maximum(a, b), np.maximum(c, d)),
    )
    return top[0] / positive, least, most


def _frame(plan: Plan, levels: dict[str, Any], halves: dict[str, Any], company: Any, ttm: bool) -> int:
    """The number of values of one kind of period, from its inputs and their half widths."""
    word = "ttm" if ttm else "quarter"
    amounts: dict[str, Interval] = {}
    out: dict[str, Interval] = {}
    for kpi in plan.kept("amount"):
        terms = plan.sums[kpi.name][0]
        x = sum(t.weight * levels[t.role] for t in terms)
        h = sum(halves[t.role] for t in terms)
        amounts[kpi.name] = (x, x - h, x + h)
    out |= amounts
    for kpi in plan.kept("ratio"):
        shares = [_over(amounts[p], amounts[kpi.over or ""]) for p in kpi.parts or (kpi.of or "",)]
        if kpi.parts:
            shares = [(x**2, low.clip(lower=0) ** 2, high**2) for x, low, high in shares]
        out[kpi.name] = tuple(sum(ends) for ends in zip(*shares, strict=True))
    earlier: dict[tuple[str, int], Interval] = {}

    def back(name: str, lag: int) -> Interval:
        if (name, lag) not in earlier:
            x, low, high = (s.groupby(company).shift(lag) for s in out[name])
            earlier[name, lag] = (x, low, high)
        return earlier[name, lag]

    for kpi in plan.kept("growth", "cagr", "change", "incremental"):
        if word not in kpi.period_types:
            continue
        now, then = out[kpi.of or ""], back(kpi.of or "", kpi.lag)
        if kpi.kind == "change":
            out[kpi.name] = (now[0] - then[0], now[1] - then[2], now[2] - then[1])
        elif kpi.kind == "incremental":
            under, base = amounts[kpi.over or ""], back(kpi.over or "", kpi.lag)
            top = (now[0] - then[0], now[1] - then[2], now[2] - then[1])
            out[kpi.name] = _over(top, (under[0] - base[0], under[1] - base[2], under[2] - base[1]))
        elif kpi.kind == "cagr":
            x, low, high = _over(now, then)
            out[kpi.name] = (x ** (1 / 3) - 1, low.clip(lower=0) ** (1 / 3) - 1, high ** (1 / 3) - 1)
        else:
            if kpi.of_loss:
                now, then = ((-s[0], -s[2], -s[1]) for s in (now, then))
            x, low, high = _over(now, then)
            out[kpi.name] = (x - 1, low - 1, high - 1)
    shown = [k.name for k in plan.kept("amount", "ratio", "growth", "cagr", "change", "incremental")]
    return sum(int(out[n][0].count()) for n in shown if n in out and word in plan.cat.kpis[n].period_types)


def values(con: duckdb.DuckDBPyConnection, plan: Plan) -> int:
    """Compute the quarterly and trailing values of all companies from `core.facts`; return how many there are."""
    facts = con.execute("""
        SELECT company, period_end, concept || coalesce('/' || segment, '') AS name, list_avg([value]) AS value,
               0.5 * pow(10.0, -decimals) AS half FROM core.facts""").df()
    facts["name"] = facts["name"].astype("category")
    facts["company"] = facts["company"].astype("category")
    wide = facts.set_index(["company", "period_end", "name"]).unstack("name").sort_index()
    company = wide.index.get_level_values("company")
    levels = {n: wide["value"][n] for n in wide["value"].columns}
    halves = {n: wide["half"][n] for n in wide["half"].columns}
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
