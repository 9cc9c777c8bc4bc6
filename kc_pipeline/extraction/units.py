"""Currency and scale: what a title, caption, header cell or label says about the unit of figures."""

import re
from dataclasses import dataclass
from functools import lru_cache

from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.vocabulary import CURRENCIES, HEADING_SCALES, SHARED

_SCALE = re.compile(
    r"\b(?:in|of|\$|amounts?|dollars?|rmb|usd|us\$|eur|nis|nt\$|jpy|yen|cny|renminbi|currency|expressed|stated|reported)?\s*[^\w(,;]{0,3}"
    r"\b(thousands?|millions?|billions?|lakhs?|crores?)\b(?!\s*(?:shares|common|ordinary|adss|units|of\s+(?:shares|common|ordinary)))"
    r"|(?:(?<![\d,])['’‘`($¥€£]|(?<![\d,])\s|\br|rmb|us\$|usd|nt\$|eur)\s?(000['’]?s?)(?![\d,.])|(?<=[$¥€£])\s?(mm|m|bn|b|k)\b|\b(?:rmb|eur|usd|nis|€|\$|us\$)\s?(mm|mn|m|mio|bn|mil|k)\b|\b(m|mn|mio|bn)\s+(?:rmb|eur|usd|nis|€|us\$)(?!\w)"
    r"|(?<![^\W\d_])([kmt])[€£](?!\w)|\b([kmt])(?:eur|usd|sek|nok|dkk|chf|gbp)\b|(千|百[万萬]|[万萬亿億])\s?(?:元|円|日圓|港元|美元|人民币)",
    re.I,
)
_SHARE_SCALE = re.compile(
    r"\b(?:shares?|adss?|units?)\b(?:\s+and\s+\w+)?(?:\s+(?:data|amounts?|numbers?|information|counts?))?[^;()]{0,40}?\b(?:in|of)\s+(thousands|millions|billions)"
    r"|\b(thousands|millions)\s+of\s+(?:\w+\s+)?shares|(?:shares|number)\s+\(?(?:in\s+)?(thousands|millions|000s?)",
    re.I,
)
_EXCEPT = re.compile(r"\b(?:except|excluding|other\s+than|unless)\b(.*)", re.I | re.S)
_PER = re.compile(
    r"\bper[\s-]+(?:\w+[\s-]+){0,3}?(?:shares?|adss?|adrs?|units?|gds|american\s+depositary\s+shares?)(?:[\s-]+(?:data|amounts?|information|figures?))?",
    re.I,
)
_SHARES_WORD = re.compile(r"\b(?:shares?|adss?|units)\b", re.I)

# Code, what a text in lower case must hold for the pattern to be worth trying, pattern.
_CURRENCIES = tuple((c.code, c.hints, c.heading) for c in CURRENCIES if c.heading is not None)
_BARE_DOLLAR = re.compile(r"(?<![A-Za-z.])\$|\bdollars?\b", re.I)
_LETTERED_DOLLAR = re.compile(r"[A-Za-z.]+\$|\b(?:US|U\.\s?S\.|NT|HK|CDN|CAD|[ACRS])\s\$", re.I)
_SCALE_HINTS = (
    "thousand", "million", "billion", "000", "mm", "mn", "mio", "bn", "$m", "€m", "£m", "$b", "€b", "£b", "千", "mil", "rmb m", "eur m", "k€", "m€", "t€", "k£", "m£", "m eur",
    "m usd", "m rmb", "m €", "lakh", "crore", "百万", "百萬", "万", "萬", "亿", "億", "teur", "keur", "meur", "musd", "kusd", "tusd", "msek", "mnok", "mdkk", "mchf",
    "eur k", "usd k",
)  # fmt: skip

_PER_SHARE = re.compile(
    r"\bper[\s-]+(?:\w+[\s/-]+){0,5}?(?:shares?|ads|adss|adr|adrs|gds|units?|common\s+stock)\b|\bEPS\b|\bper[\s-]ADS\b|\bE(?:PS)?/ADS\b|每股|\b(?:earnings|loss|income)\s+\(?(?:loss\)?\s+)?/\s*share|/share\b",
    re.I,
)
PER_ADS = re.compile(
    r"\bE(?:PS)?/ADS\b|\bper[\s-]+(?:\w+[\s-]+){0,4}?(?:ads|adss|adr|adrs|american\s+depositary\s+shares?)\b",
    re.I,
)
_SHARE_COUNT = re.compile(
    r"\b(?:weighted|average|used\s+(?:in|to|for)|number\s+of|outstanding)\b[^.]{0,80}\b(?:shares?|adss?|ads|units)\b"
    r"|\b(?:shares?|adss?|ads|units)\b[^.]{0,60}\b(?:outstanding|used\s+(?:in|to|for)|weighted|in\s+issue|computation)\b"
    r"|\bweighted[\s-]+average\s+number\s+of\s+(?:\w+\s+){0,3}shares|\bweighted[\s-]+average\b[^.]{0,60}\boutstanding\b|^\s*(?:common|ordinary|diluted|basic)\s+shares\b"
    r"|\bdenominator\b|\(in\s+shares\)|\b(?:shares|stock|units)\s*\(in\s+(?:thousands|millions)\)|\bshares?\s+count\b",
    re.I,
)
_SHARE_MONEY = re.compile(
    r"\bpar\s+value\b|\bpurchase|\brepurchase|\bissu(?:ance|ed)\s+of\b|\bproceeds\b|\bpayments?\b|\btax(?:es)?\b|\bcost\s+of\b|\bstated\s+value\b|\bat\s+cost\b"
    r"|\bpreferred\s+stock\b|\battributable\s+to\b|\bearnings\b|\bincome\b|\bloss\b|\bcompensation\b|\bvalue\s+of\b|\bdividends?\b",
    re.I,
)


@dataclass(slots=True, frozen=True)
class UnitWords:
    """Powers of ten for money and for share counts (None: not said), and the currencies named."""

    scale: int | None = None
    share_scale: int | None = None
    currencies: tuple[str, ...] = ()
    dollar: bool = False
    yen: bool = False


def _scale_of(word: str) -> int:
    word = word.lower().replace("’", "'").replace("‘", "'").rstrip("'")
    return HEADING_SCALES.get(word) or HEADING_SCALES.get(word.rstrip("s'")) or 3


_AMOUNT = re.compile(r"\d[\d.,]*[\s-]*$")  # "$95.7 million" is an amount, "(unit: 1 million yen)" a scale


def _stated_scale(text: str) -> re.Match[str] | None:
    """Return the first scale that a text states, not one that belongs to an amount in it."""
    for found in _SCALE.finditer(text):
        at = next(n for n, group in enumerate(found.groups(), start=1) if group)
        number = _AMOUNT.search(text[: found.start(at)])
        if number is None or (number[0].strip() == "1" and "unit" in text[: number.start()].lower()):
            return found
    return None


def _one_of(text: str, lowered: str) -> tuple[str, ...]:
    """Return the currencies that share a sign in a text which names none: one of these is meant."""
    found = (s.codes for s in SHARED if says(lowered, s.hints) and s.heading.search(text))
    return next(found, ())


_EXCEPTION = re.compile(r"\b(?:except|excluding|other\s+than|unless|save|where|if)\b", re.I)


def _currencies(text: str, lowered: str) -> tuple[str, ...]:
    """Return the currencies that a text names."""
    return tuple(
        [code for code, hints, pattern in _CURRENCIES if says(lowered, hints) and pattern.search(text)]
    )


@lru_cache(maxsize=16384)
def unit_words(text: str) -> UnitWords:
    """Read the unit words of a heading, caption or label."""
    if len(text) > 1500:
        text = text[:1500]
    scale = share_scale = None
    lowered = text.lower()
    if says(lowered, _SCALE_HINTS):
        body = _EXCEPT.search(text)
        before = text[: body.start()] if body else text
        found = _stated_scale(before)
        if found is None and body is not None and not _SHARES_WORD.search(body[1]):
            found = _stated_scale(text)
        if found:
            scale = _scale_of(next(g for g in found.groups() if g))
        shares = _SHARE_SCALE.search(text)
        if shares:
            share_scale = _scale_of(next(g for g in shares.groups() if g))
            if found and shares.start() <= found.start() < shares.end() and not body:
                scale = (
                    None
                    if not _SCALE.search(before[: shares.start()] + " " + before[shares.end() :])
                    else scale
                )
        elif body and _SHARES_WORD.search(_PER.sub(" ", body[1])):
            share_scale = 0
    currencies = _currencies(text, lowered)
    exception = _EXCEPTION.search(text) if len(currencies) > 1 else None
    if exception is not None:  # "in Canadian dollars, except where US$ is indicated"
        before = text[: exception.start()]
        currencies = _currencies(before, before.lower()) or currencies
    currencies = currencies or _one_of(text, lowered)
    dollar = False
    if ("$" in text or "dollar" in lowered) and "USD" not in currencies:
        bare = _LETTERED_DOLLAR.sub("", text)
        dollar = _BARE_DOLLAR.search(bare) is not None and not (currencies and "$" not in bare)
    return UnitWords(scale, share_scale, currencies, dollar, "¥" in text or "￥" in text)


@lru_cache(maxsize=32768)
def names_per_share(text: str) -> bool:
    """Return whether a label or heading names an amount per share, ADS or unit."""
    return says(text.lower(), ("per", "eps", "/", "每股")) and _PER_SHARE.search(text) is not None


@lru_cache(maxsize=32768)
def counts_shares(text: str) -> bool:
    """Return whether a label or heading names a number of shares, ADSs or units."""
    hints = ("share", "ads", "unit", "outstanding", "denominator", "stock")
    return says(text.lower(), hints) and _SHARE_COUNT.search(text) is not None


_DILUTIVE = re.compile(r"\b(?:anti-?)?dilutive\b", re.I)
_DENOMINATOR = re.compile(
    r"\bdenominator\b|^\W*(?:weighted[\s-]+average\s+)?(?:number\s+of\s+)?(?:common\s+|ordinary\s+)?(?:shares|adss|stock)(?:\s+outstanding)?\W*$|^\W*effect\s+of\s+(?:potentially\s+)?dilutive",
    re.I,
)
_USED_TO_COMPUTE = re.compile(  # the heading is the beginning of a sentence that each row's label completes
    r"\bshares\b.{0,40}\bused\s+(?:to|in|for)\s+(?:the\s+)?(?:comput|calculat)\w+(?:\s+of)?\W*$", re.I
)
_NUMERATOR = re.compile(r"\b(?:net\s+)?(?:income|loss|earnings|profit|numerator)\b", re.I)


@lru_cache(maxsize=32768)
def is_share_count(label: str, path: tuple[str, ...], in_balance_sheet: bool) -> bool:
    """Return whether a row counts shares (or ADSs), judged by its label and the headings above it."""
    heading = path[-1] if path else ""
    lowered = label.lower()
    if not any(
        w in lowered for w in ("share", "ads", "dilut", "denominator", "outstanding", "unit", "weighted")
    ) and not any(
        w in h.lower() for h in path for w in ("share", "ads", "dilut", "denominator", "outstanding", "stock")
    ):
        return False
    if in_balance_sheet:
        return bool(
            re.match(
                r"\s*(?:number\s+of\s+)?(?:\w+\s+){0,2}shares?\s+(?:issued|outstanding|authorized)\b",
                label,
                re.I,
            )
        ) and not re.search(r"par\s+value|stated", label, re.I)
    dilutive = _DILUTIVE.search(label)
    if dilutive is not None and not _of_income(label[: dilutive.start()]):
        return True
    if _USED_TO_COMPUTE.search(heading):
        return True
    if (
        any(_DENOMINATOR.search(h) for h in path)
        and not names_per_share(heading)
        and not names_per_share(label)
        and not _NUMERATOR.search(label)
        and "numerator" not in heading.lower()
    ):
        return True
    if re.search(r"\bdenominator\b", label, re.I):
        return True
    if counts_shares(label):
        reduced = re.sub(
            r"\b(?:used\s+(?:in|to|for)|computation\s+of|calculat\w+|comput\w+)\b.*", "", label, flags=re.I
        )
        if _SHARE_MONEY.search(reduced) and not re.search(r"weighted|number\s+of|average", reduced, re.I):
            return False
        return not (
            names_per_share(reduced)
            and not re.search(r"used\s+(?:in|to|for)|^\W*(?:weighted|average|number|shares)", label, re.I)
        )
    bare = re.sub(r"\W+", " ", label).strip().lower()
    return (
        counts_shares(heading)
        and (bare in _BARE_LABELS or bool(_SHARE_CLASS.fullmatch(bare)))
        and not (
            names_per_share(heading)
            and not re.search(r"used\s+(?:in|to|for)|^\W*(?:weighted|average|number|shares)", heading, re.I)
        )
    )


def _of_income(words: str) -> bool:
    """Whether the words before "dilutive" name income and no shares: income moved by what dilutes counts no shares."""
    return _NUMERATOR.search(words) is not None and _SHARES_NAMED.search(words) is None


_SHARES_NAMED = re.compile(
    r"\b(?:shares?|adss?|units?|options?|warrants?|awards?|securities|effects?)\b", re.I
)
_BARE_LABELS = frozenset(
    (
        "basic", "diluted", "basic and diluted", "basic shares", "diluted shares", "assuming dilution", "basic and assuming dilution", "ads",
        "ads basic", "ads diluted", "ordinary shares", "class a", "class b", "ordinary shares basic", "ordinary shares diluted", "total",
        "basic weighted average", "diluted weighted average", "effect of dilutive securities", "class a and class b",
        "for basic", "for diluted", "common shares", "undiluted", "dilutive", "basic ads", "diluted ads",
    )
)  # fmt: skip


_SHARE_CLASS = re.compile(
    r"(?:(?:basic|diluted) )?(?:(?:class|series) [a-z]\d?(?: (?:and|or) (?:(?:class|series) )?[a-z]\d?)*(?: (?:common|ordinary|capital|preferred|preference))?|common|ordinary)"
    r"(?: (?:stock|shares?|units?|equivalent))*(?: (?:basic|diluted|basic and diluted))?"
)


_ASIDE = re.compile(r"\([^()]*\)")
_FOR_PER_SHARE = re.compile(
    r"\b(?:for|used\s+(?:in|to|for)|purposes\s+of|comput\w+|calculat\w+|numerator)\b.*\b(?:per|EPS)\b", re.I
)


@lru_cache(maxsize=32768)
def is_per_share(label: str, path: tuple[str, ...]) -> bool:
    """Return whether a row is an amount per share (or per ADS), judged by its label and the headings above it."""
    if (
        "per" not in label
        and "/" not in label
        and "每股" not in label
        and "EPS" not in label
        and "Per" not in label
        and "PER" not in label
        and not any("per" in h.lower() or "EPS" in h or "/" in h for h in path)
    ):
        return False
    if names_per_share(label):
        purpose = _FOR_PER_SHARE.search(label)
        if purpose is not None and _NUMERATOR.search(label[: purpose.start() + 1]):
            return False
        return not (
            re.search(r"\bpar\s+value\b|\bstated\s+value\b|liquidation", _ASIDE.sub("", label), re.I)
            and not re.match(r"\W*(?:par|stated)", label, re.I)
        )
    named = [h for h in path if names_per_share(h) and not re.search(r"\b(?:par|stated)\s+value\b", h, re.I)]
    if not named:
        return False
    bare = re.sub(r"\W+", " ", label).strip().lower()
    if (
        bare in _BARE_LABELS
        or _SHARE_CLASS.fullmatch(bare)
        or bare.startswith(
            (
                "basic",
                "diluted",
                "from ",
                "continuing",
                "discontinued",
                "assuming",
                "cash dividend",
                "dividend",
                "gaap",
                "non gaap",
            )
        )
    ):
        return True
    return bool(re.search(r"\bbasic\b|\bdiluted\b|\bdilution\b|\bper\b", bare))


def unit_context(lines: list[str]) -> UnitWords:
    """Join what several lines say about units; the nearest (last) line that speaks wins."""
    scale = share_scale = None
    currencies: tuple[str, ...] = ()
    dollar = yen = named = False
    for line in reversed(lines):
        read = unit_words(line)
        if not named and read.scale is not None and (read.currencies or read.dollar):
            named = True
            currencies, dollar, yen = read.currencies, read.dollar, read.yen
        if scale is None and read.scale is not None:
            scale = read.scale
            share_scale = read.share_scale if share_scale is None else share_scale
        if not named:
            if not currencies and len(line) < 240:
                currencies = read.currencies
            dollar, yen = dollar or read.dollar, yen or read.yen
    return UnitWords(scale, share_scale, currencies, dollar, yen)
