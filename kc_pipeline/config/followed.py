"""Whose declarations count: the general catalogues are completed by those of the companies that are followed here.

A catalogue is asked for in many places deep inside; which packs complete it is a matter of the whole command, so it is
set once around it (`with following(companies)`) and not handed through every function.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from kc_pipeline.config.companies import Company


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """The companies whose declarations count. The same companies are the same object, so that caches can hang on it."""

    companies: tuple[Company, ...]


_NOBODY = Followed(())
_current: ContextVar[Followed] = ContextVar("followed", default=_NOBODY)
_KEPT = 16
_known: list[Followed] = [_NOBODY]


def followed() -> Followed:
    """Return whose declarations count here and now."""
    return _current.get()


@contextmanager
def following(companies: Iterable[Company]) -> Iterator[None]:
    """Let the declarations of these companies, and of no others, count inside."""
    token = _current.set(_same(tuple(companies)))
    try:
        yield
    finally:
        _current.reset(token)


def _same(companies: tuple[Company, ...]) -> Followed:
    for known in _known:
        if known.companies == companies:
            return known
    new = Followed(companies)
    _known.append(new)
    if len(_known) > _KEPT:
        del _known[1]
    return new
