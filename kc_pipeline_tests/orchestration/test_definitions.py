"""The asset graph, its partitions, schedule and sensors; a rename cannot slip through."""

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from kc_pipeline.orchestration.automation import JOB, build_inbox_sensor, build_job
from kc_pipeline.orchestration.definitions import build_defs
from kc_pipeline.orchestration.partitions import contiguous_ranges, quarter_keys, quarterly_partitions
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.quality import CATALOGUE
from kc_pipeline.schema import TABLES
from kc_pipeline.schema.sources import column_sources


@pytest.fixture(scope="module")
def defs() -> dg.Definitions:
    found = build_defs()
    dg.Definitions.validate_loadable(found)
    return found


def test_every_declared_table_is_an_asset_with_its_schema(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for table in TABLES:
        node = graph.get(dg.AssetKey([table.schema, table.name]))
        schema = node.metadata["dagster/column_schema"]
        assert [c.name for c in schema.columns] == list(table.column_names)
        assert [c.description.split("\n")[0] for c in schema.columns] == [c.comment for c in table.columns]


def test_every_column_that_is_made_of_others_shows_them(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for table in TABLES:
        lineage = graph.get(dg.AssetKey([table.schema, table.name])).metadata["dagster/column_lineage"]
        shown = {
            column: {(".".join(d.asset_key.path), d.column_name) for d in deps}
            for column, deps in lineage.deps_by_column.items()
        }
        assert shown == {c: set(sources) for c, sources in column_sources(table).items()}
        for column in (
            graph.get(dg.AssetKey([table.schema, table.name])).metadata["dagster/column_schema"].columns
        ):
            for name, source in column_sources(table).get(column.name, ()):
                assert name in column.description
                assert source in column.description.split("From ")[-1]
    kpis = graph.get(dg.AssetKey(["marts", "kpis"])).metadata["dagster/column_lineage"]
    assert dg.TableColumnDep(dg.AssetKey(["core", "facts_latest"]), "value") in kpis.deps_by_column["value"]


def test_groups_are_the_rooms(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    groups = {node.group_name for node in graph.asset_nodes}
    assert groups == {"store", "extraction", "warehouse", "kpis", "anomalies", "quality", "brief"}


def test_arrows_lead_from_the_filings_to_the_brief(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    upstream = graph.get_ancestor_asset_keys(dg.AssetKey(["brief", "quarterly_briefs"]))
    for key in (
        ["store", "filings"],
        ["extraction", "documents"],
        ["core", "facts"],
        ["marts", "kpis"],
        ["marts", "anomalies"],
    ):
        assert dg.AssetKey(key) in upstream


def test_every_check_of_the_catalogue_is_shown_on_its_table(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    shown = {(key.asset_key.to_user_string(), key.name) for key in graph.asset_check_keys}
    assert shown == {(c.relation.replace(".", "/"), c.name) for c in CATALOGUE}


def test_schedule_and_sensors_wait_to_be_started(defs: dg.Definitions) -> None:
    schedule = defs.resolve_schedule_def("weekday_evening_poll")
    assert schedule.cron_schedule == "30 19 * * 1-5"
    assert schedule.execution_timezone == "Asia/Shanghai"
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    for name in ("inbox_sensor", "failed_run_sensor"):
        assert defs.resolve_sensor_def(name).default_status == dg.DefaultSensorStatus.STOPPED
    assert defs.resolve_job_def(JOB)


def test_partitions_are_calendar_quarters_up_to_today() -> None:
    keys = quarter_keys(date(2026, 11, 23))
    assert keys[0] == "2001Q1"
    assert keys[-1] == "2026Q4"
    assert quarter_keys(date(2026, 1, 1))[-1] == "2026Q1"
    assert contiguous_ranges({"2025Q1", "2025Q2", "2025Q4"}, keys) == [["2025Q1", "2025Q2"], ["2025Q4"]]


def test_the_inbox_sensor_asks_for_one_run_per_change(tmp_path: Path) -> None:
    (tmp_path / "filings" / "KC").mkdir(parents=True)
    pipeline = PipelineResource(data=str(tmp_path))
    keys = list(quarterly_partitions().get_partition_keys())
    sensor = build_inbox_sensor(build_job(), keys)

    def look(cursor: str | None) -> object:
        with dg.build_sensor_context(cursor=cursor, resources={"pipeline": pipeline}) as context:
            return sensor(context)

    first = look(None)
    assert isinstance(first, dg.SensorResult)
    assert isinstance(look(first.cursor), dg.SkipReason)
    (tmp_path / "filings" / "KC" / "new.htm").write_text("<html></html>")
    second = look(first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert second.run_requests is not None
    assert second.run_requests[0].run_key != first.cursor
    assert second.run_requests[0].tags["dagster/asset_partition_range_end"] == keys[-1]
