"""The whole catalogue on made-up companies with gaps, restatements and mixed precision, against plain Python."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest

from kc_pipeline.config import Company, following
from kc_pipeline.kpis import catalogue, compute
from kc_pipeline.schema import ddl, table
from kc_pipeline_tests.kpis.oracle import (
    EVIDENCE,
    KINDS,
    MONTHS,
    Absent,
    Break,
    Figure,
    Oracle,
    close,
    ends_with,
    label_of,
    month_end,
)
from kc_pipeline_tests.kpis.warehouse import Fact, connect, flow_start

# One company with a list of segments and a counterparty; the other's figures of the same names are not of that list.
PACK = Company.model_validate(
    {
        "id": "AA",
        "name": "AA",
        "reporting_currency": "CNY",
        "segments": [
            {"id": "stores", "labels": ["Stores"]},
            {"id": "online", "labels": ["Online"]},
            {"id": "others", "labels": ["Others"], "stem": "other", "rest": True},
        ],
        "counterparties": [{"id": "parent", "labels": ["Parent Group"]}],
    }
)
with following([PACK]):
    DECLARED = catalogue()
KPIS, INSTANTS = DECLARED.kpis, DECLARED.instants
TERMS = sorted(
    {
        (t.concept, t.segment or "", t.counterparty or "", k.unit)
        for k in KPIS.values()
        for a in k.alternatives
        for t in a
    }
)
# made-up segments do not add up to made-up revenues
NEVER_HAD = {"revenue_concentration_change_qoq", "revenue_concentration_change_yoy"}


@pytest.fixture(autouse=True, scope="module")
def _followed() -> Iterator[None]:
    with following([PACK]):
        yield


QUARTERS = 18
LOSSES = ("profit_loss", "net_income_loss", "operating_income_loss", "adjusted_ebitda", "net_cash")

# Company, month in which its fiscal year ends, last quarter's end, seed.
COMPANIES = (("AA", 12, date(2025, 3, 31), 1), ("BB", 6, date(2025, 6, 30), 3))
BREAKS = {
    "AA": [
        Break("research_and_development_expense", None, date(2024, 5, 15)),
        Break("stores_gross_margin", None, date(2024, 1, 1)),
    ],
    "BB": [Break("assets", None, date(2024, 3, 31)), Break("adjusted_gross_profit", None, date(2023, 7, 1))],
}


def made_up(company: str, year_end: int, last: date, seed: int) -> Iterator[Fact]:
    """Facts of every input of the catalogue: some missing, some twice, coarse and fine, of all evidence."""
    dice = random.Random(seed)
    unit = {"currency": "CNY"}
    for concept, segment, counterparty, kind_of_unit in TERMS:
        size = 10 ** dice.randint(8, 10)
        for back in range(QUARTERS):
            end = month_end(last, -3 * back)
            at = (end.year * 12 + end.month + 12 - year_end - 1) // 3
            for kind in KINDS[:4] if concept not in INSTANTS else KINDS[:1]:
                if not ends_with(kind, at) or dice.random() < 0.12:
                    continue
                value = Decimal(dice.randint(size // 10, size))
                if concept.startswith(LOSSES) or dice.random() < 0.04:
                    value *= dice.choice((-1, 1, 1))
                if dice.random() < 0.03:
                    value = Decimal(0)
                decimals = dice.choice((0, -3, -3, -5, -6, -7))
                for version in range(2 if dice.random() < 0.1 else 1):
                    yield Fact(
                        concept, end, (value + version * size // 50).quantize(Decimal(1).scaleb(-decimals)),
                        months=None if concept in INSTANTS else MONTHS[kind], segment=segment or None,
                        counterparty=counterparty or None,
                        unit=unit.get(kind_of_unit, kind_of_unit), decimals=decimals, company=company,
                        origin=dice.choice(("reported", "reported", "derived")),
                        evidence=dice.choice(EVIDENCE), known_at=end + timedelta(days=40 + 400 * version),
                        period_start=None if concept in INSTANTS
                        else flow_start(end, MONTHS[kind]) - timedelta(days=version),
                    )  # fmt: skip
    for kpi in KPIS.values():
        for back in range(0, QUARTERS, 3):
            if kpi.stated_as and dice.random() < 0.7:
                end = month_end(last, -3 * back)
                yield Fact(
                    dice.choice(kpi.stated_as), end, Decimal(dice.randint(-900, 3000)) / 1000, unit="pure",
                    decimals=dice.randint(1, 4), company=company, origin="stated",
                    evidence=dice.choice(EVIDENCE), known_at=end + timedelta(days=45),
                )  # fmt: skip


@pytest.fixture(scope="module")
def facts() -> dict[str, list[Fact]]:
    return {c: list(made_up(c, month, last, seed)) for c, month, last, seed in COMPANIES}


@pytest.fixture(scope="module")
def con(facts: dict[str, list[Fact]]) -> duckdb.DuckDBPyConnection:
    con = connect(
        [f for own in facts.values() for f in own],
        [(c, "CNY", f"--{month:02}-{30 if month == 6 else 31}") for c, month, _, _ in COMPANIES],
    )
    con.execute(ddl(table("core.breaks")))
    for company, breaks in BREAKS.items():
        for b in breaks:
            con.execute(
                """INSERT INTO core.breaks BY NAME SELECT ? AS company, ? AS concept, ? AS segment,
                   ? AS break_date, 'definition' AS kind, 'block' AS effect, 'another measure' AS note,
                   '' AS wording, 'declared' AS origin""",
                [company, b.concept, b.segment, b.day],
            )
    compute(con)
    return con


@pytest.mark.parametrize(("company", "year_end", "last", "seed"), COMPANIES)
def test_every_value_interval_and_mark(
    con: duckdb.DuckDBPyConnection,
    facts: dict[str, list[Fact]],
    company: str,
    year_end: int,
    last: date,
    seed: int,
) -> None:
    oracle = Oracle(facts[company], year_end, BREAKS[company], DECLARED, company)
    got = {
        (kpi, period): row
        for kpi, period, *row in con.execute(
            "SELECT kpi, period, value, low, high, origin, evidence, known_at FROM marts.kpis WHERE company = ?",
            [company],
        ).fetchall()
    }
    gone = {
        (kpi, period): reason
        for kpi, period, reason in con.execute(
            "SELECT kpi, period, reason FROM marts.kpi_absent WHERE company = ?", [company]
        ).fetchall()
    }
    wrong: list[tuple[object, ...]] = []
    seen = dict.fromkeys(KPIS, 0)
    reasons: dict[str, int] = {}
    for at in oracle.ends:
        for name, kpi in KPIS.items():
            for kind in kpi.period_types:
                if not ends_with(kind, at):
                    continue
                key = (name, label_of(kind, at))
                expected, row = oracle.value(kpi, kind, at), got.pop(key, None)
                if isinstance(expected, Absent):
                    reasons[expected.reason] = reasons.get(expected.reason, 0) + 1
                    if row is not None or gone.get(key, expected.reason) != expected.reason:
                        wrong.append((key, row, gone.get(key), expected))
                    continue
                seen[name] += 1
                if (
                    row is None
                    or key in gone
                    or not _same(row, expected, oracle.stands(kpi, kind, at), kpi.kind)
                ):
                    wrong.append((key, row, gone.get(key), expected))
    assert not wrong, (len(wrong), wrong[:3])
    assert not got, list(got)[:5]
    never = {n for n, count in seen.items() if not count}
    assert never <= NEVER_HAD, f"never had: {sorted(never - NEVER_HAD)}"
    rest = {"negative_rest"} if company == PACK.id else set()
    assert set(reasons) == rest | {
        "missing_input", "nonpositive_base", "nonpositive_denominator", "not_both_losses", "other_measure", "blocked_by_break",
    }  # fmt: skip


def _same(row: list[object], expected: Figure, stated: bool, kind: str) -> bool:
    value, low, high, origin, evidence, known_at = row
    word = "stated" if stated else "reported" if kind == "amount" and not expected.derived else "derived"
    return (
        close(value, expected.value)  # type: ignore[arg-type]
        and close(low, expected.low)  # type: ignore[arg-type]
        and close(high, expected.high)  # type: ignore[arg-type]
        and (origin, evidence, known_at) == (word, EVIDENCE[expected.evidence], expected.known)
    )


def test_every_kpi_of_a_period_is_had_or_its_absence_explained(con: duckdb.DuckDBPyConnection) -> None:
    """KPIs that every company has: in each quarter with a flow, and in each trailing year, one of the two."""
    general = [k for k in KPIS.values() if not k.specific]
    for word, wanted in (("quarter", "quarter"), ("ttm", "ttm")):
        names = {k.name for k in general if wanted in k.period_types}
        rows = con.execute(
            """SELECT company, period, list(kpi) FROM (
                 SELECT company, period, kpi FROM marts.kpis WHERE period_type = $word
                 UNION ALL SELECT company, period, kpi FROM marts.kpi_absent WHERE period_type = $word)
               GROUP BY ALL""",
            {"word": word},
        ).fetchall()
        assert len(rows) >= 2 * QUARTERS
        for company, period, kpis in rows:
            assert len(kpis) == len(set(kpis)), (company, period)
            assert names <= set(kpis), (company, period, sorted(names - set(kpis))[:5])


def test_companies_in_batches_give_the_same_rows_in_the_same_order(
    facts: dict[str, list[Fact]], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [(c, "CNY", f"--{month:02}-{30 if month == 6 else 31}") for c, month, _, _ in COMPANIES]
    recent = [f for own in facts.values() for f in own if f.period_end > date(2023, 12, 31)]
    found = []
    for size in (len(names), 1):
        monkeypatch.setattr("kc_pipeline.kpis.marts.BATCH", size)
        con = connect(recent, names)
        compute(con)
        found.append(
            [con.execute(f"SELECT * FROM marts.{t}").fetchall() for t in ("kpis", "kpi_inputs", "kpi_absent")]
        )
        con.close()
    whole, apart = found
    assert all(whole)
    assert whole == apart
