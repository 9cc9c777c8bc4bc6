"""The assets: filings into the store, documents read, the warehouse built, checked and published, briefs.

The warehouse is one step with one asset per table: it is built privately, checked, and published as a whole
(docs/decisions), so its tables are materialised together or not at all.
"""

from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg

from kc_pipeline.orchestration.checks import check_result, check_specs
from kc_pipeline.orchestration.metadata import definition_metadata, table_metadata
from kc_pipeline.orchestration.partitions import quarterly_partitions
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.pipeline import Journal, build_and_publish, extract_documents, ingest, write_briefs
from kc_pipeline.pipeline.run import BuildFailedError
from kc_pipeline.schema import TABLES, Table
from kc_pipeline.schema import table as table_of

JOURNAL_TAG = "kc/journal"
POOL = "warehouse"
FILINGS = dg.AssetKey(["store", "filings"])
DOCUMENTS = dg.AssetKey(["extraction", "documents"])
PUBLISHED = dg.AssetKey(["warehouse", "published"])
BRIEFS = dg.AssetKey(["brief", "quarterly_briefs"])

ANOMALIES = {"marts.anomalies", "marts.anomaly_drivers", "marts.stories", "marts.rule_coverage"}
_ROOM_OF_SCHEMA = {
    "raw": "warehouse",
    "staging": "warehouse",
    "core": "warehouse",
    "marts": "kpis",
    "meta": "quality",
}


def asset_key(qualified: str) -> dg.AssetKey:
    """Return the asset of a table: ``core.facts`` is core/facts."""
    return dg.AssetKey(qualified.split("."))


def _room(table: Table) -> str:
    return "anomalies" if table.qualified in ANOMALIES else _ROOM_OF_SCHEMA[table.schema]


def table_specs() -> list[dg.AssetSpec]:
    """Return one asset spec per declared table, and one for the published file."""
    specs = []
    for table in TABLES:
        deps = [asset_key(name) for name in table.depends_on]
        if table.schema == "raw" and not deps:
            deps = [DOCUMENTS]
        if table.schema == "meta" and not deps:
            deps = [asset_key("marts.quarterly_summary")]
        if table.qualified == "core.companies" or table.qualified == "core.concepts":
            deps = []
        specs.append(
            dg.AssetSpec(
                asset_key(table.qualified),
                deps=deps,
                group_name=_room(table),
                description=table.comment,
                kinds={"duckdb", "view" if table.is_view else "table"},
                metadata=definition_metadata(table),
            )
        )
    specs.append(
        dg.AssetSpec(
            PUBLISHED,
            deps=[asset_key(t.qualified) for t in TABLES if t.schema in ("marts", "meta")],
            group_name="warehouse",
            description="The published warehouse: one DuckDB file, replaced as a whole after its checks.",
            kinds={"duckdb"},
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


def _journal(context: dg.AssetExecutionContext, resource: PipelineResource) -> Journal:
    run = context.run
    return Journal.open(resource.settings().runs, run.tags.get(JOURNAL_TAG, run.run_id))


def build_assets(partitions: dg.PartitionsDefinition[str] | None = None) -> list[dg.AssetsDefinition]:
    """Return all assets of the code location."""
    quarters = partitions or quarterly_partitions()

    @dg.asset(
        key=FILINGS,
        partitions_def=quarters,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="store",
        kinds={"html"},
        pool=POOL,
        description="Filings found in the inbox, kept for ever by their SHA-256.",
    )
    def filings(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[None]:
        journal = _journal(context, pipeline)
        report = ingest(
            pipeline.settings(),
            pipeline.companies(),
            journal,
            quarters=set(context.partition_keys),
            only=pipeline.wanted(),
        )
        for skipped in report.skipped:
            context.log.warning("skipped %s: %s", skipped["path"], skipped["reason"])
        return dg.MaterializeResult(
            metadata={
                "documents": report.documents,
                "new": report.new,
                "skipped": len(report.skipped),
                "skipped_inputs": dg.MetadataValue.json(report.skipped),
            }
        )

    @dg.asset(
        key=DOCUMENTS,
        deps=[FILINGS],
        partitions_def=quarters,
        backfill_policy=dg.BackfillPolicy.single_run(),
        group_name="extraction",
        kinds={"arrow"},
        pool=POOL,
        description="What was read from each document: lines, stated figures, commentary, definitions, warnings.",
    )
    def documents(
        context: dg.AssetExecutionContext, pipeline: PipelineResource
    ) -> dg.MaterializeResult[None]:
        report = extract_documents(
            pipeline.settings(),
            pipeline.companies(),
            _journal(context, pipeline),
            quarters=set(context.partition_keys),
            only=pipeline.wanted(),
        )
        return dg.MaterializeResult(
            metadata={
                "parsed": report.parsed,
                "from_cache": report.cached,
                "failed": len(report.failures),
                "seconds": round(report.seconds, 3),
            }
        )

    @dg.multi_asset(
        name="warehouse_build",
        specs=table_specs(),
        check_specs=check_specs(asset_key),
        can_subset=False,
        pool=POOL,
    )
    def warehouse(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> Iterator[Any]:
        from kc_pipeline.warehouse.connect import open_published

        settings = pipeline.settings()
        try:
            report = build_and_publish(
                settings, pipeline.companies(), _journal(context, pipeline), context.run.run_id
            )
        except BuildFailedError as error:
            for result in error.checks:
                yield check_result(result, asset_key)
            raise dg.Failure(
                description=f"not published: {error}",
                metadata={"build_id": error.build_id or "", "published_file": str(settings.warehouse)},
                allow_retries=False,
            ) from error
        for row in report.quarantined:
            context.log.warning("quarantined %s: %s", row["document_id"], row["reason"])
        with open_published(settings) as con:
            for table in in_order():
                yield dg.MaterializeResult(
                    asset_key=asset_key(table.qualified), metadata=table_metadata(con, table)
                )
        yield dg.MaterializeResult(
            asset_key=PUBLISHED,
            metadata={
                "build_id": report.build_id,
                "path": dg.MetadataValue.path(str(settings.warehouse)),
                "documents": report.documents,
                "quarantined": len(report.quarantined),
                "skipped": len(report.skipped),
                "changes": dg.MetadataValue.json(report.changes),
                "seconds": dg.MetadataValue.json(report.seconds),
            },
        )
        for result in report.checks:
            yield check_result(result, asset_key)

    @dg.asset(
        key=BRIEFS,
        deps=[PUBLISHED],
        group_name="brief",
        kinds={"markdown"},
        pool=POOL,
        description="The brief of each company's newest quarter, as Markdown and HTML.",
    )
    def briefs(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[None]:
        written = write_briefs(pipeline.settings())
        newest = next((p for p in written if p.suffix == ".md"), None)
        return dg.MaterializeResult(
            metadata={
                "files": dg.MetadataValue.json([str(p) for p in written]),
                "newest": dg.MetadataValue.md(
                    newest.read_text(encoding="utf-8") if newest else "nothing written"
                ),
            }
        )

    return [filings, documents, warehouse, briefs]
