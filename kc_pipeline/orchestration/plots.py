"""The plot in the Dagster UI: margins over time, as an SVG image inside Markdown metadata.

Written by hand: loading a plotting library takes longer than the rest of what Dagster shows of a table.
"""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor
from typing import Any

import dagster as dg
import duckdb

MARGINS = {
    "gross_margin": ("Gross margin", "#0072b2"),
    "adjusted_gross_margin": ("Adjusted gross margin", "#56b4e9"),
    "operating_margin": ("Operating margin", "#d55e00"),
    "adjusted_ebitda_margin": ("Adjusted EBITDA margin", "#009e73"),
}
MOST_COMPANIES = 20
WIDTH, HEIGHT = 860, 360
LEFT, RIGHT, TOP, BOTTOM = 46, 170, 30, 52  # the margins of the drawing, in pixels
LABELS = 26  # quarters that have room for a label
Points = Mapping[str, float]


def margins_over_time(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return one Markdown plot per company, from marts.kpis; quarters without the KPI are gaps in the line."""
    names = ", ".join(f"'{kpi}'" for kpi in MARGINS)
    found: dict[str, dict[str, dict[str, float]]] = {}
    for company, kpi, period, value in con.execute(
        "SELECT company, kpi, period, (value * 100)::DOUBLE FROM marts.kpis"
        f" WHERE period_type = 'quarter' AND kpi IN ({names}) AND value IS NOT NULL ORDER BY ALL"
    ).fetchall():
        found.setdefault(company, {}).setdefault(kpi, {})[period] = value
    quarters = {
        company: [
            period
            for (period,) in con.execute(
                "SELECT DISTINCT period FROM marts.kpis WHERE period_type = 'quarter' AND company = "
                + "'"
                + company.replace("'", "''")
                + "' ORDER BY 1"
            ).fetchall()
        ]
        for company in list(found)[:MOST_COMPANIES]
    }
    return {
        f"margins_over_time_{company}": dg.MetadataValue.md(_image(company, drawn, found[company]))
        for company, drawn in quarters.items()
    }


def _image(company: str, quarters: Sequence[str], series: Mapping[str, Points]) -> str:
    drawing = margins_svg(f"{company}: margins by quarter (a gap: not known)", quarters, series)
    encoded = base64.b64encode(drawing.encode()).decode()
    return f"![margins by quarter](data:image/svg+xml;base64,{encoded})"


def margins_svg(title: str, quarters: Sequence[str], series: Mapping[str, Points]) -> str:
    """Return a line chart as SVG.

    Args:
        title: its heading
        quarters: the labels of the x axis, in order
        series: per KPI of `MARGINS` its value in percent by quarter; a quarter without one is a gap
    """
    values = [v for points in series.values() for v in points.values()] or [0.0]
    step = _step(max(*values, 0.0) - min(*values, 0.0))
    low, high = floor(min(*values, 0.0) / step) * step, ceil(max(*values, 0.0) / step) * step or step
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(position: int) -> float:
        return LEFT + across * (position + 0.5) / max(len(quarters), 1)

    def y(value: float) -> float:
        return TOP + down * (high - value) / (high - low)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="18" font-size="14">{escape(title)}</text>',
    ]
    for tick in range(round((high - low) / step) + 1):
        at = low + tick * step
        colour = "#000" if abs(at) < step / 2 else "#ddd"
        out.append(f'<path d="M{LEFT} {y(at):.1f}H{LEFT + across}" stroke="{colour}"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y(at) + 4:.1f}" text-anchor="end">{at:g} %</text>')
    every = ceil(len(quarters) / LABELS) or 1
    for position in range(0, len(quarters), every):
        place = f"{x(position) + 4:.1f} {TOP + down + 10}"
        out.append(
            f'<text transform="translate({place}) rotate(-60)" text-anchor="end">{escape(quarters[position])}</text>'
        )
    for number, (kpi, (label, colour)) in enumerate(MARGINS.items()):
        points = series.get(kpi, {})
        drawn = [(x(i), y(points[q])) if q in points else None for i, q in enumerate(quarters)]
        out.append(f'<path d="{_path(drawn)}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        out += [f'<circle cx="{p[0]:.1f}" cy="{p[1]:.1f}" r="2.6" fill="{colour}"/>' for p in drawn if p]
        line = TOP + 14 + 18 * number
        out.append(f'<path d="M{WIDTH - RIGHT + 10} {line}h18" stroke="{colour}" stroke-width="3"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 34}" y="{line + 4}">{label}</text>')
    return "".join([*out, "</svg>"])


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Return a line through points, interrupted where there is none."""
    out, down = [], False
    for point in points:
        if point is not None:
            out.append(f"{'L' if down else 'M'}{point[0]:.1f} {point[1]:.1f}")
        down = point is not None
    return "".join(out)


def _step(span: float) -> float:
    """Return the distance of the grid's lines: about six of them over the span."""
    return next((s for s in (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0) if span <= 7 * s), 500.0)
