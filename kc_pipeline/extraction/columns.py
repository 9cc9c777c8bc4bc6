"""From heading rows to columns: which figures stand under each other, and for which period, in which unit."""

import re
from dataclasses import dataclass, field
from datetime import date

from kc_pipeline.extraction.grid import Cell
from kc_pipeline.extraction.measures import column_measure
from kc_pipeline.extraction.numbers import CURRENCY_SIGNS
from kc_pipeline.extraction.periods import Heading, heading, month_end, period_start, weeks_to_months
from kc_pipeline.extraction.rows import Figure, ReadRow
from kc_pipeline.extraction.statements import is_period_heading
from kc_pipeline.extraction.units import UnitWords, unit_words


@dataclass(slots=True)
class Column:
    """One column of figures."""

    start: int
    end: int
    texts: list[str] = field(default_factory=list)
    kind: str = "amount"
    measure: str = ""
    member: str = ""
    doubt: str = ""
    period_end: date | None = None
    period_start: date | None = None
    months: int | None = None
    currency: str | None = None
    scale: int | None = None
    audited: bool | None = None

    @property
    def label(self) -> str:
        """Headings of the column, outermost first."""
        return " ".join(self.texts)


@dataclass(slots=True)
class Block:
    """Rows under one set of headings."""

    headings: list[ReadRow]
    rows: list[ReadRow]
    captions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Calendar:
    """What the document says about its fiscal calendar."""

    year_end_month: int = 12
    seen: tuple[date, ...] = ()

    def snap(self, day: date) -> date:
        """Return the period end seen in the document that a nominal month end stands for (52/53-week years)."""
        if day in self.seen:
            return day
        near = [d for d in self.seen if abs((d - day).days) <= 10]
        return min(near, key=lambda d: abs((d - day).days)) if near else day

    def quarter_end(self, year: int, quarter: int) -> date:
        """Return the end of a fiscal quarter; the fiscal year is named after the calendar year in which it ends."""
        month = self.year_end_month - 12 + 3 * quarter
        while month < 1:
            month += 12
            year -= 1
        return self.snap(month_end(year, month))


_UNIT_WORDS = frozenset(
    (
        "in", "thousand", "thousands", "million", "millions", "billion", "billions", "rmb", "us$", "usd", "nt$", "hk$", "nis", "eur", "€", "$", "£", "¥",
        "jpy", "yen", "000", "000s", "unaudited", "audited", "note", "notes", "restated", "as", "actual", "%", "m", "mn", "of", "and", "dollars", "euros",
    )
)  # fmt: skip
_UNIT_PARTS = re.compile(r"[A-Za-z]*[$€£¥]|[A-Za-z]+|\d+s?|%")


def _unit_only(text: str) -> bool:
    """Whether a heading cell says nothing but a unit, a scale, or that the figures are (un)audited."""
    if len(text) > 80:
        return False
    parts = _UNIT_PARTS.findall(text)
    return all(p.lower() in _UNIT_WORDS or (p.isdigit() and len(p) < 3) for p in parts)


def _is_heading_cell(cell: Cell) -> bool:
    read = heading(cell.text)
    if read.dated or read.lasting or read.change or read.percent or read.note or read.audited is not None:
        return True
    return _unit_only(cell.text) or cell.text in CURRENCY_SIGNS


def _strong(row: ReadRow) -> bool:
    if row.all_years:
        return True
    return any(heading(c.text).dated or heading(c.text).lasting for c in row.words)


def blocks(rows: list[ReadRow]) -> list[Block]:
    """Cut a table's rows into blocks, each with its own heading rows."""
    out = [Block([], [])]
    pending: list[ReadRow] = []
    for row in rows:
        block = out[-1]
        has_data = bool(block.rows) and any(r.figures for r in block.rows)
        if row.all_years and (not row.label or _heading_label(row.label) or not has_data):
            is_heading = True
        elif row.figures:
            is_heading = _mixed_heading(row, has_data)
        elif row.words:
            is_heading = (not has_data) or (_strong(row) and all(_is_heading_cell(c) for c in row.words))
            if not is_heading and any(_is_heading_cell(c) for c in row.words):
                is_heading = has_data and bool(pending)
        else:
            is_heading = False
        if is_heading:
            if has_data:
                if _strong(row) or pending:
                    out.append(Block([row], []))
                else:
                    pending = [row]
                    continue
            else:
                block.headings.append(row)
                if block.rows:
                    block.captions.extend(r.label for r in block.rows if r.label)
                    block.rows, moved = [], block.rows
                    block.headings[-1:-1] = [r for r in moved if is_period_heading(r.label)]
            pending = []
        else:
            pending = []
            block.rows.append(row)
    return out


def _heading_label(label: str) -> bool:
    read = heading(label)
    if read.dated or read.lasting or read.audited is not None or read.as_of:
        return True
    words = unit_words(label)
    return (
        words.scale is not None
        or bool(words.currencies)
        or (label.strip().endswith((":", ")")) and len(label) < 80)
    )


def _mixed_heading(row: ReadRow, has_data: bool) -> bool:
    """A heading row in which some cells look like figures ("2023", "2022", "Change", "(1)")."""
    years = [f for f in row.figures if f.token.year]
    if not years or len(years) < len(row.figures) - 1:
        return False
    if row.label and not _heading_label(row.label):
        return False
    return bool(row.words) and all(_is_heading_cell(c) for c in row.words) and len(years) == len(row.figures)


def cluster(rows: list[ReadRow]) -> list[Column]:
    """Return the columns of figures: the grid intervals that the rows' figures share, left to right."""
    spans: dict[tuple[int, int], int] = {}
    for row in rows:
        for figure in row.figures:
            key = (figure.col, figure.col + figure.cell.span)
            spans[key] = spans.get(key, 0) + 1
    if not spans:
        return []
    if len(spans) > 1:
        # a cell as wide as several columns of figures would tie them together: leave such cells out
        ordered = sorted(spans, key=lambda s: (s[1] - s[0], -spans[s]))
        narrow: list[tuple[int, int]] = []
        for span in ordered:
            inside = [s for s in narrow if s[0] < span[1] and span[0] < s[1]]
            starts = dict(enumerate(inside))
            distinct = 0
            reach = -1
            for s in sorted(starts.values()):
                if s[0] >= reach:
                    distinct += 1
                    reach = s[1]
                else:
                    reach = max(reach, s[1])
            if distinct > 1 and spans[span] <= 2:
                continue
            narrow.append(span)
        keys = sorted(narrow)
    else:
        keys = list(spans)
    columns: list[Column] = []
    for start, end in keys:
        if columns and start < columns[-1].end:
            columns[-1].end = max(columns[-1].end, end)
        else:
            columns.append(Column(start, end))
    return columns


def column_of(columns: list[Column], figure: Figure) -> int:
    """Return the index of the column that a figure stands in, or -1."""
    col, end = figure.col, figure.col + figure.cell.span
    best, most = -1, 0
    for index, column in enumerate(columns):
        if column.start < end and col < column.end:
            shared = min(end, column.end) - max(col, column.start)
            if shared > most:
                best, most = index, shared
    return best


def assign_headings(columns: list[Column], block: Block) -> None:
    """Give each column the heading cells above it, outermost first."""
    wide: dict[int, tuple[int, int]] = {}
    for row in block.rows:
        for figure in row.figures:
            index = figure.column
            if index >= 0:
                low, high = wide.get(index, (columns[index].start, columns[index].end))
                wide[index] = (min(low, figure.start), max(high, figure.end))
    extents: list[tuple[int, int]] = []
    for i, column in enumerate(columns):
        low, high = wide.get(i, (column.start, column.end))
        if extents and low < extents[-1][1]:
            low = min(extents[-1][1], column.start)
        extents.append((low, high))
    for row in block.headings:
        cells = list(row.words) + [f.cell for f in row.figures]
        if row.label_cell is not None and (
            not cells or (columns and row.label_cell.col + row.label_cell.span > columns[0].start)
        ):
            cells.append(row.label_cell)
        cells.sort(key=lambda c: c.col)
        hit: list[list[Cell]] = [[] for _ in columns]
        used: set[int] = set()
        for number, cell in enumerate(cells):
            for index, (low, high) in enumerate(extents):
                if cell.col < high and low < cell.col + cell.span:
                    hit[index].append(cell)
                    used.add(number)
        for index, found in enumerate(hit):
            if len(found) > 1:
                # neighbours may lap over by a column of symbols: keep the ones that cover the digits themselves
                core = columns[index]
                covering = [c for c in found if c.col < core.end and core.start < c.col + c.span]
                if covering and len(covering) < len(found):
                    hit[index] = covering
        words = [c for c in cells if c is not row.label_cell]
        missing = [i for i, found in enumerate(hit) if not found]
        if missing and words:
            spread = _spread(columns, extents, words, hit, used, cells)
            if spread is not None:
                hit = spread
        if row.label_cell is not None and row.label_cell not in cells and _names_period(row.label):
            for found in hit:
                found.insert(0, row.label_cell)
        elif (
            row.label_cell is not None and row.label_cell in cells and not words and _names_period(row.label)
        ):
            for found in hit:
                if row.label_cell not in found:
                    found.insert(0, row.label_cell)
        for index, found in enumerate(hit):
            columns[index].texts.extend(c.text for c in found)


def _names_period(text: str) -> bool:
    read = heading(text)
    return (read.dated or read.lasting) and len(text) < 120


def _spread(
    columns: list[Column],
    extents: list[tuple[int, int]],
    words: list[Cell],
    hit: list[list[Cell]],
    used: set[int],
    cells: list[Cell],
) -> list[list[Cell]] | None:
    """Assign heading cells in order where overlap leaves columns bare: n to n, or each to n/k neighbours."""
    count, given = len(columns), len(words)
    if given == count:
        return [[w] for w in words]
    unused = [c for i, c in enumerate(cells) if i not in used and c in words]
    if given < count and count % given == 0 and given > 1 and unused:
        each = count // given
        return [[words[i // each]] for i in range(count)]
    if unused:
        out = [list(h) for h in hit]
        for cell in unused:
            free = [i for i, h in enumerate(out) if not h]
            if not free:
                break
            middle = cell.col + cell.span / 2
            index = min(free, key=lambda i: abs((extents[i][0] + extents[i][1]) / 2 - middle))
            if abs((extents[index][0] + extents[index][1]) / 2 - middle) <= 4:
                out[index] = [cell]
        return out
    return None


@dataclass(slots=True)
class Context:
    """What stands around a table: readings of its title, caption and lead, and of the document."""

    title: str
    lines: list[str]
    statement: str
    calendar: Calendar
    instant_default: bool = False


def _resolve_end(texts: list[str], joined: Heading, calendar: Calendar) -> tuple[date | None, bool]:
    """Return the period end that a column's headings name, and whether it was whole (day, month and year)."""
    parts = [heading(t) for t in texts]
    several = [len(set(p.dates)) > 1 for p in parts]
    if any(several) and any(p.dated and not s for p, s in zip(parts, several, strict=True)):
        # a caption across all columns names every date; the column's own heading says which is its own
        parts = [p for p, s in zip(parts, several, strict=True) if not s]
        joined = heading(" ".join(t for t, s in zip(texts, several, strict=True) if not s))
    bottom_year: int | None = None
    for read in reversed(parts):
        if len(read.years) == 1 and not read.dates:
            bottom_year = read.years[0]
            break
        if read.dates or read.month_years or len(read.years) > 1:
            break
    if joined.quarter and not joined.dates and not joined.month_days and not joined.month_years:
        years = joined.years
        if years:
            return calendar.quarter_end(years[-1], joined.quarter), True
    # the heading nearest to the figures wins: a day of the release may stand above "Sept. 30," over "2008"
    for read in reversed(parts):
        if len(read.dates) == 1 and (bottom_year is None or bottom_year == read.dates[0].year):
            return read.dates[0], True
        if bottom_year is not None and read.month_days:
            month, day = read.month_days[0] if len(read.month_days) == 1 else read.month_days[-1]
            return _date(bottom_year, month, day), True
    if bottom_year is not None:
        for read in reversed(parts):
            if read.dates:
                return _date(bottom_year, read.dates[0].month, read.dates[0].day), True
    if len(set(joined.dates)) == 1:
        return joined.dates[0], True
    if joined.dates:
        return joined.dates[-1], True
    if joined.month_days and joined.years:
        month, day = joined.month_days[0]
        return _date(joined.years[-1], month, day), True
    if joined.month_years:
        year, month = joined.month_years[-1]
        return calendar.snap(month_end(year, month)), True
    if joined.half and joined.years:
        return calendar.quarter_end(joined.years[-1], 2 * joined.half), True
    return None, False


def _date(year: int, month: int, day: int) -> date | None:
    try:
        end = month_end(year, month)
    except ValueError:
        return None
    return end if day >= end.day else date(year, month, day) if day >= 1 else None


def duration_of(read: Heading, end: date | None, calendar: Calendar) -> tuple[int | None, int | None]:
    """Return months and weeks of the duration that a heading names."""
    if read.weeks:
        return weeks_to_months(read.weeks), read.weeks
    if read.months:
        return read.months, None
    if read.ytd and end is not None:
        return _year_to_date(end, calendar), None
    if read.half:
        return 6, None
    if read.quarter or read.quarter_word:
        return 3, None
    if read.year_span:
        return 12, None
    if read.period_ended and end is not None:
        return _year_to_date(end, calendar), None
    return None, None


def _year_to_date(end: date, calendar: Calendar) -> int:
    nominal = end.month if end.day > 10 else (end.month - 2) % 12 + 1
    return ((nominal - calendar.year_end_month - 1) % 12) + 1


def set_periods(columns: list[Column], context: Context, row_heading: str = "") -> None:
    """Fill in kind, period, currency, scale and audit mark of each column from its headings and the context."""
    near = [row_heading] if row_heading else []
    _carry_days(columns)
    _widen_durations(columns, context)
    shared = set.intersection(*(set(c.texts) for c in columns)) if len(columns) > 1 else set()
    printed_on = _printed_on(columns, shared)
    for column in columns:
        texts = column.texts
        joined = heading(" ".join(texts)) if texts else heading("")
        bottom = heading(texts[-1]) if texts else joined
        if column.kind == "note" or joined.note or bottom.note:
            column.kind = "note"
            continue
        if joined.change and any(heading(t).change for t in texts if t not in shared):
            column.kind = "change"
            continue
        if joined.change and "".join(texts[-2:]).strip().lower() in _CHANGE_WORDS:
            column.kind = "change"
            continue
        if (bottom.percent and not bottom.dated) or (joined.percent and not joined.dated):
            column.kind = "percent"
        end, _whole = _resolve_end(texts, joined, context.calendar)
        if end is None:
            end = _end_from_context(joined, near + context.lines[::-1], context)
        column.period_end = end
        column.audited = joined.audited
        months, weeks = duration_of(joined, end, context.calendar)
        if months is None and not joined.as_of:
            months, weeks = _duration_from_context(joined, end, near, context)
        if context.statement == "balance_sheet" and not (joined.months or joined.weeks):
            months = weeks = None
        column.months = months
        if end is not None and months is not None:
            column.period_start = period_start(end, months, weeks)
        for text in reversed(texts):
            words = unit_words(text)
            if column.currency is None and "=" not in text:
                if words.currencies:
                    column.currency = words.currencies[0] if len(words.currencies) == 1 else None
                elif words.dollar or words.yen:
                    column.currency = "$" if words.dollar else "¥"
            if column.scale is None and words.scale is not None:
                column.scale = words.scale
        column.doubt = _doubt(texts, printed_on, context)
        for text in texts:
            if text not in shared and not is_period_heading(text):
                column.measure = column_measure(text) or column.measure
    _complete(columns, context)
    set_members(columns)


_FROM_TO = re.compile(r"\b(?:to|through|thru|until|from|between)\b|\d\s*[-–—]\s*[A-Za-z\d]", re.I)
_MONTHS_ENDED = re.compile(
    r"\b(three|six|nine|twelve|3|6|9|12)[\s-]+months?(?:\s+periods?)?\s+end(?:ed|ing)\b", re.I
)
_SPAN_WORD = re.compile(r"\b(three|six|nine|twelve)\b|\b(?:3|6|9|12)(?=[\s-]+months?)", re.I)
_MONTHS_OF = {"three": 3, "six": 6, "nine": 9, "twelve": 12}


def _printed_on(columns: list[Column], shared: set[str]) -> set[date]:
    """Return the day of the document where it stands above all columns: within weeks after all of their own days."""
    own = [d for c in columns for t in c.texts if t not in shared for d in heading(t).dates]
    above = {d for t in shared for d in heading(t).dates}
    return {d for d in above if own and 0 < (d - max(own)).days < 100}


def _doubt(texts: list[str], printed_on: set[date], context: Context) -> str:
    """Return what is contradictory in the evidence for a column's period, or ""."""
    days = {d for t in texts if not _FROM_TO.search(t) for d in heading(t).dates} - printed_on
    if len(days) > 1 and _FROM_TO.search(" ".join(texts)):
        days = set()
    if len(days) > 1:
        return "its headings name " + " and ".join(str(d) for d in sorted(days))
    spans = {_months_of(m[1]) for t in texts for m in _MONTHS_ENDED.finditer(t)}
    if len(spans) > 1:
        return "its headings name durations of " + " and ".join(str(s) for s in sorted(spans)) + " months"
    if spans and context.statement in ("income", "cash_flow"):
        lines = [t for t in context.lines[-4:] if _MONTHS_ENDED.search(t)]
        titled = {_months_of(m[0]) for t in lines for m in _SPAN_WORD.finditer(t)}
        if (
            titled
            and not spans & titled
            and not any(heading(t).year_span or heading(t).ytd for t in context.lines[-4:])
        ):
            return f"its heading says {spans.pop()} months, the title {' and '.join(str(s) for s in sorted(titled))}"
    return ""


def _months_of(word: str) -> int:
    return _MONTHS_OF.get(word.lower()) or int(word)


_WHOLE = re.compile(r"\b(?:total|consolidated|group|combined|company)\b", re.I)


def set_members(columns: list[Column]) -> None:
    """Columns of one period and currency differ by something else (segments, adjustments): say by what."""
    groups: dict[tuple[date | None, int | None, str | None, str], list[Column]] = {}
    for column in columns:
        if column.kind == "amount" and column.period_end is not None:
            groups.setdefault((column.period_end, column.months, column.currency, column.kind), []).append(
                column
            )
    for group in groups.values():
        if len(group) < 2:
            continue
        named = [[t for t in c.texts if not is_period_heading(t) and not _unit_only(t)] for c in group]
        bare = sum(1 for words in named if not words)
        for column, words in zip(group, named, strict=True):
            whole = bool(words) and bool(_WHOLE.search(words[-1])) and len(words[-1]) < 30
            column.member = "" if whole or (not words and bare == 1) else " ".join(words) or "?"


def _widen_durations(columns: list[Column], context: Context) -> None:
    """A duration over some columns of a flow statement, none over the others: its heading was set too narrow.

    The one duration there is holds for all columns; of several, each for the dated columns up to the next.
    """
    flow = context.statement in ("income", "cash_flow")
    named = {t for c in columns for t in c.texts if heading(t).lasting}
    if len(named) > 1:
        first = [n for n, c in enumerate(columns) if heading(c.label).lasting]
        each = len(columns) // len(first)
        if first[0] == 0 and (flow or first == list(range(0, len(columns), each))):
            _carry_durations(columns)
        return
    if not named or context.statement == "balance_sheet":
        return
    if not flow and (not heading(columns[0].label).lasting or any(heading(t).dated for t in named)):
        return
    text = next(iter(named))
    for column in columns:
        read = heading(column.label)
        if (
            text not in column.texts
            and (read.dates or read.month_days)
            and not read.lasting
            and not read.change
        ):
            column.texts.insert(0, text)


def _carry_durations(columns: list[Column]) -> None:
    above = ""
    for column in columns:
        lasting = [t for t in column.texts if heading(t).lasting]
        read = heading(column.label)
        if lasting:
            above = lasting[0] if lasting[0] != column.texts[-1] and not heading(lasting[0]).dates else ""
        elif above and read.dated and not read.as_of and not read.change:
            column.texts.insert(0, above)


def _carry_days(columns: list[Column]) -> None:
    """A month and day over the first of several years ("June 30," over "2023" and "2022"): it holds for all of them."""
    day = ""
    for column in columns:
        own = [t for t in column.texts if heading(t).month_days]
        read = heading(column.label)
        if own:
            day = own[0] if not heading(own[0]).years and not heading(own[0]).dates else ""
        elif (
            read.dates
            or read.month_years
            or read.quarter
            or read.half
            or read.as_of
            or (read.year_span and not read.months)
        ):
            day = ""
        elif day and len(read.years) == 1 and not read.change:
            column.texts.insert(0, day)


_CHANGE_WORDS = frozenset(
    ("change", "changes", "%change", "change%", "variance", "increase", "decrease", "growth", "+/-")
)


def _complete(columns: list[Column], context: Context) -> None:
    """Columns that name only a year take month and day from their dated neighbours of the same table."""
    dated = [c for c in columns if c.period_end is not None and c.kind in ("amount", "percent")]
    for column in columns:
        if column.period_end is None and column.kind == "amount":
            read = heading(column.label)
            if len(read.years) == 1 and dated:
                sample = dated[0]
                assert sample.period_end is not None
                column.period_end = _date(read.years[0], sample.period_end.month, sample.period_end.day)


def _end_from_context(joined: Heading, lines: list[str], context: Context) -> date | None:
    """The title names the day ("... ended June 30, 2023 and 2022"), the column only the year, or nothing."""
    year = joined.years[-1] if joined.years else None
    if year is None and (joined.quarter or joined.half) and not joined.month_days:
        return None
    if year is None and joined.month_days:
        month, day = joined.month_days[-1]
        for line in lines:
            read = heading(line)
            for found in (*[d.year for d in read.dates], *read.years):
                return _date(found, month, day)
        return None
    full_year = joined.year_span and not joined.months and not joined.quarter_word
    for line in lines:
        read = heading(line)
        if full_year and not read.year_span:
            continue
        if year is not None:
            same = [d for d in read.dates if d.year == year]
            if same:
                return same[0]
            if read.dates and (year in read.years or read.lasting or read.as_of):
                return (
                    context.calendar.snap(d)
                    if (d := _date(year, read.dates[0].month, read.dates[0].day))
                    else None
                )
            if read.month_days:
                d = _date(year, *read.month_days[-1])
                return context.calendar.snap(d) if d else None
            if read.quarter:
                return context.calendar.quarter_end(year, read.quarter)
        elif len(set(read.dates)) == 1 and not read.years:
            return read.dates[0]
        elif read.dates or read.month_days:
            return None
    if year is not None and joined.months in (6, 9, 12):
        return context.calendar.quarter_end(year, joined.months // 3)
    if (
        year is not None
        and (joined.year_span or context.statement in ("income", "cash_flow"))
        and not joined.quarter_word
        and not joined.months
    ):
        return context.calendar.quarter_end(year, 4)
    return None


def _duration_from_context(
    joined: Heading, end: date | None, near: list[str], context: Context
) -> tuple[int | None, int | None]:
    lines = near + context.lines[::-1]
    flow = context.statement in ("income", "cash_flow")
    if context.statement == "balance_sheet":
        return None, None
    for position, line in enumerate(lines):
        read = heading(line)
        if read.as_of and not read.lasting and not flow:
            return None, None
        found = duration_of(read, end, context.calendar)
        if found[0] is None:
            continue
        if not flow and position > 3 + len(near):
            break
        spans = set(_all_spans(line))
        if len(spans) > 1:
            return None, None
        return found
    return None, None


_SPAN_WORDS = re.compile(
    r"\b(three|six|nine|twelve|\d{1,2})[\s-]+(months?|weeks?)|\b(quarters?)\b|\b(years?)\b", re.I
)


def _all_spans(line: str) -> list[str]:
    out = []
    for found in _SPAN_WORDS.finditer(line):
        out.append("year" if found[4] else "three" if found[3] else found[1].lower())
    return out


def unit_context(lines: list[str]) -> UnitWords:
    """Join what several lines say about units; the nearest (last) line that speaks wins."""
    scale = share_scale = None
    currencies: tuple[str, ...] = ()
    dollar = yen = named = False
    for line in reversed(lines):
        read = unit_words(line)
        if not named and read.scale is not None and (read.currencies or read.dollar):
            named = True
            currencies, dollar, yen = read.currencies, read.dollar, read.yen
        if scale is None and read.scale is not None:
            scale = read.scale
            share_scale = read.share_scale if share_scale is None else share_scale
        if not named:
            if not currencies and len(line) < 240:
                currencies = read.currencies
            dollar, yen = dollar or read.dollar, yen or read.yen
    return UnitWords(scale, share_scale, currencies, dollar, yen)
