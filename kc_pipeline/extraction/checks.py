"""What contradicts a reading: arithmetic inside one statement table, and columns that could not be told apart.

Totals are found, not presumed: a row whose figures are the sum of the rows right above it (subtotals taken for
their addends) in at least one column is a total. Where that same sum fails in another column the two columns
contradict each other, and the lines of the failing column are marked. Tolerances come from the figures' stated
precision: half a unit of the last digit for each figure in the sum, plus one unit.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kc_pipeline.concepts.languages import in_latin
from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.contradictions import currency_of, of_table
from kc_pipeline.extraction.model import Caution, Extraction, Line, mark
from kc_pipeline.extraction.period_checks import not_told_apart, period_unclear
from kc_pipeline.extraction.reading import TableReading
from kc_pipeline.extraction.statements import PRIMARY, titled_as_statement
from kc_pipeline.figures import IN_LABEL

_TOTAL = re.compile(
    r"^\W*(?:total|net|gross|income|loss|profit|earnings|operating|comprehensive|liabilities\s+and|cash\s+(?:flow|used|provided|generated)|increase|decrease|other\s+comprehensive)\b",
    re.I,
)
_SURE = re.compile(r"^\W*(?:total\b|net\s+cash\b|gross\s+profit\b)", re.I)
_ASSETS = re.compile(r"^\W*total\s+(?:consolidated\s+)?assets\W*$", re.I)
_OTHER_SIDE = re.compile(
    r"^\W*(?:total\s+)?liabilities\W.*\b(?:equity|deficit|capital|deficiency|interests?|investment)\b|^\W*(?:total\s+)?(?:equity|shareholders\W+equity|stockholders\W+equity|capital|net\s+assets)\s+(?:and|&)\s+(?:total\s+)?liabilities|^\W*total\s+liabilities\s+(?:and|&)\s+net\s+assets",
    re.I,
)
_MAY_BE_TOTAL = re.compile(
    r"\bnet\b|\btotals?\b|\bprofits?\b|\bloss(?:es)?\b|\bincome\b|\bmargin\b|\bequity\b|\bactivities\b|\boperations\b|\bend\s+of\b|\bbefore\b|\bafter\b",
    re.I,
)
_MOST_ADDENDS = 45


@dataclass(slots=True)
class _Row:
    number: int
    label: str
    section: tuple[str, ...] = ()
    values: dict[int, int] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)


def check_table(reading: TableReading) -> list[Caution]:
    """Return the warnings about one table, and mark the lines that they contradict."""
    out = _columns_unclear(reading)
    out += period_unclear(reading) if not out else []
    out += _unreadable(reading)
    out += reading.unread
    out += _scale_doubtful(reading)
    out += _currency_contradicted(reading)
    if reading.statement in PRIMARY and reading.lines:
        rows = _label_rows(reading.lines)
        out += _totals(reading, rows)
        if reading.statement == "balance_sheet":
            out += _sides(reading, rows)
    out += of_table(reading.lines, flow=reading.flow)
    return out


def _currency_contradicted(reading: TableReading) -> list[Caution]:
    """A column whose printed signs a serious clue contradicts: all its money is marked, amounts per share too."""
    money = [x for x in reading.lines if x.column_label in reading.contradicted and currency_of(x.unit)]
    mark(money, "currency_contradicted")
    return [
        Caution(
            reading.index,
            "currency_contradicted",
            f"column {column[:60]!r} was read by its printed signs, but {words}: check the currency",
        )
        for column, words in reading.contradicted.items()
    ]


def _scale_doubtful(reading: TableReading) -> list[Caution]:
    """A statement whose scale is contradicted or nowhere stated: its money is marked, and read as the nearest clue says."""
    if reading.scale_doubt is None or not reading.lines:
        return []
    code, words = reading.scale_doubt
    mark((x for x in reading.lines if len(x.unit) == 3), code)
    return [
        Caution(
            reading.index, code, f"table {reading.index} {reading.title[:60]!r}: {words}; check its amounts"
        )
    ]


def tie_report(extraction: Extraction) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (tied, judged) for "Total ..." figures of primary statements, and for the two sides of balance sheets.

    A total is judged where a run of rows above it adds up in at least one of its table's columns, or where its label
    says that it is a total and it has two rows above it at all.
    """
    tables: dict[int, list[Line]] = {}
    for line in extraction.lines:
        if line.statement in PRIMARY and not line.member:
            tables.setdefault(line.table, []).append(line)
    tied = judged = sides = both = 0
    for lines in tables.values():
        rows = _label_rows(lines)
        assets = next((r for r in rows if _ASSETS.match(r.label)), None)
        other = next((r for r in reversed(rows) if _OTHER_SIDE.match(r.label)), None)
        if assets is not None and other is not None and lines[0].statement == "balance_sheet":
            for column, value in assets.values.items():
                if column in other.values:
                    both += 1
                    sides += abs(other.values[column] - value) <= 2
        for row, items, found in _sums(rows, sorted({c for r in rows for c in r.values})):
            if found is not None and _TOTAL.match(row.label):
                judged += len(row.values)
                tied += len(row.values) - len(found[1])
            elif found is None and _SURE.match(row.label) and not _SURE.match(items[-1].label):
                judged += len(row.values)
    return (tied, judged), (sides, both)


def tied_cells(extraction: Extraction) -> dict[tuple[int, int, int], Line]:
    """Return the figures that take part in a total of three digits that ties in their own column and in another one.

    To change such a figure alone is to contradict the arithmetic of its table. Keys are (table, row, col).
    """
    tables: dict[int, list[Line]] = {}
    for line in extraction.lines:
        if line.statement in PRIMARY and not line.member:
            tables.setdefault(line.table, []).append(line)
    out: dict[tuple[int, int, int], Line] = {}
    for lines in tables.values():
        rows = _label_rows(lines)
        every = sorted({c for r in rows for c in r.values})
        for row, items, found in _sums(rows, every):
            if found is None or found[1] or not _SURE.match(row.label):
                continue
            if min(abs(v) for v in row.values.values()) <= 200:
                continue
            parts = [*items[found[0] :], row]
            whole = all(c in p.values for p in parts for c in every)
            if whole and len(every) > 1 and len(parts) > 3:
                for part in parts:
                    for line in part.lines.values():
                        out[(line.table, line.row, line.col)] = line
    return out


def _label_rows(lines: list[Line]) -> list[_Row]:
    """Return the rows of amounts, as whole numbers of the finest last digit, by column (period, unit, heading)."""
    money = [x for x in lines if len(x.unit) == 3 and not x.column_label.endswith(IN_LABEL)]
    if not money:
        return []
    finest = max(x.decimals for x in money)
    columns: dict[tuple[object, ...], int] = {}
    out: list[_Row] = []
    # a column is told by its heading: cash at the end of a period stands in the column of that period's flows
    places = {(x.row, x.unit, x.member, x.column_label) for x in money}
    told = len(places) == len(money)
    for line in money:
        if not out or out[-1].number != line.row:
            out.append(_Row(line.row, in_latin(line.label), line.section))
        if line.decimals >= finest - 3:
            key: tuple[object, ...] = (line.unit, line.member, line.column_label)
            if not told:
                key += (line.period_end, line.months)
            index = columns.setdefault(key, len(columns))
            out[-1].values[index] = int(line.value.scaleb(finest))
            out[-1].lines[index] = line
    return out


_MOST_CELLS = 20


def _unreadable(reading: TableReading) -> list[Caution]:
    """Cells that must be figures and could not be read: nothing is reported for them, so say where they stand."""
    out = [
        Caution(
            reading.index,
            "unreadable_cell",
            f"row {number} {label[:80]!r}: {text!r} is no figure that can be read",
        )
        for number, label, text in reading.unreadable[:_MOST_CELLS]
    ]
    rest = len(reading.unreadable) - _MOST_CELLS
    if rest > 0:
        out.append(
            Caution(reading.index, "unreadable_cell", f"{rest} more cells of the table could not be read")
        )
    return out


def _columns_unclear(reading: TableReading) -> list[Caution]:
    if reading.without_currency:
        return [
            Caution(
                reading.index,
                "currency_unclear",
                f"{reading.without_currency} figures were left out: neither table nor document names a currency",
            )
        ]
    doubts: dict[str, list[Column]] = {}
    for column in (c for _, columns in reading.blocks for c in columns if c.doubt and c.kind == "amount"):
        doubts.setdefault(column.doubt, []).append(column)
    if doubts and reading.lines:
        labels = {c.label for doubted in doubts.values() for c in doubted}
        mark((x for x in reading.lines if x.column_label in labels), "header_unclear")
        return [
            Caution(reading.index, "header_unclear", f"column {_as_read(doubted)}: {doubt}")
            for doubt, doubted in doubts.items()
        ]
    unread = reading.statement in PRIMARY and not reading.lines and titled_as_statement(reading.title)
    if unread and any(
        c.kind == "amount" and c.period_end is None for _, columns in reading.blocks for c in columns
    ):
        return [
            Caution(
                reading.index,
                "unread_table",
                "looks like a statement, but no period could be read for its columns",
            )
        ]
    return not_told_apart(reading)


def _as_read(columns: list[Column]) -> str:
    return ", ".join(f"{c.label[:120]!r}, read as {c.period_end}" for c in columns)


def _totals(reading: TableReading, rows: list[_Row]) -> list[Caution]:
    columns = sorted({c for r in rows for c in r.values})
    if len(columns) < 2:
        return []
    out: list[Caution] = []
    for row, items, found in _sums(rows, columns):
        if found is None:
            continue
        start, failing, minus = found
        for column in failing:
            addends = items[start:]
            out.append(_contradiction(reading, row, addends, column, minus))
            parts = (*addends, row)
            mark((part.lines[column] for part in parts if column in part.lines), "total_mismatch")
    return out


Found = tuple[int, list[int], bool]
"""Where the addends of a total begin among the rows above it, the columns in which they fail, whether the rest is taken off the first."""


def _sums(rows: list[_Row], columns: list[int]) -> Iterator[tuple[_Row, list[_Row], Found | None]]:
    """Walk down a table's rows: each total with the rows above it that are not yet summed up, and where it adds up.

    A row whose label names no total is a subtotal where it is the sum of rows above it in every column; such a row
    then stands for its addends ("Accounts receivable, net", "Operating profit").
    """
    items: list[_Row] = []
    for row in rows:
        if len(items) >= 2:
            named = _TOTAL.match(row.label) is not None
            found = _addends(items, row, columns) if named else _subtotal(items, row)
            if named or found is not None:
                yield row, items, found
            if found is not None:
                del items[found[0] :]
        items.append(row)


def _subtotal(items: list[_Row], total: _Row) -> Found | None:
    """Return the addends that give a row in its columns, of which there must be two, and not by chance.

    A column in which they fail contradicts the others where those have figures of four digits together.
    """
    if len(total.values) < 2 or _weight(total.values.values()) < 5:
        return None
    columns = list(total.values)
    ends = (columns[0], columns[-1])
    rest = [0, 0]
    partial: Found | None = None
    for start in range(len(items) - 1, max(-1, len(items) - 1 - _MOST_ADDENDS), -1):
        first = items[start].values
        slack = (len(items) - start) // 2 + 1
        for minus in (False, True) if start < len(items) - 1 else ():
            if not any(
                abs(first.get(c, 0) + (-r if minus else r) - total.values[c]) <= slack
                for c, r in zip(ends, rest, strict=True)
            ):
                continue
            sums = {c: _adds_up(items[start:], total, c, minus) for c in columns}
            if all(sums.values()):
                return start, [], minus
            failing = [c for c in columns if sums[c] is False]
            if not failing or not _MAY_BE_TOTAL.search(total.label):
                continue
            complete = all(c in item.values for c in failing for item in items[start:])
            tied = [total.values[c] for c in columns if sums[c]]
            most = len(failing) == 1 or len(tied) > len(failing)
            if partial is None and complete and tied and most and _weight(tied) >= 4:
                partial = (start, failing, minus)
        for n, c in enumerate(ends):
            rest[n] += first.get(c, 0)
    return partial


def _adds_up(addends: list[_Row], total: _Row, column: int, minus: bool) -> bool | None:
    """Return whether addends give a total in one column; None where only one of them is not zero, and gives it."""
    parts = [r.values.get(column, 0) for r in addends]
    expected = parts[0] - sum(parts[1:]) if minus else sum(parts)
    equal = abs(expected - total.values[column]) <= len(parts) // 2 + 1
    return None if equal and sum(1 for part in parts if part) < 2 else equal


def _weight(values: Iterable[int]) -> float:
    """Return about how many digits figures have together: how unlikely it is that other figures give them by chance."""
    return sum(math.log10(abs(v) + 1) for v in values)


def _addends(items: list[_Row], total: _Row, columns: list[int]) -> Found | None:
    """Return where the addends of a total begin, the columns in which they fail, and whether the rest is taken off."""
    judged = [c for c in columns if c in total.values]
    sums, complete = dict.fromkeys(judged, 0), dict.fromkeys(judged, True)
    failing_best: Found | None = None
    partial: Found | None = None
    sure = bool(_SURE.match(total.label))
    small = len(judged) > 1 and _weight(total.values.values()) >= (2.5 if sure else 4)
    for start in range(len(items) - 1, max(-1, len(items) - 1 - _MOST_ADDENDS), -1):
        first = items[start].values
        count = len(items) - start
        # a small total may be trusted to tie, too, from its heading down
        least = 0 if sure and count > 2 and _is_section(items, start, total) else 200
        for minus in (False, True) if count > 1 else ():
            matched, tied, failing = _compared(
                first, sums, complete, total, minus=minus, count=count, least=least
            )
            if matched == len(judged) and (tied or (small and any(sums.values()))):
                return start, [], minus
            if tied and not failing and partial is None:
                partial = (start, [], minus)
            if sure and tied >= len(failing) > 0 and _fails_less(failing, minus, failing_best):
                failing_best = (start, failing, minus)
        for c in judged:
            if c in first:
                sums[c] += first[c]
            else:
                complete[c] = False
    return failing_best or partial


def _is_section(items: list[_Row], start: int, total: _Row) -> bool:
    """Return whether the rows from one on are all those between a heading and its total."""
    if not total.section or items[start].section != total.section:
        return False
    return not start or items[start - 1].section != total.section


def _compared(
    first: dict[int, int],
    sums: dict[int, int],
    complete: dict[int, bool],
    total: _Row,
    *,
    minus: bool,
    count: int,
    least: int,
) -> tuple[int, int, list[int]]:
    """Return in how many columns a row and the sums below it give a total, how many of these prove it, and which fail."""
    matched, tied, failing = 0, 0, []
    for c, rest in sums.items():
        value, printed = first.get(c, 0), total.values[c]
        if abs((value - rest if minus else value + rest) - printed) <= count // 2 + 1:
            matched += 1
            tied += abs(printed) > least and rest != 0
        elif complete[c] and c in first:
            failing.append(c)
    return matched, tied, failing


def _fails_less(failing: list[int], minus: bool, best: Found | None) -> bool:
    return best is None or (len(failing), minus) < (len(best[1]), best[2])


def _contradiction(
    reading: TableReading, row: _Row, addends: list[_Row], column: int, minus: bool
) -> Caution:
    line = row.lines[column]
    parts = [r.values.get(column, 0) for r in addends]
    expected = parts[0] - sum(parts[1:]) if minus else sum(parts)
    return Caution(
        reading.index,
        "total_mismatch",
        f"row {row.number} {row.label!r}, {line.period_end}: printed {line.text}, the rows above it give a difference of "
        f"{row.values[column] - expected} in units of the last digit, while the same rows add up in another column",
    )


def _sides(reading: TableReading, rows: list[_Row]) -> list[Caution]:
    assets = next((r for r in rows if _ASSETS.match(r.label)), None)
    other = next((r for r in reversed(rows) if _OTHER_SIDE.match(r.label)), None)
    if assets is None or other is None or assets is other:
        return []
    out: list[Caution] = []
    for column, value in assets.values.items():
        if column in other.values and abs(other.values[column] - value) > 2:
            mark((assets.lines[column], other.lines[column]), "total_mismatch")
            out.append(
                Caution(
                    reading.index,
                    "total_mismatch",
                    f"{assets.label} {assets.lines[column].text} and {other.label} {other.lines[column].text} differ at {assets.lines[column].period_end}",
                )
            )
    return out
