"""How later documents' comparatives agree with the figures first reported: the last part of `make score`.

Belongs here: what explains a comparative that differs from the figure as first reported. Does not belong here: the
score against ground truth (score.py).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from kc_pipeline.extraction.model import Extraction
from kc_pipeline.extraction.statements import PRIMARY
from kc_pipeline.figures import agree

Figures = Mapping[tuple[Any, ...], tuple[Decimal, int, str, bool]]


class Reported(NamedTuple):
    """The comparable figures of one document, and the newest end among them."""

    name: str
    newest: str
    figures: Figures


def comparable(out: Extraction) -> dict[tuple[Any, ...], tuple[Decimal, int, str, bool]]:
    """Return the figures of primary statements under keys that are unique in the document."""
    seen: Counter[tuple[Any, ...]] = Counter()
    figures: dict[tuple[Any, ...], tuple[Decimal, int, str, bool]] = {}
    for line in out.lines:
        if (
            line.statement not in PRIMARY
            or line.member
            or line.period_end is None
            or line.column_label.endswith("label)")
        ):
            continue
        label = re.sub(r"\(?notes?\s[\d, and]+\)?|[^a-z ]", "", line.label.lower()).strip()
        section = re.sub(r"[^a-z >]", "", " > ".join(line.section).lower())
        key = (f"{line.statement} {line.scope}", section, label, line.unit, line.period_end, line.months)
        seen[key] += 1
        figures[key] = (line.value, line.decimals, line.text, bool(_RESTATED.search(line.column_label)))
    return {k: v for k, v in figures.items() if seen[k] == 1}


_RESTATED = re.compile(r"\b(?:as\s+(?:adjusted|restated|revised|reclassified)|restated|recast)\b", re.I)


class Pair(NamedTuple):
    """A figure as first reported and as a later document prints it."""

    key: tuple[Any, ...]
    before: Decimal
    now: Decimal
    decimals: int
    first: str
    later: str
    said: bool
    line: str

    @property
    def place(self) -> tuple[Any, ...]:
        """The later document, its statement and period."""
        return (self.later, self.key[0], self.key[4], self.key[5])

    @property
    def per_share(self) -> bool:
        """Whether the figure is a number of shares, or an amount of one."""
        return self.key[3] == "shares" or "/" in self.key[3]


def ratio_of(pair: Pair) -> tuple[Decimal, Decimal]:
    """Return the least and the greatest ratio of a pair's larger to its smaller figure that rounding allows."""
    small, large = sorted((abs(pair.before), abs(pair.now)))
    half = Decimal(1).scaleb(-pair.decimals) / 2
    least = (large - half) / (small + half)
    return least * Decimal("0.999"), (large + half) / max(small - half, half) * Decimal("1.001")


def kinds_of(pairs: list[Pair], shared: Counter[tuple[Any, ...]]) -> list[str]:
    """Say of each pair of one issuer's figures that differ what explains the difference, by rules that hold for all.

    `another entity`: most of what two documents share in a statement differs. `printed otherwise`: equal in size,
    opposite in sign. `said`: the later column says that it is adjusted. `split`: most per-share and share figures
    of the two documents differ by one ratio. `reclassified`: another difference of the same statement and period cancels
    it out. `rest`: none of these.

    Args:
        pairs: the figures of one issuer that differ.
        shared: how many figures a later document shares with earlier ones, by (document, statement, end, months).
    """
    ratios: dict[tuple[str, str], list[tuple[Decimal, Decimal]]] = defaultdict(list)
    moved: dict[tuple[Any, ...], list[Decimal]] = defaultdict(list)
    for pair in pairs:
        if pair.per_share and pair.before and pair.now and pair.before != -pair.now:
            ratios[pair.first, pair.later].append(ratio_of(pair))
        moved[pair.place].append(abs(pair.now) - abs(pair.before))
    out: list[str] = []
    for pair in pairs:
        changes, spans = moved[pair.place], ratios[pair.first, pair.later]
        if len(changes) >= 10 and 2 * len(changes) > shared[pair.place]:
            out.append("another entity")
        elif pair.before == -pair.now:
            out.append("printed otherwise")
        elif pair.said:
            out.append("said")
        elif pair.per_share and 2 * max(
            (sum(a <= c <= b for a, b in spans) for c, _ in spans), default=0
        ) > max(len(spans), 2):
            out.append("split")
        elif (change := abs(pair.now) - abs(pair.before)) and -change in changes:
            out.append("reclassified")
        else:
            out.append("rest")
    return out


def quarters(documents: Iterable[Reported], issuers: Mapping[str, str]) -> None:
    """Print how later documents' comparatives agree with the figures first reported."""
    groups: dict[str, list[Reported]] = defaultdict(list)
    for document in documents:
        if issuers.get(document.name):
            groups[issuers[document.name]].append(document)
    print("\nConsecutive quarters of one issuer: comparatives that equal the figure first reported")
    total = same = 0
    kinds: Counter[str] = Counter()
    listed: list[str] = []
    for issuer, members in sorted(groups.items()):
        first: dict[tuple[Any, ...], tuple[Decimal, int, str, str]] = {}
        pairs: list[Pair] = []
        places: Counter[tuple[Any, ...]] = Counter()
        shared = agreed = 0
        for score in sorted(members, key=lambda s: (s.newest, s.name)):
            for key, (value, decimals, text, said) in score.figures.items():
                if key in first:
                    before = first[key]
                    shared += 1
                    places[score.name, key[0], key[4], key[5]] += 1
                    if agree(value, decimals, before[0], before[1]):
                        agreed += 1
                    else:
                        line = f"  {issuer[:18]:18} {key[0][:8]:8} {key[2][:44]:44} {key[4]} {key[5]} {key[3]}: {before[2]} ({before[3][-28:]}), later {text} ({score.name[-28:]})"
                        pairs.append(
                            Pair(
                                key,
                                before[0],
                                value,
                                min(decimals, before[1]),
                                before[3],
                                score.name,
                                said,
                                line,
                            )
                        )
                else:
                    first[key] = (value, decimals, text, score.name)
        for pair, kind in zip(pairs, kinds_of(pairs, places), strict=True):
            kinds[kind] += 1
            listed.append(f"{pair.line} [{kind}]")
        total, same = total + shared, same + agreed
        if shared:
            print(f"  {issuer[:40]:40} shared {shared:5} agree {agreed / shared:.4f}")
    print(
        f"  all: shared {total}, agree {same / max(1, total):.4f}; the {total - same} that differ (each printed so): "
        + ", ".join(f"{kind} {n}" for kind, n in kinds.most_common())
    )
    print("\n".join(listed[:400]))
