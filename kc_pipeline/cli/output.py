"""Where a command writes what the user asked for: never into the data folder, and whole or not at all."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kc_pipeline.cli.errors import UsageError
from kc_pipeline.config import Settings
from kc_pipeline.store.files import TEMPORARY


@contextmanager
def output_file(out: Path, at: Settings) -> Iterator[Path]:
    """Yield the path to write to in place of `out`; it takes its name once all is written.

    A device or pipe (/dev/stdout) is written to directly.

    Raises:
        UsageError: if `out` lies in the data folder, or is a file of it under another name.
        OSError: if it cannot be written; no part of it is left behind.
    """
    target = out.expanduser().resolve()
    _refuse_own(out, target, at)
    found = _status(out)
    if found is not None and not stat.S_ISREG(found.st_mode):
        yield out
        return
    if not target.parent.is_dir():
        raise UsageError(f"--out {out}: there is no folder {target.parent}")
    handle, name = tempfile.mkstemp(prefix=TEMPORARY, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask() if found is None else stat.S_IMODE(found.st_mode))
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _refuse_own(out: Path, target: Path, at: Settings) -> None:
    folders = [f.resolve() for f in (at.data, at.builds, at.runs)]
    beside = at.warehouse.resolve()
    own = any(target.is_relative_to(f) for f in folders) or (
        target.parent == beside.parent
        and (target.name.lstrip(".").startswith(beside.name) or target.name in (".lock", at.last_run.name))
    )
    if not own and (found := _status(target)) is not None and found.st_nlink > 1:
        own = (found.st_dev, found.st_ino) in _files_of(at)
    if own:
        raise UsageError(
            f"--out {out}: that is a place of the data folder ({at.data}), which only runs write; "
            "name a file outside it"
        )


def _files_of(at: Settings) -> set[tuple[int, int]]:
    """Return device and inode of every file of the data folder and of the warehouse."""
    paths = [at.warehouse, *at.builds.glob("*"), *(p for p in at.data.rglob("*") if p.is_file())]
    return {(s.st_dev, s.st_ino) for s in map(_status, paths) if s is not None}


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
