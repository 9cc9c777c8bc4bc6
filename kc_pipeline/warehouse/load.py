"""From extractions to staging: documents, lines, stated figures, commentary, each with company and concept.

Belongs here: filling `raw`, `staging`, `core.companies` and `core.concepts`. Does not belong here: which line
becomes a fact (facts.py), what a label means (the concepts room; here it is only asked, once per distinct row).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

import duckdb
import pyarrow as pa

from kc_pipeline.concepts import LabelKey, Vocabulary, catalogue, map_table, sign_rule, vocabulary_of
from kc_pipeline.concepts import Mapping as Meaning
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.match import measure_of
from kc_pipeline.concepts.metrics import metric_row
from kc_pipeline.concepts.repeats import Printed, map_repeats, to_compare
from kc_pipeline.concepts.totals import prove_totals
from kc_pipeline.config import Company, following
from kc_pipeline.figures import IN_LABEL
from kc_pipeline.schema import TABLES, arrow_schema, ddl, table
from kc_pipeline.warehouse.declared import break_rows, definition_rows, member_rows, security_rows, split_rows
from kc_pipeline.warehouse.macros import create_views

# Evidence of a figure by its document's kind and its own marks (design rule 1).
_EVIDENCE = """CASE WHEN d.kind = 'original' THEN 'original' WHEN x.grade = 'A' THEN 'copy'
  WHEN x.source_kind = 'transcript' THEN 'call' ELSE 'third_party' END"""

_IN_LABEL = IN_LABEL.replace("'", "''")

# A column under the accounting standard alone ("GAAP" beside "Adjustments" and "Non-GAAP") is the whole.
_OWN_BASIS = (
    r"\W*(?:(?:as\s+)?reported\W+)?(?:u\W?s\W*)?(?:gaap|ifrs)(?:\W+(?:as\s+)?reported)?(?:\W+(?:results?|measures?|basis))?"
    r"(?:\s+(?:rmb|us\$|usd|cny))?\W*"
)


def create_schema(con: duckdb.DuckDBPyConnection) -> None:
    """Create the declared schemas, tables, views and macros with their comments, all empty."""
    statements = [f"CREATE SCHEMA IF NOT EXISTS {s};" for s in dict.fromkeys(t.schema for t in TABLES)]
    statements += [ddl(t) for t in TABLES if not t.is_view]
    con.execute("BEGIN")
    con.execute("\n".join(statements))
    create_views(con)
    con.execute("COMMIT")


def load_staging(
    con: duckdb.DuckDBPyConnection,
    filings: pa.Table,
    documents: pa.Table,
    lines: pa.Table,
    stated: pa.Table,
    commentary: pa.Table,
    warnings: pa.Table,
    companies: Mapping[str, Company],
    definitions: pa.Table | None = None,
) -> None:
    """Fill `raw`, `staging`, `core.companies`, `core.concepts` and what is declared of an empty schema.

    Declared are securities, definitions and breaks; definitions that documents state follow with the facts.

    Args:
        con: connection to the build
        filings: rows for `raw.filings`
        documents: rows for `raw.documents`; lines of superseded ones may be given, they enter no fact
        lines: lines of all documents: `document_id` and columns of `staging.statement_lines` that
            extraction fills; values in whole units with the printed sign
        stated: likewise for `staging.stated_figures`
        commentary: likewise for `staging.commentary`
        warnings: `document_id`, `table_index`, `code`, `message`
        companies: all that are configured; those with documents are written
        definitions: likewise for `staging.definitions`; None for none

    Raises:
        ValueError: if lines have a column that is not declared.
        duckdb.Error: if another table has unknown columns, or one lacks what is required.
        KeyError: if a document's company is not configured.
    """
    known = set(table("staging.statement_lines").column_names)
    unknown = sorted(set(lines.column_names) - known)
    if unknown:
        raise ValueError(
            f"lines have columns that staging.statement_lines does not declare: {', '.join(unknown)}"
        )
    for name, rows in (("raw.filings", filings), ("raw.documents", documents)):
        _insert(con, name, rows)
    present = [r[0] for r in con.execute("SELECT DISTINCT company FROM raw.documents ORDER BY 1").fetchall()]
    followed = [companies[c] for c in present]
    _insert(con, "core.companies", _companies(followed))
    for name, declared in (
        ("core.members", member_rows(followed)),
        ("core.splits", split_rows(followed)),
        ("core.securities", security_rows(followed)),
        ("core.definitions", definition_rows(followed)),
        ("core.breaks", break_rows(followed)),
    ):
        _insert(con, name, pa.Table.from_pylist(declared, schema=arrow_schema(table(name))))
    with following(followed):
        _name_counterparties(con)
        _map_rows(con, lines, {c: companies[c] for c in present})
        _insert_lines(con, lines)
        _insert_prose(con, stated, commentary, definitions, warnings)
        _insert_concepts(con)


def _insert(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("incoming", rows)
    try:
        con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
    finally:
        con.unregister("incoming")


def _companies(companies: Sequence[Company]) -> pa.Table:
    rows = [
        {
            "company": c.id,
            "name": c.name,
            "called": list(c.called),
            "cik": c.cik,
            "tickers": list(c.tickers),
            "reporting_currency": c.reporting_currency,
            "fiscal_year_end": c.calendar.nominal,
            "fiscal_weeks": c.fiscal_year_end if c.calendar.by_weeks else None,
            "fiscal_year_named_after": c.fiscal_year_named_after,
            "segments": [s.id for s in c.segments],
            "segments_add_up_to": list(c.segments_add_up_to),
            "expected_from": c.expected_from,
        }
        for c in companies
    ]
    return pa.Table.from_pylist(rows, schema=arrow_schema(table("core.companies")))


def _name_counterparties(con: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table `figures_of_counterparties`: names of a concept's figure with one counterparty."""
    named = [c for c in catalogue().concepts.values() if c.means is not None]
    _create(
        con,
        "figures_of_counterparties",
        {
            "concept": pa.array([c.name for c in named], pa.string()),
            "means": pa.array([c.means for c in named], pa.string()),
            "counterparty": pa.array([c.counterparty for c in named], pa.string()),
        },
    )


def _map_rows(con: duckdb.DuckDBPyConnection, lines: pa.Table, companies: Mapping[str, Company]) -> None:
    """Create the temporary tables `line_meaning` and `line_member`.

    `line_meaning` has one row per distinct printed row (sha256, synonyms' number, table, row, label, measure,
    instant or not, statement, member of its columns) with concept, segment and rule, as `concepts.map_lines` finds them.
    The same bytes mean the same, so a document is mapped once however often it was filed.
    """
    numbers: dict[Vocabulary, int] = {}
    of_company = {
        c: numbers.setdefault(vocabulary_of(company), len(numbers)) for c, company in companies.items()
    }
    _create(con, "company_synonyms", {"company": list(of_company), "synonyms": list(of_company.values())})
    con.register("incoming_lines", lines)
    try:
        units = [r[0] for r in con.execute("SELECT DISTINCT unit FROM incoming_lines ORDER BY 1").fetchall()]
        _create(con, "unit_measure", {"unit": units, "measure": [measure_of(u) for u in units]})
        apart = "coalesce(l.member, '')" if "member" in lines.column_names else "''"
        con.execute(f"""
CREATE OR REPLACE TEMP TABLE placed_lines AS
SELECT d.company, d.sha256, s.synonyms, u.measure, l.months IS NULL AS instant, {apart} AS apart, l.*
FROM incoming_lines l JOIN raw.documents d ON d.document_id = l.document_id
JOIN company_synonyms s ON s.company = d.company JOIN unit_measure u ON u.unit = l.unit""")
    finally:
        con.unregister("incoming_lines")
    con.execute("""
CREATE OR REPLACE TEMP TABLE one_of_each AS
SELECT sha256, synonyms, min(document_id) AS document_id FROM placed_lines GROUP BY ALL""")
    rows = con.execute(f"""
SELECT l.sha256, l.synonyms, l.table_index, l.row_index, l.label, l.measure, l.instant, l.statement,
  arg_min(l.section, l.col_index) AS section, arg_min(l.unit, l.col_index) AS unit,
  arg_min(l.months, l.col_index) AS months, arg_min(coalesce(l.table_title, ''), l.col_index) AS title, l.apart
FROM placed_lines l JOIN one_of_each USING (sha256, synonyms, document_id)
GROUP BY l.sha256, l.synonyms, l.table_index, l.row_index, l.label, l.measure, l.instant, l.statement, l.apart
ORDER BY l.synonyms, l.sha256, l.table_index, l.row_index,
  min(if(ends_with(l.column_label, '{_IN_LABEL}'), -1, l.col_index)), min(l.col_index)""").fetchall()
    by_number = {number: vocabulary for vocabulary, number in numbers.items()}
    meaning: list[Meaning] = []
    repeats: dict[int, list[int]] = {}
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end][:2] == rows[start][:2]:
            end += 1
        keys = [
            LabelKey(r[7], tuple(r[8]), r[4], r[9], r[10], r[2], r[3], r[11], r[12]) for r in rows[start:end]
        ]
        words = by_number[rows[start][1]]
        found = map_table(keys, words.synonyms, words.concepts)
        for i, others in to_compare(words.synonyms, keys, found, words.concepts).items():
            repeats[start + i] = [start + j for j in others]
        meaning.extend(found)
        start = end
    _map_repeats(con, rows, repeats, meaning)
    _prove_totals(con, rows, meaning)
    _create(
        con,
        "line_meaning",
        {
            "sha256": pa.array([r[0] for r in rows], pa.string()),
            "synonyms": pa.array([r[1] for r in rows], pa.int64()),
            "table_index": pa.array([r[2] for r in rows], pa.int32()),
            "row_index": pa.array([r[3] for r in rows], pa.int32()),
            "label": pa.array([r[4] for r in rows], pa.string()),
            "measure": pa.array([r[5] for r in rows], pa.string()),
            "instant": pa.array([r[6] for r in rows], pa.bool_()),
            "statement": pa.array([r[7] for r in rows], pa.string()),
            "apart": pa.array([r[12] for r in rows], pa.string()),
            "concept": pa.array([m.concept for m in meaning], pa.string()),
            "segment": pa.array([m.segment for m in meaning], pa.string()),
            "mapping_rule": pa.array([m.rule for m in meaning], pa.string()),
        },
    )
    _name_members(con, by_number)


def _map_repeats(
    con: duckdb.DuckDBPyConnection,
    rows: Sequence[Any],
    repeats: Mapping[int, Sequence[int]],
    meaning: list[Meaning],
) -> None:
    """Give rows of summaries and notes the meaning of the statements' rows that they repeat.

    Figures are fetched only for the rows that are to be compared.
    """
    if not repeats:
        return
    wanted = sorted({i for pair in repeats.items() for i in (pair[0], *pair[1])})
    names = (
        "sha256",
        "synonyms",
        "table_index",
        "row_index",
        "label",
        "measure",
        "instant",
        "statement",
    )
    compared = {n: [rows[i][at] for i in wanted] for at, n in enumerate(names)}
    _create(con, "compared", {"place": wanted, **compared, "apart": [rows[i][12] for i in wanted]})
    figures: dict[int, list[Printed]] = {i: [] for i in wanted}
    for place, *printed in con.execute("""
SELECT c.place, l.unit, l.period_end, l.months, coalesce(l.scope, 'consolidated'), l.value, l.decimals
FROM placed_lines l JOIN one_of_each USING (sha256, synonyms, document_id)
JOIN compared c USING (sha256, synonyms, table_index, row_index, label, measure, instant, statement, apart)
ORDER BY c.place, l.col_index""").fetchall():
        figures[place].append(Printed(*printed))
    con.execute("DROP TABLE compared")
    map_repeats(repeats, figures, meaning)


@dataclass(slots=True)
class _Proven:
    """A line of a balance sheet as `prove_totals` takes it."""

    statement: str
    section: tuple[str, ...]
    label: str
    unit: str
    table: int
    row: int
    member: str
    value: Decimal
    period_end: date | None
    concept: str | None
    segment: str | None
    mapping_rule: str | None


def _prove_totals(con: duckdb.DuckDBPyConnection, rows: Sequence[Any], meaning: list[Meaning]) -> None:
    """Set what each unlabelled total of a balance sheet means to what its figures prove, else to nothing.

    Figures are fetched only for the tables that have such a row.
    """
    of_row = {(*r[:8], r[12]): i for i, r in enumerate(rows)}
    tables = sorted({tuple(r[:3]) for r in rows if r[7] == "balance_sheet" and not normalise(r[4])})
    if not tables:
        return
    names = ("sha256", "synonyms", "table_index")
    _create(con, "unlabelled", {n: [t[i] for t in tables] for i, n in enumerate(names)})
    found = con.execute("""
SELECT l.sha256, l.synonyms, l.table_index, l.row_index, l.label, l.measure, l.instant, l.statement,
  l.apart, l.section, l.unit, l.value, l.period_end
FROM placed_lines l JOIN one_of_each USING (sha256, synonyms, document_id)
SEMI JOIN unlabelled USING (sha256, synonyms, table_index)
WHERE l.statement = 'balance_sheet'
ORDER BY l.sha256, l.synonyms, l.table_index, l.row_index, l.col_index""").fetchall()
    con.execute("DROP TABLE unlabelled")
    for _, document in groupby(found, key=lambda r: r[:2]):
        lines: list[_Proven] = []
        at: list[int] = []
        for r in document:
            at.append(of_row[tuple(r[:9])])
            m = meaning[at[-1]]
            section, unit, value, end = r[9:]
            lines.append(
                _Proven(
                    r[7],
                    tuple(section),
                    r[4],
                    unit,
                    r[2],
                    r[3],
                    r[8],
                    value,
                    end,
                    m.concept,
                    m.segment,
                    m.rule,
                )
            )
        prove_totals(lines)
        for i, line in zip(at, lines, strict=True):
            if not normalise(line.label):
                meaning[i] = Meaning(line.concept, line.segment, line.mapping_rule)


def _name_members(con: duckdb.DuckDBPyConnection, words: Mapping[int, Vocabulary]) -> None:
    """Create `line_member`: the columns that are set apart by the name of one of the company's segments."""
    if "member" not in _columns(con, "placed_lines"):
        con.execute("ALTER TABLE placed_lines ADD COLUMN member VARCHAR")
    con.execute(
        f"UPDATE placed_lines SET member = NULL WHERE member = '' OR regexp_full_match(member, '{_OWN_BASIS}', 'i')"
    )
    found = con.execute(
        "SELECT DISTINCT synonyms, member FROM placed_lines WHERE member IS NOT NULL ORDER BY ALL"
    ).fetchall()
    names = {
        n: {normalise(s.label): s.segment for s in own.synonyms if s.concept is None and s.segment}
        for n, own in words.items()
    }
    named = [(n, m, s) for n, m in found if (s := names[n].get(normalise(m))) is not None]
    _create(
        con,
        "line_member",
        {
            "synonyms": pa.array([x[0] for x in named], pa.int64()),
            "member": pa.array([x[1] for x in named], pa.string()),
            "member_segment": pa.array([x[2] for x in named], pa.string()),
        },
    )


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    return [d[0] for d in con.execute(f"SELECT * FROM {name} LIMIT 0").description or ()]


def _create(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Any]) -> None:
    con.register("incoming", pa.table(dict(columns)))
    try:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM incoming")
    finally:
        con.unregister("incoming")


def _insert_lines(con: duckdb.DuckDBPyConnection, lines: pa.Table) -> None:
    """Write the lines with their meaning and the rule for their sign.

    A column set apart by a segment's name is that segment's; set apart by anything else it keeps its
    `member` and enters no fact.
    """
    own = [
        c
        for c in lines.column_names
        if c not in ("segment", "counterparty", "member", "concept", "mapping_rule", "sign_rule")
    ]
    con.execute(f"""
CREATE OR REPLACE TEMP TABLE meant_lines AS
SELECT x.company, coalesce(ends_with(x.column_label, '{_IN_LABEL}'), false) AS in_label, {", ".join(f"x.{c}" for c in own)}, m.concept, coalesce(m.segment, n.member_segment) AS segment,
  m.mapping_rule, CASE WHEN n.member_segment IS NULL OR m.segment <> n.member_segment THEN x.member END AS member,
  {_EVIDENCE} AS evidence
FROM placed_lines x
JOIN raw.documents d ON d.document_id = x.document_id
LEFT JOIN line_meaning m ON m.sha256 = x.sha256 AND m.synonyms = x.synonyms AND m.table_index = x.table_index
  AND m.row_index = x.row_index AND m.label = x.label AND m.measure = x.measure AND m.instant = x.instant
  AND m.statement = x.statement AND m.apart = x.apart
LEFT JOIN line_member n ON n.synonyms = x.synonyms AND n.member = x.member""")
    _turn_signs(con)
    con.execute("""
INSERT INTO staging.statement_lines BY NAME
SELECT l.* EXCLUDE (in_label) REPLACE (coalesce(l.scope, 'consolidated') AS scope, coalesce(a.means, l.concept) AS concept),
  s.sign_rule, a.counterparty
FROM (SELECT * FROM meant_lines) l
LEFT JOIN figures_of_counterparties a ON a.concept = l.concept
LEFT JOIN line_row_signs r ON r.document_id = l.document_id AND r.table_index = l.table_index AND r.row_index = l.row_index
  AND r.label_col = if(l.in_label, l.col_index, -1)
LEFT JOIN sign_contexts s ON s.concept = l.concept AND s.statement = l.statement AND s.label = l.label
  AND s.row_sign = r.row_sign AND s.costs = r.costs AND s.in_label = l.in_label
ORDER BY l.document_id, l.table_index, l.row_index, l.col_index""")
    for name in (
        "one_of_each",
        "placed_lines",
        "meant_lines",
        "line_meaning",
        "line_member",
        "line_row_signs",
        "sign_contexts",
    ):
        con.execute(f"DROP TABLE {name}")


def _turn_signs(con: duckdb.DuckDBPyConnection) -> None:
    """Create `line_row_signs` (how each row and its table print) and `sign_contexts` (the rule for each context).

    The same facts about a row and its table that `concepts.sign_lines` gathers, for all documents at once; a figure
    inside a label is a row of its own (`label_col`, -1 for the figures of the row itself).
    """
    costs = [
        c.name for c in catalogue().concepts.values() if c.kind == "cost" and c.name != "interest_expense"
    ]
    _create(con, "cost_concepts", {"concept": pa.array(costs, pa.string())})
    con.execute("""
CREATE OR REPLACE TEMP TABLE line_row_signs AS
WITH rows AS (
  SELECT document_id, table_index, row_index, if(in_label, col_index, -1) AS label_col,
    CASE WHEN bool_or(value < 0) THEN CASE WHEN bool_or(value > 0) THEN 'mixed' ELSE 'negative' END
      ELSE 'positive' END AS row_sign
  FROM meant_lines GROUP BY ALL
), votes AS (
  SELECT document_id, table_index, sum(sign(value)) AS vote
  FROM meant_lines SEMI JOIN cost_concepts USING (concept) GROUP BY ALL
)
SELECT r.document_id, r.table_index, r.row_index, r.label_col, r.row_sign,
  CASE WHEN v.vote < 0 THEN 'negative' WHEN v.vote > 0 THEN 'positive' ELSE 'unknown' END AS costs
FROM rows r LEFT JOIN votes v ON v.document_id = r.document_id AND v.table_index = r.table_index""")
    contexts = con.execute("""
SELECT DISTINCT l.concept, l.statement, l.label, r.row_sign, r.costs, l.in_label
FROM meant_lines l JOIN line_row_signs r ON r.document_id = l.document_id AND r.table_index = l.table_index
  AND r.row_index = l.row_index AND r.label_col = if(l.in_label, l.col_index, -1)
WHERE l.concept IS NOT NULL ORDER BY ALL""").fetchall()
    rules = [
        sign_rule(c, s, label, row=row, costs=costs, in_label=inside)
        for c, s, label, row, costs, inside in contexts
    ]
    names = ("concept", "statement", "label", "row_sign", "costs")
    columns: dict[str, pa.Array] = {
        n: pa.array([c[i] for c in contexts], pa.string()) for i, n in enumerate(names)
    }
    columns["in_label"] = pa.array([c[5] for c in contexts], pa.bool_())
    turned = [rule if multiplier == -1 else None for multiplier, rule in rules]
    _create(con, "sign_contexts", {**columns, "sign_rule": pa.array(turned, pa.string())})


def _insert_prose(
    con: duckdb.DuckDBPyConnection,
    stated: pa.Table,
    commentary: pa.Table,
    definitions: pa.Table | None,
    warnings: pa.Table,
) -> None:
    orders: dict[str, tuple[str, pa.Table | None, bool]] = {
        "staging.stated_figures": (
            "x.span_start, x.span_end, x.metric, x.segment, x.unit, x.value",
            stated,
            True,
        ),
        "staging.commentary": ("x.span_start, x.span_end, x.text", commentary, True),
        "staging.definitions": ("x.span_start, x.metric, x.segment", definitions, True),
        "staging.warnings": ("x.table_index NULLS FIRST, x.code, x.message", warnings, False),
    }
    for name, (order, rows, sourced) in orders.items():
        if rows is None:
            continue
        stated_there = name == "staging.stated_figures"
        meant = " REPLACE (coalesce(a.means, x.metric) AS metric), a.counterparty" if stated_there else ""
        join = "LEFT JOIN figures_of_counterparties a ON a.concept = x.metric" if stated_there else ""
        con.register("incoming", rows)
        try:
            con.execute(f"""
INSERT INTO {name} BY NAME
SELECT d.company, x.*{meant}, row_number() OVER (PARTITION BY x.document_id ORDER BY {order}) - 1 AS seq
  {f", {_EVIDENCE} AS evidence" if sourced else ""}
FROM incoming x JOIN raw.documents d ON d.document_id = x.document_id
{join}
ORDER BY x.document_id, seq""")
        finally:
            con.unregister("incoming")


def _insert_concepts(con: duckdb.DuckDBPyConnection) -> None:
    """Write the catalogue, and a row for each stated metric (a growth, a change) that it does not list."""
    metrics = con.execute(
        "SELECT metric FROM staging.stated_figures WHERE metric IS NOT NULL UNION SELECT metric FROM staging.definitions"
        " ORDER BY 1"
    ).fetchall()
    known = catalogue().concepts
    declared = [r for r in catalogue().rows_for_core_concepts() if known[r["concept"]].means is None]
    more = [metric_row(m) for (m,) in metrics if m not in catalogue()]
    _insert(
        con,
        "core.concepts",
        pa.Table.from_pylist([*declared, *more], schema=arrow_schema(table("core.concepts"))),
    )
