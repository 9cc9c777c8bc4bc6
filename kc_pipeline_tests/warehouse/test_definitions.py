"""Definitions that documents state, from when to when they hold, and the breaks between them."""

from datetime import date
from itertools import permutations

from kc_pipeline.warehouse.definitions import first_day
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values
from kc_pipeline_tests.warehouse.test_declared import company, definition

QUARTERS = (date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31))
FILED = (date(2024, 5, 20), date(2024, 8, 20), date(2024, 11, 20), date(2025, 3, 20))
MEASURE = "adjusted_ebitda"


def season(*exclusions: tuple[str, ...]) -> Books:
    """Return a release per quarter that defines adjusted EBITDA by what it leaves out."""
    books = Books()
    for number, left_out in enumerate(exclusions):
        document = books.document(f"q{number}", FILED[number], period=QUARTERS[number])
        books.prose(document, MEASURE, 1000 + number, QUARTERS[number])
        books.define(document, MEASURE, "net loss", *left_out)
    return books


def in_force(books: Books, order: list[int] | None = None) -> list[tuple[object, ...]]:
    con = books.load(order=order)
    build_facts(con)
    return values(
        con, "SELECT valid_from, valid_to, exclusions, document_id FROM core.definitions ORDER BY valid_from"
    )


def breaks(books: Books) -> list[tuple[object, ...]]:
    con = books.load()
    build_facts(con)
    return values(con, "SELECT break_date, kind, effect, note, origin FROM core.breaks")


def test_a_definition_holds_until_a_later_period_has_another() -> None:
    assert in_force(season(("tax",), ("tax",), ("tax", "impairment"))) == [
        (date(2024, 1, 1), date(2024, 6, 30), ["tax"], "KC/q0/doc"),
        (date(2024, 7, 1), None, ["tax", "impairment"], "KC/q2/doc"),
    ]


def test_another_wording_of_the_same_is_the_same_definition() -> None:
    books = season(("tax",), ("tax",))
    books.definitions[1]["wording"] = "net (loss) profit before tax"
    assert in_force(books) == [(date(2024, 1, 1), None, ["tax"], "KC/q0/doc")]
    assert breaks(books) == []


def test_a_definition_that_comes_back_is_a_third_one() -> None:
    con = season(("tax",), ("tax", "impairment"), ("tax",)).load()
    build_facts(con)
    assert values(con, "SELECT count(*), count(DISTINCT definition_id) FROM core.definitions") == [(3, 3)]
    assert values(con, "SELECT count(DISTINCT definition_id) FROM core.facts") == [(3,)]


def test_a_report_that_words_it_otherwise_beside_the_releases_changes_nothing() -> None:
    books = season(("tax",), ("tax", "and the like"), ("tax",))
    books.documents[1]["type"] = "report"
    assert [row[2] for row in in_force(books)] == [["tax"]]
    for document in books.documents:
        document["type"] = "report"  # where no release defines it, reports do
    assert len(in_force(books)) == 3


def test_the_order_of_loading_plays_no_part() -> None:
    books = season(("tax",), ("tax", "impairment"), ("tax", "impairment"))
    assert len({repr(in_force(books, list(order))) for order in permutations(range(3))}) == 1


def test_figures_carry_the_definition_of_their_period_and_none_before_the_first() -> None:
    books = season(("tax",), ("tax",), ("tax", "impairment"))
    books.prose("KC/q0/doc", MEASURE, 900, date(2023, 3, 31), span=400)
    con = books.load()
    build_facts(con)
    assert values(
        con,
        """SELECT f.period_end, d.exclusions FROM core.facts f LEFT JOIN core.definitions d USING (definition_id)
           WHERE f.months = 3 ORDER BY f.period_end""",
    ) == [
        (date(2023, 3, 31), None),
        (QUARTERS[0], ["tax"]),
        (QUARTERS[1], ["tax"]),
        (QUARTERS[2], ["tax", "impairment"]),
    ]


def test_another_definition_blocks_growth_unless_the_comparatives_stand() -> None:
    books = season(("tax",), ("tax", "impairment"))
    note = "definition changed: now excluding impairment"
    assert breaks(books) == [(date(2024, 4, 1), "definition", "block", note, "derived")]

    books.prose("KC/q1/doc", MEASURE, 1000, QUARTERS[0], span=400)  # as it was reported
    assert breaks(books)[0][2] == "annotate"

    books.stated[-1]["value"] *= 2  # recast
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT effect FROM core.breaks") == [("block",)]
    assert values(con, "SELECT kind FROM core.revisions") == [("recast",)]


def test_a_comparative_that_was_never_reported_before_proves_nothing() -> None:
    books = season(("tax",), ("tax", "impairment"))
    books.prose("KC/q1/doc", MEASURE, 1000, date(2023, 6, 30), span=400)
    assert breaks(books)[0][2] == "block"


def test_what_is_declared_takes_the_place_of_what_is_read() -> None:
    books = season(("tax",), ("tax", "impairment"))
    books.companies = company(definitions=[definition(MEASURE)])
    con = books.load()
    build_facts(con)
    assert values(con, "SELECT origin, wording FROM core.definitions") == [("declared", MEASURE)]
    assert values(con, "SELECT count(*) FROM staging.definitions") == [(2,)]


def test_a_superseded_document_defines_nothing() -> None:
    books = season(("tax",), ("tax", "impairment"))
    books.documents[1]["status"] = "superseded"
    assert [row[2] for row in in_force(books)] == [["tax"]]


def test_quarters_of_weeks_begin_thirteen_weeks_before_their_end() -> None:
    assert first_day(date(2025, 1, 26)) == date(2024, 10, 28)
    assert first_day(date(2024, 2, 29)) == date(2023, 12, 1)
    assert first_day(date(2024, 6, 30)) == date(2024, 4, 1)
