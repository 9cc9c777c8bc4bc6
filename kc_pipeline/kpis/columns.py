"""The columns of amounts and ratios in the engine's statement, one group per KPI, as SQL.

* an input `n`: `v{n}` exact value, `x{n}` the same as DOUBLE, `h{n}` half a unit of its last digit, `m{n}` its
  marks;
* an amount: `__v` exact, `__x` DOUBLE, `__h` half width of its interval, `__m`, and, where it divides, `__p` the
  value where it is above zero, `__a` and `__b` middle and half width of the interval of its reciprocal, null
  where its own interval reaches zero;
* a ratio: `__x` with the interval `__l` to `__u`, and `__m`; where the issuer can state it, these
  are first `__c`, `__cl`, `__ch`, `__cm`, then the choice between computed and stated, and beside it `__s`
  (stated), `__w` (whether the stated one is the value) and `__r` (why nothing is computed).

They end in lists, one place per KPI (`amount_lists`, `ratio_lists`), from which comparisons and rows are made.

Marks are one integer: the day on which a figure was known, and bits. The marks of a derived figure are the
latest day and the union of the bits of its inputs: the greater integer, or the bits of both.

The ends of a quotient are numerator x middle -+ |numerator| x half width: exact corners without a branch.
"""

from collections.abc import Iterable

from kc_pipeline.kpis.catalogue import Kpi, Term
from kc_pipeline.kpis.plan import COMPARISONS, Plan
from kc_pipeline.schema import AMOUNT

# Bits of marks: 0-2 weakness of the evidence (0 original, 1 copy, 3 call, 7 third party).
DERIVED, SUSPECT, LOW_BASE, PROFIT_TO_LOSS, ACROSS_BREAK, CONTRADICTED = 8, 16, 32, 64, 128, 256
# Which alternative an amount is made of, where they are different measures: 0, 1 or 2 above these bits.
_ALTERNATIVE = 512
ALTERNATIVES = 3 * _ALTERNATIVE
_KNOWN_BITS = 11
_BITS = (1 << _KNOWN_BITS) - 1
LOW_BASE_SHARE = "0.03"

REASONS = (
    "", "missing_input", "nonpositive_base", "nonpositive_denominator", "not_both_losses", "blocked_by_break",
    "negative_rest", "other_measure",
)  # fmt: skip
MISSING, BASE, DENOMINATOR, LOSSES, BLOCKED, NEGATIVE_REST, OTHER_MEASURE = range(1, 8)

# What stands beside a row of which nothing can be stated.
UNSTATED = ", NULL::DOUBLE AS stated, value AS computed, false AS use_stated, 0 AS reason"


def known_sql(marks: str) -> str:
    """Return SQL for the day on which a figure with these marks was known."""
    return f"(DATE '1970-01-01' + ({marks} >> {_KNOWN_BITS}))"


def input_columns(number: int, side: str = "") -> str:
    """The names of one input's columns, of one side of a join where told."""
    return ", ".join(f"{side}{c}{number}" for c in "vxhm")


def unpacked_sql() -> dict[str, str]:
    """The lists `x`, `h` and `m` of a cell's figures, from the lists `v` of their values and `r` of their ranks."""
    half = "0.5 * pow(10.0, 64 - ((k >> 34) & 127)) * (((k >> 27) & 63) / 10)"
    marks = (
        f"((((k >> 43) & 524287) << {_KNOWN_BITS}) + (1 << (3 - ((k >> 41) & 3))) - 1 "
        f"+ {DERIVED} * (1 - (k >> 62)) + {SUSPECT} * (1 - ((k >> 33) & 1)))::INTEGER"
    )
    # the average of one decimal is its DOUBLE, correctly rounded, and ten times faster than a cast
    texts = {"x": ("v", "list_avg([k])"), "h": ("r", half), "m": ("r", marks)}
    return {name: f"list_transform({of}, lambda k: {text})" for name, (of, text) in texts.items()}


def marks_sql(parts: Iterable[str], more: int = 0) -> str:
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
    """Columns of a trailing-twelve-months row from quarters a (newest) to d.

    All four must be known, and no break that blocks may lie between them: `t` has the days, see `breaks.blocked_sql`.
    """
    out = []
    for sought, n in plan.numbers.items():
        if sought[0][0] in plan.cat.instants:
            out.append(input_columns(n, "a."))
            continue
        sums = [" + ".join(f"{q}.{c}{n}" for q in "abcd") for c in "vxh"]
        sums.append(marks_sql([f"{q}.m{n}" for q in "abcd"], DERIVED))
        if sought in plan.breaking:
            inside = f"len(list_filter(t.b{n}, lambda day: day > d.period_start AND day <= a.period_end))"
            sums = [f"CASE WHEN coalesce({inside}, 0) = 0 THEN {text} END" for text in sums]
        out.append(", ".join(sums))
    out += ["NULL, NULL, NULL, NULL" for _ in plan.stated]
    return ",\n  ".join(out)


def _sum(terms: tuple[Term, ...], plan: Plan) -> tuple[str, str, str, str]:
    ids = [(plan.numbers[t.input], t.weight) for t in terms]
    value, double = (
        "".join(f" {'+' if w > 0 else '-'} {c}{n}" for n, w in ids).removeprefix(" + ").strip() for c in "vx"
    )
    marks = marks_sql([f"m{n}" for n, _ in ids], DERIVED if len(ids) > 1 else 0)
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
    if kpi.alternatives_differ:
        others[-1] = [
            f"({m}) | {kpi.alternatives.index(terms) * _ALTERNATIVE}"
            for m, terms in zip(others[-1], plan.sums[kpi.name], strict=True)
        ]
    chosen = [f"coalesce({', '.join(p)})" if len(sums) > 1 else p[0] for p in (value, *others)]
    return ", ".join(f"{text} AS {kpi.name}__{c}" for text, c in zip(chosen, "vxhm", strict=True))


def reciprocal_sql(x: str, h: str) -> tuple[str, str]:
    """Middle and half width of the interval of 1 / x; null where x's own interval reaches zero."""
    upper, lower = f"1 / CASE WHEN {x} > {h} THEN {x} - {h} END", f"1 / ({x} + {h})"
    return f"(({upper} + {lower}) / 2)", f"(({upper} - {lower}) / 2)"


def divisor_sql(name: str) -> str:
    """An amount as far as something can be divided by it: itself above zero, and its reciprocal's interval."""
    x, h = f"{name}__x", f"{name}__h"
    middle, half = reciprocal_sql(x, h)
    return f"CASE WHEN {x} > 0 THEN {x} END AS {name}__p, {middle} AS {name}__a, {half} AS {name}__b"


def quotient_ends_sql(low: str, high: str, middle: str, half: str) -> tuple[str, str]:
    """The ends of the interval of n / d, from n's interval and the reciprocal's of d."""
    return f"{low} * {middle} - abs({low}) * {half}", f"{high} * {middle} + abs({high}) * {half}"


def divisors(plan: Plan, *, compared: bool = False) -> tuple[str, ...]:
    """The amounts that stand below a ratio; `compared`: also those below a growth rate."""
    ratios = (k.over for k in plan.cat.of_kind("ratio") if k.name in plan.computable)
    growth = (k.of for k in plan.cat.of_kind("growth", "cagr") if compared and k.name in plan.computable)
    return tuple(dict.fromkeys(name for name in (*ratios, *growth) if name))


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


def uncomputed_sql(kpi: Kpi) -> str:
    """The columns of a KPI that can only be stated."""
    columns = ("c", "cl", "ch")
    doubles = ", ".join(f"NULL::DOUBLE AS {kpi.name}__{c}" for c in columns)
    return f"{doubles}, NULL::INTEGER AS {kpi.name}__cm, {MISSING} AS {kpi.name}__r"


def ratio_sql(kpi: Kpi, plan: Plan) -> str:
    """The computed columns of a ratio: absent where the denominator is not above zero."""
    if kpi.name not in plan.computable:
        return uncomputed_sql(kpi)
    n, d = f"{kpi.of}__", f"{kpi.over}__"
    if kpi.parts:
        return _concentration(kpi, plan, d)
    times = f" * {kpi.unit}" if kpi.unit in ("days", "months") else ""
    low, high = quotient_ends_sql(f"({n}x - {n}h)", f"({n}x + {n}h)", f"{d}a", f"{d}b")
    value, reason = f"{n}x / {d}p{times}", f"{n}x IS NOT NULL AND {d}x <= 0 THEN {DENOMINATOR}"
    if plan.cat.kpis[kpi.of or ""].nonnegative:
        value = f"CASE WHEN {n}v IS NOT NULL THEN {value} END"
        reason = f"{n}x IS NOT NULL AND {n}v IS NULL THEN {NEGATIVE_REST} WHEN {reason}"
    return _named(
        kpi, plan, value, f"({low}){times}", f"({high}){times}", marks_sql((f"{n}m", f"{d}m")), reason
    )


def _concentration(kpi: Kpi, plan: Plan, d: str) -> str:
    """The sum of squared shares, where the known parts add up to the whole within their rounding.

    So a part that is not known is nil, and a list of parts that is another company's proves nothing. A part that could
    be negative for its rounding alone counts from zero.
    """
    parts = [f"{p}__" for p in kpi.parts if p in plan.sums]
    x, h = ({n: f"coalesce({n}{c}, 0)" for n in parts} for c in "xh")
    low = " + ".join(f"pow(greatest({x[n]} - {h[n]}, 0) * ({d}a - {d}b), 2)" for n in parts)
    high = " + ".join(f"pow((abs({x[n]}) + {h[n]}) * ({d}a + {d}b), 2)" for n in parts)
    whole = f"abs({' + '.join(x.values())} - {d}x) <= {' + '.join(h.values())} + {d}h"
    squares = " + ".join(f"pow({x[n]} / {d}p, 2)" for n in parts)
    return _named(
        kpi, plan, f"CASE WHEN {whole} THEN {squares} END", f"CASE WHEN {whole} THEN {low} END",
        f"CASE WHEN {whole} THEN {high} END", marks_sql([*(f"coalesce({n}m, 0)" for n in parts), f"{d}m"]),
        f"{whole} AND {d}x <= 0 THEN {DENOMINATOR}",
    )  # fmt: skip


def choice_sql(s: str, half: str, value: str, low: str, high: str) -> str:
    """Whether the issuer's own figure is the value: the computed interval is wider and contains it."""
    return (
        f"{s} IS NOT NULL AND ({value} IS NULL OR {low} IS NULL OR {high} IS NULL "
        f"OR ({high} - {low} > 2 * {half} AND {s} BETWEEN {low} - 1e-12 AND {high} + 1e-12))"
    )


def contradiction_sql(s: str, half: str, low: str, high: str, times: int = 1) -> str:
    """The mark of a computed figure that the stated one contradicts; the rule is `figures.display.contradicts`."""
    allowed = f"({times} * {half} + 1e-12)"
    return f"CASE WHEN {s} < {low} - {allowed} OR {s} > {high} + {allowed} THEN {CONTRADICTED} ELSE 0 END"


def chosen_sql(kpi: Kpi, plan: Plan) -> str:
    """Whether the stated figure of a ratio is its value."""
    n, c = plan.stated[kpi.name], kpi.name
    return f"{choice_sql(f'x{n}', f'h{n}', f'{c}__c', f'{c}__cl', f'{c}__ch')} AS {c}__w"


def _merged(kpi: Kpi, plan: Plan) -> dict[str, str]:
    """Value, interval and marks of a ratio after the choice between the computed and the stated figure."""
    c = kpi.name
    if c not in plan.stated:
        return {p: f"{c}__{p}" for p in "xlum"}
    n = plan.stated[c]
    stated = {"x": f"x{n}", "l": f"x{n} - h{n}", "u": f"x{n} + h{n}", "m": f"m{n}"}
    own = {"x": f"{c}__c", "l": f"{c}__cl", "u": f"{c}__ch"}
    own["m"] = f"{c}__cm | {contradiction_sql(f'x{n}', f'h{n}', f'{c}__cl', f'{c}__ch')}"
    return {p: f"CASE WHEN {c}__w THEN {stated[p]} ELSE {own[p]} END" for p in "xlum"}


def _list(texts: Iterable[str], kind: str) -> str:
    return f"[{', '.join(texts)}]::{kind}[]"


def amount_lists(plan: Plan) -> dict[str, str]:
    """The amounts of a cell as lists, by name: `v` (exact), `x`, `h`, `m`."""
    names = [k.name for k in plan.kept("amount")]
    kinds = {"v": AMOUNT, "x": "DOUBLE", "h": "DOUBLE", "m": "INTEGER"}
    return {c: _list((f"{n}__{c}" for n in names), kind) for c, kind in kinds.items()}


def ratio_lists(plan: Plan) -> dict[str, str]:
    """The ratios of a cell as lists: `rx`, `rl`, `ru`, `rm`; of those that can be stated `rs`, `rc`, `rw`, `rr`."""
    kpis = stated_first(plan.kept("ratio"), plan)
    merged = [_merged(k, plan) for k in kpis]
    kinds = {"x": "DOUBLE", "l": "DOUBLE", "u": "DOUBLE", "m": "INTEGER"}
    out = {f"r{c}": _list((m[c] for m in merged), kind) for c, kind in kinds.items()}
    own = [k.name for k in kpis if k.name in plan.stated]
    if own:
        out["rs"] = _list((f"x{plan.stated[n]}" for n in own), "DOUBLE")
        kinds = {"c": "DOUBLE", "w": "BOOLEAN", "r": "INTEGER"}
        out |= {f"r{c}": _list((f"{n}__{c}" for n in own), kind) for c, kind in kinds.items()}
    return out


def stated_comparisons(plan: Plan) -> tuple[Kpi, ...]:
    """The comparisons that the issuer states somewhere."""
    return tuple(k for k in plan.kept(*COMPARISONS) if k.name in plan.stated)


def comparison_lists(plan: Plan) -> dict[str, str]:
    """The issuer's own figures of comparisons as lists: `sx`, `sh`, `sm`."""
    numbers = [plan.stated[k.name] for k in stated_comparisons(plan)]
    kinds = {"x": "DOUBLE", "h": "DOUBLE", "m": "INTEGER"}
    return {f"s{c}": _list((f"{c}{n}" for n in numbers), kind) for c, kind in kinds.items()}


def stated_first(kpis: tuple[Kpi, ...], plan: Plan) -> tuple[Kpi, ...]:
    """The KPIs in the order of their lists: those that can be stated before the others."""
    return tuple(sorted(kpis, key=lambda k: k.name not in plan.stated))
