"""What a build is made from: the documents in use, and one hash over everything that it reads."""

import hashlib
import json
from collections.abc import Mapping

from kc_pipeline.anomalies import rule_version
from kc_pipeline.concepts import mapping_version
from kc_pipeline.config import Company, Settings
from kc_pipeline.kpis import formula_version
from kc_pipeline.sources import discover
from kc_pipeline.store import Store, StoredDocument


def in_use(settings: Settings, companies: Mapping[str, Company]) -> list[StoredDocument]:
    """Return the documents that a build uses: what the inbox holds now, and what came from elsewhere."""
    found = discover(settings.filings, companies, max_bytes=settings.max_document_bytes).found
    return Store(settings.store).in_use(found)


def followed(settings: Settings, companies: Mapping[str, Company]) -> list[StoredDocument]:
    """Return the documents in use of the companies that are followed, by document_id; none where nothing lies anywhere."""
    if not settings.filings.is_dir():
        return []
    return [d for d in in_use(settings, companies) if d.company in companies]


def mapping_of(companies: Mapping[str, Company]) -> str:
    """Return the hash of all that decides what a label or a measure means: the catalogue and the companies' own words."""
    decides = {
        "segments",
        "segments_add_up_to",
        "counterparties",
        "splits",
        "synonyms",
        "concepts",
        "definitions",
        "breaks",
        "securities",
    }
    own = {k: c.model_dump_json(include=decides) for k, c in sorted(companies.items())}
    return hashlib.sha256(json.dumps([mapping_version(), own]).encode()).hexdigest()[:16]


def formulas_of(companies: Mapping[str, Company]) -> str:
    """Return the hash of all that decides how a KPI is computed: the general formulas and those of packs."""
    return _with_own(formula_version(), companies, {"amounts", "ratios"})


def rules_of(companies: Mapping[str, Company]) -> str:
    """Return the hash of all that decides what is a finding: the general rules, and the rules and thresholds of packs."""
    return _with_own(rule_version(), companies, {"severities", "rules"})


def _with_own(general: str, companies: Mapping[str, Company], keys: set[str]) -> str:
    dumped = {k: c.model_dump_json(include=keys) for k, c in sorted(companies.items())}
    own = {k: text for k, text in dumped.items() if any(getattr(companies[k], key) for key in keys)}
    return hashlib.sha256(json.dumps([general, own]).encode()).hexdigest()[:12] if own else general


def inputs_hash(documents: list[StoredDocument], companies: Mapping[str, Company]) -> str:
    """Return the hash of everything that a build reads: documents with their manifests, and the companies."""
    content = {
        "documents": sorted((d.document_id, d.sha256, d.model_dump_json()) for d in documents),
        "companies": {k: c.model_dump_json() for k, c in sorted(companies.items())},
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
