"""Fiscal calendars: when a company's fiscal year ends, and what it calls its quarters.

Three manners of ending a year occur: with a month (``--12-31``), on the last such weekday of a month (``last
Sunday of January``), and on the weekday nearest a day (``Saturday nearest January 31``); the latter two make
years of 52 or 53 weeks. The fiscal year is named after the calendar year in which it ends, or, with some
retailers, in which it starts.

Which quarter of a 53-week year has the fourteenth week is the issuer's choice, which its balance sheets
tell; here the last one has it.

Belongs here: dates and labels. Does not belong here: the SQL of the same rule (calendar_sql.py).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from kc_pipeline.figures.periods import Period, month_end, nominal_month_end

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_PLAIN = re.compile(r"--(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_LAST = re.compile(rf"last ({'|'.join(_WEEKDAYS)}) (?:of|in) ({'|'.join(_MONTHS)})")
_NEAREST = re.compile(rf"({'|'.join(_WEEKDAYS)}) (?:nearest|closest to) ({'|'.join(_MONTHS)}) (\d{{1,2}})")
FORMS = "--MM-DD, as in --12-31; last Sunday of January; or Saturday nearest January 31"

NamedAfter = Literal["end", "start"]


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """When fiscal years end.

    `month` (1-12) and `day` are the nominal end (a day from the 28th on is the month's last); `weekday` (Monday is 0) makes it a year of weeks, which ends on
    the last such day of the month, or, where `nearest`, on the one nearest that day.
    """

    month: int = 12
    day: int = 31
    weekday: int | None = None
    nearest: bool = False
    named_after: NamedAfter = "end"

    @classmethod
    def parse(cls, text: str, named_after: NamedAfter = "end") -> "FiscalCalendar":
        """Read a year end as configured.

        Raises:
            ValueError: if it has none of the three forms, names a day that does not exist, or a plain day up to
                the tenth, which counts as the end of the month before.
        """
        words = " ".join(text.lower().split())
        if plain := _PLAIN.fullmatch(words):
            calendar = cls(int(plain[1]), int(plain[2]), named_after=named_after)
            if calendar.day <= 10:
                raise ValueError(
                    f"a year that ends on the {calendar.day}. counts as one of the month before: write its last day"
                )
        elif last := _LAST.fullmatch(words):
            month = _MONTHS.index(last[2]) + 1
            calendar = cls(month, month_end(2023, month).day, _WEEKDAYS.index(last[1]), False, named_after)
        elif near := _NEAREST.fullmatch(words):
            calendar = cls(
                _MONTHS.index(near[2]) + 1, int(near[3]), _WEEKDAYS.index(near[1]), True, named_after
            )
        else:
            raise ValueError(f"expected {FORMS}")
        if calendar.day > month_end(2024, calendar.month).day:
            raise ValueError(f"expected {FORMS}; month {calendar.month} has no day {calendar.day}")
        return calendar

    @property
    def by_weeks(self) -> bool:
        """Whether years have 52 or 53 weeks."""
        return self.weekday is not None

    @property
    def nominal_month(self) -> int:
        """The month (1-12) whose end a year end stands for: up to the tenth, the month before."""
        return self.month if self.day > 10 else (self.month - 2) % 12 + 1

    @property
    def nominal(self) -> str:
        """The nominal end as ``--MM-DD``, the day not before the eleventh."""
        return f"--{self.nominal_month:02d}-{self.day if self.day > 10 else month_end(2023, self.nominal_month).day:02d}"

    def year_end(self, year: int) -> date:
        """Return the last day of the fiscal year that nominally ends in a calendar year."""
        last = month_end(year + (1 if self.month < self.nominal_month else 0), self.month)
        if self.weekday is None:
            return last if self.day >= 28 else last.replace(day=self.day)
        if not self.nearest:
            return last - timedelta(days=(last.weekday() - self.weekday) % 7)
        day = last.replace(day=min(self.day, last.day))
        return day + timedelta(days=(self.weekday - day.weekday() + 3) % 7 - 3)

    def quarter_end(self, number: int) -> date:
        """Return the last day of a fiscal quarter, counted: 4 x the year in which its year ends + quarter - 1."""
        year, quarter = divmod(number, 4)
        if quarter == 3:
            return self.year_end(year)
        if self.weekday is not None:
            return self.year_end(year - 1) + timedelta(weeks=13 * (quarter + 1))
        end = month_end(year, self.month - 9 + 3 * quarter)
        return end if self.day >= 28 else end.replace(day=self.day)

    def number(self, day: date) -> int | None:
        """Return which fiscal quarter a day closes, counted as in `quarter_end`; None where it closes none."""
        nominal = nominal_month_end(day)
        months = nominal.year * 12 + nominal.month - 1 + 12 - self.nominal_month
        return months // 3 if months % 3 == 2 else None

    def label(self, period: Period) -> str:
        """Return the issuer's label of a period: ``2025Q1``, ``2025H1``, ``20259M``, ``2025FY``.

        Raises:
            ValueError: if the period is none of the issuer's.
        """
        text = period.label(self.nominal_month)
        return f"{int(text[:4]) - self.years_behind}{text[4:]}"

    def period(self, label: str) -> Period:
        """Return the dates of a label, by the declared calendar.

        Raises:
            ValueError: if the label is not of the form 2025Q1, 2025H1, 20259M, 2025FY.
        """
        nominal = Period.parse(label, self.nominal_month)
        last = self.number(nominal.end)
        if last is None or nominal.months is None:
            raise ValueError(f"not a period of this calendar: {label!r}")
        last += 4 * self.years_behind
        return Period(
            self.quarter_end(last - nominal.months // 3) + timedelta(days=1), self.quarter_end(last)
        )

    def quarter_label(self, number: int) -> str:
        """Return the label of a counted fiscal quarter."""
        return f"{number // 4 - self.years_behind}Q{number % 4 + 1}"

    @property
    def years_behind(self) -> int:
        """How many calendar years the year's name lies before that of its end."""
        return 1 if self.named_after == "start" and self.nominal_month != 12 else 0
