"""Each contradiction has its page, and one like it on which nothing is said."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from kc_pipeline.extraction import contradictions
from kc_pipeline.extraction.model import Caution, Line
from kc_pipeline_tests.extraction.pages import lines, row, table

END, BEFORE = date(2023, 12, 31), date(2022, 12, 31)
HEAD = row("", "Year ended December 31, 2023", "Year ended December 31, 2022")
INCOME = table(
    HEAD,
    row("Revenues", "$5,000", "$4,000"),
    row("Total costs and expenses", "6,000", "5,500"),
    row("Operating loss", "(1,000)", "(1,500)"),
    row("Net loss", "(1,100)", "(1,600)"),
    row("Net loss per share, basic", "(1.10)", "(1.60)"),
    row("Weighted average shares outstanding (in thousands)", "1,000", "1,000"),
)
BALANCE = table(
    row("", "December 31, 2023", "December 31, 2022"),
    row("Total current assets", "$600", "$500"),
    row("Total assets", "$1,234", "$1,100"),
    row("Total liabilities", "234", "200"),
    row("Total equity", "1,000", "900"),
    row("Total liabilities and equity", "$1,234", "$1,100"),
)
SHEET = "<p>Consolidated Balance Sheets</p><p>(In thousands)</p>"


def income() -> list[Line]:
    return lines(INCOME)


def balance() -> list[Line]:
    return lines(BALANCE, lead=SHEET)


def changed(found: list[Line], label: str, /, **changes: object) -> list[Line]:
    """The lines, of which one row's are replaced."""
    assert any(x.label == label for x in found)
    return [replace(x, **changes) if x.label == label else x for x in found]  # type: ignore[arg-type]


def told(cautions: list[Caution]) -> set[str]:
    assert all(c.table is not None and ("row" in c.message or "column" in c.message) for c in cautions)
    return {c.code for c in cautions}


def marked(found: list[Line], code: str) -> set[str]:
    return {x.label for x in found if x.suspect and code in x.suspect.split(",")}


def test_sound_statements_say_nothing() -> None:
    for found in (income(), balance()):
        assert len(found) >= 10
        assert contradictions.of_table(found) == []
        assert contradictions.of_document(found) == []
        assert not any(x.suspect for x in found)


def test_two_currencies_in_one_column() -> None:
    found = changed(income(), "Net loss", unit="CAD")
    assert told(contradictions.mixed_currency(found)) == {"mixed_currency"}
    assert "Net loss" in marked(found, "mixed_currency")


def test_a_row_or_a_cell_that_names_its_currency_is_no_contradiction() -> None:
    said = changed(income(), "Net loss", unit="CAD", label="Net loss in CAD")
    printed = changed(income(), "Net loss", unit="CAD", text="C$1,100")
    assert contradictions.mixed_currency(said) == contradictions.mixed_currency(printed) == []


def test_flows_over_an_unknown_length() -> None:
    found = [replace(x, months=None, period_start=None) for x in income()]
    assert told(contradictions.flow_without_duration(found)) == {"flow_without_duration"}
    assert marked(found, "flow_without_duration") >= {"Revenues", "Net loss"}


def test_cash_at_the_end_of_a_year_has_no_length() -> None:
    body = table(
        HEAD,
        row("Net cash provided by operating activities", "100", "200"),
        row("Cash at end of year", "300", "200"),
    )
    found = lines(body, lead="<p>Consolidated Statements of Cash Flows</p><p>(In thousands of USD)</p>")
    assert any(x.months is None for x in found)
    assert contradictions.flow_without_duration(found) == []


def test_shares_a_thousandfold_against_earnings_per_share() -> None:
    label = "Weighted average shares outstanding (in thousands)"
    found = changed(income(), label, value=Decimal(1_000_000_000))
    assert told(contradictions.per_share_contradicts(found)) == {"scale_contradicted"}
    assert marked(found, "scale_contradicted") >= {label, "Net loss"}


def test_a_book_value_per_share_times_shares_is_no_net_income() -> None:
    found = changed(
        income(), "Net loss per share, basic", value=Decimal("110.00"), label="Book value per share"
    )
    assert contradictions.per_share_contradicts(found) == []


def test_columns_at_a_day_hold_no_flows() -> None:
    found = [replace(x, months=None, column_label=f"As at {x.period_end}") for x in income()]
    assert contradictions.flow_without_duration(found) == []


def test_cents_read_as_dollars() -> None:
    found = changed(income(), "Net loss per share, basic", value=Decimal(-110), text="(110)")
    assert told(contradictions.per_share_contradicts(found)) == {"scale_contradicted"}


def test_one_figure_at_two_scales_in_a_document() -> None:
    first = balance()
    second = [replace(x, table=5, value=x.value * 1000, decimals=x.decimals - 3) for x in first]
    found = [*first, *second]
    assert told(contradictions.of_document(found)) == {"scale_contradicted"}
    assert "Total assets" in marked(second, "scale_contradicted")
    same = [replace(x, table=5) for x in balance()]
    assert contradictions.of_document([*balance(), *same]) == []


def test_a_balance_sheet_a_thousandfold_of_another() -> None:
    later = [replace(x, table=5, value=x.value * 1100, period_end=date(2024, 12, 31)) for x in balance()]
    assert told(contradictions.of_document([*balance(), *later])) == {"scale_contradicted"}
    grown = [replace(x, table=5, value=x.value * 40, period_end=date(2024, 12, 31)) for x in balance()]
    assert contradictions.of_document([*balance(), *grown]) == []


def test_a_loss_where_revenues_less_costs_are_a_profit() -> None:
    found = changed(income(), "Total costs and expenses", value=Decimal(4_000_000), text="4,000")
    assert told(contradictions.sign_against_words(found)) == {"sign_against_words"}
    assert marked(found, "sign_against_words") == {"Operating loss"}


def test_an_operating_income_that_has_lost_its_bracket() -> None:
    found = [
        replace(x, label="Operating income", value=abs(x.value)) if x.label == "Operating loss" else x
        for x in income()
    ]
    assert told(contradictions.sign_against_words(found)) == {"sign_against_words"}
    assert marked(found, "sign_against_words") == {"Operating income"}


def test_two_losses_of_opposite_sign() -> None:
    found = changed(income(), "Net loss", value=Decimal(1_100_000), text="1,100")
    assert marked_after(found) == {"Operating loss", "Net loss"}
    unsigned = [replace(x, value=abs(x.value)) for x in income()]
    assert contradictions.sign_against_words(unsigned) == []


def marked_after(found: list[Line]) -> set[str]:
    assert told(contradictions.sign_against_words(found)) == {"sign_against_words"}
    return marked(found, "sign_against_words")


def test_a_current_part_above_its_total() -> None:
    found = changed(balance(), "Total current assets", value=Decimal(9_000_000), text="9,000")
    assert told(contradictions.total_misplaced(found)) == {"total_misplaced"}
    assert marked(found, "total_misplaced") == {"Total current assets", "Total assets"}


def test_total_assets_under_the_name_of_current_assets() -> None:
    found = [replace(x, label="Current assets") for x in balance() if x.label == "Total assets"] + [
        x for x in balance() if x.label == "Total liabilities and equity"
    ]
    assert told(contradictions.total_misplaced(found)) == {"total_misplaced"}
    assert marked(found, "total_misplaced") == {"Current assets"}


def test_columns_that_should_be_a_year_apart() -> None:
    found = [replace(x, period_end=date(2023, 1, 31)) if x.period_end == BEFORE else x for x in income()]
    assert told(contradictions.columns_a_year_apart(found)) == {"columns_a_year_apart"}
    assert "Net loss" in marked(found, "columns_a_year_apart")
    weeks = [replace(x, period_end=date(2022, 12, 25)) if x.period_end == BEFORE else x for x in income()]
    assert contradictions.columns_a_year_apart(weeks) == []


def test_two_years_read_as_one() -> None:
    found = [replace(x, period_end=END) for x in income()]
    assert told(contradictions.columns_a_year_apart(found)) == {"columns_a_year_apart"}


def with_row(*cells: str) -> list[Line]:
    above = row("Net loss", "(1,100)", "(1,600)")
    return lines(INCOME.replace(above, row(*cells) + above))


def test_a_figure_with_more_decimals_than_its_table_is_marked() -> None:
    # an amount per share whose label does not say so, and a point for a comma
    for cells in (("Repatriation tax", "0.41", "0.62"), ("Other expenses", "4.240", "4,112")):
        found = with_row(*cells)
        read_as_money = [x for x in found if x.label == cells[0] and "." in x.text]
        assert read_as_money
        assert all(x.unit == "USD" and x.suspect == "odd_figures" for x in read_as_money)
        assert marked(found, "odd_figures") == {cells[0]}
    assert not marked(with_row("Interest (in millions)", "0.4", "0.6"), "odd_figures")
    assert not marked(with_row("Interest expense", "4,240", "4,112"), "odd_figures")


def test_a_row_hundreds_of_times_all_others_is_marked() -> None:
    found = with_row("Total", "6,000,000,000", "5,500,000,000")
    assert marked(found, "odd_figures") == {"Total"}
    assert {x.text for x in found if x.suspect and "odd_figures" in x.suspect} == {
        "6,000,000,000",
        "5,500,000,000",
    }
    assert not marked(with_row("Total", "6,000", "5,500"), "odd_figures")
