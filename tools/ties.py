"""The calculation tree held against the documents: does each printed parent tie to its printed children?

`make reconcile` prints it. A parent ties where the weighted sum of its direct children in the same column of the
same table is what is printed, within the rounding of all of them. A rest is no error by itself: a line may map to no
concept, be left out of a transcript, or stand one level lower in the tree. What it is good for: a label that maps to
the wrong concept leaves a rest in every document that prints it.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

# The net result is the sum of two things: what is left before tax and the tax, or the parent's share and the others'.
SHARES = "('net_income_loss', 'net_income_loss_attributable_to_noncontrolling_interest')"

TIES = f"""
WITH printed AS (
  SELECT l.document_id, l.table_index, l.col_index, l.concept, l.period_end, any_value(l.unit) AS unit,
    any_value(CASE WHEN l.sign_rule IS NULL THEN l.value ELSE -l.value END) AS value,
    any_value(0.5 * pow(10, -l.decimals)) AS half
  FROM staging.statement_lines l JOIN raw.documents d ON d.document_id = l.document_id AND d.status = 'accepted'
  WHERE l.concept IS NOT NULL AND l.scope = 'consolidated' AND l.segment IS NULL AND l.member IS NULL AND l.period_end IS NOT NULL
    AND l.statement IN ('balance_sheet', 'income', 'cash_flow')
  GROUP BY l.document_id, l.table_index, l.col_index, l.concept, l.period_end
  HAVING count(*) = 1
)
SELECT p.concept AS parent, p.document_id, p.period_end, count(*) AS children,
  (p.value - sum(k.weight * c.value))::DECIMAL(38,8) AS rest,
  (any_value(p.half) + sum(c.half) + 2 * max(greatest(c.half, p.half)))::DECIMAL(38,8) AS allowed, p.value
FROM printed p JOIN core.concepts k ON k.parent = p.concept
JOIN printed c ON c.document_id = p.document_id AND c.table_index = p.table_index AND c.col_index = p.col_index
  AND c.concept = k.concept AND c.period_end = p.period_end AND c.unit = p.unit
GROUP BY p.document_id, p.table_index, p.col_index, p.concept, p.period_end, p.value, k.concept IN {SHARES}
HAVING count(*) > 1
ORDER BY p.concept, p.document_id, p.period_end, p.table_index, p.col_index"""


@dataclass(frozen=True, slots=True)
class Tie:
    """One parent in one column of one document: what its children leave of it, in whole units, and what may be left."""

    parent: str
    document: str
    day: str
    children: int
    rest: Decimal
    allowed: Decimal
    value: Decimal

    @property
    def ties(self) -> bool:
        """Whether the children make up the parent."""
        return abs(self.rest) <= self.allowed


def ties(con: "duckdb.DuckDBPyConnection") -> list[Tie]:
    """Return every printed parent with at least two printed children of a warehouse."""
    return [
        Tie(parent, document, str(day), children, rest, allowed, value)
        for parent, document, day, children, rest, allowed, value in con.execute(TIES).fetchall()
    ]


def report(found: list[Tie]) -> str:
    """Return a table: per parent how many columns tie, how many leave a rest, and the largest rest."""
    from tabulate import tabulate

    rows = []
    for parent in sorted({t.parent for t in found}):
        own = [t for t in found if t.parent == parent]
        left = sorted((t for t in own if not t.ties), key=lambda t: -abs(t.rest) / (abs(t.value) or 1))
        worst = left[0] if left else None
        rows.append(
            (
                parent,
                len(own) - len(left),
                len(left),
                f"{worst.rest:,.0f} of {worst.value:,.0f}, {worst.document} at {worst.day}" if worst else "",
            )
        )
    total = sum(t.ties for t in found)
    head = f"calculation tree: {total} of {len(found)} printed parents are the sum of their printed children"
    body = tabulate(rows, headers=["parent", "ties", "leaves a rest", "largest rest"], tablefmt="simple")
    return f"{head}\n{body}"
