"""`kc flags`: what the rules found, by story; and why a rule found nothing."""

import re
from typing import TYPE_CHECKING

import click

from kc_pipeline.cli.common import known_company, period_label, published, quarter_range
from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.sql import write_rows
from kc_pipeline.cli.terminal import Output, echo
from kc_pipeline.figures.names import what_there_is

if TYPE_CHECKING:
    import duckdb


@click.command()
@click.argument("company", required=False)
@click.option(
    "--quarter",
    metavar="2024Q1..2025Q4",
    help="Only this quarter (2025Q1) or year (2024FY), or a range of quarters with the years that end in it.",
)
@click.option("--full", is_flag=True, help="The sentence of every finding, not only of the leading one.")
@click.option(
    "--why",
    metavar="KPI",
    help="What each rule says of this KPI in the quarter, also where it found nothing.",
)
@click.option("--format", "form", type=click.Choice(["text", "csv", "json"]), default="text")
def flags(company: str | None, quarter: str | None, full: bool, why: str | None, form: str) -> None:
    """Show the anomalies, grouped by story, newest first.

    CSV and JSON have a row for each finding, as marts.anomalies has it.
    """
    from kc_pipeline.anomalies.telling import STORIES, told
    from kc_pipeline.lineage.trail import rows

    with published() as con:
        company = company and known_company(con, company)
        periods = _periods(con, company, quarter)
        if why is not None:
            _why(con, company, quarter and period_label(quarter), why.strip().lower(), form)
            return
        if form != "text":
            cursor = con.execute(_FINDINGS, [company, company, periods])
            names = [d[0] for d in cursor.description or []]
            write_rows(Output(form), names, cursor.fetchall(), form)
            return
        found = [s for s in rows(con, STORIES, [company, company, None, None]) if s["period"] in periods]
    if not found:
        echo("no anomaly on the figures that are known")
    shown = None
    for story in found:
        if (story["company"], story["period"]) != shown:
            shown = (story["company"], story["period"])
            echo(f"\n{story['company']} {story['period']}")
        echo(told(story, full=full))


_FINDINGS = """FROM marts.anomalies WHERE (? IS NULL OR company = ?) AND list_contains(?, period)
ORDER BY period_end DESC, period DESC, company, story_id,
  array_position(['critical', 'high', 'medium', 'low', 'info'], severity), rule, metric"""


def _periods(con: "duckdb.DuckDBPyConnection", company: str | None, asked: str | None) -> list[str]:
    """Return the quarters and years that are asked for; all that are known for None.

    Raises:
        UsageError: if nothing is known of the company or of these: silence there is no all-clear.
    """
    found = con.execute(
        """SELECT DISTINCT period FROM marts.kpis WHERE period_type IN ('quarter', 'year') AND (? IS NULL OR company = ?)
           ORDER BY 1""",
        [company, company],
    ).fetchall()
    known = [period for (period,) in found]
    if company is not None and not known:
        raise UsageError(f"no KPI of {company} is known yet")
    if asked is None:
        return known
    if re.fullmatch(r"\d{4}FY", period_label(asked)):
        wanted = [p for p in known if p == period_label(asked)]
    else:
        span = quarter_range(asked)
        years = ".." in asked
        wanted = [p for p in known if (p.replace("FY", "Q4") if years else p) in span]
    if not wanted:
        quarters = [p for p in known if "Q" in p]
        there_are = f"{quarters[0]} to {quarters[-1]}" if quarters else "none"
        raise UsageError(f"nothing is known of {asked}; quarters in the warehouse: {there_are}")
    return wanted


def _why(
    con: "duckdb.DuckDBPyConnection", company: str | None, period: str | None, metric: str, form: str
) -> None:
    from kc_pipeline.anomalies.why import why

    if company is None or period is None or ".." in period:
        raise UsageError("--why needs a company and --quarter with one quarter or year")
    verdicts = why(con, company, period, metric)
    if not verdicts:
        judged = [
            m for (m,) in con.execute("SELECT DISTINCT metric FROM marts.rule_coverage ORDER BY 1").fetchall()
        ]
        raise UsageError(
            f"no rule judges {metric!r} in a period such as {period}; {what_there_is(metric, judged)}"
        )
    if form != "text":
        told = [(company, period, metric, v.rule, v.words) for v in verdicts]
        write_rows(Output(form), ["company", "period", "metric", "rule", "words"], told, form)
        return
    for verdict in verdicts:
        echo(f"{metric} {period}, {verdict.rule}: {verdict.words}")
