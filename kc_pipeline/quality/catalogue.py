"""All checks, in the order in which they are run and shown."""

from kc_pipeline.quality.facts import FACT_CHECKS
from kc_pipeline.quality.house import HOUSE_CHECKS
from kc_pipeline.quality.marts import MART_CHECKS
from kc_pipeline.quality.model import Check
from kc_pipeline.quality.periods import PERIOD_CHECKS
from kc_pipeline.quality.reading import READING_CHECKS
from kc_pipeline.quality.sections import SECTION_CHECKS
from kc_pipeline.quality.statements import STATEMENT_CHECKS

CATALOGUE: tuple[Check, ...] = (
    *STATEMENT_CHECKS,
    *SECTION_CHECKS,
    *READING_CHECKS,
    *PERIOD_CHECKS,
    *FACT_CHECKS,
    *MART_CHECKS,
    *HOUSE_CHECKS,
)
