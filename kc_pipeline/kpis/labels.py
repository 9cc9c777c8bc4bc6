"""What a reader calls a KPI: its name in words, with the few that the name alone does not say."""

WORDS = {
    "ai": "AI",
    "ebitda": "EBITDA",
    "rnd": "R&D",
    "sga": "SG&A",
    "idc": "data centre",
    "ocf": "operating cash flow",
    "sbc": "share-based compensation",
    "opex": "operating expense",
    "capex": "capital expenditure",
    "admin": "general and administrative expense",
}
NAMES = {
    "revenue": "Revenues",
    "profit_loss": "Net result of the group",
    "net_income_loss": "Net result of the parent's shareholders",
    "adjusted_net_income_loss": "Adjusted net result",
    "operating_income_loss": "Operating result",
    "adjusted_operating_income_loss": "Adjusted operating result",
    "income_loss_before_income_taxes": "Result before income taxes",
    "net_margin": "Net margin of the group",
    "parent_net_margin": "Net margin of the parent's shareholders",
    "ocf_margin": "Operating cash flow margin",
    "ebitda_operating_gap": "Gap between adjusted EBITDA and operating margin",
    "cash_burn": "Cash used up (free cash outflow)",
    "cash_and_equivalents": "Cash and cash equivalents",
    "foreign_exchange_gain_loss": "Foreign exchange result",
    "research_and_development_expense": "R&D expense",
}
_TAILS = ("_change_qoq", "_change_yoy", "_growth_qoq", "_growth_yoy")


def label(kpi: str) -> str:
    """Return what a reader calls a KPI: ``gross_margin`` is ``Gross margin``; a change or growth is that of its KPI."""
    for tail in _TAILS:
        kpi = kpi.removesuffix(tail)
    if kpi in NAMES:
        return NAMES[kpi]
    words = [WORDS.get(w, w) for w in kpi.split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]
