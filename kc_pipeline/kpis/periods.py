"""The rule of `kc_pipeline.figures.periods` in SQL: period ends to fiscal quarters and labels.

A fiscal quarter is a number, 4 x fiscal year + quarter - 1, so that neighbours in the calendar differ by one.
The kinds of period are numbered as in `PERIOD_TYPES`: quarter 0, half 1, nine months 2, year 3, trailing 4.
"""


def _nominal_month_sql(day: str) -> str:
    """Months since year 0 of the month end that a day stands for (up to the tenth: the month before)."""
    return f"(year({day}) * 12 + month({day}) - 1 - CASE WHEN day({day}) <= 10 THEN 1 ELSE 0 END)"


def fiscal_month_sql(day: str, fiscal_year_end: str) -> str:
    """Return SQL for 12 x fiscal year + month of the fiscal year - 1 of a period end.

    `fiscal_year_end` is SQL for a text such as `--12-31`. The fiscal year is named after the calendar year in
    which it ends.
    """
    return f"({_nominal_month_sql(day)} + 12 - CAST(substr({fiscal_year_end}, 3, 2) AS INTEGER))"


def calendar_quarter_sql(day: str) -> str:
    """Return SQL for the calendar quarter, as 2025Q1, in which a period end falls."""
    month = _nominal_month_sql(day)
    return f"(({month} // 12)::VARCHAR || 'Q' || ({month} % 12 // 3 + 1)::VARCHAR)"


def label_sql(kind: str, quarter: str) -> str:
    """Return SQL for the fiscal label: 2025Q1, 2025H1, 20259M, 2025FY, 2025Q1-TTM."""
    year = f"({quarter} // 4)::VARCHAR"
    return (
        f"({year} || CASE {kind} WHEN 0 THEN 'Q' || ({quarter} % 4 + 1)::VARCHAR "
        f"WHEN 1 THEN 'H' || (({quarter} % 4 + 1) // 2)::VARCHAR WHEN 2 THEN '9M' WHEN 3 THEN 'FY' "
        f"ELSE 'Q' || ({quarter} % 4 + 1)::VARCHAR || '-TTM' END)"
    )
