"""Temporary views and macros that the checks share: figures in words, tolerances, the lines that are judged."""

import duckdb

_MACROS = (
    # The scale in which a figure of these decimals is printed, and the digits after its point.
    "CREATE OR REPLACE TEMP MACRO printed_scale(d) AS CASE WHEN d <= -4 THEN 6 WHEN d <= -1 THEN 3 ELSE 0 END",
    """CREATE OR REPLACE TEMP MACRO printed(v, d) AS
       CASE least(greatest(printed_scale(d) + d, 0), 4)
         WHEN 0 THEN format('{:,.0f}', v::DOUBLE / pow(10, printed_scale(d)))
         WHEN 1 THEN format('{:,.1f}', v::DOUBLE / pow(10, printed_scale(d)))
         WHEN 2 THEN format('{:,.2f}', v::DOUBLE / pow(10, printed_scale(d)))
         WHEN 3 THEN format('{:,.3f}', v::DOUBLE / pow(10, printed_scale(d)))
         ELSE format('{:,.4f}', v::DOUBLE / pow(10, printed_scale(d))) END""",
    # A tolerance is stated to a digit more than its figures: 2.5 thousand.
    """CREATE OR REPLACE TEMP MACRO printed_allowed(v, d) AS
       regexp_replace(format('{:,.2f}', v::DOUBLE / pow(10, printed_scale(d))), '\\.?0+$', '')""",
    """CREATE OR REPLACE TEMP MACRO printed_unit(u, d) AS
       u || CASE printed_scale(d) WHEN 6 THEN ' million' WHEN 3 THEN ' thousand' ELSE '' END""",
    """CREATE OR REPLACE TEMP MACRO printed_period(starts, ends) AS
       CASE WHEN starts IS NULL THEN 'at ' || ends ELSE starts || ' to ' || ends END""",
    """CREATE OR REPLACE TEMP MACRO printed_statement(s) AS
       CASE s WHEN 'balance_sheet' THEN 'balance sheet' WHEN 'income' THEN 'income statement'
         WHEN 'cash_flow' THEN 'cash flow statement' WHEN 'reconciliation' THEN 'reconciliation'
         WHEN 'segment' THEN 'segment table' WHEN 'prose' THEN 'prose' ELSE 'table' END""",
    "CREATE OR REPLACE TEMP MACRO printed_label(l) AS lower(trim(regexp_replace(l, '\\s*[(（].*$', '')))",
    """CREATE OR REPLACE TEMP MACRO printed_place(tab, r, c, s) AS
       CASE WHEN tab IS NULL THEN 'text at character ' || s
         ELSE 'table ' || tab || ' row ' || r || ' column ' || c END""",
    # Half of the last stated digit (figures.half_unit).
    "CREATE OR REPLACE TEMP MACRO half_unit(d) AS (0.5 * pow(10, -d))::DECIMAL(38,10)",
)

# The lines of accepted documents; `amount` has the concept's sign, `col_key` tells the columns of a table apart
# (one heading, one period, one unit), whatever grid column a cell stands in.
_JUDGED_LINES = """
CREATE OR REPLACE TEMP VIEW judged_lines AS
SELECT l.*, CASE WHEN l.sign_rule IS NULL THEN l.value ELSE -l.value END AS amount, half_unit(l.decimals) AS half,
  d.kind AS document_kind,
  md5(concat_ws(chr(31), l.scope, coalesce(l.member, '~'), coalesce(l.period_start::VARCHAR, '~'),
    coalesce(l.period_end::VARCHAR, '~'), l.unit, coalesce(l.column_label, '~'))) AS col_key
FROM staging.statement_lines l
JOIN raw.documents d ON d.document_id = l.document_id AND d.status = 'accepted'
"""


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the shared macros and views as temporary objects of the connection."""
    for macro in _MACROS:
        con.execute(macro)
    con.execute(_JUDGED_LINES)
