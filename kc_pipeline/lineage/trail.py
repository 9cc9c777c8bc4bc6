"""Reads a figure's trail out of the warehouse as plain data (dicts of JSON types)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from kc_pipeline.figures.calendars import FiscalCalendar
from kc_pipeline.figures.names import what_there_is
from kc_pipeline.figures.periods import Period
from kc_pipeline.lineage.headings import headings_above

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

NEAR = timedelta(days=20)  # how far a period's last day lies from the declared calendar's at most

_FACT = """
SELECT f.*, d.sha256, d.kind AS document_kind, d.type AS document_type, d.title AS document_title, d.exhibit,
       d.transcript_of, d.path AS document_path, coalesce(d.url, g.url) AS url, g.accession, g.form, g.filing_date,
       g.filing_date_precision
FROM {facts} f JOIN raw.documents d USING (document_id) JOIN raw.filings g ON g.filing_id = f.filing_id
"""


class NotFoundError(LookupError):
    """Nothing of that name is known for that company and period; the message says what is."""


def rows(con: "duckdb.DuckDBPyConnection", sql: str, parameters: list[Any] | None = None) -> list[Row]:
    """Run a query and return its rows as dicts."""
    cursor = con.execute(sql, parameters or [])
    names = [d[0] for d in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def jsonable(value: Any) -> Any:
    """Return a value in JSON types: decimals and dates as strings."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, dict):
        return {k: jsonable(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [jsonable(v) for v in value]
    return value


def explain(con: "duckdb.DuckDBPyConnection", company: str, period: str, name: str) -> Row:
    """Return the whole trail of a figure.

    `name` is a KPI (``gross_margin``) or a concept, with its segment after a slash where it has one
    (``revenues/stores``). The trail of a KPI holds its formula and, per input, the fact and its trail;
    the trail of a fact holds its place, the text as printed, the document, its evidence, every other version
    and every sighting. The keys are those of `lineage.shape`.

    Raises:
        NotFoundError: if the company, the period or the name is not in the warehouse.
    """
    if not rows(con, "SELECT 1 FROM core.companies WHERE company = ?", [company]):
        known = [r["company"] for r in rows(con, "SELECT company FROM core.companies ORDER BY 1")]
        raise NotFoundError(f"company {company!r} is not in the warehouse; {what_there_is(company, known)}")
    if not set("/@") & set(name):
        found = rows(
            con,
            "SELECT * FROM marts.kpis WHERE company = ? AND period = ? AND kpi = ?",
            [company, period, name],
        )
        if found:
            return _kpi_trail(con, found[0])
        absent = rows(
            con,
            "SELECT * FROM marts.kpi_absent WHERE company = ? AND period = ? AND kpi = ?",
            [company, period, name],
        )
        if absent:
            return {"kind": "absent", **absent[0], "waiting": waiting(con, company, period)}
    facts = _facts_of_period(con, company, period, name)
    if not facts:
        kept_out = [f"{w['document_id']} is kept out ({w['reason']})" for w in waiting(con, company, period)]
        raise NotFoundError("; ".join([_what_is_known(con, company, period, name), *kept_out]))
    return {
        "kind": "concept",
        "company": company,
        "period": period,
        "name": name,
        "facts": [_fact_trail(con, fact) for fact in facts],
        "waiting": waiting(con, company, period),
    }


def fiscal_calendar(con: "duckdb.DuckDBPyConnection", company: str) -> FiscalCalendar | None:
    """Return the fiscal calendar of a company in the warehouse; None where it is not there."""
    found = rows(
        con,
        """SELECT coalesce(fiscal_weeks, fiscal_year_end) AS year_end,
             coalesce(fiscal_year_named_after, 'end') AS named_after FROM core.companies WHERE company = ?""",
        [company],
    )
    return FiscalCalendar.parse(found[0]["year_end"], found[0]["named_after"]) if found else None


def fact_trails(con: "duckdb.DuckDBPyConnection", fact_ids: list[str]) -> dict[str, Row]:
    """Return facts with their documents, by fact_id (without versions and sightings)."""
    if not fact_ids:
        return {}
    found = rows(con, _FACT.format(facts="core.facts") + " WHERE list_contains(?, f.fact_id)", [fact_ids])
    return {row["fact_id"]: row for row in found}


def _kpi_trail(con: "duckdb.DuckDBPyConnection", kpi: Row) -> Row:
    inputs = rows(
        con,
        "SELECT role, fact_id FROM marts.kpi_inputs WHERE company = ? AND period = ? AND kpi = ? ORDER BY role, fact_id",
        [kpi["company"], kpi["period"], kpi["kpi"]],
    )
    facts = fact_trails(con, [i["fact_id"] for i in inputs])
    return {
        "kind": "kpi",
        **kpi,
        "inputs": [{"role": i["role"], "fact": _fact_trail(con, facts[i["fact_id"]])} for i in inputs],
        "waiting": waiting(con, kpi["company"], kpi["period"]),
    }


def waiting(con: "duckdb.DuckDBPyConnection", company: str, period: str) -> list[Row]:
    """Return what waits for a person's decision: the documents of a period that the published build keeps out, and why."""
    calendar = fiscal_calendar(con, company) or FiscalCalendar()
    try:
        end = calendar.period(period.removesuffix("-TTM")).end
    except ValueError:
        return []
    return rows(
        con,
        """SELECT q.document_id, q.check_name, string_agg(DISTINCT q.reason, '; ' ORDER BY q.reason) AS reason
           FROM meta.quarantine q JOIN raw.documents d USING (document_id)
           JOIN raw.filings g ON g.filing_id = d.filing_id
           WHERE q.build_id = (SELECT arg_max(build_id, started_at) FROM meta.builds)
             AND q.company = ? AND g.period_of_report BETWEEN ? AND ?
           GROUP BY ALL ORDER BY 1, 2""",
        [company, end - NEAR, end + NEAR],
    )


def _facts_of_period(con: "duckdb.DuckDBPyConnection", company: str, period: str, name: str) -> list[Row]:
    whole, _, counterparty = name.partition("@")
    concept, _, segment = whole.partition("/")
    calendar = fiscal_calendar(con, company) or FiscalCalendar()
    try:
        wanted = calendar.period(period)
    except ValueError as error:
        raise NotFoundError(str(error)) from None
    found = rows(
        con,
        _FACT.format(facts="core.facts_latest")
        + """ WHERE f.company = ? AND f.concept = ? AND coalesce(f.segment, '') = ?
              AND coalesce(f.counterparty, '') = ?
              AND f.period_end BETWEEN ? AND ? AND (f.months IS NULL OR f.months = ?)
              ORDER BY f.scope, f.unit, f.counterparty""",
        [
            company,
            concept,
            segment,
            counterparty,
            wanted.end - NEAR,
            wanted.end + NEAR,
            wanted.months,
        ],
    )
    return [f for f in found if _labels(f, calendar, period)]


def _labels(fact: Row, calendar: FiscalCalendar, period: str) -> bool:
    if fact["period_start"] is None:
        return calendar.number(fact["period_end"]) == calendar.number(calendar.period(period).end)
    try:
        return calendar.label(Period(fact["period_start"], fact["period_end"])) == period
    except ValueError:
        return False


def _fact_trail(con: "duckdb.DuckDBPyConnection", fact: Row) -> Row:
    versions = rows(
        con,
        _FACT.format(facts="core.facts") + " WHERE f.figure_id = ? AND f.fact_id <> ? ORDER BY f.version",
        [fact["figure_id"], fact["fact_id"]],
    )
    revisions = rows(
        con, "SELECT * FROM core.revisions WHERE figure_id = ? ORDER BY later_known_at", [fact["figure_id"]]
    )
    sightings = rows(
        con,
        """SELECT s.*, d.title AS document_title, d.kind AS document_kind
           FROM core.sightings s JOIN raw.documents d USING (document_id) WHERE s.fact_id = ?
           ORDER BY s.known_at, s.document_id, s.table_index NULLS LAST, s.row_index, s.span_start""",
        [fact["fact_id"]],
    )
    conflicts = rows(
        con,
        """SELECT c.*, d.title AS document_title, d.kind AS document_kind
           FROM core.conflicts c JOIN raw.documents d USING (document_id) WHERE c.figure_id = ?
           ORDER BY c.document_id, c.table_index NULLS LAST, c.row_index, c.span_start""",
        [fact["figure_id"]],
    )
    headings = headings_above(
        fact["statement"],
        fact["section"],
        fact["concept"],
        fact["segment"],
        fact["unit"],
        fact["months"] is None,
    )
    trail = {
        **fact,
        "headings": list(headings),
        "other_versions": versions,
        "revisions": revisions,
        "sightings": sightings,
        "conflicts": conflicts,
    }
    if fact["origin"] == "derived":
        trail["inputs"] = _inputs_of(con, fact["fact_id"])
    return trail


def _inputs_of(con: "duckdb.DuckDBPyConnection", fact_id: str) -> list[Row]:
    """Return the reported facts of which a derived one is made, each with its weight and trail."""
    parts = rows(
        con,
        "SELECT input_fact_id, weight FROM core.fact_inputs WHERE fact_id = ? ORDER BY weight DESC, input_fact_id",
        [fact_id],
    )
    facts = fact_trails(con, [p["input_fact_id"] for p in parts])
    inputs = [{"weight": p["weight"], "fact": _fact_trail(con, facts[p["input_fact_id"]])} for p in parts]
    return sorted(inputs, key=lambda i: (-i["weight"], i["fact"]["period_start"]))


def _what_is_known(con: "duckdb.DuckDBPyConnection", company: str, period: str, name: str) -> str:
    periods = rows(con, "SELECT DISTINCT period FROM marts.kpis WHERE company = ? ORDER BY 1", [company])
    if period not in {p["period"] for p in periods}:
        quarters = [
            p["period"] for p in periods if p["period"][4:5] == "Q" and not p["period"].endswith("TTM")
        ]
        span = f"{quarters[0]} to {quarters[-1]}" if quarters else "none"
        return f"nothing is known of {company} in {period}; quarters in the warehouse: {span}"
    names = rows(
        con,
        """SELECT DISTINCT kpi AS name FROM marts.kpis WHERE company = ? AND period = ?
           UNION SELECT DISTINCT concept || coalesce('/' || segment, '') || coalesce('@' || counterparty, '') FROM core.facts_latest WHERE company = ?""",
        [company, period, company],
    )
    if name in {n["name"] for n in names}:
        ends = rows(
            con,
            """SELECT DISTINCT period_end FROM core.facts_latest
               WHERE company = ? AND concept || coalesce('/' || segment, '') || coalesce('@' || counterparty, '') = ? ORDER BY 1 DESC""",
            [company, name],
        )
        shown = ", ".join(str(e["period_end"]) for e in ends[:6]) + (", ..." if len(ends) > 6 else "")
        return f"{company} has no figure {name!r} in {period}; it is known for periods that end on {shown}"
    return f"{company} has no figure {name!r} in {period}; {what_there_is(name, sorted(n['name'] for n in names))}"
