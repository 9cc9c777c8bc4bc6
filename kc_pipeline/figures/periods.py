"""Periods are dates; labels such as ``2025Q1`` are derived from them.

Fiscal calendars are described by the month (1-12) in which the fiscal year ends. A 52/53-week year ends
near the end of that month, so period ends within ten days of a month's end count as that month's
(a retail calendar's year may end as early as the last Saturday of the month, or a few days into the next).
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_LABEL = re.compile(r"^(\d{4})(?:Q([1-4])|H([12])|9M|FY)(-TTM)?$")


def month_end(year: int, month: int) -> date:
    """Return the last day of a month; months outside 1-12 carry into neighbouring years."""
    year, zero_based = year + (month - 1) // 12, (month - 1) % 12
    return date(year, zero_based + 1, monthrange(year, zero_based + 1)[1])


def nominal_month_end(day: date) -> date:
    """Return the month end that a period end stands for (52/53-week calendars end up to ten days away)."""
    if day.day <= 10:
        first = day.replace(day=1)
        return first - timedelta(days=1)
    return month_end(day.year, day.month)


def quarter_end(label: str) -> date:
    """Return the last day of a calendar quarter written as ``2025Q1``.

    Raises:
        ValueError: if the label is not of that form.
    """
    match = re.fullmatch(r"(\d{4})Q([1-4])", label)
    if not match:
        raise ValueError(f"not a quarter: {label!r} (expected the form 2025Q1)")
    return month_end(int(match[1]), 3 * int(match[2]))


def calendar_quarter(day: date) -> str:
    """Return the calendar quarter, as ``2025Q1``, in which a period end falls (nominal month end)."""
    nominal = nominal_month_end(day)
    return f"{nominal.year}Q{(nominal.month - 1) // 3 + 1}"


def quarters_between(first: str, last: str) -> list[str]:
    """Return all calendar quarters from first to last, both included."""
    year, quarter = int(first[:4]), int(first[5])
    out = []
    while (year, quarter) <= (int(last[:4]), int(last[5])):
        out.append(f"{year}Q{quarter}")
        year, quarter = (year, quarter + 1) if quarter < 4 else (year + 1, 1)
    return out


def months_between(start: date, end: date) -> int:
    """Return the length in whole months of the closed span from start to end (13 weeks count as 3)."""
    return round(((end - start).days + 1) / 30.4375)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time: an instant (start is None) or a duration with both days included."""

    start: date | None
    end: date

    @property
    def months(self) -> int | None:
        """Length in whole months; None for an instant."""
        return None if self.start is None else months_between(self.start, self.end)

    def label(self, fiscal_year_end_month: int = 12) -> str:
        """Return the issuer's fiscal label: ``2025Q1``, ``2025H1``, ``2025-9M`` as ``20259M``, ``2025FY``.

        An instant is labelled by the quarter that it closes. The fiscal year is named after the
        calendar year in which it ends.

        Raises:
            ValueError: if the length is not 3, 6, 9 or 12 months or does not end on a fiscal quarter.
        """
        nominal = nominal_month_end(self.end)
        year = nominal.year + (1 if nominal.month > fiscal_year_end_month else 0)
        position = (nominal.month - fiscal_year_end_month - 1) % 12 + 1
        if position % 3:
            raise ValueError(
                f"{self.end} does not close a fiscal quarter (year ends in month {fiscal_year_end_month})"
            )
        months = self.months
        if months is None or months == 3:
            return f"{year}Q{position // 3}"
        if months == 6 and position in (6, 12):
            return f"{year}H{position // 6}"
        if months == 9 and position == 9:
            return f"{year}9M"
        if months == 12 and position == 12:
            return f"{year}FY"
        raise ValueError(f"no label for {months} months ending {self.end}")

    @classmethod
    def parse(cls, label: str, fiscal_year_end_month: int = 12) -> "Period":
        """Return the duration that a fiscal label stands for, in whole calendar months.

        Raises:
            ValueError: if the label is not of the form 2025Q1, 2025H1, 20259M, 2025FY.
        """
        match = _LABEL.match(label)
        if not match or match[4]:
            raise ValueError(
                f"not a period: {label!r} (expected 2025Q1, 2025H1, 20259M, 2025FY or, of a KPI, 2025Q1-TTM)"
            )
        year = int(match[1])
        if match[2]:
            position, months = 3 * int(match[2]), 3
        elif match[3]:
            position, months = 6 * int(match[3]), 6
        elif label.endswith("9M"):
            position, months = 9, 9
        else:
            position, months = 12, 12
        end_month = fiscal_year_end_month - 12 + position
        end = month_end(year, end_month)
        start = month_end(year, end_month - months) + timedelta(days=1)
        return cls(start, end)
