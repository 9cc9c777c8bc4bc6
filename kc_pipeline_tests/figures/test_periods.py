from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kc_pipeline.figures import Period, calendar_quarter, months_between, quarter_end, quarters_between


@pytest.mark.parametrize(
    ("start", "end", "fiscal_month", "label"),
    [
        (date(2025, 1, 1), date(2025, 3, 31), 12, "2025Q1"),
        (None, date(2025, 3, 31), 12, "2025Q1"),
        (date(2025, 1, 1), date(2025, 6, 30), 12, "2025H1"),
        (date(2025, 7, 1), date(2025, 12, 31), 12, "2025H2"),
        (date(2025, 1, 1), date(2025, 9, 30), 12, "20259M"),
        (date(2025, 1, 1), date(2025, 12, 31), 12, "2025FY"),
        (date(2023, 1, 30), date(2023, 4, 30), 1, "2024Q1"),  # NVIDIA: the fiscal year ends in January
        (date(2022, 10, 31), date(2023, 1, 29), 1, "2023Q4"),
        (date(2023, 4, 2), date(2023, 7, 1), 9, "2023Q3"),  # Apple: a quarter that ends on the first of July
        (date(2022, 9, 25), date(2023, 7, 1), 9, "20239M"),
    ],
)
def test_labels_follow_the_fiscal_calendar(
    start: date | None, end: date, fiscal_month: int, label: str
) -> None:
    assert Period(start, end).label(fiscal_month) == label


def test_a_span_that_is_no_fiscal_period_has_no_label() -> None:
    with pytest.raises(ValueError, match="fiscal quarter"):
        Period(date(2025, 1, 1), date(2025, 2, 28)).label()
    with pytest.raises(ValueError, match="no label"):
        Period(date(2025, 2, 1), date(2025, 3, 31)).label()


@given(
    st.integers(1990, 2090),
    st.sampled_from(["Q1", "Q2", "Q3", "Q4", "H1", "H2", "9M", "FY"]),
    st.integers(1, 12),
)
def test_parsing_a_label_gives_the_period_that_bears_it(year: int, part: str, fiscal_month: int) -> None:
    label = f"{year}{part}"
    assert Period.parse(label, fiscal_month).label(fiscal_month) == label


def test_calendar_quarter_takes_the_nominal_month_end() -> None:
    assert calendar_quarter(date(2023, 7, 1)) == "2023Q2"
    assert calendar_quarter(date(2023, 4, 30)) == "2023Q2"
    assert quarter_end("2024Q4") == date(2024, 12, 31)
    assert quarters_between("2019Q4", "2020Q2") == ["2019Q4", "2020Q1", "2020Q2"]
    assert months_between(date(2023, 4, 2), date(2023, 7, 1)) == 3
    with pytest.raises(ValueError, match="2025Q1"):
        quarter_end("2025-Q1")
