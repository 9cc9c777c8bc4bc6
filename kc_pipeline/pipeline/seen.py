"""Which files a run saw: the SHA-256 of each, remembered with its size and times, so that a look is cheap.

A file whose size, times and inode are as they were when it was hashed is not read again. A file that was
changed in the two seconds before it was hashed is: it may have been changed again within the same tick of
the file system's clock.
"""

import hashlib
import os
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

SETTLED = 2_000_000_000  # nanoseconds
NOT_A_FILE = "not a file"
UNREADABLE = "unreadable"

Entry = list[str | int]  # sha256, size, mtime_ns, ctime_ns, inode, when it was hashed (ns)


def files_below(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, by name; names that begin with a dot, and byte code, are left out."""
    visited: set[tuple[int, int]] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        here = os.stat(place)
        if (here.st_dev, here.st_ino) in visited:  # a link to a folder above
            folders.clear()
            continue
        visited.add((here.st_dev, here.st_ino))
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f != "__pycache__")
        yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))


@dataclass(slots=True)
class Seen:
    """Files by name, as they are now; `rehashed` counts those that had to be read."""

    files: dict[str, Entry] = field(default_factory=dict)
    rehashed: int = 0

    def take(self, name: str, path: Path, known: Mapping[str, Entry]) -> None:
        """Note a file under a name; `known` is what an earlier look noted."""
        before = known.get(name)
        try:
            found = path.stat()
        except OSError:
            self.files[name] = [UNREADABLE, 0, 0, 0, 0, 0]
            return
        marks: list[str | int] = [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino]
        if before is not None and before[1:5] == marks and _settled(before):
            self.files[name] = before
            return
        now = time.time_ns()
        self.files[name] = [_sha256(path, found.st_mode), *marks, now]
        self.rehashed += 1

    def take_all(self, prefix: str, folder: Path, known: Mapping[str, Entry]) -> None:
        """Note every file below a folder as ``prefix/relative/name``; an absent folder has none."""
        for path in files_below(folder):
            self.take(f"{prefix}/{path.relative_to(folder).as_posix()}", path, known)


def _settled(entry: Entry) -> bool:
    _, _, mtime, ctime, _, hashed = entry
    return max(int(mtime), int(ctime)) + SETTLED < int(hashed)


def _sha256(path: Path, mode: int) -> str:
    if not stat.S_ISREG(mode):
        return NOT_A_FILE
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return UNREADABLE


def differences(before: Mapping[str, Entry], now: Mapping[str, Entry]) -> list[str]:
    """Return what differs by content, one line for each file: ``filings/ACME/x/manifest.json is new``."""
    out = []
    for name in sorted({*before, *now}):
        if name not in before:
            out.append(f"{name} is new")
        elif name not in now:
            out.append(f"{name} is gone")
        elif before[name][0] != now[name][0]:
            out.append(f"{name} changed")
    return out
