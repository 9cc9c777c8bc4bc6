"""All stated figures and commentary of one document."""

import re
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

from kc_pipeline.concepts import growth_metric
from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.model import Commentary, Definition, Line, Stated
from kc_pipeline.extraction.prose.anchor import Span, read_anchor
from kc_pipeline.extraction.prose.definitions import read_definitions
from kc_pipeline.extraction.prose.figures import Figure, find_figures
from kc_pipeline.extraction.prose.lexicon import Measure, lexicon
from kc_pipeline.extraction.prose.marks import without_marks
from kc_pipeline.extraction.prose.paragraphs import Setting, is_plain, read_sections, sentences
from kc_pipeline.extraction.prose.reading_copy import ReadingCopy, reading_copy
from kc_pipeline.extraction.prose.sentence import SentenceReader
from kc_pipeline.extraction.prose.speech import read_speech
from kc_pipeline.extraction.prose.timing import Reading, distance
from kc_pipeline.extraction.text import VisibleText
from kc_pipeline.figures import agree

MOST_FIGURES = 10_000  # figures of one document's prose that are read; the reader says where there are more
_LONGEST, _MOST = 4_000, 60  # characters and figures: what is longer is a heap of numbers, no sentence
_FALLEN = re.compile(
    r"\b(?:decreas(?:ed?|es|ing)|declin(?:ed?|es|ing)|fell|fallen|falling|dropp?(?:ed|s|ing)?|down|reduc(?:ed?|tion|ing)|"
    r"narrow(?:ed|s|ing)|shr[aiu]nk|contracted|contraction)(?:\s+(?:sharply|slightly|further|significantly|year-over-year))?"
    r"(?:\s+(?:by|of))?(?:\s+(?:a|an|approximately|about|around|nearly|roughly|another|some))?\s*$",
    re.I,
)
# The last letters of all that _FALLEN can end with; other words need no second look.
_FALLEN_END = frozenset("desglnkyfartDESGLNKYFART")
_FLOWS = ("income", "cash_flow")
_LONGEST_NAME = 60
_NO_THOUSANDS = 100_000_000
_SURELY_WHOLE = 1_000_000  # an amount in running text that nobody prints in millions
_IN_UNITS = ("in thousands", "in millions", "of thousands", "of millions", "(000", "'000")


def read_prose(
    visible: VisibleText, title: str, lines: Sequence[Line] = (), calendar: Calendar | None = None
) -> tuple[list[Stated], list[Commentary], list[Definition]]:
    """Return the figures stated in a document's prose, its attributed commentary and its definitions of measures.

    `visible` is the document's running text, `title` its title, `lines` the lines read from its tables
    (they only help to date periods), `calendar` its fiscal calendar, the same that its tables are read by. Values are in whole units with their sign: a figure that the words call
    a loss is negative. Spans are positions in `visible.text`. A figure whose measure is not
    understood has metric None; one whose period is not has no dates.
    """
    copy = reading_copy(visible)
    known = {(line.period_end, line.period_start, line.months) for line in lines if line.period_end}
    flows = [
        x.period_end for x in lines if x.statement in _FLOWS and not x.member and x.months and x.period_end
    ]
    anchor = read_anchor(title, copy.text, known, max(flows, default=None), calendar)
    figures = without_marks(find_figures(copy.text, copy.lower), copy.text)[:MOST_FIGURES]
    grouped: dict[int, list[Figure]] = {}
    for figure in figures:
        index = copy.paragraph_of(figure.start)
        if index is not None:
            grouped.setdefault(index, []).append(figure)
    printed = {h.lower() for line in lines for h in (line.label, *line.section) if len(h) < _LONGEST_NAME}
    businesses = frozenset(h for h in printed if not all(map(is_plain, h.split())))
    sections = read_sections(copy, title, anchor, frozenset(grouped), businesses)
    reader = SentenceReader(anchor, lexicon(), sections.names, businesses)
    currency = _currency(figures, lines)
    stated: list[Stated] = []
    for index, inside in grouped.items():
        start, end = copy.paragraphs[index]
        stated += _paragraph(reader, visible, copy, (start, end), inside, sections.settings[index], currency)
    if _counts_in_units(copy.lower) or any(line.decimals <= -3 for line in lines):
        _drop_unscaled(stated)
    _drop_contradicted(stated)
    return stated, read_speech(copy, visible), read_definitions(visible, copy)


def _counts_in_units(lower: str) -> bool:
    return any(phrase in lower for phrase in _IN_UNITS)


def _drop_unscaled(stated: list[Stated]) -> None:
    """Take the metric from amounts like "$132,891" where the document counts in thousands or millions.

    Nothing then tells thousands from single units, unless the amount is round ("$370,000") or so long
    ("US$208,498,728") that nobody would count it in thousands.
    """
    for item in stated:
        if (
            item.decimals == 0
            and len(item.unit) == 3
            and item.value % 1000
            and abs(item.value) < _NO_THOUSANDS
        ):
            item.metric = item.segment = None


def _drop_contradicted(stated: list[Stated]) -> None:
    """Take the metric from figures of one measure and period that cannot be roundings of one value.

    One of them must be about something else (a business, another basis); prose does not tell which.
    """
    groups: dict[tuple[object, ...], list[Stated]] = {}
    for item in stated:
        if item.metric is not None and item.period_end is not None:
            key = (item.metric, item.segment, item.unit, item.period_end, item.months)
            groups.setdefault(key, []).append(item)
    for items in groups.values():
        if any(not agree(items[0].value, items[0].decimals, x.value, x.decimals) for x in items[1:]):
            for item in items:
                item.metric = item.segment = None


def _paragraph(
    reader: SentenceReader,
    visible: VisibleText,
    copy: ReadingCopy,
    span: tuple[int, int],
    figures: list[Figure],
    setting: Setting,
    currency: str | None,
) -> list[Stated]:
    out: list[Stated] = []
    context = setting.period
    own = reader.anchor.own()
    first = 0
    business = False  # the sentence, or one before it in the paragraph, is about a business of the group
    for start, end in sentences(copy.text, *span):
        if first == len(figures):
            break
        last = first
        while last < len(figures) and figures[last].start < end:
            last += 1
        inside, first = figures[first:last], last
        if not inside or end - start > _LONGEST or len(inside) > _MOST:
            continue
        sentence, printed = copy.text[start:end], visible.text[start:end]
        if not reader.names_a_measure(copy.lower[start:end]):
            out += [_unread(figure, visible, start, printed, currency) for figure in inside]
            continue
        readings = reader.read(sentence, [figure.moved(-start) for figure in inside], context)
        about = reader.names_a_business(printed, understood=readings[0].measure is not None)
        business = about or (business and not reader.names_the_group(printed))
        trusted = setting.group and not business and not reader.forward_looking()
        for reading in readings:
            out.append(_stated(reading, readings, visible, (start, end), trusted, currency))
        context = _carried(readings, context, own)
    return out


def _carried(readings: list[Reading], context: Span | None, own: Span | None) -> Span | None:
    """Return the period that the next sentence of a paragraph is about, if it names none itself."""
    main = [r.period for r in readings if r.explicit and r.role in ("level", "growth", "share")]
    if not main:
        return context
    last = main[-1]
    if last is None or last.months is None:
        return context
    return last if own is None or last.end == own.end else None


def _unread(figure: Figure, visible: VisibleText, start: int, sentence: str, currency: str | None) -> Stated:
    """Return a figure of a sentence that names no measure."""
    value = figure.value
    if _shrank(figure, visible, start, figure.start):
        value = -value
    return Stated(
        None, None, value if value else Decimal(0), figure.unit or currency or "pure", figure.decimals,
        None, None, None, None,
        (figure.start, figure.end), visible.text[figure.start : figure.end], sentence,
        visible.evidence_at(figure.number[0]),
    )  # fmt: skip


def _shrank(figure: Figure, visible: VisibleText, start: int, position: int) -> bool:
    """Return whether the words of a sentence right before an unsigned percentage speak of a fall."""
    if figure.signed or figure.kind not in ("percent", "points"):
        return False
    before = visible.text[max(start, position - 60) : position]
    return before.rstrip()[-1:] in _FALLEN_END and _FALLEN.search(before) is not None


def _stated(
    reading: Reading,
    readings: list[Reading],
    visible: VisibleText,
    sentence: tuple[int, int],
    trusted: bool,
    currency: str | None,
) -> Stated:
    figure, measure = reading.figure, reading.measure
    metric, segment, comparison = None, None, None
    unit = figure.unit or (currency or "pure")
    period = reading.period if measure is not None or reading.explicit else None
    if measure is not None and trusted and not reading.doubtful:
        metric, segment, comparison = named_quarter(reading, readings)
    elif reading.role == "growth":
        comparison = reading.cue
    if reading.role == "share":
        comparison = "share_of"
    value = _signed_value(reading, visible, sentence[0])
    unit = _unit(reading, unit)
    period = _fitting_period(reading, period)
    if figure.kind == "nil" and currency is None:
        metric = segment = None
    if metric is None:
        segment = None
    start, end = figure.start + sentence[0], figure.end + sentence[0]
    return Stated(
        metric=metric,
        segment=segment,
        value=value if value else Decimal(0),
        unit=unit,
        decimals=figure.decimals,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        months=period.months if period else None,
        comparison=comparison,
        span=(start, end),
        text=visible.text[start:end],
        sentence=visible.text[sentence[0] : sentence[1]],
        evidence=visible.evidence_at(figure.number[0] + sentence[0]),
    )


def _signed_value(reading: Reading, visible: VisibleText, start: int) -> Decimal:
    """Return a figure's value with the sign that the words give it: a fall, a loss."""
    figure, measure = reading.figure, reading.measure
    value = figure.value
    if (reading.role == "growth" and reading.direction < 0 and not figure.signed) or (
        reading.role == "unknown" and _shrank(figure, visible, start, start + figure.start)
    ):
        value = -value
    if reading.role in ("level", "base", "again") and measure is not None and not figure.signed:
        loss = reading.sign < 0 or (measure.loss and reading.sign == 0)
        value = -value if loss and reading.share is None else value
    return value


def _unit(reading: Reading, unit: str) -> str:
    """Return the unit of a figure, by what its measure counts or is per."""
    figure, measure = reading.figure, reading.measure
    if measure is not None and measure.kind == "count" and measure.unit and figure.kind == "count":
        unit = measure.unit
    if measure is not None and measure.kind == "per_share" and figure.kind == "amount" and "/" not in unit:
        unit += "/ADS" if _per_ads(measure) else "/share"
    return unit


def _fitting_period(reading: Reading, period: Span | None) -> Span | None:
    """Return the period if it is of the measure's kind: a day for what is stated at one, a duration else."""
    measure = reading.measure
    if measure is not None and period is not None and period.months is None and not measure.instant:
        period = None
    if measure is not None and measure.instant and period is not None and reading.role in ("level", "base"):
        period = Span(None, period.end, None)
    return period


def named_quarter(reading: Reading, readings: list[Reading]) -> tuple[str | None, str | None, str | None]:
    """Return metric, segment and comparison of an understood figure."""
    figure, measure = reading.figure, reading.measure
    assert measure is not None
    if reading.role in ("level", "base"):
        return _leveled(reading, measure)
    if reading.role == "share":
        return reading.share, None, "share_of"
    if reading.role != "growth" or measure.metric is None or figure.signed or not reading.direction:
        return None, None, reading.cue if reading.role == "growth" else None
    return _grown(reading, readings, measure, measure.metric)


def _leveled(reading: Reading, measure: Measure) -> tuple[str | None, str | None, str | None]:
    """Return what a level is one of, where figure and measure are of one kind."""
    figure = reading.figure
    if reading.share is not None:
        return reading.share, None, "share_of"
    fits = {
        "amount": figure.kind == "nil" or (figure.kind == "amount" and _is_whole(figure)),
        "ratio": figure.kind == "percent",
        "per_share": figure.kind == "amount" and figure.scale <= 0,
        "count": figure.kind == "count",
    }[measure.kind]
    if measure.kind == "per_share" and "/" in figure.unit:
        fits = fits and figure.unit.endswith("ADS") == _per_ads(measure)
    return (measure.metric, measure.segment, None) if fits and measure.metric else (None, None, None)


def _grown(
    reading: Reading, readings: list[Reading], measure: Measure, name: str
) -> tuple[str | None, str | None, str | None]:
    """Return the metric of a change, where it is known what is compared."""
    figure = reading.figure
    cue = reading.cue
    if cue is None:
        later = readings[readings.index(reading) + 1 :]
        base = next((r for r in later if r.role in ("base", "growth") and not r.convenience), None)
        if base is not None and base.role == "base" and base.explicit and base.subject == reading.subject:
            if _is_rate(base) and measure.kind != "ratio":
                return (
                    None,
                    None,
                    None,
                )  # "growth was 11%, compared with 3% in the quarter before": of another period
            cue = distance(reading.period, base.period)
    if cue is None:
        cue = _distance_before(reading, readings)
    if cue is None and reading.period is not None and reading.period.months == 12:
        cue = "yoy"  # a year is compared with the year before
    if cue is None:
        return None, None, None
    if measure.kind == "ratio":
        if figure.kind != "points":
            return None, None, None
        return growth_metric(name, measure.segment, f"change_{cue}"), None, f"change_{cue}"
    if figure.kind != "percent" or measure.kind == "per_share" or _negative_base(reading, readings):
        return None, None, cue
    metric = growth_metric(name, measure.segment, cue)
    if metric and "_loss_" in metric and "income" not in metric:
        return None, None, cue  # the growth of an income is no growth of a loss
    return metric, None, cue


def _is_whole(figure: Figure) -> bool:
    """Return whether an amount is no amount per share, and none whose scale word is missing ("RMB85.6")."""
    scaled = figure.scale > 0 or "." not in figure.digits or abs(figure.value) >= _SURELY_WHOLE
    return "/" not in figure.unit and (scaled or "," in figure.digits)


def _is_rate(reading: Reading) -> bool:
    return reading.figure.kind in ("percent", "points")


def _distance_before(reading: Reading, readings: list[Reading]) -> str | None:
    """Return what "A, compared to B a year ago, an increase of 5%" compares: A with B."""
    before = [r for r in readings[: readings.index(reading)] if not r.convenience]
    if len(before) < 2 or before[-1].role != "base" or before[-2].role != "level":
        return None
    level, base = before[-2:]
    if not base.explicit or {level.subject, base.subject} != {reading.subject}:
        return None
    return distance(level.period, base.period)


def _per_ads(measure: Measure) -> bool:
    return measure.unit == "ADS" or "_ads_" in f"{measure.metric}_"


def _negative_base(reading: Reading, readings: list[Reading]) -> bool:
    """Return whether a change is one of a loss: its percentage is then no growth rate."""
    if reading.measure is None or reading.measure.loss:
        return True
    same = [r for r in readings if r.subject == reading.subject and r.role in ("level", "base")]
    return any(r.sign < 0 or r.figure.value < 0 for r in same)


def _currency(figures: list[Figure], lines: Sequence[Line]) -> str | None:
    """Return the currency that the document reports in: the one of most of its amounts in prose."""
    counts = Counter(figure.unit for figure in figures if figure.kind == "amount" and "/" not in figure.unit)
    if not counts:
        counts = Counter(line.unit for line in lines if len(line.unit) == 3)
    return counts.most_common(1)[0][0] if counts else None
