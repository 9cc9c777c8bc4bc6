"""How well-known kinds of issuers lay their statements out, with figures of our own: every figure must come out exactly."""

from decimal import Decimal

from kc_pipeline.extraction import read
from kc_pipeline.extraction.model import Line
from kc_pipeline_tests.extraction.pages import page, row, table

Expected = dict[str, list[tuple[str, str, str, int | None]]]


def span(text: str, columns: int) -> str:
    return f"<td colspan={columns}>{text}</td>"


def got(html: str, lead: str) -> list[Line]:
    return read(page(html, lead)).lines


def check(html: str, lead: str, expected: Expected, units: str = "USD") -> None:
    """Hold lines against expected figures: label to (value in whole units, end, unit, months), in printed order."""
    found: Expected = {}
    for x in got(html, lead):
        if x.unit != "pure":
            found.setdefault(x.label, []).append(
                (f"{x.value.normalize():f}", str(x.period_end), x.unit, x.months)
            )
    want = {
        label: [(f"{Decimal(v).normalize():f}", e, u or units, m) for v, e, u, m in rows]
        for label, rows in expected.items()
    }
    assert found == want


def test_bank_with_weighted_shares_without_the_word_outstanding() -> None:
    html = table(
        row("", span("Three months ended June 30,", 2), span("Six months ended June 30,", 2)),
        row("(in millions, except per share data)", "2023", "2022", "2023", "2022"),
        row("Revenue"),
        row("Investment banking fees", "$ 1,513", "$ 1,586", "$ 3,162", "$ 3,594"),
        row("Interest expense", "18,217", "3,518", "33,018", "4,714"),
        row("Provision for credit losses", "2,899", "1,101", "5,174", "2,564"),
        row("Net income", "$ 14,472", "$ 8,649", "$ 27,094", "$ 16,931"),
        row("Net income per common share data"),
        row("Basic earnings per share", "$ 4.76", "$ 2.77", "$ 8.86", "$ 5.39"),
        row("Weighted-average basic shares", "2,943.8", "2,962.2", "2,956.5", "2,969.3"),
    )
    both = [("2023-06-30", 3), ("2022-06-30", 3), ("2023-06-30", 6), ("2022-06-30", 6)]

    def amounts(scale: str, unit: str, *values: str) -> list[tuple[str, str, str, int | None]]:
        return [(v + scale, e, unit, m) for v, (e, m) in zip(values, both, strict=True)]

    check(
        html,
        "<p>Big Bank &amp; Co.</p><p>Consolidated statements of income (unaudited)</p>",
        {
            "Investment banking fees": amounts("000000", "", "1513", "1586", "3162", "3594"),
            "Interest expense": amounts("000000", "", "18217", "3518", "33018", "4714"),
            "Provision for credit losses": amounts("000000", "", "2899", "1101", "5174", "2564"),
            "Net income": amounts("000000", "", "14472", "8649", "27094", "16931"),
            "Basic earnings per share": amounts("", "USD/share", "4.76", "2.77", "8.86", "5.39"),
            "Weighted-average basic shares": amounts("00000", "shares", "29438", "29622", "29565", "29693"),
        },
    )


def test_ordinal_quarter_and_first_six_months_over_years() -> None:
    html = table(
        row("", span("Second Quarter", 2), span("First Six Months", 2)),
        row("", "2023", "2022", "2023", "2022"),
        row("Revenues:"),
        row("Insurance premiums earned", "$ 20,556", "$ 18,474", "$ 40,266", "$ 36,020"),
        row("Net earnings attributable to shareholders", "$ 35,912", "$ (43,621)", "$ 71,416", "$ (38,041)"),
        row(
            "Net earnings per average equivalent Class A share",
            "$ 24,775",
            "$ (29,633)",
            "$ 49,174",
            "$ (25,800)",
        ),
        row(
            "Average equivalent Class A shares outstanding",
            "1,449,557",
            "1,472,035",
            "1,452,309",
            "1,474,457",
        ),
    )
    lead = "<p>CONSOLIDATED STATEMENTS OF EARNINGS</p><p>(dollars in millions except per share amounts)</p>"
    ends = [("2023-06-30", 3), ("2022-06-30", 3), ("2023-06-30", 6), ("2022-06-30", 6)]
    lines = got(html, lead)
    assert [(str(x.period_end), x.months) for x in lines] == ends * 4
    assert [(f"{x.value.normalize():f}", x.unit) for x in lines[8::4]] == [
        ("24775", "USD/share"),
        ("1449557", "shares"),
    ]


def test_weeks_ended_over_dates_with_slashes() -> None:
    html = table(
        row("", span("12 Weeks Ended", 2), span("24 Weeks Ended", 2)),
        row("", "6/17/2023", "6/11/2022", "6/17/2023", "6/11/2022"),
        row("Net Revenue", "$ 22,322", "$ 20,225", "$ 40,168", "$ 36,425"),
        row("Cost of sales", "10,086", "9,433", "17,974", "16,935"),
        row("Net income", "2,748", "1,429", "4,680", "5,690"),
    )
    lead = "<p>Condensed Consolidated Statement of Income</p><p>(in millions except per share amounts, unaudited)</p>"
    assert [(str(x.period_start), str(x.period_end), x.months) for x in got(html, lead)][:4] == [
        ("2023-03-26", "2023-06-17", 3),
        ("2022-03-20", "2022-06-11", 3),
        ("2023-01-01", "2023-06-17", 6),
        ("2021-12-26", "2022-06-11", 6),
    ]


def test_three_quarters_and_two_half_years_side_by_side() -> None:
    html = table(
        row("", span("Three Months Ended", 3), span("Six Months Ended", 2)),
        row(
            "",
            "June 30,<br>2023",
            "March 31,<br>2023",
            "June 30,<br>2022",
            "June 30,<br>2023",
            "June 30,<br>2022",
        ),
        row("Revenues", "$ 8,187,301", "$ 8,161,503", "$ 7,970,141", "$ 16,348,804", "$ 15,837,908"),
        row("Net income", "1,487,610", "1,305,120", "1,440,951", "2,792,730", "3,038,398"),
    )
    lead = (
        "<p>Consolidated Statements of Operations (unaudited)</p><p>(in thousands, except per share data)</p>"
    )
    ends = [("2023-06-30", 3), ("2023-03-31", 3), ("2022-06-30", 3), ("2023-06-30", 6), ("2022-06-30", 6)]
    assert [(str(x.period_end), x.months) for x in got(html, lead)] == ends * 2


def test_short_quarters_with_hyphens_and_a_year_on_year_column() -> None:
    html = table(
        row(
            "In millions of USD or shares as applicable, except per share data",
            "Q2-2022",
            "Q3-2022",
            "Q2-2023",
            "YoY",
        ),
        row("REVENUES"),
        row("Automotive sales", "13,670", "17,785", "20,419", "49%"),
        row("Total revenues", "16,934", "21,454", "24,927", "47%"),
        row("Net income per share, basic", "$ 0.73", "$ 1.05", "$ 0.85", "16%"),
        row("Weighted average shares, diluted", "3,464", "3,468", "3,478", ""),
        row("Net income", "2,269", "3,331", "2,614", "15%"),
    )
    lines = got(html, "<p>STATEMENT OF OPERATIONS (Unaudited)</p>")
    assert [(str(x.period_end), x.months) for x in lines[:3]] == [
        ("2022-06-30", 3),
        ("2022-09-30", 3),
        ("2023-06-30", 3),
    ]
    by_label = {
        x.label: (f"{x.value.normalize():f}", x.unit) for x in lines if str(x.period_end) == "2023-06-30"
    }
    assert by_label["Weighted average shares, diluted"] == ("3478000000", "shares")
    assert by_label["Net income per share, basic"] == ("0.85", "USD/share")
    assert by_label["Total revenues"] == ("24927000000", "USD")
    assert len(lines) == 15


def test_fiscal_quarter_with_percent_of_sales_beside_each_period() -> None:
    html = table(
        row("", span("Fiscal Second Quarter Ended", 4)),
        row("", "July 2,<br>2023", "% to<br>Sales", "July 3,<br>2022", "% to<br>Sales"),
        row("Sales to customers", "$ 25,530", "100.0%", "$ 24,020", "100.0%"),
        row("Cost of products sold", "8,212", "32.2", "7,919", "33.0"),
        row("Gross profit", "17,318", "67.8", "16,101", "67.0"),
        row("Net earnings", "$ 5,144", "20.1%", "$ 4,814", "20.0%"),
        row("Basic net earnings per share", "$ 1.98", "", "$ 1.83", ""),
        row("Avg. shares outstanding Basic", "2,598.2", "", "2,628.0", ""),
    )
    lead = (
        "<p>CONSOLIDATED STATEMENTS OF EARNINGS</p>"
        "<p>(Unaudited; Dollars &amp; Shares in Millions Except Per Share Amounts)</p>"
    )
    check(
        html,
        lead,
        {
            label: [(a, "2023-07-02", unit, 3), (b, "2022-07-03", unit, 3)]
            for label, a, b, unit in (
                ("Sales to customers", "25530000000", "24020000000", ""),
                ("Cost of products sold", "8212000000", "7919000000", ""),
                ("Gross profit", "17318000000", "16101000000", ""),
                ("Net earnings", "5144000000", "4814000000", ""),
                ("Basic net earnings per share", "1.98", "1.83", "USD/share"),
                ("Avg. shares outstanding Basic", "2598200000", "2628000000", "shares"),
            )
        },
    )


def test_classes_of_stock_under_per_share_and_share_headings() -> None:
    html = table(
        row("", span("Three Months Ended<br>March 31,", 2), span("Six Months Ended<br>March 31,", 2)),
        row("", "2023", "2022", "2023", "2022"),
        row("", span("(in millions, except per share data)", 4)),
        row("Net revenues", "$ 7,985", "$ 7,189", "$ 15,921", "$ 14,248"),
        row("Net income", "$ 4,257", "$ 3,647", "$ 8,436", "$ 7,606"),
        row("Basic Earnings Per Share"),
        row("Class A common stock", "$ 2.04", "$ 1.71", "$ 4.03", "$ 3.54"),
        row("Class B common stock", "$ 3.25", "$ 2.76", "$ 6.43", "$ 5.73"),
        row("Basic Weighted-average Shares Outstanding"),
        row("Class A common stock", "1,621", "1,651", "1,625", "1,659"),
        row("Class B common stock", "245", "245", "245", "245"),
    )
    lines = got(html, "<p>CONSOLIDATED STATEMENTS OF OPERATIONS (UNAUDITED)</p>")
    assert [(f"{x.value.normalize():f}", x.unit) for x in lines[::4]] == [
        ("7985000000", "USD"),
        ("4257000000", "USD"),
        ("2.04", "USD/share"),
        ("3.25", "USD/share"),
        ("1621000000", "shares"),
        ("245000000", "shares"),
    ]


def test_small_company_in_whole_dollars() -> None:
    html = table(
        row("", span("For the Three Months Ended", 2), span("For the Nine Months Ended", 2)),
        row("", "September 30, 2023", "September 30, 2022", "September 30, 2023", "September 30, 2022"),
        row("Revenue", "$ 12,450", "$ -", "$ 31,007", "$ -"),
        row("General and administrative", "210,332", "198,471", "655,090", "601,812"),
        row("Net loss", "$ (197,882)", "$ (198,471)", "$ (624,083)", "$ (601,812)"),
        row("Net loss per common share - basic and diluted", "$ (0.00)", "$ (0.01)", "$ (0.02)", "$ (0.02)"),
        row(
            "Weighted average number of common shares outstanding - basic and diluted",
            "41,250,118",
            "39,870,000",
            "40,918,224",
            "39,711,302",
        ),
    )
    lines = got(
        html,
        "<p>SMALL HOLDINGS INC.</p><p>CONDENSED CONSOLIDATED STATEMENTS OF OPERATIONS</p><p>(UNAUDITED)</p>",
    )
    assert [(f"{x.value.normalize():f}", x.unit, x.decimals, x.months) for x in lines[::4]] == [
        ("12450", "USD", 0, 3),
        ("210332", "USD", 0, 3),
        ("-197882", "USD", 0, 3),
        ("0", "USD/share", 2, 3),
        ("41250118", "shares", 0, 3),
    ]


def test_renminbi_years_with_one_dollar_column_under_one_heading() -> None:
    html = table(
        row("", span("Three months ended June 30,", 3)),
        row("", "2022", span("2023", 2)),
        row("", "RMB", "RMB", "US$"),
        row("", span("(in millions, except per share data)", 3)),
        row("Revenue", "205,555", "234,156", "32,292"),
        row("Cost of revenue", "(129,610)", "(142,347)", "(19,631)"),
        row("Net income", "20,298", "33,000", "4,551"),
        row("Earnings per ADS attributable to ordinary shareholders"),
        row("Basic", "8.60", "13.52", "1.86"),
    )
    check(
        html,
        "<p>UNAUDITED CONSOLIDATED INCOME STATEMENTS</p>",
        {
            label: [
                (a, "2022-06-30", "CNY" + per, 3),
                (b, "2023-06-30", "CNY" + per, 3),
                (c, "2023-06-30", "USD" + per, 3),
            ]
            for label, a, b, c, per in (
                ("Revenue", "205555000000", "234156000000", "32292000000", ""),
                ("Cost of revenue", "-129610000000", "-142347000000", "-19631000000", ""),
                ("Net income", "20298000000", "33000000000", "4551000000", ""),
                ("Basic", "8.60", "13.52", "1.86", "/ADS"),
            )
        },
    )


def test_three_quarters_in_renminbi_with_the_newest_in_dollars() -> None:
    html = table(
        row("", span("Three Months Ended", 4), span("Six Months Ended", 3)),
        row(
            "",
            "Jun 30,<br>2024",
            "Mar 31,<br>2025",
            "Jun 30,<br>2025",
            "Jun 30,<br>2025",
            "Jun 30,<br>2024",
            "Jun 30,<br>2025",
            "Jun 30,<br>2025",
        ),
        row("", "RMB", "RMB", "RMB", "US$", "RMB", "RMB", "US$"),
        row("Revenues:"),
        row(
            "Public cloud services",
            "1,235,612",
            "1,353,010",
            "1,625,118",
            "226,858",
            "2,423,014",
            "2,978,128",
            "415,732",
        ),
        row("Others", "—", "—", "1,004", "140", "—", "1,004", "140"),
        row(
            "Total revenues",
            "1,235,612",
            "1,353,010",
            "1,626,122",
            "226,998",
            "2,423,014",
            "2,979,132",
            "415,872",
        ),
        row("Net loss per share:"),
        row("Basic and diluted", "(0.10)", "(0.08)", "(0.12)", "(0.02)", "(0.20)", "(0.20)", "(0.03)"),
        row("Shares used in the net loss per share computation:"),
        row(
            "Basic and diluted",
            "3,551,001,200",
            "3,720,118,000",
            "3,815,447,310",
            "3,815,447,310",
            "3,549,000,000",
            "3,770,000,000",
            "3,770,000,000",
        ),
    )
    lead = (
        "<p>CLOUD HOLDINGS LIMITED</p><p>UNAUDITED CONDENSED CONSOLIDATED STATEMENTS OF COMPREHENSIVE LOSS</p>"
        "<p>(All amounts in thousands, except for share and per share data)</p>"
    )
    lines = got(html, lead)
    columns = [
        ("2024-06-30", 3, "CNY"),
        ("2025-03-31", 3, "CNY"),
        ("2025-06-30", 3, "CNY"),
        ("2025-06-30", 3, "USD"),
        ("2024-06-30", 6, "CNY"),
        ("2025-06-30", 6, "CNY"),
        ("2025-06-30", 6, "USD"),
    ]
    assert [(str(x.period_end), x.months, x.unit) for x in lines[:7]] == columns
    assert [(str(x.period_end), x.months, x.unit) for x in lines[21:28]] == [
        (e, m, f"{u}/share") for e, m, u in columns
    ]
    assert [(f"{x.value:f}", x.unit) for x in lines[28:30]] == [
        ("3551001200", "shares"),
        ("3720118000", "shares"),
    ]
    assert f"{lines[3].value:f}" == "226858000"
    assert {x.member for x in lines} == {""}


def test_balance_sheet_of_two_dates_in_renminbi_and_the_newest_in_dollars_with_notes() -> None:
    html = table(
        row("", "Note", "As of<br>December 31, 2022", span("As of<br>March 31, 2023", 2)),
        row("", "", "RMB", "RMB", "US$"),
        row("Current assets"),
        row("Cash", "3", "8,608,131", "7,401,566", "1,077,750"),
        row(
            "Accounts receivable, net of allowance for credit losses",
            "4",
            "2,406,025",
            "2,633,910",
            "383,525",
        ),
        row("Total assets", "", "74,813,711", "74,927,000", "10,910,116"),
        row("Total liabilities", "", "49,006,500", "49,650,000", "7,229,600"),
    )
    lead = (
        "<p>UNAUDITED CONDENSED CONSOLIDATED BALANCE SHEETS</p>"
        "<p>(Amount in thousands of Renminbi (“RMB”) and US dollars (“US$”), except for number of shares and per share data)</p>"
    )
    lines = got(html, lead)
    assert [(str(x.period_end), x.unit, f"{x.value:f}") for x in lines[:3]] == [
        ("2022-12-31", "CNY", "8608131000"),
        ("2023-03-31", "CNY", "7401566000"),
        ("2023-03-31", "USD", "1077750000"),
    ]
    assert len(lines) == 12


def test_hong_kong_statement_with_unaudited_over_durations_and_a_notes_column() -> None:
    html = table(
        row("", "", span("Unaudited", 2), span("Unaudited", 2)),
        row("", "", span("Three months ended 30 June", 2), span("Six months ended 30 June", 2)),
        row(
            "",
            "Note",
            "2023<br>RMB’Million",
            "2022<br>RMB’Million",
            "2023<br>RMB’Million",
            "2022<br>RMB’Million",
        ),
        row("Revenues", "2", "149,208", "134,034", "299,194", "269,505"),
        row("Cost of revenues", "5", "(78,368)", "(76,167)", "(160,172)", "(154,440)"),
        row("Profit for the period", "", "26,863", "19,213", "52,873", "42,837"),
        row("Earnings per share (in RMB per share)"),
        row("- basic", "8(a)", "2.761", "1.954", "5.476", "4.409"),
    )
    lines = got(
        html,
        "<p>CONDENSED CONSOLIDATED INCOME STATEMENT</p><p>FOR THE THREE AND SIX MONTHS ENDED 30 JUNE 2023</p>",
    )
    ends = [("2023-06-30", 3), ("2022-06-30", 3), ("2023-06-30", 6), ("2022-06-30", 6)]
    assert [(str(x.period_end), x.months) for x in lines] == ends * 4
    assert [(f"{x.value.normalize():f}", x.unit, x.audited) for x in lines[::4]] == [
        ("149208000000", "CNY", False),
        ("-78368000000", "CNY", False),
        ("26863000000", "CNY", False),
        ("2.761", "CNY/share", False),
    ]


def test_amount_and_percent_under_each_year_in_new_taiwan_dollars() -> None:
    html = table(
        row("", span("For the Three Months Ended June 30", 4)),
        row("", span("2023", 2), span("2022", 2)),
        row("", "Amount", "%", "Amount", "%"),
        row("NET REVENUE", "$ 480,841", "100", "$ 534,141", "100"),
        row("COST OF REVENUE", "220,641", "46", "218,680", "41"),
        row("GROSS PROFIT", "260,200", "54", "315,461", "59"),
        row("NET INCOME", "181,799", "38", "237,027", "44"),
        row("EARNINGS PER SHARE (NT$)"),
        row("Basic earnings per share", "$ 7.01", "", "$ 9.14", ""),
    )
    lead = "<p>CONSOLIDATED STATEMENTS OF COMPREHENSIVE INCOME</p><p>(In Millions of New Taiwan Dollars, Except Earnings Per Share)</p>"
    check(
        html,
        lead,
        {
            label: [(a, "2023-06-30", "TWD" + per, 3), (b, "2022-06-30", "TWD" + per, 3)]
            for label, a, b, per in (
                ("NET REVENUE", "480841000000", "534141000000", ""),
                ("COST OF REVENUE", "220641000000", "218680000000", ""),
                ("GROSS PROFIT", "260200000000", "315461000000", ""),
                ("NET INCOME", "181799000000", "237027000000", ""),
                ("Basic earnings per share", "7.01", "9.14", "/share"),
            )
        },
    )


def test_euro_quarters_with_a_delta_column() -> None:
    html = table(
        row("€ millions, unless otherwise stated", "Q2 2023", "Q2 2022", "∆ in %"),
        row("Cloud", "3,316", "2,800", "18"),
        row("Total revenue", "7,554", "7,204", "5"),
        row("Profit after tax", "724", "-102", "&lt;-100"),
        row("Earnings per share, basic (in €)", "0.62", "0.00", "NA"),
    )
    check(
        html,
        "<p>Consolidated Income Statements of the Group (Quarter)</p>",
        {
            label: [(a, "2023-06-30", "EUR" + per, 3), (b, "2022-06-30", "EUR" + per, 3)]
            for label, a, b, per in (
                ("Cloud", "3316000000", "2800000000", ""),
                ("Total revenue", "7554000000", "7204000000", ""),
                ("Profit after tax", "724000000", "-102000000", ""),
                ("Earnings per share, basic (in €)", "0.62", "0.00", "/share"),
            )
        },
    )


def test_half_years_in_millions_of_yen() -> None:
    html = table(
        row("", span("Yen in millions", 2)),
        row("", "For the first half ended September 30, 2022", "For the first half ended September 30, 2023"),
        row("Total sales revenues", "17,709,348", "21,981,617"),
        row("Operating income", "1,141,444", "2,559,294"),
        row("Net income attributable to the parent", "1,171,084", "2,589,428"),
        row("Earnings per share attributable to the parent (yen)"),
        row("Basic", "85.46", "191.15"),
    )
    lines = got(html, "<p>Condensed Consolidated Statement of Income</p>")
    assert [(str(x.period_end), x.months, x.unit, f"{x.value.normalize():f}") for x in lines[:2]] == [
        ("2022-09-30", 6, "JPY", "17709348000000"),
        ("2023-09-30", 6, "JPY", "21981617000000"),
    ]
    assert [(f"{x.value:f}", x.unit) for x in lines[-2:]] == [("85.46", "JPY/share"), ("191.15", "JPY/share")]


def test_dollar_heading_with_a_note_mark_is_no_figure() -> None:
    html = table(
        row("", span("Three Months Ended", 4)),
        row("(In millions)", "June 30,", "March 31,", "June 30,", "June 30,"),
        row("", "2022", "2023", "2023", "2023"),
        row("", "RMB", "RMB", "RMB", "US$(1)"),
        row("", "Unaudited", "Unaudited", "Unaudited", "Unaudited"),
        row("Revenues:"),
        row("Online services", "18,254", "18,043", "21,077", "2,907"),
        row("Total revenues", "29,647", "31,144", "34,056", "4,697"),
        row("Earnings per ADS (1 ADS representing 8 Class A ordinary shares):"),
        row("-Basic", "9.97", "15.92", "13.59", "1.87"),
        row("Weighted average number of Class A and Class B ordinary shares outstanding (in millions):"),
        row("-Basic", "2,770", "2,791", "2,799", "2,799"),
    )
    lines = got(html, "<p>Search Engine, Inc.</p><p>Condensed Consolidated Statements of Income</p>")
    assert [(str(x.period_end), x.months, x.unit, f"{x.value.normalize():f}") for x in lines[4:8]] == [
        ("2022-06-30", 3, "CNY", "29647000000"),
        ("2023-03-31", 3, "CNY", "31144000000"),
        ("2023-06-30", 3, "CNY", "34056000000"),
        ("2023-06-30", 3, "USD", "4697000000"),
    ]
    assert [x.unit for x in lines[8:]] == ["CNY/ADS"] * 3 + ["USD/ADS"] + ["shares"] * 4
    assert len(lines) == 16


def test_quarter_and_months_from_january_to_june() -> None:
    html = table(
        row("", span("Q2", 2), span("January to June", 2)),
        row("in millions of EUR", "2022", "2023", "2022", "2023"),
        row("Sales", "4,177", "4,470", "8,095", "8,637"),
        row("Cost of sales", "(2,500)", "(2,600)", "(4,900)", "(5,100)"),
        row("Income before taxes", "(40)", "91", "(210)", "(640)"),
        row("Income tax expense", "20", "(17)", "39", "49"),
        row("Net income (loss)", "(20)", "74", "(171)", "(591)"),
        row("Basic earnings per common share (in EUR)", "(0.02)", "0.08", "(0.20)", "(0.64)"),
    )
    lines = got(html, "<p>Condensed consolidated statements of income</p>")
    ends = [("2022-06-30", 3), ("2023-06-30", 3), ("2022-06-30", 6), ("2023-06-30", 6)]
    assert [(str(x.period_end), x.months) for x in lines] == ends * 6
    assert (f"{lines[-1].value:f}", lines[-1].unit) == ("-0.64", "EUR/share")


def test_nordic_ranges_of_short_months() -> None:
    html = table(
        row("SEK million", "Apr–Jun 2023", "Apr–Jun 2022", "Jan–Jun 2023", "Jan–Dec 2022"),
        row("Net sales", "64,444", "62,465", "127,000", "271,546"),
        row("Gross income", "24,100", "26,300", "48,000", "113,295"),
        row("Operating income", "(312)", "7,305", "2,700", "27,020"),
        row("Net income", "(597)", "4,653", "979", "19,112"),
    )
    lines = got(html, "<p>Condensed consolidated income statement</p>")
    assert [(str(x.period_end), x.months, x.unit) for x in lines[:4]] == [
        ("2023-06-30", 3, "SEK"),
        ("2022-06-30", 3, "SEK"),
        ("2023-06-30", 6, "SEK"),
        ("2022-12-31", 12, "SEK"),
    ]


def test_earnings_right_under_a_per_share_heading() -> None:
    html = table(
        row("", span("Three Months Ended June 30", 2)),
        row("(In millions, except per share information)", "2023", "2022"),
        row("Net interest income"),
        row("Interest income", "$ 32,354", "$ 14,975"),
        row("Net income", "7,408", "6,247"),
        row("Per common share information"),
        row("Earnings", "$ 0.88", "$ 0.73"),
        row("Diluted earnings", "0.88", "0.73"),
        row("Average common shares issued and outstanding", "8,040.9", "8,121.6"),
    )
    lines = got(html, "<p>Another Bank</p><p>Consolidated Statement of Income</p>")
    assert [(f"{x.value.normalize():f}", x.unit) for x in lines[::2]] == [
        ("32354000000", "USD"),
        ("7408000000", "USD"),
        ("0.88", "USD/share"),
        ("0.88", "USD/share"),
        ("8040900000", "shares"),
    ]
