"""One build: staging, checks per document, quarantine, facts, KPIs, anomalies, checks, publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from kc_pipeline import __version__
from kc_pipeline.anomalies import detect
from kc_pipeline.config import Company, Settings
from kc_pipeline.extraction import EXTRACTOR_VERSION
from kc_pipeline.kpis import compute, create_as_of, summarise
from kc_pipeline.lineage.trail import rows
from kc_pipeline.pipeline.inputs import formulas_of, in_use, inputs_hash, mapping_of, rules_of
from kc_pipeline.pipeline.journal import Journal
from kc_pipeline.pipeline.progress import report, timed
from kc_pipeline.quality import (
    CATALOGUE,
    document_failures,
    keep_out_doubled_figures,
    quarantine,
    run_checks,
)
from kc_pipeline.schema import arrow_schema, table
from kc_pipeline.sources import judge_extraction
from kc_pipeline.store import ExtractionCache, StoredDocument, prefer_originals
from kc_pipeline.warehouse.changes import record_changes
from kc_pipeline.warehouse.connect import WarehouseError
from kc_pipeline.warehouse.facts import build_facts
from kc_pipeline.warehouse.load import create_schema, load_staging
from kc_pipeline.warehouse.publish import Build, new_build, publish

WAIT_FOR_ANOTHER_RUN = 600.0
PRIMARY = {"balance_sheet", "income", "cash_flow"}
READ = ("lines", "stated", "commentary", "definitions", "warnings")


@dataclass(slots=True)
class BuildReport:
    """A published build."""

    build_id: str
    documents: int
    quarantined: list[dict[str, Any]]
    skipped: list[dict[str, str]]
    checks: list[dict[str, Any]]
    changes: dict[str, int]
    seconds: dict[str, float]
    remarks: list[str]
    superseded: list[str]


class Building:
    """A build in progress; its `build_id` and `checks` can be asked for also when it failed."""

    def __init__(self, settings: Settings, companies: Mapping[str, Company], journal: Journal) -> None:
        self.settings = settings
        self.companies = companies
        self.journal = journal
        self.build_id: str | None = None
        self.checks: list[dict[str, Any]] = []
        self.seconds: dict[str, float] = {}

    def run(self) -> BuildReport:
        """Build, check and publish.

        Raises:
            Exception: whatever keeps the build from being published; the private file is then removed.
        """

        def waits(holder: str) -> None:
            report(f"waiting for another run to end (process {holder})")

        with new_build(self.settings, wait_seconds=WAIT_FOR_ANOTHER_RUN, on_wait=waits) as build:
            self.build_id = build.build_id
            con = build.connection
            documents = self._fill(con, build)
            with timed(self.seconds, "quarantine"):
                run_checks(con, build.build_id, "lines")
                quarantine(con, build.build_id, document_failures(con, build.build_id))
                _something_left(con)
            with timed(self.seconds, "facts"):
                build_facts(con)
                keep_out_doubled_figures(con, build.build_id)
            with timed(self.seconds, "KPIs"):
                compute(con)
                create_as_of(con)
            with timed(self.seconds, "anomalies"):
                detect(con)
                summarise(con)
            with timed(self.seconds, "checks"):
                for stage in ("facts", "marts"):
                    run_checks(con, build.build_id, stage)
                self.checks = check_results(con, build.build_id)
            with timed(self.seconds, "changes"):
                self._write_meta(con, build, documents)
                previous = self.settings.warehouse
                remarks = self._record_changes(con, build.build_id, previous)
                quarantined = rows(con, "SELECT * FROM meta.quarantine ORDER BY document_id, check_name")
                changes = rows(
                    con,
                    "SELECT what || ' ' || change AS what, count(*) AS n FROM meta.changes WHERE build_id = ? GROUP BY 1 ORDER BY 1",
                    [build.build_id],
                )
                superseded = [
                    row["document_id"]
                    for row in rows(
                        con, "SELECT document_id FROM raw.documents WHERE status = 'superseded' ORDER BY 1"
                    )
                ]
            with timed(self.seconds, "publish"):
                published = publish(build, self.settings, required=[c.name for c in CATALOGUE])
        return BuildReport(
            build_id=published.build_id,
            documents=len(documents),
            quarantined=[
                {k: (str(v) if k == "deviation" and v is not None else v) for k, v in q.items()}
                for q in quarantined
            ],
            skipped=self.journal.skipped,
            checks=self.checks,
            changes={c["what"]: c["n"] for c in changes},
            seconds=self.seconds,
            remarks=[*remarks, *published.remarks],
            superseded=superseded,
        )

    def _fill(self, con: duckdb.DuckDBPyConnection, build: Build) -> list[StoredDocument]:
        """Load staging from the extractions of all current documents of the companies that are followed."""
        with timed(self.seconds, "load"):
            cache = ExtractionCache(self.settings.extracted, EXTRACTOR_VERSION)
            documents, tables = self._readable(cache)
            empty = without_statement(documents, tables)
            accepted, superseded = prefer_originals([d for d in documents if d.document_id not in empty])
            accepted += [d for d in documents if d.document_id in empty]
            kept = sorted([*accepted, *superseded], key=lambda d: d.document_id)
            status = {d.document_id: "superseded" for d in superseded}
            pages = {d.document_id: t["page"].to_pylist()[0] for d, t in zip(documents, tables, strict=True)}
            create_schema(con)
            read = (
                {
                    name: pa.concat_tables(
                        [
                            t[name].append_column(
                                "document_id", pa.array([d.document_id] * t[name].num_rows, pa.string())
                            )
                            for d, t in zip(documents, tables, strict=True)
                        ]
                    )
                    for name in READ
                }
                if documents
                else {}
            )
            if not documents:
                raise RuntimeError(
                    f"there is no document to build from; put filings into {self.settings.filings} "
                    "and see what was skipped"
                )
            load_staging(
                con,
                filings=_filings(kept),
                documents=_documents(kept, status, pages),
                companies=self.companies,
                **read,
            )
        return kept

    def _record_changes(self, con: duckdb.DuckDBPyConnection, build_id: str, previous: Path) -> list[str]:
        """Write meta.changes; a last publish that cannot be read costs only the comparison, and is said."""
        if not previous.is_file():
            record_changes(con, build_id, None)
            return []
        try:
            record_changes(con, build_id, previous)
        except (duckdb.Error, WarehouseError) as error:
            return [f"what changed could not be told: the last published file cannot be read: {error}"]
        return []

    def _readable(self, cache: ExtractionCache) -> tuple[list[StoredDocument], list[dict[str, pa.Table]]]:
        documents, tables = [], []
        read_by = {i: company.read_by for i, company in self.companies.items()}
        for document in in_use(self.settings, self.companies):
            if document.company not in self.companies:
                reason = f"company {document.company} has no pack in companies/; its filings are left out"
                self.journal.add_skipped(document.path, "unknown_company", reason)
                continue
            read = cache.get(document.sha256, read_by[document.company])
            if read is None:
                if not any(s["path"] == document.path for s in self.journal.skipped):
                    reason = "was not read by this version of the extractor; materialise extraction/documents"
                    self.journal.add_skipped(document.path, "not_read", reason)
                continue
            refusal = judge_extraction(read["lines"].num_rows, read["stated"].num_rows)
            if refusal is not None:
                self.journal.add_skipped(document.path, refusal.code, refusal.reason)
                continue
            documents.append(document)
            tables.append(read)
        return documents, tables

    def _write_meta(
        self, con: duckdb.DuckDBPyConnection, build: Build, documents: list[StoredDocument]
    ) -> None:
        row = {
            "build_id": build.build_id,
            "inputs_hash": inputs_hash(documents, self.companies),
            "code_version": __version__,
            "extractor_version": EXTRACTOR_VERSION,
            "mapping_version": mapping_of(self.companies),
            "formula_version": formulas_of(self.companies),
            "rule_version": rules_of(self.companies),
            "started_at": build.started_at,
            "finished_at": datetime.now(UTC),
            "documents": len(documents),
            "parsed": self.journal.parsed,
            "verdict": "published",
        }
        _insert(con, "meta.builds", [row])
        _insert(con, "meta.skipped", [{"build_id": build.build_id, **s} for s in self.journal.skipped])


def _something_left(con: duckdb.DuckDBPyConnection) -> None:
    """Raise RuntimeError where every document was kept out: an empty warehouse must not take the place of a good one."""
    left = con.execute("SELECT count(*) FROM raw.documents WHERE status = 'accepted'").fetchone()
    if left == (0,):
        reasons = con.execute("SELECT document_id, reason FROM meta.quarantine ORDER BY ALL").fetchall()
        shown = "; ".join(f"{document}: {reason}" for document, reason in reasons[:3])
        raise RuntimeError(f"every document was kept out, among them {shown}")


def without_statement(documents: list[StoredDocument], tables: list[dict[str, pa.Table]]) -> set[str]:
    """Return the originals in which no primary statement was read: they do not supersede a transcript."""
    return {
        d.document_id
        for d, t in zip(documents, tables, strict=True)
        if d.is_original and not PRIMARY.intersection(t["lines"].column("statement").to_pylist())
    }


def check_results(con: duckdb.DuckDBPyConnection, build_id: str) -> list[dict[str, Any]]:
    """Return a build's check results, each with its failing rows under `failures`."""
    results = rows(con, "SELECT * FROM meta.check_results WHERE build_id = ? ORDER BY check_name", [build_id])
    failures = rows(
        con, "SELECT * FROM meta.check_failures WHERE build_id = ? ORDER BY check_name, seq", [build_id]
    )
    kept_out = rows(con, "SELECT check_name, document_id, reason FROM meta.quarantine ORDER BY ALL")
    for result in results:
        result["failures"] = [f for f in failures if f["check_name"] == result["check_name"]]
        result["kept_out"] = [
            f"{q['document_id']}: {q['reason']}" for q in kept_out if q["check_name"] == result["check_name"]
        ]
    return results


def _insert(con: duckdb.DuckDBPyConnection, qualified: str, content: list[dict[str, Any]]) -> None:
    schema = arrow_schema(table(qualified))
    con.register("incoming", pa.Table.from_pylist(content, schema=schema))
    con.execute(f"INSERT INTO {qualified} BY NAME SELECT * FROM incoming")
    con.unregister("incoming")


def _filings(documents: list[StoredDocument]) -> pa.Table:
    filings = {
        d.filing_id: {
            "filing_id": d.filing_id,
            "company": d.company,
            "accession": d.accession,
            "form": d.form,
            "url": d.filing_url,
            "filing_date": d.filing_date,
            "filing_date_precision": d.filing_date_precision,
            "accepted_at": d.accepted_at,
            "period_of_report": d.period_of_report,
            "quarter": d.quarter,
            "source": d.source,
        }
        for d in documents
    }
    return pa.Table.from_pylist(list(filings.values()), schema=arrow_schema(table("raw.filings")))


def _known_at(document: StoredDocument) -> tuple[date, str]:
    """Return the day at whose end the document was public, and how well that is known."""
    if document.accepted_at is not None:
        return document.accepted_at.astimezone(UTC).date(), "second"
    return document.filing_date, document.filing_date_precision


def _documents(
    documents: list[StoredDocument], status: Mapping[str, str], pages: Mapping[str, Mapping[str, str | None]]
) -> pa.Table:
    content = []
    for d in documents:
        known_at, precision = _known_at(d)
        content.append(
            {
                "document_id": d.document_id,
                "filing_id": d.filing_id,
                "company": d.company,
                "sha256": d.sha256,
                "bytes": d.size,
                "kind": d.kind,
                "type": d.type,
                "exhibit": d.exhibit,
                "transcript_of": d.transcript_of,
                "title": pages[d.document_id]["title"] or None,
                "url": d.url,
                "path": d.path,
                "filing_date": d.filing_date,
                "published_at": None,
                "known_at": known_at,
                "known_at_precision": precision,
                "opening": pages[d.document_id]["opening"],
                "extractor_version": EXTRACTOR_VERSION,
                "status": status.get(d.document_id, "accepted"),
            }
        )
    return pa.Table.from_pylist(content, schema=arrow_schema(table("raw.documents")))
