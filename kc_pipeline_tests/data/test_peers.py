"""The peers' published figures: each of grade A or B stands in the warehouse as its source prints it, and no other does."""

import calendar
import csv
import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kc_pipeline_tests.conftest import Bundle

FILINGS = Path(__file__).resolve().parents[2] / "data" / "filings"
IDS = {
    "Alibaba": "ALIBABA",
    "Baidu": "BAIDU",
    "CoreWeave": "COREWEAVE",
    "DigitalOcean": "DIGITALOCEAN",
    "GDS": "GDS",
    "Tencent": "TENCENT",
    "UCloud": "UCLOUD",
    "VNET": "VNET",
}
# Measures that say in their name which part of the company they are about.
OF_NO_SEGMENT = ("cloud_external_revenue_growth_yoy", "ai_cloud_share_of_baidu_core")
MONTHS = {"quarter": 3, "half": 6, "year": 12, "instant": None}
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
IN_OTHER_WORDS = (
    ("attributable to shareholders", "net_loss", "net_income_loss"),
    ("Interest expense, net", "interest_expense", "interest_income_expense_net"),
)
NOT_REPRESENTABLE = {
    "guidance_capital_expenditures": "what a company expects is an outlook, not a figure of a period",
    "capital_expenditures_last_four_quarters": "a rounded total of four quarters for AI and cloud alone",
}


@dataclass(frozen=True)
class Published:
    """A figure of the reference in the warehouse's terms, worked out here again."""

    company: str
    concept: str
    segment: str | None
    period_end: date
    months: int | None
    unit: str
    value: Decimal
    grade: str
    url: str


def published(row: dict[str, str]) -> Published:
    year, part = int(row["period"][:4]), row["period"][4:]
    month = int(part[1]) * 3 if part[0] == "Q" else 6 if part == "H1" else 12
    concept = CONCEPTS.get(row["metric"], row["metric"])
    for words, metric, other in IN_OTHER_WORDS:
        if words.lower() in row["as_stated"].lower() and row["metric"] == metric:
            concept = other
    segment = row["segment"] or None
    if segment and row["unit"] == "percent":  # a ratio of a segment carries it in its name
        if row["metric"] == "revenues_growth_yoy":
            concept = f"{segment}_growth_yoy"
        elif row["metric"] not in OF_NO_SEGMENT:
            concept = f"{segment}_{concept}"
        segment = None
    number = re.search(r"[\d,]+(?:\.\d+)?", row["value_as_printed"])
    assert number is not None
    scale = Decimal("0.01") if row["unit"] == "percent" else Decimal(row["multiplier"])
    size = Decimal(number.group().replace(",", "")) * scale
    lost = "loss" in row["metric"] or concept == "interest_income_expense_net"
    return Published(
        company=IDS[row["company"]],
        concept=concept,
        segment=segment,
        period_end=date(year, month, calendar.monthrange(year, month)[1]),
        months=MONTHS[row["period_type"]],
        unit={"percent": "pure", "RMB": "CNY"}.get(row["unit"], row["unit"]),
        value=-size if lost else size,
        grade=row["grade"],
        url=row["source_url"],
    )


def reference(shared: Path, grades: str) -> list[Published]:
    with (shared / "reference" / "peers.csv").open(encoding="utf-8", newline="") as handle:
        rows = [r for r in csv.DictReader(handle) if r["company"] in IDS and r["grade"] in grades]
    return [published(r) for r in rows if r["metric"] not in NOT_REPRESENTABLE]


@pytest.fixture(scope="module")
def readings(bundle: Bundle) -> set[tuple[object, ...]]:
    """Every place of every figure of the peers: as the fact, or as a sighting of it."""
    with bundle.connect() as con:
        rows = con.execute("""
SELECT f.company, f.concept, f.segment, f.period_end, f.months, f.unit, x.value, x.grade, x.source_url
FROM (SELECT fact_id, value, grade, source_url FROM core.facts
      UNION ALL SELECT fact_id, value, grade, source_url FROM core.sightings) x
JOIN core.facts f USING (fact_id) WHERE f.company <> 'KC' AND f.origin <> 'derived'""").fetchall()
    return set(rows)


def test_every_figure_of_grade_a_or_b_is_read_where_its_source_has_it(
    shared: Path, readings: set[tuple[object, ...]]
) -> None:
    expected = reference(shared, "AB")
    missing = [
        p
        for p in expected
        if (p.company, p.concept, p.segment, p.period_end, p.months, p.unit, p.value, p.grade, p.url)
        not in readings
    ]
    assert expected
    assert not missing, "\n".join(map(str, missing))


def test_nothing_else_is_read(shared: Path, readings: set[tuple[object, ...]]) -> None:
    known = {
        (p.company, p.concept, p.segment, p.period_end, p.months, p.unit, p.value, p.grade, p.url)
        for p in reference(shared, "AB")
    }
    assert not readings - known


def test_a_figure_of_grade_c_stands_nowhere(shared: Path, bundle: Bundle) -> None:
    doubtful = reference(shared, "C")
    assert doubtful
    with bundle.connect() as con:
        facts = con.execute(
            "SELECT company, concept, segment, period_end, months, unit, value FROM core.facts WHERE company <> 'KC'"
        ).fetchall()
    assert not {
        (p.company, p.concept, p.segment, p.period_end, p.months, p.unit, p.value) for p in doubtful
    } & set(facts)


def test_no_sentence_or_row_of_a_peer_is_left_unread_or_contradicted(bundle: Bundle) -> None:
    with bundle.connect() as con:
        unread = con.execute("""
SELECT document_id, sentence FROM staging.stated_figures WHERE company <> 'KC' AND metric IS NULL
UNION ALL SELECT document_id, label FROM staging.statement_lines WHERE company <> 'KC' AND concept IS NULL
UNION ALL SELECT document_id, text FROM core.conflicts WHERE company <> 'KC'""").fetchall()
        kept_out = con.execute("SELECT * FROM meta.quarantine").fetchall()
    assert not unread
    assert not kept_out


def test_the_list_beside_each_document_gives_the_words_of_the_source() -> None:
    lists = [p for p in FILINGS.glob("*/*/figures.csv") if p.parent.parent.name != "KC"]
    assert {p.parent.parent.name for p in lists} == set(IDS.values())
    for path in lists:
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        assert rows
        assert all(r["as_stated"] and r["grade"] in "AB" and r["source_url"] for r in rows), path


def test_what_cannot_be_represented_is_known(shared: Path) -> None:
    with (shared / "reference" / "peers.csv").open(encoding="utf-8", newline="") as handle:
        metrics = {r["metric"] for r in csv.DictReader(handle)}
    assert NOT_REPRESENTABLE.keys() <= metrics


def test_what_is_stated_agrees_with_what_is_computed(bundle: Bundle) -> None:
    with bundle.connect() as con:
        both = con.execute("""
SELECT company, period, kpi, stated_value, computed_value, remark FROM marts.kpis
WHERE company <> 'KC' AND stated_value IS NOT NULL AND computed_value IS NOT NULL""").fetchall()
    assert len(both) > 20
    assert [row for row in both if row[5] and "contradicted" in row[5]] == []


def test_segments_have_their_kpis_under_the_fiscal_quarter(bundle: Bundle) -> None:
    """Alibaba's quarter to September 2025 is the second of its fiscal year 2026; the calendar joins it with its peers."""
    with bundle.connect() as con:
        rows = con.execute("""
SELECT company, period, calendar_quarter, kpi, round(value, 3) FROM marts.kpis
WHERE period_type = 'quarter' AND calendar_quarter = '2025Q3' AND kpi IN ('cloud_intelligence_growth_yoy',
  'cloud_intelligence_share', 'ai_cloud_growth_yoy', 'ai_cloud_growth_qoq', 'fintech_and_business_services_gross_margin',
  'wholesale_idc_share') ORDER BY ALL""").fetchall()
        overlapping = con.execute(
            "SELECT count(*) FROM marts.kpis WHERE company = 'BAIDU' AND kpi LIKE 'revenue_concentration%'"
        ).fetchone()
    assert rows == [
        ("ALIBABA", "2026Q2", "2025Q3", "cloud_intelligence_growth_yoy", Decimal("0.345")),
        ("ALIBABA", "2026Q2", "2025Q3", "cloud_intelligence_share", Decimal("0.161")),
        ("BAIDU", "2025Q3", "2025Q3", "ai_cloud_growth_yoy", Decimal("0.210")),
        ("TENCENT", "2025Q3", "2025Q3", "fintech_and_business_services_gross_margin", Decimal("0.502")),
        ("VNET", "2025Q3", "2025Q3", "wholesale_idc_share", Decimal("0.370")),
    ]
    assert overlapping == (0,)


def test_no_peer_is_shown_a_figure_of_somebody_elses_business(bundle: Bundle) -> None:
    with bundle.connect() as con:
        foreign = con.execute("""
SELECT DISTINCT company, kpi FROM marts.kpis WHERE company <> 'KC'
  AND regexp_matches(kpi, 'public_cloud|enterprise_cloud|ai_gross|ecosystem|xiaomi|kingsoft')
UNION SELECT DISTINCT company, kpi FROM marts.kpis WHERE company <> 'ALIBABA' AND kpi LIKE 'cloud_intelligence%'""").fetchall()
    assert foreign == []
