"""The job in Dagster, on the bundled filings."""

from pathlib import Path

import dagster as dg
import pytest

from kc_pipeline.orchestration.assets import FILINGS, PUBLISHED
from kc_pipeline.orchestration.automation import JOB
from kc_pipeline.orchestration.definitions import build_defs
from kc_pipeline.orchestration.partitions import range_tags
from kc_pipeline.orchestration.resources import PipelineResource
from kc_pipeline_tests.conftest import Bundle, copy_of_data
from kc_pipeline_tests.pipeline.test_run import spoil_total_assets


def _run(data: Path, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    job = build_defs(PipelineResource(data=str(data))).resolve_job_def(JOB)
    return job.execute_in_process(
        instance=instance, raise_on_error=False, tags=range_tags(["2017Q1", "2026Q3"])
    )


def test_one_run_materialises_everything_and_shows_what_it_made(tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data")
    with dg.DagsterInstance.ephemeral() as instance:
        result = _run(settings.data, instance)
        assert result.success
        assert len(instance.get_materialized_partitions(FILINGS)) == 39
        kpis = instance.get_latest_materialization_event(dg.AssetKey(["marts", "kpis"]))
        assert kpis is not None
        assert kpis.asset_materialization is not None
        metadata = kpis.asset_materialization.metadata
        assert metadata["dagster/row_count"].value > 1000
        assert "| company |" in str(metadata["preview"].value)
        assert "data:image/png;base64," in str(metadata["margins_over_time_KC"].value)
        evaluations = result.get_asset_check_evaluations()
        assert {e.check_name for e in evaluations if e.passed}
        for evaluation in evaluations:
            assert evaluation.passed or evaluation.severity == dg.AssetCheckSeverity.WARN
            if evaluation.metadata["status"].value == "not_evaluable":
                assert str(evaluation.description).startswith("not evaluable:")
    assert settings.warehouse.is_file()


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
