"""Fuzz the extractor with mutants of real documents: no crash, no hang, no silent change of a figure.

    fuzz_extraction.py [--mutants 10000] [--seed 1] [--seconds 600]

Takes tables with the words around them out of the documents of `$KC_SHARED/realdocs` and mutates them: bytes turned,
tags cut, parts doubled, moved and dropped, spans enlarged, ends cut off. A second kind of mutant changes one digit of
one figure that takes part in a total: the line read from it must carry a warning. Ends with status 1 if a mutant
raised, took longer than two seconds, or changed a figure unseen.
"""

import argparse
import os
import random
import re
import signal
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kc_pipeline.extraction import read  # noqa: E402
from kc_pipeline.extraction.checks import tied_cells  # noqa: E402

TABLE = re.compile(rb"<table.*?</table>", re.I | re.S)


def seeds(root: Path) -> list[bytes]:
    """Return small documents: each a statement table of a real one with 3,000 bytes before it."""
    out: list[bytes] = []
    for folder in ("6-K", "8-K", "nvidia"):
        for path in sorted((root / folder).glob("*.htm*"))[:16]:
            data = path.read_bytes()
            for match in TABLE.finditer(data):
                if 4_000 < len(match[0]) < 60_000 and re.search(
                    rb"total (?:current )?assets|net income|operating activities", match[0], re.I
                ):
                    out.append(
                        b"<html><body>" + data[max(0, match.start() - 3000) : match.end()] + b"</body></html>"
                    )
    return out


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Return a damaged copy."""
    body = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        kind = rng.randrange(8)
        at = rng.randrange(max(1, len(body)))
        length = rng.randint(1, 400)
        if kind == 0:
            for _ in range(rng.randint(1, 20)):
                body[rng.randrange(len(body))] = rng.randrange(256)
        elif kind == 1:
            del body[at : at + length]
        elif kind == 2:
            body[at:at] = body[at : at + length] * rng.randint(1, 5)
        elif kind == 3:
            other = rng.randrange(max(1, len(body)))
            piece = body[at : at + length]
            del body[at : at + length]
            body[other:other] = piece
        elif kind == 4:
            del body[rng.randrange(len(body) // 2, len(body)) :]
        elif kind == 5:
            tag = rng.choice(
                [
                    b"<td",
                    b"<tr",
                    b"</td>",
                    b"</tr>",
                    b"<table>",
                    b"</table>",
                    b"<span>",
                    b"<!--",
                    b"-->",
                    b"\x00",
                    b"&#x110000;",
                    b"<sup>",
                ]
            )
            body[at:at] = tag * rng.randint(1, 30)
        elif kind == 6:
            new = re.sub(
                rb'colspan="?(\d+)',
                lambda m: b'colspan="%d' % rng.choice([0, 1, 7, 99999]),
                bytes(body),
                count=rng.randint(1, 9),
            )
            body = bytearray(new)
        else:
            body = bytearray(
                bytes(body).replace(rng.choice([b"</td>", b"</tr>", b'"', b">"]), b"", rng.randint(1, 50))
            )
        if not body:
            body = bytearray(b" ")
    return bytes(body)


def change_digit(data: bytes, rng: random.Random) -> tuple[str, str]:
    """Change one digit of one figure in a tied total; return (outcome, detail)."""
    before = read(data)
    cells = tied_cells(before)
    printed = Counter(re.findall(rb"[\d,.]*\d", data))
    usable = [
        (k, x)
        for k, x in cells.items()
        if len(x.text) > 3 and printed[(re.findall(r"[\d,.]*\d", x.text) or [""])[0].encode()] == 1
    ]
    if not usable:
        return "not applicable", ""
    key, line = rng.choice(sorted(usable, key=lambda u: u[0]))
    digits = re.findall(r"[\d,.]*\d", line.text)[0]
    places = [i for i, c in enumerate(digits[:-1]) if c.isdigit()]
    if not places:
        return "not applicable", ""
    at = rng.choice(places)
    new = digits[:at] + str((int(digits[at]) + rng.randint(1, 8)) % 9 + 1) + digits[at + 1 :]
    if new == digits:
        return "not applicable", ""
    after = read(data.replace(digits.encode(), new.encode(), 1))
    changed = next((x for x in after.lines if (x.table, x.row, x.col) == key), None)
    if changed is None or changed.value == line.value:
        return "not read", ""
    if changed.suspect:
        return "warned", ""
    if abs(changed.value - line.value) <= Decimal(24).scaleb(-line.decimals):
        return "within rounding", ""  # half a unit for each of up to 45 addends, and one: the sum allows it
    return "unseen", f"{line.label[:50]} {line.period_end}: {digits} -> {new}"


class Hang(BaseException):
    """A mutant took too long."""


def _alarm(*_: object) -> None:
    raise Hang


def batch(args: tuple[list[bytes], int, int, float]) -> tuple[Counter[str], list[str], float]:
    documents, seed, count, deadline = args
    rng = random.Random(seed)
    signal.signal(signal.SIGALRM, _alarm)
    outcomes: Counter[str] = Counter()
    problems: list[str] = []
    slowest = 0.0
    for number in range(count):
        if time.monotonic() > deadline:
            outcomes["out of time"] += count - number
            break
        data = rng.choice(documents)
        if number % 5 == 0:
            outcome, detail = change_digit(data, rng)
            outcomes["figure changed: " + outcome] += 1
            if outcome == "unseen":
                problems.append(f"unseen change: {detail}")
            continue
        mutant = mutate(data, rng)
        start = time.process_time()
        signal.alarm(10)
        try:
            out = read(mutant)
        except Hang:
            problems.append(
                f"hang: over 10 s (seed {seed}, number {number}) in {traceback.format_exc(limit=-2)!r}"
            )
            continue
        except Exception as error:  # noqa: BLE001 - a crash is what the fuzzer looks for
            problems.append(f"crash: {type(error).__name__}: {error} (seed {seed}, number {number})")
            continue
        finally:
            signal.alarm(0)
        seconds = time.process_time() - start
        slowest = max(slowest, seconds)
        outcomes["damaged: read"] += 1
        stopped = [w.message for w in out.warnings if w.code == "unreadable"]
        if stopped:
            problems.append(f"stopped: {stopped[0]} (seed {seed}, number {number})")
        if seconds > 2:
            problems.append(f"slow: {seconds:.1f} s (seed {seed}, number {number})")
    return outcomes, problems, slowest


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=600)
    options = parser.parse_args()
    root = Path(
        os.environ.get("KC_REALDOCS")
        or Path(os.environ.get("KC_SHARED") or ROOT.parent / "shared") / "realdocs"
    )
    if not root.is_dir():
        print(f"no real documents at {root} (set KC_REALDOCS or KC_SHARED)")
        return 2
    documents = seeds(root)
    deadline = time.monotonic() + options.seconds
    size = 250
    jobs = [
        (documents, options.seed * 1_000_003 + i, min(size, options.mutants - i * size), deadline)
        for i in range(-(-options.mutants // size))
    ]
    outcomes: Counter[str] = Counter()
    problems: list[str] = []
    slowest = 0.0
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        for counted, found, slow in pool.map(batch, jobs):
            outcomes += counted
            problems += found
            slowest = max(slowest, slow)
    print(f"{len(documents)} seed documents, {options.mutants} mutants, slowest {slowest:.2f} s")
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome:28} {count}")
    for problem in problems[:60]:
        print(f"  {problem}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
