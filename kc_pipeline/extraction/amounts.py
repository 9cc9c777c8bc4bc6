"""Value and unit of one printed figure, from what its cell, row, column, table and document say about units.

The nearest word wins: a sign in the cell, the column's heading, the label, the heading above the row, the lines around
the table, the document as a whole.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kc_pipeline.extraction.calendar import Calendar
from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.measures import row_measure
from kc_pipeline.extraction.rows import Figure, ReadRow
from kc_pipeline.extraction.units import (
    PER_ADS,
    UnitWords,
    is_per_share,
    is_share_count,
    names_per_share,
    unit_words,
)
from kc_pipeline.extraction.verdicts import NO_VERDICT, Clue, Scale, Verdict, serious, weigh_currency
from kc_pipeline.extraction.vocabulary import MINOR_FORMS, MINOR_NAMED, SHARED


@dataclass(slots=True)
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

    @property
    def declared(self) -> str:
        """The nearest short line that states the currency of this very table: with its scale, or as what amounts are in."""
        for line in reversed(self.lines):
            words = unit_words(line) if len(line) < _DECLARES else _NO_WORDS
            if allowed(words) and (words.scale is not None or _AMOUNTS_IN.search(line)):
                return line
        return ""

    def agrees_with_a_sign(self, currencies: tuple[str, ...]) -> bool:
        """Whether some sign printed in the table may stand for one of these currencies."""
        return any(set(sign_allows(sign)) & set(currencies) for sign in self.signs)

    @property
    def said_by(self) -> str:
        """The nearest line that says something about units."""
        return next((x for x in reversed(self.lines) if unit_words(x) != _NO_WORDS), "")


@dataclass(slots=True)
class Document:
    """What all tables of a document share: calendar, currency and scale to fall back on."""

    calendar: Calendar = field(default_factory=Calendar)
    currency: str | None = None
    dollar: str = "USD"
    yen: str = "JPY"
    scale: int | None = None
    scaled_elsewhere: bool = False  # tables that are no statements state a scale, statements none


_NO_WORDS = UnitWords()
_AMOUNTS_IN = re.compile(
    r"\b(?:amounts?|figures|expressed|stated|presented|reported)\b[^.]*\bin\b|^\W*(?:unit|currency)\b", re.I
)
_DECLARES = 160  # characters of a line that states a unit; in longer ones it is running text that names one
_A_PRICE = re.compile(r"\bprices?\b|\bper\b|\bcapitali[sz]ation\b|\bvalue\b", re.I)
_RATIO = re.compile(r"\bratio\b", re.I)
_NUMBER_OF = re.compile(r"number of|weighted|average|denominator", re.I)
_OF_AMOUNT = re.compile(
    r"\b(?:income|loss|earnings|profit|net\s+cash|cash\s+(?:flows?|provided|used|generated)|revenues?|sales|expenses?)\b",
    re.I,
)
_EARNED = re.compile(  # right under a per-share heading: what a share earned, was paid or is worth
    r"^\W*(?:(?:net|basic|diluted|tangible|cash|common)\s+)*(?:earnings|income|loss|profit|dividends?|distributions?|book\s+value)\b",
    re.I,
)


_PAID = re.compile(
    r"^\W*(?:(?:regular|special|quarterly|interim|final|total|cash|common)\s+)*(?:dividends?|distributions?)(?:\s+(?:declared|paid|and\s+\w+))*\W*$",
    re.I,
)


@dataclass(slots=True)
class RowUnits:
    """What a row measures, and the unit words of its label and of the heading above it.

    `money` says that it measures nothing but money and that its label says nothing about units.
    """

    label: str
    above: str
    own: UnitWords
    heading: UnitWords
    shares: bool
    per_share: bool
    percent: bool
    measure: str
    money: bool
    digits: int = 0  # of its longest figure, before the point


_OF_MONEY = ("balance_sheet", "cash_flow")


class _Said(NamedTuple):
    """What a label and the headings above it say about units, whatever the figures of the row are.

    `amount`: only the heading says that it is per share, and the label names what can be a whole amount as well.
    `earned`: it names what a share earns or is paid, and stands right under a per-share heading; `paid`: dividends.
    """

    own: UnitWords
    counts_shares: bool
    number_of: bool
    sums_up: bool
    above_per_share: bool
    per_share: bool
    amount: bool
    earned: bool
    paid: bool
    percent: bool
    measure: str


@lru_cache(maxsize=16384)
def _said(printed: str, label: str, section: tuple[str, ...], in_balance: bool, of_money: bool) -> _Said:
    """Read a label as printed and without marks."""
    per_share = is_per_share(label, section)
    measure = row_measure(label, section[-1] if section else "")
    if measure and of_money and not _RATIO.search(label):
        measure = ""  # beside the rows of a balance sheet or a cash flow statement only what says that it is a ratio is none of them
    scaled = "(" in printed or printed.lower().endswith(("illions", "thousands"))
    own = unit_words(printed) if scaled and len(printed) < 160 else _NO_WORDS
    return _Said(
        own if own != _NO_WORDS else _NO_WORDS,
        is_share_count(label, section, in_balance),
        _NUMBER_OF.search(printed) is not None,
        label.lower() in ("", "total", "diluted", "basic"),
        any(names_per_share(h) for h in section),
        per_share,
        per_share and not names_per_share(printed) and _OF_AMOUNT.search(printed) is not None,
        bool(section) and names_per_share(section[-1]) and _EARNED.search(printed) is not None,
        _PAID.match(printed) is not None,
        "%" in printed,
        measure,
    )


def row_units(
    row: ReadRow,
    label: str,
    section: tuple[str, ...],
    heading_units: UnitWords,
    statement: str,
    after_shares: dict[int, Decimal],
    counted: bool = False,
    whole_money: bool = False,
) -> RowUnits:
    """Judge what a row measures.

    Args:
        row: the row, read.
        label: its label without marks.
        section: the headings above it.
        heading_units: unit words of the last heading.
        statement: the kind of the table; rows of a cash flow statement are money unless they name a number of shares.
        after_shares: the figures of the row above by column, where that row counts shares; else empty.
        counted: whether the arithmetic of the table proves that the row counts shares.
        whole_money: whether the table's lines speak of amounts per share, and its money is printed without decimals.
    """
    printed = f"{row.label} ({row.unit})" if row.unit else row.label
    label = printed if row.unit else label
    said = _said(printed, label, section, statement == "balance_sheet", statement in _OF_MONEY)
    shares = counted or _counts(row, said, statement, after_shares)
    per_share = not shares and (
        _is_per_share(row, said) or (whole_money and said.paid and _in_cents(row) and not said.own.scale)
    )
    percent = said.percent and not per_share and not shares
    if row.unit and not (percent or per_share or shares or allowed(said.own) or minor_unit(printed)):
        measure = "count"  # of tonnes, days, ...
        return RowUnits(label, "", said.own, heading_units, False, False, False, measure, False)
    measure = "" if shares or per_share or percent else said.measure
    money = said.own is _NO_WORDS and not (shares or per_share or percent or measure)
    above = section[-1] if section else ""
    digits = max((len(f.token.digits.split(".")[0]) for f in row.figures), default=0)
    return RowUnits(label, above, said.own, heading_units, shares, per_share, percent, measure, money, digits)


def _counts(row: ReadRow, said: _Said, statement: str, after_shares: dict[int, Decimal]) -> bool:
    """Whether a row counts shares: by its label, or as the total of the counts above it."""
    if not (said.counts_shares or after_shares):
        return False
    signed = any(f.currency for f in row.figures)
    if said.counts_shares and (said.number_of or not (signed or statement == "cash_flow")):
        return True
    if not after_shares or signed or not said.sums_up:
        return False
    return not said.above_per_share or _as_large(row, after_shares)


def _is_per_share(row: ReadRow, said: _Said) -> bool:
    """Whether a row's figures are amounts per share, by its label, the heading above it, and their form."""
    if said.above_per_share and said.sums_up and not said.per_share:
        return _in_cents(row)
    if not (said.per_share or said.earned):
        return _EITHER.fullmatch(row.label) is not None and _in_cents(row)
    # under a per-share heading, whole grouped figures of a row with a noun of its own are amounts, not amounts per share
    whole = said.amount and any(f.token.grouped and not f.token.decimals for f in row.figures)
    return (said.per_share and not whole) or (said.earned and _in_cents(row))


def _as_large(row: ReadRow, above: dict[int, Decimal]) -> bool:
    """Whether a row's figures are as large as those of the share counts right above it."""
    pairs = [(abs(f.number()), above[f.column]) for f in row.figures if above.get(f.column)]
    return bool(pairs) and all(a * 2 > b and a < b * 2 for a, b in pairs)


def _in_cents(row: ReadRow) -> bool:
    """Whether all figures of a row are what a share can earn, be paid or be worth: small, with cents."""
    figures = [f for f in row.figures if not f.nil]
    return bool(figures) and all(
        f.token.decimals >= 2 and len(f.token.digits.split(".")[0]) <= 3 for f in figures
    )


def money_is_whole(rows: list[ReadRow]) -> bool:
    """Return whether the large figures of a block (1,000 and more) are printed, and all without decimals."""
    large = [f for row in rows for f in row.figures if f.token.grouped and not f.percent]
    return bool(large) and not any(f.token.decimals for f in large)


# a label that says only which of the two earnings per share, or share counts, a row is: "Diluted", "Basic (₹)"
_EITHER = re.compile(r"\W*(?:basic|diluted)(?:\s+and\s+diluted)?\s*(?:\([^()]{0,12}\))?\W*", re.I)


class Amount(NamedTuple):
    """Value in whole units, unit and decimals of one figure, the rules that decided, and what seriously contradicts them."""

    value: Decimal
    unit: str
    decimals: int
    unit_rule: str
    scale_rule: str
    against: Clue | None = None


Plain = dict[tuple[int, str | None], tuple[Verdict, Scale]]
"""Currency and scale of figures of money by column and printed currency, where only column, heading and table say them."""


def amount_of(
    figure: Figure, row: RowUnits, column: Column, units: TableUnits, document: Document, plain: Plain
) -> Amount | None:
    """Return what one figure amounts to; None where no currency is named for money.

    `plain` is filled, and holds as long as columns, table and the heading above stay the same.
    """
    token = figure.token
    measure = column.measure or row.measure
    if row.money and not measure and not figure.percent and column.kind == "amount":
        known = plain.get((figure.column, figure.currency))
        if known is None:
            known = plain[figure.column, figure.currency] = (
                currency_of(figure, column, row, units, document),
                scale_of(row, column, units, document),
            )
        return _money(figure, *known)
    ratio = _as_ratio(figure, row, column, measure)
    if ratio is not None:
        return ratio
    if row.shares or (measure == "shares" and not figure.currency and not _A_PRICE.search(row.label)):
        scale = share_scale_of(figure, row, units, column, document, measure == "shares")
        return _scaled(
            figure, scale, _shares_or_ads(row.label), "row label" if row.shares else "column heading"
        )
    if measure == "count" and not figure.currency:
        return _scaled(
            figure, _own_scale(row, column), "pure", "column heading" if column.measure else "row label"
        )
    verdict = currency_of(figure, column, row, units, document)
    if not verdict.value:
        return None
    if row.per_share or measure == "per_share":
        ads = PER_ADS.search(row.label) or (not names_per_share(row.label) and PER_ADS.search(row.above))
        minor = (
            min(token.multiplier, 0)
            or minor_unit(row.label)
            or minor_unit(row.above)
            or minor_unit(column.label)
        )
        scale = Scale(minor, "minor unit") if minor else Scale(0, "per share")
        return _scaled(figure, scale, f"{verdict.value}/{'ADS' if ads else 'share'}", verdict.rule)
    if measure == "price":
        scale = Scale(token.multiplier, "figure") if token.multiplier else _own_scale(row, column)
        return _scaled(figure, scale, verdict.value, verdict.rule)
    return _money(figure, verdict, scale_of(row, column, units, document))


def _as_ratio(figure: Figure, row: RowUnits, column: Column, measure: str) -> Amount | None:
    """Return a figure that is a percentage, a ratio or a multiple, by its sign, column or label; None where it is none."""
    if figure.percent or (column.kind == "percent" and not figure.currency):
        return _ratio(figure, figure.power, "percent sign" if figure.percent else "column heading")
    token = figure.token
    if row.percent and not figure.currency and not token.grouped:
        return _ratio(figure, -2, "row label")
    if measure not in ("ratio", "multiple") or row.shares or row.per_share or figure.currency:
        return None
    most = 3 if measure == "ratio" else 4
    if len(token.digits.split(".")[0]) > most or (token.grouped and measure == "ratio"):
        return None
    rule = "column heading" if column.measure else "row label"
    return _ratio(figure, -2 if measure == "ratio" else 0, rule)


def _money(figure: Figure, currency: Verdict, scale: Scale) -> Amount | None:
    if not currency.value:
        return None
    if figure.token.multiplier:
        scale = Scale(figure.token.multiplier, "figure")
    amount = _scaled(figure, scale, currency.value, currency.rule)
    return amount._replace(against=serious(currency)) if currency.against else amount


def _ratio(figure: Figure, power: int, rule: str) -> Amount:
    if figure.nil:
        return Amount(Decimal(0), "pure", 2, rule, "")
    return Amount(figure.number(power), "pure", figure.token.decimals - power, rule, "")


def _scaled(figure: Figure, scale: Scale, unit: str, rule: str) -> Amount:
    power = scale.power
    return Amount(figure.number(power), unit, figure.token.decimals - power, rule, scale.rule)


def _minor_currency(text: str) -> tuple[str, ...]:
    """Return the currency whose minor unit a label names ("US cents"), if it says which."""
    lowered = text.lower()
    return tuple([code for code, phrase in MINOR_NAMED.items() if phrase.said(lowered)][:1])


@lru_cache(maxsize=8192)
def minor_unit(text: str) -> int:
    """Return the power of ten of the minor unit that a label or heading names (cents, pence, fen: -2), else 0."""
    return -2 if MINOR_FORMS["any"].said(text.lower()) else 0


def _shares_or_ads(label: str) -> str:
    ads = re.search(r"\bADSs?\b|american depositary shares", label)
    plain = re.search(r"\bshares\b", label.replace("American depositary shares", ""), re.I)
    return "ADS" if ads and not plain else "shares"


def _own_scale(row: RowUnits, column: Column) -> Scale:
    """Return the scale of a count or a price: only what its own label, heading or column says."""
    if row.own.scale is not None:
        return Scale(row.own.scale, "row label")
    by_column = bool(column.measure and column.texts)
    words = unit_words(column.texts[-1]) if by_column else row.heading
    if words.scale is not None:
        return Scale(words.scale, "column heading" if by_column else "section heading")
    return Scale(0, "none stated")


DOLLARS = ("USD", "TWD", "HKD", "CAD", "AUD", "SGD")
_YENS = ("CNY", "JPY")
_SHARED = {s.sign: s.codes for s in SHARED} | {"$": DOLLARS, "¥": _YENS}


def allowed(words: UnitWords) -> tuple[str, ...]:
    """Return the currencies that unit words allow: those named, else those that share a bare sign."""
    return words.currencies or (DOLLARS if words.dollar else _YENS if words.yen else ())


def sign_allows(sign: str | None) -> tuple[str, ...]:
    """Return the currencies that a printed sign stands for: one, or those that share it."""
    return () if not sign else _SHARED.get(sign, (sign,))


def currency_clues(
    figure: Figure, column: Column, row: RowUnits, units: TableUnits, document: Document
) -> list[Clue]:
    """Return what is said of the currency of a figure of money, nearest first."""
    said = allowed(units.words)
    alone = bool(column.sign) and figure.currency in (None, "", column.sign)
    alone = alone and not (column.currency or allowed(row.own) or allowed(row.heading) or row.per_share)
    declared = units.declared if alone and said and not units.agrees_with_a_sign(said) else ""
    clues = [
        Clue(sign_allows(figure.currency), "cell sign", figure.currency or ""),
        Clue((row.per_share and _minor_currency(row.label)) or allowed(row.own), "row label", row.label),
        Clue(sign_allows(column.currency), "column heading", column.label),
        Clue(allowed(row.heading), "section heading", row.above),
        Clue(sign_allows(column.sign), "column signs", column.sign),
        Clue(said, "caption", declared or units.said_by, bool(declared)),
        Clue(sign_allows(units.sign), "table signs", units.sign),
        Clue(
            (document.currency,) if document.currency else (),
            "document",
            binds=alone and units.of_statement and not said,
        ),
    ]
    if units.apart:  # columns in several currencies: the column's own outranks what a row's label says
        clues[1], clues[2] = clues[2], clues[1]
    return clues


def currency_of(
    figure: Figure, column: Column, row: RowUnits, units: TableUnits, document: Document
) -> Verdict:
    """Weigh what is said of the currency of a figure of money."""
    clues = currency_clues(figure, column, row, units, document)
    if not any(clue.value for clue in clues):
        return NO_VERDICT
    # which of the currencies that share a sign is meant, where nothing nearer says so
    return weigh_currency(
        [*clues, Clue((document.dollar,), "shared sign"), Clue((document.yen,), "shared sign")]
    )


def scale_clues(row: RowUnits, column: Column, units: TableUnits, document: Document) -> list[Scale]:
    """Return what is said of the scale of a figure of money, nearest first."""
    said = (
        (row.own.scale, "row label"),
        (column.scale, "column heading"),
        (row.heading.scale, "section heading"),
        (units.words.scale, "caption"),
        (units.below, "note below"),
        (document.scale, "statements"),
    )
    return [Scale(power, place) for power, place in said if power is not None]


def scales_of_lines(units: TableUnits) -> list[Scale]:
    """Return what each heading, caption and line above a table says of scale, nearest first, for a person who asks why."""
    said = [(unit_words(x).scale, x) for x in dict.fromkeys(reversed(units.lines))]
    return [Scale(power, f"line {text[:80]!r}") for power, text in said if power is not None]


def scale_of(row: RowUnits, column: Column, units: TableUnits, document: Document) -> Scale:
    """Return the scale of a figure of money: the nearest there is, else whole units."""
    clues = scale_clues(row, column, units, document)
    return clues[0] if clues else Scale(0, "none stated")


def share_scale_of(
    figure: Figure, row: RowUnits, units: TableUnits, column: Column, document: Document, counted: bool
) -> Scale:
    """Return the scale of a share count.

    A share scale of its own holds; else the money's scale, unless the count is printed whole: more digits than
    a company has thousands (millions) of shares.
    """
    for words, place in ((row.own, "row label"), (row.heading, "section heading")):
        for power in (words.share_scale, words.scale):
            if power is not None:
                return Scale(power, place)
    if units.whole_counts:
        return Scale(0, "printed whole")
    digits = row.digits
    words = units.words
    if words.share_scale is not None:
        if words.share_scale == 0 and (figure.token.decimals or digits <= 6):
            return Scale(words.scale or 0, "caption") if figure.token.decimals else Scale(0, "caption")
        return Scale(words.share_scale, "caption")
    counted = counted and not units.per_share
    money = [s for s in scale_clues(row, column, units, document) if s.rule != "statements" or not counted]
    # a column that counts shares in a table without a scale of its own counts them one by one, unless an amount per
    # share stands beside it
    scale = money[0] if money else Scale(0, "none stated")
    power = scale.power
    if (power >= 3 and digits >= 8) or (power >= 6 and digits >= 7):
        return Scale(0, "printed whole")
    return scale
