"""Rows of summaries and notes that repeat a row of a primary statement: what the statement's row means, they mean.

Belongs here: the proof by label and figures. Does not belong here: what a label means by itself (match.py).

Key figures and notes on segments print rows of the statements again (`Total revenues`, over eight quarters), in tables
whose labels alone prove nothing. Such a row has the concept of the statement's row where its label is the same and all
figures that both print for the same periods are the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from kc_pipeline.concepts.catalogue import Concept
from kc_pipeline.concepts.index import Mapping as Meaning
from kc_pipeline.concepts.index import SynonymLike, index_for
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.match import LOOSE, LabelKey, foreign_part, measure_of

_PRIMARY = frozenset(("balance_sheet", "income", "cash_flow"))
_NO_NAME = frozenset(("", "total", "subtotal", "other", "other net", "合计"))
_LEAST = 100  # units of the last digit that make an equal figure more than chance

Name = tuple[str, str, bool]
Period = tuple[str, date | None, int | None, str]


class Printed(NamedTuple):
    """One figure of a row: what it is of, in whole units."""

    unit: str
    period_end: date | None
    months: int | None
    scope: str
    value: Decimal
    decimals: int


def _name(key: LabelKey) -> Name:
    return normalise(key.label), measure_of(key.unit), key.months is None


def to_compare(
    synonyms: Iterable[SynonymLike],
    keys: Sequence[LabelKey],
    found: Sequence[Meaning],
    defined: tuple[Concept, ...] = (),
) -> dict[int, list[int]]:
    """Return the rows without a concept that may repeat others, by place, each with the places of these.

    Args:
        synonyms: the company's own labels, as for `map_table`.
        keys: the rows of one document.
        found: what `map_table` gave for them.
        defined: the company's own concepts, as for `map_table`.
    """
    index = index_for(synonyms, defined)
    of_statements: dict[Name, list[int]] = {}
    for i, key in enumerate(keys):
        if key.statement in _PRIMARY and not key.member and found[i].concept and found[i].segment is None:
            name = _name(key)
            if name[0] not in _NO_NAME:
                of_statements.setdefault(name, []).append(i)
    out: dict[int, list[int]] = {}
    for i, key in enumerate(keys):
        if key.statement not in LOOSE or key.member or found[i].concept:
            continue
        known = of_statements.get(_name(key))
        if known and foreign_part(index, key.section) is None:
            out[i] = known
    return out


def map_repeats(
    pairs: Mapping[int, Sequence[int]], figures: Mapping[int, Iterable[Printed]], found: list[Meaning]
) -> None:
    """Give each row the meaning of the rows that it repeats, where these agree on one.

    Args:
        pairs: as `to_compare` returns them.
        figures: the figures of all rows that `pairs` names.
        found: the meanings, changed in place.
    """
    by_period = {i: {x[:4]: x for x in printed} for i, printed in figures.items()}
    for i, others in pairs.items():
        meanings = {found[j].concept for j in others if _repeats(by_period.get(i, {}), by_period.get(j, {}))}
        if len(meanings) == 1:
            (concept,) = meanings
            first = next(j for j in others if found[j].concept == concept)
            rule = str(found[first].rule).rsplit("/", 1)[0]
            found[i] = Meaning(concept, None, f"{rule}/repeats-statement")


def _repeats(row: Mapping[Period, Printed], other: Mapping[Period, Printed]) -> bool:
    """Say whether two rows print the same for each period that both have, at least once with three digits."""
    shared = [(row[period], other[period]) for period in row.keys() & other.keys()]
    return all(_same(a, b) for a, b in shared) and any(
        abs(x.value).scaleb(x.decimals) >= _LEAST for pair in shared for x in (min(pair, key=_decimals),)
    )


def _decimals(printed: Printed) -> int:
    return printed.decimals


def _same(a: Printed, b: Printed) -> bool:
    """Say whether two figures are one, as far as the coarser of them is printed."""
    apart = abs(a.value - b.value)
    return apart == 0 or (
        a.decimals != b.decimals and apart <= Decimal("0.5").scaleb(-min(a.decimals, b.decimals))
    )
