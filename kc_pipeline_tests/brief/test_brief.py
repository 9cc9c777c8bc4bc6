"""The brief: every number with its source, nothing that was not known, nothing missing unsaid."""

import re
from datetime import date

import pytest

from kc_pipeline.brief import Brief, make_brief, to_html, to_markdown
from kc_pipeline.brief.quarterly import opening
from kc_pipeline_tests.conftest import Bundle


@pytest.fixture(scope="module")
def of_2025q1(bundle: Bundle) -> Brief:
    with bundle.connect() as con:
        return make_brief(con, bundle.settings.warehouse, "KC", "2025Q1")


def test_headline_and_margins_carry_their_sources(of_2025q1: Brief) -> None:
    text = to_markdown(of_2025q1)
    assert "CNY 1,970.0 million (KC/2025Q1-release/release; copy) [1]" in text
    for shown in ("10.9 %", "-11.7 %", "-2.9 points", "-2.6 points", "16.2 %", "counter-seasonal"):
        assert shown in text
    for cells in of_2025q1.headline + of_2025q1.margins:
        for cell in cells[1:]:
            if re.search(r"\d", cell.text):
                assert cell.refs, cell
                assert cell.documents
                assert cell.evidence
    numbers = {s.number for s in of_2025q1.sources}
    assert numbers == set(range(1, len(numbers) + 1))
    for _, value, *_ in of_2025q1.headline:
        assert set(value.refs) <= numbers


def test_a_brief_knows_nothing_later_than_its_day(of_2025q1: Brief) -> None:
    assert of_2025q1.as_of == date(2025, 5, 28)
    assert all(s.fact["known_at"] <= date(2025, 5, 28) for s in of_2025q1.sources)


def test_the_newest_quarter_opens_with_its_evidence_and_says_what_is_missing(bundle: Bundle) -> None:
    with bundle.connect() as con:
        brief = make_brief(con, bundle.settings.warehouse, "KC", "2026Q1")
    text = to_markdown(brief)
    opening = text.split("## ")[0]
    assert "None of its figures was read in the issuer's own document" in opening
    missing = dict(brief.missing)
    assert "net_margin" in missing
    assert "enterprise_cloud_revenue" in missing
    assert "## What is missing" in text
    assert all(s.fact["evidence"] != "original" for s in brief.sources)


def test_a_stated_change_of_a_margin_is_cited_in_points(of_2025q1: Brief) -> None:
    (source,) = [
        s.words for s in of_2025q1.sources if s.fact["concept"] == "adjusted_gross_margin_change_qoq"
    ]
    assert "-2.6 points, printed" in source


def test_growth_that_an_acquisition_brought_says_so(bundle: Bundle) -> None:
    with bundle.connect() as con:
        brief = make_brief(con, bundle.settings.warehouse, "KC", "2021Q4")
    growth = {label: yoy.text for label, _, yoy, _ in brief.headline}
    assert growth["Revenue"] == "38.3 %, not organic"
    assert growth["Enterprise cloud revenue"] == "111 %, not organic"
    assert "organic" not in growth["Public cloud revenue"]


def test_html_is_one_page_that_fetches_nothing(of_2025q1: Brief) -> None:
    page = to_html(of_2025q1)
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")
    assert "<table>" in page
    assert not re.search(r"<(?:script|img|link|iframe)\b", page)


def test_two_briefs_of_one_warehouse_are_the_same_to_the_byte(bundle: Bundle, of_2025q1: Brief) -> None:
    with bundle.connect() as con:
        again = make_brief(con, bundle.settings.warehouse, "KC", "2025Q1")
    assert to_html(again) == to_html(of_2025q1)


def test_the_newest_brief_is_what_a_snapshot_of_its_day_gives(bundle: Bundle) -> None:
    from kc_pipeline.brief.quarterly import quarterly_brief
    from kc_pipeline.brief.snapshot import as_known_at

    with bundle.connect() as con:
        day = date(2026, 5, 27)
        made = make_brief(con, bundle.settings.warehouse, "KC", "2026Q1")
        then = as_known_at(bundle.settings.warehouse, day)
        assert to_markdown(made) == to_markdown(quarterly_brief(then, "KC", "2026Q1", day))
        then.close()


def test_a_restatement_is_not_known_before_its_day(bundle: Bundle) -> None:
    from kc_pipeline.brief.snapshot import as_known_at

    for day, revisions in ((date(2025, 3, 18), 0), (date(2025, 3, 19), 1)):
        then = as_known_at(bundle.settings.warehouse, day)
        where = "company = 'GDS' AND concept = 'revenues' AND period_end = '2023-12-31' AND period_start = '2023-10-01'"
        assert then.execute(f"SELECT count(*) FROM core.revisions WHERE {where}").fetchone() == (revisions,)
        remarks = then.execute(
            "SELECT remark FROM marts.kpis WHERE company = 'GDS' AND kpi = 'adjusted_ebitda_margin' AND period = '2023Q4'"
        ).fetchall()
        assert [r is not None and "restated" in r for (r,) in remarks] == [bool(revisions)]
        then.close()


def test_the_parents_share_is_shown_where_the_groups_result_is_not_known(bundle: Bundle) -> None:
    with bundle.connect() as con:
        brief = make_brief(con, bundle.settings.warehouse, "KC", "2026Q1")
    cells = {label: value for label, value, *_ in brief.headline}
    assert cells["Net result of the group"].text == "not known"
    assert "-343.8" in cells["Net result of the parent"].text


def test_a_brief_without_figures_does_not_claim_the_issuers_paper() -> None:
    empty = Brief("KC", "Kingsoft Cloud", "2019Q1", None, opening="")
    assert opening(empty) == "No figure of this quarter that a brief shows is known."
