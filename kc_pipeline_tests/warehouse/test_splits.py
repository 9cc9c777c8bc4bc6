"""A declared split of the shares, on hand-made filings."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb

from kc_pipeline.config import Company
from kc_pipeline.quality import run_checks
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

END, YEAR_ON = date(2024, 3, 31), date(2025, 3, 31)
EPS, SHARES = "Basic net income per share", "Weighted average number of shares outstanding, basic"


def company(*splits: tuple[date, str]) -> Company:
    return Company.model_validate(
        {
            "id": "KC",
            "name": "Split Inc",
            "reporting_currency": "CNY",
            "splits": [{"date": day, "ratio": ratio, "source": "release"} for day, ratio in splits],
        }
    )


def printed(out: Books, name: str, filed: date, eps: Any, shares: Any, end: date = END) -> None:
    document = out.document(name, filed, period=end)
    out.line(document, EPS, eps, END, months=3, unit="CNY/share", decimals=2)
    out.line(document, SHARES, shares, END, months=3, unit="shares", decimals=-6)


def built(out: Books) -> duckdb.DuckDBPyConnection:
    con = out.load()
    build_facts(con)
    for check in run_checks(con, "b", "facts"):
        if check["check_name"] in ("derived_facts_follow_from_reported_ones", "versions_count_up"):
            assert not check["failing_rows"], check
    return con


FOUND = "SELECT origin, version, value, decimals, half_units, known_at FROM core.facts WHERE unit = '{}' ORDER BY version"


def test_figures_before_a_split_count_in_the_new_shares_from_its_day_on() -> None:
    out = Books(companies={"KC": company((date(2024, 6, 10), "10"))})
    printed(out, "q1", date(2024, 5, 22), 248, 2_466)  # 2.48 a share, 2,466 million shares
    con = built(out)
    assert values(con, FOUND.format("CNY/share")) == [
        ("reported", 1, Decimal("2.48"), 2, 1, date(2024, 5, 22)),
        ("derived", 2, Decimal("0.248"), 3, 1, date(2024, 6, 10)),
    ]
    assert values(con, FOUND.format("shares"))[1] == (
        "derived", 2, 24_660_000_000, -7, 1, date(2024, 6, 10),
    )  # fmt: skip
    assert values(con, "SELECT DISTINCT label FROM core.facts_latest") == [
        ("as of the split of 2024-06-10, 10 for 1",)
    ]
    assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]
    as_of = "SELECT value FROM core.facts_as_of(DATE '2024-06-{}') WHERE unit = 'CNY/share'"
    assert values(con, as_of.format("09")) == [(Decimal("2.48"),)]
    assert values(con, as_of.format("10")) == [(Decimal("0.248"),)]


def test_the_restated_figure_is_a_revision_of_kind_split() -> None:
    out = Books(companies={"KC": company((date(2024, 6, 10), "10"))})
    printed(out, "q1", date(2024, 5, 22), 248, 2_466)
    printed(out, "q1-25", date(2025, 5, 22), 25, 24_662, YEAR_ON)
    con = built(out)
    assert values(con, FOUND.format("CNY/share"))[2] == (
        "reported",
        3,
        Decimal("0.25"),
        2,
        1,
        date(2025, 5, 22),
    )
    assert values(
        con, "SELECT kind, materiality, first_value, later_value FROM core.revisions ORDER BY later_value"
    ) == [
        ("split", "below_threshold", Decimal("2.48"), Decimal("0.25")),
        ("split", "below_threshold", 2_466_000_000, 24_662_000_000),
    ]


def test_a_change_that_the_split_does_not_explain_stays_unexplained() -> None:
    out = Books(companies={"KC": company((date(2024, 6, 10), "10"))})
    printed(out, "q1", date(2024, 5, 22), 248, 2_466)
    printed(out, "q1-25", date(2025, 5, 22), 31, 24_662, YEAR_ON)
    assert values(built(out), "SELECT kind, materiality FROM core.revisions WHERE unit = 'CNY/share'") == [
        ("unexplained", "material")
    ]


def test_two_splits_and_a_consolidation_follow_one_another() -> None:
    out = Books(
        companies={
            "KC": company((date(2024, 6, 10), "4"), (date(2024, 9, 2), "3"), (date(2024, 12, 2), "0.5"))
        }
    )
    printed(out, "q1", date(2024, 5, 22), 300, 100)
    con = built(out)
    assert [r[2:5] for r in values(con, FOUND.format("CNY/share"))] == [
        (3, 2, 1), (Decimal("0.75"), 3, Decimal("2.5")), (Decimal("0.25"), 4, Decimal("8.4")),
        (Decimal("0.5"), 3, Decimal("1.7")),
    ]  # fmt: skip


def test_what_a_split_leaves_as_it_is() -> None:
    out = Books(companies={"KC": company((date(2024, 6, 10), "10"))})
    document = out.document("q1", date(2024, 5, 22), period=END)
    out.line(document, "Basic net income per ADS", 248, END, months=3, unit="CNY/ADS", decimals=2)
    out.line(document, "Total revenues", 100, END, months=3)
    assert values(built(out), "SELECT count(*) FROM core.facts WHERE origin = 'derived'") == [(0,)]
