"""One SQL statement, generated from the catalogue, that computes every KPI of every company and period.

The path of a figure through the statement:

* `wide`: the facts that KPIs may use (consolidated scope, the reporting currency), one row per
  cell (company, fiscal quarter, kind of period), one group of columns per input;
* `periods`: the same with the trailing twelve months added, from four quarters that must all be there;
* `levels`: declared sums, then ratios with the issuer's own figure beside them, as lists with a place for each KPI;
* `amount_rows_sql` and `ratio_rows_sql`: one row per company, period and KPI, keys and marks as integers; among the latter
  the comparisons of each period with the one a quarter, a year or three years earlier, by position in the calendar;
* `kpis_sql`: the same with names and words.

Sums and differences are decimals; a ratio is taken in DOUBLE, and intervals are the corners of the inputs'.
Does not belong here: which facts stand behind a value (lineage) and why one is absent (absent).
"""

from collections.abc import Iterable

from kc_pipeline.figures.calendar_sql import calendar_quarter_sql, label_sql
from kc_pipeline.kpis import columns as col
from kc_pipeline.kpis.breaks import blocked_sql, breaks_sql
from kc_pipeline.kpis.catalogue import PERIOD_TYPES, Catalogue, Kpi
from kc_pipeline.kpis.comparisons import comparison_rows_sql
from kc_pipeline.kpis.plan import (
    COMPARISONS,
    ONE_QUARTER,
    Plan,
    companies_sql,
    kind_sql,
    labelled_sql,
    mask,
    number_sql,
    quarter_sql,
    text_sql,
)
from kc_pipeline.schema import AMOUNT

ALL_KINDS = (1 << len(PERIOD_TYPES)) - 1


def catalogue_sql(cat: Catalogue) -> str:
    """Return a SELECT of what the catalogue says of a KPI's place among others.

    Columns: number, kpi, form (its kind), mask (of kinds of period), specific, over, of, lag (quarters), of_loss,
    instant (a balance at a day).
    """
    rows = [
        f"({number}, {text_sql(k.name)}, {text_sql(k.kind)}, {mask(k)}, {k.specific}, {text_sql(k.over)}, "
        f"{text_sql(k.of)}, {k.lag}, {k.of_loss}, {k.instant})"
        for number, k in enumerate(cat.kpis.values())
    ]
    names = "number, kpi, form, mask, specific, over, of, lag, of_loss, instant"
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS t({names})"


def _words_sql(plan: Plan) -> str:
    """What is said of the KPIs in the statement: number, kpi, form, unit, formula, trailing_formula."""
    kept = set(plan.kept("amount", "ratio", *COMPARISONS))
    rows = [
        f"({number}, {text_sql(k.name)}, {text_sql(k.kind)}, {'NULL' if k.unit == 'currency' else text_sql(k.unit)}, "
        f"{text_sql(k.formula)}, {text_sql(plan.cat.trailing_formula(k))})"
        for number, k in enumerate(plan.cat.kpis.values())
        if k in kept
    ]
    rows = rows or ["(NULL::INTEGER, '', '', '', '', '')"]
    return (
        f"SELECT * FROM (VALUES {', '.join(rows)}) AS t(number, kpi, form, unit, formula, trailing_formula)"
    )


def _added(columns: Iterable[str], before: str = ",\n  ") -> str:
    return "".join(f"{before}{text}" for text in columns)


def wide_sql(facts: str, plan: Plan) -> str:
    """Return a SELECT of the cells: cell, period_start, period_end and the columns of every input.

    A cell of several quarters without a flow of that length is none.
    """
    inputs = (*plan.numbers.values(), *plan.stated.values())
    # how many inputs have facts here: one bit each, a word of bits for every 64
    known = " + ".join(
        f"bit_count(bit_or(CASE WHEN input >> 6 = {word} THEN 1::UBIGINT << (input & 63)::UBIGINT ELSE 0 END))::INTEGER"
        for word in range(max(inputs, default=0) // 64 + 1)
    )
    # Lists per cell, where more than one fact of an input stands: the best first. One group per cell, rather than
    # one per figure, and a list rather than a pair of aggregates per input, are far cheaper.
    return f"""WITH cells AS (
SELECT cell, max(period_start) AS period_start, max(period_end) AS period_end, list(input) AS inputs,
  list(value) AS v, list(rank) AS r, {known} < count(*) AS doubled
FROM ({labelled_sql(facts, plan)}) GROUP BY cell HAVING cell & 7 = 0 OR max(period_start) IS NOT NULL
),
ordered AS (SELECT *, CASE WHEN doubled THEN list_grade_up(r, 'DESC') END AS best FROM cells),
chosen AS (
SELECT cell, period_start, period_end{_added(f"CASE WHEN doubled THEN list_select({c}, best) ELSE {c} END AS {c}" for c in ("inputs", "v", "r"))}
FROM ordered
),
unpacked AS (SELECT *{_added(f"{text} AS {c}" for c, text in col.unpacked_sql().items())} FROM chosen),
places AS (SELECT *{_added(f"list_position(inputs, {n}) AS i{n}" for n in inputs)} FROM unpacked)
SELECT cell, period_start, period_end{_added(f"{c}[i{n}] AS {c}{n}" for n in inputs for c in "vxhm")} FROM places"""


def _periods(plan: Plan) -> str:
    inputs = ", ".join(col.input_columns(n) for n in (*plan.numbers.values(), *plan.stated.values()))
    breaks = (
        f"\nLEFT JOIN ({blocked_sql(plan)}) t ON t.number = {number_sql('a.cell')}" if plan.breaking else ""
    )
    return f"""SELECT cell, period_start, period_end, {inputs}
FROM wide
UNION ALL
SELECT a.cell | 4, d.period_start, a.period_end,
  {col.trailing_sql(plan)}
FROM wide a
LEFT JOIN wide b ON b.cell = a.cell - {ONE_QUARTER}
LEFT JOIN wide c ON c.cell = a.cell - {2 * ONE_QUARTER}
LEFT JOIN wide d ON d.cell = a.cell - {3 * ONE_QUARTER}{breaks}
WHERE a.cell & 7 = 0"""


def level_columns_sql(plan: Plan, *, compared: bool = False) -> str:
    """Return a SELECT, from `wide`, of amounts and ratios per cell: cell, period_start, period_end, columns per KPI.

    The names of the columns are in `kpis.columns`. `wide` stands outside, since DuckDB leaves out what nobody
    reads of a CTE only where it is not nested. `compared`: see `columns.divisors`.
    """
    amounts, ratios = plan.kept("amount"), plan.kept("ratio")
    dividing = col.divisors(plan, compared=compared)
    stated = [col.input_columns(n) for n in plan.stated.values()]
    timed = any(k.unit in ("days", "months") for k in ratios)
    length = ", period_end - period_start + 1 AS days, [3, 6, 9, 12, 12][(cell & 7) + 1] AS months"
    return f"""WITH periods AS ({_periods(plan)}),
amounts AS (
SELECT cell, period_start, period_end{length if timed else ""}{_added([*stated, *(col.amount_sql(k, plan) for k in amounts)])}
FROM periods
),
bounded AS (SELECT *{_added(map(col.divisor_sql, dividing))} FROM amounts),
ratios AS (SELECT *{_added(col.ratio_sql(k, plan) for k in ratios)} FROM bounded)
SELECT *{_added(col.chosen_sql(k, plan) for k in ratios if k.name in plan.stated)} FROM ratios"""


def levels_sql(plan: Plan) -> str:
    """Return a SELECT, from `wide`, of amounts and ratios per cell: cell, period_start, period_end, lists."""
    lists = col.amount_lists(plan) | col.ratio_lists(plan) | col.comparison_lists(plan)
    return f"""SELECT cell, period_start, period_end{_added(f"{text} AS {name}" for name, text in lists.items())}
FROM ({level_columns_sql(plan)})"""


def _unnested(plan: Plan, kpis: tuple[Kpi, ...], lists: dict[str, str]) -> str:
    """Lists of the levels as rows, where the KPI applies to the kind of period."""
    position = {name: i for i, name in enumerate(plan.cat.kpis)}
    numbers = ", ".join(str(position[k.name]) for k in kpis)
    columns = _added(f"unnest({name}) AS {alias}" for alias, name in lists.items())
    kinds = ", ".join(str(mask(k)) for k in kpis)
    everywhere = all(mask(k) == ALL_KINDS for k in kpis)
    masks = "" if everywhere else f", unnest([{kinds}]) AS mask"
    applies = "" if everywhere else " AND (mask >> (cell & 7)) & 1 = 1"
    return (
        f"(SELECT cell, unnest([{numbers}]::SMALLINT[]) AS number{masks}{columns} FROM levels)\n"
        f"WHERE {next(iter(lists))} IS NOT NULL{applies}"
    )


def amount_rows_sql(plan: Plan) -> str:
    """Return a SELECT from `levels`: cell, number (of the KPI), exact, half (width of the interval), m (marks)."""
    kpis = plan.kept("amount")
    if not kpis:
        return f"SELECT 0::BIGINT AS cell, 0::SMALLINT AS number, 0::{AMOUNT} AS exact, 0::DOUBLE AS half, 0 AS m WHERE false"
    lists = {"exact": "v", "half": "h", "m": "m"}
    return f"SELECT cell, number, exact, half, m FROM {_unnested(plan, kpis, lists)}"


def ratio_rows_sql(plan: Plan) -> str:
    """Return a SELECT from `levels`, with a WITH clause of its own where something has a break.

    Columns: cell, number (of the KPI), value, low, high, m (marks); where something in the plan can be stated
    also stated, computed, use_stated, reason (index into REASONS: why nothing is computed beside it).
    """
    ratios = col.stated_first(plan.kept("ratio"), plan)
    parts = []
    if ratios:
        lists = {"value": "rx", "low": "rl", "high": "ru", "m": "rm"}
        own = col.UNSTATED if plan.stated else ""
        if ratios[0].name in plan.stated:
            # the lists of what only stated figures have are shorter; unnest pads them with null
            lists |= {"s": "rs", "c": "rc", "w": "rw", "r": "rr"}
            own = (
                ", s AS stated, CASE WHEN w THEN c ELSE value END AS computed, coalesce(w, false) AS use_stated, "
                f"coalesce(r, {col.MISSING}) AS reason"
            )
        parts.append(f"SELECT cell, number, value, low, high, m{own}\nFROM {_unnested(plan, ratios, lists)}")
    parts += comparison_rows_sql(plan)
    if not parts:
        return (
            "SELECT 0::BIGINT AS cell, 0::SMALLINT AS number, 0::DOUBLE AS value, 0::DOUBLE AS low, "
            "0::DOUBLE AS high, 0 AS m WHERE false"
        )
    broken = f"WITH breaks AS ({breaks_sql(plan)})\n" if plan.broken else ""
    return broken + "\nUNION ALL\n".join(parts)


def kpis_sql(plan: Plan, more: str = "") -> str:
    """Return a SELECT with the columns of `marts.kpis` from `numbered` and `levels`.

    `more` are further columns, over r (the row), k (the catalogue) and c (the company).
    """
    words = "'stated in the document, not computed here'"
    reasons = "[" + ", ".join(text_sql(r) for r in col.REASONS[1:]) + "]"
    decimal = "::DECIMAL(38,10)"
    if plan.stated:
        own = f"stated{decimal} AS stated_value, computed{decimal} AS computed_value, use_stated, reason"
    else:
        own = f"NULL{decimal} AS stated_value, value{decimal} AS computed_value, false AS use_stated, 0 AS reason"
    kind, quarter = kind_sql("r.cell"), quarter_sql("r.cell")
    formula = f"CASE WHEN {kind} = {PERIOD_TYPES.index('ttm')} THEN k.trailing_formula ELSE k.formula END"
    return f"""
SELECT c.company, {label_sql(kind, quarter)} AS period, {period_type_sql(kind)} AS period_type,
  p.period_start, p.period_end, {calendar_quarter_sql("p.period_end")} AS calendar_quarter, k.kpi,
  r.value, r.low, r.high, r.stated_value, r.computed_value, coalesce(k.unit, c.reporting_currency) AS unit,
  CASE WHEN r.use_stated THEN 'stated' WHEN k.form = 'amount' AND r.m & {col.DERIVED} = 0 THEN 'reported'
       ELSE 'derived' END AS origin,
  CASE WHEN r.m & 4 > 0 THEN 'third_party' WHEN r.m & 2 > 0 THEN 'call'
       WHEN r.m & 1 > 0 THEN 'copy' ELSE 'original' END AS evidence,
  {col.known_sql("r.m")} AS known_at,
  CASE WHEN NOT r.use_stated THEN {formula} WHEN r.computed_value IS NULL THEN {words}
       ELSE {words} || ', within the interval of ' || {formula} END AS formula,
  CASE WHEN r.computed_value IS NULL THEN {reasons}[r.reason] END AS computed_absent,
  nullif(concat_ws('; ',
    CASE WHEN r.m & {col.LOW_BASE} > 0 THEN 'low_base: the base is under 3 % of revenues' END,
    CASE WHEN r.m & {col.PROFIT_TO_LOSS} > 0 THEN 'profit_to_loss: a profit turned into a loss' END,
    CASE WHEN r.m & {col.ACROSS_BREAK} > 0 THEN 'across_break: ' || b.note END,
    CASE WHEN r.m & {col.SUSPECT} > 0 THEN 'suspect: an input is contradicted by its document or by another of the same day, or was printed before the revenues of its period were restated' END,
    CASE WHEN r.m & {col.CONTRADICTED} > 0 THEN 'contradicted: the document states it, or a part of it, otherwise' END
  ), '') AS remark{more}
FROM (
  SELECT cell, number, exact{decimal} AS value, (exact{decimal} - half{decimal}){decimal} AS low,
    (exact{decimal} + half{decimal}){decimal} AS high, NULL{decimal} AS stated_value,
    exact{decimal} AS computed_value, false AS use_stated, 0 AS reason, m
  FROM ({amount_rows_sql(plan)})
  UNION ALL
  SELECT cell, number, value{decimal}, low{decimal}, high{decimal}, {own}, m FROM ({ratio_rows_sql(plan)})
) r
JOIN levels p ON p.cell = r.cell
JOIN numbered c ON c.number = {number_sql("r.cell")}
JOIN ({_words_sql(plan)}) k ON k.number = r.number
ASOF LEFT JOIN ({_notes_sql(plan)}) b ON b.company = c.company AND b.kpi = k.kpi AND p.period_end >= b.break_date"""


def _notes_sql(plan: Plan) -> str:
    """What is to be said of comparisons across annotated breaks: company, kpi, break_date, note."""
    rows = [
        f"({text_sql(kpi)}, {text_sql(concept)}, {text_sql(segment)})"
        for kpi, measures in plan.broken.items()
        for concept, segment, _ in measures
    ]
    if not rows:
        return "SELECT '' AS company, '' AS kpi, DATE '1970-01-01' AS break_date, '' AS note WHERE false"
    return f"""SELECT b.company, t.kpi, b.break_date, string_agg(DISTINCT b.note, ', ' ORDER BY b.note) AS note
FROM core.breaks b JOIN (VALUES {", ".join(rows)}) t(kpi, concept, segment)
  ON t.concept = b.concept AND t.segment IS NOT DISTINCT FROM b.segment
WHERE b.effect = 'annotate' GROUP BY ALL"""


def period_type_sql(kind: str) -> str:
    """Return the SQL that turns a kind's number into the word of `period_type`."""
    return f"[{', '.join(text_sql(p) for p in PERIOD_TYPES)}][{kind} + 1]"


def relations(facts: str, plan: Plan, batch: tuple[int, int] | None = None) -> dict[str, str]:
    """Return the engine's relations by name, in their order: each a SELECT over those before it.

    They can be created one by one, or stand in one statement; `kpis_sql` reads the first and the last. `batch`: see
    `companies_sql`.
    """
    return {
        "numbered": companies_sql(batch),
        "wide": wide_sql(facts, plan),
        "levels": levels_sql(plan),
    }


def with_sql(relations: dict[str, str]) -> str:
    """Return relations as a WITH clause."""
    # what is read more than once, or wide, is computed once
    parts = [
        f"{name} AS {'' if name == 'numbered' else 'MATERIALIZED '}({text})"
        for name, text in relations.items()
    ]
    return f"WITH {', '.join(parts)}\n"


def select_sql(facts: str, plan: Plan) -> str:
    """Return a SELECT of all KPIs, with the columns of `marts.kpis`, over any relation of facts.

    `facts` is a relation or table function with the columns of `core.facts`, such as
    `core.facts_as_of(day)`: the text can stand inside a table macro.
    """
    return with_sql(relations(facts, plan)) + kpis_sql(plan)
