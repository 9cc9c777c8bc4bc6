"""The KPI rules once more, in plain Python over Decimals: what the engine is held against."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from kc_pipeline.figures import Period
from kc_pipeline.kpis import Kpi, catalogue
from kc_pipeline_tests.kpis.warehouse import Fact

KPIS = catalogue().kpis
INSTANTS = catalogue().instants


@dataclass(frozen=True)
class Figure:
    value: Fraction
    low: Fraction | None
    high: Fraction | None


def position(label: str) -> int:
    return int(label[:4]) * 4 + int(label[5]) - 1


class Oracle:
    """KPIs of one company whose facts are quarters (flows of three months, balances, stated ratios)."""

    def __init__(self, facts: list[Fact], fiscal_year_end_month: int = 12) -> None:
        self.cells: dict[tuple[str, str | None, int], Figure] = {}
        self.stated: dict[tuple[str, int], Figure] = {}
        names = {alias: k.name for k in KPIS.values() for alias in k.stated_as}
        for fact in facts:
            at = position(Period(None, fact.period_end).label(fiscal_year_end_month))
            half = Fraction(1, 2) * Fraction(10) ** -fact.decimals
            figure = Figure(Fraction(fact.value), Fraction(fact.value) - half, Fraction(fact.value) + half)
            if fact.unit == "pure" and fact.concept in names:
                self.stated[names[fact.concept], at] = figure
            elif (fact.concept in INSTANTS) == (fact.months is None) and fact.months in (None, 3):
                self.cells[fact.concept, fact.segment, at] = figure

    def amount(self, kpi: Kpi, at: int) -> Figure | None:
        for terms in kpi.alternatives:
            parts = [(t.weight, self.cells.get((t.concept, t.segment, at))) for t in terms]
            if all(p is not None for _, p in parts):
                value = sum((w * p.value for w, p in parts if p), Fraction(0))
                half = sum((p.high - p.value for _, p in parts if p and p.high is not None), Fraction(0))
                return Figure(value, value - half, value + half)
        return None

    def computed(self, kpi: Kpi, at: int) -> Figure | None:
        if kpi.kind == "amount":
            return self.amount(kpi, at)
        assert kpi.of
        if kpi.kind == "change":
            now, then = self.value(KPIS[kpi.of], at), self.value(KPIS[kpi.of], at - kpi.lag)
            if now is None or then is None:
                return None
            low = None if now.low is None or then.high is None else now.low - then.high
            high = None if now.high is None or then.low is None else now.high - then.low
            return Figure(now.value - then.value, low, high)
        top = self.amount(KPIS[kpi.of], at)
        bottom = self.amount(KPIS[kpi.over], at) if kpi.over else self.amount(KPIS[kpi.of], at - kpi.lag)
        if top and bottom and kpi.of_loss:
            top, bottom = negative(top), negative(bottom)
        if top is None or bottom is None or bottom.value <= 0 or (kpi.of_loss and top.value <= 0):
            return None
        less = 1 if kpi.kind == "growth" else 0
        low = high = None
        assert bottom.low is not None
        assert bottom.high is not None
        assert top.low is not None
        assert top.high is not None
        if bottom.low > 0:
            corners = [t / b for t in (top.low, top.high) for b in (bottom.low, bottom.high)]
            low, high = min(corners) - less, max(corners) - less
        return Figure(top.value / bottom.value - less, low, high)

    def value(self, kpi: Kpi, at: int) -> Figure | None:
        own, stated = self.computed(kpi, at), self.stated.get((kpi.name, at))
        if stated is None or own is None:
            return own or stated
        if own.low is None or own.high is None:
            return stated
        assert stated.high is not None
        assert stated.low is not None
        wider = own.high - own.low > stated.high - stated.low
        return stated if wider and own.low <= stated.value <= own.high else own


def negative(figure: Figure) -> Figure:
    assert figure.low is not None
    assert figure.high is not None
    return Figure(-figure.value, -figure.high, -figure.low)


def close(a: Decimal | None, b: Fraction | None) -> bool:
    """Equal to nine digits after the point, or to fifteen significant ones."""
    if a is None or b is None:
        return a is None and b is None
    return abs(Fraction(a) - b) <= max(Fraction(1, 10**9), abs(b) / 10**14)
