"""What the issuer's sentences call each figure, in the order of its release, and how that changed by year."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Style:
    """The spelling of one year's releases.

    `measure`: the word before a non-GAAP measure; `ai`: the name of the AI measure; `reached`: total revenues
    "reached" a figure. `minus`: negative figures as `RMB-35.9 million` instead of
    `negative RMB35.9 million`. `highlights`: a block of highlights before the quotations.
    `dollar_mark`: where the footnote mark of the first US$ figure stands (`before`, `after` the digits, in
    `brackets`). `gap`: between RMB and the digits. `dated`: periods by
    their last day, as reports do. `marks`: footnote marks of measures.
    `split_parenthesis`: see `statements.render`.
    """

    measure: str
    ai: str = "AI revenue"
    reached: bool = True
    minus: bool = False
    highlights: bool = False
    dollar_mark: str = ""
    gap: str = ""
    dated: bool = False
    marks: Mapping[str, str] = field(default_factory=dict)
    split_parenthesis: bool = True


@dataclass(frozen=True)
class Item:
    """One subject of sentences: an amount or a ratio.

    `loss` is the noun of a negative figure; without it the sign is spelled out. `verb` and `tail` surround
    the figure. `changes` are the metrics of its growth, or of its change in points. A `headline` is said in a
    sentence even where a table holds it.
    """

    concept: str
    name: str
    loss: str = ""
    segment: str = ""
    verb: str = "was"
    tail: str = ""
    changes: tuple[str, ...] = ()
    headline: bool = False


def growth(stem: str) -> tuple[str, ...]:
    """Names of a stem's growth metrics."""
    return (f"{stem}_growth_yoy", f"{stem}_growth_qoq")


def change(ratio: str) -> tuple[str, ...]:
    """Names of a ratio's change metrics."""
    return (f"{ratio}_change_yoy", f"{ratio}_change_qoq")


def _amount(
    concept: str, name: str, stem: str = "", *, loss: str = "", segment: str = "", headline: bool = True
) -> Item:
    head = name.partition(" of ")[0].partition(" from ")[0]
    verb = "were" if head.endswith("s") else "was"
    return Item(concept, name, loss, segment, verb, "", growth(stem or concept), headline)


def _ratio(concept: str, name: str, segment: str = "", verb: str = "was", tail: str = "") -> Item:
    return Item(concept, name, "", segment, verb, tail, change(concept))


def _balance(concept: str, name: str, verb: str = "were") -> Item:
    return Item(concept, name, verb=verb)


def topics(style: Style) -> tuple[tuple[Item, ...], ...]:
    """Paragraphs in the release's order."""
    m = style.measure
    m_lower = m.lower() if m == "Adjusted" else m
    cloud, enterprise = "public cloud services", "enterprise cloud services"
    costs = (
        _amount("cost_of_revenue", "Cost of revenues"),
        _amount("idc_costs", "IDC costs"),
        _amount("depreciation_and_amortization_costs", "Depreciation and amortization costs"),
        _amount("solution_development_and_services_costs", "Solution development and services costs"),
        _amount("fulfillment_costs", "Fulfillment costs"),
        _amount("other_costs", "Other costs"),
    )
    return (
        (
            replace(
                _amount("revenues", "Total revenues", "revenue"), verb="reached" if style.reached else "were"
            ),
        ),
        (_amount("revenues", f"Revenues from {cloud}", "public_cloud", segment="public_cloud"),),
        (_amount("revenues", f"Revenues from {enterprise}", "enterprise_cloud", segment="enterprise_cloud"),),
        (_amount("revenues", "Other revenues", segment="others"),),
        (
            _amount("ai_gross_billing", "Gross billing of AI business"),
            _amount("ai_revenue", "AI revenue"),
            _ratio(
                "ai_share_of_public_cloud", style.ai, verb="accounted for", tail=f" of revenues from {cloud}"
            ),
        ),
        (
            _amount("ecosystem_revenue", "Revenues from the Xiaomi and Kingsoft ecosystem", "ecosystem"),
            _ratio(
                "ecosystem_share",
                "Revenues from the Xiaomi and Kingsoft ecosystem",
                verb="accounted for",
                tail=" of total revenues",
            ),
        ),
        (
            _amount("core_services_gross_billings", "Gross billings from core cloud services"),
            _amount(
                "computing_and_storage_gross_billings", "Gross billings of computing and storage services"
            ),
        ),
        costs[:1],
        costs[1:],
        (
            _amount("gross_profit", "Gross profit", loss="Gross loss"),
            _ratio("gross_margin", "Gross margin"),
        ),
        *(
            (
                _amount(
                    "gross_profit",
                    f"Gross profit of {name}",
                    loss=f"Gross loss of {name}",
                    segment=segment,
                ),
                _ratio("gross_margin", f"Gross margin of {name}", segment),
            )
            for segment, name in (("public_cloud", cloud), ("enterprise_cloud", enterprise))
        ),
        (
            _amount("adjusted_gross_profit", f"{m} gross profit", loss=f"{m} gross loss"),
            _ratio("adjusted_gross_margin", f"{m} gross margin"),
        ),
        (
            _amount("operating_expenses", "Total operating expenses"),
            _amount("adjusted_operating_expenses", f"{m} operating expenses"),
        ),
        (
            _amount(
                "selling_and_marketing_expense",
                "Selling and marketing expenses",
                "selling_and_marketing_expenses",
            ),
        ),
        (
            _amount(
                "general_and_administrative_expense",
                "General and administrative expenses",
                "general_and_administrative_expenses",
            ),
        ),
        (_amount("research_and_development_expense", "Research and development expenses"),),
        (_amount("impairment_of_long_lived_assets", "Impairment of long-lived assets"),),
        (
            _amount("operating_income_loss", "Operating profit", loss="Operating loss"),
            _ratio("operating_margin", "Operating margin"),
        ),
        (
            _amount("adjusted_operating_income_loss", f"{m} operating profit", loss=f"{m} operating loss"),
            _ratio("adjusted_operating_margin", f"{m} operating margin"),
        ),
        (
            _amount("interest_income", "Interest income", headline=False),
            _amount("interest_expense", "Interest expense", headline=False),
            _amount(
                "foreign_exchange_gain_loss",
                "Foreign exchange gain",
                loss="Foreign exchange loss",
                headline=False,
            ),
        ),
        (
            Item(
                "income_loss_before_income_taxes",
                "Profit before income taxes",
                "Loss before income taxes",
                changes=("loss_before_income_taxes_change_yoy",),
            ),
            Item("income_tax_expense_benefit", "Income tax expense", "Income tax benefit"),
        ),
        (
            Item("profit_loss", "Net profit", "Net loss", changes=("net_loss_change_yoy",), headline=True),
            _ratio("net_margin", "Net margin"),
        ),
        (
            Item(
                "net_income_loss",
                "Net profit attributable to Kingsoft Cloud Holdings Limited",
                "Net loss attributable to Kingsoft Cloud Holdings Limited",
                changes=("net_loss_attributable_change_yoy",),
            ),
            Item(
                "net_income_loss_attributable_to_noncontrolling_interest",
                "Net profit attributable to non-controlling interests",
                "Net loss attributable to non-controlling interests",
            ),
        ),
        (
            _amount("adjusted_net_income_loss", f"{m} net profit", "adjusted_net_loss", loss=f"{m} net loss"),
            _ratio("adjusted_net_margin", f"{m} net margin"),
        ),
        (
            _amount("adjusted_ebitda", f"{m} EBITDA"),
            _ratio("adjusted_ebitda_margin", f"{m} EBITDA margin"),
        ),
        (
            _amount("normalized_adjusted_ebitda", f"Normalized {m_lower} EBITDA"),
            _ratio("normalized_adjusted_ebitda_margin", f"Normalized {m_lower} EBITDA margin"),
        ),
        (
            Item("earnings_per_share_basic", "Basic net earnings per share", "Basic net loss per share"),
            Item("earnings_per_ads_basic", "Basic net earnings per ADS", "Basic net loss per ADS"),
        ),
        (
            Item(
                "weighted_average_number_of_shares_outstanding_basic",
                "The weighted average number of ordinary shares outstanding, basic,",
            ),
            Item("shares", "The number of shares", changes=("shares_change_yoy",)),
        ),
        (
            Item("depreciation_depletion_and_amortization", "Depreciation and amortization"),
            Item("share_based_compensation", "Share-based compensation"),
        ),
        (
            Item(
                "cash_and_cash_equivalents_at_carrying_value",
                "Cash and cash equivalents",
                verb="were",
                changes=("cash_and_cash_equivalents_change_yoy",),
                headline=True,
            ),
        ),
        # The data site's "cash growth" is that of cash and short-term investments together.
        (Item("cash", "Cash and short-term investments", changes=("cash_growth_yoy",)),),
        *(
            (
                Item(
                    f"net_cash_provided_by_used_in_{kind}_activities",
                    f"Net cash generated from {kind} activities",
                    f"Net cash used in {kind} activities",
                    headline=kind == "operating",
                ),
            )
            for kind in ("operating", "investing", "financing")
        ),
        (
            _amount("capital_expenditures", "Capital expenditures"),
            _amount(
                "capital_expenditures_and_leased_assets",
                "Capital expenditures and leased assets",
                "capex_plus_leased_assets",
            ),
        ),
        (
            _balance("restricted_cash", "Restricted cash", "was"),
            _balance("accounts_receivable_net_current", "Accounts receivable, net,"),
            _balance("short_term_investments", "Short-term investments"),
            _balance("assets_current", "Total current assets"),
            _balance("property_plant_and_equipment_net", "Property and equipment, net,"),
            _balance("intangible_assets_net", "Intangible assets, net,"),
            _balance("goodwill", "Goodwill", "was"),
            _balance("equity_investments", "Equity investments"),
            _balance("prepayments_and_other_assets_noncurrent", "Non-current prepayments and other assets"),
            _balance("assets", "Total assets"),
            _balance("accounts_payable_current", "Accounts payable", "were"),
            _balance("liabilities_current", "Total current liabilities"),
            _balance("deferred_tax_liabilities", "Deferred tax liabilities"),
            _balance("liabilities", "Total liabilities"),
            _balance(
                "stockholders_equity", "Total Kingsoft Cloud Holdings Limited shareholders’ equity", "was"
            ),
        ),
    )
