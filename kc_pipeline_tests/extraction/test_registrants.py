"""Statements of more than one company in one document: only the group's are its figures."""

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.model import Extraction
from kc_pipeline.extraction.registrants import company_of
from kc_pipeline_tests.extraction.pages import codes, page, row, table


def _p(*lines: str) -> str:
    return "".join(f"<p>{line}</p>" for line in lines) + "<p>(in millions)</p>"


def _income(revenues: str) -> str:
    return table(
        row("", "Six Months Ended June 30, 2025", "Six Months Ended June 30, 2024"),
        row("Operating revenues", f"$ {revenues}", "$ 205"),
        row("Operating income", "62", "61"),
        row("Net income", "40", "18"),
    )


def _sheet(assets: str) -> str:
    return table(
        row("", "June 30, 2025", "December 31, 2024"),
        row("Cash and cash equivalents", "40", "21"),
        row("Total current assets", "140", "121"),
        row("Total assets", assets, "900"),
        row("Total liabilities", "140", "118"),
    )


def _members(body: str) -> dict[str, str]:
    """Return the member of the newest figure of revenues or total assets, by its printed text."""
    out = read(page(body, "<p>Report</p>"))
    assert not codes(out)
    return {
        x.text.strip("$ "): x.member
        for x in out.lines
        if x.label in ("Operating revenues", "Total assets") and x.text.strip("$ ") not in ("205", "900")
    }


GROUP, POWER = _income("2,410"), _income("410")


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (
            _p("MIDLAND LAKES CORPORATION", "CONDENSED CONSOLIDATED STATEMENTS OF INCOME")
            + GROUP
            + _p("MIDLAND LAKES POWER COMPANY", "CONDENSED STATEMENTS OF INCOME")
            + POWER,
            "MIDLAND LAKES POWER COMPANY",
        ),
        (  # the subsidiary first, the name in the title or under it
            _p("Statements of Income of Lakeside Pipeline L.P.")
            + POWER
            + _p("Consolidated Statements of Income", "Northern Gas plc and Subsidiaries")
            + GROUP,
            "Lakeside Pipeline L.P.",
        ),
        (  # the same words in front, and an aside between name and title
            _p("Northern Gas Holdings, Inc. and Subsidiaries Condensed Consolidated Statements of Operations")
            + GROUP
            + _p(
                "Northern Gas Finance LLC",
                "(a wholly owned subsidiary of Northern Gas Holdings, Inc.)",
                "Condensed Statements of Operations (Unaudited)",
            )
            + POWER,
            "Northern Gas Finance LLC",
        ),
    ],
)
def test_another_companys_statements_are_set_apart(body: str, name: str) -> None:
    assert _members(body) == {"2,410": "", "410": name}


def test_rows_below_the_names_of_two_companies_in_one_statement() -> None:
    body = _p("Statements of Income") + table(
        row("", "Six Months Ended June 30, 2025", "Six Months Ended June 30, 2024"),
        row("Northern Gas Corporation and Subsidiaries"),
        row("Operating revenues", "$ 2,410", "$ 205"),
        row("Net income", "140", "118"),
        row("Southern Water, Inc."),
        row("Operating revenues", "$ 410", "$ 205"),
        row("Net income", "40", "18"),
    )
    assert _members(body) == {"2,410": "", "410": "Southern Water, Inc."}


def test_a_column_headed_by_a_company_is_not_the_whole() -> None:
    body = _p("Combined Statements of Income") + table(
        row("", "<td colspan=2>Northern Gas Corporation</td>", "<td colspan=2>Southern Water Company</td>"),
        row("Six Months Ended June 30,", "2025", "2024", "2025", "2024"),
        row("Operating revenues", "$ 2,410", "$ 2,205", "$ 410", "$ 205"),
        row("Operating income", "212", "170", "62", "61"),
        row("Net income", "140", "118", "40", "18"),
    )
    found = {x.text: x.member for x in read(page(body, "<p>Report</p>")).lines}
    assert found["$ 410"] == "Southern Water Company"


def test_the_total_of_a_company_over_its_segments_is_the_whole() -> None:
    body = _p("Segment Information") + table(
        row("Year ended May 31, 2025", "Europe", "Asia", "TOTAL ALDER, INC."),
        row("Revenues", "$ 410", "$ 205", "$ 615"),
        row("Cost of sales", "62", "61", "123"),
    )
    found = {x.text: x.member for x in read(page(body, "<p>Report</p>")).lines}
    assert (found["$ 410"], found["$ 615"]) == ("Europe", "")


def test_one_company_under_several_spellings_is_one() -> None:
    body = (
        _p("NORTHERN GAS HOLDINGS LTD.", "CONSOLIDATED STATEMENTS OF INCOME")
        + GROUP
        + _p("Northern Gas", "Consolidated Balance Sheets")
        + _sheet("1,000")
        + _p("Northern Gas Group Limited and its subsidiaries (continued)", "Statements of Income")
        + POWER
    )
    assert _members(body) == {"2,410": "", "410": "", "1,000": ""}


def test_the_groups_own_parent_is_no_other_company() -> None:
    body = (
        _p("Northern Gas Holdings Limited", "Consolidated Balance Sheets")
        + _sheet("$ 1,000")
        + _p(
            "Condensed Financial Information of the Parent Company", "Summary of Parent Company Balance Sheet"
        )
        + _sheet("$ 700")
    )
    found = {x.text: (x.scope, x.member) for x in read(page(body, "<p>Report</p>")).lines}
    assert (found["$ 1,000"], found["$ 700"]) == (("consolidated", ""), ("parent_only", ""))


def test_an_unnamed_statement_after_another_companys_is_told() -> None:
    body = (
        _p("Northern Gas plc", "Consolidated Statements of Income")
        + GROUP
        + _p("Southern Water plc", "Statements of Income")
        + POWER
        + _p("Balance Sheets")
        + _sheet("1,000")
    )
    out = read(page(body, "<p>Report</p>"))
    assert codes(out) == {"registrant_unclear"}
    assert {x.member for x in out.lines if x.statement == "balance_sheet"} == {"Southern Water plc"}


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("MIDLAND LAKES POWER COMPANY", ("midland", "lakes", "power")),
        ("The Dow Chemical Company and Subsidiaries", ("dow", "chemical")),
        ("Acme & Co., Ltd. (continued)", ("acme",)),
        ("Consolidated Statements of Income of Alder Tools N.V.", ("alder", "tools")),
        ("Edison Company of New York, Inc.", ("edison", "company", "of", "new", "york")),
        ("the Company", ()),
        ("Parent Company", ()),
        ("Summary of Parent Company Balance Sheet", ()),
        ("Selected Statements of the Company", ()),
        ("Information of the Parent Company", ()),
        ("Northern Gas Corporation and Southern Water Company", ()),
        ("Amounts due to the bank", ()),
        ("Statements of Income", ()),
        ("Revenue from our trust company", ()),
    ],
)
def test_the_name_of_a_company(line: str, key: tuple[str, ...]) -> None:
    assert company_of(line)[1] == key


def test_groups_of_columns_of_two_companies_are_the_groups_own_and_one_apart() -> None:
    def both(title: str) -> Extraction:
        columns = table(
            '<tr><td></td><td colspan="2">Midland Lakes Corporation</td><td colspan="2">Midland Lakes Power Company</td></tr>',
            row("(in millions)", "2024", "2023", "2024", "2023"),
            row("Operating revenues", "$2,410", "$2,205", "$410", "$390"),
            row("Operating income", "620", "610", "90", "80"),
            row("Income before income taxes", "500", "480", "70", "60"),
            row("Net income", "400", "380", "55", "44"),
        )
        lead = "<p>CONSOLIDATED STATEMENTS OF INCOME</p><p>Years Ended December 31,</p>"
        first = _p(title, "CONDENSED CONSOLIDATED BALANCE SHEETS") + _sheet("9,000") if title else ""
        return read(page(first + lead + columns, ""))

    for title, code in (("MIDLAND LAKES CORPORATION", None), ("", "registrant_unclear")):
        found = both(title)
        group = [x for x in found.lines if x.label == "Operating revenues" and not x.member]
        assert [(x.text, x.statement, x.suspect) for x in group] == [
            ("$2,410", "income", code),
            ("$2,205", "income", code),
        ]
        assert {x.member for x in found.lines if x.text == "$410"} == {"Midland Lakes Power Company"}
        assert ("registrant_unclear" in codes(found)) == (code is not None)
