"""Why a figure was read as it was, for a person: what was decided, by which rule, and what each place says.

Belongs here: telling. Does not belong here: deciding anything.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kc_pipeline.extraction.grid import Cell, Grid
from kc_pipeline.extraction.markup import lines_of
from kc_pipeline.extraction.model import Line
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.reader import clues_of, read_document, tables_of
from kc_pipeline.extraction.reading import Trace
from kc_pipeline.extraction.units import unit_words


class PlaceError(LookupError):
    """No such table, row or column in the document; the message says which there are."""


class Remark(NamedTuple):
    """One thing to be told: what it is about, the text as printed, and what it says."""

    about: str
    text: str
    says: str


def explain(data: bytes, table: int, row: int | None = None, col: int | None = None) -> list[Remark]:
    """Return why a table, one of its rows or one figure was read as it was.

    Figures first, with value, unit, period, member and the rules that decided; then the warnings about the table;
    then each place that may speak, nearest first: the cells, the row, the headings, the caption, the lines above.

    Raises:
        PlaceError: if the document has no such table, the table no such row, or the row no such cell.
    """
    tables = {g.index: g for g in tables_of(data)}
    if table not in tables:
        known = (
            f"the document has tables {min(tables)} to {max(tables)}"
            if tables
            else "the document has no table"
        )
        raise PlaceError(f"no table {table}: {known}")
    grid = tables[table]
    cells = _cells(grid, row, col)
    found = read_document(data)
    own = [x for x in found.lines if x.table == table]
    lines = [x for x in own if row in (None, x.row) and col in (None, x.col)]
    trace = clues_of(data, table)
    out: list[Remark] = []
    for line in lines:
        out += _decided(line)
        if row is not None:
            out += _clues(line, trace)
    if not lines:
        what = "table" if row is None else "row" if col is None else "cell"
        out.append(Remark(f"this {what}", "", "no figure was read here"))
    out += [Remark(f"warning {w.code}", "", w.message) for w in found.warnings if w.table == table]
    out += [Remark(f"cell {n},{c.col}", c.text, says(c.text)) for n, c in cells]
    out += list(_around(grid, lines or own))
    return out


def _cells(grid: Grid, row: int | None, col: int | None) -> list[tuple[int, Cell]]:
    """Return the cells that are asked for; none where a whole table is."""
    if row is None:
        return []
    rows = dict(grid.rows)
    if row not in rows:
        known = f"its rows with text are {min(rows)} to {max(rows)}" if rows else "it has none"
        raise PlaceError(f"no row {row} in table {grid.index}: {known}")
    cells = [c for c in rows[row] if col is None or c.col <= col < c.col + max(1, c.span)]
    if not cells:
        places = ", ".join(str(c.col) for c in rows[row])
        raise PlaceError(
            f"no text in column {col} of row {row} of table {grid.index}: there is some in {places}"
        )
    return [(row, c) for c in cells]


def _decided(line: Line) -> Iterator[Remark]:
    """Tell one figure: what it was read as, and by which rules."""
    about = f"figure {line.row},{line.col}"
    if line.months is None:
        period = f"at {line.period_end}" if line.period_end else "no period"
    else:
        period = f"{line.period_start} to {line.period_end}, {line.months} months"
    yield Remark(
        about,
        line.text,
        f"{line.value:f} {line.unit}, decimals {line.decimals}, {period}, {line.statement}, scope {line.scope}, "
        + (f"set apart by {line.member!r}" if line.member else "of the whole"),
    )
    rules = (("unit", line.unit_rule), ("scale", line.scale_rule), ("period", line.period_rule))
    named = ", ".join(f"{what} by {rule}" for what, rule in rules if rule)
    yield Remark(f"{about} decided", "", named or "no rule is named")
    if line.suspect:
        yield Remark(f"{about} SUSPECT", "", line.suspect)


def _clues(line: Line, trace: Trace) -> Iterator[Remark]:
    """Tell the clues of a figure's currency and scale in their order: the winner, those that agree, those against."""
    currencies, scales = trace.get((line.row, line.col), ([], []))
    said = [c for c in currencies if c.value]
    if said and line.unit not in ("pure", "shares", "ADS"):
        own = line.unit[:3]
        for place, clue in enumerate(said):
            verdict = "wins" if not place else "agrees" if own in clue.value else "AGAINST"
            yield Remark(f"currency clue, {verdict}", clue.text, f"{clue.place}: {' or '.join(clue.value)}")
    for place, scale in enumerate(scales):
        same = scale.power == scales[0].power
        verdict = "wins" if not place else "agrees" if same else "AGAINST"
        yield Remark(f"scale clue, {verdict}", "", f"{scale.rule}: times 10^{scale.power}")


def _around(grid: Grid, lines: Sequence[Line]) -> Iterator[Remark]:
    """Tell what rows, headings, caption and the lines above say, nearest first, each text once."""
    for label in dict.fromkeys(x.label for x in lines):
        yield Remark("row label", label, says(label))
    for section in dict.fromkeys(h for x in lines for h in reversed(x.section)):
        yield Remark("section heading", section, says(section))
    first = min((x.row for x in lines), default=grid.rows[-1][0] + 1 if grid.rows else 0)
    figures = {x.row for x in lines}
    for label in dict.fromkeys(x.column_label for x in lines):
        yield Remark("column heading", label, says(label))
    for number, cells in grid.rows:
        if number < first and number not in figures:
            for c in cells:
                said = says(c.text)
                if said:
                    yield Remark(f"cell above {number},{c.col}", c.text, said)
    for text in lines_of(grid.caption) if grid.caption else []:
        yield Remark("caption", text, says(text))
    for title in dict.fromkeys(x.title for x in lines if x.title):
        yield Remark("title", title, says(title))
    for text in reversed(grid.lead):
        yield Remark("line above", text, says(text))


def says(text: str) -> str:
    """Return in plain words what a text says of currency, scale and period; "" where it says nothing."""
    units, read = unit_words(text), heading(text)
    names = [*units.currencies, *(["$ (some dollar)"] if units.dollar else []), *(["¥"] if units.yen else [])]
    parts = [f"currency {' and '.join(names)}"] if names else []
    if units.scale is not None:
        parts.append(f"money times 10^{units.scale}")
    if units.share_scale is not None:
        parts.append(f"shares times 10^{units.share_scale}")
    parts += [f"day {day}" for day in read.dates]
    parts += [f"every {month:02}-{day:02}" for month, day in read.month_days]
    parts += [f"month {year}-{month:02}" for year, month in read.month_years]
    parts += [f"year {year}" for year in read.years]
    durations = (
        (read.months, f"{read.months} months"),
        (read.weeks, f"{read.weeks} weeks"),
        (read.quarter, f"quarter {read.quarter}"),
        (read.half, f"half-year {read.half}"),
        (read.quarter_word, "a quarter"),
        (read.year_span, "a year"),
        (read.ytd, "the year to date"),
        (read.period_ended, "a period ended"),
        (read.as_of, "at a day"),
        (read.change, "a change"),
        (read.percent, "percent"),
    )
    parts += [words for holds, words in durations if holds]
    if read.audited is not None:
        parts.append("audited" if read.audited else "unaudited")
    return ", ".join(parts)
