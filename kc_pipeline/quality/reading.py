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

# A transcript of sentences alone has no statement that could be left unread.
_ONLY_SENTENCES = (
    "w.code = 'no_statement' AND d.kind = 'transcript' "
    "AND NOT EXISTS (FROM staging.statement_lines l WHERE l.document_id = d.document_id)"
)

# A name is looked for as words, or as one word (Exxon Mobil, ExxonMobil); in a script that writes no spaces,
# anywhere; with a genitive's s (Agrium's).
# The text is made plain as `config.companies.words` makes a name.
SAID = (
    r"regexp_replace(replace(replace(replace(lower(strip_accents(d.opening)), chr(39), ''), chr(8217), ''), "
    r"'&', ' and '), '[^\p{L}\p{N}]+', ' ', 'g')"
)
# A page without text is not judged, unless figures were read on it.
_NAMED = """raw.documents d JOIN core.companies c ON c.company = d.company
WHERE d.status = 'accepted' AND len(c.called) > 0 AND d.opening IS NOT NULL AND (d.opening <> ''
  OR EXISTS (FROM staging.statement_lines l WHERE l.document_id = d.document_id)
  OR EXISTS (FROM staging.stated_figures s WHERE s.document_id = d.document_id))"""
_OTHERS_PAGES = rf"""
SELECT company, document_id, NULL::INTEGER AS table_index,
  'names none of ' || array_to_string(list_transform(called, lambda n: '“' || n || '”'), ', ')
    || ' in its first ' || length(opening) || ' characters; it begins: “' || left(opening, 160)
    || '…”. If it is another company’s document, take it out of the folder; if it is ' || company || '’s under another '
    || 'name, add that name to its pack: aliases = ["..."]' AS message
FROM (
  SELECT d.company, d.document_id, d.opening, c.called, ' ' || {SAID} || ' ' AS said FROM {_NAMED}
)
WHERE len(list_filter(called, lambda n: contains(said, ' ' || n || ' ') OR contains(said, ' ' || n || 's ')
  OR contains(said, ' ' || replace(n, ' ', '') || ' ') OR regexp_matches(n, '[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Hangul}}\p{{Thai}}]') AND contains(said, n))) = 0"""

# Figures that other documents print, too: does one of those print the same, and if not, is each further off than half of
# the greater? `newest`: both filings are about that period. Comparatives decide nothing, since all of them may be
# restated, nor do figures that differ by less; but a document that agrees with what others say of other periods is
# the company's own, and what contradicts it is not.
_AGREEMENT = """
WITH printed AS (
  SELECT l.company, l.document_id, d.status, l.scope, l.concept, l.segment, l.counterparty, l.member, l.period_start, l.period_end, l.unit,
    CASE WHEN l.sign_rule IS NULL THEN l.value ELSE -l.value END AS amount, half_unit(l.decimals) AS half,
    l.period_end = f.period_of_report AND NOT regexp_matches(coalesce(l.column_label, ''), '(?i)restat|recast|adjust') AS newest
  FROM staging.statement_lines l
  JOIN raw.documents d ON d.document_id = l.document_id AND d.status IN ('accepted', 'superseded')
  JOIN raw.filings f ON f.filing_id = d.filing_id
  WHERE l.concept IS NOT NULL AND l.period_end IS NOT NULL
), held AS (
  SELECT p.company, p.document_id, p.concept, p.segment, p.period_start, p.period_end, p.unit, p.scope, p.member,
    bool_or(p.newest AND o.newest) AS newest, bool_or(abs(p.amount - o.amount) <= p.half + o.half) AS agrees,
    bool_and(abs(p.amount - o.amount) > 0.5 * greatest(abs(p.amount), abs(o.amount))) AS far,
    arg_min(p.concept || ' to ' || p.period_end || ' is ' || format('{:,.0f}', p.amount::DOUBLE) || ' here and '
      || format('{:,.0f}', o.amount::DOUBLE) || ' in ' || o.document_id, o.document_id) AS shown
  FROM printed p JOIN printed o ON o.company = p.company AND o.document_id <> p.document_id AND o.concept = p.concept
    AND o.scope = p.scope AND o.segment IS NOT DISTINCT FROM p.segment AND o.counterparty IS NOT DISTINCT FROM p.counterparty AND o.member IS NOT DISTINCT FROM p.member
    AND o.period_end = p.period_end AND o.period_start IS NOT DISTINCT FROM p.period_start AND o.unit = p.unit
  WHERE p.status = 'accepted'
  GROUP BY ALL
), counted AS (
  SELECT company, document_id, count(*) FILTER (newest) AS compared, count(*) FILTER (newest AND NOT agrees) AS different,
    count(*) FILTER (newest AND NOT agrees AND far) AS far,
    count(*) AS compared_ever, count(*) FILTER (NOT agrees) AS different_ever,
    list(shown ORDER BY concept, period_end) FILTER (newest AND NOT agrees) AS shown
  FROM held GROUP BY ALL HAVING count(*) FILTER (newest) >= 2
)"""
_STRANGERS = f"""{_AGREEMENT}
SELECT company, document_id, NULL::INTEGER AS table_index,
  different || ' of its ' || compared || ' figures that other documents of ' || company || ' of the same period print are '
    || 'different in all of those, ' || far || ' of them by more than half: ' || array_to_string(shown[:3], '; ') || CASE WHEN different > 3 THEN '; ...' ELSE '' END
    || '. Another company’s document, or one whose units or periods were read wrongly (kc extract shows how)' AS message
FROM counted WHERE different * 3 > compared * 2 AND far * 2 >= compared AND different_ever * 3 > compared_ever * 2"""

# Statements in another currency only: a translation at best, with a rate that nobody knows.
_OF_MONEY = "l.statement IN ('balance_sheet', 'income', 'cash_flow') AND regexp_matches(l.unit, '^[A-Z]{3}$')"
_OTHER_CURRENCY = f"""
SELECT l.company, l.document_id, NULL::INTEGER AS table_index,
  'no figure of its statements is in ' || c.reporting_currency || ', all ' || count(*) || ' are in '
    || string_agg(DISTINCT l.unit, ', ') || ': another company’s document, or a reporting currency that its pack '
    || 'does not know' AS message
FROM judged_lines l JOIN core.companies c ON c.company = l.company
WHERE {_OF_MONEY}
GROUP BY l.company, l.document_id, c.reporting_currency
HAVING count(*) FILTER (l.unit = c.reporting_currency) = 0"""

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
        "documents_agree_with_the_others",
        "A document's figures agree with those that the company's other documents of the same period print",
        "staging.statement_lines",
        "block_document",
        "lines",
        _STRANGERS,
        f"{_AGREEMENT} SELECT count(*) FROM counted",
        "no two documents of one period print two figures in common",
        "two thirds of two or more such figures may differ, fewer than half of them by more than half",
    ),
    violations(
        "statements_are_in_the_reporting_currency",
        "The statements of a document have figures in the company's reporting currency",
        "staging.statement_lines",
        "block_document",
        "lines",
        _OTHER_CURRENCY,
        f"SELECT count(DISTINCT document_id) FROM judged_lines l WHERE {_OF_MONEY}",
        "no statement with amounts was read",
    ),
    violations(
        "statement_tables_are_read",
        "Every table that looks like a statement was read",
        "staging.warnings",
        "warn",
        "lines",
        _WARNINGS.format(f"w.code IN ('unread_table', 'no_statement') AND NOT ({_ONLY_SENTENCES})"),
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
