"""Writes the generated parts of README and docs from the declarations; `--check` only compares.

python -m tools.write_docs [--check]
"""

import sys
from pathlib import Path

from kc_pipeline.schema import TABLES, reference_markdown

REPO = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- generated: {} -->", "<!-- end of generated: {} -->"


def tables_overview() -> str:
    """Return one line per table for the README."""
    lines = ["| relation | what it holds |", "| --- | --- |"]
    lines += [f"| `{t.qualified}` | {t.comment} |" for t in TABLES]
    return "\n".join(lines)


def commands_overview() -> str:
    """Return one line per command for the README."""
    from kc_pipeline.cli.main import HELP

    return "\n".join(
        ["| command | does |", "| --- | --- |", *(f"| `kc {n}` | {t} |" for n, t in sorted(HELP.items()))]
    )


def checks_reference() -> str:
    """Return the check catalogue as a page."""
    from kc_pipeline.quality import CATALOGUE

    lines = ["# Checks", "", "Generated from the check catalogue (`make docs`).", ""]
    lines += ["| check | judges | a failure | what it holds |", "| --- | --- | --- | --- |"]
    lines += [f"| `{c.name}` | `{c.relation}` | {c.severity} | {c.title} |" for c in CATALOGUE]
    return "\n".join(lines) + "\n"


def kpis_reference() -> str:
    """Return the KPI catalogue as a page."""
    from kc_pipeline.kpis import reference_markdown as kpi_reference

    return kpi_reference()


def explain_reference() -> str:
    """Return the keys of a trail as a page."""
    from kc_pipeline.lineage.shape import reference_markdown as trail_reference

    return trail_reference()


def _with_block(text: str, name: str, block: str) -> str:
    begin, end = BEGIN.format(name), END.format(name)
    head, _, rest = text.partition(begin)
    _, found, tail = rest.partition(end)
    if not found:
        raise SystemExit(f"README.md lacks the markers of {name}")
    return f"{head}{begin}\n{block}\n{end}{tail}"


def wanted() -> dict[Path, str]:
    """Return every generated file with its content."""
    readme = REPO / "README.md"
    text = readme.read_text(encoding="utf-8")
    text = _with_block(text, "tables", tables_overview())
    text = _with_block(text, "commands", commands_overview())
    reference = REPO / "docs" / "reference"
    tables = "# Tables\n\nGenerated from `kc_pipeline/schema` (`make docs`).\n\n" + reference_markdown(TABLES)
    return {
        readme: text,
        reference / "tables.md": tables,
        reference / "checks.md": checks_reference(),
        reference / "kpis.md": kpis_reference(),
        reference / "explain.md": explain_reference(),
    }


def main(arguments: list[str]) -> int:
    """Write what differs, or with `--check` say what differs and return 1."""
    stale = [p for p, text in wanted().items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(
                f"{path.relative_to(REPO)} is not what the declarations say; run `make docs`", file=sys.stderr
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted()[path], encoding="utf-8")
            print(f"wrote {path.relative_to(REPO)}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
