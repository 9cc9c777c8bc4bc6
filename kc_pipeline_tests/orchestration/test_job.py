"""The job in Dagster, on the bundled filings."""

import json
import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from kc_pipeline.config import Settings
from kc_pipeline.orchestration.assets import build_assets
from kc_pipeline.orchestration.automation import JOB
from kc_pipeline.orchestration.definitions import build_defs
from kc_pipeline.orchestration.partitions import register, to_show
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline.orchestration.tables import DOCUMENTS, FILINGS, PUBLISHED
from kc_pipeline_tests.conftest import Bundle, copy_of_data
from kc_pipeline_tests.pipeline.test_run import spoil_total_assets


def _run(data: Path, instance: dg.DagsterInstance, **only: object) -> dg.ExecuteInProcessResult:
    job = build_defs(PipelineResource(data=str(data), **only)).resolve_job_def(JOB)  # type: ignore[arg-type]
    return job.execute_in_process(instance=instance, raise_on_error=False)


def _shown(instance: dg.DagsterInstance, asset: dg.AssetKey) -> list[tuple[str | None, dict[str, object]]]:
    """The materialisations of partitions, the newest first, with their metadata."""
    events = [r.asset_materialization for r in instance.fetch_materializations(asset, limit=500).records]
    return [(e.partition, {k: v.value for k, v in e.metadata.items()}) for e in events if e is not None]


def _log(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [str(e.user_message) for e in instance.all_logs(run_id) if e.dagster_event is None]


def test_one_run_materialises_everything_and_shows_what_it_made(tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data")
    with dg.DagsterInstance.ephemeral() as instance:
        result = _run(settings.data, instance)
        assert result.success
        kpis = instance.get_latest_materialization_event(dg.AssetKey(["marts", "kpis"]))
        assert kpis is not None
        assert kpis.asset_materialization is not None
        metadata = kpis.asset_materialization.metadata
        assert metadata["dagster/row_count"].value > 1000
        preview = str(metadata["preview"].value).splitlines()
        assert preview[0].startswith("| company |")
        assert all("| 2026Q1" in row for row in preview[2:])  # the newest quarter
        assert "data:image/svg+xml;base64," in str(metadata["margins_over_time_KC"].value)
        log = _log(instance, result.run_id)
        assert {"step: load", "step: facts", "step: KPIs", "step: publish"} <= set(log)
        assert any(line.startswith("published build ") for line in log)
        held = _evaluated(result)
    assert settings.warehouse.is_file()
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        statuses = dict(con.execute("SELECT check_name, status FROM meta.check_results").fetchall())
    assert set(statuses.values()) == {"passed", "not_evaluable", "failed"} & set(statuses.values())
    # what is not evaluable was planned and has no evaluation: "Skipped", neither passed nor failed
    assert held == {
        name: status == "passed" for name, status in statuses.items() if status != "not_evaluable"
    }
    assert "not_evaluable" in statuses.values()


def _evaluated(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    return {e.check_name: e.passed for e in result.get_asset_check_evaluations()}


def _second_company(settings: Settings, missing: str) -> None:
    """Add a company whose filings are copies, without one quarter in between."""
    pack = settings.data / "companies" / "TWO"
    shutil.copytree(settings.data / "companies" / "KC", pack)
    declared = pack / "company.toml"
    declared.write_text(declared.read_text(encoding="utf-8").replace('"KC"', '"TWO"'), encoding="utf-8")
    for quarter in ("2024Q3", "2024Q4", "2025Q1"):
        if quarter == missing:
            continue
        folder = settings.filings / "TWO" / f"{quarter}-release"
        shutil.copytree(settings.filings / "KC" / f"{quarter}-release", folder)
        manifest = folder / "manifest.json"
        content = json.loads(manifest.read_text(encoding="utf-8"))
        manifest.write_text(json.dumps({**content, "company": "TWO"}), encoding="utf-8")


def test_partitions_show_what_is_there_and_only_what_changed(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    for folder in settings.filings.iterdir():
        if folder.name != "KC":
            shutil.rmtree(folder)
    _second_company(settings, missing="2024Q4")
    for folder in (settings.filings / "KC").iterdir():
        if not folder.name.startswith(("2024Q4-", "2025Q1-", "2025Q2-")):
            shutil.rmtree(folder)
    there = {"KC/2024Q4", "KC/2025Q1", "KC/2025Q2", "TWO/2024Q3", "TWO/2025Q1"}
    with dg.DagsterInstance.ephemeral() as instance:
        first = _run(settings.data, instance)
        assert first.success
        partitions = instance.get_dynamic_partitions("company_quarters")
        assert partitions == sorted({*there, "TWO/2024Q4"})
        for asset in (FILINGS, DOCUMENTS):
            assert instance.get_materialized_partitions(asset) == there
            assert {p: m["documents"] for p, m in _shown(instance, asset)} == dict.fromkeys(there, 1)
        lines = {p: m["lines"] for p, m in _shown(instance, DOCUMENTS)}
        assert len(set(lines.values())) > 1  # each its own count

        again = _run(settings.data, instance)
        assert again.success
        assert [e.step_key for e in again.all_events if e.event_type_value == "STEP_SKIPPED"]
        assert any(line.startswith("nothing new:") for line in _log(instance, again.run_id))
        seen = instance.fetch_observations(PUBLISHED, limit=1).records[0].asset_observation
        assert seen is not None
        assert str(seen.description).startswith("nothing new:")

        shutil.copytree(settings.filings / "KC" / "2025Q1-release", settings.filings / "KC" / "2025Q1-copy")
        assert _run(settings.data, instance).success
        newest = _shown(instance, FILINGS)
        assert len(newest) == len(there) + 1
        assert newest[0] == ("KC/2025Q1", {**newest[0][1], "documents": 2})

        shutil.rmtree(settings.filings / "KC" / "2025Q1-copy")
        shutil.rmtree(settings.filings / "KC" / "2025Q1-release")
        assert _run(settings.data, instance).success
        assert instance.get_materialized_partitions(FILINGS) == there - {"KC/2025Q1"}
        assert "KC/2025Q1" in instance.get_dynamic_partitions("company_quarters")  # missing, as it is

        assert _run(settings.data, instance, force=True, only_companies=["KC"]).success


def test_one_partition_by_hand(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    assets = build_assets()
    with dg.DagsterInstance.ephemeral() as instance:
        register(instance, ["KC/2025Q1", "KC/2031Q1"])

        def by_hand(key: str) -> dg.ExecuteInProcessResult:
            return dg.materialize(
                assets,
                selection=[FILINGS, DOCUMENTS],
                partition_key=key,
                instance=instance,
                resources={"pipeline": PipelineResource(data=str(settings.data))},
                raise_on_error=False,
            )

        assert by_hand("KC/2025Q1").success
        assert not by_hand("KC/2031Q1").success
        assert instance.get_materialized_partitions(DOCUMENTS) == {"KC/2025Q1"}
        assert list(settings.runs.glob("*")) == []
        version = to_show(instance, FILINGS, {}, [])
        assert version == []


def test_a_quarantined_document_is_a_warning_and_the_rest_is_published(
    bundle: Bundle, tmp_path: Path
) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    spoil_total_assets(settings.filings / "KC" / "2023Q1-release" / "release.htm")
    with dg.DagsterInstance.ephemeral() as instance:
        result = _run(settings.data, instance)
        assert result.success
        published = instance.get_latest_materialization_event(PUBLISHED)
        assert published is not None
        assert published.asset_materialization is not None
        assert published.asset_materialization.metadata["quarantined"].value == 1
        warned = [
            e for e in result.get_asset_check_evaluations() if not e.passed and "2023Q1" in str(e.description)
        ]
        assert warned
        assert any("| KC |" in str(e.metadata["failing"].value) for e in warned if "failing" in e.metadata)
        assert all(e.severity == dg.AssetCheckSeverity.WARN for e in warned)


def test_a_failed_build_fails_the_run_and_publishes_nothing(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no space left on device")

    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    monkeypatch.setattr("kc_pipeline.pipeline.build.compute", fails)
    with dg.DagsterInstance.ephemeral() as instance:
        result = _run(settings.data, instance)
        assert not result.success
        failure = next(e for e in result.all_events if e.is_step_failure)
        assert "no space left on device" in str(failure.step_failure_data.user_failure_data.description)
    assert not settings.warehouse.exists()
