"""Looks that found nothing new, as observations of the published warehouse.

A run inside Dagster logs its own. `kc run` does not load Dagster where there is nothing to do; its looks are
told to the instance by whatever loads Dagster next: a run, a tick of schedule or sensor, `kc ui`.
"""

from datetime import UTC, datetime

import dagster as dg

from kc_pipeline.config import Settings
from kc_pipeline.escape import markdown
from kc_pipeline.orchestration.tables import PUBLISHED
from kc_pipeline.pipeline.unchanged import Look, looks

LOOKED_AT = "looked_at"


def _observation(at: str, build_id: str, words: str) -> dg.AssetObservation:
    return dg.AssetObservation(
        PUBLISHED,
        description=markdown(words),
        metadata={LOOKED_AT: at, "build_id": build_id, "finding": words},
    )


def nothing_new(found: Look) -> dg.AssetObservation:
    """Return the observation of a look that found nothing new."""
    return _observation(datetime.now(UTC).isoformat(timespec="seconds"), found.build_id or "", found.words)


def tell_looks(instance: dg.DagsterInstance, settings: Settings) -> list[str]:
    """Tell the instance the looks of `kc run` that it does not know yet; return when they were."""
    noted = looks(settings)
    if not noted:
        return []
    known = ""
    for record in instance.fetch_observations(PUBLISHED, limit=1).records:
        value = record.asset_observation.metadata.get(LOOKED_AT) if record.asset_observation else None
        known = str(value.value) if value is not None else ""
    new = [entry for entry in noted if entry["at"] > known]
    for entry in new:
        instance.report_runless_asset_event(_observation(entry["at"], entry["build_id"], entry["words"]))
    return [entry["at"] for entry in new]
