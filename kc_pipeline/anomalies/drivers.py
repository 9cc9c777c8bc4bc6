"""What moved a flagged figure: contributions of its parts that add up to the change, with a named remainder.

The declaration is drivers.toml. A contribution has an interval from its inputs' precision; what the known parts leave
is `undisclosed`. Where that is over half of the change no cause is named. Does not belong here: the words.
"""

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Annotated, Any

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from kc_pipeline.anomalies.rules import RuleError
from kc_pipeline.config.followed import followed
from kc_pipeline.kpis import catalogue
from kc_pipeline.kpis.catalogue import Catalogue

UNDISCLOSED = "undisclosed"
DETECTORS = ("change", "sign", "season", "outlier", "turn")
"""The detectors whose findings are changes from a base: those that have drivers."""

Part = Annotated[str, StringConstraints(pattern=r"^/?-?[a-z][a-z0-9_]*(/\*)?$")]


class _Driver(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    of: tuple[str, ...]
    parts: tuple[tuple[Part, ...], ...]
    over: str | None = None
    once: tuple[str, ...] = ()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    driver: tuple[_Driver, ...]


def _named(cat: Catalogue, part: str, segments: frozenset[str] = frozenset()) -> list[tuple[str, int, int]]:
    """A part as KPIs with their weights in numerator and denominator; `/*` stands for these segments."""
    both = part.startswith("/")
    name = part.removeprefix("/")
    weight = -1 if name.startswith("-") else 1
    name = name.removeprefix("-")
    if name.endswith("/*"):
        concept = name.removesuffix("/*")
        names = [
            k.name
            for k in cat.kpis.values()
            if k.kind == "amount"
            and k.alternatives
            and len(k.alternatives[0]) == 1
            and k.alternatives[0][0].concept == concept
            and k.alternatives[0][0].segment in segments
        ]
    else:
        names = [name]
    return [(n, weight, int(both)) for n in names]


def parse(text: str, cat: Catalogue) -> list[dict[str, Any]]:
    """Return one row per part: metric, alternative, company, part, weight, below (weight in the denominator), over, once.

    Parts that name all segments are those of one company each; `company` is null where any company has them.

    Raises:
        RuleError: where a driver is malformed or names a KPI that is not declared.
    """
    try:
        declared = _File.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise RuleError(f"drivers: {error}") from error
    rows: list[dict[str, Any]] = []
    alternatives: dict[str, int] = {}
    for driver in declared.driver:
        for metric in driver.of:
            for parts in driver.parts:
                number = alternatives[metric] = alternatives.get(metric, -1) + 1
                for company, part, segments in _of_companies(parts):
                    rows += [
                        {
                            "metric": metric,
                            "alternative": number,
                            "company": company,
                            "part": name,
                            "weight": weight,
                            "below": below,
                            "over": driver.over,
                            "once": name in driver.once,
                        }
                        for name, weight, below in _named(cat, part, segments)
                    ]
    missing = {
        n for r in rows for n in (r["metric"], r["part"], r["over"]) if n is not None and n not in cat.kpis
    }
    if missing:
        raise RuleError(f"drivers: {min(missing)} is no declared KPI")
    return rows


def _of_companies(parts: Sequence[str]) -> list[tuple[str | None, str, frozenset[str]]]:
    """Return the parts of a sum with the company that has them: one sum per list of segments where `/*` names all."""
    if not any(part.endswith("/*") for part in parts):
        return [(None, part, frozenset()) for part in parts]
    lists = {c.id: frozenset(s.id for s in c.segments) for c in followed().companies if c.segments}
    return [(company, part, segments) for company, segments in lists.items() for part in parts]


def _declared() -> pa.Table:
    text = files("kc_pipeline.anomalies").joinpath("drivers.toml").read_text(encoding="utf-8")
    schema = pa.schema(
        [
            ("metric", pa.string()), ("alternative", pa.int64()), ("company", pa.string()), ("part", pa.string()),
            ("weight", pa.int64()), ("below", pa.int64()), ("over", pa.string()), ("once", pa.bool_()),
        ]
    )  # fmt: skip
    return pa.Table.from_pylist(parse(text, catalogue()), schema=schema)


def create_parts(con: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table `driver_parts` of this version's declaration."""
    con.register("incoming", _declared())
    con.execute("CREATE OR REPLACE TEMP TABLE driver_parts AS SELECT * FROM incoming")
    con.unregister("incoming")


def _products(left: str, right: str) -> str:
    """SQL: the four products of the ends of two intervals, as a list."""
    return f"[{left}_low * {right}_low, {left}_low * {right}_high, {left}_high * {right}_low, {left}_high * {right}_high]"


def contributions_sql() -> str:
    """Return a SELECT, from `findings`, `series` and `driver_parts`, of each finding's drivers and its remainder.

    Columns: anomaly_id, company, period, place, driver, contribution, low, high, unit, told_once (told now only), total,
    part_now, part_base, disclosed (the known parts explain at least half).
    """
    kinds = ", ".join(f"'{d}'" for d in DETECTORS)
    return f"""
WITH moved AS (
  SELECT f.anomaly_id, f.company, f.period, f.period_type, f.position, f.base_position, f.known_at, f.level, f.unit,
    CASE f.period_type WHEN 'quarter' THEN f.base_position // 4 END AS base_year,
    CASE WHEN f.detector = 'sign' THEN f.deviation ELSE f.measured END AS total,
    coalesce(CASE WHEN f.detector = 'sign' THEN f.low ELSE j.low END, -1e30) AS total_low,
    coalesce(CASE WHEN f.detector = 'sign' THEN f.high ELSE j.high END, 1e30) AS total_high,
    f.b_value::DOUBLE AS base, coalesce(f.b_low, f.b_value)::DOUBLE AS base_low,
    coalesce(f.b_high, f.b_value)::DOUBLE AS base_high, f.judged <> f.level AND f.n_unit <> 'pure' AS relative
  FROM findings f
  JOIN series j ON j.company = f.company AND j.kpi = f.judged AND j.period_type = f.period_type AND j.position = f.position
  WHERE f.detector IN ({kinds}) AND f.n_value IS NOT NULL AND f.b_value IS NOT NULL
),
paired AS (
  SELECT m.*, p.alternative, p.part, p.weight, p.below, p.over,
    n.value::DOUBLE AS part_now, b.value::DOUBLE AS part_base, b.value IS NULL AND n.value IS NOT NULL AND p.once AND yb.value IS NULL AS told_once,
    CASE WHEN n.value IS NOT NULL AND (b.value IS NOT NULL OR (p.once AND yb.value IS NULL))
      THEN n.value::DOUBLE - coalesce(b.value, 0)::DOUBLE END AS step,
    coalesce(n.low, n.value)::DOUBLE - coalesce(b.high, b.value, 0)::DOUBLE AS step_low,
    coalesce(n.high, n.value)::DOUBLE - coalesce(b.low, b.value, 0)::DOUBLE AS step_high,
    CASE WHEN p.over IS NULL THEN CASE WHEN relative THEN base END ELSE o.value::DOUBLE END AS scale,
    CASE WHEN p.over IS NULL THEN CASE WHEN relative THEN base_low END ELSE coalesce(o.low, o.value)::DOUBLE END AS scale_low,
    CASE WHEN p.over IS NULL THEN CASE WHEN relative THEN base_high END ELSE coalesce(o.high, o.value)::DOUBLE END AS scale_high
  FROM moved m
  JOIN driver_parts p ON p.metric = m.level AND coalesce(p.company = m.company, true)
  LEFT JOIN series n ON n.company = m.company AND n.kpi = p.part AND n.period_type = m.period_type AND n.position = m.position
  LEFT JOIN series b ON b.company = m.company AND b.kpi = p.part AND b.period_type = m.period_type
    AND b.position = m.base_position
  LEFT JOIN series yb ON yb.company = m.company AND yb.kpi = p.part AND yb.period_type = 'year'
    AND yb.position = m.base_year AND yb.known_at <= m.known_at
  LEFT JOIN series o ON o.company = m.company AND o.kpi = p.over AND o.period_type = m.period_type AND o.position = m.position
),
weighed AS (
  SELECT *, CASE WHEN over IS NULL THEN weight ELSE weight - base * below END / coalesce(scale, 1) AS factor,
    CASE WHEN over IS NULL THEN [weight::DOUBLE] ELSE [weight - base_low * below, weight - base_high * below] END AS tops,
    CASE WHEN scale IS NULL THEN [1.0::DOUBLE] ELSE [scale_low, scale_high] END AS bottoms
  FROM paired WHERE over IS NULL OR scale > 0
),
bounded AS (
  SELECT *, list_min([list_min(tops) / list_min(bottoms), list_min(tops) / list_max(bottoms)]) AS factor_low,
    list_max([list_max(tops) / list_min(bottoms), list_max(tops) / list_max(bottoms)]) AS factor_high
  FROM weighed
),
contributed AS (
  SELECT *, step * factor AS contribution, list_min({_products("step", "factor")}) AS part_low,
    list_max({_products("step", "factor")}) AS part_high
  FROM bounded
),
judged AS (
  SELECT anomaly_id, alternative, count(*) AS parts, count(step) AS known,
    abs(any_value(total) - coalesce(sum(contribution), 0)) AS rest, abs(any_value(total)) AS whole
  FROM contributed GROUP BY anomaly_id, alternative HAVING count(step) > 0
),
chosen AS (
  SELECT anomaly_id, alternative FROM judged
  QUALIFY row_number() OVER (PARTITION BY anomaly_id ORDER BY
    CASE WHEN known = parts AND rest <= whole / 2 THEN 0 WHEN rest <= whole / 2 THEN 1 ELSE 2 END,
    CASE WHEN rest <= whole / 2 THEN 0 ELSE rest END, alternative) = 1
),
kept AS (
  SELECT c.anomaly_id, c.part AS driver, c.contribution::DECIMAL(38,10) AS contribution, c.part_low::DECIMAL(38,10) AS low,
    c.part_high::DECIMAL(38,10) AS high, c.told_once, c.part_now, c.part_base
  FROM contributed c JOIN chosen USING (anomaly_id, alternative) WHERE c.step IS NOT NULL
),
sums AS (
  SELECT m.anomaly_id, coalesce(sum(k.contribution), 0) AS explained, coalesce(sum(k.low), 0) AS explained_low,
    coalesce(sum(k.high), 0) AS explained_high
  FROM moved m LEFT JOIN kept k USING (anomaly_id)
  WHERE m.level IN (SELECT metric FROM driver_parts) GROUP BY m.anomaly_id
),
both_kinds AS (
  SELECT anomaly_id, driver, contribution, low, high, told_once, part_now, part_base FROM kept
  UNION ALL
  SELECT m.anomaly_id, '{UNDISCLOSED}', m.total - s.explained, m.total_low::DOUBLE - s.explained_high,
    m.total_high::DOUBLE - s.explained_low, false, NULL, NULL
  FROM moved m JOIN sums s USING (anomaly_id)
)
SELECT m.company, m.period, m.unit, m.total, d.*,
  abs(m.total - s.explained) <= abs(m.total) / 2 AS disclosed,
  row_number() OVER (PARTITION BY d.anomaly_id ORDER BY d.driver = '{UNDISCLOSED}', abs(d.contribution) DESC, d.driver)::INTEGER AS place
FROM both_kinds d JOIN moved m USING (anomaly_id) JOIN sums s USING (anomaly_id)"""


WRITE = """
INSERT INTO marts.anomaly_drivers BY NAME
SELECT anomaly_id, company, period, place, driver, contribution, low::DECIMAL(38,10) AS contribution_low,
  high::DECIMAL(38,10) AS contribution_high, unit, (contribution / nullif(total, 0))::DOUBLE AS share,
  part_base::DECIMAL(38,10) AS value_before, part_now::DECIMAL(38,10) AS value_now, told_once
FROM drivers ORDER BY company, period, anomaly_id, place"""
