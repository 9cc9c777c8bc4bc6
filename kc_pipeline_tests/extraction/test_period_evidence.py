"""What may say when a column's period ends and how long it is; what nothing says is null, with a warning."""

from collections import Counter
from datetime import date

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.calendar import Calendar, read_calendar
from kc_pipeline.extraction.model import Extraction
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.statements import holds_flows
from kc_pipeline_tests.extraction.pages import lines


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<td>{c}</td>" for c in row) for row in rows)
    return "<table>" + "".join(f"<tr>{c}</tr>" for c in cells) + "</table>"


def extracted(*parts: str) -> Extraction:
    return read(f"<html><body>{''.join(parts)}</body></html>".encode())


def codes(out: Extraction, index: int) -> set[str]:
    return {w.code for w in out.warnings if w.table == index}


INCOME = (
    ("Revenues", "$ 30,110", "$ 28,002"),
    ("Cost of sales", "13,890", "14,102"),
    ("Operating income", "6,010", "2,118"),
    ("Net income", "5,204", "1,840"),
)
BALANCE = (
    ("Cash and cash equivalents", "$ 10,110", "$ 8,002"),
    ("Total current assets", "23,890", "24,102"),
    ("Total assets", "36,010", "32,118"),
    ("Total liabilities", "20,000", "19,000"),
    ("Total stockholders' equity", "16,010", "13,118"),
    ("Total liabilities and stockholders' equity", "36,010", "32,118"),
)
QUARTERS = ("", "Three months ended June 30, 2025", "Three months ended June 30, 2024")
STATEMENT = "<p>Consolidated Statements of Income (in millions)</p>"


def test_a_balance_sheet_takes_no_day_from_the_flows_above_it() -> None:
    out = extracted(
        STATEMENT,
        table(QUARTERS, *INCOME),
        "<p>Consolidated Balance Sheets (in millions)</p>",
        table(*BALANCE),
    )
    assert not [x for x in out.lines if x.table == 1]
    assert codes(out, 1) & {"unread_table", "period_unclear"}


def test_a_statement_goes_on_in_a_table_without_headings() -> None:
    out = extracted(
        "<p>Consolidated Balance Sheets (in millions)</p>",
        table(("", "June 30, 2025", "December 31, 2024"), *BALANCE[:3]),
        table(*BALANCE[3:]),
    )
    ends = {str(x.period_end) for x in out.lines if x.table == 1}
    assert ends == {"2025-06-30", "2024-12-31"}


def test_a_year_of_weeks_ends_on_no_day_that_is_not_printed() -> None:
    weeks = Calendar(closings=(date(2022, 12, 31), date(2023, 12, 30)), seen=(date(2023, 12, 30),))
    assert weeks.year_end(2023) == date(2023, 12, 30)
    assert weeks.year_end(2021) is None
    assert Calendar().year_end(2021) == date(2021, 12, 31)


def test_all_days_of_a_sentence_on_fiscal_years_are_known() -> None:
    sentence = (
        "<p>Annual report. Fiscal years ended December 30, 2023, December 31, 2022 and December 25, 2021</p>"
    )
    out = extracted(sentence, "<p>x</p>" * 30, STATEMENT, table(("", "2023", "2021"), *INCOME))
    assert {str(x.period_end) for x in out.lines} == {"2023-12-30", "2021-12-25"}


def test_flows_without_any_period_are_told() -> None:
    out = extracted("<p>Earnings per share</p>", table(("", "Nine Months Ended", ""), *INCOME))
    assert not [x for x in out.lines if x.period_end]
    assert codes(out, 0) & {"unread_table", "period_unclear"}


def test_columns_that_say_the_same_are_told_in_any_table_of_flows() -> None:
    head = ("", "Three Months Ended", "Three Months Ended")
    out = extracted("<p>Reconciliation of results to June 30, 2025</p>", table(head, *INCOME))
    assert out.lines
    assert "header_unclear" in codes(out, 0)
    assert all(x.suspect for x in out.lines)


@pytest.mark.parametrize(
    ("text", "months"),
    [("6M 2023", 6), ("9M", 9), ("9M/09", 9), ("3M Company 2023", None), ("3M's sales 2023", None), ("9M ended June 30", 9)],
)  # fmt: skip
def test_a_company_is_no_duration(text: str, months: int | None) -> None:
    assert heading(text).months == months


def test_a_balance_sheet_without_its_title_holds_no_flows() -> None:
    labels = [
        "Deferred revenue",
        "Deferred revenue",
        *(x[0] for x in BALANCE),
        "Trade receivables",
        "Goodwill",
    ]
    assert not holds_flows("other", labels)
    assert holds_flows("other", ["Net income", "Revenues", "Total assets"])


def test_another_duration_takes_nothing_from_the_table_before() -> None:
    out = extracted(
        "<p>Earnings per share</p>",
        table(QUARTERS, *INCOME),
        table(("For the six months ended:", "", ""), *INCOME),
    )
    assert not [x for x in out.lines if x.table == 1 and x.months == 3]


def test_a_row_of_groups_over_a_period_heads_columns_of_its_own() -> None:
    out = extracted(
        "<p>Segments (in millions)</p>",
        table(
            ("", "Upstream", "Chemicals", "Refining"),
            ("Three months ended June 30, 2025", "", "", ""),
            *((*row, "1,204") for row in INCOME),
            ("Reconciliation", "Segment total", "Corporate", "Corporate total"),
            ("Three months ended June 30, 2025", "", "", ""),
            ("Additions to plant", "5,823", "532", "6,355"),
        ),
    )
    added = [x.column_label for x in out.lines if x.label == "Additions to plant"]
    assert [label.split(" 2025 ")[-1] for label in added] == ["Segment total", "Corporate", "Corporate total"]


def test_the_year_end_that_is_named_most_often_is_the_fiscal_years() -> None:
    """One mention of another day (a plan's year) does not part the votes, whatever the order of the days."""
    often = "for the fiscal year ended January 28, 2024. "
    text = "Quarterly report. The plan's fiscal year ended November 15, 2024. " + 3 * often
    calendar = read_calendar(text, Counter(), named_by_start=False, newest_name=None)
    assert (calendar.year_end_month, calendar.closings) == (1, (date(2024, 1, 28),))


def test_the_first_day_of_a_year_makes_no_year_of_weeks() -> None:
    of_months = Calendar(closings=(date(2020, 1, 1), date(2020, 12, 31)))
    of_weeks = Calendar(closings=(date(2022, 1, 1), date(2022, 12, 31)))  # both are Saturdays
    assert of_months.known(date(2019, 12, 31)) == date(2019, 12, 31)
    assert of_weeks.known(date(2020, 12, 31)) is None


def test_names_of_years_and_quarters_are_marked_where_nothing_says_when_years_end() -> None:
    def suspects(head: str, said: str) -> set[str | None]:
        body = table(
            ("", f"{head}2024", f"{head}2023"),
            ("Revenues", "$30,000", "$29,000"),
            ("Net income", "4,500", "4,600"),
            ("Total assets", "90,000", "80,000"),
        )
        found = lines(body, lead=f"<p>Selected financial data (in thousands)</p><p>{said}</p>")
        assert len(found) == 6
        return {x.suspect for x in found}

    for head in ("", "Fiscal ", "Q1 "):
        assert suspects(head, "") == {"header_unclear"}
        assert suspects(head, "Our fiscal year ended December 31, 2024.") == {None}
        assert suspects(head, "Results of the nine months ended September 30, 2024.") == {None}


def test_the_name_of_a_releases_quarter_says_when_fiscal_years_end() -> None:
    def calendar(text: str) -> Calendar:
        return read_calendar(text, Counter(), False, None)

    june = calendar(
        "Third Quarter of Fiscal 2020 Results. Revenue for the quarter ended March 31, 2020 rose."
    )
    assert (june.year_end_month, june.assumed) == (6, False)
    assert june.name_of(date(2020, 3, 31)) == (3, 2020)
    assert june.quarter_end(2020, 3) == date(2020, 3, 31)
    retail = calendar(
        "Net income for the third quarter of fiscal 2024 in the 13-week fiscal quarter ended November 2, 2024"
    )
    assert (retail.year_end_month, retail.named_by_start) == (1, True)
    assert retail.name_of(date(2024, 11, 2)) == (3, 2024)
    plain = calendar(
        "Fourth quarter of 2024. Quarter ended December 31, 2024, against the third quarter of 2024."
    )
    assert plain.name_of(date(2024, 12, 31)) == (4, 2024)
    assert calendar("Revenue of the quarter ended March 31, 2020").name_of(date(2020, 3, 31)) is None


def test_prose_goes_by_the_calendar_of_the_tables() -> None:
    out = read(
        b"<html><title>Annual report</title><p>Form 10-K. For the fiscal year ended June 30, 2024.</p>"
        b"<p>Consolidated statements of income (in millions)</p><table><tr><td></td><td>Year ended June 30, 2024</td></tr>"
        b"<tr><td>Revenues</td><td>$900</td></tr><tr><td>Net income</td><td>$90</td></tr></table>"
        b"<p>Rent is due until the year ended June 30, 2029 (in millions):</p><table><tr><td></td>"
        b"<td>Year ended June 30, 2029</td></tr><tr><td>Rent</td><td>$5</td></tr><tr><td>Other</td><td>$1</td></tr></table>"
        b"<p>Revenues were $900 million in fiscal 2024.</p></html>"
    )
    assert [(x.metric, str(x.period_end), x.months) for x in out.stated if x.metric == "revenues"] == [
        ("revenues", "2024-06-30", 12)
    ]
