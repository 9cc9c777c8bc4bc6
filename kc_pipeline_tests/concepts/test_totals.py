"""An unlabelled total of a balance sheet is what its rows add up to, else it is nothing."""

from collections.abc import Sequence
from decimal import Decimal

from kc_pipeline.concepts import map_lines
from kc_pipeline_tests.concepts.lines import Line

ASSETS = ("Assets", "Current assets:")
OWED = ("Liabilities and equity", "Current liabilities:")
SHEET = [
    (ASSETS, "Cash and cash equivalents", 30),
    (ASSETS, "Inventories", 12),
    (ASSETS, "", 42),
    (ASSETS, "Property, plant and equipment", 50),
    (ASSETS, "Goodwill", 8),
    (ASSETS, "", 100),
    (OWED, "Accounts payable", 10),
    (OWED, "Deferred revenue", 5),
    (OWED, "", 15),
    (OWED, "Long-term debt", 20),
    (OWED, "", 35),
    (OWED, "Share capital", 65),
    (OWED, "", 100),
]


def _totals(rows: Sequence[tuple[tuple[str, ...], str, int]]) -> list[str | None]:
    """Return the concepts of the unlabelled rows."""
    lines = [
        Line("balance_sheet", section, label, Decimal(value), months=None, row=i)
        for i, (section, label, value) in enumerate(rows)
    ]
    map_lines(lines)
    return [x.concept for x in lines if not x.label]


def _with(at: int, value: int) -> list[tuple[tuple[str, ...], str, int]]:
    return [(s, x, value if i == at else v) for i, (s, x, v) in enumerate(SHEET)]


def test_each_total_is_what_its_rows_add_up_to() -> None:
    assert _totals(SHEET) == [
        "assets_current", "assets", "liabilities_current", "liabilities", "liabilities_and_stockholders_equity",
    ]  # fmt: skip


def test_current_assets_below_the_noncurrent_ones_are_the_sum_of_their_own_heading() -> None:
    fixed, current = ("Non-current assets",), ("Current assets",)
    rows = [
        (fixed, "Investments", 58),
        (current, "Trade receivables", 12),
        (current, "Cash and cash equivalents", 30),
        (current, "", 42),
        (current, "Total assets", 100),
    ]
    assert _totals(rows) == ["assets_current"]
    assert _totals([(current, x, v) for _, x, v in rows]) == [None]


def test_total_assets_are_never_the_current_assets() -> None:
    without_subtotal = [r for i, r in enumerate(SHEET) if i != 2]
    assert "assets_current" not in _totals(without_subtotal)


def test_a_total_that_does_not_add_up_has_no_concept() -> None:
    assert _totals(_with(2, 43))[:2] == [None, None]
    assert _totals(_with(5, 101))[1] is None
    assert _totals(_with(12, 101))[-1] is None


def test_both_sides_are_named_only_where_they_are_equal() -> None:
    lower = [(s, x, {11: 64, 12: 99}.get(i, v)) for i, (s, x, v) in enumerate(SHEET)]
    assert _totals(lower)[-1] is None


def test_a_subtotal_above_treasury_stock_is_not_the_equity() -> None:
    equity = ("Shareholders' equity:",)
    rows = [
        (equity, "Common stock", 10),
        (equity, "Retained earnings", 40),
        (equity, "", 50),
        (equity, "Treasury stock", -8),
        (equity, "", 42),
    ]
    assert _totals(rows) == [None, "stockholders_equity_including_noncontrolling_interest"]
