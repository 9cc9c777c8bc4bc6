"""Small documents for the tests."""

from kc_pipeline.extraction import read
from kc_pipeline.extraction.model import Extraction, Line


def page(
    body: str,
    lead: str = "<p>Consolidated Statements of Income</p><p>(In thousands, except per share data)</p>",
) -> bytes:
    return f"<html><head><title>T</title></head><body>{lead}{body}</body></html>".encode()


def row(*cells: str) -> str:
    return "<tr>" + "".join(c if c.startswith("<td") else f"<td>{c}</td>" for c in cells) + "</tr>"


def table(*rows: str) -> str:
    return "<table>" + "".join(rows) + "</table>"


def lines(body: str, **kwargs: str) -> list[Line]:
    return read(page(body, **kwargs)).lines


def brief(found: list[Line]) -> list[tuple[str, str, str, str | None, int | None]]:
    """(label, value, unit, period end, months) of each line."""
    return [
        (x.label, f"{x.value:f}", x.unit, str(x.period_end) if x.period_end else None, x.months)
        for x in found
    ]


def codes(extraction: Extraction) -> set[str]:
    return {w.code for w in extraction.warnings}
