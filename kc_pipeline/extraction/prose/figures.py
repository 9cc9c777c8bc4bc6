"""Figures as sentences print them: where they stand, their value, unit and stated precision."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import islice, pairwise
from string import ascii_letters
from typing import NamedTuple

from kc_pipeline.extraction.vocabulary import (
    AHEAD,
    AHEAD_PATTERN,
    BEHIND,
    BEHIND_PATTERN,
    LOOSE,
    MINOR,
    MINOR_PATTERN,
    PER_DOLLAR,
)
from kc_pipeline.extraction.vocabulary import SENTENCE_SCALES as SCALES

MOST_NUMBERS = 40_000  # numbers of one document's prose that are looked at
_SCALE = "(?P<scale>" + "|".join(sorted(SCALES, key=len, reverse=True)) + ")(?![A-Za-z])"
_POINTED = [re.escape(word) for word in AHEAD if word.endswith(".")]  # "Rs.": its point belongs to no number
_ENDS_POINTED = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(_POINTED)})$", re.I)
# The first character decides (a set is searched for quickly), then what follows a digit or a point.
_NUMBER = re.compile(
    r"[\d.](?:(?<=\d)(?:\d?(?:,\d\d)+,\d{3}(?!\d)(?:\.\d+)?|\d{0,2}(?:,\s?\d{3}(?!\d))+(?:\.\s?\d+)?|\d*(?:\.\s?\d+)?)|(?<=\.)"
    + "".join(rf"(?<!{word})" for word in _POINTED)
    + r"\d+)",
    re.I,
)
# What stands right before a number: a sign or bracket, a currency, a sign or bracket.
_LEFT = re.compile(
    r"(?P<neg>\b(?:negative|minus)\s+|-\s?|\()?"
    rf"(?:(?P<cur>(?<![A-Za-z])(?:{AHEAD_PATTERN}))\s?(?P<sign>-\s?|\(\s?|(?:negative|minus)\s+)?)?$",
    re.I,
)
_SIGNS = frozenset("(-.") | {word[-1] for word in AHEAD if not word[-1].isalpha()}
_SIGN_ENDS = frozenset("esES-(. ")  # the last characters of what _LEFT may hold before a blank
_LOWER_LEFT = ("tive", "inus", "euro", "rmb", "cny", "usd")
# Behind a bare number these leave no unit to be read; a count ("was 1,234.") is then told by the verb before it.
_CLOSING = frozenset(",.;:/'\"")
# What the words behind a number start with; "" where more blanks follow.
_PERCENT_STARTS = frozenset(("", *")%-pPbB"))
_WORD_STARTS = frozenset(f(word[0]) for word in (*SCALES, *BEHIND) for f in (str.lower, str.upper)) | {""}
_MINOR_STARTS = frozenset(f(word[0]) for word in MINOR for f in (str.lower, str.upper)) | {""}
_COUNT_STARTS = frozenset(("", "-", *ascii_letters))
# The last letters, before a blank, of words that make a number a figure: _LOWER_LEFT and _COUNTING.
_TOUCHING = frozenset(
    first + second
    for end in ("ve", "us", "ro", "mb", "ny", "sd", "as", "re", "ed", "is")
    for first in (end[0], end[0].upper())
    for second in (end[1], end[1].upper())
)
_AMOUNT = re.compile(rf"(?P<close>\s?\))?(?:\s*-?\s?{_SCALE})?(?P<close2>\s?\))?", re.I)
_PERCENT = re.compile(
    r"(?P<close>\))?(?:\s*(?P<pct>%|percent\b|per\s?cent\b)(?:\s*(?P<points>(?:percentage\s+)?points?\b))?|"
    r"\s*-?(?P<pp>percentage[\s-]+points?|ppts?\b|pp\b|p\.p\.|basis[\s-]+points?|bps\b))",
    re.I,
)
_WORDED = re.compile(
    rf"\s*(?:{_SCALE}\s+)?(?P<cur>{BEHIND_PATTERN})\b",
    re.I,
)
_COUNT = re.compile(
    r"\s*(?P<scale>million|billion)(?![A-Za-z])|"
    r"\s+(?:[a-z-]+\s+){0,2}(?:customers|shares|ADSs|ADS|employees|projects|subscribers)\b",
    re.I,
)
_NIL_VERB = re.compile(r"\b(?:were|was|is|are)\s+$", re.I)
_COUNTING = re.compile(r"\b(?:was|were|totaled|reached|is|are)\s+$", re.I)
_COUNTED = re.compile(r"\s+(?P<what>(?:[a-z-]+\s+){0,2}(?:shares|ADSs|ADS)\b)", re.I)
_ROUGHLY = re.compile(r"\b(?:approximately|about|around|roughly|circa)\s+(?:negative\s+|minus\s+)?$", re.I)
_ROUGH_ENDS = frozenset(("ly", "ut", "nd", "ca", "ve", "us"))
_OPENING = re.compile(r"\s*\(\s*(?:or|approximately|equivalent to|about)?\s*$", re.I)
_PER = re.compile(r"\s*(?:\)\s*)?(?:per|for each|/)\s*(?P<what>(?:(?:basic|diluted|ordinary|common|fully)[\s,]+(?:and\s+)?"
                  r"){0,3}(?:share|ADS|ADR|American\s+depositary\s+share)s?\b)", re.I)  # fmt: skip
# "The offering price per ADS was US$11.27": the words in front of an amount say what it is for.
_PER_AHEAD = re.compile(r"\bper\s+(?P<what>(?:(?:basic|diluted|ordinary|common|fully|and)[\s,]+){0,3}(?:share|ADS|ADR|American\s+depositary\s+share))"
                        r"(?:\s+(?:both|each|was|were|is|of|at|to|be|set|approximately|about|for|the|in|on)\b){1,4}\s*$", re.I)  # fmt: skip
_COMPARED_WITH = re.compile(
    r"(?:\bcompared\s+(?:with|to)|\bversus|\bvs\.?|\bfrom|\bto|\bagainst|\band|^,)\s*$"
)
_OTHER_SENTENCE = re.compile(r"[.;]\s|\n")
_MINOR = re.compile(rf"\s?(?:{MINOR_PATTERN})(?![A-Za-z])", re.I)
_DEPOSITARY = re.compile(r"ADS|ADR|American", re.I)


@dataclass(slots=True)
class Figure:
    """One printed figure: `kind` is amount, percent, points or count; `value` has the printed sign.

    `signed` says that a sign was printed (a minus, parentheses or the word negative), `doubtful` that the figure beside
    it speaks against its scale.
    """

    start: int
    end: int
    kind: str
    value: Decimal
    unit: str
    decimals: int
    signed: bool = False
    digits: str = ""
    scale: int = 0
    per: str | None = None
    number: tuple[int, int] = (0, 0)
    bracketed: bool = False
    doubtful: bool = False

    def moved(self, offset: int) -> "Figure":
        """Return the figure at other positions."""
        number = self.number[0] + offset, self.number[1] + offset
        return Figure(
            self.start + offset, self.end + offset, self.kind, self.value, self.unit, self.decimals, self.signed,
            self.digits, self.scale, self.per, number, self.bracketed, self.doubtful,
        )  # fmt: skip


class _Left(NamedTuple):
    """What stands before a number: a sign or bracket, the currency and where it starts, a sign or bracket."""

    start: int
    negative: str
    currency: str
    printed: int
    sign: str


def find_figures(text: str, lower: str) -> list[Figure]:
    """Return all figures of a reading copy, in order; `lower` is the text in small letters.

    A figure with decimal places that is called approximate ("approximately RMB88.4 million") has one sure
    digit less than it prints.
    """
    out: list[Figure] = []
    for match in islice(_NUMBER.finditer(text), MOST_NUMBERS):
        first, last = match.span()
        if text[last : last + 1] in _CLOSING and text[first - 1 : first] == " ":
            touching = text[max(0, first - 3) : first - 1]
            if touching not in _TOUCHING and touching[-1:].islower() | (touching[-1:] == ","):
                continue  # most bare numbers: the days and years of dates
        figure = _figure(match, text)
        if figure is not None:
            out.append(figure)
    nils = _nils(text, lower)
    if nils:
        out = sorted(out + nils, key=lambda figure: figure.start)
    out = [figure for i, figure in enumerate(out) if i == 0 or figure.start >= out[i - 1].end]
    for figure in out:
        _look_ahead(figure, text, lower)
    for amount, other in pairwise(out):
        if other.start - amount.end <= 80 and is_convenience(text, amount, other):
            _agree_with_translation(amount, other)
        elif amount.kind == other.kind == "amount" and other.start - amount.end <= 120:
            _agree_with_next(amount, other, lower[amount.end : other.start])
    return out


def _look_ahead(figure: Figure, text: str, lower: str) -> None:
    """Let the words in front of a figure say that it is rough or per share."""
    start = figure.start
    if "." in figure.digits:
        before = text[max(0, start - 30) : start]
        if before.rstrip()[-2:].lower() in _ROUGH_ENDS and _ROUGHLY.search(before):
            figure.decimals -= 1
    if figure.kind == "amount" and figure.scale <= 0 and "/" not in figure.unit:
        before = text[max(0, start - 90) : start]
        ahead = _PER_AHEAD.search(before) if "per" in lower[max(0, start - 90) : start] else None
        if ahead:
            figure.unit += _per_unit(ahead["what"])


def _agree_with_translation(amount: Figure, other: Figure) -> None:
    """Let an amount and its translation in brackets agree on "per share", sign and scale.

    "RMB85.6 (US$12.5 million)" is 85.6 million: the translation proves it, where both figures can be one amount.
    """
    if other.bracketed:
        other.value, other.signed = abs(other.value), False
    if other.per and not amount.per:
        amount.per, amount.unit = other.per, f"{amount.unit}/{other.unit.partition('/')[2]}"
    if "/" in amount.unit and "/" not in other.unit and other.scale <= 0:
        other.unit += f"/{amount.unit.partition('/')[2]}"
    if "/" in amount.unit or "/" in other.unit or not amount.value or not other.value:
        return
    bare, scaled = (amount, other) if not amount.scale else (other, amount)
    if bare.scale or scaled.scale <= 0 or _can_be_one(bare.value, bare.unit, scaled.value, scaled.unit):
        return
    value, decimals = _read(bare.digits, scaled.scale)
    if _can_be_one(value, bare.unit, scaled.value, scaled.unit):
        bare.value, bare.decimals, bare.scale = value.copy_sign(bare.value), decimals, scaled.scale
    else:
        bare.doubtful = True


def _can_be_one(first: Decimal, unit: str, second: Decimal, other: str) -> bool:
    """Return whether an amount can be another in a second currency, by roughly what the currencies are worth."""
    ratio = abs(first / second)
    if unit in PER_DOLLAR and other in PER_DOLLAR:
        rate = Decimal(PER_DOLLAR[unit] / PER_DOLLAR[other])
        return rate / 3 < ratio < rate * 3
    return Decimal("0.005") < ratio < 200


def _agree_with_next(amount: Figure, other: Figure, between: str) -> None:
    """Let an amount and the next, compared with it, agree on "per share"; one scaled, one not is in doubt."""
    if _OTHER_SENTENCE.search(between) or not _COMPARED_WITH.search(between):
        return
    if "/" in amount.unit and "/" not in other.unit and other.scale <= 0:
        other.unit += f"/{amount.unit.partition('/')[2]}"
    if (amount.scale > 0) == (other.scale > 0) or "/" in amount.unit + other.unit:
        return
    bare, scaled = (amount, other) if amount.scale <= 0 else (other, amount)
    if abs(bare.value) * 1000 < abs(scaled.value):
        bare.doubtful = True


def _nils(text: str, lower: str) -> list[Figure]:
    out: list[Figure] = []
    for word in ("nil", "zero"):
        start = lower.find(word)
        while start >= 0 and len(out) < MOST_NUMBERS:
            end = start + len(word)
            if not lower[end : end + 1].isalnum() and _NIL_VERB.search(text, max(0, start - 8), start):
                out.append(Figure(start, end, "nil", Decimal(0), "", 0, number=(start, end)))
            start = lower.find(word, end)
    return out


def is_convenience(text: str, first: Figure, second: Figure) -> bool:
    """Return whether the second amount is the first one in another currency, in brackets behind it."""
    if first.kind != "amount" or second.kind != "amount" or second.start - first.end > 80:
        return False
    if first.unit.partition("/")[0] == second.unit.partition("/")[0]:
        return False
    between = text[first.end : second.start] + ("(" if second.bracketed else "")
    return _OPENING.match(between) is not None


def rescaled(figure: Figure, digits: str) -> Figure:
    """Return the figure as if these digits had been printed (a glued footnote mark taken off)."""
    value, decimals = _read(digits, figure.scale)
    return replace(figure, value=value.copy_sign(figure.value), decimals=decimals, digits=digits)


@cache
def currency_code(printed: str) -> str:
    """Return the ISO 4217 code of a printed currency."""
    word = re.sub(r"\s+(?=\$)", "", " ".join(printed.lower().split()))
    return AHEAD.get(word) or BEHIND[word]


def _read(digits: str, scale: int) -> tuple[Decimal, int]:
    plain = digits.replace(",", "").replace(" ", "")
    whole, _, fraction = plain.partition(".")
    places = len(fraction)
    if scale >= places:
        return Decimal(whole + fraction + "0" * (scale - places)), places - scale
    value = Decimal(plain).scaleb(scale)
    return (value.quantize(Decimal(1)) if value == value.to_integral_value() else value), places - scale


def _left(text: str, first: int) -> "_Left | None":
    """Return the currency and signs right before a number.

    Only the word that touches the number is looked at, unless the one before it may be a sign or belong to
    the currency ("minus $5", "US $5").
    """
    plain = text[max(0, first - 3) : first]
    if plain[1:] == " $" and plain[0] not in _SIGN_ENDS:
        return _Left(first - 1, "", "$", first - 1, "")
    start = max(0, first - 14)
    blank = text.rfind(" ", start, first - 1)
    if blank > start and text[blank - 1] not in _SIGN_ENDS and text[first - 1] not in "-(":
        start = blank + 1
    match = _LEFT.search(text, start, first)
    if match is None:
        return None
    negative, sign = (match["neg"] or "").strip().lower(), (match["sign"] or "").strip().lower()
    return _Left(match.start(), negative, match["cur"] or "", match.start("cur"), sign)


def _figure(number: re.Match[str], text: str) -> Figure | None:
    """Return the figure around a number; None for a bare number."""
    first, last = number.span()
    before = text[first - 1] if first else ""
    left = _left_of(text, first, before)
    glued = before.isalnum() or (before and before in ".,/")
    if glued and (left is None or not left.currency):
        return None
    if left and left.currency:
        amount = _amount(number, left, text)
        known = left.currency not in LOOSE or amount.scale or "," in amount.digits
        return amount if known else None
    negative = left.negative if left else ""
    start = left.start if left and negative else first
    minus = negative in ("negative", "minus") or (negative == "-" and _is_minus(text, start))
    following = text[last : last + 2].lstrip(" ")[:1]
    right = _PERCENT.match(text, last) if following in _PERCENT_STARTS else None
    if right:
        signed = minus or (negative == "(" and bool(right["close"]))
        return _percentage(number, right, start if signed else first, signed)
    right = _WORDED.match(text, last) if following in _WORD_STARTS else None
    if right:
        scale = SCALES[right["scale"].lower()] if right["scale"] else 0
        return _worded(
            number, text, (start if minus else first, right.end()), scale, currency_code(right["cur"]), minus
        )
    minor = _MINOR.match(text, last) if following in _MINOR_STARTS else None
    if minor:
        word = minor[0].strip().lower()
        return _worded(number, text, (start if minus else first, minor.end()), -2, MINOR.get(word, ""), minus)
    return _count(number, text, following)


def _left_of(text: str, first: int, before: str) -> "_Left | None":
    """Return what stands before a number, where its last letters show that something may."""
    if before.isspace():
        touching = text[max(0, first - 6) : first].rstrip()
        end = touching[-1:]
        worth = end.isupper() or end in _SIGNS or touching.endswith(_LOWER_LEFT)
        return _left(text, first) if worth else None
    if not before or before.isdigit():
        return None
    if before in ".,/" and not _ENDS_POINTED.search(text, max(0, first - 6), first):
        return None
    return _left(text, first)


def _percentage(number: re.Match[str], right: re.Match[str], start: int, signed: bool) -> Figure:
    basis = (right["pp"] or "").lower().startswith("b")
    scale = -4 if basis else -2
    value, decimals = _read(number[0], scale)
    kind = "points" if right["pp"] or right["points"] else "percent"
    return Figure(
        start, right.end(), kind, -value if signed else value, "pure", decimals, signed, number[0], scale, None,
        number.span(),
    )  # fmt: skip


def _worded(
    number: re.Match[str], text: str, span: tuple[int, int], scale: int, unit: str, minus: bool
) -> Figure:
    """Return an amount whose currency or minor unit stands behind it ("" for cents of the document's currency)."""
    value, decimals = _read(number[0], scale)
    per = _PER.match(text, span[1]) if scale < 0 else None
    if per:
        unit += _per_unit(per["what"])
    what = " ".join(per["what"].lower().split()) if per else None
    return Figure(
        *span,
        "amount",
        -value if minus else value,
        unit,
        decimals,
        minus,
        number[0],
        scale,
        what,
        number.span(),
    )


def _count(number: re.Match[str], text: str, following: str) -> Figure | None:
    """Return a number of things: shares, customers, or what the verb before it counts."""
    first, last = number.span()
    digits = number[0]
    right = _COUNT.match(text, last) if following in _COUNT_STARTS else None
    if not right:
        verb = text[max(0, first - 6) : first].rstrip()[-2:]
        if "." in digits or verb not in _TOUCHING or not _COUNTING.search(text, max(0, first - 12), first):
            return None
    scale = SCALES[right["scale"].lower()] if right and right["scale"] else 0
    value, decimals = _read(digits, scale)
    close = right.end() if right and scale else last
    counted = _COUNTED.match(text, close)
    what = counted["what"] if counted else ""
    unit = "ADS" if "ADS" in what else "shares" if what else "count"
    return Figure(first, close, "count", value, unit, decimals, False, digits, scale, None, (first, last))


def _amount(number: re.Match[str], left: _Left, text: str) -> Figure:
    """Return the amount around a number behind a currency."""
    first, last = number.span()
    right = _AMOUNT.match(text, last)
    assert right is not None
    sign, negative, word = left.sign, left.negative, right["scale"]
    minor = None if word else _MINOR.match(text, last)
    scale = SCALES[word.lower()] if word else -2 if minor else 0
    value, decimals = _read(number[0], scale)
    outer = negative == "(" and not sign and bool(right["close"])
    inner = sign == "(" and bool(right["close"] or right["close2"])
    before = negative in ("negative", "minus") or (negative == "-" and _is_minus(text, left.start))
    signed = sign not in ("", "(") or inner or outer or before
    start = left.start if outer or before else left.printed
    scaled = right.end("scale") if word else minor.end() if minor else last
    end = max(right.end(), scaled) if sign == "(" or outer else scaled
    unit = currency_code(left.currency)
    per = _PER.match(text, end)
    if per:
        unit += _per_unit(per["what"])
    return Figure(
        start, end, "amount", -value if signed else value, unit, decimals, signed, number[0], scale,
        " ".join(per["what"].lower().split()) if per else None, (first, last), outer,
    )  # fmt: skip


def _per_unit(what: str) -> str:
    return "/ADS" if _DEPOSITARY.search(what) else "/share"


def _is_minus(text: str, position: int) -> bool:
    """Return whether a dash is a sign: it touches the figure and does not close a word or a range."""
    before = text[position - 1] if position else " "
    after = text[position + 1] if position + 1 < len(text) else " "
    return (before in " (" or not before.strip()) and not after.isspace()
