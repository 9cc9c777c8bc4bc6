"""Where things lie and which companies are followed.

Belongs here: environment variables, paths below KC_DATA, and `companies.toml` and packs, validated. Does not belong
here: anything about how a filing is read.
"""

from kc_pipeline.config.companies import Company, ConfigurationError, Segment
from kc_pipeline.config.followed import followed, following
from kc_pipeline.config.packs import load_companies
from kc_pipeline.config.settings import CHECKOUT, Settings

__all__ = [
    "CHECKOUT",
    "Company",
    "ConfigurationError",
    "Segment",
    "Settings",
    "followed",
    "following",
    "load_companies",
]
