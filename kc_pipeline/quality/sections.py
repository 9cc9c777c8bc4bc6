"""Section totals: the rows above a total add up to it.

Which rows belong to a total, and whether all of them are printed, is not known from the labels: a row can be
there without its figure. So a sum is judged by proof: a set of rows above the total that adds up to it in one
column of the table must add up in every other column that prints all of these rows; a row between them that only
the other column prints counts there. A total whose rows add up in no column is not judged. Comprehensive income is
left out: it starts from the group's net result or the parent's share, whichever, and both are alike in many columns.

The sets tried for each total, never reaching above the total before it: all rows since that total; those and
that total itself (`Total current assets` is an addend of `Total assets` where no non-current total is printed);
the rows that share the last row's heading.

A transcript may lack whole rows, so there only balance sheets are judged, and only unbroken runs of rows.
"""

from kc_pipeline.quality.model import Check, identity
from kc_pipeline.quality.statements import TOLERANCE

# A total that is small against its own tolerance proves nothing.
_PROOF = 20

SECTION_SUMS = f"""
WITH cells AS (
  SELECT l.*, regexp_matches(l.label, '^\\s*(total\\b|net\\s+cash\\b)', 'i') AS is_total
  FROM judged_lines l
  WHERE l.statement IN ('balance_sheet', 'income', 'cash_flow') AND l.period_end IS NOT NULL
    AND regexp_full_match(l.unit, '[A-Z]{{3}}') AND l.unit <> 'ADS'
    AND (l.document_kind = 'original' OR l.statement = 'balance_sheet')
  QUALIFY count(*) OVER (PARTITION BY l.document_id, l.table_index, l.row_index, col_key) = 1
), totals AS (
  SELECT document_id, table_index, col_key, row_index AS total_row,
    lag(row_index, 1, -1) OVER (PARTITION BY document_id, table_index, col_key ORDER BY row_index) AS before_row, label
  FROM cells WHERE is_total
), spans AS (
  SELECT t.* EXCLUDE (label), c.row_index, c.value, c.half, c.section, c.is_total,
    last_value(c.section) OVER (PARTITION BY t.document_id, t.table_index, t.col_key, t.total_row ORDER BY c.row_index
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last_section
  FROM totals t JOIN cells c ON c.document_id = t.document_id AND c.table_index = t.table_index AND c.col_key = t.col_key
    AND c.row_index >= t.before_row AND c.row_index < t.total_row
  WHERE NOT regexp_matches(t.label, 'comprehensive', 'i')
), sets AS (
  SELECT document_id, table_index, col_key, total_row, before_row, way, sum(value) AS added, sum(half) AS halves,
    max(half) AS widest, list(row_index ORDER BY row_index) AS all_rows, min(row_index) FILTER (value <> 0) AS first_row
  FROM spans, (VALUES ('since'), ('with'), ('heading')) w(way)
  WHERE CASE way WHEN 'since' THEN row_index > before_row WHEN 'with' THEN true
    ELSE row_index > before_row AND section = last_section END
  GROUP BY ALL HAVING count(*) FILTER (value <> 0) > 1
), proofs AS (
  SELECT DISTINCT s.document_id, s.table_index, s.total_row, s.before_row, s.col_key AS proven_by, s.first_row,
    list_filter(s.all_rows, lambda r: r >= s.first_row) AS rows
  FROM sets s JOIN cells c ON c.document_id = s.document_id AND c.table_index = s.table_index AND c.col_key = s.col_key
    AND c.row_index = s.total_row
  WHERE abs(s.added - c.value) <= s.halves + c.half + 2 * greatest(s.widest, c.half)
    AND abs(c.value) > {_PROOF} * (s.halves + c.half + 2 * greatest(s.widest, c.half))
    AND (c.document_kind = 'original' OR s.total_row - s.all_rows[1] = len(s.all_rows))
), judged AS (
  SELECT any_value(b.company) AS company, p.document_id, p.table_index, p.total_row, b.col_key, p.rows,
    arg_max(b.statement, b.row_index) AS statement, arg_max(b.label, b.row_index) AS label, any_value(b.unit) AS unit,
    min(b.decimals) AS decimals, any_value(b.period_start) AS period_start, any_value(b.period_end) AS period_end,
    sum(b.value) FILTER (b.row_index BETWEEN p.first_row AND p.total_row - 1) AS added,
    max(b.value) FILTER (b.row_index = p.total_row) AS printed_total,
    (sum(b.half) FILTER (b.row_index >= p.first_row) + 2 * max(b.half) FILTER (b.row_index >= p.first_row))::DECIMAL(38,8) AS allowed,
    count(*) FILTER (b.row_index BETWEEN p.first_row AND p.total_row - 1) AS addends
  FROM proofs p
  JOIN cells b ON b.document_id = p.document_id AND b.table_index = p.table_index
    AND b.row_index BETWEEN least(p.before_row + 1, p.first_row) AND p.total_row
  LEFT JOIN cells a ON a.document_id = p.document_id AND a.table_index = p.table_index AND a.row_index = b.row_index
    AND a.col_key = p.proven_by
  -- of the rows inside the span: those of the proven set, and those that the proving column does not print
  WHERE b.row_index = p.total_row OR b.row_index < p.first_row OR list_contains(p.rows, b.row_index) OR a.row_index IS NULL
  GROUP BY p.document_id, p.table_index, p.total_row, p.rows, p.proven_by, b.col_key
  -- all rows of the set are printed; none above it that might belong to it, nil or absent where it was proven
  HAVING count(*) FILTER (list_contains(p.rows, b.row_index)) = any_value(len(p.rows)) AND max(b.row_index) = p.total_row
    AND count(*) FILTER (b.row_index < p.first_row AND b.value <> 0 AND coalesce(a.value, 0) = 0) = 0
), best AS (
  SELECT *, (added - printed_total)::DECIMAL(38,8) AS deviation FROM judged
  QUALIFY row_number() OVER (PARTITION BY document_id, table_index, total_row, col_key
    ORDER BY abs(added - printed_total) > allowed, len(rows) DESC, rows) = 1
)
SELECT company, document_id, table_index, deviation, allowed,
  printed_statement(statement) || ' ' || printed_period(period_start, period_end) || ', table ' || table_index || ': the '
    || addends || ' rows above ' || printed_label(label) || ' (rows ' || rows[1] || ' to ' || rows[-1] || ') = '
    || printed(added, decimals) || ', printed ' || printed(printed_total, decimals) || ': difference '
    || printed(abs(deviation), decimals) || ', allowed ' || printed_allowed(allowed, decimals) || ' ('
    || printed_unit(unit, decimals) || ')' AS message
FROM best"""

SECTION_CHECKS: tuple[Check, ...] = (
    identity(
        "section_totals_add_up",
        "The rows of a section add up to its total",
        "staging.statement_lines",
        "block_document",
        "lines",
        SECTION_SUMS,
        "no total is printed in two columns with the same rows above it, in one of which they add up",
        TOLERANCE,
    ),
)
