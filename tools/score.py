"""Score extraction on the real documents: `make score`.

Reads `$KC_REALDOCS`, else `$KC_SHARED/realdocs`, else `../shared/realdocs`. Prints, for documents with ground
truth, what was read exactly and what wrongly; for all documents, whether they went through, which statements were
recognised, whether totals tie; for issuers with several quarters, whether later comparatives agree with first reports.

Definitions: `exact` is a truth number with a line of the same value, period end, months and unit. `wrong` is a truth
number not exact whose printed digits stand in the same table under another value, period or duration, where the
table carries no warning; a second line of one table, row and column is wrong too. `agree` is the share of mapped
lines, among those that match a truth number, whose concept agrees with the tagged element; `--concepts` prints by
frequency what stays unmapped and what disagrees instead.
"""

import csv
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kc_pipeline.extraction import extract  # noqa: E402
from kc_pipeline.extraction.checks import PRIMARY, tie_report  # noqa: E402
from kc_pipeline.extraction.model import Extraction, Line  # noqa: E402
from kc_pipeline.figures import agree  # noqa: E402
from tools.concept_report import Judged, judge, print_report, unit_of  # noqa: E402

FOLDERS = ("10-Q", "nvidia", "6-K", "8-K", "8-K-banks", "8-K-text")


@dataclass
class Score:
    """What one document gave."""

    name: str
    folder: str
    size: int
    seconds: float
    lines: int = 0
    mapped: int = 0
    truth: int = 0
    exact: int = 0
    wrong: int = 0
    tables: int = 0
    warned: int = 0
    beside: int = 0
    matched: int = 0
    agreed: int = 0
    kinds: dict[str, float] = field(default_factory=dict)
    statements: Counter[str] = field(default_factory=Counter)
    totals: tuple[int, int] = (0, 0)
    sides: tuple[int, int] = (0, 0)
    warnings: Counter[str] = field(default_factory=Counter)
    figures: dict[tuple[Any, ...], tuple[Decimal, int, str, bool]] = field(default_factory=dict)
    newest: str = ""
    error: str = ""
    judged: list[Judged] = field(default_factory=list)


def realdocs() -> Path:
    if os.environ.get("KC_REALDOCS"):
        return Path(os.environ["KC_REALDOCS"])
    return Path(os.environ.get("KC_SHARED") or ROOT.parent / "shared") / "realdocs"


def digits(text: str) -> str:
    return re.sub(r"[^0-9.]", "", text)


def measure(path: Path, folder: str) -> Score:
    """Extract one document and score it."""
    data = path.read_bytes()
    start = time.perf_counter()
    try:
        out = extract(data)
    except Exception as error:  # noqa: BLE001 - an exception is a result that the score reports
        return Score(
            path.name,
            folder,
            len(data),
            time.perf_counter() - start,
            error=f"{type(error).__name__}: {error}",
        )
    score = Score(path.stem, folder, len(data), time.perf_counter() - start)
    score.lines = len(out.lines)
    score.mapped = sum(1 for line in out.lines if line.concept)
    for statement in {(line.statement, line.table) for line in out.lines if line.statement in PRIMARY}:
        score.statements[statement[0]] += 1
    score.totals, score.sides = tie_report(out)
    score.warnings.update(w.code for w in out.warnings)
    score.figures = comparable(out)
    score.newest = max((str(k[4]) for k in score.figures), default="")
    truth_file = path.with_name(f"{path.stem}.truth.json")
    if truth_file.exists():
        against_truth(score, json.loads(truth_file.read_text()), out)
    return score


def against_truth(score: Score, document: dict[str, Any], out: Extraction) -> None:
    # cash at a period's beginning or end is printed inside a flow column: either reading is right, so not scored
    rows = [t for t in document["truth"] if not (t["kind"] == "cash_flow" and t["months"] is None)]
    by_key: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    printed: dict[tuple[int, str], int] = Counter()
    for line in out.lines:
        by_key[(line.value, str(line.period_end), line.months, line.unit)].append(line)
        printed[(line.table, digits(line.text))] += 1
    cells = Counter((line.table, line.row, line.col) for line in out.lines)
    warned = {w.table for w in out.warnings}
    kinds: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for t in rows:
        key = (Decimal(t["value"]), t["end"], t["months"], unit_of(t["unit"]))
        kinds[t["kind"]][1] += 1
        lines = by_key.get(key)
        if lines:
            line = next((x for x in lines if x.table == t["table"]), lines[0])
            lines.remove(line)
            score.exact += 1
            kinds[t["kind"]][0] += 1
        elif printed.get((t["table"], digits(t["text"]))) and t["table"] not in warned:
            score.wrong += 1
    score.wrong += sum(n - 1 for n in cells.values() if n > 1)
    score.truth = len(rows)
    tables = {t["table"] for t in rows}
    score.tables, score.warned = len(tables), len(tables & warned)
    score.beside = len(out.lines) - score.exact
    score.judged = judge(score.name, rows, out.lines)
    score.matched = sum(1 for j in score.judged if j.concept)
    score.agreed = sum(1 for j in score.judged if j.agrees)
    score.kinds = {k: a / b for k, (a, b) in sorted(kinds.items())}


def comparable(out: Extraction) -> dict[tuple[Any, ...], tuple[Decimal, int, str, bool]]:
    """Return the figures of primary statements under keys that are unique in the document."""
    seen: Counter[tuple[Any, ...]] = Counter()
    figures: dict[tuple[Any, ...], tuple[Decimal, int, str, bool]] = {}
    for line in out.lines:
        if (
            line.statement not in PRIMARY
            or line.member
            or line.period_end is None
            or line.column_label.endswith("label)")
        ):
            continue
        label = re.sub(r"\(?notes?\s[\d, and]+\)?|[^a-z ]", "", line.label.lower()).strip()
        section = re.sub(r"[^a-z >]", "", " > ".join(line.section).lower())
        key = (f"{line.statement} {line.scope}", section, label, line.unit, line.period_end, line.months)
        seen[key] += 1
        figures[key] = (line.value, line.decimals, line.text, bool(_RESTATED.search(line.column_label)))
    return {k: v for k, v in figures.items() if seen[k] == 1}


_RESTATED = re.compile(r"\b(?:as\s+(?:adjusted|restated|revised|reclassified)|restated|recast)\b", re.I)


class Pair(NamedTuple):
    """A figure as first reported and as a later document prints it."""

    key: tuple[Any, ...]
    before: Decimal
    now: Decimal
    decimals: int
    first: str
    later: str
    said: bool
    line: str

    @property
    def place(self) -> tuple[Any, ...]:
        """The later document, its statement and period."""
        return (self.later, self.key[0], self.key[4], self.key[5])

    @property
    def per_share(self) -> bool:
        """Whether the figure is a number of shares, or an amount of one."""
        return self.key[3] == "shares" or "/" in self.key[3]


def ratio_of(pair: Pair) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest ratio of a pair's larger to its smaller figure that rounding allows."""
    small, large = sorted((abs(pair.before), abs(pair.now)))
    half = Decimal(1).scaleb(-pair.decimals) / 2
    least = (large - half) / (small + half)
    return least * Decimal("0.999"), (large + half) / max(small - half, half) * Decimal("1.001")


def kinds_of(pairs: list[Pair], shared: Counter[tuple[Any, ...]]) -> list[str]:
    """Say of each pair of one issuer's figures that differ what explains the difference, by rules that hold for all.

    `another entity`: most of what two documents share in a statement differs. `printed otherwise`: equal in size,
    opposite in sign. `said`: the later column says that it is adjusted. `split`: most per-share and share figures
    of the two documents differ by one ratio. `reclassified`: another difference of the same statement and period cancels
    it out. `rest`: none of these.

    Args:
        pairs: the figures of one issuer that differ.
        shared: how many figures a later document shares with earlier ones, by (document, statement, end, months).
    """
    ratios: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    moved: dict[tuple[Any, ...], list[Decimal]] = defaultdict(list)
    for pair in pairs:
        if pair.per_share and pair.before and pair.now and pair.before != -pair.now:
            ratios[pair.first, pair.later].append(ratio_of(pair))
        moved[pair.place].append(abs(pair.now) - abs(pair.before))
    out: list[str] = []
    for pair in pairs:
        changes, spans = moved[pair.place], ratios[pair.first, pair.later]
        if len(changes) >= 10 and 2 * len(changes) > shared[pair.place]:
            out.append("another entity")
        elif pair.before == -pair.now:
            out.append("printed otherwise")
        elif pair.said:
            out.append("said")
        elif pair.per_share and 2 * max(
            (sum(a <= c <= b for a, b in spans) for c, _ in spans), default=0
        ) > max(len(spans), 2):
            out.append("split")
        elif (change := abs(pair.now) - abs(pair.before)) and -change in changes:
            out.append("reclassified")
        else:
            out.append("rest")
    return out


def quarters(scores: list[Score], issuers: dict[str, str]) -> None:
    """Print how later documents' comparatives agree with the figures first reported."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for score in scores:
        if score.folder in ("6-K", "nvidia") and issuers.get(score.name):
            groups[issuers[score.name]].append(score)
    print("\nConsecutive quarters of one issuer: comparatives that equal the figure first reported")
    total = same = 0
    kinds: Counter[str] = Counter()
    listed: list[str] = []
    for issuer, members in sorted(groups.items()):
        first: dict[tuple[Any, ...], tuple[Decimal, int, str, str]] = {}
        pairs: list[Pair] = []
        places: Counter[tuple[Any, ...]] = Counter()
        shared = agreed = 0
        for score in sorted(members, key=lambda s: (s.newest, s.name)):
            for key, (value, decimals, text, said) in score.figures.items():
                if key in first:
                    before = first[key]
                    shared += 1
                    places[score.name, key[0], key[4], key[5]] += 1
                    if agree(value, decimals, before[0], before[1]):
                        agreed += 1
                    else:
                        line = f"  {issuer[:18]:18} {key[0][:8]:8} {key[2][:44]:44} {key[4]} {key[5]} {key[3]}: {before[2]} ({before[3][-28:]}), later {text} ({score.name[-28:]})"
                        pairs.append(
                            Pair(
                                key,
                                before[0],
                                value,
                                min(decimals, before[1]),
                                before[3],
                                score.name,
                                said,
                                line,
                            )
                        )
                else:
                    first[key] = (value, decimals, text, score.name)
        for pair, kind in zip(pairs, kinds_of(pairs, places), strict=True):
            kinds[kind] += 1
            listed.append(f"{pair.line} [{kind}]")
        total, same = total + shared, same + agreed
        if shared:
            print(f"  {issuer[:40]:40} shared {shared:5} agree {agreed / shared:.4f}")
    print(
        f"  all: shared {total}, agree {same / max(1, total):.4f}; the {total - same} that differ (each printed so): "
        + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
    )
    print("\n".join(listed[:400]))


def main() -> int:
    root = realdocs()
    if not root.is_dir():
        print(f"no real documents at {root} (set KC_REALDOCS or KC_SHARED)")
        return 2
    paths = [
        (p, f) for f in FOLDERS for p in sorted((root / f).glob("*")) if p.suffix in (".htm", ".html", ".txt")
    ]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        scores = list(pool.map(measure, *zip(*paths, strict=True), chunksize=1))
    issuers: dict[str, str] = {}
    with (root / "INDEX.csv").open(newline="") as handle:
        for row in csv.DictReader(handle):
            issuers[Path(row["path"]).stem] = row["company"]

    if "--concepts" in sys.argv[1:]:
        print_report([j for s in scores for j in s.judged])
        return 0

    print(
        f"{'document with truth':46} {'truth':>6} {'exact':>7} {'wrong':>6} {'warned':>7} {'beside':>7} {'mapped':>7} {'agree':>7} {'s/MB':>6}"
    )
    with_truth = [s for s in scores if s.truth]
    for s in with_truth:
        kinds = " ".join(f"{k}:{v:.3f}" for k, v in s.kinds.items())
        print(
            f"{s.name[:46]:46} {s.truth:6} {s.exact / s.truth:7.4f} {s.wrong:6} {s.warned:3}/{s.tables:3} {s.beside:7} {s.mapped / max(1, s.lines):7.3f} "
            f"{s.agreed / max(1, s.matched):7.3f} {s.seconds / s.size * 1e6:6.3f}  {kinds}"
        )
    numbers = sum(s.truth for s in with_truth)
    if numbers:
        worst = min(with_truth, key=lambda s: s.exact / s.truth)
        print(
            f"TOTAL {len(with_truth)} documents, {numbers} numbers: exact {sum(s.exact for s in with_truth) / numbers:.5f}, "
            f"wrong {sum(s.wrong for s in with_truth) / numbers:.5f}, tables warned {sum(s.warned for s in with_truth) / sum(s.tables for s in with_truth):.4f}, "
            f"lines without truth {sum(s.beside for s in with_truth)}, "
            f"mapped {sum(s.mapped for s in with_truth) / sum(s.lines for s in with_truth):.3f}, "
            f"concepts agree {sum(s.agreed for s in with_truth) / max(1, sum(s.matched for s in with_truth)):.4f} of {sum(s.matched for s in with_truth)}, "
            f"lowest {worst.exact / worst.truth:.4f} ({worst.name}), "
            f"{sum(s.seconds for s in with_truth) / sum(s.size for s in with_truth) * 1e6:.3f} s/MB"
        )
    print(
        f"\n{'document without truth':46} {'lines':>6} {'mapped':>7} {'BS':>3} {'IS':>3} {'CF':>3} {'totals tie':>12} {'sides tie':>10} {'s/MB':>6}  warnings"
    )
    for s in scores:
        if s.error:
            print(f"{s.name[:46]:46} EXCEPTION {s.error}")
        elif not s.truth:
            print(
                f"{s.name[:46]:46} {s.lines:6} {s.mapped / max(1, s.lines):7.3f} {s.statements['balance_sheet']:3} {s.statements['income']:3} {s.statements['cash_flow']:3} "
                f"{s.totals[0]:5}/{s.totals[1]:5}  {s.sides[0]:4}/{s.sides[1]:4} {s.seconds / s.size * 1e6:6.3f}  {dict(s.warnings) or ''}"
            )
    tied, judged = (sum(s.totals[i] for s in scores) for i in (0, 1))
    sides, both = (sum(s.sides[i] for s in scores) for i in (0, 1))
    print(
        f"ALL {len(scores)} documents: exceptions {sum(1 for s in scores if s.error)}; section totals that tie {tied}/{judged} = {tied / max(1, judged):.4f}; "
        f"balance sheet totals that tie {sides}/{both}; mapped {sum(s.mapped for s in scores) / max(1, sum(s.lines for s in scores)):.3f} of {sum(s.lines for s in scores)} lines; "
        f"{sum(s.seconds for s in scores) / sum(s.size for s in scores) * 1e6:.3f} s/MB"
    )
    quarters(scores, issuers)
    return 1 if any(s.error for s in scores) else 0


if __name__ == "__main__":
    raise SystemExit(main())
