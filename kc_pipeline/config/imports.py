"""Keeps pandas out of processes that do not use it.

duckdb and pyarrow import pandas where they find it, the one at the first query with parameters, the other at
the first array made from a list; that takes a second or more. Processes of our own that never hand out a
DataFrame (the command line, reading workers) say so once, at their start.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is kept out of this process", name="pandas")
        return None


def without_pandas() -> None:
    """Make `import pandas` fail in this process from now on, as if it were not installed."""
    if "pandas" not in sys.modules and not any(isinstance(f, _NoPandas) for f in sys.meta_path):
        sys.meta_path.insert(0, _NoPandas())
