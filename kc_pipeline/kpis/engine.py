"""One SQL statement, generated from the catalogue, that computes every KPI of every company and period.

The path of a figure through the statement:

* `labelled`: the facts that KPIs may use (consolidated scope, no counterparty, the reporting currency), each
  with its fiscal quarter and the kind of period that its length makes it;
* `wide`: one row per company and period, one group of columns per input (value, half unit, known, marks);
* `periods`: the same with the trailing twelve months added, from four quarters that must all be there;
* `amounts`, `levels`: declared sums, then ratios with the issuer's own figure beside them;
* `paired`: each period beside the one a quarter and a year earlier, by position in the calendar;
* at the end one row per company, period and KPI.

Sums and differences are DECIMAL; a ratio is taken in DOUBLE, and intervals are the corners of the inputs'.
Does not belong here: which facts stand behind a value (lineage) and why one is absent (absent).
"""

from collections.abc import Iterable

from kc_pipeline.figures.calendar_sql import calendar_quarter_sql, label_sql
from kc_pipeline.kpis.catalogue import PERIOD_TYPES, Catalogue, Kind, Kpi
from kc_pipeline.kpis.columns import (
    DERIVED,
    REASONS,
    SUSPECT,
    amount_columns,
    amount_sql,
    bounds_sql,
    choice_sql,
    chosen_sql,
    divisors,
    input_columns,
    listed_sql,
    pair_sql,
    ratio_sql,
    trailing_sql,
    unpacked_sql,
)
from kc_pipeline.kpis.plan import Plan, labelled_sql, text_sql

COMPARISONS: tuple[Kind, ...] = ("growth", "cagr", "change", "incremental")
_KEYS = "company, kind, quarter, period_start, period_end"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def mask(kpi: Kpi) -> int:
    """Return the kinds of period to which a KPI applies, one bit each."""
    return sum(1 << PERIOD_TYPES.index(p) for p in kpi.period_types)


def catalogue_sql(cat: Catalogue) -> str:
    """Return a SELECT of the catalogue.

    Columns: number, kpi, form (its kind), unit, formula, mask (of kinds of period), specific, over,
    of, lag (quarters), of_loss, instant (a balance at a day).
    """
    rows = []
    for number, kpi in enumerate(cat.kpis.values()):
        unit = "NULL" if kpi.unit == "currency" else text_sql(kpi.unit)
        rows.append(
            f"({number}, {text_sql(kpi.name)}, {text_sql(kpi.kind)}, {unit}, {text_sql(kpi.formula)}, "
            f"{mask(kpi)}, {_flag(kpi.specific)}, {text_sql(kpi.over)}, "
            f"{text_sql(kpi.of)}, {kpi.lag}, {_flag(kpi.of_loss)}, {_flag(kpi.instant)})"
        )
    names = "number, kpi, form, unit, formula, mask, specific, over, of, lag, of_loss, instant"
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS t({names})"


def _laid_out(plan: Plan, kpis: tuple[Kpi, ...], lists: dict[str, str], relation: str) -> str:
    """Return a SELECT that turns columns into rows: the KPIs' numbers, masks and these lists side by side."""
    position = {name: i for i, name in enumerate(plan.cat.kpis)}
    numbers = ", ".join(str(position[k.name]) for k in kpis)
    masks = ", ".join(str(mask(k)) for k in kpis)
    columns = "".join(f",\n  unnest({text}) AS {name}" for name, text in lists.items())
    return (
        f"SELECT {_KEYS}, unnest([{numbers}]) AS number, unnest([{masks}]) AS mask{columns}\nFROM {relation}"
    )


def _amount_rows(plan: Plan, kpis: tuple[Kpi, ...]) -> str:
    lists = {"exact": "v", "half": "h", "known": "k", "marks": "e"}
    relation = _laid_out(plan, kpis, {n: listed_sql(kpis, c) for n, c in lists.items()}, "levels")
    return f"""SELECT {_KEYS}, number, exact::DECIMAL(38,10) AS value,
  (exact::DECIMAL(38,10) - half::DECIMAL(38,10))::DECIMAL(38,10) AS low,
  (exact::DECIMAL(38,10) + half::DECIMAL(38,10))::DECIMAL(38,10) AS high,
  NULL::DECIMAL(38,10) AS stated_value, value AS computed_value, false AS use_stated, known, marks, 1 AS reason,
  0 AS notes
FROM ({relation})
WHERE exact IS NOT NULL AND mask & (1 << kind) > 0"""


def _ratio_rows(plan: Plan, kpis: tuple[Kpi, ...], relation: str, notes: bool) -> str:
    """The rows of ratios or comparisons; the lists of what only stated figures have are shorter, so padded."""
    stated = tuple(k for k in kpis if k.name in plan.stated)
    ordered = (*stated, *(k for k in kpis if k.name not in plan.stated))
    lists = {
        n: listed_sql(ordered, c) for n, c in (("x", "x"), ("l", "l"), ("u", "u"), ("k", "k"), ("e", "e"))
    }
    own = "NULL::DECIMAL(38,10) AS stated_value, value AS computed_value, false AS use_stated"
    reason = "1"
    if stated:
        lists |= {n: listed_sql(stated, c) for n, c in (("s", "s"), ("c", "c"), ("w", "w"), ("r", "r"))}
        own = (
            "s::DECIMAL(38,10) AS stated_value, CASE WHEN w THEN c::DECIMAL(38,10) ELSE value END "
            "AS computed_value, coalesce(w, false) AS use_stated"
        )
        reason = "coalesce(r, 1)"
    if notes:
        lists["n"] = listed_sql(ordered, "n")
    return f"""SELECT {_KEYS}, number, x::DECIMAL(38,10) AS value, l::DECIMAL(38,10) AS low,
  u::DECIMAL(38,10) AS high, {own}, k AS known, e AS marks, {reason} AS reason, {"n" if notes else "0"} AS notes
FROM ({_laid_out(plan, ordered, lists, relation)})
WHERE x IS NOT NULL AND mask & (1 << kind) > 0"""


def rows_sql(facts: str, plan: Plan) -> str:
    """Return the statement: one row per company, period and KPI that has a value.

    Columns: company, kind, quarter (fiscal, counted), period_start, period_end, number (of the KPI), value,
    low, high, stated_value, computed_value, use_stated, known, marks, reason (index into REASONS: why nothing
    is computed beside a stated figure), notes (1 low base, 2 profit to loss).
    """
    dividing = divisors(plan)
    everything = [*plan.numbers.values(), *plan.stated.values()]
    amounts, ratios, compared = plan.kept("amount"), plan.kept("ratio"), plan.kept(*COMPARISONS)
    unpacked = ",\n  ".join(unpacked_sql(n) for n in everything)
    own_stated = [input_columns(n) for n in plan.stated.values()]
    carried = [input_columns(plan.stated[k.name]) for k in compared if k.name in plan.stated]
    paired = [input_columns(plan.stated[k.name], "c.") for k in compared if k.name in plan.stated]
    paired += [pair_sql(k, plan) for k in compared]
    lags = sorted({k.lag for k in compared})

    def added(columns: Iterable[str]) -> str:
        return "".join(f",\n  {text}" for text in columns)

    level_columns = [
        *carried,
        *(amount_columns(k, k.name in dividing) for k in amounts),
        *(chosen_sql(k, plan) for k in ratios),
    ]
    joins = "".join(
        f"LEFT JOIN levels p{lag} ON p{lag}.company = c.company AND p{lag}.kind = c.kind "
        f"AND p{lag}.quarter = c.quarter - {lag}\n"
        for lag in lags
    )
    shares = [_amount_rows(plan, amounts)] if amounts else []
    shares += [_ratio_rows(plan, ratios, "levels", notes=False)] if ratios else []
    shares += [_ratio_rows(plan, compared, "settled", notes=True)] if compared else []
    return f"""
WITH labelled AS MATERIALIZED ({labelled_sql(facts, plan)}
),
spans AS (
SELECT company, kind, quarter, max(period_start) AS period_start, max(period_end) AS period_end
FROM labelled GROUP BY company, kind, quarter
),
pivoted AS (
SELECT * FROM (
  PIVOT (SELECT company, kind, quarter, input, value, rank FROM labelled)
  ON input IN ({", ".join(str(n) for n in everything)})
  USING arg_max(value, rank) AS v, max(rank) AS m GROUP BY company, kind, quarter
) JOIN spans USING (company, kind, quarter)
),
wide AS MATERIALIZED (
SELECT {_KEYS}, {unpacked}
FROM pivoted
),
periods AS (
SELECT {_KEYS}, period_end - period_start + 1 AS days, [3, 6, 9, 12][kind + 1] AS months,
  {", ".join(input_columns(n) for n in everything)}
FROM wide
UNION ALL
SELECT a.company, 4, a.quarter, d.period_start, a.period_end, a.period_end - d.period_start + 1, 12,
  {trailing_sql(plan)}
FROM wide a
LEFT JOIN wide b ON b.company = a.company AND b.kind = a.kind AND b.quarter = a.quarter - 1
LEFT JOIN wide c ON c.company = a.company AND c.kind = a.kind AND c.quarter = a.quarter - 2
LEFT JOIN wide d ON d.company = a.company AND d.kind = a.kind AND d.quarter = a.quarter - 3
WHERE a.kind = 0
),
amounts AS (
SELECT {_KEYS}, days, months{added([*own_stated, *(amount_sql(k, plan) for k in amounts)])}
FROM periods
),
bounded AS (
SELECT *{added(bounds_sql(k, k.name in dividing) for k in amounts)} FROM amounts
),
ratios AS (
SELECT *{added(ratio_sql(k, plan) for k in ratios)} FROM bounded
),
judged AS (
SELECT *{added(choice_sql(k, plan) for k in ratios if k.name in plan.stated)} FROM ratios
),
levels AS MATERIALIZED (
SELECT {_KEYS}{added(level_columns)}
FROM judged
),
paired AS (
SELECT c.company, c.kind, c.quarter, c.period_start, c.period_end{added(paired)}
FROM levels c
{joins}),
compared AS (
SELECT *{added(choice_sql(k, plan) for k in compared if k.name in plan.stated)} FROM paired
),
settled AS (
SELECT {_KEYS}{added(f"{chosen_sql(k, plan)}, {k.name}__n" for k in compared)} FROM compared
)
{" UNION ALL ".join(shares)}"""


def kpis_sql(rows: str, cat: Catalogue) -> str:
    """Return a SELECT with the columns of `marts.kpis` from a relation with the columns of `rows_sql`."""
    stated = "'stated in the document, not computed here'"
    reasons = "[" + ", ".join(text_sql(r) for r in REASONS[1:]) + "]"
    return f"""
SELECT r.company, {label_sql("r.kind", "r.quarter")} AS period, {period_type_sql("r.kind")} AS period_type,
  r.period_start, r.period_end, {calendar_quarter_sql("r.period_end")} AS calendar_quarter, k.kpi,
  r.value, r.low, r.high, r.stated_value, r.computed_value, coalesce(k.unit, c.reporting_currency) AS unit,
  CASE WHEN r.use_stated THEN 'stated' WHEN k.form = 'amount' AND r.marks & {DERIVED} = 0 THEN 'reported'
       ELSE 'derived' END AS origin,
  CASE WHEN r.marks & 4 > 0 THEN 'third_party' WHEN r.marks & 2 > 0 THEN 'call'
       WHEN r.marks & 1 > 0 THEN 'copy' ELSE 'original' END AS evidence,
  DATE '1970-01-01' + r.known AS known_at,
  CASE WHEN NOT r.use_stated THEN k.formula WHEN r.computed_value IS NULL THEN {stated}
       ELSE {stated} || ', within the interval of ' || k.formula END AS formula,
  CASE WHEN r.computed_value IS NULL THEN {reasons}[r.reason] END AS computed_absent,
  nullif(concat_ws('; ',
    CASE WHEN r.notes & 1 > 0 AND NOT r.use_stated THEN 'low_base: the base is under 3 % of revenues' END,
    CASE WHEN r.notes & 2 > 0 AND NOT r.use_stated THEN 'profit_to_loss: a profit turned into a loss' END,
    CASE WHEN r.marks & {SUSPECT} > 0 THEN 'suspect: an input is contradicted by its document' END
  ), '') AS remark
FROM {rows} r JOIN core.companies c ON c.company = r.company
JOIN ({catalogue_sql(cat)}) k ON k.number = r.number"""


def period_type_sql(kind: str) -> str:
    """Return the SQL that turns a kind's number into the word of `period_type`."""
    return f"[{', '.join(text_sql(p) for p in PERIOD_TYPES)}][{kind} + 1]"


def select_sql(facts: str, plan: Plan) -> str:
    """Return a SELECT of all KPIs, with the columns of `marts.kpis`, over any relation of facts.

    `facts` is a relation or table function with the columns of `core.facts`, such as
    `core.facts_as_of(day)`: the text can stand inside a table macro.
    """
    return kpis_sql(f"({rows_sql(facts, plan)})", plan.cat)
