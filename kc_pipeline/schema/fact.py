"""The columns of a fact, which `core.facts` and its views share."""

from kc_pipeline.schema.declaration import AMOUNT
from kc_pipeline.schema.shared import (
    COMPANY,
    DECIMALS,
    DOCUMENT_ID,
    EVIDENCE,
    KNOWN_AT,
    MONTHS,
    PERIOD_END,
    PERIOD_START,
    PLACE,
    SOURCE,
    UNIT,
    C,
    required,
)

FACT_COLUMNS = (
    C("fact_id", "VARCHAR", "Deterministic hash of the figure's key and its document", required=True),
    C("figure_id", "VARCHAR", "Hash of the figure's key: the same in every version", required=True),
    COMPANY,
    C("scope", "VARCHAR", "consolidated, parent_only, vie or acquiree", required=True),
    C("concept", "VARCHAR", "Concept, as in core.concepts", required=True),
    C("definition_id", "VARCHAR", "Definition of the measure, where it has one (core.definitions)"),
    C("segment", "VARCHAR", "Segment; null for the whole scope"),
    C("counterparty", "VARCHAR", "Counterparty; null for all"),
    PERIOD_START,
    required(PERIOD_END),
    MONTHS,
    required(UNIT),
    C(
        "value",
        AMOUNT,
        "Value in whole units; the sign follows the concept's positive meaning",
        required=True,
    ),
    required(DECIMALS),
    C(
        "half_units",
        "DECIMAL(4,1)",
        "By how many half units of the last stated digit the value may be off: 1 as printed (also where null); "
        "of a derived figure those of its inputs together, rounded up to a tenth",
    ),
    C("basis", "VARCHAR", "gaap, non_gaap or operating", required=True),
    C(
        "origin",
        "VARCHAR",
        "reported: an amount read; stated: a ratio, growth or share that the document states (evidence tells whose words they are); derived: a quarter that "
        "follows from longer periods (core.fact_inputs); its document is that of the input known last",
        required=True,
    ),
    required(EVIDENCE),
    C("assurance", "VARCHAR", "unaudited, audited or null where the document does not say"),
    required(KNOWN_AT),
    C("known_at_precision", "VARCHAR", "second, day or month_estimated", required=True),
    C(
        "version",
        "INTEGER",
        "1 for the first known value of the figure, counting up with each that took its place",
        required=True,
    ),
    DOCUMENT_ID,
    C("filing_id", "VARCHAR", "Filing, as in raw.filings", required=True),
    C("statement", "VARCHAR", "Statement kind of the table, or prose", required=True),
    *PLACE,
    C("section", "VARCHAR", "Headings above the row, outermost first, joined by ' > '"),
    C(
        "label",
        "VARCHAR",
        "Row label as printed, or the sentence; of a derived figure the periods that it is made of",
    ),
    C("column_label", "VARCHAR", "Column headings as printed"),
    C("text", "VARCHAR", "The figure as printed; null of a derived figure, which is printed nowhere"),
    *SOURCE,
    C("mapping_rule", "VARCHAR", "The rule that mapped label to concept"),
    C(
        "sign_rule",
        "VARCHAR",
        "The rule that turned the printed sign into the concept's sign; null where it was kept",
    ),
    C("suspect", "VARCHAR", "Codes of the warnings that contradict the reading; null where nothing does"),
)
