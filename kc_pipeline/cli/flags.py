"""`kc flags`: what the rules found, by story; and why a rule found nothing."""

from typing import TYPE_CHECKING

import click

from kc_pipeline.cli.common import known_company, period_label, published
from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.read import check_known
from kc_pipeline.cli.terminal import echo

if TYPE_CHECKING:
    import duckdb


@click.command()
@click.argument("company", required=False)
@click.option("--quarter", metavar="2025Q1", help="Only this quarter, or year (2024FY).")
@click.option("--full", is_flag=True, help="The sentence of every finding, not only of the leading one.")
@click.option(
    "--why",
    metavar="KPI",
    help="What each rule says of this KPI in the quarter, also where it found nothing.",
)
def flags(company: str | None, quarter: str | None, full: bool, why: str | None) -> None:
    """Show the anomalies, grouped by story, newest first."""
    from kc_pipeline.anomalies.telling import STORIES, told
    from kc_pipeline.lineage.trail import rows

    with published() as con:
        company = company and known_company(con, company)
        quarter = quarter and period_label(quarter)
        check_known(con, company, quarter)
        if why is not None:
            _why(con, company, quarter, why.strip().lower())
            return
        found = rows(con, STORIES, [company, company, quarter, quarter])
    if not found:
        echo("no anomaly on the figures that are known")
    shown = None
    for story in found:
        if (story["company"], story["period"]) != shown:
            shown = (story["company"], story["period"])
            echo(f"\n{story['company']} {story['period']}")
        echo(told(story, full=full))


def _why(con: "duckdb.DuckDBPyConnection", company: str | None, quarter: str | None, metric: str) -> None:
    from kc_pipeline.anomalies.why import why

    if company is None or quarter is None:
        raise UsageError("--why needs a company and --quarter")
    verdicts = why(con, company, quarter, metric)
    if not verdicts:
        raise UsageError(f"no rule judges {metric!r} in a period such as {quarter}")
    for verdict in verdicts:
        echo(f"{metric} {quarter}, {verdict.rule}: {verdict.words}")
