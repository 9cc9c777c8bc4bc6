"""Prose of the bundled transcripts against the lists of their figures, and of real releases."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.model import Stated
from kc_pipeline.extraction.prose import read_prose
from kc_pipeline.extraction.text import visible_text
from kc_pipeline.figures import agree

pytestmark = pytest.mark.usefixtures("kc_pack")

MONTHS = {"quarter": 3, "half": 6, "nine_months": 9, "year": 12, "instant": None}
# Names of the lists that prose cannot be read as: growth of a loss (its percentage is no growth rate), a
# change in yuan under the name of a growth rate, second names of one sentence's figure, single contracts.
UNREADABLE = (
    "net_loss",
    "loss_before",
    "adjusted_net_loss",
    "shares_",
    "customer_concentration",
    "kingsoft_group_",
)
Key = tuple[str, str | None, Decimal, str, str | None, int | None]


def bundled(kind: str = "*-release") -> list[Path]:
    folder = Path(__file__).resolve().parents[2] / "data" / "filings" / "KC"
    return sorted(path for path in folder.glob(kind) if (path / "figures.csv").is_file())


def parse(path: Path) -> tuple[bytes, LexborHTMLParser, str]:
    data = path.read_bytes()
    tree = LexborHTMLParser(data)
    title = tree.css_first("title")
    return data, tree, title.text() if title else ""


def expected(folder: Path) -> Iterator[tuple[Key, int, dict[str, str]]]:
    """The figures that the transcript prints in a sentence, under the names of the facts."""
    with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if "sentence" not in row["places"] or row["concept"].startswith(UNREADABLE):
                continue
            if row["unit"] != "pure" and "_growth_" in row["concept"]:
                continue
            metric, segment = row["concept"], row["segment"] or None
            if segment and row["unit"] == "pure":
                metric = metric if metric.startswith(segment) else f"{segment}_{metric}"
                segment = None
            months = MONTHS[row["period_type"]]
            key = (metric, segment, Decimal(row["value"]), row["unit"], row["period_end"], months)
            yield key, int(row["decimals"]), row


def key_of(item: Stated) -> Key:
    end = item.period_end.isoformat() if item.period_end else None
    return item.metric or "", item.segment, item.value, item.unit, end, item.months


def test_every_sentence_figure_of_the_bundled_releases_is_read() -> None:
    folders = bundled()
    if not folders:
        pytest.skip("no bundled releases")
    missed, wanted = [], 0
    for folder in folders:
        _, tree, title = parse(next(folder.glob("*.htm")))
        read = {(key_of(item), item.decimals) for item in read_prose(visible_text(tree), title, [])[0]}
        for key, decimals, row in expected(folder):
            wanted += 1
            if (key, decimals) not in read:
                missed.append((folder.name, key, decimals, row["where"]))
    assert wanted > 500
    unread = [m for m in missed if not m[1][0].startswith("cash_growth")]
    assert unread == []


def test_no_figure_of_a_bundled_document_contradicts_its_list() -> None:
    folders = bundled("*")
    if not folders:
        pytest.skip("no bundled releases")
    false = []
    for folder in folders:
        _, tree, title = parse(next(folder.glob("*.htm")))
        known: dict[tuple[object, ...], list[tuple[Decimal, int]]] = {}
        with (folder / "figures.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                months = MONTHS[row["period_type"]]
                key = (row["concept"], row["segment"] or None, row["unit"], row["period_end"], months)
                known.setdefault(key, []).append((Decimal(row["value"]), int(row["decimals"])))
        for item in read_prose(visible_text(tree), title, [])[0]:
            metric, segment, value, unit, end, months_ = key_of(item)
            listed = known.get((metric, segment, unit, end, months_))
            if listed and not any(agree(value, item.decimals, v, d) for v, d in listed):
                false.append((folder.name, item.text, metric, listed))
    assert false == []


def test_speakers_of_a_bundled_release() -> None:
    folder = next((path for path in bundled() if path.name == "2025Q1-release"), None)
    if folder is None:
        pytest.skip("no bundled releases")
    data, tree, title = parse(next(folder.glob("*.htm")))
    said = read_prose(visible_text(tree), title, [])[1]
    assert {(s.speaker, s.title) for s in said} == {
        ("Mr. Tao Zou", "Chief Executive Officer of Kingsoft Cloud"),
        ("Mr. Henry He", "Chief Financial Officer of Kingsoft Cloud"),
    }
    assert all(s.evidence is not None and s.evidence.grade == "A" for s in said)
    assert all(visible_text(data)[s.span[0] : s.span[1]] == s.text for s in said)


def real(shared: Path, *patterns: str) -> list[Path]:
    return sorted(path for pattern in patterns for path in (shared / "realdocs").glob(pattern))


def test_real_releases_are_read_and_quoted_as_printed(shared: Path) -> None:
    figures = named = said = 0
    for path in real(shared, "8-K/*.html", "8-K-text/*.txt", "nvidia/*release.html", "6-K/*.htm"):
        data, tree, title = parse(path)
        stated, commentary, _ = read_prose(visible_text(tree), title, [])
        text = visible_text(data)
        assert all(text[s.span[0] : s.span[1]] == s.text for s in stated), path.name
        assert all(s.period_end is None or s.metric is None or s.value.is_finite() for s in stated)
        figures, named, said = (
            figures + len(stated),
            named + sum(bool(s.metric) for s in stated),
            said + len(commentary),
        )
    assert figures > 8000
    assert named > 800
    assert said > 150


def test_nvidia_headline_figures(shared: Path) -> None:
    paths = real(shared, "nvidia/FY2025-Q3-press-release.html")
    if not paths:
        pytest.skip("release not there")
    _, tree, title = parse(paths[0])
    got = {key_of(item) for item in read_prose(visible_text(tree), title, [])[0]}
    end = "2024-10-27"
    assert ("revenues", None, Decimal(35_100_000_000), "USD", end, 3) in got
    assert ("revenue_growth_qoq", None, Decimal("0.17"), "pure", end, 3) in got
    assert ("revenue_growth_yoy", None, Decimal("0.94"), "pure", end, 3) in got
    assert ("earnings_per_share_diluted", None, Decimal("0.78"), "USD/share", end, 3) in got
    assert ("adjusted_earnings_per_share_diluted", None, Decimal("0.81"), "USD/share", end, 3) in got
    revenues = {value for metric, _, value, _, when, _ in got if metric == "revenues" and when == end}
    assert revenues == {Decimal(35_100_000_000)}, "a business's revenue must not pass as the group's"


def test_51job_comparatives_agree_with_the_release_of_the_year_before(shared: Path) -> None:
    first: dict[tuple[object, ...], tuple[Decimal, int]] = {}
    compared = differing = 0
    for path in real(shared, "6-K/51job*.htm"):
        _, tree, title = parse(path)
        for item in read_prose(visible_text(tree), title, [])[0]:
            if item.metric is None or item.unit != "CNY" or item.period_end is None:
                continue
            key = (item.metric, item.period_end, item.months)
            if key in first:
                compared += 1
                differing += not agree(item.value, item.decimals, *first[key])
            first.setdefault(key, (item.value, item.decimals))
    assert compared > 30
    assert differing <= compared * 0.02
