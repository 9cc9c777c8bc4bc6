"""Paths and limits, from the environment.

| variable | meaning | default |
| --- | --- | --- |
| KC_DATA | filings, packs of companies and all that a run writes | `data` of the checkout |
| KC_WAREHOUSE | the published file | $KC_DATA/warehouse/kc.duckdb |
| KC_MAX_DOCUMENT_MB | largest document taken up, in megabytes | 50 |
| KC_KEEP_BUILDS | published builds kept for rollback | 5 |
"""

import os
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """Resolved paths and limits; nothing is created by looking."""

    data: Path
    warehouse: Path
    max_document_bytes: int
    keep_builds: int

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment.

        Raises:
            ValueError: if a number is not a positive whole number.
        """
        data = Path(os.environ.get("KC_DATA") or CHECKOUT / "data").expanduser().absolute()
        warehouse = (
            Path(os.environ.get("KC_WAREHOUSE") or data / "warehouse" / "kc.duckdb").expanduser().absolute()
        )
        return cls(
            data=data,
            warehouse=warehouse,
            max_document_bytes=_positive("KC_MAX_DOCUMENT_MB", 50) * 1_000_000,
            keep_builds=_positive("KC_KEEP_BUILDS", 5),
        )

    @property
    def companies_file(self) -> Path:
        """Which companies come first; the packs lie in `companies/` beside it."""
        return self.data / "companies.toml"

    @property
    def filings(self) -> Path:
        """The inbox: one folder per filing, with its manifest."""
        return self.data / "filings"

    @property
    def store(self) -> Path:
        """Raw documents, immutable, by SHA-256."""
        return self.data / "store"

    @property
    def extracted(self) -> Path:
        """What was read from each document, by SHA-256 and extractor version."""
        return self.data / "extracted"

    @property
    def builds(self) -> Path:
        """Private databases under construction and the last published ones."""
        return self.warehouse.parent / "builds"

    @property
    def runs(self) -> Path:
        """Journals of runs in progress."""
        return self.warehouse.parent / "runs"

    @property
    def briefs(self) -> Path:
        """Briefs that a run writes."""
        return self.data / "briefs"

    @property
    def run_records(self) -> Path:
        """The verdicts of the last runs, each under its run's id."""
        return self.warehouse.parent / "records"

    @property
    def last_run(self) -> Path:
        """The verdict of the last run, also of one that published nothing."""
        return self.warehouse.parent / "last_run.json"

    @property
    def seal(self) -> Path:
        """What the last complete run read and made; see `kc_pipeline.pipeline.unchanged`."""
        return self.warehouse.parent / "seal.json"

    @property
    def looks(self) -> Path:
        """Runs that found nothing new, one JSON object a line, the newest last."""
        return self.warehouse.parent / "looks.jsonl"


def _positive(name: str, default: int) -> int:
    text = os.environ.get(name)
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{name} must be a positive whole number, not {text!r}")
    return int(text)
