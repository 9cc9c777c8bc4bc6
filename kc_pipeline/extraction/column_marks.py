"""What columns show by the marks of their figures: footnotes, percentages of a whole, signs of one kind, a scale in doubt."""

import re
from collections import Counter

from kc_pipeline.extraction.columns import Block, Column
from kc_pipeline.extraction.context import Context
from kc_pipeline.extraction.measures import counts_by, names_part
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.rows import Figure
from kc_pipeline.extraction.table_units import Document, TableUnits
from kc_pipeline.extraction.units import (
    names_per_share,
    unit_context,
    unit_words,
)


def set_measures(columns: list[Column], local: Context, block: Block) -> None:
    """Set what columns measure where the lines right above the table say so for all of them, or the rows say otherwise."""
    measure = ""
    if _percentages(local.lines[-3:], block):
        measure = "ratio"
    elif any(map(counts_by, local.lines[-3:])):
        measure = "count"
    for column in columns:
        if column.measure == "count" and names_part(column.label, [r.label for r in block.rows if r.figures]):
            column.measure = ""
        column.measure = column.measure or measure


def note_signs(columns: list[Column], block: Block, units: TableUnits) -> None:
    """Note which currency signs are printed in the cells of each column, and of all of them, where they are of one kind."""
    seen: list[Counter[str]] = [Counter() for _ in columns]
    prices: list[Counter[str]] = [Counter() for _ in columns]
    for row in block.rows:
        priced = _is_price(row.label)
        for figure in row.figures:
            if figure.currency and figure.column >= 0:
                (prices if priced else seen)[figure.column][figure.currency] += 1
    every = sum([*seen, *prices], Counter())
    if not any(r.figures and r.label and not _is_price(r.label) for r in block.rows):
        seen = prices
    for column, signs in zip(columns, seen, strict=True):
        column.sign = next(iter(signs)) if len(signs) == 1 else ""
    units.sign = next(iter(every)) if len(every) == 1 else ""
    units.signs = frozenset(every)
    units.apart = len({c.currency for c in columns if c.currency}) > 1


def _is_price(label: str) -> bool:
    """Whether a row holds amounts per share or prices, which may be in another currency than the money beside them."""
    return names_per_share(label) or "price" in label.lower()


def scale_doubt(
    columns: list[Column], block: Block, units: TableUnits, document: Document
) -> tuple[str, str] | None:
    """Return code and words of what makes the scale of a statement's money doubtful, or None."""
    headed = {c.scale for c in columns if c.kind == "amount" and c.scale is not None}
    said = unit_context(list(units.lines[-8:])).scale if headed else None
    lines = [w for x in units.lines if (w := unit_words(x).scale) is not None and w not in headed]
    if headed and lines and said is not None:
        return (
            "scale_contradicted",
            "the headings of its columns and the lines above it state different scales",
        )
    if headed or units.words.scale is not None or units.below is not None or document.scale is not None:
        return None
    if document.scaled_elsewhere:
        return "scale_unclear", "it states no scale, other tables of the document do; read as whole units"
    figures = [f for row in block.rows for f in row.figures if f.token.kind == "figure" and not f.percent]
    tenths = sum(1 for f in figures if f.token.decimals == 1)
    if tenths * 2 > len(figures):
        return "scale_unclear", "it states no scale and its figures have one decimal; read as whole units"
    return None


_OF_A_WHOLE = re.compile(
    r"\bas\s+a\s+percent(?:age|s)?\s+of\b|\bpercent(?:age|s)?\s+of\s+(?:total\s+|net\s+)?(?:revenues?|sales)\b|\bcommon[\s-]+size\b",
    re.I,
)


def _percentages(lines: list[str], block: Block) -> bool:
    """Whether a block is titled as percentages of a whole, whose sign is printed in some of its rows only."""
    if not any(_OF_A_WHOLE.search(line) for line in lines):
        return False
    figures = [f for row in block.rows for f in row.figures if not f.nil]
    if any(f.currency or f.token.grouped for f in figures):
        return False
    return any(f.percent for f in figures) or any(
        row.figures and all(abs(f.number()) == 100 for f in row.figures) for row in block.rows
    )


def drop_marks(columns: list[Column], block: Block) -> None:
    """A column that holds only footnote marks such as (1) holds no figures.

    Under a date of its own it could hold ones in brackets; under no heading but those of the figures beside it, it cannot.
    """
    seen: dict[int, list[Figure]] = {}
    for row in block.rows:
        for figure in row.figures:
            seen.setdefault(figure.column, []).append(figure)
    for index, column in enumerate(columns):
        figures = seen.get(index, [])
        if (
            column.kind == "amount"
            and figures
            and all(like_mark(f) for f in figures)
            and (
                not heading(column.label).dated
                or (index > 0 and set(column.texts) <= set(columns[index - 1].texts))
            )
        ):
            column.kind = "note"


def like_mark(figure: Figure) -> bool:
    """Return whether a figure may be the mark of a footnote: one or two digits in brackets."""
    token = figure.token
    return (
        token.kind == "figure"
        and len(token.digits) <= 2
        and not token.decimals
        and token.open is False
        and figure.cell.text.startswith("(")
    )
