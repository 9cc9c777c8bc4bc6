"""The rows of a document to concepts: each row by itself, then by the rows around it.

Belongs here: the walk through a document and the columns of a row. Does not belong here: the lookup of one row
(match.py), rules over several rows (neighbours.py), the phrases (catalogue.toml), signs (signs.py), reading.
A label that the catalogue does not know, or knows under two concepts, stays unmapped: never a guess.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Protocol

from kc_pipeline.concepts import banks, match, neighbours, summaries
from kc_pipeline.concepts.blocks import Walk, heading_blocks
from kc_pipeline.concepts.catalogue import Concept
from kc_pipeline.concepts.index import Index, LookupKey, Mapping, SynonymLike, index_for
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.languages import in_one_language
from kc_pipeline.concepts.match import LOOSE, NONE, LabelKey, measure_of
from kc_pipeline.concepts.repeats import Printed, map_repeats, to_compare
from kc_pipeline.concepts.totals import prove_totals


class LineLike(Protocol):
    """What the mapper reads from a line, and the three fields that it sets."""

    statement: str
    section: tuple[str, ...]
    label: str
    title: str
    unit: str
    value: Decimal
    decimals: int
    period_end: date | None
    months: int | None
    scope: str
    member: str
    table: int
    row: int
    concept: str | None
    segment: str | None
    mapping_rule: str | None


_Spot = tuple[int, int, str, str, bool, str, str]
"""Table, row, label, measure, whether of a day, statement and member."""

_OWNERS = re.compile(r"shareholder|owner|holder|parent|company|limited|\binc\b|\bltd\b|group|noncontrolling")


def _first_block(rows: Sequence[LabelKey], word: str, plural: str) -> str:
    """Return the block with which a balance sheet's assets or liabilities begin.

    Current, unless a non-current heading or total comes first; the whole side where it is not parted.
    """
    current = re.compile(rf"\bcurrent {word}")
    noncurrent = re.compile(rf"\b(?:noncurrent|long term) {word}")
    for row in rows:
        for text in (*row.section, row.label):
            name = normalise(text)
            if noncurrent.search(name):
                return f"noncurrent_{plural}"
            if current.search(name):
                return f"current_{plural}"
    return plural


def _walks(rows: Sequence[LabelKey], labels: Sequence[str]) -> list[frozenset[str]]:
    """Return each row's blocks; a statement that goes on in the next table keeps its state."""
    out: list[frozenset[str]] = []
    walk: Walk | None = None
    previous: LabelKey | None = None
    # a table whose columns are partly apart (segments, another basis) has rows of two kinds, in turns
    within: dict[str, tuple[Walk, int, frozenset[str]]] = {}
    assets, liabilities = "assets", "liabilities"
    for row, label in zip(rows, labels, strict=True):
        if previous is not None and row.table != previous.table:
            within = {}
        known = within.get(row.statement)
        if known is not None and known[1] == row.row:
            out.append(known[2])
            previous = row
            continue
        restart = previous is None or row.statement != previous.statement
        if previous is not None and row.table != previous.table and not restart:
            restart = row.statement != "balance_sheet" or "equity" in (walk.state if walk else "")
        if known is not None:
            walk = known[0]
        elif restart:
            if row.statement == "balance_sheet":
                same = [r for r in rows if r.statement == "balance_sheet"]
                assets = _first_block(same, "asset", "assets")
                liabilities = _first_block(same, "liability", "liabilities")
            walk = Walk(row.statement, assets, liabilities)
        assert walk is not None
        out.append(walk.step(row.section, label))
        within[row.statement] = walk, row.row, out[-1]
        previous = row
    return out


def _cached(index: Index, key: LookupKey) -> Mapping:
    mapping = index.cache.get(key)
    if mapping is None:
        mapping = index.cache[key] = match.lookup(index, *key)
    return mapping


def _in_one_language(keys: Sequence[LabelKey]) -> list[LabelKey]:
    """Return the rows with their labels in one language, judged table by table."""
    out: list[LabelKey] = []
    for _, rows in groupby(keys, key=lambda k: k.table):
        of_table = list(rows)
        labels = in_one_language([k.label for k in of_table])
        out += [k if k.label == s else k._replace(label=s) for k, s in zip(of_table, labels, strict=True)]
    return out


def map_table(
    keys: Sequence[LabelKey], synonyms: Iterable[SynonymLike] = (), defined: tuple[Concept, ...] = ()
) -> list[Mapping]:
    """Map the distinct rows of one document, in document order; the answer has the same length.

    Columns that are set apart by a member (a segment, another basis) are a table of their own: what stands above a
    row there is the row above in the same columns.

    Args:
        keys: one key per printed row and member (not per column); rows of several tables may follow each other.
        synonyms: the company's own labels and segment names; they win over the catalogue.
        defined: concepts that the company defines itself; their phrases count as the catalogue's do.
    """
    index = index_for(synonyms, defined)
    if not any(k.member for k in keys):
        return _map_rows(index, keys)
    order = sorted(range(len(keys)), key=lambda i: (keys[i].member != "", keys[i].table, keys[i].member))
    parts: dict[tuple[int, str], int] = {}
    apart = [
        k if not k.member else k._replace(table=-1 - parts.setdefault((k.table, k.member), len(parts)))
        for k in (keys[i] for i in order)
    ]
    out = [NONE] * len(keys)
    for i, mapping in zip(order, _map_rows(index, apart), strict=True):
        out[i] = mapping
    return out


def _map_rows(index: Index, keys: Sequence[LabelKey]) -> list[Mapping]:
    keys = [summaries.as_headed(k) for k in _in_one_language(keys)]
    found: list[Mapping] = []
    labels = [normalise(k.label) for k in keys]
    per_share = neighbours.per_share_notes(keys, labels)
    walks = _walks(keys, labels)
    distinct = {
        (k.table, k.row, label)
        for k, label in zip(keys, labels, strict=True)
        if k.section and k.statement not in ("balance_sheet", "cash_flow")
    }
    repeats = Counter((table, label) for table, _, label in distinct)
    for i, (row, blocks) in enumerate(zip(keys, walks, strict=True)):
        label = labels[i]
        section = match.headings_of(index, row)
        heading = normalise(section[-1]) if section else ""
        measure = match.measure_in(row.unit, label, heading)
        if label in ("", "total", "subtotal", "合计"):
            found.append(neighbours.total(index, keys, i, measure))
            continue
        if label in neighbours.RESIDUAL and section and not heading_blocks(row.statement, section[-1:]):
            instant = row.months is None
            found.append(match.below_heading(index, row.statement, blocks, label, heading, instant))
            continue
        if row.statement not in ("balance_sheet", "cash_flow") and row.section:
            part = match.foreign_part(index, row.section)
            repeated = repeats[row.table, label] > 1
            if part is not None and row.statement == "income" and not repeated:
                part = None  # a heading left standing, or a row without figures read as one
            if part is not None:
                own = repeated and not label.startswith("total ")
                found.append(match.of_segment(index, label, part, measure, own))
                continue
        if heading.endswith("attributable to") and _OWNERS.search(label) and "income" not in label:
            label = normalise(f"{row.section[-1].rstrip(' :')} {row.label}")
        elif (
            "comprehensive" in blocks
            and "attributable to" in label
            and "income" not in label.split(" attributable")[0]
        ):
            label = f"comprehensive income {label}"
        highlights = row.statement in LOOSE and summaries.gathers(row.title)
        rest = (blocks, label, heading, measure, row.months is None)
        mapping = NONE
        if row.table in per_share:
            mapping = _cached(index, ("income", *rest, False))
        if mapping.concept not in neighbours.PER_SHARE_NOTE:
            mapping = _cached(index, (row.statement, *rest, highlights))
        found.append(mapping)
    neighbours.correct(keys, walks, found)
    banks.banks_revenues(keys, labels, found)
    neighbours.held_for_sale(keys, labels, found)
    neighbours.lines_of_one_name(keys, found)
    neighbours.cost_of_services(keys, found)
    neighbours.owners_part(keys, found)
    neighbours.equity_totals(keys, found)
    neighbours.revenue_lines(keys, found)
    neighbours.portions(index, keys, found)
    neighbours.segment_totals(index, keys, found)
    neighbours.including(keys, found)
    return found


def map_lines(
    lines: Sequence[LineLike], synonyms: Iterable[SynonymLike] = (), defined: tuple[Concept, ...] = ()
) -> None:
    """Set `concept`, `segment` and `mapping_rule` of a document's lines, given in document order.

    The columns of one row share its meaning; a row whose columns differ in unit (an amount and a percentage), or are set
    apart by a member, is mapped once for each.
    """
    keys: list[LabelKey] = []
    place: dict[_Spot, int] = {}
    at: list[int] = []
    before: LineLike | None = None
    unit = measure = ""
    i = -1
    for line in lines:
        same = (
            before is not None
            and line.row == before.row
            and line.table == before.table
            and line.label == before.label
            and line.statement == before.statement
            and line.member == before.member
            and (line.months is None) == (before.months is None)
        )
        before = line
        if line.unit != unit:
            unit = line.unit
            same = same and measure == measure_of(unit)
            measure = measure_of(unit)
        if not same:
            spot = (
                line.table, line.row, line.label, measure, line.months is None, line.statement, line.member
            )  # fmt: skip
            i = place.setdefault(spot, len(keys))
            if i == len(keys):
                keys.append(
                    LabelKey(
                        line.statement,
                        line.section,
                        line.label,
                        unit,
                        line.months,
                        line.table,
                        line.row,
                        line.title,
                        line.member,
                    )
                )
        at.append(i)
    synonyms = tuple(synonyms)
    found = map_table(keys, synonyms, defined)
    pairs = to_compare(synonyms, keys, found, defined)
    if pairs:
        wanted = {i for pair in pairs.items() for i in (pair[0], *pair[1])}
        figures: dict[int, list[Printed]] = {i: [] for i in wanted}
        for line, i in zip(lines, at, strict=True):
            if i in wanted:
                printed = (line.unit, line.period_end, line.months, line.scope, line.value, line.decimals)
                figures[i].append(Printed(*printed))
        map_repeats(pairs, figures, found)
    for line, i in zip(lines, at, strict=True):
        m = found[i]
        line.concept, line.segment, line.mapping_rule = m.concept, m.segment, m.rule
    prove_totals(lines)
