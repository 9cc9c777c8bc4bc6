"""Figures to statement tables: what fits, in which scale and columns, as the issuer's HTML lays it out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from html import escape

from .layouts import Label, Line
from .numerals import MILLION, MONEY, THOUSAND, fits, in_table
from .reference import Evidence, Row

LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SPANS = ("quarter", "half", "nine_months", "year")
SPAN_HEADING = {
    "quarter": "Three Months Ended",
    "half": "Six Months Ended",
    "nine_months": "Nine Months Ended",
    "year": "Year Ended",
}
YEARS_HEADING = {
    "instant": "As of",
    "quarter": "For the Three Months Ended",
    "half": "For the Six Months Ended",
    "nine_months": "For the Nine Months Ended",
    "year": "For the years ended",
}
BLANK = "&nbsp;"


@dataclass(frozen=True)
class Column:
    """One column of figures: kind of period, its last day, currency."""

    period_type: str
    period_end: date
    currency: str

    @property
    def order(self) -> tuple[int, date, int]:
        """Quarters first, old dates first, RMB before US$."""
        span = SPANS.index(self.period_type) if self.period_type in SPANS else -1
        return (span, self.period_end, ["", *MONEY].index(self.currency))


@dataclass(frozen=True)
class Printed:
    """A figure as it stands in a table: digits without the parentheses, labels of row and column."""

    row: Row
    text: str
    label: str
    column: str


@dataclass(frozen=True)
class Plan:
    """A statement to lay out: its title and rows, and how its header is written.

    `years`: the header groups columns by `For the years ended December 31,` over bare years. `plain`: columns
    are periods without a currency row, and each row says its own unit. `unaudited_after`: columns later than
    that day are marked. `company` stands above the title. `coarsest` is the coarsest rounding of a figure in a table
    in millions.
    """

    title: str
    lines: tuple[Line, ...]
    company: str = ""
    years: bool = False
    plain: bool = False
    unaudited_after: date | None = None
    coarsest: Decimal = MILLION / 10


@dataclass(frozen=True)
class TableRow:
    """A printed row: label, whether it is a heading, note number, one figure or none per column, its sign."""

    label: str
    heading: bool
    note: str
    values: tuple[Row | None, ...]
    flip: bool


@dataclass(frozen=True)
class Table:
    """A statement as it is printed: the plan, its scale, columns and rows, and every figure in it."""

    plan: Plan
    scale: Decimal
    columns: tuple[Column, ...]
    body: tuple[TableRow, ...]
    printed: tuple[Printed, ...] = field(repr=False)


def column_of(row: Row, plain: bool = False) -> Column:
    """The column that a figure stands in; figures per share and per ADS stand with their currency."""
    return Column(row.period_type, row.period_end, "" if plain else row.unit.partition("/")[0])


def day(value: date) -> str:
    """`Mar 31, 2025`, the issuer's short form."""
    return f"{MONTHS[value.month - 1]} {value.day}, {value.year}"


def build(plan: Plan, rows: Iterable[Row]) -> Table | None:
    """Lay rows out under the lines of one statement; None if nothing of its own would be printed.

    The scale is thousands where every figure of the statement is known to the thousand, else millions;
    figures that the scale cannot show stay out. Where the reference keeps one line under two names, both
    share the cell if they agree; else only the first stands in the table.
    """
    found: dict[tuple[int, Column], list[Row]] = {}
    for index, line in enumerate(plan.lines):
        for name in (line.concept, *line.also) if line.concept else ():
            for row in rows:
                segments = (line.segment, line.also_segment or line.segment)
                if row.concept == name and row.segment in segments and row.unit in line.units:
                    found.setdefault((index, column_of(row, plan.plain)), []).append(row)
    money = [r for sharing in found.values() for r in sharing if r.unit in MONEY]
    scale = THOUSAND if money and all(fits(r, THOUSAND) for r in money) else MILLION
    cells = {
        place: kept for place, sharing in found.items() if (kept := _agreeing(sharing, scale, plan.coarsest))
    }
    columns = sorted({c for (index, c) in cells if not plan.lines[index].repeat}, key=lambda c: c.order)
    if not columns:
        return None
    body, printed = [], []
    for index, line in enumerate(plan.lines):
        sharing = [cells.get((index, c), []) for c in columns]
        known = [r for kept in sharing for r in kept]
        if line.optional and not known:
            continue
        label = line.label
        if isinstance(label, Label):
            label = label.choose({r.value < 0 for r in known})
        first = tuple(kept[0] if kept else None for kept in sharing)
        body.append(TableRow(label, not line.concept, line.note, first, line.flip))
        for column, kept in zip(columns, sharing, strict=True):
            printed += [
                Printed(r, in_table(kept[0], scale, line.flip)[0], label, column_name(column)) for r in kept
            ]
    return Table(plan, scale, tuple(columns), tuple(body), tuple(printed))


def _agreeing(sharing: list[Row], scale: Decimal, coarsest: Decimal) -> list[Row]:
    fitting = [r for r in sharing if fits(r, scale, coarsest)]
    return [r for r in fitting if r.value == fitting[0].value and r.rounding == fitting[0].rounding]


def column_name(column: Column) -> str:
    """The column's header in one line, for the list of figures."""
    span = SPAN_HEADING.get(column.period_type, "")
    parts = (span, day(column.period_end), MONEY.get(column.currency, ""))
    return " ".join(part for part in parts if part)


def render(table: Table, split_parenthesis: bool) -> list[str]:
    """The table's HTML lines: company, title and scale above it, header rows, body.

    `split_parenthesis` puts the closing parenthesis into a cell of its own, as the later filings do.
    """
    plan = table.plan
    out = [f'<p class="c"><b>{escape(words)}</b></p>' for words in (plan.company, plan.title) if words]
    if not plan.plain:
        word = "thousands" if table.scale == THOUSAND else "millions"
        per_share = any("/" in unit for line in plan.lines for unit in line.units)
        shares = ", except for share and per share data" if per_share else ""
        out.append(f'<p class="c">(All amounts in {word}{shares})</p>')
    out.append('<table style="width: 100%; border-collapse: collapse">')
    notes = any(line.note for line in plan.lines)
    out += _header(table, split_parenthesis, notes)
    out += [_body_row(row, table.scale, split_parenthesis, notes) for row in table.body]
    out.append("</table>")
    return out


def _header(table: Table, split: bool, notes: bool) -> list[str]:
    plan, columns, width = table.plan, table.columns, 3 if split else 2
    groups: list[tuple[str, int]] = []
    for column in columns:
        name = _group(column, plan)
        if groups and groups[-1][0] == name:
            groups[-1] = (name, groups[-1][1] + 1)
        else:
            groups.append((name, 1))
    rows = [groups] if any(name for name, _ in groups) else []
    ends = [
        str(c.period_end.year) if plan.years else day(c.period_end).replace(" ", BLANK, 1) for c in columns
    ]
    rows.append([(end, 1) for end in ends])
    if not plan.plain:
        rows.append([(_currency(c, plan), 1) for c in columns])
    lines = []
    for position, row in enumerate(rows):
        corner = (
            f'<td>{BLANK}</td><td class="h">Notes</td>' if notes and position == 0 else f"<td>{BLANK}</td>"
        )
        corner += f"<td>{BLANK}</td>" if notes and position else ""
        cells = "".join(
            f'<td>{BLANK}</td><td colspan="{width * n + n - 1}" class="h">{w}</td>' for w, n in row
        )
        lines.append(f"<tr>{corner}{cells}</tr>")
    return lines


def _group(column: Column, plan: Plan) -> str:
    if not plan.years:
        span = SPAN_HEADING.get(column.period_type, "")
        return "As at" if plan.unaudited_after and not span else span
    month = LONG_MONTHS[column.period_end.month - 1]
    return f"{YEARS_HEADING[column.period_type]} {month}{BLANK}{column.period_end.day},"


def _currency(column: Column, plan: Plan) -> str:
    late = plan.unaudited_after is not None and column.period_end > plan.unaudited_after
    return MONEY[column.currency] + (" (unaudited)" if late else "")


def _body_row(row: TableRow, scale: Decimal, split: bool, notes: bool) -> str:
    text = escape(row.label, quote=False)
    strong = row.heading or row.label.startswith("Total ")
    cells = [f"<td><b>{text}</b></td>" if strong else f"<td>{text}</td>"]
    if notes:
        cells.append(f'<td class="c">{row.note or BLANK}</td>')
    for figure in row.values:
        cells.append(f"<td>{BLANK}</td><td>{BLANK}</td>")
        if figure is None:
            cells.append(f'<td class="n">{BLANK}</td>' + (f"<td>{BLANK}</td>" if split else ""))
            continue
        digits, negative = in_table(figure, scale, row.flip)
        opening, closing = ("(", ")") if negative else ("", "")
        unit = "%" if figure.unit == "percent" else ""
        inner = f"{opening}{digits}{unit}" + ("" if split else closing)
        cells.append(f'<td class="n"{attributes(figure.evidence)}>{inner}</td>')
        if split:
            cells.append(f"<td>{closing or BLANK}</td>")
    return "<tr>" + "".join(cells) + "</tr>"


def attributes(evidence: Evidence) -> str:
    """The evidence as HTML attributes, with a leading blank; what is not known is left out."""
    parts = (
        ("data-grade", evidence.grade),
        ("data-source-kind", evidence.source_kind),
        ("data-source-title", evidence.source_title),
        ("data-source-url", evidence.source_url),
        ("title", evidence.words and f"As stated: {evidence.words}"),
    )
    return "".join(f' {name}="{escape(value, quote=True)}"' for name, value in parts if value)
