"""One writer at a time: a lock that the operating system takes back when its holder dies."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from kc_pipeline.warehouse.connect import WarehouseError

_POLL_SECONDS = 0.1


class WarehouseBusyError(WarehouseError):
    """Another run is building; the message says which process."""


class WriterLock:
    """An exclusive lock on a file, held from `acquire` to `release` or the end of the process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self, wait_seconds: float = 0.0, on_wait: Callable[[str], None] | None = None) -> None:
        """Take the lock, waiting at most so long for its holder; `on_wait` is told once for which process.

        Raises:
            WarehouseBusyError: if it is still held then.
            OSError: if the lock file cannot be opened.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        deadline = time.monotonic() + wait_seconds
        try:
            while True:
                try:
                    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
                    if on_wait is not None:
                        on_wait(holder)
                        on_wait = None
                    if time.monotonic() >= deadline:
                        raise WarehouseBusyError(
                            f"another run is building this warehouse (process {holder}); wait for it to end"
                        ) from None
                    time.sleep(_POLL_SECONDS)
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
        except BaseException:
            os.close(handle)
            raise
        self._handle = handle

    def release(self) -> None:
        """Give the lock back; doing so twice is harmless."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
