"""How far long work is, for whoever watches: a bar on a terminal, lines elsewhere; silent where nobody asked."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from kc_pipeline.escape import visible

Report = Callable[[str, int, int], None]
TICK_SECONDS = 0.5
LINE_SECONDS = 5.0


def _silent(step: str, done: int, total: int) -> None:
    return None


_report: ContextVar[Report] = ContextVar("progress", default=_silent)


def report(step: str, done: int = 0, total: int = 0) -> None:
    """Tell whoever watches how far a step is; total 0 where it is not known."""
    _report.get()(step, done, total)


@contextmanager
def bar(first_step: str, tell: Callable[[str], None]) -> Iterator[None]:
    """Show how far the steps reported inside are: a bar on a terminal, else lines through `tell`.

    The bar's clock goes on while a step reports nothing. A line comes at the begin of each step, and every few
    seconds within one that counts.
    """
    shown = _moving(first_step) if sys.stderr.isatty() else _lines(first_step, tell)
    with shown as show:
        token = _report.set(show)
        try:
            yield
        finally:
            _report.reset(token)


@contextmanager
def _moving(first_step: str) -> Iterator[Report]:
    from tqdm import tqdm

    ended = threading.Event()
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

        def tick() -> None:
            while not ended.wait(TICK_SECONDS):
                shown.refresh()

        clock = threading.Thread(target=tick, name="kc-progress", daemon=True)
        clock.start()
        try:
            yield show
        finally:
            ended.set()
            clock.join()


@contextmanager
def _lines(first_step: str, tell: Callable[[str], None]) -> Iterator[Report]:
    last, at = first_step, time.monotonic()
    tell(first_step)

    def show(step: str, done: int, total: int) -> None:
        nonlocal last, at
        now = time.monotonic()
        if step == last and (not total or now - at < LINE_SECONDS):
            return
        last, at = step, now
        tell(f"{step} {done} of {total}" if total else step)

    yield show


@contextmanager
def told(tell: Callable[[str], None]) -> Iterator[None]:
    """Tell the name of each step that begins inside, beside whoever watches already."""
    watching = _report.get()
    last = ""

    def both(step: str, done: int, total: int) -> None:
        nonlocal last
        watching(step, done, total)
        if step != last:
            last = step
            tell(step)

    token = _report.set(both)
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
