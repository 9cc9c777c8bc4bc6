"""The KPI engine beside a bare pivot of the same facts, vectorised pandas and FinanceToolkit.

    python -m benchmarks.kpis [--companies 1000] [--quarters 60] [--pandas] [--financetoolkit PYTHON] [--threads 2]

The facts are synthetic: per company and quarter one of each figure that the catalogue is made of, all reported, so
that the whole catalogue can be computed. A thousand companies give 3.8 million facts and 25 million values. What is
timed, on the same facts in one run, as elapsed seconds and seconds of processor time (on a machine that others use,
too, only the latter compare):

* floor: DuckDB's PIVOT of the facts, one row per company and quarter with a column per figure, each figure numbered
  by a join first (PIVOT over the names themselves, and one filtered aggregate per figure, are slower; a list per row,
  which is what the engine begins with, is faster and is shown beside it);
* values: the engine's values in the floor's form: one row per company and period with a column per KPI, quarters and
  trailing twelve months, from the engine's own formulas; beside pandas' values;
* intervals: the same with the ends of their intervals; beside pandas with the ends of its intervals;
* rows: what `marts.kpis` is filled from: one row per value, each with its interval, evidence, the day on which
  it was known and remarks, all of which neither the floor nor pandas has;
* FinanceToolkit, under an interpreter that has it: five of its ratios, plain, trailing and as growth, on a sample.

Floor, values, intervals and rows are handed over as Arrow tables, pandas' figures stay in its frames. The engine works
through the companies in the batches of `kpis.compute`. The least of the rounds; memory is the peak of the process up to
there.
"""

import argparse
import json
import os
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.kpis_pandas import values as pandas_values
from kc_pipeline.kpis import catalogue
from kc_pipeline.kpis.comparisons import column_sql
from kc_pipeline.kpis.engine import amount_rows_sql, level_columns_sql, ratio_rows_sql, wide_sql, with_sql
from kc_pipeline.kpis.marts import BATCH, batches, create_levels, plan_for
from kc_pipeline.kpis.plan import COMPARISONS, ONE_QUARTER, Plan, companies_sql, mask, text_sql
from kc_pipeline.schema import ddl, table

# What the catalogue is made of, with the units in which it is wanted (none: the company's currency).
FIGURES: dict[tuple[str, str | None], str] = {
    (t.concept, t.segment): "" if kpi.unit == "currency" else kpi.unit
    for kpi in catalogue().of_kind("amount")
    for terms in kpi.alternatives
    for t in terms
}

# Figures in FinanceToolkit's words.
TOOLKIT_ITEMS = {
    "revenues": "income/Revenue",
    "cost_of_revenue": "income/Cost of Goods Sold",
    "gross_profit": "income/Gross Profit",
    "operating_income_loss": "income/Operating Income",
    "profit_loss": "income/Net Income",
    "assets": "balance/Total Assets",
    "liabilities": "balance/Total Liabilities",
    "net_cash_provided_by_used_in_operating_activities": "cash/Operating Cash Flow",
}


def build(con: duckdb.DuckDBPyConnection, companies: int, quarters: int) -> None:
    """Create core.companies and core.facts with `companies` x `quarters` x `len(FIGURES)` facts."""
    con.execute("CREATE SCHEMA core")
    con.execute(ddl(table("core.companies")))
    con.execute(ddl(table("core.facts")))
    con.execute(f"""
INSERT INTO core.companies BY NAME
SELECT 'C' || lpad(i::VARCHAR, 5, '0') AS company, 'Company ' || i AS name, [] AS tickers, 'CNY' AS reporting_currency,
  '--12-31' AS fiscal_year_end, [] AS segments FROM range({companies}) t(i)""")
    figures = ", ".join(
        f"({n}, '{c}', {text_sql(s)}, {'true' if c in catalogue().instants else 'false'}, '{unit or 'CNY'}')"
        for n, ((c, s), unit) in enumerate(FIGURES.items())
    )
    con.execute(f"""
INSERT INTO core.facts BY NAME
SELECT md5_number_lower(c || '/' || q || '/' || n)::VARCHAR AS fact_id, fact_id AS figure_id,
  'C' || lpad(c::VARCHAR, 5, '0') AS company, 'consolidated' AS scope, concept, segment,
  CASE WHEN at_a_day THEN NULL ELSE start END AS period_start, last_day(start + INTERVAL 2 MONTH) AS period_end,
  CASE WHEN at_a_day THEN NULL ELSE 3 END AS months, unit,
  CASE WHEN concept LIKE '%loss%' AND hash(c, q, n) % 3 = 0 THEN -1 ELSE 1 END
    * (100000 + 10 * n + hash(c, q, n) % 900000)::DECIMAL(38,8) * 1000 AS value,
  -3 AS decimals, 'gaap' AS basis, 'reported' AS origin, 'original' AS evidence,
  last_day(start + INTERVAL 2 MONTH) + 50 AS known_at, 'day' AS known_at_precision, 1 AS version, 'd' AS document_id,
  'f' AS filing_id, 'income' AS statement, '1' AS text
FROM range({companies}) a(c), range({quarters}) b(q), (VALUES {figures}) f(n, concept, segment, at_a_day, unit),
  LATERAL (SELECT (DATE '2010-01-01' + INTERVAL (3 * q) MONTH)::DATE AS start) s""")


def _numbered_sql() -> str:
    """The facts with the number of their figure: company, period_end, figure, value."""
    figures = ", ".join(f"('{c}', {text_sql(s)}, {n})" for n, (c, s) in enumerate(FIGURES))
    return (
        f"SELECT company, period_end, figure, value FROM core.facts f JOIN (VALUES {figures}) t(concept, segment, figure) "
        "ON t.concept = f.concept AND t.segment IS NOT DISTINCT FROM f.segment"
    )


def floor_sql() -> str:
    """Return the bare pivot: one column per figure."""
    numbers = ", ".join(str(n) for n in range(len(FIGURES)))
    return f"PIVOT ({_numbered_sql()}) ON figure IN ({numbers}) USING max(value) GROUP BY company, period_end"


def lists_sql() -> str:
    """Return the facts as one list per company and quarter, from which each figure is taken."""
    columns = ", ".join(f"v[list_position(f, {n})] AS v{n}" for n in range(len(FIGURES)))
    lists = f"SELECT company, period_end, list(figure) AS f, list(value) AS v FROM ({_numbered_sql()}) GROUP BY ALL"
    return f"SELECT company, period_end, {columns} FROM ({lists})"


@dataclass(frozen=True)
class Spent:
    """Elapsed seconds and seconds of processor time, each the least of some rounds."""

    elapsed: float
    cpu: float

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.elapsed + other.elapsed, self.cpu + other.cpu)


def timed(rounds: int, work: Callable[[], object]) -> Spent:
    """Return what `rounds` runs took, the least of each: what other work on the machine adds is never less than nothing."""
    elapsed, cpu = [], []
    for _ in range(rounds):
        begin, processor = time.perf_counter(), time.process_time()
        work()
        elapsed.append(time.perf_counter() - begin)
        cpu.append(time.process_time() - processor)
    return Spent(min(elapsed), min(cpu))


def columns_sql(present: Plan, batch: tuple[int, int], *, intervals: bool) -> str:
    """Return the values of all KPIs as columns, one row per cell, with the ends of their intervals where wanted."""
    parts = {"value": "x", "low": "l", "high": "u"} if intervals else {"value": "x"}
    columns = []
    for kpi in present.kept("amount"):
        columns.append(f"c.{kpi.name}__x AS {kpi.name}")
        if intervals:
            columns += [
                f"c.{kpi.name}__x {sign} c.{kpi.name}__h AS {kpi.name}__{end}"
                for sign, end in (("-", "low"), ("+", "high"))
            ]
    for kpi in present.kept("ratio"):
        columns += [f"c.{kpi.name}__{end} AS {kpi.name}__{part}" for part, end in parts.items()]
    kinds: dict[int, int] = {}
    compared = present.kept(*COMPARISONS)
    for kpi in compared:
        kinds[kpi.lag] = kinds.get(kpi.lag, 0) | mask(kpi)
    for kpi in compared:
        for part in parts:
            text = column_sql(kpi, part, "c", f"p{kpi.lag}")
            if mask(kpi) != kinds[kpi.lag]:  # the others find no earlier period, see below
                text = f"CASE WHEN ({mask(kpi)} >> (c.cell & 7)) & 1 = 1 THEN {text} END"
            columns.append(f"{text} AS {kpi.name}__{part}")
    read: dict[str, set[str]] = {}
    for alias, name in re.findall(r"\b(c|p\d+)\.(\w+__\w+)", ", ".join(columns)):
        read.setdefault(alias, set()).add(name)
    levels = sorted(set.union(*read.values()))
    earlier = {int(alias[1:]): names for alias, names in read.items() if alias != "c"}
    joins = " ".join(
        f"LEFT JOIN (SELECT cell, {', '.join(sorted(names))} FROM l WHERE ({kinds[lag]} >> (cell & 7)) & 1 = 1) p{lag} "
        f"ON p{lag}.cell = c.cell - {lag * ONE_QUARTER}"
        for lag, names in earlier.items()
    )
    relations = {
        "numbered": companies_sql(batch),
        "wide": wide_sql("core.facts", present),
        "l": f"SELECT cell, {', '.join(levels)} FROM ({level_columns_sql(present, compared=True)})",
    }
    return f"""{with_sql(relations)}SELECT c.cell, {", ".join(columns)} FROM l c {joins}"""


def rows_sql(present: Plan) -> str:
    """Return every value as a row, from the engine's temporary tables: cell, number, value, low, high, marks."""
    return f"""SELECT cell, number, value, value - half AS low, value + half AS high, m
FROM (SELECT *, list_avg([exact]) AS value FROM ({amount_rows_sql(present)}))
UNION ALL SELECT cell, number, value, low, high, m FROM ({ratio_rows_sql(present)})"""


def finance_toolkit(con: duckdb.DuckDBPyConnection, python: str, companies: int) -> dict[str, float]:
    """Return seconds, values and version of FinanceToolkit on the facts of the first companies."""
    items = ", ".join(f"('{concept}', '{item}')" for concept, item in TOOLKIT_ITEMS.items())
    script = Path(__file__).with_name("kpis_financetoolkit.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.csv"
        con.execute(f"""COPY (
SELECT company, period_end, item, value::DOUBLE AS value FROM core.facts
JOIN (VALUES {items}) t(concept, item) USING (concept)
WHERE segment IS NULL AND company < 'C' || lpad('{companies}', 5, '0')) TO '{path}'""")
        done = subprocess.run(
            [python, str(script), str(path)], check=True, capture_output=True, text=True, cwd=folder
        )
    out: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return out


def _peak() -> str:
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.1f} GB"


def main() -> None:
    """Run the benchmark and print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--companies", type=int, default=1_000)
    parser.add_argument("--quarters", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory", default="12GB", help="DuckDB's limit; beyond it, it writes to disk")
    parser.add_argument("--pandas", action="store_true", help="also time pandas (needs several GB)")
    parser.add_argument(
        "--financetoolkit",
        metavar="PYTHON",
        default=os.environ.get("KC_FINANCETOOLKIT"),
        help="an interpreter that has FinanceToolkit (or KC_FINANCETOOLKIT)",
    )
    parser.add_argument(
        "--samples", type=int, nargs="*", default=[5, 50], help="companies that FinanceToolkit gets"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "facts.duckdb"))
        con.execute(f"SET threads = {options.threads}; SET memory_limit = '{options.memory}'")
        con.execute("SET preserve_insertion_order = false")
        build(con, options.companies, options.quarters)
        con.execute("CHECKPOINT")
        (facts,) = con.execute("SELECT count(*) FROM core.facts").fetchone() or (0,)
        present = plan_for(con, "core.facts")
        parts = batches(con, BATCH)
        counted: list[int] = []

        def take(text: str) -> int:
            return con.sql(text).to_arrow_table().num_rows

        def columns(intervals: bool) -> None:
            for batch in parts:
                take(columns_sql(present, batch, intervals=intervals))

        def rows() -> None:
            for batch in parts:
                create_levels(con, "core.facts", present, batch)
                counted.append(take(rows_sql(present)))

        def pandas(intervals: bool) -> None:
            counted.append(pandas_values(con, present, intervals=intervals))

        def say(name: str, spent: Spent, values: int, what: str) -> None:
            times = f"{spent.elapsed / floor.elapsed:5.1f} x {spent.cpu / floor.cpu:5.1f} x"
            rate = f"{values / spent.elapsed / 1e6:6.2f}"
            print(f"{name:14s} {spent.elapsed:8.2f} s {spent.cpu:8.2f} s  {times}  {rate}  {_peak()}  {what}")

        kept = present.kept("amount", "ratio", *COMPARISONS)
        print(
            f"{facts:,} facts of {options.companies:,} companies, {options.threads} threads; "
            f"{len(kept)} of {len(catalogue().kpis)} KPIs from {len(FIGURES)} figures"
        )
        print("                  elapsed  processor  (x floor)     million values per second, peak memory")
        floor = timed(options.rounds, lambda: take(floor_sql()))
        say("floor", floor, facts, "PIVOT, facts as columns")
        say(
            "lists",
            timed(options.rounds, lambda: take(lists_sql())),
            facts,
            "facts as columns by way of lists",
        )
        planned = timed(options.rounds, lambda: plan_for(con, "core.facts"))
        engine = planned + timed(options.rounds, lambda: columns(False))
        engine_intervals = planned + timed(options.rounds, lambda: columns(True))
        engine_rows = planned + timed(options.rounds, rows)
        values = sum(counted) // options.rounds
        say("values", engine, values, "values, as columns")
        say("intervals", engine_intervals, 3 * values, "values and the ends of their intervals, as columns")
        say("rows", engine_rows, values, f"one row per value, with interval and marks: {values:,}")
        if options.pandas:
            for intervals in (False, True):
                counted.clear()
                spent = timed(options.rounds, lambda: pandas(intervals))  # noqa: B023  (called at once)
                name, times = ("pandas, ends", 3) if intervals else ("pandas", 1)
                say(name, spent, times * counted[0], f"{counted[0]:,} values, as columns")
        if options.financetoolkit and Path(options.financetoolkit).is_file():
            for sample in sorted({min(n, options.companies) for n in options.samples}):
                found = finance_toolkit(con, options.financetoolkit, sample)
                each, own = found["seconds"] / found["values"], engine.elapsed / values
                print(
                    f"FinanceToolkit {found['version']}: {found['values']:,} values of {sample} companies in "
                    f"{found['seconds']:.2f} s, {each * 1e6:.1f} us a value; engine (values) {own * 1e6:.3f} us, "
                    f"{each / own:.0f} x faster"
                )


if __name__ == "__main__":
    main()
