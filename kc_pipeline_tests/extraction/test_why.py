"""`kc extract FILE --why`: what was decided, and what each place says."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.extract import extract, place_of
from kc_pipeline.extraction.why import PlaceError, explain, says
from kc_pipeline_tests.extraction.pages import page, row, table

PAGE = page(
    table(
        row("", "Three months ended March 31, 2024", "Three months ended March 31, 2023"),
        row("Revenues", "$1,234", "$1,100"),
        row("Cost of revenues", "(234)", "(200)"),
        row("Gross profit", "1,000", "900"),
    )
)


def test_a_figure_tells_what_was_decided_and_each_place_what_it_says() -> None:
    told = {r.about: r for r in explain(PAGE, 0, 1, 1)}
    figure = told["figure 1,1"]
    assert figure.text == "$1,234"
    for part in (
        "1234000 USD",
        "decimals -3",
        "2024-01-01 to 2024-03-31, 3 months",
        "income",
        "of the whole",
    ):
        assert part in figure.says
    assert told["figure 1,1 decided"].says
    assert told["row label"].text == "Revenues"
    assert told["column heading"].says == "day 2024-03-31, 3 months"
    above = [r for r in explain(PAGE, 0, 1, 1) if r.about == "line above"]
    assert any("money times 10^3" in r.says for r in above)
    assert not any(r.about == "figure 2,1" for r in explain(PAGE, 0, 1, 1))


def test_a_row_and_a_table_tell_all_their_figures() -> None:
    assert [r.about for r in explain(PAGE, 0, 3) if r.about in ("figure 3,1", "figure 3,2")] == [
        "figure 3,1",
        "figure 3,2",
    ]
    assert len([r for r in explain(PAGE, 0) if r.about.endswith("decided")]) == 6


def test_a_cell_that_is_no_figure_says_so() -> None:
    assert explain(PAGE, 0, 1, 0)[0] == ("this cell", "", "no figure was read here")


@pytest.mark.parametrize(
    ("place", "known"),
    [((7,), "tables 0 to 0"), ((0, 9), "0 to 3"), ((0, 1, 8), "there is some in 0, 1, 2")],
)
def test_a_place_that_is_not_there_is_an_error_that_says_what_is(place: tuple[int, ...], known: str) -> None:
    with pytest.raises(PlaceError, match=known):
        explain(PAGE, *place)
    with pytest.raises(PlaceError, match="no table"):
        explain(b"<p>nothing</p>", 0)


def test_words_are_told_plainly() -> None:
    assert says("(RMB in millions, unaudited)") == "currency CNY, money times 10^6, unaudited"
    assert says("Revenues") == ""


@pytest.mark.parametrize("text", ["", "x", "1,", "1,2,3,4", "-1", "1;2", "1.5"])
def test_a_place_must_be_whole_numbers(text: str) -> None:
    with pytest.raises(UsageError, match="TABLE"):
        place_of(text)


def test_a_place_is_a_table_a_row_or_a_cell() -> None:
    assert [place_of(t) for t in ("3", "3,5", "3, 5,2")] == [(3, None, None), (3, 5, None), (3, 5, 2)]


def _run(tmp_path: Path, *args: str) -> Result:
    file = tmp_path / "page.html"
    file.write_bytes(PAGE)
    return CliRunner().invoke(extract, [str(file), *args])


def test_the_command_prints_it_for_a_person_and_as_json(tmp_path: Path) -> None:
    shown = _run(tmp_path, "--why", "0,1,1")
    assert shown.exit_code == 0
    assert "figure 1,1 '$1,234': 1234000 USD" in shown.output
    told = json.loads(_run(tmp_path, "--why", "0,1,1", "--format", "json").output)
    assert told[0] == {
        "about": "figure 1,1",
        "text": "$1,234",
        "says": told[0]["says"],
    }
    assert _run(tmp_path, "--why", "0", "--format", "csv").output.startswith("about,text,says")
    wrong = _run(tmp_path, "--why", "5")
    assert isinstance(wrong.exception, UsageError)
    assert "--why 5: no table 5: the document has tables 0 to 0" in str(wrong.exception)
    assert "--why" in CliRunner().invoke(extract, ["--help"]).output


def test_the_clues_of_a_figure_are_told_in_order_with_the_losers() -> None:
    page = (
        "<html><p>Consolidated Statements of Income</p><p>(All amounts in thousands of Canadian dollars)</p><table>"
        "<tr><td></td><td>Three months ended June 30, 2025</td></tr><tr><td></td><td>in million</td></tr>"
        "<tr><td>Revenues</td><td>$ 30</td></tr><tr><td>Operating income</td><td>6</td></tr>"
        "<tr><td>Income before taxes</td><td>6</td></tr><tr><td>Net income</td><td>5</td></tr></table></html>"
    )
    told = [(r.about, r.says) for r in explain(page.encode(), 0, 2, 1) if " clue, " in r.about]
    assert told[0][0] == "currency clue, wins"
    assert ("currency clue, agrees", "caption: CAD") in told
    assert ("scale clue, wins", "column heading: times 10^6") in told
    line = "line '(All amounts in thousands of Canadian dollars)': times 10^3"
    assert ("scale clue, AGAINST", line) in told
