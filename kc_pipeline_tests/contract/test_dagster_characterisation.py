"""Dagster's behaviour that the shell relies on (docs/decisions/0001, 0005); a patch that changes it fails here."""

from typing import Any

import dagster as dg
import pytest


@pytest.fixture
def instance() -> Any:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def test_a_step_can_show_partitions_of_an_asset_that_the_run_does_not_execute(
    instance: dg.DagsterInstance,
) -> None:
    quarters = dg.DynamicPartitionsDefinition(name="quarters")

    @dg.multi_asset(specs=[dg.AssetSpec("inbox", skippable=True)])
    def take_up(context: dg.AssetExecutionContext) -> Any:
        context.instance.add_dynamic_partitions("quarters", ["2024Q1", "2024Q2"])
        context.log_event(dg.AssetMaterialization("filings", partition="2024Q1", metadata={"documents": 2}))
        if not context.run.tags.get("skip"):
            yield dg.MaterializeResult()

    @dg.asset(deps=[take_up], partitions_def=quarters)
    def filings() -> None:
        raise AssertionError("not part of the job")

    @dg.asset(deps=[filings, "inbox"])
    def warehouse() -> None:
        return None

    selection = dg.AssetSelection.all() - dg.AssetSelection.assets(filings)
    job = dg.Definitions(
        assets=[take_up, filings, warehouse], jobs=[dg.define_asset_job("all_but", selection=selection)]
    ).resolve_job_def("all_but")
    assert job.execute_in_process(instance=instance).success
    assert instance.get_materialized_partitions(dg.AssetKey("filings")) == {"2024Q1"}
    idle = job.execute_in_process(instance=instance, tags={"skip": "yes"})
    assert idle.success
    assert [e.step_key for e in idle.all_events if e.event_type_value == "STEP_SKIPPED"] == ["warehouse"]


def test_a_planned_check_without_an_evaluation_has_its_bare_output(instance: dg.DagsterInstance) -> None:
    spec = dg.AssetCheckSpec("sound", asset="facts")

    @dg.multi_asset(specs=[dg.AssetSpec("facts")], check_specs=[spec])
    def facts() -> Any:
        yield dg.MaterializeResult(asset_key="facts")
        yield dg.Output(None, output_name=spec.get_python_identifier())

    result = dg.materialize([facts], instance=instance)
    assert result.success
    assert result.get_asset_check_evaluations() == []
    planned = [e for e in instance.all_logs(result.run_id) if e.dagster_event]
    assert "ASSET_CHECK_EVALUATION_PLANNED" in {e.get_dagster_event().event_type_value for e in planned}


def test_blocking_holds_only_inside_one_run(instance: dg.DagsterInstance) -> None:
    ran: list[str] = []

    @dg.asset(check_specs=[dg.AssetCheckSpec("sound", asset="facts", blocking=True)])
    def facts() -> Any:
        yield dg.MaterializeResult()
        yield dg.AssetCheckResult(passed=False, check_name="sound")

    @dg.asset(deps=[facts])
    def published() -> None:
        ran.append("published")

    both = [facts, published]
    assert not dg.materialize(both, instance=instance, raise_on_error=False).success
    assert ran == []
    assert dg.materialize(both, selection=[published], instance=instance).success
    assert ran == ["published"]  # hence the gate stands in the publish function


def test_a_multi_asset_that_cannot_be_subset_refuses_a_part_of_itself(instance: dg.DagsterInstance) -> None:
    @dg.multi_asset(specs=[dg.AssetSpec("a"), dg.AssetSpec("b")], can_subset=False)
    def warehouse() -> Any:
        yield dg.MaterializeResult(asset_key="a")
        yield dg.MaterializeResult(asset_key="b")

    with pytest.raises(dg.DagsterInvalidDefinitionError):
        dg.materialize([warehouse], selection=["a"], instance=instance)
