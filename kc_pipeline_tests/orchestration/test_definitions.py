"""The asset graph, its partitions, schedule and sensors; a rename cannot slip through."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import dagster as dg
import pytest

from kc_pipeline.orchestration.automation import JOB, build_inbox_sensor, build_schedule
from kc_pipeline.orchestration.definitions import build_defs
from kc_pipeline.orchestration.partitions import expected_keys, register
from kc_pipeline.orchestration.plots import margins_svg
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.orchestration.tables import DOCUMENTS, FILINGS, OWNERS, PUBLISHED
from kc_pipeline.pipeline import unchanged, write_briefs
from kc_pipeline.quality import CATALOGUE
from kc_pipeline.schema import TABLES
from kc_pipeline.schema.sources import column_sources
from kc_pipeline_tests.conftest import Bundle, copy_of_published


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


def test_the_job_leaves_the_partitioned_assets_to_the_steps_that_know_what_changed(
    defs: dg.Definitions,
) -> None:
    keys = set(defs.resolve_job_def(JOB).asset_layer.executable_asset_keys)
    everything = set(defs.resolve_asset_graph().get_all_asset_keys())
    assert everything - keys == {FILINGS, DOCUMENTS}
    assert defs.resolve_job_def(JOB).partitions_def is None


def test_every_asset_has_what_an_engineer_looks_for(defs: dg.Definitions) -> None:
    graph = defs.resolve_asset_graph()
    for node in graph.asset_nodes:
        assert node.description, node.key
        assert node.owners == OWNERS
        assert node.kinds, node.key
        assert node.tags["kc/room"] == node.group_name
        for reference in node.metadata["dagster/code_references"].code_references:
            line = (
                Path(reference.file_path).read_text(encoding="utf-8").splitlines()[reference.line_number - 1]
            )
            assert "def " in line or f'"{node.key.path[-1]}"' in line, (node.key, line)
    for name in graph.asset_check_keys:
        assert "Skipped means not evaluable" in str(graph.get_check_spec(name).description)


def test_partitions_are_what_exists_and_the_gaps_between() -> None:
    assert expected_keys(["KC/2025Q3", "KC/2025Q1", "NVDA/2024Q4", "NVDA/2025Q1"]) == [
        "KC/2025Q1",
        "KC/2025Q2",
        "KC/2025Q3",
        "NVDA/2024Q4",
        "NVDA/2025Q1",
    ]
    assert expected_keys([]) == []


def test_the_instance_holds_exactly_the_partitions_that_exist_in_order() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        for wanted in (
            ["A/2025Q1", "B/2025Q1"],
            ["A/2025Q1", "A/2025Q2", "B/2025Q1"],
            ["B/2025Q1"],
            ["B/2025Q1", "C/2025Q1"],
            [],
        ):
            register(instance, wanted)
            assert list(instance.get_dynamic_partitions("company_quarters")) == wanted


def _tick(tmp_path: Path, instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult:
    pipeline = PipelineResource(data=str(tmp_path))
    with dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"pipeline": pipeline}
    ) as context:
        result = build_inbox_sensor()(context)
    assert isinstance(result, dg.SensorResult)
    return result


def test_the_inbox_sensor_asks_for_one_run_per_change(tmp_path: Path) -> None:
    (tmp_path / "filings" / "KC").mkdir(parents=True)
    with dg.DagsterInstance.ephemeral() as instance:
        first = _tick(tmp_path, instance, None)
        assert first.run_requests
        assert _tick(tmp_path, instance, first.cursor).skip_reason
        (tmp_path / "filings" / "KC" / "new.htm").write_text("<html></html>")
        second = _tick(tmp_path, instance, first.cursor)
        assert second.run_requests
        assert second.run_requests[0].run_key != first.cursor


def test_sensor_and_schedule_say_why_there_is_nothing_to_do(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_published(bundle, tmp_path / "data")
    write_briefs(settings)
    pipeline = PipelineResource(data=str(settings.data))
    found = unchanged.look(settings)
    unchanged.note_look(settings, found)  # `kc run` found nothing to do
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        skipped = _tick(settings.data, instance, None).skip_reason
        assert skipped is not None
        assert str(skipped.skip_message).startswith("nothing new:")

        def evening() -> object:
            with dg.build_schedule_context(instance=instance, resources={"pipeline": pipeline}) as context:
                return build_schedule()(context)

        quiet = evening()
        assert isinstance(quiet, dg.SkipReason)
        assert str(quiet.skip_message).startswith("nothing new:")
        told = instance.fetch_observations(PUBLISHED, limit=10).records
        assert [r.asset_observation.description for r in told if r.asset_observation] == [found.words]
        next(settings.briefs.rglob("*.md")).unlink()
        assert isinstance(evening(), dg.RunRequest)


def test_nothing_of_dagsters_inside_is_imported(repo: Path) -> None:
    inside = [
        path.relative_to(repo).as_posix()
        for folder in ("kc_pipeline", "kc_pipeline_tests", "tools", "benchmarks")
        for path in (repo / folder).rglob("*.py")
        if "dagster." + "_core" in path.read_text(encoding="utf-8")
    ]
    assert inside == []


def test_loading_warns_of_nothing(repo: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "error", "-c", "from kc_pipeline.definitions import defs; defs()"],
        cwd=repo,
        check=True,
    )


def test_dg_checks_and_lists_the_definitions(defs: dg.Definitions, repo: Path, tmp_path: Path) -> None:
    own = {"DAGSTER_HOME": str(tmp_path)}  # another test of this process may have left a home that is damaged
    quiet = {"DAGSTER_DISABLE_TELEMETRY": "yes", "DG_CLI_TELEMETRY_ENABLED": "false"}

    def dg_says(*arguments: str) -> str:
        ran = subprocess.run(
            [Path(sys.executable).with_name("dg"), *arguments],
            cwd=repo,
            env={**os.environ, **own, **quiet},
            check=False,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    assert "All definitions loaded successfully." in dg_says("check", "defs")
    said = dg_says("list", "defs", "--json")
    listed = json.loads(said[said.index("{") :])
    keys = {asset["asset_key"] for asset in listed["assets"]}
    assert keys == {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert [job["name"] for job in listed["jobs"] if not job["name"].startswith("__")] == [JOB]
    assert len(listed["asset_checks"]) == len(CATALOGUE)
    assert {schedule["name"] for schedule in listed["schedules"]} == {"weekday_evening_poll"}
    assert {sensor["name"] for sensor in listed["sensors"]} == {"inbox_sensor", "failed_run_sensor"}


def test_the_margins_are_drawn_with_their_gaps() -> None:
    quarters = ["2024Q4", "2025Q1", "2025Q2", "2025Q3"]
    drawn = margins_svg("A & B", quarters, {"gross_margin": {"2024Q4": -3.0, "2025Q1": 16.2, "2025Q3": 15.0}})
    root = ElementTree.fromstring(drawn)
    line = next(p for p in root.findall(".//{*}path") if p.get("stroke-width") == "1.8")
    assert [part[0] for part in re.findall(r"[ML][^ML]+", str(line.get("d")))] == ["M", "L", "M"]
    assert len(list(root.findall(".//{*}circle"))) == 3
    texts = [t.text for t in root.findall(".//{*}text")]
    assert texts[0] == "A & B"
    assert set(quarters) < set(texts)
