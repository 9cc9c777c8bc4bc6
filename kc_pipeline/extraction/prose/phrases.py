"""Periods in words: which dates "the same quarter of 2024" or "as of March 31, 2025" stand for.

Everything hangs on the document's own period (the anchor), read from its headline and dateline. Without an
anchor only phrases that print a date have a period. Nothing is guessed: a quarter of a 52/53-week calendar
whose end the document does not print has no period.
"""

import re
from collections.abc import Callable

from kc_pipeline.extraction.prose.anchor import (
    COUNT,
    COUNTS,
    DATE,
    MONTH,
    Anchor,
    Span,
    parse_date,
)
from kc_pipeline.extraction.quarter_names import NAMED, NTH, YEAR, named_quarter
from kc_pipeline.extraction.vocabulary import MONTHS, ORDINALS
from kc_pipeline.figures.periods import month_end

_LED = r"(?:(?:in|for|during|at|as\s+of|as\s+at|on|over|of)\s+)?(?:the\s+)?"
# What a period phrase opens with, by first letter: most words of a sentence, and most "in the ...", are passed over at once.
_OPENS = (
    r"(?:[adfio](?:n|or|uring|t|s\s+(?:of|at)|ver|f)\s+)?(?:the\s+)?(?:a\s+|one\s+)?"
    r"(?:y(?:ear|-?o|/y)|q(?:uarter|-?o|/q|[1-4])|s(?:equential|ame|econd|ix|ep)|c(?:omparable|orresponding|urrent|alendar)|"
    r"e(?:quivalent|nd\s+of)|p(?:rior|revious|receding|resent)|l(?:ast\s)|immediately|t(?:h(?:is|ird|ree|irteen|irty|e\s+p)|welve|wenty)|"
    r"reporting|h[12]|f(?:irst|ourth|ifty|ull|iscal|y|eb)|n(?:ine|ov)|whole|j(?:an|un|ul)|m(?:ar|ay)|a(?:pr|ug)|oct|dec|\d)"
)
PHRASE = re.compile(
    rf"""\b(?={_OPENS})(?:
      (?P<yoy>(?:on\s+a\s+|a\s+)?(?:year[\s-]+(?:over|on)[\s-]+year|y-?o-?y|y/y)\b(?:\s+basis\b)?)
    | (?P<qoq>(?:on\s+a\s+|a\s+)?(?:(?:quarter[\s-]+(?:over|on|to)[\s-]+quarter|q-?o-?q|q/q)\b(?:\s+basis\b)?|sequential(?:ly)?\b))
    | (?P<lead>{_LED})(?:
        (?P<same>(?:same|comparable|corresponding|equivalent)\s+(?:(?:three|six|nine|twelve)[\s-]months?\s+)?(?:fiscal\s+)?(?:quarter|period|time)
            (?:\s+(?:of|in)\s+(?:the\s+)?(?:(?:fiscal\s+)?(?P<sameyear>{YEAR})|prior\s+year|previous\s+year|preceding\s+year|last\s+year)
             |,?\s+(?:of\s+)?(?:last|a|one|the\s+prior|the\s+previous|the\s+preceding|prior|previous)\s+year(?:\s+ago|\s+earlier)?)?)
      | (?P<ago>(?:a|one)\s+year\s+(?:ago|earlier)(?:\s+(?:quarter|period))?|year[\s-]+ago(?:\s+(?:first|second|third|fourth))?(?:[\s-]+(?:quarter|period))?
            |(?:prior|previous)[\s-]+year(?:'s)?[\s-]+(?:(?:first|second|third|fourth)[\s-]+)?(?:quarter|period)
            |last\s+year's\s+(?:(?:first|second|third|fourth)[\s-]+)?(?:quarter|period))
      | (?P<lastyear>last\s+year|(?:the\s+)?(?:prior|previous|preceding)\s+(?:fiscal\s+)?year)
      | (?P<lastq>(?:last|previous|prior|preceding|immediately\s+preceding)\s+(?:fiscal\s+)?quarter(?!\s+(?:of|in)\s+{YEAR}))
      | (?P<thisq>(?:this|current|reporting|present)\s+quarter)
      | (?P<nqd>{NTH}[\s-]+(?:fiscal[\s-]+)?quarter\s+(?:of\s+(?:fiscal\s+)?(?:year\s+)?{YEAR},?\s+)?(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<nqdate>{DATE}))
      | (?P<nq>(?:fiscal\s+)?(?P<nth>{NTH})[\s-]+(?:fiscal[\s-]+)?quarter(?:s)?(?:\s+of)?,?(?:\s+(?:the\s+)?(?P<fy1>fiscal)(?:\s+year)?|\s+the\s+year)?
            (?:\s+(?P<ny>{YEAR})|\s+(?P<nlast>(?:of\s+)?(?:last|the\s+prior|the\s+previous|prior|previous)\s+year|(?:a|one)\s+year\s+(?:ago|earlier)))?)
      | (?P<yq>(?:fiscal\s+)?(?P<yqy>{YEAR})'?s?[\s,]+(?P<yqn>{NTH})[\s-]+quarter)
      | (?P<q4>q(?P<q4n>[1-4])(?:/|[\s']*(?:fy|fiscal\s+)?)(?P<q4y>{YEAR}|\d\d)?\b|(?P<q5n>[1-4])q[\s'/]?(?P<q5y>{YEAR}|\d\d))
      | (?P<hm>(?:h(?P<hmh>[12])|(?P<hmm>[369])m)[\s'/]?(?P<hmy>{YEAR}|\d\d)\b)
      | (?P<md>(?P<mdn>{COUNT})[\s-]+(?:months?|weeks?)(?:\s+period)?\s+(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<mdd>{DATE}))
      | (?P<qd>(?:fiscal\s+)?quarter\s+(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<qdd>{DATE}))
      | (?P<yd>(?:(?:full|fiscal)\s+)*year\s+(?:that\s+)?end(?:ed|ing)(?:\s+on)?\s+(?P<ydd>{DATE}))
      | (?P<half>(?P<halfn>first|second)\s+half(?:\s+(?:of\s+)?(?:the\s+)?(?:fiscal\s+)?(?:year\s+)?(?P<halfy>{YEAR}|last\s+year))?)
      | (?P<ninem>(?:first\s+)?(?P<ninen>three|six|nine)\s+months(?:\s+(?:of\s+)?(?:fiscal\s+)?(?:year\s+)?(?P<niney>{YEAR}))?)
      | (?P<fy>(?:full\s+fiscal|full|fiscal|calendar|whole)[\s-]+(?:year\s+(?:of\s+)?)?(?P<fyy>{YEAR})|year\s+(?:of\s+)?(?P<fyy2>{YEAR})|fy\s?'?(?P<fyy3>{YEAR}|\d\d))
      | (?P<day>(?:end\s+of\s+)?(?P<dayd>{DATE}))
      | (?P<mon>end\s+of\s+(?P<monm>{MONTH})\s+(?P<mony>{YEAR}))
      | (?P<eoq>end\s+of\s+(?:the\s+|this\s+)?(?P<eoqw>quarter|period|{NTH}\s+quarter(?:\s+of)?\s+(?:fiscal\s+)?{YEAR}))
      | (?P<theq>(?<=the\s)quarter\b(?!\s*-|'|\s+(?:over|end)))
      )
    )""",
    re.X,
)  # fmt: skip
_Rule = Callable[[re.Match[str], Anchor, Span | None], Span | None]


def resolve(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    """Return the dates of a period phrase; `base` is the period that relative phrases start from.

    Without it "the same quarter of 2024" has no dates.
    """
    for name, rule in _RULES:
        if match[name]:
            return rule(match, anchor, base)
    return None


def _same(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    if not base:
        return None
    if match["sameyear"]:
        shift = int(match["sameyear"]) - anchor.fiscal_year_of(base)
        return anchor.moved(base, 12 * shift) if shift < 0 else None
    if re.search(r"year", match["same"], re.I):
        return anchor.moved(base, -12)
    return None


def _nth(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    number = ORDINALS[match["nth"].lower()]
    if match["ny"]:
        return anchor.nth(number, int(match["ny"]))
    if anchor.year is None:
        return None
    if match["nlast"]:
        return anchor.nth(number, anchor.year - 1)
    return anchor.nth(number, anchor.year) if number == anchor.number else None


def _short_quarter(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    number, year = int(match["q4n"] or match["q5n"]), match["q4y"] or match["q5y"]
    if not year:
        return anchor.own() if number == anchor.number else None
    return anchor.nth(number, int(year) if len(year) == 4 else 2000 + int(year))


def _dated(name: str, months: int | None, count: str | None = None) -> _Rule:
    def rule(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
        day = parse_date(match[name])
        length = COUNTS[match[count].lower()] if count else months
        return anchor.duration(day, length) if day else None

    return rule


def _half(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    if anchor.year is None or not match["halfy"]:
        return None
    year = anchor.year - 1 if "last" in match["halfy"].lower() else int(match["halfy"])
    last = anchor.nth(2 if match["halfn"].lower() == "first" else 4, year)
    return anchor.duration(last.end, 6) if last else None


def _short_months(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    months = 6 if match["hmh"] else int(match["hmm"])
    year = int(match["hmy"]) if len(match["hmy"]) == 4 else 2000 + int(match["hmy"])
    last = anchor.nth(4 if match["hmh"] == "2" else months // 3, year)
    return anchor.duration(last.end, months) if last else None


def _months_of(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    months = COUNTS[match["ninen"].lower()]
    if not match["niney"]:
        return None
    last = anchor.nth(months // 3, int(match["niney"]))
    return anchor.duration(last.end, months) if last else None


def _year(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    printed = match["fyy"] or match["fyy2"] or match["fyy3"]
    return anchor.fiscal_year(int(printed) if len(printed) == 4 else 2000 + int(printed))


def _month(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    return Span(None, month_end(int(match["mony"]), MONTHS[match["monm"].lower().rstrip(".")]), None)


def _end_of_quarter(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    named = NAMED.search(match["eoqw"])
    if named:
        span = anchor.nth(*named_quarter(named))
        return Span(None, span.end, None) if span else None
    return Span(None, anchor.quarter, None) if anchor.quarter and anchor.months == 3 else None


def _a_year_before(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    return anchor.moved(base, -12) if base else None


def _last_quarter(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    return anchor.shifted(-3, 3) if anchor.months == 3 else None


def _own_quarter(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    return anchor.own() if anchor.months == 3 else None


def _year_quarter(match: re.Match[str], anchor: Anchor, base: Span | None) -> Span | None:
    return anchor.nth(ORDINALS[match["yqn"].lower()], int(match["yqy"]))


_RULES = (
    ("same", _same),
    ("ago", _a_year_before),
    ("lastyear", _a_year_before),
    ("lastq", _last_quarter),
    ("thisq", _own_quarter),
    ("theq", _own_quarter),
    ("nqd", _dated("nqdate", 3)),
    ("nq", _nth),
    ("yq", _year_quarter),
    ("q4", _short_quarter),
    ("hm", _short_months),
    ("md", _dated("mdd", None, "mdn")),
    ("qd", _dated("qdd", 3)),
    ("yd", _dated("ydd", 12)),
    ("half", _half),
    ("ninem", _months_of),
    ("fy", _year),
    ("day", _dated("dayd", None)),
    ("mon", _month),
    ("eoq", _end_of_quarter),
)
