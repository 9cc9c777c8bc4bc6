import hashlib
import os
import signal
import subprocess
import sys
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from kc_pipeline.store import ExtractionCache, Job, Outcome, extract_all
from kc_pipeline_tests.store.readers import read_words

SHA = hashlib.sha256(b"x").hexdigest()


def job(root: Path, text: str, name: str | None = None) -> Job:
    data = text.encode()
    sha = hashlib.sha256(data).hexdigest()
    path = root / sha
    path.write_bytes(data)
    return Job(name or f"KC/{text.split()[0]}", sha, path, len(data))


def cache_in(root: Path, version: str = "1") -> ExtractionCache:
    return ExtractionCache(root / "extracted", version)


def test_tables_come_back_as_they_went_in(tmp_path: Path) -> None:
    schema = pa.schema(
        [("value", pa.decimal128(38, 8)), ("end", pa.date32()), ("section", pa.list_(pa.string()))]
    )
    rows = [{"value": Decimal("1970025000"), "end": date(2025, 3, 31), "section": ["Revenues", ""]}]
    lines = pa.Table.from_pylist([*rows, {"value": None, "end": None, "section": []}], schema=schema)
    tables = {"lines": lines, "stated": schema.empty_table()}
    cache = cache_in(tmp_path)
    cache.put(SHA, tables)
    back = cache.get(SHA)
    assert back is not None
    assert list(back) == ["lines", "stated"]
    assert all(back[name].equals(table, check_metadata=True) for name, table in tables.items())
    assert back["lines"].to_pylist()[0] == rows[0]


def test_another_version_has_its_own_tables(tmp_path: Path) -> None:
    cache_in(tmp_path).put(SHA, {"t": pa.table({"a": [1]})})
    assert cache_in(tmp_path, "2").get(SHA) is None
    assert cache_in(tmp_path).has(SHA)


@pytest.mark.parametrize("version", ["", "../1", "a/b", ".hidden"])
def test_a_version_must_be_a_name(tmp_path: Path, version: str) -> None:
    with pytest.raises(ValueError, match="extractor version"):
        ExtractionCache(tmp_path, version)


def test_a_damaged_file_counts_as_absent(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.put(SHA, {"t": pa.table({"value": [1970025, 2]})})
    path = cache.path_of(SHA)
    whole = path.read_bytes()
    path.chmod(0o644)
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.get(SHA) is None, at
        path.write_bytes(whole[:at])
        assert cache.get(SHA) is None, at
    path.write_bytes(whole)
    assert cache.has(SHA)


def test_putting_again_replaces(tmp_path: Path) -> None:
    cache = cache_in(tmp_path)
    cache.put(SHA, {"t": pa.table({"a": [1]})})
    cache.put(SHA, {"t": pa.table({"a": [2]})})
    back = cache.get(SHA)
    assert back is not None
    assert back["t"].to_pylist() == [{"a": 2}]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [cache.path_of(SHA)]


def summary(outcome: Outcome) -> tuple[int, int, list[tuple[str, str]]]:
    return outcome.parsed, outcome.cached, [(f.document_id, f.code) for f in outcome.failures]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_what_is_cached_is_not_read_again(tmp_path: Path, workers: int) -> None:
    jobs = [job(tmp_path, f"document number {n}", f"KC/{n}") for n in range(8)]
    cache = cache_in(tmp_path)
    first = extract_all(jobs[:5], read_words, cache, workers=workers)
    assert (summary(first), first.processes) == ((5, 0, []), workers)
    assert summary(extract_all(jobs, read_words, cache, workers=workers)) == (3, 5, [])
    second = extract_all(jobs, read_words, cache, workers=workers)
    assert (summary(second), second.processes) == ((0, 8, []), 0)
    for n, j in enumerate(jobs):
        tables = cache.get(j.sha256)
        assert tables is not None
        assert tables["words"]["word"].to_pylist() == ["document", "number", str(n)]
        assert (tables["document"]["pid"].to_pylist() == [os.getpid()]) == (workers == 0)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_document_that_raises_or_hangs_costs_only_itself(tmp_path: Path, workers: int) -> None:
    texts = ["good one", "RAISE now", "HANG now", "good two", "good three"]
    jobs = [job(tmp_path, text, f"KC/{n}") for n, text in enumerate(texts)]
    cache = cache_in(tmp_path)
    read_words(b"the first table of a process may import pandas: not what is timed here")
    outcome = extract_all(jobs, read_words, cache, workers=workers, time_limit=3.0)
    assert summary(outcome) == (3, 0, [("KC/1", "unreadable"), ("KC/2", "too_slow")])
    assert "ValueError: colspan of a million" in outcome.failures[0].message
    assert "3 seconds" in outcome.failures[1].message
    assert cache.get(jobs[2].sha256) is None
    assert extract_all([jobs[1]], read_words, cache, workers=0).parsed == 0


def test_a_document_that_ends_its_process_costs_only_itself(tmp_path: Path) -> None:
    texts = ["good one", "CRASH now", "CRASH twice", "good two", "good three"]
    jobs = [job(tmp_path, text, f"KC/{n}") for n, text in enumerate(texts)]
    outcome = extract_all(jobs, read_words, cache_in(tmp_path), workers=2)
    assert summary(outcome) == (3, 0, [("KC/1", "crashed"), ("KC/2", "crashed")])


def test_a_damaged_document_in_the_store_is_not_read(tmp_path: Path) -> None:
    good, bad = job(tmp_path, "good"), job(tmp_path, "bad")
    bad.path.write_bytes(b"other bytes")
    outcome = extract_all([good, bad], read_words, cache_in(tmp_path))
    assert summary(outcome) == (1, 0, [("KC/bad", "damaged")])


def test_the_same_bytes_are_read_once_and_fail_for_each(tmp_path: Path) -> None:
    jobs = [job(tmp_path, text, f"{c}/{text[0]}") for c in ("KC", "GDS") for text in ("same", "RAISE")]
    seen: list[tuple[int, int]] = []
    outcome = extract_all(jobs, read_words, cache_in(tmp_path), progress=lambda d, n: seen.append((d, n)))
    assert summary(outcome) == (1, 1, [("GDS/R", "unreadable"), ("KC/R", "unreadable")])
    assert seen == [(0, 4), (2, 4), (4, 4)]


def test_many_bytes_are_read_over_processes(tmp_path: Path) -> None:
    jobs = [job(tmp_path, f"{n} " + "x" * 3_000_000, f"KC/{n}") for n in range(3)]
    outcome = extract_all(jobs, read_words, cache_in(tmp_path))
    assert summary(outcome) == (3, 0, [])
    assert outcome.processes == min(len(os.sched_getaffinity(0)), 3)


def test_off_the_main_thread_processes_keep_the_time_limit(tmp_path: Path) -> None:
    jobs = [job(tmp_path, "HANG"), job(tmp_path, "good")]
    out: list[Outcome] = []
    thread = threading.Thread(
        target=lambda: out.append(extract_all(jobs, read_words, cache_in(tmp_path), time_limit=1.0))
    )
    thread.start()
    thread.join(30)
    assert summary(out[0]) == (1, 0, [("KC/HANG", "too_slow")])


def test_the_alarm_of_the_caller_is_given_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGALRM)
    extract_all([job(tmp_path, "good")], read_words, cache_in(tmp_path))
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_function_that_other_processes_cannot_import_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="top level of a module"):
        extract_all([job(tmp_path, "good")], lambda data: {}, cache_in(tmp_path), workers=1)


def test_a_cache_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "extracted").write_text("a file where a folder should be")
    for workers in (0, 1):
        with pytest.raises(OSError, match="extracted"):
            extract_all([job(tmp_path, "good")], read_words, cache_in(tmp_path), workers=workers)


def test_a_script_without_a_main_guard_can_use_processes(tmp_path: Path) -> None:
    made = job(tmp_path, "good")
    script = f"""
from pathlib import Path
from kc_pipeline.store import ExtractionCache, Job, extract_all
from kc_pipeline_tests.store.readers import read_words
job = Job("KC/good", "{made.sha256}", Path("{made.path}"), 4)
print(extract_all([job], read_words, ExtractionCache(Path("{tmp_path}"), "1"), workers=1).parsed)
"""
    done = subprocess.run(
        [sys.executable, "-"], input=script, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "1\n"
