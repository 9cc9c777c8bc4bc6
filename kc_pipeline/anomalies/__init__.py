"""Anomalies: declared rules that judge KPIs, each finding explained with its numbers and its facts.

Belongs here: thresholds, seasonality, explanation sentences. Does not belong here: how a KPI is computed.
"""

from kc_pipeline.anomalies.engine import detect
from kc_pipeline.anomalies.rules import Rule, RuleError, Rules, cases, own_rule, rule_version, rules

__all__ = ["Rule", "RuleError", "Rules", "cases", "detect", "own_rule", "rule_version", "rules"]
