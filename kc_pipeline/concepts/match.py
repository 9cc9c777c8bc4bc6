"""One row to a concept: exact phrases first, then patterns, each where its statement and block allow it.

Belongs here: the lookup of one row, with its blocks and heading. Does not belong here: what the rows around say
(neighbours.py), the walk through a document (mapper.py), the phrases (catalogue.toml).
"""

import re
from typing import NamedTuple

from kc_pipeline.concepts.index import Index, Mapping, Rule
from kc_pipeline.concepts.labels import normalise


class LabelKey(NamedTuple):
    """One row of a statement table, in document order; `table` and `row` tell rows apart.

    `member` sets columns of the row apart ("" = the whole); the columns of each member have a key of their own.
    """

    statement: str
    section: tuple[str, ...]
    label: str
    unit: str
    months: int | None
    table: int
    row: int
    title: str = ""
    member: str = ""


NONE = Mapping()
LOOSE = frozenset(("other", "segment"))
_INNER = frozenset(("adjustments", "working_capital"))
_SHORT = 4
_ABOVE_THE_LINE = frozenset(("revenue", "cost", "signed_expense", "finance_income"))
_PRIMARY = frozenset(("balance_sheet", "income", "cash_flow"))
_FLOWS = frozenset(("inflow", "outflow", "net_flow"))  # what moves no cash stands below the statement
_REVENUE_HEADING = re.compile(r"\b(?:revenue|sale|turnover)\b|收入")
_PER_SHARE = re.compile(r"\bper (?:common stock|share|ads)\b")
_NOT_BELOW_PER_SHARE = frozenset(
    ("income_loss_from_continuing_operations", "income_loss_from_discontinued_operations")
)
_BY_FUNCTION = frozenset(
    (
        "cost_of_revenue",
        "cost_of_product_revenue",
        "cost_of_service_revenue",
        "fulfillment_costs",
        "selling_and_marketing_expense",
        "general_and_administrative_expense",
        "selling_general_and_administrative_expense",
        "research_and_development_expense",
        "technology_and_development_expense",
        "operating_expenses",
        "costs_and_expenses",
    )
)
# "Share-based compensation is included in:", "(1) Includes amortization of intangible assets as follows:"
_MEMO = re.compile(
    r"^(?!.*(?:including|excluding|exclusive|before)\b)(?:(?!margin|income|revenue)[a-z]+ ){0,7}?"
    r"(?:share based (?:compensation|award|payment)|amortization of|depreciation)\b"
)
_ABOVE_CONTINUING = _BY_FUNCTION | frozenset(
    (
        "revenues",
        "gross_profit",
        "operating_income_loss",
        "income_loss_before_income_taxes",
        "income_tax_expense_benefit",
        "net_cash_provided_by_used_in_operating_activities",
        "net_cash_provided_by_used_in_investing_activities",
        "net_cash_provided_by_used_in_financing_activities",
    )
)
_DISCONTINUED = re.compile(r"^(?!.*\bcontinuing\b).*\bdiscontinued operation")
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
    """Return 0 where the rule does not count here; else 1, 2 where its block is named, 3 where the inner one is."""
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
    if c.kind in _ABOVE_THE_LINE and statement == "income" and "comprehensive" in blocks:
        return 0
    if not rule.blocks:
        return 0 if c.kind in _FLOWS and "supplemental" in blocks else 1
    if rule.blocks & blocks & _INNER:
        return 3
    return 2 if rule.blocks & blocks else 0


def _choose(found: list[tuple[int, Rule]]) -> Mapping:
    """Return the concept on which the best rules agree; NONE where they do not."""
    best = max(score for score, _ in found)
    rules = [r for score, r in found if score == best]
    first = rules[0]
    if any(r.concept.name != first.concept.name or r.phrase.segment != first.phrase.segment for r in rules):
        return NONE
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
    return NONE


def lookup(
    index: Index,
    statement: str,
    blocks: frozenset[str],
    label: str,
    heading: str,
    measure: str,
    instant: bool,
    highlights: bool,
) -> Mapping:
    """Map one row, given its normalised label and heading, its blocks and the measure of its unit.

    Args:
        instant: the figures are of a day, not of a period.
        highlights: the table's title says that it gathers figures of several statements.
    """
    for own in index.own.get(label, ()):
        if own.statement in (None, statement):
            kind = own.statement or "any"
            return Mapping(own.concept, own.segment, f"{kind}/{own.concept}/company-synonym")
    if measure == "money":
        part = _segment(index, label, blocks, statement, heading)
        if part.concept:
            return part
    loose = statement in LOOSE and highlights
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
    chosen = _choose(found) if found else NONE
    if not found and heading and measure == "money" and statement in _PRIMARY:
        chosen = below_heading(index, statement, blocks, label, heading, instant)
    if chosen.concept in _NOT_BELOW_PER_SHARE and _PER_SHARE.search(heading):
        return NONE
    return NONE if is_part_of_line(chosen.concept, heading) else chosen


def is_part_of_line(concept: str | None, heading: str) -> bool:
    """Return whether a heading makes a row only a part of the line that its label names.

    Below `Share-based compensation is included in:` stands what the lines above hold of it; below `Discontinued
    operations` another business's revenues. A result below the latter may be the group's (the heading is left
    standing), so only what never follows there is told apart.
    """
    if concept in _BY_FUNCTION and _MEMO.search(heading):
        return True
    return concept in _ABOVE_CONTINUING and _DISCONTINUED.search(heading) is not None


def measure_in(unit: str, label: str, heading: str) -> str:
    """Return the measure of a row's unit; label and heading tell ADSs from shares."""
    measure = measure_of(unit)
    if measure == "per_share" and (_ADS.search(label) or (_ADS.search(heading) and "share" not in label)):
        return "per_ads"
    return "ads" if measure == "shares" and _ADS.search(label) and "per ads" not in label else measure


def headings_of(index: Index, row: LabelKey) -> tuple[str, ...]:
    """Return the headings above a row, without segments' rows that had no figures and were read as such."""
    section = row.section
    if row.statement == "income":
        while len(section) > 1 and normalise(section[-1]) in index.segments:
            section = section[:-1]
    return section


def foreign_part(index: Index, section: tuple[str, ...]) -> str | None:
    """Return the part of the group that a heading names: a segment, "" for an unknown one, or None."""
    for heading in reversed(section):
        if not index.is_plain(heading):
            return index.segments.get(normalise(heading), "")
    return None


def of_segment(index: Index, label: str, part: str, measure: str, repeated: bool) -> Mapping:
    """Map a row below a segment's name: its own measure of the segment; never a figure of the group.

    Args:
        repeated: the label stands below other segments' names too, so that it is a measure that each has; a row
            that stands once must name the segment itself.
    """
    if not part:
        return NONE
    for rule in index.exact.get(label, ()):
        c = rule.concept
        if rule.phrase.segment == part and c.measure == measure:
            return Mapping(c.name, part, rule.rule_id)
        if repeated and c.name in _SEGMENT_MEASURES and c.measure == measure:
            return Mapping(c.name, part, f"{c.statement}/{c.name}/below-segment")
    return NONE


def below_heading(
    index: Index,
    statement: str,
    blocks: frozenset[str],
    label: str,
    heading: str,
    instant: bool,
) -> Mapping:
    """Map a short label that completes its heading: `Trade` below `Accounts payable`.

    Only where both together are a declared phrase of that place.
    """
    if len(label.split()) > _SHORT:
        return NONE
    for text in (f"{label} {heading}", f"{heading} {label}"):
        found = [
            (s, r)
            for r in index.exact.get(text, ())
            if (s := _fits(r, statement, blocks, "money", instant, False))
        ]
        chosen = _choose(found) if found else NONE
        if chosen.concept:
            return Mapping(chosen.concept, chosen.segment, f"{chosen.rule}-with-heading")
    return NONE
