"""A document that does not name its company is kept out: it may be another's."""

from datetime import date
from pathlib import Path

import pytest

from kc_pipeline.config import Company
from kc_pipeline.extraction import read
from kc_pipeline.quality import CATALOGUE, document_failures, run_checks
from kc_pipeline_tests.warehouse.books import Books

CHECKS = [c for c in CATALOGUE if c.name == "documents_name_their_company"]


def failing(openings: dict[str, str | None], *companies: Company) -> set[tuple[str, str]]:
    """Hold every opening against every company; return which pairs (opening, company) fail."""
    books = Books(companies={c.id: c for c in companies})
    pairs = {}
    for company in companies:
        for name, opening in openings.items():
            document = books.document(f"{name}-release", date(2025, 5, 28), company=company.id)
            books.documents[-1]["opening"] = opening
            pairs[document] = (name, company.id)
    con = books.load()
    (result,) = run_checks(con, "b", "lines", CHECKS)
    assert result["status"] in ("passed", "failed", "not_evaluable"), result
    failed = {pairs[d] for (d,) in con.execute("SELECT document_id FROM meta.check_failures").fetchall()}
    assert len(failed) == result["failing_rows"]
    if result["failing_rows"]:
        assert document_failures(con, "b")
    return failed


KC = Company(
    id="KC", name="Kingsoft Cloud Holdings Limited", tickers=("NASDAQ:KC", "HKEX:3896"), cik="0001795589",
    reporting_currency="CNY",
)  # fmt: skip
SHORT = Company(id="D", name="Dow Inc.", reporting_currency="USD")
EXXON = Company(id="X", name="Exxon Mobil Corporation", reporting_currency="USD")
MCD = Company(id="M", name="McDonald's Corporation", reporting_currency="USD")
SPACED = Company(id="T", name="AT&T Inc.", reporting_currency="USD")
NESTLE = Company(id="N", name="Nestlé S.A.", reporting_currency="CHF")
FORD = Company(id="F", name="Ford Motor Company", tickers=("NYSE:F",), reporting_currency="USD")
ALLY = Company(id="A", name="Ally Financial Inc.", reporting_currency="USD")
ENI = Company(id="E", name="Eni S.p.A.", reporting_currency="EUR")
PG = Company(id="P", name="The Procter & Gamble Company", reporting_currency="USD")
CHINESE = Company(id="C", name="金山云", reporting_currency="CNY")


@pytest.mark.parametrize(
    ("opening", "company", "named"),
    [
        ("Kingsoft Cloud Announces Unaudited First Quarter 2025 Financial Results", KC, True),
        ("KINGSOFT\u00a0CLOUD HOLDINGS LIMITED", KC, True),
        ("KingsoftCloud", KC, True),
        ("Results of the quarter (NASDAQ: KC and HKEX: 3896)", KC, True),
        ("Commission file 001-39278, CIK 0001795589", KC, True),
        ("Kingsoft Corporation Limited announces results", KC, False),
        ("NVIDIA Announces Financial Results", KC, False),
        ("Windows and shadows grew", SHORT, False),
        ("DOW INC. 10-Q", SHORT, True),
        ("ExxonMobil earns", EXXON, True),
        ("McDonald\u2019s reports", MCD, True),
        ("MCDONALD'S CORPORATION", MCD, True),
        ("AT&T reports", SPACED, True),
        ("金山云控股有限公司公布业绩", CHINESE, True),  # no space ends a Chinese word
        ("金山软件公布业绩", CHINESE, False),
        ("NESTL\u00c9 S.A. reports", NESTLE, True),
        ("Nestle reports", NESTLE, True),
        ("FICO (NYSE: FICO) announces", FORD, False),  # a ticker inside another
        ("Ford Motor (NYSE: F) announces", FORD, True),
        ("dramatically financial results", ALLY, False),  # a name across two words
        ("Eni\u2019s results", ENI, True),
        ("Procter and Gamble", PG, True),
        ("", KC, True),  # a scanned page: nothing to judge
    ],
)
def test_a_name_is_found_as_it_is_printed(opening: str | None, company: Company, named: bool) -> None:
    assert failing({"x": opening}, company) == (set() if named else {("x", company.id)})


def test_figures_without_a_text_to_name_anyone_are_kept_out() -> None:
    books = Books()
    document = books.document("blank", date(2025, 5, 28))
    books.documents[-1]["opening"] = ""
    books.line(document, "Total assets", 100)
    con = books.load()
    run_checks(con, "b", "lines", CHECKS)
    assert [f.document_id for f in document_failures(con, "b")] == [document]


def test_an_alias_lets_a_document_in() -> None:
    renamed = KC.model_copy(update={"aliases": ("Xiaomi Cloud",)})
    assert failing({"x": "Xiaomi Cloud grew"}, KC) == {("x", "KC")}
    assert failing({"x": "Xiaomi Cloud grew"}, renamed) == set()


def test_real_releases_name_their_issuer_and_hardly_any_other(shared: Path) -> None:
    issuers = {
        "51JOB": "51job", "ABB LTD": "abb", "ADVANTEST CORP": "advantest", "AGRIUM INC": "agrium",
        "AIRMEDIA GROUP INC.": "airmedia", "AIXTRON AG": "aixtron",
        "ADVANCED SEMICONDUCTOR ENGINEERING INC": "advanced-semicondu",
    }  # fmt: skip
    realdocs = shared / "realdocs"
    openings: dict[str, str | None] = {}
    own: dict[str, str] = {}
    companies = []
    for number, (issuer, prefix) in enumerate(issuers.items()):
        companies.append(Company(id=f"I{number}", name=issuer, reporting_currency="USD"))
        for path in sorted((realdocs / "6-K").glob(f"{prefix}*.htm"))[:2]:
            openings[path.stem] = read(path.read_bytes()).opening
            own[path.stem] = f"I{number}"
    companies.append(Company(id="NV", name="NVIDIA Corporation", reporting_currency="USD"))
    for path in sorted((realdocs / "nvidia").glob("*press-release.html"))[:2]:
        openings[path.stem] = read(path.read_bytes()).opening
        own[path.stem] = "NV"
    assert len(openings) >= 14
    everything = {(name, c.id) for name in openings for c in companies}
    assert failing(openings, *companies) == everything - set(own.items())
