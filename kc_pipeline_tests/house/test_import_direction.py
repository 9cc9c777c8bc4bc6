"""Arrows point one way: no room imports a room further down the path."""

import ast
from pathlib import Path

import pytest

ORDER = [
    ["figures", "escape", "kinds"],
    ["schema", "config"],
    ["concepts"],
    ["sources"],
    ["store"],
    ["extraction"],
    ["quality"],
    ["warehouse"],
    ["kpis"],
    ["anomalies"],
    ["lineage"],
    ["brief"],
    ["pipeline"],
    ["orchestration"],
    ["definitions"],
    ["cli"],
]
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def _rooms(repo: Path) -> dict[str, set[str]]:
    package = repo / "kc_pipeline"
    rooms: dict[str, set[str]] = {}
    for path in package.rglob("*.py"):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room != "__init__":
            rooms.setdefault(room, set()).update(_imports(path))
    return rooms


def test_every_room_has_its_place_in_the_order(repo: Path) -> None:
    assert set(_rooms(repo)) == set(LEVEL)


def test_no_room_imports_a_room_further_down(repo: Path) -> None:
    wrong = []
    for room, modules in _rooms(repo).items():
        for module in modules:
            parts = module.split(".")
            if parts[0] != "kc_pipeline" or len(parts) < 2 or parts[1] == room:
                continue
            if LEVEL[parts[1]] > LEVEL[room] or (LEVEL[parts[1]] == LEVEL[room] and parts[1] != room):
                wrong.append(f"{room} imports {module}")
    assert not wrong


@pytest.mark.parametrize("room", ["extraction", "figures", "concepts"])
def test_the_pure_rooms_know_neither_dagster_nor_duckdb(repo: Path, room: str) -> None:
    used = {m.split(".")[0] for m in _rooms(repo)[room]}
    assert not used & {"dagster", "duckdb", "pandas", "sqlite3", "requests", "urllib"}


def test_commands_print_in_one_place(repo: Path) -> None:
    """What is printed elsewhere would not be made harmless (kc_pipeline/escape.py)."""
    wrong = []
    for path in (repo / "kc_pipeline").rglob("*.py"):
        if path.name in ("terminal.py", "__main__.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in (
                "print",
                "click.echo",
                "click.secho",
                "click.style",
                "sys.stdout.write",
                "sys.stderr.write",
            ):
                wrong.append(f"{path.relative_to(repo)}:{node.lineno}: {called}")
    assert not wrong


def test_only_the_shell_knows_dagster(repo: Path) -> None:
    with_dagster = {
        room for room, modules in _rooms(repo).items() if any(m.split(".")[0] == "dagster" for m in modules)
    }
    assert with_dagster <= {"orchestration", "definitions", "cli"}
