"""Partitions are what exists: a company and the calendar quarter in which a document's period of report ends.

They are dynamic. Between a company's first and last quarter every quarter has a partition, so that one for
which nothing was filed shows as missing; outside that range there is none.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import dagster as dg

from kc_pipeline.figures import quarters_between
from kc_pipeline.store import StoredDocument

NAME = "company_quarters"
DATA_VERSION = "dagster/data_version"
PAGE = 1000


def company_quarters() -> dg.DynamicPartitionsDefinition:
    """Return the partitions of filings and documents; keys are ``ACME/2025Q1``."""
    return dg.DynamicPartitionsDefinition(name=NAME)


def key_of(document: StoredDocument) -> str:
    """Return the partition of a document."""
    return f"{document.company}/{document.quarter}"


def parts_of(key: str) -> tuple[str, str]:
    """Return company and quarter of a partition."""
    company, _, quarter = key.rpartition("/")
    return company, quarter


def expected_keys(held: Iterable[str]) -> list[str]:
    """Return every partition that there should be: of each company the quarters from its first to its last."""
    quarters: dict[str, list[str]] = {}
    for key in held:
        company, quarter = parts_of(key)
        quarters.setdefault(company, []).append(quarter)
    return [
        f"{company}/{quarter}"
        for company, found in sorted(quarters.items())
        for quarter in quarters_between(min(found), max(found))
    ]


def register(instance: dg.DagsterInstance, wanted: Sequence[str]) -> None:
    """Make the instance hold exactly these partitions, in this order."""
    there = list(instance.get_dynamic_partitions(NAME))
    same = next(
        (i for i, (old, new) in enumerate(zip(there, wanted, strict=False)) if old != new),
        min(len(there), len(wanted)),
    )
    for key in there[same:]:
        instance.delete_dynamic_partition(NAME, key)
    if wanted[same:]:
        instance.add_dynamic_partitions(NAME, list(wanted[same:]))


@dataclass(frozen=True, slots=True)
class Content:
    """What a partition holds."""

    documents: list[StoredDocument]

    def version(self, *also: str) -> str:
        """Return a hash over documents and what their manifests say, and over `also`."""
        arrival = {"stored_at", "seq"}
        own = sorted(d.model_dump_json(exclude=arrival) for d in self.documents)
        return hashlib.sha256("\n".join([*also, *own]).encode()).hexdigest()

    def metadata(self) -> dict[str, int | list[str]]:
        """Return the partition's own counts and the names of its documents."""
        originals = sum(d.is_original for d in self.documents)
        return {
            "documents": len(self.documents),
            "originals": originals,
            "transcripts": len(self.documents) - originals,
            "bytes": sum(d.size for d in self.documents),
            "filings": sorted({d.filing_id for d in self.documents}),
        }


def contents(documents: Iterable[StoredDocument]) -> dict[str, Content]:
    """Return the partitions that hold something."""
    out: dict[str, Content] = {}
    for document in documents:
        out.setdefault(key_of(document), Content([])).documents.append(document)
    return out


def shown_versions(instance: dg.DagsterInstance, asset: dg.AssetKey) -> dict[str, str | None]:
    """Return the data version of each partition's newest materialisation, as the instance has it."""
    out: dict[str, str | None] = {}
    cursor = None
    while True:
        page = instance.fetch_materializations(asset, limit=PAGE, cursor=cursor)
        for record in page.records:
            event = record.asset_materialization
            if event is not None and event.partition is not None:
                out.setdefault(event.partition, (event.tags or {}).get(DATA_VERSION))
        if not page.has_more:
            return out
        cursor = page.cursor


def to_show(
    instance: dg.DagsterInstance, asset: dg.AssetKey, versions: Mapping[str, str], expected: Sequence[str]
) -> list[str]:
    """Return the partitions to materialise: those whose content the instance does not show yet.

    A partition that is shown and holds nothing any more can only be taken back with the asset's whole record
    (the open-source instance cannot forget one partition); then every partition is materialised anew.

    Args:
        versions: the data version of each partition that holds something
        expected: every partition that there should be
    """
    shown = shown_versions(instance, asset)
    if any(key in shown and key not in versions for key in expected):
        instance.wipe_assets([asset])
        shown = {}
    return [key for key in expected if key in versions and shown.get(key) != versions[key]]
