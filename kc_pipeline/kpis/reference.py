"""The KPI catalogue as a page for the docs."""

from kc_pipeline.kpis.catalogue import PERIOD_TYPES, general, read, source_text
from kc_pipeline.kpis.of_packs import filled


def reference_markdown() -> str:
    """Return the catalogue as a page for the docs: one table per group."""
    out: list[str] = []
    groups = dict.fromkeys(k.group for k in general().kpis.values())
    for group in groups:
        out += [f"### {group.replace('_', ' ').capitalize()}", ""]
        out += ["| KPI | unit | formula | meaning | better | periods | defined by |", "| --- " * 7 + "|"]
        for k in general().kpis.values():
            if k.group == group:
                periods = "all" if k.period_types == PERIOD_TYPES else ", ".join(k.period_types)
                cells = (
                    f"`{k.name}`",
                    k.unit,
                    f"`{k.formula}`",
                    k.description,
                    k.direction,
                    periods,
                    k.source,
                )
                out.append("| " + " | ".join(cells) + " |")
        out.append("")
    return "\n".join([*out, *_templates_markdown()])


def _templates_markdown() -> list[str]:
    """Return the KPIs that each segment and counterparty of a company has, as parts of the same page."""
    declared, out = read(source_text()), []
    for what, template in (("segment", declared.per_segment), ("counterparty", declared.per_counterparty)):
        out += [f"### For each {what}", "", f"Named after each {what} of a company's pack.", ""]
        out += ["| KPI | unit | formula | meaning | better | with |", "| --- " * 6 + "|"]
        for raw in (*template.amount, *template.ratio):
            values = {"{member}": f"<{what}>", "{id}": f"<{what}>", "{name}": f"the {what}"}
            entry = filled(raw, values)
            sums = [" + ".join(terms) for terms in entry.get("any_of", ())]
            formula = ", else ".join(sums) or f"{entry['numerator']} / {entry['denominator']}"
            more = [f"{k}: {', '.join(entry[k])}" for k in ("growth", "change") if k in entry]
            unit = entry.get("unit", "currency" if sums else "pure")
            better = entry.get("direction", "neutral")
            cells = (
                f"`{entry['name']}`",
                unit,
                f"`{formula}`",
                entry["description"],
                better,
                "; ".join(more),
            )
            out.append("| " + " | ".join(cells) + " |")
        out.append("")
    return out
