"""What a row or a column measures where it is neither money nor shares: a ratio, a count, a price of one unit.

Supplements of banks, operators and producers print rates without a percent sign and counts beside money, under one
caption ("in millions"). Read as money they would be plausible and wrong. Judged by the words of the label, the last
heading above it and the column's own heading; what these words do not settle stays money.

* ratio: yields, returns, ratios, "Tangible common equity to tangible assets". Percent, unless the words name a
  multiple (current ratio, coverage, times).
* count: employees, branches, customers, "Number of ...", tonnes. A pure number; it is scaled only by a scale that its
  own label or heading states, never by that of the table.
* price: "Average revenue per piece", "($/tonne)". Money, scaled as a count is.
* shares and per_share: only of columns ("Total number of shares purchased", "Average price paid per share").
"""

import re
from functools import lru_cache

from kc_pipeline.extraction.units import names_per_share, unit_words

_RATIO = re.compile(
    r"\bratios?\b|(?<!accumulation\sof\s)(?<!accretion\sof\s)\byields?\b(?!\s+(?:maintenance|adjust))|(?<!expected\s)(?<!actual\s)\breturns?\s+on\s+(?!plan\b)(?:[\w'’]+[\s,]+){0,4}(?:assets|equity|capital|investments?|sales)\b"
    r"|\b(?:net\s+)?debt\s*(?:/|\s+to)\s*(?:total\s+|net\s+|adjusted\s+)?(?:equity|capital(?:i[sz]ation)?|ebitdax?)\b|\beconomic\s+return\b"
    r"|\b(?:financing|funding|credit|borrowing)\s+spreads?\b|\bborrowing\s+rates?\W*$"
    r"|\bnet\s+interest\s+(?:margin|spread)\b|\binterest\s+rate\s+spread\b|\bas\s+a\s+percent(?:age)?\s+of\b|\bpercent(?:age)?\s+(?:growth|change|of)\b"
    r"|\b(?:charge-?offs?|delinquency|loss|recovery|growth|retention|utili[sz]ation|occupancy|attrition|churn|turnover|penetration|payout|effective\s+tax)(?:/\(?\w+\)?)?\s+rates?\b"
    r"|\b(?:assets|loans|receivables|equity|capital|allowances?|deposits|charge-?offs|expenses?|loss(?:es)?)(?:\s+\([^)]*\))?\s+to\s+(?:period[\s-]end\s+|total\s+|average\s+|tangible\s+|gross\s+|risk[\s-]+|non-?performing\s+|non-?accrual\s+|retained\s+|managed\s+){1,3}\w+",
    re.I,
)
_RATIO_HEADING = re.compile(
    r"\b(?:ratios?|yields?(?:\s*/\s*(?:costs?|rates?))?|rates?|percentage\s+(?:growth|change)s?|average\s+rates?|rates\s+(?:paid|earned))(?:\s*\([^)]*\))?\W*$",
    re.I,
)
_MULTIPLE = re.compile(
    r"\b(?:current|quick|acid|coverage|cover|book[\s-]+to[\s-]+bill|multiple|times|turns?|turnover|ebitdax?|price|gearing|debt[\s-]+to[\s-]+equity|debt\s*/\s*equity)\b|\(x\)",
    re.I,
)
_NOUNS = (
    r"employees|headcount|ftes?|full[\s-]time\s+equivalents?|workforce|associates|branches|(?:branch|banking)\s+(?:offices|cent(?:er|re)s)|offices|atms?|stores|restaurants|"
    r"locations|airports|hotels|households|subscribers|subscriptions|users|members|merchants|customers|clients|advisors|advisers|teachers|students|patients|packages?|package\s+volume|"
    r"cards?[\s-]+in[\s-]+force|minutes|tonnes|tons|barrels|ounces|vehicles|hours|days|rooms|wells|access\s+lines|connections|devices|units|transactions"
)
_NUMBER_OF = re.compile(
    r"\bnumbers?\s+of\b|\bheadcount\b|\bin\s+whole\s+\w+|#\s*(?:in|of)\s|\((?:in\s+)?(?:years|yrs?\.?)\)|\bin\s+years\W*$",
    re.I,
)
_COUNT = re.compile(
    rf"^\W*(?:(?:total|average|active|net|new|existing|ending|period[\s-]end|end\s+of\s+period|paying|registered|daily|monthly|full[\s-]time|part[\s-]time|mobile|digital|online|mobility|sales|operating|sold)\s+){{0,4}}"
    rf"(?:{_NOUNS})(?:\s+(?:added|acquired|additions|sold|shipped)\b)?(?:\s+in\s+(?:the\s+)?(?:period|quarter|year|operation|service))?(?:\s*\([^)]*\))*\W*$"
    r"|\((?:[MB]{0,2}cfe?|M{0,2}bbls?|M{0,2}boe|MMBtu|[GM]Wh)(?:\s*/\s*d(?:ay)?)?\)|\b(?:MMBtu|[MB]{0,2}cfe?|M?bbls?|M?boe)\s*(?:/\s*|per\s+)d(?:ay)?\b"
    rf"|\((?:in\s+)?(?:thousands?|millions?|000['’]?s?)?\s*(?:of\s+)?(?:{_NOUNS})(?:\s+(?:daily|per\s+day|a\s+day))?\)|\busage\s+minutes\b|\bminutes\s+of\s+use\b|\bsubscribers\W*$"
    r"|^\W*days\s+(?:sales|in|of|payables?|inventor|outstanding)\b|\bdays\s+outstanding\b",
    re.I,
)
_MONEY = re.compile(
    r"\b(?:revenues?|costs?|expenses?|income|loss(?:es)?|profits?|prices?|fees?|payments?|advances?|deposits|receivables?|payables?|tax(?:es)?|compensation|proceeds|debt|loans?|"
    r"balances?|amounts?|sales\s+to|due|liabilit\w+|assets|value|earnings|benefits?|acquisition|dollars?)\b|[$€£¥]",
    re.I,
)
_UNIT_OF = (
    r"(?:metric\s+)?(?:tonne|ton|barrel|bbl|boe|mcfe?|mmbtu|ounce|oz|pound|lb|gallon|piece|package|unit|user|subscriber|(?:premium\s+)?customer|account|room|store|seat|mile|"
    r"square\s+foot|employee|location|site|screen|(?:\w+\s+)?slot|vehicle|mwh|kwh|transaction|minute|line|patient|student|(?:paying\s+)?member(?:ship)?|loan|branch)s?"
)
_PRICE = re.compile(
    rf"[$€£¥]\s*/\s*[a-z]+|/\s*(?:tonne|ton|bbl|boe|mcfe?|mmbtu|oz|lb)\b|\bper\s+{_UNIT_OF}\b|\bARP[AU]\b|\baverage\s+(?:realized\s+|selling\s+|sales\s+)prices?\b"
    r"|\b(?:closing|high|low|share|exercise)\s+price\b",
    re.I,
)
_REVENUES = re.compile(r"^\W*(?:(?:total|net|operating|consolidated)\s+)*(?:revenues?|sales)\W*$", re.I)
_COUNTED_BY = re.compile(
    r"^\W*(?:number\s+of\s+)?(?:employees|headcount|workforce|personnel|associates|stores|branches|restaurants|hotels|subscribers)\s+by\s+\w",
    re.I,
)
_SHARES = re.compile(
    r"\bnumber\s+of\s+(?:\w+\s+){0,5}(?:shares|adss?)\b|^\W*(?:total\s+|common\s+|ordinary\s+|class\s+\w\s+)*shares\s+(?:purchased|repurchased|granted|vested)\W*$|^\W*(?:number\s+of\s+)?shares\W*$",
    re.I,
)
_WORDS = re.compile(
    r"\([MB]{0,2}(?:cf|bb|boe)|[GM]Wh|ratio|yield|return|spread|margin|rate|percent|\bto\b|number|headcount|whole|#|/|\bper\b|ARP[AU]|average|debt|spread|years|yrs?|cards|price|shares|"
    + _NOUNS,
    re.I,
)


@lru_cache(maxsize=32768)
def row_measure(label: str, heading: str) -> str:
    """Return `ratio`, `multiple`, `count`, `price` or "" (money) for a row, by its label and the last heading above it."""
    if not _may_measure(label) and not _may_measure(heading):
        return ""
    if names_per_share(label) or names_per_share(heading):
        return ""
    own = _own_measure(label)
    if own == "count" and _REVENUES.match(heading) and not _NUMBER_OF.search(label):
        return ""  # "Company-operated stores" under "Net revenues:" is what they sold
    if own:
        return own
    above = _measure_below(heading)
    if above == "count":
        return "" if _MONEY.search(label) else "count"
    return "" if above == "ratio" and _MULTIPLE.search(heading + label) else above


@lru_cache(maxsize=32768)
def _may_measure(text: str) -> bool:
    return _WORDS.search(text) is not None


@lru_cache(maxsize=32768)
def _is_count(text: str) -> bool:
    return _NUMBER_OF.search(text) is not None or (
        _COUNT.search(text) is not None and not _MONEY.search(text)
    )


@lru_cache(maxsize=32768)
def _own_measure(label: str) -> str:
    """Return what a label by itself says that a row measures."""
    if _is_count(label):
        return "count"
    if _PRICE.search(label):
        return "price"
    if _RATIO.search(label):
        return "multiple" if _MULTIPLE.search(label) else "ratio"
    return ""


@lru_cache(maxsize=32768)
def _measure_below(heading: str) -> str:
    """Return what a heading says that the rows under it measure."""
    if _is_count(heading):
        return "count"
    if _PRICE.search(heading):
        return "price"
    return "ratio" if _RATIO_HEADING.search(heading) else ""


@lru_cache(maxsize=8192)
def column_measure(text: str) -> str:
    """Return `shares`, `per_share`, `ratio`, `count`, `price` or "" for a column, by one heading of its own."""
    if len(text) > 90 or re.search(r"\bexcept\b", text, re.I):
        return ""
    if _SHARES.search(text):
        return "shares"
    if names_per_share(text):
        # "(In millions, per-share amounts in dollars)" says the units of all rows, not what a column measures
        return "per_share" if unit_words(text).scale is None else ""
    if _is_count(text):
        return "count"
    if _PRICE.search(text):
        return "price"
    return "ratio" if _RATIO_HEADING.search(text) or _RATIO.search(text) else ""


def names_part(text: str, labels: list[str]) -> bool:
    """Return whether a column's heading that could be a count names a part of a business: its rows are of money.

    `Devices` over revenues and costs is a segment; `Number of devices` never is.
    """
    money = sum(_MONEY.search(label) is not None for label in labels)
    return 2 * money > len(labels) and _NUMBER_OF.search(text) is None


def counts_by(line: str) -> bool:
    """Return whether a table's title says that it counts people or places ("Employees by region")."""
    return _COUNTED_BY.search(line) is not None
