"""What one cell holds: a figure, a symbol that belongs to its neighbour, a nil dash, or words."""

import re
from functools import lru_cache
from typing import NamedTuple

from kc_pipeline.extraction.vocabulary import CELL_SIGNS, HEADING_SCALES

CURRENCY_SIGNS = CELL_SIGNS

_CURRENCY = "|".join(re.escape(s) for s in sorted(CURRENCY_SIGNS, key=len, reverse=True))
_FIGURE = re.compile(
    rf"(?P<cur>{_CURRENCY})?\s*(?P<open>\()?\s*(?P<minus>[-−–‒—])?\s*(?P<cur2>{_CURRENCY})?\s*(?P<open2>\()?\s*(?P<minus2>[-−–])?\s*"
    r"(?P<digits>\d{1,3}(?:,\s?\d{3})+(?:\.\d+)?|\d{1,3}(?:['’]\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d{1,3}(?:\.\d{3}){2,}|\d+(?:\.\d+)?|\.\d+)\s*"
    r"(?P<scale>million|billion|thousand|[mM]n|bn)?\s*"
    r"(?P<pct>%|pts?\.?|p\.p\.|bps|bp|pp|points?|[xX](?!\w)|ppts?|basis points)?\s*(?P<close>\))?\s*(?P<pct2>%|pts?\.?|p\.p\.|bps|pp|[xX](?!\w))?"
    r"\s*(?P<trail>[-−])?\s*(?P<mark>(?:\(\w{1,3}\)|\[\w{1,2}\]|[*†‡§#^]+|[¹²³⁴⁵⁶⁷⁸⁹]+)(?:,?\s*(?:\(\w{1,3}\)|[*†‡§]))*)?"
)
_DASH = re.compile(
    rf"(?P<cur>{_CURRENCY})?\s*\(?\s*(?:[-−–—‒―](?:\s?[-−–—‒―]){{0,2}}|nil|Nil|NIL)\s*(?P<pct>%)?\s*\)?\s*(?P<pct2>%)?"
)
_PREFIX = re.compile(
    rf"(?P<cur>{_CURRENCY})\s*(?P<open>\()?\s*(?P<minus>[-−–])?|(?P<open2>\()\s*(?P<cur2>{_CURRENCY})?|[-−](?=$)"
)
_SUFFIX = re.compile(
    r"\)?\s*(?P<pct>%|pts?\.?|p\.p\.|bps|bp|pp|ppts?|[xX]|points?)?\s*\)?\s*(?P<mark>(?:\(\w{1,2}\)|\[\w{1,2}\]|[*†‡§#]+)(?:,?\s*(?:\(\w{1,2}\)))*)?"
)
_PLAIN_FIGURE = re.compile(r"(\()?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)((?:\.[0-9]+)?)(%?)(\)?)")


class Token(NamedTuple):
    """One cell's text, read.

    kind: `figure`, `dash` (nil), `prefix` (sign or opening parenthesis of the next cell), `suffix` (closing
    parenthesis or percent of the cell before), `mark` (a footnote mark), `none` (not available), `text`.
    """

    kind: str
    digits: str = ""
    negative: bool = False
    percent: bool = False
    currency: str | None = None
    open: bool = False
    closed: bool = False
    decimals: int = 0
    grouped: bool = False
    year: int = 0
    multiplier: int = 0
    power: int = -2  # of ten, by which a figure with a percent sign, points, basis points or `x` is scaled
    unread: bool = (
        False  # a text that must be a figure, by its characters, but is none that can be read: 78.41,000
    )


_TEXT = Token("text")
_UNREAD = Token("text", unread=True)
_NONE = Token("none")
_MARK = Token("mark")
_NOT_AVAILABLE = frozenset(
    [
        "n/a",
        "na",
        "n.a.",
        "n/m",
        "nm",
        "n.m.",
        "*nm",
        "*n/m",
        "nmf",
        "n.m",
        "***",
        "**",
        "not",
        "meaningful",
        "n/a%",
        "nm%",
        "not",
        "applicable",
        "n.m.f.",
        "<1%",
        "n/a.",
        "--%",
        "tbd",
    ]
)
_SCALES = {word: HEADING_SCALES[word] for word in ("million", "mn", "billion", "bn", "thousand")}


# full-width digits and signs, as East Asian pages print them, and the brackets and signs like them
_WIDE = {0xFF10 + n: ord("0") + n for n in range(10)} | str.maketrans(
    "，．（）［］％＄－＋﹣〔〕", ",.()[]%$-+-()"
)


@lru_cache(maxsize=65536)
def token(text: str) -> Token:
    """Read the text of one cell (white space folded)."""
    if len(text) > 40:
        return _TEXT
    first = text[0] if text else ""
    if first.isalpha() and len(text) > 6 and not any(c.isdigit() for c in text):
        return _NONE if text.lower() in _NOT_AVAILABLE else _TEXT
    found = _PLAIN_FIGURE.fullmatch(text)
    if found:
        return _plain_figure(text, found)
    if not text.isascii():
        text = text.translate(_WIDE)
    found = _FIGURE.fullmatch(text)
    if found:
        return _figure(text, found)
    found = _DASH.fullmatch(text)
    if found:
        currency = found["cur"]
        return Token(
            "dash",
            currency=CURRENCY_SIGNS[currency] if currency else None,
            percent=bool(found["pct"] or found["pct2"]),
            open=text.startswith("("),
        )
    if text.lower() in _NOT_AVAILABLE:
        return _NONE
    found = _PREFIX.fullmatch(text)
    if found:
        currency = found["cur"] or found["cur2"]
        opened = bool(found["open"] or found["open2"])
        return Token(
            "prefix",
            currency=CURRENCY_SIGNS[currency] if currency else None,
            open=opened,
            negative=bool(found["minus"]) or text in "-−",
        )
    found = _SUFFIX.fullmatch(text)
    if found:
        if found["pct"] or ")" in text.split("(")[0]:
            return Token("suffix", percent=bool(found["pct"]), closed=")" in text, power=_power(found["pct"]))
        return _MARK
    return _minor_figure(text) or (_UNREAD if _must_be_figure(text) else _TEXT)


# an amount in a minor unit, which stands behind it: 45.2p, (3.1)c, HK5.0 cents; letters behind longer numbers are marks
_MINOR_FIGURE = re.compile(
    rf"(?P<cur>{_CURRENCY}|HK(?=\s?\d))?\s?(?P<open>\()?(?P<minus>[-−–])?(?P<digits>\d{{1,3}}(?:\.\d+)?)(?P<close>\))?\s?"
    r"(?P<minor>p|c|¢|cents?|pence|fen|sen)(?P<close2>\))?"
)


def _minor_figure(text: str) -> Token | None:
    """Read an amount whose minor unit stands behind it, else None."""
    found = _MINOR_FIGURE.fullmatch(text)
    if found is None:
        return None
    if len(found["minor"]) == 1 and found["minor"] != "¢" and "." not in found["digits"]:
        return _UNREAD  # 12p is twelve pence, or 12 with a mark
    currency = found["cur"]
    opened, closed = bool(found["open"]), bool(found["close"] or found["close2"])
    return Token(
        "figure",
        digits=found["digits"],
        negative=opened or closed or bool(found["minus"]),
        currency=CURRENCY_SIGNS.get(currency, "HKD") if currency else None,
        open=opened and not closed,
        closed=closed,
        decimals=len(found["digits"].partition(".")[2]),
        multiplier=-2,
    )


def _plain_figure(text: str, found: re.Match[str]) -> Token:
    """Read a figure without currency, words and footnote marks: most of them."""
    opened, whole, fraction, percent, closed = found.groups()
    year = int(whole) if len(text) == 4 and len(whole) == 4 and 1985 <= int(whole) <= 2045 else 0
    return Token(
        "figure",
        digits=whole.replace(",", "") + fraction,
        negative=bool(opened or closed),
        percent=bool(percent),
        open=bool(opened) and not closed,
        closed=bool(closed),
        decimals=max(0, len(fraction) - 1),
        grouped="," in whole,
        year=year,
    )


_LIKE_A_FIGURE = re.compile(r"[^A-Za-z:/<>]*\d[^A-Za-z:/<>]*")
_SEPARATED = re.compile(r"\d[.,'’`·٬]\d|\d[\s]\d|[\[({]\s*\d|\d\s*[\])}]|[△▲Δ∆▼▽\ufffd]\s?\d")
# a figure with thousands among a few letters and signs (12,345 TEUR, 1,800 CR, -/-10,220), or with a letter glued on
_AMONG_LETTERS = re.compile(
    r"(?:[^\W\d]{1,4}|[^\w,;:]){0,4}\d{1,3}(?:[.,'’` ·٬]\d{3})+(?:[.,]\d+)?\s?(?:[^\w,;:]|[^\W\d]{1,4}\b){0,4}"
    r"|[-−–($€£¥ ]{0,4}\d{3,}[a-z]\)?"
)
_NO_FIGURE = re.compile(
    r"\d\s*%?\s*[-–—]\s*[$€£¥]?\s*\d"  # a range
    r"|\d{1,2}[. ]\d{1,2}[. ](?:\d\d)?\d\d\b|(?<![\d.,])(?:19|20)\d\d(?:\.|\s|年|$)"  # a day, a year
)


def _must_be_figure(text: str) -> bool:
    """Return whether a text that cannot be read must be a figure, by its characters."""
    if not any(c.isdigit() for c in text) or _NO_FIGURE.search(text):
        return False
    like = _LIKE_A_FIGURE.fullmatch(text) and _SEPARATED.search(text)
    return bool(like or _AMONG_LETTERS.fullmatch(text))


_SEPARATORS = str.maketrans("", "", ",'’ ")


def _figure(text: str, found: re.Match[str]) -> Token:
    digits = found["digits"]
    grouped = not digits.replace(".", "", 1).isdigit()
    if digits.count(".") > 1 or (
        "," in digits and digits.find(".") >= 0 and digits.find(".") < digits.find(",")
    ):
        # 1.234.567 and 1.234,5: points between groups, a comma before decimals
        digits = digits.replace(".", "").replace(",", ".")
    digits = digits.translate(_SEPARATORS)
    opened = bool(found["open"] or found["open2"])
    closed = bool(found["close"])
    if closed and not opened and not text.endswith(")"):
        return _TEXT
    dash = found["minus"] or found["minus2"] or ""
    currency = found["cur"] or found["cur2"]
    point = digits.find(".")
    mark = found["mark"] or ""
    if opened and not closed and mark and ")" in mark:
        return _TEXT
    return Token(
        "figure",
        digits=digits,
        negative=opened or bool(dash) or bool(found["trail"]) or (closed and not opened),
        percent=bool(found["pct"] or found["pct2"]),
        currency=CURRENCY_SIGNS[currency] if currency else None,
        open=opened and not closed,
        closed=closed,
        decimals=0 if point < 0 else len(digits) - point - 1,
        grouped=grouped,
        year=_year(text, digits, mark),
        multiplier=_SCALES.get((found["scale"] or "").lower(), 0),
        power=_power(found["pct"] or found["pct2"]),
    )


def _year(text: str, digits: str, mark: str) -> int:
    """Return the year that four digits name, with or without a footnote mark, else 0."""
    if len(digits) != 4 or not digits.isdigit() or text != digits + mark:
        return 0
    return int(digits) if 1985 <= int(digits) <= 2045 else 0


def _power(sign: str | None) -> int:
    """Return the power of ten for a sign behind a figure: % and points -2, basis points -4, a multiple (x) 0."""
    sign = (sign or "").lower()
    return -4 if sign in ("bps", "bp", "basis points") else 0 if sign == "x" else -2
