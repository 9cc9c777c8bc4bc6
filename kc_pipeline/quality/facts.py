"""Checks on facts and their history."""

from kc_pipeline.quality.model import Check, identity, violations
from kc_pipeline.schema import AMOUNT

_FACTS = "SELECT count(*) FROM core.facts"

_UNPROVEN = """
SELECT f.company, f.document_id, f.table_index, 'fact ' || f.fact_id || ' (' || f.concept || ' ' || f.period_end || '): ' ||
  CASE WHEN d.document_id IS NULL THEN 'its document is not in raw.documents'
       WHEN d.status <> 'accepted' THEN 'its document is ' || d.status
       WHEN length(d.sha256) <> 64 THEN 'its document has no SHA-256'
       WHEN f.text = '' THEN 'the text as printed is empty'
       WHEN (f.evidence = 'original') <> (d.kind = 'original') THEN 'evidence ' || f.evidence || ' from a document of kind ' || d.kind
       ELSE 'it has neither a cell nor a span' END AS message
FROM core.facts f LEFT JOIN raw.documents d ON d.document_id = f.document_id
WHERE f.origin <> 'derived' AND (d.document_id IS NULL OR d.status <> 'accepted' OR length(d.sha256) <> 64
  OR coalesce(f.text, '') = '' OR (f.evidence = 'original') <> (d.kind = 'original')
  OR NOT ((f.table_index IS NOT NULL AND f.row_index IS NOT NULL AND f.col_index IS NOT NULL)
          OR (f.span_start IS NOT NULL AND f.span_end > f.span_start)))"""

_UNDERIVED = f"""
SELECT f.company, f.document_id, NULL::INTEGER AS table_index, f.concept || coalesce('/' || f.segment, '') || coalesce('@' || f.counterparty, '') || ' '
  || printed_period(f.period_start, f.period_end) || ': ' || coalesce(f.label, 'no formula') || ' does not give '
  || printed(f.value, f.decimals) || ' from reported facts known by then' AS message
FROM core.facts f
LEFT JOIN core.fact_inputs i ON i.fact_id = f.fact_id
LEFT JOIN core.facts g ON g.fact_id = i.input_fact_id
WHERE f.origin = 'derived'
GROUP BY f.company, f.document_id, f.concept, f.segment, f.counterparty, f.period_start, f.period_end, f.label, f.value, f.decimals, f.fact_id,
  f.known_at
HAVING count(g.fact_id) < CASE WHEN bool_and(abs(i.weight) = 1) THEN 2 ELSE 1 END OR count(*) <> count(g.fact_id)
  OR sum(i.weight * g.value)::{AMOUNT} <> f.value OR max(g.known_at) > f.known_at OR bool_or(g.origin <> 'reported')"""

_QUARTERS = """
SELECT company, document_id, NULL::INTEGER AS table_index, deviation, allowed, concept || coalesce('/' || segment, '') || ' '
  || printed_period(period_start, period_end) || ': reported ' || value::DECIMAL(38,2) || ', ' || formula || ' gives '
  || derived_value::DECIMAL(38,2) || ' ' || unit AS message
FROM core.quarter_checks"""

_SOURCELESS = """
SELECT company, document_id, table_index, concept || ' ' || printed_period(period_start, period_end) || ', '
  || printed_place(table_index, row_index, col_index, span_start) || ': ' || text || ' names no true source' AS message
FROM core.facts WHERE origin <> 'derived' AND evidence <> 'original' AND (source_url IS NULL OR source_kind IS NULL)"""

_PARENT_ONLY = """
SELECT f.company, f.document_id, f.table_index, f.concept || ' ' || printed_period(f.period_start, f.period_end)
  || ': a figure of the table ' || coalesce(l.table_title, '') || ' stands as consolidated' AS message
FROM core.facts f JOIN staging.statement_lines l ON l.document_id = f.document_id AND l.table_index = f.table_index
  AND l.row_index = f.row_index AND l.col_index = f.col_index
WHERE f.scope = 'consolidated' AND regexp_matches(concat_ws(' ', l.table_title, array_to_string(l.section, ' ')),
  '\\b(parent|registrant)[- ](company[- ])?only\\b|\\bcondensed\\s+financial\\s+information\\s+of\\s+(the\\s+)?(parent|registrant)', 'i')"""

_FOREIGN = """
SELECT f.company, f.document_id, f.table_index, f.concept || ' ' || printed_period(f.period_start, f.period_end) || ' is in '
  || f.unit || ', the company reports in ' || y.reporting_currency AS message
FROM core.facts f JOIN core.companies y ON y.company = f.company
WHERE regexp_full_match(split_part(f.unit, '/', 1), '[A-Z]{3}') AND split_part(f.unit, '/', 1) NOT IN ('ADS', y.reporting_currency)"""

_GAPS = """
SELECT any_value(company) AS company, arg_max(document_id, version) AS document_id, NULL::INTEGER AS table_index,
  any_value(concept) || ' ' || any_value(period_end) || ': versions ' || string_agg(version::VARCHAR, ', ' ORDER BY version)
    || CASE WHEN count(*) = max(version) THEN ' are not in the order of time' ELSE ' do not count up from 1' END AS message
FROM (SELECT *, lag(known_at) OVER (PARTITION BY figure_id ORDER BY version) AS before FROM core.facts)
GROUP BY figure_id
HAVING count(*) <> max(version) OR min(version) <> 1 OR bool_or(known_at < before)"""

_ORPHANS = """
SELECT x.company, x.document_id, NULL::INTEGER AS table_index, x.what || ' of a fact that is not there: ' || x.fact_id AS message
FROM (
  SELECT company, document_id, fact_id, 'a sighting' AS what FROM core.sightings
  UNION ALL SELECT company, document_id, fact_id, 'a conflict' FROM core.conflicts WHERE fact_id IS NOT NULL
  UNION ALL SELECT company, later_document_id, later_fact_id, 'a revision' FROM core.revisions
  UNION ALL SELECT company, first_document_id, first_fact_id, 'a revision' FROM core.revisions
    ANTI JOIN (SELECT document_id AS first_document_id FROM raw.documents WHERE status = 'superseded') s USING (first_document_id)
) x ANTI JOIN core.facts f ON f.fact_id = x.fact_id"""

_FLIPS = """
SELECT company, later_document_id AS document_id, NULL::INTEGER AS table_index,
  concept || ' ' || printed_period(period_start, period_end) || ': revised from ' || first_value || ' to ' || later_value
    || ', its opposite' AS message
FROM core.revisions WHERE first_value = -later_value AND first_value <> 0"""

# A later document changed a figure, says nothing of it and is no declared amendment; the weighty ones first.
_REWRITTEN = """
SELECT r.company, r.later_document_id AS document_id, NULL::INTEGER AS table_index,
  CASE r.materiality WHEN 'material' THEN 'material: ' ELSE 'small: ' END || r.concept || coalesce('/' || r.segment, '') || ' '
    || printed_period(r.period_start, r.period_end) || ' was ' || printed(r.first_value, l.decimals) || ' in ' || r.first_document_id
    || ' and is ' || printed(r.later_value, l.decimals) || ' ' || printed_unit(r.unit, l.decimals) || ' in ' || r.later_document_id
    || ', which does not say why; the later figure stands (kc explain shows both)' AS message
FROM core.revisions r
JOIN core.facts l ON l.fact_id = r.later_fact_id
JOIN raw.filings f ON f.filing_id = l.filing_id
WHERE r.kind = 'unexplained' AND NOT ends_with(f.form, '/A')"""


def _conflicts(which: str) -> str:
    return f"""
SELECT c.company, c.document_id, c.table_index, c.deviation, c.allowed,
  c.concept || coalesce('/' || c.segment, '') || coalesce('@' || c.counterparty, '') || ' ' || printed_period(c.period_start, c.period_end) || ': '
    || printed_place(c.table_index, c.row_index, c.col_index, c.span_start) || ' prints ' || c.text || ', '
    || CASE WHEN f.fact_id IS NULL THEN 'other places of the same document disagree: none is a fact'
       ELSE CASE WHEN f.document_id = c.document_id THEN '' ELSE f.document_id || ' ' END
         || printed_place(f.table_index, f.row_index, f.col_index, f.span_start) || ' prints ' || f.text END AS message
FROM core.conflicts c LEFT JOIN core.facts f ON f.fact_id = c.fact_id WHERE {which}"""


def _same_document(which: str, ambiguous: str = "") -> str:
    conflicts = _conflicts(f"(c.kind = 'same_document' AND {which}{ambiguous})")
    return f"""{conflicts}
UNION ALL
SELECT c.company, c.document_id, c.table_index, c.value - f.value,
  (half_unit(c.decimals) + half_unit(f.decimals))::DECIMAL(38,8), ''
FROM core.sightings c JOIN core.facts f ON f.fact_id = c.fact_id WHERE f.document_id = c.document_id AND {which}"""


_MIXED = "(c.statement = 'prose') <> (f.statement = 'prose')"
_ALIKE = "(c.statement = 'prose') = (f.statement = 'prose')"
_OPPOSITE = _conflicts("c.kind = 'opposite_sign'")
_LESSER = _conflicts("c.kind = 'lesser_place'")

# The translated column against the reporting currency's figure of the same row and period, at the document's rate.
_TRANSLATED = """
SELECT c.company, c.document_id, c.table_index, (min(l.value) / any_value(c.rate) - c.value)::DECIMAL(38,8) AS deviation,
  (3 * pow(10, -c.decimals))::DECIMAL(38,8) AS allowed,
  'row ' || c.row_index || ': ' || any_value(l.label) || ' ' || printed_period(c.period_start, c.period_end) || ': '
    || printed(min(l.value), any_value(l.decimals)) || ' ' || printed_unit(any_value(l.unit), any_value(l.decimals)) || ' at '
    || printf('%.4f', any_value(c.rate)::DOUBLE) || ' (' || any_value(c.rate_source) || ') = '
    || printed(min(l.value) / any_value(c.rate), c.decimals) || ', printed ' || printed(c.value, c.decimals) || ' '
    || printed_unit(c.unit, c.decimals) AS message
FROM core.convenience_translations c
JOIN core.companies y ON y.company = c.company
JOIN staging.statement_lines l ON l.document_id = c.document_id AND l.table_index = c.table_index AND l.row_index = c.row_index
  AND l.period_end = c.period_end AND l.period_start IS NOT DISTINCT FROM c.period_start AND l.unit = y.reporting_currency
WHERE c.rate IS NOT NULL AND length(c.unit) = 3
GROUP BY c.company, c.document_id, c.table_index, c.row_index, c.col_index, c.period_start, c.period_end, c.unit, c.value, c.decimals
HAVING count(*) = 1"""

_EXPECTED = """
WITH span AS (
  SELECT y.company, y.expected_from, max(f.quarter) AS newest
  FROM core.companies y JOIN raw.filings f ON f.company = y.company
  WHERE y.expected_from IS NOT NULL GROUP BY ALL
), expected AS (
  SELECT company, (q // 4) || 'Q' || (q % 4 + 1) AS quarter
  FROM (SELECT company, unnest(range(
      expected_from[:4]::INTEGER * 4 + expected_from[6:]::INTEGER - 1,
      newest[:4]::INTEGER * 4 + newest[6:]::INTEGER)) AS q FROM span)
)
SELECT e.company, e.quarter, count(d.document_id) FILTER (d.status = 'accepted') AS there,
  count(d.document_id) AS filed
FROM expected e LEFT JOIN raw.filings f ON f.company = e.company AND f.quarter = e.quarter
LEFT JOIN raw.documents d ON d.filing_id = f.filing_id AND d.type IN ('release', 'report')
GROUP BY ALL"""

_ABSENT_QUARTERS = f"""
SELECT company, NULL AS document_id, NULL::INTEGER AS table_index, quarter || ': no release or report '
  || CASE WHEN filed > 0 THEN 'was accepted' ELSE 'is there' END AS message
FROM ({_EXPECTED}) WHERE there = 0"""

_SUSPECTS = """
SELECT company, document_id, table_index, concept || coalesce('/' || segment, '') || ' '
  || printed_period(period_start, period_end) || ', ' || printed_place(table_index, row_index, col_index, span_start)
  || ': ' || text || ' is marked ' || suspect AS message
FROM core.facts WHERE suspect IS NOT NULL AND origin <> 'derived'"""

# One figure per ordinary share and per ADS, of one company and period; the ratio is that of the period's end.
_PER_UNIT = """
SELECT a.company, a.document_id, a.table_index, a.value - s.value * r.ordinary_shares AS deviation,
  (half_unit(a.decimals) + half_unit(s.decimals) * r.ordinary_shares)::DECIMAL(38,8) AS allowed,
  a.concept || ' ' || printed_period(a.period_start, a.period_end) || ': ' || a.text || ' per ADS (' || a.document_id || '), '
    || s.text || ' per share (' || s.document_id || ') x ' || r.ordinary_shares AS message
FROM core.facts_latest a
JOIN core.facts_latest s ON s.company = a.company AND s.concept = replace(a.concept, '_per_ads', '_per_share')
  AND s.scope = a.scope AND s.segment IS NOT DISTINCT FROM a.segment AND s.counterparty IS NOT DISTINCT FROM a.counterparty AND s.period_end = a.period_end
  AND s.period_start IS NOT DISTINCT FROM a.period_start AND s.unit = replace(a.unit, '/ADS', '/share')
JOIN core.securities r ON r.company = a.company AND r.kind = 'depositary'
  AND a.period_end BETWEEN coalesce(r.valid_from, a.period_end) AND coalesce(r.valid_to, a.period_end)
WHERE a.unit LIKE '%/ADS'"""

_MIXED_UNITS = """
SELECT company, document_id, table_index, concept || ' ' || printed_period(period_start, period_end) || ' is in ' || unit
  || ': ' || text AS message
FROM core.facts
WHERE concept LIKE '%!_per!_share%' ESCAPE '!' AND unit NOT LIKE '%/share'
   OR concept LIKE '%!_per!_ads%' ESCAPE '!' AND unit NOT LIKE '%/ADS'
   OR unit LIKE '%/ADS' AND concept NOT LIKE '%!_per!_ads%' ESCAPE '!'"""

_NO_FACTS = "there are no facts"

FACT_CHECKS: tuple[Check, ...] = (
    violations(
        "facts_have_provenance",
        "Every fact has its document, place, text as printed and evidence",
        "core.facts", "block_build", "facts", _UNPROVEN, _FACTS, _NO_FACTS,
    ),
    violations(
        "derived_facts_follow_from_reported_ones",
        "Every derived fact is what its inputs, all reported and known by then, add up to",
        "core.fact_inputs", "block_build", "facts", _UNDERIVED,
        "SELECT count(*) FROM core.facts WHERE origin = 'derived'", "no fact was derived",
    ),
    identity(
        "derived_quarters_agree",
        "A reported quarter agrees with what follows from longer periods",
        "core.quarter_checks", "warn", "facts", _QUARTERS,
        "no quarter is both reported and given by longer periods",
        "half of every figure's last stated digit, added up, plus one unit of the coarsest",
    ),
    violations(
        "transcribed_facts_name_their_source",
        "Every transcribed figure names its true source",
        "core.facts", "warn", "facts", _SOURCELESS,
        "SELECT count(*) FROM core.facts WHERE evidence <> 'original' AND origin <> 'derived'", "no fact was transcribed",
    ),
    violations(
        "no_parent_only_figure_is_consolidated",
        "No figure of a parent-only statement stands in the consolidated scope",
        "core.facts", "block_build", "facts", _PARENT_ONLY,
        "SELECT count(*) FROM core.facts WHERE scope = 'consolidated' AND table_index IS NOT NULL",
        "no consolidated fact comes from a table",
    ),
    violations(
        "facts_are_in_the_reporting_currency",
        "No fact is in another currency than its company's own",
        "core.facts", "block_build", "facts", _FOREIGN, _FACTS, _NO_FACTS,
    ),
    violations(
        "versions_count_up",
        "The versions of each figure count up from 1 in the order of time",
        "core.facts", "block_build", "facts", _GAPS, "SELECT count(DISTINCT figure_id) FROM core.facts", _NO_FACTS,
    ),
    violations(
        "history_points_to_facts",
        "Every sighting, conflict and revision belongs to a fact that is there",
        "core.revisions", "block_build", "facts", _ORPHANS,
        "SELECT (SELECT count(*) FROM core.sightings) + (SELECT count(*) FROM core.conflicts) + (SELECT count(*) FROM core.revisions)",
        "no figure is printed twice",
    ),
    violations(
        "no_revision_is_a_flip_of_sign",
        "No revision turns a figure into its opposite",
        "core.revisions", "block_build", "facts", _FLIPS, "SELECT count(*) FROM core.revisions", "no figure was revised",
    ),
    violations(
        "changed_figures_are_explained",
        "A document that changes an earlier figure says why, or is an amendment",
        "core.revisions", "warn", "facts", _REWRITTEN,
        "SELECT count(*) FROM core.revisions WHERE kind <> 'refinement'", "no figure was changed",
        "both sides' decimals",
    ),
    violations(
        "per_share_and_per_ads_are_kept_apart",
        "A figure per ordinary share has the unit share, one per ADS the unit ADS",
        "core.facts", "warn", "facts", _MIXED_UNITS,
        "SELECT count(*) FROM core.facts WHERE unit LIKE '%/share' OR unit LIKE '%/ADS'", "no figure is stated per share or ADS",
    ),
    identity(
        "per_ads_is_per_share_times_the_ratio",
        "A figure per ADS is the one per ordinary share times the shares that an ADS stands for",
        "core.facts", "warn", "facts", _PER_UNIT,
        "no figure is known both per share and per ADS",
        "half of the ADS figure's last digit plus the ratio times half of the share figure's",
    ),
    identity(
        "prose_agrees_with_tables",
        "A figure stated in prose agrees with the same document's table",
        "core.conflicts", "warn", "facts",
        _same_document(_MIXED),
        "no document prints a figure both in prose and in a table",
        "half of each side's last stated digit",
    ),
    identity(
        "repeated_figures_agree",
        "A figure printed twice in one document, both times in a table or both times in prose, is the same",
        "core.conflicts", "warn", "facts",
        _same_document(_ALIKE, " OR c.kind = 'ambiguous' AND c.deviation <> 0"),
        "no document prints a figure twice",
        "half of each side's last stated digit",
    ),
    violations(
        "no_figure_meets_its_opposite",
        "No figure is printed elsewhere with the same size and the opposite sign",
        "core.conflicts", "warn", "facts",
        f"SELECT * EXCLUDE (deviation, allowed) FROM ({_OPPOSITE})",
        "SELECT (SELECT count(*) FROM core.sightings) + (SELECT count(*) FROM core.conflicts)",
        "no figure is printed twice",
    ),
    violations(
        "lesser_places_agree_with_statements",
        "No table that is no primary statement, no sentence and no document of the same day disagrees with the figure that stands",
        "core.conflicts", "warn", "facts",
        f"SELECT * EXCLUDE (deviation, allowed) FROM ({_LESSER})",
        "SELECT (SELECT count(*) FROM core.sightings) + (SELECT count(*) FROM core.conflicts)",
        "no figure is printed twice",
    ),
    identity(
        "translations_follow_one_rate",
        "The translated column follows the reporting currency's at one rate",
        "core.convenience_translations", "warn", "facts", _TRANSLATED,
        "no document has three pairs of figures that imply one rate",
        "three units of the translated figure's last digit",
    ),
    violations(
        "expected_quarters_are_there",
        "Every quarter from the first expected to the newest has a release or report",
        "raw.filings", "warn", "facts", _ABSENT_QUARTERS, f"SELECT count(*) FROM ({_EXPECTED})",
        "no company says from which quarter on filings are expected (expected_from of its pack)",
    ),
    violations(
        "no_fact_is_suspect",
        "No fact is contradicted by its own table or by another document's sign",
        "core.facts", "warn", "facts", _SUSPECTS, _FACTS, _NO_FACTS,
    ),
)  # fmt: skip
