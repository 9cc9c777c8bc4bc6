"""Dagster's behaviour that the shell relies on (docs/decisions/0001, 0005); a patch that changes it fails here."""

from typing import Any

import dagster as dg
import pytest


@pytest.fixture
def instance() -> Any:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def test_a_range_of_static_partitions_runs_once_and_marks_every_partition(
    instance: dg.DagsterInstance,
) -> None:
    seen: list[list[str]] = []
    keys = [f"2024Q{q}" for q in (1, 2, 3, 4)]

    @dg.asset(
        partitions_def=dg.StaticPartitionsDefinition(keys), backfill_policy=dg.BackfillPolicy.single_run()
    )
    def filings(context: dg.AssetExecutionContext) -> None:
        seen.append(list(context.partition_keys))

    @dg.asset(deps=[filings])
    def warehouse() -> None:
        return None

    job = dg.Definitions(
        assets=[filings, warehouse], jobs=[dg.define_asset_job("both", selection=dg.AssetSelection.all())]
    ).resolve_job_def("both")
    tags = {"dagster/asset_partition_range_start": "2024Q2", "dagster/asset_partition_range_end": "2024Q4"}
    assert job.execute_in_process(instance=instance, tags=tags).success
    assert seen == [keys[1:]]
    assert instance.get_materialized_partitions(dg.AssetKey("filings")) == set(keys[1:])


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
