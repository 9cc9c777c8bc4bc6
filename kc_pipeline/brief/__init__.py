"""The quarterly brief: what the filings say about a quarter, each number with its source.

Belongs here: choosing and wording what is known. Does not belong here: computing a figure that is not in the
warehouse; what is missing is said to be missing.
"""

from kc_pipeline.brief.make import make_brief
from kc_pipeline.brief.quarterly import Brief, quarterly_brief
from kc_pipeline.brief.render import to_html, to_markdown

__all__ = ["Brief", "make_brief", "quarterly_brief", "to_html", "to_markdown"]
