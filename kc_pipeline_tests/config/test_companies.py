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


def _pack(data: Path, **files: str) -> Path:
    folder = data / "companies" / "ACME"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return data / "companies.toml"


def test_a_pack_is_the_same_as_a_block(tmp_path: Path) -> None:
    identity = 'name = "Acme"\nreporting_currency = "USD"\n'
    segments = 'segments]]\nid = "shops"\nlabels = ["Shops"]\n'
    packed = load_companies(_pack(tmp_path / "a", company=identity, rows=f"[[{segments}"))
    (tmp_path / "b").mkdir()
    block = _file(tmp_path / "b", f'[[company]]\nid = "ACME"\n{identity}[[company.{segments}')
    assert packed == load_companies(block)


def test_packs_named_first_come_first(tmp_path: Path) -> None:
    path = _file(tmp_path, 'first = ["ZED"]\n' + GOOD)
    _pack(tmp_path, company='name = "Acme"\nreporting_currency = "USD"\n')
    (tmp_path / "companies" / "ACME").rename(tmp_path / "companies" / "ZED")
    assert list(load_companies(path)) == ["ZED", "KC"]
    path.write_text('first = ["NONE"]\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match="there is no company NONE; remove it, or add the folder"):
        load_companies(path)


def test_every_fault_of_a_pack_is_told_once_with_file_key_and_mend(tmp_path: Path) -> None:
    path = _pack(
        tmp_path,
        company='reporting_currency = "yuan"\nsegments = []\ntickerz = []\n',
        labels='[[synonyms]]\nlabel = "Rent"\n\n[[splits]]\ndate = 2024-06-10\nratio = "-10"\nsource = "x"\n',
        more="segments = []\n",
    )
    with pytest.raises(ConfigurationError) as caught:
        load_companies(path)
    pack = tmp_path / "companies" / "ACME"
    assert (
        str(caught.value)
        == f"{pack / 'more.toml'}: segments: stands in company.toml, too; put all of it into one file"
    )
    (pack / "more.toml").unlink()
    with pytest.raises(ConfigurationError) as caught:
        load_companies(path)
    told = sorted(str(caught.value).splitlines())
    identity, labels = pack / "company.toml", pack / "labels.toml"
    assert [line.partition("; ")[0] for line in told] == [
        f"{identity}: name: is missing",
        f"{identity}: reporting_currency: String should match pattern '^[A-Z]{{3}}$', not 'yuan'",
        f"{identity}: tickerz: no such key",
        f"{labels}: splits.0.ratio: Input should be greater than 0, not '-10'",
        f"{labels}: synonyms.0.concept: is missing",
    ]
    assert all("; " in line for line in told)
    assert "did you mean tickers?" in told[2]


def test_an_empty_pack_and_one_of_another_name_say_what_to_write(tmp_path: Path) -> None:
    path = _pack(tmp_path)
    with pytest.raises(ConfigurationError, match=r"write company\.toml with id, name and reporting_currency"):
        load_companies(path)
    (tmp_path / "companies" / "ACME" / "x.toml").write_text(GOOD.partition("\n")[2], encoding="utf-8")
    with pytest.raises(ConfigurationError, match="'KC' is not the name of the folder; write 'ACME'"):
        load_companies(path)


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


def test_a_part_of_a_segment_counts_in_no_index_over_all_segments() -> None:
    from kc_pipeline.config.followed import Followed
    from kc_pipeline.kpis.of_packs import catalogue_of

    def segments(part_of: str | None) -> list[dict[str, object]]:
        rows: list[dict[str, object]] = [
            {"id": "core", "labels": ["Core"]},
            {"id": "video", "labels": ["Video"]},
        ]
        return [*rows, {"id": "cloud", "labels": ["Cloud"], "part_of": part_of}]

    def company(part_of: str | None, **more: object) -> Company:
        return Company.model_validate(
            {"id": "X", "name": "X", "reporting_currency": "USD", "segments": segments(part_of), **more}
        )

    indexed = {
        part_of: catalogue_of(Followed((company(part_of),))).kpis["revenue_concentration"].inputs
        for part_of in (None, "core")
    }
    assert "revenues/cloud" in str(indexed[None])
    assert "revenues/cloud" not in str(indexed["core"])
    assert "cloud_share" in catalogue_of(Followed((company("core"),))).kpis
    for part_of, more in (("nowhere", {}), ("core", {"segments_add_up_to": ["revenues"]})):
        with pytest.raises(ValueError, match="part_of"):
            company(part_of, **more)
