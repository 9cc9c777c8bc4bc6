"""Column lineage: of columns that exist, upstream, and true on the published data."""

import pytest

from kc_pipeline.schema import TABLES, Table
from kc_pipeline.schema import table as table_of
from kc_pipeline.schema.sources import MADE_OF, column_sources, upstream
from kc_pipeline_tests.conftest import Bundle

# Columns that a step makes itself, of no column above: kinds, names and judgements.
MADE_BY_THE_PIPELINE = {
    "core.members": {"dimension", "member", "position", "name", "valid_from", "valid_to"},
    "core.splits": {"split_date", "ratio", "source"},
    "core.securities": {"security", "kind", "exchange", "ticker", "unit", "ordinary_shares", "valid_from", "valid_to", "source"},
    "core.definitions": {"valid_to", "origin", "source"},
    "core.breaks": {"kind", "effect", "note"},
    "core.facts": {"origin"},
    "core.fact_inputs": {"weight"},
    "core.conflicts": {"kind"},
    "core.revisions": {"kind"},
    "core.convenience_translations": {"rate_source"},
    "marts.figure_trail": {"kind", "step"},
    "marts.kpi_absent": {"reason"},
    "marts.headlines": {"position", "label"},
    "marts.anomalies": {"anomaly_id", "rule", "story_id", "theme", "tone", "severity"},
    "marts.anomaly_drivers": {"place"},
    "marts.rule_coverage": {"rule"},
}  # fmt: skip
BUILT = [t for t in TABLES if t.schema in ("core", "marts") and t.depends_on]


@pytest.mark.parametrize("table", BUILT, ids=lambda t: t.qualified)
def test_sources_exist_and_lie_upstream(table: Table) -> None:
    above = upstream(table)
    for column, sources in column_sources(table).items():
        assert column in table.column_names
        for name, source in sources:
            assert name in above, (table.qualified, column, name)
            assert source in table_of(name).column_names, (table.qualified, column, name, source)


def test_nothing_is_declared_of_tables_or_columns_that_are_gone() -> None:
    for name, columns in MADE_OF.items():
        assert not set(columns) - set(table_of(name).column_names), name
    assert set(MADE_BY_THE_PIPELINE) <= {t.qualified for t in TABLES}


@pytest.mark.parametrize("table", BUILT, ids=lambda t: t.qualified)
def test_every_column_has_a_source_or_is_made_by_the_pipeline(table: Table) -> None:
    without = set(table.column_names) - set(column_sources(table))
    assert without == MADE_BY_THE_PIPELINE.get(table.qualified, set())


@pytest.mark.parametrize("table", BUILT, ids=lambda t: t.qualified)
def test_what_is_carried_on_is_found_in_its_source(bundle: Bundle, table: Table) -> None:
    declared = MADE_OF.get(table.qualified, {})
    carried = {c: s for c, s in column_sources(table).items() if c not in declared}
    with bundle.connect() as con:
        for column, sources in carried.items():
            among = " UNION ALL ".join(f"SELECT {c}::VARCHAR AS v FROM {t}" for t, c in sources)
            (strange,) = con.execute(
                f"SELECT count(*) FROM {table.qualified} WHERE {column} IS NOT NULL "
                f"AND {column}::VARCHAR NOT IN (SELECT v FROM ({among}) WHERE v IS NOT NULL)"
            ).fetchone() or (0,)
            assert strange == 0, f"{strange} values of {table.qualified}.{column} are not in {sources}"
