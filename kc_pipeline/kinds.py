"""What a file is that is no HTML, by its content, and what to do about it."""

import io
import zipfile
from typing import NamedTuple

_PAGE = "take the filing's HTML page (.htm) from EDGAR or the exchange, or save the document as HTML"


class Kind(NamedTuple):
    """What a file is (``a PDF document``) and what to do instead."""

    name: str
    advice: str


_PDF = Kind("a PDF document", _PAGE)
_PICTURE = "kc reads no text in pictures; " + _PAGE
_ARCHIVE = "unpack it and give the HTML pages in it one by one"
_OLD_OFFICE = Kind("a document of an old Office (.doc, .xls or .ppt)", "save it as HTML")

# The first bytes of a file, where they stand, and what it then is.
_SIGNATURES: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD_OFFICE),
    (0, b"{\\rtf", Kind("an RTF document", "save it as HTML")),
    (0, b"%!PS", Kind("a PostScript document", _PAGE)),
    (0, b"\x89PNG\r\n\x1a\n", Kind("a picture (PNG)", _PICTURE)),
    (0, b"\xff\xd8\xff", Kind("a picture (JPEG)", _PICTURE)),
    (0, b"GIF87a", Kind("a picture (GIF)", _PICTURE)),
    (0, b"GIF89a", Kind("a picture (GIF)", _PICTURE)),
    (0, b"II*\x00", Kind("a picture (TIFF)", _PICTURE)),
    (0, b"MM\x00*", Kind("a picture (TIFF)", _PICTURE)),
    (8, b"WEBP", Kind("a picture (WebP)", _PICTURE)),
    (4, b"ftyphei", Kind("a picture (HEIC)", _PICTURE)),
    (4, b"ftypavif", Kind("a picture (AVIF)", _PICTURE)),
    (0, b"\x1f\x8b", Kind("a gzip archive", _ARCHIVE)),
    (0, b"BZh", Kind("a bzip2 archive", _ARCHIVE)),
    (0, b"\xfd7zXZ\x00", Kind("an xz archive", _ARCHIVE)),
    (0, b"(\xb5/\xfd", Kind("a Zstandard archive", _ARCHIVE)),
    (0, b"7z\xbc\xaf'\x1c", Kind("a 7-Zip archive", _ARCHIVE)),
    (0, b"Rar!\x1a\x07", Kind("a RAR archive", _ARCHIVE)),
    (257, b"ustar", Kind("a tar archive", _ARCHIVE)),
    (0, b"PAR1", Kind("a Parquet file", _PAGE)),
    (8, b"DUCK", Kind("a DuckDB database", "use `kc sql` to ask the published warehouse")),
    (0, b"SQLite format 3\x00", Kind("an SQLite database", _PAGE)),
)
# What a zip archive is by the names of what lies in it.
_ZIPPED = (
    ("word/", Kind("a Word document (.docx)", "save it as HTML (Save As, Web Page, Filtered)")),
    ("xl/", Kind("an Excel workbook (.xlsx)", "save the sheet as HTML, or " + _PAGE)),
    ("ppt/", Kind("a PowerPoint presentation (.pptx)", _PAGE)),
    ("META-INF/container.xml", Kind("an e-book (EPUB)", _ARCHIVE)),
    ("content.xml", Kind("an OpenDocument file", "save it as HTML")),
)
_ZIP = Kind("a zip archive", _ARCHIVE)


def kind_of(data: bytes) -> Kind | None:
    """Return what a file is by its first bytes; None where that may be HTML or text."""
    if not data.strip():
        return Kind("empty", _PAGE)
    if b"%PDF-" in data[:1024] and b"<html" not in data[:1024].lower():
        return _PDF
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zipped(data)
    if data[:13].lower() == b"mime-version:":
        return Kind("a web archive (.mht)", "open it in a browser and save the page as HTML")
    return next((kind for at, mark, kind in _SIGNATURES if data[at : at + len(mark)] == mark), None)


def _zipped(data: bytes) -> Kind:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        return Kind("a damaged zip archive or Office document", "fetch it again, and save it as HTML")
    return next((kind for part, kind in _ZIPPED if any(n.startswith(part) for n in names)), _ZIP)
