"""The Dagster shell: assets, checks, partitions, schedules, sensors, metadata.

Belongs here: telling Dagster what the pipeline does and showing what it did. Does not belong here: finance,
parsing, SQL that computes a figure.
"""
