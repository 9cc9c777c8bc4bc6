"""Nothing new, nothing done: would a run publish again what is published?

A run that has taken up everything notes what it read (the inbox, the packs, the store, the package's own
sources, the versions of the libraries that shape the result, the settings) and what it made (the published
file, the briefs) in ``warehouse/seal.json``. The next run compares. No seal, or one that does not fit,
means that there is something to do: a seal can only save work, never hide it.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from kc_pipeline.config import Settings
from kc_pipeline.pipeline.journal import RunRecord, write_atomically
from kc_pipeline.pipeline.seen import Entry, Seen, differences

FORMAT = 1
SHAPES_THE_RESULT = ("duckdb", "jinja2", "markdown-it-py", "pyarrow", "pydantic", "selectolax")
MAY_PASS = {"changed", "damaged", "not_read", "unreadable"}  # a later look may find these put right
NOT_YET = "not_yet"
SHOWN = 3
KEPT_LOOKS = 100
PACKAGE = Path(__file__).resolve().parents[1]
WAREHOUSE = "the published warehouse"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found: why there is something to do, or None; with the build that is published."""

    reason: str | None
    build_id: str | None = None
    files: int = 0

    @property
    def words(self) -> str:
        """The finding in one sentence."""
        if self.reason is not None:
            return f"something to do: {self.reason}"
        return (
            f"nothing new: {self.files} inputs, the code and the settings are as build {self.build_id} read "
            "them, and what it made is whole; nothing was built"
        )


def what_is_read(settings: Settings, known: Mapping[str, Entry]) -> Seen:
    """Return every file outside the store that a run's result depends on.

    Args:
        settings: where they lie
        known: what an earlier look noted
    """
    seen = Seen()
    if settings.companies_file.exists():
        seen.take(settings.companies_file.name, settings.companies_file, known)
    seen.take_all("companies", settings.companies_file.parent / "companies", known)
    seen.take_all("filings", settings.filings, known)
    seen.take_all("kc_pipeline", PACKAGE, known)
    return seen


def what_is_stored(settings: Settings, known: Mapping[str, Entry]) -> Seen:
    """Return every file of the store; only a run and a fetch write there."""
    seen = Seen()
    seen.take_all("store", settings.store, known)
    return seen


def environment(settings: Settings) -> dict[str, str]:
    """Return the settings, and the versions of Python and of the libraries that shape the result."""
    found = {"python": platform.python_version()}
    for name in SHAPES_THE_RESULT:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    found["max_document_bytes"] = str(settings.max_document_bytes)
    found["keep_builds"] = str(settings.keep_builds)
    return found


def noted(settings: Settings) -> dict[str, Any]:
    """Return what a run that is about to begin will read, to be sealed once it has published."""
    known = _files(_load(settings))
    return {"files": what_is_read(settings, known).files, "environment": environment(settings)}


def seal_build(settings: Settings, build_id: str, note: Mapping[str, Any] | None) -> None:
    """Note what a published build read; without a note (not all was taken up) there is no seal."""
    if note is None:
        settings.seal.unlink(missing_ok=True)
        return
    made = Seen()
    made.take(WAREHOUSE, settings.warehouse, {})
    content = {
        "format": FORMAT,
        "build_id": build_id,
        "day": date.today().isoformat(),
        "environment": note["environment"],
        "files": note["files"],
        "store": what_is_stored(settings, {}).files,
        "made": made.files,
        "briefs": None,
    }
    _save(settings, content)


def seal_briefs(settings: Settings, written: list[Path]) -> None:
    """Complete the seal of the published build with the briefs that were written from it."""
    seal = _load(settings)
    if seal is None:
        return
    briefs = Seen()
    for path in written:
        briefs.take(path.relative_to(settings.briefs).as_posix(), path, {})
    _save(settings, {**seal, "briefs": briefs.files})


def look(settings: Settings) -> Look:
    """Say whether there is anything to do; writes nothing but, where files were merely touched, the seal."""
    seal = _load(settings)
    if seal is None:
        what = "no run has ended with everything in place" if settings.warehouse.is_file() else None
        return Look(what or "nothing has been published yet")
    if (reason := _about_runs(settings, seal)) is not None:
        return Look(reason)
    read = what_is_read(settings, seal["files"])
    stored = what_is_stored(settings, seal["store"])
    made, briefs = _made(settings, seal)
    for before, now in (
        (seal["files"], read.files),
        (seal["store"], stored.files),
        (seal["made"], made.files),
        (seal["briefs"], briefs.files),
    ):
        if changed := differences(before, now):
            more = f" (and {len(changed) - SHOWN} more)" if len(changed) > SHOWN else ""
            return Look("; ".join(changed[:SHOWN]) + more)
    if read.rehashed or stored.rehashed or made.rehashed or briefs.rehashed:
        parts = {"files": read, "store": stored, "made": made, "briefs": briefs}
        _save(settings, {**seal, **{name: part.files for name, part in parts.items()}})
    inputs = sum(1 for name in read.files if not name.startswith("kc_pipeline/"))
    return Look(None, seal["build_id"], inputs)


def _about_runs(settings: Settings, seal: Mapping[str, Any]) -> str | None:
    """Return what the runs before leave to do, whatever the files are like."""
    if cut_off := sorted(p.stem for p in settings.runs.glob("*.json")):
        return f"run {cut_off[0]} did not end"
    record = RunRecord.load(settings.last_run)
    if record is None or not record.published:
        return "the last run did not publish"
    if record.build_id != seal["build_id"] or seal["briefs"] is None:
        return f"the run that published build {record.build_id} did not finish"
    codes = {s["code"] for s in record.skipped}
    if passing := sorted(codes & MAY_PASS):
        return f"an input was skipped for a reason that may have passed ({', '.join(passing)})"
    if NOT_YET in codes and seal["day"] != date.today().isoformat():
        return f"an input was dated after {seal['day']}"
    for name, now in environment(settings).items():
        if seal["environment"].get(name) != now:
            return f"{name} was {seal['environment'].get(name)} and is {now}"
    from kc_pipeline.warehouse.connect import wal_files

    if stray := wal_files(settings.warehouse):
        return f"something wrote to the published warehouse ({stray[0].name})"
    return None


def _made(settings: Settings, seal: Mapping[str, Any]) -> tuple[Seen, Seen]:
    """Return the published file and the briefs as they are now; a user's own files beside them do not count."""
    made, briefs = Seen(), Seen()
    if settings.warehouse.is_file():
        made.take(WAREHOUSE, settings.warehouse, seal["made"])
    for name in seal["briefs"]:
        if (settings.briefs / name).is_file():
            briefs.take(name, settings.briefs / name, seal["briefs"])
    return made, briefs


def _files(seal: Mapping[str, Any] | None) -> Mapping[str, Entry]:
    return {} if seal is None else seal["files"]


def _load(settings: Settings) -> dict[str, Any] | None:
    try:
        content = json.loads(settings.seal.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            return None
        parts = [content["files"], content["store"], content["made"], content["briefs"] or {}]
        whole = all(len(entry) == 6 for part in parts for entry in part.values())
        return dict(content) if whole and {"build_id", "day", "environment"} <= set(content) else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):  # absent or damaged: there is no seal
        return None


def _save(settings: Settings, content: Mapping[str, Any]) -> None:
    write_atomically(settings.seal, json.dumps(content, ensure_ascii=False))


def note_look(settings: Settings, found: Look) -> None:
    """Keep the finding of a run that had nothing to do, for `kc status` and for Dagster's history."""
    line = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "build_id": found.build_id,
        "words": found.words,
    }
    kept = [*looks(settings), line][-KEPT_LOOKS:]
    write_atomically(settings.looks, "".join(json.dumps(entry) + "\n" for entry in kept))


def looks(settings: Settings) -> list[dict[str, str]]:
    """Return the runs that found nothing new, oldest first: when (``at``), which build is published, the words."""
    try:
        lines = settings.looks.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    out = []
    for line in lines:
        try:
            entry = json.loads(line)
            out.append({name: str(entry[name]) for name in ("at", "build_id", "words")})
        except (ValueError, TypeError, KeyError):  # damaged from outside: that look is forgotten
            continue
    return out
