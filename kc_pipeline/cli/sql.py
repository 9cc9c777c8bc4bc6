"""`kc sql`: a read-only query on the published warehouse."""

import csv
import json
import os
import shutil
from contextlib import ExitStack
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from kc_pipeline.cli.common import published, settings
from kc_pipeline.cli.errors import BAD_USAGE, UsageError
from kc_pipeline.cli.output import output_file
from kc_pipeline.cli.terminal import Output
from kc_pipeline.store.files import TEMPORARY

if TYPE_CHECKING:
    import duckdb

    from kc_pipeline.warehouse.limits import Watch


@click.command()
@click.argument("query")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json", "parquet"]), default="table")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@click.option("--max-seconds", type=click.FloatRange(min=0), default=60, show_default=True, metavar="N")
@click.option("--max-rows", type=click.IntRange(min=0), default=1_000_000, show_default=True, metavar="N")
@click.option("--max-memory", type=click.IntRange(min=0), default=2_000, show_default=True, metavar="MB")
def sql(query: str, form: str, out: Path | None, max_seconds: float, max_rows: int, max_memory: int) -> None:
    """Run QUERY on the published warehouse, read-only, without access to files or the network.

    A query that takes more time, rows or memory than the limits is stopped, and nothing is written; 0 lifts a
    limit.
    """
    import duckdb

    from kc_pipeline.warehouse.connect import WarehouseError, select
    from kc_pipeline.warehouse.limits import Limits, Watch, fetch_rows

    if form == "parquet" and out is None:
        raise UsageError("--format parquet needs --out FILE")
    limits = Limits(max_seconds, max_rows, max_memory)
    with ExitStack() as stack:
        target = None if out is None else stack.enter_context(output_file(out, settings()))
        con = stack.enter_context(published(limits.configuration, packs=False))
        try:
            with Watch(con, limits, partial(_end_process, target)) as watch:
                cursor = select(con, query)
                if form == "parquet":
                    assert target is not None, "asked for above"
                    _write_parquet(cursor, target, watch)
                    return
                names = [d[0] for d in cursor.description]
                values = fetch_rows(cursor, watch)
        except (duckdb.Error, WarehouseError) as error:
            raise UsageError(str(error).strip()) from None
        if target is None:
            write_rows(Output(form), names, values, form)
        else:
            with target.open("w", encoding="utf-8", newline="") as handle:
                write_rows(handle, names, values, form)


def _write_parquet(cursor: "duckdb.DuckDBPyConnection", target: Path, watch: "Watch") -> None:
    import pyarrow.parquet as pq

    rows = 0
    reader = cursor.to_arrow_reader()
    with pq.ParquetWriter(target, reader.schema) as writer:
        for batch in reader:
            rows += batch.num_rows
            watch.check(rows)
            writer.write_batch(batch)
    watch.check()


def _end_process(target: Path | None, reason: str) -> None:
    """End this process at once: a query hears no interrupt. What it has written goes."""
    from kc_pipeline.warehouse.connect import spill_of_reader

    shutil.rmtree(spill_of_reader(), ignore_errors=True)
    if target is not None and target.name.startswith(TEMPORARY):
        target.unlink(missing_ok=True)
    os.write(2, f"kc: {reason}\n".encode())
    os._exit(BAD_USAGE)


def write_rows(
    handle: "IO[str] | Output", names: list[str], values: list[tuple[Any, ...]], form: str
) -> None:
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
    if isinstance(value, list | tuple | dict):
        return json.dumps(_json(value), ensure_ascii=False)
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
