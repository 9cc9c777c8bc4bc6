"""KPIs: a declared catalogue and one SQL engine that computes all of them for all companies and periods.

Belongs here: formulas, intervals, lineage and reasons of absence. Does not belong here: judging a value
(anomalies) or showing it (brief, cli).
"""

from kc_pipeline.kpis.catalogue import (
    Catalogue,
    CatalogueError,
    Kpi,
    formula_version,
    general,
)
from kc_pipeline.kpis.marts import compute, create_as_of, select_sql, summarise
from kc_pipeline.kpis.of_packs import catalogue
from kc_pipeline.kpis.reference import reference_markdown

__all__ = [
    "Catalogue",
    "CatalogueError",
    "Kpi",
    "catalogue",
    "compute",
    "create_as_of",
    "formula_version",
    "general",
    "reference_markdown",
    "select_sql",
    "summarise",
]
