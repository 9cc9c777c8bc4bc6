"""Checks on KPIs and anomalies: each leads back to facts, and what is computed agrees with what is stated."""

from kc_pipeline.quality.model import Check, identity, violations

_KPIS = "SELECT count(*) FROM marts.kpis"

_WITHOUT_INPUT = """
SELECT k.company, NULL AS document_id, NULL::INTEGER AS table_index, k.kpi || ' ' || k.period || ' rests on no fact' AS message
FROM marts.kpis k ANTI JOIN marts.kpi_inputs i ON i.company = k.company AND i.period = k.period AND i.kpi = k.kpi"""

_UNKNOWN_INPUT = """
SELECT i.company, NULL AS document_id, NULL::INTEGER AS table_index,
  i.kpi || ' ' || i.period || ': its input ' || i.role || ' is no fact: ' || i.fact_id AS message
FROM marts.kpi_inputs i ANTI JOIN core.facts f ON f.fact_id = i.fact_id"""

_UNKNOWN_EVIDENCE = """
SELECT a.company, NULL AS document_id, NULL::INTEGER AS table_index,
  a.rule || ' ' || a.period || ': ' || CASE WHEN a.fact_id IS NULL THEN 'it has no evidence' ELSE 'its evidence is no fact: ' || a.fact_id END AS message
FROM (
  SELECT anomaly_id, company, rule, period, unnest(CASE WHEN len(evidence) > 0 THEN evidence ELSE [NULL] END) AS fact_id
  FROM marts.anomalies
) a ANTI JOIN core.facts f ON f.fact_id = a.fact_id"""

# Beside a computed value, the stated figure's own rounding is held against the computed interval. Where the stated
# figure is the KPI's value it lies inside that interval: that is why it was chosen. Issuers state a change of a ratio
# as the difference of the rounded ratios: two roundings more.
_STATED = """
SELECT k.company, any_value(f.document_id) AS document_id, any_value(f.table_index) AS table_index,
  CASE WHEN k.origin = 'stated' THEN 0 ELSE greatest(k.low - k.stated_value, k.stated_value - k.high, 0) END::DECIMAL(38,8) AS deviation,
  (max(half_unit(f.decimals)) * CASE WHEN contains(k.kpi, '_change_') THEN 3 ELSE 1 END)::DECIMAL(38,8) AS allowed,
  k.kpi || ' ' || k.period || ': stated ' || printf('%.2f %%', 100 * k.stated_value::DOUBLE) || ' (' || any_value(f.text) || '), computed '
    || printf('%.2f %% to %.2f %%', 100 * k.low::DOUBLE, 100 * k.high::DOUBLE) AS message
FROM marts.kpis k
JOIN marts.kpi_inputs i ON i.company = k.company AND i.period = k.period AND i.kpi = k.kpi AND i.role = 'stated'
JOIN core.facts f ON f.fact_id = i.fact_id
WHERE k.stated_value IS NOT NULL AND k.computed_value IS NOT NULL AND k.low IS NOT NULL AND k.high IS NOT NULL
GROUP BY k.company, k.period, k.kpi, k.origin, k.stated_value, k.low, k.high"""

MART_CHECKS: tuple[Check, ...] = (
    violations(
        "kpis_rest_on_facts", "Every KPI has the facts it was made from", "marts.kpis", "block_build", "marts",
        _WITHOUT_INPUT, _KPIS, "there are no KPIs",
    ),
    violations(
        "kpi_inputs_are_facts", "Every input of a KPI is a fact", "marts.kpi_inputs", "block_build", "marts",
        _UNKNOWN_INPUT, "SELECT count(*) FROM marts.kpi_inputs", "no KPI has inputs",
    ),
    violations(
        "anomalies_rest_on_facts", "Every anomaly leads to facts", "marts.anomalies", "block_build", "marts",
        _UNKNOWN_EVIDENCE, "SELECT count(*) FROM marts.anomalies", "there are no anomalies",
    ),
    identity(
        "stated_ratios_agree_with_computed",
        "A ratio, growth or share that the issuer states agrees with the one computed from amounts",
        "marts.kpis", "warn", "marts", _STATED,
        "no KPI has both a stated and a computed value",
        "half of the stated figure's last digit (of a change of a ratio three halves), beyond the computed interval",
    ),
)  # fmt: skip
