"""From a printed row to a concept: exact phrases first, then patterns, then the row's neighbours.

Belongs here: matching. Does not belong here: the phrases (catalogue.toml), signs (signs.py), reading.
A label that the catalogue does not know, or knows under two concepts, stays unmapped: never a guess.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from kc_pipeline.concepts.blocks import Walk, heading_blocks
from kc_pipeline.concepts.index import ALLOWED, Index, Mapping, Rule, SynonymLike, index_for
from kc_pipeline.concepts.labels import normalise


class LineLike(Protocol):
    """What the mapper reads from a line, and the three fields that it sets."""

    statement: str
    section: tuple[str, ...]
    label: str
    title: str
    unit: str
    months: int | None
    table: int
    row: int
    concept: str | None
    segment: str | None
    mapping_rule: str | None


class LabelKey(NamedTuple):
    """One row of a statement table, in document order; `table` and `row` tell rows apart."""

    statement: str
    section: tuple[str, ...]
    label: str
    unit: str
    months: int | None
    table: int
    row: int
    title: str = ""


_NONE = Mapping()
_LOOSE = frozenset(("other", "segment"))
_HIGHLIGHTS = re.compile(
    r"highlight|selected|summar|key (?:operating|financial)|financial (?:data|results)|财务摘要|財務摘要",
    re.I,
)
_REVENUE_HEADING = re.compile(r"\b(?:revenue|sale|turnover)\b|收入")
_OWNERS = re.compile(r"shareholder|owner|holder|parent|company|limited|\binc\b|\bltd\b|group|noncontrolling")
_PER_SHARE = re.compile(r"\bper (?:common stock|share|ads)\b")
_RESIDUAL = frozenset(("other", "other net"))
_NOT_BELOW_PER_SHARE = frozenset(
    ("income_loss_from_continuing_operations", "income_loss_from_discontinued_operations")
)
_OTHER_INCOME = frozenset(
    (
        "interest_income",
        "interest_expense",
        "interest_income_expense_net",
        "foreign_exchange_gain_loss",
        "investment_income_net",
    )
)
_SEGMENT_MEASURES = frozenset(
    (
        "revenues",
        "cost_of_revenue",
        "gross_profit",
        "adjusted_gross_profit",
        "operating_income_loss",
        "gross_margin",
        "premium_customers",
        "average_revenues_per_premium_customer",
        "net_dollar_retention_rate",
        "premium_customers_new",
        "premium_customers_existing",
    )
)
_ADS = re.compile(r"\bads\b")


def measure_of(unit: str) -> str:
    """Return money, per_share, per_ads, shares, ads or pure for a unit of figures."""
    if unit.endswith("/ADS"):
        return "per_ads"
    if unit.endswith("/share"):
        return "per_share"
    if unit == "shares":
        return "shares"
    if unit == "ADS":
        return "ads"
    return "pure" if unit in ("pure", "%", "count") else "money"


def _fits(
    rule: Rule, statement: str, blocks: frozenset[str], measure: str, instant: bool, loose: bool
) -> int:
    """Return 0 where the rule does not count here, 2 where its block is named, 1 otherwise."""
    c = rule.concept
    if c.measure != measure:
        return 0
    if loose:
        if statement not in rule.statements and c.statement in ("note", "reconciliation"):
            return 0
        if rule.blocks & {"working_capital", "adjustments", "supplemental"}:
            return 0
        return 1 if (c.period_type == "instant") == instant else 0
    if statement not in rule.statements:
        return 0
    if not rule.blocks:
        return 1
    return 2 if rule.blocks & blocks else 0


def _choose(found: list[tuple[int, Rule]]) -> Mapping:
    """Return the concept on which the best rules agree; _NONE where they do not."""
    best = max(score for score, _ in found)
    rules = [r for score, r in found if score == best]
    first = rules[0]
    if any(r.concept.name != first.concept.name or r.phrase.segment != first.phrase.segment for r in rules):
        return _NONE
    return Mapping(first.concept.name, first.phrase.segment, first.rule_id)


def _segment(index: Index, text: str, blocks: frozenset[str], statement: str, heading: str) -> Mapping:
    """Map a row that is a segment's part of revenues or gross profit."""
    direct = index.segments.get(text)
    if direct is not None and statement in ("income", "segment", "other", "reconciliation"):
        if "revenue" in blocks and _REVENUE_HEADING.search(heading):
            return Mapping("revenues", direct, "income/revenues/segment-under-heading")
        if "gross_profit" in blocks:
            name = "adjusted_gross_profit" if heading.startswith("adjusted") else "gross_profit"
            return Mapping(name, direct, f"income/{name}/segment-under-heading")
    for prefix in ("revenue from ", "net revenue from "):
        if text.startswith(prefix) and text[len(prefix) :] in index.segments:
            segment = index.segments[text[len(prefix) :]]
            return Mapping("revenues", segment, "income/revenues/revenues-from-segment")
    for suffix in (" revenue", " net revenue"):
        name = text[: -len(suffix)]
        if text.endswith(suffix) and name in index.segments and index.segments[name] != "others":
            return Mapping("revenues", index.segments[name], "income/revenues/segment-revenue")
    for prefix in ("gross income of ", "gross income from "):
        if text.startswith(prefix) and text[len(prefix) :] in index.segments:
            return Mapping(
                "gross_profit", index.segments[text[len(prefix) :]], "income/gross_profit/of-segment"
            )
    return _NONE


def _lookup(
    index: Index,
    statement: str,
    blocks: frozenset[str],
    label: str,
    heading: str,
    measure: str,
    instant: bool,
    highlights: bool,
) -> Mapping:
    for own in index.own.get(label, ()):
        if own.statement in (None, statement):
            kind = own.statement or "any"
            return Mapping(own.concept, own.segment, f"{kind}/{own.concept}/company-synonym")
    if measure == "money":
        part = _segment(index, label, blocks, statement, heading)
        if part.concept:
            return part
    loose = statement in _LOOSE and highlights
    text = label if measure in ("money", "pure") else f"{heading} | {label}"
    found = [
        (s, r)
        for r in index.exact.get(label, ())
        if (s := _fits(r, statement, blocks, measure, instant, loose))
    ]
    if not found:
        found = [
            (s, r)
            for r in index.patterns
            if (s := _fits(r, statement, blocks, measure, instant, loose))
            and r.pattern
            and r.pattern.search(text)
        ]
    chosen = _choose(found) if found else _NONE
    if chosen.concept in _NOT_BELOW_PER_SHARE and _PER_SHARE.search(heading):
        return _NONE
    return chosen


def _measure(unit: str, label: str, heading: str) -> str:
    measure = measure_of(unit)
    if measure == "per_share" and (_ADS.search(label) or (_ADS.search(heading) and "share" not in label)):
        return "per_ads"
    return "ads" if measure == "shares" and _ADS.search(label) and "per ads" not in label else measure


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
    assets, liabilities = "assets", "liabilities"
    for row, label in zip(rows, labels, strict=True):
        if previous is not None and (row.table, row.row) == (previous.table, previous.row):
            out.append(out[-1])
            continue
        restart = previous is None or row.statement != previous.statement
        if previous is not None and row.table != previous.table and not restart:
            restart = row.statement != "balance_sheet" or "equity" in (walk.state if walk else "")
        if restart:
            if row.statement == "balance_sheet":
                same = [r for r in rows if r.statement == "balance_sheet"]
                assets = _first_block(same, "asset", "assets")
                liabilities = _first_block(same, "liability", "liabilities")
            walk = Walk(row.statement, assets, liabilities)
        assert walk is not None
        out.append(walk.step(row.section, label))
        previous = row
    return out


def _total(index: Index, rows: Sequence[LabelKey], i: int, measure: str) -> Mapping:
    """Map `Total` or an unlabelled subtotal by the heading whose last row it is."""
    row = rows[i]
    if not row.section or measure != "money":
        return _NONE
    if not row.label.strip():
        after = rows[i + 1] if i + 1 < len(rows) and rows[i + 1].table == row.table else None
        if after is not None and after.section == row.section:
            return _NONE
    c = index.totals.get(normalise(row.section[-1]))
    if c is None or row.statement not in ALLOWED[c.statement]:
        return _NONE
    return Mapping(c.name, None, f"{c.statement}/{c.name}/total-of-heading")


def _neighbours(rows: Sequence[LabelKey], blocks: Sequence[frozenset[str]], found: list[Mapping]) -> None:
    """Correct what only the rows around can tell.

    * `Net income` directly below the share of the non-controlling interests is the parent's share.
    * `Total operating expenses` with the cost of revenues among the rows of its heading holds all costs and
      expenses.
    * `Operating expenses` as one row among the costs of a heading is no total: unmapped.
    * `Other, net` directly below interest or exchange differences is other income.
    * Property directly above its accumulated depreciation is gross.
    """
    table = -1
    cost_section: tuple[str, ...] | None = None
    gross = False
    for i, (row, mapping) in enumerate(zip(rows, found, strict=True)):
        if row.table != table:
            table, cost_section, gross = row.table, None, False
        above = found[i - 1] if i and rows[i - 1].table == table else _NONE
        name = mapping.concept
        if (
            name is None
            and row.statement == "income"
            and above.concept in _OTHER_INCOME
            and measure_of(row.unit) == "money"
            and normalise(row.label) in _RESIDUAL
        ):
            found[i] = Mapping("other_income_net", None, "income/other_income_net/below-interest")
        elif name == "gross_profit":
            gross = True
        elif name == "cost_of_revenue":
            cost_section = row.section
        elif name == "profit_loss" and row.statement == "income":
            if (
                above.concept == "net_income_loss_attributable_to_noncontrolling_interest"
                and normalise(row.label) == "net income"
            ):
                found[i] = Mapping("net_income_loss", None, "income/net_income_loss/below-noncontrolling")
        elif name == "operating_expenses" and row.statement == "income" and not gross:
            if "total" not in row.label.lower() and "cost_and_expense" in blocks[i]:
                found[i] = _NONE
            elif row.section and cost_section == row.section:
                found[i] = Mapping("costs_and_expenses", None, "income/costs_and_expenses/cost-inside")
        elif name == "accumulated_depreciation" and above.concept == "property_plant_and_equipment_net":
            rule = "balance_sheet/property_plant_and_equipment_gross/above-depreciation"
            found[i - 1] = Mapping("property_plant_and_equipment_gross", None, rule)


def _portions(index: Index, rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Map `Others` in a portion of a note by the total that closes the portion."""
    total: Mapping | None = None
    for i in range(len(rows) - 1, -1, -1):
        row, below = rows[i], rows[i + 1] if i + 1 < len(rows) else None
        if below is None or row.table != below.table or row.section != below.section:
            total = None
        if found[i].concept in index.residuals:
            total = found[i]
        elif (
            total is not None
            and found[i].concept is None
            and row.statement == "other"
            and measure_of(row.unit) == "money"
            and normalise(row.label) in _RESIDUAL
        ):
            c = index.residuals[str(total.concept)]
            found[i] = Mapping(c.name, None, f"{c.statement}/{c.name}/rest-of-total")


def _segment_totals(index: Index, rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Map the rows of a note that parts revenues by segment and by time of recognition.

    Under a segment's heading stand its parts; the row that repeats the heading is the segment's total. The
    last row, `Total revenues`, is the group's, though the last segment's heading still stands above it.
    """
    tables: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        if row.statement in _LOOSE and measure_of(row.unit) == "money":
            tables.setdefault(row.table, []).append(i)
    for places in tables.values():
        last = places[-1]
        grand = [i for i in places if normalise(rows[i].label) == "total revenue"]
        own = [
            i
            for i in places
            if rows[i].section
            and normalise(rows[i].label) == normalise(rows[i].section[-1])
            and normalise(rows[i].label) in index.segments
        ]
        if not own or not grand or any(rows[i].row != rows[last].row for i in grand):
            continue
        for i in own:
            if found[i].concept is None:
                segment = index.segments[normalise(rows[i].label)]
                found[i] = Mapping("revenues", segment, "income/revenues/total-of-segment")
        for i in grand:
            if found[i].concept is None:
                found[i] = Mapping("revenues", None, "income/revenues/total-of-segments")


def _headings(index: Index, row: LabelKey) -> tuple[str, ...]:
    """Return the headings above a row, without segments' rows that had no figures and were read as such."""
    section = row.section
    if row.statement == "income":
        while len(section) > 1 and normalise(section[-1]) in index.segments:
            section = section[:-1]
    return section


def _foreign_part(index: Index, section: tuple[str, ...]) -> str | None:
    """Return the part of the group that a heading names: a segment, "" for an unknown one, or None."""
    for heading in reversed(section):
        if not index.is_plain(heading):
            return index.segments.get(normalise(heading), "")
    return None


def _of_segment(index: Index, label: str, part: str, measure: str) -> Mapping:
    """Map a row below a segment's name: its own measure of the segment; never a figure of the group."""
    if not part:
        return _NONE
    for rule in index.exact.get(label, ()):
        c = rule.concept
        if rule.phrase.segment == part and c.measure == measure:
            return Mapping(c.name, part, rule.rule_id)
        if c.name in _SEGMENT_MEASURES and c.measure == measure:
            return Mapping(c.name, part, f"{c.statement}/{c.name}/below-segment")
    return _NONE


def map_table(keys: Sequence[LabelKey], synonyms: Iterable[SynonymLike] = ()) -> list[Mapping]:
    """Map the distinct rows of one document, in document order; the answer has the same length.

    Args:
        keys: one key per printed row (not per column); rows of several tables may follow each other.
        synonyms: the company's own labels and segment names; they win over the catalogue.
    """
    index = index_for(synonyms)
    cache = index.cache
    found: list[Mapping] = []
    labels = [normalise(k.label) for k in keys]
    walks = _walks(keys, labels)
    distinct = {
        (k.table, k.row, label)
        for k, label in zip(keys, labels, strict=True)
        if k.section and k.statement not in ("balance_sheet", "cash_flow")
    }
    repeats = Counter((table, label) for table, _, label in distinct)
    for i, (row, blocks) in enumerate(zip(keys, walks, strict=True)):
        label = labels[i]
        section = _headings(index, row)
        heading = normalise(section[-1]) if section else ""
        measure = _measure(row.unit, label, heading)
        if label in ("", "total", "subtotal", "合计"):
            found.append(_total(index, keys, i, measure))
            continue
        if label in _RESIDUAL and section and not heading_blocks(row.statement, section[-1:]):
            found.append(_NONE)
            continue
        if row.statement not in ("balance_sheet", "cash_flow") and row.section:
            part = _foreign_part(index, row.section)
            repeated = repeats[row.table, label] > 1
            if part is not None and row.statement == "income" and not repeated:
                part = None  # a heading left standing, or a row without figures read as one
            if part is not None:
                of_part = part if repeated and not label.startswith("total ") else ""
                found.append(_of_segment(index, label, of_part, measure))
                continue
        if heading.endswith("attributable to") and _OWNERS.search(label) and "income" not in label:
            label = normalise(f"{row.section[-1].rstrip(' :')} {row.label}")
        elif (
            "comprehensive" in blocks
            and "attributable to" in label
            and "income" not in label.split(" attributable")[0]
        ):
            label = f"comprehensive income {label}"
        highlights = row.statement in _LOOSE and bool(_HIGHLIGHTS.search(row.title))
        key = (row.statement, blocks, label, heading, measure, row.months is None, highlights)
        mapping = cache.get(key)
        if mapping is None:
            mapping = _lookup(index, *key)
            cache[key] = mapping
        found.append(mapping)
    _neighbours(keys, walks, found)
    _portions(index, keys, found)
    _segment_totals(index, keys, found)
    return found


def map_lines(lines: Sequence[LineLike], synonyms: Iterable[SynonymLike] = ()) -> None:
    """Set `concept`, `segment` and `mapping_rule` of a document's lines, given in document order.

    The columns of one row share its meaning; a row whose columns differ in unit (an amount and a percentage)
    is mapped once for each unit.
    """
    keys: list[LabelKey] = []
    place: dict[tuple[int, int, str, str, bool], int] = {}
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
            and (line.months is None) == (before.months is None)
        )
        before = line
        if line.unit != unit:
            unit = line.unit
            same = same and measure == measure_of(unit)
            measure = measure_of(unit)
        if not same:
            spot = (line.table, line.row, line.label, measure, line.months is None)
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
                    )
                )
        at.append(i)
    found = map_table(keys, synonyms)
    for line, i in zip(lines, at, strict=True):
        m = found[i]
        line.concept, line.segment, line.mapping_rule = m.concept, m.segment, m.rule
