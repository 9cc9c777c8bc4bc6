"""`kc sql`: a read-only query on the published warehouse."""

import csv
import json
import sys
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import click

from kc_pipeline.cli.common import published
from kc_pipeline.cli.errors import UsageError


@click.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
def sql(query: str, form: str, out: Path | None) -> None:
    """Run QUERY on the published warehouse, read-only, without access to files or the network."""
    import duckdb

    from kc_pipeline.warehouse.connect import WarehouseError, select

    if form == "parquet" and out is None:
        raise UsageError("--format parquet needs --out FILE")
    with published() as con:
        try:
            cursor = select(con, query)
            if form == "parquet":
                import pyarrow.parquet as pq

                pq.write_table(cursor.to_arrow_table(), out)
                return
            names = [d[0] for d in cursor.description]
            values = cursor.fetchall()
        except (duckdb.Error, WarehouseError) as error:
            raise UsageError(str(error).strip()) from None
    if out is None:
        write_rows(sys.stdout, names, values, form)
    else:
        with out.open("w", encoding="utf-8", newline="") as handle:
            write_rows(handle, names, values, form)


def write_rows(handle: IO[str], names: list[str], values: list[tuple[Any, ...]], form: str) -> None:
    """Write rows as an aligned table, CSV or a JSON list of objects (numbers stay numbers, exact)."""
    if form == "csv":
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([_plain(v) for v in row] for row in values)
    elif form == "json":
        json.dump(
            [dict(zip(names, map(_json, row), strict=True)) for row in values],
            handle,
            ensure_ascii=False,
            indent=1,
        )
        handle.write("\n")
    else:
        from tabulate import tabulate

        shown = [["" if v is None else _plain(v) for v in row] for row in values]
        numeric = [
            "right" if any(isinstance(r[i], int | float | Decimal) for r in values) else "left"
            for i in range(len(names))
        ]
        handle.write(
            tabulate(
                shown,
                headers=names,
                tablefmt="simple",
                disable_numparse=True,
                colalign=numeric if values else None,
            )
        )
        handle.write("\n")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    return value


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        whole = value == value.to_integral_value()
        return int(value) if whole else float(value)
    if isinstance(value, list | tuple):
        return [_json(v) for v in value]
    if isinstance(value, dict):
        return {k: _json(v) for k, v in value.items()}
    return _plain(value) if not isinstance(value, bool | int | float | str | type(None)) else value
