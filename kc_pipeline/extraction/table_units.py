"""What a table and its document say about units as a whole, and which currencies words and signs stand for."""

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.units import (
    UnitWords,
    unit_words,
)
from kc_pipeline.extraction.vocabulary import MINOR_FORMS, MINOR_NAMED, SHARED


@dataclass
class TableUnits:
    """What a table says about units as a whole: its captions, the note below it, the signs in its cells."""

    words: UnitWords
    lines: tuple[str, ...] = ()
    below: int | None = None
    sign: str = ""
    apart: bool = False
    per_share: bool = False
    whole_money: bool = False  # its lines speak of amounts per share, and no large figure has decimals
    whole_counts: bool = False  # one of its share counts has so many digits that all are printed whole
    signs: frozenset[str] = frozenset()  # all that are printed in its cells
    of_statement: bool = False

    @cached_property
    def declared(self) -> str:
        """The nearest short line that states the currency of this very table: with its scale, or as what amounts are in."""
        for line in reversed(self.lines):
            words = unit_words(line) if len(line) < _DECLARES else NO_WORDS
            if allowed(words) and (words.scale is not None or _AMOUNTS_IN.search(line)):
                return line
        return ""

    def agrees_with_a_sign(self, currencies: tuple[str, ...]) -> bool:
        """Whether some sign printed in the table may stand for one of these currencies."""
        return any(set(sign_allows(sign)) & set(currencies) for sign in self.signs)

    @cached_property
    def said_by(self) -> str:
        """The nearest line that says something about units."""
        return next((x for x in reversed(self.lines) if unit_words(x) != NO_WORDS), "")


@dataclass(slots=True)
class Document:
    """What all tables of a document share: calendar, currency and scale to fall back on."""

    calendar: Calendar = field(default_factory=Calendar)
    currency: str | None = None
    dollar: str = "USD"
    yen: str = "JPY"
    scale: int | None = None
    scaled_elsewhere: bool = False  # tables that are no statements state a scale, statements none


NO_WORDS = UnitWords()
_AMOUNTS_IN = re.compile(
    r"\b(?:amounts?|figures|expressed|stated|presented|reported)\b[^.]*\bin\b|^\W*(?:unit|currency)\b", re.I
)
_DECLARES = 160  # characters of a line that states a unit; in longer ones it is running text that names one


def minor_currency(text: str) -> tuple[str, ...]:
    """Return the currency whose minor unit a label names ("US cents"), if it says which."""
    lowered = text.lower()
    return tuple([code for code, phrase in MINOR_NAMED.items() if phrase.said(lowered)][:1])


@lru_cache(maxsize=8192)
def minor_unit(text: str) -> int:
    """Return the power of ten of the minor unit that a label or heading names (cents, pence, fen: -2), else 0."""
    return -2 if MINOR_FORMS["any"].said(text.lower()) else 0


DOLLARS = ("USD", "TWD", "HKD", "CAD", "AUD", "SGD")
_YENS = ("CNY", "JPY")
_SHARED = {s.sign: s.codes for s in SHARED} | {"$": DOLLARS, "¥": _YENS}


def allowed(words: UnitWords) -> tuple[str, ...]:
    """Return the currencies that unit words allow: those named, else those that share a bare sign."""
    return words.currencies or (DOLLARS if words.dollar else _YENS if words.yen else ())


def sign_allows(sign: str | None) -> tuple[str, ...]:
    """Return the currencies that a printed sign stands for: one, or those that share it."""
    return () if not sign else _SHARED.get(sign, (sign,))
