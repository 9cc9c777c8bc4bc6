"""Stories as text for a terminal."""

from typing import Any

STORIES = """
SELECT s.*, a.findings FROM marts.stories s
JOIN (SELECT story_id, list({'id': anomaly_id, 'severity': severity, 'rule': rule, 'metric': metric, 'seasonality': seasonality,
    'explanation': explanation}) AS findings FROM marts.anomalies GROUP BY story_id) a USING (story_id)
WHERE (? IS NULL OR company = ?) AND (? IS NULL OR period = ?)
ORDER BY period_end DESC, period DESC, company, array_position(['critical', 'high', 'medium', 'low', 'info'], severity), story_id"""


def told(story: dict[str, Any], *, full: bool = False) -> str:
    """Return one story: its leading finding in full, the others by name, or in full as well."""
    by_id = {f["id"]: f for f in story["findings"]}
    count = f"{story['flags']} findings" if story["flags"] > 1 else "1 finding"
    state = f", resolved by {story['resolved_in']}" if story["resolved_in"] else ""
    name = story["story_id"].split("/")[-1].replace("_", " ")
    lines = [f"  {story['severity'].upper()} {name} ({count}{state})"]
    for place, found in enumerate(story["anomalies"]):
        finding = by_id[found]
        seasonal = f", {finding['seasonality'].replace('_', '-')}" if finding["seasonality"] else ""
        lines.append(f"    {finding['severity']}: {finding['rule']} of {finding['metric']}{seasonal}")
        if full or place == 0:
            lines.append(f"      {finding['explanation']}")
    return "\n".join(lines)
