"""Value and unit of one printed figure, from what its cell, row, column, table and document say about units.

The nearest word wins: a sign in the cell, the column's heading, the label, the heading above the row, the lines around
the table, the document as a whole.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kc_pipeline.extraction.columns import Calendar, Column
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


@dataclass(slots=True)
class Document:
    """What all tables of a document share: calendar, currency and scale to fall back on."""

    calendar: Calendar = field(default_factory=Calendar)
    currency: str | None = None
    dollar: str = "USD"
    yen: str = "JPY"
    scale: int | None = None
    share_scale: int | None = None


_NO_WORDS = UnitWords()
_A_PRICE = re.compile(r"\bprices?\b|\bper\b|\bcapitali[sz]ation\b|\bvalue\b", re.I)
_RATIO = re.compile(r"\bratio\b", re.I)
_NUMBER_OF = re.compile(r"number of|weighted|average|denominator", re.I)
_INCOME = re.compile(r"\b(?:income|loss|earnings|profit)\b", re.I)
_EARNED = re.compile(  # right under a per-share heading: what a share earned, was paid or is worth
    r"^\W*(?:(?:net|basic|diluted|tangible|cash|common)\s+)*(?:earnings|income|loss|profit|dividends?|distributions?|book\s+value)\b",
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


class _Said(NamedTuple):
    """What a label and the headings above it say about units, whatever the figures of the row are."""

    own: UnitWords
    counts_shares: bool
    number_of: bool
    sums_up: bool
    above_per_share: bool
    per_share: bool
    income: bool
    earned: bool
    percent: bool
    measure: str


@lru_cache(maxsize=16384)
def _said(printed: str, label: str, section: tuple[str, ...], in_balance: bool) -> _Said:
    """Read a label as printed and without marks."""
    per_share = is_per_share(label, section)
    measure = row_measure(label, section[-1] if section else "")
    if measure and in_balance and not _RATIO.search(label):
        measure = ""  # beside the rows of a balance sheet only what says that it is a ratio is none of them
    scaled = "(" in printed or printed.lower().endswith(("illions", "thousands"))
    own = unit_words(printed) if scaled and len(printed) < 160 else _NO_WORDS
    return _Said(
        own if own != _NO_WORDS else _NO_WORDS,
        is_share_count(label, section, in_balance),
        _NUMBER_OF.search(printed) is not None,
        label.lower() in ("total", "diluted", "basic"),
        any(names_per_share(h) for h in section),
        per_share,
        per_share and not names_per_share(printed) and _INCOME.search(printed) is not None,
        bool(section) and names_per_share(section[-1]) and _EARNED.search(printed) is not None,
        "%" in printed,
        measure,
    )


def row_units(
    row: ReadRow,
    label: str,
    section: tuple[str, ...],
    heading_units: UnitWords,
    in_balance: bool,
    after_shares: dict[int, Decimal],
) -> RowUnits:
    """Judge what a row measures.

    Args:
        row: the row, read.
        label: its label without marks.
        section: the headings above it.
        heading_units: unit words of the last heading.
        in_balance: whether the table is a balance sheet.
        after_shares: the figures of the row above by column, where that row counts shares; else empty.
    """
    said = _said(row.label, label, section, in_balance)
    shares = per_share = False
    if said.counts_shares or after_shares:
        signed = any(f.currency for f in row.figures)
        shares = said.counts_shares and not (signed and not said.number_of)
        if after_shares and not shares and not signed and said.sums_up:
            shares = not said.above_per_share or _as_large(row, after_shares)
    if not shares and (said.per_share or said.earned):
        # under a per-share heading, whole grouped figures of an income row are amounts, not amounts per share
        whole = said.income and any(f.token.grouped and not f.token.decimals for f in row.figures)
        per_share = (said.per_share and not whole) or (said.earned and _in_cents(row))
    percent = said.percent and not per_share and not shares
    measure = "" if shares or per_share or percent else said.measure
    money = said.own is _NO_WORDS and not (shares or per_share or percent or measure)
    above = section[-1] if section else ""
    return RowUnits(label, above, said.own, heading_units, shares, per_share, percent, measure, money)


def _as_large(row: ReadRow, above: dict[int, Decimal]) -> bool:
    """Whether a row's figures are as large as those of the share counts right above it."""
    pairs = [(abs(f.number()), above[f.column]) for f in row.figures if above.get(f.column)]
    return bool(pairs) and all(a * 2 > b and a < b * 2 for a, b in pairs)


def _in_cents(row: ReadRow) -> bool:
    """Whether all figures of a row are what a share can earn, be paid or be worth: small, with cents."""
    figures = [f for f in row.figures if not f.nil]
    return all(f.token.decimals >= 2 and len(f.token.digits.split(".")[0]) <= 3 for f in figures)


Plain = dict[tuple[int, str | None], tuple[str, int]]
"""Currency and scale of figures of money by column and printed currency, where only column, heading and table say them."""


def amount_of(
    figure: Figure, row: RowUnits, column: Column, units: UnitWords, document: Document, plain: Plain
) -> tuple[Decimal, str, int] | None:
    """Return value in whole units, unit and decimals of one figure; None where no currency is named for money.

    `plain` is filled, and holds as long as columns, table and the heading above stay the same.
    """
    token = figure.token
    measure = column.measure or row.measure
    if row.money and not measure and not figure.percent and column.kind == "amount":
        known = plain.get((figure.column, figure.currency))
        if known is None:
            known = plain[figure.column, figure.currency] = (
                _currency(figure, column, row.own, row.heading, units, document),
                _scale(row.own, row.heading, column, units, document),
            )
        unit, scale = known
        return _scaled(figure, token.multiplier or scale, unit) if unit else None
    if figure.percent or (column.kind == "percent" and not figure.currency):
        return _ratio(figure, figure.power)
    if row.percent and not figure.currency and not token.grouped:
        return _ratio(figure, -2)
    if (
        measure in ("ratio", "multiple")
        and not (row.shares or row.per_share)
        and not figure.currency
        and (measure == "multiple" or not token.grouped)
        and len(token.digits.split(".")[0]) <= (3 if measure == "ratio" else 4)
    ):
        return _ratio(figure, -2 if measure == "ratio" else 0)
    currency = _currency(figure, column, row.own, row.heading, units, document)
    if row.shares or (measure == "shares" and not figure.currency and not _A_PRICE.search(row.label)):
        scale = _share_scale(figure, row.own, row.heading, units, column, document, measure == "shares")
        return _scaled(figure, scale, _shares_or_ads(row.label))
    if measure == "count" and not figure.currency:
        return _scaled(figure, _own_scale(row, column), "pure")
    if not currency:
        return None
    if row.per_share or measure == "per_share":
        ads = PER_ADS.search(row.label) or (not names_per_share(row.label) and PER_ADS.search(row.above))
        return _scaled(figure, 0, f"{currency}/ADS" if ads else f"{currency}/share")
    if measure == "price":
        return _scaled(figure, token.multiplier or _own_scale(row, column), currency)
    return _scaled(
        figure, token.multiplier or _scale(row.own, row.heading, column, units, document), currency
    )


def _ratio(figure: Figure, power: int) -> tuple[Decimal, str, int]:
    if figure.nil:
        return Decimal(0), "pure", 2
    return figure.number(power), "pure", figure.token.decimals - power


def _scaled(figure: Figure, scale: int, unit: str) -> tuple[Decimal, str, int]:
    return figure.number(scale), unit, figure.token.decimals - scale


def _shares_or_ads(label: str) -> str:
    ads = re.search(r"\bADSs?\b|american depositary shares", label)
    plain = re.search(r"\bshares\b", label.replace("American depositary shares", ""), re.I)
    return "ADS" if ads and not plain else "shares"


def _own_scale(row: RowUnits, column: Column) -> int:
    """Return the scale of a count or a price: only what its own label, heading or column says."""
    for words in (row.own, unit_words(column.texts[-1]) if column.measure and column.texts else row.heading):
        if words.scale is not None:
            return words.scale
    return 0


def _currency(
    figure: Figure, column: Column, own: UnitWords, above: UnitWords, units: UnitWords, document: Document
) -> str:
    sign = figure.currency
    if sign and sign not in ("$", "¥"):
        return sign
    if column.currency:
        return column.currency
    if len(own.currencies) == 1 and not figure.currency:
        return own.currencies[0]
    if sign == "$":
        return _dollar(units, document)
    if sign == "¥":
        return document.yen
    if own.dollar and not own.currencies:
        return _dollar(units, document)
    if len(above.currencies) == 1:
        return above.currencies[0]
    if above.dollar and not above.currencies and not units.currencies:
        return document.dollar
    if len(units.currencies) == 1:
        return units.currencies[0]
    if len(units.currencies) > 1 and document.currency in units.currencies:
        return document.currency or ""
    if units.dollar and not units.currencies:
        return document.dollar
    return document.currency or (document.dollar if units.dollar else "")


_DOLLARS = frozenset(("USD", "TWD", "HKD", "CAD", "AUD", "SGD"))


def _dollar(units: UnitWords, document: Document) -> str:
    named = [c for c in units.currencies if c in _DOLLARS]
    return named[0] if len(named) == 1 else document.dollar


def _scale(own: UnitWords, above: UnitWords, column: Column, units: UnitWords, document: Document) -> int:
    for scale in (own.scale, column.scale, above.scale, units.scale):
        if scale is not None:
            return scale
    return document.scale or 0


def _share_scale(
    figure: Figure,
    own: UnitWords,
    above: UnitWords,
    units: UnitWords,
    column: Column,
    document: Document,
    counted: bool,
) -> int:
    for words in (own, above):
        if words.share_scale is not None:
            return words.share_scale
        if words.scale is not None:
            return words.scale
    digits = len(figure.token.digits.split(".")[0])
    if units.share_scale is not None:
        if units.share_scale == 0 and (figure.token.decimals or digits <= 6):
            return units.scale or 0 if figure.token.decimals else 0
        return units.share_scale
    scale = column.scale if column.scale is not None else units.scale
    if scale is None:
        # a column that counts shares in a table without a scale of its own counts them one by one
        scale = 0 if counted else document.scale or 0
    return 0 if (scale >= 3 and digits >= 9) or (scale >= 6 and digits >= 7) else scale
