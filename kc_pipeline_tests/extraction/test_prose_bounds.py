"""Prose of a megabyte is read in bounded time, whatever its shape, and what was cut is said."""

import time

import pytest

from kc_pipeline.extraction import read
from kc_pipeline.extraction.prose import MOST_FIGURES
from kc_pipeline_tests.extraction.pages import codes

SHAPES = {
    "short sentences": "Revenues were RMB5.3 million. ",
    "one endless sentence": "revenues increased by 5.3% to RMB12.5 million, ",
    "repeated metrics": "revenues gross profit net loss " * 50 + "were RMB5.3 million. ",
    "closing words": "quarter ended ended ",
    "leader dots": ". ",
    "columns of blanks": "a b" + " " * 200,
    "bracketed numbers": "(5) ",
}


@pytest.mark.parametrize("wrap", ["p", "pre"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_megabyte_of_prose_is_bounded(shape: str, wrap: str) -> None:
    piece = SHAPES[shape]
    text = piece * (1_000_000 // len(piece))
    page = f"<html><body><p>Acme Reports First Quarter 2025 Results</p><{wrap}>{text}</{wrap}></body></html>"
    start = time.process_time()
    out = read(page.encode())
    assert time.process_time() - start < 4
    assert "unreadable" not in codes(out)
    assert len(out.stated) <= MOST_FIGURES
    assert ("prose_too_long" in codes(out)) == (len(out.stated) == MOST_FIGURES)


def test_figures_cut_off_are_said() -> None:
    page = "<html><body><p>" + "Revenues were RMB5.3 million. " * (MOST_FIGURES + 5) + "</p></body></html>"
    assert "prose_too_long" in codes(read(page.encode()))


def _stated(sentence: str) -> list[tuple[str, str]]:
    return [
        (f"{x.value:f}", x.unit) for x in read(f"<html><body><p>{sentence}</p></body></html>".encode()).stated
    ]


def test_a_fall_of_something_unnamed_is_negative() -> None:
    assert _stated("The number of shares decreased by 1.81% year-over-year.") == [("-0.0181", "pure")]


def test_words_ahead_say_what_a_price_is_for() -> None:
    assert _stated("The offering price per ADS was US$11.27.") == [("11.27", "USD/ADS")]


def test_brackets_in_cells_of_their_own_are_printed_text() -> None:
    page = (
        "<html><body><p>Balance Sheets (RMB in millions)</p><table><tr><td></td><td>December 31, 2023</td></tr>"
        "<tr><td>Cash</td><td>(313.9</td><td>)</td></tr><tr><td>Total assets</td><td>5.0</td></tr></table></body></html>"
    )
    assert read(page.encode()).lines[0].text == "(313.9)"
