"""The title of a document: its own, or the headline that a reader sees where its own names only a file or an exhibit."""

import re
from collections.abc import Iterable

LINES = 60
"""How many of a document's first lines may hold its headline."""
_FEWEST, _MOST = 3, 40  # words of a headline
_OF_A_COVER = 6  # words of a line that names the form, at most
# What an agent's or a form's title says instead of a title.
_NO_TITLE = re.compile(
    r"(?:document|untitled.*|microsoft word.*|(?:converted|filed|created|prepared) by.*|edgar.*|\W*(?:ex|exhibit)\b.*|[\w.-]+\.\w{2,5}|[\w-]*\d[\w-]*"
    r"|sec(?:urities and exchange commission)?)?",
    re.IGNORECASE,
)
_FORM = re.compile(r"\bform\s+(\d{1,2}-[a-z](?:/a)?|[a-z]-\d)(?![\w-])", re.IGNORECASE)
_OF_EXHIBITS = ("6-K", "8-K")  # forms whose text is a release
_HEADLINE = re.compile(
    r"\b(?:announces?|announced|reports?|reported|results?|statements?|accounts|discussion and analysis|supplement"
    r"|presentation|release)\b|公告|业绩|業績|报告|報告",
    re.IGNORECASE,
)
# Lines of covers and mastheads that are no headline.
_COVER = re.compile(
    r"pursuant to|foreign private issuer|for immediate release|press release$|news release$|table of contents|mark one"
    r"|securities and exchange commission|check mark|commission file|foreign issuer|forward.looking|former name|basis of presentation",
    re.IGNORECASE,
)


def title_of(own: str, lines: Iterable[str]) -> str:
    """Return the title of a document; the form of a filing where nothing else names it, else what it calls itself.

    Args:
        own: the text of its `title` element
        lines: the first lines of its running text
    """
    own = " ".join(own.split())
    if len(own.split()) >= _FEWEST and not _NO_TITLE.fullmatch(own):
        return own
    form = _FORM.search(own)
    for line in lines:
        words = " ".join(line.split())
        if form is None and len(words.split()) <= _OF_A_COVER:
            form = _FORM.search(words)
        if form is not None and form[1].upper()[:3] not in _OF_EXHIBITS:
            break  # the form is the document; its headings are those of parts
        if _is_headline(words):
            return words if form is None else f"{_name(form)}: {words}"
    if form is not None:
        return _name(form)
    return "" if _NO_TITLE.fullmatch(own) else own


def _is_headline(words: str) -> bool:
    return (
        _FEWEST <= len(words.split()) <= _MOST
        and not words.endswith((".", ":", ";", ","))
        and _HEADLINE.search(words) is not None
        and _COVER.search(words) is None
        and _FORM.search(words) is None
    )


def _name(form: re.Match[str]) -> str:
    return f"Form {form[1].upper()}"
