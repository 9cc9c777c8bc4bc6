"""Names of the assets, and the specs of those that are tables."""

import inspect
import warnings
from collections.abc import Callable
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg

import kc_pipeline.schema
from kc_pipeline.orchestration.metadata import definition_metadata
from kc_pipeline.schema import TABLES, Table
from kc_pipeline.schema import table as table_of

INBOX = dg.AssetKey(["store", "inbox"])
FILINGS = dg.AssetKey(["store", "filings"])
READING = dg.AssetKey(["extraction", "reading"])
DOCUMENTS = dg.AssetKey(["extraction", "documents"])
PUBLISHED = dg.AssetKey(["warehouse", "published"])
BRIEFS = dg.AssetKey(["brief", "quarterly_briefs"])
OWNERS = ["team:earnings-warehouse"]

ANOMALIES = {"marts.anomalies", "marts.anomaly_drivers", "marts.stories", "marts.rule_coverage"}
_ROOM_OF_SCHEMA = {
    "raw": "warehouse",
    "staging": "warehouse",
    "core": "warehouse",
    "marts": "kpis",
    "meta": "quality",
}
_CODE = "dagster/code_references"


def asset_key(qualified: str) -> dg.AssetKey:
    """Return the asset of a table: ``core.facts`` is core/facts."""
    return dg.AssetKey(qualified.split("."))


def _room(table: Table) -> str:
    return "anomalies" if table.qualified in ANOMALIES else _ROOM_OF_SCHEMA[table.schema]


def _references(*places: tuple[str, int, str]) -> dict[str, Any]:
    """Return the metadata that leads to places in the code: file, line, what is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # nothing but a link hangs on it
        found = [
            dg.LocalFileCodeReference(file_path=path, line_number=line, label=label)
            for path, line, label in places
        ]
        return {_CODE: dg.CodeReferencesMetadataValue(code_references=list(found))}


def _place(does: Callable[..., Any]) -> tuple[str, int]:
    return inspect.getsourcefile(does) or "", inspect.getsourcelines(does)[1]


def code_of(does: Callable[..., Any]) -> dict[str, Any]:
    """Return the metadata that leads to a function."""
    return _references((*_place(does), does.__name__))


@cache
def _declared_in(schema: str) -> tuple[Path, list[str]]:
    path = Path(kc_pipeline.schema.__file__).with_name(f"{schema}.py")
    return path, path.read_text(encoding="utf-8").splitlines()


def _declaration(table: Table) -> tuple[str, int]:
    path, lines = _declared_in(table.schema)
    named = f'"{table.name}",'
    return str(path), next((i for i, line in enumerate(lines, 1) if line.strip() == named), 1)


def table_specs(build: Callable[..., Any]) -> list[dg.AssetSpec]:
    """Return one asset spec per declared table, and one for the published file; `build` makes them all."""
    made_by = (*_place(build), build.__name__)
    specs = []
    for table in TABLES:
        deps = [asset_key(name) for name in table.depends_on]
        if table.schema == "raw" and not deps:
            deps = [DOCUMENTS, READING]
        if table.schema == "meta" and not deps:
            deps = [asset_key("marts.quarterly_summary")]
        if table.qualified == "core.companies" or table.qualified == "core.concepts":
            deps = []
        declared = (*_declaration(table), f"declaration of {table.qualified}")
        specs.append(
            dg.AssetSpec(
                asset_key(table.qualified),
                deps=deps,
                group_name=_room(table),
                description=table.comment,
                kinds={"duckdb", "view" if table.is_view else "table"},
                owners=OWNERS,
                tags={"kc/room": _room(table), "kc/schema": table.schema},
                metadata={**definition_metadata(table), **_references(declared, made_by)},
            )
        )
    specs.append(
        dg.AssetSpec(
            PUBLISHED,
            deps=[asset_key(t.qualified) for t in TABLES if t.schema in ("marts", "meta")],
            group_name="warehouse",
            description="The published warehouse: one DuckDB file, replaced as a whole after its checks.",
            kinds={"duckdb"},
            owners=OWNERS,
            tags={"kc/room": "warehouse"},
            metadata=_references(made_by),
        )
    )
    return specs


def in_order() -> list[Table]:
    """Return the tables so that each comes after those that it depends on, as Dagster wants them."""
    after = {t.qualified: t.depends_on for t in TABLES}
    after |= {
        t.qualified: ("marts.quarterly_summary",) for t in TABLES if t.schema == "meta" and not t.depends_on
    }
    return [table_of(name) for name in TopologicalSorter(after).static_order()]
