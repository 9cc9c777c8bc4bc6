"""What a quarter's brief holds, as data; the words around it are in the template."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb

from kc_pipeline.figures.display import EVIDENCE_ORDER, EVIDENCE_SHORT, fact_value, kpi_value, remark_words
from kc_pipeline.lineage.trail import fact_trails, rows
from kc_pipeline.lineage.words import document_name, place

HEADLINE = (
    ("Revenue", "revenue", "revenue_growth_yoy", "revenue_growth_qoq"),
    ("Public cloud revenue", "public_cloud_revenue", "public_cloud_growth_yoy", "public_cloud_growth_qoq"),
    (
        "Enterprise cloud revenue",
        "enterprise_cloud_revenue",
        "enterprise_cloud_growth_yoy",
        "enterprise_cloud_growth_qoq",
    ),
    ("AI gross billing", "ai_gross_billing", "ai_gross_billing_growth_yoy", "ai_gross_billing_growth_qoq"),
    ("Ecosystem revenue", "ecosystem_revenue", "ecosystem_growth_yoy", "ecosystem_growth_qoq"),
    ("Gross profit", "gross_profit", "gross_profit_growth_yoy", "gross_profit_growth_qoq"),
    (
        "Adjusted gross profit",
        "adjusted_gross_profit",
        "adjusted_gross_profit_growth_yoy",
        "adjusted_gross_profit_growth_qoq",
    ),
    ("Operating result", "operating_income_loss", None, None),
    ("Adjusted operating result", "adjusted_operating_income_loss", None, None),
    ("Net result of the group", "profit_loss", None, None),
    ("Net result of the parent", "net_income_loss", None, None),
    ("Adjusted net result", "adjusted_net_income_loss", None, None),
    ("Adjusted EBITDA", "adjusted_ebitda", "adjusted_ebitda_growth_yoy", "adjusted_ebitda_growth_qoq"),
    ("Capital expenditures", "capital_expenditures", None, None),
    ("Operating cash flow", "operating_cash_flow", None, None),
    ("Cash and cash equivalents", "cash_and_equivalents", None, None),
)
SHARES = (
    ("Public cloud share of revenue", "public_cloud_share"),
    ("Enterprise cloud share of revenue", "enterprise_cloud_share"),
    ("AI share of public cloud revenue", "ai_share_of_public_cloud"),
    ("Ecosystem share of revenue", "ecosystem_share"),
    ("Capital intensity", "capex_intensity"),
    ("R&D / revenue", "rnd_ratio"),
    ("SG&A / revenue", "sga_ratio"),
    ("Current ratio", "current_ratio"),
    ("Days sales outstanding", "days_sales_outstanding"),
)
MARGINS = (
    ("Gross margin", "gross_margin"),
    ("Adjusted gross margin", "adjusted_gross_margin"),
    ("Operating margin", "operating_margin"),
    ("Adjusted operating margin", "adjusted_operating_margin"),
    ("Net margin (group)", "net_margin"),
    ("Net margin (parent's share)", "parent_net_margin"),
    ("Adjusted EBITDA margin", "adjusted_ebitda_margin"),
)


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
    for label, kpi, yoy, qoq in HEADLINE:
        brief.headline.append((label, build.cell(kpi), build.cell(yoy), build.cell(qoq)))
    for label, kpi in SHARES:
        brief.shares.append((label, build.cell(kpi)))
    for label, kpi in MARGINS:
        brief.margins.append(
            (label, build.cell(kpi), build.cell(f"{kpi}_change_yoy"), build.cell(f"{kpi}_change_qoq"))
        )
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
    wanted = (
        [k for _, k, *growth in HEADLINE for k in (k, *growth) if k]
        + [k for _, k in SHARES]
        + [k for _, k in MARGINS]
    )
    for kpi in wanted:
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
