"""Taking a clue away changes what it should in the HTML, and what became of each figure is said truly."""

import math
from dataclasses import replace

import pytest

from kc_pipeline.extraction import read
from tools.ablate import OUTCOMES, ablate, outcome, page_of, report
from tools.ablations import CLUES, Place, above_of, without
from tools.markup import table_spans

PAGE = b"""<html><body><p>Acme Corp. quarterly report, June 30, 2024.</p>
<p>Acme Corp. Consolidated Statements of Income</p><p>(in thousands)</p><table>
<tr><td></td><td colspan="2">Three Months Ended June 30,</td></tr>
<tr><td></td><td>2024</td><td>2023</td></tr>
<tr><td>Revenue</td><td>$ 1,234</td><td>$ 1,100</td></tr>
<tr><td>Cost of revenue</td><td>(800)</td><td>(700)</td></tr>
<tr><td>Net income</td><td>$ 434</td><td>$ 400</td></tr></table></body></html>"""
TRUTH = [
    {"table": 0, "kind": "income", "value": v, "end": f"{y}-06-30", "months": 3, "unit": "iso4217:USD"}
    for y, values in ((2024, ("1234000", "-800000", "434000")), (2023, ("1100000", "-700000", "400000")))
    for v in values
]


def page_without(clue: str) -> str:
    page = page_of(PAGE)
    spans = table_spans(page)
    changed = without(page, Place(above_of(page, spans, 0), *spans[0], "$1,234"), clue)
    assert changed is not None
    assert changed.count("<") == page.count("<")  # text is blanked, no tag is touched
    return changed


@pytest.mark.parametrize(
    ("clue", "gone", "stays"),
    [
        ("caption", ("Statements of Income", "in thousands"), ("Three Months", "$ 1,234", ">2024<")),
        ("signs", ("$",), ("1,234", "in thousands", "Three Months")),
        ("dates", (">2024<", ">2023<", "Ended June"), ("Three Months Ended", "$ 1,234", "June 30, 2024")),
        ("unit words", ("in thousands",), ("Statements of Income", "$ 1,234")),
        ("durations", ("Three Months", "Ended"), ("June 30,", ">2024<", "$ 1,234")),
    ],
)
def test_a_clue_goes_and_the_others_stay(clue: str, gone: tuple[str, ...], stays: tuple[str, ...]) -> None:
    changed = page_without(clue)
    assert [x for x in gone if x in changed] == []
    assert [x for x in stays if x not in changed] == []


def test_each_clue_is_taken_away_once_and_each_figure_counted() -> None:
    results = ablate(page_of(PAGE), TRUTH, [0], "acme", math.inf)
    assert [r.clue for r in results] == list(CLUES)
    assert all(r.outcomes.total() == 6 for r in results)
    assert {r.clue: r.outcomes["same"] for r in results}["signs"] in (0, 6)
    assert report(results, 5)[6].split()[:3] == ["TOTAL", "5", "30"]


def test_a_table_without_the_clue_is_left_out() -> None:
    bare = PAGE.replace(b"$", b"").replace(b"(in thousands)", b"")
    page = page_of(bare)
    spans = table_spans(page)
    place = Place(above_of(page, spans, 0), *spans[0], "1,234")
    assert [c for c in CLUES if without(page, place, c) is None] == ["signs", "unit words"]


def test_what_became_of_a_figure() -> None:
    line = next(x for x in read(PAGE).lines if x.text == "$ 1,234" or "1,234" in x.text)
    other, vague = replace(line, value=line.value * 1000), replace(line, months=None)
    assert outcome(line, line, False) == "same"
    assert [outcome(line, x, False) for x in (None, vague, other)] == [
        "null, silent",
        "null, silent",
        "wrong in silence",
    ]
    assert [outcome(line, x, True) for x in (None, vague, other)] == [
        "null, warned",
        "null, warned",
        "other, warned",
    ]
    assert outcome(line, replace(other, suspect="total_differs"), False) == "other, warned"
    assert outcome(line, replace(line, unit="CNY", months=None), False) == "wrong in silence"
    assert len(OUTCOMES) == 5
