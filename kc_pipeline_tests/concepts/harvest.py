"""A quick reading of row labels in tagged filings: enough to judge the mapper, no extraction."""

import json
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser


@dataclass(slots=True)
class Row:
    """A printed number with its row's label, the headings above it and the element it was tagged with."""

    document: str
    statement: str
    section: tuple[str, ...]
    label: str
    title: str
    element: str
    value: Decimal
    unit: str
    months: int | None
    table: int
    row: int
    text: str
    period_end: date | None = None
    scope: str = "consolidated"
    concept: str | None = None
    segment: str | None = None
    mapping_rule: str | None = None
    decimals: int = 0
    member: str = ""


_DIGITS = re.compile(r"[^0-9.]")


def _clean(text: str) -> str:
    return " ".join(text.replace("\xa0", " ").replace("\u200b", "").split())


def harvest(html: Path) -> list[Row]:
    """Join each tagged number of a filing to the label of the row in which it is printed."""
    truth = json.loads(html.with_name(html.stem + ".truth.json").read_text(encoding="utf-8"))["truth"]
    tables = LexborHTMLParser(html.read_bytes()).css("table")
    by_table: dict[int, list[dict[str, str]]] = {}
    for t in truth:
        by_table.setdefault(t["table"], []).append(t)
    out: list[Row] = []
    for index, wanted in by_table.items():
        cells: list[tuple[int, str, tuple[str, ...], str]] = []
        section: list[str] = []
        block = ""
        for r, tr in enumerate(tables[index].css("tr")):
            texts = [_clean(td.text(deep=True)) for td in tr.css("td,th")]
            label = next((x for x in texts if x), "")
            if re.fullmatch(r"[\s$()\d,.%—–-]*", label):
                label = ""
            numbers = [x for x in texts[1:] if re.search(r"\d", x)]
            if label and not any(re.search(r"\d", x) or x in "—–-" for x in texts[1:] if x):
                if label.endswith(":") and block and label.upper() != label:
                    section = [block, label]
                else:
                    block = label if label.upper() == label else block
                    section = [label] if label.upper() == label or not block else [block, label]
            for x in numbers:
                cells.append((r, label, tuple(section), x))
            if re.match(r"total\b", label, re.I) and len(section) > 1:
                section = section[:1]
        pointer = 0
        for t in wanted:
            digits = _DIGITS.sub("", t["text"])
            for k in [*range(pointer, len(cells)), *range(0, pointer)]:
                if _DIGITS.sub("", cells[k][3]) == digits:
                    r, label, sec, _ = cells[k]
                    pointer = k + 1
                    months = t["months"]
                    unit = str(t["unit"]).replace("iso4217:", "").replace("xbrli:", "").replace(" ", "/")
                    unit = unit.replace("USD/shares", "USD/share")
                    out.append(
                        Row(html.stem, t["kind"], sec, label, "", t["concept"], Decimal(t["value"]), unit,
                            int(months) if months else None, index, r, t["text"], date.fromisoformat(t["end"]))
                    )  # fmt: skip
                    break
    return out
