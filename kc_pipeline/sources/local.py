"""The local inbox: ``filings/<company>/<name>/manifest.json`` with the filing's HTML documents beside it."""

import hashlib
import stat
from collections.abc import Mapping
from pathlib import Path

from kc_pipeline.config import Company
from kc_pipeline.sources.documents import judge_document, too_large
from kc_pipeline.sources.manifest import Manifest, ManifestDocument, ManifestError, read_manifest
from kc_pipeline.sources.model import Discovery, FoundDocument, Refusal, Skipped

MANIFEST = "manifest.json"
HTML = {".htm", ".html", ".xhtml"}
LARGEST_MANIFEST = 1_000_000


def discover(filings: Path, companies: Mapping[str, Company], *, max_bytes: int) -> Discovery:
    """Find every document of every filing in a folder, and say what cannot be taken up and why.

    One bad input never keeps another out. The order is that of the names, whatever the file system says.
    Names that begin with a dot are left alone.

    Args:
        filings: the inbox, ``$KC_DATA/filings``; paths in the answer are relative to its parent
        companies: the companies that are followed, by id
        max_bytes: largest document taken up, looked up before a document is read

    Raises:
        FileNotFoundError: if the inbox does not exist.
    """
    if not filings.is_dir():
        raise FileNotFoundError(f"{filings}: no such folder; filings lie in folders of their own below it")
    out = Discovery()
    for company_folder in _children(filings):
        place = _relative(company_folder, filings)
        if not company_folder.is_dir():
            reason = f"a filing is a folder filings/<company>/<name>/ with a {MANIFEST}; this is a lone file"
            out.skipped.append(Skipped(place, "no_manifest", reason))
        elif company_folder.name not in companies:
            known = ", ".join(sorted(companies)) or "none"
            reason = f"{company_folder.name} is not declared in companies.toml (declared: {known})"
            out.skipped.append(Skipped(place, "unknown_company", reason))
        else:
            for folder in _children(company_folder):
                _take_filing(out, filings, folder, companies, max_bytes)
    out.found.sort(key=lambda f: f.document_id)
    out.skipped.sort(key=lambda s: (s.path, s.code))
    return out


def _children(folder: Path) -> list[Path]:
    return sorted((p for p in folder.iterdir() if not p.name.startswith(".")), key=lambda p: p.name)


def _relative(path: Path, filings: Path) -> str:
    return path.relative_to(filings.parent).as_posix()


def _take_filing(
    out: Discovery, filings: Path, folder: Path, companies: Mapping[str, Company], max_bytes: int
) -> None:
    place = _relative(folder, filings)
    manifest = _manifest(folder, place, companies)
    if isinstance(manifest, Skipped):
        out.skipped.append(manifest)
        return
    filing_id = f"{folder.parent.name}/{folder.name}"
    for document in manifest.documents:
        taken = _take_document(folder / document.file, f"{place}/{document.file}", max_bytes)
        if isinstance(taken, Refusal):
            out.skipped.append(Skipped(f"{place}/{document.file}", taken.code, taken.reason))
        else:
            out.found.append(_found(filing_id, manifest, document, folder, place, taken))
    named = {d.file for d in manifest.documents}
    for file in _children(folder):
        if file.suffix.lower() in HTML and file.name not in named:
            reason = f"the {MANIFEST} beside it does not name this document; add it there, or remove the file"
            out.skipped.append(Skipped(f"{place}/{file.name}", "not_in_manifest", reason))


def _found(
    filing_id: str,
    manifest: Manifest,
    document: ManifestDocument,
    folder: Path,
    place: str,
    taken: tuple[int, str],
) -> FoundDocument:
    size, sha256 = taken
    return FoundDocument(
        document_id=f"{filing_id}/{document.stem}",
        filing_id=filing_id,
        manifest=manifest,
        document=document,
        file=folder / document.file,
        path=f"{place}/{document.file}",
        size=size,
        sha256=sha256,
    )


def _manifest(folder: Path, place: str, companies: Mapping[str, Company]) -> Manifest | Skipped:
    """Read a filing folder's manifest, or say why it cannot be used."""
    if not folder.is_dir():
        reason = f"a filing is a folder filings/<company>/<name>/ with a {MANIFEST}; this is a lone file"
        return Skipped(place, "no_manifest", reason)
    file, name = folder / MANIFEST, f"{place}/{MANIFEST}"
    size = _regular_size(file)
    if isinstance(size, Refusal):
        if size.code != "missing_document":
            return Skipped(name, size.code, size.reason)
        return Skipped(place, "no_manifest", f"the folder has no {MANIFEST}; add one, or remove the folder")
    if size > LARGEST_MANIFEST:
        return Skipped(name, "bad_manifest", f"{name}: {size} bytes are too many for a manifest")
    try:
        manifest = read_manifest(file.read_bytes(), name)
    except ManifestError as error:
        return Skipped(name, "bad_manifest", str(error))
    except OSError as error:
        return Skipped(name, "unreadable", f"cannot be read: {error.strerror}")
    if manifest.company not in companies:
        reason = f"{name}: company {manifest.company!r} is not declared in companies.toml"
        return Skipped(name, "unknown_company", reason)
    if manifest.company != folder.parent.name:
        folder_of = folder.parent.name
        reason = f"{name}: company is {manifest.company!r} but the filing lies in the folder of {folder_of!r}"
        return Skipped(name, "bad_manifest", reason)
    return manifest


def _regular_size(file: Path) -> int | Refusal:
    try:
        found = file.stat()
    except FileNotFoundError:
        return Refusal("missing_document", f"the {MANIFEST} names {file.name}, which is not there")
    except OSError as error:
        return Refusal("unreadable", f"cannot be read: {error.strerror}")
    if not stat.S_ISREG(found.st_mode):
        return Refusal("unreadable", "is not a file")
    return found.st_size


def _take_document(file: Path, path: str, max_bytes: int) -> tuple[int, str] | Refusal:
    """Return size in bytes and SHA-256 of a document that can be taken up, else the reason why not."""
    size = _regular_size(file)
    if isinstance(size, Refusal):
        return size
    if refusal := too_large(size, max_bytes):
        return refusal
    try:
        data = file.read_bytes()
    except OSError as error:
        return Refusal("unreadable", f"{path} cannot be read: {error.strerror}")
    return judge_document(data) or (len(data), hashlib.sha256(data).hexdigest())
