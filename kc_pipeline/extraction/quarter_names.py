"""Names of fiscal quarters in running text: "third quarter of fiscal 2020", "Q2 2024", and the days that they can end on."""

import re
from collections.abc import Iterator
from datetime import date

from kc_pipeline.extraction.vocabulary import ORDINALS
from kc_pipeline.figures.periods import month_end, nominal_month_end

NTH = "(?:" + "|".join(ORDINALS) + ")"
YEAR = r"(?:19|20)\d\d"
NAMED = re.compile(
    rf"\b(?P<n>{NTH})[\s-]+(?:fiscal[\s-]+)?quarter(?:\s+(?:and\s+)?(?:full|fiscal)(?:\s+|-)year)?(?:\s+of)?,?\s*"
    rf"(?P<f>fiscal)?(?:\s*year)?\s*(?P<y>{YEAR})\b|"
    rf"\b(?P<y2>{YEAR})\s+(?P<n2>{NTH})[\s-]+quarter|\bQ(?P<n3>[1-4])\s*(?:FY\s?|fiscal\s+)?(?P<y3>{YEAR})\b",
    re.I,
)
_QUARTER_WORD = re.compile(r"[Qq]uarter|QUARTER|Q[1-4]")


def names_of_quarters(text: str) -> Iterator[tuple[int, int]]:
    """Yield the quarters that a text names, as number and year."""
    for word in _QUARTER_WORD.finditer(text):
        named = NAMED.search(text, max(0, word.start() - 24), word.end() + 50)
        if named:
            yield named_quarter(named)


def named_quarter(match: re.Match[str]) -> tuple[int, int]:
    """Return number and year of a quarter that NAMED found."""
    number = match["n"] or match["n2"]
    year = match["y"] or match["y2"] or match["y3"]
    return (ORDINALS[number.lower()] if number else int(match["n3"])), int(year)


def last_month_of(end: date, number: int) -> date:
    """Return the nominal end of the fiscal year of which the so-and-so-many-th quarter ends on a day."""
    nominal = nominal_month_end(end)
    return month_end(nominal.year, nominal.month + 3 * (4 - number))


def may_be_named(end: date, number: int, year: int) -> bool:
    """Return whether a quarter that ends on that day can be the so-and-so-many-th of a fiscal year of that number.

    A fiscal year goes by the year in which it ends, or, where that is in its first months, by the one before.
    """
    last = last_month_of(end, number)
    return year == last.year or (year == last.year - 1 and last.month <= 3)
