"""Truth numbers that the page itself contradicts: `truth_errata.toml`, read by the score.

An entry names one truth number by document, table, element, printed text and period end, and quotes the page's words.
A number that is merely read wrongly does not belong there.
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ERRATA = Path(__file__).with_name("truth_errata.toml")


class Erratum(NamedTuple):
    """One truth number that its page contradicts, and the page's words."""

    document: str
    table: int
    element: str
    text: str
    end: str
    reason: str
    times: int = 1  # how many columns of the table print it

    def means(self, t: dict[str, Any]) -> bool:
        """Say whether a truth number of the document is the one listed."""
        own = (t["table"], t["concept"], t["text"], t["end"])
        return own == (self.table, self.element, self.text, self.end)


@cache
def errata(path: Path = ERRATA) -> tuple[Erratum, ...]:
    """Return the list."""
    return tuple(Erratum(**e) for e in tomllib.loads(path.read_text(encoding="utf-8")).get("erratum", []))


def without_errata(truth: Sequence[dict[str, Any]], listed: Sequence[Erratum]) -> list[dict[str, Any]]:
    """Leave the listed numbers of one document out of its truth."""
    return [t for t in truth if not any(e.means(t) for e in listed)]
