"""Labels and headings in two languages."""

import pytest

from kc_pipeline.concepts import map_lines
from kc_pipeline.concepts.languages import in_latin, in_one_language
from kc_pipeline.extraction import read
from kc_pipeline_tests.extraction.pages import page, row, table

Read = dict[str, tuple[str, str, str | None, int | None, str | None]]


@pytest.mark.parametrize(
    ("label", "part"),
    [
        ("資產總值 Total assets", "Total assets"),
        ("Total assets 資產總值", "Total assets"),
        ("Inventories (存貨)", "Inventories"),
        ("Net sales / 売上高", "Net sales"),
        ("매출총이익 Gross profit", "Gross profit"),
        ("Всего активов / Total assets", "Total assets"),
        ("GOODWILL 商譽", "GOODWILL"),
        ("Net (loss) profit 淨(虧損)利潤", "Net (loss) profit"),
        ("Trade receivables 應收貿易賬款 (Note 附註 12)", "Trade receivables (Note 12)"),
        ("Basic 基本 (RMB 人民幣元)", "Basic (RMB)"),
        ("Attributable to: 以下人士應佔：", "Attributable to:"),
        ("Total assets", "Total assets"),
        ("资产总值", "资产总值"),
        ("IDC成本", "IDC成本"),
        ("经调整EBITDA", "经调整EBITDA"),
        ("经调整 Net profit", "经调整 Net profit"),
        ("PRC 收入", "PRC 收入"),
        ("来自 Azure 的 Revenue", "来自 Azure 的 Revenue"),
    ],
)
def test_the_latin_part_of_a_label_in_two_scripts(label: str, part: str) -> None:
    assert in_latin(label) == part


def test_two_latin_languages_are_told_by_most_rows_of_a_table() -> None:
    french_first = ["Produits / Revenue", "Coût des ventes / Cost of sales", "Bénéfice net / Net income", ""]
    assert in_one_language(french_first) == ["Revenue", "Cost of sales", "Net income", ""]
    english_first = ["Revenue | Ingresos", "Cost of sales | Coste de ventas", "Net income | Beneficio neto"]
    assert in_one_language(english_first) == ["Revenue", "Cost of sales", "Net income"]
    one_row = ["Deferred revenue / customer deposits", "Cash", "Total assets", "Total liabilities"]
    assert in_one_language(one_row) == one_row
    english = ["Cash / cash equivalents", "Income / loss before tax", "Total assets / total equity"]
    assert in_one_language(english) == english


def got(title: str, *rows: tuple[str, ...]) -> Read:
    """Return value, unit, end, months and concept of each row's first figure."""
    lead = "".join(f"<p>{line}</p>" for line in ("Jade Harbour Ltd", title))
    out = read(page(table(*(row(*r) for r in rows)), lead))
    map_lines(out.lines)
    assert not out.warnings
    found: Read = {}
    for x in out.lines:
        found.setdefault(x.label, (f"{x.value:f}", x.unit, str(x.period_end), x.months, x.concept))
    return found


def test_chinese_first_in_an_income_statement() -> None:
    found = got(
        "綜合損益表 CONSOLIDATED STATEMENT OF PROFIT OR LOSS",
        ("", "截至六月三十日止六個月<br>Six months ended 30 June", ""),
        ("", "二零二五年<br>2025", "二零二四年<br>2024"),
        ("", "人民幣千元<br>RMB'000", "人民幣千元<br>RMB'000"),
        ("收入<br>Revenue", "820,114", "702,330"),
        ("銷售成本<br>Cost of sales", "(310,002)", "(290,417)"),
        ("期內溢利<br>Profit for the period", "400,110", "321,496"),
        ("以下人士應佔： Attributable to:",),
        ("Owners of the Company 本公司擁有人", "390,000", "310,000"),
        ("每股盈利 Earnings per share",),
        ("基本 Basic (RMB 人民幣元)", "0.39", "0.31"),
    )
    half = ("CNY", "2025-06-30", 6)
    assert found == {
        "收入 Revenue": ("820114000", *half, "revenues"),
        "銷售成本 Cost of sales": ("-310002000", *half, "cost_of_revenue"),
        "期內溢利 Profit for the period": ("400110000", *half, "profit_loss"),
        "Owners of the Company 本公司擁有人": ("390000000", *half, "net_income_loss"),
        "基本 Basic (RMB 人民幣元)": ("0.39", "CNY/share", "2025-06-30", 6, "earnings_per_share_basic"),
    }


def test_chinese_first_in_a_balance_sheet() -> None:
    found = got(
        "綜合財務狀況表 Consolidated statement of financial position",
        ("", "二零二五年六月三十日 30 June 2025", "二零二四年十二月三十一日 31 December 2024"),
        ("", "千港元 HK$'000", "千港元 HK$'000"),
        ("流動資產 Current assets",),
        ("現金 Cash and cash equivalents", "820", "702"),
        ("存貨 Inventories", "310", "290"),
        ("流動資產總值 Total current assets", "1,130", "992"),
        ("資產總值 Total assets", "1,630", "1,502"),
        ("負債總額 Total liabilities", "600", "560"),
        ("權益總額 Total equity", "1,030", "942"),
    )
    assert {x[1:4] for x in found.values()} == {("HKD", "2025-06-30", None)}
    assert [x[4] for x in found.values()] == [
        "cash_and_cash_equivalents_at_carrying_value",
        "inventory_net",
        "assets_current",
        "assets",
        "liabilities",
        "stockholders_equity_including_noncontrolling_interest",
    ]


def test_french_first_with_a_stroke_between() -> None:
    found = got(
        "États de la situation financière / Statements of Financial Position</p>"
        "<p>(en milliers de dollars canadiens / in thousands of Canadian dollars)",
        ("", "31 décembre 2024 / December 31, 2024", "31 décembre 2023 / December 31, 2023"),
        ("Actif / Assets",),
        ("Trésorerie / Cash and cash equivalents", "820", "702"),
        ("Total de l'actif / Total assets", "1,630", "1,502"),
        ("Total du passif / Total liabilities", "600", "560"),
        ("Capitaux propres / Total equity", "1,030", "942"),
    )
    assert {x[1:4] for x in found.values()} == {("CAD", "2024-12-31", None)}
    assert found["Total de l'actif / Total assets"][4] == "assets"
    assert found["Total du passif / Total liabilities"][4] == "liabilities"


def test_japanese_behind_a_stroke_in_years_that_end_in_march() -> None:
    found = got(
        "Consolidated Statements of Income / 連結損益計算書</p><p>(Millions of yen / 百万円)",
        ("", "Year ended March 31, 2025 / 2025年3月期", "Year ended March 31, 2024 / 2024年3月期"),
        ("Net sales / 売上高", "820", "702"),
        ("Cost of sales / 売上原価", "310", "290"),
        ("Gross profit / 売上総利益", "510", "412"),
        ("Net income / 当期純利益", "40", "30"),
    )
    assert found["Net sales / 売上高"] == ("820000000", "JPY", "2025-03-31", 12, "revenues")
    assert found["Net income / 当期純利益"][4] == "profit_loss"
