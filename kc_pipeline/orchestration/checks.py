"""The check catalogue in Dagster's terms.

Dagster knows passed and failed only: not evaluable is shown as a failed warning whose description says so
(docs/decisions); the three outcomes stand in meta.check_results. `blocking` here is presentation: the gate is
in the publish function.
"""

from collections.abc import Callable
from typing import Any

import dagster as dg

from kc_pipeline.escape import markdown
from kc_pipeline.quality import CATALOGUE

BLOCKING = ("block_build", "block_document")


def check_specs(asset_key: Callable[[str], dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    """Return one spec per check of the catalogue, on the table that it judges."""
    return [
        dg.AssetCheckSpec(
            name=check.name,
            asset=asset_key(check.relation),
            description=check.title,
            blocking=check.severity in BLOCKING,
        )
        for check in CATALOGUE
    ]


def check_result(result: dict[str, Any], asset_key: Callable[[str], dg.AssetKey]) -> dg.AssetCheckResult:
    """Return a check's outcome; a document that was kept out is a warning, since the rest was published."""
    status = result["status"]
    kept_out = result["kept_out"]  # the check was run again without them
    passed = status == "passed" and not kept_out
    severe = result["severity"] == "block_build" and status in ("failed", "error")
    description = result["message"] or ""
    if status == "not_evaluable":
        description = f"not evaluable: {description}"
    elif status == "error":
        description = f"the check itself failed: {description}"
    if kept_out:
        description = f"kept out {'; '.join(kept_out[:5])}. Of what is left: {description}"
    failures = [f["message"] for f in result["failures"][:20]]
    metadata: dict[str, Any] = {
        "status": status,
        "severity": result["severity"],
        "judged_rows": result["judged_rows"],
        "failing_rows": result["failing_rows"],
        "tolerance": result["tolerance"] or "none",
    }
    if result["largest_deviation"] is not None:
        metadata["largest_deviation"] = float(result["largest_deviation"])
    if failures:
        metadata["failures"] = dg.MetadataValue.md("\n".join(f"- {markdown(m)}" for m in failures))
    return dg.AssetCheckResult(
        asset_key=asset_key(result["relation"]),
        check_name=result["check_name"],
        passed=passed,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description=description,
        metadata=metadata,
    )
