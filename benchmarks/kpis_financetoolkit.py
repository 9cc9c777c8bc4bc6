"""FinanceToolkit's ratios over a CSV file of facts: seconds and values, for `benchmarks.kpis`.

    PYTHON_WITH_FINANCETOOLKIT benchmarks/kpis_financetoolkit.py FACTS.csv

Needs nothing of this project, so that it runs under an interpreter that has FinanceToolkit (which holds other
versions of pandas). Columns of the file: company, period_end, item (statement/name in the toolkit's words), value.
Prints one JSON object: seconds, values, version. Reading the file and building its frames are not timed.
"""

import json
import sys
import time
from importlib.metadata import version
from typing import Any

RATIOS = (
    "get_gross_margin",
    "get_operating_margin",
    "get_net_profit_margin",
    "get_asset_turnover_ratio",
    "get_return_on_assets",
)


def main(path: str) -> None:
    """Time each ratio as it is, trailing four quarters, and its growth over one and four quarters."""
    import pandas as pd
    from financetoolkit import Toolkit

    facts = pd.read_csv(path, parse_dates=["period_end"])
    facts["quarter"] = pd.PeriodIndex(facts["period_end"], freq="Q")
    facts[["statement", "name"]] = facts["item"].str.split("/", expand=True)

    def statement(name: str) -> Any:
        own = facts[facts["statement"] == name]
        return own.pivot(index=["company", "name"], columns="quarter", values="value")

    toolkit = Toolkit(
        sorted(facts["company"].unique()),
        balance=statement("balance"), income=statement("income"), cash=statement("cash"),
        quarterly=True, start_date=str(facts["period_end"].min())[:10], progress_bar=False, sleep_timer=False,
    )  # fmt: skip
    toolkit.ratios.get_gross_margin()
    values = 0
    begin = time.perf_counter()
    for name in RATIOS:
        ratio = getattr(toolkit.ratios, name)
        for options in ({}, {"trailing": 4}, {"growth": True}, {"growth": True, "lag": 4}):
            values += int(ratio(**options).count().sum())
    seconds = time.perf_counter() - begin
    print(json.dumps({"seconds": seconds, "values": values, "version": version("financetoolkit")}))


if __name__ == "__main__":
    main(sys.argv[1])
