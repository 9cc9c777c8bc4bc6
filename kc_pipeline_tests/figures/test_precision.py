from decimal import Decimal as D

import pytest

from kc_pipeline.figures import agree, half_unit, interval, sum_tolerance


def test_decimals_have_their_xbrl_meaning() -> None:
    assert half_unit(-3) == 500
    assert half_unit(2) == D("0.005")
    assert interval(D(1_970_000_000), -5) == (D(1_969_950_000), D(1_970_050_000))


@pytest.mark.parametrize(
    ("a", "a_decimals", "b", "b_decimals", "expected"),
    [
        (7_785_180_000, -3, 7_785_200_000, -5, True),  # thousands against millions with one decimal
        (7_785_180_000, -3, 7_785_300_000, -5, False),
        (1_250_000, -6, 1_000_000, -6, True),  # one million against one and a quarter, both to the million
        (45_232_000, -3, 29_278_000, -3, False),
        (45_232_000, -3, 45_233_000, -3, True),  # each may be half a thousand off
        (45_232_000, -3, 45_234_000, -3, False),
    ],
)
def test_agreement_takes_its_tolerance_from_both_sides(
    a: int, a_decimals: int, b: int, b_decimals: int, expected: bool
) -> None:
    assert agree(D(a), a_decimals, D(b), b_decimals) is expected


def test_tolerance_of_a_sum_is_half_units_plus_one_unit_of_the_coarsest() -> None:
    assert sum_tolerance([-3, -3, -3]) == 1500 + 1000
    assert sum_tolerance([-3, -5]) == 500 + 50_000 + 100_000
    with pytest.raises(ValueError, match="at least one"):
        sum_tolerance([])
