"""Value and unit of one printed figure, from what its cell, row, column, table and document say about units.

The nearest word wins: a sign in the cell, the column's heading, the label, the heading above the row, the lines around
the table, the document as a whole.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.row_units import RowUnits
from kc_pipeline.extraction.rows import Figure
from kc_pipeline.extraction.table_units import Document, TableUnits, minor_unit
from kc_pipeline.extraction.unit_clues import currency_of, scale_of, share_scale_of
from kc_pipeline.extraction.units import (
    PER_ADS,
    names_per_share,
    unit_words,
)
from kc_pipeline.extraction.verdicts import Clue, Scale, Verdict, serious

_A_PRICE = re.compile(r"\bprices?\b|\bper\b|\bcapitali[sz]ation\b|\bvalue\b", re.I)


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
