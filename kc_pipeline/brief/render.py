"""The brief as Markdown and as one self-contained HTML page."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from kc_pipeline.brief.quarterly import Brief

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 64rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }}
table {{ border-collapse: collapse; width: 100%; font-size: .9rem; }}
th, td {{ border-bottom: 1px solid #ddd; padding: .35rem .6rem; text-align: left; vertical-align: top; }}
th {{ background: #f5f5f3; }}
blockquote {{ margin: 1rem 0; padding: .6rem 1rem; background: #fff7e0; border-left: 4px solid #d9a400; }}
h1 {{ font-size: 1.6rem; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
li {{ margin: .25rem 0; overflow-wrap: anywhere; }}
</style></head><body>
{body}</body></html>
"""


def to_markdown(brief: Brief) -> str:
    """Return the brief as Markdown."""
    environment = Environment(
        loader=PackageLoader("kc_pipeline.brief"),
        undefined=StrictUndefined,
        autoescape=False,  # Markdown out; HTML is made by the Markdown renderer, which escapes
        keep_trailing_newline=True,
    )
    return environment.get_template("quarterly.md.jinja").render(b=brief)


def to_html(brief: Brief) -> str:
    """Return the brief as one HTML page without outside resources; raw HTML in a quote is escaped."""
    from html import escape

    from markdown_it import MarkdownIt

    body = MarkdownIt("commonmark", {"html": False}).enable("table").render(to_markdown(brief))
    return _PAGE.format(title=escape(f"{brief.company} {brief.period}"), body=body)
