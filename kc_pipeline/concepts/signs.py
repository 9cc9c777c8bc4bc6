"""The sign of a fact: from the printed sign and the label to the concept's declared positive meaning.

Belongs here: the rules and when they fire. Does not belong here: reading signs (lines keep the printed one).

How a row prints is a matter of the whole row, not of one cell: `row` is `negative` where no figure of the row
is above zero and one is below, `positive` the other way round, `mixed` where both occur. `costs` is how the
table prints costs: `negative` where its cost rows stand in parentheses.

Rules, in this order (multiplier, id):

* expense/label-benefit (-1): the label's plain word is a benefit, income or gain (`Income tax benefit`,
  `Income tax benefit (expense)`), the concept an expense.
* expense/parentheses (-1): an expense printed negative because the table prints costs in parentheses; one
  that is practically never negative and whose whole row is; or, where the table shows no other cost, one
  whose label says expense alone and whose whole row is negative.
* outflow/parentheses (-1): a payment, printed negative in a cash flow statement.
* gain/label-expense (-1): the label's plain word is an expense or loss and the income stands in the bracket
  (`Other (income) expense, net`, `Foreign exchange loss (gain)`), the concept a gain.
* gain/parentheses (-1): income that is practically never negative, in a row printed negative.
* loss/label (-1): the label says loss or deficit alone and the row is printed without any sign: the word is
  the sign (`Net loss 1,234`, and the positive amount after the noun in prose).
* outflow/label (-1): prose only, `net cash used in ... was 1,234`; in a table the printed sign stands.
* equity/treasury (-1): own shares printed without a sign; they lower equity.
* contra/parentheses (-1): allowances and accumulated depreciation printed as deductions.
* label/parentheses (-1): a figure inside a row's label, practically never negative, right behind a bracket or dash
  (`Common stock ($0.01 par value; ...)`). Each such figure is judged by itself: its bracket is not the row's.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Literal, Protocol

from kc_pipeline.concepts.catalogue import Concept, catalogue
from kc_pipeline.figures import IN_LABEL

Row = Literal["positive", "negative", "mixed"]

_UP = re.compile(r"\b(?:income|profits?|earnings?|gains?|benefits?|credit|inflow|surplus)\b")
_DOWN = re.compile(r"\b(?:loss(?:es)?|expenses?|costs?|provision|charges?|deficits?|outflow)\b")
_BRACKET = re.compile(r"\(([^()]*)\)")
_CASH_USED = re.compile(r"\bused\b|\boutflow")
_CASH_PROVIDED = re.compile(r"\bprovided\b|\bgenerated\b|\binflow|\(used|\bfrom \(used")
_TAIL = re.compile(r"\b(?:before|excluding|including|from|net of|attributable|used in)\b.*")


class SignedLine(Protocol):
    """What the sign of a line depends on."""

    statement: str
    label: str
    value: Decimal
    concept: str | None
    table: int
    row: int
    col: int
    column_label: str


@lru_cache(maxsize=8192)
def orientation(label: str, for_expense: bool = False) -> str:
    """Return what a positive printed number under the label is: `up`, `down`, or `open` where it is not said.

    Words in brackets are the negative meaning: `(Income) expense` is down, `Benefit (expense)` up,
    `Net (loss) income` up. A label with one kind of word only is that word's: `Net loss` is `down_only`,
    `Income tax benefit` `up_only`.
    """
    text = label.lower().replace("’", "'").replace("（", "(").replace("）", ")")
    text = re.sub(r"\bincome tax(?:es)?\b|\btax(?:es)? on income\b", "tax", text)
    text = re.sub(r"\bcredit loss(?:es)?\b|\bdiscontinued\b", " ", text)
    text = (
        re.sub(r"\b(?:before|excluding|including|from|net of|attributable|used in)\b(?!/).*", " ", text)
        if not for_expense
        else text
    )
    inside = " ".join(_BRACKET.findall(text))
    outside = _BRACKET.sub(" ", text)
    up_out, down_out = bool(_UP.search(outside)), bool(_DOWN.search(outside))
    up_in, down_in = bool(_UP.search(inside)), bool(_DOWN.search(inside))
    if up_out and down_out:
        return "open"
    if up_out:
        return "up" if down_in else "up_only"
    if down_out:
        return "down" if up_in else "down_only"
    return "open"


def _expense(c: Concept, label: str, row: Row, costs: str) -> tuple[int, str | None]:
    side = orientation(label, True)
    if side in ("up", "up_only") and not c.nonnegative:
        return -1, "expense/label-benefit"
    if side == "down":
        return 1, None
    if c.nonnegative:
        if row == "negative" or (row == "mixed" and costs == "negative"):
            return -1, "expense/parentheses"
        return 1, None
    if costs == "negative" or (costs == "unknown" and row == "negative" and side == "down_only"):
        return -1, "expense/parentheses"
    return 1, None


def _gain(c: Concept, label: str, row: Row) -> tuple[int, str | None]:
    side = orientation(label)
    if side == "down":
        return -1, "gain/label-expense"
    if c.nonnegative:
        return (-1, "gain/parentheses") if row == "negative" else (1, None)
    if side == "down_only" and row == "positive":
        return -1, "loss/label"
    return 1, None


def sign_rule(
    concept: str,
    statement: str,
    label: str,
    *,
    row: Row = "positive",
    costs: str = "unknown",
    in_label: bool = False,
) -> tuple[int, str | None]:
    """Return the multiplier (1 or -1) from the printed sign to the concept's, and the rule that asked for it.

    Args:
        concept: a concept of the catalogue; an unknown name (a stated ratio) keeps the printed sign.
        statement: kind of the table, or `prose`.
        label: the row's label as printed, or the words that name the figure in prose.
        row: how the figures of the row are printed; see the module.
        costs: how the table prints costs: `negative`, `positive` or `unknown`.
        in_label: whether the figure stands inside the row's label; `row` is then that figure's own sign.
    """
    c = catalogue().get(concept)
    if c is None:
        return 1, None
    if in_label:
        return (-1, "label/parentheses") if c.nonnegative and row == "negative" else (1, None)
    if c.positive == "expense":
        return _expense(c, label, row, costs)
    if c.positive == "outflow":
        if row == "negative" or (row == "mixed" and statement == "cash_flow"):
            return -1, "outflow/parentheses"
        return 1, None
    if c.positive == "gain":
        return _gain(c, label, row)
    if c.positive == "income":
        if orientation(label) == "down_only" and row == "positive":
            return -1, "loss/label"
        return 1, None
    if c.positive == "inflow":
        text = label.lower()
        used = bool(_CASH_USED.search(text)) and not _CASH_PROVIDED.search(text)
        return (-1, "outflow/label") if statement == "prose" and used and row == "positive" else (1, None)
    if c.name == "treasury_stock_value":
        return (-1, "equity/treasury") if row == "positive" else (1, None)
    if c.positive == "equity":
        return (-1, "loss/label") if row == "positive" and orientation(label) == "down_only" else (1, None)
    if c.nonnegative and row == "negative":
        return -1, "contra/parentheses"
    return 1, None


def row_sign(values: Sequence[Decimal]) -> Row:
    """Return how a row's figures are printed; a row of zeros is positive."""
    if any(v < 0 for v in values):
        return "mixed" if any(v > 0 for v in values) else "negative"
    return "positive"


def sign_lines(lines: Sequence[SignedLine]) -> list[tuple[int, str | None]]:
    """Return multiplier and rule of each mapped line of one document; (1, None) for an unmapped one.

    The way a table prints costs is read from its own cost rows: `negative` where most figures of its
    practically never negative expenses stand below zero.
    """
    rows: dict[tuple[int, int, int], list[Decimal]] = {}
    votes: dict[int, int] = {}
    declared = catalogue()
    for line in lines:
        rows.setdefault(_printed_row(line), []).append(line.value)
        c = declared.get(line.concept) if line.concept else None
        if c is not None and c.kind == "cost" and line.value and c.name not in ("interest_expense",):
            votes[line.table] = votes.get(line.table, 0) + (1 if line.value > 0 else -1)
    signs = {place: row_sign(values) for place, values in rows.items()}
    out: list[tuple[int, str | None]] = []
    for line in lines:
        if line.concept is None:
            out.append((1, None))
            continue
        vote = votes.get(line.table, 0)
        costs = "negative" if vote < 0 else "positive" if vote > 0 else "unknown"
        out.append(
            sign_rule(
                line.concept,
                line.statement,
                line.label,
                row=signs[_printed_row(line)],
                costs=costs,
                in_label=line.column_label.endswith(IN_LABEL),
            )
        )
    return out


def _printed_row(line: SignedLine) -> tuple[int, int, int]:
    """Return the figures that share a manner of printing: those of one row, or one figure inside a label."""
    return line.table, line.row, line.col if line.column_label.endswith(IN_LABEL) else -1
