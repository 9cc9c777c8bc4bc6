"""A second company by configuration alone: NVIDIA's eight quarters against its XBRL company facts."""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from kc_pipeline_tests.conftest import Bundle, run_pipeline
from kc_pipeline_tests.pipeline.nvidia import CompanyFacts, lay_out

FISCAL = {
    "2024Q1": (date(2023, 1, 30), date(2023, 4, 30)),
    "2024Q2": (date(2023, 5, 1), date(2023, 7, 30)),
    "2024Q3": (date(2023, 7, 31), date(2023, 10, 29)),
    "2024Q4": (date(2023, 10, 30), date(2024, 1, 28)),
    "2025Q1": (date(2024, 1, 29), date(2024, 4, 28)),
    "2025Q2": (date(2024, 4, 29), date(2024, 7, 28)),
    "2025Q3": (date(2024, 7, 29), date(2024, 10, 27)),
    "2025Q4": (date(2024, 10, 28), date(2025, 1, 26)),
}
FLOWS = {
    "revenue": "Revenues",
    "gross_profit": "GrossProfit",
    "operating_income_loss": "OperatingIncomeLoss",
    "profit_loss": "NetIncomeLoss",
}
CASH = "NetCashProvidedByUsedInOperatingActivities"


class Loaded(NamedTuple):
    bundle: Bundle
    truth: CompanyFacts


@pytest.fixture(scope="module")
def loaded(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    if not (shared / "realdocs" / "nvidia").is_dir():
        pytest.skip(f"no real filings of NVIDIA below {shared}")
    settings, truth = lay_out(tmp_path_factory.mktemp("second") / "data", shared)
    return Loaded(Bundle(settings, run_pipeline(settings)), truth)


@pytest.fixture(scope="module")
def reports(loaded: Loaded, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The same without the releases: quarterly cash flows and fourth quarters are then printed nowhere."""
    settings, truth = lay_out(tmp_path_factory.mktemp("reports") / "data", shared)
    for folder in (settings.filings / "NVDA").glob("*-release"):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    loaded.bundle.settings.extracted.rename(settings.extracted)
    report = run_pipeline(settings)
    settings.extracted.rename(loaded.bundle.settings.extracted)
    return Loaded(Bundle(settings, report), truth)


def quarter_of(truth: CompanyFacts, element: str, period: str) -> Decimal:
    """What XBRL says of a quarter; of a fourth one, the year less nine months."""
    start, end = FISCAL[period]

    def one(first: date | None) -> Decimal:
        (value,) = truth.values[element, "USD", first.isoformat() if first else None, end.isoformat()]
        return value

    if element == "Assets":
        return one(None)
    begins = FISCAL[f"{period[:4]}Q1"][0]
    before = FISCAL[f"{period[:4]}Q{int(period[5]) - 1}"][1] if period[5] != "1" else None
    whole = (element, "USD", begins.isoformat(), end.isoformat())
    if (element, "USD", start.isoformat(), end.isoformat()) in truth.values or before is None:
        return one(start)
    (earlier,) = truth.values[element, "USD", begins.isoformat(), before.isoformat()]
    return next(iter(truth.values[whole])) - earlier


def test_everything_is_published_and_the_first_company_is_as_it_was(loaded: Loaded, bundle: Bundle) -> None:
    assert not loaded.bundle.report.quarantined
    assert not loaded.bundle.report.skipped
    figures = "SELECT fact_id, value, version FROM core.facts WHERE company = 'KC' ORDER BY 1"
    with loaded.bundle.connect() as con, bundle.connect() as alone:
        assert con.execute(figures).fetchall() == alone.execute(figures).fetchall()


@pytest.mark.parametrize("period", FISCAL)
def test_fiscal_quarters_have_their_dates(loaded: Loaded, reports: Loaded, period: str) -> None:
    for company in (loaded, reports):
        with company.bundle.connect() as con:
            row = con.execute(
                "SELECT DISTINCT period_start, period_end FROM marts.kpis WHERE company = 'NVDA' AND period = ? AND kpi = 'revenue'",
                [period],
            ).fetchall()
            quarter = con.execute(
                "SELECT period_start, period_end FROM core.fiscal_quarters WHERE company = 'NVDA' AND period = ?",
                [period],
            ).fetchall()
        assert row == quarter == [FISCAL[period]]


@pytest.mark.parametrize("period", FISCAL)
def test_headline_figures_agree_with_company_facts(loaded: Loaded, reports: Loaded, period: str) -> None:
    """With the releases as read; without them the fourth quarters are derived."""
    for company in (loaded, reports):
        with company.bundle.connect() as con:
            kpis = {
                kpi: (value, origin)
                for kpi, value, origin in con.execute(
                    "SELECT kpi, value, origin FROM marts.kpis WHERE company = 'NVDA' AND period = ?",
                    [period],
                ).fetchall()
            }
            assets = con.execute(
                "SELECT value FROM core.facts_latest WHERE company = 'NVDA' AND concept = 'assets' AND period_end = ?",
                [FISCAL[period][1]],
            ).fetchall()
        for kpi, element in FLOWS.items():
            value, origin = kpis[kpi]
            # XBRL has no fourth quarter: the difference of two rounded figures stands against a printed one
            rounded = 1_500_000 if origin == "reported" and period[4:] == "Q4" else 0
            assert abs(value - quarter_of(loaded.truth, element, period)) <= rounded, kpi
        assert assets == [(quarter_of(loaded.truth, "Assets", period),)]
        derived = company is reports and period[4:] == "Q4"
        assert kpis["gross_profit"][1] == ("derived" if derived else "reported")


@pytest.mark.parametrize("period", FISCAL)
def test_quarterly_cash_flow_follows_from_the_year_to_date(reports: Loaded, period: str) -> None:
    with reports.bundle.connect() as con:
        row = con.execute(
            """SELECT value, low, high, origin FROM marts.kpis
               WHERE company = 'NVDA' AND period = ? AND kpi = 'operating_cash_flow'""",
            [period],
        ).fetchone()
    assert row is not None
    expected = quarter_of(reports.truth, CASH, period)
    half = 500_000 if period[4:] == "Q1" else 1_000_000
    assert row == (
        expected,
        expected - half,
        expected + half,
        "reported" if period[4:] == "Q1" else "derived",
    )


def test_no_figure_contradicts_company_facts(loaded: Loaded, reports: Loaded) -> None:
    """Every consolidated fact under a us-gaap element, within both sides' precision.

    A derived one may differ by one more unit: issuers round quarters so that their tables add up.
    """
    for company in (loaded, reports):
        with company.bundle.connect() as con:
            facts = con.execute(
                """SELECT concept, unit, period_start::VARCHAR, period_end::VARCHAR, value, decimals, origin, half_units
                   FROM core.facts_latest WHERE company = 'NVDA' AND scope = 'consolidated' AND segment IS NULL
                   AND counterparty IS NULL"""
            ).fetchall()
        verdicts: Counter[tuple[str, str]] = Counter()
        turned: dict[str, set[bool]] = defaultdict(set)
        contradicted = []
        for concept, unit, start, end, value, decimals, origin, half_units in facts:
            expected = company.truth.of(concept, unit, start, end)
            if not expected:
                verdicts["no truth", origin] += 1
                continue
            allowed = (half_units / 2 + (1 if origin == "derived" else 0)) * Decimal(10) ** -decimals
            # an element's sign is its own affair, but it is the same or the opposite for all figures of a concept
            close = [e for e in expected if abs(abs(value) - abs(e)) <= allowed]
            if close:
                verdicts["matched", origin] += 1
                if abs(value) > allowed:
                    turned[concept].add(all(e * value < 0 for e in close))
            elif company.truth.has_own(concept, unit, start, end):
                verdicts["contradicted", origin] += 1
                contradicted.append((concept, start, end, value, sorted(expected)))
            else:
                verdicts["another element", origin] += 1
        print(dict(verdicts))
        assert verdicts["matched", "reported"] > 900
        assert verdicts["another element", "reported"] <= 2
        assert not contradicted
        assert not [concept for concept, ways in turned.items() if len(ways) > 1]


def test_what_does_not_add_up_over_time_is_never_derived(reports: Loaded) -> None:
    with reports.bundle.connect() as con:
        derived = con.execute(
            """SELECT DISTINCT unit, months FROM core.facts WHERE origin = 'derived' AND company = 'NVDA'"""
        ).fetchall()
        per_share = con.execute(
            "SELECT count(*) FROM core.facts_latest WHERE company = 'NVDA' AND unit = 'USD/share' AND months = 3"
        ).fetchone()
    assert ("USD", 3) in derived
    assert {unit for unit, _ in derived} == {"USD"}
    assert per_share is not None
    assert per_share[0] > 0


def test_derived_cash_flows_agree_with_those_that_the_releases_print(loaded: Loaded, reports: Loaded) -> None:
    figures = """SELECT concept, period_end, value, decimals, half_units FROM core.facts
        WHERE company = 'NVDA' AND segment IS NULL AND months = 3 AND unit = 'USD' AND origin = '{}'"""
    with loaded.bundle.connect() as con:
        printed: dict[tuple[str, date], list[Decimal]] = defaultdict(list)
        for row in con.execute(figures.format("reported")).fetchall():
            printed[row[:2]].append(row[2])
    with reports.bundle.connect() as con:
        derived = con.execute(figures.format("derived")).fetchall()
    compared = [(row, printed[row[:2]]) for row in derived if row[:2] in printed]
    wrong = [
        (row, versions)
        for row, versions in compared
        if all(abs(row[2] - v) > (row[4] / 2 + Decimal("1.5")) * Decimal(10) ** -row[3] for v in versions)
    ]
    # any version: a comparative that a later release cuts into other lines is another figure
    print(len(compared), "compared,", len(wrong), "beyond rounding:", wrong)
    assert len(compared) > 200
    assert len(wrong) <= 1
