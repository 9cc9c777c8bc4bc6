"""Quarters that follow from longer periods, on hand-made filings."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kc_pipeline.config import Company
from kc_pipeline.figures import half_unit
from kc_pipeline.kpis import compute
from kc_pipeline.quality import run_checks
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import KC, Books, values

ENDS = {3: date(2024, 3, 31), 6: date(2024, 6, 30), 9: date(2024, 9, 30), 12: date(2024, 12, 31)}
FILED = {m: end + timedelta(days=50) for m, end in ENDS.items()}
CASH = "Net cash provided by operating activities"
CASH_CONCEPT = "net_cash_provided_by_used_in_operating_activities"
DERIVED = "FROM core.facts WHERE origin = 'derived' AND months = 3"
LONGER = "FROM core.facts WHERE origin = 'derived' AND months > 3"


def year_to_date(
    figures: dict[int, Any], label: str = CASH, statement: str = "cash_flow", **more: Any
) -> Books:
    """Return filings that print one figure for the months since the year began, each filed after its end."""
    books = Books()
    for months, value in figures.items():
        document = books.document(f"m{months}", FILED[months], period=ENDS[months])
        books.line(document, label, value, ENDS[months], months=months, statement=statement, **more)
    return books


def built(books: Books) -> duckdb.DuckDBPyConnection:
    con = books.load()
    build_facts(con)
    return con


def failing(con: duckdb.DuckDBPyConnection, name: str) -> tuple[str, int]:
    found = next(r for r in run_checks(con, "b", "facts") if r["check_name"] == name)
    return found["status"], found["failing_rows"]


def test_quarters_follow_from_the_year_to_date() -> None:
    con = built(year_to_date({3: 100, 6: 250, 9: 240, 12: 400}))
    found = values(
        con,
        f"""SELECT period_start, period_end, months, value, decimals, half_units, label, known_at, document_id, version, text
            {DERIVED} ORDER BY period_end""",
    )
    assert [(r[1], int(r[3]), r[6]) for r in found] == [
        (ENDS[6], 150_000, "2024H1 - 2024Q1"),
        (ENDS[9], -10_000, "20249M - 2024H1"),
        (ENDS[12], 160_000, "2024FY - 20249M"),
    ]
    assert found[0][0] == date(2024, 4, 1)
    assert {(r[2], r[4], r[5], r[9], r[10]) for r in found} == {(3, -3, 2, 1, None)}
    assert [r[7:9] for r in found] == [(FILED[m], f"KC/m{m}/doc") for m in (6, 9, 12)]
    weights = values(
        con,
        """SELECT d.period_end, i.weight, f.months FROM core.fact_inputs i JOIN core.facts d USING (fact_id)
           JOIN core.facts f ON f.fact_id = i.input_fact_id ORDER BY ALL""",
    )
    assert weights[:2] == [(ENDS[6], -1, 3), (ENDS[6], 1, 6)]
    assert failing(con, "derived_facts_follow_from_reported_ones") == ("passed", 0)
    assert failing(con, "derived_quarters_agree") == ("not_evaluable", 0)
    assert failing(con, "facts_have_provenance") == ("passed", 0)


def test_a_missing_period_is_not_made_up() -> None:
    con = built(year_to_date({3: 100, 9: 240, 12: 400}))
    assert values(con, f"SELECT label {DERIVED}") == [("2024FY - 20249M",)]


def test_the_fourth_quarter_follows_from_three_known_ones() -> None:
    books = Books()
    for months in (3, 6, 9):
        document = books.document(f"q{months}", FILED[months], period=ENDS[months])
        books.line(document, "Total revenues", 100 + months, ENDS[months], months=3)
    document = books.document("year", FILED[12], period=ENDS[12])
    books.line(document, "Total revenues", 1, ENDS[12], months=12, decimals=-6)
    con = built(books)
    # 1 million within half a million, less 318 thousand within one and a half thousand
    assert values(con, f"SELECT value, decimals, half_units, label {DERIVED}") == [
        (682_000, -6, Decimal("1.1"), "2024FY - 2024Q1 - 2024Q2 - 2024Q3")
    ]


def test_the_narrowest_sum_is_taken() -> None:
    books = year_to_date({9: 300, 12: 400})
    for months in (3, 6, 9):
        books.line("KC/m12/doc", CASH, 100, ENDS[months], months=3, statement="cash_flow", col=months)
    assert values(built(books), f"SELECT label {DERIVED}") == [("2024FY - 20249M",)]


@pytest.mark.parametrize(
    ("label", "statement", "unit"),
    [
        ("Basic net loss per share", "income", "CNY/share"),
        ("Basic net loss per ADS", "income", "CNY/ADS"),
        ("Weighted average number of shares outstanding, basic", "income", "shares"),
        ("Gross margin", "income", "pure"),
        ("Cash and cash equivalents at end of period", "cash_flow", "CNY"),
    ],
)
def test_what_does_not_add_up_over_time_is_not_derived(label: str, statement: str, unit: str) -> None:
    con = built(year_to_date({3: 1, 6: 3, 9: 4, 12: 9}, label, statement, unit=unit))
    assert values(con, "SELECT count(*) > 0 FROM core.facts") == [(True,)]
    assert values(con, f"SELECT count(*) {DERIVED}") == [(0,)]


def test_another_unit_scope_or_segment_is_another_series() -> None:
    books = year_to_date({6: 250}, "Total revenues", "income")
    books.line("KC/m6/doc", "Public cloud services", 100, ENDS[3], months=3, section=["Revenues:"], col=5)
    books.line("KC/m6/doc", "Total revenues", 100, ENDS[3], months=3, table=3, scope="parent_only", col=5)
    books.line("KC/m6/doc", "Total revenues", 14, ENDS[3], months=3, table=4, unit="USD", col=5)
    con = built(books)
    assert values(con, "SELECT count(*) >= 3 FROM core.facts") == [(True,)]
    assert values(con, f"SELECT count(*) {DERIVED}") == [(0,)]


def test_a_reported_quarter_wins_and_is_checked() -> None:
    books = year_to_date({3: 100, 6: 250})
    books.line("KC/m6/doc", CASH, 153, ENDS[6], months=3, statement="cash_flow", col=9)
    con = built(books)
    assert values(con, f"SELECT count(*) {DERIVED}") == [(0,)]
    assert values(con, "SELECT value, derived_value, deviation, allowed FROM core.quarter_checks") == [
        (153_000, 150_000, 3_000, 2_500)
    ]
    assert failing(con, "derived_quarters_agree") == ("failed", 1)


def test_what_is_derived_in_a_year_whose_quarters_do_not_add_up_is_marked() -> None:
    books = year_to_date({3: 100, 6: 250, 9: 240})
    books.line("KC/m6/doc", CASH, 153, ENDS[6], months=3, statement="cash_flow", col=9)
    assert values(built(books), f"SELECT label, suspect {DERIVED}") == [
        ("20249M - 2024H1", "quarters_disagree")
    ]


def test_a_quarter_reported_later_takes_the_derived_ones_place_from_that_day() -> None:
    books = year_to_date({9: 240, 12: 400})
    later = books.document("next", date(2026, 2, 20), period=date(2025, 12, 31))
    books.line(later, CASH, 161, ENDS[12], months=3, statement="cash_flow")
    con = built(books)
    found = values(con, "SELECT version, origin, value FROM core.facts WHERE months = 3 ORDER BY version")
    assert found == [(1, "derived", 160_000), (2, "reported", 161_000)]
    assert values(con, "SELECT origin FROM core.facts_latest WHERE months = 3") == [("reported",)]
    as_of = "SELECT origin, value FROM core.facts_as_of('{}') WHERE months = 3"
    assert values(con, as_of.format("2026-02-19")) == [("derived", 160_000)]
    assert values(con, as_of.format(FILED[12] - timedelta(days=1))) == []
    assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]
    assert failing(con, "versions_count_up") == ("passed", 0)
    assert failing(con, "derived_quarters_agree") == ("passed", 0)


def restated(*reprinted: tuple[int, int]) -> Books:
    """Return a year to date, and a later filing that prints the year as 430 and, beside it, these figures."""
    books = year_to_date({9: 240, 12: 400})
    later = books.document("next", date(2026, 2, 20), period=date(2025, 12, 31))
    for col, (months, value) in enumerate(((12, 430), *reprinted)):
        books.line(later, CASH, value, ENDS[months], months=months, statement="cash_flow", col=col)
    return books


def test_a_restated_year_less_unrestated_months_is_nothing() -> None:
    con = built(restated())
    assert values(con, "SELECT count(*) FROM core.revisions") == [(1,)]
    assert values(con, f"SELECT version, value {DERIVED}") == [(1, 160_000)]


@pytest.mark.parametrize(("nine_months", "quarter"), [(240, 190_000), (262, 168_000)])
def test_a_year_restated_with_its_months_is_a_next_version(nine_months: int, quarter: int) -> None:
    con = built(restated((9, nine_months)))
    found = values(con, f"SELECT version, value, known_at {DERIVED} ORDER BY version")
    assert found == [(1, 160_000, FILED[12]), (2, quarter, date(2026, 2, 20))]
    assert values(con, "SELECT value FROM core.facts_as_of('2026-02-19') WHERE origin = 'derived'") == [
        (160_000,)
    ]


def test_a_finer_repeat_narrows_the_interval() -> None:
    books = year_to_date({9: 240})
    document = books.document("year", FILED[12], period=ENDS[12])
    books.line(document, CASH, 4, ENDS[12], months=12, statement="cash_flow", decimals=-5)
    later = books.document("next", date(2026, 2, 20), period=date(2025, 12, 31))
    books.line(later, CASH, 401, ENDS[12], months=12, statement="cash_flow")
    found = values(built(books), f"SELECT value, decimals, half_units {DERIVED} ORDER BY version")
    assert found == [(160_000, -5, Decimal("1.1")), (161_000, -3, 2)]


def test_nothing_is_derived_across_a_break_that_blocks() -> None:
    def company(effect: str) -> Company:
        a_break = {
            "measures": [CASH_CONCEPT], "break_date": date(2024, 5, 1), "kind": "policy", "effect": effect,
            "note": "n", "wording": "w", "source": "s",
        }  # fmt: skip
        return Company.model_validate({**KC.model_dump(), "breaks": [a_break]})

    for effect, expected in (("block", []), ("annotate", [("2024H1 - 2024Q1",), ("2024FY - 20249M",)])):
        books = year_to_date({3: 100, 6: 250, 12: 400})
        books.line("KC/m12/doc", CASH, 240, ENDS[9], months=9, statement="cash_flow", col=9)
        books.companies["KC"] = company(effect)
        labels = values(
            built(books), f"SELECT label {DERIVED} AND label <> '20249M - 2024H1' ORDER BY known_at"
        )
        assert labels == expected


def test_no_sum_of_quarters_runs_across_a_break_that_blocks() -> None:
    for day, expected in (
        (date(2024, 7, 1), [("2024Q1 + 2024Q2",), ("2024Q3 + 2024Q4",)]),
        (date(2025, 1, 1), [("2024Q1 + 2024Q2",), ("2024Q1 + 2024Q2 + 2024Q3",), ("2024Q1 + 2024Q2 + 2024Q3 + 2024Q4",), ("2024Q3 + 2024Q4",)]),
    ):  # fmt: skip
        books = Books()
        for month, end in ENDS.items():
            document = books.document(f"m{month}", FILED[month], period=end)
            books.line(document, CASH, 100, end, months=3, statement="cash_flow")
        a_break = {
            "measures": [CASH_CONCEPT], "break_date": day, "kind": "definition", "effect": "block",
            "note": "n", "wording": "w", "source": "s",
        }  # fmt: skip
        books.companies["KC"] = Company.model_validate({**KC.model_dump(), "breaks": [a_break]})
        assert values(built(books), f"SELECT label {LONGER} ORDER BY label") == expected


def test_a_rest_of_lines_needs_the_same_label() -> None:
    for label, count in (("Other investing activities", 1), ("Other investing activities, net", 0)):
        books = year_to_date({9: 240}, "Other investing activities")
        document = books.document("year", FILED[12], period=ENDS[12])
        books.line(document, label, 400, ENDS[12], months=12, statement="cash_flow")
        assert values(built(books), f"SELECT count(*) {DERIVED}") == [(count,)]


def test_what_is_never_below_zero_is_not_derived_below_it() -> None:
    label = "Purchases of property and equipment"
    con = built(year_to_date({9: -400, 12: -240}, label, "cash_flow"))
    assert values(con, "SELECT DISTINCT concept IS NOT NULL FROM core.facts") == [(True,)]
    assert values(con, f"SELECT count(*) {DERIVED}") == [(0,)]
    assert values(
        built(year_to_date({9: -240, 12: -400}, label, "cash_flow")), f"SELECT value {DERIVED}"
    ) == [(160_000,)]


def test_derived_facts_enter_no_identity() -> None:
    """Identities judge printed lines; a derived figure is none."""
    con = built(year_to_date({3: 100, 6: 250, 9: 240, 12: 400}))
    assert values(con, "SELECT count(*) FROM staging.statement_lines") == [(4,)]


def test_weeks_are_as_good_as_months() -> None:
    company = Company(id="KC", name="W", reporting_currency="CNY", fiscal_year_end="last Sunday of January")
    books = Books(companies={"KC": company})
    document = books.document("m6", date(2023, 8, 28), period=date(2023, 7, 30))
    books.line(document, "Total assets", 1, date(2023, 7, 30), table=1)
    for months, value, end in ((3, 100, date(2023, 4, 30)), (6, 250, date(2023, 7, 30))):
        books.line(document, CASH, value, end, months=months, statement="cash_flow", col=months)
    found = values(built(books), f"SELECT period_start, period_end, value, label {DERIVED}")
    assert found == [(date(2023, 5, 1), date(2023, 7, 30), 150_000, "2024H1 - 2024Q1")]


SPANS = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 2), (2, 4), (0, 3), (0, 4)]


def covers(known: set[tuple[int, int]], start: int, end: int) -> bool:
    """Return whether consecutive known spans lead from start to end."""
    return start == end or any(a == start and b <= end and covers(known, b, end) for a, b in known)


def derivable(known: set[tuple[int, int]]) -> set[int]:
    """Return the quarters (1 to 4) that end a known longer span whose beginning known spans cover."""
    return {
        q
        for q in range(1, 5)
        if (q - 1, q) not in known and any(b == q and b - a > 1 and covers(known, a, q - 1) for a, b in known)
    }


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1_000_000, 9_000_000), min_size=4, max_size=4),
    st.dictionaries(st.sampled_from(SPANS), st.sampled_from([0, -3, -5]), min_size=2),
)
def test_every_quarter_that_follows_is_derived_within_its_interval(
    quarters: Sequence[int], printed: dict[tuple[int, int], int]
) -> None:
    books = Books()
    document = books.document("year", FILED[12], period=ENDS[12])
    for col, ((a, b), decimals) in enumerate(printed.items()):
        exact = Decimal(sum(quarters[a:b]))
        rounded = exact.scaleb(decimals).to_integral_value()
        books.line(
            document,
            CASH,
            rounded,
            ENDS[3 * b],
            months=3 * (b - a),
            statement="cash_flow",
            decimals=decimals,
            col=col,
        )
    con = built(books)
    found = values(con, f"SELECT period_end, value, decimals, half_units {DERIVED}")
    assert {end.month // 3 for end, *_ in found} == derivable(set(printed))
    for end, value, decimals, half_units in found:
        assert abs(value - quarters[end.month // 3 - 1]) <= half_units * half_unit(decimals)
    longer = values(con, f"SELECT months // 3, period_end, value, decimals, half_units {LONGER}")
    spans = {(end.month // 3 - n, end.month // 3) for n, end, *_ in longer}
    summed = {
        (a, b) for a, b in set(SPANS) - set(printed) if b - a > 1 and all((q, q + 1) in printed for q in range(a, b))
    }  # fmt: skip
    second_half = {(2, 4)} if {(0, 2), (0, 4)} <= set(printed) and (2, 4) not in printed else set()
    assert spans == summed | second_half
    for n, end, value, decimals, half_units in longer:
        last = end.month // 3
        assert abs(value - sum(quarters[last - n : last])) <= half_units * half_unit(decimals)


def test_a_second_half_is_the_year_less_the_first() -> None:
    books = year_to_date({6: 250, 12: 400})
    con = built(books)
    columns = "months, period_start, period_end, value, decimals, half_units, label, known_at"
    assert values(con, f"SELECT {columns} {LONGER}") == [
        (6, date(2024, 7, 1), ENDS[12], 150_000, -3, 2, "2024FY - 2024H1", FILED[12])
    ]
    weights = "SELECT f.months, i.weight FROM core.fact_inputs i JOIN core.facts f ON f.fact_id = i.input_fact_id ORDER BY 1"
    assert values(con, weights) == [(6, -1), (12, 1)]
    compute(con)
    found = values(
        con, "SELECT value, origin FROM marts.kpis WHERE kpi = 'operating_cash_flow' AND period = '2024H2'"
    )
    assert found == [(150_000, "derived")]


def test_the_narrower_second_half_is_taken() -> None:
    books = year_to_date({6: 250, 12: 400})
    for months in (9, 12):
        books.line(
            "KC/m12/doc", CASH, 7, ENDS[months], months=3, statement="cash_flow", decimals=-4, col=months
        )
    found = values(built(books), f"SELECT value, label {LONGER} AND period_start = DATE '2024-07-01'")
    assert found == [(150_000, "2024FY - 2024H1")]


def test_a_half_year_follows_from_its_quarters_until_it_is_reported() -> None:
    books = year_to_date({3: 100})
    second = books.document("q2", FILED[6], period=ENDS[6])
    books.line(second, CASH, 15, ENDS[6], months=3, statement="cash_flow", decimals=-4)
    columns = "value, decimals, half_units, origin, label, known_at"
    half = f"SELECT {columns} FROM core.{{}} WHERE months = 6 ORDER BY version"
    con = built(books)
    sum_of = (250_000, -4, Decimal("1.1"), "derived", "2024Q1 + 2024Q2", FILED[6])
    assert values(con, half.format("facts")) == [sum_of]
    assert values(
        con,
        "SELECT f.period_end, i.weight FROM core.fact_inputs i JOIN core.facts f ON f.fact_id = i.input_fact_id ORDER BY 1",
    ) == [(ENDS[3], 1), (ENDS[6], 1)]
    compute(con)
    assert values(
        con,
        "SELECT value, low, high, origin FROM marts.kpis WHERE kpi = 'operating_cash_flow' AND period = '2024H1'",
    ) == [(250_000, 244_500, 255_500, "derived")]

    interim = books.document("interim", FILED[9], period=ENDS[6], type="report")
    books.line(interim, CASH, 253, ENDS[6], months=6, statement="cash_flow")
    con = built(books)
    reported = (253_000, -3, Decimal(1), "reported", CASH, FILED[9])
    assert values(con, half.format("facts")) == [sum_of, reported]
    assert values(con, half.format("facts_latest")) == [reported]
    assert values(con, half.format(f"facts_as_of('{FILED[6]}')")) == [sum_of]
    assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]


def test_a_half_year_is_not_summed_over_a_gap_and_takes_its_quarters_as_they_stand() -> None:
    books = year_to_date({3: 100})
    third = books.document("q3", FILED[9], period=ENDS[9])
    books.line(third, CASH, 15, ENDS[9], months=3, statement="cash_flow")
    assert values(built(books), f"SELECT count(*) {LONGER}") == [(0,)]
    second = books.document("q2", FILED[6], period=ENDS[6])
    books.line(second, CASH, 150, ENDS[6], months=3, statement="cash_flow")
    restated = books.document("restated", FILED[12], period=ENDS[9])
    books.line(restated, CASH, 90, ENDS[3], months=3, statement="cash_flow")
    found = values(built(books), f"SELECT months, value, known_at {LONGER} ORDER BY months, version")
    assert found == [
        (6, 250_000, FILED[6]), (6, 240_000, FILED[12]), (9, 265_000, FILED[9]), (9, 255_000, FILED[12]),
    ]  # fmt: skip


def test_a_kpi_of_a_derived_quarter_has_the_interval_of_all_inputs() -> None:
    con = built(year_to_date({3: 100, 6: 250}))
    compute(con)
    found = values(
        con,
        "SELECT value, low, high, origin, known_at FROM marts.kpis WHERE kpi = 'operating_cash_flow' AND period = '2024Q2'",
    )
    assert found == [(150_000, 149_000, 151_000, "derived", FILED[6])]
    roles = values(
        con,
        """SELECT i.role, f.origin FROM marts.kpi_inputs i JOIN core.facts f USING (fact_id)
           WHERE kpi = 'operating_cash_flow' AND period = '2024Q2'""",
    )
    assert roles == [(CASH_CONCEPT, "derived")]


def test_trailing_months_take_derived_quarters_and_lack_what_is_missing() -> None:
    """The first year's first quarter is known of nothing, so only windows without it are full."""
    books = year_to_date({6: 250, 9: 300, 12: 400})
    document = books.document("next", date(2025, 5, 20))
    books.line(document, CASH, 90, date(2025, 3, 31), months=3, statement="cash_flow")
    books.line(document, CASH, 140, ENDS[6], months=3, statement="cash_flow", col=3)
    con = built(books)
    compute(con)
    trailing = "FROM marts.{} WHERE kpi = 'operating_cash_flow' AND period_type = 'ttm' ORDER BY period"
    assert values(con, "SELECT period, value " + trailing.format("kpis")) == [("2025Q1-TTM", 380_000)]
    absent = values(con, "SELECT period, reason, detail " + trailing.format("kpi_absent"))
    assert ("2024Q4-TTM", "missing_input", f"{CASH_CONCEPT}[-3q]") in absent
