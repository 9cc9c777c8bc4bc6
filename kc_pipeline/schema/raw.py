"""What the store holds: filings and documents."""

from kc_pipeline.schema.declaration import Table
from kc_pipeline.schema.shared import COMPANY, DOCUMENT_ID, C

TABLES: tuple[Table, ...] = (
    Table(
        "raw",
        "filings",
        "One filing as stored.",
        (
            C("filing_id", "VARCHAR", "Company and filing: ACME/2025Q1-release", required=True),
            COMPANY,
            C("accession", "VARCHAR", "EDGAR accession number; null where not known"),
            C("form", "VARCHAR", "EDGAR form type", required=True),
            C("url", "VARCHAR", "Address of the filing; null where not known"),
            C("filing_date", "DATE", "Date of filing", required=True),
            C("filing_date_precision", "VARCHAR", "day or month_estimated", required=True),
            C("accepted_at", "TIMESTAMPTZ", "EDGAR acceptance time; null where not known"),
            C("period_of_report", "DATE", "Period of report", required=True),
            C(
                "quarter",
                "VARCHAR",
                "Partition: the calendar quarter in which the newest period of report ends",
                required=True,
            ),
            C("source", "VARCHAR", "Where the bytes came from: local or edgar", required=True),
        ),
        ("filing_id",),
    ),
    Table(
        "raw",
        "documents",
        "One document of a filing, immutable in the store under its SHA-256.",
        (
            DOCUMENT_ID,
            C("filing_id", "VARCHAR", "Filing, as in raw.filings", required=True),
            COMPANY,
            C("sha256", "VARCHAR", "SHA-256 of the bytes: the name in the store", required=True),
            C("bytes", "BIGINT", "Size in bytes", required=True),
            C(
                "kind",
                "VARCHAR",
                "original, or transcript: figures laid out from other sources",
                required=True,
            ),
            C("type", "VARCHAR", "release, report, call_transcript or article", required=True),
            C("exhibit", "VARCHAR", "EDGAR exhibit number; null where not known"),
            C("transcript_of", "VARCHAR", "What a transcript stands for"),
            C(
                "title",
                "VARCHAR",
                "Title of the document: its own, else the headline or form that its first lines show; null where it has none",
            ),
            C("url", "VARCHAR", "Address of the document; null where not known"),
            C("path", "VARCHAR", "File that it was read from, relative to KC_DATA", required=True),
            C("filing_date", "DATE", "Date of filing", required=True),
            C(
                "published_at",
                "DATE",
                "Date of publication; null where it is not known apart from the filing date",
            ),
            C("known_at", "DATE", "The day at whose end its figures were public", required=True),
            C("known_at_precision", "VARCHAR", "second, day or month_estimated", required=True),
            C(
                "opening",
                "VARCHAR",
                "Its title and the beginning of its text; empty where it has none, as a scanned page",
            ),
            C("extractor_version", "VARCHAR", "Version of the extractor that read it"),
            C(
                "status",
                "VARCHAR",
                "accepted, quarantined or superseded (an original took a transcript's place)",
                required=True,
            ),
        ),
        ("document_id",),
        ("raw.filings",),
    ),
)
