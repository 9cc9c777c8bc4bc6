"""How figures are written, judged by the whole table; and rows whose figures could not be read, which is said."""

from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from kc_pipeline_tests.extraction.pages import codes, lines, page, row, table

YEARS = row("", "<td colspan=3>Three Months Ended June 30,</td>") + row("", "2023", "", "2022")
LEAD = "<p>Statements of Income (in dollars, $)</p>"


def values(*figures: str) -> list[Decimal]:
    """Return what the second column gives, row by row, where the first holds the given texts."""
    html = table(YEARS, *(row(f"Other cost {n}", text, "", "900") for n, text in enumerate(figures)))
    return [x.value for x in lines(html, lead=LEAD) if x.text != "900"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("△311", "▲ 3,123"), (-311, -3123)),
        (("12 345", "-7 210", "(1 204)"), (12345, -7210, -1204)),
        (("12 345,6", "901"), ("12345.6", 901)),
        (("(▲2,812)", "¥△500", "Δ400"), (-2812, -500, -400)),
        (("45.210", "9.731", "(8.004)", "72.945"), (45210, 9731, -8004, 72945)),
        (("45.210", "1.183.165", "901"), (45210, 1183165, 901)),
        (("45.210", "-999,5", "0,33"), (45210, "-999.5", "0.33")),
        (("1,23,456.78", "72,110.05", "1,41,002.77"), ("123456.78", "72110.05", "141002.77")),
        (("１８２，４１１", "（２，８１２）"), (182411, -2812)),
    ],
)
def test_forms_of_figures(texts: tuple[str, ...], expected: tuple[int | str, ...]) -> None:
    assert values(*texts) == [Decimal(x) for x in expected]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("45.210", "18.004"), ("45.210", "18.004")),  # nothing shows that points group
        (("1.234", "7.101", "1.305", "7.200"), ("1.234", "7.101", "1.305", "7.200")),  # rates
        (("45.210", "9.731", "8.004", "1234"), ("45.210", "9.731", "8.004", 1234)),
        (("45.210", "1,250"), ("45.210", 1250)),
        (("45.210", "12.5"), ("45.210", "12.5")),
        (("1,234", "12 345"), (1234,)),  # where commas group, blanks part two figures
        (("1,23,456", "1,234,567"), (1234567,)),  # one of them is a slip
        (("1,23,456", "72,110"), (72110,)),  # one alone may be a slip
        (("▼12", "▲34", "5"), (5,)),  # arrows up and down are no signs
    ],
)
def test_what_a_table_does_not_show_is_not_presumed(
    texts: tuple[str, ...], expected: tuple[int | str, ...]
) -> None:
    assert values(*texts) == [Decimal(x) for x in expected]


def test_two_figures_on_lines_of_one_cell_are_not_one() -> None:
    assert values("120<br>345", "901") == [Decimal(901)]


def test_a_row_that_became_nothing_is_said() -> None:
    html = table(
        YEARS,
        row("Revenues Cost of revenues", "30,110<br>(13,890)", "", "28,002<br>(14,102)"),
        row("Net income", "5,204", "", "1,840"),
    )
    said = [w.message for w in read(page(html, lead=LEAD)).warnings if w.code == "unread_numbers"]
    assert len(said) == 1
    assert "Revenues Cost of revenues" in said[0]
    assert "30,110 (13,890)" in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "1,913a",
        "913a",
        "12,345 TEUR",
        "1,800 CR",
        "-/-10,220",
        "&lt;40,118&gt;",
        "10`220",
        "10·220",
        "\ufffd1,234",
        "5 1)",
    ],
)
def test_a_cell_among_figures_that_must_be_one_is_said(text: str) -> None:
    html = table(YEARS, row("Revenue", "1,200", "", "1,100"), row("Other cost", text, "", "900"))
    found = read(page(html, lead=LEAD))
    assert [x.text for x in found.lines] == ["1,200", "1,100", "900"]
    assert "unreadable_cell" in codes(found)


@pytest.mark.parametrize(
    "text", ["10 years", "Note 12", "A-1", "3 to 5", "30.06.2023", "2023 2022", "1-3", "12b"]
)
def test_words_with_digits_among_figures_are_no_figures(text: str) -> None:
    html = table(YEARS, row("Revenue", "1,200", "", "1,100"), row("Other cost", text, "", "900"))
    assert not codes(read(page(html, lead=LEAD))) & {"unreadable_cell", "unread_numbers"}


def test_a_table_whose_figures_all_wait_for_the_table_has_its_lead() -> None:
    html = table(
        YEARS, row("Revenue", "12 345,60", "", "1 234,50"), row("Other cost", "-7 400,20", "", "-500,10")
    )
    found = lines(html, lead="<p>Statements of Income</p><p>(EUR thousand)</p>")
    assert [x.value for x in found] == [12_345_600, 1_234_500, -7_400_200, -500_100]
    assert {x.unit for x in found} == {"EUR"}


def test_a_row_of_unread_figures_is_no_heading() -> None:
    html = table(
        YEARS, row("Revenue", "30,110 (20%)", "", "28,002 (7%)"), row("Net income", "5,204", "", "1,840")
    )
    found = lines(html, lead=LEAD)
    assert [(x.value, x.unit) for x in found] == [(5204, "USD"), (1840, "USD")]
    assert not any("30,110" in x.column_label for x in found)


@pytest.mark.parametrize("text", ["3%-4.6%", "+4.0", "(Unaudited)", "Note 12", "30.06.2023"])
def test_words_beside_a_label_are_no_unread_numbers(text: str) -> None:
    html = table(YEARS, row("Risk-free rate", text, "", ""), row("Net income", "5,204", "", "1,840"))
    assert "unread_numbers" not in codes(read(page(html, lead=LEAD)))


@pytest.mark.parametrize("unit", ["R000's", "R'000"])
def test_rand_in_thousands_over_a_column(unit: str) -> None:
    html = table(YEARS, row("", unit, "", unit), row("Revenue", "3 343 674", "", "3 039 422"))
    found = lines(html, lead="<p>Statements of Income</p>")
    assert [(x.value, x.unit) for x in found] == [(3_343_674_000, "ZAR"), (3_039_422_000, "ZAR")]
