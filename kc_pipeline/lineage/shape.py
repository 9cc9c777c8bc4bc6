"""The shape of a trail as JSON: its keys, from the one declaration, and their reference for the docs.

Belongs here: which keys stand where. Does not belong here: filling them (trail.py).
"""

from kc_pipeline.schema import table

DOCUMENT_KEYS = (
    "sha256",
    "document_kind",
    "document_type",
    "document_title",
    "exhibit",
    "transcript_of",
    "document_path",
    "url",
    "accession",
    "form",
    "filing_date",
    "filing_date_precision",
)
PLAIN_FACT_KEYS = (*table("core.facts").column_names, *DOCUMENT_KEYS)
FACT_KEYS = (*PLAIN_FACT_KEYS, "headings", "other_versions", "revisions", "sightings", "conflicts")
SIGHTING_KEYS = (*table("core.sightings").column_names, "document_title", "document_kind")
CONFLICT_KEYS = (*table("core.conflicts").column_names, "document_title", "document_kind")
WAITING_KEYS = ("document_id", "check_name", "reason")
REVISION_KEYS = table("core.revisions").column_names
KPI_KEYS = ("kind", *table("marts.kpis").column_names, "inputs", "waiting")
ABSENT_KEYS = ("kind", *table("marts.kpi_absent").column_names, "waiting")
CONCEPT_KEYS = ("kind", "company", "period", "name", "facts", "waiting")


def reference_markdown() -> str:
    """Return the page that documents `kc explain --format json`."""

    def listed(keys: tuple[str, ...]) -> str:
        return ", ".join(f"`{k}`" for k in keys)

    return f"""# `kc explain COMPANY PERIOD NAME --format json`

Generated from the declaration (`make docs`). Decimals and dates are strings; what is not known is null. A key that
has the name of a column means what the column means ([tables](tables.md)). The same trail in SQL is
`marts.figure_trail`.

`kind` says what the object is.

* `kpi`: {listed(KPI_KEYS)}. `inputs` is a list of objects with `role` (what the fact is in the formula:
  `revenues`, `revenues[-4q]`, `stated`) and `fact`.
* `concept`: {listed(CONCEPT_KEYS)}. `facts` is a list of facts, one per scope, unit and counterparty.
* `absent`: {listed(ABSENT_KEYS)}: a KPI that could not be had, with the reason.

A fact: {listed(FACT_KEYS)}.

* `headings`: the headings above the row, outermost first, without rows that only looked like headings; `section` has
  them as read.
* `other_versions`: facts of the same figure in other documents, without the last five keys.
* `revisions`: rows of `core.revisions`: {listed(REVISION_KEYS)}.
* `sightings`: repeats that agree: {listed(SIGHTING_KEYS)}.
* `conflicts`: figures that contradict and did not displace it: {listed(CONFLICT_KEYS)}.
* `waiting`: documents of the period that are kept out until somebody decides: {listed(WAITING_KEYS)}.
* a fact whose `origin` is `derived` has `inputs` besides: objects with `weight` and `fact`.
"""
