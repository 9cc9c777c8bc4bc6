"""Runs checks and writes what they found; knows nothing about any of them."""

from collections.abc import Iterable
from typing import Any

import duckdb

from kc_pipeline.quality.catalogue import CATALOGUE
from kc_pipeline.quality.model import FAILING_COLUMNS, STAGES, Check
from kc_pipeline.quality.words import prepare


def run_checks(
    con: duckdb.DuckDBPyConnection, build_id: str, stage: str, checks: Iterable[Check] = CATALOGUE
) -> list[dict[str, Any]]:
    """Run the checks of a stage and write `meta.check_results` and `meta.check_failures`.

    Results of the same build and check are replaced. A check that raises is `error`, one that could judge
    nothing is `not_evaluable`; `passed` needs judged rows and no failing one.

    Args:
        con: connection to the build
        build_id: the build
        stage: `lines` (before facts), `facts` or `marts`
        checks: those to choose from; others than the catalogue's in tests

    Returns:
        One dict per check: the columns of `meta.check_results`, and `failures`, a list of dicts.

    Raises:
        ValueError: if the stage is unknown.
    """
    if stage not in STAGES:
        raise ValueError(f"unknown stage {stage!r}: expected one of {', '.join(STAGES)}")
    prepare(con)
    return [_run(con, build_id, check) for check in checks if check.stage == stage]


def _run(con: duckdb.DuckDBPyConnection, build_id: str, check: Check) -> dict[str, Any]:
    judged, largest, message = 0, None, ""
    failures: list[dict[str, Any]] = []
    try:
        row = con.execute(check.judged).fetchone()
        judged, largest = (int(row[0]), row[1]) if row else (0, None)
        found = con.execute(
            f"SELECT {', '.join(FAILING_COLUMNS)} FROM ({check.failing})"
            " ORDER BY company, document_id, table_index, message, deviation"
        ).fetchall()
        failures = [dict(zip(FAILING_COLUMNS, f, strict=True)) for f in found]
    except duckdb.Error as error:
        status, message = "error", f"the check could not be run: {_one_line(error)}"
    else:
        if failures:
            status = "failed"
            message = failures[0]["message"] + (
                f" (and {len(failures) - 1} more)" if len(failures) > 1 else ""
            )
        elif judged:
            status, message = "passed", f"{judged:,} judged"
        else:
            status, message = "not_evaluable", check.lacking
    result: dict[str, Any] = {
        "build_id": build_id,
        "check_name": check.name,
        "relation": check.relation,
        "status": status,
        "severity": check.severity,
        "judged_rows": judged,
        "failing_rows": len(failures),
        "tolerance": check.tolerance,
        "largest_deviation": largest,
        "message": message,
    }
    _write(con, result, failures)
    return {**result, "failures": failures}


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:500]


def _write(con: duckdb.DuckDBPyConnection, result: dict[str, Any], failures: list[dict[str, Any]]) -> None:
    import pyarrow as pa

    from kc_pipeline.schema import arrow_schema, table

    build_id, name = result["build_id"], result["check_name"]
    rows = [{"build_id": build_id, "check_name": name, "seq": i, **f} for i, f in enumerate(failures)]
    for qualified, content in (("meta.check_failures", rows), ("meta.check_results", [result])):
        con.execute(
            f"DELETE FROM {qualified} WHERE build_id = {_text(build_id)} AND check_name = {_text(name)}"
        )
        if not content:
            continue
        con.register("incoming", pa.Table.from_pylist(content, schema=arrow_schema(table(qualified))))
        try:
            con.execute(f"INSERT INTO {qualified} BY NAME SELECT * FROM incoming")
        finally:
            con.unregister("incoming")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
