"""Arithmetic of one table: which rows add up, and what contradicts what."""

from kc_pipeline.extraction import read
from kc_pipeline.extraction.checks import tie_report
from kc_pipeline_tests.extraction.pages import codes, page, row, table

BALANCE = "<p>Consolidated Balance Sheets ($ in thousands)</p>"
HEAD = row("", "June 30, 2023", "December 31, 2022")


def test_a_total_over_subtotals_that_are_not_called_so_ties() -> None:
    html = table(
        HEAD,
        row("Accounts receivable", "9,738", "12,729"),
        row("Less: allowance", "(151)", "(146)"),
        row("Accounts receivable, net", "9,587", "12,583"),
        row("Property at cost", "20,000", "19,000"),
        row("Less: accumulated depreciation", "4,000", "3,500"),
        row("Property, net", "16,000", "15,500"),
        row("Total assets", "25,587", "28,083"),
        row("Total liabilities", "5,000", "4,000"),
    )
    out = read(page(html, lead=BALANCE))
    assert tie_report(out)[0] == (2, 2)
    assert not out.warnings


def test_small_totals_tie_where_all_columns_agree() -> None:
    html = table(
        HEAD,
        row("Deposits", "27", "29"),
        row("Borrowed funds", "83", "90"),
        row("Total assets", "110", "119"),
        row("Total liabilities", "50", "40"),
    )
    assert tie_report(read(page(html, lead=BALANCE)))[0] == (2, 2)


def test_cash_at_the_end_stands_in_the_column_of_its_flows() -> None:
    head = row("", "<td colspan=2>Year Ended December 31,</td>") + row("", "2023", "2022")
    html = table(
        head,
        row("Net cash provided by operating activities", "5,000", "4,000"),
        row("Net cash used in investing activities", "(3,000)", "(2,500)"),
        row("Net increase in cash", "2,000", "1,500"),
        row("Cash at beginning of period", "1,000", "9,000"),
        row("Total cash at end of period", "3,000", "10,500"),
    )
    out = read(page(html, lead="<p>Statements of Cash Flows ($ in thousands)</p>"))
    assert tie_report(out)[0] == (4, 4)


def test_a_figure_that_breaks_its_total_in_one_column_is_warned_about() -> None:
    html = table(
        HEAD,
        row("Cash", "1,500", "1,000"),
        row("Inventory", "9,587", "2,583"),
        row("Property", "16,000", "15,500"),
        row("Total assets", "27,087", "19,083"),
        row("Total liabilities", "5,000", "4,000"),
    )
    assert not read(page(html, lead=BALANCE)).warnings
    out = read(page(html.replace("9,587", "9,857"), lead=BALANCE))
    assert codes(out) == {"total_mismatch"}
    assert {x.label for x in out.lines if x.suspect} == {"Cash", "Inventory", "Property", "Total assets"}


def test_amounts_under_a_period_end_heading_are_instants_and_averages_are_not() -> None:
    head = row("", "<td colspan=2>Three Months Ended June 30,</td>") + row("", "2023", "2022")
    html = table(
        head,
        row("Revenues", "$900", "$800"),
        row("Net income", "90", "80"),
        row("Income tax expense", "9", "8"),
        row("<b>Selected balance sheet data (period-end)</b>", "", ""),
        row("Loans", "700", "600"),
        row("<b>Selected balance sheet data (average)</b>", "", ""),
        row("Total assets", "850", "750"),
    )
    out = read(page(html, lead="<p>Statements of Income ($ in millions)</p>"))
    assert {x.months for x in out.lines if x.label == "Loans"} == {None}
    assert {x.months for x in out.lines if x.label == "Total assets"} == {3}


def test_a_subtotal_that_fails_in_one_column_and_ties_in_another_is_warned_about() -> None:
    html = table(
        HEAD,
        row("Accounts receivable", "9,738", "12,729"),
        row("Less: allowance", "(151)", "(146)"),
        row("Accounts receivable, net", "9,587", "12,583"),
        row("Property", "16,000", "15,500"),
        row("Goodwill", "1,000", "1,500"),
        row("Total assets", "26,587", "29,583"),
        row("Total liabilities", "5,000", "4,000"),
    )
    assert not read(page(html, lead=BALANCE)).warnings
    out = read(page(html.replace("9,738", "9,378"), lead=BALANCE))
    assert codes(out) == {"total_mismatch"}
    assert any(x.suspect and x.text == "9,378" for x in out.lines)


def test_fiscal_years_named_after_their_beginning() -> None:
    """FY2008 from April 2008 to March 2009: the day above the table tells."""
    html = table(row("", "FY2008", "FY2007"), row("Net sales", "$900", "$800"), row("Net income", "90", "80"))
    lead = (
        "<p>Report for the fiscal year ended March 31, 2009.</p><p>Statements of Income ($ in millions)</p>"
        "<p>(From April 1, 2008 to March 31, 2009)</p>"
    )
    found = read(page(html, lead=lead)).lines
    assert [str(x.period_end) for x in found[:2]] == ["2009-03-31", "2008-03-31"]
    plain = lead.replace("2009", "2008").replace("April 1, 2008", "April 1, 2007")
    found = read(page(html, lead=plain)).lines
    assert [str(x.period_end) for x in found[:2]] == ["2008-03-31", "2007-03-31"]
