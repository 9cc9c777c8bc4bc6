"""Which of the headings that were read above a row really head it.

Belongs here: the path of a row for a reader of a trail. Does not belong here: reading, mapping.

A row of the issuer's layout without any figure looks like a heading, and a heading may be left standing above rows
that no longer belong to it. The calculation tree tells both: what is itself a row, and neither the figure nor one of
the totals that it goes into, heads nothing. The lines and facts keep the headings as read (`section`).
"""

from functools import lru_cache

from kc_pipeline.concepts import (
    LabelKey,
    Vocabulary,
    catalogue,
    catalogue_of,
    map_table,
    normalise,
    vocabulary_of,
)
from kc_pipeline.concepts.blocks import heading_blocks
from kc_pipeline.concepts.index import index_for
from kc_pipeline.config.followed import Followed, followed

SEPARATOR = " > "


def _totals(concept: str) -> list[str]:
    """Return a concept and the totals that it goes into, innermost first."""
    out = []
    node = catalogue().get(concept)
    while node is not None:
        out.append(node.name)
        node = catalogue().get(node.parent) if node.parent else None
    return out


def _per_share(headings: list[str]) -> list[str]:
    """Of several headings of results per share or ADS the last one counts; `Basic` is a row unless it is the last."""
    names = [normalise(h) for h in headings]
    per = [i for i, name in enumerate(names) if " per " in f" {name} "]
    return [
        h
        for i, h in enumerate(headings)
        if (i == per[-1] if i in per else names[i] not in ("basic", "diluted") or i == len(headings) - 1)
    ]


def headings_above(
    statement: str, section: str | None, concept: str, segment: str | None, unit: str, at_a_day: bool
) -> tuple[str, ...]:
    """Return the headings of a fact's row, outermost first, without rows that were read as headings."""
    return _headings_above(followed(), statement, section, concept, segment, unit, at_a_day)


@lru_cache(maxsize=16)
def _vocabulary(those: Followed) -> Vocabulary:
    every = [vocabulary_of(c) for c in those.companies]
    return Vocabulary(
        tuple(s for v in every for s in v.synonyms),
        tuple(c for c in catalogue_of(those).concepts.values() if c.own),
    )


@lru_cache(maxsize=4096)
def _headings_above(
    those: Followed,
    statement: str,
    section: str | None,
    concept: str,
    segment: str | None,
    unit: str,
    at_a_day: bool,
) -> tuple[str, ...]:
    headings = section.split(SEPARATOR) if section else []
    if unit.endswith(("/share", "/ADS")):
        return tuple(_per_share(headings))
    totals = _totals(concept)
    words = _vocabulary(those)
    kept = []
    for h in headings:
        if segment is None and normalise(h) in index_for(words.synonyms, words.concepts).segments:
            continue
        key = LabelKey(statement, (), h, unit, None if at_a_day else 3, 0, 0)
        own = map_table([key], words.synonyms, words.concepts)[0].concept
        heads = own is None or own in totals or (len(totals) == 1 and heading_blocks(statement, (h,)))
        if heads:
            kept.append(h)
    return tuple(kept)
