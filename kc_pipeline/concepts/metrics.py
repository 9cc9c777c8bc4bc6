"""Names of growth, change and share metrics, and back.

Belongs here: naming. Does not belong here: computing them (the KPI room).

Growth of an amount is `<stem>_growth_yoy`, the change of a ratio `<ratio>_change_yoy`; the stem is declared
in the catalogue (`revenues` -> `revenue`), a segment's revenues go by the segment's name alone, and every
other measure of a segment by segment and measure (`stores_gross_margin`).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kc_pipeline.concepts.catalogue import catalogue, catalogue_of
from kc_pipeline.config.followed import Followed, followed

_FORM = re.compile(r"^(?P<stem>[a-z][a-z0-9_]*)_(?P<form>growth|change)_(?P<lag>yoy|qoq)$")
_COMPARISONS = {
    "yoy": ("growth", "yoy"),
    "qoq": ("growth", "qoq"),
    "growth_yoy": ("growth", "yoy"),
    "growth_qoq": ("growth", "qoq"),
    "change_yoy": ("change", "yoy"),
    "change_qoq": ("change", "qoq"),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric's name taken apart: `comparison` is yoy, qoq, change_yoy, change_qoq or share_of."""

    concept: str
    segment: str | None
    comparison: str


def is_ratio(name: str) -> bool:
    """Say whether a concept is a ratio (its change is in points, not in percent)."""
    c = catalogue().get(name)
    if c is not None:
        return c.statement == "ratio" or c.name == "net_dollar_retention_rate"
    return name.endswith(("_margin", "_share", "_ratio", "_rate"))


def _stem(concept: str, segment: str | None) -> str:
    c = catalogue().get(concept)
    if segment is None:
        return c.stem if c else concept
    if concept == "revenues":
        return segment
    return concept if concept.startswith(f"{segment}_") else f"{segment}_{concept}"


def growth_metric(concept: str, segment: str | None, comparison: str) -> str | None:
    """Name the metric that states how a figure compares.

    Args:
        concept: a concept of the catalogue, or a ratio's name.
        segment: the segment that the figure is about; None for the group.
        comparison: yoy, qoq (growth), change_yoy, change_qoq (a change in points or amount) or share_of.

    Returns:
        The name; None for a comparison that has none. The growth of a ratio is its change.
    """
    if comparison == "share_of":
        return share_metric(concept, segment)
    form = _COMPARISONS.get(comparison)
    if form is None:
        return None
    stem = _stem(concept, segment)
    kind = "change" if is_ratio(stem) or is_ratio(concept) else form[0]
    return f"{stem}_{kind}_{form[1]}"


def share_metric(concept: str, segment: str | None) -> str | None:
    """Name the metric of a figure's share in its whole; None where it has none."""
    c = catalogue().get(concept)
    if segment is not None:
        return f"{segment}_share" if concept == "revenues" else None
    return c.share if c else None


@lru_cache(maxsize=16)
def _stems(those: Followed) -> dict[str, tuple[str, str | None]]:
    declared = catalogue_of(those)
    out: dict[str, tuple[str, str | None]] = {c.name: (c.name, None) for c in declared.concepts.values()}
    for c in declared.concepts.values():
        for stem in (c.stem, *c.also_stems):
            out[stem] = (c.name, None)
    for segment in declared.segment_ids:
        out[segment] = ("revenues", segment)
        for name in ("gross_margin", "gross_profit"):
            out[f"{segment}_{name}"] = (name, segment)
    return out


def parse_metric(name: str) -> Metric | None:
    """Take a metric's name apart; None where it is no metric of a known concept.

    `stores_growth_yoy` gives revenues, stores, yoy; `gross_margin_change_qoq` gives gross_margin,
    None, change_qoq; `stores_share` gives revenues, stores, share_of. A segment that only a
    company's configuration knows gives None.
    """
    m = _FORM.match(name)
    if m:
        known = _stems(followed()).get(m["stem"])
        if known is None:
            return None
        return Metric(known[0], known[1], m["lag"] if m["form"] == "growth" else f"change_{m['lag']}")
    if name.endswith("_share") and name[:-6] in catalogue().segment_ids:
        return Metric("revenues", name[:-6], "share_of")
    shared = [c.name for c in catalogue().concepts.values() if c.share == name]
    return Metric(shared[-1], None, "share_of") if len(shared) == 1 else None


def metric_row(name: str) -> dict[str, Any]:
    """Return the row of `core.concepts` for a stated metric that the catalogue does not list.

    The basis is non_gaap where the name says adjusted or EBITDA. The growth of a balance is at a day, as it is.
    """
    known = catalogue().get(name)
    if known is not None:
        return next(r for r in catalogue().rows_for_core_concepts() if r["concept"] == name)
    non_gaap = "adjusted" in name or "ebitda" in name
    form = _FORM.match(name)
    taken = parse_metric(name)
    compared = catalogue().get(taken.concept) if taken and form else None
    words = name.replace("_yoy", " year on year").replace("_qoq", " quarter on quarter").replace("_", " ")
    return {
        "concept": name,
        "element": None,
        "label": words.capitalize(),
        "statement": "ratio",
        "balance": None,
        "period_type": compared.period_type if compared else "duration",
        "basis": "non_gaap" if non_gaap else "gaap",
        "positive": "amount",
        "parent": None,
        "weight": None,
        "additive": False,
        "nonnegative": False,
        "description": f"{words.capitalize()}, as stated by the issuer, "
        + ("as a difference of fractions." if form and form["form"] == "change" else "as a fraction."),
    }
