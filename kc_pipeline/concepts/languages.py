"""Labels printed in two languages: the part in which they are read.

Belongs here: which part of a bilingual label is the English one. Does not belong here: what it means (catalogue.toml).
"""

import re
from collections.abc import Sequence

_SCRIPT = "\u0400-\u1dff\u3040-\ua97f\uac00-\ud7af\uf900-\ufaff"  # letters of scripts that are neither Latin nor Greek
_OTHER = re.compile(f"[{_SCRIPT}]")
_LATIN = re.compile(r"[A-Za-z]+")
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_ADJUSTED = re.compile(r"調整|调整")
_LONG = 6  # letters of a word in capitals that is no abbreviation
_BEFORE = " \t([（/|·•-–—;；,，、"
_AFTER = " \t)]）/|·•-–—:：;；,，、"
_PARTED = re.compile(r"\s(?:/|\||–|—|•|·)\s")
_ENGLISH = re.compile(
    r"total|net|income|loss|profit|profits|assets|liabilities|equity|revenue|revenues|sales|cost|costs"
    r"|expense|expenses|cash|tax|taxes|operating|gross|shares|share|before|from|and|of|the|other"
    r"|current|interest|earnings|capital|payable|receivable|receivables|inventories|property|equipment"
    r"|goodwill|debt|stock|activities|used|provided|by|in|for|period|year|per|basic|diluted"
    r"|attributable|shareholders|owners|administrative|general|selling|research|development|financial"
    r"|finance",
    re.I,
)
_LEAST = 3


def in_latin(label: str) -> str:
    """Return the Latin part of a label printed in two scripts, `Total assets` of `資產總值 Total assets`.

    A label that mixes them (`IDC成本`, `Azure云的收入`, an abbreviation beside words) stays as it is.
    """
    if label.isascii() or _OTHER.search(label) is None:
        return label
    text = _BRACKETS.sub(_latin_aside, label)
    marks = [m.start() for m in _OTHER.finditer(text)]
    if not marks:
        return text
    first, last = marks[0], marks[-1] + 1
    head, foreign, tail = text[:first], text[first:last], text[last:]
    aside = tail.strip() if _BRACKETS.fullmatch(tail.strip()) else ""
    if _LATIN.search(foreign) or (_LATIN.search(head) and _LATIN.search(tail) and not aside):
        return label
    part = f"{head.rstrip(_BEFORE)} {aside}" if _LATIN.search(head) else tail.lstrip(_AFTER)
    words = _LATIN.findall(part)
    if not (len(words) > 1 or any(len(w) >= _LONG or (len(w) > 2 and not w.isupper()) for w in words)):
        return label
    if _ADJUSTED.search(foreign) and "adjust" not in part.lower():
        return label
    part = part.strip()
    return part + (":" if label[-1] in ":：" and part[-1] != ":" else "")


def _latin_aside(found: re.Match[str]) -> str:
    """Return an aside of both scripts without the other one: `(RMB 人民幣元)` is `(RMB)`."""
    inside = found[0][1:-1]
    if not (_LATIN.search(inside) and _OTHER.search(inside)):
        return found[0]
    return f"({' '.join(_OTHER.sub('', inside).split())})"


def in_one_language(labels: Sequence[str]) -> list[str]:
    """Return the labels of a table in one language.

    Besides labels in two scripts, those of a table that prints most of them twice with a stroke between,
    `Revenue / Produits`: the side with more English words is taken.
    """
    out = [in_latin(label) for label in labels]
    sides = [_PARTED.split(label) for label in out]
    pairs = [s for s in sides if len(s) == 2]
    if len(pairs) < _LEAST or len(pairs) * 3 < 2 * sum(bool(label) for label in labels):
        return out
    known = [sum(map(_is_english, (s[side] for s in pairs))) for side in (0, 1)]
    best = 0 if known[0] > known[1] else 1
    if known[best] * 2 < len(pairs) or known[1 - best] * 2 > known[best]:
        return out
    return [s[best].strip() if len(s) == 2 else label for s, label in zip(sides, out, strict=True)]


def _is_english(text: str) -> bool:
    """Say whether most words of a text are those of English statements."""
    words = text.split()
    return sum(_ENGLISH.fullmatch(w.strip("(),.:")) is not None for w in words) * 2 >= len(words) > 0
