"""Extraction against other ways to read the same documents, all in one run.

    benchmarks/extraction.py [--documents 24] [--throughput 1000]

(a) lxml parses the bytes to a tree: the floor. (b) `kc_pipeline` extraction, complete. (c) pandas.read_html.
(d) edgartools' document parse with all tables to frames. What is not installed is left out and said. Each time is the
best of three, single process; ratios are per document. Then many documents, on one and on two processes.
"""

import argparse
import importlib.util
import io
import os
import statistics
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kc_pipeline.extraction import read  # noqa: E402


def best(call: Callable[[], object], times: int = 3) -> float:
    """Return the best of several times in seconds; NaN where the tool fails."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        try:
            call()
        except Exception as error:  # noqa: BLE001 - a tool that cannot read a document is left out for it
            print(f"    left out: {type(error).__name__}: {str(error)[:80]}")
            return float("nan")
        found.append(time.perf_counter() - start)
    return min(found)


def installed(*names: str) -> bool:
    """Say whether all these packages are installed."""
    return all(importlib.util.find_spec(n) is not None for n in names)


def contenders() -> dict[str, Callable[[bytes], object]]:
    """Return the tools to time, by name."""
    tools: dict[str, Callable[[bytes], object]] = {}
    if installed("lxml"):
        import lxml.html  # type: ignore[import-untyped]

        tools["lxml"] = lxml.html.document_fromstring
    else:
        print("lxml is not installed: no floor")
    tools["kc_pipeline"] = read
    if installed("pandas", "lxml"):
        import pandas as pd

        tools["pandas"] = lambda data: pd.read_html(io.StringIO(data.decode("utf-8", "replace")))
    else:
        print("pandas.read_html left out: pandas or lxml is not installed")
    if installed("edgar"):
        from edgar.documents import parse_html  # type: ignore[import-not-found]

        tools["edgartools"] = lambda data: [
            t.to_dataframe() for t in parse_html(data.decode("utf-8", "replace")).tables
        ]
    else:
        print(
            "edgartools left out: it is not installed (pip install edgartools in an environment of its own, with this project's requirements)"
        )
    return tools


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
            f"{count} documents, {processes} process(es): {seconds:.1f} s, {count / seconds:.1f} documents/s, {size / seconds:.1f} MB/s, {lines} lines"
        )
    print(f"scaling from one to two processes: {rates[1] / rates[0]:.2f} x on {os.cpu_count()} cores")


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=24)
    parser.add_argument("--throughput", type=int, default=1000)
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
    times: dict[str, list[float]] = {name: [] for name in tools}
    print(f"{'document':46} {'MB':>6} " + " ".join(f"{n:>12}" for n in tools))
    for path in sample:
        data = path.read_bytes()
        row = []
        for name, tool in tools.items():
            seconds = best(lambda tool=tool, data=data: tool(data))  # type: ignore[misc]
            times[name].append(seconds)
            row.append(f"{seconds * 1000:9.1f} ms")
        print(f"{path.stem[:46]:46} {len(data) / 1e6:6.2f} " + " ".join(row))
    floor = times.get("lxml")
    for name, found in times.items():
        line = f"{name:12} total {sum(t for t in found if t == t):8.3f} s"
        if floor and name != "lxml":
            ratios = [t / f for t, f in zip(found, floor, strict=True) if t == t]
            line += f"; times lxml: median {statistics.median(ratios):.2f}, worst {max(ratios):.2f}"
        if name not in ("kc_pipeline", "lxml"):
            ours = [t / k for t, k in zip(found, times["kc_pipeline"], strict=True) if t == t]
            line += f"; kc_pipeline is {statistics.median(ours):.1f} x as fast in the median"
        print(line)
    data = max((p.read_bytes() for p in sample), key=len)
    tracemalloc.start()
    read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        f"memory peak in Python objects, largest document ({len(data) / 1e6:.1f} MB): {peak / 1e6:.1f} MB = {peak / len(data):.1f} x (the parser's tree is outside this count)"
    )
    throughput(paths, options.throughput)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
