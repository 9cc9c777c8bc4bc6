"""Properties of the history: the order of loading plays no part, and the SQL does what the rules say."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kc_pipeline.figures import agree
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline_tests.warehouse.books import Books, values

LABELS = ("Total assets", "Total liabilities", "Goodwill")
SOURCES = (
    {"grade": "A", "source_kind": "wire", "source_title": "a", "source_url": "https://a"},
    {"grade": "B", "source_kind": "transcript", "source_title": "b", "source_url": "https://b"},
    {"grade": "B", "source_kind": "third_party", "source_title": "c", "source_url": "https://c"},
)
QUICK = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])

figures = st.tuples(
    st.sampled_from(LABELS),
    st.sampled_from((100_000, 100_400, 100_600, -100_000, 250_000)),
    st.sampled_from((-3, -6)),
)
documents = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(("original", "transcript")),
        st.sampled_from(("report", "release", "call_transcript")),
        st.sampled_from(range(len(SOURCES))),
        st.lists(figures, min_size=1, max_size=4),
    ),
    min_size=2,
    max_size=6,
)


def books_of(content: list[Any]) -> Books:
    books = Books()
    for number, (days, kind, type, source, printed) in enumerate(content):
        document = books.document(f"d{number}", date(2025, 5, 1) + timedelta(days=days), kind=kind, type=type)
        for row, (label, thousands, decimals) in enumerate(printed):
            value = Decimal(thousands).scaleb(3 + decimals)
            books.line(document, label, value, row=row, decimals=decimals, source=SOURCES[source])
    return books


HISTORY = ("core.facts", "core.sightings", "core.revisions", "core.conflicts")


def everything(books: Books, order: list[int]) -> dict[str, list[str]]:
    con = books.load(order=order)
    build_facts(con)
    return {name: sorted(repr(row) for row in values(con, f"FROM {name}")) for name in HISTORY}


@QUICK
@given(content=documents, data=st.data())
def test_any_order_of_loading_gives_the_same_history(content: list[Any], data: st.DataObject) -> None:
    books = books_of(content)
    order = data.draw(st.permutations(range(len(content))))
    assert everything(books, list(order)) == everything(books, list(range(len(content))))


def expected(reports: list[tuple[Decimal, int, int]]) -> tuple[list[Decimal], int, int]:
    """Walk through reports of one figure (value, decimals, weakness of evidence): versions, sightings, conflicts."""
    versions = [reports[0]]
    sightings = conflicts = 0
    for value, decimals, weakness in reports[1:]:
        now, now_decimals, now_weakness = versions[-1]
        if agree(value, decimals, now, now_decimals):
            if decimals > now_decimals and weakness <= now_weakness:
                versions.append((value, decimals, weakness))
            else:
                sightings += 1
        elif agree(-value, decimals, now, now_decimals):
            conflicts += 1
        else:
            versions.append((value, decimals, weakness))
    return [v for v, _, _ in versions], sightings, conflicts


@QUICK
@given(
    st.lists(
        st.tuples(
            st.sampled_from((100_000, 100_400, 100_500, 100_600, -100_000, 250_000)),
            st.sampled_from((-3, -5, -6)),
            st.sampled_from(range(len(SOURCES))),
        ),
        min_size=1,
        max_size=7,
    )
)
def test_versions_follow_a_walk_through_the_reports(reports: list[tuple[int, int, int]]) -> None:
    books = Books()
    walked = []
    for number, (thousands, decimals, source) in enumerate(reports):
        document = books.document(f"d{number}", date(2025, 5, 1) + timedelta(days=number), kind="transcript")
        value = (Decimal(thousands) * 1000).scaleb(decimals).to_integral_value()
        books.line(document, "Total assets", value, decimals=decimals, source=SOURCES[source])
        walked.append((value.scaleb(-decimals), decimals, source))
    con = books.load()
    build_facts(con)
    versions, sightings, conflicts = expected(walked)
    assert values(con, "SELECT value FROM core.facts ORDER BY version") == [(int(v),) for v in versions]
    assert values(
        con, "SELECT (SELECT count(*) FROM core.sightings), (SELECT count(*) FROM core.conflicts)"
    ) == [(sightings, conflicts)]
    assert values(con, "SELECT value FROM core.facts_latest") == [(int(versions[-1]),)]
