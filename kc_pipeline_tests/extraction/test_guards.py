"""An exception costs the table, the check or the prose in which it comes up, and is told."""

import pytest

from kc_pipeline.extraction import read, reader
from kc_pipeline.extraction.grid import Grid
from kc_pipeline_tests.extraction.pages import page, row, table

BALANCE = table(
    row("", "December 31, 2023", "December 31, 2022"),
    row("Total assets", "RMB1,234.5", "1,000.0"),
    row("Total liabilities", "(3.5)", "2.0"),
)
OTHER = table(row("", "December 31, 2023", "December 31, 2022"), row("Broken", "RMB17.5", "18.0"))
PAGE = page(OTHER + "<p>Consolidated Balance Sheets</p><p>(in millions)</p>" + BALANCE)


def _stop(*_: object, **__: object) -> None:
    raise ZeroDivisionError("no addends")


def test_a_table_on_which_reading_stops_costs_itself_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = reader.read_table

    def stops(grid: Grid, *given: object, **more: object) -> object:
        return _stop() if grid.index == 0 else inner(grid, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "read_table", stops)
    found = read(PAGE)
    assert {x.table for x in found.lines} == {1}
    assert len(found.lines) == 4
    told = [w for w in found.warnings if w.code == "table_unreadable"]
    assert [w.table for w in told] == [0]
    assert "table 0" in told[0].message
    assert "ZeroDivisionError: no addends" in told[0].message


@pytest.mark.parametrize(
    ("part", "code"), [("check_table", "table_unchecked"), ("read_prose", "prose_unreadable")]
)
def test_a_check_or_prose_that_stops_leaves_the_lines(
    monkeypatch: pytest.MonkeyPatch, part: str, code: str
) -> None:
    before = len(read(PAGE).lines)
    monkeypatch.setattr(reader, part, _stop)
    found = read(PAGE)
    assert len(found.lines) == before > 0
    assert {w.code for w in found.warnings} >= {code}
    assert "unreadable" not in {w.code for w in found.warnings}


def test_a_table_of_obligations_with_more_durations_than_columns_is_read() -> None:
    found = read(
        page(
            "<p>Contractual obligations (RMB in thousands)</p>"
            + table(
                row("", "Total", "Less than 1 year", "1-3 years", "3-5 years", "More than 5 years"),
                row("Long-term debt", "1,000", "200", "300", "400", "100"),
                row("Operating leases", "500", "100", "150", "150", "100"),
            )
            + "<p>Consolidated Balance Sheets</p><p>(in millions)</p>"
            + BALANCE
        )
    )
    assert not [w for w in found.warnings if w.code in ("table_unreadable", "unreadable")]
    assert found.lines
