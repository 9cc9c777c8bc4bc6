"""The check catalogue in Dagster's terms.

Dagster knows passed and failed, and that a planned check did not run. Not evaluable is the third: the check is
planned and no evaluation of it follows, so that the UI shows "Skipped", in grey. What it lacked stands in its
description, in the metadata of its table and in meta.check_results (docs/decisions/0018). `blocking` here is
presentation: the gate is in the publish function.
"""

from collections.abc import Callable, Iterable
from typing import Any

import dagster as dg

from kc_pipeline.escape import markdown
from kc_pipeline.orchestration.markdown import markdown_table
from kc_pipeline.quality import CATALOGUE, Check

BLOCKING = ("block_build", "block_document")
SHOWN_FAILURES = 20
FAILING = ("company", "document_id", "table_index", "deviation", "allowed", "message")


def _spec(check: Check, asset_key: Callable[[str], dg.AssetKey]) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        name=check.name,
        asset=asset_key(check.relation),
        description=f"{check.title}\n\nSkipped means not evaluable: {check.lacking}.",
        blocking=check.severity in BLOCKING,
        metadata={"severity": check.severity, "tolerance": check.tolerance or "none"},
    )


def check_specs(asset_key: Callable[[str], dg.AssetKey]) -> list[dg.AssetCheckSpec]:
    """Return one spec per check of the catalogue, on the table that it judges."""
    return [_spec(check, asset_key) for check in CATALOGUE]


def not_evaluable(results: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, per table that has any, metadata that names its checks that were not evaluable and what they lacked."""
    lacking: dict[str, list[tuple[str, str]]] = {}
    for result in results:
        if result["status"] == "not_evaluable" and not result["kept_out"]:
            lacking.setdefault(result["relation"], []).append((result["check_name"], result["message"] or ""))
    return {
        relation: {
            "checks_not_evaluable": dg.MetadataValue.md(markdown_table(["check", "what it lacked"], found))
        }
        for relation, found in lacking.items()
    }


def check_event(
    result: dict[str, Any], asset_key: Callable[[str], dg.AssetKey]
) -> dg.AssetCheckResult | dg.Output[None]:
    """Return a check's outcome; for one that is not evaluable its bare output, which Dagster shows as skipped.

    A document that was kept out is a warning, since the rest was published.
    """
    status = result["status"]
    kept_out = result["kept_out"]  # the check was run again without them
    if status == "not_evaluable" and not kept_out:
        spec = dg.AssetCheckSpec(result["check_name"], asset=asset_key(result["relation"]))
        return dg.Output(None, output_name=spec.get_python_identifier())
    severe = result["severity"] == "block_build" and status in ("failed", "error")
    description = result["message"] or ""
    if status == "error":
        description = f"the check itself failed: {description}"
    if kept_out:
        description = f"kept out {'; '.join(kept_out[:5])}. Of what is left: {description}"
    metadata: dict[str, Any] = {
        "status": "kept_out" if kept_out else status,
        "severity": result["severity"],
        "judged_rows": result["judged_rows"],
        "failing_rows": result["failing_rows"],
        "tolerance": result["tolerance"] or "none",
    }
    if result["largest_deviation"] is not None:
        metadata["largest_deviation"] = float(result["largest_deviation"])
    if kept_out:
        metadata["kept_out"] = dg.MetadataValue.md("\n".join(f"- {markdown(row)}" for row in kept_out))
    if failures := result["failures"][:SHOWN_FAILURES]:
        rows = [[failure[name] for name in FAILING] for failure in failures]
        metadata["failing"] = dg.MetadataValue.md(markdown_table(FAILING, rows))
    return dg.AssetCheckResult(
        asset_key=asset_key(result["relation"]),
        check_name=result["check_name"],
        passed=status == "passed" and not kept_out,
        severity=dg.AssetCheckSeverity.ERROR if severe else dg.AssetCheckSeverity.WARN,
        description=markdown(description),  # which Dagster renders
        metadata=metadata,
    )
