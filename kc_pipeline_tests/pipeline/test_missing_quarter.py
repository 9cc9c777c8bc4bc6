"""The bundled filings without one quarter's release."""

import shutil
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

DAY = "2023-10-31"  # after the release of the second quarter, before that of the third
_QUARTERLY = "SELECT period, value FROM marts.kpis_as_of('{}') WHERE kpi = '{}' AND company = 'KC'"


def test_until_a_comparative_brings_it_back_the_quarter_is_a_gap(bundle: Bundle, tmp_path: Path) -> None:
    settings = copy_of_data(tmp_path / "data")
    shutil.rmtree(settings.filings / "KC" / "2023Q2-release")
    shutil.copytree(bundle.settings.extracted, settings.extracted)
    report = run_pipeline(settings)
    assert not report.quarantined
    after = Bundle(settings, report)
    with bundle.connect() as full, after.connect() as con:
        for connection in (full, con):
            assert connection.execute(_ROLES).fetchall() == []
            assert connection.execute(_TRAILING).fetchone() == (0,)
        known = dict(con.execute(_QUARTERLY.format(DAY, "revenue")).fetchall())
        assert "2023Q2" not in known
        assert "2023Q1" in known
        assert {p for p in known if p in ("2023Q2-TTM", "2023Q3-TTM")} == set()
        # what is known of the others is what the full data gives
        whole = dict(full.execute(_QUARTERLY.format(DAY, "revenue_growth_yoy")).fetchall())
        rest = dict(con.execute(_QUARTERLY.format(DAY, "revenue_growth_yoy")).fetchall())
        assert set(whole) - set(rest) <= {"2023Q2", "2023H1", "20239M", "2023Q2-TTM"}
        assert all(rest[p] == whole[p] for p in set(rest) & set(whole) if not p.startswith("2023Q2"))
