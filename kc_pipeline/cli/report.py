"""What `kc run`, `kc status` and `kc diff` say, as text."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from kc_pipeline.cli.terminal import styled
from kc_pipeline.config import Settings, load_companies
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
IN_ONE_LINE = {
    "revenue": "revenue",
    "revenue_growth_yoy": "year on year",
    "gross_margin": "gross margin",
    "operating_margin": "operating margin",
    "adjusted_ebitda_margin": "adjusted EBITDA margin",
}
"""The KPIs of a company that is not the first to be followed, and what its line calls them."""


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
        else ", ".join(
            f"{n} {_counted(what, n)} {change}"
            for (what, _, change), n in sorted((k.partition(" "), n) for k, n in record.changes.items())
        )
        or "nothing"
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
    lines += [f"mended: {what}" for what in record.mended]
    lines += [f"remark: {remark}" for remark in record.remarks]
    lines.append(f"warehouse: {at.warehouse}")
    newest = {path.parent.name: path for path in sorted(at.briefs.glob("*/*.md"))}
    ordered = [newest[company] for company in _followed(at, newest)]
    lines += [f"brief:     {path} (and .html)" for path in ordered[:1]]
    if ordered[1:]:
        lines.append(
            f"           and in {at.briefs}: "
            + ", ".join(path.relative_to(at.briefs).as_posix() for path in ordered[1:])
        )
    return lines


def _followed(at: Settings, companies: Iterable[str]) -> list[str]:
    """Return companies in the order in which they are followed: those that companies.toml puts first, then by name."""
    order = list(load_companies(at.companies_file))
    return sorted(companies, key=lambda c: (order.index(c) if c in order else len(order), c))


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
    """Return the newest quarter of the first company, its headline figures and flags, and a line for each other company."""
    from kc_pipeline.lineage.trail import rows
    from kc_pipeline.warehouse.connect import open_published

    with open_published(at) as con:
        names = {r["company"]: r["name"] for r in rows(con, "SELECT company, name FROM core.companies")}
        ordered = _followed(at, names)
        out = [line for company in ordered[:1] for line in _newest(con, company, names[company], rows)]
        others = ordered[1:]
        if others:
            out += ["", "also followed (`kc table COMPANY` shows more):"]
            out += [_in_one_line(con, company, rows) for company in others]
    return "\n".join(out)


def _newest_period(con: Any, company: str, rows: Any) -> str | None:
    period: str | None = rows(
        con,
        "SELECT max(period) AS period FROM marts.kpis WHERE company = ? AND period_type = 'quarter' AND kpi = 'revenue'",
        [company],
    )[0]["period"]
    return period


def _in_one_line(con: Any, company: str, rows: Any) -> str:
    newest = _newest_period(con, company, rows)
    if newest is None:
        return f"  {company:14}no quarter's revenue is known"
    figures = rows(con, "SELECT * FROM marts.kpis WHERE company = ? AND period = ?", [company, newest])
    known = {r["kpi"]: kpi_value(r["kpi"], r["value"], r["unit"], r["low"], r["high"]) for r in figures}
    flags = rows(
        con,
        "SELECT count(*) AS n FROM marts.anomalies WHERE company = ? AND period = ?",
        [company, newest],
    )[0]["n"]
    ends = next((r["calendar_quarter"] for r in figures), newest)
    calendar = f" (calendar {ends})" if ends != newest else ""
    said = [f"{words} {known[kpi]}" for kpi, words in IN_ONE_LINE.items() if kpi in known]
    return f"  {company:14}{newest}{calendar}: {', '.join(said)}; flags: {flags or 'none'}"


def _newest(con: Any, company: str, name: str, rows: Any) -> list[str]:
    newest = _newest_period(con, company, rows)
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
        """SELECT * FROM marts.stories WHERE company = ? AND period = ?
           ORDER BY array_position(['critical', 'high', 'medium', 'low', 'info'], severity), story_id""",
        [company, newest],
    )
    out.append(f"  stories: {len(flags) or 'none'}" + (" (`kc flags` tells them)" if flags else ""))
    out += [
        f"    {f['severity']}: {f['headline']} ({f['flags']} finding{'s' * (f['flags'] != 1)})" for f in flags
    ]
    return out


def changes_text(changes: list[dict[str, Any]], builds: list[str]) -> str:
    """Return the changes of some builds: counts by cause, then the first of each kind."""
    if not builds:
        return "there is only one build; nothing to compare"
    if not changes:
        return f"nothing changed in {', '.join(builds)}"
    counted = Counter((c["what"], c["change"], c["cause"]) for c in changes)
    lines = [
        f"{n:6} {_counted(what, n)} {change} by {cause}"
        for (what, change, cause), n in sorted(counted.items())
    ]
    for c in changes[:SHOWN_CHANGES]:
        if c.get("revision"):
            before, now = (f"{c[side].normalize():f}" for side in ("first_value", "new_value"))
            said = f"{c['detail']}: {before} in {c['first_document_id']} -> {now}"
            lines.append(f"  figure changed: {said} ({c['revision']})")
            continue
        old = "·" if c["old_value"] is None else f"{c['old_value'].normalize():f}"
        new = "·" if c["new_value"] is None else f"{c['new_value'].normalize():f}"
        lines.append(f"  {c['what']} {c['change']}: {c['detail'] or c['id']}: {old} -> {new} ({c['cause']})")
    if len(changes) > SHOWN_CHANGES:
        lines.append(f'  … {len(changes) - SHOWN_CHANGES} more: kc sql "select * from meta.changes"')
    return "\n".join(lines)


def _counted(what: str, n: int) -> str:
    """Return the word for so many facts, KPIs or anomalies.

    >>> _counted("anomaly", 2), _counted("kpi", 1)
    ('anomalies', 'KPI')
    """
    one = "KPI" if what == "kpi" else what
    return one if n == 1 else f"{one.removesuffix('y')}ies" if one.endswith("y") else f"{one}s"


def verdict_style(record: RunRecord) -> str:
    """Return the verdict, coloured on a terminal."""
    return styled(record.verdict, "green" if record.published else "red")
