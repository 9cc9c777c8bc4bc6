"""Securities, definitions and breaks that companies.toml declares, and figures that belong to a definition."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from kc_pipeline.config import Company
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import KC, Books, values

MARCH, MAY = date(2025, 3, 19), date(2025, 5, 28)
Q3, Q4, Q1 = date(2024, 9, 30), date(2024, 12, 31), date(2025, 3, 31)


def company(**more: Any) -> dict[str, Company]:
    return {"KC": Company.model_validate({**KC.model_dump(), **more})}


def definition(measure: str, **more: Any) -> dict[str, Any]:
    return {"measure": measure, "wording": measure, "quote": "q", "source": "s", **more}


AI = company(
    definitions=[
        definition("ai_revenue", valid_to=Q3),
        definition("ai_gross_billing", valid_from=date(2024, 10, 1)),
    ],
    breaks=[
        {
            "measures": ["ai_revenue", "ai_gross_billing", "revenues/public_cloud"],
            "break_date": date(2024, 10, 1),
            "kind": "definition",
            "effect": "block",
            "note": "another measure",
            "wording": "w",
            "source": "s",
        }
    ],
)


def test_a_break_names_the_definitions_on_both_sides_for_each_of_its_measures() -> None:
    books = Books(companies=AI)
    books.document("one", MAY)
    con = books.load()
    ids = dict(values(con, "SELECT concept, definition_id FROM core.definitions"))
    assert values(
        con,
        "SELECT concept, segment, break_date, effect, from_definition_id, to_definition_id FROM core.breaks ORDER BY 1",
    ) == [
        (concept, segment, date(2024, 10, 1), "block", ids["ai_revenue"], ids["ai_gross_billing"])
        for concept, segment in (
            ("ai_gross_billing", None),
            ("ai_revenue", None),
            ("revenues", "public_cloud"),
        )
    ]


def test_a_figure_has_the_definition_in_force_at_its_periods_end() -> None:
    books = Books(companies=AI)
    document = books.document("one", MAY)
    books.prose(document, "ai_revenue", 3620, Q3, span=10)
    books.prose(document, "ai_revenue", 4700, Q4, span=50)
    books.prose(document, "ai_gross_billing", 5250, Q1, span=90)
    con = books.load()
    build_facts(con)
    assert values(
        con,
        """SELECT f.concept, f.period_end, d.concept FROM core.facts f LEFT JOIN core.definitions d USING (definition_id)
           ORDER BY f.period_end""",
    ) == [
        ("ai_revenue", Q3, "ai_revenue"),
        ("ai_revenue", Q4, None),
        ("ai_gross_billing", Q1, "ai_gross_billing"),
    ]


def test_a_repeat_under_the_same_definition_is_a_sighting() -> None:
    books = Books(companies=AI)
    for name, filed in (("one", MARCH), ("two", MAY)):
        books.prose(books.document(name, filed), "ai_gross_billing", 4740, Q4)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT (SELECT count(*) FROM core.facts), (SELECT count(*) FROM core.sightings)") == [
        (1, 1)
    ]


@pytest.mark.parametrize(
    "declared",
    [
        {"definitions": [definition("ai_revenue"), definition("ai_revenue", valid_from=Q4)]},
        {"definitions": [definition("ai_revenue", valid_to=Q4), definition("ai_revenue", valid_from=Q4)]},
        {"definitions": [definition("ai_revenue", valid_from=Q4, valid_to=Q3)]},
        {"securities": [{"id": "X:Y", "unit": "ADS", "ordinary_shares": n} for n in (15, 20)]},
        {"securities": [{"id": "X:Y", "unit": "unit", "ordinary_shares": 15}]},
    ],
)
def test_two_states_at_one_time_are_refused(declared: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        company(**declared)


def per_unit(per_ads: object, per_share: object, securities: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return status and judged rows of the check on figures per ADS and per share, and the facts' units."""
    from kc_pipeline.quality import run_checks

    books = Books(companies=company(securities=securities))
    books.prose(
        books.document("one", MARCH), "earnings_per_ads_basic", per_ads, Q4, decimals=2, unit="CNY/ADS"
    )
    books.prose(
        books.document("two", MAY), "earnings_per_share_basic", per_share, Q4, decimals=2, unit="CNY/share"
    )
    con = books.load()
    build_facts(con)
    run_checks(con, "b", "facts")
    assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]
    assert values(con, "SELECT unit FROM core.facts_latest ORDER BY 1") == [("CNY/ADS",), ("CNY/share",)]
    return values(
        con,
        "SELECT status, judged_rows FROM meta.check_results WHERE check_name = 'per_ads_is_per_share_times_the_ratio'",
    )


ADS = {"id": "NASDAQ:KC", "unit": "ADS", "ordinary_shares": 15}


def test_per_ads_is_held_against_per_share_times_the_ratio() -> None:
    # half a cent per ADS and fifteen halves of a cent per share: 0.08
    assert per_unit(-165, -11, [ADS]) == [("passed", 1)]
    assert per_unit(-173, -11, [ADS]) == [("passed", 1)]
    assert per_unit(-174, -11, [ADS]) == [("failed", 1)]
    assert per_unit(-11, -11, [ADS]) == [("failed", 1)]


def test_the_ratio_is_the_one_of_the_periods_end() -> None:
    old = {**ADS, "ordinary_shares": 30, "valid_to": Q3}
    new = {**ADS, "valid_from": date(2024, 10, 1)}
    assert per_unit(-165, -11, [old, new]) == [("passed", 1)]
    assert per_unit(-165, -11, [{**old, "valid_to": Q4}]) == [("failed", 1)]
    assert per_unit(-165, -11, [old]) == [("not_evaluable", 0)]


def test_the_bundled_securities_and_breaks(repo: Any) -> None:
    from kc_pipeline.config import load_companies

    books = Books(companies={"KC": load_companies(repo / "data" / "companies.toml")["KC"]})
    books.document("one", MAY)
    con = books.load()
    assert values(con, "SELECT security, kind, unit, ordinary_shares FROM core.securities ORDER BY 1") == [
        ("HKEX:3896", "ordinary", "share", 1),
        ("NASDAQ:KC", "depositary", "ADS", 15),
    ]
    assert values(
        con,
        """SELECT concept || coalesce('/' || segment, ''), break_date, kind, effect, note FROM core.breaks
           WHERE kind = 'perimeter' ORDER BY 1""",
    ) == [
        ("revenues", date(2021, 9, 3), "perimeter", "annotate", "not organic"),
        ("revenues/enterprise_cloud", date(2021, 9, 3), "perimeter", "annotate", "not organic"),
    ]
    assert values(
        con,
        "SELECT count(*) FROM core.breaks WHERE effect = 'block' AND (source IS NULL OR to_definition_id IS NULL)",
    ) == [(0,)]
