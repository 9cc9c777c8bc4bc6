"""What the engine reads: which facts may enter a KPI, and which of the catalogue they can meet."""

from collections.abc import Container
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from kc_pipeline.figures.calendar_sql import fiscal_shift_sql, nominal_month_sql
from kc_pipeline.kpis.catalogue import PERIOD_TYPES, Catalogue, Kind, Kpi, Measure, Term

Input = tuple[Measure, str | None]
"""A measure, and the company whose figure alone counts (None: any)."""

COMPARISONS: tuple[Kind, ...] = ("growth", "cagr", "change", "incremental")

# A figure's key inside the statement: the company's number, the fiscal quarter and the kind of period in one
# integer, so that the same kind of period a quarter earlier has the key less ONE_QUARTER.
ONE_QUARTER = 8
_QUARTER_BITS = 20

# Kind of period by length in months (0: a balance at a day) and month of the fiscal year.
_PERIOD_KINDS = (
    [(3, p, 0) for p in (3, 6, 9, 12)]
    + [(6, 6, 1), (6, 12, 1), (9, 9, 2), (12, 12, 3)]
    + [(0, p, 0) for p in (3, 6, 9, 12)]
    + [(0, 6, 1), (0, 12, 1), (0, 9, 2), (0, 12, 3)]
)


def text_sql(value: str | None) -> str:
    """Return a SQL text literal; NULL for None."""
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


def mask(kpi: Kpi) -> int:
    """Return the kinds of period to which a KPI applies, one bit each."""
    return sum(1 << PERIOD_TYPES.index(p) for p in kpi.period_types)


def kind_sql(cell: str) -> str:
    """Return SQL for the kind of period (0-4) of a cell."""
    return f"({cell} & 7)::TINYINT"


def quarter_sql(cell: str) -> str:
    """Return SQL for the fiscal quarter, counted, of a cell."""
    return f"(({cell} & {(1 << _QUARTER_BITS) - 1}) >> 3)::INTEGER"


def number_sql(cell: str) -> str:
    """Return SQL for the company's number of a cell."""
    return f"({cell} >> {_QUARTER_BITS})"


@dataclass(frozen=True)
class Plan:
    """What of the catalogue can be had from a set of facts, and the numbers of its inputs.

    `sums`: the alternatives of each amount that can be met; `stated`: the input that holds the issuer's own
    figure of a KPI; `computable`: KPIs whose inputs occur. A KPI in neither is left out of the statement.
    `broken`: the comparisons whose measures have a break (`core.breaks`), with those measures; `breaking`: the
    inputs that have one.
    """

    cat: Catalogue
    numbers: dict[Input, int]
    sums: dict[str, tuple[tuple[Term, ...], ...]]
    stated: dict[str, int]
    computable: frozenset[str]
    broken: dict[str, tuple[Measure, ...]] = field(default_factory=dict)
    breaking: frozenset[Input] = frozenset()

    def kept(self, *kinds: Kind) -> tuple[Kpi, ...]:
        """The KPIs of these kinds that occur in the statement."""
        return tuple(
            k for k in self.cat.of_kind(*kinds) if k.name in self.computable or k.name in self.stated
        )


def measures(cat: Catalogue, kpi: Kpi) -> frozenset[Measure]:
    """Return what a KPI is made of: its terms, and the names under which it or its base can be stated."""
    out: set[Measure] = {(alias, None, None) for alias in kpi.stated_as}
    out |= {t.measure for terms in kpi.alternatives for t in terms}
    for part in (kpi.of, kpi.over, *kpi.parts):
        if part:
            out |= measures(cat, cat.kpis[part])
    return frozenset(out)


def plan(
    cat: Catalogue,
    present: AbstractSet[Measure] | None = None,
    *,
    broken: AbstractSet[Measure] = frozenset(),
) -> Plan:
    """Return the plan for facts of these measures (concept, segment, counterparty); without them, for all there could be.

    `broken` are the measures of `core.breaks`.
    """
    sums: dict[str, tuple[tuple[Term, ...], ...]] = {}
    numbers: dict[Input, int] = {}
    for kpi in cat.of_kind("amount"):
        met = [
            terms for terms in kpi.alternatives if present is None or all(t.measure in present for t in terms)
        ]
        if met:
            sums[kpi.name] = tuple(met)
            for term in (t for terms in met for t in terms):
                numbers.setdefault(term.input, len(numbers))
    named = [
        k.name
        for k in cat.kpis.values()
        if k.stated_as and (present is None or any((alias, None, None) in present for alias in k.stated_as))
    ]
    stated = {name: len(numbers) + i for i, name in enumerate(named)}
    computable = _computable(cat, sums, stated)
    crossing = {
        k.name: found
        for k in cat.of_kind("growth", "cagr", "change", "incremental")
        if broken and (found := tuple(sorted(measures(cat, k) & broken, key=str)))
    }
    return Plan(
        cat,
        numbers,
        sums,
        stated,
        computable,
        crossing,
        frozenset(i for i in numbers if i[0] in broken),
    )


def _computable(cat: Catalogue, sums: Container[str], stated: Container[str]) -> frozenset[str]:
    """Return the KPIs that follow from these amounts, and changes of ratios that are stated."""
    out = {k.name for k in cat.of_kind("amount") if k.name in sums}
    for kpi in cat.of_kind("ratio", "growth", "cagr", "incremental"):
        parts = not kpi.parts or any(part in sums for part in kpi.parts)
        if parts and all(part in sums for part in (kpi.of, kpi.over) if part):
            out.add(kpi.name)
    return frozenset(out | {k.name for k in cat.of_kind("change") if k.of in out or k.of in stated})


def inputs_sql(plan: Plan) -> str:
    """Return a SELECT of the inputs: input, concept, segment, counterparty, company (NULL: any), unit, at_a_day.

    Unit NULL is the reporting currency.
    """
    units = {t.input: plan.cat.kpis[n].unit for n, sums in plan.sums.items() for s in sums for t in s}
    rows = []
    for sought, number in plan.numbers.items():
        (concept, segment, counterparty), company = sought
        unit = units[sought]
        day = "true" if concept in plan.cat.instants else "false"
        shown = "NULL" if unit == "currency" else text_sql(unit)
        key = ", ".join(text_sql(x) for x in (concept, segment, counterparty, company))
        rows.append(f"({number}, {key}, {shown}, {day})")
    for name, number in plan.stated.items():
        rows += [
            f"({number}, {text_sql(alias)}, NULL, NULL, NULL, 'pure', NULL)"
            for alias in plan.cat.kpis[name].stated_as
        ]
    # without any input, one that no fact can be
    rows = rows or [
        "(0, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR, NULL::BOOLEAN)"
    ]
    return (
        "SELECT CAST(input AS SMALLINT) AS input, concept, segment, counterparty, company, unit, at_a_day "
        f"FROM (VALUES {', '.join(rows)}) AS t(input, concept, segment, counterparty, company, unit, at_a_day)"
    )


def companies_sql(batch: tuple[int, int] | None = None) -> str:
    """Return a SELECT of the companies: `core.companies` with their number, the place in the alphabet.

    `batch` leaves those from its first number to its last; without it, all are there.
    """
    chosen = f" QUALIFY number BETWEEN {batch[0]} AND {batch[1]}" if batch else ""
    return (
        f"SELECT row_number() OVER (ORDER BY company) AS number, {fiscal_shift_sql('c')} AS fiscal_shift, * "
        f"FROM core.companies c{chosen}"
    )


def labelled_sql(facts: str, plan: Plan) -> str:
    """Return a SELECT of the usable facts with cell (company, fiscal quarter, kind of period), input and rank.

    The companies are those of the relation `numbered`, see `companies_sql`. A balance belongs to a quarter only where
    its day is the end of a month, or, for fiscal years of weeks, at most ten days from it: cash "as of June 12" is no
    quarter's cash. Columns: cell, company, kind, quarter, input, fact_id, value, period_start, period_end, is_flow,
    rank. `rank` packs what decides between two facts of one figure (reported before derived, then newest, then best
    evidence, then finest, then not suspect) together with what is read from it later; see `unpacked_sql`.
    """
    kinds = ", ".join(f"({m}, {p}, {k}::TINYINT)" for m, p, k in _PERIOD_KINDS)
    return f"""
SELECT (f.number << {_QUARTER_BITS}) | ((f.month // 3)::BIGINT << 3) | pk.kind AS cell, f.company, pk.kind,
  f.month // 3 AS quarter, f.input, f.fact_id, f.value, f.period_start, f.period_end, f.months IS NOT NULL AS is_flow, f.rank
FROM (
  SELECT c.number, f.company, i.input, f.fact_id, f.value, f.period_start, f.period_end, f.months,
    {nominal_month_sql("f.period_end")} + c.fiscal_shift AS month,
    (CASE WHEN f.origin = 'derived' THEN 0 ELSE 1 END::BIGINT << 62)
      | (greatest(f.known_at - DATE '1970-01-01', 0) << 43)
      | (CASE f.evidence WHEN 'original' THEN 3 WHEN 'copy' THEN 2 WHEN 'call' THEN 1 ELSE 0 END::BIGINT << 41)
      | ((f.decimals + 64)::BIGINT << 34)
      | (CASE WHEN f.suspect IS NULL THEN 1 ELSE 0 END::BIGINT << 33)
      | (least(10 * coalesce(f.half_units, 1), 63)::BIGINT << 27)
      | (hash(f.fact_id) >> 37)::BIGINT AS rank
  FROM {facts} f JOIN numbered c ON c.company = f.company
  JOIN ({inputs_sql(plan)}) i ON i.concept = f.concept AND i.segment IS NOT DISTINCT FROM f.segment
    AND i.counterparty IS NOT DISTINCT FROM f.counterparty AND coalesce(i.company = f.company, true)
  WHERE f.scope = 'consolidated' AND f.unit = coalesce(i.unit, c.reporting_currency)
    AND (i.at_a_day IS NULL OR i.at_a_day = (f.months IS NULL))
    AND (f.months IS NOT NULL OR CASE WHEN c.fiscal_weeks IS NULL THEN f.period_end = last_day(f.period_end)
      ELSE abs(f.period_end - last_day(f.period_end - 10)) <= 10 END)
) f
JOIN (VALUES {kinds}) pk(months, month, kind) ON pk.months = coalesce(f.months, 0) AND pk.month = f.month % 12 + 1"""
