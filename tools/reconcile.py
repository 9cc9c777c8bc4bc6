"""Hold the warehouse against the published figures of the reference: `make reconcile`.

For every best row of grade A or B that a bundled document of Kingsoft Cloud or a peer carries (`figures.csv` beside
the document says which):

* an amount: is it in `core.facts`, as a version or a sighting in that document, with the exact value, unit,
  period, segment and scope? An amount in the translated currency is looked up in `core.convenience_translations`.
* a stated ratio, growth or change: is it there as the issuer's own figure (the same comparison), and does the KPI
  engine reproduce it: does the computed interval meet the stated value within its stated rounding?

Prints the numbers per class, then per peer with the rows that no document carries and why, and lists whatever is
missing or contradicted. Exit 1 if an amount or a stated
figure is contradicted, if a computed ratio contradicts a stated one beyond the known disagreements
(`reconcile_names.toml`), or if a figure of grade A is not there.
"""

import csv
import os
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kc_pipeline.concepts import catalogue as concepts  # noqa: E402
from kc_pipeline.config import following, load_companies  # noqa: E402
from kc_pipeline.kpis import catalogue  # noqa: E402
from tools.ties import report, ties  # noqa: E402
from tools.transcripts import peers  # noqa: E402

MONTHS = {"quarter": 3, "half": 6, "nine_months": 9, "year": 12, "instant": 0}
SCOPES = {
    "parent_company": "parent_only",
    "parent_company_only": "parent_only",
    "vies": "vie",
    "consolidated_vies": "vie",
    "camelot_standalone": "acquiree",
}
UNITS = {
    "RMB": "CNY",
    "RMB/share": "CNY/share",
    "RMB/ADS": "CNY/ADS",
    "percent": "pure",
    "percentage_points": "pure",
}
NAMES = tomllib.loads(Path(__file__).with_name("reconcile_names.toml").read_text(encoding="utf-8"))

OWN = "KC"
Key = tuple[str, str, str, str, str, str, int, str]


@dataclass(frozen=True)
class Row:
    """A figure of the reference in one bundled document, under the catalogue's name; `stated` as a fraction."""

    company: str
    document: str
    concept: str
    segment: str
    scope: str
    period: str
    period_end: str
    months: int
    unit: str
    value: Decimal
    half: Decimal
    grade: str
    where: str
    listed_as: str

    @property
    def keys(self) -> list[Key]:
        """Company, document, concept, segment, scope, period end, months, unit: under either name; a count is a pure number."""
        units = ("count", "pure") if self.unit == "count" else (self.unit,)
        names = dict.fromkeys((self.concept, self.listed_as))
        return [
            (self.company, self.document, name, self.segment, self.scope, self.period_end, self.months, unit)
            for name in names
            for unit in units
        ]

    def __str__(self) -> str:
        name = self.concept + (f"/{self.segment}" if self.segment else "")
        named = f" (listed as {self.listed_as})" if self.listed_as != self.concept else ""
        return f"{self.company}/{self.document}  {self.period}  {name}{named} = {self.value} {self.unit}, grade {self.grade}: {self.where}"


@dataclass(frozen=True)
class Finding:
    """What became of one row: `cls` is the class of figure, `verdict` matched, missing, contradicted, ..."""

    row: Row
    cls: str
    verdict: str
    detail: str = ""


def _names(concept: str, segment: str, scope: str, unit: str) -> tuple[str, str]:
    """The catalogue's name and segment of a reference name: ratios carry their segment in the name."""
    if unit == "pure" and segment and concept != "net_dollar_retention_rate":
        return (concept if concept.startswith(segment) else f"{segment}_{concept}"), ""
    if scope == "parent_only" and concept in NAMES["parent_only"]:
        return NAMES["parent_only"][concept], segment
    if concept == "public_cloud_premium_customers":
        return "premium_customers", "public_cloud"
    return NAMES["any"].get(concept, concept), segment


def reference_values(shared: Path) -> dict[tuple[str, str, str, str, str], set[Decimal]]:
    """Return the best rows of grade A and B, and those of other scopes: (concept, segment, period, period type, unit) to the values."""
    out: dict[tuple[str, str, str, str, str], set[Decimal]] = defaultdict(set)
    with (shared / "reference" / "facts.csv").open(encoding="utf-8", newline="") as handle:
        for r in csv.DictReader(handle):
            if (r["best"] == "yes" or r["segment"] in SCOPES) and r["grade"] in "AB":
                value = Decimal(r["value"]) / (100 if r["unit"] == "percentage_points" else 1)
                key = (
                    r["concept"],
                    r["segment"],
                    r["period"],
                    r["period_type"],
                    UNITS.get(r["unit"], r["unit"]),
                )
                out[key].add(value)
    return out


def peer_values(shared: Path) -> dict[str, dict[tuple[str, str, str, str, str], set[Decimal]]]:
    """Return the peers' rows of grade A and B: company to what `reference_values` returns."""
    out: dict[str, dict[tuple[str, str, str, str, str], set[Decimal]]] = {}
    for peer in peers.peers():
        values = out.setdefault(peer.id, defaultdict(set))
        for row in peers.load(shared / "reference" / "peers.csv", peer)[0]:
            key = (row.concept, row.segment, row.period, row.period_type, UNITS.get(row.unit, row.unit))
            values[key].add(row.value)
    return out


def bundled_rows(filings: Path) -> list[Row]:
    """Return every figure that the bundled documents carry, as their lists say."""
    out = []
    for path in sorted(filings.glob("*/*/figures.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            for r in csv.DictReader(handle):
                scope = SCOPES.get(r["segment"], "consolidated")
                segment = "" if r["segment"] in SCOPES else r["segment"]
                concept, segment = _names(r["concept"], segment, scope, r["unit"])
                out.append(
                    Row(
                        path.parts[-3], path.parent.name, concept, segment, scope, r["period"], r["period_end"],
                        MONTHS[r["period_type"]], r["unit"], Decimal(r["value"]), Decimal(r["rounding"]) / 2, r["grade"],
                        r["where"], r["concept"],
                    )
                )  # fmt: skip
    return out


def not_in_reference(filings: Path, shared: Path) -> list[str]:
    """Return the figures of the lists that the reference does not hold (its best rows): each would be an invention."""
    own = reference_values(shared)
    of_peers = peer_values(shared)
    out = []
    for path in sorted(filings.glob("*/*/figures.csv")):
        known = own if path.parts[-3] == OWN else of_peers[path.parts[-3]]
        with path.open(encoding="utf-8", newline="") as handle:
            for r in csv.DictReader(handle):
                values = known[r["concept"], r["segment"], r["period"], r["period_type"], r["unit"]]
                if Decimal(r["value"]) not in values:
                    out.append(
                        f"{path.parts[-3]}/{path.parent.name}: {r['concept']} {r['segment']} {r['period']} {r['value']} {r['unit']}"
                    )
    return out


def _known(con: "duckdb.DuckDBPyConnection") -> dict[Key, set[Decimal]]:
    out: dict[Key, set[Decimal]] = defaultdict(set)
    parts = "f.company, split_part(x.document_id, '/', 2)"
    facts = con.execute(f"""
SELECT f.counterparty, {parts}, f.concept, coalesce(f.segment, ''), f.scope, f.period_end::VARCHAR, coalesce(f.months, 0), f.unit, x.value
FROM (SELECT fact_id, document_id, value FROM core.facts WHERE origin <> 'derived'
      UNION ALL SELECT fact_id, document_id, value FROM core.sightings) x
JOIN core.facts f ON f.fact_id = x.fact_id""").fetchall()
    with following(load_companies(ROOT / "data" / "companies.toml").values()):
        of_counterparty = [c for c in concepts().concepts.values() if c.means is not None]

    def listed(concept: str, counterparty: str | None) -> list[str]:
        """The names of a figure in the lists: that of one counterparty has a name of its own."""
        names = [c.name for c in of_counterparty if (c.means, c.counterparty) == (concept, counterparty)]
        return names if counterparty else [concept]

    for counterparty, company, document, concept, *key, value in facts:
        for name in listed(concept, counterparty):
            out[company, document, name, *key].add(value)
    translated = con.execute("""
SELECT counterparty, company, split_part(x.document_id, '/', 2), concept, coalesce(segment, ''), scope, period_end::VARCHAR, coalesce(months, 0), unit, value
FROM core.convenience_translations x WHERE concept IS NOT NULL""").fetchall()
    for counterparty, company, document, concept, *key, value in translated:
        for name in listed(concept, counterparty):
            out[company, document, name, *key] |= {value, -value}  # printed signs
    return out


def _engine(con: "duckdb.DuckDBPyConnection") -> dict[tuple[str, str, str], tuple[Any, ...]]:
    rows = con.execute("""
SELECT company, period, kpi, computed_value, low, high, origin FROM marts.kpis
WHERE computed_value IS NOT NULL""").fetchall()
    return {(company, period, kpi): tuple(rest) for company, period, kpi, *rest in rows}


def reconcile(con: "duckdb.DuckDBPyConnection", rows: Iterable[Row]) -> list[Finding]:
    """Hold each row against the warehouse: one finding for the figure itself, one more for a stated ratio."""
    known, engine = _known(con), _engine(con)
    with following(load_companies(ROOT / "data" / "companies.toml").values()):
        stated_as = {alias: k.name for k in catalogue().kpis.values() for alias in k.stated_as}
    unit_of = dict(con.execute("SELECT company, reporting_currency FROM core.companies").fetchall())
    out = []
    for row in rows:
        values = next((v for key in row.keys if (v := known.get(key))), None)
        if values and row.scope != "consolidated" and row.concept in NAMES["printed_sign"]:
            values = values | {-v for v in values}
        ratio = row.unit == "pure" and row.concept in stated_as
        currency = row.unit.split("/")[0]
        cls = (
            "ratio"
            if ratio
            else "translated"
            if len(currency) == 3 and currency not in (unit_of[row.company], "ADS")
            else "amount"
        )
        if row.scope != "consolidated":
            cls = "not the group"
        if not values:
            out.append(Finding(row, cls, "missing"))
        elif row.value in values:
            out.append(Finding(row, cls, "matched"))
        else:
            out.append(
                Finding(row, cls, "contradicted", f"the warehouse has {', '.join(map(str, sorted(values)))}")
            )
        if ratio:
            out.append(_computed(row, stated_as[row.concept], engine))
    return out


def _computed(row: Row, kpi: str, engine: dict[tuple[str, str, str], tuple[Any, ...]]) -> Finding:
    found = engine.get((row.company, row.period.replace("-9M", "9M"), kpi))
    if found is None:
        return Finding(row, "computed", "no input")
    value, low, high, origin = found
    if origin == "stated":  # the engine kept the stated figure because its computed interval contains it
        return Finding(row, "computed", "matched")
    low, high = (value if low is None else low), (value if high is None else high)
    # Issuers state a change of a ratio as the difference of the rounded ratios: two roundings more.
    half = 3 * row.half if "_change_" in kpi else row.half
    if low - half <= row.value <= high + half:
        return Finding(row, "computed", "matched")
    if f"{row.period} {kpi}" in NAMES["disagreements"]:
        return Finding(row, "computed", "known disagreement", f"computed {value}")
    return Finding(row, "computed", "contradicted", f"computed {value}, between {low} and {high}")


def table(findings: list[Finding]) -> str:
    """Return the numbers per class and grade as a text table."""
    verdicts = ("matched", "contradicted", "known disagreement", "missing", "no input")
    counts = Counter((f.cls, f.row.grade, f.verdict) for f in findings)
    lines = [f"{'class':<16}{'grade':<7}" + "".join(f"{v:>20}" for v in verdicts)]
    for cls, grade in sorted({(c, g) for c, g, _ in counts}):
        lines.append(f"{cls:<16}{grade:<7}" + "".join(f"{counts[cls, grade, v]:>20}" for v in verdicts))
    return "\n".join(lines)


def peer_table(shared: Path, findings: list[Finding]) -> str:
    """Return the figures of each peer by what became of them, and the rows that no document carries, with the reason."""
    verdicts = ("matched", "contradicted", "missing")
    counts = Counter((f.row.company, f.verdict) for f in findings if f.cls != "computed")
    lines = [f"{'peer':<16}" + "".join(f"{v:>14}" for v in (*verdicts, "not carried"))]
    reasons = []
    for peer in peers.peers():
        left_out = peers.load(shared / "reference" / "peers.csv", peer)[1]
        numbers = [*(counts[peer.id, v] for v in verdicts), len(left_out)]
        lines.append(f"{peer.id:<16}" + "".join(f"{n:>14}" for n in numbers))
        reasons += [f"  {peer.id}: {reason}" for reason in left_out]
    return "\n".join([*lines, "", "rows of the peers that no document carries:", *reasons])


def failures(findings: list[Finding]) -> list[Finding]:
    """Return what must not be: contradictions, and figures of grade A that are not there."""
    return [
        f for f in findings if f.verdict == "contradicted" or (f.verdict == "missing" and f.row.grade == "A")
    ]


def _publish(folder: Path) -> "duckdb.DuckDBPyConnection":
    from kc_pipeline.warehouse.connect import open_published
    from kc_pipeline_tests.conftest import copy_of_data, run_pipeline

    settings = copy_of_data(folder / "data")
    run_pipeline(settings, "reconcile")
    return open_published(settings)


def main() -> int:
    """Run the pipeline on a private copy of the bundled filings and print the comparison."""
    shared = Path(os.environ.get("KC_SHARED") or ROOT.parent / "shared")
    filings = ROOT / "data" / "filings"
    if not shared.is_dir():
        print(f"no shared reference data at {shared} (set KC_SHARED)", file=sys.stderr)
        return 2
    invented = not_in_reference(filings, shared)
    with tempfile.TemporaryDirectory() as folder, _publish(Path(folder)) as con:
        findings = reconcile(con, bundled_rows(filings))
        tree = report(ties(con))
    print(table(findings))
    print(f"\n{peer_table(shared, findings)}")
    for verdict in ("contradicted", "known disagreement", "missing"):
        some = [f for f in findings if f.verdict == verdict]
        if some:
            print(f"\n{verdict}: {len(some)}")
        for f in some:
            print(f"  {f.row}" + (f" -> {f.detail}" if f.detail else ""))
    if invented:
        print(f"\nnot among the reference's best rows: {len(invented)}")
        print("\n".join(f"  {line}" for line in invented))
    print(f"\n{tree}")
    return 1 if failures(findings) or invented else 0


if __name__ == "__main__":
    sys.exit(main())
