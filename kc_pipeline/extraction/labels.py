"""Figures inside the row labels of a balance sheet: par values, share counts, allowances.

"Common stock, $0.01 par value; 2,250 shares authorized; 1,651 and 1,645 shares issued" states seven figures of
two dates. A figure right behind an opening bracket, a hyphen or an en dash has the negative sign that it prints,
as every line has; where it becomes a fact, the concept's positive meaning turns it (concepts.signs).
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.markup import evidence_of
from kc_pipeline.extraction.model import Line
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reading import TableReading
from kc_pipeline.extraction.row_labels import clean_label
from kc_pipeline.extraction.rows import ReadRow
from kc_pipeline.extraction.table_units import Document, TableUnits, allowed, sign_allows
from kc_pipeline.extraction.verdicts import Clue, weigh_currency
from kc_pipeline.figures import IN_LABEL

_DATE_IN_LABEL = re.compile(
    r"(?:\b(?:as\s+of|as\s+at|at|on)\s+)?(?:each\s+of\s+|both\s+)?"
    r"((?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?\s+\d{1,2},\s+(?:19|20)\d\d|\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.?\s+(?:19|20)\d\d"
    r"|\d{1,2}/\d{1,2}/\d{2,4})"
)
_YEAR_MARK = re.compile(
    r"\b((?:19|20)\d\d)\b(?=\s*[:–—-]|\s+and\s+(?:19|20)\d\d|\s*\)|\s*$|\s*,\s*respectively|\s*;)"
    r"|(?<=\bin\s)((?:19|20)\d\d)\b(?![\d,.])|\b((?:19|20)\d\d)\b(?=,\s+[$€£]\s?\d)"
)
_ROLE_ENDS = re.compile(  # "5,000 shares authorized 300 shares issued", "100 and 90 shares issued and 80 and 70 outstanding"
    r"(\d\s+(?:\w+\s+)?shares\s+(?:authori[sz]ed|issued|outstanding)(?:\s+and\s+outstanding)?)\s+(?:and\s+)?(?=\d)",
    re.I,
)
_ROLE_BEGINS = re.compile(  # "5,000 shares Issued - 300 shares": a line of its own, its break lost
    r"(\d\s+shares),?\s+(?=(?:Issued|Outstanding|Authori[sz]ed)\b)"
    r"|(\d\)?|[\ue000-\ue0ff])\s+(?=(?i:issued|outstanding|authorized)\s*(?i:shares)?\s*:)"
)
_ASIDE = re.compile(r"\(((?:net\s+of|less|including|excluding)\s+[^()]*\btreasury\b[^()]*)\)", re.I)
_NOTE = re.compile(r"\(?\b(?:see\s+)?notes?\s+\d+[\w, &and]*\)?", re.I)
_CLASSES = re.compile(r"\((?:Class|Series|of which)[^()]*\)", re.I)
_PAR = re.compile(
    r"(?P<pre>(?<!without\s)\bpar\s+(?:or\s+stated\s+)?value(?:\s+of|\s+per\s+share)?|stated\s+value(?:\s+of)?|nominal\s+value(?:\s+of)?|of)?\s*(?P<open>\(\s*)?"
    r"(?P<cur>US\$|RMB|HK\$|NT\$|[$€£¥])?\s*(?P<num>\d*\.\d+|\d+(?![\d,])|\bno\b)\s*(?P<post>(?:per\s+share\s+)?(?:par|stated|nominal)\s+value|per\s+share)?(?:\s+per\s+share)?",
    re.I,
)
_NUMBER = re.compile(
    r"(?P<before>[(–-]\s*)?(?P<cur>US\$|RMB|HK\$|NT\$|[$€£¥])?\s?(?<![\w.,/])(?P<num>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?![\w%/]|,\d|\.\d)"
    r"(?:\s*(?P<scale>million|billion|thousand)\b)?|\b(?P<none>none|nil|zero|no)\b(?=\s+(?:shares?|issued|outstanding)|\s*[;,).]|\s*$|\s+and\b)",
    re.I,
)
_ANY_NUMBER = re.compile(r"\d|\b(?:none|nil|zero|no)\b", re.I)
_ROLE = re.compile(r"\b(authori[sz]ed|issued|outstanding|held|in\s+treasury|treasury\s+shares)\b", re.I)
_TREASURY = re.compile(r"treasury|held|\b(?:re-?purchased|reacquired)\b", re.I)
_SHARES = re.compile(r"\bshares?\b|\bADSs?\b|\bstock\b", re.I)
_CURRENCY = {
    "$": "$",
    "¥": "¥",
    "US$": "USD",
    "RMB": "CNY",
    "HK$": "HKD",
    "NT$": "TWD",
    "€": "EUR",
    "£": "GBP",
}
# amounts that bound what a row counts are no amounts of it
_LIMIT = re.compile(
    r"\b(?:less|more|greater|fewer|lower|higher)\s+than\b|\bor\s+(?:more|less|greater|over)\b|\b(?:over|under|above|below)\s+[$€£¥]|\bup\s+to\b",
    re.I,
)
_AMOUNT = r"(?:US\$|RMB|HK\$|NT\$|[$€£¥])?\s?\d[\d,]*(?:\.\d+)?(?![\w%/]|[.,]\d)"
_LIST = re.compile(
    rf"(?<![\w.,/]){_AMOUNT}(?:(?:,\s+{_AMOUNT}){{2,}}|(?:,\s+{_AMOUNT})+,?\s+and\s+{_AMOUNT})"
)
_MARK = 0xE000
_OF_THE_OTHER = re.compile(rf"({_AMOUNT})\s+\(\s*([\ue000-\ue0ff])\s*[,:–-]?\s*({_AMOUNT})\)")
_SCALES = {"million": 6, "billion": 9, "thousand": 3}


@dataclass(slots=True, frozen=True)
class LabelFigure:
    """One figure of a label for one column: what it is, its value with the printed sign, and how it was printed."""

    what: str
    kind: str
    number: Decimal
    decimals: int
    scale: int | None
    currency: str | None
    column: int
    text: str


def label_figures(label: str, ends: list[date | None], above: str = "") -> list[LabelFigure]:
    """Return the figures in a balance sheet row's label, for the columns with these period ends.

    Args:
        label: the label as printed.
        ends: period end of each column of figures, in printed order.
        above: the label above, where this one only goes on with it ("Treasury stock" over "Shares at June 30: 392").
    """
    if len(label) < 20 or len(label) > 900 or not _ANY_NUMBER.search(label):
        return []
    text, dates = _with_marks(label, ends)
    out: list[LabelFigure] = []
    text = _take_par(text, label, len(ends), out)
    stock = bool(re.search(r"\bstock\b|\bshares?\b|\bADS", label, re.I))
    treasury = _TREASURY.search(f"{above} {label}") is not None
    carried: list[str] = []
    subject = ""
    for segment in _segments(text):
        numbers = list(_NUMBER.finditer(segment))
        roles = _roles(segment)
        if not numbers:
            carried = roles or carried
            continue
        is_stock = stock and not any(m["cur"] for m in numbers)
        if is_stock and not roles and not carried and not (treasury and _SHARES.search(segment)):
            continue
        use = roles or carried or (["held"] if is_stock else [])
        if roles or is_stock:
            carried = use
        if not is_stock:
            subject = _subject(segment[: numbers[0].start()]) or subject
            if _LIMIT.search(segment) or (not subject and len(numbers) == 1 and len(ends) > 1):
                continue
        what = use if is_stock else [subject or "amount"]
        for order, columns in _columns_of(segment, numbers, dates, len(ends)):
            out += _figures_of(numbers, order, columns, what, is_stock)
    return out


def _with_marks(label: str, ends: list[date | None]) -> tuple[str, list[list[int]]]:
    """Return a label with a mark for each date, notes and classes dropped, and the columns that each mark stands for."""
    dates: list[list[int]] = []

    def mark_date(match: re.Match[str]) -> str:
        found = heading(match[1]).dates
        dates.append([i for i, end in enumerate(ends) if found and end == found[0]])
        return f" {chr(_MARK + len(dates) - 1)} "

    def mark_year(match: re.Match[str]) -> str:
        year = int(match[match.lastindex or 1])
        dates.append([i for i, end in enumerate(ends) if end is not None and _year_of(end) == year])
        return f" {chr(_MARK + len(dates) - 1)} "

    text = _NOTE.sub(" ", label)
    text = _DATE_IN_LABEL.sub(mark_date, text)
    text = _YEAR_MARK.sub(mark_year, text)
    text = _CLASSES.sub(" ", text)
    if len(ends) == 2:
        text = _OF_THE_OTHER.sub(lambda m: _both(m, dates), text)
    text = _ASIDE.sub(r"; \1; ", text)
    text = _ROLE_BEGINS.sub(lambda m: f"{m[1] or m[2]}; ", text)
    text = _ROLE_ENDS.sub(r"\1; ", text)
    text = _LIST.sub(lambda m: _one_list(m, len(ends)), text)
    return text, dates


def _year_of(end: date) -> int:
    """Return the year that an end closes: a year of weeks may end in the first days of the next."""
    return (end - timedelta(days=7)).year


def _both(match: re.Match[str], dates: list[list[int]]) -> str:
    """Write "$166 (2022, $169)" as "$166 and $169", in the order of the columns."""
    columns = dates[ord(match[2]) - _MARK]
    if columns == [1]:
        return f"{match[1]} and {match[3]} "
    return f"{match[3]} and {match[1]} " if columns == [0] else match[0]


def _figures_of(
    numbers: list[re.Match[str]], order: int, columns: Iterable[int], what: list[str], is_stock: bool
) -> list[LabelFigure]:
    """Return the figures that one number of a label's part states: one for each column and role."""
    match = numbers[order]
    none = match["none"]
    if not is_stock and (none or not match["cur"]):
        return []
    digits = "0" if none else match["num"].replace(",", "")
    scale = next((m["scale"] for m in numbers[order:] if m["scale"]), None)
    decimals = len(digits) - digits.find(".") - 1 if "." in digits else 0
    number, printed = _signed(Decimal(digits), match["before"], match["cur"], none or match["num"])
    return [
        LabelFigure(
            f"shares {role}" if is_stock else role,
            "shares" if is_stock else "money",
            number,
            decimals,
            _SCALES[scale.lower()] if scale else None,
            _CURRENCY.get(match["cur"] or ""),
            column,
            printed,
        )
        for column in columns
        for role in what
    ]


def _one_list(match: re.Match[str], count: int) -> str:
    """Join "$1, $2 and $3" with `and` where the list has one figure for each column, so that it is not cut at its commas."""
    parts = re.split(r",\s+(?:and\s+)?|\s+and\s+", match[0].strip())
    return f" {' and '.join(parts)} " if len(parts) == count else match[0]


def _signed(number: Decimal, before: str | None, currency: str | None, printed: str) -> tuple[Decimal, str]:
    """Return a number and its print with the sign that stands right before it."""
    if not before or not number:
        return number, printed
    return -number, f"{before.strip()}{currency or ''}{printed}"


def _take_par(text: str, label: str, count: int, out: list[LabelFigure]) -> str:
    if "value" not in label and "per share" not in label:
        return text
    for match in _PAR.finditer(text):
        if not match["post"] and not (match["pre"] and "value" in match["pre"].lower()):
            continue
        if match["post"] and match["post"].lower() == "per share" and not match["pre"]:
            continue
        number = match["num"].lower()
        before = text[: match.start("cur") if match["cur"] else match.start("num")].rstrip(" ")
        cut = (
            text[: match.start("num") - (len(match["cur"]) if match["cur"] else 0)]
            + " par "
            + text[match.end() :]
        )
        if number == "no":
            number = "0"
        sign = before[-1:] if before.endswith(("(", "-", "–")) else None
        value, printed = _signed(Decimal(number), sign, match["cur"], match["num"])
        decimals = len(number) - number.find(".") - 1 if "." in number else 0
        out.extend(
            LabelFigure(
                "par value",
                "per_share",
                value,
                decimals,
                0,
                _CURRENCY.get(match["cur"] or ""),
                column,
                printed,
            )
            for column in range(count)
        )
        return cut
    return text


def _segments(text: str) -> list[str]:
    out: list[str] = []
    for part in re.split(r";", text):
        pieces = re.split(r",\s+(?=[^,;]*(?:\d|\bno(?:ne)?\b))|:\s+(?=[^:;]*\d)", part)
        held = ""
        for piece in pieces:
            piece = f"{held} {piece}" if held else piece
            held = ""
            if not _NUMBER.search(piece):
                held = piece
                continue
            out.append(piece)
        if held:
            out.append(held)
    return out


def _roles(segment: str) -> list[str]:
    found = [m[1].lower().replace("authorised", "authorized") for m in _ROLE.finditer(segment)]
    out = ["held" if f.startswith(("in ", "treasury")) else f for f in found]
    return list(dict.fromkeys(out))


_KNOWN_SUBJECT = re.compile(
    r"((?:accumulated\s+|amorti[sz]ed\s+|expected\s+)?(?:allowances?|depreciation|amortization|cost|fair\s+value|discount|reserves?)[\w\s]*)$",
    re.I,
)


def _subject(text: str) -> str:
    """Return the words that name an amount: a known noun and what follows, else what stands behind the last bracket, comma or dash."""
    words = re.sub(r"[\ue000-\ue0ff]", " ", text)
    words = re.sub(r"[\s:–—-]+$", "", words)
    known = _KNOWN_SUBJECT.search(words)
    words = known[1] if known else re.split(r"[(,;]|\s[–—-]\s", words)[-1]
    words = re.sub(r"^(?:including|includes?|of\s+which|and)\b", "", words.strip(), flags=re.I)
    words = re.sub(r"(?:\s+(?:of|at|was|were|is|are))+$", "", re.sub(r"\s+", " ", words).strip())
    return words[:80] if len(words) > 3 else ""


def _columns_of(
    segment: str, numbers: list[re.Match[str]], dates: list[list[int]], count: int
) -> list[tuple[int, list[int]]]:
    """Return for each number of a segment the columns that it belongs to."""
    marks = [(m.start(), dates[ord(m[0]) - _MARK]) for m in re.finditer("[\ue000-\ue0ff]", segment)]
    everything = list(range(count))
    if len(numbers) == 1:
        if not marks:
            return [(0, everything)]
        named = sorted({c for _, columns in marks for c in columns})
        return [(0, named)]
    out: list[tuple[int, list[int]]] = []
    if marks:
        positions = [n.start() for n in numbers]
        if len(marks) == len(numbers):
            return [(order, marks[order][1]) for order in range(len(numbers))]
        if all(any(a < m < b for m, _ in marks) for a, b in itertools.pairwise(positions)):
            for order, start in enumerate(positions):
                following = [
                    columns
                    for m, columns in marks
                    if m > start and (order + 1 == len(positions) or m < positions[order + 1])
                ]
                out.append((order, following[0] if following else []))
            return out
    if len(numbers) == count and re.search(r"\band\b|,", segment[numbers[0].end() : numbers[-1].start()]):
        return [(order, [order]) for order in range(count)]
    return []


_GOES_ON = re.compile(r"^\W*(?:number\s+of\s+)?shares\b(?!\s+(?:issued|outstanding|authori[sz]ed))", re.I)


def stock_above(label: str, above: str) -> str:
    """Return the label of treasury stock that a label of shares goes on with, given the last label that did not."""
    return above if _TREASURY.search(above) and _GOES_ON.match(label) else ""


def emit_label(
    row: ReadRow,
    columns: list[Column],
    reading: TableReading,
    document: Document,
    units: TableUnits,
    section: tuple[str, ...],
    above: str = "",
) -> None:
    """Emit the figures printed inside a label; their `col` counts on past the grid's last column.

    `above` is the label above, where this one only goes on with it.
    """
    dated = [c for c in columns if c.kind == "amount" and c.period_end is not None and c.months is None]
    if not dated or len({c.currency for c in dated}) > 1:
        return
    named = re.sub(r"^\W*less:\s*", "", above or row.label, flags=re.I)
    base = re.split(r"[,(:;—–$]|\s[-\d]", named, maxsplit=1)[0].strip()
    reading.label_columns = max(reading.label_columns, columns[-1].end + 1)
    col = reading.label_columns
    for figure in label_figures(clean_label(row.label), [c.period_end for c in dated], above):
        column = dated[figure.column]
        scale, unit = _label_unit(figure, column, units, document)
        if not unit:
            continue
        reading.lines.append(
            Line(
                statement=reading.statement,
                section=section,
                label=f"{base}, {figure.what}",
                value=figure.number.scaleb(scale) if scale else figure.number,
                unit=unit,
                decimals=figure.decimals - scale,
                period_start=None,
                period_end=column.period_end,
                months=None,
                audited=column.audited,
                table=reading.index,
                row=row.number,
                col=col,
                text=figure.text,
                column_label=f"{column.label} {IN_LABEL}".strip(),
                title=reading.title,
                scope=reading.scope,
                # an amount in a label is a part of the row, or taken off it: never the row's own figure
                member="in the row's label" if figure.kind == "money" else "",
                evidence=evidence_of(row.label_cell.source) if row.label_cell is not None else None,
            )
        )
        col += 1


def _label_unit(
    figure: LabelFigure, column: Column, units: TableUnits, document: Document
) -> tuple[int, str]:
    clues = (
        Clue(sign_allows(figure.currency), "cell sign"),
        Clue(sign_allows(column.currency), "column heading"),
        Clue(sign_allows(column.sign), "column signs"),
        Clue(allowed(units.words), "caption"),
        Clue((document.currency,) if document.currency else (), "document"),
    )
    said = any(clue.value for clue in clues)
    shared = (Clue((document.dollar,), "shared sign"), Clue((document.yen,), "shared sign"))
    currency = weigh_currency((*clues, *shared)).value if said else ""
    if figure.kind == "per_share":
        return 0, f"{currency}/share" if currency else ""
    scale = figure.scale
    words = units.words
    money = next(s for s in (column.scale, words.scale, units.below, document.scale, 0) if s is not None)
    if figure.kind == "money":
        return (money if scale is None else scale), currency
    if scale is None:
        scale = words.share_scale if words.share_scale is not None else money
        digits = len(str(int(abs(figure.number))))
        if (scale >= 6 and digits >= 7) or (scale >= 3 and digits >= 10):
            scale = 0
    return scale, "shares"
