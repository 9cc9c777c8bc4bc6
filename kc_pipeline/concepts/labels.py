"""Labels in one spelling, so that one declared phrase covers every way of printing it.

Belongs here: text to canonical text. Does not belong here: what a label means (catalogue.toml, mapper.py).
The same function is applied to printed labels and to the declared ones.
"""

import re
from functools import lru_cache

from kc_pipeline.concepts.languages import in_latin

_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[\u00b2\u00b3\u00b9\u2070-\u2079\u2020\u2021\u200b\ufeff*#]|\[\d{1,2}\]")
_NOTES = re.compile(r"\((?:see )?notes?\b[^()]*\)|\(\d{1,2}\)|\((?:[a-z]|[ivx]{2,4})\)")
_ASIDE = re.compile(
    r"\((?=[^()]*(?:\d|\bincluding\b|\bincludes\b|\bincluded in\b|\bprincipally\b|\bnet of\b|\bunaudited\b|\baudited\b"
    r"|\bin thousands\b|\bin millions\b|\bin million\b|\brmb\b|us\$|\bdollars?\b|\bmillions?\b|\bthousands?\b|\bpar value\b"
    r"|\bin (?:[€£¥₩₹]|euros?|eur|usd|gbp|cny|hkd|jpy|inr|krw|chf|cad|aud|sgd|twd|brl|sek|nok|dkk|zar|pounds?|yen|pence|cents?)(?=\))"
    r"|\bexclusive of\b|\binclusive of\b|\bexcluding\b|\bexpressed in\b|\bother than\b|\bless allowance|\brestated\b))"
    r"[^()]*(?:\([^()]*\)[^()]*)*\)"
)
_OPEN_ASIDE = re.compile(r"\((?:including|includes|net of|par value|authorized|less allowance)\b.*$")
_ALLOWANCE = re.compile(
    r"(?<=\S)[ ,;-]*\b(?:net of|less) (?:related |the )?(?:allowances?|accumulated|reserves?|provisions?|unamortized|discounts?)\b.*$"
)
_SHARE_TAIL = re.compile(
    r"[,;:-]? ?(?:(?:with |of )?(?:us|rmb|hk)?\$? ?[\d.]+ (?:per share )?par value|par value\b|without par value|no par value|stated value"
    r"|authorized\b|shares authorized|issued\b|at paid in amount).*$"
)
_SHARE_COUNT = re.compile(r"^[a-z ,.-]*\b(?:stock|shares?)[a-z ,-]*\b(?:authorized|issued|outstanding)$")
_TREASURY_TAIL = re.compile(r"(\btreasury\b.*?)[,;:-]? ?\bat cost\b.*$")
_PAID_IN = re.compile(
    r"^(?:class|common|ordinary|capital) .*\band (?:additional paid[ -]in capital)(?!.*\bshares (?:authorized|issued|outstanding)$).*$"
)
_MONTH_DAY = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december) \d{1,2}$"
)
_FIGURES_TAIL = re.compile(r"[,;:-]? ?\b(?:of|at|to)? ?(?:rmb|us\$|nt\$|\$|¥|€) ?\d[\d,.]*.*$")
_DATE_TAIL = re.compile(r",? (?:as of|as at) .*$")
_NUMBER_TAIL = re.compile(
    r"[,;:-] ?[\d][\d,.]* (?:million |billion )?(?:and [\d,.]+ )?(?:million |billion )?shares?\b.*$"
)
_FOOT_DIGIT = re.compile(r"(?<=[a-z)])\s?\d{1,2}$")
_NON = re.compile(r"\bnon[ -]+(?=[a-z])")
_WORD = re.compile(r"[a-z0-9%$]+|[\u3400-\u9fff]+")
_CASH_TOTAL = re.compile(
    r"^(?:total )?(?:net )?cash (?:(?:provided|generated|used|from|by|in|for|to|or|and|flow|inflow|outflow|utilized|absorbed) )+"
    r"(?=operating|investing|financing|operation)"
)
_ATTRIBUTABLE = (
    (
        re.compile(
            r"\b(?:attributable|available|allocated|allocable) (?:to|for)(?! computing) (?:(?! per | basic\b| diluted\b| assuming\b).)*?\bnoncontrolling\b(?:(?! per | basic\b| diluted\b| assuming\b).)*"
        ),
        "attributable to nci",
    ),
    (
        re.compile(
            r"\b(?:attributable|available|allocated|allocable) (?:to|for)(?! computing) (?:(?! per | basic\b| diluted\b| assuming\b).)*?"
            r"\b(?:common|ordinary) (?:stock|share|shareholder|shareowner)\w*(?:(?! per | basic\b| diluted\b| assuming\b).)*"
        ),
        "attributable to common",
    ),
    (
        # Holders beside the parent's ordinary ones, and parts of the business: no share of the parent.
        re.compile(
            r"\b(?:attributable|available|allocated|allocable) to (?:(?:holder|owner|of|sery|class|convertible|redeemable|[a-e]) )*"
            r"(?:(?:preferred|preference) (?:stock|share|unit|holder|equity|security)\w*|mezzanine|participating|discontinued|continuing)\b"
            r"(?:(?! per | basic\b| diluted\b| assuming\b).)*"
        ),
        "of other",
    ),
    (
        re.compile(
            r"\b(?:attributable|available) to (?!nci\b|common\b)(?:(?! per | basic\b| diluted\b| assuming\b).)+"
        ),
        "attributable to parent",
    ),
)
_GROUP_SHARE = re.compile(
    r"(?<=\w)(?: attributable to)? group share$"
)  # "Net income (Group share)": the owners' part
_OF_WHICH = re.compile(r"^(?:of which|thereof) (?=attributable to )")
_TITLES = re.compile(r"^(?:(?:condensed|consolidated|unaudited|interim|gaap|us gaap) )+")

_WORDS = {
    "stockholder": "shareholder",
    "shareowner": "shareholder",
    "stockowner": "shareholder",
    "minority": "noncontrolling",
    "inteterst": "interest",
    "intererst": "interest",
    "recievable": "receivable",
    "amortisation": "amortization",
    "depreciations": "depreciation",
    "programme": "program",
    "acct": "account",
    "taxe": "tax",
    "euro": "eur",
    "taxation": "tax",
    "decrease": "increase",
    "cashflow": "cash flow",
}
_RESULT = {"income", "loss", "profit", "earning", "gain"}
_PHRASES = (
    (re.compile(r"\b(?:ordinary|common) (?:share|stock)\b"), "common stock"),
    (re.compile(r"\bamerican depositary share\b|\bamerican depository share\b"), "ads"),
    (re.compile(r"^e (?=(?:share|ads)\b)"), "income per "),  # E/ADS
    (re.compile(r"\bexpense income\b|\bincome and expense\b"), "income expense"),
    (re.compile(r"\bincrease (?:and |or )?increase\b"), "increase"),
    (re.compile(r"\b(?:net )?change in\b"), "increase in"),
    (re.compile(r"\bnet increase in\b"), "increase in"),
    (re.compile(r"\btax on income\b"), "income tax"),
    (re.compile(r"\badjusted nongaap\b|\bnongaap adjusted\b|\bnongaap\b"), "adjusted"),
    (re.compile(r"^(adjusted .*) adjusted(?: financial measure)?$"), r"\1"),
    (re.compile(r"^(.*) adjusted(?: financial measure)?$"), r"adjusted \1"),
    (re.compile(r"\bshare based (?:payment|plan)\b"), "share based compensation"),
    (re.compile(r"\bstock based\b|\bequity based\b"), "share based"),
    (re.compile(r"\b(?:weighted average) (?:number of )?"), "weighted average "),
    (re.compile(r"^less (?=[a-z])|^add(?: back)? (?=[a-z])|^deduct (?=[a-z])|^plus (?=[a-z])"), ""),
)


def _singular(word: str) -> str:
    if len(word) <= 3 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith(("sses", "xes")):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") else word


def _merge_results(words: list[str]) -> list[str]:
    """Turn each run of income, loss, profit, earnings, gain (joined by and, or) into one word."""
    out: list[str] = []
    i = 0
    while i < len(words):
        if words[i] not in _RESULT:
            out.append(words[i])
            i += 1
            continue
        run = {words[i]}
        i += 1
        while i < len(words):
            if words[i] in _RESULT:
                run.add(words[i])
                i += 1
            elif words[i] in ("and", "or") and i + 1 < len(words) and words[i + 1] in _RESULT:
                i += 1
            else:
                break
        out.append("gain" if "gain" in run else "income")
    return out


@lru_cache(maxsize=65536)
def normalise(label: str) -> str:
    """Return the canonical spelling of a printed label or heading.

    Case, quotes, dashes, plurals, footnote marks, bracketed figures and asides go; `income`, `loss`,
    `profit`, `earnings` become one word (`Net loss`, `Net (loss) income` and `Net income` are one row whose
    sign differs); `provided by (used in)` goes from cash totals. An empty string stays empty.
    """
    s = in_latin(label).lower().replace("’", "'").replace("‘", "'").replace("`", "'")
    s = _MARKS.sub("", s)
    s = re.sub(r"[\u2012-\u2015\u2212]", " - ", s)
    s = s.replace("\u2010", "-").replace("\u2011", "-").replace("\xa0", " ").replace("&", " and ")
    s = s.replace("（", "(").replace("）", ")").replace("/", " ")
    s = _SPACE.sub(" ", s).strip()
    s = _NOTES.sub("", s)
    s = _ASIDE.sub("", s)
    s = _OPEN_ASIDE.sub("", s)
    s = _PAID_IN.sub("common stock and additional paid-in capital", s)
    s = _TREASURY_TAIL.sub(r"\1", s)
    s = _DATE_TAIL.sub("", s)
    s = _ALLOWANCE.sub(" net", s)
    if not _SHARE_COUNT.search(s):
        s = _SHARE_TAIL.sub("", s)
    s = _FIGURES_TAIL.sub("", s)
    s = _NUMBER_TAIL.sub("", s)
    s = s.strip(" :;,.-")
    if not _MONTH_DAY.search(s):
        s = _FOOT_DIGIT.sub("", s)
    s = _NON.sub("non", s).replace("'", "")
    words = [_singular(w) for w in _WORD.findall(s)]
    words = [_WORDS.get(w, w) for w in words if w not in ("the", "a", "an", "s")]
    s = " ".join(_merge_results(words))
    s = _CASH_TOTAL.sub("net cash ", s)
    for pattern, new in _PHRASES:
        s = pattern.sub(new, s)
    for pattern, new in _ATTRIBUTABLE:
        s = pattern.sub(new, s)
    s = _OF_WHICH.sub("", _GROUP_SHARE.sub(" attributable to parent", s))
    return _TITLES.sub("", s).strip()
