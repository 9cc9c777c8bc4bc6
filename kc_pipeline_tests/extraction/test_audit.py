"""What a comparison of print and reading found on filings without machine truth: one made-up case for each feature."""

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.model import Line
from kc_pipeline_tests.extraction.pages import brief, page, row, table

THOUSANDS = "<p>Balance sheet data</p><p>(In thousands of U.S. dollars)</p>"
BALANCE = table(
    row("", "March 31, 2020", "December 31, 2019"),
    row("Cash", "1,200", "1,100"),
    *(row(f"Receivables {n}", "200", "210") for n in range(10)),
    row("Total assets", "3,200", "3,200"),
)


def found(body: str, lead: str = "<p>Acme Inc.</p>") -> list[Line]:
    return read(page(body, lead)).lines


def test_an_amount_in_the_sentence_above_a_table_is_not_its_scale() -> None:
    sentence = "<p>Costs of $95.7 million were recognised as follows:</p>"
    costs = table(row("", "March 31, 2020"), row("Severance", "54,112"), row("Leases", "41,588"))
    lines = found(THOUSANDS + BALANCE + sentence + costs)
    assert [f"{x.value:f}" for x in lines if x.label == "Severance"] == ["54112000"]


def test_a_scale_stated_as_a_unit_of_one_is_a_scale() -> None:
    lines = found("<p>Balance sheets (unit: 1 million yen)</p>" + BALANCE)
    assert {f"{x.value:f}" for x in lines if x.label == "Cash"} == {"1200000000", "1100000000"}


def test_month_and_last_day_under_a_year_is_no_year() -> None:
    html = table(
        row("", "<td colspan=1>2009</td>", "<td>2008</td>"),
        row("Employees by region", "Mar-31", "Mar-31"),
        row("Asia", "85", "84"),
        row("Europe", "426", "399"),
    )
    assert brief(found(THOUSANDS + BALANCE + "<p>Staff</p>" + html)[-4:]) == [
        ("Asia", "85", "pure", "2009-03-31", None),
        ("Asia", "84", "pure", "2008-03-31", None),
        ("Europe", "426", "pure", "2009-03-31", None),
        ("Europe", "399", "pure", "2008-03-31", None),
    ]


def test_month_and_two_digits_that_are_no_last_day_is_a_year() -> None:
    assert {
        str(x.period_end)
        for x in found(table(row("", "Mar-20", "Mar-19"), row("Total assets", "$ 12", "$ 10")))
    } == {
        "2020-03-31",
        "2019-03-31",
    }


@pytest.mark.parametrize(
    ("heads", "title", "ends"),
    [
        (
            ("March 31", "December 31"),
            "Results for the quarter ended March 31, 2020",
            {"2020-03-31", "2019-12-31"},
        ),
        (
            ("September 30", "June 30"),
            "Results for the quarter ended September 30, 2020",
            {"2020-09-30", "2020-06-30"},
        ),
        (("March 31,", "June 30,"), "Results and prospects, March 31, 2020", {"2020-03-31", "2019-06-30"}),
    ],
)
def test_a_heading_without_a_year_is_the_last_such_day(
    heads: tuple[str, str], title: str, ends: set[str]
) -> None:
    html = table(
        row("", *(f"Three Months Ended {h}" for h in heads)),
        row("Revenues", "$ 120", "$ 110"),
        row("Cost of revenues", "70", "65"),
        row("Gross profit", "50", "45"),
        row("Operating income", "20", "15"),
        row("Net income", "18", "14"),
    )
    lead = f"<p>{title}</p><p>Consolidated statements of income (in thousands)</p>"
    assert {str(x.period_end) for x in found(html, lead)} == ends


def test_a_quarter_ending_lies_ahead() -> None:
    html = table(
        row("", "Three Months Ending June 30"), row("Revenues, low", "$ 120"), row("Revenues, high", "$ 130")
    )
    lead = "<p>March 31, 2020</p><p>Expected results (in thousands)</p>"
    assert {str(x.period_end) for x in found(html, lead)} == {"2020-06-30"}


def test_quarters_named_qtr() -> None:
    html = table(
        row("", "<td colspan=2>2020</td>", "<td colspan=2>2019</td>"),
        row("", "Qtr 2", "Qtr 1", "Qtr. 2", "Qtr. 1"),
        row("Net sales", "$ 460", "$ 417", "$ 455", "$ 410"),
        row("Organic sales", "435", "413", "440", "400"),
    )
    ends = [
        (str(x.period_end), x.months)
        for x in found(html, "<p>Sales (in millions)</p>")
        if x.label == "Net sales"
    ]
    assert ends == [("2020-06-30", 3), ("2020-03-31", 3), ("2019-06-30", 3), ("2019-03-31", 3)]


def test_a_bare_year_beside_quarters_is_the_whole_year() -> None:
    html = table(
        row("$ millions", "Q4 08", "Q4 07", "2008", "2007"),
        row("Orders", "299", "348", "1,658", "1,488"),
        row("Revenues", "441", "420", "1,642", "1,407"),
        row("Net income", "30", "31", "120", "118"),
    )
    ends = [
        (str(x.period_end), x.months, x.member)
        for x in found(html, "<p>Key figures</p>")
        if x.label == "Orders"
    ]
    assert ends == [
        ("2008-12-31", 3, ""),
        ("2007-12-31", 3, ""),
        ("2008-12-31", 12, ""),
        ("2007-12-31", 12, ""),
    ]


def test_key_figures_with_a_cash_flow_are_no_cash_flow_statement() -> None:
    html = table(
        row("$ millions", "Q3 09", "Q3 08"),
        row("Orders", "1,991", "1,293"),
        row("Revenues", "1,612", "1,601"),
        row("Cash flow from operating activities", "11", "111"),
    )
    lead = "<p>Cash flow from operations improved in the quarter.</p><p>Power Systems</p>"
    assert {x.statement for x in found(html, lead)} == {"other"}


def test_columns_of_one_period_do_not_go_on_in_a_table_titled_with_another_day() -> None:
    def sheet(cash: str, *heads: str) -> str:
        return table(
            row("", *heads) if heads else "",
            row("Cash", cash, "6,000", "1,000"),
            row("Receivables", "9,000", "3,000", "6,000"),
            row("Total assets", "16,000", "9,000", "7,000"),
            row("Total liabilities", "10,000", "5,000", "5,000"),
        )

    def title(day: str) -> str:
        return f"<p>Supplemental data for financial position</p><p>At {day}</p><p>(Millions of dollars)</p>"

    heads = ("Consolidated", "Machinery", "Financial Products")
    lines = found(
        title("June 30, 2023")
        + sheet("7,000", *heads)
        + title("December 31, 2022")
        + sheet("7,400", *heads)
        + title("December 31, 2021")
        + sheet("7,800")
    )
    assert [(f"{x.value:f}", str(x.period_end)) for x in lines if x.label == "Cash" and not x.member] == [
        ("7000000000", "2023-06-30"),
        ("7400000000", "2022-12-31"),
        ("7800000000", "2021-12-31"),
    ]


def test_counts_volumes_and_prices_are_not_scaled_as_money() -> None:
    html = table(
        row("", "Q1 2020", "Q1 2019"),
        row("Numbers of locations available for sale", "1,100", "594"),
        row("Average revenue per location sold", "18,162", "16,581"),
        row("Natural gas (Bcf)", "199", "208"),
        row("Daily production (MMcfe/d)", "3,099", "3,366"),
        row("Closing price", "41.21", "36.67"),
        row("Advertising revenues", "2,000", "1,900"),
    )
    lines = found(THOUSANDS + BALANCE + "<p>Operating data</p>" + html)
    assert [
        (x.label, f"{x.value:f}", x.unit) for x in lines if str(x.period_end) == "2020-03-31" and x.months
    ] == [
        ("Numbers of locations available for sale", "1100", "pure"),
        ("Average revenue per location sold", "18162", "USD"),
        ("Natural gas (Bcf)", "199", "pure"),
        ("Daily production (MMcfe/d)", "3099", "pure"),
        ("Closing price", "41.21", "USD"),
        ("Advertising revenues", "2000000", "USD"),
    ]


def test_a_column_headed_v_is_a_change() -> None:
    html = table(
        row("", "<td colspan=3>Three months ended June 30</td>"),
        row("", "2023", "2022", "V"),
        row("Aerospace", "$ 7,860", "$ 6,127", "28%"),
        row("Power", "4,152", "4,202", "(1)%"),
        row("Total revenues", "12,012", "10,329", "16%"),
    )
    assert {x.unit for x in found(html, "<p>Segments (in millions)</p>")} == {"USD"}


def text(body: str) -> list[Line]:
    return read(body.encode()).lines


BALANCE_TEXT = """
                         ACME CORPORATION
                   CONSOLIDATED BALANCE SHEETS
                         (in millions)

                                              June 30, 2023    December 31, 2022
                                              -------------    -----------------
Assets
  Cash                                                $ 100                 $ 90
  Receivables, net of allowance of
    $83 as of each of June 30, 2023 and
    December 31, 2022                                   400                  310
  Other current assets (Note 3; Note 8 at
    VIEs)                                               500                  500
    Total assets                                      1,000                  900
Liabilities and equity
  Payables                                              600                  500
  Common stock (authorized 6,000,000,000
    shares, $1.00 par value; 2,442,676,580
    shares issued at June 30, 2023 and
    December 31, 2022)                                  400                  400
    Total liabilities and equity                      1,000                  900
"""


def test_plain_text_labels_over_several_lines_keep_their_numbers_and_days() -> None:
    found = [
        (x.label[:22], f"{x.value:f}", x.unit) for x in text(BALANCE_TEXT) if x.unit == "USD" and not x.member
    ]
    assert found == [
        (label, f"{value}000000", "USD")
        for label, a, b in (
            ("Cash", 100, 90),
            ("Receivables, net of al", 400, 310),
            ("Other current assets (", 500, 500),
            ("Total assets", 1000, 900),
            ("Payables", 600, 500),
            ("Common stock (authoriz", 400, 400),
            ("Total liabilities and ", 1000, 900),
        )
        for value in (a, b)
    ]


def test_plain_text_headings_one_blank_apart_over_rules() -> None:
    body = """
                          CONSOLIDATED STATEMENTS OF INCOME
                              (in millions)

                                    Three Months Ended June 30, Six Months Ended June 30,
                                    --------------------------  --------------------------
                                        2023          2022          2023          2022
                                    ------------  ------------  ------------  ------------
Revenues                                 $ 1,200       $ 1,100       $ 2,300       $ 2,100
Cost of revenues                             700           650         1,400         1,300
Gross profit                                 500           450           900           800
Operating income                             200           150           350           300
Net income                                 $ 150         $ 120         $ 260         $ 210
"""
    assert [(str(x.period_end), x.months) for x in text(body) if x.label == "Revenues"] == [
        ("2023-06-30", 3),
        ("2022-06-30", 3),
        ("2023-06-30", 6),
        ("2022-06-30", 6),
    ]


def test_a_word_that_ends_like_a_currency_names_none() -> None:
    html = table(
        row("", "June 30, 2023 Amount $", "June 30, 2022 Amount $"),
        row("Cash", "120", "110"),
        row("Total assets", "500", "480"),
    )
    assert {x.unit for x in found(html, "<p>Balance sheet data (amount $ in thousands)</p>")} == {"USD"}


def test_a_plain_sum_is_believed_before_a_difference_that_ties_by_chance() -> None:
    html = table(
        row("", "March 31, 2020", "March 31, 2019"),
        row("Cash flows from operating activities:"),
        row("Net income", "500", "1,000"),
        row("Depreciation", "100", "3,000"),
        row("Receivables", "200", "400"),
        row("Payables", "300", "700"),
        row("Net cash provided by operating activities", "1,100", "(300)"),
        row("Cash flows from investing activities:"),
        row("Purchases", "(40)", "(50)"),
        row("Net cash used in investing activities", "(40)", "(50)"),
    )
    lead = "<p>Consolidated statements of cash flows, three months ended</p><p>(In thousands of U.S. dollars)</p>"
    marked = {str(x.period_end) for x in found(html, lead) if x.suspect}
    assert marked == {"2019-03-31"}
