"""The command line: a thin shell. Commands load only what they need; only `run` and `ui` import Dagster."""
