"""`make score` names what explains a comparative that differs from the figure first reported."""

from collections import Counter
from decimal import Decimal

from tools.comparatives import Pair, kinds_of

END, LATER = "2023-03-31", "2024-Q1"


def pair(label: str, before: str, now: str, *, unit: str = "USD", said: bool = False) -> Pair:
    """One figure of an income statement in two documents, in whole units."""
    key = ("income", "", label, unit, END, 3)
    decimals = 2 if "/" in unit else 0
    return Pair(key, Decimal(before), Decimal(now), decimals, "2023-Q1", LATER, said, label)


def kinds(*pairs: Pair, shared: int = 100) -> list[str]:
    return kinds_of(list(pairs), Counter({(LATER, "income", END, 3): shared}))


def test_one_ratio_of_all_per_share_figures_is_a_split() -> None:
    found = kinds(
        pair("basic", "1.00", "0.10", unit="USD/share"),
        pair("diluted", "0.90", "0.09", unit="USD/share"),
        pair("shares", "2500", "25000", unit="shares"),
        pair("revenue", "700", "720"),
    )
    assert found == ["split", "split", "split", "rest"]


def test_per_share_figures_of_different_ratios_are_no_split() -> None:
    figures = [("basic", "1.00", "0.10"), ("diluted", "0.90", "0.45"), ("continuing", "0.80", "0.60")]
    assert kinds(*(pair(*f, unit="USD/share") for f in figures)) == ["rest"] * 3


def test_what_one_line_loses_another_gains() -> None:
    found = kinds(pair("selling", "100", "90"), pair("administrative", "50", "60"), pair("tax", "10", "12"))
    assert found == ["reclassified", "reclassified", "rest"]


def test_a_sign_a_word_and_another_entity() -> None:
    assert kinds(pair("loss", "-40", "40"), pair("revenue", "700", "650", said=True)) == [
        "printed otherwise",
        "said",
    ]
    many = [pair(f"line {n}", str(100 + n), str(500 + n * n)) for n in range(12)]
    assert set(kinds(*many, shared=20)) == {"another entity"}
    assert "another entity" not in kinds(*many, shared=200)
