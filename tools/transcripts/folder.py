"""The files of one transcript: manifest, HTML document, list of figures; the same bytes every time."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from . import page, peer_page, report_page
from .page import Page
from .peers import Document, Peer
from .reference import Row, pipeline_value
from .releases import Release
from .reports import Report

COLUMNS = (
    "concept",
    "segment",
    "period",
    "period_type",
    "period_end",
    "value",
    "unit",
    "decimals",
    "rounding",
    "grade",
    "source_kind",
    "source_title",
    "source_url",
    "role",
    "place",
    "printed",
    "where",
    "places",
)
WORDS = "as_stated"
"""The words of a peer's source: its sentences are the transcriber's."""


RELEASE_NOTE = (
    "Incomplete transcript. Figures that the published copies do not show are missing; sentences are short "
    "and in the issuer's patterns, not its words. The income statement below general and administrative "
    "expenses, the cash flow statement, the equity block and the reconciliation take their labels from the "
    "annual report and from the release's paragraphs. Figures known more coarsely than a table's last digit "
    "stand in sentences only."
)
REPORT_NOTE = (
    "Incomplete transcript. It holds the statements and tables of the notes that the published copies show; "
    "figures that they do not show are missing, and the wording of the sentences is the transcriber's."
)


@dataclass(frozen=True)
class Filing:
    """What the manifest says of one filing with one document."""

    name: str
    form: str
    accession: str | None
    filed: date
    precision: str
    period_end: date
    kind: str
    exhibit: str | None
    url: str | None
    transcript_of: str
    note: str
    company: str = "KC"


def of_release(release: Release) -> Filing:
    """The filing of a quarterly release."""
    return Filing(
        release.document,
        "6-K",
        release.accession,
        release.filed,
        release.precision,
        release.period_end,
        "release",
        release.exhibit,
        release.url,
        page.described(release),
        RELEASE_NOTE,
    )


def of_report(report: Report) -> Filing:
    """The filing of a report."""
    return Filing(
        report.document,
        report.form,
        report.accession,
        report.filed,
        report.precision,
        report.period_end,
        "report",
        report.exhibit,
        report.url,
        report_page.described(report),
        f"{REPORT_NOTE} {report.remark}".strip(),
    )


def of_peer(peer: Peer, document: Document) -> Filing:
    """The filing of a peer's document."""
    return Filing(
        document.name,
        document.form,
        document.accession,
        document.filed,
        document.precision,
        document.period_end,
        document.kind,
        document.exhibit,
        document.url,
        peer_page.described(peer, document),
        peer_page.note(document),
        peer.id,
    )


def manifest(filing: Filing) -> dict[str, object]:
    """What the pipeline is told about the filing; null where it is not known."""
    return {
        "company": filing.company,
        "form": filing.form,
        "accession": filing.accession,
        "url": None,
        "filing_date": filing.filed.isoformat(),
        "filing_date_precision": filing.precision,
        "accepted_at": None,
        "period_of_report": filing.period_end.isoformat(),
        "documents": [
            {
                "file": f"{filing.kind}.htm",
                "type": filing.kind,
                "kind": "transcript",
                "exhibit": filing.exhibit,
                "url": filing.url,
                "transcript_of": filing.transcript_of,
                "note": filing.note,
            }
        ],
    }


def figures_csv(laid: Page, filing: Filing) -> str:
    """One line per figure of the document; `role` says whether it is its own or a comparative."""
    own_words = filing.company == "KC"
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS if own_words else (*COLUMNS, WORDS))
    for figure in laid.figures:
        row = figure.row
        value, unit = pipeline_value(row)
        writer.writerow(
            [
                row.concept,
                row.segment,
                row.period,
                row.period_type,
                row.period_end.isoformat(),
                f"{value:f}",
                unit,
                row.decimals,
                f"{_rounding(row):f}",
                row.grade,
                row.source_kind,
                row.source_title,
                row.source_url,
                "own" if row.document == filing.name else "comparative",
                figure.place,
                figure.printed,
                figure.where,
                "; ".join(figure.places),
                *([] if own_words else [row.as_stated]),
            ]
        )
    return out.getvalue()


def _rounding(row: Row) -> Decimal:
    return row.rounding / 100 if row.unit == "percentage_points" else row.rounding


def write(folder: Path, filing: Filing, laid: Page) -> None:
    """Write the folder's three files as UTF-8 with `\n` line ends."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "manifest.json": json.dumps(manifest(filing), ensure_ascii=False, indent=2) + "\n",
        f"{filing.kind}.htm": laid.html,
        "figures.csv": figures_csv(laid, filing),
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode("utf-8"))
