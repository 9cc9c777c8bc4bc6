"""What a run leaves behind for the user, also when it published nothing.

The steps of one run may be executed by one process (`kc run`) or by Dagster steps; they meet in a journal
file named after the run. Each run's verdict is kept under its id in `records/` beside the warehouse; `last_run.json`
is a copy of the newest one. A journal whose process is gone belongs to a run that did not end.
"""

import json
import os
import re
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kc_pipeline.config import Settings

KEPT_RECORDS = 100
_LEFT_BEHIND = re.compile(r"\.(?:.+\.(?:json|jsonl|md|html))\.(\d+)")  # what `write_atomically` had begun


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
    """What the steps before the build saw: inputs that were skipped, documents parsed, damage that was put right.

    `process` is the process that last wrote it (with the time of its start, where the system tells), `began` when the
    run did, `step` what it was doing then.
    """

    path: Path
    skipped: list[dict[str, str]] = field(default_factory=list)
    parsed: int = 0
    from_cache: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    note: dict[str, Any] | None = None
    mended: list[str] = field(default_factory=list)
    began: str = ""
    step: str = ""
    process: list[str] = field(default_factory=list)

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
        self.began = self.began or datetime.now(UTC).isoformat(timespec="seconds")
        self.process = _process(os.getpid())
        content = asdict(self)
        del content["path"]
        write_atomically(self.path, json.dumps(content, ensure_ascii=False, indent=1))

    def begin(self, step: str) -> None:
        """Note what the run does from now on, so that it can be told if it is killed."""
        self.step = step
        self.save()

    @property
    def running(self) -> bool:
        """Whether the process that wrote it is still there."""
        return bool(self.process) and _process(int(self.process[0])) == self.process

    @property
    def words(self) -> str:
        """Which run it is and how far it got."""
        process = f"process {self.process[0]}" if self.process else "its process"
        at = f"run {self.path.stem}, begun {self.began or 'at an unknown time'}: {process}"
        if self.running:
            return f"{at} is running ({self.step or 'between two steps'})"
        if not self.step:
            return f"{at} ended between two steps, before it built anything"
        return f"{at} was killed or broke off ({self.step})"

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
    mended: list[str] = field(default_factory=list)

    @property
    def published(self) -> bool:
        """Whether the run replaced the published warehouse."""
        return self.verdict == "published"

    def save(self, settings: Settings) -> None:
        """Write the record under its run's id, and as the newest one; the oldest beyond a hundred are removed."""
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        write_atomically(settings.run_records / f"{self.run_id}.json", text)
        write_atomically(settings.last_run, text)
        kept = sorted(settings.run_records.glob("*.json"), key=lambda p: p.stat().st_mtime_ns)
        for path in kept[:-KEPT_RECORDS]:
            path.unlink(missing_ok=True)

    @classmethod
    def of(cls, settings: Settings, run_id: str) -> "RunRecord | None":
        """Return the record of one run, whatever other runs have ended since; None where it wrote none."""
        return cls.load(settings.run_records / f"{run_id}.json")

    @classmethod
    def load(cls, path: Path) -> "RunRecord | None":
        """Return the newest run's record; None where no run has ended, or the file does not hold one."""
        if not path.is_file():
            return None
        try:
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError):  # damaged from outside: the next run writes a new one
            return None


def _process(pid: int) -> list[str]:
    """Return a process's number and, where the system tells, when it began; nothing where there is no such process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return []
    except (PermissionError, OverflowError):
        pass
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return [str(pid)]
    return [str(pid), fields[19]]  # its name, which may hold anything, stands in parentheses before


def unended(settings: Settings) -> list[Journal]:
    """Return the journals of runs that have not ended, oldest first: those that run, and those whose process is gone."""
    found = []
    for path in settings.runs.glob("*.json"):
        try:
            found.append(Journal.open(settings.runs, path.stem))
        except (OSError, ValueError, TypeError):  # damaged from outside: whose it was is not known
            found.append(Journal(path, step="its journal cannot be read"))
    return sorted(found, key=lambda j: (j.began, j.path.name))


def clear_up(settings: Settings, own: Journal) -> list[str]:
    """Remove the journals, and files half-written, of runs whose process is gone; return what is to be said of them."""
    said = []
    for journal in unended(settings):
        if journal.path != own.path and not journal.running:
            said += [f"cleared up after {journal.words}", *journal.mended]
            journal.close()
    folders = {settings.runs, settings.run_records, settings.warehouse.parent, *settings.briefs.glob("*")}
    for folder in filter(Path.is_dir, folders):
        for path in folder.iterdir():
            if (match := _LEFT_BEHIND.fullmatch(path.name)) and not _process(int(match[1])):
                path.unlink(missing_ok=True)
    return said
