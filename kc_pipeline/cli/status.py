"""`kc status`: the last run and its verdict, what was left out, the newest filing, open flags, coverage."""

import click

from kc_pipeline.cli.common import published, settings
from kc_pipeline.cli.terminal import echo, echo_styled


@click.command()
@click.option("--coverage", is_flag=True, help="In how many quarters each KPI and rule can be evaluated.")
def status(coverage: bool) -> None:
    """Show the last run, what was skipped or quarantined, and the newest filing of each company."""
    from tabulate import tabulate

    from kc_pipeline.cli.report import superseded_lines, verdict_style
    from kc_pipeline.lineage.trail import rows
    from kc_pipeline.pipeline.journal import RunRecord, unended
    from kc_pipeline.pipeline.unchanged import looks

    at = settings()
    record = RunRecord.load(at.last_run)
    if record is None:
        echo("no run has ended yet")
    else:
        echo_styled(f"last run   {record.finished_at}  {verdict_style(record)}")
        for line in superseded_lines(record):
            echo(line)
        for skipped in record.skipped:
            echo(f"skipped    {skipped['path']}: {skipped['reason']}")
        for row in record.quarantined:
            echo(f"quarantine {row['document_id']}: {row['reason']}")
        for what in record.mended:
            echo(f"mended     {what}")
        for remark in record.remarks:
            echo(f"remark     {remark}")
    for journal in unended(at):
        echo(f"{'running' if journal.running else 'not ended':10} {journal.words}")
    if (since := looks(at)) and (record is None or since[-1]["at"] >= record.finished_at):
        echo(f"last look  {since[-1]['at']}  {since[-1]['words']}")
    with published(packs=False) as con:
        build = rows(con, "SELECT * FROM meta.builds ORDER BY started_at DESC LIMIT 1")[0]
        echo(f"published  {build['finished_at']}  build {build['build_id']}, {build['documents']} documents")
        checks = rows(
            con,
            "SELECT status, count(*) AS n FROM meta.check_results WHERE build_id = ? GROUP BY 1 ORDER BY 1",
            [build["build_id"]],
        )
        echo("checks     " + ", ".join(f"{c['n']} {c['status'].replace('_', ' ')}" for c in checks))
        for failed in rows(
            con,
            """SELECT r.status, r.severity, r.check_name, r.message,
                 (SELECT string_agg(DISTINCT f.document_id, ', ' ORDER BY f.document_id) FROM meta.check_failures f
                  WHERE f.build_id = r.build_id AND f.check_name = r.check_name) AS documents
               FROM meta.check_results r WHERE build_id = ? AND status <> 'passed' ORDER BY status, severity, check_name""",
            [build["build_id"]],
        ):
            where = f" ({failed['documents']})" if failed["documents"] else ""
            status_word = failed["status"].replace("_", " ")
            echo(f"{status_word:10} {failed['severity']} {failed['check_name']}{where}: {failed['message']}")
        newest = rows(
            con,
            """SELECT company, arg_max(filing_id, filing_date) AS filing_id, max(filing_date) AS filing_date
               FROM raw.filings GROUP BY company ORDER BY company""",
        )
        for n in newest:
            flags = rows(
                con,
                """SELECT count(*) AS n FROM marts.anomalies WHERE company = ?
                   AND period_end = (SELECT max(period_end) FROM marts.kpis WHERE company = ? AND period_type = 'quarter')""",
                [n["company"], n["company"]],
            )[0]["n"]
            echo(
                f"newest     {n['filing_id']}, filed {n['filing_date']}; flags of its newest quarter: {flags}"
            )
        if coverage:
            found = rows(
                con,
                """SELECT company, kpi, count(value) AS evaluated, count(*) AS quarters,
                          count(*) FILTER (origin = 'stated') AS stated,
                          min(period) FILTER (value IS NOT NULL) AS first,
                          max(period) FILTER (value IS NOT NULL) AS last,
                          mode(reason ORDER BY reason) AS "mostly absent for"
                   FROM (SELECT company, period, kpi, value, origin, NULL AS reason FROM marts.kpis
                         WHERE period_type = 'quarter'
                         UNION ALL
                         SELECT company, period, kpi, NULL, NULL, reason FROM marts.kpi_absent
                         WHERE period_type = 'quarter')
                   GROUP BY company, kpi ORDER BY company, evaluated DESC, kpi""",
            )
            echo()
            echo(tabulate([list(f.values()) for f in found], headers=list(found[0]) if found else []))
