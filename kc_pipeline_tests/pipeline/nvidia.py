"""NVIDIA's eight quarters as a second company: filings with manifests, and its figures as XBRL company facts."""

import json
import re
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from kc_pipeline.concepts import catalogue
from kc_pipeline.config import Settings
from kc_pipeline_tests.conftest import copy_of_data

CONFIGURATION = """
[[company]]
id = "NVDA"
name = "NVIDIA Corporation"
cik = "0001045810"
tickers = ["NASDAQ:NVDA"]
reporting_currency = "USD"
fiscal_year_end = "last Sunday of January"
"""
_NAME = re.compile(r"FY(\d{4})-Q(\d)-(10-Q|10-K|press-release)\.html?")
_DAY = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}"
)
_UNITS = {"USD": "USD", "USD/share": "USD/shares", "shares": "shares"}


@dataclass(frozen=True)
class CompanyFacts:
    """Values by us-gaap element, unit, first day (None for an instant) and last day; when each form was filed."""

    values: dict[tuple[str, str, str | None, str], set[Decimal]]
    filed: dict[tuple[str, str], tuple[str, str]]

    @classmethod
    def load(cls, path: Path) -> "CompanyFacts":
        values: dict[tuple[str, str, str | None, str], set[Decimal]] = defaultdict(set)
        filed: dict[tuple[str, str], tuple[str, str]] = {}
        for element, fact in json.loads(path.read_text(encoding="utf-8"))["facts"]["us-gaap"].items():
            for unit, rows in fact["units"].items():
                for row in rows:
                    values[element, unit, row.get("start"), row["end"]].add(Decimal(str(row["val"])))
                    if element == "Assets":
                        first = filed.get((row["form"], row["end"]), ("", "9999"))
                        if row["filed"] < first[1]:
                            filed[row["form"], row["end"]] = (row["accn"], row["filed"])
        return cls(dict(values), filed)

    def of(self, concept: str, unit: str, start: str | None, end: str) -> set[Decimal]:
        """The values under the concept's element and under others with which issuers tag the same row."""
        known = catalogue().get(concept)
        if known is None or unit not in _UNITS:
            return set()
        return set().union(*(self.values.get((e, _UNITS[unit], start, end), set()) for e in known.elements))

    def has_own(self, concept: str, unit: str, start: str | None, end: str) -> bool:
        """Whether there is a value under the concept's own element, not only under one that a row may have too."""
        element = catalogue().concepts[concept].element or ""
        return (element, _UNITS.get(unit, ""), start, end) in self.values


def lay_out(target: Path, shared: Path) -> tuple[Settings, CompanyFacts]:
    """Write companies.toml and filings of the bundled company and of NVIDIA below `target`."""
    documents = shared / "realdocs" / "nvidia"
    truth = CompanyFacts.load(shared / "realdocs" / "companyfacts" / "CIK0001045810.json")
    settings = copy_of_data(target)
    with settings.companies_file.open("a", encoding="utf-8") as file:
        file.write(CONFIGURATION)
    ends = {
        (int(m[1]), int(m[2])): _period_end(path.with_suffix(".truth.json"))
        for path in documents.glob("*.htm")
        if (m := _NAME.fullmatch(path.name))
    }
    for path in sorted(documents.glob("*.htm*")):
        match = _NAME.fullmatch(path.name)
        assert match, path.name
        end = ends[int(match[1]), int(match[2])]
        if match[3] == "press-release":
            body = re.sub(
                r"<[^>]+>", " ", path.read_text(encoding="utf-8", errors="replace").partition("<body")[2]
            )
            day = _DAY.search(body)
            assert day, path.name
            filed = datetime.strptime(day[0], "%B %d, %Y").date().isoformat()
            form, kind, accession = "8-K", "release", None
        else:
            form, kind = match[3], "report"
            accession, filed = truth.filed[form, end]
        folder = settings.filings / "NVDA" / f"{match[1]}Q{match[2]}-{kind}"
        folder.mkdir(parents=True)
        shutil.copy(path, folder / f"{kind}.htm")
        manifest = {
            "company": "NVDA", "form": form, "accession": accession, "url": None, "filing_date": filed,
            "filing_date_precision": "day", "accepted_at": None, "period_of_report": end,
            "documents": [{"file": f"{kind}.htm", "type": kind, "kind": "original"}],
        }  # fmt: skip
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return settings, truth


def _period_end(truth: Path) -> str:
    """The day of the newest balance sheet in a report's list of tagged figures."""
    figures = json.loads(truth.read_text(encoding="utf-8"))["truth"]
    return max(f["end"] for f in figures if f["kind"] == "balance_sheet")
