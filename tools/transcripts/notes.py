"""The rows of annual and interim reports: cash flow with its adjustments, and the tables of the notes.

Labels and order are those of the XBRL pages of the annual reports and of the filing of December 2022; totals
that stand there without a label take the name of their element.
"""

from dataclasses import replace

from . import layouts
from .layouts import Label, Line, heading

INCOME: tuple[Line, ...] = (
    *(line for line in layouts.INCOME if "/" not in line.units[0] and "per " not in str(line.label)),
    Line(
        "Comprehensive loss attributable to Kingsoft Cloud Holdings Limited",
        "comprehensive_loss_attributable_to_kingsoft_cloud",
        also=("comprehensive_loss_attributable_to_company",),
        optional=True,
    ),
)

_BEFORE_EQUITY = [
    line for line in layouts.BALANCE_SHEET_BEFORE_2023 if line.concept != "deferred_tax_assets_net"
]
BALANCE_SHEET: tuple[Line, ...] = tuple(
    replace(line, label="Treasury shares") if line.concept == "treasury_stock_value" else line
    for line in _BEFORE_EQUITY
)
_SAME = {
    "prepayments_and_other_assets_current": ("prepayments_and_other_assets",),
    "amounts_due_from_related_parties_current": ("amounts_due_from_related_parties",),
}
INTERIM_BALANCE_SHEET: tuple[Line, ...] = tuple(
    replace(
        line,
        note="5" if line.concept == "accounts_receivable_net_current" else "",
        also=_SAME.get(line.concept, ()),
    )
    for line in layouts.BALANCE_SHEET_BEFORE_2023
)

CASH_FLOW: tuple[Line, ...] = (
    heading("CASH FLOWS FROM OPERATING ACTIVITIES"),
    replace(layouts.NET_LINE, repeat=True),
    heading("Adjustments to reconcile net loss to net cash used in operating activities:"),
    Line("Depreciation and amortization", "depreciation_depletion_and_amortization"),
    Line("Share-based compensation", "share_based_compensation"),
    Line("Provision for credit losses", "provision_for_credit_losses"),
    Line(
        "(Loss) gain from disposal of property and equipment",
        "loss_gain_from_disposal_of_property_and_equipment",
    ),
    Line("Changes in fair value of equity investments", "changes_in_fair_value_of_equity_investments"),
    Line("Gain on disposal of equity investments", "gain_on_disposal_of_equity_investments"),
    Line("Impairment of equity investments", "impairment_of_equity_investments"),
    Line(
        "Changes in fair value of purchase consideration of a business acquisition",
        "changes_in_fair_value_of_purchase_consideration",
    ),
    Line(
        "Changes in fair value of purchase contingent consideration of a business acquisition",
        "changes_in_fair_value_of_purchase_contingent_consideration",
    ),
    Line("Impairment of contract costs", "impairment_of_contract_costs"),
    Line("Issuance costs expensed for offerings", "issuance_costs_expensed_for_offerings"),
    Line("Foreign exchange (gain) loss", "foreign_exchange_adjustment_in_cash_flow"),
    Line("Deferred income tax", "deferred_income_tax", repeat=True),
    Line("Non-cash operating lease expense", "non_cash_operating_lease_expense"),
    heading("Changes in operating assets and liabilities:"),
    Line("Accounts receivable", "change_in_accounts_receivable"),
    Line("Prepayments and other assets", "change_in_prepayments_and_other_assets"),
    Line("Amounts due from related parties", "change_in_amounts_due_from_related_parties"),
    Line("Accounts payable", "change_in_accounts_payable"),
    Line("Accrued expenses and other liabilities", "change_in_accrued_expenses_and_other_liabilities"),
    Line("Operating lease liabilities", "change_in_operating_lease_liabilities"),
    Line("Amounts due to related parties", "change_in_amounts_due_to_related_parties"),
    Line("Income tax payable", "change_in_income_tax_payable"),
    *(line for line in layouts.CASH_FLOW if line.concept.startswith("net_cash")),
)

PREPAYMENTS: tuple[Line, ...] = (
    heading("Current portion:"),
    Line("Prepayments to suppliers", "prepayments_to_suppliers"),
    Line("Contract costs*", "contract_costs"),
    Line("Contract assets, net**", "contract_assets_net"),
    Line("VAT prepayments", "vat_prepayments"),
    Line("Interest receivable", "interest_receivable"),
    Line("Deferred offering costs", "deferred_offering_costs", optional=True),
    Line("Individual income tax receivable***", "individual_income_tax_receivable"),
    Line("Others", "prepayments_others", also=("prepayments_others_current",)),
    Line(
        "Prepayments and other assets, current",
        "prepayments_and_other_assets",
        also=("prepayments_and_other_assets_current",),
    ),
    heading("Non-current portion:"),
    Line("Prepayments for electronic equipment", "prepayments_for_electronic_equipment"),
    Line("Others", "prepayments_others_non_current"),
    Line("Prepayments and other assets, non-current", "prepayments_and_other_assets_noncurrent"),
)

ACCRUED: tuple[Line, ...] = (
    heading("Current portion:"),
    Line("Customer advances*", "customer_advances"),
    Line("Salary and welfare payable", "salary_and_welfare_payable"),
    Line(
        "Purchase of property and equipment",
        "payable_for_purchase_of_property_and_equipment",
        also=("purchase_of_property_and_equipment_payable",),
    ),
    Line("Acquisition of equity investments", "payable_for_acquisition_of_equity_investments", optional=True),
    Line("Accrued expenses", "accrued_expenses"),
    Line("Other tax and surcharges payable", "other_tax_and_surcharges_payable"),
    Line(
        "Deferred government grants**",
        "deferred_government_grants",
        also=("deferred_government_grants_current",),
    ),
    Line(
        "Purchase consideration payable***",
        "purchase_consideration_payable",
        also=("purchase_consideration_payable_current",),
    ),
    Line(
        "Payables for acquisition of non-controlling interests",
        "payables_for_acquisition_of_non_controlling_interests",
        optional=True,
    ),
    Line(
        "Finance lease liabilities",
        "finance_lease_liability",
        also=("finance_lease_liability_current",),
        optional=True,
    ),
    Line("Individual income tax payable****", "individual_income_tax_payable"),
    Line("Others*****", "accrued_others", also=("accrued_others_current",)),
    Line(
        "Accrued expenses and other liabilities, current",
        "accrued_expenses_and_other_liabilities",
        also=("accrued_expenses_and_other_current_liabilities",),
    ),
    heading("Non-current portion:"),
    Line("Deferred government grants**", "deferred_government_grants_non_current"),
    Line("Purchase consideration payable***", "purchase_consideration_payable_non_current"),
    Line("Finance lease liability", "finance_lease_liability_non_current", optional=True),
    Line(
        "Unrecognized tax benefit",
        "unrecognized_tax_benefit",
        also=("unrecognized_tax_benefit_non_current",),
        optional=True,
    ),
    Line("Others*****", "accrued_others_non_current", also=("other_liabilities_others_non_current",)),
    Line(
        "Accrued expenses and other liabilities, non-current",
        "accrued_expenses_and_other_liabilities_non_current",
        also=("other_liabilities_noncurrent",),
    ),
)

_SERVICES = (
    ("public_cloud", "Public cloud services"),
    ("enterprise_cloud", "Enterprise cloud services"),
    ("others", "Other services"),
)
_PARTIES = (
    ("Xiaomi Group", "revenue_from_xiaomi_group", "xiaomi"),
    ("Kingsoft Group", "revenue_from_kingsoft_group", "kingsoft"),
    ("Cheetah Group", "revenue_from_cheetah_group", "cheetah"),
    ("other related parties", "revenue_from_other_related_parties", "other_related_parties"),
)
RELATED_PARTIES: tuple[Line, ...] = (
    heading("Revenues:"),
    *(
        Line(
            f"{service} provided to {party}",
            concept,
            segment,
            optional=True,
            also=(f"related_party_revenue_{'other_services' if segment == 'others' else segment}_{short}",),
        )
        for segment, service in _SERVICES
        for party, concept, short in _PARTIES
    ),
    Line(
        "Revenues from related parties",
        "revenue_from_related_parties",
        also=("related_party_revenue_total",),
    ),
    heading("Expenses:"),
    Line(
        "Purchase of devices from Xiaomi Group",
        "purchase_of_devices_from_xiaomi_group",
        also=("purchase_of_devices_from_xiaomi",),
    ),
    Line(
        "Interest expense on loans due to Xiaomi Group",
        "interest_expense_on_loans_due_to_xiaomi_group",
        also=("interest_expense_on_loans_due_to_xiaomi",),
    ),
    Line(
        "Interest expense on a loan due to Kingsoft Group",
        "interest_expense_on_a_loan_due_to_kingsoft_group",
        also=("interest_expense_on_loan_due_to_kingsoft",),
    ),
    Line(
        "Rental of building from Xiaomi Group*",
        "rental_of_building_from_xiaomi_group",
        also=("rental_of_building_from_xiaomi",),
    ),
    Line(
        "Rental of office space, and administrative services from Kingsoft Group",
        "rental_of_office_space_and_administrative_services_from_kingsoft_group",
        also=("rental_and_administrative_services_from_kingsoft",),
    ),
    Line("Transactions with related parties", "related_party_expenses_total"),
)

RELATED_REVENUE: tuple[Line, ...] = (
    *(
        Line(f"{service} provided to related parties", "revenue_from_related_parties", segment)
        for segment, service in _SERVICES
    ),
    Line("Revenues from related parties", "revenue_from_related_parties", repeat=True),
)

_BEFORE_TAX = Label(
    "Profit before income taxes",
    "Loss before income taxes",
    "Profit (loss) before income taxes",
    "Loss before income taxes",
)
TAX_REGIONS: tuple[Line, ...] = (
    heading("Loss before income taxes:"),
    Line("Mainland China", "income_loss_before_income_taxes", "mainland_china"),
    Line("Non-mainland China", "income_loss_before_income_taxes", "non_mainland_china"),
    Line(_BEFORE_TAX, "income_loss_before_income_taxes", repeat=True),
)
TAX_PARTS: tuple[Line, ...] = (
    Line("Current income tax expense", "current_income_tax_expense"),
    Line("Deferred income tax", "deferred_income_tax"),
    Line("Income tax expense", "income_tax_expense_benefit", repeat=True),
)
TAX_RECONCILIATION: tuple[Line, ...] = (
    Line(
        "Income tax computed at the mainland China statutory tax rate of 25%", "income_tax_at_statutory_rate"
    ),
    Line("Effect of different tax rates in different jurisdictions", "effect_of_different_tax_rates"),
    Line("Effect of tax holiday and preferential tax rates", "effect_of_tax_holiday_and_preferential_rates"),
    Line("Share-based compensation costs", "tax_effect_of_share_based_compensation"),
    Line("Other non-taxable income", "other_non_taxable_income"),
    Line("Non-deductible expenses", "non_deductible_expenses"),
    Line("Research and development super deduction", "research_and_development_super_deduction"),
    Line("True-up adjustments in respect of prior year annual tax filing", "true_up_adjustments_tax"),
    Line("Withholding tax and others", "withholding_tax_and_others"),
    Line("Change in valuation allowance", "change_in_valuation_allowance"),
    Line("Income tax expense", "income_tax_expense_benefit", repeat=True),
)

REVENUES: tuple[Line, ...] = (
    Line("Public cloud services recognized over time", "revenues", "public_cloud"),
    heading("Enterprise cloud services:"),
    Line(
        "Recognized at a point in time", "enterprise_cloud_recognized_at_a_point_in_time", "enterprise_cloud"
    ),
    Line("Recognized over time", "enterprise_cloud_recognized_over_time", "enterprise_cloud"),
    Line("Enterprise cloud services", "revenues", "enterprise_cloud"),
    heading("Others:"),
    Line("Recognized at a point in time", "others_recognized_at_a_point_in_time", "others"),
    Line("Recognized over time", "others_recognized_over_time", "others"),
    Line("Others", "revenues", "others"),
    Line("Total revenues", "revenues"),
)
EQUITY_INVESTMENTS: tuple[Line, ...] = (
    Line("Gross unrealized gain on equity investments held", "gross_unrealized_gain_on_equity_investments"),
    Line(
        "Gross unrealized loss (including impairment) on equity investments held",
        "gross_unrealized_loss_on_equity_investments",
    ),
    Line(
        "Net realized gain (loss) on equity investments sold",
        "net_realized_gain_loss_on_equity_investments_sold",
    ),
)


def _customers(segment: str, name: str, marks: str) -> tuple[Line, ...]:
    service = f"{name} " if name else ""
    retention = (
        Line(
            f"Net dollar retention rate of {service}Premium Customers(1)",
            "net_dollar_retention_rate",
            segment,
            ("percent",),
            optional=True,
        ),
    )
    return (
        Line(f"Number of {service}Premium Customers{marks}", "premium_customers", segment, ("count",)),
        heading("– Including:"),
        Line("New customers acquired in the period", "premium_customers_new", segment, ("count",)),
        Line("Existing customers", "premium_customers_existing", segment, ("count",)),
        *retention,
        Line(
            f"Average revenues per {service}Premium Customers (RMB in million)(3)",
            "average_revenues_per_premium_customer",
            segment,
            ("RMB",),
        ),
    )


OPERATING: tuple[Line, ...] = (
    heading("Public Cloud Services"),
    *_customers("public_cloud", "Public Cloud Service", ""),
    heading("Enterprise Cloud Services"),
    *_customers("enterprise_cloud", "Enterprise Cloud Service", ""),
    heading("Total"),
    *_customers("", "", "(2)"),
    Line(
        "Number of Enterprise Cloud Projects(4)",
        "enterprise_cloud_projects",
        "enterprise_cloud",
        ("count",),
        also=("number_of_enterprise_cloud_projects",),
    ),
)


def _parent(label: str, concept: str, *also: str, optional: bool = False) -> Line:
    return Line(
        label, concept, "parent_company_only", also=also, also_segment="parent_company", optional=optional
    )


PARENT_BALANCE_SHEET: tuple[Line, ...] = (
    heading("ASSETS"),
    heading("Current assets:"),
    _parent("Cash and cash equivalents", "cash_and_cash_equivalents"),
    _parent("Restricted cash", "restricted_cash"),
    _parent("Short-term investments", "short_term_investments"),
    _parent(
        "Prepayments and other assets", "prepayments_and_other_assets_current", "prepayments_and_other_assets"
    ),
    _parent("Amounts due from subsidiaries (other than WFOE)*", "amounts_due_from_subsidiaries"),
    _parent("Amounts due from WFOE", "amounts_due_from_wfoe"),
    _parent("Amounts due from related parties", "amounts_due_from_related_parties"),
    _parent("Total current assets", "total_current_assets"),
    heading("Non-current assets:"),
    _parent("Investments in subsidiaries", "investments_in_subsidiaries"),
    _parent("Total non-current assets", "total_non_current_assets"),
    _parent("Total assets", "total_assets"),
    heading("LIABILITIES AND SHAREHOLDERS’ EQUITY"),
    heading("Current liabilities:"),
    _parent(
        "Accrued expenses and other liabilities",
        "accrued_expenses_and_other_current_liabilities",
        "accrued_expenses_and_other_liabilities",
    ),
    _parent("Income tax payable", "income_tax_payable"),
    _parent("Amounts due to subsidiaries", "amounts_due_to_subsidiaries"),
    _parent("Amounts due to WFOE", "amounts_due_to_wfoe"),
    _parent("Amounts due to VIEs and VIEs’ subsidiaries", "amounts_due_to_vies"),
    _parent("Amounts due to related parties", "amounts_due_to_related_parties"),
    _parent("Total current liabilities", "total_current_liabilities"),
    heading("Non-current liabilities:"),
    _parent("Other liabilities", "other_liabilities"),
    _parent("Total non-current liabilities", "total_non_current_liabilities"),
    _parent("Total liabilities", "total_liabilities"),
    _parent(
        "Series C redeemable convertible preferred shares",
        "series_c_redeemable_convertible_preferred_shares",
        optional=True,
    ),
    heading("Shareholders’ equity:"),
    _parent("Series B convertible preferred shares", "series_b_convertible_preferred_shares", optional=True),
    _parent("Ordinary shares", "ordinary_shares"),
    _parent("Treasury shares", "treasury_shares"),
    _parent("Additional paid-in capital", "additional_paid_in_capital"),
    _parent("Accumulated deficit", "accumulated_deficit"),
    _parent("Accumulated other comprehensive income (loss)", "accumulated_other_comprehensive_income"),
    _parent(
        "Total Kingsoft Cloud Holdings Limited shareholders’ equity",
        "total_kingsoft_cloud_shareholders_equity",
    ),
    _parent("Total liabilities and shareholders’ equity", "total_liabilities_and_shareholders_equity"),
)
PARENT_INCOME: tuple[Line, ...] = (
    heading("Operating expenses:"),
    _parent("General and administrative expenses", "general_and_administrative_expenses"),
)
"""The reference keeps the parent's expenses with the sign as printed, so nothing is turned here."""
