"""Keeping out the documents that fail a blocking check, and figures without a version of their own, so that the rest can be published.

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
from kc_pipeline.quality.words import prepare


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


# Figures of which two facts share their identity or their place in the history, and what is derived from them. What a
# document reports of a figure that was derived before stays.
_DOUBLED = """
CREATE OR REPLACE TEMP TABLE doubled AS
WITH same AS (
  SELECT figure_id, count(*) AS n FROM core.facts GROUP BY figure_id, fact_id HAVING count(*) > 1
  UNION ALL
  SELECT figure_id, count(*) FROM core.facts GROUP BY figure_id, version HAVING count(*) > 1
), figures AS (
  SELECT figure_id, max(n) AS n FROM same GROUP BY figure_id
), made_of_them AS (
  SELECT DISTINCT d.figure_id FROM core.fact_inputs i
  JOIN core.facts d ON d.fact_id = i.fact_id JOIN core.facts f ON f.fact_id = i.input_fact_id
  SEMI JOIN figures g ON g.figure_id = f.figure_id
)
SELECT f.fact_id, f.figure_id, g.n FROM core.facts f JOIN figures g USING (figure_id)
UNION ALL
SELECT f.fact_id, f.figure_id, NULL FROM core.facts f SEMI JOIN made_of_them USING (figure_id)
WHERE f.origin = 'derived' AND f.figure_id NOT IN (SELECT figure_id FROM figures)"""

_DOUBLED_FAILURES = """
SELECT f.company, arg_max(f.document_id, (f.known_at, f.document_id)) AS document_id,
  arg_max(o.sha256, (f.known_at, f.document_id)) AS sha256, 'grain_of_core_facts', NULL::INTEGER, NULL::DECIMAL(38,8),
  concat_ws(' ', f.company, any_value(f.concept || coalesce('/' || f.segment, '') || coalesce('@' || f.counterparty, '')),
    any_value(printed_period(f.period_start, f.period_end)), 'in', any_value(f.unit) || ':',
    CASE WHEN any_value(d.n) IS NULL THEN 'derived from a figure that is kept out'
      ELSE any_value(d.n) || ' facts share one place in its history' END,
    '(' || string_agg(DISTINCT f.document_id, ', ' ORDER BY f.document_id) || ');',
    'this figure is left out, the documents are used otherwise. A fault of kc_pipeline: please report it') AS reason
FROM (SELECT DISTINCT * FROM doubled) d JOIN core.facts f ON f.fact_id = d.fact_id JOIN raw.documents o ON o.document_id = f.document_id
GROUP BY f.company, f.figure_id
ORDER BY ALL"""


def keep_out_doubled_figures(con: duckdb.DuckDBPyConnection, build_id: str) -> list[DocumentFailure]:
    """Take figures out of the facts whose versions cannot be told apart, with what is derived from them.

    `meta.quarantine` says which, with company, concept, period and documents; everything else is published.

    Args:
        con: connection to the build, after facts are made
        build_id: the build

    Returns:
        One reason for each figure.
    """
    con.execute(_DOUBLED)
    if con.execute("SELECT count(*) FROM doubled").fetchone() == (0,):
        return []
    prepare(con)
    failures = [DocumentFailure(*row) for row in con.execute(_DOUBLED_FAILURES).fetchall()]
    _write(con, build_id, failures, whole_documents=False)
    own = "fact_id IN (SELECT fact_id FROM doubled)"
    con.execute(f"DELETE FROM core.fact_inputs WHERE {own} OR input_{own}")
    con.execute(f"DELETE FROM core.revisions WHERE first_{own} OR later_{own}")
    for name in ("quarter_checks", "sightings", "conflicts", "facts"):
        con.execute(f"DELETE FROM core.{name} WHERE {own}")
    con.execute("""
UPDATE core.facts AS f SET version = n.version
FROM (
  SELECT fact_id, row_number() OVER (PARTITION BY figure_id ORDER BY version)::INTEGER AS version
  FROM core.facts SEMI JOIN doubled USING (figure_id)
) n WHERE n.fact_id = f.fact_id""")
    return failures


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


def _write(
    con: duckdb.DuckDBPyConnection,
    build_id: str,
    failures: list[DocumentFailure],
    *,
    whole_documents: bool = True,
) -> None:
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
        if whole_documents:
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
