"""The KPI rules once more, in plain Python over exact fractions: what the engine is held against.

Nothing here is taken from the engine: only the declared catalogue (names, terms, lags, kinds of period) is shared.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path

from kc_pipeline.config import following, load_companies
from kc_pipeline.figures import Period
from kc_pipeline.kpis import Catalogue, Kpi, catalogue
from kc_pipeline.kpis.catalogue import Term
from kc_pipeline_tests.kpis.warehouse import Fact, flow_start

with following([load_companies(Path(__file__).resolve().parents[2] / "data" / "companies.toml")["KC"]]):
    BUNDLED = catalogue()
KINDS = ("quarter", "half", "nine_months", "year", "ttm")
MONTHS = {"quarter": 3, "half": 6, "nine_months": 9, "year": 12, "ttm": 12}
EVIDENCE = ("original", "copy", "call", "third_party")


@dataclass(frozen=True)
class Figure:
    """A value with its interval and what it rests on."""

    value: Fraction
    low: Fraction | None
    high: Fraction | None
    evidence: int = 0
    known: date = date.min
    derived: bool = False


@dataclass(frozen=True)
class Break:
    """A day from which a measure is not the same."""

    concept: str
    segment: str | None
    day: date


@dataclass(frozen=True)
class Absent:
    """Why there is no value."""

    reason: str


def position(label: str) -> int:
    """Return the place of a quarter in the calendar: 2025Q1 is one before 2025Q2."""
    return int(label[:4]) * 4 + int(label[5]) - 1


def label_of(kind: str, at: int) -> str:
    """Return the label of a period that ends with this fiscal quarter."""
    year, quarter = divmod(at, 4)
    return {
        "quarter": f"{year}Q{quarter + 1}", "half": f"{year}H{(quarter + 1) // 2}", "nine_months": f"{year}9M",
        "year": f"{year}FY", "ttm": f"{year}Q{quarter + 1}-TTM",
    }[kind]  # fmt: skip


def ends_with(kind: str, at: int) -> bool:
    """Return whether a period of this kind ends with this fiscal quarter."""
    quarter = at % 4 + 1
    return {"half": quarter in (2, 4), "nine_months": quarter == 3, "year": quarter == 4}.get(kind, True)


def _figure(fact: Fact) -> Figure:
    value, half = Fraction(fact.value), Fraction(1, 2) * Fraction(10) ** -fact.decimals
    known = fact.known_at or fact.period_end + timedelta(days=50)
    return Figure(
        value, value - half, value + half, EVIDENCE.index(fact.evidence), known, fact.origin == "derived"
    )


def _rank(fact: Fact) -> tuple[bool, date, int, int]:
    known = fact.known_at or fact.period_end + timedelta(days=50)
    return fact.origin != "derived", known, -EVIDENCE.index(fact.evidence), fact.decimals


def _with(value: Fraction, low: Fraction | None, high: Fraction | None, *parts: Figure) -> Figure:
    return Figure(
        value, low, high, max(p.evidence for p in parts), max(p.known for p in parts),
        any(p.derived for p in parts),
    )  # fmt: skip


def _ends(top: Figure, bottom: Figure) -> tuple[Fraction, Fraction] | tuple[None, None]:
    assert top.low is not None
    assert top.high is not None
    assert bottom.low is not None
    assert bottom.high is not None
    if bottom.low <= 0:
        return None, None
    corners = [t / b for t in (top.low, top.high) for b in (bottom.low, bottom.high)]
    return min(corners), max(corners)


def negative(figure: Figure) -> Figure:
    """Return the figure with its sign turned."""
    assert figure.low is not None
    assert figure.high is not None
    return replace(figure, value=-figure.value, low=-figure.high, high=-figure.low)


def _root(ratio: Fraction, years: int) -> Fraction:
    if ratio == 0:
        return Fraction(0)
    with localcontext() as context:
        context.prec = 40
        value = Decimal(ratio.numerator) / Decimal(ratio.denominator)
        return Fraction((value.ln() / years).exp())


def _half(figure: Figure) -> Fraction:
    assert figure.low is not None
    assert figure.high is not None
    return (figure.high - figure.low) / 2


class Oracle:
    """KPIs of one company."""

    def __init__(
        self,
        facts: Iterable[Fact],
        fiscal_year_end_month: int = 12,
        breaks: Iterable[Break] = (),
        declared: Catalogue = BUNDLED,
        company: str = "KC",
    ) -> None:
        self.kpis, self.instants, self.company = declared.kpis, declared.instants, company
        self.aliases = {alias: k.name for k in declared.kpis.values() for alias in k.stated_as}
        best: dict[tuple[object, ...], Fact] = {}
        self.breaks = list(breaks)
        self.ends: dict[int, date] = {}
        for fact in facts:
            if fact.scope != "consolidated":
                continue
            at = position(Period(None, fact.period_end).label(fiscal_year_end_month))
            kind = next((k for k in KINDS[:4] if MONTHS[k] == fact.months), "quarter")
            if not ends_with(kind, at):
                continue
            if fact.unit == "pure" and fact.concept in self.aliases:
                key: tuple[object, ...] = ("stated", self.aliases[fact.concept], kind, at)
                if fact.months is None and ends_with("year", at):
                    best.setdefault(("stated", self.aliases[fact.concept], "year", at), fact)
            elif (fact.concept in self.instants) == (fact.months is None):
                key = (fact.concept, fact.segment, fact.counterparty, kind, at)
            else:
                continue
            self.ends[at] = fact.period_end
            if key not in best or _rank(fact) > _rank(best[key]):
                best[key] = fact
        self.cells = {key: _figure(fact) for key, fact in best.items()}

    def cell(self, term: Term, kind: str, at: int) -> Figure | None:
        """Return one input of a period."""
        if term.company is not None and term.company != self.company:
            return None
        if term.concept in self.instants:
            return self.cells.get((*term.measure, "quarter", at))
        if kind != "ttm":
            return self.cells.get((*term.measure, kind, at))
        quarters = [self.cells.get((*term.measure, "quarter", at - n)) for n in range(4)]
        known = [q for q in quarters if q is not None]
        if len(known) < 4 or self._cut(term, at):
            return None
        return replace(_added([(1, q) for q in known]), derived=True)

    def _cut(self, term: Term, at: int) -> bool:
        """Return whether a break lies inside the twelve months that end there."""
        if term.concept in self.instants or at not in self.ends:
            return False
        start, end = flow_start(self.ends[at], 12), self.ends[at]
        return any(start < b.day <= end and (b.concept, b.segment, None) == term.measure for b in self.breaks)

    def amount(self, kpi: Kpi, kind: str, at: int) -> Figure | None:
        """Return a declared sum."""
        for terms in kpi.alternatives:
            parts = [(t.weight, self.cell(t, kind, at)) for t in terms]
            known = [(w, p) for w, p in parts if p is not None]
            if len(known) == len(parts):
                total = _added(known)
                return replace(total, derived=True) if len(known) > 1 else total
        return None

    def _no_rest(self, kpi: Kpi, kind: str, at: int) -> bool:
        """Return whether an amount is what parts leave of a whole, below zero, and cannot be."""
        figure = self.amount(kpi, kind, at)
        if not kpi.nonnegative or figure is None or figure.value >= 0:
            return False
        met = [
            terms for terms in kpi.alternatives
            if all(self.cell(t, kind, at) is not None for t in terms)
        ]  # fmt: skip
        return len(met[0]) > 1

    def _measure(self, kpi: Kpi, kind: str, at: int) -> int:
        """Return which alternative an amount, or the amount above a ratio, is made of, where they differ; else 0."""
        if kpi.kind == "ratio":
            return (
                0 if self.stands(kpi, kind, at) or not kpi.of else self._measure(self.kpis[kpi.of], kind, at)
            )
        if not kpi.alternatives_differ:
            return 0
        met = [
            i for i, terms in enumerate(kpi.alternatives)
            if all(self.cell(t, kind, at) is not None for t in terms)
        ]  # fmt: skip
        return met[0] if met else 0

    def _other_measure(self, kpi: Kpi, kind: str, at: int) -> bool:
        base = self.kpis[kpi.of or ""]
        return self._measure(base, kind, at) != self._measure(base, kind, at - kpi.lag)

    def _crossed(self, kpi: Kpi, kind: str, at: int) -> bool:
        parts = [kpi, *(self.kpis[n] for n in (kpi.of, kpi.over) if n)]
        parts += [self.kpis[n] for p in parts[1:] for n in (p.of, p.over, *p.parts) if n]
        measures = {t.measure for p in parts for terms in p.alternatives for t in terms}
        measures |= {(alias, None, None) for p in parts for alias in p.stated_as}
        end, earlier = self.ends[at], month_end(self.ends[at], -3 * kpi.lag)
        instant = self.kpis[kpi.of or ""].instant
        since = earlier if instant else flow_start(earlier, MONTHS[kind])
        return any(since < b.day <= end for b in self.breaks if (b.concept, b.segment, None) in measures)

    def computed(self, kpi: Kpi, kind: str, at: int) -> Figure | Absent:
        """Return what comes of the declared formula."""
        found = self._formula(kpi, kind, at)
        if kind != "ttm" or found != Absent("missing_input"):
            return found
        amounts = (
            [kpi] if kpi.kind == "amount" else [self.kpis[n] for n in (kpi.of, kpi.over, *kpi.parts) if n]
        )
        terms = [t for a in amounts for t in (a.alternatives[0] if a.alternatives else ())]
        cut = any(self._cut(t, at - lag) for t in terms for lag in {0, kpi.lag})
        return Absent("blocked_by_break") if cut else found

    def _formula(self, kpi: Kpi, kind: str, at: int) -> Figure | Absent:
        if kpi.kind in ("amount", "ratio") and self._no_rest(self.kpis[kpi.of] if kpi.of else kpi, kind, at):
            return Absent("negative_rest")
        if kpi.kind == "amount":
            return self.amount(kpi, kind, at) or Absent("missing_input")
        assert kpi.of
        if kpi.kind == "change":
            return self._change(kpi, kind, at)
        own = self.kpis[kpi.of]
        top = self.amount(own, kind, at)
        if kpi.kind == "ratio":
            return self._ratio(kpi, kind, at, top)
        if top is not None and self._crossed(kpi, kind, at):
            return Absent("blocked_by_break")
        then = self.amount(own, kind, at - kpi.lag)
        if top is not None and then is not None and self._other_measure(kpi, kind, at):
            return Absent("other_measure")
        if kpi.kind == "incremental":
            return self._incremental(kpi, kind, at, top, then)
        if top is None or then is None:
            return Absent("missing_input")
        if kpi.of_loss:
            if max(top.value, then.value) >= 0:
                return Absent("not_both_losses")
            top, then = negative(top), negative(then)
        if then.value <= 0 or (kpi.kind == "cagr" and top.value <= 0):
            return Absent("nonpositive_base")
        low, high = _ends(top, then)
        value = top.value / then.value
        if kpi.kind == "cagr":
            value = _root(value, kpi.lag // 4)
            low = None if low is None else _root(max(low, Fraction(0)), kpi.lag // 4)
            high = None if high is None else _root(high, kpi.lag // 4)
        return _with(
            value - 1, None if low is None else low - 1, None if high is None else high - 1, top, then
        )

    def _ratio(self, kpi: Kpi, kind: str, at: int, top: Figure | None) -> Figure | Absent:
        under = self.amount(self.kpis[kpi.over or ""], kind, at)
        parts = [self.amount(self.kpis[p], kind, at) for p in kpi.parts]
        known = [p for p in parts if p is not None]
        if top is not None and under is not None and under.value <= 0:
            return Absent("nonpositive_denominator")
        if top is None or under is None:
            return Absent("missing_input")
        if parts:
            return self._concentration(known, under)
        low, high = _ends(top, under)
        times = 1
        if kpi.unit == "months":
            times = MONTHS[kind]
        if kpi.unit == "days":
            times = (self.ends[at] - flow_start(self.ends[at], MONTHS[kind])).days + 1
        scaled = [None if x is None else x * times for x in (low, high)]
        return _with(top.value / under.value * times, scaled[0], scaled[1], top, under)

    def _concentration(self, parts: list[Figure], whole: Figure) -> Figure | Absent:
        """Parts that are not known are nil, if those that are add up to the whole within their rounding."""
        allowed = sum((_half(p) for p in (*parts, whole)), Fraction(0))
        if not parts or abs(sum((p.value for p in parts), Fraction(0)) - whole.value) > allowed:
            return Absent("missing_input")
        value = sum((p.value**2 for p in parts), Fraction(0)) / whole.value**2
        if whole.low is None or whole.high is None or whole.low <= 0:
            return _with(value, None, None, *parts, whole)
        low = high = Fraction(0)
        for p in parts:
            assert p.low is not None
            assert p.high is not None
            low += (max(p.low, Fraction(0)) / whole.high) ** 2
            high += (max(abs(p.low), abs(p.high)) / whole.low) ** 2
        return _with(value, low, high, *parts, whole)

    def _incremental(
        self, kpi: Kpi, kind: str, at: int, top: Figure | None, then: Figure | None
    ) -> Figure | Absent:
        over = self.kpis[kpi.over or ""]
        below, earlier = self.amount(over, kind, at), self.amount(over, kind, at - kpi.lag)
        if top is None or then is None or below is None or earlier is None:
            return Absent("missing_input")
        rise, change = _added([(1, top), (-1, then)]), _added([(1, below), (-1, earlier)])
        if change.low is None or change.low <= 0:
            return Absent("nonpositive_denominator")
        low, high = _ends(rise, change)
        return _with(rise.value / change.value, low, high, rise, change)

    def _change(self, kpi: Kpi, kind: str, at: int) -> Figure | Absent:
        base = self.kpis[kpi.of or ""]
        now, then = self.value(base, kind, at), self.value(base, kind, at - kpi.lag)
        if isinstance(now, Figure) and self._crossed(kpi, kind, at):
            return Absent("blocked_by_break")
        if isinstance(now, Absent) or isinstance(then, Absent):
            return Absent("missing_input")
        if self._other_measure(kpi, kind, at):
            return Absent("other_measure")
        low = None if now.low is None or then.high is None else now.low - then.high
        high = None if now.high is None or then.low is None else now.high - then.low
        return _with(now.value - then.value, low, high, now, then)

    def value(self, kpi: Kpi, kind: str, at: int) -> Figure | Absent:
        """Return the value: the computed one, or the issuer's own where that is finer and agrees."""
        own, stated = self.computed(kpi, kind, at), self.cells.get(("stated", kpi.name, kind, at))
        if stated is None:
            return own
        if isinstance(own, Absent) or own.low is None or own.high is None:
            return stated
        assert stated.high is not None
        assert stated.low is not None
        wider = own.high - own.low > stated.high - stated.low
        return stated if wider and own.low <= stated.value <= own.high else own

    def stands(self, kpi: Kpi, kind: str, at: int) -> bool:
        """Return whether the value is the issuer's own."""
        stated = self.cells.get(("stated", kpi.name, kind, at))
        return stated is not None and self.value(kpi, kind, at) is stated


def month_end(day: date, months: int) -> date:
    """Return the last day of the month that many months later."""
    zero_based = day.year * 12 + day.month + months
    return date(zero_based // 12, zero_based % 12 + 1, 1) - timedelta(days=1)


def _added(parts: list[tuple[int, Figure]]) -> Figure:
    value = sum((w * p.value for w, p in parts), Fraction(0))
    half = sum((p.high - p.value for _, p in parts if p.high is not None), Fraction(0))
    return _with(value, value - half, value + half, *(p for _, p in parts))


def close(a: Decimal | None, b: Fraction | None) -> bool:
    """Equal to nine digits after the point, or to fourteen significant ones."""
    if a is None or b is None:
        return a is None and b is None
    return abs(Fraction(a) - b) <= max(Fraction(1, 10**9), abs(b) / 10**14)
