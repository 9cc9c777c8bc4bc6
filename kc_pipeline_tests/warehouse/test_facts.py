"""Facts and their history, on hand-made filings of two or three documents."""

from datetime import date
from decimal import Decimal

import pytest

from kc_pipeline.config import Company
from kc_pipeline.extraction import read
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import KC, Books, values

Q1, Q4 = date(2025, 3, 31), date(2024, 12, 31)
MARCH, MAY, AUGUST = date(2025, 3, 19), date(2025, 5, 28), date(2025, 8, 20)
SITE = {"grade": "B", "source_kind": "third_party", "source_title": "site", "source_url": "https://c"}
WIRE = {"grade": "A", "source_kind": "wire", "source_title": "copy", "source_url": "https://a"}


def two_reports(
    first: object, later: object, *, decimals: tuple[int, int] = (-3, -3), **more: object
) -> Books:
    """Return two filings that print total assets of the end of 2024."""
    books = Books()
    books.line(books.document("one", MARCH), "Total assets", first, Q4, decimals=decimals[0])
    books.line(books.document("two", MAY), "Total assets", later, Q4, decimals=decimals[1], **more)  # type: ignore[arg-type]
    return books


def history(books: Books) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]], int]:
    """Return facts (version, value), revisions (kind, first, later) and the number of sightings."""
    con = books.load()
    build_facts(con)
    facts = values(con, "SELECT version, value FROM core.facts ORDER BY version")
    revisions = values(
        con, "SELECT kind, first_value, later_value FROM core.revisions ORDER BY later_known_at"
    )
    return facts, revisions, values(con, "SELECT count(*) FROM core.sightings")[0][0]


def test_a_repeat_in_agreement_is_a_sighting_of_the_first_report() -> None:
    con = two_reports(1000, 1000).load()
    assert build_facts(con)["core.facts"] == 1
    found = values(
        con, "SELECT s.fact_id = f.fact_id, s.document_id, f.document_id FROM core.sightings s, core.facts f"
    )
    assert found == [(True, "KC/two/doc", "KC/one/doc")]


def test_a_coarser_repeat_within_its_rounding_is_a_sighting() -> None:
    assert history(two_reports(1234567, 1235, decimals=(-3, -6))) == ([(1, 1234567000)], [], 1)


def test_the_limit_of_agreement_is_half_a_digit_of_each_side() -> None:
    # half a million and half a thousand: 500,500
    assert history(two_reports(1234500, 1235, decimals=(-3, -6)))[2] == 1
    assert history(two_reports(1235500, 1235, decimals=(-3, -6)))[2] == 1
    facts, revisions, sightings = history(two_reports(1235501, 1235, decimals=(-3, -6)))
    assert facts == [(1, 1235501000), (2, 1235000000)]
    assert len(revisions) == 1
    assert sightings == 0


def test_a_later_figure_that_disagrees_is_the_next_version_also_where_it_is_coarser() -> None:
    facts, revisions, sightings = history(two_reports(1234567, 1240, decimals=(-3, -6)))
    assert facts == [(1, 1234567000), (2, 1240000000)]
    assert revisions == [("unexplained", 1234567000, 1240000000)]
    assert sightings == 0


def test_a_finer_figure_in_agreement_refines_the_value() -> None:
    facts, revisions, _ = history(two_reports(12346, 1234567, decimals=(-5, -3)))
    assert facts == [(1, 1234600000), (2, 1234567000)]
    assert revisions == [("refinement", 1234600000, 1234567000)]


def test_a_finer_figure_from_weaker_evidence_stays_a_sighting() -> None:
    books = Books()
    books.line(
        books.document("one", MARCH, kind="transcript"), "Total assets", 12346, Q4, decimals=-5, source=WIRE
    )
    books.line(books.document("two", MAY, kind="transcript"), "Total assets", 1234567, Q4, source=SITE)
    facts, revisions, sightings = history(books)
    assert facts == [(1, 1234600000)]
    assert revisions == []
    assert sightings == 1


def test_a_flip_of_sign_is_a_suspect_and_no_revision() -> None:
    books = Books()
    books.line(books.document("one", MARCH), "Operating income (loss)", -558, Q4, months=3, decimals=-5)
    books.line(books.document("two", MAY), "Operating income (loss)", 558, Q4, months=3, decimals=-5)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT value, suspect FROM core.facts") == [(-55800000, "opposite_sign")]
    assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]
    assert values(con, "SELECT kind, value, deviation FROM core.conflicts") == [
        ("opposite_sign", 55800000, 111600000)
    ]


def test_three_versions_each_against_the_one_that_stands_then() -> None:
    books = Books()
    for name, filed, amount in (
        ("a", MARCH, 100),
        ("b", MAY, 120),
        ("c", AUGUST, 120),
        ("d", date(2025, 11, 1), 100),
    ):
        books.line(books.document(name, filed), "Total assets", amount, Q4)
    facts, revisions, sightings = history(books)
    assert facts == [(1, 100_000), (2, 120_000), (3, 100_000)]
    assert revisions == [("unexplained", 100_000, 120_000), ("unexplained", 120_000, 100_000)]
    assert sightings == 1


def test_the_kind_of_a_revision_comes_from_what_the_filing_says_or_from_the_siblings() -> None:
    assert history(two_reports(100, 120, table_title="As restated"))[1][0][0] == "restatement"
    assert history(two_reports(100, 120, column_label="2024 (recast)"))[1][0][0] == "recast"

    audited = two_reports(100, 120, audited=True)
    audited.lines[0]["audited"] = False
    assert history(audited)[1][0][0] == "audit_adjustment"

    moved = Books()
    one, two = moved.document("one", MARCH), moved.document("two", MAY)
    for document, cash, short in ((one, 700, 300), (two, 650, 350)):
        moved.line(document, "Cash and cash equivalents", cash, Q4, section=["Current assets:"])
        moved.line(document, "Short-term investments", short, Q4, section=["Current assets:"])
        moved.line(document, "Total current assets", 1000, Q4, section=["Current assets:"])
    assert {r[0] for r in history(moved)[1]} == {"reclassification"}


def test_a_line_split_off_is_a_reclassification() -> None:
    books = Books()
    one, two = books.document("one", MARCH), books.document("two", MAY)
    books.line(one, "Deferred tax liabilities", 452, Q4, section=["Non-current liabilities:"])
    books.line(two, "Deferred tax liabilities", 292, Q4, section=["Non-current liabilities:"])
    books.line(two, "Other liabilities", 160, Q4, section=["Non-current liabilities:"])
    assert history(books)[1] == [("reclassification", 452_000, 292_000)]


def test_an_original_against_a_transcript_of_another_filing_is_unexplained() -> None:
    books = Books()
    books.line(books.document("one", MARCH, kind="transcript"), "Total assets", 100, Q4)
    books.line(books.document("two", MAY), "Total assets", 130, Q4)
    assert history(books)[1] == [("unexplained", 100_000, 130_000)]


@pytest.mark.parametrize(
    ("kind", "day", "expected"),
    [
        ("segment_change", date(2025, 4, 1), "recast"),
        ("policy", date(2025, 4, 1), "recast"),
        ("perimeter", date(2025, 4, 1), "unexplained"),  # a purchase does not change what was before it
        ("segment_change", date(2025, 6, 1), "unexplained"),  # later than both documents
        ("segment_change", date(2025, 1, 1), "unexplained"),  # known to both
        ("segment_change", date(2024, 10, 1), "unexplained"),  # the period lies after it
    ],
)
def test_a_comparative_moved_by_a_declared_change_is_recast(kind: str, day: date, expected: str) -> None:
    change = {
        "measures": ["revenues/public_cloud"], "break_date": day, "kind": kind, "effect": "block", "note": "n",
        "wording": "w", "source": "s",
    }  # fmt: skip
    books = Books(companies={"KC": Company.model_validate({**KC.model_dump(), "breaks": [change]})})
    for name, filed, amount in (("one", MARCH, 100), ("two", MAY, 130)):
        books.prose(books.document(name, filed), "revenues", amount, Q4, segment="public_cloud")
    assert [r[0] for r in history(books)[1]] == [expected]


def test_a_superseded_transcript_gives_no_fact_but_its_differences() -> None:
    books = Books()
    transcript = books.document("transcript", MAY, kind="transcript", status="superseded")
    original = books.document("original", MAY)
    for document, assets in ((transcript, 100), (original, 130)):
        books.line(document, "Total assets", assets, Q1)
        books.line(document, "Total liabilities", 60, Q1)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT DISTINCT document_id FROM core.facts") == [(original,)]
    found = values(
        con, "SELECT kind, concept, first_value, later_value, first_document_id FROM core.revisions"
    )
    assert found == [("transcription", "assets", 100_000, 130_000, transcript)]
    assert values(
        con, "SELECT count(*) FROM core.revisions r JOIN core.facts f ON f.fact_id = r.later_fact_id"
    ) == [(1,)]


def test_a_superseded_transcript_with_the_opposite_sign_is_a_suspect_and_no_revision() -> None:
    books = Books()
    transcript = books.document("transcript", MAY, kind="transcript", status="superseded")
    original = books.document("original", MAY)
    for document, amount in ((transcript, 558), (original, -558)):
        books.line(document, "Operating income (loss)", amount, Q4, months=3)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]
    assert values(con, "SELECT kind, document_id, value FROM core.conflicts") == [
        ("opposite_sign", transcript, 558_000)
    ]


def test_a_quarantined_document_gives_nothing() -> None:
    books = two_reports(100, 120)
    books.documents[1]["status"] = "quarantined"
    assert history(books) == ([(1, 100_000)], [], 0)


def test_documents_of_one_day_speak_in_the_declared_order() -> None:
    books = Books()
    for name, kind, type, amount in (
        ("a", "transcript", "release", 4), ("b", "original", "call_transcript", 3),
        ("c", "original", "release", 2), ("d", "original", "report", 1),
    ):  # fmt: skip
        books.line(books.document(name, MAY, kind=kind, type=type), "Total assets", amount * 100, Q4)

    def standing(without: int) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
        """Return fact and conflicts with the first so many documents, best first, left out."""
        for number, document in enumerate(reversed(books.documents)):
            document["status"] = "quarantined" if number < without else "accepted"
        con = books.load()
        build_facts(con)
        assert values(con, "SELECT count(*) FROM core.revisions") == [(0,)]
        return (
            values(con, "SELECT document_id FROM core.facts"),
            values(con, "SELECT DISTINCT kind FROM core.conflicts"),
        )

    for left_out, best in enumerate(("d", "c", "b", "a")):
        facts, conflicts = standing(left_out)
        assert facts == [(f"KC/{best}/doc",)]
        assert conflicts == ([("lesser_place",)] if left_out < 3 else [])


def test_a_document_of_the_same_day_may_refine_but_not_displace() -> None:
    books = Books()
    books.line(books.document("a", MAY, type="report"), "Total assets", 1235, Q4, decimals=-6)
    books.line(books.document("b", MAY), "Total assets", 1234567, Q4)
    assert history(books)[:2] == (
        [(1, 1_235_000_000), (2, 1_234_567_000)],
        [("refinement", 1_235_000_000, 1_234_567_000)],
    )
    books.lines[1]["value"] *= 2
    assert history(books)[:2] == ([(1, 1_235_000_000)], [])


@pytest.mark.parametrize(
    ("source", "sentence", "displaces"),
    [
        (WIRE, "revenues was restated to 2,000.", True),
        (WIRE, "revenues was 2,000 in the same quarter of 2024.", False),
        (SITE, "revenues was restated to 2,000.", False),
    ],
)
def test_a_sentence_displaces_a_table_only_where_it_speaks_of_a_restatement(
    source: dict[str, str], sentence: str, displaces: bool
) -> None:
    books = Books()
    one, two = (books.document(n, d, kind="transcript") for n, d in (("one", MARCH), ("two", MAY)))
    books.line(one, "Total revenues", 1970000, Q4, months=3, source=WIRE)
    books.prose(two, "revenues", 20000, Q4, source=source, sentence=sentence)
    facts, revisions, _ = history(books)
    assert len(facts) == 1 + displaces
    assert [kind for kind, _, _ in revisions] == ["restatement"] * displaces
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT count(*) FROM core.conflicts WHERE kind = 'lesser_place'") == [
        (1 - displaces,)
    ]


def test_a_later_sentence_displaces_an_earlier_sentence() -> None:
    books = Books()
    for name, filed, amount in (("one", MARCH, 19700), ("two", MAY, 20000)):
        books.prose(books.document(name, filed), "revenues", amount, Q4)
    assert history(books)[1] == [("unexplained", 1_970_000_000, 2_000_000_000)]


def size(
    first: int, later: int, *, label: str = "Gross profit", revenue: int | None = 10_000
) -> tuple[object, ...]:
    """Return change, relative change, share of revenue and materiality of one revised flow of a quarter."""
    books = Books()
    one, two = books.document("one", MARCH), books.document("two", MAY)
    for document, amount in ((one, first), (two, later)):
        books.line(document, label, amount, Q4, months=3)
        if revenue is not None:
            books.line(document, "Total revenues", revenue, Q4, months=3)
    con = books.load()
    build_facts(con)
    return values(
        con,
        "SELECT change, relative_change::DOUBLE, share_of_revenue::DOUBLE, materiality FROM core.revisions",
    )[0]


def test_the_size_of_a_revision_and_whether_it_matters() -> None:
    assert size(1000, 1050) == (50_000, 0.05, 0.005, "material")
    assert size(1000, 1049) == (49_000, 0.049, 0.0049, "below_threshold")
    assert size(100, 149) == (
        49_000,
        0.49,
        0.0049,
        "below_threshold",
    )  # half of the figure, a trifle for the company
    assert size(100, 149, revenue=None) == (49_000, 0.49, None, "material")
    assert size(2000, 2060) == (60_000, 0.03, 0.006, "below_threshold")
    assert size(-20, 10, label="Operating income (loss)") == (30_000, 1.5, 0.003, "material")
    assert size(0, 100)[1:] == (None, 0.01, "material")


def test_a_balance_is_held_against_the_longest_revenue_up_to_its_day() -> None:
    books = Books()
    one, two = books.document("one", MARCH), books.document("two", MAY)
    for document, assets in ((one, 1000), (two, 1100)):
        books.line(document, "Total assets", assets, Q4)
        for months, revenue in ((3, 1_000), (12, 40_000)):
            books.line(document, "Total revenues", revenue, Q4, months=months, table=1, row=0, col=months)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT share_of_revenue::DOUBLE, materiality FROM core.revisions") == [
        (0.0025, "below_threshold")
    ]


def test_the_table_beats_prose_and_the_statement_beats_the_reconciliation() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.prose(document, "revenues", 19700, decimals=-5)
    books.line(document, "Total revenues", 1970, months=3, decimals=-6, table=1, statement="reconciliation")
    books.line(document, "Total revenues", 1969985, months=3, table=2)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT value, statement, suspect FROM core.facts") == [(1969985000, "income", None)]
    assert values(con, "SELECT statement FROM core.sightings ORDER BY 1") == [("prose",), ("reconciliation",)]


def test_the_statement_itself_beats_an_excerpt_that_looks_finer() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total revenues", 385, months=3, decimals=-5, table=0)  # per cent, read as millions
    for label, amount in (("Total revenues", 1970), ("Cost of revenues", -1651), ("Gross profit", 319)):
        books.line(document, label, amount, months=3, decimals=-6, table=1)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT value, suspect FROM core.facts WHERE concept = 'revenues'") == [
        (1970000000, "conflict")
    ]


def test_a_total_beats_its_part_under_one_concept() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Cost of revenues", 80, months=3)
    books.line(document, "Total cost of revenues", 90, months=3)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT label, value, suspect FROM core.facts") == [
        ("Total cost of revenues", 90_000, None)
    ]
    assert values(con, "SELECT kind, value FROM core.conflicts") == [("same_document", 80_000)]


def test_two_rows_of_one_table_under_one_concept_are_ambiguous_and_no_fact() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total revenues", 262, months=3)
    books.line(document, "Net revenues", 248, months=3)
    con = books.load()
    assert build_facts(con)["core.facts"] == 0
    found = values(con, "SELECT kind, fact_id, concept, value FROM core.conflicts ORDER BY value")
    assert found == [("ambiguous", None, "revenues", 248_000), ("ambiguous", None, "revenues", 262_000)]


def test_a_reconciliation_that_prints_a_figure_differently_twice_gives_none() -> None:
    books = Books()
    document = books.document("one", MAY)
    for row, amount in enumerate((45, 948, 993)):
        books.line(
            document, "Share-based compensation", amount, months=3, row=row, statement="reconciliation"
        )
    con = books.load()
    assert build_facts(con)["core.facts"] == 0
    assert values(con, "SELECT DISTINCT kind FROM core.conflicts") == [("ambiguous",)]


def test_an_expense_line_of_a_reconciliation_is_an_adjustment_not_the_expense() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Research and development expenses", 12, months=3, statement="reconciliation")
    books.line(document, "Gross profit", 319, months=3, statement="reconciliation")
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT concept FROM core.facts") == [("gross_profit",)]


def test_a_lesser_table_does_not_displace_a_primary_statement() -> None:
    books = Books()
    books.line(books.document("one", MARCH), "Gross profit", 319, Q4, months=3)
    books.line(books.document("two", MAY), "Gross profit", 400, Q4, months=3, statement="reconciliation")
    books.line(books.document("three", AUGUST), "Gross profit", 330, Q4, months=3)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT value, suspect FROM core.facts ORDER BY version") == [
        (319_000, None),
        (330_000, None),
    ]
    assert values(con, "SELECT kind, value, deviation FROM core.conflicts") == [
        ("lesser_place", 400_000, 81_000)
    ]


def test_a_contradicted_reading_does_not_displace_an_uncontradicted_one() -> None:
    books = two_reports(100, 130, suspect="total_mismatch")
    facts, revisions, _ = history(books)
    assert facts == [(1, 100_000)]
    assert revisions == []


def test_a_figure_about_the_future_is_an_outlook_and_no_fact() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.prose(document, "revenues", 20000, end=date(2025, 6, 30))
    books.line(document, "Total revenues", 20, end=date(2025, 6, 30), months=3)
    assert build_facts(books.load())["core.facts"] == 0


def test_prose_that_contradicts_the_table_stays_out_and_is_kept_as_a_conflict() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total revenues", 1970000, months=3)
    books.prose(document, "revenues", 19800)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT value, suspect FROM core.facts") == [(1970000000, None)]
    found = values(con, "SELECT kind, statement, deviation, allowed FROM core.conflicts")
    assert found == [("same_document", "prose", 10_000_000, 50_500)]


def test_an_uncontradicted_reading_beats_a_contradicted_one_and_codes_reach_the_fact() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total assets", 100, table=0, suspect="total_mismatch")
    books.line(document, "Total liabilities", 70, table=0, row=1, suspect="total_mismatch")
    books.line(document, "Total assets", 105, table=1)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT concept, value, suspect FROM core.facts ORDER BY concept") == [
        ("assets", 105_000, "conflict"),
        ("liabilities", 70_000, "total_mismatch"),
    ]


def test_the_fact_follows_its_concepts_positive_meaning() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Cost of revenues", -80, months=3)
    con = books.load()
    build_facts(con)
    found = values(con, "SELECT value, text, sign_rule IS NOT NULL FROM core.facts")
    assert found == [(80_000, "-80", True)]


def test_a_share_count_behind_a_bracket_in_a_label_becomes_a_positive_fact() -> None:
    """Read from HTML to the fact: "(500 shares authorized; 132 and 134 shares issued)"."""
    html = (
        "<html><p>Consolidated Balance Sheets (RMB in thousands, except share data)</p><table>"
        "<tr><td></td><td>March 31, 2025</td><td>December 31, 2024</td></tr>"
        "<tr><td>Total assets</td><td>20</td><td>20</td></tr><tr><td>Total liabilities</td><td>3</td><td>4</td></tr>"
        "<tr><td>Common stock (500,000 shares authorized; 132,000 and 134,000 shares issued)</td><td>17</td><td>16</td></tr>"
        "</table></html>"
    )
    books = Books()
    document = books.document("one", MAY)
    for line in read(html.encode()).lines:
        books.line(
            document, line.label, line.value, line.period_end or MAY, row=line.row, col=line.col, decimals=0,
            unit=line.unit, statement=line.statement, column_label=line.column_label, text=line.text,
            member=line.member or None,
        )  # fmt: skip
    con = books.load()
    build_facts(con)
    printed = values(
        con, "SELECT DISTINCT value FROM staging.statement_lines WHERE unit = 'shares' ORDER BY 1"
    )
    assert printed == [(-500_000,), (132_000,), (134_000,)]
    found = values(
        con, "SELECT DISTINCT concept, value, sign_rule FROM core.facts WHERE unit = 'shares' ORDER BY ALL"
    )
    assert found == [
        ("common_stock_shares_authorized", 500_000, "label/parentheses"),
        ("common_stock_shares_issued", 132_000, None),
        ("common_stock_shares_issued", 134_000, None),
    ]  # fmt: skip


def test_what_is_not_the_figure_itself_is_no_fact() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Gross profit", 20, months=3, member="Adjustments")
    books.line(document, "Gross profit", 20, end=Q1, table=1, statement="income")
    books.prose(document, "revenues", 194, comparison="change_yoy", span=100)
    books.prose(document, "revenues", 109, decimals=3, unit="pure", comparison="yoy", span=200)
    con = books.load()
    assert build_facts(con)["core.facts"] == 0


def test_a_stated_ratio_is_a_fact_of_its_own_name() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.prose(document, "revenue_growth_yoy", 109, decimals=3, unit="pure", comparison="yoy")
    books.prose(document, "adjusted_gross_margin", 166, decimals=3, unit="pure", span=200)
    con = books.load()
    build_facts(con)
    found = values(con, "SELECT concept, value, origin, basis, statement FROM core.facts ORDER BY concept")
    assert found == [
        ("adjusted_gross_margin", Decimal("0.166"), "stated", "non_gaap", "prose"),
        ("revenue_growth_yoy", Decimal("0.109"), "stated", "gaap", "prose"),
    ]


def test_a_nil_dash_is_a_stated_zero() -> None:
    books = Books()
    books.line(books.document("one", MAY), "Goodwill", 0, section=["Non-current assets:"])
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT value FROM core.facts") == [(0,)]


def test_the_translated_currency_enters_no_fact_and_carries_the_implied_rate() -> None:
    books = Books()
    document = books.document("one", MAY)
    rows = (("Cash and cash equivalents", 3568288, 519583), ("Restricted cash", 97897, 14255), ("Goodwill", 4605724, 670645), ("Total assets", 16557258, 2410999))  # fmt: skip
    for row, (label, own, translated) in enumerate(rows):
        books.line(document, label, own, row=row, col=2)
        books.line(document, label, translated, row=row, col=5, unit="USD")
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT DISTINCT unit FROM core.facts") == [("CNY",)]
    found = values(
        con,
        "SELECT count(*), round(min(rate), 4)::VARCHAR, min(rate_source) FROM core.convenience_translations",
    )
    assert found == [(4, "6.8676", "implied by 3 pairs of the document at 2025-03-31")]


def test_two_pairs_imply_no_rate() -> None:
    books = Books()
    document = books.document("one", MAY)
    for row, (label, own, translated) in enumerate(
        (("Restricted cash", 97897, 14255), ("Total assets", 16557258, 2410923))
    ):
        books.line(document, label, own, row=row, col=2)
        books.line(document, label, translated, row=row, col=5, unit="USD")
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT DISTINCT rate, rate_source FROM core.convenience_translations") == [
        (None, None)
    ]


def test_a_company_that_reports_in_dollars_has_facts_in_dollars() -> None:
    books = Books(
        companies={"US": Company.model_validate({"id": "US", "name": "US", "reporting_currency": "USD"})}
    )
    books.line(books.document("one", MAY, company="US"), "Total assets", 10, unit="USD")
    con = books.load()
    assert build_facts(con)["core.facts"] == 1


def test_identifiers_depend_on_key_and_document_alone() -> None:
    first, later = two_reports(100, 120).load(), two_reports(555, 777).load()
    ids = []
    for con in (first, later):
        build_facts(con)
        ids.append(values(con, "SELECT version, fact_id, figure_id FROM core.facts ORDER BY version"))
    assert ids[0] == ids[1]
    assert len({row[1] for row in ids[0]}) == 2
    assert len({row[2] for row in ids[0]}) == 1


def test_building_twice_gives_the_same() -> None:
    con = two_reports(100, 120).load()
    counts = build_facts(con)
    before = values(con, "FROM core.facts ORDER BY fact_id")
    assert build_facts(con) == counts
    assert values(con, "FROM core.facts ORDER BY fact_id") == before


def test_facts_as_of_a_day_know_what_was_public_at_its_end() -> None:
    con = two_reports(100, 120).load()
    build_facts(con)

    def known(day: str) -> list[tuple[object, ...]]:
        return values(con, f"SELECT value FROM core.facts_as_of('{day}')")

    assert known("2025-03-18") == []
    assert known("2025-03-19") == [(100_000,)] == known("2025-05-27")
    assert known("2025-05-28") == [(120_000,)] == values(con, "SELECT value FROM core.facts_latest")
    assert values(con, "SELECT value FROM core.facts_as_of(DATE '2025-04-01')") == [(100_000,)]


@pytest.mark.parametrize("unit", ["CNY/share", "CNY/ADS", "shares"])
def test_per_share_per_ads_and_counts_are_apart(unit: str) -> None:
    label = {
        "CNY/share": "Basic net loss per share",
        "CNY/ADS": "Basic net loss per ADS",
        "shares": "Ordinary shares issued",
    }[unit]
    books = Books()
    document = books.document("one", MAY)
    books.line(document, label, 8, months=None if unit == "shares" else 3, unit=unit, decimals=0)
    con = books.load()
    build_facts(con)
    assert {u for (u,) in values(con, "SELECT unit FROM core.facts")} <= {unit}
    assert KC.reporting_currency == "CNY"


def test_a_month_end_stands_for_the_close_of_a_52_week_calendar() -> None:
    """A table headed with a fiscal quarter is read as ending with the month; the balance sheets close on a Friday."""
    close, month_end = date(2024, 6, 28), date(2024, 6, 30)
    books = Books()
    document = books.document("one", AUGUST)
    books.line(document, "Total assets", 85, close)
    books.line(document, "Gross profit", 22, close, months=3, table=1)
    books.line(document, "Gross profit", 22, month_end, months=3, table=2)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT period_end FROM core.facts WHERE concept = 'gross_profit'") == [(close,)]
    assert values(con, "SELECT table_index FROM core.sightings") == [(2,)]

    books.line(document, "Total assets", 84, month_end, table=3)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT period_end FROM core.facts WHERE concept = 'gross_profit' ORDER BY 1") == [
        (close,),
        (month_end,),
    ]


def test_a_sum_within_a_coarse_siblings_rounding_explains_nothing() -> None:
    books = Books()
    one, two = books.document("one", MARCH), books.document("two", MAY)
    section = ["Current assets:"]
    for document, cash in ((one, 700), (two, 650)):
        books.line(document, "Cash and cash equivalents", cash, Q4, section=section)
    books.line(one, "Short-term investments", 1, Q4, section=section, decimals=-6)
    books.line(two, "Short-term investments", 3, Q4, section=section, decimals=-6)
    assert {r[0] for r in history(books)[1]} == {"unexplained"}


def test_the_rate_that_the_filing_states_comes_first() -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total assets", 16557258, row=0, col=2)
    books.line(document, "Total assets", 2410923, row=0, col=5, unit="USD")
    books.prose(document, "convenience_translation_rate", 68676, decimals=4, unit="CNY/USD", months=None)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT concept FROM core.facts") == [("assets",)]
    found = values(con, "SELECT rate, rate_source FROM core.convenience_translations")
    assert found == [(Decimal("6.8676"), "stated in the filing")]


@pytest.mark.parametrize(
    "title",
    [
        "Summarized results of discontinued operations",
        "The major classes of assets of discontinued operations were as follows:",
        "Combined statements of operations of our equity method investees",
        "Income statements of unconsolidated joint ventures",
        "Projected consolidated statements of operations",
        "Second quarter guidance",
    ],
)
def test_a_table_about_something_else_than_the_group_gives_no_facts(title: str) -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total revenues", 8, months=3, table_title=title)
    books.line(document, "Gross profit", 3, months=3, table=1, table_title="Statements of operations")
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT DISTINCT concept FROM core.facts") == [("gross_profit",)]


@pytest.mark.parametrize("place", ["table_title", "column_label", "section"])
def test_what_would_have_been_is_no_fact(place: str) -> None:
    words = "Pro Forma (Unaudited) Year Ended"
    books = Books()
    document = books.document("one", MAY)
    more: dict[str, object] = {place: [words] if place == "section" else words}
    books.line(document, "Total revenues", 8, months=3, **more)  # type: ignore[arg-type]
    books.line(document, "Gross profit", 3, months=3, table=1)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT DISTINCT concept FROM core.facts") == [("gross_profit",)]


@pytest.mark.parametrize(
    "more",
    [
        {"statement": "other", "table_title": "Summarized financial information of Northwind is as follows"},
        {"statement": "segment", "table_title": "Summarised Financial Data: guarantor subsidiaries"},
        {"section": ["Statements of Operations Impact"]},
    ],
)
def test_an_investees_figures_and_a_restatements_impact_are_no_facts_of_the_group(
    more: dict[str, object],
) -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total revenues", 8, months=3, **more)  # type: ignore[arg-type]
    books.line(document, "Gross profit", 3, months=3, table=1)
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT DISTINCT concept FROM core.facts") == [("gross_profit",)]


@pytest.mark.parametrize(
    ("sentence", "other", "expected"),
    [
        (
            "All translations were made at a rate of RMB7.2567 to US$1.00.",
            (60, "1", "USD"),
            "stated in the filing",
        ),
        ("A share was sold at RMB7.2567, before at US$1.00.", (60, "1", "USD"), None),
        ("All translations were made at a rate of RMB7.2567 to US$1.10.", (60, "1.1", "USD"), None),
        ("All translations, of RMB7.2567 as far as is known to us, and US$1.00.", (90, "1", "USD"), None),
    ],
)
def test_a_sentence_about_translation_states_the_rate(
    sentence: str, other: tuple[int, str, str], expected: str | None
) -> None:
    books = Books()
    document = books.document("one", MAY)
    books.line(document, "Total assets", 16557258, row=0, col=2)
    books.line(document, "Total assets", 2281651, row=0, col=5, unit="USD")
    at, value, unit = other
    common: dict[str, object] = {"sentence": sentence, "period_start": None, "period_end": None}
    books.prose(document, None, "7.2567", decimals=0, months=None, span=40, **common)  # type: ignore[arg-type]
    books.prose(document, None, value, decimals=0, months=None, span=at, unit=unit, **common)  # type: ignore[arg-type]
    books.stated[0]["decimals"], books.stated[1]["decimals"] = 4, 2
    con = books.load()
    build_facts(con)
    rate = None if expected is None else Decimal("7.2567")
    found = values(con, "SELECT rate, rate_source FROM core.convenience_translations")
    assert found == [(rate, expected)]


@pytest.mark.parametrize(
    ("day", "statement", "source", "mark"),
    [
        (MAY, "balance_sheet", None, "conflict"),
        (MAY, "segment", None, None),
        (MAY, "balance_sheet", SITE, None),
        (AUGUST, "balance_sheet", None, None),
    ],
)
def test_two_documents_of_one_day_that_disagree_mark_the_fact(
    day: date, statement: str, source: dict[str, str] | None, mark: str | None
) -> None:
    books = Books()
    books.line(books.document("one", MAY, type="report"), "Total assets", 1000)
    kind = "original" if source is None else "transcript"
    books.line(
        books.document("two", day, kind=kind), "Total assets", 1100, statement=statement, source=source
    )
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT suspect FROM core.facts WHERE document_id = 'KC/one/doc'") == [(mark,)]
