"""Which statement a table is, judged by its title and by the labels in it."""

import re
from dataclasses import dataclass
from functools import lru_cache

from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.markup import LONGEST_TITLE
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.vocabulary import FULL_MONTHS, MONTH_PATTERN, SCOPES, TITLES

PRIMARY = ("income", "balance_sheet", "cash_flow")

_BALANCE_ROW = re.compile(
    r"^\W*(?:beginning|ending|opening|closing)\s+balances?\W*$|^\W*(?:beginning\s+|ending\s+|opening\s+|closing\s+)?balances?\b[\s,–—-]*(?:beginning|end\b|as\s+of|as\s+at|at|on|,|–|-|"
    + FULL_MONTHS
    + ")",
    re.I,
)
_NET_CASH = re.compile(
    r"net\s+(?:cash|increase|decrease|change)|cash\s+(?:flows?\s+)?(?:\(?used|provided|generated|from|required)|cash\s+flows?\s+from",
    re.I,
)
_SOLD = re.compile(  # beside one cash flow: the key figures of a business, not its cash flow statement
    r"^\W*(?:total\s+|net\s+)?(?:revenues?|sales|orders|turnover)(?:\s+received)?\W*$", re.I | re.M
)
_ACTIVITIES = re.compile(
    r"\b(operating|operations|invest(?:ing|ment)s?|financ(?:ing|e|ial))\s+(?:activities|operations)\b", re.I
)
_CONTINUED = re.compile(r"\bcontinued\b|\bcont['’]?d\b|\bconcluded\b", re.I)
_SIDE_ROW = re.compile(
    r"^\W*total\s+(?:non[\s-]*)?current\s+(?:assets|liabilities)|^\W*total\s+(?:fixed\s+)?assets\b",
    re.I | re.M,
)
_TOTAL_ASSETS = re.compile(r"^\W*total\s+(?:consolidated\s+)?assets\b|^assets,?\s+total", re.I)
_TOTAL_OTHER_SIDE = re.compile(
    r"^\W*total\s+(?:current\s+)?liabilities|^\W*total\s+(?:\w+['’]?s?['’]?\s+){0,4}(?:equity|deficit)|liabilities\s+and\s+(?:\w+\W+){0,5}(?:equity|deficit|capital)",
    re.I,
)
_INCOME_LABEL = re.compile(
    r"^\W*(?:total\s+|net\s+)?(?:revenues?|sales|turnover)\b|\bcosts?\s+of\s+(?:\w+\s+)?(?:revenues?|sales|goods|products?)|\bgross\s+(?:profit|margin)\b"
    r"|\b(?:operating|net)\s+(?:income|loss|profit|earnings)|\b(?:income|loss|profit|earnings)\s+(?:\(\w+\)\s+)?before|\bincome\s+tax|\bper\s+(?:\w+\s+){0,2}share|\binterest\s+(?:income|expense)|\bprofit\s+for\s+the",
    re.I,
)
_SALES = re.compile(r"\b(?:revenues?|sales|turnover)\b")  # on text in lower case
_OCI = re.compile(r"comprehensive\s+(?:income|loss|earnings)", re.I)
_BOTTOM_LINE = re.compile(  # on text in lower case
    r"\bnet\s+(?:income|loss|earnings|profit|\(loss\))|\bprofit\s+(?:\(loss\)\s+)?for\s+the|\b(?:income|loss|profit)\s+(?:\(loss\)\s+)?for\s+the\s+(?:period|year|quarter)",
)


_SIDE_HINTS = ("liabilit", "equity", "deficit")
_INCOME_HINTS = (
    "revenue",
    "sales",
    "turnover",
    "cost",
    "gross",
    "income",
    "loss",
    "profit",
    "earnings",
    "share",
    "interest",
)


@lru_cache(maxsize=16384)
def _is_income_label(label: str) -> bool:
    return says(label.lower(), _INCOME_HINTS) and _INCOME_LABEL.search(label) is not None


_BOTH_SIDES = (
    re.compile(r"^\W*total\s+(?:current\s+)?assets\b", re.I),
    re.compile(r"^\W*total\s+(?:current\s+)?liabilities\b", re.I),
)


def holds_flows(statement: str, labels: list[str], *, summary: bool = False) -> bool:
    """Return whether the rows of a table are flows: it is a statement of such, or its labels are those of one.

    Rows of a balance sheet without its title name revenue, too ("Deferred revenue"): few among many, and with both sides.
    A summary holds flows and balances.
    """
    if statement in ("income", "cash_flow"):
        return True
    flows = sum(map(_is_income_label, labels)) if statement != "balance_sheet" else 0
    if flows < 2 or summary:
        return flows >= 2
    return 4 * flows > len(labels) or not all(any(map(side.match, labels)) for side in _BOTH_SIDES)


def scope_of(title: str) -> str:
    """Return whose figures a table holds: consolidated, parent_only, vie or acquiree."""
    lowered = title.lower()
    return next((scope for scope, phrase in SCOPES.items() if phrase.said(lowered)), "consolidated")


@dataclass(frozen=True, slots=True)
class _Signs:
    """What the title and the labels of a table say, as far as the rules below ask for it."""

    title: str
    title_lowered: str
    near: str
    labels: list[str]
    text: str
    lowered: str
    total_assets: bool
    other_side: bool
    flows: int
    reconciled: bool
    titled_balance: bool
    titled_income: bool
    titled_cash: bool
    bottom: bool
    income_labels: int


def _signs(title: str, labels: list[str], near: str) -> _Signs:
    text = "\n".join(labels)
    lowered, title_lowered = text.lower(), title.lower()
    total_assets = _has_row(labels, lowered, ("assets",), _TOTAL_ASSETS)
    bottom = says(lowered, ("net", "profit", "income", "loss")) and _BOTTOM_LINE.search(lowered) is not None
    titled_income = TITLES["income"].said(title_lowered)
    return _Signs(
        title,
        title_lowered,
        near,
        labels,
        text,
        lowered,
        total_assets,
        _has_row(labels, lowered, _SIDE_HINTS, _TOTAL_OTHER_SIDE),
        _activities(text, lowered),
        _is_reconciled(title_lowered, lowered),
        TITLES["balance_sheet"].said(title_lowered),
        titled_income,
        TITLES["cash_flow"].said(title_lowered),
        bottom,
        sum(map(_is_income_label, labels)) if bottom or titled_income or total_assets else 0,
    )


def _has_row(labels: list[str], lowered: str, hints: tuple[str, ...], pattern: re.Pattern[str]) -> bool:
    return says(lowered, hints) and any(
        pattern.search(label) for label in labels if says(label.lower(), hints)
    )


def _activities(text: str, lowered: str) -> int:
    """Return how many of operations, investing and financing the labels part cash by."""
    flows = 0
    for word in ("operating activities", "investing activities", "financing activities"):
        flows += word in lowered
    if flows < 2:
        for word in ("operations", "investing", "financing"):
            flows += bool(word in lowered and re.search(rf"cash[^\n]{{0,40}}{word}", lowered))
        flows = min(flows, 3)
    if flows < 2 and "cash" in lowered:
        flows = max(flows, len({m[1][:6].lower() for m in _ACTIVITIES.finditer(text)}))
    return flows


def _is_reconciled(title: str, lowered: str) -> bool:
    """Return whether the title names a reconciliation, or adjusted measures stand in more than one label."""
    if TITLES["reconciliation"].said(title):
        return True
    return lowered.count("non-gaap") + lowered.count("non gaap") + lowered.count("adjusted ") >= 2


def statement_of(title: str, labels: list[str], near: str) -> str:
    """Return the statement kind of a table: what the first rule that knows it says, or "other".

    Args:
        title: the title lines found for the table.
        labels: the labels of its rows.
        near: the line nearest above the table and its caption.
    """
    signs = _signs(title, labels, near)
    return next((kind for rule in _RULES if (kind := rule(signs))), "other")


def _changes_in_equity(signs: _Signs) -> str:
    """Balances rolled forward, or a title that says so: no statement that is read."""
    if signs.total_assets or signs.flows >= 2:
        return ""
    balances = [x for x in signs.labels if "balance" in x.lower()] if "balance" in signs.lowered else []
    if sum(1 for label in balances if _BALANCE_ROW.search(label)) >= 2:
        return "other"
    if signs.titled_income and "revenue" in signs.lowered:
        return ""
    return "other" if TITLES["equity"].said(signs.title_lowered) else ""


def is_summary(title: str) -> bool:
    """Return whether a table is titled as one that gathers figures of several statements, and not as a statement."""
    summary = TITLES["summary"]
    lines = title.split("\n")
    if not any(len(x) < 160 and summary.said(x.lower()) and not titled_as_statement(x) for x in lines):
        return False
    return not any(map(is_statement_title, lines))


def _summary(signs: _Signs) -> str:
    """A summary that holds the flows of cash or a balance sheet among others is neither statement."""
    cash = _cash_flow(signs) != ""
    balance = not cash and _balance_sheet(signs) != "" and any(map(_is_income_label, signs.labels))
    return "other" if (cash or balance) and is_summary(signs.title) else ""


def _balance_sheet(signs: _Signs) -> str:
    few = signs.income_labels < 3
    if signs.total_assets and (signs.other_side or signs.titled_balance):
        titled = signs.titled_balance and not signs.titled_income
        if few or (titled and signs.income_labels < 6):
            return "balance_sheet"
    if not signs.titled_balance or signs.titled_cash or signs.flows >= 2:
        return ""
    first_page = few and "total current assets" in signs.lowered
    return "balance_sheet" if signs.other_side or first_page else ""


def _cash_flow(signs: _Signs) -> str:
    if not signs.flows or not _NET_CASH.search(signs.text):
        return ""
    if signs.flows >= 2:
        return "cash_flow"
    if not signs.titled_cash or signs.titled_income or signs.reconciled or _SOLD.search(signs.text):
        return ""
    return "cash_flow"


def _part_of(signs: _Signs) -> str:
    """The statement that a table is a part of: its heading right above names one, and says that it goes on, or the
    rows are those of one side of a balance sheet."""
    if signs.reconciled:
        return ""
    for line in signs.near.split("\n"):
        if not is_statement_title(line):
            continue
        lowered = line.lower()
        balance = TITLES["balance_sheet"].said(lowered)
        if _CONTINUED.search(line):
            cash = TITLES["cash_flow"].said(lowered)
            return "balance_sheet" if balance else "cash_flow" if cash else "income"
        if balance and _SIDE_ROW.search(signs.lowered):
            return "balance_sheet"
    return ""


def _named_reconciliation(signs: _Signs) -> str:
    if not signs.reconciled or signs.titled_income:
        return ""
    said = "\n".join((signs.near, signs.title[-400:], signs.text)).lower()
    return "reconciliation" if TITLES["reconciliation"].said(said) else ""


def _income(signs: _Signs) -> str:
    if signs.bottom and signs.income_labels >= 4 and (signs.titled_income or _SALES.search(signs.lowered)):
        return "reconciliation" if signs.reconciled and not signs.titled_income else "income"
    comprehensive = "comprehensive" in signs.lowered and _OCI.search(signs.text) is not None
    if signs.titled_income and (signs.income_labels >= 3 or signs.bottom or comprehensive):
        return "income"
    return "income" if comprehensive and signs.bottom else ""


def _reconciliation(signs: _Signs) -> str:
    return "reconciliation" if signs.reconciled else ""


def _segment(signs: _Signs) -> str:
    segment = TITLES["segment"]
    named = segment.said(signs.near.lower()) or segment.said(signs.title[-300:].lower())
    return "segment" if named else ""


_RULES = (  # in order; a rule that does not know says ""
    _changes_in_equity,
    _summary,
    _balance_sheet,
    _cash_flow,
    _part_of,
    _named_reconciliation,
    _income,
    _reconciliation,
    _segment,
)


_NO_TITLE = re.compile(r"\bfollowing\b|\bresults\s+of\s+operations\b|\bdata\b", re.I)


def is_statement_title(line: str) -> bool:
    """Return whether a line is the formal title of a balance sheet, an income or a cash flow statement."""
    formal = len(line) < 120 and TITLES["formal"].said(line.lower())
    return formal and titled_as_statement(line) and not _NO_TITLE.search(line)


def is_rolled_balance(label: str) -> bool:
    """Return whether a row is the balance that a roll-forward begins or ends with ("Balance at January 1, 2009")."""
    return "alance" in label and _BALANCE_ROW.search(label) is not None


def titled_as_statement(title: str) -> bool:
    """Return whether a title names a balance sheet, an income or a cash flow statement."""
    lowered = title.lower()
    named = any(TITLES[kind].said(lowered) for kind in ("balance_sheet", "income", "cash_flow"))
    return named and not TITLES["equity"].said(lowered) and "notes to" not in lowered


_FURNITURE = re.compile(r"\bform\s+(?:10-[QK]|20-F|6-K)\b", re.I)


_ENDS_IN_MONTH = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december)$", re.I
)
_BEGINS_WITH_DAY = re.compile(r"\d{1,2},?\s+(?:19|20)\d\d\b")


def _joined_days(lines: list[str]) -> list[str]:
    """Return lines with a day that was broken over two of them ("... from March", "3, 2025 (inception) ...") in one."""
    out: list[str] = []
    for line in lines:
        if out and _BEGINS_WITH_DAY.match(line) and _ENDS_IN_MONTH.search(out[-1]):
            out[-1] = f"{out[-1]} {line}"
        else:
            out.append(line)
    return out


def title_lines(lead: list[str], most: int = 8) -> list[str]:
    """Return the lines directly above a table that make its title: short ones, nearest last."""
    out: list[str] = []
    for line in reversed(_joined_days(lead)):
        if len(out) >= most:
            break
        if len(line) > LONGEST_TITLE and out:
            break
        if len(line) < 60 and _FURNITURE.search(line):
            continue  # the foot of a page names the report's quarter, not the table's period
        out.append(line)
        if len(line) > LONGEST_TITLE:
            break
    return out[::-1]


_OF_PERIODS = re.compile(  # what a label may hold that only names a period
    r"\b(?:for|the|and|of|as|at|on|in|period|periods|quarters?|months?|weeks?|years?|ended|ending|three|six|nine|twelve|first|second|third|fourth|fiscal|"
    r"thirteen|twenty-six|thirty-nine|unaudited|audited|date|to|half|q[1-4]|fy|"
    + MONTH_PATTERN
    + r")\b|[\W\d_]",
    re.I,
)


@lru_cache(maxsize=32768)
def is_period_heading(text: str) -> bool:
    """Return whether a label only names a period ("Three months ended June 30, 2023:")."""
    if len(text) > 90:
        return False
    read = heading(text)
    if not (read.dated or read.lasting):
        return False
    return not _OF_PERIODS.sub("", text)
