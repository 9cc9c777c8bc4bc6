"""Tables that gather figures of several statements under headings such as `Income statement data`."""

import pytest

from kc_pipeline.concepts import map_lines
from kc_pipeline.concepts.summaries import is_balance
from kc_pipeline.extraction import read
from kc_pipeline_tests.extraction.pages import page, row, table

Read = dict[str, tuple[str, str | None, int | None]]


def got(title: str, *rows: tuple[str, ...]) -> Read:
    """Return value, concept and months of each row's first figure."""
    lead = "".join(f"<p>{line}</p>" for line in ("Alder Tools Ltd", title, "(in thousands of U.S. dollars)"))
    year = "<p>The fiscal year ends on December 31.</p>"
    out = read(page(table(*(row(*r) for r in rows)) + year, lead))
    map_lines(out.lines)
    assert not out.warnings
    found: Read = {}
    for x in out.lines:
        found.setdefault(x.label, (f"{x.value:f}", x.concept, x.months))
    return found


def test_rows_belong_to_the_statement_that_their_heading_names() -> None:
    found = got(
        "Selected Consolidated Financial Data",
        ("", "Year ended December 31,", ""),
        ("", "2019", "2018"),
        ("Statement of Operations Data:",),
        ("Net sales", "41,220", "38,110"),
        ("Income taxes", "900", "801"),
        ("Diluted earnings per share", "1.10", "1.02"),
        ("Other Operating Data:",),
        ("Gross profit", "20,000", "18,000"),
        ("Cash Flow Data:",),
        ("Net cash provided by operating activities", "6,001", "5,100"),
        ("Net cash used in investing activities", "(2,001)", "(1,100)"),
        ("Balance Sheet Data (at period end):",),
        ("Cash and cash equivalents", "3,300", "2,900"),
        ("Total assets", "52,000", "49,000"),
        ("Long-term debt", "12,000", "9,000"),
    )
    assert found == {
        "Net sales": ("41220000", "revenues", 12),
        "Income taxes": ("900000", "income_tax_expense_benefit", 12),
        "Diluted earnings per share": ("1.10", "earnings_per_share_diluted", 12),
        "Gross profit": ("20000000", "gross_profit", 12),
        "Net cash provided by operating activities": (
            "6001000",
            "net_cash_provided_by_used_in_operating_activities",
            12,
        ),
        "Net cash used in investing activities": (
            "-2001000",
            "net_cash_provided_by_used_in_investing_activities",
            12,
        ),
        "Cash and cash equivalents": ("3300000", "cash_and_cash_equivalents_at_carrying_value", None),
        "Total assets": ("52000000", "assets", None),
        "Long-term debt": ("12000000", "long_term_debt_noncurrent", None),
    }


def test_a_summary_without_headings_is_no_cash_flow_statement() -> None:
    found = got(
        "Summary Financial Information (Unaudited)",
        ("", "Three Months Ended March 31,", ""),
        ("", "2019", "2018"),
        ("Revenues", "$ 412", "$ 380"),
        ("Gross profit", "112", "98"),
        ("Income taxes", "9", "8"),
        ("Total assets", "910", "900"),
        ("Net cash provided by operating activities", "61", "50"),
        ("Net cash used in investing activities", "(21)", "(11)"),
    )
    assert found["Revenues"] == ("412000", "revenues", 3)
    assert found["Gross profit"] == ("112000", "gross_profit", 3)
    assert found["Income taxes"] == ("9000", "income_tax_expense_benefit", 3)
    assert found["Total assets"] == ("910000", "assets", None)
    assert found["Net cash used in investing activities"][1:] == (
        "net_cash_provided_by_used_in_investing_activities",
        3,
    )


def test_a_summary_may_begin_with_the_balance_sheet() -> None:
    found = got(
        "Key Financial Figures",
        ("", "2019", "2018"),
        ("Balance sheet data as of June 30:",),
        ("Total assets", "52,000", "49,000"),
        ("Total equity", "30,000", "29,000"),
        ("Income statement data for the six months ended June 30:",),
        ("Revenue", "41,220", "38,110"),
        ("Operating profit", "5,220", "4,110"),
    )
    assert found["Total assets"][1:] == ("assets", None)
    assert found["Revenue"][1:] == ("revenues", 6)
    assert found["Operating profit"][1:] == ("operating_income_loss", 6)


def test_a_statement_of_cash_flows_below_a_summarys_title_stays_one() -> None:
    found = got(
        "Selected Financial Data</p><p>Consolidated Statements of Cash Flows",
        ("", "Year ended December 31, 2019", "Year ended December 31, 2018"),
        ("Net income", "41", "39"),
        ("Income taxes", "9", "8"),
        ("Net cash provided by operating activities", "61", "50"),
        ("Net cash used in investing activities", "(21)", "(11)"),
    )
    assert found["Income taxes"][1] != "income_tax_expense_benefit"


BALANCE_SHEET = table(
    row("", "June 30, 2019", "June 30, 2018"),
    row("", "$", "$"),
    row("Cash and cash equivalents", "8,255", "55,631"),
    row("Total assets", "28,049,026", "29,951,398"),
    row("Total liabilities", "1,757,508", "1,768,613"),
    row("Total shareholders' equity", "26,291,518", "28,182,785"),
)
SHEET_TITLE = "<p>Alder Gold Inc.</p><p>CONSOLIDATED BALANCE SHEETS</p><p>(Expressed in U.S. dollars)</p>"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize(
    "title",
    [
        "<p>Financial highlights</p><p>(US$ thousands)</p>",
        "<p>Summary of key financial information</p><p>in thousands of U.S. dollars</p>",
    ],
)
def test_balances_of_a_summary_have_no_duration_and_its_scale_does_not_spread(
    title: str, first: bool
) -> None:
    summary = title + table(
        row("", "Year ended June 30, 2019", "Year ended June 30, 2018"),
        row("Revenue", "28,050", "29,950"),
        row("Income taxes", "12", "13"),
        row("Net loss", "(2,417)", "(2,903)"),
        row("Dividends paid", "10", "9"),
        row("Current assets", "131", "168"),
        row("Long-term debt", "1,200", "1,300"),
        row("Working capital", "131", "168"),
        row("Deficit", "(58,091)", "(55,674)"),
    )
    sheet = SHEET_TITLE + BALANCE_SHEET
    out = read(page(summary + sheet if first else sheet + summary, "<p>Report</p>"))
    map_lines(out.lines)
    found = {(x.label): (f"{x.value:f}", x.concept, x.months) for x in reversed(out.lines)}
    assert found["Revenue"] == ("28050000", "revenues", 12)
    assert found["Income taxes"] == ("12000", "income_tax_expense_benefit", 12)
    assert found["Dividends paid"][2] == 12
    assert found["Current assets"] == ("131000", "assets_current", None)
    assert found["Long-term debt"] == ("1200000", "long_term_debt_noncurrent", None)
    assert [found[x][2] for x in ("Working capital", "Deficit")] == [None, None]
    assert found["Total assets"] == ("28049026", "assets", None)
    assert found["Cash and cash equivalents"][0] == "8255"
    assert {w.code for w in out.warnings} == {"scale_unclear"}


@pytest.mark.parametrize(
    ("label", "balance"),
    [
        ("Share capital", True),
        ("Exploration assets", True),
        ("Cash", True),
        ("Retained earnings", True),
        ("Cash, cash equivalents and short-term investments", True),
        ("Shares outstanding (period-end)", True),
        ("", False),
        ("Software", False),
        ("Net interest income", False),
        ("Cash used in operations", False),
        ("Purchase of fixed assets", False),
        ("Return on equity", False),
        ("Average debt", False),
        ("Change in receivables", False),
        ("Revenue", False),
        ("Deficit for the year", False),
    ],
)
def test_rows_that_state_balances(label: str, balance: bool) -> None:
    assert is_balance(label) is balance
    assert not is_balance(label, ("Average balances",))


def test_a_summary_of_both_sides_of_a_balance_sheet_holds_flows() -> None:
    found = got(
        "Selected financial information",
        ("", "2015", "2014"),
        ("Revenue", "28,050", "29,950"),
        ("Net loss for the year", "(2,417)", "(2,903)"),
        ("Total assets", "28,049", "29,951"),
        ("Total liabilities", "1,758", "1,769"),
        ("Share capital", "76,241", "75,715"),
        ("Current assets", "131", "168"),
        ("Exploration assets", "27,836", "29,591"),
        ("Reserves", "8,142", "8,142"),
        ("Working capital", "(1,626)", "(1,601)"),
    )
    assert found["Revenue"] == ("28050000", "revenues", 12)
    assert {
        months for label, (_, _, months) in found.items() if label not in ("Revenue", "Net loss for the year")
    } == {None}
