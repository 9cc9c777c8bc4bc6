"""Readings that contradict each other: in one table, and between the tables of a document.

Each finding is a Caution that names table and row or column and says what to do; its code goes on `suspect` of the
lines concerned, so that what is contradicted is marked wherever it goes. Arithmetic of totals is in checks.py.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from itertools import pairwise

from kc_pipeline.extraction.model import Caution, Line, mark
from kc_pipeline.extraction.odd_figures import odd_figures
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.row_labels import is_stock
from kc_pipeline.figures import IN_LABEL

FLOWS = ("income", "cash_flow")
_PRIMARY = ("balance_sheet", *FLOWS)
_SAYS_CURRENCY = re.compile(
    r"[$€£¥₩₹]|\b(?:rmb|cny|usd|hkd|eur|gbp|jpy|cad|aud|inr|krw|twd|sgd|yuan|renminbi|dollars?|euros?|yen|pounds?|rupees?)\b",
    re.I,
)
_NET = re.compile(r"^\W*net\s+(?:\(?(?:income|loss|profit|earnings)\)?|result)|^\W*profit\s+for\s+the", re.I)
_FOR = re.compile(r"\bfor\s+the\b", re.I)
_FLOW = re.compile(
    r"\b(?:net\s+(?:income|loss|earnings|sales|revenues?)|revenues?|earnings|operating\s+(?:income|profit|loss))\b",
    re.I,
)
_NO_EARNINGS = re.compile(
    r"\bbook\s+value\b|\bdividends?\b|\bdistributions?\b|\bprices?\b|\btangible\b|\brevenues?\b", re.I
)
_ONLY_LOSS = re.compile(
    r"^\W*(?:net|operating)\s+loss(?:es)?\W*$|^\W*loss(?:es)?\s+(?:from\s+operations|before\s+(?:income\s+)?tax(?:es)?)\W*$",
    re.I,
)
_ONLY_PROFIT = re.compile(
    r"^\W*operating\s+(?:income|profit)\W*$|^\W*(?:income|profit)\s+from\s+operations\W*$", re.I
)
_REVENUES = re.compile(r"^\W*(?:total\s+)?(?:net\s+)?(?:revenues?|sales)(?:,?\s+net)?\W*$", re.I)
_COSTS = re.compile(
    r"^\W*total\s+(?:operating\s+)?(?:costs?\s+and\s+(?:operating\s+)?expenses|costs|expenses)\W*$", re.I
)
_ASSETS = re.compile(r"^\W*total\s+(?:consolidated\s+)?assets\W*$", re.I)
_CURRENT_ASSETS = re.compile(r"^\W*(?:total\s+)?current\s+assets\W*$", re.I)
_LIABILITIES = re.compile(r"^\W*total\s+liabilities\W*$", re.I)
_CURRENT_LIABILITIES = re.compile(r"^\W*(?:total\s+)?current\s+liabilities\W*$", re.I)
_BOTH = re.compile(r"^\W*total\s+liabilities\b.*\b(?:equity|deficit|capital|deficiency)\b", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_POWERS = (Decimal(100), Decimal(1000), Decimal(100_000), Decimal(1_000_000), Decimal(1_000_000_000))


def currency_of(unit: str) -> str | None:
    """Return the currency of an amount, in whole or per share; None for what is no money."""
    name, _, _ = unit.partition("/")
    return name if len(name) == 3 and name != "ADS" else None


def _power_of(ratio: Decimal) -> Decimal | None:
    """Return the power of a scale that a ratio (or its inverse) is near; None where it is near none."""
    if ratio <= 0:
        return None
    ratio = max(ratio, 1 / ratio)
    return next((p for p in _POWERS if Decimal("0.85") <= ratio / p <= Decimal("1.18")), None)


def _by_column(lines: Sequence[Line]) -> dict[tuple[object, ...], list[Line]]:
    """Return the lines of each column: one heading, period and member."""
    out: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        key = (line.col, line.column_label, line.period_end, line.months, line.member)
        out.setdefault(key, []).append(line)
    return out


def mixed_currency(lines: Sequence[Line]) -> list[Caution]:
    """Figures of one column in two currencies, where neither the row nor a sign on the cell says so."""
    columns: dict[tuple[int, str], list[Line]] = {}
    for line in lines:
        if line.statement != "other" and currency_of(line.unit) and not line.column_label.endswith(IN_LABEL):
            columns.setdefault((line.col, line.column_label), []).append(line)
    out = []
    for (col, label), column in columns.items():
        if len({currency_of(x.unit) for x in column}) < 2:
            continue
        column = [x for x in column if not _SAYS_CURRENCY.search(" ".join((x.text, x.label, *x.section)))]
        found = sorted({currency_of(x.unit) or "" for x in column})
        if len(found) > 1:
            mark(column, "mixed_currency")
            out.append(
                Caution(
                    column[0].table,
                    "mixed_currency",
                    f"column {col} {label[:80]!r} holds figures in {' and '.join(found)}, and no row says why: "
                    "check the currency against the page",
                )
            )
    return out


def flow_without_duration(lines: Sequence[Line], *, flow: bool = False) -> list[Caution]:
    """Flows of an income or cash flow statement whose column has an end and no length anywhere.

    With `flow` the rows of the table are flows, whatever it is called (a note on earnings per share).
    """
    columns: dict[str, list[Line]] = {}
    for x in lines:
        flows = x.statement in FLOWS or (flow and x.statement != "balance_sheet" and _FLOW.search(x.label))
        if flows and currency_of(x.unit) and not x.column_label.endswith(IN_LABEL):
            columns.setdefault(x.column_label, []).append(x)
    found: list[Line] = []
    for column in columns.values():
        label = column[0].column_label  # a balance sheet under another title; "At and For the" is none
        at_a_day = heading(label).as_of and not _FOR.search(label)
        if not at_a_day and all(x.months is None for x in column):
            found += [x for x in column if x.period_end is not None and not is_stock(x.label, x.section)]
    if not found:
        return []
    mark(found, "flow_without_duration")
    labels = ", ".join(repr(label[:60]) for label in dict.fromkeys(x.column_label for x in found))
    return [
        Caution(
            found[0].table,
            "flow_without_duration",
            f"{len(found)} flows from row {found[0].row} on, of columns {labels}, have an end and no length: over how "
            "many months they run is not known, and they enter no fact",
        )
    ]


def per_share_contradicts(lines: Sequence[Line]) -> list[Caution]:
    """Earnings per share times weighted shares against net income: off by a power of a scale."""
    out = []
    by_period: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        if line.statement == "income" and not line.member:
            by_period.setdefault((line.period_end, line.months), []).append(line)
    for column in by_period.values():
        per = [
            x
            for x in column
            if x.unit.endswith("/share")
            and abs(x.value).scaleb(x.decimals) >= 10
            and not _NO_EARNINGS.search(" ".join((*x.section[-1:], x.label)))
        ]
        shares = [x for x in column if x.unit == "shares" and x.value > 0]
        net = [x for x in column if _NET.match(x.label) and len(x.unit) == 3 and x.value]
        ratios = [
            (abs(p.value) * s.value / abs(n.value), p, s, n)
            for p in per
            for s in shares
            for n in net
            if currency_of(p.unit) == n.unit
        ]
        if not ratios or any(Decimal("0.2") < r[0] < 5 for r in ratios):
            continue
        near = [r for r in ratios if _power_of(r[0])]
        if not near or len(near) * 2 < len(ratios):
            continue
        ratio, p, s, n = near[0]
        mark([*per, *shares, *net], "scale_contradicted")
        out.append(
            Caution(
                n.table,
                "scale_contradicted",
                f"{n.period_end}: {p.text} per share (row {p.row}) times {s.text} shares (row {s.row}) is "
                f"{ratio:.3g} times {n.label[:60]!r} {n.text} (row {n.row}): one of the three scales is wrong",
            )
        )
    return out


def sign_against_words(lines: Sequence[Line]) -> list[Caution]:
    """A row whose words say loss, or profit, where revenues less costs, or another such row, say the opposite."""
    out = []
    for column in _by_column([x for x in lines if x.statement == "income" and len(x.unit) == 3]).values():
        revenues = _only(column, _REVENUES)
        costs = _only(column, _COSTS)
        losses = [x for x in column if _ONLY_LOSS.match(x.label) and x.value]
        wrong: list[tuple[Line, str]] = []
        if revenues is not None and costs is not None:
            rest = revenues.value - abs(costs.value)
            slack = 2 * Decimal(1).scaleb(-revenues.decimals)
            for x in column:
                same = abs(abs(x.value) - abs(rest)) <= slack < abs(rest)
                words = (_ONLY_LOSS.match(x.label) and rest > 0) or (
                    _ONLY_PROFIT.match(x.label) and rest < 0 < x.value
                )
                if same and words:
                    wrong.append((x, f"{revenues.label!r} less {costs.label!r} is {rest:f}"))
        if not wrong and len({x.value > 0 for x in losses}) > 1:
            last = losses[-1]
            wrong = [(x, f"{losses[0].label!r} is {losses[0].text}") for x in (last,)]
            mark(losses, "sign_against_words")
        for x, why in wrong:
            mark([x], "sign_against_words")
            out.append(
                Caution(
                    x.table,
                    "sign_against_words",
                    f"row {x.row} {x.label[:60]!r}, {x.period_end}: printed {x.text}, but {why}: check its sign",
                )
            )
    return out


def _only(lines: Iterable[Line], words: re.Pattern[str]) -> Line | None:
    found = [x for x in lines if words.match(x.label)]
    return found[0] if len(found) == 1 else None


def total_misplaced(lines: Sequence[Line]) -> list[Caution]:
    """A current part above its total; a total equal to liabilities and equity under the name of a part."""
    out = []
    balance = [x for x in lines if x.statement == "balance_sheet" and len(x.unit) == 3 and not x.member]
    for column in _by_column(balance).values():
        assets, other = _only(column, _ASSETS), _only(column, _BOTH)
        for part_words, whole_words in ((_CURRENT_ASSETS, _ASSETS), (_CURRENT_LIABILITIES, _LIABILITIES)):
            whole = _only(column, whole_words)
            parts = [x for x in column if part_words.match(x.label)]
            for part in parts:
                above = whole is not None and part.value > whole.value >= 0
                whole_itself = (
                    whole is None and assets is None and other is not None and part.value == other.value > 0
                )
                if not above and not whole_itself:
                    continue
                against = whole if above else other
                assert against is not None
                mark([part, against] if above else [part], "total_misplaced")
                out.append(
                    Caution(
                        part.table,
                        "total_misplaced",
                        f"row {part.row} {part.label[:60]!r} {part.text}, {part.period_end}, is "
                        f"{'above' if above else 'the same as'} {against.label[:60]!r} {against.text} (row {against.row}): "
                        "the row stands under the wrong name",
                    )
                )
    return out


def columns_a_year_apart(lines: Sequence[Line]) -> list[Caution]:
    """Comparable columns eleven or thirteen months apart, or of one period under headings of different years."""
    out = []
    columns = [c[0] for c in _by_column([x for x in lines if x.statement in _PRIMARY]).values() if len(c) > 2]
    groups: dict[tuple[object, ...], list[Line]] = {}
    for x in columns:
        if x.period_end is not None:
            groups.setdefault((x.months, currency_of(x.unit), x.member), []).append(x)
    for group in groups.values():
        told: list[tuple[Line, Line]] = []
        by_end = sorted(group, key=lambda x: (x.period_end, x.col))
        for a, b in pairwise(by_end):
            assert a.period_end is not None
            assert b.period_end is not None
            apart = abs((b.period_end - a.period_end).days)
            years = [set(_YEAR.findall(x.column_label)) for x in (a, b)]
            other_years = apart == 0 and all(years) and not years[0] & years[1]
            if other_years or 325 <= apart <= 345 or 385 <= apart <= 405:
                told.append((a, b))
        for a, b in told:
            mark(
                [
                    x
                    for x in lines
                    if (x.col, x.column_label) in ((a.col, a.column_label), (b.col, b.column_label))
                ],
                "columns_a_year_apart",
            )
            out.append(
                Caution(
                    a.table,
                    "columns_a_year_apart",
                    f"columns {a.col} {a.column_label[:60]!r} and {b.col} {b.column_label[:60]!r} were read as periods "
                    f"that end on {a.period_end} and {b.period_end}, not a year apart: check the ends of the periods",
                )
            )
    return out


def scales_in_document(lines: Sequence[Line]) -> list[Caution]:
    """The same figure at two scales; a balance sheet a thousandfold of another."""
    same: dict[tuple[object, ...], list[Line]] = {}
    assets: dict[tuple[object, ...], list[Line]] = {}
    whole = {x.table for x in lines if _BOTH.match(x.label)}
    for x in lines:
        if len(x.unit) != 3 or x.member or x.period_end is None or not x.value:
            continue
        if x.statement in _PRIMARY and len(x.label) >= 8:
            label = " ".join(x.label.lower().split())
            same.setdefault((label, x.statement, x.scope, x.unit, x.period_end, x.months), []).append(x)
        if x.statement == "balance_sheet" and x.table in whole and _ASSETS.match(x.label):
            assets.setdefault((x.scope, x.unit), []).append(x)
    out: list[Caution] = []
    told: set[tuple[int, int]] = set()
    for group in same.values():
        _told_once(out, told, group, _same_at_two_scales, "are the same figure at two scales")
    for group in assets.values():
        _told_once(out, told, group, _thousandfold, "are a thousandfold of each other")
    return out


def _told_once(
    out: list[Caution],
    told: set[tuple[int, int]],
    group: Sequence[Line],
    against: Callable[[Line, Line], bool],
    words: str,
) -> None:
    first = group[0]
    for x in group[1:]:
        if x.table == first.table or not against(first, x):
            continue
        mark((first, x), "scale_contradicted")
        if (first.table, x.table) not in told:
            told.add((first.table, x.table))
            out.append(
                Caution(
                    x.table,
                    "scale_contradicted",
                    f"row {x.row} {x.label[:60]!r} {x.text} and table {first.table}, row {first.row}, {first.text} {words} "
                    f"({x.value:f} and {first.value:f} {x.unit}): check the scale of both tables",
                )
            )


def _same_at_two_scales(a: Line, b: Line) -> bool:
    low, high = sorted((abs(a.value), abs(b.value)))
    if len(str(int(low.scaleb(a.decimals if low == abs(a.value) else b.decimals)))) < 4:
        return False
    half = Decimal("0.5").scaleb(-(a.decimals if low == abs(a.value) else b.decimals))
    return any(abs(low * p - high) <= half * p for p in (Decimal(1000), Decimal(1_000_000)))


def _thousandfold(a: Line, b: Line) -> bool:
    ratio = max(a.value, b.value) / min(a.value, b.value)
    return any(Decimal("0.8") <= ratio / power <= Decimal("1.25") for power in (1000, 1_000_000))


_OF_TABLE = (
    mixed_currency,
    per_share_contradicts,
    sign_against_words,
    total_misplaced,
    columns_a_year_apart,
    odd_figures,
)


def of_table(lines: Sequence[Line], *, flow: bool = False) -> list[Caution]:
    """Return what contradicts itself within one table, whose rows may be known to be flows, and mark the lines."""
    out = [caution for check in _OF_TABLE for caution in check(lines)]
    return out + flow_without_duration(lines, flow=flow)


def of_document(lines: Sequence[Line]) -> list[Caution]:
    """Return what the tables of a document say against each other, and mark the lines."""
    return scales_in_document(lines)
