"""The columns of the engine's statement, one group per KPI, as SQL.

* an input `n`: `v{n}` exact value, `x{n}` the same as DOUBLE, `h{n}` half a unit of its last digit, `m{n}` its
  marks;
* an amount: `__v` exact, `__x` DOUBLE, `__h` half width of its interval, `__m`, and, where it divides, `__p` the
  value where it is above zero, `__a` and `__b` middle and half width of the interval of its reciprocal, null
  where its own interval reaches zero;
* a ratio or a comparison: `__x` with the interval `__l` to `__u`, and `__m`; where the issuer can state it, these
  are first `__c`, `__cl`, `__ch`, `__cm`, then the choice between computed and stated, and beside it `__s`
  (stated), `__w` (whether the stated one is the value) and `__r` (why nothing is computed).

Columns of the period to which a comparison looks back end in its lag: `__x4`.

Marks are one integer: the day on which a figure was known, and bits. The marks of a derived figure are the
latest day and the union of the bits of its inputs: the greater integer, or the bits of both.

The ends of a quotient are numerator x middle -+ |numerator| x half width: exact corners without a branch.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kc_pipeline.kpis.catalogue import Kind, Kpi, Term
from kc_pipeline.kpis.plan import Measure, Plan, text_sql

# Bits of marks: 0-2 weakness of the evidence (0 original, 1 copy, 3 call, 7 third party).
DERIVED, SUSPECT, LOW_BASE, PROFIT_TO_LOSS, ACROSS_BREAK, CONTRADICTED = 8, 16, 32, 64, 128, 256
_KNOWN_BITS = 9
_BITS = (1 << _KNOWN_BITS) - 1
LOW_BASE_SHARE = "0.03"

REASONS = (
    "", "missing_input", "nonpositive_base", "nonpositive_denominator", "not_both_losses", "blocked_by_break",
    "negative_rest",
)  # fmt: skip
MISSING, BASE, DENOMINATOR, LOSSES, BLOCKED, NEGATIVE_REST = range(1, 7)


def known_sql(marks: str) -> str:
    """Return SQL for the day on which a figure with these marks was known."""
    return f"(DATE '1970-01-01' + ({marks} >> {_KNOWN_BITS}))"


def input_columns(number: int, side: str = "") -> str:
    """The names of one input's columns, of one side of a join where told."""
    return ", ".join(f"{side}{c}{number}" for c in "vxhm")


def unpacked_sql(number: int) -> str:
    """The columns of one input from its value and rank."""
    rank = f"r{number}"
    # the average of one decimal is its DOUBLE, correctly rounded, and ten times faster than a cast
    return (
        f"v{number}, list_avg([v{number}]) AS x{number}, 0.5 * pow(10.0, 64 - (({rank} >> 34) & 127)) "
        f"* ((({rank} >> 27) & 63) / 10) AS h{number}, "
        f"(((({rank} >> 43) & 524287) << {_KNOWN_BITS}) + (1 << (3 - (({rank} >> 41) & 3))) - 1 "
        f"+ {DERIVED} * (1 - ({rank} >> 62)) + {SUSPECT} * (1 - (({rank} >> 33) & 1)))::INTEGER AS m{number}"
    )


def _marks(parts: Iterable[str], more: int = 0) -> str:
    """The marks of what is made of several figures."""
    known = tuple(dict.fromkeys(parts))
    if len(known) == 1:
        return f"{known[0]} | {more}" if more else known[0]
    either = f"(({' | '.join(known)}) & {_BITS})" + (f" | {more}" if more else "")
    if len(known) == 2:
        # the greater of two, without the branch that makes `greatest` slow
        a, b = known
        return f"(({a} + {b} + abs({a} - {b})) >> 1) | {either}"
    return f"greatest({', '.join(known)}) | {either}"


def trailing_sql(plan: Plan) -> str:
    """Columns of a trailing-twelve-months row from quarters a (newest) to d; all four must be known."""
    out = []
    for (concept, _), n in plan.numbers.items():
        if concept in plan.cat.instants:
            out.append(input_columns(n, "a."))
        else:
            sums = [" + ".join(f"{q}.{c}{n}" for q in "abcd") for c in "vxh"]
            out.append(f"{', '.join(sums)}, {_marks([f'{q}.m{n}' for q in 'abcd'], DERIVED)}")
    out += ["NULL, NULL, NULL, NULL" for _ in plan.stated]
    return ",\n  ".join(out)


def _sum(terms: tuple[Term, ...], plan: Plan) -> tuple[str, str, str, str]:
    ids = [(plan.numbers[t.concept, t.segment], t.weight) for t in terms]
    value, double = (
        "".join(f" {'+' if w > 0 else '-'} {c}{n}" for n, w in ids).removeprefix(" + ").strip() for c in "vx"
    )
    marks = _marks([f"m{n}" for n, _ in ids], DERIVED if len(ids) > 1 else 0)
    return value, double, " + ".join(f"h{n}" for n, _ in ids), marks


def amount_sql(kpi: Kpi, plan: Plan) -> str:
    """The columns of an amount: its first alternative whose inputs are all known.

    A rest below zero that cannot be has no exact value; its DOUBLE stays, for sums that know how to take it.
    """
    sums = [_sum(terms, plan) for terms in plan.sums[kpi.name]]
    value, *others = (list(p) for p in zip(*sums, strict=True))
    if kpi.nonnegative:
        for i, terms in enumerate(plan.sums[kpi.name]):
            value[i] = f"CASE WHEN {value[i]} >= 0 THEN {value[i]} END" if len(terms) > 1 else value[i]
    chosen = [f"coalesce({', '.join(p)})" if len(sums) > 1 else p[0] for p in (value, *others)]
    return ", ".join(f"{text} AS {kpi.name}__{c}" for text, c in zip(chosen, "vxhm", strict=True))


def positive_sql(name: str, lag: int | str = "") -> str:
    """An amount as far as something can be divided by it: itself above zero, and its reciprocal's ends."""
    x, h = f"{name}__x{lag}", f"{name}__h{lag}"
    return (
        f"CASE WHEN {x} > 0 THEN {x} END AS {name}__p{lag}, "
        f"1 / CASE WHEN {x} > {h} THEN {x} - {h} END AS {name}__q{lag}, 1 / ({x} + {h}) AS {name}__r{lag}"
    )


def reciprocal_sql(name: str, lag: int | str = "") -> str:
    """Middle and half width of the reciprocal's interval, from its ends."""
    q, r = f"{name}__q{lag}", f"{name}__r{lag}"
    return f"({q} + {r}) / 2 AS {name}__a{lag}, ({q} - {r}) / 2 AS {name}__b{lag}"


def divisors(plan: Plan) -> tuple[str, ...]:
    """The amounts that stand below a ratio."""
    over = (k.over for k in plan.cat.of_kind("ratio") if k.name in plan.computable)
    return tuple(dict.fromkeys(name for name in over if name))


def bases(plan: Plan) -> tuple[tuple[str, int], ...]:
    """The amounts against which something grows, each with the quarters between."""
    grown = (k for k in plan.cat.of_kind("growth", "cagr") if k.name in plan.computable and not k.of_loss)
    return tuple(dict.fromkeys((k.of, k.lag) for k in grown if k.of))


Parts = tuple[str, str, str, str, str]  # value, low, high, marks, reason of an absence


def _named(kpi: Kpi, plan: Plan, value: str, low: str, high: str, marks: str, reason: str) -> str:
    """A KPI's four columns under the names that fit it, with the reason of an absence where it is wanted."""
    if kpi.name not in plan.stated:
        names = ("x", "l", "u", "m")
        reason = ""
    else:
        names = ("c", "cl", "ch", "cm")
        reason = f",\n  CASE WHEN {reason} ELSE {MISSING} END AS {kpi.name}__r"
    columns = zip((value, low, high, marks), names, strict=True)
    return ",\n  ".join(f"{text} AS {kpi.name}__{n}" for text, n in columns) + reason


def uncomputed_sql(kpi: Kpi, reason: str = str(MISSING)) -> str:
    """The columns of a KPI that can only be stated."""
    columns = ("c", "cl", "ch")
    doubles = ", ".join(f"NULL::DOUBLE AS {kpi.name}__{c}" for c in columns)
    return f"{doubles}, NULL::INTEGER AS {kpi.name}__cm, {reason} AS {kpi.name}__r"


def _ends(low: str, high: str, d: str, lag: int | str = "") -> tuple[str, str]:
    """The ends of the interval of n / d, from n's interval and the reciprocal's of d."""
    a, b = f"{d}a{lag}", f"{d}b{lag}"
    return f"{low} * {a} - abs({low}) * {b}", f"{high} * {a} + abs({high}) * {b}"


def ratio_sql(kpi: Kpi, plan: Plan) -> str:
    """The computed columns of a ratio: absent where the denominator is not above zero."""
    if kpi.name not in plan.computable:
        return uncomputed_sql(kpi)
    n, d = f"{kpi.of}__", f"{kpi.over}__"
    if kpi.parts:
        return _concentration(kpi, plan, d)
    times = f" * {kpi.unit}" if kpi.unit in ("days", "months") else ""
    low, high = _ends(f"({n}x - {n}h)", f"({n}x + {n}h)", d)
    value, reason = f"{n}x / {d}p{times}", f"{n}x IS NOT NULL AND {d}x <= 0 THEN {DENOMINATOR}"
    if plan.cat.kpis[kpi.of or ""].nonnegative:
        value = f"CASE WHEN {n}v IS NOT NULL THEN {value} END"
        reason = f"{n}x IS NOT NULL AND {n}v IS NULL THEN {NEGATIVE_REST} WHEN {reason}"
    return _named(kpi, plan, value, f"({low}){times}", f"({high}){times}", _marks((f"{n}m", f"{d}m")), reason)


def _concentration(kpi: Kpi, plan: Plan, d: str) -> str:
    """The sum of squared shares; a part that could be negative for its rounding alone counts from zero."""
    parts = [f"{p}__" for p in kpi.parts]
    low = " + ".join(f"pow(greatest({n}x - {n}h, 0) * ({d}a - {d}b), 2)" for n in parts)
    high = " + ".join(f"pow((abs({n}x) + {n}h) * ({d}a + {d}b), 2)" for n in parts)
    return _named(
        kpi, plan, " + ".join(f"pow({n}x / {d}p, 2)" for n in parts), low, high,
        _marks(f"{n}m" for n in (*parts, d)),
        f"{' + '.join(f'{n}x' for n in parts)} IS NOT NULL AND {d}x <= 0 THEN {DENOMINATOR}",
    )  # fmt: skip


class _Sides:
    """The columns of an amount or ratio now (`n`) and `lag` quarters earlier (`e`)."""

    def __init__(self, name: str, lag: int) -> None:
        self.name, self.lag = name, lag

    def now(self, column: str) -> str:
        return f"{self.name}__{column}"

    def then(self, column: str) -> str:
        return f"{self.name}__{column}{self.lag}"


def low_base_sql(kpi: Kpi, plan: Plan) -> str:
    """The mark of growth on a small base: an amount under 3 % of the revenue of its own period, whatever its sign."""
    base = plan.cat.kpis[kpi.of or ""]
    if base.unit != "currency" or not {"revenue", base.name} <= plan.sums.keys():
        return "0"
    small = f"abs({base.name}__x{kpi.lag}) < {LOW_BASE_SHARE} * revenue__x{kpi.lag}"
    return f"CASE WHEN {small} THEN {LOW_BASE} ELSE 0 END"


def _growth(kpi: Kpi, plan: Plan) -> Parts:
    s = _Sides(kpi.of or "", kpi.lag)
    x, e = s.now("x"), s.then("x")
    low, high = _ends(f"({x} - {s.now('h')})", f"({x} + {s.now('h')})", f"{kpi.of}__", kpi.lag)
    notes = f"CASE WHEN {x} < 0 THEN {PROFIT_TO_LOSS} ELSE 0 END | {low_base_sql(kpi, plan)}"
    return (
        f"({x} - {e}) / {s.then('p')}", f"{low} - 1", f"{high} - 1",
        f"{_marks((s.now('m'), s.then('m')))} | {notes}", f"{x} IS NOT NULL AND {e} <= 0 THEN {BASE}",
    )  # fmt: skip


def _loss_growth(kpi: Kpi, plan: Plan) -> Parts:
    s = _Sides(kpi.of or "", kpi.lag)
    x, e, h, half = s.now("x"), s.then("x"), s.now("h"), s.then("h")
    both = f"{x} < 0 AND {e} < 0"
    # the base's interval with its sign turned is above zero where its upper end is below
    ends = f"{both} AND {e} + {half} < 0"
    low, high = f"({x} - {h})", f"({x} + {h})"
    narrow, wide = f"({e} + {half})", f"({e} - {half})"
    return (
        f"CASE WHEN {both} THEN ({x} - {e}) / {e} END",
        f"CASE WHEN {ends} THEN least({high} / {narrow}, {high} / {wide}) - 1 END",
        f"CASE WHEN {ends} THEN greatest({low} / {narrow}, {low} / {wide}) - 1 END",
        f"{_marks((s.now('m'), s.then('m')))} | {low_base_sql(kpi, plan)}", f"greatest({x}, {e}) >= 0 AND {x} + {e} IS NOT NULL THEN {LOSSES}",
    )  # fmt: skip


def _change(kpi: Kpi, plan: Plan) -> Parts:
    s = _Sides(kpi.of or "", kpi.lag)
    return (
        f"{s.now('x')} - {s.then('x')}", f"{s.now('l')} - {s.then('u')}", f"{s.now('u')} - {s.then('l')}",
        _marks((s.now("m"), s.then("m"))), f"false THEN {MISSING}",
    )  # fmt: skip


def _cagr(kpi: Kpi, plan: Plan) -> Parts:
    s = _Sides(kpi.of or "", kpi.lag)
    x, e, h = s.now("x"), s.then("x"), s.now("h")
    years, both = f"{kpi.lag / 4}", f"{x} > 0 AND {e} > 0"
    a, b = s.then("a"), s.then("b")
    return (
        f"CASE WHEN {both} THEN pow({x} / {e}, 1 / {years}) - 1 END",
        f"CASE WHEN {both} THEN pow(greatest({x} - {h}, 0) * ({a} - {b}), 1 / {years}) - 1 END",
        f"CASE WHEN {both} THEN pow(({x} + {h}) * ({a} + {b}), 1 / {years}) - 1 END",
        f"{_marks((s.now('m'), s.then('m')))} | {low_base_sql(kpi, plan)}", f"least({x}, {e}) <= 0 AND {x} + {e} IS NOT NULL THEN {BASE}",
    )  # fmt: skip


def _incremental(kpi: Kpi, plan: Plan) -> Parts:
    top, under = _Sides(kpi.of or "", kpi.lag), _Sides(kpi.over or "", kpi.lag)

    def moved(s: _Sides) -> tuple[str, str, str]:
        change, half = f"({s.now('x')} - {s.then('x')})", f"({s.now('h')} + {s.then('h')})"
        return change, f"({change} - {half})", f"({change} + {half})"

    (n, low, high), (d, narrow, wide) = moved(top), moved(under)
    clear = f"CASE WHEN {narrow} > 0 THEN"
    return (
        f"{clear} {n} / {d} END",
        f"{clear} least({low} / {narrow}, {low} / {wide}) END",
        f"{clear} greatest({high} / {narrow}, {high} / {wide}) END",
        _marks(c for s in (top, under) for c in (s.now("m"), s.then("m"))),
        f"{n} IS NOT NULL AND {narrow} <= 0 THEN {DENOMINATOR}",
    )  # fmt: skip


_PAIRS: dict[Kind, Callable[[Kpi, Plan], Parts]] = {
    "growth": _growth,
    "cagr": _cagr,
    "change": _change,
    "incremental": _incremental,
}


def pair_sql(kpi: Kpi, plan: Plan, crossing: int | None = None) -> str:
    """The computed columns of a comparison of a period with an earlier one.

    `crossing` is the number of what may lie between the two: `blocked<crossing>` takes the comparison back,
    `noted<crossing>` marks it.
    """
    if kpi.name not in plan.computable:
        blocked = f"CASE WHEN blocked{crossing} THEN {BLOCKED} ELSE {MISSING} END"
        return uncomputed_sql(kpi, str(MISSING) if crossing is None else blocked)
    value, low, high, marks, reason = (_loss_growth if kpi.of_loss else _PAIRS[kpi.kind])(kpi, plan)
    if crossing is not None:
        blocked, noted = f"blocked{crossing}", f"noted{crossing}"
        value, low, high = (f"CASE WHEN NOT {blocked} THEN {text} END" for text in (value, low, high))
        reason = f"{blocked} THEN {BLOCKED} WHEN {reason}"
        if kpi.kind != "change":  # what an acquisition adds is not growth; a ratio has no such part
            marks = f"{marks} | CASE WHEN {noted} THEN {ACROSS_BREAK} ELSE 0 END"
    return _named(kpi, plan, value, low, high, marks, reason)


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
            f"(concept = {text_sql(c)} AND segment IS NOT DISTINCT FROM {text_sql(s)})" for c, s in measures
        )
        columns += [
            f"list(break_date) FILTER (effect = '{effect}' AND ({among})) AS {effect}{n}"
            for effect in ("block", "annotate")
        ]
    return (
        f"SELECT number, {', '.join(columns)} FROM core.breaks JOIN numbered USING (company) GROUP BY number"
    )


def crossed_sql(crossing: Crossing, effect: str, plan: Plan) -> str:
    """Whether a comparison crosses a break: the earlier period begins before it, the later ends on it or after.

    Of a balance at a day the earlier day lies before it. Where nothing is known of the earlier period, it is
    the one that lies as many months back.
    """
    ends = ("period_end",) if crossing.at_a_day else ("period_start", "period_end")
    then = ", ".join(f"{end}{crossing.lag}" for end in ends)
    since = f"coalesce({then}, {ends[0]} - INTERVAL {3 * crossing.lag} MONTH)"
    inside = f"lambda d: d > {since} AND d <= period_end"
    return f"coalesce(len(list_filter({effect}{_broken(plan)[crossing.measures]}, {inside})), 0) > 0"


def choice_sql(kpi: Kpi, plan: Plan) -> str:
    """Whether the issuer's own figure is the value: the computed interval is wider and contains it."""
    n, c = plan.stated[kpi.name], kpi.name
    inside = f"x{n} BETWEEN {c}__cl - 1e-12 AND {c}__ch + 1e-12"
    return (
        f"x{n} IS NOT NULL AND ({c}__c IS NULL OR {c}__cl IS NULL OR {c}__ch IS NULL "
        f"OR ({c}__ch - {c}__cl > 2 * h{n} AND {inside})) AS {c}__w"
    )


def chosen_sql(kpi: Kpi, plan: Plan, crossing: int | None = None) -> str:
    """The columns of a KPI after the choice between the computed and the stated figure.

    A stated comparison across an annotated break (`noted<crossing>`), or on a small base, is marked as the computed
    one is. A computed figure that the stated one contradicts says so: the rule is `figures.display.contradicts`.
    """
    c = kpi.name
    if c not in plan.stated:
        return ", ".join(f"{c}__{p}" for p in "xlum")
    n = plan.stated[c]
    # what an acquisition adds is not growth; a ratio has no such part
    marked = crossing is not None and kpi.kind != "change"
    noted = f" | CASE WHEN noted{crossing} THEN {ACROSS_BREAK} ELSE 0 END" if marked else ""
    if kpi.kind in ("growth", "cagr"):
        noted += f" | {low_base_sql(kpi, plan)}"
    allowed = f"{3 if kpi.kind == 'change' else 1} * h{n} + 1e-12"
    outside = f"x{n} < {c}__cl - {allowed} OR x{n} > {c}__ch + {allowed}"
    stated = {"x": f"x{n}", "l": f"x{n} - h{n}", "u": f"x{n} + h{n}", "m": f"m{n}{noted}"}
    own = {"x": f"{c}__c", "l": f"{c}__cl", "u": f"{c}__ch"}
    own["m"] = f"{c}__cm | CASE WHEN {outside} THEN {CONTRADICTED} ELSE 0 END"
    merged = [f"CASE WHEN {c}__w THEN {stated[p]} ELSE {own[p]} END AS {c}__{p}" for p in "xlum"]
    return ", ".join([*merged, f"x{n} AS {c}__s", f"{c}__c", f"{c}__w", f"{c}__r"])


def listed_sql(kpis: tuple[Kpi, ...], column: str) -> str:
    """The list of one column over many KPIs, to be unnested."""
    return "[" + ", ".join(f"{k.name}__{column}" for k in kpis) + "]"
