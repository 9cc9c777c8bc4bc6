"""The assets: filings into the store, documents read, the warehouse built, checked and published, briefs.

A run takes up the inbox as a whole (store/inbox), reads what was not read before (extraction/reading), and
shows each partition whose content changed: store/filings and extraction/documents, by company and quarter.
Those two are run for one partition only by hand; the job leaves them to the steps that know what changed, so
that a partition is green only where its documents were materialised (docs/decisions/0018).

The warehouse is one step with one asset per table: it is built privately, checked, and published as a whole
(docs/decisions/0001), so its tables are materialised together or not at all.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from kc_pipeline.config import Company
from kc_pipeline.orchestration.checks import check_event, check_specs, not_evaluable
from kc_pipeline.orchestration.history import nothing_new, tell_looks
from kc_pipeline.orchestration.metadata import table_metadata
from kc_pipeline.orchestration.partitions import (
    DATA_VERSION,
    Content,
    company_quarters,
    contents,
    expected_keys,
    parts_of,
    register,
    to_show,
)
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.orchestration.tables import (
    BRIEFS,
    DOCUMENTS,
    FILINGS,
    INBOX,
    OWNERS,
    PUBLISHED,
    READING,
    asset_key,
    code_of,
    in_order,
    table_specs,
)
from kc_pipeline.pipeline import (
    Journal,
    build_and_publish,
    extract_documents,
    followed,
    ingest,
    rows_read,
    write_briefs,
)
from kc_pipeline.pipeline.progress import told
from kc_pipeline.pipeline.run import BuildFailedError
from kc_pipeline.pipeline.unchanged import Look, look

POOL = "warehouse"
BECAUSE = "kc/because"


def _journal(context: dg.AssetExecutionContext, resource: PipelineResource) -> Journal:
    return Journal.open(resource.settings().runs, context.run.run_id)


def _close_unless_built(context: dg.AssetExecutionContext, journal: Journal) -> None:
    """Remove the journal of a run by hand that builds nothing: no later step would."""
    chosen = context.run.asset_selection
    if chosen is not None and PUBLISHED not in chosen:
        journal.close()


def build_assets() -> list[dg.AssetsDefinition]:
    """Return all assets of the code location."""
    return [_inbox(), _filings(), _reading(), _documents(), _warehouse(), _briefs()]


def _spec(key: dg.AssetKey, does: Callable[..., Any], **more: Any) -> dg.AssetSpec:
    """Return the spec of an asset that is no table."""
    room = key.path[0]
    return dg.AssetSpec(
        key,
        description=inspect.cleandoc(does.__doc__ or ""),
        group_name=room,
        owners=OWNERS,
        tags={"kc/room": room},
        metadata=code_of(does),
        **more,
    )


def _inbox() -> dg.AssetsDefinition:
    def taken_up(
        context: dg.AssetExecutionContext, pipeline: PipelineResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        """All that lies in the inbox, taken up into the store; what could not be taken up, with the reason.

        The first step of a run. Where inputs, code and settings are as the published build read them it says so
        and the run ends here (`force` in the resource `pipeline` builds all the same).
        """
        settings, companies = pipeline.settings(), pipeline.companies()
        if idle := tell_looks(context.instance, settings):
            context.log.info("runs before this one that found nothing new: %s", ", ".join(idle))
        asked = context.run.tags.get(BECAUSE, "it was asked for")
        found = Look(asked) if pipeline.force else look(settings)
        if found.reason is None:
            context.log.info(found.words)
            context.log_event(nothing_new(found))
            return
        context.log.info(found.words)
        journal = _journal(context, pipeline)
        report = ingest(
            settings,
            companies,
            journal,
            quarters=pipeline.wanted_quarters(),
            only=pipeline.wanted(),
        )
        for skipped in report.skipped:
            context.log.warning("skipped %s: %s", skipped["path"], skipped["reason"])
        held = contents(followed(settings, companies))
        expected = expected_keys(held)
        register(context.instance, expected)
        versions = {key: content.version() for key, content in held.items()}
        shown = to_show(context.instance, FILINGS, versions, expected)
        for key in shown:
            context.log_event(
                dg.AssetMaterialization(
                    FILINGS,
                    partition=key,
                    metadata=held[key].metadata(),
                    tags={DATA_VERSION: versions[key]},
                )
            )
        yield dg.MaterializeResult(
            metadata={
                "because": found.reason,
                "documents": report.documents,
                "new": report.new,
                "skipped": len(report.skipped),
                "skipped_inputs": dg.MetadataValue.json(report.skipped),
                "partitions": len(held),
                "partitions_changed": len(shown),
                "quarters_missing": dg.MetadataValue.json([k for k in expected if k not in held]),
            }
        )

    return dg.multi_asset(
        name="store__inbox", specs=[_spec(INBOX, taken_up, skippable=True, kinds={"html"})], pool=POOL
    )(taken_up)


def _filings() -> dg.AssetsDefinition:
    def filings(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[None]:
        """Documents of one company and calendar quarter, kept for ever by their SHA-256.

        A partition is green where its documents were taken up. One that is missing has no document: nothing of
        that quarter was filed into the inbox.
        """
        settings, companies = pipeline.settings(), pipeline.companies()
        company, quarter = parts_of(context.partition_key)
        journal = _journal(context, pipeline)
        report = ingest(settings, companies, journal, quarters={quarter}, only={company})
        _close_unless_built(context, journal)
        content = contents(followed(settings, companies)).get(context.partition_key)
        if content is None:
            raise dg.Failure(
                f"there is no document of {company} for {quarter} in {settings.filings}", allow_retries=False
            )
        return dg.MaterializeResult(
            metadata={**content.metadata(), "new": report.new}, data_version=dg.DataVersion(content.version())
        )

    return dg.multi_asset(
        name="store__filings",
        specs=[
            _spec(FILINGS, filings, partitions_def=company_quarters(), kinds={"html"}),
        ],
        pool=POOL,
    )(filings)


def _reading() -> dg.AssetsDefinition:
    def read_all(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[None]:
        """What a run read: documents that this version of the extractor had not read before, and what failed."""
        settings, companies = pipeline.settings(), pipeline.companies()
        report = extract_documents(
            settings,
            companies,
            _journal(context, pipeline),
            quarters=pipeline.wanted_quarters(),
            only=pipeline.wanted(),
        )
        for failure in report.failures:
            context.log.warning("not read: %s: %s", failure.document_id, failure.message)
        held = contents(followed(settings, companies))
        versions = {key: _read_version(key, content, companies) for key, content in held.items()}
        changed = 0
        for key in to_show(context.instance, DOCUMENTS, versions, expected_keys(held)):
            counts = rows_read(settings, companies, held[key].documents)
            if counts["not_read"]:
                context.log.warning("%s: %d documents are not read", key, counts["not_read"])
                continue
            changed += 1
            context.log_event(
                dg.AssetMaterialization(
                    DOCUMENTS,
                    partition=key,
                    metadata={"documents": len(held[key].documents), **counts},
                    tags={DATA_VERSION: versions[key]},
                )
            )
        return dg.MaterializeResult(
            metadata={
                "parsed": report.parsed,
                "from_cache": report.cached,
                "failed": len(report.failures),
                "partitions_changed": changed,
                "seconds": round(report.seconds, 3),
            }
        )

    return dg.multi_asset(
        name="extraction__reading",
        specs=[_spec(READING, read_all, deps=[INBOX], kinds={"arrow"})],
        pool=POOL,
    )(read_all)


def _read_version(key: str, content: Content, companies: Mapping[str, Company]) -> str:
    """Return the data version of what was read from a partition: its documents, the extractor, the company's own words."""
    from kc_pipeline.extraction import EXTRACTOR_VERSION

    return content.version(EXTRACTOR_VERSION, companies[parts_of(key)[0]].read_by)


def _documents() -> dg.AssetsDefinition:
    def documents(
        context: dg.AssetExecutionContext, pipeline: PipelineResource
    ) -> dg.MaterializeResult[None]:
        """What was read from the documents of one company and quarter: lines, stated figures, commentary, warnings."""
        settings, companies = pipeline.settings(), pipeline.companies()
        company, quarter = parts_of(context.partition_key)
        journal = _journal(context, pipeline)
        report = extract_documents(settings, companies, journal, quarters={quarter}, only={company})
        _close_unless_built(context, journal)
        content = contents(followed(settings, companies)).get(context.partition_key)
        if content is None or report.failures:
            why = "; ".join(f"{f.document_id}: {f.message}" for f in report.failures)
            raise dg.Failure(why or f"there is no document of {company} for {quarter}", allow_retries=False)
        return dg.MaterializeResult(
            metadata={
                "documents": len(content.documents),
                "parsed": report.parsed,
                **rows_read(settings, companies, content.documents),
            },
            data_version=dg.DataVersion(_read_version(context.partition_key, content, companies)),
        )

    return dg.multi_asset(
        name="extraction__documents",
        specs=[
            _spec(
                DOCUMENTS,
                documents,
                deps=[FILINGS],
                partitions_def=company_quarters(),
                kinds={"arrow"},
            ),
        ],
        pool=POOL,
    )(documents)


def _warehouse() -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="warehouse_build",
        specs=table_specs(build_and_publish),
        check_specs=check_specs(asset_key),
        can_subset=False,
        pool=POOL,
    )
    def warehouse(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> Iterator[Any]:
        from kc_pipeline.warehouse.connect import open_published

        settings = pipeline.settings()
        try:
            with told(lambda step: context.log.info("step: %s", step)):
                report = build_and_publish(
                    settings, pipeline.companies(), _journal(context, pipeline), context.run.run_id
                )
        except BuildFailedError as error:
            for result in error.checks:
                yield check_event(result, asset_key)
            raise dg.Failure(
                description=f"not published: {error}",
                metadata={"build_id": error.build_id or "", "published_file": str(settings.warehouse)},
                allow_retries=False,
            ) from error
        _log_report(context, report)
        lacking = not_evaluable(report.checks)
        with open_published(settings) as con:
            for table in in_order():
                yield dg.MaterializeResult(
                    asset_key=asset_key(table.qualified),
                    metadata={**table_metadata(con, table), **lacking.get(table.qualified, {})},
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
            yield check_event(result, asset_key)

    return warehouse


def _log_report(context: dg.AssetExecutionContext, report: Any) -> None:
    """Write to the log what a build made, what it left out and how long its steps took."""
    for row in report.quarantined:
        context.log.warning("quarantined %s: %s", row["document_id"], row["reason"])
    for remark in report.remarks:
        context.log.warning("remark: %s", remark)
    seconds: Mapping[str, float] = report.seconds
    context.log.info(
        "published build %s: %d documents; changed: %s; seconds: %s",
        report.build_id,
        report.documents,
        ", ".join(f"{n} {what}" for what, n in sorted(report.changes.items())) or "nothing",
        ", ".join(f"{step} {took:.1f}" for step, took in seconds.items()),
    )


def _briefs() -> dg.AssetsDefinition:
    def briefs(context: dg.AssetExecutionContext, pipeline: PipelineResource) -> dg.MaterializeResult[None]:
        """The brief of each company's newest quarter, as Markdown and HTML."""
        with told(lambda step: context.log.info("step: %s", step)):
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

    return dg.multi_asset(
        name="brief__quarterly_briefs",
        specs=[_spec(BRIEFS, briefs, deps=[PUBLISHED], kinds={"markdown"})],
        pool=POOL,
    )(briefs)
