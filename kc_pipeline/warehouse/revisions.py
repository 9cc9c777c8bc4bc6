"""What kind of change a new version is, how large, and whether it matters.

The kind, in this order:

* `refinement`: stated finer and in agreement;
* `split`: a declared split of the shares lies between the two documents and explains the change (splits.py); it is of no
  weight whatever its size;
* `restatement`, `recast`: where the later table, column, row or sentence says so; `recast` also where the later
  document brings another definition of the measure, or follows a declared change of definition, policy or segments
  that the earlier one did not know, and the period lies before that change;
* `reclassification`: the amounts that moved between the concept and its siblings in the calculation tree, the
  lines that are new there included, add up to nothing;
* `audit_adjustment`: unaudited before, audited now;
* `unexplained`.

`transcription` is kept for a superseded transcript: its figures beside those of the original that took its place
(same company, form, type and period of report), where they disagree. An original against a transcript of another
document may be the issuer's change or a slip of a copy: nobody knows, so it is `unexplained`. Where the two are equal in size
and opposite in sign that is a conflict, as everywhere, and no revision.

Whether it matters follows the two things that SEC Staff Accounting Bulletin 99 (1999) says about size: five per cent
of the figure as a first step, and a change of a loss into income or back whatever its size. A change of an amount
must also be no trifle for the company: half a per cent of the revenue of its period, the lower end of the half to one
per cent that auditors are taught as a guide (https://opentuition.com/topic/guidance-on-materiality-2). The bulletin warns that no percentage makes a change immaterial, so the other word is
`below_threshold`.
"""

import duckdb

from kc_pipeline.warehouse.candidates import AGREES, FLIPPED, KEY, PLACE, RECAST, RESTATED, SAYS
from kc_pipeline.warehouse.splits import SPLIT_BETWEEN

OF_FIGURE = "0.05"
OF_REVENUE = "0.005"

_CHANGES = """
CREATE OR REPLACE TEMP TABLE changes AS
SELECT v.figure_id, v.version, p.cid AS first_cid, v.cid AS later_cid
FROM versions v JOIN versions p ON p.figure_id = v.figure_id AND p.version = v.version - 1"""

# What moved between a changed figure and its siblings in the two documents: a line that both print moved where it
# disagrees; one that only the later document prints is new and moved whole; one that only the earlier prints has
# vanished or is just not printed, so the sum is taken both with it and without. Lines carry their weight and share
# unit, period, scope and segment. A sum of nothing means something only where the figure itself moved by more than
# the tolerance of the sum, and something else moved too.
_RECLASSIFIED = """
CREATE OR REPLACE TEMP TABLE reclassified AS
WITH parts AS (
  SELECT r.figure_id, r.version, t.weight, b.concept, b.concept = l.concept AS own, b.document_id = l.document_id AS later,
    d.value, d.half
  FROM changes r
  JOIN candidates f ON f.cid = r.first_cid
  JOIN candidates l ON l.cid = r.later_cid
  JOIN core.concepts k ON k.concept = l.concept
  JOIN core.concepts t ON t.parent = k.parent
  JOIN candidates b ON b.concept = t.concept AND b.company = l.company AND b.scope = l.scope AND b.unit = l.unit
    AND b.period_end = l.period_end AND b.period_start IS NOT DISTINCT FROM l.period_start
    AND b.segment IS NOT DISTINCT FROM l.segment AND b.counterparty IS NOT DISTINCT FROM l.counterparty
    AND b.document_id IN (f.document_id, l.document_id)
  JOIN document_figures d ON d.cid = b.cid
), siblings AS (
  SELECT figure_id, version, bool_or(own) AS own, any_value(weight) AS weight, max(value) FILTER (NOT later) AS was,
    max(value) FILTER (later) AS now_is, sum(half) AS halves, max(half) AS widest
  FROM parts GROUP BY figure_id, version, concept
), moves AS (
  SELECT *, weight * (coalesce(now_is, 0) - coalesce(was, 0)) AS move FROM siblings
  WHERE was IS NULL OR now_is IS NULL OR abs(now_is - was) > halves
)
SELECT figure_id, version
FROM moves
GROUP BY figure_id, version
HAVING bool_or(own)
  AND (sum(abs(move)) FILTER (own) > sum(halves) + 2 * max(widest)
       AND count(*) > 1 AND abs(sum(move)) <= sum(halves) + 2 * max(widest)
    OR sum(abs(move)) FILTER (own) > sum(halves) FILTER (now_is IS NOT NULL) + 2 * max(widest) FILTER (now_is IS NOT NULL)
       AND count(*) FILTER (now_is IS NOT NULL) > 1
       AND abs(sum(move) FILTER (now_is IS NOT NULL))
         <= sum(halves) FILTER (now_is IS NOT NULL) + 2 * max(widest) FILTER (now_is IS NOT NULL))"""

# The revenue that a change is held against: of the same period, for a balance that of the longest period up to its day.
_REVENUES = """
CREATE OR REPLACE TEMP TABLE period_revenues AS
SELECT c.company, c.scope, c.unit, c.period_start, c.period_end, arg_max(c.value, v.version) AS revenue
FROM versions v JOIN candidates c ON c.cid = v.cid
WHERE c.concept = 'revenues' AND c.segment IS NULL AND c.counterparty IS NULL AND c.period_start IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT company, scope, unit, NULL, period_end, arg_max(revenue, (-epoch(period_start), revenue)) FROM (
  SELECT c.company, c.scope, c.unit, c.period_start, c.period_end, arg_max(c.value, v.version) AS revenue
  FROM versions v JOIN candidates c ON c.cid = v.cid
  WHERE c.concept = 'revenues' AND c.segment IS NULL AND c.counterparty IS NULL AND c.period_start IS NOT NULL
  GROUP BY ALL
) GROUP BY company, scope, unit, period_end"""

# Of an earlier figure f and a later one l, and the revenue y of the period.
_SIZES = f"""l.value - f.value AS change,
  CASE WHEN f.value <> 0 THEN ((l.value - f.value) / abs(f.value)::DOUBLE)::DECIMAL(38,10) END AS relative_change,
  CASE WHEN y.revenue > 0 THEN (abs(l.value - f.value) / y.revenue::DOUBLE)::DECIMAL(38,10) END AS share_of_revenue,
  CASE WHEN {{explained}} THEN 'below_threshold'
       WHEN sign(l.value) * sign(f.value) = -1 THEN 'material'
       WHEN abs(l.value - f.value) >= {OF_FIGURE} * abs(f.value)
         AND (y.revenue IS NULL OR y.revenue <= 0 OR abs(l.value - f.value) >= {OF_REVENUE} * y.revenue) THEN 'material'
       ELSE 'below_threshold' END AS materiality"""

_WITH_REVENUE = """LEFT JOIN period_revenues y ON y.company = l.company AND y.scope = l.scope AND y.unit = l.unit
  AND y.period_end = l.period_end AND y.period_start IS NOT DISTINCT FROM l.period_start"""

_REVISIONS = f"""
INSERT INTO core.revisions BY NAME
SELECT r.figure_id, l.company, l.concept, l.segment, l.counterparty, l.period_start, l.period_end, l.unit,
  CASE WHEN {AGREES.format(l="l", s="f")} THEN 'refinement'
       WHEN p.figure_id IS NOT NULL THEN 'split'
       WHEN {SAYS.format(alias="l", words=RESTATED)} THEN 'restatement'
       WHEN {SAYS.format(alias="l", words=RECAST)} OR b.figure_id IS NOT NULL THEN 'recast'
       WHEN c.figure_id IS NOT NULL THEN 'reclassification'
       WHEN f.assurance = 'unaudited' AND l.assurance = 'audited' THEN 'audit_adjustment'
       ELSE 'unexplained' END AS kind,
  {_SIZES.format(explained="p.figure_id IS NOT NULL")},
  md5(f.figure_id || chr(31) || f.document_id) AS first_fact_id,
  md5(l.figure_id || chr(31) || l.document_id) AS later_fact_id,
  f.value AS first_value, l.value AS later_value, f.document_id AS first_document_id,
  l.document_id AS later_document_id, f.known_at AS first_known_at, l.known_at AS later_known_at
FROM changes r JOIN candidates f ON f.cid = r.first_cid JOIN candidates l ON l.cid = r.later_cid
LEFT JOIN reclassified c ON c.figure_id = r.figure_id AND c.version = r.version
LEFT JOIN ({SPLIT_BETWEEN.format(changes="changes")}) p ON p.figure_id = r.figure_id AND p.version = r.version
LEFT JOIN (
  SELECT DISTINCT r.figure_id, r.version FROM changes r JOIN candidates f ON f.cid = r.first_cid
  JOIN candidates l ON l.cid = r.later_cid
  JOIN core.breaks b ON b.company = l.company AND b.concept = l.concept AND b.segment IS NOT DISTINCT FROM l.segment
    AND l.counterparty IS NULL
    AND l.period_end < b.break_date
    AND (b.document_id = l.document_id
      OR b.origin = 'declared' AND b.kind <> 'perimeter' AND b.break_date > f.known_at AND b.break_date <= l.known_at)
) b ON b.figure_id = r.figure_id AND b.version = r.version
{_WITH_REVENUE}
ORDER BY l.cid"""

# Figures of a superseded transcript (f) beside those of the original that took its place (l; w is the fact).
_REPLACED = f"""
CREATE OR REPLACE TEMP TABLE replaced AS
WITH pairs AS (
  SELECT t.document_id AS transcript, o.document_id AS original
  FROM raw.documents t JOIN raw.filings ft ON ft.filing_id = t.filing_id
  JOIN raw.documents o ON o.company = t.company AND o.type = t.type AND o.kind = 'original' AND o.status = 'accepted'
  JOIN raw.filings fo ON fo.filing_id = o.filing_id AND fo.period_of_report = ft.period_of_report
    AND regexp_replace(fo.form, '/A$', '') = regexp_replace(ft.form, '/A$', '')
  WHERE t.status = 'superseded' AND t.kind = 'transcript'
)
SELECT f.cid AS first_cid, l.cid AS later_cid, w.cid AS version_cid, {FLIPPED.format(l="l", s="f")} AS flipped
FROM pairs p
JOIN document_figures t ON t.document_id = p.transcript
JOIN attached o ON o.document_id = p.original AND o.figure_id = t.figure_id
JOIN candidates f ON f.cid = t.cid JOIN candidates l ON l.cid = o.cid JOIN candidates w ON w.cid = o.version_cid
WHERE NOT ({AGREES.format(l="l", s="f")})
QUALIFY row_number() OVER (PARTITION BY f.cid, w.cid ORDER BY l.cid) = 1"""

_TRANSCRIPTIONS = f"""
INSERT INTO core.revisions BY NAME
SELECT l.figure_id, l.company, l.concept, l.segment, l.counterparty, l.period_start, l.period_end, l.unit, 'transcription' AS kind,
  {_SIZES.format(explained="false")},
  md5(f.figure_id || chr(31) || f.document_id) AS first_fact_id,
  md5(w.figure_id || chr(31) || w.document_id) AS later_fact_id,
  f.value AS first_value, l.value AS later_value, f.document_id AS first_document_id,
  l.document_id AS later_document_id, f.known_at AS first_known_at, l.known_at AS later_known_at
FROM replaced r JOIN candidates f ON f.cid = r.first_cid JOIN candidates l ON l.cid = r.later_cid
JOIN candidates w ON w.cid = r.version_cid
{_WITH_REVENUE}
WHERE NOT r.flipped
ORDER BY f.cid, l.cid"""

# A transcript that prints the opposite is a suspect reading like any other, and no revision.
_OPPOSITES = f"""
INSERT INTO core.conflicts BY NAME
SELECT md5(w.figure_id || chr(31) || w.document_id) AS fact_id, {KEY}, 'opposite_sign' AS kind, c.value, c.decimals,
  c.value - w.value AS deviation, c.half + w.half AS allowed, {PLACE}
FROM replaced r JOIN candidates c ON c.cid = r.first_cid JOIN candidates w ON w.cid = r.version_cid
WHERE r.flipped
ORDER BY c.cid"""


def fill_revisions(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `core.revisions` from the temporary tables of candidates.py and versions.py, and add a transcript's opposite signs to `core.conflicts`."""
    for statement in (_CHANGES, _RECLASSIFIED, _REVENUES, _REVISIONS, _REPLACED, _TRANSCRIPTIONS, _OPPOSITES):
        con.execute(statement)
    for name in ("changes", "reclassified", "period_revenues", "replaced"):
        con.execute(f"DROP TABLE {name}")
