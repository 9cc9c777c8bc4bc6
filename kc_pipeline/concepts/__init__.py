"""What a printed row means: the catalogue of concepts, the mapper from labels, signs and metric names.

Belongs here: the vocabulary (catalogue.toml) and pure functions over it. Does not belong here: reading
documents, tables of the warehouse, what a pack declares (config). Imports only `figures` and `config`.
"""

from kc_pipeline.concepts.catalogue import (
    Catalogue,
    Concept,
    agrees,
    catalogue,
    catalogue_of,
    general,
    mapping_version,
)
from kc_pipeline.concepts.index import Mapping, Synonym, Vocabulary, vocabulary_of
from kc_pipeline.concepts.labels import normalise
from kc_pipeline.concepts.mapper import map_lines, map_table
from kc_pipeline.concepts.match import NONE, LabelKey
from kc_pipeline.concepts.metrics import Metric, growth_metric, metric_row, parse_metric, share_metric
from kc_pipeline.concepts.signs import sign_lines, sign_rule

__all__ = [
    "NONE",
    "Catalogue",
    "Concept",
    "LabelKey",
    "Mapping",
    "Metric",
    "Synonym",
    "Vocabulary",
    "agrees",
    "catalogue",
    "catalogue_of",
    "general",
    "growth_metric",
    "map_lines",
    "map_table",
    "mapping_version",
    "metric_row",
    "normalise",
    "parse_metric",
    "share_metric",
    "sign_lines",
    "sign_rule",
    "vocabulary_of",
]
