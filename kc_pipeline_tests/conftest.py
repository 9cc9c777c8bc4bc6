"""Fixtures shared by all tests."""

import os
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real documents and reference figures; tests that need it skip where it is absent."""
    path = Path(os.environ.get("KC_SHARED") or REPO.parent / "shared")
    if not path.is_dir():
        pytest.skip(f"no shared reference data at {path} (set KC_SHARED)")
    return path


@pytest.fixture(scope="session")
def repo() -> Path:
    """The checkout."""
    return REPO
