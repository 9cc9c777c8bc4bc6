"""What to answer to a name that nobody knows: the closest ones there are."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

LISTED = 12


def what_there_is(text: str, known: Iterable[str], also: Mapping[str, str] | None = None) -> str:
    """Return the rest of a sentence about an unknown name: close ones, else (or where they are few) all that there are.

    Args:
        text: the name as typed
        known: the names that there are
        also: other words for some of them (``Acme Holdings Limited``: ``ACME``)
    """
    names = list(dict.fromkeys(known))
    close = close_to(text, names, also or {})
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    if not names:
        return "there are none"
    if len(names) <= LISTED:
        return f"{hint}there are: {', '.join(names)}"
    return hint.strip() or f"there are {len(names)}, such as {', '.join(names[:LISTED])}"


def close_to(text: str, known: Iterable[str], also: Mapping[str, str]) -> list[str]:
    """Return up to three names close to a text, the best first, whatever the case; also by other words for them."""
    plain = text.casefold().replace("-", "_").replace(" ", "_")
    by_word = {k.casefold(): k for k in known}
    close = [by_word[w] for w in get_close_matches(plain, by_word, n=3, cutoff=0.6)]
    if len(plain) >= 3:
        close += [name for words, name in also.items() if text.casefold() in words.casefold()]
        close += sorted((k for w, k in by_word.items() if plain in w), key=len)
    return list(dict.fromkeys(close))[:3]
