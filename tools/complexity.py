"""Hold the cyclomatic complexity of the package: part of `make lint`.

    python -m tools.complexity

No function of `kc_pipeline` may exceed 30.
"""

import ast
from collections.abc import Mapping
from pathlib import Path

from radon.visitors import ComplexityVisitor

PACKAGE = Path(__file__).resolve().parents[1] / "kc_pipeline"
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


def problems(found: Mapping[str, int], bound: int = BOUND) -> list[str]:
    """Say which functions exceed the bound."""
    return [f"{name} has complexity {n}, over {bound}" for name, n in sorted(found.items()) if n > bound]


def sources(package: Path) -> dict[str, str]:
    """Return the dotted name and text of each module of a package."""
    return {
        ".".join(path.relative_to(package.parent).with_suffix("").parts): path.read_text(encoding="utf-8")
        for path in sorted(package.rglob("*.py"))
    }


def main() -> int:
    """Check; 1 if a function exceeds what it may."""
    wrong = problems(complexities(sources(PACKAGE)))
    print("\n".join(wrong) or f"complexity: no function above {BOUND}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
