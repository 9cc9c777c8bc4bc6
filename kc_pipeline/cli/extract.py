"""`kc extract`: extraction alone, on one HTML document."""

import json
import sys
from pathlib import Path

import click

from kc_pipeline.cli.errors import UsageError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["json", "table", "csv"]), default="table")
def extract(file: Path, form: str) -> None:
    """Read the statement tables, the stated figures and the commentary of one HTML FILE.

    Needs no store, no Dagster and no warehouse.
    """
    from kc_pipeline.extraction import extract as read_document
    from kc_pipeline.extraction import to_dict

    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    found = to_dict(read_document(data))
    if form == "json":
        json.dump(found, sys.stdout, ensure_ascii=False)
        sys.stdout.write("\n")
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
    write_rows(sys.stdout, names, rows, form)
    for warning in found["warnings"]:
        place = "" if warning["table"] is None else f" (table {warning['table']})"
        click.echo(f"warning: {warning['code']}{place}: {warning['message']}", err=True)


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
