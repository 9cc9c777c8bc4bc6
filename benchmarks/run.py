"""Where the time of `kc run` goes, and how it grows with the number of filings.

    python benchmarks/run.py [--largest 2500] [--share]

First the processor time of the bundle: a `kc run` with nothing new, a build through Dagster, and the same steps
without Dagster; the difference is Dagster's own share (`--share` stops there). Then runs the installed `kc` in processes of its own on private copies of the bundled data: first (everything is
parsed), again (nothing is), and for 25, 250 and 2,500 filings (copies of the bundled ones under other company
ids). The floor in the same run: one process that reads the same documents and lets the HTML engine parse
them, nothing else.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
FLOOR = """
import sys
from pathlib import Path
from selectolax.lexbor import LexborHTMLParser
for path in Path(sys.argv[1]).rglob("*.htm"):
    LexborHTMLParser(path.read_bytes())
"""


WITHOUT_DAGSTER = """
from kc_pipeline.config import Settings, load_companies
from kc_pipeline.config.imports import without_pandas
from kc_pipeline.pipeline import Journal, build_and_publish, extract_documents, ingest, write_briefs
without_pandas()
settings = Settings.from_env()
companies = load_companies(settings.companies_file)
journal = Journal.open(settings.runs, "benchmark")
ingest(settings, companies, journal)
extract_documents(settings, companies, journal)
build_and_publish(settings, companies, journal, "benchmark")
write_briefs(settings)
"""
TIMES = 3
MOST_SHARE, MOST_IDLE = 4.0, 3.0  # seconds of processor time


def _environment(data: Path | None) -> dict[str, str]:
    environment = dict(os.environ, **({"KC_DATA": str(data)} if data else {}))
    environment.pop("KC_WAREHOUSE", None)
    environment.pop("DAGSTER_HOME", None)
    return environment


def processor(command: list[str], data: Path | None = None) -> float:
    """Return the processor seconds (user and system) of a process and its children."""
    process = subprocess.Popen(
        command, env=_environment(data), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return used.ru_utime + used.ru_stime


def dagsters_share(kc: list[str]) -> None:
    """Print what a run of the bundle costs, and how much of it is Dagster; the smallest of some rounds each."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        for name in ("companies", "filings"):
            shutil.copytree(REPO / "data" / name, data / name)
        shutil.copy(REPO / "data" / "companies.toml", data)
        timed([*kc, "run"], data)
        idle = min(processor([*kc, "run"], data) for _ in range(TIMES))
        rounds = [
            (
                processor([*kc, "run", "--force"], data),
                processor([sys.executable, "-c", WITHOUT_DAGSTER], data),
            )
            for _ in range(TIMES)
        ]
    imported = min(
        processor([sys.executable, "-c", "import dagster"]) - processor([sys.executable, "-c", "pass"])
        for _ in range(TIMES)
    )
    built, alone = (min(column) for column in zip(*rounds, strict=True))
    print(f"the bundle, processor time: nothing new {idle:.2f} s (bound {MOST_IDLE:g})")
    print(
        f"  built again {built:.2f} s, the same steps without Dagster {alone:.2f} s: Dagster's own share"
        f" {built - alone:.2f} s (bound {MOST_SHARE:g}), of which its import {imported:.2f} s"
    )


def timed(command: list[str], data: Path | None = None) -> float:
    """Return the wall seconds of a process; 3 (published, something was left out) counts as success."""
    started = time.perf_counter()
    done = subprocess.run(command, env=_environment(data), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 3):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return seconds


def steps(data: Path) -> dict[str, float]:
    """Return the seconds per step that the run itself recorded."""
    record = json.loads((data / "warehouse" / "last_run.json").read_text())
    return dict(record["seconds"])


def copies(target: Path, companies: int) -> int:
    """Lay out the bundled filings under this many company ids; return the number of filings."""
    bundled = REPO / "data"
    filings = 0
    for number in range(companies):
        name = "KC" if number == 0 else f"KC{number:04d}"
        pack = target / "companies" / name
        shutil.copytree(bundled / "companies" / "KC", pack)
        identity = pack / "company.toml"
        declared = identity.read_text(encoding="utf-8")
        identity.write_text(declared.replace('id = "KC"', f'id = "{name}"'), encoding="utf-8")
        for folder in sorted(
            p for p in (bundled / "filings" / "KC").iterdir() if p.name.endswith("-release")
        ):
            copy = target / "filings" / name / folder.name
            shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("figures.csv"))
            manifest = copy / "manifest.json"
            content = json.loads(manifest.read_text(encoding="utf-8"))
            content["company"] = name
            manifest.write_text(json.dumps(content), encoding="utf-8")
            if number:  # other bytes, so that every document is parsed
                for document in copy.glob("*.htm"):
                    document.write_text(
                        document.read_text(encoding="utf-8") + f"<!-- {name} -->\n", encoding="utf-8"
                    )
            filings += 1
    return filings


def main() -> None:
    """Print the split and the growth."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--largest", type=int, default=2500)
    parser.add_argument("--share", action="store_true")
    arguments = parser.parse_args()
    largest = arguments.largest
    kc = [sys.executable, "-m", "kc_pipeline.cli"]
    dagsters_share(kc)
    if arguments.share:
        return
    interpreter = timed([sys.executable, "-c", "pass"])
    with_dagster = timed([sys.executable, "-c", "import dagster, kc_pipeline.orchestration.definitions"])
    print(f"interpreter {interpreter:.2f} s; interpreter and imports {with_dagster:.2f} s")
    previous: tuple[int, float] | None = None
    for companies in (1, 10, 100):
        if companies * 25 > largest:
            break
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            filings = copies(data, companies)
            floor = timed([sys.executable, "-c", FLOOR, str(data / "filings")])
            first = timed([*kc, "run"], data)
            first_steps = steps(data)
            again = timed([*kc, "run", "--force"], data)
            print(
                f"\n{filings} filings: first run {first:.2f} s, again {again:.2f} s, floor (read and parse) {floor:.2f} s,"
                f" first/floor {first / floor:.1f}"
            )
            inside = sum(first_steps.values())
            for step, seconds in first_steps.items():
                print(f"  {step:28} {seconds:8.2f} s  {seconds / first:6.1%}")
            print(f"  {'interpreter and imports':28} {with_dagster:8.2f} s  {with_dagster / first:6.1%}")
            rest = first - inside - with_dagster
            print(f"  {'Dagster, metadata, briefs':28} {rest:8.2f} s  {rest / first:6.1%}")
            if previous:
                print(
                    f"  growth: {filings / previous[0]:.0f} x the filings, {first / previous[1]:.1f} x the time"
                )
            previous = (filings, first)


if __name__ == "__main__":
    main()
