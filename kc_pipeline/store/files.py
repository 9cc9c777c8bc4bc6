"""Writing a file so that it is there as a whole or not at all, also after a crash."""

import errno
import os
import tempfile
from pathlib import Path

TEMPORARY = ".part-"
NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EXDEV, errno.EMLINK}


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes, *, durable: bool = True, replace: bool = True) -> bool:
    """Write a read-only file atomically: temporary file, fsync, then rename (or link) under its name.

    Args:
        path: where it shall lie; the folder is created
        data: its content
        durable: wait until file and name are on the disk; not needed for what can be made again
        replace: whether a file of that name may be replaced

    Returns:
        False if the name was taken and must not be replaced; nothing has changed then.

    Raises:
        OSError: if it cannot be written; no part of it is left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            os.fchmod(file.fileno(), 0o444)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        if replace:
            os.replace(temporary, path)
        else:
            try:
                os.link(temporary, path)
            except FileExistsError:
                return False
            except OSError as error:
                if error.errno not in NO_HARD_LINKS:
                    raise
                if path.exists():
                    return False
                os.replace(temporary, path)
        if durable:
            sync_folder(path.parent)
        return True
    finally:
        Path(temporary).unlink(missing_ok=True)
