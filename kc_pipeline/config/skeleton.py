"""The beginning of a pack, with a word on everything that can be added."""

import json

_TEXT = """\
# {name}: all that is declared of one company. More files may stand beside this one; each key stands in one file.
# docs/filings-and-companies.md tells every key. `kc company check {id}` says what is wrong.

id = {id_text}
name = {name_text}
# aliases = ["Acme"]                        # former or short names that its documents bear
{cik}
# tickers = ["NASDAQ:ACME"]                 # exchange and ticker
reporting_currency = {currency_text}
{year_end}
# fiscal_year_named_after = "start"         # if the fiscal year is called by the year in which it begins
# expected_from = "2023Q1"                  # the first calendar quarter whose filing is expected

# Where all revenues are those of the segments below, so that the one that is not stated follows:
# segments_add_up_to = ["revenues"]

# A segment for each business line; `labels` as the rows are printed, `phrases` as prose has them, in small letters.
# [[segments]]
# id = "stores"
# labels = ["Stores", "Revenues from stores"]
# phrases = ["stores", "our stores"]

# A row label that the general catalogue does not know (`kc status` and `kc extract` show such rows):
# [[synonyms]]
# label = "Merchandise sold"
# concept = "revenues"

# What its brief shows beside what every company's shows:
# [[headlines]]
# kpi = "stores_revenue"
# label = "Revenue of stores"
# after = "revenue"
"""


def skeleton(
    company: str, name: str, currency: str, *, cik: str | None = None, fiscal_year_end: str | None = None
) -> str:
    """Return the text of a new pack's company.toml; what is not given stands there as a comment."""
    text = json.dumps
    year_end = f"fiscal_year_end = {text(fiscal_year_end)}" if fiscal_year_end else None
    return _TEXT.format(
        id=company,
        name=" ".join(name.split()),
        id_text=text(company),
        name_text=text(name, ensure_ascii=False),
        currency_text=text(currency),
        cik=f"cik = {text(cik)}" if cik else '# cik = "0001045810"                       # ten digits',
        year_end=year_end
        or '# fiscal_year_end = "--03-31"               # where it is not December 31; or "last Sunday of January"',
    )
