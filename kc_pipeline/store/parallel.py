"""Reading many documents: what is not in the cache is read, over processes where that pays.

A document that raises, hangs or takes its process down is a failure of that document; the others go on.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from types import FrameType

from kc_pipeline.store.extractions import ExtractionCache
from kc_pipeline.store.reading import Failure, Job, ReadFunction, read_one
from kc_pipeline.store.worker import Worker, check_importable, too_slow

Progress = Callable[[int, int], None]

SMALL = 8_000_000
TIME_LIMIT = 60.0


@dataclass(slots=True)
class Outcome:
    """What a run over many documents did; failures by document_id. `processes` is 0 where it read here."""

    parsed: int = 0
    cached: int = 0
    failures: list[Failure] = field(default_factory=list)
    processes: int = 0
    seconds: float = 0.0


class _TooSlow(BaseException):
    """The time limit of a document is over; no error, so that no reader's `except Exception` catches it."""


def extract_all(
    jobs: Iterable[Job],
    read_fn: ReadFunction,
    cache: ExtractionCache,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    time_limit: float = TIME_LIMIT,
) -> Outcome:
    """Read every document that the cache does not hold, and put what was read into the cache.

    Documents with the same bytes are read once (by the same words). With at most `SMALL` bytes to read, on the main thread,
    it reads in this process: starting others would take longer. Else it starts processes of its own
    (no fork, and the caller's main module is not imported again).

    Args:
        jobs: the documents
        read_fn: bytes, and what a job gives beside them, to named tables; a function at the top level of a module
        cache: where the tables go, under its extractor version
        workers: processes to use: None for one per processor where it pays, 0 for none
        progress: told (done, total) after each document that is read or found in the cache
        time_limit: seconds that one document may take

    Raises:
        ValueError: if processes are needed and `read_fn` is not at the top level of a module.
        RuntimeError: if a process cannot start reading at all.
        OSError: if the cache cannot be written.
    """
    started = time.perf_counter()
    outcome = Outcome()
    every = list(jobs)
    todo: dict[tuple[str, str], list[Job]] = {}
    for job in every:
        what = (job.sha256, job.read_by)
        if what in todo:
            todo[what].append(job)
        elif cache.has(*what):
            outcome.cached += 1
        else:
            todo[what] = [job]
    done = outcome.cached

    def finished(job: Job, failure: Failure | None) -> None:
        nonlocal done
        same = todo[job.sha256, job.read_by]
        if failure is None:
            outcome.parsed += 1
            outcome.cached += len(same) - 1
        else:
            outcome.failures += [
                Failure(j.document_id, j.sha256, failure.code, failure.message) for j in same
            ]
        done += len(same)
        if progress is not None:
            progress(done, len(every))

    if progress is not None:
        progress(done, len(every))
    queue = sorted((same[0] for same in todo.values()), key=lambda j: (-j.size, j.document_id))
    count = _processes(queue, workers)
    if count == 0:
        for job in queue:
            finished(job, _read_here(job, read_fn, cache, time_limit))
    else:
        outcome.processes = count
        _read_over_processes(queue, read_fn, cache, count, time_limit, finished)
    outcome.failures.sort(key=lambda f: f.document_id)
    outcome.seconds = time.perf_counter() - started
    return outcome


def _processes(queue: list[Job], workers: int | None) -> int:
    if not queue or workers == 0:
        return 0
    if workers is None:
        on_main_thread = threading.current_thread() is threading.main_thread()
        if on_main_thread and sum(job.size for job in queue) <= SMALL:
            return 0
        workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(workers, len(queue))


def _read_here(job: Job, read_fn: ReadFunction, cache: ExtractionCache, time_limit: float) -> Failure | None:
    """Read in this process, with the time limit where it can be had: on the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return read_one(job, read_fn, cache)

    def alarm(number: int, frame: FrameType | None) -> None:
        raise _TooSlow

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, time_limit)
        try:
            return read_one(job, read_fn, cache)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except _TooSlow:
        return too_slow(job, time_limit)
    finally:
        signal.signal(signal.SIGALRM, before)


def _read_over_processes(
    queue: list[Job],
    read_fn: ReadFunction,
    cache: ExtractionCache,
    count: int,
    time_limit: float,
    finished: Callable[[Job, Failure | None], None],
) -> None:
    """Read over so many processes: one thread here waits for each of them."""
    check_importable(read_fn)
    mine = threading.local()
    workers: list[Worker] = []

    def read(job: Job) -> Failure | None:
        worker: Worker | None = getattr(mine, "worker", None)
        if worker is None or worker.ended:
            worker = mine.worker = Worker(read_fn, cache)
            workers.append(worker)
        return worker.read(job, time_limit)

    pool = ThreadPoolExecutor(count, thread_name_prefix="reading")
    try:
        running = {pool.submit(read, job): job for job in queue}
        for future in as_completed(running):
            finished(running[future], future.result())
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        for worker in workers:
            worker.end()
        pool.shutdown()
