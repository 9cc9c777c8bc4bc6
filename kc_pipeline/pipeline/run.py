"""The steps of a run. Each is a function of settings and companies; they meet in the store and the journal."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kc_pipeline.config import Company, Settings, following, load_companies
from kc_pipeline.figures import calendar_quarter
from kc_pipeline.pipeline import progress
from kc_pipeline.pipeline.build import Building, BuildReport
from kc_pipeline.pipeline.inputs import in_use
from kc_pipeline.pipeline.journal import Journal, RunRecord, clear_up
from kc_pipeline.pipeline.unchanged import noted, seal_briefs, seal_build
from kc_pipeline.sources import FoundDocument, Skipped, SourceChangedError, discover
from kc_pipeline.store import ExtractionCache, Job, Store, StoredDocument, extract_all
from kc_pipeline.store.parallel import Outcome

if TYPE_CHECKING:
    import duckdb

_BRIEF = re.compile(r"\d{4}Q[1-4]\.(?:md|html)")


@dataclass(slots=True)
class IngestReport:
    """Documents of the wanted quarters in the inbox, how many of them were new, and what was skipped."""

    documents: int = 0
    new: int = 0
    skipped: list[dict[str, str]] = field(default_factory=list)


class BuildFailedError(Exception):
    """The build was not published; `checks` are its results as far as they were run."""

    def __init__(self, message: str, build_id: str | None, checks: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.build_id = build_id
        self.checks = checks


def ingest(
    settings: Settings,
    companies: Mapping[str, Company],
    journal: Journal,
    *,
    quarters: Collection[str] | None = None,
    only: Collection[str] | None = None,
) -> IngestReport:
    """Take up what lies in the inbox into the store; what cannot be taken up is noted in the journal.

    `quarters` and `only` (companies) restrict what is taken up; what is wrong in the inbox is always said.
    """
    report = IngestReport()
    progress.report("taking up filings")
    journal.mended += clear_up(settings, journal)
    journal.begin("taking up filings")
    note = noted(settings)
    found = discover(settings.filings, companies, max_bytes=settings.max_document_bytes)
    store = Store(settings.store)
    spoilt = store.put_aside()
    known = {(d.document_id, d.sha256) for d in store.current()}
    skipped = list(found.skipped)
    not_yet = {f.path: words for f in found.found if (words := _in_the_future(f, date.today()))}
    skipped += [Skipped(path, "not_yet", words) for path, words in not_yet.items()]
    wanted = [
        f
        for f in found.found
        if f.path not in not_yet
        and (quarters is None or f.quarter in quarters)
        and (only is None or f.manifest.company in only)
    ]
    for position, document in enumerate(wanted):
        progress.report("taking up filings", position, len(wanted))
        try:
            stored = store.put(document)
        except SourceChangedError as error:
            skipped.append(Skipped(document.path, "changed", str(error)))
            continue
        report.documents += 1
        report.new += (stored.document_id, stored.sha256) not in known
    skipped += _lost(store, spoilt)
    journal.mended += store.mended
    for s in skipped:
        journal.add_skipped(s.path, s.code, s.reason)
    journal.step = ""
    journal.note = note if len(wanted) + len(not_yet) == len(found.found) else None
    journal.save()
    report.skipped = [{"path": s.path, "code": s.code, "reason": s.reason} for s in skipped]
    return report


def _lost(store: Store, document_ids: Collection[str]) -> list[Skipped]:
    """Return the documents of which no record can be read any more and that the inbox does not hold."""
    there = {d.document_id for d in store.current(document_ids)}
    reason = "no record of it in the store can be read, and the inbox does not hold it; fetch it or put it there again"
    return [Skipped(f"store/records/{name}", "damaged", reason) for name in document_ids if name not in there]


def _in_the_future(found: FoundDocument, today: date) -> str | None:
    """Say why a document cannot have appeared yet: its quarter has not begun, or it is dated after tomorrow (time zones)."""
    if found.quarter > calendar_quarter(today):
        return f"its period of report ends on {found.manifest.period_of_report}, after today"
    if found.manifest.filing_date > today + timedelta(days=1):
        return f"its filing date is {found.manifest.filing_date}, after today"
    return None


def extract_documents(
    settings: Settings,
    companies: Mapping[str, Company],
    journal: Journal,
    *,
    quarters: Collection[str] | None = None,
    only: Collection[str] | None = None,
) -> Outcome:
    """Read the store's current documents that were not read before by this version of the extractor.

    A document that cannot be read is noted in the journal; the others go on.
    """
    current = [
        d
        for d in in_use(settings, companies)
        if d.company in companies
        and (quarters is None or d.quarter in quarters)
        and (only is None or d.company in only)
    ]
    journal.begin("reading documents")
    outcome = _extract(settings, companies, current)
    journal.step = ""
    paths = {d.document_id: d.path for d in current}
    for failure in outcome.failures:
        journal.add_skipped(paths[failure.document_id], failure.code, failure.message)
    journal.seconds["reading"] = round(journal.seconds.get("reading", 0.0) + outcome.seconds, 3)
    journal.parsed += outcome.parsed
    journal.from_cache += outcome.cached
    journal.save()
    return outcome


def _cache(settings: Settings) -> ExtractionCache:
    from kc_pipeline.extraction import EXTRACTOR_VERSION

    return ExtractionCache(settings.extracted, EXTRACTOR_VERSION)


def _extract(
    settings: Settings, companies: Mapping[str, Company], documents: list[StoredDocument]
) -> Outcome:
    from kc_pipeline.pipeline.reading import read_tables

    store = Store(settings.store)
    read_by = {i: companies[i].read_by for i in {d.company for d in documents}}
    jobs = [
        Job(
            d.document_id,
            d.sha256,
            store.path_of(d.sha256),
            d.size,
            read_by[d.company],
            (companies[d.company],),
        )
        for d in documents
    ]
    return extract_all(
        jobs,
        read_tables,
        _cache(settings),
        progress=lambda done, total: progress.report("reading", done, total),
    )


def rows_read(
    settings: Settings, companies: Mapping[str, Company], documents: Collection[StoredDocument]
) -> dict[str, int]:
    """Return how many rows of each kind (``lines``, ``stated``, ...) were read from some documents.

    The key ``not_read`` counts the documents of which there is no reading.
    """
    cache = _cache(settings)
    out = {"not_read": 0}
    for document in documents:
        tables = cache.get(document.sha256, companies[document.company].read_by)
        if tables is None:
            out["not_read"] += 1
            continue
        for name, table in tables.items():
            if name != "page":
                out[name] = out.get(name, 0) + table.num_rows
    return out


def read_missing(settings: Settings, companies: Mapping[str, Company], journal: Journal) -> None:
    """Read documents in use that no step of this run has read, so that a build never shrinks for want of a cache."""
    cache = _cache(settings)
    read_by = {i: company.read_by for i, company in companies.items()}
    missing = [
        d
        for d in in_use(settings, companies)
        if d.company in companies and not cache.has(d.sha256, read_by[d.company])
    ]
    if not missing:
        return
    outcome = _extract(settings, companies, missing)
    paths = {d.document_id: d.path for d in missing}
    for failure in outcome.failures:
        journal.add_skipped(paths[failure.document_id], failure.code, failure.message)
    journal.parsed += outcome.parsed


def build_and_publish(
    settings: Settings, companies: Mapping[str, Company], journal: Journal, run_id: str
) -> BuildReport:
    """Build the warehouse privately from all current documents, check it, and publish it.

    The run's record is written in every case, so that `kc status` can tell.

    Raises:
        BuildFailedError: if the build was not published; the published file is untouched.
    """
    started = datetime.now(UTC)
    had_one = settings.warehouse.is_file()
    building = Building(settings, companies, journal)
    record = RunRecord(run_id, "failed", started.isoformat(timespec="seconds"), "")
    try:
        journal.begin("building the warehouse")
        with following(companies.values()):
            read_missing(settings, companies, journal)
            report = building.run()
    except Exception as error:
        record.verdict = f"failed: {error}"
        raise BuildFailedError(str(error), building.build_id, building.checks) from error
    else:
        record.verdict = "published"
        record.build_id = report.build_id
        record.documents = report.documents
        record.quarantined = report.quarantined
        record.changes = report.changes
        record.seconds = {**journal.seconds, **report.seconds}
        record.remarks = report.remarks = [*report.remarks, *_sealed(settings, report.build_id, journal)]
        record.superseded = report.superseded
        return report
    finally:
        record.finished_at = datetime.now(UTC).isoformat(timespec="seconds")
        record.previous = had_one
        record.skipped = journal.skipped
        record.parsed = journal.parsed
        record.from_cache = journal.from_cache
        record.mended = journal.mended
        record.save(settings)
        journal.close()


def _sealed(settings: Settings, build_id: str, journal: Journal) -> list[str]:
    """Note what the published build read; a note that cannot be written costs only that the next run builds again."""
    try:
        seal_build(settings, build_id, journal.note)
    except OSError as error:
        return [f"the next run will build again even if nothing is new: {error}"]
    return []


def write_briefs(settings: Settings) -> list[Path]:
    """Write the brief of each company's newest quarter as Markdown and HTML; return the files.

    Briefs of earlier runs stay, but for those of quarters about which there is no document any more.
    """
    from kc_pipeline.brief import make_brief, to_html, to_markdown
    from kc_pipeline.lineage.trail import rows
    from kc_pipeline.pipeline.journal import write_atomically
    from kc_pipeline.warehouse.connect import open_published

    written = []
    companies = load_companies(settings.companies_file)
    with following(companies.values()), open_published(settings) as con:
        newest = rows(
            con,
            """SELECT company, max(period) AS period FROM marts.kpis
               WHERE period_type = 'quarter' GROUP BY company ORDER BY company""",
        )
        for n in newest:
            progress.report(f"brief of {n['company']} {n['period']}")
            brief = make_brief(con, settings.warehouse, n["company"], n["period"])
            for suffix, text in ((".md", to_markdown(brief)), (".html", to_html(brief))):
                path = settings.briefs / n["company"] / f"{n['period']}{suffix}"
                write_atomically(path, text)
                written.append(path)
        for path in _without_document(con, settings.briefs, set(written)):
            path.unlink()
    seal_briefs(settings, written)
    return written


def _without_document(
    con: "duckdb.DuckDBPyConnection", folder: Path, written: Collection[Path]
) -> list[Path]:
    """Return the briefs in a folder, other than those just written, of quarters that no accepted document is about."""
    from kc_pipeline.brief.snapshot import release_date

    found = [p for p in sorted(folder.glob("*/*")) if p not in written and _BRIEF.fullmatch(p.name)]
    return [p for p in found if release_date(con, p.parent.name, p.stem) is None]
