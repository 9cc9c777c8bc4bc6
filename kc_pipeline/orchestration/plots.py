"""The plot in the Dagster UI: margins over time, as an image inside Markdown metadata."""

import base64
import io
from typing import Any

import dagster as dg
import duckdb

MARGINS = {
    "gross_margin": "Gross margin",
    "adjusted_gross_margin": "Adjusted gross margin",
    "operating_margin": "Operating margin",
    "adjusted_ebitda_margin": "Adjusted EBITDA margin",
}


def margins_over_time(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return one Markdown plot per company, from marts.kpis; quarters without the KPI are gaps in the line."""
    companies = [
        r[0] for r in con.execute("SELECT DISTINCT company FROM marts.kpis ORDER BY 1 LIMIT 5").fetchall()
    ]
    return {f"margins_over_time_{company}": dg.MetadataValue.md(_plot(con, company)) for company in companies}


def _plot(con: duckdb.DuckDBPyConnection, company: str) -> str:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    quarters = [
        r[0]
        for r in con.execute(
            "SELECT DISTINCT period FROM marts.kpis WHERE company = ? AND period_type = 'quarter' ORDER BY 1",
            [company],
        ).fetchall()
    ]
    figure = Figure(figsize=(9, 4), dpi=90, layout="constrained")
    axes = figure.subplots()
    for kpi, label in MARGINS.items():
        values = dict(
            con.execute(
                "SELECT period, value * 100 FROM marts.kpis WHERE company = ? AND kpi = ? AND period_type = 'quarter'",
                [company, kpi],
            ).fetchall()
        )
        axes.plot(
            quarters,
            [float(values[q]) if q in values else float("nan") for q in quarters],
            marker=".",
            label=label,
        )
    axes.axhline(0, color="black", linewidth=0.6)
    axes.set_ylabel("% of revenues")
    axes.set_title(f"{company}: margins by quarter (a gap: not known)")
    axes.tick_params(axis="x", rotation=70)
    axes.legend(fontsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return f"![margins of {company} by quarter](data:image/png;base64,{encoded})"
