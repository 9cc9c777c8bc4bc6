"""The KPI engine beside a bare pivot of the same facts, vectorised pandas and FinanceToolkit.

    python -m benchmarks.kpis [--companies 1000] [--quarters 60] [--pandas] [--financetoolkit PYTHON] [--threads 2]

The facts are synthetic: per company and quarter the twenty figures below, 1.2 million facts at the default
size. Ten thousand companies give 12 million facts and some 127 million values. What is timed, on the same facts
in one run, as elapsed seconds and seconds of processor time (on a machine that others use, too, only the latter
compare):

* floor: one statement that pivots the facts, one row per company and quarter with a column per figure;
* columns: the engine's values alone, in the floor's form: one row per company and period with a column per KPI,
  quarters and trailing twelve months, from the engine's own formulas;
* engine: what `marts.kpis` is filled from: one row per value, each with its interval, evidence, the day on which
  it was known and remarks, all of which neither the floor nor pandas has;
* pandas: the same values with their intervals in vectorised pandas, as columns;
* FinanceToolkit, under an interpreter that has it: five of its ratios, plain, trailing and as growth, on a sample.

Columns and engine work through the companies in the batches of `kpis.compute`; what a batch gave is stored in a
temporary table and replaced by the next one's. The least of the rounds; memory is the peak of the process up to there.
"""

import argparse
import json
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
from kc_pipeline.kpis.comparisons import places, value_sql
from kc_pipeline.kpis.engine import levels_sql, relations
from kc_pipeline.kpis.marts import BATCH, batches, compute_rows, plan_for
from kc_pipeline.kpis.plan import COMPARISONS, ONE_QUARTER, Plan, companies_sql, mask
from kc_pipeline.schema import ddl, table

FIGURES: tuple[tuple[str, str | None], ...] = (
    ("revenues", None),
    ("revenues", "public_cloud"),
    ("revenues", "enterprise_cloud"),
    ("cost_of_revenue", None),
    ("gross_profit", None),
    ("adjusted_gross_profit", None),
    ("research_and_development_expense", None),
    ("selling_and_marketing_expense", None),
    ("general_and_administrative_expense", None),
    ("operating_expenses", None),
    ("operating_income_loss", None),
    ("adjusted_operating_income_loss", None),
    ("profit_loss", None),
    ("adjusted_net_income_loss", None),
    ("adjusted_ebitda", None),
    ("net_cash_provided_by_used_in_operating_activities", None),
    ("capital_expenditures", None),
    ("cash_and_cash_equivalents_at_carrying_value", None),
    ("assets", None),
    ("liabilities", None),
)

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
    """Create core.companies and core.facts with `companies` x `quarters` x 20 facts."""
    con.execute("CREATE SCHEMA core")
    con.execute(ddl(table("core.companies")))
    con.execute(ddl(table("core.facts")))
    con.execute(f"""
INSERT INTO core.companies BY NAME
SELECT 'C' || lpad(i::VARCHAR, 5, '0') AS company, 'Company ' || i AS name, [] AS tickers, 'CNY' AS reporting_currency,
  '--12-31' AS fiscal_year_end, [] AS segments FROM range({companies}) t(i)""")
    figures = ", ".join(
        f"({n}, '{c}', {'NULL' if s is None else repr(s)}, {'true' if c in catalogue().instants else 'false'})"
        for n, (c, s) in enumerate(FIGURES)
    )
    con.execute(f"""
INSERT INTO core.facts BY NAME
SELECT md5_number_lower(c || '/' || q || '/' || n)::VARCHAR AS fact_id, fact_id AS figure_id,
  'C' || lpad(c::VARCHAR, 5, '0') AS company, 'consolidated' AS scope, concept, segment,
  CASE WHEN at_a_day THEN NULL ELSE start END AS period_start, last_day(start + INTERVAL 2 MONTH) AS period_end,
  CASE WHEN at_a_day THEN NULL ELSE 3 END AS months, 'CNY' AS unit,
  CASE WHEN concept LIKE '%loss%' AND hash(c, q, n) % 3 = 0 THEN -1 ELSE 1 END
    * (100000 + 10 * n + hash(c, q, n) % 900000)::DECIMAL(38,8) * 1000 AS value,
  -3 AS decimals, 'gaap' AS basis, 'reported' AS origin, 'original' AS evidence,
  last_day(start + INTERVAL 2 MONTH) + 50 AS known_at, 'day' AS known_at_precision, 1 AS version, 'd' AS document_id,
  'f' AS filing_id, 'income' AS statement, '1' AS text
FROM range({companies}) a(c), range({quarters}) b(q), (VALUES {figures}) f(n, concept, segment, at_a_day),
  LATERAL (SELECT (DATE '2010-01-01' + INTERVAL (3 * q) MONTH)::DATE AS start) s""")


def floor_sql() -> str:
    """Return the bare pivot: one column per figure."""
    columns = ", ".join(
        f"max(value) FILTER (concept = '{c}' AND segment IS NOT DISTINCT FROM {'NULL' if s is None else repr(s)})"
        for c, s in FIGURES
    )
    return f"SELECT company, period_end, {columns} FROM core.facts GROUP BY company, period_end"


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


def columns_sql(present: Plan, batch: tuple[int, int]) -> str:
    """Return the values of all KPIs that can be computed as columns, one row per cell."""
    amounts, ratios = places(present)
    columns = [f"c.x[{at}]" for at in amounts.values()] + [f"c.rx[{at}]" for at in ratios.values()]
    compared = [k for k in present.kept(*COMPARISONS) if k.name in present.computable]
    lags = sorted({k.lag for k in compared})
    # a comparison over less or more than a year is made of quarters, or of whole years, only
    columns += [
        f"CASE WHEN ({mask(k)} >> (c.cell & 7)) & 1 = 1 THEN {value_sql(k, present, 'c', f'p{k.lag}')} END"
        for k in compared
    ]
    levels = levels_sql("core.facts", present, {"x", "h", "rx"})
    joins = " ".join(f"LEFT JOIN l p{lag} ON p{lag}.cell = c.cell - {lag * ONE_QUARTER}" for lag in lags)
    return f"""WITH numbered AS ({companies_sql(batch)}),
l AS MATERIALIZED ({levels})
SELECT c.cell, {", ".join(columns)} FROM l c {joins}"""


def finance_toolkit(con: duckdb.DuckDBPyConnection, python: str, companies: int) -> dict[str, float]:
    """Return seconds and values of FinanceToolkit on the facts of the first companies."""
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
    parser.add_argument("--financetoolkit", metavar="PYTHON", help="an interpreter that has FinanceToolkit")
    parser.add_argument("--sample", type=int, default=50, help="companies that FinanceToolkit gets")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "facts.duckdb"))
        con.execute(f"SET threads = {options.threads}; SET memory_limit = '{options.memory}'")
        con.execute("SET preserve_insertion_order = false")
        build(con, options.companies, options.quarters)
        con.execute("CHECKPOINT")
        (facts,) = con.execute("SELECT count(*) FROM core.facts").fetchone() or (0,)
        present = plan_for(con, "core.facts")
        kept = present.kept("amount", "ratio", *COMPARISONS)

        def create(name: str, text: str) -> Spent:
            return timed(
                options.rounds, lambda: con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {text}")
            )

        def say(name: str, spent: Spent, values: int, what: str) -> None:
            times = f"{spent.elapsed / floor.elapsed:5.1f} x {spent.cpu / floor.cpu:5.1f} x"
            rate = f"{values / spent.cpu / 1e6:6.2f}" if values else " " * 6
            print(f"{name:9s} {spent.elapsed:8.2f} s {spent.cpu:8.2f} s  {times}  {rate}  {_peak()}  {what}")

        print(
            f"{facts:,} facts of {options.companies:,} companies, {options.threads} threads; "
            f"{len(kept)} of {len(catalogue().kpis)} KPIs can be met from {len(FIGURES)} figures"
        )
        print(
            "             elapsed  processor  (x floor)     million values per processor second, peak memory"
        )
        floor = create("floor", floor_sql())
        say("floor", floor, facts, "bare pivot")
        con.execute("DROP TABLE floor")
        counts: list[int] = []
        parts = batches(con, BATCH)

        def columns() -> None:
            for batch in parts:
                con.execute(f"CREATE OR REPLACE TEMP TABLE columns AS {columns_sql(present, batch)}")

        def rows() -> None:
            for batch in parts:
                compute_rows(con, "core.facts", present, batch)
                counts.extend(
                    con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
                    for name in ("amount_rows", "ratio_rows")
                )

        planned = timed(options.rounds, lambda: plan_for(con, "core.facts"))
        engine = planned + timed(options.rounds, rows)
        values = sum(counts) // options.rounds
        for name in relations("core.facts", present):
            con.execute(f"DROP TABLE {name}")
        say(
            "columns",
            planned + timed(options.rounds, columns),
            values,
            "values only, one row per period (memory: that of engine)",
        )
        con.execute("DROP TABLE columns")
        say("engine", engine, values, f"one row per value: {values:,}")
        if options.pandas:
            counted: list[int] = []
            spent = timed(options.rounds, lambda: counted.append(pandas_values(con, present)))
            say("pandas", spent, counted[0], f"values with intervals, as columns: {counted[0]:,}")
        if options.financetoolkit:
            sample = min(options.sample, options.companies)
            found = finance_toolkit(con, options.financetoolkit, sample)
            each, own = found["seconds"] / found["values"], engine.elapsed / values
            print(
                f"FinanceToolkit {found['version']}: {found['values']:,} values of {sample} companies in "
                f"{found['seconds']:.2f} s, {each * 1e6:.1f} us a value; engine {own * 1e6:.3f} us, "
                f"{each / own:.0f} x faster"
            )


if __name__ == "__main__":
    main()
