"""The small invented filings of `shared/fieldcases`: what is wrong in silence only gets less."""

from pathlib import Path

from tools.fieldcases import failing, known, lowered, problems, run


def test_no_field_case_fails_but_those_that_are_listed(shared: Path) -> None:
    assert problems(failing(run(shared)), known()) == []


def test_a_case_that_fails_or_fails_by_more_is_named() -> None:
    assert problems({"01-new": 1, "02-known": 3}, {"02-known": 2}) == [
        "01-new: 1 numbers wrong or missing in silence, 0 are known",
        "02-known: 3 numbers wrong or missing in silence, 2 are known",
    ]


def test_a_mended_case_must_leave_the_list() -> None:
    assert problems({}, {"02-known": 2}) == ["02-known is mended: take it off (make fieldcases)"]
    assert lowered({"01-new": 1, "03-less": 1}, {"02-mended": 2, "03-less": 4}) == {"03-less": 1}
