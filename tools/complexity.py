"""Hold the cyclomatic complexity of the package: part of `make lint`.

    python -m tools.complexity [--write]

No function of `kc_pipeline` may exceed 30. `tools/complexity_known.toml` lists those that do, with their value; the
list may only shrink: one that grew, is new, or is listed without need fails. `--write` lowers the list to what is
reached (it never adds to it, and never raises a value).
"""

import ast
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from radon.visitors import ComplexityVisitor

ROOT = Path(__file__).resolve().parents[1]
KNOWN = Path(__file__).with_name("complexity_known.toml")
BOUND = 30


def complexities(sources: Mapping[str, str]) -> dict[str, int]:
    """Return `module:function` (or `module:Class.method`) of each source to its complexity."""
    out: dict[str, int] = {}
    for module, source in sources.items():
        visitor = ComplexityVisitor.from_ast(ast.parse(source))
        for found in (*visitor.functions, *(m for c in visitor.classes for m in c.methods)):
            name = f"{found.classname}.{found.name}" if getattr(found, "classname", None) else found.name
            out[f"{module}:{name}"] = max(out.get(f"{module}:{name}", 0), found.complexity)
    return out


def problems(found: Mapping[str, int], known: Mapping[str, int], bound: int = BOUND) -> list[str]:
    """Say which functions exceed the bound or their known value, and which stand on the list without need."""
    out = []
    for name, value in sorted(found.items()):
        if value > max(bound, known.get(name, 0)):
            out.append(f"{name} has complexity {value}, over {max(bound, known.get(name, 0))}")
    for name, value in sorted(known.items()):
        now = found.get(name, 0)
        if now < value:
            need = f"lower it to {now}" if now > bound else "take it off the list"
            out.append(f"{name} is listed with {value} and has {now}: {need} (make complexity)")
    return out


def lowered(found: Mapping[str, int], known: Mapping[str, int], bound: int = BOUND) -> dict[str, int]:
    """Return the list with only what is still needed, at its present value."""
    now = {name: min(value, found.get(name, 0)) for name, value in known.items()}
    return {name: value for name, value in sorted(now.items()) if value > bound}


def sources(package: Path) -> dict[str, str]:
    """Return the dotted name and text of each module of a package."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted(package.rglob("*.py"))
    }


def _text(known: Mapping[str, int]) -> str:
    head = "# Functions above the complexity that `make lint` allows; this list may only shrink (`make complexity`).\n"
    return head + "".join(f'"{name}" = {value}\n' for name, value in known.items())


def main(arguments: Iterable[str] = sys.argv[1:]) -> int:
    """Check, or lower the list; 1 if a function exceeds what it may."""
    known = tomllib.loads(KNOWN.read_text(encoding="utf-8"))
    found = complexities(sources(ROOT / "kc_pipeline"))
    if "--write" in arguments:
        known = lowered(found, known)
        KNOWN.write_text(_text(known), encoding="utf-8")
    wrong = problems(found, known)
    print("\n".join(wrong) or f"complexity: no function above {BOUND} but the {len(known)} that are listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
