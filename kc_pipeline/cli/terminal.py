"""What commands print goes through here and nowhere else, so that no text of a document drives the terminal."""

import json
import re
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Literal

import click

from kc_pipeline.escape import json_text, visible

Colour = Literal["blue", "green", "red"]
_OUR_COLOURS = re.compile("(\x1b\\[(?:3[124]|0)m)")  # what `styled` makes of the three


def echo(text: str = "", *, err: bool = False, nl: bool = True) -> None:
    """Print text; what would drive the terminal is written out."""
    click.echo(visible(text), err=err, nl=nl)


def styled(text: str, colour: Colour) -> str:
    """Return a piece for `echo_styled`; what would drive the terminal is written out in it."""
    return click.style(visible(text), fg=colour)


def echo_styled(text: str) -> None:
    """Print text out of pieces, each through `styled` or `visible`; no other colour, nor anything else, passes."""
    parts = _OUR_COLOURS.split(text)
    click.echo("".join(part if i % 2 else visible(part) for i, part in enumerate(parts)))


class Output:
    """Standard output for an answer in some format; JSON and CSV stay exact.

    JSON writes such characters as JSON does (`\\u202e`). CSV is written out on a terminal only.
    """

    def __init__(self, form: str) -> None:
        self._made_safe: Callable[[str], str] = visible
        if form == "json":
            self._made_safe = json_text
        elif form == "csv" and not sys.stdout.isatty():
            self._made_safe = str

    def write(self, text: str) -> int:
        """Write a piece of the answer."""
        return sys.stdout.write(self._made_safe(text))


def write_json(value: Any, indent: int | None = None) -> None:
    """Print a value as one JSON object or list."""
    json.dump(value, Output("json"), ensure_ascii=False, indent=indent)
    sys.stdout.write("\n")


def show_traceback(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print what nobody caught, for `sys.excepthook`; its message may quote a document."""
    import traceback

    echo("".join(traceback.format_exception(kind, error, trace)), err=True, nl=False)
