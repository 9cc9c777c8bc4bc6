"""Keeping out the documents that fail a blocking check, so that the others can be published.

A quarantined original gives its place back to the transcript that it had superseded: a paper that cannot be
relied on must not cost the figures that were there before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

import duckdb

from kc_pipeline.quality.catalogue import CATALOGUE
from kc_pipeline.quality.engine import run_checks
from kc_pipeline.quality.model import Check


@dataclass(frozen=True, slots=True)
class DocumentFailure:
    """One reason to keep a document out: `reason` names table and difference in words with the figures."""

    company: str
    document_id: str
    sha256: str
    check_name: str
    table_index: int | None
    deviation: Decimal | None
    reason: str


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def document_failures(con: duckdb.DuckDBPyConnection, build_id: str) -> list[DocumentFailure]:
    """Return every failing row of the build's `block_document` checks that names an accepted document."""
    found = con.execute(f"""
SELECT d.company, d.document_id, d.sha256, f.check_name, f.table_index, f.deviation, f.message
FROM meta.check_failures f
JOIN meta.check_results r ON r.build_id = f.build_id AND r.check_name = f.check_name
JOIN raw.documents d ON d.document_id = f.document_id AND d.status = 'accepted'
WHERE f.build_id = {_text(build_id)} AND r.severity = 'block_document'
ORDER BY d.document_id, f.check_name, f.seq""").fetchall()
    return [DocumentFailure(*row) for row in found]


def quarantine(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    failures: Iterable[DocumentFailure],
    checks: Iterable[Check] = CATALOGUE,
) -> list[DocumentFailure]:
    """Keep documents out: `meta.quarantine` says why, `raw.documents.status` that, and no fact is made of them.

    The checks of stage `lines` are run again, so that the build's results speak of what is left. A transcript
    that comes back for its quarantined original is checked too, and kept out if it fails.

    Args:
        con: connection to the build, before facts are made
        build_id: the build
        failures: what `document_failures` returned
        checks: the catalogue to run again

    Returns:
        Every reason that was written.
    """
    chosen = tuple(checks)
    written: list[DocumentFailure] = []
    pending = list(failures)
    while pending:
        _write(con, build_id, pending)
        written += pending
        _give_back(con)
        run_checks(con, build_id, "lines", chosen)
        pending = document_failures(con, build_id)
    return written


def _write(con: duckdb.DuckDBPyConnection, build_id: str, failures: list[DocumentFailure]) -> None:
    import pyarrow as pa

    from kc_pipeline.schema import arrow_schema, table

    unique = {(f.document_id, f.check_name, f.reason): f for f in failures}
    rows = [
        {
            "build_id": build_id,
            "company": f.company,
            "document_id": f.document_id,
            "sha256": f.sha256,
            "check_name": f.check_name,
            "table_index": f.table_index,
            "deviation": f.deviation,
            "reason": f.reason,
        }
        for f in unique.values()
    ]
    con.register("incoming", pa.Table.from_pylist(rows, schema=arrow_schema(table("meta.quarantine"))))
    try:
        con.execute("INSERT INTO meta.quarantine BY NAME SELECT * FROM incoming")
        con.execute("""UPDATE raw.documents SET status = 'quarantined'
            WHERE document_id IN (SELECT document_id FROM incoming)""")
    finally:
        con.unregister("incoming")


def _give_back(con: duckdb.DuckDBPyConnection) -> None:
    """Accept a superseded transcript again where no original of the same thing is left."""
    con.execute("""
UPDATE raw.documents SET status = 'accepted' WHERE status = 'superseded' AND document_id NOT IN (
  SELECT t.document_id
  FROM raw.documents t JOIN raw.filings ft ON ft.filing_id = t.filing_id
  JOIN raw.documents o ON o.company = t.company AND o.type = t.type AND o.kind = 'original' AND o.status = 'accepted'
  JOIN raw.filings fo ON fo.filing_id = o.filing_id AND fo.period_of_report = ft.period_of_report
    AND regexp_replace(fo.form, '/A$', '') = regexp_replace(ft.form, '/A$', '')
  WHERE t.status = 'superseded')""")
