"""What `kc run`, `kc status` and `kc diff` say, as text."""

from collections import Counter
from typing import Any

from kc_pipeline.cli.terminal import styled
from kc_pipeline.config import Settings
from kc_pipeline.figures.display import kpi_value
from kc_pipeline.pipeline.journal import RunRecord

SUMMARY = (
    "revenue",
    "revenue_growth_yoy",
    "revenue_growth_qoq",
    "gross_margin",
    "adjusted_gross_margin",
    "operating_margin",
    "adjusted_operating_margin",
    "net_margin",
    "adjusted_ebitda_margin",
)
SHOWN_CHANGES = 20


def run_report(at: Settings, record: RunRecord, seconds: float) -> str:
    """Return the end of `kc run`: verdict, newest quarter, what was left out, what changed, where things are."""
    if not record.published:
        last = (
            "the last published warehouse is unchanged"
            if at.warehouse.is_file()
            else "there is no published warehouse"
        )
        return "\n".join([f"NOT PUBLISHED: {record.verdict}", f"{last}: {at.warehouse}", *_left_out(record)])
    lines = [newest_quarters(at), ""]
    parsed = f"parsed {record.parsed}" if record.parsed else "parsed nothing again"
    lines.append(
        f"published build {record.build_id}: {record.documents} documents, {parsed} ({record.from_cache} read before), {seconds:.1f} s"
    )
    changes = (
        "this is the first publish"
        if not record.previous
        else ", ".join(f"{n} {what}" for what, n in sorted(record.changes.items())) or "nothing"
    )
    lines.append(
        f"changed since the last publish: {changes}" + (" (`kc diff` lists it)" if record.changes else "")
    )
    return "\n".join([*lines, *_what_there_is(at, record)])


def nothing_new_report(at: Settings, record: RunRecord, words: str) -> str:
    """Return the end of a `kc run` that had nothing to do; `record` is of the run that published."""
    lines = [newest_quarters(at), "", f"{words} (`kc run --force` builds)"]
    return "\n".join([*lines, *_what_there_is(at, record)])


def _what_there_is(at: Settings, record: RunRecord) -> list[str]:
    """Return what was left out of the published build, what is to be said of it, and where it lies."""
    lines = [*superseded_lines(record), *_left_out(record)]
    lines += [f"remark: {remark}" for remark in record.remarks]
    lines.append(f"warehouse: {at.warehouse}")
    newest = {path.parent.name: path for path in sorted(at.briefs.glob("*/*.md"))}
    return lines + [f"brief:     {path} (and .html)" for path in newest.values()]


def superseded_lines(record: RunRecord) -> list[str]:
    """Return what is to be said of transcripts whose place an original took."""
    return [
        f"superseded {document}: an original of the same form and period took its place; what only this transcript says "
        "is no fact any more"
        for document in record.superseded
    ]


def _left_out(record: RunRecord) -> list[str]:
    lines = []
    for skipped in record.skipped:
        lines.append(f"SKIPPED {skipped['path']}: {skipped['reason']}")
    for row in record.quarantined:
        lines.append(f"QUARANTINED {row['document_id']}: {row['reason']}")
    return lines


def newest_quarters(at: Settings) -> str:
    """Return each company's newest quarter: headline figures and flags."""
    from kc_pipeline.lineage.trail import rows
    from kc_pipeline.warehouse.connect import open_published

    out = []
    with open_published(at) as con:
        for company in rows(con, "SELECT company, name FROM core.companies ORDER BY company"):
            out += _newest(con, company["company"], company["name"], rows)
    return "\n".join(out)


def _newest(con: Any, company: str, name: str, rows: Any) -> list[str]:
    newest = rows(
        con,
        "SELECT max(period) AS period FROM marts.kpis WHERE company = ? AND period_type = 'quarter' AND kpi = 'revenue'",
        [company],
    )[0]["period"]
    if newest is None:
        return [f"{name} ({company}): no quarter's revenue is known"]
    kpis = {
        r["kpi"]: r
        for r in rows(con, "SELECT * FROM marts.kpis WHERE company = ? AND period = ?", [company, newest])
    }

    def shown(row: dict[str, Any]) -> str:
        return kpi_value(row["kpi"], row["value"], row["unit"], row["low"], row["high"])

    out = [f"{name} ({company}) {newest}"]
    for kpi in SUMMARY:
        r = kpis.get(kpi)
        if r is None:
            out.append(f"  {kpi:26} not known")
            continue
        extra = [
            shown(kpis[f"{kpi}_{change}"]) + words
            for change, words in (("change_yoy", " yoy"), ("change_qoq", " qoq"))
            if f"{kpi}_{change}" in kpis
        ]
        detail = f"{r['origin']}, {r['evidence']}" + (f"; {', '.join(extra)}" if extra else "")
        out.append(f"  {kpi:26} {shown(r):>22}  ({detail})")
    flags = rows(
        con,
        "SELECT * FROM marts.anomalies WHERE company = ? AND period = ? ORDER BY severity, rule, metric",
        [company, newest],
    )
    out.append(f"  flags: {len(flags) or 'none'}")
    out += [f"    {f['severity']}: {f['explanation']}" for f in flags]
    return out


def changes_text(changes: list[dict[str, Any]], builds: list[str]) -> str:
    """Return the changes of some builds: counts by cause, then the first of each kind."""
    if not builds:
        return "there is only one build; nothing to compare"
    if not changes:
        return f"nothing changed in {', '.join(builds)}"
    counted = Counter((c["what"], c["change"], c["cause"]) for c in changes)
    lines = [f"{n:6} {what} {change} by {cause}" for (what, change, cause), n in sorted(counted.items())]
    for c in changes[:SHOWN_CHANGES]:
        old = "·" if c["old_value"] is None else f"{c['old_value'].normalize():f}"
        new = "·" if c["new_value"] is None else f"{c['new_value'].normalize():f}"
        lines.append(f"  {c['what']} {c['change']}: {c['detail'] or c['id']}: {old} -> {new} ({c['cause']})")
    if len(changes) > SHOWN_CHANGES:
        lines.append(f'  … {len(changes) - SHOWN_CHANGES} more: kc sql "select * from meta.changes"')
    return "\n".join(lines)


def verdict_style(record: RunRecord) -> str:
    """Return the verdict, coloured on a terminal."""
    return styled(record.verdict, "green" if record.published else "red")
