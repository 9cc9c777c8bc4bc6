"""Invented filings on which the reader was once wrong in silence, or silent: one row of each that tells.

A table is written with `|` between its cells; `^2` behind a cell's text makes it two columns wide.
"""

import re

import pytest

from kc_pipeline.extraction import read
from kc_pipeline_tests.extraction.pages import page, row

INCOME = "Consolidated statements of income"


def table(text: str) -> str:
    def cell(said: str) -> str:
        wide = re.fullmatch(r"(.*)\^(\d)", said)
        return f"<td colspan={wide[2]}>{wide[1]}</td>" if wide else f"<td>{said}</td>"

    rows = (row(*(cell(c.strip()) for c in line.split("|"))) for line in text.strip("\n").split("\n"))
    return f"<table>{''.join(rows)}</table>"


def html(text: str) -> bytes:
    """Return a page of paragraphs and tables: parts parted by an empty line, a table where a line holds `|`."""
    parts = text.strip("\n").split("\n\n")
    return page("".join(table(p) if "|" in p else f"<p>{p}</p>" for p in parts), lead="")


CASES = {
    "fiscal years named after the year they begin in, as one sentence says": (
        f"""
Fiscal 2024 ended February 1, 2025 and Fiscal 2023 ended February 3, 2024.

{INCOME}

(in millions)

|Fiscal 2024|Fiscal 2023
Net sales|$ 9,000|$ 9,100
Net earnings|$ 700|$ 750""",
        "Net sales",
        ["9000000000 USD 2025-02-01 12", "9100000000 USD 2024-02-03 12"],
    ),
    "percentages of sales without a percent sign": (
        """
Statements of income as a percentage of net sales:

|Year Ended April 30,^2
|2025|2024
Net sales|100.0|100.0
Gross profit|33.3|33.0
Operating expenses (in thousands of US$)|25.0|24.0""",
        "Gross profit",
        ["0.333 pure 2025-04-30 12", "0.33 pure 2024-04-30 12"],
    ),
    "percentages beside amounts under one heading, signs at the ends only": (
        f"""
{INCOME} (in thousands)

|Year Ended January 31,^4
|2025^2|2024^2
Net sales|$ 9,000|100.0%|$ 9,100|100.0%
Gross profit|3,000|33.3|3,000|33.0
Net income|$ 700|7.8%|$ 750|8.2%""",
        "Gross profit",
        [
            "3000000 USD 2025-01-31 12",
            "0.333 pure 2025-01-31 12",
            "3000000 USD 2024-01-31 12",
            "0.33 pure 2024-01-31 12",
        ],
    ),
    "a company's own columns beside its group's": (
        """
Balance sheets as at 31 March 2025

|Group^2|Company^2
|2025|2024|2025|2024
|£m|£m|£m|£m
Total assets|1,000|980|500|490
Total liabilities|(400)|(380)|(100)|(90)""",
        "Total assets",
        [
            "1000000000 GBP 2025-03-31 None",
            "980000000 GBP 2024-03-31 None",
            "500000000 GBP 2025-03-31 None Company",
            "490000000 GBP 2024-03-31 None Company",
        ],
    ),
    "a currency named only as an exception": (
        f"""
{INCOME}

(Expressed in thousands of Canadian dollars, except where US$ is indicated)

|Three months ended June 30, 2025|Three months ended June 30, 2024
Revenue|$ 1,234|$ 1,100
Net income|$ 201|$ 180""",
        "Revenue",
        ["1234000 CAD 2025-06-30 3", "1100000 CAD 2024-06-30 3"],
    ),
    "cents over the columns from some row on": (
        """
Consolidated statement of profit or loss for the half-year ended 31 December 2024 (Australian dollars)

|31 Dec 2024|31 Dec 2023
|A$'000|A$'000
Revenue|1,200|1,100
Profit after income tax|120|110
|Cents|Cents
Basic earnings per share|1.25|1.15""",
        "Basic earnings per share",
        ["0.0125 AUD/share 2024-12-31 6", "0.0115 AUD/share 2023-12-31 6"],
    ),
    "pence behind the figure": (
        """
Consolidated income statement

|Six months to 30 June 2025|Year to 31 December 2024
|£'000|£'000
Revenue|1,200|2,350
Profit for the period|210|390
Basic EPS|2.1p|(3.9)p""",
        "Basic EPS",
        ["0.021 GBP/share 2025-06-30 6", "-0.039 GBP/share 2024-12-31 12"],
    ),
    "cents of Hong Kong around the figure": (
        """
Consolidated statement of profit or loss for the six months ended 30 June 2025

|2025|2024
|HK$ million|HK$ million
Revenue|45,210|40,100
Interim dividend per share|HK5.0 cents|HK4.0 cents""",
        "Interim dividend per share",
        ["0.05 HKD/share 2025-06-30 6", "0.04 HKD/share 2024-06-30 6"],
    ),
    "nothing but the word diluted": (
        f"""
{INCOME} (in millions, except per share)

|Year ended May 31, 2025|Year ended May 31, 2024
Net sales|$ 9,000|$ 9,100
Net earnings|$ 700|$ 750
Diluted|$ 3.50|$ 3.60""",
        "Diluted",
        ["3.5 USD/share 2025-05-31 12", "3.6 USD/share 2024-05-31 12"],
    ),
    "share counts of one row that have seven and eight digits": (
        f"""
{INCOME} (USD in thousands)

|Three Months Ended March 31,^2
|2025|2024
Net income|4,100|3,900
Weighted average shares, basic|10,012,345|9,812,311""",
        "Weighted average shares, basic",
        ["10012345 shares 2025-03-31 3", "9812311 shares 2024-03-31 3"],
    ),
    "tens of thousands": (
        """
合并资产负债表

单位：人民币万元

项目|2024年12月31日|2023年12月31日
货币资金|1,234.56|1,100.00
资产总计|9,234.56|9,100.00""",
        "资产总计",
        ["92345600 CNY 2024-12-31 None", "91000000 CNY 2023-12-31 None"],
    ),
    "a unit for each row in a column of its own": (
        """
Condensed consolidated income statement

|Unit|Six months ended 30 June 2025|Six months ended 30 June 2024
Revenue|US$m|1,204.5|1,100.2
Profit for the period|US$m|201.3|180.1
Basic earnings per share|US cents|45.2|40.1
Copper produced|kt|312|301
Margin|%|33.2|28.2""",
        "",
        [
            *("1204500000 USD 2025-06-30 6", "1100200000 USD 2024-06-30 6"),
            *("201300000 USD 2025-06-30 6", "180100000 USD 2024-06-30 6"),
            *("0.452 USD/share 2025-06-30 6", "0.401 USD/share 2024-06-30 6"),
            *("312 pure 2025-06-30 6", "301 pure 2024-06-30 6"),
            *("0.332 pure 2025-06-30 6", "0.282 pure 2024-06-30 6"),
        ],
    ),
    "parts in an inner column, totals in an outer one, each under the year": (
        """
Balance sheet as at 31 December 2020

|2020|2020|2019|2019
|£|£|£|£
Tangible assets||18,598||18,384
Debtors|1,200||1,100|
Cash at bank and in hand|300||200|
|1,500||1,300|
Total assets||20,098||19,684
Net assets||19,236||18,919""",
        "Debtors",
        ["1200 GBP 2020-12-31 None", "1100 GBP 2019-12-31 None"],
    ),
    "a scale before the sign": (
        """
Income statement

|9M 2025|9M 2024
|M€|k€
Sales|1,000|900
Net income|80|75""",
        "Sales",
        ["1000000000 EUR 2025-09-30 9", "900000 EUR 2024-09-30 9"],
    ),
    "an estimate among quarters": (
        f"""
{INCOME} (in millions)

|Q1 2025A|Q2 2025E
Revenue|$ 1,000|$ 1,100
Net income|$ 100|$ 110""",
        "Revenue",
        ["1000000000 USD 2025-03-31 3", "1100000000 USD 2025-06-30 3 Q2 2025E"],
    ),
    "companies whose names end in Inc. over columns": (
        """
Pro Forma Combined Statement of Operations

For the Year Ended December 31, 2024 (in thousands)

|Merge Inc. Historical|Delta Historical|Transaction Adjustments|Pro Forma Combined
Revenue|$ 1,000|$ 400|$ (10)|$ 1,390
Net income|$ 70|$ 30|$ (4)|$ 96""",
        "Revenue",
        [
            "1000000 USD 2024-12-31 12 Merge Inc. Historical",
            "400000 USD 2024-12-31 12 Delta Historical",
            "-10000 USD 2024-12-31 12 Transaction Adjustments",
            "1390000 USD 2024-12-31 12 Pro Forma Combined",
        ],
    ),
    "days and years in Chinese figures": (
        """
簡明綜合損益表

||截至六月三十日止六個月^2
|附註|二零二五年|二零二四年
||人民幣千元|人民幣千元
收入|4|45,210|40,100
期內溢利||5,100|4,350
每股基本盈利（人民幣分）|8|12.5|11.0""",
        "收入",
        ["45210000 CNY 2025-06-30 6", "40100000 CNY 2024-06-30 6"],
    ),
    "the currency in which a company reports": (
        """
Consolidated income statement for the year ended 30 June 2025

|2025|2024
|$M|$M
Revenue|1,234|1,100
Net profit|201|180

The Company reports in Australian dollars (A$).""",
        "Revenue",
        ["1234000000 AUD 2025-06-30 12", "1100000000 AUD 2024-06-30 12"],
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_reads_as_an_accountant_would(kind: str) -> None:
    text, label, expected = CASES[kind]
    found = [x for x in read(html(text)).lines if not label or x.label == label]
    assert [
        f"{x.value.normalize():f} {x.unit} {x.period_end} {x.months} {x.member}".strip() for x in found
    ] == expected


def test_a_column_whose_cells_hold_two_amounts_is_said() -> None:
    extraction = read(
        html(f"""
{INCOME} (in millions)

|Year ended December 31, 2024|Year ended December 31, 2023
Revenue|€1,000 ($1,082)|€900
Net income|€80 ($87)|€75""")
    )
    assert "unreadable_cell" in {w.code for w in extraction.warnings}


def test_numbers_of_exhibits_are_no_amounts() -> None:
    text = """
Exhibits to the report for the year ended December 31, 2024 (in millions of US$)

31.1|Certification of the chief executive officer
31.2|Certification of the chief financial officer"""
    assert read(html(text)).lines == []
