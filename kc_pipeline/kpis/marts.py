"""Fill the KPI marts of a warehouse: values, the facts behind them, the reasons of absence, the summary."""

import duckdb

from kc_pipeline.config.followed import followed
from kc_pipeline.kpis.absent import fill_absent
from kc_pipeline.kpis.bases import with_bases
from kc_pipeline.kpis.catalogue import LAGS, Kind
from kc_pipeline.kpis.engine import kpis_sql, relations, with_sql
from kc_pipeline.kpis.engine import select_sql as _select_sql
from kc_pipeline.kpis.lineage import build_cells, fill_inputs
from kc_pipeline.kpis.nil import with_nil_lines
from kc_pipeline.kpis.of_packs import catalogue
from kc_pipeline.kpis.plan import Plan, kind_sql, plan, quarter_sql, text_sql
from kc_pipeline.schema import ddl, table

# Companies worked on at one time: what bounds memory, whatever their number.
BATCH = 500

_COMPARED: tuple[Kind, ...] = ("growth", "change")
_TEMPORARY = ("numbered", "levels", "kpi_rows", "kpi_cells", "kpi_amount_facts", "kpi_own_facts")


def _create(con: duckdb.DuckDBPyConnection, name: str) -> None:
    con.execute("CREATE SCHEMA IF NOT EXISTS marts")
    con.execute(f"DROP TABLE IF EXISTS {name}")
    con.execute(ddl(table(name)))


def plan_for(con: duckdb.DuckDBPyConnection, facts: str = "core.facts_latest") -> Plan:
    """Return what of the catalogue the facts of this relation can meet.

    `core.breaks`, where there is such a relation, says which comparisons have a break.
    """
    present = con.execute(f"SELECT DISTINCT concept, segment, counterparty FROM {facts}").fetchall()
    known = con.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = 'core' AND table_name = 'breaks'"
    ).fetchone()
    broken = (
        con.execute("SELECT DISTINCT concept, segment, NULL FROM core.breaks").fetchall() if known else []
    )
    return plan(catalogue(), frozenset(present), broken=frozenset(broken))


def select_sql(
    con: duckdb.DuckDBPyConnection, facts: str = "core.facts_latest", among: str = "core.facts"
) -> str:
    """Return a SELECT of all KPIs, with the columns of `marts.kpis`, over the relation `facts`.

    The text can stand inside a table macro, with `facts` a call such as `core.facts_as_of(day)`. `among` is a
    relation that holds at least the concepts of `facts`: KPIs that need others are left out of the statement.
    """
    until = "day" if facts.endswith("(day)") else None
    judged = with_nil_lines(con, with_bases(con, facts, until), until)
    return _select_sql(judged, plan_for(con, with_nil_lines(con, among)))


def create_as_of(con: duckdb.DuckDBPyConnection) -> None:
    """Create the table macro `marts.kpis_as_of(day)`: `marts.kpis` as known at the end of that day.

    Needs the table macro `core.facts_as_of(day)`.

    Raises:
        duckdb.Error: if it is missing.
    """
    text = select_sql(con, "core.facts_as_of(day)")
    con.execute(f"CREATE OR REPLACE MACRO marts.kpis_as_of(day) AS TABLE {text}")


def batches(con: duckdb.DuckDBPyConnection, size: int) -> list[tuple[int, int]]:
    """Return the companies' numbers in batches, first and last of each: what is worked on at one time."""
    (count,) = con.execute("SELECT count(*) FROM core.companies").fetchone() or (0,)
    return [(first, first + size - 1) for first in range(1, count + 1, size)]


def create_levels(
    con: duckdb.DuckDBPyConnection, facts: str, present: Plan, batch: tuple[int, int] | None = None
) -> None:
    """Create the engine's relations as temporary tables: what `kpis_sql` and the reasons of absence read.

    See `kc_pipeline.kpis.engine` for their columns. `batch`: first and last number of the companies; see `batches`.
    """
    numbered, wide, levels = relations(facts, present, batch).values()
    con.execute(f"CREATE OR REPLACE TEMP TABLE numbered AS {numbered}")
    con.execute(f"CREATE OR REPLACE TEMP TABLE levels AS {with_sql({'wide': wide})}{levels}")


def compute(con: duckdb.DuckDBPyConnection, facts: str = "core.facts_latest") -> None:
    """Create and fill `marts.kpis`, `marts.kpi_inputs` and `marts.kpi_absent`.

    Args:
        con: a connection to a warehouse with `core.companies` and the relation of facts.
        facts: a relation or table function with the columns of `core.facts`, one version per figure.

    Raises:
        duckdb.Error: if a relation is missing, or an amount does not fit DECIMAL(38,8).
    """
    facts = with_nil_lines(con, with_bases(con, facts))
    cat, present = catalogue(), plan_for(con, facts)
    for name in ("marts.kpis", "marts.kpi_inputs", "marts.kpi_absent"):
        _create(con, name)
    more = f", {kind_sql('r.cell')} AS kind, {quarter_sql('r.cell')} AS quarter, r.number, k.form, r.use_stated, r.m AS marks"
    names = ", ".join(table("marts.kpis").column_names)
    for batch in batches(con, BATCH):  # numbers follow the alphabet, so that the rows stay in order
        create_levels(con, facts, present, batch)
        con.execute(f"CREATE OR REPLACE TEMP TABLE kpi_rows AS {kpis_sql(present, more)}")
        con.execute(f"INSERT INTO marts.kpis SELECT {names} FROM kpi_rows ORDER BY company, period, kpi")
        build_cells(con, facts, cat)
        fill_inputs(con, cat)
        fill_absent(con, present)
    for name in _TEMPORARY:
        con.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _compared(kpi: str, lag: str) -> str:
    """Return the name of the KPI that compares another with an earlier period; "" for none."""
    known = catalogue().kpis.values()
    return next(
        (
            k.name
            for k in known
            if k.of == kpi and k.lag == LAGS[lag] and k.kind in _COMPARED and not k.of_loss
        ),
        "",
    )


def _fill_headlines(con: duckdb.DuckDBPyConnection) -> None:
    """Create and fill `marts.headlines` from the packs of the companies followed here."""
    _create(con, "marts.headlines")
    rows = [
        (company.id, position, h.label, h.kpi, _compared(h.kpi, "yoy"), _compared(h.kpi, "qoq"))
        for company in followed().companies
        for position, h in enumerate(company.headlines, 1)
    ]
    if not rows:
        return
    listed = ", ".join(
        f"({', '.join(str(v) if isinstance(v, int) else text_sql(v) for v in row)})" for row in rows
    )
    con.execute(f"""
INSERT INTO marts.headlines BY NAME
WITH asked AS (SELECT * FROM (VALUES {listed}) t(company, position, label, kpi, of_year, of_quarter)),
quarters AS (
  SELECT company, period, max(period_end) AS period_end, max(calendar_quarter) AS calendar_quarter
  FROM marts.kpis WHERE period_type = 'quarter' GROUP BY company, period
)
SELECT q.*, a.position, a.label, a.kpi, v.value, v.unit, y.value AS yoy, p.value AS qoq, v.evidence
FROM quarters q JOIN asked a ON a.company = q.company
LEFT JOIN marts.kpis v ON v.company = q.company AND v.period = q.period AND v.kpi = a.kpi
LEFT JOIN marts.kpis y ON y.company = q.company AND y.period = q.period AND y.kpi = a.of_year
LEFT JOIN marts.kpis p ON p.company = q.company AND p.period = q.period AND p.kpi = a.of_quarter
ORDER BY q.company, q.period_end, a.position""")


def summarise(con: duckdb.DuckDBPyConnection) -> None:
    """Create and fill `marts.quarterly_summary` and `marts.headlines` from `marts.kpis` and `marts.anomalies`.

    The columns of the summary are the KPIs of those names; a figure that could not be had is null.

    Raises:
        duckdb.Error: if `marts.kpis` or `marts.anomalies` is missing.
    """
    _fill_headlines(con)
    _create(con, "marts.quarterly_summary")
    known = catalogue().kpis
    headline = [c.name for c in table("marts.quarterly_summary").columns if c.name in known]
    figures = ", ".join(f"max(value) FILTER (kpi = '{name}') AS {name}" for name in headline)
    names = ", ".join(f"'{name}'" for name in headline)
    con.execute(f"""
INSERT INTO marts.quarterly_summary BY NAME
SELECT k.*, coalesce(a.anomalies, 0)::INTEGER AS anomalies
FROM (
  SELECT company, period, max(period_end) AS period_end, max(calendar_quarter) AS calendar_quarter, {figures},
    ['original', 'copy', 'call', 'third_party'][max(list_position(['original', 'copy', 'call', 'third_party'],
      evidence))] AS evidence
  FROM marts.kpis WHERE period_type = 'quarter' AND kpi IN ({names})
  GROUP BY company, period
) k
LEFT JOIN (SELECT company, period, count(*) AS anomalies FROM marts.anomalies GROUP BY company, period) a
USING (company, period)
ORDER BY company, period_end""")
