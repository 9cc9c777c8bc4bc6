"""Identities inside one column of one statement table; a document that breaks one is kept out.

Each is judged only where every figure of it is printed once in the column (design rule 3: an absent addend
is not zero). Figures carry their concept's sign, so a cost counts as a cost however it was printed.
"""

from kc_pipeline.quality.model import Check, identity

TOLERANCE = "half of every figure's last stated digit, added up, plus one unit of the coarsest"


def column_identity(
    statement: str,
    total: str,
    addends: tuple[tuple[str, int], ...],
    *,
    without: tuple[str, ...] = (),
    last: str | None = None,
) -> str:
    """Return a SELECT of every column that prints a total and all its addends, with the deviation.

    Args:
        statement: kind of statement table
        total: concept of the total
        addends: concepts with their weight (1 or -1)
        without: concepts whose presence in the column makes the sum another one: not judged
        last: the addend that the total must follow: with another row between them, its own parts aside, the
            sum is another one
    """
    parts = [(total, -1), *addends]
    columns = []
    for i, (concept, _) in enumerate(parts):
        mine = f"FILTER (concept = '{concept}' AND segment IS NULL AND counterparty IS NULL)"
        columns.append(
            f"min(amount) {mine} AS v{i}, max(amount) {mine} AS w{i}, max(half) {mine} AS h{i}, min(decimals) {mine} AS d{i},"
            f" arg_min(label, row_index) {mine} AS l{i}"
        )
    known = " AND ".join(f"v{i} = w{i}" for i in range(len(parts)))
    conditions = [f"NOT coalesce(bool_or(concept = '{c}'), false)" for c in without]
    if last is not None:
        row = "FILTER (concept = '{}' AND segment IS NULL AND counterparty IS NULL)"
        conditions.append(
            f"len(list_filter(coalesce(list(row_index) FILTER (parent IS DISTINCT FROM '{last}'), []), lambda r: r >"
            f" max(row_index) {row.format(last)} AND r < min(row_index) {row.format(total)})) = 0"
        )
    total_of = " ".join(f"{'+' if w > 0 else '-'} v{i}" for i, (_, w) in enumerate(parts) if i)
    halves = " + ".join(f"h{i}" for i in range(len(parts)))
    widest = f"greatest({', '.join(f'h{i}' for i in range(len(parts)))})"
    coarsest = f"least({', '.join(f'd{i}' for i in range(len(parts)))})"
    sum_words = " || ".join(
        f"'{' + ' if w > 0 else ' - '}' || printed_label(l{i}) || ' ' || printed(v{i}, {coarsest})"
        for i, (_, w) in enumerate(parts)
        if i
    )
    return f"""
SELECT company, document_id, table_index, deviation, allowed,
  printed_statement('{statement}') || ' ' || printed_period(period_start, period_end) || ', table ' || table_index || ': '
    || ltrim({sum_words}, ' +') || ' = ' || printed(v0 + deviation, {coarsest}) || ', printed ' || printed_label(l0) || ' '
    || printed(v0, {coarsest}) || ': difference ' || printed(abs(deviation), {coarsest}) || ', allowed '
    || printed_allowed(allowed, {coarsest}) || ' (' || printed_unit(unit, {coarsest}) || ')' AS message
FROM (
  SELECT *, ({total_of} - v0)::DECIMAL(38,8) AS deviation, ({halves} + 2 * {widest})::DECIMAL(38,8) AS allowed
  FROM (
    SELECT company, document_id, table_index, period_start, period_end, unit, {", ".join(columns)}
    FROM judged_lines LEFT JOIN (SELECT concept, parent FROM core.concepts) USING (concept)
    WHERE statement = '{statement}' AND period_end IS NOT NULL
    GROUP BY company, document_id, table_index, period_start, period_end, unit, col_key
    HAVING {" AND ".join(conditions) or "true"}
  )
  WHERE {known}
)"""


# Every segment of the company must be printed beside the total: an unknown one is not zero.
_SEGMENTS = """
SELECT company, document_id, table_index, deviation, allowed,
  printed_statement(statement) || ' ' || printed_period(period_start, period_end) || ', table ' || table_index
    || ': revenues of ' || names || ' = ' || printed(total + deviation, coarsest) || ', printed total '
    || printed(total, coarsest) || ': difference ' || printed(abs(deviation), coarsest) || ', allowed '
    || printed_allowed(allowed, coarsest) || ' (' || printed_unit(unit, coarsest) || ')' AS message
FROM (
  SELECT l.company, l.document_id, l.table_index, l.statement, l.period_start, l.period_end, l.unit,
    max(l.amount) FILTER (l.segment IS NULL) AS total,
    (sum(l.amount) FILTER (list_contains(y.segments, l.segment)) - max(l.amount) FILTER (l.segment IS NULL))::DECIMAL(38,8) AS deviation,
    (sum(l.half) + 2 * max(l.half))::DECIMAL(38,8) AS allowed, min(l.decimals) AS coarsest,
    string_agg(l.segment || ' ' || printed(l.amount, l.decimals), ' + ' ORDER BY l.row_index) FILTER (l.segment IS NOT NULL) AS names
  FROM judged_lines l JOIN core.companies y ON y.company = l.company
  WHERE l.concept = 'revenues' AND l.counterparty IS NULL AND l.period_start IS NOT NULL AND len(y.segments) > 0
    AND (l.segment IS NULL OR list_contains(y.segments, l.segment))
  GROUP BY l.company, l.document_id, l.table_index, l.statement, l.period_start, l.period_end, l.unit, l.col_key
  HAVING count(*) FILTER (l.segment IS NULL) = 1
    AND count(DISTINCT l.segment) = any_value(len(y.segments)) AND count(l.segment) = any_value(len(y.segments))
)"""

_PRINTED_TWICE = "no table prints all of its figures in one column"

STATEMENT_CHECKS: tuple[Check, ...] = (
    identity(
        "balance_sheet_balances",
        "Total assets equal total liabilities and equity",
        "staging.statement_lines",
        "block_document",
        "lines",
        column_identity("balance_sheet", "assets", (("liabilities_and_stockholders_equity", 1),)),
        f"{_PRINTED_TWICE}: total assets, total liabilities and equity",
        TOLERANCE,
    ),
    identity(
        "liabilities_and_equity_add_up",
        "Liabilities and equity, non-controlling interests included, add up to total assets",
        "staging.statement_lines",
        "block_document",
        "lines",
        column_identity(
            "balance_sheet",
            "assets",
            (("liabilities", 1), ("stockholders_equity_including_noncontrolling_interest", 1)),
            without=(
                "temporary_equity",
                "redeemable_noncontrolling_interest",
                "liabilities_and_stockholders_equity",
            ),
        ),
        f"{_PRINTED_TWICE}: total assets, total liabilities, total equity with non-controlling interests",
        TOLERANCE,
    ),
    identity(
        "current_and_noncurrent_assets_add_up",
        "Current and non-current assets add up to total assets",
        "staging.statement_lines",
        "block_document",
        "lines",
        column_identity("balance_sheet", "assets", (("assets_current", 1), ("assets_noncurrent", 1))),
        f"{_PRINTED_TWICE}: current, non-current and total assets",
        TOLERANCE,
    ),
    identity(
        "current_and_noncurrent_liabilities_add_up",
        "Current and non-current liabilities add up to total liabilities",
        "staging.statement_lines",
        "block_document",
        "lines",
        column_identity(
            "balance_sheet", "liabilities", (("liabilities_current", 1), ("liabilities_noncurrent", 1))
        ),
        f"{_PRINTED_TWICE}: current, non-current and total liabilities",
        TOLERANCE,
    ),
    identity(
        "gross_profit_is_revenues_less_cost",
        "Gross profit equals revenues less cost of revenues",
        "staging.statement_lines",
        "block_document",
        "lines",
        column_identity(
            "income",
            "gross_profit",
            (("revenues", 1), ("cost_of_revenue", -1)),
            without=("sales_related_taxes",),
            last="cost_of_revenue",
        ),
        f"{_PRINTED_TWICE}: revenues, cost of revenues and gross profit",
        TOLERANCE,
    ),
    identity(
        "segments_add_up",
        "Revenues of the segments add up to total revenues",
        "staging.statement_lines",
        "block_document",
        "lines",
        _SEGMENTS,
        "no table prints the revenues of every segment of its company beside the total",
        TOLERANCE,
    ),
)
