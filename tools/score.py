"""Score extraction on the real documents: `make score`.

    python -m tools.score [--concepts]

Reads every folder with documents under `$KC_REALDOCS`, else `$KC_SHARED/realdocs`, else `../shared/realdocs`. Prints,
for documents with ground truth, what was read exactly and what wrongly, by group and in total; for the documents
without, which statements were recognised, whether totals tie, how much carries a warning and how many columns have no
currency or duration; for issuers with several quarters, whether later comparatives agree with first reports.

Definitions: `exact` is a truth number with a line of the same value, period end, months and unit. `wrong` is a truth
number not exact whose printed digits stand in the same table under another value, period or duration, where the
table carries no warning; a second line of one table, row and column is wrong too. `agree` is the share of mapped
lines, among those that match a truth number, whose concept agrees with the tagged element; `--concepts` prints by
frequency what stays unmapped and what disagrees instead. `truth_errata.toml` lists truth numbers that their page
contradicts: they are not counted.
"""

import csv
import json
import os
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kc_pipeline.extraction import extract  # noqa: E402
from kc_pipeline.extraction.checks import tie_report  # noqa: E402
from kc_pipeline.extraction.model import Extraction, Line  # noqa: E402
from kc_pipeline.extraction.statements import PRIMARY  # noqa: E402
from tools.comparatives import Figures, Reported, comparable, quarters  # noqa: E402
from tools.concept_report import Judged, judge, print_report, unit_of  # noqa: E402
from tools.errata import Erratum, errata, without_errata  # noqa: E402

SUFFIXES = (".htm", ".html", ".txt")
MANY, LOW = 100, 0.97  # documents of so many numbers or more are listed where less is exact
FLOWS = ("income", "cash_flow")


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
    primary: int = 0
    primary_warned: int = 0
    columns: int = 0
    columns_null: int = 0
    errata: int = 0
    kinds: dict[str, float] = field(default_factory=dict)
    statements: Counter[str] = field(default_factory=Counter)
    totals: tuple[int, int] = (0, 0)
    sides: tuple[int, int] = (0, 0)
    warnings: Counter[str] = field(default_factory=Counter)
    figures: Figures = field(default_factory=dict)
    error: str = ""
    judged: list[Judged] = field(default_factory=list)

    @property
    def newest(self) -> str:
        """The newest period end among the comparable figures."""
        return max((str(k[4]) for k in self.figures), default="")


def realdocs() -> Path:
    if os.environ.get("KC_REALDOCS"):
        return Path(os.environ["KC_REALDOCS"])
    return Path(os.environ.get("KC_SHARED") or ROOT.parent / "shared") / "realdocs"


def documents(root: Path) -> list[tuple[Path, str]]:
    """Return every document below a folder of the root, with that folder's name."""
    return [
        (path, folder.name)
        for folder in sorted(p for p in root.iterdir() if p.is_dir())
        for path in sorted(folder.iterdir())
        if path.suffix in SUFFIXES
    ]


def group_of(folder: str) -> str:
    """Return the group that a folder is counted in: the folders of releases are one."""
    return "releases" if folder.startswith(("6-K", "8-K")) else folder


def digits(text: str) -> str:
    return re.sub(r"[^0-9.]", "", text)


def scored(truth: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out cash at a period's beginning or end, printed inside a flow column: either reading of it is right."""
    return [t for t in truth if not (t["kind"] == "cash_flow" and t["months"] is None)]


def measure(path: Path, folder: str) -> Score:
    """Extract one document and score it."""
    data = path.read_bytes()
    start = time.process_time()
    try:
        out = extract(data)
    except Exception as error:  # noqa: BLE001 - an exception is a result that the score reports
        spent = time.process_time() - start
        return Score(path.name, folder, len(data), spent, error=f"{type(error).__name__}: {error}")
    score = Score(path.stem, folder, len(data), time.process_time() - start)
    score.lines = len(out.lines)
    score.mapped = sum(1 for line in out.lines if line.concept)
    for statement in {(line.statement, line.table) for line in out.lines if line.statement in PRIMARY}:
        score.statements[statement[0]] += 1
    score.totals, score.sides = tie_report(out)
    score.warnings.update(w.code for w in out.warnings)
    score.figures = comparable(out)
    doubts(score, out)
    truth_file = path.with_name(f"{path.stem}.truth.json")
    if truth_file.exists():
        document = f"{folder}/{path.stem}"
        listed = [e for e in errata() if e.document == document]
        against_truth(score, json.loads(truth_file.read_text())["truth"], out, listed)
    return score


def doubts(score: Score, out: Extraction) -> None:
    """Count the lines of primary statements that carry a warning, and their columns without currency or duration."""
    warned = {w.table for w in out.warnings}
    columns: dict[tuple[int, int, str], bool] = {}
    for line in out.lines:
        if line.statement not in PRIMARY:
            continue
        score.primary += 1
        score.primary_warned += bool(line.suspect) or line.table in warned
        null = not line.unit or line.period_end is None or (line.statement in FLOWS and line.months is None)
        key = (line.table, line.col, line.column_label)
        columns[key] = columns.get(key, True) and null  # a column is null if no line of it says both
    score.columns, score.columns_null = len(columns), sum(columns.values())


def against_truth(
    score: Score, truth: Sequence[dict[str, Any]], out: Extraction, listed: Sequence[Erratum] = ()
) -> None:
    rows = without_errata(scored(truth), listed)
    score.errata = len(scored(truth)) - len(rows)
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


def share(part: int | float, whole: int | float) -> float:
    return part / whole if whole else 0.0


def summary(scores: Sequence[Score]) -> list[str]:
    """Return the lines that hold the score to its goals: by group and in total, then the documents that are low."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for s in scores:
        if s.truth:
            groups[group_of(s.folder)].append(s)
            groups["TOTAL"].append(s)
    out = [
        f"{'group':12} {'documents':>9} {'numbers':>8} {'exact':>8} {'wrong':>8} {'tables warned':>14} {'errata':>7}"
    ]
    for name in sorted(groups, key=lambda g: (g == "TOTAL", g)):
        members = groups[name]
        numbers, errata_ = sum(s.truth for s in members), sum(s.errata for s in members)
        out.append(
            f"{name:12} {len(members):9} {numbers:8} {share(sum(s.exact for s in members), numbers):8.5f} "
            f"{share(sum(s.wrong for s in members), numbers):8.5f} "
            f"{share(sum(s.warned for s in members), sum(s.tables for s in members)):14.4f} {errata_:7}"
        )
    low = [s for s in groups["TOTAL"] if s.truth >= MANY and s.exact < LOW * s.truth]
    out.append(f"documents of {MANY} numbers or more under {LOW:.0%}: {len(low)}")
    out += [
        f"  {s.folder}/{s.name}: {s.truth} numbers, exact {s.exact / s.truth:.4f}, wrong {s.wrong}"
        for s in sorted(low, key=lambda s: s.exact / s.truth)
    ]
    rest = [s for s in scores if not s.truth and not s.error]
    lines, columns = sum(s.primary for s in rest), sum(s.columns for s in rest)
    out.append(
        f"{len(rest)} documents without truth: of {lines} lines of primary statements "
        f"{share(sum(s.primary_warned for s in rest), lines):.4f} carry a warning; of {columns} columns "
        f"{share(sum(s.columns_null for s in rest), columns):.4f} have no currency or duration"
    )
    return out


def print_with_truth(scores: Sequence[Score]) -> None:
    print(
        f"{'document with truth':46} {'truth':>6} {'exact':>7} {'wrong':>6} {'warned':>7} {'beside':>7} {'mapped':>7} {'agree':>7} {'s/MB':>6}"
    )
    for s in scores:
        if s.truth:
            kinds = " ".join(f"{k}:{v:.3f}" for k, v in s.kinds.items())
            print(
                f"{s.name[:46]:46} {s.truth:6} {s.exact / s.truth:7.4f} {s.wrong:6} {s.warned:3}/{s.tables:3} {s.beside:7} "
                f"{share(s.mapped, s.lines):7.3f} {share(s.agreed, s.matched):7.3f} {s.seconds / s.size * 1e6:6.3f}  {kinds}"
            )


def print_without_truth(scores: Sequence[Score]) -> None:
    print(
        f"\n{'document without truth':46} {'lines':>6} {'mapped':>7} {'BS':>3} {'IS':>3} {'CF':>3} {'totals tie':>12} {'sides tie':>10} {'s/MB':>6}  warnings"
    )
    for s in scores:
        if s.error:
            print(f"{s.name[:46]:46} EXCEPTION {s.error}")
        elif not s.truth:
            print(
                f"{s.name[:46]:46} {s.lines:6} {share(s.mapped, s.lines):7.3f} {s.statements['balance_sheet']:3} {s.statements['income']:3} {s.statements['cash_flow']:3} "
                f"{s.totals[0]:5}/{s.totals[1]:5}  {s.sides[0]:4}/{s.sides[1]:4} {s.seconds / s.size * 1e6:6.3f}  {dict(s.warnings) or ''}"
            )


def print_all(scores: Sequence[Score]) -> None:
    tied, judged = (sum(s.totals[i] for s in scores) for i in (0, 1))
    sides, both = (sum(s.sides[i] for s in scores) for i in (0, 1))
    matched = sum(s.matched for s in scores)
    print(
        f"ALL {len(scores)} documents: exceptions {sum(1 for s in scores if s.error)}; section totals that tie {tied}/{judged} = {share(tied, judged):.4f}; "
        f"balance sheet totals that tie {sides}/{both}; mapped {share(sum(s.mapped for s in scores), sum(s.lines for s in scores)):.3f} of {sum(s.lines for s in scores)} lines; "
        f"concepts agree {share(sum(s.agreed for s in scores), matched):.4f} of {matched}; "
        f"{share(sum(s.seconds for s in scores), sum(s.size for s in scores)) * 1e6:.3f} s/MB"
    )


def main() -> int:
    root = realdocs()
    if not root.is_dir():
        print(f"no real documents at {root} (set KC_REALDOCS or KC_SHARED)")
        return 2
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        scores = list(pool.map(measure, *zip(*documents(root), strict=True), chunksize=1))
    if "--concepts" in sys.argv[1:]:
        print_report([j for s in scores for j in s.judged])
        return 0
    with (root / "INDEX.csv").open(newline="") as handle:
        issuers = {Path(row["path"]).stem: row["company"] for row in csv.DictReader(handle)}
    print_with_truth(scores)
    print_without_truth(scores)
    print_all(scores)
    quarters(
        [Reported(s.name, s.newest, s.figures) for s in scores if s.folder in ("6-K", "nvidia")], issuers
    )
    print("\n" + "\n".join(summary(scores)))
    return 1 if any(s.error for s in scores) else 0


if __name__ == "__main__":
    raise SystemExit(main())
