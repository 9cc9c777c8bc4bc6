"""Where the time of `kc run` goes, and how it grows with the number of filings.

    python benchmarks/run.py [--largest 2500]

Runs the installed `kc` in processes of its own on private copies of the bundled data: first (everything is
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


def timed(command: list[str], data: Path | None = None) -> float:
    """Return the wall seconds of a process; 3 (published, something was left out) counts as success."""
    environment = dict(os.environ, **({"KC_DATA": str(data)} if data else {}))
    environment.pop("KC_WAREHOUSE", None)
    environment.pop("DAGSTER_HOME", None)
    started = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
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
    largest = parser.parse_args().largest
    kc = [sys.executable, "-m", "kc_pipeline.cli"]
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
            again = timed([*kc, "run"], data)
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
