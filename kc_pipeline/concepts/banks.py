"""What a bank's `Total operating income` is: its revenues, which stand above its expenses.

Belongs here: rules over the rows of a bank's income statement. Does not belong here: the lookup of one row (match.py).
"""

import re
from collections.abc import Sequence

from kc_pipeline.concepts.index import Mapping
from kc_pipeline.concepts.match import NONE, LabelKey

_EXPENSES = frozenset(
    (
        "selling_and_marketing_expense",
        "general_and_administrative_expense",
        "selling_general_and_administrative_expense",
        "operating_expenses",
        "costs_and_expenses",
        "noninterest_expense",
        "labor_and_related_expense",
    )
)
_COSTS = re.compile(
    r"\b(?:staff|personnel|employee|administrative|administration|salary|compensation|occupancy|premise|(?<!other )operating)\b"
    r".*\b(?:expense|cost|benefit)\b|^(?:total )?(?:expense|cost|overhead)$"
)
_CREDIT_LOSSES = re.compile(r"\b(?:provision|impairment|credit loss|loan loss)\b")
_INTEREST = re.compile(
    r"^(?:total )?(?P<net>net )?interest\b(?! in\b).*?\b(?:(?P<earned>income|revenue)|expense|charge)"
)
_RESULTS = frozenset(("operating_income_loss", "income_loss_before_income_taxes", "profit_loss"))


def banks_revenues(rows: Sequence[LabelKey], labels: Sequence[str], found: list[Mapping]) -> None:
    """Map a bank's `Total operating income` as its revenues: interest and fees stand above it, its expenses below it.

    Where losses on loans are taken from it already, it is neither its revenues nor its operating income.
    """
    spent = [
        m.concept in _EXPENSES or (m.concept is None and _COSTS.search(label) is not None)
        for m, label in zip(found, labels, strict=True)
    ]
    interest: set[str] = set()
    over = lost = False
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        if i and rows[i - 1].table != row.table:
            interest, over, lost = set(), False, False
        name = found[i].concept
        over = over or spent[i]
        lost = lost or (name not in _RESULTS and _CREDIT_LOSSES.search(label) is not None)
        said = _INTEREST.search(label)
        if said is not None:
            interest.add("net" if said["net"] else "earned" if said["earned"] else "paid")
        elif name == "operating_income_loss" and row.statement == "income" and not over:
            net = "net" in interest or interest >= {"earned", "paid"}
            if net and _spent_below(rows, found, spent, i):
                name = "total_revenues_net_of_interest_expense"
                found[i] = NONE if lost else Mapping(name, None, f"income/{name}/above-expenses")


def _spent_below(rows: Sequence[LabelKey], found: Sequence[Mapping], spent: Sequence[bool], i: int) -> bool:
    """Say whether expenses stand between a row and the next result of its table."""
    for j in range(i + 1, len(rows)):
        if rows[j].table != rows[i].table or found[j].concept in _RESULTS:
            return False
        if spent[j]:
            return True
    return False
