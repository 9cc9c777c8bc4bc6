"""Figures to sentences: level, US$ figure, period, growth, comparatives; one evidence per span."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from .numerals import MONEY, amount, count, percent, points
from .reference import Evidence, Row
from .statements import LONG_MONTHS, attributes
from .wording import Item, Style

ORDINALS = ("first", "second", "third", "fourth")


@dataclass(frozen=True)
class Clause:
    """A piece of a sentence around at most one figure; `{^1}` in the text is a footnote mark."""

    text: str
    row: Row | None = None
    figure: str = ""


Sentence = list[Clause]


def long_day(value: date) -> str:
    """`March 31, 2025`."""
    return f"{LONG_MONTHS[value.month - 1]} {value.day}, {value.year}"


MONTHS_WORDS = {"quarter": "three months", "half": "six months", "nine_months": "nine months", "year": "year"}


def period_words(row: Row, dated: bool = False) -> str:
    """The period by its own name: `in the first quarter of 2025`, `as of March 31, 2025`.

    `dated` names it by its last day, `for the year ended December 31, 2024`, as reports do.
    """
    year = row.period_end.year
    if dated and row.period_type in MONTHS_WORDS:
        return f"for the {MONTHS_WORDS[row.period_type]} ended {long_day(row.period_end)}"
    match row.period_type:
        case "instant":
            return f"as of {long_day(row.period_end)}"
        case "quarter":
            return f"in the {ORDINALS[row.period_end.month // 3 - 1]} quarter of {year}"
        case "half":
            return f"in the {'first' if row.period_end.month == 6 else 'second'} half of {year}"
        case "nine_months":
            return f"in the first nine months of {year}"
        case "year":
            return f"in fiscal year {year}"
    raise ValueError(f"record {row.line}: unknown period type {row.period_type}")


def _comparative_words(row: Row, end: date) -> str:
    if row.period_type == "quarter" and (row.period_end.year, row.period_end.month) == (
        end.year - 1,
        end.month,
    ):
        return f"in the same quarter of {row.period_end.year}"
    return period_words(row)


def sentences(
    item: Item, rows: Sequence[Row], end: date, period_type: str, style: Style, tabled: set[Row]
) -> list[Sentence]:
    """All sentences of one subject for one period (its last day and kind) and the comparatives with it.

    A level that a table holds is said again for a headline, or where one of the others needs it.
    """
    same = [
        r
        for r in rows
        if (r.concept, r.segment) == (item.concept, item.segment) and r.period_type == period_type
    ]
    now = sorted((r for r in same if r.period_end == end), key=lambda r: r.unit != "RMB")
    before = sorted((r for r in same if r.period_end < end), key=lambda r: r.period_end)
    moves = [
        r
        for name in item.changes
        for r in rows
        if (r.concept, r.segment) == (name, item.segment)
        and r.period_type == period_type
        and r.period_end == end
    ]
    level = now if item.headline or any(r not in tabled for r in now) else []
    if not (level or moves or any(r not in tabled for r in before)):
        return []
    if not (level or moves):
        return [[_level(item, r, style), Clause(f" {period_words(r, style.dated)}.")] for r in before]
    falls = now[0].value < 0 if now else any("loss" in r.concept for r in moves)
    out: Sentence = []
    if level:
        out.append(_level(item, level[0], style))
        out += [_translation(r, item, style) for r in level[1:]]
        out.append(Clause(f" {period_words(level[0], style.dated)}"))
    else:
        words = period_words(moves[0], style.dated)
        out.append(Clause(f"{words[0].upper()}{words[1:]}, {_lower(_name(item, falls, style))}"))
    waiting = list(before)
    for position, move in enumerate(moves):
        lead = ("," if level else "") if position == 0 else " and"
        out.append(_move(move, lead))
        base = next((r for r in waiting if r.period_end == _base(move)), None)
        if base is not None and (not item.loss or (base.value < 0) == falls):
            waiting.remove(base)
            out.append(
                Clause(f" from {_figure(base, style)} {_comparative_words(base, end)}", base, _bare(base))
            )
    for position, row in enumerate(waiting):
        lead = ", compared with " if position == 0 else " and "
        noun = f"{_lower(_name(item, row.value < 0, Style(style.measure)))} of " if item.loss else ""
        out.append(
            Clause(f"{lead}{noun}{_value(item, row, style)} {_comparative_words(row, end)}", row, _bare(row))
        )
    out.append(Clause("."))
    return [out]


def _name(item: Item, negative: bool, style: Style) -> str:
    name = item.loss if item.loss and negative else item.name
    mark = style.marks.get(item.concept, "")
    return f"{name}{{^{mark}}}" if mark else name


def _lower(name: str) -> str:
    """The name inside a sentence; abbreviations and `Non-GAAP` keep their capital."""
    first = name.split(" ", 1)[0]
    return name if first != first.capitalize() or first.startswith("Non") else name[0].lower() + name[1:]


def _level(item: Item, row: Row, style: Style) -> Clause:
    name = _name(item, row.value < 0, style)
    return Clause(f"{name} {item.verb} {_value(item, row, style)}{item.tail}", row, _bare(row))


def _value(item: Item, row: Row, style: Style) -> str:
    """The figure with its sign: in the noun, as a minus, or as the word `negative`."""
    if row.value >= 0 or item.loss:
        return _figure(row, style)
    return _figure(row, style, minus=True) if style.minus else f"negative {_figure(row, style)}"


def _figure(row: Row, style: Style, minus: bool = False) -> str:
    if row.unit == "percent":
        return percent(row, minus)
    if row.unit in ("shares", "ADS", "count"):
        return count(row)
    return amount(row, style.gap if row.unit == "RMB" else "", minus)


def _bare(row: Row) -> str:
    """The digits alone, as they stand in the sentence."""
    words = _figure(row, Style("")) if row.unit != "percentage_points" else points(row)
    match = re.search(r"\d[\d,]*(\.\d+)?", words)
    return match.group() if match else words


def _translation(row: Row, item: Item, style: Style) -> Clause:
    words = _value(item, row, style)
    if item.concept == "revenues" and not item.segment and style.dollar_mark:
        digits = _bare(row)
        match style.dollar_mark:
            case "before":
                words = words.replace("US$", "US${^1}")
            case "after":
                words = words.replace(digits, digits + "{^1}")
            case "brackets":
                words = words.replace(digits, digits + "{^[1]}")
    return Clause(f" ({words})", row, _bare(row))


def _move(row: Row, lead: str) -> Clause:
    verb = "decreased" if row.value < 0 else "increased"
    if row.unit in MONEY:
        size = amount(row)
    elif row.unit == "percentage_points" and not _of_an_amount(row.concept):
        size = points(row)
    else:
        size = percent(row)
    rhythm = "quarter-over-quarter" if row.concept.endswith("_qoq") else "year-over-year"
    digits = re.search(r"\d[\d,]*(\.\d+)?", size)
    return Clause(f"{lead} {verb} by {size} {rhythm}", row, digits.group() if digits else size)


def _of_an_amount(metric: str) -> bool:
    """Whether a change metric is an amount's: its change is a percentage though it is kept in points."""
    stem = metric.rsplit("_change_", 1)[0]
    return not stem.endswith(("margin", "share"))


def _base(move: Row) -> date:
    """Last day of the period that a growth metric compares with."""
    end = move.period_end
    if move.concept.endswith("_qoq"):
        return date(end.year, end.month - 2, 1) - timedelta(days=1)
    return date(end.year - 1, end.month, end.day)


def render(clauses: Iterable[Clause], tag: str = "p") -> str:
    """The HTML of one paragraph: neighbouring clauses of one source share a span, or the whole paragraph."""
    groups: list[tuple[Evidence | None, str]] = []
    for clause in clauses:
        evidence = clause.row.evidence if clause.row else None
        if groups and (evidence in (None, groups[-1][0]) or groups[-1][0] is None):
            groups[-1] = (groups[-1][0] or evidence, groups[-1][1] + clause.text)
        else:
            groups.append((evidence, clause.text))
    if len(groups) == 1:
        evidence, text = groups[0]
        return f"<{tag}{attributes(evidence) if evidence else ''}>{marked(text)}</{tag}>"
    spans = "".join(f"<span{attributes(e) if e else ''}>{marked(t)}</span>" for e, t in groups)
    return f"<{tag}>{spans}</{tag}>"


def marked(text: str) -> str:
    """Escaped text with its footnote marks as superscripts."""
    return re.sub(r"\{\^([^}]+)\}", r"<sup>\1</sup>", escape(text, quote=False))
