"""Is a document about the period that its manifest claims?

A filing says for itself which period it is about (`period_of_report`), and much hangs on it: which transcript an
original replaces, which quarter's release it is. What the document prints decides: the columns of its tables, the
sentences with figures, the words and dates where it begins.

Belongs here: the words by which a document names a period, and that check. Does not belong here: reading periods
(extraction), fiscal quarters (warehouse).
"""

from kc_pipeline.figures.calendar_sql import fiscal_month_sql, nominal_month_sql
from kc_pipeline.quality.model import Check, violations
from kc_pipeline.quality.reading import SAID

NEAR = 10
"""Days by which a 52/53-week period may end from the nominal day."""

_ORDINALS = "['first|1st', 'second|2nd', 'third|3rd', 'fourth|4th']"
_BETWEEN = "(?: (?:and|of|the|for|fiscal|financial|year|full|first|half|six|nine|twelve|months|ended|fy))*"


def _quarter_words(number: str) -> str:
    """Return SQL for a pattern that a plain text matches where it names a quarter; `number` counts 4 x year + quarter - 1.

    In words (`second quarter of fiscal 2026`, `fourth quarter and full year 2025`), letters (`q2 2026`, `2q26`), and, where a
    half-year or a year ends with it, the names of those.
    """
    year, q = f"({number} // 4)::VARCHAR", f"({number} % 4 + 1)"
    short = f"right({year}, 2)"
    words = f"{_ORDINALS}[{q}]"
    half = f"CASE {q} WHEN 2 THEN '1' WHEN 4 THEN '2' END"
    quarters = f"""'(?:' || {words} || ') quarter{_BETWEEN} ' || {year}
    || '|(?:q' || {q} || '|' || {q} || 'q){_BETWEEN} ?(?:fy ?)?(?:' || {year} || '|' || {short} || ')'
    || '|(?:' || {year} || '|fy ?' || {short} || ') (?:fiscal |financial )?(?:(?:' || {words} || ') quarter|q' || {q} || '|' || {q} || 'q)'
    || '|' || {year} || '年第?(?:' || ['一|1', '二|2', '三|3', '四|4'][{q}] || ')季度'"""
    halves = f"""'|(?:' || {_ORDINALS}[({half})::INTEGER] || ') half{_BETWEEN} ' || {year}
    || '|(?:h' || {half} || '|' || {half} || 'h) ?(?:fy ?)?(?:' || {year} || '|' || {short} || ')|' || {year} || ' h' || {half}"""
    interim = f"""'|interim(?: \\w+){{0,8}} ' || {year} || '|' || {year} || ' interim|' || {year} || '年(?:半年度|中期|上半年)'"""
    whole = f"""'|(?:full|fiscal|financial|whole) year{_BETWEEN} ' || {year} || '|(?:fiscal|fy) ?' || {year} || '|fy ?' || {short}
    || '|annual (?:report|results)(?: \\w+){{0,8}} ' || {year} || '|' || {year} || ' (?:annual|full year)|' || {year} || '年(?:年度|度|全年|年报)'"""
    return f"""({quarters} || CASE WHEN {q} % 2 = 0 THEN {halves} ELSE '' END
    || CASE {q} WHEN 2 THEN {interim} WHEN 4 THEN {whole} ELSE '' END)"""


_DAY_WORDS = """(strftime(x, '%B') || ' ' || day(x) || '(?:st|nd|rd|th)? ' || year(x)
    || '|' || strftime(x, '%b') || ' ' || day(x) || ' ' || year(x) || '|' || day(x) || '(?:st|nd|rd|th)? ' || strftime(x, '%B')
    || ' ' || year(x) || '|' || day(x) || ' ' || strftime(x, '%b') || ' ' || year(x) || '|' || strftime(x, '%Y %m %d')
    || '|' || strftime(x, '%m %d %Y') || '|' || strftime(x, '%d %m %Y') || '|' || month(x) || ' ' || day(x) || ' ' || year(x)
    || '|' || year(x) || '年' || month(x) || '月' || day(x) || '日')"""

# `own`: figures in tables under the claimed period, `own_statements` those in primary statements, `dated`: the figures of primary
# statements under any period. Of 216 real documents each has `own` of a tenth of `dated` or more (of a fifth but for one), and
# none has half as many figures of statements under one later period as under its own (`later`; 16 % in one: a date beside the period).
_CLAIMS = rf"""
WITH claims AS (
  SELECT d.company, d.document_id, d.path, d.type, d.known_at, f.period_of_report AS claimed, ' ' || {SAID} || ' ' AS said,
    {fiscal_month_sql("f.period_of_report", "c")} AS fiscal_month, {nominal_month_sql("f.period_of_report")} AS month
  FROM raw.documents d JOIN raw.filings f ON f.filing_id = d.filing_id JOIN core.companies c ON c.company = d.company
  WHERE d.status = 'accepted'
), columns AS (
  SELECT c.document_id, l.period_end, abs(l.period_end - c.claimed) <= {NEAR} AS own, l.period_end > c.claimed + {NEAR} AS after,
    count(*) AS n, count(*) FILTER (l.statement IN ('balance_sheet', 'income', 'cash_flow')) AS of_statements
  FROM claims c JOIN staging.statement_lines l ON l.document_id = c.document_id
  WHERE l.period_end <= c.known_at OR l.period_end IS NULL
  GROUP BY ALL
), tables AS (
  SELECT document_id, coalesce(sum(n) FILTER (own), 0) AS own, coalesce(sum(of_statements) FILTER (own), 0) AS own_statements,
    coalesce(sum(of_statements) FILTER (period_end IS NOT NULL), 0) AS dated,
    coalesce(sum(of_statements) FILTER (period_end IS NULL), 0) AS undated,
    coalesce(max(of_statements) FILTER (after), 0) AS later, arg_max(period_end, of_statements) FILTER (after) AS later_end,
    list(period_end ORDER BY period_end DESC) FILTER (period_end IS NOT NULL) AS ends
  FROM columns GROUP BY document_id
), sentences AS (
  SELECT c.document_id, count(*) FILTER (abs(s.period_end - c.claimed) <= {NEAR}) AS own,
    list_sort(list(DISTINCT s.period_end), 'DESC') AS ends
  FROM claims c JOIN staging.stated_figures s ON s.document_id = c.document_id
  WHERE s.period_end <= c.known_at
  GROUP BY c.document_id
), judged AS (
  SELECT c.*, coalesce(t.own, 0) AS own, coalesce(t.dated, 0) AS dated, t.later_end,
    c.type IN ('release', 'report') AND coalesce(t.dated > t.undated, false) AS has_statements,
    coalesce(t.later >= 3 AND t.later * 2 > t.own_statements, false) AS later,
    coalesce(s.own, 0) AS sentences, coalesce(t.ends, []) AS ends, coalesce(s.ends, []) AS told,
    regexp_matches(c.said, '\b(?:' || CASE WHEN c.fiscal_month % 3 = 2 THEN {_quarter_words("(c.fiscal_month // 3)")} || '|' ELSE '' END
      || CASE WHEN c.month % 3 = 2 THEN {_quarter_words("(c.month // 3)")} || '|' ELSE '' END
      || lower(array_to_string(list_transform(range(-{NEAR}, {NEAR} + 1), lambda i: array_to_string(list_transform([(c.claimed + i::INTEGER)::DATE], lambda x: {_DAY_WORDS}), '|')), '|')) || ')(?:\b|\p{{Han}}|$)') AS named
  FROM claims c LEFT JOIN tables t USING (document_id) LEFT JOIN sentences s USING (document_id)
)"""
_ELSEWHERE = f"""{_CLAIMS}
SELECT company, document_id, NULL::INTEGER AS table_index,
  path || ': its manifest.json says that it is about the period to ' || claimed || ' (period_of_report), but '
    || CASE WHEN has_statements AND later AND own * 10 >= dated THEN 'its statements go on to the later period to ' || later_end
         WHEN has_statements AND own > 0 THEN own || ' of the figures in its tables are of that period, ' || dated || ' in its statements '
           || 'of others'
         WHEN has_statements THEN 'no column of its tables is of that period'
         ELSE 'no column, no sentence with a figure and no date or period where it begins is of it' END
    || '; its columns are of ' || CASE WHEN len(ends) = 0 THEN 'no known period' ELSE array_to_string(ends[:4], ', ')
         || CASE WHEN len(ends) > 4 THEN ', ...' ELSE '' END END
    || CASE WHEN len(told) > 0 THEN ', its sentences of ' || array_to_string(told[:4], ', ') ELSE '' END
    || '. If the manifest is wrong, correct period_of_report (the last day of the newest period); if the document is of another '
    || 'quarter, take it out of the folder (kc extract FILE shows how its columns were read)' AS message
FROM judged
WHERE CASE WHEN has_statements THEN later OR own * 10 < dated ELSE own = 0 AND sentences = 0 AND NOT named END"""

PERIOD_CHECKS: tuple[Check, ...] = (
    violations(
        "documents_are_of_their_period",
        "Every document is about the period that its manifest claims",
        "raw.documents",
        "block_document",
        "lines",
        _ELSEWHERE,
        "SELECT count(*) FROM raw.documents WHERE status = 'accepted'",
        "there is no accepted document",
        f"a period that ends up to {NEAR} days away is the same",
    ),
)
