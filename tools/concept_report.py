"""Which tagged elements stay without a concept, and which mapped lines disagree: `python -m tools.score --concepts`.

Belongs here: the comparison of mapped lines with inline-XBRL truth, by frequency. Does not belong here: mapping
(kc_pipeline/concepts), the score of reading (score.py).

An element of the us-gaap taxonomy (or ifrs-full) is standard; any other is the issuer's own extension, for which no
catalogue can have a name: its lines may stay lines, and are counted apart.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from kc_pipeline.concepts import agrees
from kc_pipeline.extraction.model import Line

STANDARD = ("us-gaap:", "ifrs-full:", "srt:")


class Judged(NamedTuple):
    """One tagged number of a document that was read exactly, and what its line was mapped to."""

    document: str
    kind: str
    element: str
    concept: str | None
    rule: str | None
    statement: str
    label: str
    section: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Say whether the line was mapped to a concept that stands for the tagged element."""
        return self.concept is not None and agrees(self.concept, self.element)


@dataclass(slots=True)
class Tally:
    """Counts of one group of tagged numbers."""

    numbers: int = 0
    mapped: int = 0
    agreed: int = 0
    unmapped: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    disagree: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(self, j: Judged) -> None:
        """Count one tagged number."""
        self.numbers += 1
        if j.concept is None:
            self.unmapped[j.kind, j.element, f"{j.statement}: {' > '.join(j.section[-1:])} | {j.label}"] += 1
            return
        self.mapped += 1
        if j.agrees:
            self.agreed += 1
        else:
            self.disagree[
                j.kind, j.concept, j.element, f"{j.statement}: {' > '.join(j.section[-1:])} | {j.label}"
            ] += 1


def unit_of(measure: str | None) -> str:
    """Return the project's unit of an XBRL measure: `iso4217:USD xbrli:shares` is USD/share."""
    parts = [p.split(":")[-1] for p in str(measure or "").split()]
    return "/".join("share" if p == "shares" and len(parts) > 1 else p for p in parts)


def judge(document: str, truth: Sequence[dict[str, Any]], lines: Iterable[Line]) -> list[Judged]:
    """Pair each tagged number with the line that was read for it, and return the pairs.

    Cash at a period's beginning or end, printed in a flow column, is left out, as in the score.
    """
    by_key: dict[tuple[Any, ...], list[Line]] = defaultdict(list)
    for line in lines:
        by_key[line.value, str(line.period_end), line.months, line.unit].append(line)
    rows = [t for t in truth if not (t["kind"] == "cash_flow" and t["months"] is None)]
    pairs: dict[int, Line] = {}
    for choose in (_agreeing, _same_table, _any):
        for i, t in enumerate(rows):
            found = by_key.get((Decimal(t["value"]), t["end"], t["months"], unit_of(t["unit"])), [])
            if i not in pairs and (chosen := choose(found, t)) is not None:
                pairs[i] = chosen
                found.remove(chosen)
    return [
        Judged(document, t["kind"], t["concept"], x.concept, x.mapping_rule, x.statement, x.label, x.section)
        for i, t in enumerate(rows)
        if (x := pairs.get(i)) is not None
    ]


def _agreeing(found: Sequence[Line], t: dict[str, Any]) -> Line | None:
    """Two equal numbers of one table and period cannot be told apart: the line that agrees is the tagged one."""
    same = (x for x in found if x.table == t["table"] and x.concept and agrees(x.concept, t["concept"]))
    return next(same, None)


def _same_table(found: Sequence[Line], t: dict[str, Any]) -> Line | None:
    return next((x for x in found if x.table == t["table"]), None)


def _any(found: Sequence[Line], t: dict[str, Any]) -> Line | None:
    return found[0] if found else None


def print_report(judged: Sequence[Judged], limit: int = 200) -> None:
    """Print shares per statement, then what stays unmapped and what disagrees, the most frequent first."""
    groups: dict[str, Tally] = defaultdict(Tally)
    for j in judged:
        own = not j.element.startswith(STANDARD)
        groups["own elements" if own else j.kind].add(j)
        if not own:
            groups["standard elements"].add(j)
        groups["all"].add(j)
    print(f"{'group':20} {'numbers':>8} {'mapped':>8} {'share':>7} {'agree':>8} {'share':>8}")
    for name, t in sorted(groups.items()):
        print(
            f"{name:20} {t.numbers:8} {t.mapped:8} {t.mapped / max(1, t.numbers):7.4f} {t.agreed:8} {t.agreed / max(1, t.mapped):8.5f}"
        )
    print("\nDisagree: times, statement, concept, element, heading | label")
    for (kind, concept, element, label), n in groups["all"].disagree.most_common(limit):
        print(f"{n:4} {kind:13} {concept:40} {element:60} {label}")
    print("\nUnmapped, standard elements: times, statement, element, heading | label")
    for (kind, element, label), n in groups["standard elements"].unmapped.most_common(limit):
        print(f"{n:4} {kind:13} {element:75} {label}")
