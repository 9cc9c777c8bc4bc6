"""Hand-made lines in the shape that extraction hands over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kc_pipeline.concepts import map_lines
from kc_pipeline.concepts.index import SynonymLike


@dataclass(slots=True)
class Line:
    statement: str
    section: tuple[str, ...]
    label: str
    value: Decimal = Decimal(1)
    unit: str = "CNY"
    months: int | None = 3
    title: str = ""
    table: int = 0
    row: int = 0
    col: int = 1
    column_label: str = ""
    concept: str | None = None
    segment: str | None = None
    mapping_rule: str | None = None
    decimals: int = 0
    period_end: date | None = None
    scope: str = "consolidated"
    member: str = ""


def statement(
    kind: str,
    rows: Sequence[str | tuple[str, str]],
    *,
    unit: str = "CNY",
    title: str = "",
    synonyms: Sequence[SynonymLike] = (),
) -> list[Line]:
    """Map a table given as labels; a label that ends in a colon or stands in capitals is a heading.

    A pair is a label with its unit.
    """
    months = None if kind == "balance_sheet" else 3
    top = ""
    section: tuple[str, ...] = ()
    lines: list[Line] = []
    for i, item in enumerate(rows):
        label, own = item if isinstance(item, tuple) else (item, unit)
        if label.endswith(":"):
            section = (top, label) if top else (label,)
        elif label and label == label.upper() and len(label) > 5 and kind != "other":
            top, section = label, (label,)
        else:
            lines.append(Line(kind, section, label, unit=own, months=months, title=title, row=i))
    map_lines(lines, synonyms)
    return lines


def concepts(lines: Sequence[Line]) -> list[str | None]:
    return [f"{x.concept}/{x.segment}" if x.segment else x.concept for x in lines]
