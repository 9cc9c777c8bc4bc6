"""Bytes under their SHA-256: ``objects/ab/abcdef...``, read-only, written once, verified on every read."""

import hashlib
from pathlib import Path

from kc_pipeline.store.files import write_whole


class DamagedObjectError(Exception):
    """Stored bytes are absent or no longer what their name says; the message names the file."""


def object_path(root: Path, sha256: str) -> Path:
    """Return where the bytes of a SHA-256 lie below the store's root."""
    return root / "objects" / sha256[:2] / sha256


def write_object(root: Path, data: bytes) -> tuple[str, bool]:
    """Keep bytes; return their SHA-256, and whether a damaged file was put right.

    Bytes that are there already are not written again. A stored file with other bytes, or one that cannot be read, has
    been damaged from outside: the right bytes take its place.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    path = object_path(root, sha256)
    damaged = False
    try:
        if path.read_bytes() == data:
            return sha256, False
        damaged = True
    except FileNotFoundError:
        pass
    except OSError:
        damaged = True
    write_whole(path, data)
    return sha256, damaged


def read_verified(path: Path, sha256: str) -> bytes:
    """Return the bytes of a file, which must have this SHA-256.

    Raises:
        DamagedObjectError: if the file is absent, unreadable, or holds other bytes.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedObjectError(f"{path}: stored document cannot be read: {error.strerror}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise DamagedObjectError(
            f"{path}: stored document is damaged (its bytes have SHA-256 {found[:12]}..., not "
            f"{sha256[:12]}...); delete this file and run again, if the inbox still has the document"
        )
    return data
