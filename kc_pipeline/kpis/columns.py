"""The columns of the engine's statement, one group per KPI, as SQL.

* an input `n`: `v{n}` exact value, `x{n}` the same as DOUBLE, `h{n}` half a unit of its last digit, `k{n}` the
  day it was known, `e{n}` its marks;
* an amount: `__v` exact, `__x` DOUBLE, its interval `__l` to `__u`, and, where it divides, `__a` and `__b`: middle
  and half width of the interval of its reciprocal, null where its own interval reaches zero;
* a ratio or a comparison: `__c` computed with the interval `__cl` to `__ch`, `__ck`, `__ce`, and after the
  choice between computed and stated `__x __l __u __k __e`; where it can be stated also `__s` (stated), `__w`
  (whether the stated one is the value) and `__r` (the reason where nothing is computed).

The ends of a quotient are numerator x middle -+ |numerator| x half width: exact corners without a branch.
"""

from collections.abc import Callable

from kc_pipeline.kpis.catalogue import Kind, Kpi, Term
from kc_pipeline.kpis.plan import Plan

# Marks of a figure, one bit each so that the marks of a derived figure are the union of its inputs':
# bits 0-2 weakness of the evidence (0 original, 1 copy, 3 call, 7 third party), 8 derived, 16 suspect.
DERIVED, SUSPECT = 8, 16
LOW_BASE = "0.03"

REASONS = ("", "missing_input", "nonpositive_base", "nonpositive_denominator", "not_both_losses")


def input_columns(number: int, side: str = "") -> str:
    """The names of one input's columns, of one side of a join where told."""
    return ", ".join(f"{side}{c}{number}" for c in "vxhke")


def unpacked_sql(number: int) -> str:
    """The columns of one input from its pivoted value and rank."""
    value, rank = f'"{number}_v"', f'"{number}_m"'
    return (
        f"{value} AS v{number}, {value}::DOUBLE AS x{number}, "
        f"0.5 * pow(10.0, 64 - (({rank} >> 34) & 127)) AS h{number}, "
        f"CAST(({rank} >> 43) & 524287 AS INTEGER) AS k{number}, "
        f"CAST((1 << (3 - (({rank} >> 41) & 3))) - 1 + {DERIVED} * (1 - ({rank} >> 62)) "
        f"+ {SUSPECT} * (({rank} >> 33) & 1) AS UTINYINT) AS e{number}"
    )


def trailing_sql(plan: Plan) -> str:
    """Columns of a trailing-twelve-months row from quarters a (newest) to d; all four must be known."""
    out = []
    for (concept, _), n in plan.numbers.items():
        if concept in plan.cat.instants:
            out.append(", ".join(f"a.{c}{n}" for c in "vxhke"))
        else:
            sums = [" + ".join(f"{q}.{c}{n}" for q in "abcd") for c in "vxh"]
            known = ", ".join(f"{q}.k{n}" for q in "abcd")
            marks = " | ".join(f"{q}.e{n}" for q in "abcd")
            out.append(f"{', '.join(sums)}, greatest({known}), {marks} | {DERIVED}::UTINYINT")
    out += ["NULL, NULL, NULL, NULL, NULL" for _ in plan.stated]
    return ",\n  ".join(out)


def _sum(terms: tuple[Term, ...], numbers: dict[tuple[str, str | None], int]) -> tuple[str, ...]:
    ids = [(numbers[t.concept, t.segment], t.weight) for t in terms]

    def weighted(column: str) -> str:
        text = "".join(f" {'+' if w > 0 else '-'} {column}{n}" for n, w in ids)
        return text.removeprefix(" + ").strip()

    half = " + ".join(f"h{n}" for n, _ in ids)
    known = f"greatest({', '.join(f'k{n}' for n, _ in ids)})" if len(ids) > 1 else f"k{ids[0][0]}"
    marks = " | ".join(f"e{n}" for n, _ in ids) + (f" | {DERIVED}::UTINYINT" if len(ids) > 1 else "")
    return weighted("v"), weighted("x"), half, known, marks


def amount_sql(kpi: Kpi, plan: Plan) -> str:
    """The columns of an amount: its first alternative whose inputs are all known."""
    sums = [_sum(terms, plan.numbers) for terms in plan.sums[kpi.name]]
    if len(sums) == 1:
        parts = list(sums[0])
    else:
        parts = [
            "CASE " + " ".join(f"WHEN ({s[1]}) IS NOT NULL THEN {s[i]}" for s in sums) + " END"
            for i in range(5)
        ]
    return ", ".join(f"{part} AS {kpi.name}__{c}" for part, c in zip(parts, "vxhke", strict=True))


def divisors(plan: Plan) -> frozenset[str]:
    """The amounts that something is divided by: denominators of ratios and bases of growth."""
    over = {k.over for k in plan.cat.of_kind("ratio") if k.name in plan.computable}
    bases = {k.of for k in plan.cat.of_kind("growth", "cagr") if k.name in plan.computable and not k.of_loss}
    return frozenset(name for name in over | bases if name)


def bounds_sql(kpi: Kpi, divides: bool) -> str:
    """The interval of an amount and of its reciprocal, as expressions over its first columns."""
    x, h = f"{kpi.name}__x", f"{kpi.name}__h"
    interval = f"{x} - {h} AS {kpi.name}__l, {x} + {h} AS {kpi.name}__u"
    if not divides:
        return interval
    low, high = f"1 / ({x} - {h})", f"1 / ({x} + {h})"
    return (
        f"{interval}, CASE WHEN {x} > {h} THEN ({low} + {high}) / 2 END AS {kpi.name}__a, "
        f"CASE WHEN {x} > {h} THEN ({low} - {high}) / 2 END AS {kpi.name}__b"
    )


def amount_columns(kpi: Kpi, divides: bool) -> str:
    """The names of an amount's columns after its bounds."""
    return ", ".join(f"{kpi.name}__{c}" for c in ("vxhkeluab" if divides else "vxhkelu"))


def _uncomputed(name: str) -> str:
    return (
        f"NULL::DOUBLE AS {name}__c, NULL::DOUBLE AS {name}__cl, NULL::DOUBLE AS {name}__ch, "
        f"NULL::INTEGER AS {name}__ck, NULL::UTINYINT AS {name}__ce"
    )


def _reason(kpi: Kpi, plan: Plan, text: str) -> str:
    """The reason where nothing is computed, wanted only where a stated figure may stand alone."""
    if kpi.name not in plan.stated:
        return ""
    return f",\n  CASE WHEN {text} ELSE 1 END AS {kpi.name}__r"


def _ends(n: str, d: str) -> tuple[str, str]:
    """The ends of the interval of n / d, from the interval of n and the reciprocal's of d."""
    return (
        f"{n}l * {d}a - abs({n}l) * {d}b",
        f"{n}u * {d}a + abs({n}u) * {d}b",
    )


def ratio_sql(kpi: Kpi, plan: Plan) -> str:
    """The computed columns of a ratio: absent where the denominator is not above zero."""
    if kpi.name not in plan.computable:
        return _uncomputed(kpi.name) + f", 1 AS {kpi.name}__r"
    n, d = f"{kpi.of}__", f"{kpi.over}__"
    times = f" * {kpi.unit}" if kpi.unit in ("days", "months") else ""
    low, high = _ends(n, d)
    return (
        f"CASE WHEN {d}x > 0 THEN {n}x / {d}x END{times} AS {kpi.name}__c,\n"
        f"  ({low}){times} AS {kpi.name}__cl, ({high}){times} AS {kpi.name}__ch,\n"
        f"  greatest({n}k, {d}k) AS {kpi.name}__ck, {n}e | {d}e AS {kpi.name}__ce"
        + _reason(kpi, plan, f"{n}x IS NOT NULL AND {d}x <= 0 THEN 3")
    )


def _pair(kpi: Kpi) -> tuple[str, str]:
    return f"c.{kpi.of}__", f"p{kpi.lag}.{kpi.of}__"


def _marks(kpi: Kpi, *sides: str) -> str:
    known, marks = ", ".join(f"{s}k" for s in sides), " | ".join(f"{s}e" for s in sides)
    return f"greatest({known}) AS {kpi.name}__ck, {marks} AS {kpi.name}__ce"


def _growth(kpi: Kpi, plan: Plan) -> str:
    c, p = _pair(kpi)
    base = f"{LOW_BASE} * p{kpi.lag}.revenue__x" if "revenue" in plan.sums else "NULL"
    low, high = _ends(c, p)
    return (
        f"CASE WHEN {p}x > 0 THEN ({c}x - {p}x) / {p}x END AS {kpi.name}__c,\n"
        f"  {low} - 1 AS {kpi.name}__cl, {high} - 1 AS {kpi.name}__ch,\n"
        f"  {_marks(kpi, c, p)},\n"
        f"  CASE WHEN {p}x < {base} THEN 1 ELSE 0 END + CASE WHEN {p}x > 0 AND {c}x < 0 THEN 2 ELSE 0 END"
        f" AS {kpi.name}__n" + _reason(kpi, plan, f"{c}x IS NOT NULL AND {p}x <= 0 THEN 2")
    )


def _loss_growth(kpi: Kpi, plan: Plan) -> str:
    c, p = _pair(kpi)
    both = f"{c}x < 0 AND {p}x < 0"
    # the base's interval with its sign turned: from -u to -l, above zero where u is below
    ends = f"{both} AND {p}u < 0"
    return (
        f"CASE WHEN {both} THEN ({c}x - {p}x) / {p}x END AS {kpi.name}__c,\n"
        f"  CASE WHEN {ends} THEN least({c}u / {p}u, {c}u / {p}l) - 1 END AS {kpi.name}__cl,\n"
        f"  CASE WHEN {ends} THEN greatest({c}l / {p}u, {c}l / {p}l) - 1 END AS {kpi.name}__ch,\n"
        f"  {_marks(kpi, c, p)}, 0 AS {kpi.name}__n"
        + _reason(kpi, plan, f"greatest({c}x, {p}x) >= 0 AND {c}x + {p}x IS NOT NULL THEN 4")
    )


def _change(kpi: Kpi, plan: Plan) -> str:
    c, p = _pair(kpi)
    return (
        f"{c}x - {p}x AS {kpi.name}__c, {c}l - {p}u AS {kpi.name}__cl, {c}u - {p}l AS {kpi.name}__ch,\n"
        f"  {_marks(kpi, c, p)}, 0 AS {kpi.name}__n" + _reason(kpi, plan, "false THEN 1")
    )


def _cagr(kpi: Kpi, plan: Plan) -> str:
    c, p = _pair(kpi)
    years, both = f"{kpi.lag / 4}", f"{c}x > 0 AND {p}x > 0"
    return (
        f"CASE WHEN {both} THEN pow({c}x / {p}x, 1 / {years}) - 1 END AS {kpi.name}__c,\n"
        f"  CASE WHEN {both} THEN pow(greatest({c}l, 0) * ({p}a - {p}b), 1 / {years}) - 1 END AS {kpi.name}__cl,\n"
        f"  CASE WHEN {both} THEN pow({c}u * ({p}a + {p}b), 1 / {years}) - 1 END AS {kpi.name}__ch,\n"
        f"  {_marks(kpi, c, p)}, 0 AS {kpi.name}__n"
        + _reason(kpi, plan, f"least({c}x, {p}x) <= 0 AND {c}x + {p}x IS NOT NULL THEN 2")
    )


def _incremental(kpi: Kpi, plan: Plan) -> str:
    (cn, pn), (cd, pd) = _pair(kpi), (f"c.{kpi.over}__", f"p{kpi.lag}.{kpi.over}__")
    narrow, wide = f"({cd}l - {pd}u)", f"({cd}u - {pd}l)"
    low, high = f"({cn}l - {pn}u)", f"({cn}u - {pn}l)"
    clear = f"CASE WHEN {narrow} > 0 THEN"
    return (
        f"{clear} ({cn}x - {pn}x) / ({cd}x - {pd}x) END AS {kpi.name}__c,\n"
        f"  {clear} least({low} / {narrow}, {low} / {wide}) END AS {kpi.name}__cl,\n"
        f"  {clear} greatest({high} / {narrow}, {high} / {wide}) END AS {kpi.name}__ch,\n"
        f"  {_marks(kpi, cn, pn, cd, pd)}, 0 AS {kpi.name}__n"
        + _reason(kpi, plan, f"{cn}x + {pn}x IS NOT NULL AND {cd}l - {pd}u <= 0 THEN 3")
    )


_PAIRS: dict[Kind, Callable[[Kpi, Plan], str]] = {
    "growth": _growth,
    "cagr": _cagr,
    "change": _change,
    "incremental": _incremental,
}


def pair_sql(kpi: Kpi, plan: Plan) -> str:
    """The computed columns of a comparison of a period (c) with an earlier one (p1, p4, p12)."""
    if kpi.name not in plan.computable:
        return _uncomputed(kpi.name) + f", 0 AS {kpi.name}__n, 1 AS {kpi.name}__r"
    return _loss_growth(kpi, plan) if kpi.of_loss else _PAIRS[kpi.kind](kpi, plan)


def choice_sql(kpi: Kpi, plan: Plan) -> str:
    """Whether the issuer's own figure is the value: the computed interval is wider and contains it."""
    n, c = plan.stated[kpi.name], kpi.name
    inside = f"x{n} BETWEEN {c}__cl - 1e-12 AND {c}__ch + 1e-12"
    return (
        f"x{n} IS NOT NULL AND ({c}__c IS NULL OR {c}__cl IS NULL OR {c}__ch IS NULL "
        f"OR ({c}__ch - {c}__cl > 2 * h{n} AND {inside})) AS {c}__w"
    )


def chosen_sql(kpi: Kpi, plan: Plan) -> str:
    """The columns of a KPI after the choice between the computed and the stated figure."""
    c = kpi.name
    if c not in plan.stated:
        return ", ".join(f"{c}__{own} AS {c}__{p}" for p, own in _OWN.items())
    n = plan.stated[c]
    stated = {"x": f"x{n}", "l": f"x{n} - h{n}", "u": f"x{n} + h{n}", "k": f"k{n}", "e": f"e{n}"}
    merged = [f"CASE WHEN {c}__w THEN {stated[p]} ELSE {c}__{own} END AS {c}__{p}" for p, own in _OWN.items()]
    return ", ".join([*merged, f"x{n} AS {c}__s", f"{c}__c", f"{c}__w", f"{c}__r"])


_OWN = {"x": "c", "l": "cl", "u": "ch", "k": "ck", "e": "ce"}


def listed_sql(kpis: tuple[Kpi, ...], column: str) -> str:
    """The list of one column over many KPIs, to be unnested."""
    return "[" + ", ".join(f"{k.name}__{column}" for k in kpis) + "]"
