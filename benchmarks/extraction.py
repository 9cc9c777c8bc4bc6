"""Extraction against other ways to read the same documents, all in one run.

    benchmarks/extraction.py [--documents 24] [--throughput 1000] [--edgartools PYTHON]

(a) lxml parses the bytes to a tree: the floor. (b) `kc_pipeline` extraction, complete. (c) pandas.read_html.
(d) edgartools' document parse with all tables to frames, in an interpreter of its own where its pins conflict with
this project's (`make bench` sets one up). What is not installed is left out and said.

Times are processor time of one process, the best of three; for (b) also the first of them, when nothing of the
document is in the caches yet. Ratios are per document. Memory is the peak of a fresh process for each document, less
what the same process needs for an empty one. Then many documents, on one and on two processes.
"""

import argparse
import importlib.util
import io
import json
import os
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kc_pipeline.extraction import read  # noqa: E402

OURS, FIRST, FLOOR = "kc_pipeline", "kc_pipeline, first reading", "lxml"
_EDGARTOOLS = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from edgar.documents import parse_html
def call(text):
    return [t.to_dataframe() for t in parse_html(text).tables]
for line in sys.stdin:
    text = open(line.strip(), "rb").read().decode("utf-8", "replace")
    times, failed = [], ""
    for _ in range(3):
        start = time.process_time()
        try:
            call(text)
        except Exception as error:
            failed = f"{type(error).__name__}: {str(error)[:80]}"
            break
        times.append(time.process_time() - start)
    print("@" + json.dumps({"times": times, "failed": failed}), flush=True)
"""
_MEMORY = """
import re, sys
from pathlib import Path
from kc_pipeline.extraction import read
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
read(b"<html><body><p>Revenue was $1,234 million in 2023.</p></body></html>")
before = peak()
read(Path(sys.argv[1]).read_bytes())
print(peak() - before)
"""


def timed(call: Callable[[bytes], object], data: bytes) -> list[float]:
    """Return the processor time of three calls in seconds; none where the tool fails."""
    found = []
    for _ in range(3):
        start = time.process_time()
        try:
            call(data)
        except Exception as error:  # noqa: BLE001 - a tool that cannot read a document is left out for it
            print(f"    left out: {type(error).__name__}: {str(error)[:80]}")
            return []
        found.append(time.process_time() - start)
    return found


def installed(*names: str) -> bool:
    """Say whether all these packages are installed."""
    return all(importlib.util.find_spec(n) is not None for n in names)


def contenders() -> dict[str, Callable[[bytes], object]]:
    """Return the tools to time in this process, by name."""
    tools: dict[str, Callable[[bytes], object]] = {}
    if installed("lxml"):
        import lxml.html  # type: ignore[import-untyped]

        tools[FLOOR] = lxml.html.document_fromstring
    else:
        print("lxml is not installed: no floor")
    tools[OURS] = read
    if installed("pandas", "lxml"):
        import pandas as pd

        tools["pandas"] = lambda data: pd.read_html(io.StringIO(data.decode("utf-8", "replace")))
    else:
        print("pandas.read_html left out: pandas or lxml is not installed")
    return tools


class Edgartools:
    """edgartools in an interpreter of its own; it is given paths and answers with times."""

    def __init__(self, python: str) -> None:
        self.process = subprocess.Popen(
            [python, "-c", _EDGARTOOLS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def time(self, path: Path) -> list[float]:
        """Return the processor time of three parses of one document."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{path.resolve()}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith("@"):
                answer = json.loads(line[1:])
                if answer["failed"]:
                    print(f"    edgartools left out: {answer['failed']}")
                return [] if answer["failed"] else list(answer["times"])
        return []

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


def edgartools(python: str) -> Edgartools | None:
    """Return edgartools, or None where that interpreter does not have it."""
    probe = "from edgar.documents import parse_html"
    found = bool(python) and Path(python).exists()
    if not found or subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode:
        print("edgartools left out: no interpreter that has it (--edgartools, or KC_EDGARTOOLS)")
        return None
    return Edgartools(python)


def read_one(path: str) -> int:
    """Extract one file and return the number of its lines."""
    return len(read(Path(path).read_bytes()).lines)


def throughput(paths: list[Path], count: int) -> None:
    """Print documents and megabytes per second on one and on two processes."""
    many = [str(paths[i % len(paths)]) for i in range(count)]
    size = sum(Path(p).stat().st_size for p in many) / 1e6
    rates = []
    for processes in (1, 2):
        with ProcessPoolExecutor(max_workers=processes) as pool:
            list(pool.map(read_one, many[: 2 * processes]))
            start = time.perf_counter()
            lines = sum(pool.map(read_one, many, chunksize=8))
            seconds = time.perf_counter() - start
        rates.append(count / seconds)
        print(
            f"{count} documents, {processes} process(es): {seconds:.1f} s, {count / seconds:.1f} documents/s, "
            f"{size / seconds:.1f} MB/s, {lines} lines"
        )
    print(f"scaling from one to two processes: {rates[1] / rates[0]:.2f} x on {os.cpu_count()} cores")


def memory(paths: list[Path]) -> None:
    """Print the peak memory of fresh processes against the size of the documents."""
    if not Path("/proc/self/status").exists():
        print("memory left out: it is read from /proc")
        return
    ratios = []
    for path in paths:
        out = subprocess.run(
            [sys.executable, "-c", _MEMORY, str(path.resolve())],
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=True,
        )
        ratios.append((int(out.stdout) / path.stat().st_size, path))
    worst, where = max(ratios)
    large = [r for r, p in ratios if p.stat().st_size > 500_000]
    print(
        f"memory peak, a fresh process for each document: median {statistics.median(r for r, _ in ratios):.1f} x the document, "
        f"worst {worst:.1f} x ({where.stem[:40]}, {where.stat().st_size / 1e6:.2f} MB)"
        + (f"; worst over 0.5 MB {max(large):.1f} x" if large else "")
    )


def report(times: dict[str, list[float]]) -> None:
    """Print totals and ratios; a missing time is NaN."""
    floor = times.get(FLOOR)
    for name, found in times.items():
        line = f"{name:26} total {sum(t for t in found if t == t):8.3f} s"
        if floor and name != FLOOR:
            ratios = [t / f for t, f in zip(found, floor, strict=True) if t == t]
            if ratios:
                line += f"; times lxml: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}"
        if name not in (OURS, FIRST, FLOOR):
            ours = [t / k for t, k in zip(found, times[OURS], strict=True) if t == t]
            if ours:
                line += f"; kc_pipeline is {statistics.median(ours):.1f} x as fast in the median"
        print(line)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=24)
    parser.add_argument("--throughput", type=int, default=1000)
    parser.add_argument("--edgartools", metavar="PYTHON", default=os.environ.get("KC_EDGARTOOLS", ""))
    options = parser.parse_args()
    root = Path(
        os.environ.get("KC_REALDOCS")
        or Path(os.environ.get("KC_SHARED") or ROOT.parent / "shared") / "realdocs"
    )
    if not root.is_dir():
        print(f"no real documents at {root} (set KC_REALDOCS or KC_SHARED)")
        return 2
    warnings.filterwarnings("ignore")
    paths = [
        p
        for folder in ("10-Q", "6-K", "8-K", "nvidia")
        for p in sorted((root / folder).glob("*.htm*"))
        if p.suffix != ".json"
    ]
    sample = paths[:: max(1, len(paths) // options.documents)][: options.documents]
    tools = contenders()
    read(b"<html><body><p>Revenue was $1,234 million in 2023.</p></body></html>")  # what is loaded once
    other = edgartools(options.edgartools or (sys.executable if installed("edgar") else ""))
    names = [*tools, *(["edgartools"] if other else [])]
    times: dict[str, list[float]] = {name: [] for name in names}
    times[FIRST] = []
    print(f"{'document':46} {'MB':>6} " + " ".join(f"{n:>12}" for n in names))
    for path in sample:
        data = path.read_bytes()
        row = []
        for name in names:
            if name == "edgartools" and other is not None:
                found = other.time(path)
            else:
                found = timed(tools[name], data)
            times[name].append(min(found, default=float("nan")))
            if name == OURS:
                times[FIRST].append(found[0] if found else float("nan"))
            row.append(f"{times[name][-1] * 1000:9.1f} ms")
        print(f"{path.stem[:46]:46} {len(data) / 1e6:6.2f} " + " ".join(row))
    if other is not None:
        other.close()
    report(times)
    memory(sample)
    throughput(paths, options.throughput)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
