"""What the sentences of a report call figures that stand in none of its tables."""

SECOND_NAMES = {
    "depreciation_expense_property_and_equipment": "depreciation_expense",
    "shares_issued": "ordinary_shares_issued",
    "shares_outstanding": "ordinary_shares_outstanding",
    "accounts_receivable_allowance": "allowance_for_credit_losses",
    "allowance_for_credit_losses_accounts_receivable": "allowance_for_credit_losses",
}
"""Names under which the reference keeps one figure of the text twice: both share its sentence if equal."""

NAMES: dict[str, str] = {
    "premium_customers": "The number of premium customers",
    "public_cloud_premium_customers": "The number of premium customers of public cloud services",
    "average_revenues_per_premium_customer": "Average revenues per premium customer",
    "ordinary_shares_issued": "The number of ordinary shares issued",
    "shares_issued": "The number of shares issued",
    "ordinary_shares_outstanding": "The number of ordinary shares outstanding",
    "shares_outstanding": "The number of shares outstanding",
    "depreciation_expense": "Depreciation expense of property and equipment",
    "depreciation_expense_property_and_equipment": "Depreciation expense of property and equipment",
    "allowance_for_credit_losses": "The allowance for credit losses on accounts receivable",
    "accounts_receivable_allowance": "The allowance for credit losses on accounts receivable",
    "allowance_for_credit_losses_accounts_receivable": (
        "The allowance for credit losses on accounts receivable"
    ),
    "allowance_for_credit_losses_contract_assets": "The allowance for credit losses on contract assets",
    "credit_loss_expense_contract_assets": "The expense for credit losses on contract assets",
    "write_offs_contract_assets": "The amount of contract assets written off",
    "accounts_receivable_pledged": "The amount of accounts receivable pledged",
    "electronic_equipment_pledged": "The carrying amount of electronic equipment pledged",
    "goodwill_acquired_shenzhen_yunfan": "Goodwill acquired with Shenzhen Yunfan",
    "intangible_assets_acquired_shenzhen_yunfan": (
        "The amount of intangible assets acquired with Shenzhen Yunfan"
    ),
    "net_assets_acquired_excluding_intangibles_shenzhen_yunfan": (
        "The amount of other net assets acquired with Shenzhen Yunfan"
    ),
    "purchase_consideration_shenzhen_yunfan": "The purchase consideration for Shenzhen Yunfan",
    "purchase_consideration_beijing_yunshu": "The purchase consideration for Beijing Yunshu",
    "revenue_recognized_from_opening_contract_liabilities": (
        "Revenue recognized from contract liabilities at the beginning of the period"
    ),
    "rmb_depreciation_against_usd": "The depreciation of the RMB against the US$",
    "customer_concentration_one_customer": "The share of one customer in revenues",
    "customer_concentration_two_customer": "The share of a second customer in revenues",
    "cost_from_related_parties": "The cost from related parties",
    "kingsoft_group_loan_facility_max": "The maximum of the loan facility of Kingsoft Group",
    "kingsoft_group_unsecured_loan_rate": (
        "The interest rate of the unsecured loan facility of Kingsoft Group"
    ),
    "kingsoft_group_unsecured_loan_500m_rate": (
        "The interest rate of the smaller unsecured loan facility of Kingsoft Group"
    ),
    "secured_borrowings_max_rate": "The highest interest rate of secured borrowings",
    "public_offering_gross_total": "The public offering price in total",
    "public_offering_price_per_ads": "The public offering price per ADS",
    "public_offering_proceeds_before_expenses": "Proceeds of the public offering before expenses",
}
"""What a sentence calls figures that stand in no table; others are called by their concept's words."""
