"""What a run leaves behind for the user, also when it published nothing.

The steps of one run may be executed by one process (`kc run`) or by Dagster steps; they meet in a journal
file named after the run. The verdict of the newest run is `last_run.json` beside the warehouse.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


def write_atomically(path: Path, text: str) -> None:
    """Write a small text file so that a reader sees the old or the new one, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@dataclass(slots=True)
class Journal:
    """What the steps before the build saw: inputs that were skipped, documents parsed."""

    path: Path
    skipped: list[dict[str, str]] = field(default_factory=list)
    parsed: int = 0
    from_cache: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    note: dict[str, Any] | None = None

    @classmethod
    def open(cls, folder: Path, run_id: str) -> "Journal":
        """Return the journal of a run, empty if no step has written to it."""
        path = folder / f"{run_id}.json"
        if path.is_file():
            return cls(path, **json.loads(path.read_text(encoding="utf-8")))
        return cls(path)

    def add_skipped(self, path: str, code: str, reason: str) -> None:
        """Note an input that could not be taken up; the same one twice counts once."""
        entry = {"path": path, "code": code, "reason": reason}
        if entry not in self.skipped:
            self.skipped.append(entry)

    def save(self) -> None:
        """Write the journal."""
        content = {
            "skipped": self.skipped,
            "parsed": self.parsed,
            "from_cache": self.from_cache,
            "seconds": self.seconds,
            "note": self.note,
        }
        write_atomically(self.path, json.dumps(content, ensure_ascii=False, indent=1))

    def close(self) -> None:
        """Remove the journal once the run's record is written."""
        self.path.unlink(missing_ok=True)


@dataclass(slots=True)
class RunRecord:
    """The verdict of a run, as `kc status` shows it."""

    run_id: str
    verdict: str
    started_at: str
    finished_at: str
    build_id: str | None = None
    documents: int = 0
    parsed: int = 0
    from_cache: int = 0
    skipped: list[dict[str, str]] = field(default_factory=list)
    quarantined: list[dict[str, Any]] = field(default_factory=list)
    changes: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    previous: bool = True

    @property
    def published(self) -> bool:
        """Whether the run replaced the published warehouse."""
        return self.verdict == "published"

    def save(self, path: Path) -> None:
        """Write the record."""
        write_atomically(path, json.dumps(asdict(self), ensure_ascii=False, indent=1))

    @classmethod
    def load(cls, path: Path) -> "RunRecord | None":
        """Return the newest run's record; None where no run has ended, or the file does not hold one."""
        if not path.is_file():
            return None
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError):  # damaged from outside: the next run writes a new one
            return None
