"""Clues and verdicts: what each source of evidence says of one question, and which of them decides.

A clue is (value, place, text). Clues come nearest to the figure first (the order stands in `unit_clues.currency_clues` and
`unit_clues.scale_clues`): a printed sign outranks words, near words outrank far ones, and what stands only in running text
outranks nothing. A verdict is the value, the rule (the place of the clue that decided), that clue, and the clues against.

A clue against is serious, and the figure is marked, where it `binds`: a caption that states the unit of this very table,
against the only sign that its column prints; or what the other statements of a document are in, where a statement's
signs alone say otherwise. Words of a row, of running text, or of a table that is no statement never bind.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Clue(NamedTuple):
    """What one source of evidence says: of a currency the codes that it allows, of a scale a power of ten."""

    value: tuple[str, ...]
    place: str
    text: str = ""
    binds: bool = False


class Verdict(NamedTuple):
    """What was decided, by which rule, on which clue, and what speaks against it."""

    value: str
    rule: str
    winner: Clue | None
    against: tuple[Clue, ...] = ()


class Scale(NamedTuple):
    """A power of ten, and the place that says so."""

    power: int
    rule: str


NO_VERDICT = Verdict("", "", None)


def serious(verdict: Verdict) -> Clue | None:
    """Return the first serious clue against a verdict.

    >>> serious(weigh_currency([Clue(("USD",), "column signs"), Clue(("CNY",), "caption", binds=True)])).place
    'caption'
    """
    return next((clue for clue in verdict.against if clue.binds), None)


def weigh_currency(clues: Iterable[Clue]) -> Verdict:
    """Weigh what is said of a currency, nearest first.

    The nearest clue holds; farther ones choose among the currencies that it allows (a bare "$" in a table "expressed in
    Canadian dollars"), and those that allow none of them stand against it. Where several are left, the value is "".

    >>> weigh_currency([Clue(("USD", "CAD"), "cell sign"), Clue(("CAD",), "caption")]).value
    'CAD'
    """
    held: tuple[str, ...] = ()
    winner: Clue | None = None
    rule = ""
    against: list[Clue] = []
    for clue in clues:
        if not clue.value:
            continue
        if winner is None:
            held, winner, rule = clue.value, clue, clue.place
            continue
        both = tuple([c for c in held if c in clue.value])
        if not both:
            against.append(clue)
        elif len(both) < len(held):
            held = both
            rule = f"{winner.place}, {clue.place}"
    return Verdict(held[0] if len(held) == 1 else "", rule, winner, tuple(against))
