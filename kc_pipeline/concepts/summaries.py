"""Tables that gather figures of several statements: which statement a row of them belongs to.

Belongs here: the titles and headings of summaries. Does not belong here: the lookup of one row (match.py).
"""

import re
from functools import lru_cache

from kc_pipeline.concepts.index import index_for
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.match import LabelKey

_GATHERS = re.compile(
    r"highlight|selected|summar|key (?:operating|financial)|financial (?:data|results)|财务摘要|財務摘要",
    re.I,
)
_NAMED = (  # headings, normalised: loss, profit and earnings are income
    ("cash_flow", re.compile(r"\bcash flow\b(?: \w+)? data\b")),
    ("balance_sheet", re.compile(r"\b(?:balance sheet|financial (?:position|condition)) data\b")),
    (
        "income",
        re.compile(
            r"\b(?:income statement|statement of (?:comprehensive )?(?:operation|income)|income|result of operation|earning) data\b"
        ),
    ),
    (
        "other",
        re.compile(r"^(?:other|selected|certain|key)(?: (?:consolidated|financial|operating|and))* data\b"),
    ),
)

_STOCK = re.compile(
    r"\b(?:asset|liability|capital|reserve|deficit|equity|debt|borrowing|inventory|receivable|payable|deposit|period end)$"
    r"|^(?:total )?cash (?:and )?cash equivalent\b"
)
_HELD = re.compile(r"\b(?:cash|equivalent|goodwill|loan|income|property|equipment|outstanding)$")
_FLOW = re.compile(
    r"\b(?:increase|change|purchase|proceed|payment|repayment|return|gain|sale|cost|impairment|provision|addition|acquisition"
    r"|disposal|contribution|expense|revenue|per|average|issuance|issue|net cash|used|provided)\b"
)


def gathers(title: str) -> bool:
    """Say whether a title may be that of a table with figures of several statements."""
    return _GATHERS.search(title) is not None


@lru_cache(maxsize=4096)
def is_balance(label: str, section: tuple[str, ...] = ()) -> bool:
    """Say whether a row of a summary states a balance: its last word is of one, and nothing makes it a flow or an average."""
    text = normalise(label)
    if _FLOW.search(text) is not None or any("average" in heading.lower() for heading in section):
        return False
    if _STOCK.search(text) is not None:
        return True
    known = index_for(()).exact.get(text, []) if _HELD.search(text) else []
    return bool(known) and all(rule.concept.period_type == "instant" for rule in known)


@lru_cache(maxsize=4096)
def _named(heading: str) -> str:
    text = normalise(heading)
    return next((kind for kind, pattern in _NAMED if pattern.search(text)), "")


def as_headed(row: LabelKey) -> LabelKey:
    """Return a row of a summary as one of the statement that the heading above it names: `Income statement data:`."""
    for at in range(len(row.section) - 1, -1, -1):
        kind = _named(row.section[at])
        if kind == row.statement != "other":
            return row
        if kind:
            title = f"Selected data: {row.title}"
            return row._replace(statement=kind, title=title, section=row.section[at + 1 :])
    return row
