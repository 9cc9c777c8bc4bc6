"""Limits of a query from outside: time, memory, rows; whatever it asks, it ends.

DuckDB keeps its own memory and spill within limits, and an interrupt ends most of what runs too long. Inside one
call of a function (`repeat`, a list of lists) it listens to neither, so a watcher looks at the clock and at the
memory of the whole process, and where an interrupt is not heard it calls `on_stuck`, which has to end the process.
"""

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from kc_pipeline.warehouse.connect import WarehouseError

GRACE_SECONDS = 2.0
"""How long after an interrupt a query may go on before the process is ended."""
_LOOK_SECONDS = 0.05
_ROWS_AT_ONCE = 10_000
_MEMORY = Path("/proc/self/statm")


class LimitError(WarehouseError):
    """A query took more than it may; the message says how to allow more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one query may take: seconds on the clock, rows of its answer, megabytes of memory; 0 lifts a limit.

    The memory is that of the whole process; the same again may be used on disk for what does not fit.
    """

    seconds: float = 60.0
    rows: int = 1_000_000
    megabytes: int = 2_000

    @property
    def configuration(self) -> dict[str, str]:
        """DuckDB's own settings for them: it gets most of the memory, the rest is for the answer."""
        if not self.megabytes:
            return {}
        return {
            "memory_limit": f"{max(self.megabytes * 3 // 4, 1)}MB",
            "max_temp_directory_size": f"{self.megabytes}MB",
        }


class Watch:
    """Interrupts the query of a connection when it has taken more than its limits; used as a context."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, limits: Limits, on_stuck: Callable[[str], None]
    ) -> None:
        self.limits = limits
        self.reason: str | None = None
        self._con = con
        self._on_stuck = on_stuck
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, name="kc-limits", daemon=True)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        if self.reason is not None and isinstance(error, duckdb.Error | MemoryError):
            raise LimitError(self.reason) from None
        if isinstance(error, duckdb.OutOfMemoryException):
            raise LimitError(_too_much("memory", f"{self.limits.megabytes} MB", "--max-memory MB")) from None

    def check(self, rows: int = 0) -> None:
        """Refuse to go on where a limit is exceeded.

        Raises:
            LimitError: if the time or memory is used up, or there are more `rows` than allowed.
        """
        if self.reason is not None:
            raise LimitError(self.reason)
        if self.limits.rows and rows > self.limits.rows:
            raise LimitError(
                f"the answer has more than {self.limits.rows:,} rows; add LIMIT or count first, "
                "or allow more with --max-rows N (0: no limit)"
            )

    def _look(self) -> None:
        began = time.monotonic()
        before = _resident_megabytes()
        interrupted = None
        while not self._ended.wait(_LOOK_SECONDS):
            now = time.monotonic()
            self.reason = self.reason or self._exceeded(now - began, _resident_megabytes() - before)
            if self.reason is None:
                continue
            interrupted = interrupted or now
            self._con.interrupt()  # again and again: between two steps of a query nobody hears it
            if now - interrupted > GRACE_SECONDS:
                self._on_stuck(self.reason)
                return

    def _exceeded(self, seconds: float, megabytes: int) -> str | None:
        if self.limits.seconds and seconds > self.limits.seconds:
            return _too_much("time", f"{self.limits.seconds:g} s", "--max-seconds N")
        if self.limits.megabytes and megabytes > self.limits.megabytes:
            return _too_much("memory", f"{self.limits.megabytes} MB", "--max-memory MB")
        return None


def _too_much(what: str, allowed: str, option: str) -> str:
    return (
        f"the query was stopped: it takes more {what} than {allowed}; ask for less, "
        f"or allow more with {option} (0: no limit)"
    )


def _resident_megabytes() -> int:
    """Return the memory of this process; 0 where the system does not tell (DuckDB's own limit is left then)."""
    try:
        pages = int(_MEMORY.read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


def fetch_rows(cursor: duckdb.DuckDBPyConnection, watch: Watch) -> list[tuple[Any, ...]]:
    """Return all rows of an answer.

    Raises:
        LimitError: if it takes more than it may.
        duckdb.Error: if the query fails.
    """
    out: list[tuple[Any, ...]] = []
    while some := cursor.fetchmany(_ROWS_AT_ONCE):
        out += some
        watch.check(len(out))
    watch.check()
    return out
