"""Lay the published figures of Kingsoft Cloud out as transcripts of its filings, one folder each.

    python tools/lay_out_transcripts.py [--shared DIR] [--out DIR] [DOCUMENT ...]

Reads the reference figures (`--shared` or KC_SHARED, default ../shared beside the checkout) and writes
`OUT/KC/<document>/` (default data/filings). The pipeline reads what is written here, never the reference.
The same reference gives the same bytes.
"""

import argparse
import os
from collections import Counter
from pathlib import Path

from transcripts import folder, page, reference, remarks, report_page
from transcripts.releases import RELEASES
from transcripts.reports import REPORTS

REPO = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description="lay published figures out as transcripts")
    parser.add_argument("documents", nargs="*", help="names such as 2025Q1-release; all without any")
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("KC_SHARED") or REPO.parent / "shared")
    )
    parser.add_argument("--out", type=Path, default=REPO / "data" / "filings")
    options = parser.parse_args()
    source = options.shared / "reference"
    if not source.is_dir():
        parser.error(f"no reference figures at {source}; give --shared or set KC_SHARED")

    report_uses = {r.document: r.uses for r in REPORTS}
    known = {d.document for d in RELEASES} | report_uses.keys()
    if unknown := set(options.documents) - known:
        parser.error(f"unknown documents: {', '.join(sorted(unknown))}")
    rows = reference.load(source / "facts.csv")
    left_out: list[str] = []
    quotations = remarks.load(source / "commentary.csv", left_out)
    placed: set[reference.Row] = set()

    def write(filing: folder.Filing, own: list[reference.Row], laid: page.Page) -> None:
        folder.write(options.out / "KC" / filing.name, filing, laid)
        placed.update(own)
        places = Counter(f.place for f in laid.figures)
        print(
            f"{filing.name}: {len(own)} figures, {places['table']} in tables, "
            f"{places['sentence']} in sentences only"
        )

    for release in RELEASES:
        if not options.documents or release.document in options.documents:
            own = reference.rows_of(rows, release.document)
            said = [q for q in quotations if q.quarter == release.quarter]
            write(folder.of_release(release), own, page.lay_out(release, own, said))
    for report in REPORTS:
        if not options.documents or report.document in options.documents:
            own = reference.rows_of(rows, report.document, report.uses)
            write(folder.of_report(report), own, report_page.lay_out(report, own))
    for row in rows:
        if row not in placed:
            uses = report_uses.get(row.document, reference.RELEASE_USES)
            left_out.append(reference.reason_left_out(row, uses) or f"belongs to {row.document}")
    print(f"\n{len(placed)} rows of the reference laid out; left out:")
    for reason, number in sorted(Counter(left_out).items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"  {number:5d}  {reason}")


if __name__ == "__main__":
    main()
