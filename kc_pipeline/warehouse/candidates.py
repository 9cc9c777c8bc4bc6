"""Which printed figures may become facts, and which is the best place of each in its document.

A candidate is a line with a concept, or a figure of prose with a metric, whose period is known, in the
company's reporting currency or in no currency at all. Not candidates, though they stay in staging:

* a column set apart by a member that is no segment (an adjustment, an acquiree);
* an amount by which something changed, and a percentage under the name of an amount;
* a flow without the length of its period;
* a figure about a period that ends after the document was public: an outlook;
* an expense of the income statement in a reconciliation: there it is what the adjustment takes out of that line;
* a pro forma column or table: what would have been, not what was; an outlook, likewise;
* a table about something else than the group: operations given up, companies held at equity;
* a note's summarised financial information: investees', guarantors' or obligors', not the group's;
* the impact of a restatement on a line;
* a rest of lines of the income statement (`other_...`) in a reconciliation, which has other lines beside it.

Does not belong here: versions (versions.py).
"""

import duckdb

from kc_pipeline.figures.calendar_sql import nominal_month_sql

REST_OF_LINES = "regexp_matches({0}, '(^|_)other(_|$)')"
"""SQL: a concept is what is left beside other lines; format with the concept's column."""

RATE_METRIC = "convenience_translation_rate"
"""Metric of a stated rate of translation; no fact, since it is not a figure of the company."""

AGREES = "abs({l}.value - {s}.value) <= {l}.half + {s}.half"
"""SQL: two figures agree within both sides' decimals (figures.agree); format with the two aliases."""

FLIPPED = f"({{l}}.value <> 0 AND abs({{l}}.value + {{s}}.value) <= {{l}}.half + {{s}}.half AND NOT {AGREES})"
"""SQL: equal in size and opposite in sign; format with the two aliases."""

PLACE = (
    "c.statement, c.table_index, c.row_index, c.col_index, c.span_start, c.span_end, c.text, c.evidence, c.grade, "
    "c.source_kind, c.source_title, c.source_url"
)
KEY = "c.figure_id, c.company, c.document_id, c.concept, c.segment, c.counterparty, c.period_start, c.period_end, c.unit"
"""SQL: the columns that say where a candidate c stands, and which figure it is."""

# The figure's key, as text: parts joined by a character that no part contains, an absent one as ~.
FIGURE_KEY = "concat_ws(chr(31), {})".format(
    ", ".join(
        f"coalesce({part}, '~')"
        for part in (
            "c.company",
            "c.scope",
            "c.concept",
            "c.definition_id",
            "c.segment",
            "c.counterparty",
            "c.period_start::VARCHAR",
            "c.period_end::VARCHAR",
            "c.unit",
        )
    )
)

SUMMARISED = (
    r"\bsummari[sz]ed\s+(?:consolidated\s+|combined\s+|unaudited\s+)*financial\s+(?:information|data)\b"
)
"""SQL: the words (Regulation S-X 4-08(g) and 13-01) over what an issuer says of investees, guarantors or obligors."""

IMPACT = r"\b(?:statements?|sheets?|operations?|income|flows?)\s+impacts?(?: >|$)"
"""SQL: a heading above rows that say by how much a restatement moved the lines, not what they are."""

CURRENCY = "CASE WHEN regexp_full_match(split_part({0}, '/', 1), '[A-Z]{{3}}') AND split_part({0}, '/', 1) <> 'ADS' THEN split_part({0}, '/', 1) END"
"""SQL for the currency of a unit, null for shares, pure and the like; format with the unit's column."""

NOT_YET = r"\b(?:projected|forecasts?|guidance|outlook)\b"
NOT_THE_GROUP = (
    r"\b(?:results?|operations|income|assets|liabilities|components|classes|information|summar\w+)\b[^.\n]{0,60}"
    r"\bdiscontinued\s+operations?\b|\b(?:equity[\s-]method\s+invest\w*|equity\s+investees?)"
    r"|\bunconsolidated\s+(?:affiliates?|entit\w+|joint\s+ventures?|subsidiar\w+)"
)
"""Words of a table's title, near its end, that make it a table of something else than the group."""

RESTATED = r"\b(?:as\s+)?re-?stated\b|\brestatements?\b"
RECAST = r"\brecast(?:ed)?\b|\bretrospectively\s+adjusted\b"
SAYS = (
    "regexp_matches(concat_ws(' ', {alias}.table_title, {alias}.column_label, {alias}.label), '{words}', 'i')"
)
"""SQL: a figure's table, column, row or sentence says so; format with an alias of `candidates` and the words."""

# Documents of one day are ranked, the best first: the issuer's paper before a transcript, the report before the
# release, then the identifier, so that the order never depends on the order of loading. What the better one prints
# stands: nobody can say that the other came later (versions.py).
DOCUMENT_ORDER = """
CREATE OR REPLACE TEMP TABLE document_order AS
SELECT d.document_id, d.company, d.filing_id, d.kind, d.status, d.known_at, d.known_at_precision,
  row_number() OVER (ORDER BY d.known_at, d.kind <> 'original',
    list_position(['report', 'release', 'call_transcript', 'article'], d.type) NULLS LAST, d.document_id) AS ord
FROM raw.documents d"""

_LINES = f"""
SELECT l.company, l.document_id, l.scope, l.concept, l.segment, l.counterparty,
  CASE WHEN k.period_type = 'instant' THEN NULL ELSE l.period_start END AS period_start, l.period_end,
  CASE WHEN k.period_type = 'instant' THEN NULL ELSE l.months END AS months, l.unit,
  CASE WHEN l.sign_rule IS NULL THEN l.value ELSE -l.value END AS value, l.decimals, k.basis, l.evidence,
  CASE l.audited WHEN true THEN 'audited' WHEN false THEN 'unaudited' END AS assurance, l.statement,
  l.table_index, l.row_index, l.col_index, NULL::INTEGER AS span_start, NULL::INTEGER AS span_end,
  nullif(array_to_string(l.section, ' > '), '') AS section, l.label, l.column_label, l.table_title, l.text,
  l.grade, l.source_kind, l.source_title, l.source_url, l.mapping_rule, l.sign_rule,
  l.unit_rule, l.scale_rule, l.period_rule, l.suspect
FROM staging.statement_lines l
JOIN core.concepts k ON k.concept = l.concept
JOIN core.companies y ON y.company = l.company
WHERE l.member IS NULL AND l.period_end IS NOT NULL
  AND (k.period_type = 'instant' OR l.period_start IS NOT NULL)
  AND coalesce({CURRENCY.format("l.unit")}, y.reporting_currency) = y.reporting_currency
  AND (l.unit <> 'pure' OR k.statement IN ('ratio', 'operating'))
  AND NOT (l.statement = 'reconciliation' AND k.statement = 'income'
    AND (k.positive = 'expense' OR {REST_OF_LINES.format("l.concept")}))
  AND NOT regexp_matches(concat_ws(' ', l.table_title, l.column_label, array_to_string(l.section, ' ')),
    '\\bpro[\\s-]?forma\\b', 'i')
  AND NOT (l.statement IN ('other', 'segment') AND regexp_matches(coalesce(l.table_title, ''), '{SUMMARISED}', 'i'))
  AND NOT regexp_matches(coalesce(array_to_string(l.section, ' > '), ''), '{IMPACT}', 'i')
  AND NOT regexp_matches(concat_ws(' ', right(l.table_title, 160), l.column_label), '{NOT_YET}', 'i')
  AND NOT regexp_matches(right(coalesce(l.table_title, ''), 160), '{NOT_THE_GROUP}', 'i')"""

_STATED = f"""
SELECT s.company, s.document_id, 'consolidated' AS scope, s.metric AS concept, s.segment, s.counterparty,
  CASE WHEN k.period_type = 'instant' THEN NULL ELSE s.period_start END AS period_start, s.period_end,
  CASE WHEN k.period_type = 'instant' THEN NULL ELSE s.months END AS months, s.unit, s.value, s.decimals, k.basis,
  s.evidence, NULL AS assurance, 'prose' AS statement, NULL AS table_index, NULL AS row_index, NULL AS col_index,
  s.span_start, s.span_end, NULL AS section, s.sentence AS label, NULL AS column_label, NULL AS table_title,
  s.text, s.grade, s.source_kind, s.source_title, s.source_url, NULL AS mapping_rule, NULL AS sign_rule,
  NULL AS unit_rule, NULL AS scale_rule, NULL AS period_rule, NULL AS suspect
FROM staging.stated_figures s
JOIN core.concepts k ON k.concept = s.metric
JOIN core.companies y ON y.company = s.company
WHERE s.metric <> '{RATE_METRIC}' AND s.period_end IS NOT NULL AND (k.period_type = 'instant' OR s.period_start IS NOT NULL)
  AND coalesce({CURRENCY.format("s.unit")}, y.reporting_currency) = y.reporting_currency
  AND CASE WHEN s.unit = 'pure' THEN k.statement IN ('ratio', 'operating') ELSE s.comparison IS NULL END
QUALIFY row_number() OVER (PARTITION BY s.document_id, s.span_start, s.metric, s.segment, s.counterparty, s.unit, s.period_start, s.period_end
  ORDER BY s.seq) = 1"""

# In a company that counts weeks, a flow of whole quarters that ends with a fiscal quarter (or, as "Q2 FY24" is read,
# with its month) begins and ends with the days on which the books were closed; so does the cash that a cash flow
# statement begins and ends with.
_ENDS_QUARTER = "z.company IS NOT NULL AND c.months IN (3, 6, 9, 12) AND (c.period_end = z.period_end OR c.period_end = last_day(c.period_end))"
_CLOSES_QUARTER = "z.company IS NOT NULL AND c.months IS NULL AND c.statement = 'cash_flow'"

CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
WITH both_kinds AS ({_LINES} UNION ALL {_STATED}),
dated AS (
  SELECT c.* REPLACE (
      CASE WHEN {_ENDS_QUARTER} THEN coalesce(z.starts[c.months // 3], z.period_end - c.months // 3 * 91 + 1)
        ELSE c.period_start END AS period_start,
      CASE WHEN {_ENDS_QUARTER} OR {_CLOSES_QUARTER} THEN z.period_end ELSE c.period_end END AS period_end)
  FROM both_kinds c
  LEFT JOIN fiscal_closes z ON z.company = c.company AND z.nominal_month = {nominal_month_sql("c.period_end")}
), keyed AS (
  SELECT c.*, n.definition_id
  FROM dated c
  LEFT JOIN core.definitions n ON n.company = c.company AND n.concept = c.concept
    AND n.segment IS NOT DISTINCT FROM c.segment AND c.counterparty IS NULL
    AND c.period_end BETWEEN coalesce(n.valid_from, DATE '0001-01-01') AND coalesce(n.valid_to, DATE '9999-12-31')
)
SELECT c.*, md5({FIGURE_KEY}) AS figure_id, o.ord, o.status = 'accepted' AS accepted, o.kind, o.filing_id, o.known_at,
  o.known_at_precision, list_position(['original', 'copy', 'call', 'third_party'], c.evidence) AS weakness,
  (0.5 * pow(10, -c.decimals))::DECIMAL(38,10) AS half,
  CASE c.statement WHEN 'balance_sheet' THEN 0 WHEN 'income' THEN 0 WHEN 'cash_flow' THEN 0 WHEN 'segment' THEN 1
    WHEN 'reconciliation' THEN 2 WHEN 'prose' THEN 4 ELSE 3 END AS standing,
  c.table_index IS NOT NULL AND regexp_matches(c.label, '^\\s*total\\b', 'i') AS is_total,
  {SAYS.format(alias="c", words=f"{RESTATED}|{RECAST}")} AS restates,
  row_number() OVER (ORDER BY o.ord, c.table_index, c.row_index, c.col_index, c.span_start, c.span_end,
    c.concept, c.segment, c.counterparty, c.period_end, c.period_start, c.unit, c.value) AS cid
FROM keyed c JOIN document_order o ON o.document_id = c.document_id
WHERE o.status IN ('accepted', 'superseded') AND c.period_end <= o.known_at"""

# Further places in one document, held against the document's own best place. `settled`: the best place is the total
# of the very row (`Total cost of sales` above `Cost of sales`).
_REPEATS = f"""
CREATE OR REPLACE TEMP TABLE repeats AS
SELECT l.cid, l.figure_id, l.document_id, s.cid AS best_cid, l.value - s.value AS deviation, l.half + s.half AS allowed,
  {AGREES.format(l="l", s="s")} AS agrees, {FLIPPED.format(l="l", s="s")} AS flipped,
  l.standing <= b.standing AND NOT coalesce(l.table_index = b.table_index AND b.is_total AND NOT l.is_total
    AND starts_with(regexp_replace(lower(b.label), '^\\s*total\\s+', ''), lower(l.label)), false) AS same_standing,
  b.standing BETWEEN 1 AND 3 OR coalesce(l.table_index = b.table_index, false) AS open_choice
FROM candidates l
JOIN document_figures s ON s.figure_id = l.figure_id AND s.document_id = l.document_id AND s.cid <> l.cid
JOIN candidates b ON b.cid = s.cid"""

# Two rows of one table that disagree, or two places of the same standing, neither a primary statement: nobody knows
# which one is meant, and no fact is made of either.
_AMBIGUOUS = """
CREATE OR REPLACE TEMP TABLE ambiguous AS
SELECT DISTINCT best_cid AS cid FROM repeats WHERE NOT agrees AND NOT flipped AND same_standing AND open_choice"""

_DOUBTED = """
UPDATE document_figures SET doubted = true
WHERE cid IN (SELECT best_cid FROM repeats WHERE NOT agrees AND (flipped OR same_standing))"""

# The place of a figure in its document: an uncontradicted reading first; a statement's table before prose, a
# primary statement before segment tables, reconciliations and others; the table that prints most of that
# statement (the statement itself before an excerpt or a table of percentages); a total before its parts; then the
# finer figure, the better evidence, the first place.
BEST = """
CREATE OR REPLACE TEMP TABLE document_figures AS
WITH sizes AS (
  SELECT document_id, table_index, statement, count(DISTINCT concept) AS concepts FROM candidates
  WHERE table_index IS NOT NULL GROUP BY ALL
)
SELECT c.figure_id, c.document_id, c.ord, c.known_at, c.accepted, c.cid, c.value, c.half, c.decimals, c.weakness, c.standing,
  c.restates,
  c.suspect IS NOT NULL AS doubted
FROM candidates c SEMI JOIN (
  SELECT arg_min(cid, (
    (suspect IS NOT NULL)::INTEGER, standing, -coalesce(concepts, 0),
    (NOT is_total)::INTEGER, -decimals, weakness, cid)) AS cid
  FROM candidates LEFT JOIN sizes USING (document_id, table_index, statement)
  GROUP BY figure_id, document_id
) b USING (cid)"""


def order_documents(con: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary table `document_order`: every document with its place in the order in which they speak."""
    con.execute(DOCUMENT_ORDER)


def gather(con: duckdb.DuckDBPyConnection) -> None:
    """Create the temporary tables `candidates`, `document_figures`, `repeats` and `ambiguous`.

    Needs `document_order`, `fiscal_closes` (fiscal.py) and the definitions in force (`core.definitions`).
    `candidates` has the concept's sign, `half` (half a unit of the last stated digit), `standing` (0 primary
    statement, 4 prose) and `cid`, which counts up in the order of documents and places; `document_figures` has
    each document's best place of each figure that is not ambiguous there, and whether anything contradicts it;
    `repeats` has the further places.
    """
    for statement in (CANDIDATES, BEST, _REPEATS, _AMBIGUOUS, _DOUBTED):
        con.execute(statement)
    con.execute("DELETE FROM document_figures WHERE cid IN (SELECT cid FROM ambiguous)")
