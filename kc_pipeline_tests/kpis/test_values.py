"""Values, intervals, periods and the choice between stated and computed, on facts made by hand."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from kc_pipeline.kpis import catalogue, compute, create_as_of
from kc_pipeline.schema import ddl, table
from kc_pipeline_tests.kpis.warehouse import Fact, connect, insert, quarter, without

pytestmark = pytest.mark.usefixtures("kc_pack")

D = Decimal


def flow(concept: str, label: str, value: str, **more: object) -> Fact:
    return Fact(concept, quarter(label), D(value) * 1_000_000, **more)  # type: ignore[arg-type]


def stated(kpi: str, label: str, value: str, decimals: int = 3) -> Fact:
    return Fact(kpi, quarter(label), D(value), unit="pure", decimals=decimals, origin="stated")


def kpi(con: duckdb.DuckDBPyConnection, name: str, period: str, column: str = "value") -> object:
    row = con.execute(
        f"SELECT {column} FROM marts.kpis WHERE kpi = ? AND period = ?", [name, period]
    ).fetchone()
    return None if row is None else row[0]


def absent(con: duckdb.DuckDBPyConnection, name: str, period: str) -> tuple[object, ...] | None:
    found: tuple[object, ...] | None = con.execute(
        "SELECT reason, detail, transition FROM marts.kpi_absent WHERE kpi = ? AND period = ?", [name, period]
    ).fetchone()
    return found


def computed(facts: list[Fact], *companies: tuple[str, str, str]) -> duckdb.DuckDBPyConnection:
    con = connect(facts, companies) if companies else connect(facts)
    compute(con)
    return con


YEAR = [
    flow("revenues", "2024Q1", "1775.7"), flow("gross_profit", "2024Q1", "293.4"),
    flow("revenues", "2024Q2", "1891.8"), flow("gross_profit", "2024Q2", "318.3"),
    flow("revenues", "2024Q3", "1885.6"), flow("gross_profit", "2024Q3", "303.4"),
    flow("revenues", "2024Q4", "2232.1"), flow("gross_profit", "2024Q4", "426.0"),
    flow("revenues", "2025Q1", "1970.0"), flow("gross_profit", "2025Q1", "318.3"),
]  # fmt: skip


@pytest.fixture(scope="module")
def year() -> duckdb.DuckDBPyConnection:
    return computed(YEAR)


def test_a_ratio_is_numerator_over_denominator_with_its_interval(year: duckdb.DuckDBPyConnection) -> None:
    assert kpi(year, "gross_margin", "2025Q1") == D("0.1615736041")
    low, high = kpi(year, "gross_margin", "2025Q1", "low"), kpi(year, "gross_margin", "2025Q1", "high")
    assert low == (D("318.25") / D("1970.05")).quantize(D("1e-10"))
    assert high == (D("318.35") / D("1969.95")).quantize(D("1e-10"))


def test_an_amount_is_reported_and_exact(year: duckdb.DuckDBPyConnection) -> None:
    assert kpi(year, "revenue", "2025Q1") == D("1970000000")
    assert kpi(year, "revenue", "2025Q1", "(low, high, origin, unit)") == (
        D("1969950000"), D("1970050000"), "reported", "CNY",
    )  # fmt: skip


def test_growth_and_change_compare_calendar_positions(year: duckdb.DuckDBPyConnection) -> None:
    assert round(kpi(year, "revenue_growth_yoy", "2025Q1"), 3) == D("0.109")  # type: ignore[call-overload]
    assert round(kpi(year, "revenue_growth_qoq", "2025Q1"), 3) == D("-0.117")  # type: ignore[call-overload]
    assert round(kpi(year, "gross_margin_change_qoq", "2025Q1"), 4) == D("-0.0293")  # type: ignore[call-overload]


def test_trailing_twelve_months_need_four_quarters(year: duckdb.DuckDBPyConnection) -> None:
    assert kpi(year, "revenue", "2025Q1-TTM") == D("7979500000")
    assert kpi(year, "revenue", "2025Q1-TTM", "(period_start, period_end, origin, high - low)") == (
        date(2024, 4, 1), date(2025, 3, 31), "derived", D("400000"),
    )  # fmt: skip
    assert kpi(year, "revenue", "2024Q3-TTM") is None
    assert absent(year, "revenue", "2024Q3-TTM") == ("missing_input", "revenues[-3q]", None)


def test_a_missing_quarter_leaves_a_gap_and_not_a_wrong_neighbour(year: duckdb.DuckDBPyConnection) -> None:
    con = computed(without(YEAR, period_end=quarter("2024Q4")))
    assert kpi(con, "revenue_growth_qoq", "2025Q1") is None
    assert absent(con, "revenue_growth_qoq", "2025Q1") == ("missing_input", "revenues[-1q]", None)
    assert absent(con, "gross_margin_change_qoq", "2025Q1") == ("missing_input", "gross_margin[-1q]", None)
    assert kpi(con, "revenue_growth_yoy", "2025Q1") == kpi(year, "revenue_growth_yoy", "2025Q1")
    for label in ("2024Q4-TTM", "2025Q1-TTM"):
        assert kpi(con, "revenue", label) is None
    assert absent(con, "revenue", "2025Q1-TTM") == ("missing_input", "revenues[-1q]", None)


def test_the_stated_ratio_stands_where_its_amounts_are_missing() -> None:
    con = computed([*YEAR, stated("adjusted_gross_margin", "2024Q4", "0.192"),
                    flow("adjusted_gross_profit", "2025Q1", "327.7")])  # fmt: skip
    columns = "(value, origin, computed_value, computed_absent)"
    assert kpi(con, "adjusted_gross_margin", "2024Q4", columns) == (
        D("0.192"),
        "stated",
        None,
        "missing_input",
    )
    change = kpi(con, "adjusted_gross_margin_change_qoq", "2025Q1", "(round(value, 4), origin)")
    assert change == (D("-0.0257"), "derived")
    roles = con.execute(
        "SELECT role FROM marts.kpi_inputs WHERE kpi = 'adjusted_gross_margin_change_qoq' ORDER BY 1"
    ).fetchall()
    assert [r for (r,) in roles] == ["adjusted_gross_margin[-1q]", "adjusted_gross_profit", "revenues"]


def test_the_stated_value_wins_only_where_the_computed_interval_is_wider_and_holds_it() -> None:
    coarse = [
        flow("revenues", "2025Q1", "1353.5", segment="public_cloud"),
        flow("revenues", "2024Q1", "1190", segment="public_cloud", decimals=-7),
    ]
    con = computed([*YEAR, *coarse, stated("public_cloud_growth_yoy", "2025Q1", "0.140"),
                    stated("gross_margin", "2025Q1", "0.162"),
                    stated("gross_margin", "2024Q4", "0.21")])  # fmt: skip
    assert kpi(con, "public_cloud_growth_yoy", "2025Q1", "(value, origin, low, high)") == (
        D("0.140"), "stated", D("0.1395"), D("0.1405"),
    )  # fmt: skip
    assert round(kpi(con, "public_cloud_growth_yoy", "2025Q1", "computed_value"), 4) == D("0.1374")  # type: ignore[call-overload]
    assert kpi(con, "gross_margin", "2025Q1", "(value, stated_value, origin)") == (
        D("0.1615736041"), D("0.162"), "derived",
    )  # fmt: skip
    wrong = kpi(con, "gross_margin", "2024Q4", "(round(value, 4), stated_value)")
    assert wrong == (D("0.1909"), D("0.21")), (
        "a stated ratio outside the interval is kept beside the computed one"
    )


def test_growth_on_a_base_of_zero_or_less_is_a_transition() -> None:
    con = computed([
        *YEAR,
        flow("adjusted_ebitda", "2023Q4", "-27.7"), flow("adjusted_ebitda", "2024Q1", "33.2"),
        flow("profit_loss", "2024Q1", "-364.0"), flow("profit_loss", "2025Q1", "-316.1"),
        flow("net_income_loss", "2024Q4", "-197.0"), flow("net_income_loss", "2025Q1", "-313.9"),
        flow("ai_revenue", "2024Q1", "0", decimals=0), flow("ai_revenue", "2024Q2", "160"),
    ])  # fmt: skip
    assert absent(con, "adjusted_ebitda_growth_qoq", "2024Q1") == (
        "nonpositive_base", "adjusted_ebitda: -27700000 to 33200000 CNY", "loss_to_profit",
    )  # fmt: skip
    assert absent(con, "profit_loss_growth_yoy", "2025Q1")[2] == "loss_narrowed"  # type: ignore[index]
    assert absent(con, "net_income_loss_growth_qoq", "2025Q1")[2] == "loss_widened"  # type: ignore[index]
    assert absent(con, "ai_revenue_growth_qoq", "2024Q2")[2] == "from_zero"  # type: ignore[index]
    assert kpi(con, "adjusted_ebitda_growth_qoq", "2024Q1") is None


def test_a_small_base_and_a_turn_to_loss_are_remarked() -> None:
    con = computed([*YEAR, flow("adjusted_operating_income_loss", "2024Q4", "24.4"),
                    flow("adjusted_operating_income_loss", "2025Q1", "-55.8")])  # fmt: skip
    remark = kpi(con, "adjusted_operating_income_loss_growth_qoq", "2025Q1", "remark")
    assert isinstance(remark, str)
    assert "low_base" in remark
    assert "profit_to_loss" in remark
    assert kpi(con, "revenue_growth_qoq", "2025Q1", "remark") is None


def test_a_small_base_is_remarked_for_losses_and_stated_growth_too_and_for_amounts_of_money_only() -> None:
    con = computed([
        *YEAR, flow("net_income_loss", "2024Q4", "-9.2"), flow("net_income_loss", "2025Q1", "-313.9"),
        flow("profit_loss", "2024Q4", "-197.0"), flow("profit_loss", "2025Q1", "-316.1"),
        flow("adjusted_ebitda", "2024Q1", "33.2"), stated("adjusted_ebitda_growth_yoy", "2025Q1", "8.6", decimals=1),
        flow("adjusted_ebitda", "2025Q1", "318.5", decimals=-8),
        Fact("weighted_average_number_of_shares_outstanding_basic", quarter("2024Q1"), D(50_000_000), unit="shares"),
        Fact("weighted_average_number_of_shares_outstanding_basic", quarter("2025Q1"), D(51_000_000), unit="shares"),
    ])  # fmt: skip
    low = "low_base: the base is under 3 % of revenues"
    assert kpi(con, "net_loss_attributable_growth_qoq", "2025Q1", "remark") == low
    assert kpi(con, "net_loss_growth_qoq", "2025Q1", "remark") is None
    assert kpi(con, "adjusted_ebitda_growth_yoy", "2025Q1", "(origin, remark)") == ("stated", low)
    assert kpi(con, "weighted_average_shares_growth_yoy", "2025Q1", "(value, remark)") == (D("0.02"), None)


def test_a_growth_over_three_years_from_a_small_base_is_remarked() -> None:
    con = computed([
        flow("revenues", "2021Q4", "9000", months=12), flow("revenues", "2024Q4", "7800", months=12),
        flow("gross_profit", "2021Q4", "200", months=12), flow("gross_profit", "2024Q4", "1340", months=12),
    ])  # fmt: skip
    assert (
        kpi(con, "gross_profit_cagr_3y", "2024FY", "remark") == "low_base: the base is under 3 % of revenues"
    )
    assert kpi(con, "revenue_cagr_3y", "2024FY", "remark") is None


def test_a_computed_ratio_that_the_document_states_otherwise_says_so() -> None:
    con = computed(
        [*YEAR, stated("gross_margin", "2025Q1", "0.221"), stated("gross_margin", "2024Q4", "0.191")]
    )
    said = "contradicted: the document states it, or a part of it, otherwise"
    assert kpi(con, "gross_margin", "2025Q1", "(origin, remark)") == ("derived", said)
    assert kpi(con, "gross_margin", "2024Q4", "remark") is None
    assert kpi(con, "gross_margin_change_qoq", "2025Q1", "remark") == said
    assert kpi(con, "gross_margin_change_qoq", "2024Q4", "remark") is None


def test_a_rest_that_rounding_turns_negative_is_absent_and_a_printed_one_stands() -> None:
    def parts(*others: Fact, enterprise: str) -> duckdb.DuckDBPyConnection:
        return computed([
            flow("revenues", "2021Q4", "2660.4"), flow("revenues", "2021Q4", "1800.4", segment="public_cloud"),
            flow("revenues", "2021Q4", enterprise, segment="enterprise_cloud", decimals=-7), *others,
        ])  # fmt: skip

    con = parts(enterprise="860.3")
    assert kpi(con, "other_revenue", "2021Q4") is None
    assert kpi(con, "other_share", "2021Q4") is None
    detail = "other_revenue would be -300,000 CNY, less than the rounding of its inputs (5,100,000)"
    assert absent(con, "other_revenue", "2021Q4") == ("negative_rest", detail, None)
    assert absent(con, "other_share", "2021Q4") == ("negative_rest", detail, None)
    assert kpi(con, "revenue_concentration", "2021Q4", "low < value AND value < high") is True
    beyond = absent(parts(enterprise="870.3"), "other_share", "2021Q4")
    assert beyond == (
        "negative_rest", "other_revenue would be -10,300,000 CNY: the parts are more than the whole", None,
    )  # fmt: skip
    printed = parts(flow("revenues", "2021Q4", "-0.2", segment="others"), enterprise="860.3")
    assert kpi(printed, "other_revenue", "2021Q4") == D(-200_000)
    assert kpi(parts(enterprise="850.0"), "other_revenue", "2021Q4") == D(10_000_000)


def test_capital_expenditures_are_not_compared_with_another_measure_of_them() -> None:
    own, paid = "capital_expenditures", "payments_to_acquire_property_plant_and_equipment"
    con = computed([
        *YEAR, flow(paid, "2024Q1", "300"), flow(paid, "2024Q2", "310"), flow(own, "2024Q4", "500"),
        flow(own, "2025Q1", "605"), flow(paid, "2025Q1", "590"), stated("capex_intensity", "2024Q2", "0.2"),
    ])  # fmt: skip
    why = "capital_expenditures is another measure in the earlier period (kc explain shows both)"
    assert kpi(con, "capital_expenditures_growth_yoy", "2025Q1") is None
    assert absent(con, "capital_expenditures_growth_yoy", "2025Q1") == ("other_measure", why, None)
    assert kpi(con, "capital_expenditures_growth_qoq", "2024Q2") is not None
    assert kpi(con, "capital_expenditures_growth_qoq", "2025Q1") == D("0.21")
    assert absent(con, "capex_intensity_change_yoy", "2025Q1") == (
        "other_measure", "capex_intensity is another measure in the earlier period (kc explain shows both)", None,
    )  # fmt: skip


def test_the_formula_of_trailing_months_names_the_sums_of_four_quarters(
    year: duckdb.DuckDBPyConnection,
) -> None:
    assert kpi(year, "gross_margin", "2024Q4-TTM", "formula") == "ttm(gross_profit) / ttm(revenues)"
    assert kpi(year, "gross_margin", "2024Q4", "formula") == "gross_profit / revenues"
    cat = catalogue()
    assert cat.trailing_formula(cat.kpis["asset_turnover"]) == "ttm(revenues) / assets"
    public = cat.trailing_formula(cat.kpis["public_cloud_share"])
    assert public == "ttm(revenues/public_cloud) / ttm(revenues)"


def test_other_scopes_units_lengths_and_counterparties_stay_out() -> None:
    intruders = [
        flow("revenues", "2025Q1", "1", scope="parent_only"),
        flow("revenues", "2025Q1", "271.5", unit="USD"),
        flow("revenues", "2025Q1", "2", counterparty="xiaomi"),
        flow("revenues", "2025Q1", "7979.5", months=12),
        flow("revenues", "2025Q1", "3", months=None),
    ]
    con = computed([*YEAR, *intruders])
    assert kpi(con, "revenue", "2025Q1") == D("1970000000")
    assert kpi(con, "revenue", "2025FY") is None


def test_halves_nine_months_and_years_take_flows_of_their_length() -> None:
    con = computed([
        flow("revenues", "2024Q2", "3667.5", months=6), flow("revenues", "2024Q3", "5553.1", months=9),
        flow("revenues", "2024Q4", "7785.2", months=12), flow("revenues", "2023Q4", "7047.5", months=12),
        flow("gross_profit", "2024Q4", "1341.0", months=12),
        Fact("assets_current", quarter("2024Q4"), D(100), None),
        Fact("liabilities_current", quarter("2024Q4"), D(50), None),
    ])  # fmt: skip
    assert [kpi(con, "revenue", p) for p in ("2024H1", "20249M", "2024FY")] == [
        D("3667500000"), D("5553100000"), D("7785200000"),
    ]  # fmt: skip
    assert round(kpi(con, "revenue_growth_yoy", "2024FY"), 4) == D("0.1047")  # type: ignore[call-overload]
    assert kpi(con, "current_ratio", "2024Q4") == D(2)
    assert kpi(con, "current_ratio", "2024FY") == D(2), "the balance of a year is that of its last quarter"
    assert kpi(con, "current_ratio", "2024H2") is None, "a half-year has none of its own"


def test_fiscal_years_that_end_elsewhere_and_weeks() -> None:
    weeks = [
        (date(2024, 1, 29), date(2024, 4, 28), 26044),
        (date(2024, 4, 29), date(2024, 7, 28), 30040),
        (date(2025, 1, 27), date(2025, 4, 27), 44062),
    ]
    facts = [
        Fact("revenues", end, D(value), company="NV", unit="USD", decimals=0, period_start=start)
        for start, end, value in weeks
    ]
    con = computed(facts, ("NV", "USD", "--01-31"))
    assert con.execute(
        "SELECT period, calendar_quarter, period_end FROM marts.kpis WHERE kpi = 'revenue' ORDER BY 3"
    ).fetchall() == [
        ("2025Q1", "2024Q2", date(2024, 4, 28)), ("2025Q2", "2024Q3", date(2024, 7, 28)),
        ("2026Q1", "2025Q2", date(2025, 4, 27)),
    ]  # fmt: skip
    assert round(kpi(con, "revenue_growth_yoy", "2026Q1"), 3) == D("0.692")  # type: ignore[call-overload]
    assert round(kpi(con, "revenue_growth_qoq", "2025Q2"), 3) == D("0.153")  # type: ignore[call-overload]


def test_of_two_facts_for_one_label_the_reported_then_the_newest_is_used() -> None:
    end, other_start = quarter("2025Q1"), date(2024, 12, 30)
    facts = [
        Fact("revenues", end, D(100), known_at=date(2025, 5, 1)),
        Fact("revenues", end, D(101), known_at=date(2025, 8, 1), period_start=other_start),
        Fact(
            "revenues",
            end,
            D(999),
            known_at=date(2026, 4, 1),
            period_start=date(2025, 1, 2),
            origin="derived",
        ),
    ]
    con = computed(facts)
    assert kpi(con, "revenue", "2025Q1", "(value, origin, known_at)") == (
        D(101),
        "reported",
        date(2025, 8, 1),
    )
    used = con.execute("SELECT fact_id FROM marts.kpi_inputs WHERE kpi = 'revenue'").fetchall()
    assert used == [(facts[1].fact_id,)]


def test_an_alternative_sum_is_used_where_the_first_is_incomplete() -> None:
    end = quarter("2024Q4")
    con = computed([Fact("assets", end, D(300), None), Fact("liabilities", end, D(120), None)])
    assert kpi(con, "total_equity", "2024Q4", "(value, origin)") == (D(180), "derived")
    roles = con.execute("SELECT role FROM marts.kpi_inputs WHERE kpi = 'total_equity' ORDER BY 1").fetchall()
    assert roles == [("assets",), ("liabilities",)]
    printed = Fact("stockholders_equity_including_noncontrolling_interest", end, D(181), None)
    con = computed([Fact("assets", end, D(300), None), Fact("liabilities", end, D(120), None), printed])
    assert kpi(con, "total_equity", "2024Q4", "(value, origin)") == (D(181), "reported")


def test_a_negative_denominator_is_no_ratio() -> None:
    end = quarter("2024Q4")
    con = computed([
        flow("profit_loss", "2024Q4", "-364", months=12), flow("revenues", "2024Q4", "900", months=12),
        Fact("assets", end, D(100), None), Fact("liabilities", end, D(120), None),
    ])  # fmt: skip
    assert kpi(con, "return_on_equity", "2024FY") is None
    assert absent(con, "return_on_equity", "2024FY") == (
        "nonpositive_denominator",
        "total_equity is -20",
        None,
    )
    assert absent(con, "debt_to_equity", "2024Q4")[0] == "missing_input"  # type: ignore[index]


def test_the_growth_of_a_loss_needs_two_losses() -> None:
    con = computed([
        flow("profit_loss", "2024Q4", "-200"), flow("profit_loss", "2025Q1", "-100"), flow("profit_loss", "2025Q2", "50"),
        stated("net_loss_growth_qoq", "2025Q1", "-0.50", decimals=2),
    ])  # fmt: skip
    assert kpi(con, "net_loss_growth_qoq", "2025Q1", "(value, stated_value, origin)") == (
        D("-0.5"), D("-0.5"), "derived",
    )  # fmt: skip
    low, high = (
        kpi(con, "net_loss_growth_qoq", "2025Q1", "low"),
        kpi(con, "net_loss_growth_qoq", "2025Q1", "high"),
    )
    assert low == (D("99.95") / D("200.05") - 1).quantize(D("1e-10"))
    assert high == (D("100.05") / D("199.95") - 1).quantize(D("1e-10"))
    assert absent(con, "net_loss_growth_qoq", "2025Q2") == (
        "not_both_losses", "profit_loss: -100000000 to 50000000 CNY", "loss_to_profit",
    )  # fmt: skip


def test_growth_over_three_years_and_incremental_margins() -> None:
    con = computed([
        flow("revenues", "2021Q4", "1000", months=12), flow("revenues", "2024Q4", "1331", months=12),
        flow("revenues", "2023Q4", "1231", months=12), flow("gross_profit", "2023Q4", "100", months=12),
        flow("gross_profit", "2024Q4", "160", months=12),
        flow("revenues", "2022Q4", "1240", months=12), flow("gross_profit", "2022Q4", "90", months=12),
    ])  # fmt: skip
    assert kpi(con, "revenue_cagr_3y", "2024FY") == D("0.1")
    assert kpi(con, "incremental_gross_margin", "2024FY") == D("0.6")
    low, high = (
        kpi(con, "incremental_gross_margin", "2024FY", "low"),
        kpi(con, "incremental_gross_margin", "2024FY", "high"),
    )
    assert low == (D("59.9") / D("100.1")).quantize(D("1e-10"))
    assert high == (D("60.1") / D("99.9")).quantize(D("1e-10"))
    assert absent(con, "incremental_gross_margin", "2023FY") == (
        "nonpositive_denominator", "the change of revenue is not clearly above zero", None,
    )  # fmt: skip
    assert absent(con, "revenue_cagr_3y", "2023FY") == ("missing_input", "revenues[-12q]", None)


def test_cash_lasts_as_long_as_it_is_used_up() -> None:
    facts = [
        flow("net_cash_provided_by_used_in_operating_activities", "2025Q1", "-100"), flow("capital_expenditures", "2025Q1", "200"),
        Fact("cash_and_cash_equivalents_at_carrying_value", quarter("2025Q1"), D(900_000_000), None),
        Fact("short_term_investments", quarter("2025Q1"), D(300_000_000), None),
    ]  # fmt: skip
    con = computed(facts)
    assert kpi(con, "free_cash_flow", "2025Q1") == D("-300000000")
    assert kpi(con, "cash_runway", "2025Q1", "(value, unit)") == (D(12), "months")


def test_days_are_those_of_the_period() -> None:
    end = quarter("2025Q1")
    con = computed([
        flow("revenues", "2025Q1", "900"),
        Fact("accounts_receivable_net_current", end, D(800_000_000), None),
        Fact("amounts_due_from_related_parties_current", end, D(100_000_000), None),
    ])  # fmt: skip
    assert kpi(con, "days_sales_outstanding", "2025Q1", "(value, unit)") == (D(90), "days")


def test_a_missing_part_makes_a_sum_absent_and_is_named() -> None:
    con = computed([flow("revenues", "2025Q1", "900"), flow("selling_and_marketing_expense", "2025Q1", "90")])
    assert kpi(con, "sga_ratio", "2025Q1") is None
    assert absent(con, "sga_ratio", "2025Q1") == ("missing_input", "general_and_administrative_expense", None)


def test_a_company_without_segments_does_not_miss_them() -> None:
    con = computed(YEAR)
    names = {n for (n,) in con.execute("SELECT DISTINCT kpi FROM marts.kpi_absent").fetchall()}
    assert not {n for n in names if "cloud" in n or n.startswith(("ai_", "ecosystem"))}
    assert "operating_margin" in names


def test_a_suspect_input_is_remarked() -> None:
    con = computed([flow("revenues", "2025Q1", "900", suspect="total_mismatch")])
    remark = kpi(con, "revenue", "2025Q1", "remark")
    assert isinstance(remark, str)
    assert remark.startswith("suspect")


def test_evidence_is_the_weakest_and_known_at_the_latest_of_what_the_value_rests_on() -> None:
    con = computed([
        flow("revenues", "2025Q1", "900", evidence="copy", known_at=date(2025, 5, 28)),
        flow("gross_profit", "2025Q1", "90", evidence="third_party", known_at=date(2025, 6, 1)),
        flow("revenues", "2024Q4", "800", known_at=date(2025, 3, 1)),
        stated("gross_margin", "2025Q1", "0.1"),
    ])  # fmt: skip
    columns = "(evidence, known_at)"
    assert kpi(con, "gross_margin", "2025Q1", columns) == ("third_party", date(2025, 6, 1))
    assert kpi(con, "revenue_growth_qoq", "2025Q1", columns) == ("copy", date(2025, 5, 28))
    assert kpi(con, "revenue", "2024Q4", columns) == ("original", date(2025, 3, 1))


def broken(facts: list[Fact], *breaks: tuple[str, str | None, str, str, str]) -> duckdb.DuckDBPyConnection:
    """KPIs of facts with breaks: concept, segment, day, effect, note."""
    con = connect(facts)
    con.execute(ddl(table("core.breaks")))
    for concept, segment, day, effect, note in breaks:
        con.execute(
            """INSERT INTO core.breaks BY NAME SELECT 'KC' AS company, ? AS concept, ? AS segment,
               ?::DATE AS break_date, 'definition' AS kind, ? AS effect, ? AS note, '' AS wording,
               'declared' AS origin""",
            [concept, segment, day, effect, note],
        )
    compute(con)
    return con


def test_growth_across_a_blocking_break_is_only_the_issuers_own() -> None:
    quarters = ("2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2")
    con = broken(
        [*(flow("ai_gross_billing", q, "100") for q in quarters),
         stated("ai_gross_billing_growth_yoy", "2025Q1", "2.28", decimals=2)],
        ("ai_gross_billing", None, "2024-10-01", "block", "gross billing after"),
    )  # fmt: skip
    assert kpi(con, "ai_gross_billing_growth_qoq", "2024Q3") == D(0), "both before"
    assert kpi(con, "ai_gross_billing_growth_qoq", "2025Q1") == D(0), "both after"
    assert kpi(con, "ai_gross_billing_growth_qoq", "2024Q4") is None
    expected = ("blocked_by_break", "gross billing after (2024-10-01)", None)
    assert absent(con, "ai_gross_billing_growth_qoq", "2024Q4") == expected
    assert absent(con, "ai_gross_billing_growth_yoy", "2025Q2") == expected
    assert kpi(con, "ai_gross_billing_growth_yoy", "2025Q1", "(value, origin, computed_absent)") == (
        D("2.28"), "stated", "blocked_by_break",
    )  # fmt: skip
    assert kpi(con, "ai_gross_billing", "2024Q4") == D(100_000_000), "a level is not a comparison"
    inputs = con.execute("SELECT role FROM marts.kpi_inputs WHERE kpi = 'ai_gross_billing_growth_yoy'")
    assert inputs.fetchall() == [("stated",)]


def test_a_break_inside_a_period_is_crossed_from_both_sides() -> None:
    con = broken(
        [*YEAR, flow("revenues", "2025Q2", "2349.2")],
        ("revenues", None, "2024-11-15", "annotate", "not organic"),
    )
    remarks = {
        p: kpi(con, "revenue_growth_qoq", p, "remark") for p in ("2024Q3", "2024Q4", "2025Q1", "2025Q2")
    }
    assert remarks == {
        "2024Q3": None, "2024Q4": "across_break: not organic", "2025Q1": "across_break: not organic", "2025Q2": None,
    }  # fmt: skip
    assert kpi(con, "revenue_growth_yoy", "2025Q1", "remark") == "across_break: not organic"
    assert kpi(con, "gross_margin_change_qoq", "2024Q4", "remark") is None


def test_a_stated_growth_across_an_annotated_break_says_so_too() -> None:
    con = broken(
        [*YEAR, stated("enterprise_cloud_growth_yoy", "2025Q1", "1.11", decimals=2),
         stated("enterprise_cloud_growth_yoy", "2024Q1", "0.12", decimals=2)],
        ("revenues", "enterprise_cloud", "2024-11-15", "annotate", "not organic"),
    )  # fmt: skip
    name = "enterprise_cloud_growth_yoy"
    assert kpi(con, name, "2025Q1", "(origin, remark)") == ("stated", "across_break: not organic")
    assert kpi(con, name, "2024Q1", "(origin, remark)") == ("stated", None)


def test_the_growth_of_cash_is_not_that_of_cash_with_short_term_investments() -> None:
    at = quarter("2023Q4")
    con = connect([
        Fact(name, at, D(value), months=None, unit="pure", decimals=3, origin="stated")
        for name, value in (("cash_growth_yoy", "-0.340"), ("cash_and_short_term_investments_growth_yoy", "-0.517"))
    ])  # fmt: skip
    compute(con)
    assert kpi(con, "cash_and_equivalents_growth_yoy", "2023Q4", "stated_value") == D("-0.34")
    assert kpi(con, "liquid_funds_growth_yoy", "2023Q4", "stated_value") == D("-0.517")


def test_the_change_of_a_ratio_is_blocked_where_a_part_of_it_breaks() -> None:
    con = broken(YEAR, ("revenues", None, "2025-01-01", "block", "net revenue after"))
    assert kpi(con, "gross_margin", "2025Q1") is not None
    for name in ("gross_margin_change_qoq", "revenue_growth_qoq", "incremental_gross_margin"):
        assert absent(con, name, "2025Q1")[0] == "blocked_by_break", name  # type: ignore[index]
    assert absent(con, "gross_profit_growth_yoy", "2025Q1") is None
    assert kpi(con, "gross_profit_growth_yoy", "2025Q1") is not None


def test_balances_cross_a_break_that_lies_between_their_days() -> None:
    def cash(label: str) -> Fact:
        return Fact("cash_and_cash_equivalents_at_carrying_value", quarter(label), D(100), None)

    con = broken(
        [cash("2024Q3"), cash("2024Q4"), cash("2025Q1")],
        ("cash_and_cash_equivalents_at_carrying_value", None, "2024-11-15", "block", "restricted cash apart"),
    )
    assert kpi(con, "cash_and_equivalents_growth_qoq", "2025Q1") == D(0)
    assert absent(con, "cash_and_equivalents_growth_qoq", "2024Q4")[0] == "blocked_by_break"  # type: ignore[index]


def test_the_concentration_of_revenue_is_the_sum_of_squared_shares() -> None:
    con = computed([
        flow("revenues", "2025Q1", "100"), flow("revenues", "2025Q1", "60", segment="public_cloud"),
        flow("revenues", "2025Q1", "30", segment="enterprise_cloud"),
    ])  # fmt: skip
    assert kpi(con, "other_revenue", "2025Q1", "(value, origin)") == (D(10_000_000), "derived")
    assert kpi(con, "revenue_concentration", "2025Q1") == D("0.46")
    low, high = (
        (D("59.95") ** 2 + D("29.95") ** 2 + D("9.85") ** 2),
        (D("60.05") ** 2 + D("30.05") ** 2 + D("10.15") ** 2),
    )
    ends = kpi(con, "revenue_concentration", "2025Q1", "(low, high)")
    assert ends == (
        (low / D("100.05") ** 2).quantize(D("1e-10")),
        (high / D("99.95") ** 2).quantize(D("1e-10")),
    )
    printed = computed([
        flow("revenues", "2025Q1", "100"), flow("revenues", "2025Q1", "60", segment="public_cloud"),
        flow("revenues", "2025Q1", "30", segment="enterprise_cloud"), flow("revenues", "2025Q1", "9.9", segment="others"),
    ])  # fmt: skip
    assert kpi(printed, "other_revenue", "2025Q1", "(value, origin)") == (D(9_900_000), "reported")


def test_a_warehouse_without_facts_has_no_kpis_and_does_not_fail() -> None:
    con = computed([])
    con.execute("CREATE MACRO core.facts_as_of(day) AS TABLE SELECT * FROM core.facts")
    create_as_of(con)
    for relation in ("marts.kpis", "marts.kpis_as_of('2025-05-28')", "marts.kpi_inputs", "marts.kpi_absent"):
        assert con.execute(f"SELECT count(*) FROM {relation}").fetchone() == (0,)


@pytest.mark.parametrize("day", [date(2025, 4, 8), date(2025, 3, 12), date(2025, 6, 12)])
def test_a_balance_at_a_day_within_a_quarter_is_no_quarters_balance(day: date) -> None:
    cash = "cash_and_cash_equivalents_at_carrying_value"
    end = Fact(cash, date(2025, 3, 31), D(6_000_000_000), None, decimals=-6)
    recent = Fact(cash, day, D(4_000_000_000), None, decimals=-8, known_at=date(2025, 6, 20))
    con = computed([flow("revenues", "2025Q1", "1000"), end, recent])
    found = con.execute("SELECT period, value, period_end FROM marts.kpis WHERE kpi = 'cash_and_equivalents'")
    assert found.fetchall() == [("2025Q1", D(6_000_000_000), date(2025, 3, 31))]


def test_a_fiscal_year_of_weeks_has_its_balances_near_the_end_of_the_month() -> None:
    con = connect([])
    con.execute("UPDATE core.companies SET fiscal_weeks = 'last Saturday of December'")
    cash = "cash_and_cash_equivalents_at_carrying_value"
    days = {
        date(2024, 9, 28): 1,
        date(2024, 12, 28): 2,
        date(2025, 3, 29): 3,
        date(2025, 7, 5): 4,
        date(2025, 6, 12): 5,
    }
    insert(con, [Fact(cash, day, D(value) * 1_000_000, None, decimals=-6) for day, value in days.items()])
    compute(con)
    found = con.execute(
        "SELECT period, value FROM marts.kpis WHERE kpi = 'cash_and_equivalents' AND period_type = 'quarter' ORDER BY 1"
    ).fetchall()
    assert found == [
        (q, D(n) * 1_000_000) for q, n in (("2024Q3", 1), ("2024Q4", 2), ("2025Q1", 3), ("2025Q2", 4))
    ]


def test_trailing_months_do_not_add_across_a_break_that_blocks() -> None:
    labels = ["2024Q1", "2024Q2", "2024Q3", "2024Q4", "2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1"]
    facts = [flow("revenues", q, "1000") for q in labels]
    facts += [flow("adjusted_ebitda", q, "100" if q < "2025Q2" else "300") for q in labels]
    con = connect(facts)
    con.execute(ddl(table("core.breaks")))
    con.execute("""INSERT INTO core.breaks BY NAME SELECT 'KC' AS company, 'adjusted_ebitda' AS concept,
        NULL AS segment, DATE '2025-04-01' AS break_date, 'definition' AS kind, 'block' AS effect, 'another measure' AS note,
        '' AS wording, 'declared' AS origin""")
    compute(con)
    shown = {p: kpi(con, "adjusted_ebitda", f"{p}-TTM") for p in labels[3:]}
    whole = {"2024Q4": D(400_000_000), "2025Q1": D(400_000_000), "2026Q1": D(1_200_000_000)}
    assert shown == {p: whole.get(p) for p in labels[3:]}
    for name in ("adjusted_ebitda", "adjusted_ebitda_margin", "adjusted_ebitda_growth_yoy"):
        reason = absent(con, name, "2025Q3-TTM")
        assert reason == ("blocked_by_break", "another measure (2025-04-01)", None), (name, reason)
    assert kpi(con, "revenue", "2025Q3-TTM") == D(4_000_000_000)
    assert kpi(con, "adjusted_ebitda", "2025Q3") == D(300_000_000)
