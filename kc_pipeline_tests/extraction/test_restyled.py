"""Statements of our own making in every style of `make restyle`: each must come out with the same figures."""

from datetime import date
from decimal import Decimal

import pytest

from kc_pipeline.extraction import read
from tools.restyle.model import Figure, Layout, Period, Row, Statement
from tools.restyle.render import html_of
from tools.restyle.styles import FAMILIES, all_styles

QUARTER = (
    Period(date(2023, 6, 30), 3),
    Period(date(2022, 6, 30), 3),
    Period(date(2023, 6, 30), 6),
    Period(date(2022, 6, 30), 6),
)


def figures(*texts: str) -> tuple[Figure | None, ...]:
    return tuple(
        None if not t else Figure(t.strip("$()"), t.endswith(")"), False, "$" if "$" in t else "", t == "nil")
        for t in texts
    )


INCOME = Statement(
    "income",
    "CONSOLIDATED STATEMENTS OF INCOME",
    "In thousands, except per share data",
    False,
    QUARTER,
    (
        Row("Net sales", 0, figures("$51,200", "$48,750", "$99,310", "$97,405")),
        Row("Cost of sales", 0, figures("30,115", "29,870", "59,020", "58,333")),
        Row("Gross profit", 1, figures("21,085", "18,880", "40,290", "39,072")),
        Row("Operating expenses:", 0),
        Row("Selling, general and administrative", 1, figures("12,404", "12,016", "24,511", "23,707")),
        Row("Restructuring", 1, figures("nil", "310", "nil", "645")),
        Row("Other (income) expense, net", 1, figures("(75)", "22", "(140)", "61")),
        Row("Total operating expenses", 1, figures("12,329", "12,348", "24,371", "24,413")),
        Row("Income before income taxes", 0, figures("8,756", "6,532", "15,919", "14,659")),
        Row("Income tax expense", 0, figures("2,014", "1,502", "3,661", "3,372")),
        Row("Net income", 0, figures("$6,742", "$5,030", "$12,258", "$11,287")),
        Row("Net income per share:", 0),
        Row("Basic", 1, figures("$0.68", "$0.51", "$1.24", "$1.15")),
        Row("Diluted", 1, figures("$0.67", "$0.50", "$1.22", "$1.13")),
    ),
)
BALANCE = Statement(
    "balance_sheet",
    "CONSOLIDATED BALANCE SHEETS",
    "In thousands",
    None,
    (Period(date(2023, 6, 30), None), Period(date(2022, 12, 31), None)),
    (
        Row("Assets", 0),
        Row("Current assets:", 0),
        Row("Cash and cash equivalents", 1, figures("$14,020", "$11,995")),
        Row("Receivables, net", 1, figures("22,310", "21,004")),
        Row("Total current assets", 2, figures("36,330", "32,999")),
        Row("Property and equipment, net", 0, figures("40,118", "41,226")),
        Row("Deferred taxes", 0, figures("nil", "87")),
        Row("Total assets", 0, figures("$76,448", "$74,312")),
        Row("Liabilities and equity", 0),
        Row("Accounts payable", 1, figures("$18,406", "$19,011")),
        Row("Total liabilities", 1, figures("18,406", "19,011")),
        Row("Accumulated deficit", 1, figures("(5,102)", "(7,845)")),
        Row("Additional paid-in capital", 1, figures("63,144", "63,146")),
        Row("Total equity", 1, figures("58,042", "55,301")),
        Row("Total liabilities and equity", 0, figures("$76,448", "$74,312")),
    ),
)
STYLES = all_styles(60)


def expected(statement: Statement, layout: Layout) -> set[tuple[str, str, int | None, str]]:
    """The figures of a restyled statement, whatever its columns have become."""
    out = set()
    for row in statement.rows:
        for column, figure in zip(statement.columns, row.figures, strict=False):
            if figure is None or column.extra:
                continue
            unit = {"US$": "USD"}.get(column.currency, layout.unit)
            per_share = row.label in ("Basic", "Diluted")
            value = Decimal(0) if figure.nil else Decimal(figure.digits.replace(",", ""))
            value = (-value if figure.negative else value) * (1 if per_share else 1000)
            out.add((f"{value.normalize():f}", str(column.end), column.months, unit + "/share" * per_share))
    return out


@pytest.mark.parametrize("name", [n for n in STYLES if n not in FAMILIES["marks"]])
@pytest.mark.parametrize("original", [INCOME, BALANCE], ids=lambda s: s.kind)
def test_a_statement_reads_the_same_in_every_style(original: Statement, name: str) -> None:
    statement, layout = STYLES[name](original, Layout())
    out = read(f"<html><body>{html_of(statement, layout, 'Sample Works, Inc.')}</body></html>".encode())
    found = [
        (f"{x.value.normalize():f}", str(x.period_end), x.months, x.unit)
        for x in out.lines
        if x.unit != "pure"
    ]
    assert set(found) == expected(statement, layout)
    assert len({(x.table, x.row, x.col) for x in out.lines}) == len(out.lines)
