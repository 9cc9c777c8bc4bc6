"""The KPI engine beside a bare pivot of the same facts and beside vectorised pandas.

    python -m benchmarks.kpis [--companies 1000] [--quarters 60] [--pandas] [--threads 2]

The facts are synthetic: per company and quarter the twenty figures below, 1.2 million facts at the default
size. Ten thousand companies give 12 million facts and some 120 million values. What is timed, on the same facts in one run:

* floor: one GROUP BY that pivots the facts to a column per figure, and nothing else;
* engine: the statement behind `marts.kpis`, one row per value with its interval, evidence and known-at, for
  quarters and trailing twelve months;
* pandas: the quarterly values alone (no intervals, evidence, known-at or trailing months) in vectorised pandas.

Times are wall-clock seconds, medians of the rounds; memory is the peak of the process.
"""

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from kc_pipeline.kpis import catalogue
from kc_pipeline.kpis.plan import plan
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


def timed(rounds: int, work: Callable[[], object]) -> float:
    """Return the median seconds of `rounds` runs."""
    seconds = []
    for _ in range(rounds):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def pandas_values(con: duckdb.DuckDBPyConnection) -> int:
    """Compute the same quarterly values in pandas; return how many there are."""
    import pandas as pd

    facts = con.execute(
        "SELECT company, period_end, concept, segment, value::DOUBLE AS value FROM core.facts"
    ).df()
    name = facts["concept"].where(
        facts["segment"].isna(), facts["concept"] + "/" + facts["segment"].fillna("")
    )
    wide = (
        facts.assign(name=name.astype("category"))
        .pivot_table(index=["company", "period_end"], columns="name", values="value", observed=True)
        .sort_index()
    )
    present = plan(catalogue(), frozenset(FIGURES))
    out: dict[str, pd.Series] = {}
    company = wide.index.get_level_values("company")
    for kpi in present.kept("amount"):
        terms = present.sums[kpi.name][0]
        total = terms[0].weight * wide[terms[0].role]
        for term in terms[1:]:
            total = total + term.weight * wide[term.role]
        out[kpi.name] = total
    for kpi in present.kept("ratio"):
        if kpi.unit in ("pure", "ratio"):
            bottom = out[kpi.over or ""]
            out[kpi.name] = out[kpi.of or ""] / bottom.where(bottom > 0)
    for kpi in present.kept("growth", "change"):
        level = out[kpi.of or ""]
        earlier = level.groupby(company).shift(kpi.lag)
        if kpi.kind == "change":
            out[kpi.name] = level - earlier
        elif kpi.of_loss:
            out[kpi.name] = (level / earlier - 1).where((level < 0) & (earlier < 0))
        else:
            out[kpi.name] = level / earlier.where(earlier > 0) - 1
    return int(pd.DataFrame(out).count().sum())


def main() -> None:
    """Run the benchmark and print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--companies", type=int, default=1_000)
    parser.add_argument("--quarters", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pandas", action="store_true", help="also time pandas (needs several GB)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        con = duckdb.connect(str(Path(folder) / "facts.duckdb"))
        con.execute(f"SET threads = {options.threads}")
        con.execute("SET preserve_insertion_order = false")
        build(con, options.companies, options.quarters)
        (facts,) = con.execute("SELECT count(*) FROM core.facts").fetchone() or (0,)
        present = plan(catalogue(), frozenset(FIGURES))
        rows = rows_sql("core.facts", present)

        def create(text: str) -> float:
            return timed(options.rounds, lambda: con.execute(f"CREATE OR REPLACE TEMP TABLE made AS {text}"))

        print(f"{facts:,} facts of {options.companies:,} companies, {options.threads} threads")
        floor = create(floor_sql())
        print(f"floor   {floor:8.2f} s   bare pivot")
        engine = create(rows)
        (values,) = con.execute("SELECT count(*) FROM made").fetchone() or (0,)
        print(
            f"engine  {engine:8.2f} s   {engine / floor:.1f} x floor, {values:,} values, "
            f"{values / engine / 1e6:.2f} million values a second: one row per value"
        )
        con.execute("DROP TABLE made")
        if options.pandas:
            begin = time.perf_counter()
            count = pandas_values(con)
            seconds = time.perf_counter() - begin
            print(
                f"pandas  {seconds:8.2f} s   {count:,} values, {count / seconds / 1e6:.1f} million values a second"
            )
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(f"memory  {peak:8.1f} GB peak")


if __name__ == "__main__":
    main()
