"""Where the tables of a serialised page stand, for the tools that rewrite pages."""

import re

_TABLE = re.compile(r"<(/?)table\b[^>]*>", re.I)


def table_spans(html: str) -> list[tuple[int, int]]:
    """Start and end of every table in document order."""
    out: list[tuple[int, int]] = []
    stack: list[int] = []
    for tag in _TABLE.finditer(html):
        if not tag[1]:
            stack.append(len(out))
            out.append((tag.start(), len(html)))
        elif stack:
            index = stack.pop()
            out[index] = (out[index][0], tag.end())
    return out
