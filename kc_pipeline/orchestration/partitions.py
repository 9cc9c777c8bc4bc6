"""Quarterly partitions: the calendar quarter in which a document's newest period of report ends."""

from datetime import date

import dagster as dg

from kc_pipeline.figures import calendar_quarter, quarters_between
from kc_pipeline.figures.periods import month_end
from kc_pipeline.sources.manifest import FIRST_PERIOD

FIRST_QUARTER = calendar_quarter(FIRST_PERIOD)


def quarter_keys(today: date) -> list[str]:
    """Return the keys from the first quarter to the one that runs today."""
    end_of_quarter = month_end(today.year, 3 * ((today.month - 1) // 3) + 3)
    return quarters_between(FIRST_QUARTER, calendar_quarter(end_of_quarter))


def quarterly_partitions(today: date | None = None) -> dg.StaticPartitionsDefinition:
    """Return the partitions of ingestion and extraction."""
    return dg.StaticPartitionsDefinition(quarter_keys(today or date.today()))


def range_tags(keys: list[str]) -> dict[str, str]:
    """Return the tags of one run over a contiguous range of partitions."""
    return {"dagster/asset_partition_range_start": keys[0], "dagster/asset_partition_range_end": keys[-1]}


def contiguous_ranges(wanted: set[str], all_keys: list[str]) -> list[list[str]]:
    """Return the wanted keys as contiguous ranges, in order."""
    ranges: list[list[str]] = []
    previous = -2
    for position, key in enumerate(all_keys):
        if key not in wanted:
            continue
        if position == previous + 1:
            ranges[-1].append(key)
        else:
            ranges.append([key])
        previous = position
    return ranges
