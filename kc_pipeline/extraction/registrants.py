"""Whose statements a document holds, where it holds those of more than one company: a combined report of a group and
its subsidiaries, or statements of a company that it invests in.

Belongs here: names of companies over statements. Does not belong here: columns of parts of the group (`columns`),
statements of the parent alone (`statements.scope_of`).
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol

from kc_pipeline.extraction.model import Caution, Line, mark
from kc_pipeline.extraction.statements import PRIMARY, is_statement_title
from kc_pipeline.extraction.vocabulary import AROUND_COMPANIES, COMPANY_FORMS, COMPANY_GENERIC

_LONGEST = 120  # characters of a line that is a company's name and title
_MOST = 10  # words of a name
_REACH = 2  # lines between a statement's title and the name over or under it
_ASIDE = re.compile(r"[(\[][^()\[\]]*[)\]]")
_SUBSIDIARIES = re.compile(
    r",?\s+(?:and|&)\s+(?:its\s+)?(?:consolidated\s+|wholly[\s-]owned\s+)?subsidiar(?:y|ies)(?:\s+compan(?:y|ies))?\b",
    re.I,
)
_TWO = re.compile(
    r"\b(?:corporation|corp|company|incorporated|inc|limited|ltd|llc|l\.l\.c|lp|l\.p|plc)\.?,?\s+(?:and|&)\s",
    re.I,
)
_OF_NO_COMPANY = COMPANY_GENERIC | AROUND_COMPANIES
_SMALL = frozenset(("of", "and", "the", "&", "de", "du", "for", "-", "–"))


class Registrant(NamedTuple):
    """A company as a title names it; `key` tells it from others, however its name is printed."""

    name: str
    key: tuple[str, ...]
    consolidated: bool

    def is_other_than(self, other: "Registrant") -> bool:
        """Return whether two names are of two companies: one may be the other's with `Holdings` or `Group` behind."""
        short, long = sorted((self.key, other.key), key=len)
        return long[: len(short)] != short or not COMPANY_GENERIC.issuperset(long[len(short) :])


@lru_cache(maxsize=4096)
def company_of(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of the company of which a line is the name, alone or with a statement's title; and its key."""
    if len(line) > _LONGEST:
        return "", ()
    text = _SUBSIDIARIES.sub("", _ASIDE.sub(" ", line))
    words = [w for w in re.split(r"\s+|\s*[–—:]\s*", text) if w]
    while words and _plain(words[0]) in AROUND_COMPANIES:
        del words[0]
    while words and _plain(words[-1]) not in COMPANY_FORMS and _plain(words[-1]) in AROUND_COMPANIES | {""}:
        del words[-1]
    if not 2 <= len(words) <= _MOST or _plain(words[-1]) not in COMPANY_FORMS:
        return "", ()
    name = " ".join(words)
    if _TWO.search(name) or not all(map(_of_a_name, words)):
        return "", ()
    key = [_plain(w) for w in words if _plain(w)]
    after = max((i for i, w in enumerate(key) if w in ("of", "the")), default=-1) + 1
    if after and COMPANY_GENERIC.issuperset(key[after:]):
        return "", ()  # the document's own: "Information of the Parent Company"
    while key and key[-1] in COMPANY_GENERIC:
        del key[-1]
    return (name.rstrip(",;"), tuple(key)) if not _OF_NO_COMPANY.issuperset(key) else ("", ())


def _of_a_name(word: str) -> bool:
    return word[0].isupper() or word[0].isdigit() or word in _SMALL or _plain(word) in COMPANY_FORMS


def _plain(word: str) -> str:
    return re.sub(r"[^\w&]", "", word).lower()


class OfCompany(Protocol):
    """What is asked of a table that was read."""

    index: int
    statement: str
    titled: bool
    registrant: Registrant | None
    lines: list[Line]


def registrant_over(lines: Sequence[str]) -> Registrant | None:
    """Return the company that stands with the last title of a statement among the lines over a table."""
    at = next((i for i in range(len(lines) - 1, -1, -1) if is_statement_title(lines[i])), None)
    if at is None:
        return None
    near = sorted(
        range(max(0, at - _REACH), min(len(lines), at + _REACH + 1)), key=lambda i: (abs(i - at), i)
    )
    for i in near:
        name, key = company_of(lines[i])
        if key:
            return Registrant(name, key, "consolidated" in lines[at].lower())
    return None


def set_apart(readings: Sequence[OfCompany]) -> list[Caution]:
    """Set the lines of another company's statements apart, by its name as their member.

    The document's own company is that of the first consolidated statements, or of the first. A statement that names
    nobody and follows another company's may be that one's: it is set apart, and told.
    """
    named = [r.registrant for r in readings if r.registrant is not None and r.statement in PRIMARY]
    own = next((r for r in named if r.consolidated), named[0] if named else None)
    told: list[Caution] = []
    for reading in readings:
        if reading.statement in PRIMARY:
            _set_rows_apart(reading.lines, own)
            told += _own_columns(reading, own)
    if own is None or not any(r.is_other_than(own) for r in named):
        return told
    current = own
    for reading in readings:
        if reading.registrant is not None:
            current = reading.registrant
        elif reading.statement not in PRIMARY or not reading.titled:
            continue
        if not current.is_other_than(own):
            continue
        _set_member(reading.lines, current.name)
        if reading.registrant is None and reading.lines:
            words = f"it follows statements of {current.name} and names no company: read as that one's, not the group's"
            told.append(Caution(reading.index, "registrant_unclear", words))
    return told


def _set_rows_apart(lines: Sequence[Line], own: Registrant | None) -> None:
    """Set rows below another company's name apart, where a table has rows below the names of several."""
    companies = [next((c for h in reversed(x.section) if (c := company_of(h))[1]), ("", ())) for x in lines]
    named = [Registrant(*c, consolidated=False) for c in dict.fromkeys(companies) if c[1]]
    if len(named) < 2:
        return
    first = next((r for r in named if own is not None and not r.is_other_than(own)), named[0])
    for line, (name, key) in zip(lines, companies, strict=True):
        if key and Registrant(name, key, consolidated=False).is_other_than(first):
            line.member = line.member or name


def _own_columns(reading: OfCompany, own: Registrant | None) -> list[Caution]:
    """Take the columns under the document's own company for the whole, where groups of columns stand under several.

    Where no title says whose document it is, it is taken for that of the first company, and told.
    """
    members = dict.fromkeys(x.member for x in reading.lines)
    named = {m: Registrant(*company_of(m), consolidated=False) for m in members if company_of(m)[1]}
    if len(named) < 2 or "" in members:
        return []
    first = next(iter(named.values()))
    if not any(r.is_other_than(first) for r in named.values()):
        return []
    known = own is not None and any(not r.is_other_than(own) for r in named.values())
    whose = own if own is not None and known else first
    lines = [x for x in reading.lines if x.member in named and not named[x.member].is_other_than(whose)]
    for x in lines:
        x.section, x.member, x.statement = x.section[:-1], "", reading.statement
    if known:
        return []
    mark(lines, "registrant_unclear")
    words = (
        f"its columns are of {' and '.join(r.name for r in named.values())}, and no title says whose document it is: "
        f"those of {whose.name} are read as the group's"
    )
    return [Caution(reading.index, "registrant_unclear", words)]


def _set_member(lines: Sequence[Line], name: str) -> None:
    for line in lines:
        line.member = line.member or name
