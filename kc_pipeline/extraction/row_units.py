"""What the figures of a row measure: money, amounts per share, shares, percentages."""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from kc_pipeline.extraction.measures import row_measure
from kc_pipeline.extraction.rows import ReadRow
from kc_pipeline.extraction.table_units import NO_WORDS, allowed, minor_unit
from kc_pipeline.extraction.units import (
    UnitWords,
    is_per_share,
    is_share_count,
    names_per_share,
    unit_words,
)

_RATIO = re.compile(r"\bratio\b|\bdebt\s+to\s+equity\b", re.I)
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
    own = unit_words(printed) if scaled and len(printed) < 160 else NO_WORDS
    return _Said(
        own if own != NO_WORDS else NO_WORDS,
        is_share_count(label, section, in_balance),
        _NUMBER_OF.search(printed) is not None,
        label.lower() in ("", "total", "diluted", "basic"),
        any(names_per_share(h) for h in section),
        per_share,
        per_share and not names_per_share(printed) and _OF_AMOUNT.search(printed) is not None,
        _below_per_share(section) and _EARNED.search(printed) is not None,
        _PAID.match(printed) is not None,
        "%" in printed,
        measure,
    )


def _below_per_share(section: tuple[str, ...]) -> bool:
    """Whether the last heading names an amount per share, or the one above "Basic" or "Diluted" does."""
    own = next((h for h in reversed(section) if not _EITHER.fullmatch(h)), "")
    return names_per_share(own)


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
    money = said.own is NO_WORDS and not (shares or per_share or percent or measure)
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
