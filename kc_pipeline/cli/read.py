"""Commands that read the published warehouse: brief, diff, explain, table."""

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import click

from kc_pipeline.cli.common import known_company, period_label, published, quarter_range, settings
from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.output import output_file
from kc_pipeline.cli.sql import write_rows
from kc_pipeline.cli.terminal import Output, echo, echo_styled, styled, write_json
from kc_pipeline.escape import visible
from kc_pipeline.figures.names import what_there_is

if TYPE_CHECKING:
    import duckdb


@click.command()
@click.argument("company")
@click.argument("period")
@click.argument("name")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def explain(company: str, period: str, name: str, form: str) -> None:
    """Show the whole trail of one figure.

    NAME is a KPI (gross_margin) or a concept, with its segment after a slash (revenues/stores).
    """
    from kc_pipeline.lineage import NotFoundError, render
    from kc_pipeline.lineage import explain as trail_of
    from kc_pipeline.lineage.trail import jsonable

    with published() as con:
        try:
            trail = trail_of(con, known_company(con, company), period_label(period), name.strip().lower())
        except NotFoundError as error:
            raise UsageError(str(error)) from None
    if form == "json":
        write_json(jsonable(trail), indent=1)
    else:
        echo(render(trail))


@click.command()
@click.argument("company")
@click.argument("period")
@click.option("--format", "form", type=click.Choice(["md", "html"]), default="md")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option(
    "--as-of", default="release", show_default=True, metavar="release|latest|DATE", help="As known when."
)
def brief(company: str, period: str, form: str, out: Path | None, as_of: str) -> None:
    """Write the brief of one quarter, by default as known when its release appeared."""
    from kc_pipeline.brief import make_brief, to_html, to_markdown

    day: date | Literal["release", "latest"]
    if as_of in ("release", "latest"):
        day = cast(Literal["release", "latest"], as_of)
    else:
        try:
            day = date.fromisoformat(as_of)
        except ValueError:
            raise UsageError(
                f"--as-of {as_of}: expected release, latest or a date such as 2025-05-28"
            ) from None
    with published() as con:
        try:
            at = settings().warehouse
            made = make_brief(con, at, known_company(con, company), period_label(period), day)
        except (LookupError, ValueError) as error:
            raise UsageError(str(error)) from None
    text = to_markdown(made) if form == "md" else to_html(made)
    if out is None:
        echo(text, nl=False)
    else:
        with output_file(out, settings()) as target:
            target.write_text(text, encoding="utf-8")


@click.command()
@click.argument("company")
@click.argument("kpis", nargs=-1)
@click.option("--last", type=click.IntRange(min=1), help="How many quarters (8 where no range is given).")
@click.option("--quarter", "span", metavar="2024Q1..2025Q4", help="Only these quarters: one, or a range.")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table")
def table(company: str, kpis: tuple[str, ...], last: int | None, span: str | None, form: str) -> None:
    """Show quarters across and KPIs down.

    A figure that was read is shown plain, a computed one with a trailing `c`, a ratio that the document states
    (its inputs not known or coarser) with a trailing `s`; one with a remark, given below the table, with a `!`;
    on a terminal read ones are blue.

    CSV and JSON have a row for each KPI and quarter with the exact value, its interval and origin, or the reason why
    there is none.
    """
    from tabulate import tabulate

    from kc_pipeline.brief.headlines import headlines
    from kc_pipeline.figures.display import kpi_value, remark_words
    from kc_pipeline.lineage.trail import rows

    among = quarter_range(span)
    kpis = tuple(k.lower() for k in kpis)
    with published() as con:
        company = known_company(con, company)
        known = {
            r["kpi"] for r in rows(con, "SELECT DISTINCT kpi FROM marts.kpis WHERE company = ?", [company])
        }
        if not known:
            raise UsageError(f"no KPI of {company} is known yet")
        wanted = list(kpis or headlines(company).table)
        unknown = [k for k in kpis if k not in known]
        if unknown:
            raise UsageError(
                f"{company} has no KPI {unknown[0]!r}; {what_there_is(unknown[0], sorted(known))} "
                f"(all: kc sql \"select distinct kpi from marts.kpis where company = '{company}'\")"
            )
        found = rows(
            con,
            """SELECT period, kpi, value, unit, origin, low, high, remark FROM marts.kpis
               WHERE company = ? AND period_type = 'quarter' AND list_contains(?, kpi)""",
            [company, wanted],
        )
        every = every_quarter({r["period"] for r in found})
        quarters = [q for q in every if q in among]
        if every and not quarters:
            raise UsageError(
                f"nothing is known of these KPIs in {span}; quarters in the warehouse: {every[0]} to {every[-1]}"
            )
        quarters = quarters[-(last or (8 if span is None else len(quarters))) :]
        if form != "table":
            write_rows(Output(form), *_long(con, company, wanted, quarters), form)
            return
    cells: dict[tuple[str, str], str] = {}
    marks = {"reported": "", "derived": " c", "stated": " s"}
    for r in found:
        shown = kpi_value(r["kpi"], r["value"], r["unit"], r["low"], r["high"]) + marks[r["origin"]]
        shown += " !" if r["remark"] else ""
        cells[r["kpi"], r["period"]] = styled(shown, "blue") if r["origin"] == "reported" else visible(shown)
    body: list[list[Any]] = [[k, *(cells.get((k, q), "·") for q in quarters)] for k in wanted if k in known]
    echo_styled(
        tabulate(
            body,
            headers=[company, *quarters],
            tablefmt="simple",
            disable_numparse=True,
            stralign="right",
            colalign=["left"],
        )
    )
    echo("plain: read; c: computed; s: stated in the document (its source: kc explain); ·: not known")
    remarked = [r for r in found if r["remark"] and r["period"] in quarters]
    for r in sorted(remarked, key=lambda r: (wanted.index(r["kpi"]), r["period"])):
        echo(f"!: {r['kpi']} {r['period']}: {remark_words(r['remark'])}")


def _long(
    con: "duckdb.DuckDBPyConnection", company: str, kpis: list[str], quarters: list[str]
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return names and rows: one row for each of these KPIs and quarters, also where it is absent."""
    cursor = con.execute(
        """SELECT ? AS company, period, kpi, value, unit, low, high, origin, evidence, remark,
             CASE WHEN k.value IS NOT NULL THEN NULL ELSE coalesce(a.reason, 'not_known') END AS absent, a.detail
           FROM (FROM (SELECT unnest(?) AS period)
                 CROSS JOIN (SELECT unnest(?) AS kpi, generate_subscripts(?, 1) AS place))
           LEFT JOIN (FROM marts.kpis WHERE company = ?) k USING (period, kpi)
           LEFT JOIN (FROM marts.kpi_absent WHERE company = ?) a USING (period, kpi)
           ORDER BY place, period""",
        [company, quarters, kpis, kpis, company, company],
    )
    return [d[0] for d in cursor.description or []], cursor.fetchall()


def every_quarter(labels: Collection[str]) -> list[str]:
    """Return all quarters from the first to the last of these (2025Q1), those between of which nothing is known, too."""
    numbers = [4 * int(label[:4]) + int(label[5]) - 1 for label in labels]
    first, last = min(numbers, default=0), max(numbers, default=-1)
    return [f"{number // 4}Q{number % 4 + 1}" for number in range(first, last + 1)]


@click.command()
@click.argument("first", required=False)
@click.argument("second", required=False)
def diff(first: str | None, second: str | None) -> None:
    """Show what changed between two builds, and why (by default: in the newest build)."""
    from kc_pipeline.cli.report import changes_text
    from kc_pipeline.lineage.trail import rows

    with published() as con:
        builds = [
            r["build_id"] for r in rows(con, "SELECT build_id FROM meta.builds ORDER BY started_at, build_id")
        ]
        for build in (first, second):
            if build is not None and build not in builds:
                raise UsageError(f"build {build!r} is not known; there are: {', '.join(builds[-8:])}")
        low = builds.index(first) if first else len(builds) - 2
        high = builds.index(second) if second else len(builds) - 1
        span = builds[max(low, -1) + 1 : high + 1]
        found = rows(
            con,
            """SELECT c.*, r.kind AS revision, r.first_value, r.first_document_id FROM meta.changes c
               LEFT JOIN core.revisions r ON c.what = 'fact' AND c.change = 'added' AND r.later_fact_id = c.id
                 AND r.kind NOT IN ('refinement', 'transcription')
               WHERE list_contains(?, c.build_id) ORDER BY r.kind IS NULL, c.build_id, c.what, c.detail, c.id""",
            [span],
        )
    echo(changes_text(found, span))
