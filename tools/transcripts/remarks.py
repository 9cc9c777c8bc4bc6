"""Attributed quotations: fragments that a release prints, without figures that it is not known to hold."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from .reference import Evidence, Row

_FIGURE = re.compile(r"(?<![\w-])(?:RMB ?|US\$)?(\d[\d,]*(?:\.\d+)?)")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True)
class Remark:
    """One quotation: who, as what, the fragment, and where it was read."""

    quarter: str
    speaker: str
    title: str
    fragment: str
    url: str

    @property
    def evidence(self) -> Evidence:
        """Read in the release or a copy of it."""
        hosts = (("sec.gov", "sec"), ("ir.ksyun.com", "issuer_ir"))
        kind = next((kind for host, kind in hosts if host in self.url), "wire")
        return Evidence("A", kind, "", self.url)

    @property
    def sentence(self) -> str:
        """`Mr. X, Chief Executive Officer of Kingsoft Cloud, commented, “...…”`; a finance chief `added`."""
        title = self.title if self.title.endswith("of Kingsoft Cloud") else f"{self.title} of Kingsoft Cloud"
        verb = "added" if "Financial" in self.title else "commented"
        closing = "" if self.fragment.endswith((".", "!", "?")) else "…"
        return f"{self.speaker}, {title}, {verb}, “{self.fragment}{closing}”"


def load(path: Path, left_out: list[str]) -> list[Remark]:
    """The quotations whose `use` is release; one that another of the same officer contains is left out."""
    with path.open(encoding="utf-8", newline="") as handle:
        raws = list(csv.DictReader(handle))
    remarks: list[Remark] = []
    for raw in raws:
        if raw["use"] != "release":
            left_out.append(f"quotation: use is {raw['use']}")
        elif not raw["quote_fragment"]:
            left_out.append("quotation: no words quoted")
        else:
            remarks.append(
                Remark(
                    raw["period"],
                    raw["speaker_as_printed"],
                    raw["title_as_printed"],
                    raw["quote_fragment"].replace("“", "‘").replace("”", "’"),
                    raw["source_url"],
                )
            )
    kept: list[Remark] = []
    for remark in remarks:
        rivals = [r for r in remarks if (r.quarter, r.speaker) == (remark.quarter, remark.speaker)]
        words = remark.fragment.lower().strip(".")
        if any(
            words in r.fragment.lower() and len(words) < len(r.fragment.strip(".")) for r in rivals
        ) or any(k.quarter == remark.quarter and k.fragment == remark.fragment for k in kept):
            left_out.append("quotation: another one contains it")
        else:
            kept.append(remark)
    return kept


def without_unknown_figures(remark: Remark, rows: Iterable[Row]) -> Remark:
    """The quotation, cut before the first figure that the release's rows do not hold."""
    known = {_magnitude(r) for r in rows}
    for match in _FIGURE.finditer(remark.fragment):
        if _YEAR.fullmatch(match.group()):
            continue
        if Decimal(match.group(1).replace(",", "")) not in known:
            cut = remark.fragment[: match.start()].rstrip()
            return Remark(remark.quarter, remark.speaker, remark.title, cut, remark.url)
    return remark


def _magnitude(row: Row) -> Decimal:
    scale = {"percent": Decimal("0.01"), "RMB": Decimal(10) ** 6, "USD": Decimal(10) ** 6}.get(
        row.unit, Decimal(1)
    )
    return abs(row.value) / scale
