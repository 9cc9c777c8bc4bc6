"""Columns that several tables share."""

from kc_pipeline.schema.declaration import Column

C = Column

COMPANY = C("company", "VARCHAR", "Company id, the name of its pack (ACME)", required=True)
DOCUMENT_ID = C("document_id", "VARCHAR", "Document, as in raw.documents", required=True)
EVIDENCE = C(
    "evidence",
    "VARCHAR",
    "original: read in the issuer's document; copy: a transcript of figures read there or in a wire copy; "
    "third_party: a transcript of figures from a data site, digest or broker; call: from a call",
)
GRADE = C(
    "grade",
    "VARCHAR",
    "Grade of a transcribed figure (A issuer or wire, B data site or digest); null in an original",
)
SOURCE_KIND = C(
    "source_kind",
    "VARCHAR",
    "Kind of the true source of a transcribed figure (sec, wire, issuer_ir, third_party, transcript)",
)
SOURCE_TITLE = C("source_title", "VARCHAR", "Title of the true source of a transcribed figure")
SOURCE_URL = C("source_url", "VARCHAR", "Address of the true source of a transcribed figure")
PERIOD_START = C("period_start", "DATE", "First day of the period; null for an instant")
PERIOD_END = C("period_end", "DATE", "Last day of the period, or the instant")
MONTHS = C("months", "SMALLINT", "Length of the period in whole months; null for an instant")
UNIT = C("unit", "VARCHAR", "ISO 4217 currency, CNY/share, CNY/ADS, shares, ADS, count or pure")
DECIMALS = C("decimals", "SMALLINT", "Stated precision, XBRL meaning: -3 is stated to the thousand")
KNOWN_AT = C("known_at", "DATE", "The day at whose end the figure was public")
TABLE_INDEX = C("table_index", "INTEGER", "Table in the document, 0-based in document order; null for prose")
ROW_INDEX = C("row_index", "INTEGER", "Row in the table's resolved grid, 0-based")
COL_INDEX = C("col_index", "INTEGER", "Column in the table's resolved grid, 0-based")
SPAN_START = C(
    "span_start",
    "INTEGER",
    "First character of the quote in the document's visible text; null for a table cell",
)
SPAN_END = C("span_end", "INTEGER", "End (exclusive) of the quote in the document's visible text")
PLACE = (TABLE_INDEX, ROW_INDEX, COL_INDEX, SPAN_START, SPAN_END)
"""Where a figure is printed: a cell of a table, or a stretch of the visible text."""
READING_RULES = (
    C("unit_rule", "VARCHAR", "The rule by which the unit was read; null where none is named"),
    C("scale_rule", "VARCHAR", "The rule by which the scale (thousands, millions) was read; likewise"),
    C("period_rule", "VARCHAR", "The rule by which the period was read; likewise"),
)
"""By which rules a figure of a table was read."""
SOURCE = (GRADE, SOURCE_KIND, SOURCE_TITLE, SOURCE_URL)
"""Where a transcribed figure truly comes from."""
BUILD_ID = C("build_id", "VARCHAR", "Build, as in meta.builds", required=True)
PERIOD = C("period", "VARCHAR", "Fiscal label: 2025Q1, 2025H1, 20259M, 2025FY, 2025Q1-TTM", required=True)


def required(column: Column) -> Column:
    """Return the same column, never null."""
    return Column(column.name, column.type, column.comment, required=True)
