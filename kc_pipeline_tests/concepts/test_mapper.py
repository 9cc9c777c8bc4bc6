"""Rows in their blocks, as Kingsoft Cloud and others print them."""

from collections.abc import Sequence

import pytest

from kc_pipeline.concepts import LabelKey, Synonym, map_table, vocabulary_of
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.config import Company
from kc_pipeline_tests.concepts.lines import Line, concepts, statement

BALANCE = [
    ("ASSETS", None),
    ("Current assets:", None),
    ("Cash and cash equivalents", "cash_and_cash_equivalents_at_carrying_value"),
    ("Restricted cash", "restricted_cash"),
    (
        "Accounts receivable, net of allowance for credit losses of RMB32,265 and RMB32,384 (US$5,108) as of "
        "December 31, 2021 and March 31, 2022, respectively",
        "accounts_receivable_net_current",
    ),
    ("Short-term investments", "short_term_investments"),
    ("Prepayments and other assets", "prepayments_and_other_assets_current"),
    ("Amounts due from related parties", "amounts_due_from_related_parties_current"),
    ("Total current assets", "assets_current"),
    ("Non-current assets:", None),
    ("Property and equipment, net", "property_plant_and_equipment_net"),
    ("Intangible assets, net", "intangible_assets_net"),
    ("Goodwill", "goodwill"),
    ("Prepayments and other assets", "prepayments_and_other_assets_noncurrent"),
    ("Equity investments", "equity_investments"),
    ("Amounts due from related parties", "amounts_due_from_related_parties_noncurrent"),
    ("Deferred tax assets, net", "deferred_tax_assets_net"),
    ("Operating lease right-of-use assets", "operating_lease_right_of_use_asset"),
    ("Total non-current assets", "assets_noncurrent"),
    ("Total assets", "assets"),
    ("LIABILITIES, NON-CONTROLLING INTETERSTS AND SHAREHOLDERS’ EQUITY", None),
    ("Current liabilities:", None),
    ("Short-term bank loans", "short_term_bank_loans"),
    (
        "Accounts payable (including accounts payable of the consolidated VIEs and their subsidiaries without recourse "
        "to the primary beneficiary of RMB2,733,487 and RMB2,407,188 (US$379,725) as of December 31, 2021 and March",
        "accounts_payable_current",
    ),
    ("Accrued expenses and other current liabilities", "accrued_expenses_and_other_current_liabilities"),
    ("Income tax payable", "income_tax_payable"),
    ("Amounts due to related parties", "amounts_due_to_related_parties_current"),
    ("Current operating lease liabilities", "operating_lease_liability_current"),
    ("Total current liabilities", "liabilities_current"),
    ("Non-current liabilities:", None),
    ("Deferred tax liabilities", "deferred_tax_liabilities"),
    ("Amounts due to related parties", "amounts_due_to_related_parties_noncurrent"),
    ("Other liabilities", "other_liabilities_noncurrent"),
    ("Non-current operating lease liabilities", "operating_lease_liability_noncurrent"),
    ("Total non-current liabilities", "liabilities_noncurrent"),
    ("Total liabilities", "liabilities"),
    ("Shareholders’ equity:", None),
    (
        "Ordinary shares (par value of US$0.001 per share; 40,000,000,000 shares authorized, 3,805,284,810 shares issued "
        "as of December 31, 2023 and 2024, respectively)",
        "common_stock_value",
    ),
    ("Treasury stock", "treasury_stock_value"),
    ("Additional paid-in capital", "additional_paid_in_capital"),
    ("Accumulated deficit", "retained_earnings_accumulated_deficit"),
    ("Accumulated other comprehensive income", "accumulated_other_comprehensive_income"),
    ("Total Kingsoft Cloud Holdings Limited shareholders’ equity", "stockholders_equity"),
    ("Non-controlling interests", "minority_interest"),
    ("Total equity", "stockholders_equity_including_noncontrolling_interest"),
    ("Total liabilities, non-controlling interests and shareholders’ equity", "liabilities_and_stockholders_equity"),
]  # fmt: skip

INCOME = [
    ("Revenues:", None),
    ("Public cloud services", "revenues/public_cloud"),
    ("Enterprise cloud services", "revenues/enterprise_cloud"),
    ("Others", "revenues/others"),
    ("Total revenues", "revenues"),
    ("Cost of revenues", "cost_of_revenue"),
    ("Gross profit", "gross_profit"),
    ("Operating expenses:", None),
    ("Selling and marketing expenses", "selling_and_marketing_expense"),
    ("General and administrative expenses", "general_and_administrative_expense"),
    ("Research and development expenses", "research_and_development_expense"),
    ("Impairment of long-lived assets", "impairment_of_long_lived_assets"),
    ("Total operating expenses", "operating_expenses"),
    ("Operating loss", "operating_income_loss"),
    ("Interest income", "interest_income"),
    ("Interest Expense", "interest_expense"),
    ("Foreign exchange gain (loss)", "foreign_exchange_gain_loss"),
    ("Other gain (loss), net", "other_gain_loss_net"),
    ("Other income, net", "other_income_net"),
    ("Loss before income taxes", "income_loss_before_income_taxes"),
    ("Income tax expense", "income_tax_expense_benefit"),
    ("Net loss", "profit_loss"),
    ("Less: net loss attributable to non-controlling interests",
     "net_income_loss_attributable_to_noncontrolling_interest"),
    ("Net loss attributable to Kingsoft Cloud Holdings Limited", "net_income_loss"),
    ("Other comprehensive income (loss), net of tax of nil:", None),
    ("Foreign currency translation adjustments", "foreign_currency_translation_adjustment"),
    ("Comprehensive loss", "comprehensive_income_including_noncontrolling_interest"),
    ("Comprehensive loss attributable to Kingsoft Cloud Holdings Limited", "comprehensive_loss_attributable_to_company"),
]  # fmt: skip

CASH = [
    ("CASH FLOWS FROM OPERATING ACTIVITIES", None),
    ("Net loss", "profit_loss"),
    ("Adjustments to reconcile net loss to net cash used in operating activities:", None),
    ("Depreciation and amortization", "depreciation_depletion_and_amortization"),
    ("Share-based compensation", "share_based_compensation"),
    ("Provision for credit losses", "provision_for_credit_losses"),
    ("(Loss) gain from disposal of property and equipment", "loss_gain_from_disposal_of_property_and_equipment"),
    ("Changes in fair value of equity investments", "changes_in_fair_value_of_equity_investments"),
    ("Gain on disposal of equity investments", "gain_on_disposal_of_equity_investments"),
    ("Impairment of equity investments", "impairment_of_equity_investments"),
    ("Changes in fair value of purchase consideration of a business acquisition",
     "changes_in_fair_value_of_purchase_consideration"),
    ("Impairment of contract costs", "impairment_of_contract_costs"),
    ("Issuance costs expensed for offerings", "issuance_costs_expensed_for_offerings"),
    ("Foreign exchange (gain) loss", "foreign_exchange_adjustment_in_cash_flow"),
    ("Deferred income tax", "deferred_income_tax"),
    ("Non-cash operating lease expense", "non_cash_operating_lease_expense"),
    ("Changes in operating assets and liabilities:", None),
    ("Accounts receivable", "change_in_accounts_receivable"),
    ("Prepayments and other assets", "change_in_prepayments_and_other_assets"),
    ("Amounts due from related parties", "change_in_amounts_due_from_related_parties"),
    ("Accounts payable", "change_in_accounts_payable"),
    ("Accrued expenses and other liabilities", "change_in_accrued_expenses_and_other_liabilities"),
    ("Operating lease liabilities", "change_in_operating_lease_liabilities"),
    ("Amounts due to related parties", "change_in_amounts_due_to_related_parties"),
    ("Income tax payable", "change_in_income_tax_payable"),
    ("Net cash used in operating activities", "net_cash_provided_by_used_in_operating_activities"),
    ("CASH FLOWS FROM INVESTING ACTIVITIES", None),
    ("Purchases of property and equipment", "payments_to_acquire_property_plant_and_equipment"),
    ("Net cash (used in) provided by investing activities", "net_cash_provided_by_used_in_investing_activities"),
    ("CASH FLOWS FROM FINANCING ACTIVITIES", None),
    ("Proceeds from short-term bank loans", "proceeds_from_short_term_bank_loans"),
    ("Net cash generated from financing activities", "net_cash_provided_by_used_in_financing_activities"),
    ("Effect of exchange rate changes on cash, cash equivalents and restricted cash", "effect_of_exchange_rate_on_cash"),
    ("Net decrease in cash, cash equivalents and restricted cash", "cash_period_increase"),
    ("Cash, cash equivalents and restricted cash at beginning of period", "cash_at_beginning_of_period"),
    ("Cash, cash equivalents and restricted cash at end of period", "cash_at_end_of_period"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "table"),
    [("balance_sheet", BALANCE), ("income", INCOME), ("cash_flow", CASH)],
    ids=lambda x: str(x)[:9],
)
def test_rows_of_the_issuer_map_in_their_blocks(
    kind: str, table: list[tuple[str, str | None]], kc_pack: Company
) -> None:
    lines = statement(kind, [label for label, _ in table], synonyms=vocabulary_of(kc_pack).synonyms)
    wanted = [c for _, c in table if c is not None]
    assert [(x.label[:40], c) for x, c in zip(lines, concepts(lines), strict=True)] == [
        (x.label[:40], c) for x, c in zip(lines, wanted, strict=True)
    ]
    assert all(x.mapping_rule for x in lines)


def test_repeated_labels_follow_the_totals_where_headings_are_missing() -> None:
    rows = ["Deferred income taxes", "Other assets", "Total current assets", "Other assets", "Deferred income taxes",
            "Total assets", "Deferred revenue", "Total current liabilities", "Deferred revenue", "Total liabilities"]  # fmt: skip
    assert concepts(statement("balance_sheet", rows)) == [
        "deferred_tax_assets_current", "other_assets_current", "assets_current", "other_assets_noncurrent",
        "deferred_tax_assets_net", "assets", "contract_with_customer_liability_current", "liabilities_current",
        "contract_with_customer_liability_noncurrent", "liabilities",
    ]  # fmt: skip


def test_a_heading_left_standing_does_not_hold_below_its_total() -> None:
    section = ("ASSETS", "Current assets:")
    keys = [
        LabelKey("balance_sheet", section, label, "CNY", None, 0, i)
        for i, label in enumerate(
            ["Prepayments and other assets", "Total current assets", "Prepayments and other assets"]
        )
    ]
    assert [m.concept for m in map_table(keys)] == [
        "prepayments_and_other_assets_current", "assets_current", "prepayments_and_other_assets_noncurrent",
    ]  # fmt: skip


def test_non_current_first_balance_sheet() -> None:
    rows = [
        "Property, plant and equipment",
        "Other assets",
        "Total non-current assets",
        "Other assets",
        "Total current assets",
    ]
    assert concepts(statement("balance_sheet", rows)) == [
        "property_plant_and_equipment_net", "other_assets_noncurrent", "assets_noncurrent", "other_assets_current",
        "assets_current",
    ]  # fmt: skip


def test_restricted_cash_belongs_to_the_assets_among_which_it_stands() -> None:
    rows = ["Current assets:", "Restricted cash", "Total current assets", "Non-current assets:", "Restricted cash",
            "Total non-current assets", "Total assets"]  # fmt: skip
    both = ["restricted_cash", "assets_current", "restricted_cash_noncurrent", "assets_noncurrent", "assets"]
    assert concepts(statement("balance_sheet", rows)) == both
    one = ["ASSETS", "Restricted cash", "Long-term restricted cash", "Total assets"]
    assert concepts(statement("balance_sheet", one)) == [
        "restricted_cash",
        "restricted_cash_noncurrent",
        "assets",
    ]


def test_basic_and_diluted_follow_their_unit() -> None:
    rows = [
        ("Net loss per share:", ""), ("Basic", "CNY/share"), ("Diluted", "CNY/share"),
        ("Net loss per ADS:", ""), ("Basic", "CNY/ADS"), ("Diluted", "CNY/ADS"),
        ("Weighted average number of ordinary shares:", ""), ("Basic", "shares"), ("Diluted", "shares"),
    ]  # fmt: skip
    assert concepts(statement("income", rows)) == [
        "earnings_per_share_basic", "earnings_per_share_diluted", "earnings_per_ads_basic", "earnings_per_ads_diluted",
        "weighted_average_number_of_shares_outstanding_basic", "weighted_average_number_of_diluted_shares_outstanding",
    ]  # fmt: skip


def test_a_measure_per_share_of_something_else_is_not_earnings_per_share() -> None:
    rows = [
        ("Net spread and dollar roll income per common share - basic", "USD/share"),
        ("Book value per share", "USD/share"),
    ]
    assert concepts(statement("reconciliation", rows)) == [None, None]


def test_totals_by_their_heading() -> None:
    lines = statement(
        "income",
        ["Revenues:", "Public cloud services", "Total", "Operating expenses:", "Others", ""],
        synonyms=[Synonym("Public cloud services", None, "public_cloud")],
    )
    assert concepts(lines) == [
        "revenues/public_cloud",
        "revenues",
        "other_operating_income_expense_net",  # `Others` completes its heading
        "operating_expenses",
    ]
    assert lines[1].mapping_rule == "income/revenues/total-of-heading"


def test_an_unlabelled_row_inside_a_section_is_no_total() -> None:
    assert (
        concepts(statement("income", ["Revenues:", "Public cloud services", "", "Total revenues"]))[1] is None
    )


def test_total_operating_expenses_with_the_cost_of_revenues_inside_are_all_costs() -> None:
    rows = [
        "Total net sales",
        "Operating expenses:",
        "Cost of sales",
        "Fulfillment",
        "Total operating expenses",
    ]
    assert concepts(statement("income", rows))[-1] == "costs_and_expenses"
    rows = [
        "Total revenues",
        "Operating expenses:",
        "Selling and marketing expenses",
        "Total operating expenses",
    ]
    assert concepts(statement("income", rows))[-1] == "operating_expenses"


def test_net_income_below_the_other_owners_share_is_the_parents() -> None:
    rows = ["Net income", "Less: Net income attributable to noncontrolling interests", "Net income"]
    assert concepts(statement("income", rows)) == [
        "profit_loss", "net_income_loss_attributable_to_noncontrolling_interest", "net_income_loss",
    ]  # fmt: skip


def test_rows_below_the_name_of_a_part_are_not_the_groups() -> None:
    lines = [
        Line("reconciliation", (part,), label, row=i)
        for i, (part, label) in enumerate(
            [("Retail", "EBITDA"), ("Wholesale", "EBITDA"), ("Public cloud services", "Gross profit"),
             ("Enterprise cloud services", "Gross profit")]
        )
    ]  # fmt: skip
    clouds = [Synonym(f"{c} cloud services", None, f"{c.lower()}_cloud") for c in ("Public", "Enterprise")]
    map_lines_of(lines, clouds)
    assert concepts(lines) == [None, None, "gross_profit/public_cloud", "gross_profit/enterprise_cloud"]


def test_a_segment_row_without_figures_does_not_catch_the_total() -> None:
    section = ("Revenues:", "Enterprise cloud services")
    lines = [Line("income", section, "Others"), Line("income", section, "Total revenues", row=1),
             Line("income", section, "Gross profit", row=2)]  # fmt: skip
    map_lines_of(lines, [Synonym("Enterprise cloud services", None, "enterprise_cloud")])
    assert concepts(lines) == ["revenues/others", "revenues", "gross_profit"]


def test_unknown_labels_stay_unmapped() -> None:
    lines = statement("income", ["Gain on frobnication", "Earnings before frobnication", "Other occupancy"])
    assert [(x.concept, x.mapping_rule) for x in lines] == [(None, None)] * 3


def test_other_under_a_sub_heading_is_not_the_blocks_residual() -> None:
    lines = statement(
        "balance_sheet",
        ["Current liabilities:", "Accounts payable:", "Trade", "Other", "Total current liabilities"],
    )
    assert concepts(lines) == [None, None, "liabilities_current"]


def test_company_synonyms_win_and_segments_extend() -> None:
    own = [Synonym("Gateway fees", "revenues", "gateway"), Synonym("Hotel rooms", None, "hotels")]
    lines = statement("income", ["Revenues:", "Gateway fees", "Hotel rooms", "Net loss"], synonyms=own)
    assert concepts(lines) == ["revenues/gateway", "revenues/hotels", "profit_loss"]
    assert concepts(statement("income", ["Revenues:", "Hotel rooms"])) == [None]


def test_per_share_unit_never_takes_an_amount() -> None:
    assert concepts(statement("income", [("Net loss", "CNY/share")])) == [None]


def test_non_gaap_and_adjusted_are_one_measure() -> None:
    rows = ["Adjusted EBITDA", "Non–GAAP EBITDA2", "Non-GAAP net (loss) profit[4]", "Adjusted net loss (Non-GAAP Financial Measure)",
            "Non-GAAP operating profit (loss)", "Adjusted gross profit"]  # fmt: skip
    assert concepts(statement("reconciliation", rows)) == [
        "adjusted_ebitda", "adjusted_ebitda", "adjusted_net_income_loss", "adjusted_net_income_loss",
        "adjusted_operating_income_loss", "adjusted_gross_profit",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Net loss", "Net (loss) income"),
        ("Net cash provided by (used in) operating activities", "Net cash used in operating activities"),
        ("Property, plant and equipment, net of accumulated depreciation of $21,895 and $21,442", "Property, plant and equipment – net"),
        ("Net loss attributable to Kingsoft Cloud Holdings Limited", "Net income attributable to ABB"),
        ("Gross profit2", "Gross profit"),
        ("Treasury stock, at cost (558.8 and 553.5 shares)", "Treasury stock"),
        ("TOTAL SHAREHOLDERS’ EQUITY", "Total stockholders' equity"),
    ],
)  # fmt: skip
def test_spellings_of_one_label(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Net loss attributable to non-controlling interests", "Net loss attributable to the Company"),
        ("Interest income", "Interest expense"),
        ("Other gain (loss), net", "Other income, net"),
        ("Basic net loss per share", "Basic net loss per ADS"),
        ("Cash at January 1", "Cash at June 30"),
    ],
)
def test_labels_that_must_stay_apart(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def map_lines_of(lines: list[Line], synonyms: Sequence[Synonym] = ()) -> None:
    from kc_pipeline.concepts import map_lines

    map_lines(lines, synonyms)


def _note(*rows: tuple[tuple[str, ...], str]) -> list[LabelKey]:
    return [LabelKey("other", section, label, "CNY", None, 1, i) for i, (section, label) in enumerate(rows)]


def test_others_in_a_portion_of_a_note_is_the_rest_of_the_total_that_closes_it() -> None:
    current, later = ("Current portion",), ("Non-current portion",)
    found = map_table(
        _note(
            (current, "Customer advances"),
            (current, "Others"),
            (current, "Accrued expenses and other liabilities, current"),
            (later, "Others"),
            (later, "Accrued expenses and other liabilities, non-current"),
        )
    )
    assert [m.concept for m in found] == [
        "customer_advances",
        "accrued_others_current",
        "accrued_expenses_and_other_liabilities",
        "accrued_others_non_current",
        "accrued_expenses_and_other_liabilities_non_current",
    ]
    assert map_table(_note((current, "Customer advances"), (current, "Others")))[1].concept is None


def test_a_note_of_revenues_by_segment_gives_segments_parts_and_totals(kc_pack: Company) -> None:
    rows = [
        ((), "Public cloud services recognized over time"),
        (("Enterprise cloud services",), "Recognized at a point in time"),
        (("Enterprise cloud services",), "Recognized over time"),
        (("Enterprise cloud services",), "Enterprise cloud services"),
        (("Others",), "Recognized at a point in time"),
        (("Others",), "Recognized over time"),
        (("Others",), "Others"),
        (("Others",), "Total revenues"),
    ]
    own = vocabulary_of(kc_pack)
    keys = [LabelKey("other", s, label, "CNY", 6, 1, i) for i, (s, label) in enumerate(rows)]
    assert [(m.concept, m.segment) for m in map_table(keys, own.synonyms, own.concepts)][1:] == [
        ("enterprise_cloud_recognized_at_a_point_in_time", "enterprise_cloud"),
        ("enterprise_cloud_recognized_over_time", "enterprise_cloud"),
        ("revenues", "enterprise_cloud"),
        ("others_recognized_at_a_point_in_time", "others"),
        ("others_recognized_over_time", "others"),
        ("revenues", "others"),
        ("revenues", None),
    ]
    assert map_table(keys[:-1], own.synonyms, own.concepts)[-1].concept is None, (
        "without the group's total it is not known what is parted"
    )


def test_mainland_china_is_a_part_of_the_loss_before_taxes_only_under_that_heading() -> None:
    headings = ("Loss before income taxes",), ("Assets by area",)
    keys = [LabelKey("other", h, "Mainland China", "CNY", 12, 1, i) for i, h in enumerate(headings)]
    below, elsewhere = map_table(keys)
    assert (below.concept, below.segment) == ("income_loss_before_income_taxes", "mainland_china")
    assert elsewhere.concept is None


def test_parts_below_including_have_the_segment_of_the_row_above(kc_pack: Company) -> None:
    part = ("- Including",)
    rows = [
        (("Public Cloud Services",), "Number of Public Cloud Service Premium Customers"),
        (part, "Existing customers"),
        (part, "Number of Premium Customers"),
        (part, "Existing customers"),
    ]
    keys = [LabelKey("other", section, label, "pure", 9, 1, i) for i, (section, label) in enumerate(rows)]
    assert [(m.concept, m.segment) for m in map_table(keys, vocabulary_of(kc_pack).synonyms)] == [
        ("premium_customers", "public_cloud"),
        ("premium_customers_existing", "public_cloud"),
        ("premium_customers", None),
        ("premium_customers_existing", None),
    ]


def test_other_income_below_other_net_is_the_total_of_what_is_not_operating() -> None:
    rows = [
        "Operating income", "Interest income", "Interest expense", "Other, net", "Other income (expense), net",
        "Income before income tax",
    ]  # fmt: skip
    assert concepts(statement("income", rows))[3:5] == ["other_income_net", "nonoperating_income_expense"]
    assert concepts(statement("income", [*rows[:3], *rows[4:]]))[3] == "other_income_net"


@pytest.mark.parametrize(
    "heading",
    [
        "Share-based compensation expenses included in:",
        "* Share-based compensation charges included are as follow:",
        "(1) Amounts include stock-based compensation expense, as follows:",
        "Includes amortization of intangible assets:",
    ],
)
def test_what_a_memo_says_is_inside_a_line_is_not_the_line(heading: str) -> None:
    rows = ["Cost of revenues", "Operating expenses:", "General and administrative", "Net loss", heading]
    inside = ["Cost of revenues", "Sales and marketing", "General and administrative"]
    found = concepts(statement("income", [*rows, *inside]))
    assert found == ["cost_of_revenue", "general_and_administrative_expense", "profit_loss", None, None, None]


def test_a_line_whose_heading_only_says_what_it_includes_stays_the_line() -> None:
    rows = ["Operating expenses, including share-based compensation:", "Research and development"]
    assert concepts(statement("income", rows)) == ["research_and_development_expense"]


def test_rows_of_discontinued_operations_are_not_those_of_the_group() -> None:
    rows = ["Net revenues", "Discontinued operations:", "Revenues", "Operating income", "Net income"]
    assert concepts(statement("income", rows)) == ["revenues", None, None, "profit_loss"]
    cash = ["CASH FLOWS FROM DISCONTINUED OPERATIONS", "Net cash provided by operating activities"]
    assert concepts(statement("cash_flow", cash)) == [None]


def test_parts_of_assets_held_for_sale_are_not_the_groups() -> None:
    rows = [
        "Current assets:", "Cash and cash equivalents", "Current assets of discontinued operations:", "Inventories",
        "Total current assets", "Goodwill", "Total assets",
    ]  # fmt: skip
    assert concepts(statement("balance_sheet", rows)) == [
        "cash_and_cash_equivalents_at_carrying_value", None, "assets_current", "goodwill", "assets",
    ]  # fmt: skip


def test_loans_among_the_liabilities_are_not_loans_to_customers() -> None:
    rows = ["ASSETS", "Loans", "Total assets", "LIABILITIES", "Loans", "Total liabilities"]
    assert concepts(statement("balance_sheet", rows)) == [
        "loans_and_leases_gross",
        "assets",
        None,
        "liabilities",
    ]


@pytest.mark.parametrize(
    ("label", "concept"),
    [
        ("Net income attributable to preferred shareholders", None),
        ("Net income attributable to holders of Series A preferred shares", None),
        ("Net income attributable to mezzanine equity holders", None),
        ("Net income attributable to discontinued operations", None),
        ("Net income attributable to Preferred Bank", "net_income_loss"),
        ("Net income attributable to Acme Limited from continuing operations", "net_income_loss"),
    ],
)
def test_only_the_parents_own_share_is_its_net_income(label: str, concept: str | None) -> None:
    assert concepts(statement("income", [label])) == [concept]


def test_net_revenues_below_taxes_on_sales_are_the_revenues_and_the_total_above_is_gross() -> None:
    top = ["Total revenues", "Less: Business and related tax", "Net revenues", "Cost of revenues"]
    assert concepts(statement("income", ["REVENUES", "Advertising", *top])) == [
        None,
        "gross_revenues",
        "sales_related_taxes",
        "revenues",
        "cost_of_revenue",
    ]
    rows = [LabelKey("income", (), label, "CNY", 3, 0, i) for i, label in enumerate(top)]
    elsewhere = LabelKey("other", (), "Total revenues", "CNY", 3, 1, 0, "Selected financial data")
    assert map_table([*rows, elsewhere])[-1].concept == "gross_revenues"
    assert map_table([elsewhere])[0].concept == "revenues"


def test_net_sales_above_a_total_with_other_income_are_sales_to_customers() -> None:
    sales = "revenue_from_contract_with_customer_excluding_assessed_tax"
    rows = ["Net sales", "Membership and other income", "Total revenues"]
    assert concepts(statement("income", rows))[::2] == [sales, "revenues"]
    rows = ["Sales and other operating revenues", "Equity income", "Total revenues and other income"]
    assert concepts(statement("income", rows))[::2] == [sales, "revenues"]
    assert concepts(statement("income", ["Net sales", "Cost of sales"]))[0] == "revenues"


def test_total_shareholders_equity_is_the_parents_where_the_minority_stands_above_the_capital() -> None:
    rows = ["Total liabilities", "Minority interest", "Ordinary shares", "Retained earnings"]
    total = "Total shareholders' equity"
    assert concepts(statement("balance_sheet", [*rows, total]))[-1] == "stockholders_equity"
    inside = ["Total liabilities", "Ordinary shares", "Retained earnings", "Minority interest", total]
    whole = "stockholders_equity_including_noncontrolling_interest"
    assert concepts(statement("balance_sheet", inside))[-1] == whole
    assert concepts(statement("balance_sheet", [*rows, "Total equity"]))[-1] == whole


def test_cost_of_services_beside_products_is_no_second_total() -> None:
    rows = ["Cost of products", "Cost of services", "Total cost of sales"]
    assert concepts(statement("income", rows)) == [
        "cost_of_product_revenue",
        "cost_of_service_revenue",
        "cost_of_revenue",
    ]
    assert concepts(statement("income", ["Cost of services", "Gross profit"]))[0] == "cost_of_revenue"


def test_results_below_a_heading_that_attributes_them_are_the_parents() -> None:
    rows = ["Net income", "Amounts attributable to Northwind shareholders:", "Net income"]
    rows += ["Income from discontinued operations, net of tax"]
    assert concepts(statement("income", rows)) == ["profit_loss", "net_income_loss", None]


def test_cash_and_other_assets_of_one_statement_are_told_apart_by_their_labels() -> None:
    rows = [
        "Assets:",
        "Cash",
        "Interest-bearing deposits",
        "Cash and cash equivalents",
        "Other current assets",
    ]
    found = concepts(statement("balance_sheet", [*rows, "Goodwill", "Other assets", "Total assets"]))
    assert found[0] is None
    assert found[2] == "cash_and_cash_equivalents_at_carrying_value"
    assert (found[3], found[5]) == ("other_assets_current", "other_assets_noncurrent")


def test_cash_below_a_heading_that_sets_it_apart_is_not_the_groups() -> None:
    rows = ["Assets:", "Cash", "Assets of consolidated funds:", "Cash", "Total assets"]
    assert concepts(statement("balance_sheet", rows))[:2] == [
        "cash_and_cash_equivalents_at_carrying_value",
        None,
    ]


def test_bank_loans_are_neither_short_nor_long_by_themselves() -> None:
    rows = [
        "Financing activities:",
        "Proceeds from bank loans",
        "Repayment of bank loans",
        "Repayment of short-term bank loans",
    ]
    assert concepts(statement("cash_flow", rows)) == [
        "proceeds_from_bank_debt",
        "repayments_of_bank_debt",
        "repayments_of_short_term_bank_loans",
    ]


def test_earnings_before_interest_and_taxes_have_a_name_of_their_own() -> None:
    assert concepts(statement("income", ["Earnings before interest and taxes", "Net income"])) == [
        "ebit",
        "profit_loss",
    ]
