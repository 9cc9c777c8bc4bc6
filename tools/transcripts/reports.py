"""Annual and interim reports, other 6-Ks and prospectuses: dates and numbers, and the tables of each."""

from dataclasses import dataclass
from datetime import date

from . import layouts, notes
from .reference import REPORT_USES
from .statements import Plan

COMPANY = "KINGSOFT CLOUD HOLDINGS LIMITED"
PARENT = "CONDENSED FINANCIAL INFORMATION OF THE PARENT COMPANY"
_SEC = "https://www.sec.gov/Archives/edgar/data/1795589/"


@dataclass(frozen=True)
class Report:
    """One document: its name in the reference, form and title, filing date and its precision, its tables.

    Where the day is not known the date is the last day of the month that the reference gives; where it gives
    none, `remark` says how the month was taken, and the manifest's note repeats it.
    """

    document: str
    form: str
    title: str
    filed: date
    period_end: date
    plans: tuple[Plan, ...]
    accession: str | None = None
    exhibit: str | None = None
    url: str | None = None
    precision: str = "day"
    remark: str = ""

    @property
    def uses(self) -> tuple[str, ...]:
        """The uses of rows that it holds: an annual report also the tables of the parent company."""
        return (*REPORT_USES, "not_group") if self.form == "20-F" else REPORT_USES


def _annual() -> tuple[Plan, ...]:
    def plan(title: str, lines: tuple[layouts.Line, ...]) -> Plan:
        return Plan(title, lines, COMPANY if title.startswith("CONSOLIDATED") else "", years=True)

    return (
        plan("CONSOLIDATED BALANCE SHEETS", notes.BALANCE_SHEET),
        plan("CONSOLIDATED STATEMENTS OF COMPREHENSIVE LOSS", notes.INCOME),
        plan("CONSOLIDATED STATEMENTS OF CASH FLOWS", notes.CASH_FLOW),
        plan("Prepayments and other assets", notes.PREPAYMENTS),
        plan("Accrued expenses and other liabilities", notes.ACCRUED),
        plan("Taxation: loss before income taxes", notes.TAX_REGIONS),
        plan("Taxation: income tax expense", notes.TAX_PARTS),
        plan("Taxation: reconciliation of the income tax expense", notes.TAX_RECONCILIATION),
        plan("Related party transactions", notes.RELATED_PARTIES),
        plan("Revenues from related parties by service", notes.RELATED_REVENUE),
        Plan("Summary of Parent Company Balance Sheet", notes.PARENT_BALANCE_SHEET, PARENT, years=True),
        Plan("Summary of Parent Company Income Statement", notes.PARENT_INCOME, PARENT, years=True),
    )


_SELECTED = (
    Plan("Selected Consolidated Statements of Operation:", notes.INCOME, years=True),
    Plan("Selected Consolidated Statements of Cash Flows:", notes.CASH_FLOW, years=True),
)
_HIGHLIGHTS = (
    Plan("FINANCIAL HIGHLIGHTS", notes.INCOME, COMPANY, years=True),
    Plan("NON-GAAP FINANCIAL MEASURES", layouts.reconciliation("Adjusted"), COMPANY, years=True),
)
_JULY = (
    Plan(
        "AUDITED CONSOLIDATED BALANCE SHEET AS OF DECEMBER 31, 2021 AND UNAUDITED INTERIM CONDENSED "
        "CONSOLIDATED BALANCE SHEET AS OF MARCH 31, 2022",
        notes.INTERIM_BALANCE_SHEET,
        unaudited_after=date(2021, 12, 31),
    ),
)
_DECEMBER = (
    Plan(
        "UNAUDITED INTERIM CONDENSED CONSOLIDATED BALANCE SHEETS",
        notes.INTERIM_BALANCE_SHEET,
        unaudited_after=date(2021, 12, 31),
    ),
    Plan("Revenues", notes.REVENUES),
    Plan("Prepayments and other assets", notes.PREPAYMENTS, unaudited_after=date(2021, 12, 31)),
    Plan("Equity investments", notes.EQUITY_INVESTMENTS),
    Plan("Accrued expenses and other liabilities", notes.ACCRUED, unaudited_after=date(2021, 12, 31)),
)


def _form_20f(year: int, filed: date, accession: str, precision: str = "day") -> Report:
    return Report(
        f"20-F-{year}",
        "20-F",
        f"Annual report for the fiscal year ended December 31, {year}",
        filed,
        date(year, 12, 31),
        _annual(),
        accession,
        precision=precision,
    )


def _interim(year: int, filed: date, precision: str = "day", remark: str = "") -> Report:
    return Report(
        f"interim-{year}H1",
        "6-K",
        f"Interim results for the six months ended June 30, {year}",
        filed,
        date(year, 6, 30),
        _HIGHLIGHTS,
        exhibit="99.1" if precision == "day" else None,
        precision=precision,
        remark=remark,
    )


def _results(
    year: int, filed: date, accession: str | None = None, precision: str = "day", remark: str = ""
) -> Report:
    return Report(
        f"annual-results-{year}",
        "6-K",
        f"Preliminary announcement of annual results for the year ended December 31, {year}",
        filed,
        date(year, 12, 31),
        _HIGHLIGHTS,
        accession,
        exhibit="99.1" if precision == "day" else None,
        precision=precision,
        remark=remark,
    )


REPORTS: tuple[Report, ...] = (
    Report(
        "F-1-2020",
        "F-1",
        "Registration statement for the initial public offering",
        date(2020, 4, 30),
        date(2019, 12, 31),
        _SELECTED,
        precision="month_estimated",
        remark="The filing date is not known; the figures were in the news of April 2020.",
    ),
    _form_20f(2020, date(2021, 4, 22), "0001193125-21-125812"),
    _form_20f(2021, date(2022, 5, 2), "0001193125-22-135476"),
    Report(
        "6-K-2022-07",
        "6-K",
        "Unaudited interim condensed consolidated financial statements as of March 31, 2022",
        date(2022, 7, 27),
        date(2022, 3, 31),
        _JULY,
        "0001104659-22-082987",
        "99.2",
        f"{_SEC}000110465922082987/tm2221644d1_ex99-2.htm",
    ),
    Report(
        "6-K-2022-12",
        "6-K",
        "Unaudited interim condensed consolidated financial statements as of June 30, 2022 and September 30, "
        "2022",
        date(2022, 12, 23),
        date(2022, 9, 30),
        _DECEMBER,
        "0001104659-22-129735",
        "99.1",
        f"{_SEC}000110465922129735/kc-20220930xex99d1.htm",
    ),
    Report(
        "424B3-2022-12",
        "424B3",
        "Prospectus supplement on the listing by introduction",
        date(2022, 12, 27),
        date(2022, 9, 30),
        (Plan("Key operating data", notes.OPERATING, years=True, plain=True),),
        "0001104659-22-130653",
        url=f"{_SEC}000110465922130653/tm2221644-6_424b3.htm",
        precision="month_estimated",
    ),
    _results(
        2022,
        date(2023, 3, 31),
        precision="month_estimated",
        remark="The filing date is not known; the month is that of the release for the same year.",
    ),
    _form_20f(2022, date(2023, 4, 30), "0001104659-23-050820", "month_estimated"),
    _interim(
        2022,
        date(2023, 8, 31),
        "month_estimated",
        "The figures were read in a digest of the interim report for 2023, so its month is taken.",
    ),
    _interim(
        2023,
        date(2023, 8, 31),
        "month_estimated",
        "The filing date is not known; the month is that of the release for the second quarter.",
    ),
    _results(2023, date(2024, 3, 20), "0001104659-24-036671"),
    _form_20f(2023, date(2024, 4, 30), "0001104659-24-054351"),
    _interim(2024, date(2024, 8, 20)),
    Report(
        "424B5-2025-04",
        "424B5",
        "Prospectus supplement for the offering of April 2025",
        date(2025, 4, 17),
        date(2024, 12, 31),
        _SELECTED,
        "0001104659-25-035777",
        url=f"{_SEC}000110465925035777/tm2512409-6_424b5.htm",
        precision="month_estimated",
    ),
    _form_20f(2024, date(2025, 4, 30), "0001410578-25-000732", "month_estimated"),
)
