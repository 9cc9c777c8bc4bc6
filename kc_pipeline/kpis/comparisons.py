"""Each period beside an earlier one, as SQL: growth, compound growth, changes of ratios, incremental ratios.

A figure of a cell stands in lists, one place per amount or ratio (`levels`, see engine). A comparison is a row
that says in which places its figures stand, so that one short statement per formula and lag computes all
comparisons of that formula: cells beside earlier cells, times those rows. Rows come out as long as they are
wanted, one per cell and KPI.

Columns inside: `x`, `h`, `m` are value, half width of the interval and marks of the amount now, `e`, `eh`, `em`
those of the earlier one; `lo` and `up` are the ends of a ratio's interval now, `el` and `eu` of the earlier one; an
incremental ratio has its denominator's as `y`, `yh`, `ym` and `f`, `fh`, `fm`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from kc_pipeline.kpis import columns as col
from kc_pipeline.kpis.breaks import crossed_sql, crossings
from kc_pipeline.kpis.catalogue import Kpi
from kc_pipeline.kpis.plan import COMPARISONS, ONE_QUARTER, Plan, mask, number_sql


@dataclass(frozen=True, slots=True)
class Formula:
    """How the comparisons of one kind are computed, over the columns named above.

    `reason` is `<condition> THEN <number of the reason>` for a value that is absent though its inputs are there.
    """

    value: str
    low: str
    high: str
    marks: str
    reason: str


_MARKS = col.marks_sql(("m", "em"))

# Growth on a small base: an amount under 3 % of the revenue of its own period, whatever its sign.
_LOW_BASE = f"CASE WHEN abs(e) < {col.LOW_BASE_SHARE} * revenue THEN {col.LOW_BASE} ELSE 0 END"


def _growth(lag: int, middle: str, half: str) -> Formula:
    low, high = col.quotient_ends_sql("(x - h)", "(x + h)", middle, half)
    notes = f"CASE WHEN x < 0 THEN {col.PROFIT_TO_LOSS} ELSE 0 END | {_LOW_BASE}"
    return Formula(
        "(x - e) / CASE WHEN e > 0 THEN e END", f"{low} - 1", f"{high} - 1", f"{_MARKS} | {notes}",
        f"x IS NOT NULL AND e <= 0 THEN {col.BASE}",
    )  # fmt: skip


def _loss_growth(lag: int, middle: str, half: str) -> Formula:
    # the base's interval with its sign turned is above zero where its upper end is below
    clear = "CASE WHEN x < 0 AND e + eh < 0 AND e < 0 THEN"
    return Formula(
        "CASE WHEN x < 0 AND e < 0 THEN (x - e) / e END",
        f"{clear} least((x + h) / (e + eh), (x + h) / (e - eh)) - 1 END",
        f"{clear} greatest((x - h) / (e + eh), (x - h) / (e - eh)) - 1 END",
        f"{_MARKS} | {_LOW_BASE}", f"greatest(x, e) >= 0 AND x + e IS NOT NULL THEN {col.LOSSES}",
    )  # fmt: skip


def _cagr(lag: int, middle: str, half: str) -> Formula:
    clear, power = "CASE WHEN x > 0 AND e > 0 THEN", f"1 / {lag / 4}"
    return Formula(
        f"{clear} pow(x / e, {power}) - 1 END",
        f"{clear} pow(greatest(x - h, 0) * ({middle} - {half}), {power}) - 1 END",
        f"{clear} pow((x + h) * ({middle} + {half}), {power}) - 1 END",
        f"{_MARKS} | {_LOW_BASE}", f"least(x, e) <= 0 AND x + e IS NOT NULL THEN {col.BASE}",
    )  # fmt: skip


def _change(lag: int, middle: str, half: str) -> Formula:
    return Formula("x - e", "lo - eu", "up - el", _MARKS, f"false THEN {col.MISSING}")


def _incremental(lag: int, middle: str, half: str) -> Formula:
    narrow, wide = "((y - f) - (yh + fh))", "((y - f) + (yh + fh))"
    low, high = "((x - e) - (h + eh))", "((x - e) + (h + eh))"
    clear = f"CASE WHEN {narrow} > 0 THEN"
    return Formula(
        f"{clear} (x - e) / (y - f) END",
        f"{clear} least({low} / {narrow}, {low} / {wide}) END",
        f"{clear} greatest({high} / {narrow}, {high} / {wide}) END",
        col.marks_sql(("m", "em", "ym", "fm")),
        f"x - e IS NOT NULL AND {narrow} <= 0 THEN {col.DENOMINATOR}",
    )  # fmt: skip


# Lists of `levels`, the place in them, and the names of the figure now and earlier.
_Places = tuple[tuple[str, str, str, str], ...]
_AMOUNT: _Places = (("x", "of", "x", "e"), ("h", "of", "h", "eh"), ("m", "of", "m", "em"))
_UNDER: _Places = (("x", "over", "y", "f"), ("h", "over", "yh", "fh"), ("m", "over", "ym", "fm"))
_RATIO: _Places = (
    ("rx", "of", "x", "e"), ("rl", "of", "lo", "el"), ("ru", "of", "up", "eu"), ("rm", "of", "m", "em"),
)  # fmt: skip

# How a formula is made from its lag and the middle and half width of the interval of 1 / earlier figure.
_FORMS: dict[tuple[str, bool], tuple[Callable[[int, str, str], Formula], _Places]] = {
    ("growth", False): (_growth, _AMOUNT),
    ("growth", True): (_loss_growth, _AMOUNT),
    ("cagr", False): (_cagr, _AMOUNT),
    ("change", False): (_change, _RATIO),
    ("incremental", False): (_incremental, _AMOUNT + _UNDER),
}


def _place(name: str | None, among: dict[str, int]) -> str:
    return str(among[name]) if name in among else "NULL::INTEGER"


def places(plan: Plan) -> tuple[dict[str, int], dict[str, int]]:
    """The places of amounts and of ratios in their lists."""
    ratios = col.stated_first(plan.kept("ratio"), plan)
    return (
        {k.name: i for i, k in enumerate(plan.kept("amount"), 1)},
        {k.name: i for i, k in enumerate(ratios, 1)},
    )


def column_sql(kpi: Kpi, part: str, now: str, then: str) -> str:
    """The `value`, `low` or `high` of a computable comparison over two rows of `level_columns_sql`.

    `now` and `then` are their aliases; what may be divided by has its reciprocal's columns, see `columns.divisors`.
    This is what benchmarks put into a column: nothing stated, no breaks.
    """
    make, figures = _FORMS[kpi.kind, kpi.of_loss]
    ends = {"x": "x", "h": "h", "m": "m", "rx": "x", "rl": "l", "ru": "u", "rm": "m"}
    base = {"of": kpi.of, "over": kpi.over}
    names = {n: f"{now}.{base[at]}__{ends[name]}" for name, at, n, _ in figures}
    names |= {n: f"{then}.{base[at]}__{ends[name]}" for name, at, _, n in figures}
    text: str = getattr(make(kpi.lag, f"{then}.{kpi.of}__a", f"{then}.{kpi.of}__b"), part)
    return re.sub(r"(?<![\w.])[a-z]+\b(?!\.)", lambda word: names.get(word[0], word[0]), text)


def _rows(kpis: list[Kpi], plan: Plan, crossing: dict[str, int]) -> str:
    """The comparisons as rows: number, places of their figures, of the stated one and of the breaks, and mask.

    `revenue` is its place where the comparison can be one on a small base.
    """
    number = {name: i for i, name in enumerate(plan.cat.kpis)}
    amounts, ratios = places(plan)
    own = {k.name: i for i, k in enumerate(col.stated_comparisons(plan), 1)}
    rows = [
        f"({number[k.name]}::SMALLINT, {_place(k.of, ratios if k.kind == 'change' else amounts)}, "
        f"{_place(k.over, amounts)}, {_place('revenue' if plan.cat.kpis[k.of or ''].unit == 'currency' else None, amounts)}, "
        f"{_place(k.name, own)}, {_place(k.name, crossing)}, {mask(k)})"
        for k in kpis
    ]
    return f"(VALUES {', '.join(rows)}) AS k(number, of, over, revenue, own, crossing, mask)"


def _differs(kpi: Kpi, plan: Plan) -> bool:
    """Return whether the two sides may be different measures: alternatives of one amount that are not one measure."""
    base = plan.cat.kpis[kpi.of or ""]
    amounts = [base, *(plan.cat.kpis[n] for n in (base.of, base.over) if n)]
    return any(a.alternatives_differ and len(plan.sums.get(a.name, ())) > 1 for a in amounts)


def _group_sql(kpis: list[Kpi], plan: Plan) -> str:
    """The rows of the comparisons of one form and lag."""
    first = kpis[0]
    make, figured = _FORMS[first.kind, first.of_loss]
    lag, formula = first.lag, make(first.lag, *col.reciprocal_sql("e", "eh"))
    stated = any(k.name in plan.stated for k in kpis)
    broken = list(crossings(kpis, plan).items())
    crossing = {k.name: n for n, (_, among) in enumerate(broken, 1) for k in among}
    kinds = 0
    for k in kpis:
        kinds |= mask(k)
    lists = dict.fromkeys(name for name, *_ in figured)
    beside = [f"c.{name}, p.{name} AS e{name}" for name in lists]
    figures = [f"{name}[k.{at}] AS {now}, e{name}[k.{at}] AS {then}" for name, at, now, then in figured]
    if first.kind in ("growth", "cagr"):
        figures.append("ex[k.revenue] AS revenue")
    value, low, high, marks = formula.value, formula.low, formula.high, formula.marks
    reason = formula.reason
    if any(_differs(k, plan) for k in kpis):
        other = f"(m & {col.ALTERNATIVES}) <> (em & {col.ALTERNATIVES})"
        value, low, high = (f"CASE WHEN NOT {other} THEN {text} END" for text in (value, low, high))
        reason = f"{other} THEN {col.OTHER_MEASURE} WHEN {reason}"
    breaks = ""
    noted = f" | {_LOW_BASE}" if first.kind in ("growth", "cagr") else ""
    if broken:
        breaks = f"LEFT JOIN breaks b ON b.number = {number_sql('c.cell')}\n"
        for effect, name in (("block", "blocked"), ("annotate", "noted")):
            flags = ", ".join(crossed_sql(c, effect, plan) for c, _ in broken)
            beside.append(f"[{flags}] AS {name}")
            figures.append(f"coalesce({name}[k.crossing], false) AS {name}")
        value, low, high = (f"CASE WHEN NOT blocked THEN {text} END" for text in (value, low, high))
        reason = f"blocked THEN {col.BLOCKED} WHEN {reason}"
        if first.kind != "change":  # what an acquisition adds is not growth; a ratio has no such part
            across = f" | CASE WHEN noted THEN {col.ACROSS_BREAK} ELSE 0 END"
            marks, noted = marks + across, noted + across
    # where nothing can be stated and nothing is computed without the earlier period, it must be there
    join = "LEFT JOIN" if stated else "JOIN"
    if stated:
        beside.append("c.sx, c.sh, c.sm")
        figures.append("sx[k.own] AS s, sh[k.own] AS sh, sm[k.own] AS sm")
    computed = [f"{value} AS value", f"{low} AS low", f"{high} AS high", f"{marks} AS m"]
    if stated:
        computed += ["s, sh", f"sm{noted} AS sm", f"CASE WHEN {reason} ELSE {col.MISSING} END AS reason"]
    text = f"""SELECT cell, number, {", ".join(computed)}
FROM (
SELECT b.cell, k.number, {", ".join(figures)}
FROM (
SELECT c.cell, {", ".join(beside)}
FROM levels c {join} levels p ON p.cell = c.cell - {lag * ONE_QUARTER}
{breaks}WHERE ({kinds} >> (c.cell & 7)) & 1 = 1
) b, {_rows(kpis, plan, crossing)}
WHERE (k.mask >> (b.cell & 7)) & 1 = 1
)"""
    if not stated:
        own = col.UNSTATED if plan.stated else ""
        return f"SELECT cell, number, value, low, high, m{own}\nFROM ({text})\nWHERE value IS NOT NULL"
    contradicted = col.contradiction_sql("s", "sh", "low", "high", 3 if first.kind == "change" else 1)
    return f"""SELECT cell, number, CASE WHEN w THEN s ELSE value END AS value, CASE WHEN w THEN s - sh ELSE low END AS low,
  CASE WHEN w THEN s + sh ELSE high END AS high, CASE WHEN w THEN sm ELSE m | {contradicted} END AS m, s AS stated,
  value AS computed, w AS use_stated, reason
FROM (SELECT *, {col.choice_sql("s", "sh", "value", "low", "high")} AS w FROM ({text}))
WHERE w OR value IS NOT NULL"""


def comparison_rows_sql(plan: Plan) -> list[str]:
    """Return SELECTs from `levels` (and `breaks`, where the plan has any), to be put together by UNION ALL.

    Columns: cell, number (of the KPI), value, low, high, m (marks); where something in the plan can be stated
    also stated, computed, use_stated, reason.
    """
    groups: dict[tuple[str, bool, int], list[Kpi]] = {}
    for kpi in plan.kept(*COMPARISONS):
        groups.setdefault((kpi.kind, kpi.of_loss, kpi.lag), []).append(kpi)
    return [_group_sql(kpis, plan) for kpis in groups.values()]
