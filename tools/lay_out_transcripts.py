"""Lay the published figures of Kingsoft Cloud and its peers out as transcripts of their filings, one folder each.

    python tools/lay_out_transcripts.py [--shared DIR] [--out DIR] [--company ID] [DOCUMENT ...]

Reads the reference figures (`--shared` or KC_SHARED, default ../shared beside the checkout) and writes
`OUT/<company>/<document>/` (default data/filings): all companies, or the one named. Kingsoft Cloud's figures are in
facts.csv (`releases.py` and `reports.py` say what its documents are), the peers' in peers.csv (`peers.toml`). The pipeline reads what is written here, never the reference.
The same reference gives the same bytes.
"""

import argparse
import os
from collections import Counter
from pathlib import Path

from transcripts import folder, page, peer_page, peers, reference, remarks, report_page
from transcripts.releases import RELEASES
from transcripts.reports import REPORTS

REPO = Path(__file__).resolve().parents[1]


def main() -> None:
    known = {peer.id: peer for peer in peers.peers()}
    parser = argparse.ArgumentParser(description="lay published figures out as transcripts")
    parser.add_argument("documents", nargs="*", help="names such as 2025Q1-release; all without any")
    parser.add_argument(
        "--shared", type=Path, default=Path(os.environ.get("KC_SHARED") or REPO.parent / "shared")
    )
    parser.add_argument("--out", type=Path, default=REPO / "data" / "filings")
    parser.add_argument("--company", choices=["KC", *known], help="one company; all without")
    options = parser.parse_args()
    source = options.shared / "reference"
    if not source.is_dir():
        parser.error(f"no reference figures at {source}; give --shared or set KC_SHARED")
    companies = [options.company] if options.company else ["KC", *known]
    names = _own_documents() if "KC" in companies else set()
    names |= {d.name for c in companies if c in known for d in known[c].documents}
    if unknown := set(options.documents) - names:
        parser.error(f"unknown documents: {', '.join(sorted(unknown))}")
    for company in companies:
        if company in known:
            _lay_out_peer(known[company], source, options.out, options.documents)
        else:
            _lay_out_own(source, options.out, options.documents)


def _own_documents() -> set[str]:
    return {d.document for d in RELEASES} | {r.document for r in REPORTS}


def _lay_out_own(source: Path, target: Path, documents: list[str]) -> None:
    """Write Kingsoft Cloud's documents and print how many figures each holds, and what was left out."""
    report_uses = {r.document: r.uses for r in REPORTS}
    rows = reference.load(source / "facts.csv")
    left_out: list[str] = []
    quotations = remarks.load(source / "commentary.csv", left_out)
    placed: set[reference.Row] = set()

    def write(filing: folder.Filing, own: list[reference.Row], laid: page.Page) -> None:
        _write(target, filing, laid)
        placed.update(own)

    for release in RELEASES:
        if not documents or release.document in documents:
            own = reference.rows_of(rows, release.document)
            said = [q for q in quotations if q.quarter == release.quarter]
            write(folder.of_release(release), own, page.lay_out(release, own, said))
    for report in REPORTS:
        if not documents or report.document in documents:
            own = reference.rows_of(rows, report.document, report.uses)
            write(folder.of_report(report), own, report_page.lay_out(report, own))
    for row in rows:
        if row not in placed:
            uses = report_uses.get(row.document, reference.RELEASE_USES)
            left_out.append(reference.reason_left_out(row, uses) or f"belongs to {row.document}")
    _summary("KC", len(placed), left_out)


def _lay_out_peer(peer: peers.Peer, source: Path, target: Path, documents: list[str]) -> None:
    """Write a peer's documents and print how many figures each holds, and what was left out."""
    rows, left_out = peers.load(source / "peers.csv", peer)
    placed = 0
    for document in peer.documents:
        own = [r for r in rows if r.document == document.name]
        if documents and document.name not in documents:
            left_out += [f"belongs to {document.name}"] * len(own)
            continue
        _write(target, folder.of_peer(peer, document), peer_page.lay_out(peer, document, own))
        placed += len(own)
    _summary(peer.id, placed, left_out)


def _write(target: Path, filing: folder.Filing, laid: page.Page) -> None:
    folder.write(target / filing.company / filing.name, filing, laid)
    places = Counter(f.place for f in laid.figures)
    print(
        f"{filing.company} {filing.name}: {len(laid.figures)} figures, {places['table']} in tables, "
        f"{places['sentence']} in sentences only"
    )


def _summary(company: str, placed: int, left_out: list[str]) -> None:
    print(f"\n{company}: {placed} rows of the reference laid out; left out:")
    for reason, number in sorted(Counter(left_out).items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"  {number:5d}  {reason}")
    print()


if __name__ == "__main__":
    main()
