"""What reading one table gives."""

from dataclasses import dataclass, field
from decimal import Decimal

from kc_pipeline.extraction.columns import Block, Column
from kc_pipeline.extraction.model import Caution, Line
from kc_pipeline.extraction.registrants import Registrant
from kc_pipeline.extraction.verdicts import Clue, Scale

Trace = dict[tuple[int, int], tuple[list[Clue], list[Scale]]]
"""Clues of currency and of scale, nearest first, by row and column."""


@dataclass(slots=True)
class TableReading:
    """One table, read."""

    index: int
    statement: str
    title: str
    scope: str
    summary: bool = False  # whether it gathers figures of several statements, by its title
    titled: bool = False  # whether a statement's formal title stands over it
    registrant: Registrant | None = None  # the company named with that title
    lines: list[Line] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    figures: int = 0
    placed: int = 0
    blocks: list[tuple[Block, list[Column]]] = field(default_factory=list)
    label_columns: int = 0
    flow: bool = False  # whether its rows are flows
    after_shares: dict[int, Decimal] = field(default_factory=dict)
    without_currency: int = 0
    unit_lines: list[str] = field(default_factory=list)
    unreadable: list[tuple[int, str, str]] = field(default_factory=list)
    unread: list[Caution] = field(default_factory=list)
    scale_doubt: tuple[str, str] | None = None  # code and words of what makes the scale of its money doubtful
    contradicted: dict[str, str] = field(default_factory=dict)  # what speaks against a currency, by column
    trace: Trace | None = (
        None  # filled where a person asks why: what is said of each figure's currency and scale
    )

    def note_contradicted(self, column: str, currency: str, clue: Clue) -> None:
        """Note that a serious clue stands against the currency of a column's figures."""
        said = " or ".join(clue.value[:2])
        words = f"its {clue.place} says {said}" + (f" ({clue.text[:80]!r})" if clue.text else "")
        self.contradicted.setdefault(column, f"{words}, the figures print the sign of {currency}")
