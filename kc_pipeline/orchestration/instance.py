"""The Dagster instance: its folder under KC_DATA, with the shipped configuration."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.resources import files
from pathlib import Path

from kc_pipeline.config import Settings

LOCATION = "kc_pipeline"
# what the UI filters a job's runs by; a run inside `kc run` has no launcher that would set it
IN_THE_JOBS_HISTORY = {".dagster/repository": f"__repository__@{LOCATION}"}
_WORKSPACE = f"""load_from:
  - python_module:
      module_name: kc_pipeline.definitions
      location_name: {LOCATION}
"""


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


def workspace_of(home: Path) -> Path:
    """Return the workspace file that loads this project, written into the instance's folder."""
    path = home / "workspace.yaml"
    if not path.is_file() or path.read_text(encoding="utf-8") != _WORKSPACE:
        path.write_text(_WORKSPACE, encoding="utf-8")
    return path


_DATABASES = ("history/runs.db", "history/runs/index.db", "schedules/schedules.db")


def damaged_databases(home: Path) -> list[str]:
    """Return what is wrong with Dagster's SQLite files in an instance's folder, each with what to do; nothing where all are whole."""
    said = []
    for name in _DATABASES:
        path = home / name
        if not path.is_file():
            continue
        try:
            con = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
            try:
                found = con.execute("PRAGMA quick_check(1)").fetchone()[0]
            finally:
                con.close()
        except sqlite3.OperationalError as error:
            found = "ok" if "locked" in str(error) else str(error)  # another run writes to it
        except sqlite3.DatabaseError as error:
            found = str(error)
        if found != "ok":
            what = " ".join(str(found).split())
            folder = path.parent
            said.append(
                f"{path}: Dagster's database is damaged ({what}). Move its folder away: mv {folder} {folder}.damaged; the next "
                "run makes a new one. Only Dagster's record of earlier runs is lost, nothing of the warehouse"
            )
    return said


@contextmanager
def held_open(home: Path) -> Iterator[None]:
    """Keep Dagster's SQLite files open while a run writes to them.

    Dagster opens a connection for each event, and SQLite folds its log into the file whenever the last one closes:
    a quarter of the processor time of an event.
    """
    with ExitStack() as stack:
        for path in (home / name for name in _DATABASES):
            if path.is_file():
                con = stack.enter_context(closing(sqlite3.connect(path)))
                con.execute("PRAGMA schema_version").fetchone()
        yield
