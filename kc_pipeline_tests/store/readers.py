"""Read functions for the tests, importable from other processes."""

import os
import signal
import time
from collections.abc import Mapping

import pyarrow as pa


def read_words(data: bytes) -> Mapping[str, pa.Table]:
    """One row per word; some documents misbehave on purpose."""
    text = data.decode()
    if "RAISE" in text:
        raise ValueError("colspan of a million")
    if "HANG" in text:
        while True:
            try:
                time.sleep(0.01)
            except Exception:  # noqa: BLE001, S112 - a reader that swallows everything must still be stopped
                continue
    if "CRASH" in text:
        os.kill(os.getpid(), signal.SIGKILL)
    words = text.split()
    return {
        "words": pa.table({"word": words, "length": [len(w) for w in words]}),
        "document": pa.table({"pid": [os.getpid()]}),
    }
