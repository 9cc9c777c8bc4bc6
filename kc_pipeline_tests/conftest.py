"""Fixtures shared by all tests."""

import fcntl
import os
import pickle
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from kc_pipeline.config import Company, Settings, following, load_companies

# The same examples on every machine, however busy it is; more are tried by `HYPOTHESIS_PROFILE=default`.
settings.register_profile(
    "suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

if TYPE_CHECKING:
    import duckdb

    from kc_pipeline.pipeline import BuildReport

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents and reference figures; tests that need it skip where it is absent."""
    path = Path(os.environ.get("KC_SHARED") or REPO.parent / "shared")
    if not path.is_dir():
        pytest.skip(f"no shared reference data at {path} (set KC_SHARED)")
    return path


@pytest.fixture(scope="session")
def repo() -> Path:
    """The checkout."""
    return REPO


@pytest.fixture(scope="module")
def kc_pack() -> Iterator[Company]:
    """The bundled pack of Kingsoft Cloud, whose declarations count in the test."""
    company = load_companies(REPO / "data" / "companies.toml")["KC"]
    with following([company]):
        yield company


@dataclass(frozen=True)
class Bundle:
    """A private copy of the bundled data with what a run made of it."""

    settings: Settings
    report: "BuildReport"

    def connect(self) -> "duckdb.DuckDBPyConnection":
        """Open the published warehouse."""
        from kc_pipeline.warehouse.connect import open_published

        return open_published(self.settings)


def copy_of_data(target: Path, read_by: Bundle | None = None) -> Settings:
    """Copy the packs and the bundled filings; of what a run wrote only `read_by`'s readings, if it is given."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPO / "data" / "companies.toml", target)
    for folder in ("companies", "filings"):
        shutil.copytree(REPO / "data" / folder, target / folder)
    settings = _settings(target)
    if read_by is not None:
        shutil.copytree(read_by.settings.extracted, settings.extracted)
    return settings


def copy_of_published(bundle: Bundle, target: Path) -> Settings:
    """Copy a data folder with all that a run wrote into it."""
    shutil.copytree(bundle.settings.data, target, symlinks=True)
    return _settings(target)


def _settings(target: Path) -> Settings:
    return Settings(
        data=target,
        warehouse=target / "warehouse" / "kc.duckdb",
        max_document_bytes=50_000_000,
        keep_builds=5,
    )


def run_pipeline(settings: Settings, run_id: str = "test") -> "BuildReport":
    """Ingest, extract, build and publish, without Dagster."""
    from kc_pipeline.pipeline import Journal, build_and_publish, extract_documents, ingest

    companies = load_companies(settings.companies_file)
    journal = Journal.open(settings.runs, run_id)
    ingest(settings, companies, journal)
    extract_documents(settings, companies, journal)
    return build_and_publish(settings, companies, journal, run_id)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundled filings, published once for all test processes of a run; tests must not write to it."""
    base = tmp_path_factory.getbasetemp()
    root = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bundle"
    root.mkdir(exist_ok=True)
    done = root / "report.pickle"
    with (root / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)  # the first process builds; the others wait for it
        if not done.exists():
            shutil.rmtree(root / "data", ignore_errors=True)
            built = run_pipeline(copy_of_data(root / "data"))
            done.write_bytes(pickle.dumps(built))
    return Bundle(_settings(root / "data"), pickle.loads(done.read_bytes()))
