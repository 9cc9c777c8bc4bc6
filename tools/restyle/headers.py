"""Ways to write the headings over the columns."""

from datetime import date
from itertools import groupby

from tools.restyle.model import HeaderRow, Layout, Period, Statement

WORDS = {3: "Three", 6: "Six", 9: "Nine", 12: "Twelve"}
WEEKS = {3: 13, 6: 26, 9: 39, 12: 52}
WEEK_WORDS = {3: "Thirteen", 6: "Twenty-Six", 9: "Thirty-Nine", 12: "Fifty-Two"}


def _spans(statement: Statement, key: object) -> list[tuple[object, int, int]]:
    out: list[tuple[object, int, int]] = []
    at = 0
    for value, group in groupby(statement.columns, key=key):  # type: ignore[call-overload]
        count = len(list(group))
        out.append((value, at, at + count))
        at += count
    return out


def _durations(statement: Statement, layout: Layout, tail: str = "") -> list[tuple[str, int, int]]:
    return [
        (f"{layout.duration(int(months))}{tail}", a, b)  # type: ignore[call-overload]
        for months, a, b in _spans(statement, lambda c: c.months)
        if months is not None
    ]


def _extras(statement: Statement) -> list[tuple[str, int, int]]:
    return [(c.extra, n, n + 1) for n, c in enumerate(statement.columns) if c.extra]


def _each(statement: Statement, text: object) -> list[tuple[str, int, int]]:
    return [
        (c.extra if c.extra else text(c), n, n + 1)  # type: ignore[operator]
        for n, c in enumerate(statement.columns)
    ]


def _flow(statement: Statement) -> bool:
    return any(c.months for c in statement.columns)


def duration_over_dates(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "Three Months Ended" over "June 30, 2023"."""
    rows: list[HeaderRow] = []
    if _flow(statement):
        rows.append(("", _durations(statement, layout)))
    return [*rows, ("", _each(statement, lambda c: layout.date(c.end)))]


def _month_day(day: date) -> str:
    return f"{day:%B} {day.day},"


def one_month_day(statement: Statement) -> bool:
    """Whether all flow columns of one duration end on the same day of the year."""
    days: dict[int | None, set[tuple[int, int]]] = {}
    for c in statement.columns:
        if not c.extra:
            days.setdefault(c.months, set()).add((c.end.month, c.end.day))
    return all(len(d) == 1 for d in days.values())


def duration_and_day_over_years(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "Three Months Ended June 30," over "2023"; dates of one statement day differ: day over year per column."""
    if not _flow(statement) or not one_month_day(statement):
        return month_day_over_year(statement, layout)
    spans = [
        (f"{layout.duration(int(m))} {_month_day(statement.columns[a].end)}", a, b)  # type: ignore[call-overload]
        for m, a, b in _spans(statement, lambda c: c.months)
        if m is not None
    ]
    return [("", spans), ("", _each(statement, lambda c: str(c.end.year)))]


def month_day_over_year(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "June 30," and "2023" in rows of their own, under the duration."""
    rows: list[HeaderRow] = []
    if _flow(statement):
        rows.append(("", _durations(statement, layout)))
    rows.append(("", [x for x in _each(statement, lambda c: "" if c.extra else _month_day(c.end)) if x[0]]))
    return [*rows, ("", _each(statement, lambda c: str(c.end.year)))]


def day_spans_columns(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "Three Months Ended" | "Six Months Ended"; one "June 30," over all columns; years."""
    if not _flow(statement) or len({(c.end.month, c.end.day) for c in statement.columns if not c.extra}) != 1:
        return month_day_over_year(statement, layout)
    plain = [n for n, c in enumerate(statement.columns) if not c.extra]
    return [
        ("", _durations(statement, layout)),
        ("", [(_month_day(statement.columns[plain[0]].end), plain[0], plain[-1] + 1)]),
        ("", _each(statement, lambda c: str(c.end.year))),
    ]


def one_line(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "Three Months Ended June 30, 2023" in each column."""

    def text(c: Period) -> str:
        return f"{layout.duration(c.months)} {layout.date(c.end)}" if c.months else layout.date(c.end)

    return [("", _each(statement, text))]


def one_line_broken(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """The same with line breaks."""

    def text(c: Period) -> str:
        day = f"{c.end:%b}. {c.end.day},<br>{c.end.year}"
        return f"{layout.duration(c.months).replace(' ', '<br>', 1)}<br>{day}" if c.months else day

    return [("", _each(statement, text))]


def dates_over_duration(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "June 30, 2023" spanning the columns of that date, "Three Months" | "Six Months" below."""
    days = [
        (layout.date(e), a, b)  # type: ignore[arg-type]
        for e, a, b in _spans(statement, lambda c: None if c.extra else c.end)
        if e is not None
    ]
    if not _flow(statement):
        return [("", days + _extras(statement))]
    return [
        ("", days),
        ("", _each(statement, lambda c: layout.duration(c.months).replace(" Ended", "") if c.months else "")),
    ]


def in_label(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """The duration in the label cell of the heading row, years over the columns."""
    if len({c.months for c in statement.columns if not c.extra}) != 1 or not _flow(statement):
        return duration_over_dates(statement, layout)
    if one_month_day(statement):
        first = statement.columns[0]
        assert first.months is not None
        return [
            (
                f"{layout.duration(first.months)} {_month_day(first.end)}",
                _each(statement, lambda c: str(c.end.year)),
            )
        ]
    assert statement.columns[0].months is not None
    return [(layout.duration(statement.columns[0].months), _each(statement, lambda c: layout.date(c.end)))]


def periods_in_title(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """Only years over the columns: the title names the period (see `title_with_period`)."""
    if title_period(statement, layout) is None:
        return duration_and_day_over_years(statement, layout)
    return [("", _each(statement, lambda c: str(c.end.year)))]


def title_period(statement: Statement, layout: Layout) -> str | None:
    """ "For the three months ended June 30, 2023 and 2022", where that says all."""
    plain = [c for c in statement.columns if not c.extra]
    if (
        not statement.title
        or len({c.months for c in plain}) != 1
        or len({(c.end.month, c.end.day) for c in plain}) != 1
    ):
        return None
    if len({c.end.year for c in plain}) != len(plain):
        return None
    years = " and ".join(str(c.end.year) for c in plain)
    first = plain[0]
    day = f"{first.end:%B} {first.end.day}, {years}"
    return f"For the {layout.duration(first.months).lower()} {day}" if first.months else f"As of {day}"


def short_quarters(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "Q2 2023", "H1 2023": calendar years only."""
    return _short(
        statement, layout, lambda c: f"Q{c.end.month // 3} {c.end.year}", lambda c: f"H1 {c.end.year}"
    )


def shorter_quarters(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "2Q23", "1H23", "9M23"."""
    return _short(statement, layout, lambda c: f"{c.end.month // 3}Q{c.end:%y}", lambda c: f"1H{c.end:%y}")


def _short(statement: Statement, layout: Layout, quarter: object, half: object) -> list[HeaderRow]:
    plain = [c for c in statement.columns if not c.extra]
    good = all(
        c.months in (3, 6, 9) and (c.end.day >= 30 or c.end.month == 3) and c.end.month % 3 == 0
        for c in plain
    )
    if not statement.calendar_year or not good or any(c.months == 6 and c.end.month != 6 for c in plain):
        return one_line(statement, layout)

    def text(c: Period) -> str:
        chosen = quarter if c.months == 3 else half if c.months == 6 else None
        return chosen(c) if chosen else f"9M {c.end.year}"  # type: ignore[operator,no-any-return]

    return [("", _each(statement, text))]


def as_of(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """ "As of" over the dates of a balance sheet; "For the ..." over a flow statement."""
    plain = [n for n, c in enumerate(statement.columns) if not c.extra]
    if not _flow(statement):
        return [
            ("", [("As of", plain[0], plain[-1] + 1)]),
            ("", _each(statement, lambda c: layout.date(c.end))),
        ]
    rows = duration_over_dates(statement, layout)
    return [("", [(f"For the {t}", a, b) for t, a, b in rows[0][1]]), *rows[1:]]


def duration_each(statement: Statement, layout: Layout) -> list[HeaderRow]:
    """The duration repeated over each column, the date below it."""
    rows: list[HeaderRow] = []
    if _flow(statement):
        rows.append(
            ("", [(layout.duration(c.months), n, n + 1) for n, c in enumerate(statement.columns) if c.months])
        )
    return [*rows, ("", _each(statement, lambda c: layout.date(c.end)))]


def currency_row(statement: Statement) -> list[HeaderRow]:
    """The row of currencies, where columns have one of their own."""
    if not any(c.currency for c in statement.columns):
        return []
    return [("", [(c.currency, n, n + 1) for n, c in enumerate(statement.columns) if c.currency])]
