"""Footnote marks glued to figures: "US$245.91 million" is 245.9 with mark 1, "US$1196.4" is 196.4.

Only a convenience translation is judged, against the amount that it translates and the document's other
pairs; superscripts have been taken out before.
"""

from decimal import Decimal
from itertools import pairwise
from statistics import median

from kc_pipeline.extraction.prose.figures import Figure, is_convenience, rescaled

_RATE_TOLERANCE = Decimal("0.03")


def without_marks(figures: list[Figure], text: str) -> list[Figure]:
    """Return the figures with glued marks taken off; a figure that can be read two ways stays as printed."""
    pairs = [(a, b) for a, b in pairwise(figures) if is_convenience(text, a, b) and a.value and b.value]
    if not pairs:
        return figures
    rates = [abs(a.value / b.value) for a, b in pairs]
    usual = median(rates) if len(rates) >= 3 else None
    longer = sum(_places(b) == _places(a) + 1 for a, b in pairs if a.scale == b.scale and _places(a))
    odd = longer == 1 or longer * 3 < len(pairs)
    replaced: dict[int, Figure] = {}
    for first, second in pairs:
        better = _unmarked(first, second, usual, odd, text)
        if better is not None:
            replaced[id(second)] = better
    return [replaced.get(id(figure), figure) for figure in figures]


def _unmarked(first: Figure, second: Figure, usual: Decimal | None, odd: bool, text: str) -> Figure | None:
    if text[second.number[1] : second.number[1] + 2] == "  ":
        return None  # its mark stood apart and is already a blank
    whole = second.digits.partition(".")[0]
    own_places = _places(first)
    if odd and first.scale == second.scale and own_places and _places(second) == own_places + 1:
        shorter = rescaled(second, second.digits.rstrip()[:-1])
        return shorter if second.digits.rstrip()[-1] != "0" and shorter.value else None
    if len(whole) < 4 or "," in whole:
        return None
    shorter = rescaled(second, second.digits.lstrip()[1:])
    grouped = "," in first.digits
    if usual is not None:
        as_printed = _off(first, second, usual) <= _RATE_TOLERANCE
        without = _off(first, shorter, usual) <= _RATE_TOLERANCE
        return shorter if without and not as_printed else None
    return shorter if grouped and shorter.value else None


def _places(figure: Figure) -> int:
    return len(figure.digits.replace(" ", "").partition(".")[2])


def _off(first: Figure, second: Figure, usual: Decimal) -> Decimal:
    return abs(abs(first.value / second.value) / usual - 1) if second.value else Decimal(1)
