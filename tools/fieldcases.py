"""Score the invented filings of `$KC_SHARED/fieldcases`, in this process: `make fieldcases`.

    python -m tools.fieldcases [--write] [-v] [--only TEXT]

Runs the scoring of `$KC_SHARED/tools/score_cases.py`. `fieldcases_failing.toml` lists the cases in which a number is
wrong or missing without a warning, with how many; the list may only shrink (the suite holds it). `--write` takes off
it what is mended, and never adds to it.
"""

import argparse
import importlib.util
import json
import os
import sys
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kc_pipeline.extraction import extract, to_dict

ROOT = Path(__file__).resolve().parents[1]
KNOWN = Path(__file__).with_name("fieldcases_failing.toml")
SUFFIXES = (".html", ".htm", ".txt")

Notes = list[tuple[str, str]]


def shared_folder() -> Path:
    return Path(os.environ.get("KC_SHARED") or ROOT.parent / "shared")


def scorer(shared: Path) -> Callable[[Any, Any], tuple[Mapping[str, int], Notes]]:
    """Return the function `score` of the shared script: expectation and JSON object to counts and notes."""
    spec = importlib.util.spec_from_file_location("score_cases", shared / "tools" / "score_cases.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(shared / "tools" / "score_cases.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    score: Callable[[Any, Any], tuple[Mapping[str, int], Notes]] = module.score
    return score


def run(shared: Path, only: str = "") -> dict[str, tuple[Mapping[str, int], Notes]]:
    """Read and score every case, by its name."""
    score = scorer(shared)
    out = {}
    for path in sorted((shared / "fieldcases").glob("*.expect.json")):
        name = path.name.removesuffix(".expect.json")
        if only not in name:
            continue
        document = next(p for s in SUFFIXES if (p := path.with_name(name + s)).exists())
        read = json.loads(json.dumps(to_dict(extract(document.read_bytes()))))
        out[name] = score(json.loads(path.read_text(encoding="utf-8")), read)
    return out


def failing(results: Mapping[str, tuple[Mapping[str, int], Notes]]) -> dict[str, int]:
    """Return the cases with numbers wrong or missing and no warning, and how many."""
    counts = {name: c["WRONG"] + c["MISSING"] for name, (c, _) in results.items()}
    return {name: n for name, n in counts.items() if n}


def known() -> dict[str, int]:
    """Return the list of cases that are known to fail."""
    return tomllib.loads(KNOWN.read_text(encoding="utf-8"))


def problems(found: Mapping[str, int], listed: Mapping[str, int]) -> list[str]:
    """Say which cases fail without being listed or by more than listed, and which are listed without need."""
    out = [
        f"{name}: {n} numbers wrong or missing in silence, {listed.get(name, 0)} are known"
        for name, n in sorted(found.items())
        if n > listed.get(name, 0)
    ]
    return out + [
        f"{name} is mended: take it off (make fieldcases)" for name in sorted(set(listed) - set(found))
    ]


def lowered(found: Mapping[str, int], listed: Mapping[str, int]) -> dict[str, int]:
    """Return the list without what is mended, at its present numbers."""
    return {name: min(n, found[name]) for name, n in sorted(listed.items()) if name in found}


def text_of(listed: Mapping[str, int]) -> str:
    """Return the file's text."""
    head = "# Field cases with numbers wrong or missing without a warning, and how many; this list may only shrink\n"
    return head + "# (`make fieldcases`).\n" + "".join(f'"{name}" = {n}\n' for name, n in listed.items())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    shared = shared_folder()
    if not shared.is_dir():
        print(f"no field cases at {shared} (set KC_SHARED)", file=sys.stderr)
        return 2
    results = run(shared, options.only)
    found = failing(results)
    for name, (counts, notes) in results.items():
        if name in found or options.verbose:
            print(f"{name:44} " + "  ".join(f"{k} {v}" for k, v in sorted(counts.items()) if v))
            for kind, note in notes if options.verbose else ():
                print(f"      {kind:8}{note}")
    totals = {
        k: sum(c[k] for c, _ in results.values())
        for k in ("right", "WRONG", "warned", "MISSING", "said", "alarm")
    }
    print(
        f"{len(results)} cases, {len(found)} of them fail: "
        + ", ".join(f"{k} {v}" for k, v in totals.items())
    )
    if options.write and not options.only:
        KNOWN.write_text(text_of(lowered(found, known())), encoding="utf-8")
    wrong = problems(found, {n: v for n, v in known().items() if options.only in n})
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
