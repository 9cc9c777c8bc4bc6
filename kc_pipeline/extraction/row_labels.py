"""What the label of a row says by itself: its words without marks, and whether they name a day instead of a period."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from kc_pipeline.concepts.languages import in_latin
from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.vocabulary import FULL_MONTHS, MONTHS

_FOOTNOTE = re.compile(
    r"(?: ?(?:\((?:\d{1,2}|[a-z]|[ivx]{1,4}|\*{1,4})\)|\[\w{1,2}\]|[*†‡§#+^¹²³⁴⁵⁶⁷⁸⁹])(?: ?[,&])?)+ ?(?=:?$)"
)
_TRAILING = re.compile(r"[\s.…_]{3,}$|\s*\.{2,}\s*$")
_CASH_INSTANT = re.compile(r"\bcash\b.*\b(beginning|end|start|close|opening|closing)\b", re.I)
_END_OF_PERIOD = re.compile(
    r"^\W*(?:at\s+)?(?:the\s+)?(beginning|end|start|close)\s+of\s+(?:the\s+)?(?:fiscal\s+)?(?:period|year|quarter)\W*$",
    re.I,
)
_CASH_DAY = re.compile(rf"\bcash\b.*\b({FULL_MONTHS})\s+(\d{{1,2}})\W*$", re.I)
_BALANCE_INSTANT = re.compile(
    r"^\W*(?:total\s+)?(?:\w+\s+)?(beginning|opening|ending|closing)\s+balances?\b|^\W*balances?,?\s+(?:at\s+)?(?:the\s+)?(beginning|end|start)\s+of\b",
    re.I,
)
_INSTANT_LABEL = re.compile(
    r"^\W*(?:total\s+|net\s+)?(?:consolidated\s+|segment\s+|identifiable\s+)?assets\W*$|^\W*total\s+(?:current\s+)?(?:assets|liabilities|debt|equity|deposits)\b"
    r"|^\W*goodwill(?:\s+and\s+(?:other\s+)?intangibles?(?:\s+assets)?)?\W*$|\bequity\s+in\s+net\s+assets\b|^\W*cash\s+and\s+cash\s+equivalents\W*$",
    re.I,
)


class RowLabel(NamedTuple):
    """A label, read.

    `balance` and `cash` are the word that says at which end of its period a balance, or cash in a cash flow
    statement, stands ("" where none does); `cash_day` is the month and day on which cash stands, where the label
    names one ("Cash at January 1"); `instant` says that the label names what has no duration.
    """

    clean: str
    balance: str
    cash: str
    instant: bool
    cash_day: tuple[int, int] | None = None

    def opens(self, start: date) -> bool:
        """Return whether the day that the label names is the first of a period, or the day before."""
        return self.cash_day in {(d.month, d.day) for d in (start, start - timedelta(days=1))}


@lru_cache(maxsize=16384)
def row_label(label: str) -> RowLabel:
    """Read the label of a row."""
    clean = clean_label(label)
    lowered = label.lower()
    balance = _BALANCE_INSTANT.search(label) if "balance" in lowered else None
    cash = _CASH_INSTANT.search(label) if "cash" in lowered else None
    if cash is None and says(lowered, ("period", "year", "quarter")):
        cash = _END_OF_PERIOD.match(label)
    day = _CASH_DAY.search(label) if "cash" in lowered else None
    return RowLabel(
        clean,
        (balance[1] or balance[2]).lower() if balance is not None else "",
        cash[1].lower() if cash is not None else "",
        says(lowered, ("assets", "total", "goodwill", "cash")) and _INSTANT_LABEL.search(clean) is not None,
        (MONTHS[day[1].lower()], int(day[2])) if day is not None else None,
    )


_PERIOD_END = re.compile(r"\bbalance\s+sheets?\b|\bperiod[\s-]+end\b|\bend\s+of\s+(?:the\s+)?period\b", re.I)


@lru_cache(maxsize=16384)
def is_stock(printed: str, section: tuple[str, ...]) -> bool:
    """Return whether a row in a table of flows states amounts at the period's end: by its label or its heading.

    Averages over the period are none, whatever they are averages of.
    """
    label = row_label(in_latin(printed))
    if "average" in label.clean.lower() or any("average" in h.lower() for h in section):
        return False
    return label.instant or bool(section and _PERIOD_END.search(section[-1]))


@lru_cache(maxsize=16384)
def clean_label(label: str) -> str:
    """Return a row label without footnote marks and leader dots."""
    if label[-1:].isalpha() or len(label) > 1000:
        return label
    out = _TRAILING.sub("", label)
    stripped = _FOOTNOTE.sub("", out)
    return (stripped or out).strip()
