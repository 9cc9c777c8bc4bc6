"""The peers' reference figures as rows of their documents: which document, concept, sign and precision each has."""

import csv
import re
import tomllib
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from .reference import TRANSCRIBED_GRADES, Evidence, Row

PLANS = tomllib.loads(Path(__file__).with_name("peers.toml").read_text(encoding="utf-8"))
MONTH_OF_QUARTER = {"March": 1, "June": 2, "September": 3, "December": 4}

# What the reference calls a figure, and the concept that it is of. A loss is negative, an expense positive.
CONCEPTS = {
    "revenues_growth_yoy": "revenue_growth_yoy",
    "operating_income": "operating_income_loss",
    "income_from_operations": "operating_income_loss",
    "operating_loss": "operating_income_loss",
    "net_income": "profit_loss",
    "net_loss": "profit_loss",
    "total_assets": "assets",
    "operating_cash_flow": "net_cash_provided_by_used_in_operating_activities",
}
OWN_MEASURES = ("cloud_external_revenue_growth_yoy", "ai_cloud_share_of_baidu_core")
"""Measures of the company's own that say in their name what they are about: of no segment."""
LOSSES = ("net_loss", "operating_loss")
EXPENSES = ("impairment_of_long_lived_assets",)

NOT_REPRESENTABLE = {
    "guidance_capital_expenditures": "guidance: what the company expects is no figure of a period",
    "capital_expenditures_last_four_quarters": (
        "a rounded total of four quarters for AI and cloud alone, which is no measure of the group"
    ),
}
"""Figures that no concept of the warehouse stands for, with the reason."""


@dataclass(frozen=True)
class PeerRow(Row):
    """A figure of a peer: its transcript shows the source's words beside the transcriber's."""

    @property
    def evidence(self) -> Evidence:
        """Who printed the figure, and in which words."""
        return Evidence(self.grade, self.source_kind, self.source_title, self.source_url, self.as_stated)


@dataclass(frozen=True)
class Document:
    """One document of a peer, named by its calendar quarter.

    `filed` is a day, or the last day of a month where `dated_by` is empty: then no stored copy shows the day.
    """

    name: str
    form: str
    filed: date
    dated_by: str
    accession: str | None = None
    exhibit: str | None = None
    url: str | None = None

    @property
    def period_end(self) -> date:
        """Last day of the newest period: of the quarter, half or year in the document's name."""
        if quarter := re.match(r"\d{4}Q[1-4]", self.name):
            return last_day(quarter.group())
        year = int(re.findall(r"\d{4}", self.name)[-1])
        return date(year, 6, 30) if self.name.endswith("H1") else date(year, 12, 31)

    @property
    def kind(self) -> str:
        """What the manifest calls it."""
        return "release" if self.name.endswith("-release") else "report"

    @property
    def precision(self) -> str:
        """How well the filing date is known."""
        return "day" if self.dated_by else "month_estimated"


@dataclass(frozen=True)
class Peer:
    """One company: its id, its name in the reference, its own name, currency, documents.

    `belongs` names the document of a source (by address) that names none or another one; `tables` are the titles
    of sources whose amounts were read in the rows of a statement; `segments` are its segments and what a sentence
    calls them.
    """

    id: str
    name: str
    title: str
    currency: str
    documents: tuple[Document, ...]
    belongs: Mapping[str, str]
    tables: tuple[str, ...]
    segments: Mapping[str, str]

    def document(self, name: str) -> Document:
        """The document of that name.

        Raises:
            ValueError: if peers.toml declares none.
        """
        found = next((d for d in self.documents if d.name == name), None)
        if found is None:
            raise ValueError(f"peers.toml: {self.id} has no document {name}: declare it with its date")
        return found


def peers() -> tuple[Peer, ...]:
    """The companies of peers.toml."""
    return tuple(
        Peer(
            c["id"],
            c["name"],
            c["title"],
            c["currency"],
            tuple(
                Document(
                    d["name"],
                    d.get("form", c["form"]),
                    d["filed"],
                    d["dated_by"],
                    d.get("accession"),
                    d.get("exhibit"),
                    d.get("url"),
                )
                for d in c["document"]
            ),
            c.get("belongs", {}),
            tuple(c.get("tables", ())),
            c.get("segments", {}),
        )
        for c in PLANS["company"]
    )


def last_day(period: str) -> date:
    """Last day of `2025Q3`, `2025H1` or `2025FY`: calendar quarters, as the reference has them."""
    year, part = int(period[:4]), period[4:]
    month = {"FY": 12, "H1": 6, "H2": 12}.get(part) or 3 * int(part[1])
    return date(year, month, monthrange(year, month)[1])


def load(path: Path, peer: Peer) -> tuple[list[Row], list[str]]:
    """The company's figures of grade A and B, each with its document, and why others are left out.

    Raises:
        ValueError: if a line cannot be read, or belongs to a document that is not declared.
    """
    with path.open(encoding="utf-8", newline="") as handle:
        raws = [(n, r) for n, r in enumerate(csv.DictReader(handle), start=2) if r["company"] == peer.name]
    left_out, kept = [], []
    for number, raw in raws:
        reason = reason_left_out(raw)
        if reason:
            left_out.append(reason)
        else:
            kept.append((number, raw))
    newest = _newest_quarters(raw for _, raw in kept)
    rows = []
    for number, raw in kept:
        try:
            rows.append(_row(number, raw, _document_of(raw, peer, newest)))
        except (ArithmeticError, ValueError, KeyError) as error:
            raise ValueError(f"{path}: record {number}: {error!r}") from error
    for row in rows:
        peer.document(row.document)
    return rows, left_out


def reason_left_out(raw: Mapping[str, str]) -> str | None:
    """Why a figure stands in no transcript, or None."""
    if raw["grade"] not in TRANSCRIBED_GRADES:
        return f"grade is {raw['grade']}"
    return NOT_REPRESENTABLE.get(raw["metric"])


def _newest_quarters(raws: Iterable[Mapping[str, str]]) -> dict[str, date]:
    """The last day of the newest period that each source has a figure of, by address."""
    out: dict[str, date] = {}
    for raw in raws:
        end = last_day(raw["period"])
        out[raw["source_url"]] = max(end, out.get(raw["source_url"], end))
    return out


def _document_of(raw: Mapping[str, str], peer: Peer, newest: Mapping[str, date]) -> str:
    source = raw["source_doc"]
    if raw["source_url"] in peer.belongs:
        return peer.belongs[raw["source_url"]]
    if named := re.search(r"20-F FY(\d{4})", source):
        return f"20-F-{named[1]}"
    if named := re.search(r"interim report (?:of )?(\d{4})", source):
        return f"interim-{named[1]}H1"
    if named := re.search(r"Q([1-4]) (\d{4})", source):
        return f"{named[2]}Q{named[1]}-release"
    if named := re.search(r"(March|June|September|December) quarter (\d{4})", source):
        return f"{named[2]}Q{MONTH_OF_QUARTER[named[1]]}-release"
    end = newest[raw["source_url"]]
    return f"{end.year}Q{end.month // 3}-release"


def _row(number: int, raw: Mapping[str, str], document: str) -> Row:
    value, rounding = _number(raw)
    metric, segment = raw["metric"], raw["segment"]
    if metric in LOSSES:
        value = -abs(value)
    elif metric in EXPENSES:
        value = abs(value)
    return PeerRow(
        line=number,
        period=raw["period"],
        period_type=raw["period_type"],
        period_end=last_day(raw["period"]),
        document=document,
        also_in="",
        use="ratio" if raw["unit"] == "percent" else "statement",
        concept=concept_of(metric, segment, raw["as_stated"]),
        segment="" if metric in OWN_MEASURES else segment,
        value=value,
        unit=raw["unit"],
        rounding=rounding,
        grade=raw["grade"],
        best=True,
        as_printed=raw["value_as_printed"],
        metric=metric,
        as_stated=raw["as_stated"],
        source_kind=raw["source_kind"],
        source_title=raw["source_doc"],
        source_url=raw["source_url"],
    )


def concept_of(metric: str, segment: str, as_stated: str) -> str:
    """The concept of a figure of the reference: the growth of a segment's revenues goes by the segment's name."""
    if metric == "revenues_growth_yoy" and segment:
        return f"{segment}_growth_yoy"
    words = as_stated.lower()
    if metric in ("net_loss", "net_income") and "attributable to shareholders" in words:
        return "net_income_loss"
    if metric == "interest_expense" and "interest expense, net" in words:
        return "interest_income_expense_net"
    return CONCEPTS.get(metric, metric)


def _number(raw: Mapping[str, str]) -> tuple[Decimal, Decimal]:
    """Value in whole units and the unit of the last digit that is known.

    In grade B, zeros that end a whole number of single units are not significant, nor is a zero behind the first
    decimal: data sites pad (22.10 %, RMB639.20 mln).
    """
    text = raw["value_as_printed"].replace(",", "")
    found = re.search(r"-?\d+(?:\.(\d+))?", text)
    if found is None:
        raise ValueError(f"no number in {raw['value_as_printed']!r}")
    negative = text.strip().startswith("(") or found.group().startswith("-")
    scale = Decimal("0.01") if raw["unit"] == "percent" else Decimal(raw["multiplier"])
    decimals = found[1] or ""
    if raw["grade"] == "B":
        decimals = decimals[:1] + decimals[1:].rstrip("0")
    step = scale.scaleb(-len(decimals))
    digits = found.group().lstrip("-")
    if scale == 1 and not found[1] and raw["grade"] == "B":
        step = Decimal(10) ** (len(digits) - len(digits.rstrip("0")))
    value = Decimal(digits) * scale
    return (-value if negative else value), step


def best_and_others(rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """The row to print for each figure of a document (better grade, then finer), and the further sources of it."""
    best: dict[tuple[str, ...], Row] = {}
    for row in sorted(rows, key=lambda r: (r.grade, r.rounding, r.line)):
        best.setdefault(row.key, row)
    chosen = set(best.values())
    return [r for r in rows if r in chosen], [r for r in rows if r not in chosen]
