"""What is said of currency and scale of a figure, nearest first, and what follows: the cell, row, column, table, document."""

from kc_pipeline.extraction.columns import Column
from kc_pipeline.extraction.row_units import RowUnits
from kc_pipeline.extraction.rows import Figure
from kc_pipeline.extraction.table_units import Document, TableUnits, allowed, minor_currency, sign_allows
from kc_pipeline.extraction.units import unit_words
from kc_pipeline.extraction.verdicts import NO_VERDICT, Clue, Scale, Verdict, weigh_currency


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
        Clue((row.per_share and minor_currency(row.label)) or allowed(row.own), "row label", row.label),
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
