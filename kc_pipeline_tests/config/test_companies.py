from pathlib import Path

import pytest

from kc_pipeline.config import Company, ConfigurationError, Settings, load_companies
from kc_pipeline.config.companies import own_name

GOOD = '[[company]]\nid = "KC"\nname = "Kingsoft Cloud"\nreporting_currency = "CNY"\n'


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "companies.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_file_is_valid(repo: Path) -> None:
    companies = load_companies(repo / "data" / "companies.toml")
    assert companies["KC"].cik == "0001795589"
    assert companies["KC"].calendar.nominal == "--12-31"
    assert {s.id for s in companies["KC"].segments} == {"public_cloud", "enterprise_cloud", "others"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[company", "not valid TOML"),
        (GOOD + 'colour = "red"\n', "company.0.colour"),
        (GOOD.replace("CNY", "yuan"), "company.0.reporting_currency"),
        (GOOD + 'fiscal_year_end = "March"\n', "--MM-DD"),
        (GOOD + 'fiscal_year_end = "--04-05"\n', "the month before"),
        (GOOD + 'fiscal_year_named_after = "middle"\n', "company.0.fiscal_year_named_after"),
        (GOOD + GOOD, "declared twice"),
    ],
)
def test_a_wrong_file_is_named_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        load_companies(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_absent_file_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="KC_DATA"):
        load_companies(tmp_path / "companies.toml")


def test_paths_follow_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KC_DATA", str(tmp_path))
    monkeypatch.delenv("KC_WAREHOUSE", raising=False)
    assert Settings.from_env().warehouse == tmp_path / "warehouse" / "kc.duckdb"
    monkeypatch.setenv("KC_WAREHOUSE", str(tmp_path / "x.duckdb"))
    assert Settings.from_env().warehouse == tmp_path / "x.duckdb"
    monkeypatch.setenv("KC_MAX_DOCUMENT_MB", "none")
    with pytest.raises(ValueError, match="KC_MAX_DOCUMENT_MB"):
        Settings.from_env()


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("Kingsoft Cloud Holdings Limited", "kingsoft cloud"),
        ("NVIDIA Corporation", "nvidia"),
        ("The Home Depot, Inc.", "home depot"),
        ("McDonald's Corp", "mcdonalds"),
        ("Amazon.com, Inc.", "amazon com"),
        ("U.S. Bancorp", "u s bancorp"),
        ("Gap, Inc. (The)", "gap"),
        ("BANK OF AMERICA CORP /DE/", "bank of america"),
        ("Koninklijke Philips N.V.", "koninklijke philips"),
        ("Novo Nordisk A/S", "novo nordisk"),
        ("AT&T Inc.", "at and t"),
        ("Holdings", "holdings"),
        ("金山云控股有限公司", "金山云控股有限公司"),
    ],
)
def test_a_name_is_known_without_its_legal_form(name: str, own: str) -> None:
    assert own_name(name) == own


def test_a_company_is_called_by_its_names_tickers_and_number() -> None:
    company = Company(
        id="BC", name="B Communications Ltd", aliases=("012 Smile.Communications Ltd",), cik="0001402606",
        tickers=("NASDAQ:BCOM", "BC"), reporting_currency="ILS",
    )  # fmt: skip
    assert company.called == (
        "b communications", "012 smile communications", "nasdaq bcom", "0001402606", "1402606",
    )  # fmt: skip
