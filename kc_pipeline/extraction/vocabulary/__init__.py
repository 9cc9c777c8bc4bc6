"""The words of filings, once for tables and prose: months, numbers, scales, currencies, titles (the data is TOML).

Belongs here: what a word stands for. Does not belong here: where it may stand (`periods`, `units`, `numbers`, `prose`).
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from kc_pipeline.extraction.hints import says


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how filings print it; `heading` is tried where a text in small letters holds one of `hints`."""

    code: str
    heading: re.Pattern[str] | None
    hints: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    cells: tuple[str, ...]
    ahead: tuple[str, ...]
    behind: tuple[str, ...]
    minor: tuple[str, ...]
    minor_power: int
    per_dollar: float | None
    loose: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """A sign of several currencies, and the pattern that finds it in a heading."""

    sign: str
    codes: tuple[str, ...]
    heading: re.Pattern[str]
    hints: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a text may say, in small letters; the pattern is tried where the text holds one of `hints`."""

    kind: str
    pattern: re.Pattern[str]
    hints: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]

    def said(self, lowered: str) -> bool:
        """Return whether a text in small letters says it."""
        return says(lowered, self.hints) and self.pattern.search(lowered) is not None


_AS_A_UNIT = (  # a code that is also another word is a currency where a heading uses it as a unit
    r"(?-i:\b(?:[Ii]n|[Tt]housands?(?:\s+of)?|[Mm]illions?(?:\s+of)?|[Bb]illions?(?:\s+of)?)\s+{code}\b"
    r"|\b{code}\s?(?:in\s+)?['’(]{{0,2}}(?:000s?|thousands?|millions?|billions?|mn|bn)\b)"
)


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((files(__package__) / name).read_text("utf-8"))


def _currency(entry: dict[str, Any]) -> Currency:
    heading = entry.get("heading")
    if entry.get("loose"):
        heading = f"{heading}|{_AS_A_UNIT.format(code=entry['code'])}"

    def words(key: str) -> tuple[str, ...]:
        return tuple(entry.get(key, ()))

    return Currency(
        entry["code"],
        re.compile(heading, 0 if entry.get("cased") else re.I) if heading else None,
        words("hints"),
        words("examples"),
        words("counter_examples"),
        words("cells"),
        words("ahead"),
        words("behind"),
        words("minor"),
        entry.get("minor_power", -2),
        entry.get("per_dollar"),
        entry.get("loose", False),
    )


def _shared(entry: dict[str, Any]) -> Shared:
    hints, examples, counter_examples, cells = (
        tuple(entry[key]) for key in ("hints", "examples", "counter_examples", "cells")
    )
    heading = re.compile(entry["heading"], re.I)
    return Shared(entry["sign"], tuple(entry["codes"]), heading, hints, examples, counter_examples, cells)


def _phrases(entries: list[dict[str, Any]]) -> dict[str, Phrase]:
    out: dict[str, Phrase] = {}
    for entry in entries:
        hints, examples, counter_examples = (
            tuple(entry[key]) for key in ("hints", "examples", "counter_examples")
        )
        pattern = re.compile(entry["pattern"])
        out[entry["kind"]] = Phrase(entry["kind"], pattern, hints, examples, counter_examples)
    return out


def _number_words(ones: list[str], teens: list[str], tens: list[str]) -> dict[str, int]:
    out = {word: number for number, word in enumerate([*ones, *teens], start=1)}
    for ten, word in enumerate(tens, start=2):
        out[word] = 10 * ten
        for joint in "- ":
            out |= {f"{word}{joint}{one}": 10 * ten + number for number, one in enumerate(ones, start=1)}
    return out


def any_of(names: tuple[str, ...]) -> str:
    """Return a pattern of names of which the shortest begins all the others: `jan(?:uary)?`."""
    short = min(names, key=len)
    rest = [name[len(short) :] for name in sorted(names, key=len, reverse=True) if name != short]
    return short + (f"(?:{'|'.join(rest)})?" if rest else "")


def _signs(printed: dict[str, str]) -> str:
    """Return a pattern of what is printed, longest first; a blank before the dollar sign is optional."""
    ordered = sorted(printed, key=len, reverse=True)
    return "|".join(
        (f"(?-i:{s})" if s == printed[s] and s in LOOSE else re.escape(s))
        .replace(r"\ ", r"\s+")
        .replace(r"S\$", r"S\s?\$")
        .replace(r"S\.\$", r"S\.\s?\$")
        for s in ordered
    )


_NUMBERS = _load("numbers.toml")
_MONEY = _load("currencies.toml")
_STATEMENTS = _load("statements.toml")
_MINOR_UNITS = _load("minor_units.toml")

MONTH_NAMES: tuple[tuple[str, ...], ...] = tuple(tuple(names) for names in _NUMBERS["months"])
MONTHS: dict[str, int] = {name: n for n, names in enumerate(MONTH_NAMES, start=1) for name in names}
FULL_MONTHS = "|".join(names[0] for names in MONTH_NAMES)
MONTH_PATTERN = "|".join(any_of(names) for names in MONTH_NAMES)
ORDINALS: dict[str, int] = {
    name: n for n, names in enumerate(_NUMBERS["ordinals"], start=1) for name in names
}
NUMBER_WORDS: dict[str, int] = _number_words(_NUMBERS["ones"], _NUMBERS["teens"], _NUMBERS["tens"])
WEEKS: dict[int, int] = {int(weeks): months for weeks, months in _NUMBERS["weeks"].items()}


def _scales(*keys: str) -> dict[str, int]:
    return {word: s["power"] for s in _NUMBERS["scale"] for key in keys for word in s.get(key, ())}


HEADING_SCALES = _scales("words", "headings")
SENTENCE_SCALES = _scales("words", "sentences")

CURRENCIES: tuple[Currency, ...] = tuple(_currency(entry) for entry in _MONEY["currency"])
SHARED_SIGNS: dict[str, tuple[str, ...]] = {
    sign: tuple(s["codes"]) for s in _MONEY["shared"] for sign in (s["sign"], *s.get("also", ()))
}
SHARED: tuple[Shared, ...] = tuple(_shared(s) for s in _MONEY["shared"] if "heading" in s)
LOOSE = frozenset(c.code for c in CURRENCIES if c.loose)
# What stands beside a figure in a cell: the code, or the sign itself where several currencies share it.
CELL_SIGNS: dict[str, str] = (
    {"$": "$", "¥": "¥", "￥": "¥"}
    | {sign: c.code for c in CURRENCIES for sign in c.cells}
    | {sign: s.sign for s in SHARED for sign in s.cells}
)
AHEAD: dict[str, str] = {word.lower(): c.code for c in CURRENCIES for word in c.ahead}
BEHIND: dict[str, str] = {word.lower(): c.code for c in CURRENCIES for word in c.behind}
AHEAD_PATTERN = _signs({word: c.code for c in CURRENCIES for word in c.ahead})
PER_DOLLAR: dict[str, float] = {c.code: c.per_dollar for c in CURRENCIES if c.per_dollar is not None}
# Minor units behind a figure: the code where only one currency has it, "" where several do (cents).
_MINOR_OF: dict[str, set[str]] = {}
for _currency_of in CURRENCIES:
    for _word in _currency_of.minor:
        _MINOR_OF.setdefault(_word.lower(), set()).add(_currency_of.code)
MINOR: dict[str, str] = {w: next(iter(codes)) if len(codes) == 1 else "" for w, codes in _MINOR_OF.items()}
MINOR_PATTERN = "|".join(re.escape(word) for word in sorted(MINOR, key=len, reverse=True))
BEHIND_PATTERN = _signs({word: c.code for c in CURRENCIES for word in c.behind})
# What a title calls a statement, and whose figures it says a table holds, by kind.
TITLES: dict[str, Phrase] = _phrases(_STATEMENTS["title"])
SCOPES: dict[str, Phrase] = _phrases(_STATEMENTS["scope"])
# What labels and headings call minor units, and which currency's they name, by its code.
MINOR_FORMS: dict[str, Phrase] = _phrases(_MINOR_UNITS["form"])
MINOR_NAMED: dict[str, Phrase] = _phrases(_MINOR_UNITS["named"])

_COMPANIES = _load("companies.toml")
COMPANY_FORMS = frozenset(_COMPANIES["forms"])
"""What a company's name ends with, without points."""
COMPANY_GENERIC = frozenset(_COMPANIES["generic"]) | COMPANY_FORMS
"""Words of names that tell no company from another."""
AROUND_COMPANIES = frozenset(_COMPANIES["around"])
"""Words of a statement's title that may stand around a company's name."""
