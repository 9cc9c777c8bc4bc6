"""A progress bar on standard error for long work; silent where nobody watches."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kc_pipeline.escape import visible

Report = Callable[[str, int, int], None]


def _silent(step: str, done: int, total: int) -> None:
    return None


_report: ContextVar[Report] = ContextVar("progress", default=_silent)


def report(step: str, done: int = 0, total: int = 0) -> None:
    """Tell whoever watches how far a step is; total 0 where it is not known."""
    _report.get()(step, done, total)


@contextmanager
def bar(first_step: str) -> Iterator[None]:
    """Show a progress bar for the steps reported inside, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    from tqdm import tqdm

    with tqdm(
        total=None, desc=first_step, leave=False, bar_format="{desc} {n_fmt}/{total_fmt} [{elapsed}] {bar}"
    ) as shown:

        def show(step: str, done: int, total: int) -> None:
            step = visible(step)
            if shown.desc != step or shown.total != total:
                shown.reset(total=total or None)
                shown.set_description_str(step, refresh=False)
            shown.n = done
            shown.refresh()

        token = _report.set(show)
        try:
            yield
        finally:
            _report.reset(token)


@contextmanager
def timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    """Report a step and add the wall seconds that it takes to `seconds` under its name."""
    report(step)
    started = time.perf_counter()
    yield
    seconds[step] = round(seconds.get(step, 0.0) + time.perf_counter() - started, 3)
