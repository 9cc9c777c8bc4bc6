"""The bundled filings without one quarter's release."""

import shutil
from datetime import timedelta
from pathlib import Path

from kc_pipeline_tests.conftest import Bundle, copy_of_data, run_pipeline

# Growth, trailing months and what they were computed from: every input must lie where its role says.
_ROLES = """
WITH placed AS (
  SELECT i.*, k.period_end, f.period_end AS own_end, f.months, k.period_type,
    coalesce(regexp_extract(i.role, '\\[-(\\d+)q\\]', 1), '') AS back
  FROM marts.kpi_inputs i JOIN marts.kpis k USING (company, period, kpi) JOIN core.facts f USING (fact_id)
)
SELECT company, period, kpi, role, own_end FROM placed
WHERE date_diff('month', own_end, period_end) <> 3 * CASE WHEN back = '' THEN 0 ELSE back::INTEGER END"""

_TRAILING = """
SELECT count(*) FROM marts.kpis k
WHERE k.period_type = 'ttm' AND k.kpi = 'revenue' AND 4 <> (
  SELECT count(DISTINCT f.period_end) FROM marts.kpi_inputs i JOIN core.facts f USING (fact_id)
  WHERE i.company = k.company AND i.period = k.period AND i.kpi = k.kpi)"""

_FIRST_KNOWN = """
SELECT min(known_at) FROM core.facts
WHERE company = 'KC' AND concept = 'revenues' AND segment IS NULL AND period_end = '2023-06-30' AND months = 3"""

_QUARTERLY = "SELECT period, value FROM marts.kpis_as_of('{}') WHERE kpi = '{}' AND company = 'KC'"


def test_until_a_comparative_brings_it_back_the_quarter_is_a_gap(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data", read_by=bundle)
    shutil.rmtree(settings.filings / "KC" / "2023Q2-release")
    report = run_pipeline(settings)
    assert not report.quarantined
    after = Bundle(settings, report)
    with bundle.connect() as full, after.connect() as con:
        for connection in (full, con):
            assert connection.execute(_ROLES).fetchall() == []
            assert connection.execute(_TRAILING).fetchone() == (0,)
        (on_time,) = full.execute(_FIRST_KNOWN).fetchone() or (None,)
        (later,) = con.execute(_FIRST_KNOWN).fetchone() or (None,)
        assert on_time is not None
        assert later is not None
        assert on_time < later
        day = later - timedelta(days=1)
        known = dict(con.execute(_QUARTERLY.format(day, "revenue")).fetchall())
        assert "2023Q1" in known
        assert not {"2023Q2", "2023Q2-TTM"} & set(known)
        assert "2023Q2" not in dict(con.execute(_QUARTERLY.format(day, "revenue_growth_qoq")).fetchall())
        # what is known of the other quarters is what the full data gives
        whole = dict(full.execute(_QUARTERLY.format(day, "revenue_growth_yoy")).fetchall())
        rest = dict(con.execute(_QUARTERLY.format(day, "revenue_growth_yoy")).fetchall())
        assert "2023Q2" in whole
        assert set(whole) - set(rest) <= {"2023Q2", "2023H1", "2023Q2-TTM"}
        assert all(rest[p] == whole[p] for p in set(rest) & set(whole) if not p.startswith("2023Q2"))
