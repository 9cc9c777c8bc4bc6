"""Tables in Markdown, for Dagster's metadata."""

from collections.abc import Iterable, Sequence

from kc_pipeline.escape import markdown
from kc_pipeline.lineage.trail import jsonable

WIDTH = 60


def markdown_table(headers: Sequence[str], rows: Iterable[Sequence[object]], width: int = WIDTH) -> str:
    """Return a Markdown table that shows every cell as text; long cells are cut to `width` characters."""
    lines = ["| " + " | ".join(headers) + " |", "|" + " --- |" * len(headers)]
    lines += ["| " + " | ".join(_cell(value, width) for value in row) + " |" for row in rows]
    return "\n".join(lines)


def _cell(value: object, width: int) -> str:
    text = "" if value is None else str(jsonable(value))
    if len(text) > width:
        text = text[: width - 1] + "…"
    return markdown(text)
