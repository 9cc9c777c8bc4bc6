"""Where in its statement a row stands: current or non-current, operating or investing, under which heading.

Belongs here: headings and the order of totals to block names. Does not belong here: what a label means.

Two sources are combined, because filers print headings for some blocks only and a reader may keep a heading
above rows that no longer belong to it: the headings above the row, and the totals already passed (what
follows `Total current assets` is not a current asset, whatever heading still stands above it).
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

from kc_pipeline.concepts.labels import normalise

_BALANCE_HEADINGS = (
    ("mezzanine", re.compile(r"^(?:mezzanine|temporary) equity$|^redeemable (?:noncontrolling|convertible)")),
    ("", re.compile(r"liabilit.*(?:equity|deficit)|^asset and liabilit")),
    ("noncurrent_assets", re.compile(r"\b(?:noncurrent|long term|fixed) asset")),
    ("current_assets", re.compile(r"\bcurrent asset")),
    (
        "noncurrent_liabilities",
        re.compile(r"\b(?:noncurrent|long term) (?:\w+ )*liabilit|^deferred credit and other noncurrent"),
    ),
    ("current_liabilities", re.compile(r"\bcurrent (?:\w+ )*liabilit")),
    (
        "equity",
        re.compile(
            r"\b(?:shareholder|owner|member|partner)? ?(?:equity|deficit|deficiency)$|^capital and reserve|^capital stock$"
        ),
    ),
    ("noncurrent_assets", re.compile(r"^other asset$")),
    ("assets", re.compile(r"^asset$")),
    ("liabilities", re.compile(r"^liabilit(?:y|ie)$")),
)
_BALANCE_TOTALS = {
    "total current asset": ("current_assets", "noncurrent_assets"),
    "current asset": ("current_assets", "noncurrent_assets"),
    "current liability": ("current_liabilities", "noncurrent_liabilities"),
    "total noncurrent asset": ("noncurrent_assets", "current_assets"),
    "total long term asset": ("noncurrent_assets", "current_assets"),
    "total asset": ("assets", "liabilities"),
    "total current liability": ("current_liabilities", "noncurrent_liabilities"),
    "total noncurrent liability": ("noncurrent_liabilities", "current_liabilities"),
    "total long term liability": ("noncurrent_liabilities", "current_liabilities"),
    "total liability": ("liabilities", "equity"),
}
_ALL_OF = {
    "assets": ("assets", "current_assets", "noncurrent_assets"),
    "liabilities": ("liabilities", "current_liabilities", "noncurrent_liabilities"),
}
_CASH_HEADINGS = (
    (
        "supplemental",
        re.compile(
            r"supplement|noncash (?:investing|financing|transaction|activit|right)|cash paid|cash interest paid"
        ),
    ),
    (
        "working_capital",
        re.compile(
            r"^(?:increase in|.*\bincrease in) .*(?:asset|liabilit|working capital|balance)|^working capital"
        ),
    ),
    (
        "adjustments",
        re.compile(
            r"^adjustment|adjustment (?:to|for)|^charge and credit|^noncash item|item not (?:affecting|requiring|involving)"
        ),
    ),
    ("operating", re.compile(r"\boperating activit|^operation|^operating$")),
    (
        "investing",
        re.compile(
            r"\binvesting activit|^investing$|^investment activit|^purchase of investment|^proceed from sale of investment"
        ),
    ),
    ("financing", re.compile(r"\bfinancing activit|^financing$")),
)
_CASH_TOTAL = re.compile(r"^net cash (operating|investing|financing)|^net cash (operation)\b")
_TAX_RECONCILIATION = re.compile(r"^income tax (?:computed )?at (?:\w+ )*statutory")
_AFTER = {
    "operating": "investing",
    "investing": "financing",
    "financing": "summary",
    "operation": "investing",
}
_INCOME_HEADINGS = (
    ("eps", re.compile(r"\bper (?:common stock|share|ads|basic|diluted)|\beps\b")),
    ("shares", re.compile(r"weighted average|\bshare used\b|number of share|share outstanding|^denominator")),
    ("comprehensive", re.compile(r"other comprehensive income|^comprehensive income")),
    ("attributable", re.compile(r"attributable to$")),
    ("cost", re.compile(r"^cost of (?:net )?(?:revenue|sale|good|service|product)")),
    ("cost_and_expense", re.compile(r"^(?:operating )?cost and (?:operating )?(?:expense|other deduction)|^operating cost|^claim and expense")),
    ("opex", re.compile(r"^operating (?:income )?expense")),
    ("interest_income", re.compile(r"^(?:total )?interest (?:and (?:dividend|fee|similar) )?income$|^financing revenue and other interest income$")),
    ("interest_expense", re.compile(r"^(?:total )?interest expense$")),
    ("noninterest_income", re.compile(r"^(?:total )?(?:noninterest income|other noninterest income)$")),
    ("noninterest_expense", re.compile(r"^(?:total )?(?:noninterest|other noninterest) expense$")),
    ("interest", re.compile(r"^interest$")),
    ("other_income", re.compile(r"^(?:other|nonoperating|interest and other|financial) (?:gain |nonoperating )?(?:income|expense)")),
    ("revenue", re.compile(r"^(?:net |total |operating )*(?:revenue|sale|turnover|营业收入|收入)(?: and other income| and revenue)?$|^sale and revenue$|^net sale and revenue$")),
    ("noncurrent_portion", re.compile(r"^noncurrent portion")),
    ("current_portion", re.compile(r"^current portion")),
    ("pretax", re.compile(r"^income before (?:income )?tax$")),
    ("gross_profit", re.compile(r"^(?:adjusted )?gross (?:income|margin)$")),
)  # fmt: skip


@lru_cache(maxsize=16384)
def heading_blocks(statement: str, section: tuple[str, ...]) -> tuple[str, ...]:
    """Return the blocks that the headings name, innermost first."""
    table = {"balance_sheet": _BALANCE_HEADINGS, "cash_flow": _CASH_HEADINGS}.get(statement, _INCOME_HEADINGS)
    out = []
    for heading in reversed(section):
        text = normalise(heading)
        for block, pattern in table:
            if pattern.search(text):
                if block:
                    out.append(block)
                break
    return tuple(out)


@dataclass(slots=True)
class Walk:
    """The state while walking down one statement; `step` returns the blocks of the next row."""

    statement: str
    first_asset_block: str = "current_assets"
    first_liability_block: str = "current_liabilities"
    state: str = ""
    closed: set[str] = field(default_factory=set)

    def step(self, section: tuple[str, ...], label: str) -> frozenset[str]:
        """Return the blocks of a row, given the headings above it and its normalised label."""
        if self.statement == "balance_sheet":
            return self._balance(section, label)
        if self.statement == "cash_flow":
            return self._cash(section, label)
        return self._income(section, label)

    def _balance(self, section: tuple[str, ...], label: str) -> frozenset[str]:
        if not self.state:
            self.state = self.first_asset_block
        for block in heading_blocks("balance_sheet", section):
            if block in self.closed:
                continue
            if block == "assets" and self.state.endswith("assets"):
                break
            if block == "liabilities" and self.state in _ALL_OF["liabilities"]:
                break
            self.state = self._opened(block)
            break
        here = self.state
        done = _BALANCE_TOTALS.get(label)
        if done:
            for part in _ALL_OF.get(done[0], (done[0],)):
                self.closed.add(part)
            if done[1] not in self.closed:
                self.state = self._opened(done[1])
            elif done[0].endswith("assets"):
                self.state = "assets"
        elif label.startswith("total ") and "equity" in label and "liability" not in label:
            self.state = "equity"
        return frozenset((here,))

    def _opened(self, block: str) -> str:
        if block == "liabilities":
            return self.first_liability_block
        return self.first_asset_block if block == "assets" else block

    def _cash(self, section: tuple[str, ...], label: str) -> frozenset[str]:
        named = heading_blocks("cash_flow", section)
        main = next((b for b in named if b in ("operating", "investing", "financing", "supplemental")), None)
        if main and main not in self.closed:
            self.state = main
        elif not self.state:
            self.state = "operating"
        out = {self.state}
        if self.state == "operating":
            out.update(b for b in named[:1] if b in ("adjustments", "working_capital"))
        total = _CASH_TOTAL.match(label)
        if total and "discontinued" not in label:
            activity = total.group(1) or "operating"
            self.closed.add(activity)
            self.state = _AFTER[activity]
        return frozenset(out)

    def _income(self, section: tuple[str, ...], label: str) -> frozenset[str]:
        out = {b for b in heading_blocks("income", section)[:2] if b not in self.closed}
        if "comprehensive income" in label and not label.startswith("accumulated"):
            self.state = "comprehensive"
        if _TAX_RECONCILIATION.search(label):
            self.state = "tax_reconciliation"
        if self.state:
            out.add(self.state)
        if self.statement == "reconciliation":
            out.add("reconciled")
        if label.startswith("total ") and "revenue" in out:
            self.closed.add("revenue")
        return frozenset(out)
