"""The brief as Markdown and as one self-contained HTML page."""

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined

from kc_pipeline.brief.quarterly import Brief
from kc_pipeline.escape import html, markdown

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { border-bottom: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { background: #f5f5f3; }
blockquote { margin: 1rem 0; padding: .6rem 1rem; background: #fff7e0; border-left: 4px solid #d9a400; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
li { margin: .25rem 0; overflow-wrap: anywhere; }
code { font: inherit; overflow-wrap: anywhere; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'"
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="referrer" content="no-referrer"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>{style}</style></head><body>
{body}</body></html>
"""


def to_markdown(brief: Brief) -> str:
    """Return the brief as Markdown."""
    environment = Environment(
        loader=PackageLoader("kc_pipeline.brief"),
        undefined=StrictUndefined,
        autoescape=False,  # Markdown out, not HTML
        finalize=lambda value: markdown(str(value)),  # markup stands in the template; no value brings any
        keep_trailing_newline=True,
    )
    return environment.get_template("quarterly.md.jinja").render(b=brief)


def to_html(brief: Brief) -> str:
    """Return the brief as one HTML page that loads nothing and runs nothing."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.disable(["image", "link", "autolink", "reference", "html_block", "html_inline"])
    return _PAGE.format(
        title=html(f"{brief.company} {brief.period}"),
        policy=_POLICY,
        style=_STYLE,
        body=reader.render(to_markdown(brief)),
    )
