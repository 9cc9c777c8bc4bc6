"""The words of a finding, by the display functions that show figures everywhere else.

SQL gives the numbers; here each detector has a function that makes its sentence of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa

from kc_pipeline.anomalies.drivers import UNDISCLOSED
from kc_pipeline.anomalies.rules import Case
from kc_pipeline.figures.display import kpi_value, moved, remark_words
from kc_pipeline.kpis.labels import label

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
QUARTERS = ("fourth-to-first", "first-to-second", "second-to-third", "third-to-fourth")
COMPARED = {"qoq": "quarter on quarter", "yoy": "year on year"}
ENOUGH_SAID = 10


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: the rule on its metric, the columns that `engine.findings_sql` gives, and its drivers in order."""

    case: Case
    row: dict[str, Any]
    drivers: list[dict[str, Any]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return self.row[name]

    @property
    def label(self) -> str:
        """What a reader calls the metric; a growth that is judged itself is named as one."""
        words = label(self.case.metric)
        for tail, compared in COMPARED.items():
            if self.case.metric.endswith(f"_growth_{tail}"):
                return f"Growth of {inside(words)} {compared}"
        return words

    @property
    def partner_label(self) -> str:
        """What a reader calls the partner, inside a sentence."""
        return inside(label(self.case.partner or ""))

    @property
    def compared(self) -> str:
        """Quarter on quarter, or year on year."""
        return COMPARED[self.case.rule.comparison or "yoy"]

    def value(self, side: str, kpi: str | None = None) -> str:
        """Return a level as it is shown: `n` now, `b` at the base, `pn` and `pb` of the partner."""
        row = self.row
        return kpi_value(
            kpi or self.case.level,
            row[f"{side}_value"],
            row[f"{side}_unit"],
            row[f"{side}_low"],
            row[f"{side}_high"],
        )

    @property
    def deviated(self) -> str:
        """The size of the deviation with how far it is known: ``2.9 points``, ``17.5 %``."""
        return moved(self.judged, self.deviation, self.unit, self.low, self.high)

    @property
    def from_to(self) -> str:
        """Where the level came from and went to; that it is only stated, where it is."""
        if self.n_value is None or self.b_value is None:
            return f" in {self.period}, as stated"
        return f", from {self.value('b')} in {self.base_period} to {self.value('n')} in {self.period}"


def inside(words: str) -> str:
    """Return a label as it stands inside a sentence; an abbreviation keeps its capitals."""
    return words if words[1:2].isupper() or words[1:2] == "&" else words[:1].lower() + words[1:]


def count(number: int) -> str:
    """Return a small number as a word."""
    return NUMBER_WORDS[number] if number < len(NUMBER_WORDS) else str(number)


def _way(f: Finding) -> str:
    return "fell" if f.deviation < 0 else "rose"


def _change(f: Finding) -> str:
    return f"{f.label} {_way(f)} {f.deviated} {f.compared}{f.from_to}"


def _sign(f: Finding) -> str:
    now = kpi_value(f.level, abs(f.n_value), f.n_unit, *_turned(f.n_value, f.n_low, f.n_high))
    base = kpi_value(f.level, abs(f.b_value), f.b_unit, *_turned(f.b_value, f.b_low, f.b_high))
    flows = "cash_flow" in f.level
    good, bad = ("an inflow", "an outflow") if flows else ("a profit", "a loss")
    first, second = (good, bad) if f.n_value < 0 else (bad, good)
    text = f"{f.label} turned from {first} of {base} in {f.base_period} to {second} of {now} in {f.period}"
    if f.case.period_type == "quarter" and f.y_value is not None and f.y_value * f.n_value > 0:
        year = kpi_value(f.level, abs(f.y_value), f.y_unit, *_turned(f.y_value, f.y_low, f.y_high))
        size = "smaller" if abs(f.n_value) < abs(f.y_value) else "larger"
        text += f", {size} than the {second.split()[1]} of {year} a year before"
    if f.case.rule.first:
        text += f", the first among the {f.run + 1} that are known"
    return text


def _turned(
    value: Decimal, low: Decimal | None, high: Decimal | None
) -> tuple[Decimal | None, Decimal | None]:
    if value >= 0 or low is None or high is None:
        return low, high
    return -high, -low


def _outlier(f: Finding) -> str:
    usual = moved(f.judged, f.expected, f.unit, None, None, signed=True)
    return (
        f"{f.label} {'fell' if f.measured < 0 else 'rose'} {moved(f.judged, f.measured, f.unit, None, None)} {f.compared}{f.from_to}; "
        f"the median of the {f.run} earlier changes is {usual}, and this one lies {f.size:.1f} robust standard deviations from it"
    )


def _season(f: Finding) -> str:
    usual = moved(f.judged, f.expected, f.unit, None, None, signed=True)
    did = moved(f.judged, f.observed, f.unit, None, None, signed=True)
    return f"{f.label} changed by {did} {f.compared}{f.from_to}, against {usual} in the median of the same quarters"


def _streak(f: Finding) -> str:
    path = f.from_to if f.case.rule.comparison == "qoq" else ""
    way = "rose" if f.deviation > 0 else "fell"
    return f"{f.label} {way} {f.compared} in each of the {count(f.run)} quarters up to {f.period}{path}"


def _turn(f: Finding) -> str:
    before = "falls" if f.deviation > 0 else "rises"
    return f"{f.label} {_way(f)} {f.deviated} {f.compared}{f.from_to}, after {count(f.run)} {before} in a row"


def _acceleration(f: Finding) -> str:
    now = moved(f.judged, f.observed, f.unit, None, None, signed=True)
    base = moved(f.judged, f.expected, f.unit, None, None, signed=True)
    way = "slowed" if f.deviation < 0 else "picked up"
    return f"Growth of {inside(f.label)} {way} to {now} {f.compared} in {f.period}, from {base} one quarter earlier"


def _level(f: Finding) -> str:
    return f"{f.label} stood at {f.value('n')} in {f.period}"


def _against(f: Finding) -> str:
    return f"{f.label} stood at {f.value('n')} in {f.period}, {f.size * 100:.0f} % of {f.partner_label} of {f.value('pn', f.case.partner)}"


def _divergence(f: Finding) -> str:
    one = moved(f.judged, f.observed, f.unit, None, None, signed=True)
    other = moved(f.judged, f.expected, f.unit, None, None, signed=True)
    return f"{f.label} changed by {one} {f.compared} in {f.period}, {f.partner_label} by {other}"


def _peers(f: Finding) -> str:
    others = kpi_value(f.level, f.expected, f.unit, f.expected, f.expected)
    return f"{f.label} stood at {f.value('n')} in {f.period}, against {others} in the median of {count(f.run)} other companies"


def _contradicted(f: Finding) -> str:
    stated, computed = (kpi_value(f.level, v, f.unit, v, v) for v in (f.observed, f.expected))
    return f"{f.label} of {f.period} is stated as {stated}, while the amounts beside it give {computed}"


def _late(f: Finding) -> str:
    return (
        f"{f.period} became known {f.observed:.0f} days after its end, against {f.expected:.0f} days in the median of the "
        f"same quarter of {count(f.run)} earlier years"
    )


def _dropped(f: Finding) -> str:
    return f"{f.label} is not told of {f.period}, after {count(f.run)} periods in a row in which it was"


SENTENCES: dict[str, Callable[[Finding], str]] = {
    "change": _change,
    "sign": _sign,
    "outlier": _outlier,
    "season": _season,
    "streak": _streak,
    "turn": _turn,
    "acceleration": _acceleration,
    "level": _level,
    "against": _against,
    "divergence": _divergence,
    "peers": _peers,
    "contradicted": _contradicted,
    "late": _late,
    "dropped": _dropped,
}


def _seasonal(f: Finding) -> str:
    if f.seasonality is None:
        return ""
    step = QUARTERS[f.position % 4]
    years = f.known_years
    if not years:
        return f"; no earlier {step}-quarter change is known to judge the season by"
    known = "earlier year that is known" if years == 1 else "earlier years that are known"
    kpi = f.case.seasonal or ""
    growth = "_growth_" in kpi
    changes = ", ".join(f"{x['v'] * 100:+.1f}" for x in f.years)
    of = "" if kpi == f.judged else f" of {inside(label(kpi))}"
    word = "fall" if f.deviation < 0 else "rise"
    verdict = {
        "seasonal": f"so the {word} is seasonal",
        "counter_seasonal": f"so the {word} is counter-seasonal",
        "no_clear_season": "which shows no clear season",
        "too_little_history": "too few to judge the season",
    }[f.seasonality]
    return f"; in the {count(years)} {known} the {step}-quarter change{of} was {changes} {'%' if growth else 'points'}, {verdict}"


def _counterpart(f: Finding) -> str:
    if f.counterpart_change is None or f.deviation >= 0:
        return ""
    outside = f.counterpart_change - f.deviation
    if outside < -f.deviation / 2:
        return ""
    changed = moved(f.judged, f.counterpart_change, f.unit, None, None, signed=True)
    return (
        f" The adjusted measure changed by {changed}, so {moved(f.judged, outside, f.unit, None, None)} of the fall "
        "lie in what the adjustment leaves out."
    )


def _remarks(f: Finding) -> str:
    both = [f.remark, f.base_remark if f.case.judged == f.case.level else None]
    words = dict.fromkeys(w for r in both if r for w in remark_words(r).split(", "))
    return f" To be known: {', '.join(words)}." if words else ""


def leading(f: Finding) -> dict[str, Any] | None:
    """Return the driver that moved the figure most in the direction it went; None where no cause can be named."""
    if not f.drivers or not f.drivers[0]["disclosed"]:
        return None
    along = [d for d in f.drivers if d["driver"] != UNDISCLOSED and d["contribution"] * d["total"] > 0]
    return max(along, key=lambda d: abs(d["contribution"]), default=None)


MOST_DRIVERS = 4


def _drivers(f: Finding) -> str:
    kpi = f.judged
    named = [d for d in f.drivers if d["driver"] != UNDISCLOSED]
    if not named:
        return ""
    rest = next(d for d in f.drivers if d["driver"] == UNDISCLOSED)

    def shown(value: Decimal) -> str:
        return moved(kpi, value, f.unit, None, None, signed=True)

    if leading(f) is None:
        open_, whole = shown(rest["contribution"]), shown(rest["total"])
        left = "" if open_ == whole else f": the lines that are known leave {open_} of {whole} open"
        return f" What moved it is not disclosed{left}."
    parts = []
    for d in named[:MOST_DRIVERS]:
        once = f" (not told of {f.base_period})" if d["told_once"] else ""
        parts.append(f"{inside(label(d['driver']))} {shown(d['contribution'])}{once}")
    left = rest["contribution"] + sum((d["contribution"] for d in named[MOST_DRIVERS:]), Decimal(0))
    other = "undisclosed" if len(named) <= MOST_DRIVERS else "other lines and undisclosed"
    if shown(left).lstrip("+-").split()[0] not in ("0.0", "CNY 0"):
        parts.append(f"{other} {shown(left)}")
    return f" Of {shown(rest['total'])}: {'; '.join(parts)}."


SAID = {
    "anomaly_id": pa.string(),
    "company": pa.string(),
    "period": pa.string(),
    "metric": pa.string(),
    "theme": pa.string(),
    "tone": pa.string(),
    "story_id": pa.string(),
    "severity": pa.string(),
    "unit": pa.string(),
    "history": pa.string(),
    "expected_low": pa.decimal128(38, 10),
    "expected_high": pa.decimal128(38, 10),
    "headline": pa.string(),
    "driver": pa.string(),
    "explanation": pa.string(),
    "root": pa.bool_(),
    "place_in_catalogue": pa.int32(),
}
"""The columns that Python adds to a finding."""


def explain(f: Finding, severity: str) -> dict[str, Any]:
    """Return what Python adds to a finding: its words, its story, the range that would have been usual."""
    rule = f.case.rule
    detector = rule.detector
    headline = SENTENCES[detector](f)
    text = headline + _seasonal(f) + "." + _drivers(f) + _counterpart(f) + _remarks(f)
    lead = leading(f)
    usual = (
        None if f.usual_middle is None else (f.usual_middle - f.usual_reach, f.usual_middle + f.usual_reach)
    )
    held = detector in ("change",)
    start = float(f.expected) if held and f.expected is not None else 0.0
    return {
        "anomaly_id": f.anomaly_id,
        "company": f.company,
        "period": f.period,
        "metric": f.case.metric,
        "theme": rule.theme,
        "tone": rule.tone,
        "story_id": f"{f.company}/{f.period}/{f.case.metric if rule.by_metric else rule.theme}",
        "severity": severity,
        "unit": f.unit,
        "history": ", ".join(f"{_period(x['p'])} {x['v'] * 100:+.1f}" for x in f.years) if f.years else None,
        "expected_low": None if usual is None else _decimal(start + usual[0]),
        "expected_high": None if usual is None else _decimal(start + usual[1]),
        "headline": headline + (", counter-seasonal" if f.seasonality == "counter_seasonal" else ""),
        "driver": None if lead is None else lead["driver"],
        "explanation": text,
        "place_in_catalogue": f.case_id,
    }


def _period(position: int) -> str:
    return f"{position // 4}Q{position % 4 + 1}"


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value)).quantize(Decimal("0.0000000001"))
