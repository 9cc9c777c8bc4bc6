"""The styles: named pure functions on (statement, layout), and seeded mixtures of them."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from tools.restyle import headers
from tools.restyle.model import Figure, Layout, Period, Row, Statement

Pair = tuple[Statement, Layout]
Style = Callable[[Statement, Layout], Pair]
RATE = Decimal("7.25")


def with_layout(**changes: object) -> Style:
    return lambda statement, layout: (statement, replace(layout, **changes))  # type: ignore[arg-type]


def chain(*styles: Style) -> Style:
    def both(statement: Statement, layout: Layout) -> Pair:
        for style in styles:
            statement, layout = style(statement, layout)
        return statement, layout

    return both


def _each_figure(statement: Statement, change: Callable[[Figure], Figure]) -> Statement:
    rows = tuple(
        replace(r, figures=tuple(f if f is None else change(f) for f in r.figures)) for r in statement.rows
    )
    return replace(statement, rows=rows)


def _reorder(statement: Statement, order: list[int]) -> Statement:
    return replace(
        statement,
        columns=tuple(statement.columns[n] for n in order),
        rows=tuple(
            replace(r, figures=tuple(r.figures[n] for n in order) if r.figures else ())
            for r in statement.rows
        ),
    )


def reversed_columns(statement: Statement, layout: Layout) -> Pair:
    """Older periods first, within each duration."""
    order = sorted(
        range(len(statement.columns)),
        key=lambda n: (_first(statement, statement.columns[n].months), statement.columns[n].end),
    )
    return _reorder(statement, order), layout


def by_date(statement: Statement, layout: Layout) -> Pair:
    """Columns grouped by date, durations within."""
    if len({c.months for c in statement.columns}) < 2:
        return statement, replace(layout, header=headers.dates_over_duration)
    order = sorted(
        range(len(statement.columns)),
        key=lambda n: (-statement.columns[n].end.toordinal(), statement.columns[n].months or 0),
    )
    return _reorder(statement, order), replace(layout, header=headers.dates_over_duration)


def _first(statement: Statement, months: int | None) -> int:
    return next(n for n, c in enumerate(statement.columns) if c.months == months)


def _add(statement: Statement, column: Period, at: int, figures: Callable[[Row], Figure | None]) -> Statement:
    rows = tuple(
        replace(r, figures=(*r.figures[:at], figures(r), *r.figures[at:])) if r.figures else r
        for r in statement.rows
    )
    return replace(statement, columns=(*statement.columns[:at], column, *statement.columns[at:]), rows=rows)


def _number(figure: Figure) -> Decimal:
    value = Decimal(0) if figure.nil else Decimal(figure.digits.replace(",", ""))
    return -value if figure.negative else value


def _change(row: Row) -> Figure | None:
    if len(row.figures) < 2 or row.figures[0] is None or row.figures[1] is None:
        return None
    before, after = _number(row.figures[1]), _number(row.figures[0])
    if not before:
        return None
    percent = (after - before) / abs(before) * 100
    return Figure(f"{abs(percent):.1f}", percent < 0, True)


def _difference(row: Row) -> Figure | None:
    if len(row.figures) < 2 or row.figures[0] is None or row.figures[1] is None:
        return None
    gap = _number(row.figures[0]) - _number(row.figures[1])
    return Figure(f"{abs(gap):,}", gap < 0) if gap else Figure("", nil=True)


def _two_columns(statement: Statement) -> bool:
    return len(statement.columns) == 2


def percent_change(statement: Statement, layout: Layout) -> Pair:
    """A column "% Change" after the two periods."""
    if not _two_columns(statement):
        return statement, layout
    return _add(statement, Period(date(1, 1, 1), None, extra="% Change"), 2, _change), layout


def two_changes(statement: Statement, layout: Layout) -> Pair:
    """Columns "Change" in money and in percent."""
    if not _two_columns(statement):
        return statement, layout
    statement = _add(statement, Period(date(1, 1, 1), None, extra="Change"), 2, _difference)
    return _add(statement, Period(date(1, 1, 1), None, extra="%"), 3, _change), layout


def note_column(statement: Statement, layout: Layout) -> Pair:
    """A column "Note" with small numbers before the figures."""
    number = {r: n for n, r in enumerate(statement.rows)}
    return (
        _add(
            statement,
            Period(date(1, 1, 1), None, extra="Note"),
            0,
            lambda r: Figure(str(3 + number[r] // 3)) if number[r] % 3 == 0 else None,
        ),
        layout,
    )


def in_renminbi(statement: Statement, layout: Layout) -> Pair:
    """An issuer that reports in RMB: no dollar signs."""
    statement = _each_figure(statement, lambda f: replace(f, sign=""))
    units = re.sub(r"(?i)\b(of )?(?:U\.?S\.? )?dollars\b|\$", "", statement.units).strip()
    units = "Amounts in RMB " + re.sub(r"(?i)^amounts?\b", "", units).strip() if units else "Amounts in RMB"
    columns = tuple(replace(c, currency="" if c.extra else "RMB") for c in statement.columns)
    return replace(statement, units=units, columns=columns), replace(layout, unit="CNY")


def convenience(statement: Statement, layout: Layout) -> Pair:
    """RMB with a US$ translation of each duration's newest column on its right."""
    statement, layout = in_renminbi(statement, layout)
    at = 0
    while at < len(statement.columns):
        column = statement.columns[at]
        same = [
            n for n, c in enumerate(statement.columns) if c.months == column.months and c.currency == "RMB"
        ]
        newest = max(same, key=lambda n: statement.columns[n].end)
        if newest == at:
            statement = _add(
                statement, replace(column, currency="US$"), at + 1, lambda r, n=at: _converted(r.figures[n])
            )  # type: ignore[misc]
            at += 1
        at += 1
    return statement, layout


def _converted(figure: Figure | None) -> Figure | None:
    if figure is None or figure.nil or figure.percent:
        return figure
    value = Decimal(figure.digits.replace(",", ""))
    places = -value.as_tuple().exponent  # type: ignore[operator]
    got = (value / RATE).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    return replace(figure, digits=f"{got:,}") if got else Figure("", nil=True)


def whole_words(statement: Statement, layout: Layout) -> Pair:
    """No currency sign at any figure; the units line names the dollar."""
    statement = _each_figure(statement, lambda f: replace(f, sign=""))
    units = statement.units
    if units and "dollar" not in units.lower() and "$" not in units:
        units = "U.S. dollars in " + re.sub(r"(?i)^(?:amounts )?in ", "", units)
    return replace(statement, units=units or "In U.S. dollars"), layout


def signed_everywhere(statement: Statement, layout: Layout) -> Pair:
    """A currency sign at every amount of money; rows without one in any column print none (shares, ratios)."""
    currency = next((f.sign for r in statement.rows for f in r.figures if f is not None and f.sign), "")
    rows = tuple(
        r
        if _counts(r)
        else replace(r, figures=tuple(f and replace(f, sign=f.sign or currency) for f in r.figures))
        for r in statement.rows
    )
    return replace(statement, rows=rows), replace(layout, symbols="split")


def _counts(row: Row) -> bool:
    return bool(re.search(r"(?i)shares|basic|dilut|average|units|stock", row.label)) or any(
        f is not None and f.percent for f in row.figures
    )


def capitals(statement: Statement, layout: Layout) -> Pair:
    """Title, headings and dates in capitals."""
    return replace(statement, title=statement.title.upper(), units=statement.units.upper()), replace(
        layout,
        date=lambda d: f"{d:%B} {d.day}, {d.year}".upper(),
        duration=lambda m: f"{headers.WORDS.get(m, str(m))} Months Ended".upper(),
    )


def _weeks(words: bool) -> Callable[[int], str]:
    def text(months: int) -> str:
        if months not in headers.WEEKS:
            return f"{months} Months Ended"
        return f"{headers.WEEK_WORDS[months] if words else headers.WEEKS[months]} Weeks Ended"

    return text


def _quarter(months: int) -> str:
    return {3: "Quarter Ended", 12: "Year Ended"}.get(
        months, f"{headers.WORDS.get(months, months)} Months Ended"
    )


def _short_months(months: int) -> str:
    return f"{months} Months Ended"


def _for_the_periods(months: int) -> str:
    return {3: "Quarterly Period Ended", 12: "Fiscal Year Ended"}.get(
        months, f"{headers.WORDS.get(months, months)}-Month Period Ended"
    )


DATES: dict[str, Callable[[date], str]] = {
    "date_short_month": lambda d: f"{d:%b} {d.day}, {d.year}",
    "date_short_month_dot": lambda d: f"{d:%b}. {d.day}, {d.year}",
    "date_day_first": lambda d: f"{d.day} {d:%B} {d.year}",
    "date_slashes": lambda d: f"{d.month}/{d.day}/{d:%y}",
    "date_slashes_long": lambda d: f"{d:%m/%d/%Y}",
    "date_iso": lambda d: d.isoformat(),
    "date_without_comma": lambda d: f"{d:%B} {d.day} {d.year}",
    "date_dashes": lambda d: f"{d.day}-{d:%b}-{d:%y}",
    "date_dots": lambda d: f"{d:%d.%m.%Y}",
    "date_ordinal": lambda d: (
        f"{d:%B} {d.day}{'st' if d.day % 10 == 1 and d.day != 11 else 'nd' if d.day % 10 == 2 and d.day != 12 else 'rd' if d.day % 10 == 3 and d.day != 13 else 'th'}, {d.year}"
    ),
}

FAMILIES: dict[str, dict[str, Style]] = {
    "header": {
        "duration_over_dates": with_layout(header=headers.duration_over_dates),
        "duration_day_over_years": with_layout(header=headers.duration_and_day_over_years),
        "month_day_over_year": with_layout(header=headers.month_day_over_year),
        "day_spans_columns": with_layout(header=headers.day_spans_columns),
        "one_line": with_layout(header=headers.one_line),
        "one_line_broken": with_layout(header=headers.one_line_broken),
        "dates_over_duration": by_date,
        "duration_in_label": with_layout(header=headers.in_label),
        "periods_in_title": with_layout(header=headers.periods_in_title),
        "short_quarters": with_layout(header=headers.short_quarters),
        "shorter_quarters": with_layout(header=headers.shorter_quarters),
        "as_of_over_dates": with_layout(header=headers.as_of),
        "duration_in_each": with_layout(header=headers.duration_each),
    },
    "words": {
        "weeks": with_layout(duration=_weeks(False)),
        "weeks_in_words": with_layout(duration=_weeks(True)),
        "quarter_ended": with_layout(duration=_quarter),
        "digits_months": with_layout(duration=_short_months),
        "quarterly_period": with_layout(duration=_for_the_periods),
        "capitals": capitals,
    },
    "dates": {name: with_layout(date=form) for name, form in DATES.items()},
    "columns": {
        "older_first": reversed_columns,
        "percent_change": percent_change,
        "two_changes": two_changes,
        "note_column": note_column,
        "renminbi": in_renminbi,
        "convenience_dollars": convenience,
    },
    "symbols": {
        **{
            f"symbols_{s}": with_layout(symbols=s)
            for s in ("joined", "sign_left", "split", "workiva", "apart", "close_right")
        },
        "signs_everywhere": signed_everywhere,
        "no_signs": whole_words,
    },
    "spacing": {
        "spacers_0": with_layout(spacers=0),
        "spacers_2": with_layout(spacers=2),
        "empty_columns_before": with_layout(before=2),
        "blank_cells_with_nbsp": with_layout(blank="&nbsp;", spacers=2),
    },
    "over": {
        f"head_{over}_{symbols}": with_layout(over=over, symbols=symbols)
        for over in ("left", "digits", "right", "wide", "wide_left")
        for symbols in ("split", "workiva", "apart")
    },
    "negative": {
        "minus": with_layout(negative="-{}"),
        "minus_behind": with_layout(negative="{}-"),
        "true_minus": with_layout(negative="−{}"),
        "en_dash": with_layout(negative="–{}"),
        "en_dash_blank": with_layout(negative="– {}"),
        "brackets_with_blanks": with_layout(negative="( {} )"),
        "square_minus_in_brackets": with_layout(negative="(-{})"),
    },
    "nil": {
        f"nil_{n}": with_layout(nil=text)
        for n, text in enumerate(("-", "–", "nil", "0", "--", "- -", "—  —", "Nil"))
    },
    "title": {
        "title_in_rows": with_layout(title_at="rows", units_at="rows"),
        "title_in_caption": with_layout(title_at="caption", units_at="caption"),
        "title_far_above": with_layout(title_at="far"),
        "units_in_label": with_layout(units_at="label"),
        "units_over_columns": with_layout(units_at="over"),
        "units_in_each_head": with_layout(units_at="each"),
        "unaudited_row": with_layout(audit_at="row"),
        "audit_mark_in_each": with_layout(audit_at="each"),
    },
    "indent": {f"indent_{how}": with_layout(indent=how) for how in ("nbsp", "em", "margin", "none")},
    "marks": {
        "marks_on_labels": with_layout(label_marks=" (1)"),
        "raised_marks_on_labels": with_layout(label_marks="<sup>(a)</sup>"),
        "marks_behind_figures": with_layout(figure_marks="(1)"),
        "stars_behind_figures": with_layout(figure_marks="*"),
    },
    "rows": {
        "header_repeated": with_layout(repeat_header=True),
        "page_break_heads_repeated": with_layout(page_break="repeated"),
        "page_break_without_heads": with_layout(page_break="bare"),
        "rules_of_dashes": with_layout(rules="-------"),
        "rules_of_equals": with_layout(rules="======"),
    },
    "markup": {
        f"markup_{name}": with_layout(markup=name)
        for name in ("th", "unclosed", "fonts", "inner_spans", "inline_styles", "rowspan")
    },
}


def mixture(seed: int) -> Style:
    """A seeded composition of one style of most families."""
    rng = random.Random(seed)
    chosen = [family[rng.choice(sorted(family))] for family in FAMILIES.values() if rng.random() < 0.65]
    return chain(*chosen)


def all_styles(mixtures: int) -> dict[str, Style]:
    out: dict[str, Style] = {"as_read": lambda s, y: (s, y)}
    for family in FAMILIES.values():
        out.update(family)
    out.update({f"mixture_{seed:03}": mixture(seed) for seed in range(mixtures)})
    return out
