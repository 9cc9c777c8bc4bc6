"""The Dagster instance: its folder under KC_DATA, with the shipped configuration."""

import os
from importlib.resources import files
from pathlib import Path

from kc_pipeline.config import Settings


def ensure_instance(settings: Settings) -> Path:
    """Return DAGSTER_HOME, made and configured if the environment does not name one; sets the variable."""
    chosen = os.environ.get("DAGSTER_HOME")
    home = Path(chosen).absolute() if chosen else settings.data / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        shipped = files("kc_pipeline.orchestration").joinpath("dagster.yaml").read_text(encoding="utf-8")
        configuration.write_text(shipped, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(home)
    return home
