"""What a document itself says of the filing that it belongs to, and the filing's folder written from that.

Belongs here: from an extraction to a manifest. Does not belong here: asking for what is not known (cli), reading.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from kc_pipeline.extraction.model import Extraction
from kc_pipeline.sources.manifest import read_manifest

_FORM = re.compile(
    r"\bform\s+(10-[QK](?:/A)?|20-F(?:/A)?|40-F(?:/A)?|6-K(?:/A)?|8-K(?:/A)?)(?![\w-])", re.IGNORECASE
)
_REPORTS = ("10-Q", "10-K", "20-F", "40-F")
_MONTH = r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DAY = re.compile(rf"\b({_MONTH})\s+(\d{{1,2}}),\s+(\d{{4}})\b|\b(\d{{1,2}})\s+({_MONTH})\s+(\d{{4}})\b")
_PRIMARY = ("income", "cash_flow", "balance_sheet")


@dataclass(frozen=True, slots=True)
class Said:
    """What a document says of itself; None and empty where it does not.

    `form` and `type` are those of its cover; `period_of_report` is the last day of the newest period of its
    statements; `dates` are the days that its beginning names, as printed there: one may be that of the filing, which
    no document says by itself.
    """

    title: str
    sha256: str
    form: str | None
    type: str | None
    period_of_report: date | None
    dates: tuple[date, ...]


def said_by(read: Extraction, today: date) -> Said:
    """Return what a document says of itself; a period that ends after `today` is none that it reports."""
    forms = {m[1].upper() for m in _FORM.finditer(read.opening)}
    form = forms.pop() if len(forms) == 1 else None
    ends = [
        line.period_end
        for line in read.lines
        if line.statement in _PRIMARY and not line.member and line.period_end and line.period_end <= today
    ]
    return Said(
        title=read.title or _first_words(read.opening),
        sha256=read.sha256,
        form=form,
        type="report" if form and form.removesuffix("/A") in _REPORTS else None,
        period_of_report=max(ends, default=None),
        dates=tuple(dict.fromkeys(_days(read.opening))),
    )


def _first_words(opening: str) -> str:
    words = opening.split()
    return " ".join(words[:12])


def _days(text: str) -> Iterable[date]:
    for match in _DAY.finditer(text):
        month, day, year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        try:
            yield datetime.strptime(f"{month} {day} {year}", "%B %d %Y").date()
        except ValueError:  # no day of the calendar: February 30
            continue


def there_already(filings: Path, company: str, sha256: str) -> Path | None:
    """Return the file of the company's inbox with these bytes, if there is one."""
    for path in sorted((filings / company).glob("*/*")):
        if path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            return path
    return None


def folder_name(period_of_report: date, kind: str) -> str:
    """Return the usual name of a filing's folder: ``2025-03-31-release``."""
    return f"{period_of_report}-{kind.replace('_', '-')}"


def write_filing(folder: Path, document: Path, manifest: dict[str, Any]) -> None:
    """Write a filing's folder with its document and manifest, as a whole or not at all.

    Raises:
        ManifestError: if the manifest would not be taken up; nothing is written.
        FileExistsError: if the folder is there.
        OSError: if it cannot be written.
    """
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    read_manifest(text.encode(), "manifest.json")
    if folder.exists():
        raise FileExistsError(f"{folder} is there already")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        beside.chmod(0o755)
        shutil.copyfile(document, beside / document.name)
        (beside / "manifest.json").write_text(text, encoding="utf-8")
        os.rename(beside, folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
