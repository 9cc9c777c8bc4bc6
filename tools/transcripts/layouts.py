"""The rows of the issuer's statements, in its order and words, as far as they have been seen.

What was not seen in a quarterly release (the income statement below general and administrative expenses, the
cash flow statement, the equity block, the reconciliation) takes the labels of the annual report or of the
release's paragraphs.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Label:
    """A row's words when all its figures are positive, all negative, or both; `usual` when it has none."""

    gain: str
    loss: str
    both: str
    usual: str

    def choose(self, signs: set[bool]) -> str:
        """The label for the signs at hand (True: negative)."""
        if not signs:
            return self.usual
        if len(signs) == 2:
            return self.both
        return self.loss if True in signs else self.gain


@dataclass(frozen=True)
class Line:
    """A row: a heading if it has no concept; `flip` prints a positive cost in parentheses.

    A `repeat` also stands in another table of the document and makes no table by itself; an `optional` row
    is printed only where its figure is known. `also` holds other names under which the reference keeps the
    same line (`also_segment` another name of the segment): they share its cell. `note` is the number in the
    Notes column.
    """

    label: str | Label
    concept: str = ""
    segment: str = ""
    units: tuple[str, ...] = ("RMB", "USD")
    flip: bool = False
    repeat: bool = False
    optional: bool = False
    also: tuple[str, ...] = ()
    also_segment: str = ""
    note: str = ""


def heading(label: str) -> Line:
    """A row without figures."""
    return Line(label)


GROSS = Label("Gross profit", "Gross loss", "Gross profit (loss)", "Gross profit")
OPERATING = Label("Operating profit", "Operating loss", "Operating profit (loss)", "Operating loss")
NET = Label("Net profit", "Net loss", "Net profit (loss)", "Net loss")
OPERATING_LINE = Line(OPERATING, "operating_income_loss")
GROSS_LINE = Line(GROSS, "gross_profit")
NET_LINE = Line(NET, "profit_loss")

INCOME: tuple[Line, ...] = (
    heading("Revenues:"),
    Line("Public cloud services", "revenues", "public_cloud"),
    Line("Enterprise cloud services", "revenues", "enterprise_cloud"),
    Line("Others", "revenues", "others"),
    Line("Total revenues", "revenues"),
    Line("Cost of revenues", "cost_of_revenue", flip=True),
    GROSS_LINE,
    heading("Operating expenses:"),
    Line("Selling and marketing expenses", "selling_and_marketing_expense", flip=True),
    Line("General and administrative expenses", "general_and_administrative_expense", flip=True),
    Line("Research and development expenses", "research_and_development_expense", flip=True),
    Line("Impairment of long-lived assets", "impairment_of_long_lived_assets", flip=True, optional=True),
    Line("Total operating expenses", "operating_expenses", flip=True),
    OPERATING_LINE,
    Line("Interest income", "interest_income"),
    Line("Interest expense", "interest_expense", flip=True),
    Line("Foreign exchange gain (loss)", "foreign_exchange_gain_loss"),
    Line("Other gain (loss), net", "other_gain_loss_net"),
    Line("Other income, net", "other_income_net"),
    Line(
        Label(
            "Profit before income taxes",
            "Loss before income taxes",
            "Profit (loss) before income taxes",
            "Loss before income taxes",
        ),
        "income_loss_before_income_taxes",
    ),
    # The concept is an expense: True here means that it is a benefit.
    Line(
        Label(
            "Income tax expense", "Income tax benefit", "Income tax (expense) benefit", "Income tax expense"
        ),
        "income_tax_expense_benefit",
        flip=True,
    ),
    NET_LINE,
    Line(
        Label(
            "Net profit attributable to Kingsoft Cloud Holdings Limited",
            "Net loss attributable to Kingsoft Cloud Holdings Limited",
            "Net profit (loss) attributable to Kingsoft Cloud Holdings Limited",
            "Net loss attributable to Kingsoft Cloud Holdings Limited",
        ),
        "net_income_loss",
    ),
    heading("Net loss per share:"),
    Line("Basic", "earnings_per_share_basic", units=("RMB/share",)),
    heading("Net loss per ADS:"),
    Line("Basic", "earnings_per_ads_basic", units=("RMB/ADS",)),
)

_CURRENT_ASSETS = (
    heading("ASSETS"),
    heading("Current assets:"),
    Line("Cash and cash equivalents", "cash_and_cash_equivalents_at_carrying_value"),
    Line("Restricted cash", "restricted_cash"),
    Line("Accounts receivable, net", "accounts_receivable_net_current"),
    Line("Short-term investments", "short_term_investments"),
    Line("Prepayments and other assets", "prepayments_and_other_assets_current"),
    Line("Amounts due from related parties", "amounts_due_from_related_parties_current"),
    Line("Total current assets", "assets_current"),
    heading("Non-current assets:"),
    Line("Property and equipment, net", "property_plant_and_equipment_net"),
    Line("Intangible assets, net", "intangible_assets_net"),
)
_GOODWILL = Line("Goodwill", "goodwill")
_PREPAID = Line("Prepayments and other assets", "prepayments_and_other_assets_noncurrent")
_EQUITY_INVESTMENTS = Line("Equity investments", "equity_investments")
_DUE_FROM = Line("Amounts due from related parties", "amounts_due_from_related_parties_noncurrent")
_ASSETS_END = (
    Line("Operating lease right-of-use assets", "operating_lease_right_of_use_asset"),
    Line("Total non-current assets", "assets_noncurrent"),
    Line("Total assets", "assets"),
)
_LIABILITIES = (
    heading("Current liabilities:"),
    Line("Short-term bank loans", "short_term_bank_loans"),
    Line("Accounts payable", "accounts_payable_current"),
    Line("Accrued expenses and other current liabilities", "accrued_expenses_and_other_current_liabilities"),
    Line("Income tax payable", "income_tax_payable"),
    Line("Amounts due to related parties", "amounts_due_to_related_parties_current"),
    Line("Current operating lease liabilities", "operating_lease_liability_current"),
    Line("Total current liabilities", "liabilities_current"),
    heading("Non-current liabilities:"),
    Line("Deferred tax liabilities", "deferred_tax_liabilities"),
    Line("Amounts due to related parties", "amounts_due_to_related_parties_noncurrent"),
    Line("Other liabilities", "other_liabilities_noncurrent"),
    Line("Non-current operating lease liabilities", "operating_lease_liability_noncurrent"),
    Line("Total non-current liabilities", "liabilities_noncurrent"),
    Line("Total liabilities", "liabilities"),
    heading("Shareholders’ equity:"),
    Line("Ordinary shares", "common_stock_value"),
    Line("Treasury stock", "treasury_stock_value"),
    Line("Additional paid-in capital", "additional_paid_in_capital"),
    Line("Accumulated deficit", "retained_earnings_accumulated_deficit"),
    Line("Accumulated other comprehensive income", "accumulated_other_comprehensive_income"),
    Line("Total Kingsoft Cloud Holdings Limited shareholders’ equity", "stockholders_equity"),
)

BALANCE_SHEET: tuple[Line, ...] = (
    *_CURRENT_ASSETS,
    _PREPAID,
    _EQUITY_INVESTMENTS,
    _GOODWILL,
    _DUE_FROM,
    *_ASSETS_END,
    heading("LIABILITIES AND SHAREHOLDERS’ EQUITY"),
    *_LIABILITIES,
)
"""As printed from the release of 2022Q4 on."""

BALANCE_SHEET_BEFORE_2023: tuple[Line, ...] = (
    *_CURRENT_ASSETS,
    _GOODWILL,
    _PREPAID,
    _EQUITY_INVESTMENTS,
    _DUE_FROM,
    Line("Deferred tax assets, net", "deferred_tax_assets_net"),
    *_ASSETS_END,
    heading("LIABILITIES, NON-CONTROLLING INTERESTS AND SHAREHOLDERS’ EQUITY"),
    *_LIABILITIES,
)


def _cash(kind: str) -> Label:
    return Label(
        f"Net cash generated from {kind} activities",
        f"Net cash used in {kind} activities",
        f"Net cash generated from (used in) {kind} activities",
        f"Net cash generated from (used in) {kind} activities",
    )


CASH_FLOW: tuple[Line, ...] = (
    heading("CASH FLOWS FROM OPERATING ACTIVITIES"),
    replace(NET_LINE, repeat=True),
    heading("Adjustments to reconcile net loss to net cash generated from (used in) operating activities:"),
    Line("Depreciation and amortization", "depreciation_depletion_and_amortization"),
    Line("Share-based compensation", "share_based_compensation"),
    Line(_cash("operating"), "net_cash_provided_by_used_in_operating_activities"),
    heading("CASH FLOWS FROM INVESTING ACTIVITIES"),
    Line(_cash("investing"), "net_cash_provided_by_used_in_investing_activities"),
    heading("CASH FLOWS FROM FINANCING ACTIVITIES"),
    Line(_cash("financing"), "net_cash_provided_by_used_in_financing_activities"),
)


def reconciliation(prefix: str) -> tuple[Line, ...]:
    """Each GAAP result and the measure derived from it; `prefix` as that year says it."""

    def measure(stem: str, usual: str) -> Label:
        return Label(
            f"{prefix} {stem} profit",
            f"{prefix} {stem} loss",
            f"{prefix} {stem} profit (loss)",
            f"{prefix} {stem} {usual}",
        )

    return (
        replace(GROSS_LINE, repeat=True),
        Line(measure("gross", "profit"), "adjusted_gross_profit"),
        replace(OPERATING_LINE, repeat=True),
        Line(measure("operating", "loss"), "adjusted_operating_income_loss"),
        replace(NET_LINE, repeat=True),
        Line(measure("net", "loss"), "adjusted_net_income_loss"),
        Line(f"{prefix} EBITDA", "adjusted_ebitda"),
        Line(f"Normalized {prefix} EBITDA", "normalized_adjusted_ebitda", optional=True),
    )
