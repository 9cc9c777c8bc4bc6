"""Take one clue away from real tables and read again: `make ablate`.

    python -m tools.ablate [--tables 200] [--seed 1] [--seconds 300] [--show 12]

From tables with ground truth under `$KC_REALDOCS` (as `make score` finds them) takes away the lines above, the
currency signs in cells, the dates of the head, the unit words, the duration words: one at a time. Of the figures that
the full reading has exactly as the truth has them, each is then read the same; null (gone, or without its end or
duration) with a warning; null without one; otherwise with a warning; or otherwise and nothing says so: wrong in
silence, of which at most 0.2 % is the goal. Same seed, same tables.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction import read
from kc_pipeline.extraction.decode import decode
from kc_pipeline.extraction.model import Extraction, Line
from tools.ablations import CLUES, Place, above_of, without
from tools.concept_report import unit_of
from tools.markup import table_spans
from tools.score import documents, realdocs, scored

OUTCOMES = ("same", "null, warned", "null, silent", "other, warned", "wrong in silence")
ABOUT_BYTES = {"plain_text", "encoding", "nul_bytes", "truncated"}  # warnings that say nothing about a figure

Cell = tuple[int, int]
Figure = tuple[Decimal, str, str | None, int | None]


@dataclass(frozen=True)
class Job:
    """One document and the tables of it that lose their clues; empty `tables`: say which there are."""

    path: Path
    tables: tuple[int, ...]
    deadline: float


@dataclass
class Result:
    """What became of one table without one clue."""

    document: str
    table: int
    clue: str
    outcomes: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


def figure_of(line: Line) -> Figure:
    """Return value, unit, end and months of a line."""
    return line.value, line.unit, str(line.period_end) if line.period_end else None, line.months


def cells_of(out: Extraction, table: int) -> dict[Cell, Line]:
    """Return the lines of a table by row and column; the first where a cell gave several."""
    cells: dict[Cell, Line] = {}
    for line in out.lines:
        if line.table == table:
            cells.setdefault((line.row, line.col), line)
    return cells


def exact_cells(out: Extraction, truth: Iterable[Mapping[str, Any]], table: int) -> dict[Cell, Line]:
    """Return the lines of a table that are read exactly as the truth has them."""
    have = Counter(
        (Decimal(t["value"]), unit_of(t["unit"]), t["end"], t["months"]) for t in truth if t["table"] == table
    )
    kept: dict[Cell, Line] = {}
    for cell, line in cells_of(out, table).items():
        if have[figure_of(line)] > 0:
            have[figure_of(line)] -= 1
            kept[cell] = line
    return kept


def outcome(before: Line, after: Line | None, warned: bool) -> str:
    """Say what became of one figure."""
    if after is None:
        return "null, warned" if warned else "null, silent"
    value, unit, end, months = figure_of(before)
    new = figure_of(after)
    if new == (value, unit, end, months):
        return "same"
    warned = warned or bool(after.suspect)
    if new[:2] == (value, unit) and new[2] in (end, None) and new[3] in (months, None):
        return "null, warned" if warned else "null, silent"
    return "other, warned" if warned else "wrong in silence"


def compare(before: Mapping[Cell, Line], after: Extraction, table: int, result: Result) -> None:
    """Count what became of the figures of one table."""
    now = cells_of(after, table)
    warned = any(w.table == table or (w.table is None and w.code not in ABOUT_BYTES) for w in after.warnings)
    on_table = any(w.table == table for w in after.warnings)
    for cell, line in before.items():
        new = now.get(cell)
        kind = outcome(line, new, warned if new is None else on_table)
        result.outcomes[kind] += 1
        if kind == "wrong in silence" and new is not None and len(result.examples) < 3:
            result.examples.append(
                f"{line.label[:40]}: {_words(figure_of(line))} read as {_words(figure_of(new))}"
            )


def _words(figure: Figure) -> str:
    return " ".join(str(x) for x in figure if x is not None)


def page_of(data: bytes) -> str:
    """Return a document as the reader's HTML engine serialises it."""
    return LexborHTMLParser(decode(data)[0]).html or ""


def ablate(
    page: str, truth: Sequence[Mapping[str, Any]], tables: Iterable[int], name: str, deadline: float
) -> list[Result]:
    """Read a page without each clue of each table in turn."""
    spans = table_spans(page)
    full = read(page.encode())
    out = []
    for table in tables:
        before = exact_cells(full, truth, table)
        if not before or table >= len(spans):
            continue
        first = before[min(before)].text
        place = Place(above_of(page, spans, table), *spans[table], "".join(first.split()))
        for clue in CLUES:
            changed = without(page, place, clue)
            if changed is None or time.monotonic() > deadline:
                continue
            result = Result(name, table, clue)
            compare(before, read(changed.encode()), table, result)
            out.append(result)
    return out


def truth_of(path: Path) -> list[dict[str, Any]]:
    """Return the scored truth numbers of a document."""
    return scored(json.loads(path.with_name(f"{path.stem}.truth.json").read_text())["truth"])


def run(job: Job) -> list[Result]:
    """Ablate the chosen tables of one document."""
    name = f"{job.path.parent.name}/{job.path.stem}"
    return ablate(page_of(job.path.read_bytes()), truth_of(job.path), job.tables, name, job.deadline)


def chosen(root: Path, number: int, seed: int, deadline: float) -> list[Job]:
    """Draw the tables: at least five truth numbers each, spread evenly over all documents."""
    paths = [p for p, _ in documents(root) if p.with_name(f"{p.stem}.truth.json").exists()]
    usable = []
    for path in paths:
        counts = Counter(t["table"] for t in truth_of(path))
        usable += [(path, table) for table, n in sorted(counts.items()) if n >= 5]
    by_path: dict[Path, list[int]] = defaultdict(list)
    for path, table in random.Random(seed).sample(usable, min(number, len(usable))):
        by_path[path].append(table)
    return [Job(path, tuple(sorted(tables)), deadline) for path, tables in sorted(by_path.items())]


def report(results: Sequence[Result], show: int) -> list[str]:
    """Return the lines that are printed: by clue and in total, then the worst tables."""
    by_clue: dict[str, Counter[str]] = defaultdict(Counter)
    for r in results:
        for name in (r.clue, "TOTAL"):
            by_clue[name].update(r.outcomes)
            by_clue[name]["tables"] += 1
    out = [f"{'without':12} {'tables':>7} {'figures':>8}" + "".join(f"{o:>18}" for o in OUTCOMES)]
    for name in (*CLUES, "TOTAL"):
        counts = by_clue[name]
        figures = sum(counts[o] for o in OUTCOMES)
        shares = "".join(f"{counts[o] / max(1, figures):18.5f}" for o in OUTCOMES)
        out.append(f"{name:12} {counts['tables']:7} {figures:8}{shares}")
    worst = sorted(
        (r for r in results if r.outcomes["wrong in silence"]), key=lambda r: -r.outcomes["wrong in silence"]
    )
    out.append(f"tables with a figure wrong in silence: {len(worst)}")
    for r in worst[:show]:
        out.append(
            f"  {r.outcomes['wrong in silence']:4} of {r.outcomes.total():4}  {r.document} table {r.table} without {r.clue}"
        )
        out += [f"        {example}" for example in r.examples]
    return out


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--show", type=int, default=12)
    options = parser.parse_args()
    root = realdocs()
    if not root.is_dir():
        print(f"no real documents at {root} (set KC_REALDOCS or KC_SHARED)", file=sys.stderr)
        return 2
    deadline = time.monotonic() + options.seconds
    jobs = chosen(root, options.tables, options.seed, deadline)
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        results = [r for found in pool.map(run, jobs, chunksize=1) for r in found]
    print("\n".join(report(results, options.show)))
    if time.monotonic() > deadline:
        print("out of time: the rest was left out")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
