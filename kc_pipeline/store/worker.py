"""A process that reads documents, one at a time, and can be ended when one takes too long.

Started afresh as an interpreter of its own: nothing is forked, and the caller's main module is not
imported again. It shares no state with its parent but a pipe and the cache.
"""

import importlib
import os
import subprocess
import sys
from multiprocessing.connection import Connection, Pipe

from kc_pipeline.config.imports import without_pandas
from kc_pipeline.store.extractions import ExtractionCache
from kc_pipeline.store.reading import Failure, Job, ReadFunction, read_one

START_LIMIT = 120.0
_PROGRAM = "from kc_pipeline.store.worker import serve; serve()"


def check_importable(read_fn: ReadFunction) -> None:
    """Raise ValueError unless another process can import the function."""
    name = f"{read_fn.__module__}.{read_fn.__qualname__}"
    if read_fn.__module__ == "__main__" or "<" in read_fn.__qualname__:
        raise ValueError(f"{name} cannot be used in other processes: put it at the top level of a module")


class Worker:
    """The parent's side of one reading process.

    Raises:
        RuntimeError: if the process cannot start reading.
    """

    def __init__(self, read_fn: ReadFunction, cache: ExtractionCache) -> None:
        self.ended = False
        self.connection, theirs = Pipe()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _PROGRAM, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=dict(os.environ, PYTHONPATH=os.pathsep.join(p or os.getcwd() for p in sys.path)),
            )
        try:
            place = (read_fn.__module__, read_fn.__qualname__)
            self.connection.send((place, cache.root, cache.extractor_version))
            ready = self.connection.poll(START_LIMIT) and self.connection.recv()
        except (EOFError, OSError):
            ready = False
        if not ready:
            self.end()
            raise RuntimeError(
                f"a process to read documents with {'.'.join(place)} could not start "
                f"(exit status {self.process.returncode}; what it printed tells why)"
            )

    def read(self, job: Job, time_limit: float) -> Failure | None:
        """Have one document read into the cache; return why it could not be read, or None.

        A document that takes longer than the limit, or the process down, ends the process.

        Raises:
            OSError: if the cache cannot be written.
        """
        try:
            self.connection.send(job)
            if not self.connection.poll(time_limit):
                self.end()
                return too_slow(job, time_limit)
            answer: Failure | OSError | None = self.connection.recv()
        except (EOFError, OSError):
            self.end()
            message = f"reading it ended the process (exit status {self.process.returncode})"
            return Failure(job.document_id, job.sha256, "crashed", message)
        if isinstance(answer, OSError):
            raise answer
        return answer

    def end(self) -> None:
        """End the process and wait for it; doing so twice is harmless."""
        if not self.ended:
            self.ended = True
            self.process.kill()
            self.process.wait()
            self.connection.close()


def too_slow(job: Job, time_limit: float) -> Failure:
    """Return the failure of a document that took longer than so many seconds."""
    return Failure(
        job.document_id, job.sha256, "too_slow", f"reading it took more than {time_limit:g} seconds"
    )


def serve() -> None:
    """Answer one parent: read each document that it names, until it closes the connection.

    The process has no pandas: pyarrow would import it, which takes a second or more, to make its first
    array from a list.
    """
    without_pandas()
    connection = Connection(int(sys.argv[1]))
    (module, name), root, version = connection.recv()
    read_fn: ReadFunction = getattr(importlib.import_module(module), name)
    cache = ExtractionCache(root, version)
    connection.send(True)
    while True:
        try:
            job: Job = connection.recv()
        except EOFError:
            return
        try:
            answer: Failure | OSError | None = read_one(job, read_fn, cache)
        except OSError as error:
            answer = error
        connection.send(answer)
