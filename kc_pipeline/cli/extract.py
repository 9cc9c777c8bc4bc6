"""`kc extract`: extraction alone, on one HTML document."""

import sys
from pathlib import Path

import click

from kc_pipeline.cli.common import declared, settings
from kc_pipeline.cli.errors import UsageError
from kc_pipeline.cli.terminal import Output, echo, write_json

_LONG = 2_000_000  # bytes of a document whose reading takes more than a moment


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["json", "table", "csv"]), default="table")
@click.option(
    "--why",
    metavar="TABLE[,ROW[,COL]]",
    help="Tell instead why a table, a row or a figure was read as it was (numbers as in the output, from 0).",
)
def extract(file: Path, form: str, why: str | None) -> None:
    """Read the statement tables, the stated figures and the commentary of one HTML FILE.

    With --why: the text, value, unit, scale, period and member of the figures of a table, a row or one cell, the
    rules that decided, the warnings, and each heading, caption and line above with what it says.

    A document that names a company of data/companies at its beginning is read by that company's own words, too. Needs
    no store, no Dagster and no warehouse.
    """
    place = None if why is None else place_of(why)
    from kc_pipeline.extraction import extract as read_document
    from kc_pipeline.extraction import to_dict
    from kc_pipeline.kinds import kind_of

    if file.is_dir():
        raise UsageError(
            f"{file} is a folder; give one HTML document, or lay filings into the inbox for `kc run`"
        )
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if (kind := kind_of(data)) is not None:
        raise UsageError(f"{file} is {kind.name}, not HTML; {kind.advice}")
    if len(data) > _LONG and sys.stderr.isatty():
        echo(f"reading {file} ({len(data) / 1_000_000:.1f} MB)", err=True)
    if place is not None:
        _tell_why(data, place, form)
        return
    found = to_dict(read_document(data, tuple(declared(settings()).values())))
    if any(w["code"] == "not_html" for w in found["warnings"]):
        raise UsageError(f"{file} is no document that kc knows: neither HTML nor readable text")
    if form == "json":
        write_json(found)
        return
    from kc_pipeline.cli.sql import write_rows

    names = [
        "statement",
        "concept",
        "label",
        "value",
        "unit",
        "decimals",
        "period_start",
        "period_end",
        "table",
        "row",
        "col",
        "text",
    ]
    lines = [tuple(line[n] for n in names) for line in found["lines"]]
    stated = [
        (
            "prose",
            s["metric"],
            s["sentence"],
            s["value"],
            s["unit"],
            s["decimals"],
            s["period"]["start"],
            s["period"]["end"],
            None,
            *s["span"],
            s["text"],
        )
        for s in found["stated"]
    ]
    rows = lines + stated
    if form == "table":
        width = 48
        rows = [(*r[:2], _short(r[2], width), *r[3:]) for r in rows]
    write_rows(Output(form), names, rows, form)
    for warning in found["warnings"]:
        where = "" if warning["table"] is None else f" (table {warning['table']})"
        echo(f"warning: {warning['code']}{where}: {warning['message']}", err=True)


def place_of(text: str) -> tuple[int, int | None, int | None]:
    """Return table, row and column of "3", "3,5" or "3,5,2".

    Raises:
        UsageError: if it is none of these.
    """
    parts = [p.strip() for p in text.split(",")]
    if len(parts) > 3 or not all(p.isascii() and p.isdigit() for p in parts):
        raise UsageError(f"--why {text}: wants TABLE[,ROW[,COL]], whole numbers from 0, such as 3 or 3,5,2")
    table, row, col = [*(int(p) for p in parts), None, None][:3]
    assert table is not None
    return table, row, col


def _tell_why(data: bytes, place: tuple[int, int | None, int | None], form: str) -> None:
    from kc_pipeline.extraction.why import PlaceError, explain

    try:
        remarks = explain(data, *place)
    except PlaceError as error:
        raise UsageError(f"--why {','.join(str(n) for n in place if n is not None)}: {error}") from None
    if form == "json":
        write_json([r._asdict() for r in remarks])
    elif form == "csv":
        from kc_pipeline.cli.sql import write_rows

        write_rows(Output(form), ["about", "text", "says"], [tuple(r) for r in remarks], form)
    else:
        for remark in remarks:
            printed = f" {_short(remark.text, 160)!r}" if remark.text else ""
            echo(f"{remark.about}{printed}{': ' + remark.says if remark.says else ''}")


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
