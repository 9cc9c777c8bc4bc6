"""What reading left open: tables that could not be read, labels without a concept, figures without a use."""

from kc_pipeline.quality.model import Check, violations

_PRIMARY = "statement IN ('balance_sheet', 'income', 'cash_flow')"
_LABELS_SHOWN = 8

_UNMAPPED = f"""
SELECT company, document_id, NULL::INTEGER AS table_index,
  printf('%d of %d figures in primary statements (%.1f %%) map to no concept: ', unmapped, figures, 100.0 * unmapped / figures)
    || array_to_string(labels[:{_LABELS_SHOWN}], '; ')
    || CASE WHEN len(labels) > {_LABELS_SHOWN} THEN '; and ' || (len(labels) - {_LABELS_SHOWN}) || ' more labels' ELSE '' END AS message
FROM (
  SELECT company, document_id, count(*) AS figures, count(*) FILTER (concept IS NULL) AS unmapped,
    list_sort(list(DISTINCT label) FILTER (concept IS NULL)) AS labels
  FROM judged_lines WHERE {_PRIMARY} GROUP BY ALL
) WHERE unmapped > 0"""

_UNDATED = """
SELECT l.company, l.document_id, l.table_index,
  'row ' || l.row_index || ' column ' || l.col_index || ': ' || l.label || ' ' || l.text || ' is mapped to ' || l.concept
    || ' but stands outside facts: '
    || CASE WHEN l.period_end IS NULL THEN 'its period is not known' ELSE 'a flow without the length of its period' END AS message
FROM judged_lines l JOIN core.concepts k ON k.concept = l.concept
WHERE l.period_end IS NULL OR (k.period_type = 'duration' AND l.period_start IS NULL)"""

_DOCUMENTS = "SELECT count(*) FROM raw.documents WHERE status = 'accepted'"

_WARNINGS = """
SELECT w.company, w.document_id, w.table_index, w.code || ': ' || w.message AS message
FROM staging.warnings w JOIN raw.documents d ON d.document_id = w.document_id AND d.status = 'accepted'
WHERE {0}"""

# A name is looked for as words, and a longer one also with its spaces left out (Exxon Mobil, ExxonMobil).
_SAID = r"regexp_replace(lower(replace(replace(d.opening, chr(39), ''), chr(8217), '')), '[^\p{L}\p{N}]+', ' ', 'g')"
_NAMED = """raw.documents d JOIN core.companies c ON c.company = d.company
WHERE d.status = 'accepted' AND d.opening IS NOT NULL AND len(c.called) > 0"""
_OTHERS_PAGES = f"""
SELECT company, document_id, NULL::INTEGER AS table_index,
  'names none of ' || array_to_string(list_transform(called, lambda n: '“' || n || '”'), ', ')
    || ' where it begins: “' || left(opening, 160) || '…”. If it is another company’s document, take it out of the folder; '
    || 'if not, add the name that it bears to the aliases of ' || company || ' in companies.toml' AS message
FROM (SELECT d.company, d.document_id, d.opening, c.called, ' ' || {_SAID} || ' ' AS said FROM {_NAMED})
WHERE len(list_filter(called, lambda n: contains(said, ' ' || n || ' ')
  OR length(n) > 5 AND contains(replace(said, ' ', ''), replace(n, ' ', '')))) = 0"""

READING_CHECKS: tuple[Check, ...] = (
    violations(
        "documents_name_their_company",
        "Every document names the company in whose folder it lies",
        "raw.documents",
        "block_document",
        "lines",
        _OTHERS_PAGES,
        f"SELECT count(*) FROM {_NAMED}",
        "no accepted document has text",
    ),
    violations(
        "statement_tables_are_read",
        "Every table that looks like a statement was read",
        "staging.warnings",
        "warn",
        "lines",
        _WARNINGS.format("w.code IN ('unread_table', 'no_statement')"),
        _DOCUMENTS,
        "there is no accepted document",
    ),
    violations(
        "readings_are_not_contradicted",
        "Nothing in a document contradicts the way it was read",
        "staging.warnings",
        "warn",
        "lines",
        _WARNINGS.format("w.code NOT IN ('unread_table', 'no_statement')"),
        _DOCUMENTS,
        "there is no accepted document",
    ),
    violations(
        "labels_map_to_concepts",
        "Every row label of a primary statement maps to a concept",
        "staging.statement_lines",
        "warn",
        "lines",
        _UNMAPPED,
        f"SELECT count(*) FROM judged_lines WHERE {_PRIMARY}",
        "no primary statement was read",
    ),
    violations(
        "mapped_lines_have_periods",
        "Every line with a concept has the period that its concept needs",
        "staging.statement_lines",
        "warn",
        "lines",
        _UNDATED,
        "SELECT count(*) FROM judged_lines WHERE concept IS NOT NULL",
        "no line maps to a concept",
    ),
)
