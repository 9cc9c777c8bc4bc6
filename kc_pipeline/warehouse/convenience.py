"""Figures in a currency that is not the company's own: translations for the reader's convenience.

They enter no fact and no KPI. The rate is the one that the filing states (a sentence about translation that sets an
amount of the reporting currency beside one unit of the other: "at a rate of RMB7.2567 to US$1.00"; or a stated figure
of the metric `convenience_translation_rate` in reporting currency per unit, as CNY/USD), or else the one that most pairs of the
document imply: a pair is a figure in
the reporting currency and its translation (same row and period of a table, or same measure and sentence), and
a rate fits a pair where the translation lies within three units of its last digit. Fewer than three pairs that
fit imply no rate. Issuers translate at the rate of a period's end, so the pairs of one period end are asked
first, then all pairs of the document.
"""

import duckdb

from kc_pipeline.warehouse.candidates import CURRENCY, RATE_METRIC

PAIRS_NEEDED = 3
UNITS_ALLOWED = 3
_RATES_TRIED = 25
WORDS_BETWEEN = 20
ABOUT_TRANSLATION = r"\btranslat|\bconver(?:t|sion)|\bconvenience\b"

_FOREIGN = f"""
CREATE OR REPLACE TEMP TABLE foreign_figures AS
SELECT l.company, l.document_id, l.scope, l.concept, l.segment, l.counterparty, l.period_start, l.period_end, l.months, l.unit, l.value,
  l.decimals, l.table_index, l.row_index, l.col_index, NULL::INTEGER AS span_start, NULL::INTEGER AS span_end, l.text,
  l.evidence, l.grade, l.source_kind, l.source_title, l.source_url, NULL::VARCHAR AS sentence
FROM staging.statement_lines l JOIN core.companies y ON y.company = l.company
JOIN raw.documents d ON d.document_id = l.document_id AND d.status = 'accepted'
WHERE {CURRENCY.format("l.unit")} <> y.reporting_currency AND l.period_end IS NOT NULL
UNION ALL
SELECT s.company, s.document_id, 'consolidated' AS scope, s.metric, s.segment, s.counterparty, s.period_start, s.period_end, s.months, s.unit, s.value,
  s.decimals, NULL, NULL, NULL, s.span_start, s.span_end, s.text, s.evidence, s.grade, s.source_kind, s.source_title,
  s.source_url, s.sentence
FROM staging.stated_figures s JOIN core.companies y ON y.company = s.company
JOIN raw.documents d ON d.document_id = s.document_id AND d.status = 'accepted'
WHERE {CURRENCY.format("s.unit")} <> y.reporting_currency AND s.period_end IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY s.document_id, s.span_start ORDER BY s.seq) = 1"""

# A cell stands for one figure; where the row of its table prints the period twice in the reporting currency,
# it is not known which one is translated, and there is no pair.
_PAIRS = f"""
CREATE OR REPLACE TEMP TABLE translation_pairs AS
SELECT f.document_id, {CURRENCY.format("f.unit")} AS currency, f.period_end, any_value(l.value) AS value,
  f.value AS translated,
  pow(10, -f.decimals) AS last_digit
FROM foreign_figures f
JOIN core.companies y ON y.company = f.company
JOIN staging.statement_lines l ON l.document_id = f.document_id AND l.table_index = f.table_index
  AND l.row_index = f.row_index AND l.period_end = f.period_end AND l.period_start IS NOT DISTINCT FROM f.period_start
  AND l.unit = y.reporting_currency || substr(f.unit, 4)
WHERE f.value <> 0 AND l.value <> 0
GROUP BY ALL HAVING count(*) = 1
UNION ALL
SELECT f.document_id, {CURRENCY.format("f.unit")}, f.period_end, any_value(s.value), f.value, pow(10, -f.decimals)
FROM foreign_figures f
JOIN core.companies y ON y.company = f.company
JOIN staging.stated_figures s ON s.document_id = f.document_id AND s.metric = f.concept
  AND s.segment IS NOT DISTINCT FROM f.segment AND s.counterparty IS NOT DISTINCT FROM f.counterparty AND s.sentence = f.sentence AND s.period_end = f.period_end
  AND s.period_start IS NOT DISTINCT FROM f.period_start AND s.unit = y.reporting_currency || substr(f.unit, 4)
WHERE f.value <> 0 AND s.value <> 0
GROUP BY ALL HAVING count(*) = 1"""

_RATES = f"""
CREATE OR REPLACE TEMP TABLE implied_rates AS
WITH pairs AS (
  SELECT * FROM translation_pairs
  UNION ALL SELECT * REPLACE (NULL AS period_end) FROM translation_pairs
), ranked AS (
  SELECT document_id, currency, period_end, value / translated AS rate,
    row_number() OVER (PARTITION BY document_id, currency, period_end
      ORDER BY abs(translated) / last_digit DESC, value) AS position
  FROM pairs
), fits AS (
  SELECT r.document_id, r.currency, r.period_end, r.rate, r.position,
    count(*) FILTER (abs(p.value / r.rate - p.translated) <= {UNITS_ALLOWED} * p.last_digit) AS fitting
  FROM ranked r JOIN pairs p ON p.document_id = r.document_id AND p.currency = r.currency
    AND p.period_end IS NOT DISTINCT FROM r.period_end
  WHERE r.position <= {_RATES_TRIED} AND r.rate > 0
  GROUP BY ALL
)
SELECT document_id, currency, period_end, arg_max(rate, (fitting, -position)) AS rate,
  'implied by ' || max(fitting) || CASE WHEN period_end IS NULL THEN ' pairs of the document'
    ELSE ' pairs of the document at ' || period_end END AS source
FROM fits GROUP BY document_id, currency, period_end HAVING max(fitting) >= {PAIRS_NEEDED}"""

# A document that states several rates, and none for the period, states none that could be told to be meant.
_STATED = f"""
CREATE OR REPLACE TEMP TABLE stated_rates AS
WITH stated AS (
  SELECT s.document_id, {CURRENCY.format("u.unit")} AS currency, coalesce(s.period_end, u.period_end) AS period_end, s.value
  FROM staging.stated_figures s JOIN core.companies y ON y.company = s.company AND s.unit = y.reporting_currency
  JOIN staging.stated_figures u ON u.document_id = s.document_id AND u.sentence = s.sentence AND u.value = 1
    AND {CURRENCY.format("u.unit")} <> y.reporting_currency AND length(u.unit) = 3
    AND greatest(u.span_start - s.span_end, s.span_start - u.span_end) BETWEEN 0 AND {WORDS_BETWEEN}
  WHERE s.metric IS NULL AND u.metric IS NULL AND s.value > 0 AND s.decimals > 0
    AND regexp_matches(s.sentence, '{ABOUT_TRANSLATION}', 'i')
  UNION ALL
  SELECT s.document_id, split_part(s.unit, '/', 2) AS currency, s.period_end, s.value
  FROM staging.stated_figures s JOIN core.companies y ON y.company = s.company
  WHERE s.metric = '{RATE_METRIC}' AND split_part(s.unit, '/', 1) = y.reporting_currency AND s.value > 0
)
SELECT document_id, currency, period_end, any_value(value) AS rate FROM (
  SELECT document_id, currency, period_end, value FROM stated WHERE period_end IS NOT NULL
  UNION ALL SELECT document_id, currency, NULL, value FROM stated
) GROUP BY document_id, currency, period_end HAVING count(DISTINCT value) = 1"""

_TRANSLATIONS = f"""
INSERT INTO core.convenience_translations BY NAME
SELECT f.* EXCLUDE (sentence, currency), coalesce(s.rate, t.rate, r.rate, w.rate)::DECIMAL(18,8) AS rate,
  CASE WHEN coalesce(s.rate, t.rate) IS NOT NULL THEN 'stated in the filing' ELSE coalesce(r.source, w.source) END AS rate_source
FROM (SELECT *, {CURRENCY.format("unit")} AS currency FROM foreign_figures) f
LEFT JOIN implied_rates r ON r.document_id = f.document_id AND r.currency = f.currency AND r.period_end = f.period_end
LEFT JOIN implied_rates w ON w.document_id = f.document_id AND w.currency = f.currency AND w.period_end IS NULL
LEFT JOIN stated_rates s ON s.document_id = f.document_id AND s.currency = f.currency AND s.period_end = f.period_end
LEFT JOIN stated_rates t ON t.document_id = f.document_id AND t.currency = f.currency AND t.period_end IS NULL
ORDER BY f.document_id, f.table_index, f.row_index, f.col_index, f.span_start"""


def fill_convenience_translations(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `core.convenience_translations` from staging, accepted documents only."""
    for statement in (_FOREIGN, _PAIRS, _RATES, _STATED, _TRANSLATIONS):
        con.execute(statement)
    for name in ("foreign_figures", "translation_pairs", "implied_rates", "stated_rates"):
        con.execute(f"DROP TABLE {name}")
