"""Stated precision, in the sense of the XBRL `decimals` attribute: -3 means stated to the thousand.

A figure stated with `decimals` d lies within half of 10**-d of its printed value (XBRL 2.1, section 4.6.5).
Comparisons take their tolerance from both sides' `decimals`, never from a percentage.
"""

from collections.abc import Iterable
from decimal import Decimal


def unit_of_last_digit(decimals: int) -> Decimal:
    """Return 10**-decimals: 1000 for -3, 0.01 for 2."""
    return Decimal(1).scaleb(-decimals)


def half_unit(decimals: int) -> Decimal:
    """Return half of the last stated digit's unit: 500 for decimals -3."""
    return unit_of_last_digit(decimals) / 2


def interval(value: Decimal, decimals: int) -> tuple[Decimal, Decimal]:
    """Return the closed interval that holds the true value behind a rounded one."""
    half = half_unit(decimals)
    return value - half, value + half


def agree(a: Decimal, a_decimals: int, b: Decimal, b_decimals: int) -> bool:
    """Return whether two printed figures can be roundings of one true value (their intervals meet)."""
    return abs(a - b) <= half_unit(a_decimals) + half_unit(b_decimals)


def sum_tolerance(decimals: Iterable[int]) -> Decimal:
    """Return the tolerance of an identity over figures with these `decimals`.

    Half the last stated digit of every figure in it, added up, plus one unit of the coarsest
    (design rule 3).

    Raises:
        ValueError: if no decimals are given.
    """
    known = list(decimals)
    if not known:
        raise ValueError("sum_tolerance needs the decimals of at least one figure")
    return sum((half_unit(d) for d in known), Decimal(0)) + unit_of_last_digit(min(known))
