"""The short way through a cell's markup says what the long way says."""

import pytest

from kc_pipeline.extraction.markup import cell_text, fold, last_lines_of, lines_of, visible_text

CELLS = [
    "",
    "&nbsp;",
    "1,234",
    "<span>1,234</span>",
    "\n <p style='margin:0'><font>1,234</font></p>\n ",
    "<div><b>Total</b> assets</div>",
    "Net<br>income",
    "<p>Basic</p><p>Diluted</p>",
    "Revenue<sup>(1)</sup>",
    "<sup>(1)</sup>",
    "10<sup>th</sup>",
    '<span style="display:none">hidden</span>',
    '<div style="DISPLAY: none">hidden</div>1',
    '<font style="vertical-align:super">(a)</font>',
    '<div style="top:-2px">(2)</div>',
    '<a title="a > b">x</a>',
    '<a title="a < b">x</a>',
    "A &amp; B&nbsp;&nbsp;C",
    "&amp;nbsp;",
    "\u200b",
    "one\u200b<b>two</b>",
    "broken <b",
]


@pytest.mark.parametrize("html", CELLS)
def test_a_cells_text_is_its_visible_text_folded(html: str) -> None:
    assert cell_text(html) == fold(visible_text(html))


def test_the_last_lines_are_the_last_of_all_lines() -> None:
    html = "".join(
        f'<p style="margin-top:6pt;padding:0 0 0 {n}pt"><font>Line {n}</font></p>' for n in range(400)
    )
    last = last_lines_of(html)
    assert 12 <= len(last) < 100
    assert lines_of(html)[-len(last) :] == last


def test_running_text_ends_the_search_for_a_title() -> None:
    html = f"<p>{'word ' * 2000}</p>" + "".join(f"<p>Title {n}</p>" for n in range(6))
    assert last_lines_of(html)[-6:] == [f"Title {n}" for n in range(6)]
    assert last_lines_of("<p>only</p>") == ["only"]
