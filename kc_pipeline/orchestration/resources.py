"""What an asset needs to know from outside: where the data lies and what is wanted."""

from pathlib import Path

import dagster as dg
from pydantic import Field

from kc_pipeline.config import Company, Settings, load_companies


class PipelineResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Settings of the pipeline; empty fields fall back to the environment (KC_DATA, KC_WAREHOUSE)."""

    data: str = ""
    warehouse: str = ""
    only_companies: list[str] = Field(
        default_factory=list, description="Take up only filings of these companies."
    )
    only_quarters: list[str] = Field(
        default_factory=list, description="Take up only filings of these quarters (2025Q1)."
    )
    force: bool = Field(default=False, description="Build also when nothing is new.")

    def settings(self) -> Settings:
        """Return the resolved settings."""
        base = Settings.from_env()
        data = Path(self.data).absolute() if self.data else base.data
        default = data / "warehouse" / "kc.duckdb" if self.data else base.warehouse
        return Settings(
            data=data,
            warehouse=Path(self.warehouse).absolute() if self.warehouse else default,
            max_document_bytes=base.max_document_bytes,
            keep_builds=base.keep_builds,
        )

    def companies(self) -> dict[str, Company]:
        """Return all companies that are followed."""
        return load_companies(self.settings().companies_file)

    def wanted(self) -> list[str] | None:
        """Return the companies whose filings are taken up in this run; None for all."""
        return self.only_companies or None

    def wanted_quarters(self) -> list[str] | None:
        """Return the quarters whose filings are taken up in this run; None for all."""
        return self.only_quarters or None
