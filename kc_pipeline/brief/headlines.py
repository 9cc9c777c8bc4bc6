"""The figures that a company is read for: those of every company, and those that its pack adds.

Belongs here: which KPIs, what they are called, in which order. Does not belong here: their values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kc_pipeline.config import Company, followed
from kc_pipeline.kpis import catalogue


class Figure(NamedTuple):
    """A row of the brief: a label, its KPI, and the KPIs of its growth (or change); None where they are not shown."""

    label: str
    kpi: str
    yoy: str | None = None
    qoq: str | None = None


_FIGURES = (
    Figure("Revenue", "revenue", "revenue_growth_yoy", "revenue_growth_qoq"),
    Figure("Gross profit", "gross_profit", "gross_profit_growth_yoy", "gross_profit_growth_qoq"),
    Figure(
        "Adjusted gross profit",
        "adjusted_gross_profit",
        "adjusted_gross_profit_growth_yoy",
        "adjusted_gross_profit_growth_qoq",
    ),
    Figure("Operating result", "operating_income_loss"),
    Figure("Adjusted operating result", "adjusted_operating_income_loss"),
    Figure("Net result of the group", "profit_loss"),
    Figure("Net result of the parent", "net_income_loss"),
    Figure("Adjusted net result", "adjusted_net_income_loss"),
    Figure("Adjusted EBITDA", "adjusted_ebitda", "adjusted_ebitda_growth_yoy", "adjusted_ebitda_growth_qoq"),
    Figure("Capital expenditures", "capital_expenditures"),
    Figure("Operating cash flow", "operating_cash_flow"),
    Figure("Cash and cash equivalents", "cash_and_equivalents"),
)
_RATIOS = (
    Figure("Capital intensity", "capex_intensity"),
    Figure("R&D / revenue", "rnd_ratio"),
    Figure("SG&A / revenue", "sga_ratio"),
    Figure("Current ratio", "current_ratio"),
    Figure("Days sales outstanding", "days_sales_outstanding"),
)
_MARGINS = (
    Figure("Gross margin", "gross_margin"),
    Figure("Adjusted gross margin", "adjusted_gross_margin"),
    Figure("Operating margin", "operating_margin"),
    Figure("Adjusted operating margin", "adjusted_operating_margin"),
    Figure("Net margin (group)", "net_margin"),
    Figure("Net margin (parent's share)", "parent_net_margin"),
    Figure("Adjusted EBITDA margin", "adjusted_ebitda_margin"),
)
_TABLE_BEFORE = ("revenue", "revenue_growth_yoy", "revenue_growth_qoq")
_TABLE_AFTER = (
    "gross_margin",
    "adjusted_gross_margin",
    "operating_margin",
    "adjusted_operating_margin",
    "net_margin",
    "adjusted_ebitda_margin",
    "capital_expenditures",
    "cash_and_equivalents",
)


@dataclass(frozen=True, slots=True)
class Headlines:
    """The rows of a company's brief by table, and the KPIs of its `kc table`."""

    figures: tuple[Figure, ...]
    margins: tuple[Figure, ...]
    ratios: tuple[Figure, ...]
    table: tuple[str, ...]

    @property
    def kpis(self) -> list[str]:
        """All KPIs of the brief, those of growth and change of figures too, in order."""
        growth = [k for f in self.figures for k in (f.kpi, f.yoy, f.qoq) if k]
        return [*growth, *(f.kpi for f in self.ratios), *(f.kpi for f in self.margins)]


def headlines(company: str) -> Headlines:
    """Return a company's headline figures: the general ones with those of its pack, where one is followed here."""
    pack = next((c for c in followed().companies if c.id == company), None)
    own = pack.table if pack else ()
    return Headlines(
        _with(_FIGURES, pack, "figures"),
        tuple(
            f._replace(yoy=f"{f.kpi}_change_yoy", qoq=f"{f.kpi}_change_qoq")
            for f in _with(_MARGINS, pack, "margins")
        ),
        _with(_RATIOS, pack, "ratios"),
        tuple(dict.fromkeys((*_TABLE_BEFORE, *own, *_TABLE_AFTER))),
    )


def _with(general: Sequence[Figure], pack: Company | None, among: str) -> tuple[Figure, ...]:
    """Return the rows of a table with those of a pack, each below the row that it names, else at the end."""
    out = list(general)
    for h in pack.headlines if pack else ():
        if h.among == among:
            places = [i for i, f in enumerate(out) if f.kpi == h.after]
            at = places[0] + 1 if places else 0 if h.first else len(out)
            out.insert(at, Figure(h.label, h.kpi, _growth(h.kpi, 4), _growth(h.kpi, 1)))
    return tuple(out)


def _growth(kpi: str, lag: int) -> str | None:
    """Return the KPI that is the growth of another over so many quarters, if one is declared."""
    known = catalogue().of_kind("growth")
    return next((k.name for k in known if k.of == kpi and k.lag == lag and not k.of_loss), None)
