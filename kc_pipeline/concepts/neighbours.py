"""What only the rows around a row can tell: totals by their heading, parts by their total, the order of rows.

Belongs here: rules over several rows of one table. Does not belong here: the lookup of one row (match.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kc_pipeline.concepts.index import ALLOWED, Index, Mapping
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.match import LOOSE, NONE, LabelKey, measure_of

_AVERAGE = re.compile(r"\bweighted average\b|\bdenominator\b")
_PARENT_BELOW = frozenset(("net income", "income"))
_OPERATING_EXPENSES = frozenset(
    (
        "selling_and_marketing_expense",
        "general_and_administrative_expense",
        "selling_general_and_administrative_expense",
        "research_and_development_expense",
    )
)
_RESULTS = frozenset(("operating_income_loss", "income_loss_before_income_taxes", "profit_loss"))
PER_SHARE_NOTE = frozenset(
    (
        "profit_loss",
        "net_income_loss",
        "net_income_loss_available_to_common",
        "net_income_loss_attributable_to_noncontrolling_interest",
        "accretion_of_redeemable_shares",
        "income_loss_from_continuing_operations",
        "income_loss_from_continuing_operations_attributable_to_parent",
        "earnings_per_share_basic",
        "earnings_per_share_diluted",
        "earnings_per_ads_basic",
        "earnings_per_ads_diluted",
        "discontinued_operations_per_share_basic",
        "discontinued_operations_per_share_diluted",
        "weighted_average_number_of_shares_outstanding_basic",
        "weighted_average_number_of_diluted_shares_outstanding",
        "weighted_average_number_of_ads_basic",
        "weighted_average_number_of_ads_diluted",
        "dilutive_shares",
        "antidilutive_shares",
        "common_stock_dividends_per_share_declared",
    )
)
_INCLUDING = frozenset(("including", "of which", "thereof"))
_PARTED = frozenset(("premium_customers",))
_PARTS = frozenset(("premium_customers_new", "premium_customers_existing"))
RESIDUAL = frozenset(("other", "other net"))
_GIVEN_UP = re.compile(
    r"^(?:\w+ )*?(?:asset|liability)\b.*\b(?:held for sale|discontinued operation|disposal group)\b"
    r"|^restricted(?: asset)?$|^(?:\w+ )?(?:asset|liability) of (?:the )?consolidated\b"
)
_TOLD_BY_LABEL = frozenset(("cash_and_cash_equivalents_at_carrying_value", "other_assets_current"))
_SERVICES = re.compile(r"\bservice\b")
_COSTS = frozenset(("cost_of_revenue", "cost_of_product_revenue", "cost_of_service_revenue"))
_OWNERS_PART = {"profit_loss": "net_income_loss"}
_OWN_RESULTS = frozenset((*_OWNERS_PART, "income_loss_from_discontinued_operations"))
_OWNERS_HEADING = re.compile(r"^amount attributable to (?:parent|common)$")
_CAPITAL = frozenset(
    (
        "common_stock_value",
        "additional_paid_in_capital",
        "common_stock_including_additional_paid_in_capital",
        "retained_earnings_accumulated_deficit",
    )
)
_NET_REVENUES = re.compile(
    r"^(?:total )?net (?:operating )?(?:revenue|sale|turnover)$|^(?:total )?(?:revenue|sale) net$"
)
_BARE_REVENUES = frozenset(("revenue", "sale", "turnover"))
_DEDUCTION = re.compile(
    r"^\W*(?:less|deduct)\b|\b(?:business|sales?|excise|value[\s-]added)\s+(?:and\s+(?:other\s+|related\s+)?(?:sales?\s+)?)?tax(?:es)?\b"
    r"|\b(?:discounts?|rebates?|returns?|allowances|freight)\b",
    re.I,
)
_BELOW_INTEREST = "income/other_income_net/below-interest"
_OTHER_INCOME = frozenset(
    (
        "interest_income",
        "interest_expense",
        "interest_income_expense_net",
        "foreign_exchange_gain_loss",
        "investment_income_net",
    )
)


def per_share_notes(rows: Sequence[LabelKey], labels: Sequence[str]) -> frozenset[int]:
    """Return the tables that are notes on earnings per share.

    Such a note has a weighted average of shares and a figure per share among its rows; its labels mean what
    they mean below an income statement, as far as a concept of PER_SHARE_NOTE is concerned.
    """
    averages: set[int] = set()
    results: set[int] = set()
    for row, label in zip(rows, labels, strict=True):
        if row.statement != "other":
            continue
        measure = measure_of(row.unit)
        if measure == "shares":
            heading = normalise(row.section[-1]) if row.section else ""
            if _AVERAGE.search(label) or _AVERAGE.search(heading):
                averages.add(row.table)
        elif measure == "per_share" and "dividend" not in label:
            results.add(row.table)
    return frozenset(averages & results)


def total(index: Index, rows: Sequence[LabelKey], i: int, measure: str) -> Mapping:
    """Map `Total` or an unlabelled subtotal by the heading whose last row it is."""
    row = rows[i]
    if not row.section or measure != "money":
        return NONE
    if not row.label.strip():
        after = rows[i + 1] if i + 1 < len(rows) and rows[i + 1].table == row.table else None
        if after is not None and after.section == row.section:
            return NONE
    c = index.totals.get(normalise(row.section[-1]))
    if c is None or row.statement not in ALLOWED[c.statement]:
        return NONE
    return Mapping(c.name, None, f"{c.statement}/{c.name}/total-of-heading")


def _expenses_follow(rows: Sequence[LabelKey], found: Sequence[Mapping], i: int) -> bool:
    """Say whether operating expenses stand between a row and the next result of its table."""
    for j in range(i + 1, len(rows)):
        if rows[j].table != rows[i].table or found[j].concept in _RESULTS:
            return False
        if found[j].concept in _OPERATING_EXPENSES:
            return True
    return False


def _expenses_precede(rows: Sequence[LabelKey], found: Sequence[Mapping], i: int) -> bool:
    """Say whether operating expenses stand between a row and the revenues above it."""
    for j in range(i - 1, -1, -1):
        if rows[j].table != rows[i].table or found[j].concept == "revenues":
            return False
        if found[j].concept in _OPERATING_EXPENSES:
            return True
    return False


@dataclass(slots=True)
class _Seen:
    """What stands above a row in its table: the heading of the cost of revenues, and whether a gross profit does."""

    table: int = -1
    cost_section: tuple[str, ...] | None = None
    gross: bool = False


def correct(rows: Sequence[LabelKey], blocks: Sequence[frozenset[str]], found: list[Mapping]) -> None:
    """Correct what only the rows around can tell.

    * `Net income` directly below the share of the non-controlling interests is the parent's share.
    * `Total costs and expenses` above the operating expenses, with none before it, is the cost of revenues;
      the unlabelled row below it is the gross profit.
    * `Total operating expenses` with the cost of revenues among the rows of its heading holds all costs and
      expenses.
    * `Operating expenses` as one row among the costs of a heading is no total: unmapped.
    * `Other, net` directly below interest or exchange differences is other income; `Other income (expense), net`
      directly below that is the total of all of them.
    * Property directly above its accumulated depreciation is gross.
    """
    seen = _Seen()
    for i, row in enumerate(rows):
        if row.table != seen.table:
            seen = _Seen(row.table)
        above = found[i - 1] if i and rows[i - 1].table == row.table else NONE
        name = found[i].concept
        if (
            name == "accumulated_depreciation"
            and above.concept == "property_plant_and_equipment_net"
            and rows[i - 1].row != row.row  # else it is taken off within the row's own label
        ):
            rule = "balance_sheet/property_plant_and_equipment_gross/above-depreciation"
            found[i - 1] = Mapping("property_plant_and_equipment_gross", None, rule)
        elif name == "other_income_net" and above.rule == _BELOW_INTEREST:
            rule = "income/nonoperating_income_expense/below-other"
            found[i] = Mapping("nonoperating_income_expense", None, rule)
        elif row.statement == "income":
            found[i] = _of_income(rows, blocks, found, i, above, seen)
        if name == "cost_of_revenue":
            seen.cost_section = row.section
        elif "gross_profit" in (name, found[i].concept):
            seen.gross = True


def _of_income(
    rows: Sequence[LabelKey],
    blocks: Sequence[frozenset[str]],
    found: Sequence[Mapping],
    i: int,
    above: Mapping,
    seen: _Seen,
) -> Mapping:
    """Return what a row of an income statement is by the rows around it."""
    row, name = rows[i], found[i].concept
    if name is None:
        return _unnamed(rows, found, i, above)
    if name == "profit_loss":
        minority = above.concept == "net_income_loss_attributable_to_noncontrolling_interest"
        if minority and normalise(row.label) in _PARENT_BELOW:
            return Mapping("net_income_loss", None, "income/net_income_loss/below-noncontrolling")
    elif name == "costs_and_expenses" and not seen.gross:
        if _expenses_follow(rows, found, i) and not _expenses_precede(rows, found, i):
            return Mapping("cost_of_revenue", None, "income/cost_of_revenue/total-above-expenses")
    elif name == "operating_expenses" and not seen.gross:
        if "total" not in row.label.lower() and "cost_and_expense" in blocks[i]:
            return NONE
        if row.section and seen.cost_section == row.section:
            return Mapping("costs_and_expenses", None, "income/costs_and_expenses/cost-inside")
    return found[i]


def _unnamed(rows: Sequence[LabelKey], found: Sequence[Mapping], i: int, above: Mapping) -> Mapping:
    """Return what a row of an income statement is that its own label does not tell: other income, or the gross profit."""
    row = rows[i]
    if above.concept in _OTHER_INCOME:
        if measure_of(row.unit) == "money" and normalise(row.label) in RESIDUAL:
            return Mapping("other_income_net", None, _BELOW_INTEREST)
    elif above.concept == "cost_of_revenue" and not row.label.strip() and _expenses_follow(rows, found, i):
        return Mapping("gross_profit", None, "income/gross_profit/below-total-cost")
    return found[i]


def held_for_sale(rows: Sequence[LabelKey], labels: Sequence[str], found: list[Mapping]) -> None:
    """Leave rows of a balance sheet unmapped that part the assets or liabilities of a business that is given up, or apart.

    `Inventories` below `Assets held for sale:` are not the group's inventories, nor is `Cash` below `Restricted:` or
    `Assets of consolidated funds:` the group's cash. The heading ends with a total: what
    follows it stands there only because no other heading does.
    """
    ended: tuple[int, tuple[str, ...]] | None = None
    for i, (row, label) in enumerate(zip(rows, labels, strict=True)):
        if (
            row.statement != "balance_sheet"
            or not row.section
            or not _GIVEN_UP.search(normalise(row.section[-1]))
        ):
            continue
        if label.startswith("total "):
            ended = (row.table, row.section)
        elif ended != (row.table, row.section):
            found[i] = NONE


def lines_of_one_name(rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Tell rows of one balance sheet apart that have one concept by their labels alone.

    `Cash` above `Cash and cash equivalents` is a part of it; `Other assets` beside `Other current assets` are not current.
    """
    places: dict[tuple[int, str], list[int]] = {}
    for i, row in enumerate(rows):
        concept = found[i].concept
        if row.statement == "balance_sheet" and concept in _TOLD_BY_LABEL:
            places.setdefault((row.table, concept), []).append(i)
    for (_, concept), same in places.items():
        labels = {i: normalise(rows[i].label) for i in same}
        if len(set(labels.values())) < 2:
            continue
        for i, label in labels.items():
            if concept == "other_assets_current":
                if label == "other asset" and any("current" in x for x in labels.values()):
                    name = "other_assets_noncurrent"
                    found[i] = Mapping(name, None, f"balance_sheet/{name}/beside-current")
            elif label == "cash" and any("equivalent" in x for x in labels.values()):
                found[i] = NONE


def portions(index: Index, rows: Sequence[LabelKey], found: list[Mapping]) -> None:
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
            and normalise(row.label) in RESIDUAL
        ):
            c = index.residuals[str(total.concept)]
            found[i] = Mapping(c.name, None, f"{c.statement}/{c.name}/rest-of-total")


def cost_of_services(rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Map `Cost of services` right above `Total cost of sales` as the cost of services only, not of all revenues."""
    for i, row in enumerate(rows):
        if found[i].concept != "cost_of_revenue" or not normalise(row.label).startswith("total "):
            continue
        for k in range(i - 1, -1, -1):
            if rows[k].table != row.table or found[k].concept not in _COSTS:
                break
            if found[k].concept == "cost_of_revenue" and _SERVICES.search(normalise(rows[k].label)):
                name = "cost_of_service_revenue"
                found[k] = Mapping(name, None, f"income/{name}/part-of-total")


def owners_part(rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Map results below `Amounts attributable to shareholders of ...` as the parent's share, or not at all."""
    for i, row in enumerate(rows):
        if row.statement not in ("income", "other") or not row.section or measure_of(row.unit) != "money":
            continue
        if _OWNERS_HEADING.search(normalise(row.section[-1])) and found[i].concept in _OWN_RESULTS:
            name = _OWNERS_PART.get(str(found[i].concept))
            found[i] = Mapping(name, None, f"income/{name}/attributable-heading") if name else NONE


def equity_totals(rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Map `Total shareholders' equity` as the parent's where the minority interest stands above the share capital.

    There it is no part of that total (nor was it before 2009 under US GAAP).
    """
    outside = False
    capital = False
    for i, row in enumerate(rows):
        if row.statement != "balance_sheet":
            continue
        if i and rows[i - 1].statement != "balance_sheet":
            outside = capital = False
        name = found[i].concept
        if name == "minority_interest":
            outside = not capital
        elif name in _CAPITAL:
            capital = True
        elif name == "assets":
            outside = capital = False
        elif name != "stockholders_equity_including_noncontrolling_interest" or not (outside and capital):
            continue
        elif "shareholder" in normalise(row.label):
            rule = "balance_sheet/stockholders_equity/minority-interest-outside"
            found[i] = Mapping("stockholders_equity", None, rule)


def revenue_lines(rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Say which of several lines of revenues in one income statement are the revenues.

    * `Total revenues`, less taxes on sales, discounts or the like, down to `Net revenues`: the net ones; the total is
      `gross_revenues`.
    * `Net sales`, then other income, up to `Total revenues`: the total; the first line is
      `revenue_from_contract_with_customer_excluding_assessed_tax`.

    What such a label means in the statement it means in the document's other tables, too, unless it is the bare
    word `Revenues` or `Sales`.
    """
    places: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        if row.statement == "income" and found[i].concept == "revenues" and found[i].segment is None:
            places.setdefault(row.table, []).append(i)
    other: dict[str, Mapping] = {}
    for table in places.values():
        for i, j in pairwise(table):
            above, below = normalise(rows[i].label), normalise(rows[j].label)
            between = range(i + 1, j)
            if above == below or not between:
                continue
            deductions = [_is_deduction(rows[k], found[k]) for k in between]
            if _NET_REVENUES.search(below) and all(deductions):
                found[i] = Mapping("gross_revenues", None, "income/gross_revenues/above-deductions")
            elif below.startswith("total ") and not above.startswith("total ") and not any(deductions):
                name = "revenue_from_contract_with_customer_excluding_assessed_tax"
                found[i] = Mapping(name, None, f"income/{name}/above-total")
            else:
                continue
            if above not in _BARE_REVENUES:
                other[above] = found[i]
    for i, row in enumerate(rows):
        if found[i].concept == "revenues" and found[i].segment is None:
            found[i] = other.get(normalise(row.label), found[i])


def _is_deduction(row: LabelKey, mapping: Mapping) -> bool:
    return mapping.concept == "sales_related_taxes" or _DEDUCTION.search(row.label) is not None


def segment_totals(index: Index, rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Map the rows of a note that parts revenues by segment and by time of recognition.

    Under a segment's heading stand its parts; the row that repeats the heading is the segment's total. The
    last row, `Total revenues`, is the group's, though the last segment's heading still stands above it.
    """
    tables: dict[int, list[int]] = {}
    for i, row in enumerate(rows):
        if row.statement in LOOSE and measure_of(row.unit) == "money":
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


def including(rows: Sequence[LabelKey], found: list[Mapping]) -> None:
    """Give the rows below `Including` the segment of the row that they are parts of, which stands above it."""
    whole = NONE
    for i, row in enumerate(rows):
        if i and rows[i - 1].table != row.table:
            whole = NONE
        if found[i].concept in _PARTED:
            whole = found[i]
        elif found[i].concept in _PARTS and found[i].segment is None and whole.segment:
            below = bool(row.section) and normalise(row.section[-1]) in _INCLUDING
            found[i] = (
                Mapping(found[i].concept, whole.segment, f"{found[i].rule}-of-row-above") if below else NONE
            )
