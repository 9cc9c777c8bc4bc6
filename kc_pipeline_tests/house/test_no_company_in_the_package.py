"""The package speaks of no company: what a pack names stands in the pack, and nowhere in `kc_pipeline/`.

Looked for are, of every bundled pack: the id; proper names (the company's without its legal form, tickers,
counterparties, speakers); the names of its segments, of its own concepts and of its KPIs. A name is found as whole
words, whether printed with spaces, hyphens or underscores.

A proper name is one that the pack prints with a capital letter; it is always looked for, unless it also is a plain
term of trade in GENERAL below, which says what else it means. Any other name is looked for where it is distinctive:
not one word that the general catalogue lists among the words of headings (`others`, `services`), and not a name of the
general catalogues themselves.
"""

import re
from pathlib import Path

import pytest

from kc_pipeline import concepts, kpis
from kc_pipeline.config import Company, load_companies
from kc_pipeline.config.companies import own_name, words

GENERAL = {"gds": "global depositary shares"}
READ = (".py", ".toml", ".jinja", ".sql", ".yaml", ".md", ".css", ".js", ".html")


def proper_names_of(company: Company) -> set[str]:
    """Return the proper names of a pack, as words in small letters."""
    names = [own_name(n) for n in (company.name, *company.aliases)]
    names += [words(t) for t in company.tickers]
    names += [words(s.name) for s in company.speakers]
    for party in company.counterparties:
        names += [words(label) for label in party.labels if label != label.lower()]
        printed = re.findall(r"\w+", " ".join(party.labels))
        names += [words(part) for part in party.id.split("_") if part.capitalize() in printed]
    return {n for n in names if len(n) > 1}


def other_names_of(company: Company) -> set[str]:
    """Return the other names of a pack, as words in small letters."""
    names = []
    for part in (*company.segments, *company.counterparties):
        names += [words(part.id.replace("_", " ")), *(words(label) for label in part.labels)]
    names += [words(e.name.replace("_", " ")) for e in (*company.concepts, *company.amounts, *company.ratios)]
    return {n for n in names if len(n) > 1}


def distinctive(company: Company) -> list[str]:
    """Return the names of a pack that the package may not have."""
    proper = {n for n in proper_names_of(company) if n not in GENERAL}
    return sorted(proper | {n for n in other_names_of(company) if not is_general(n)})


def is_general(name: str) -> bool:
    """Say whether a name is one that a company shares with the statements of all."""
    catalogue = concepts.general()
    if " " not in name and name in catalogue.heading_words:
        return True
    labels = {words(label) for label, _ in catalogue.segments}
    known = {n.replace("_", " ") for n in (*catalogue.concepts, *kpis.general().kpis)}
    return name in labels or name in known or name in GENERAL


def mentions(text: str, name: str) -> list[str]:
    """Return the lines of a text that have a name as whole words."""
    pattern = re.compile(
        rf"(?<![^\W_]){re.escape(name).replace(chr(92) + ' ', '[ _-]+')}(?![^\W_])", re.IGNORECASE
    )
    return [line.strip() for line in text.splitlines() if pattern.search(line)]


@pytest.fixture(scope="module")
def package(repo: Path) -> dict[Path, str]:
    """The text of every file of the package."""
    files = sorted(p for p in (repo / "kc_pipeline").rglob("*") if p.suffix in READ)
    return {p.relative_to(repo): p.read_text(encoding="utf-8") for p in files}


def test_no_name_of_a_pack_stands_in_the_package(repo: Path, package: dict[Path, str]) -> None:
    found = []
    for company in load_companies(repo / "data" / "companies.toml").values():
        names = distinctive(company)
        assert names, f"{company.id}: nothing to look for"
        # an id is two letters long: as printed, and not as part of KC_DATA
        by_id = re.compile(rf"(?<![\w-]){re.escape(company.id)}(?![\w-])")
        for path, text in package.items():
            found += [
                f"{path}: {company.id}: {line.strip()}" for line in text.splitlines() if by_id.search(line)
            ]
            found += [f"{path}: {name}: {line}" for name in names for line in mentions(text, name)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "name", "there"),
    [
        ("revenue_from_acme_group = 1", "acme group", True),
        ("sold to Acme-Group only", "acme group", True),
        ("the acmes", "acme", False),
        ("ACME: the rest", "acme", True),
    ],
)
def test_a_name_is_found_as_whole_words(line: str, name: str, there: bool) -> None:
    assert bool(mentions(line, name)) == there


def test_parties_are_looked_for_by_their_proper_names(repo: Path) -> None:
    company = load_companies(repo / "data" / "companies.toml")["KC"]
    assert {"kingsoft cloud", "xiaomi", "xiaomi group", "kingsoft"} <= set(distinctive(company))
    assert not {"group", "ecosystem", "others"} & set(distinctive(company))


def test_general_words_are_no_names() -> None:
    assert is_general("others")
    assert is_general("revenues")
    assert not is_general("public cloud")
