"""What a quarter's brief holds, as data; the words around it are in the template."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from kc_pipeline.brief.headlines import headlines
from kc_pipeline.figures.display import EVIDENCE_ORDER, EVIDENCE_SHORT, fact_value, kpi_value, remark_words
from kc_pipeline.lineage.trail import fact_trails, rows
from kc_pipeline.lineage.words import document_name, place


@dataclass(slots=True)
class Source:
    """One fact behind a number, with its mark in the list of sources."""

    number: int
    fact: dict[str, Any]

    @property
    def words(self) -> str:
        """Figure, text as printed, document, place, evidence, and the true source of a transcribed figure."""
        f = self.fact
        name = f["concept"] + (f"/{f['segment']}" if f["segment"] else "")
        name += f"@{f['counterparty']}" if f["counterparty"] else ""
        when = (
            f"at {f['period_end']}"
            if f["period_start"] is None
            else f"{f['months']} months to {f['period_end']}"
        )
        evidence = (
            f["evidence"]
            if f["evidence"] == "original"
            else f"{f['evidence']}, grade {f['grade'] or 'not given'}"
        )
        origin = " ".join(str(x) for x in (f.get("source_title"), f["source_url"]) if x)
        shown = fact_value(f["concept"], f["value"], f["unit"], f["decimals"])
        if f["origin"] == "derived":
            return f"{name}, {when}: {shown}, derived from {f['label']} (kc explain shows the figures); known with {f['document_id']}; {f['evidence']}"
        out = f"{name}, {when}: {shown}, printed “{f['text']}”; {f['document_id']}, {place(f)}; {evidence}"
        return f"{out}; {origin}" if origin else out


@dataclass(slots=True)
class Cell:
    """One number of the brief: its text, its sources' numbers, documents and weakest evidence."""

    text: str
    refs: tuple[int, ...] = ()
    documents: tuple[str, ...] = ()
    evidence: str = ""

    @property
    def cited(self) -> str:
        """The number followed by its source document and evidence; a bare text where it is missing."""
        if not self.refs:
            return self.text
        marks = "".join(f"[{r}]" for r in self.refs)
        return f"{self.text} ({', '.join(self.documents)}; {self.evidence}) {marks}"


@dataclass(slots=True)
class Brief:
    """A quarter's brief as data."""

    company: str
    name: str
    period: str
    as_of: date | None
    opening: str
    headline: list[tuple[str, Cell, Cell, Cell]] = field(default_factory=list)
    shares: list[tuple[str, Cell]] = field(default_factory=list)
    margins: list[tuple[str, Cell, Cell, Cell]] = field(default_factory=list)
    flags: list[dict[str, Any]] = field(default_factory=list)
    commentary: list[dict[str, Any]] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    later: list[str] = field(default_factory=list)


class _Builder:
    def __init__(self, con: duckdb.DuckDBPyConnection, company: str, period: str) -> None:
        found = rows(con, "SELECT * FROM marts.kpis WHERE company = ? AND period = ?", [company, period])
        self.kpis = {k["kpi"]: k for k in found}
        inputs = rows(
            con,
            "SELECT * FROM marts.kpi_inputs WHERE company = ? AND period = ? ORDER BY kpi, role, fact_id",
            [company, period],
        )
        self.inputs: dict[str, list[str]] = {}
        for i in inputs:
            facts = self.inputs.setdefault(i["kpi"], [])
            if i["fact_id"] not in facts:
                facts.append(i["fact_id"])
        self.facts = fact_trails(con, [i["fact_id"] for i in inputs])
        absent = rows(
            con, "SELECT * FROM marts.kpi_absent WHERE company = ? AND period = ?", [company, period]
        )
        self.absent = {a["kpi"]: a for a in absent}
        self.sources: dict[str, Source] = {}

    def cell(self, kpi: str | None) -> Cell:
        if kpi is None:
            return Cell("")
        row = self.kpis.get(kpi)
        if row is None:
            return Cell(
                "not known"
                if kpi not in self.absent or self.absent[kpi]["reason"] == "missing_input"
                else self.absent[kpi]["reason"].replace("_", " ")
            )
        return self.cite(self._text(row), self.inputs.get(kpi, []))

    def _text(self, row: dict[str, Any]) -> str:
        return _shown(row)

    def cite(self, text: str, fact_ids: list[str]) -> Cell:
        facts = [self.facts[f] for f in fact_ids if f in self.facts]
        for fact in facts:
            self.sources.setdefault(fact["fact_id"], Source(len(self.sources) + 1, fact))
        documents = dict.fromkeys(f["document_id"] for f in facts)
        evidence = max((f["evidence"] for f in facts), key=EVIDENCE_ORDER.index, default="")
        return Cell(text, tuple(self.sources[f["fact_id"]].number for f in facts), tuple(documents), evidence)


def quarterly_brief(
    con: duckdb.DuckDBPyConnection, company: str, period: str, as_of: date | None = None
) -> Brief:
    """Return the brief of one quarter from the tables of `con` (the published ones, or those of a day).

    Raises:
        LookupError: if the company or the quarter is not in the warehouse.
    """
    names = rows(con, "SELECT name FROM core.companies WHERE company = ?", [company])
    if not names:
        raise LookupError(f"company {company!r} is not in the warehouse")
    build = _Builder(con, company, period)
    if not build.kpis:
        raise LookupError(f"nothing is known of {company} in {period}" + (f" at {as_of}" if as_of else ""))
    brief = Brief(company, names[0]["name"], period, as_of, opening="")
    shown = headlines(company)
    for label, kpi, yoy, qoq in shown.figures:
        brief.headline.append((label, build.cell(kpi), build.cell(yoy), build.cell(qoq)))
    for f in shown.ratios:
        brief.shares.append((f.label, build.cell(f.kpi)))
    for label, kpi, yoy, qoq in shown.margins:
        brief.margins.append((label, build.cell(kpi), build.cell(yoy), build.cell(qoq)))
    flags = rows(
        con,
        """SELECT a.*, s.flags FROM marts.stories s JOIN marts.anomalies a USING (story_id)
           WHERE s.company = ? AND s.period = ?
             AND (a.severity IN ('critical', 'high', 'medium') OR a.anomaly_id = s.anomalies[1])
           ORDER BY array_position(['critical', 'high', 'medium', 'low', 'info'], s.severity), s.story_id,
             list_position(s.anomalies, a.anomaly_id)""",
        [company, period],
    )
    build.facts.update(fact_trails(con, [e for f in flags for e in f["evidence"]]))
    brief.flags = [{**f, "cell": build.cite(f["explanation"], f["evidence"])} for f in flags]
    brief.commentary = rows(
        con,
        """SELECT c.*, d.filing_date FROM staging.commentary c JOIN raw.documents d USING (document_id)
           JOIN raw.filings g USING (filing_id)
           JOIN (SELECT any_value(period_end) AS period_end FROM marts.kpis WHERE company = ? AND period = ?) p
             ON abs(date_diff('day', g.period_of_report, p.period_end)) <= 10
           WHERE c.company = ? AND d.status = 'accepted' ORDER BY c.document_id, c.seq""",
        [company, period, company],
    )
    for kpi in shown.kpis:
        if kpi in build.kpis:
            continue
        absent = build.absent.get(kpi)
        reason = (
            "no document of the period states it"
            if absent is None
            else f"{absent['reason'].replace('_', ' ')}{': ' + absent['detail'] if absent['detail'] else ''}"
        )
        brief.missing.append((kpi, reason))
    brief.sources = sorted(build.sources.values(), key=lambda s: s.number)
    cited = {s.fact["document_id"]: s.fact for s in brief.sources}
    brief.documents = [_document(cited[d]) for d in sorted(cited)]
    brief.opening = opening(brief)
    return brief


def _document(fact: dict[str, Any]) -> str:
    filed = f"{fact['form']}, filed {fact['filing_date']}"
    if fact["filing_date_precision"] != "day":
        filed += f" ({fact['filing_date_precision'].replace('_', ' ')})"
    return f"{document_name(fact)}; {filed}" + (f"; {fact['url']}" if fact["url"] else "")


def opening(brief: Brief) -> str:
    """Return the first sentence of a brief: what its figures rest on."""
    counted = Counter(s.fact["evidence"] for s in brief.sources)
    total = sum(counted.values())
    read = counted.pop("original", 0)
    parts = "; ".join(f"{counted[e]} {e}: {EVIDENCE_SHORT[e]}" for e in EVIDENCE_ORDER if counted.get(e))
    if not total:
        return "No figure of this quarter that a brief shows is known."
    if read == total:
        return f"All {total} figures behind this brief were read in the issuer's own documents."
    caveat = "A transcript is incomplete: what is missing here may stand in the filing."
    if not read:
        return f"None of its figures was read in the issuer's own document: all {total} are transcripts ({parts}). {caveat}"
    return (
        f"{read} of its {total} figures were read in the issuer's own documents; the {total - read} others are"
        f" transcripts ({parts}). {caveat}"
    )


def _shown(row: dict[str, Any]) -> str:
    shown = kpi_value(row["kpi"], row["value"], row["unit"], row["low"], row["high"])
    return f"{shown}, {remark_words(row['remark'])}" if row["remark"] else shown


def later_developments(now: dict[str, dict[str, Any]], then: dict[str, dict[str, Any]]) -> list[str]:
    """Return what changed since: KPIs (by name) whose value is another one now, or known only now."""
    out = []
    for kpi, row in sorted(now.items()):
        before = then.get(kpi)
        shown = _shown(row)
        if before is None:
            out.append(f"{kpi}: {shown}, known since {row['known_at']}")
        elif before["value"] != row["value"]:
            out.append(f"{kpi}: {_shown(before)} then, {shown} since {row['known_at']}")
    return out
