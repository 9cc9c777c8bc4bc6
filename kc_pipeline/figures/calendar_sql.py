"""The rule of `calendars` and `periods` as SQL: period ends to fiscal quarters and labels.

A fiscal quarter is a number, 4 x fiscal year + quarter - 1, so that neighbours in the calendar differ by one.
The kinds of period are numbered as in `kpis.PERIOD_TYPES`: quarter 0, half 1, nine months 2, year 3, trailing 4.
"""


def nominal_month_sql(day: str) -> str:
    """Months since year 0 of the month end that a day stands for (up to the tenth: the month before)."""
    # ten days earlier, those of the first ten lie in the month before
    return f"(datediff('month', DATE '1970-01-01', {day} - 10) + {1970 * 12})"


def fiscal_shift_sql(company: str) -> str:
    """Return SQL for how many months a company's fiscal calendar lies ahead of the calendar.

    `company` is the alias of a row of `core.companies`, whose nominal year end decides. The fiscal year is named
    after the calendar year in which it ends, or the one in which it starts.
    """
    end = f"CAST(substr({company}.fiscal_year_end, 3, 2) AS INTEGER)"
    behind = f"CASE WHEN {company}.fiscal_year_named_after = 'start' AND {end} < 12 THEN 12 ELSE 0 END"
    return f"(12 - {end} - {behind})"


def fiscal_month_sql(day: str, company: str) -> str:
    """Return SQL for 12 x fiscal year + month of the fiscal year - 1 of a period end, see `fiscal_shift_sql`."""
    return f"({nominal_month_sql(day)} + {fiscal_shift_sql(company)})"


def calendar_quarter_sql(day: str) -> str:
    """Return SQL for the calendar quarter, as 2025Q1, in which a period end falls."""
    month = nominal_month_sql(day)
    return f"(({month} // 12)::VARCHAR || 'Q' || ({month} % 12 // 3 + 1)::VARCHAR)"


def label_sql(kind: str, quarter: str) -> str:
    """Return SQL for the fiscal label: 2025Q1, 2025H1, 20259M, 2025FY, 2025Q1-TTM."""
    year = f"({quarter} // 4)::VARCHAR"
    return (
        f"({year} || CASE {kind} WHEN 0 THEN 'Q' || ({quarter} % 4 + 1)::VARCHAR "
        f"WHEN 1 THEN 'H' || (({quarter} % 4 + 1) // 2)::VARCHAR WHEN 2 THEN '9M' WHEN 3 THEN 'FY' "
        f"ELSE 'Q' || ({quarter} % 4 + 1)::VARCHAR || '-TTM' END)"
    )
