"""The quarterly releases: dates, numbers, addresses as the reference gives them, and each year's spelling."""

from dataclasses import dataclass
from datetime import date

from .prose import ORDINALS, long_day
from .wording import Style

_OLD = Style(
    "Non-GAAP", reached=False, minus=True, highlights=True, dollar_mark="before", split_parenthesis=False
)
_2020 = Style(
    "Non-GAAP",
    reached=False,
    minus=True,
    highlights=True,
    dollar_mark="before",
    marks={"adjusted_gross_profit": "2", "adjusted_ebitda": "3", "normalized_adjusted_ebitda": "4"},
    split_parenthesis=False,
)
_2021 = Style("Non-GAAP", reached=False, split_parenthesis=False)
_2022 = Style("Adjusted", reached=False, split_parenthesis=False)
_2023 = Style("Adjusted", dollar_mark="after")
_2024Q4 = Style(
    "Non–GAAP",
    ai="Gross billing of AI business",
    minus=True,
    highlights=True,
    dollar_mark="after",
    marks={"adjusted_ebitda": "2"},
)
_2025 = Style("Adjusted", ai="Gross billing of AI business", dollar_mark="brackets")
_2025Q4 = Style(
    "Non-GAAP",
    ai="Gross billing of AI business",
    dollar_mark="brackets",
    gap=" ",
    marks={
        "adjusted_gross_profit": "[2]",
        "adjusted_operating_income_loss": "[3]",
        "adjusted_net_income_loss": "[4]",
        "adjusted_ebitda": "[5]",
    },
)


@dataclass(frozen=True)
class Release:
    """One release: quarter, filing date and its precision, what is known of its filing, its spelling.

    `url` is the address of the issuer's own document (its IR site or the SEC's), where one is listed;
    `notes_from` the copy in which footnotes [2] to [5] were read.
    """

    quarter: str
    filed: date
    style: Style
    exhibit: str | None = None
    accession: str | None = None
    url: str | None = None
    precision: str = "day"
    notes_from: str | None = None

    @property
    def year(self) -> int:
        """Fiscal year."""
        return int(self.quarter[:4])

    @property
    def number(self) -> int:
        """Quarter of the year, 1 to 4."""
        return int(self.quarter[5])

    @property
    def document(self) -> str:
        """The document's name in the reference."""
        return f"{self.quarter}-release"

    @property
    def period_end(self) -> date:
        """Last day of the quarter."""
        return date(self.year, 3 * self.number, 30 if self.number in (2, 3) else 31)

    @property
    def headline(self) -> str:
        """The release's title."""
        full = f" and Fiscal Year {self.year}" if self.number == 4 else f" {self.year}"
        quarter = ORDINALS[self.number - 1].capitalize()
        return f"Kingsoft Cloud Announces Unaudited {quarter} Quarter{full} Financial Results"

    @property
    def dateline(self) -> str:
        """The opening sentence in that year's words."""
        day = long_day(self.filed)
        if self.precision != "day":
            day = day.split()[0] + f" {self.filed.year}"
        if self.year == 2020:
            place = f"BEIJING, CHINA, {day} –"
        elif self.year < 2023:
            place = f"BEIJING, {day} (GLOBE NEWSWIRE) --"
        elif self.quarter >= "2025Q4":
            place = f"BEIJING, {day} /PRNewswire/ --"
        else:
            place = f"BEIJING, {day} —"
        tickers = "NASDAQ: KC" if self.filed < date(2022, 12, 30) else "NASDAQ: KC and HKEX: 3896"
        kind = "leading independent" if self.quarter <= "2024Q3" else "leading"
        year = (
            f" and fiscal year ended {long_day(self.period_end)}"
            if self.number == 4
            else f" ended {long_day(self.period_end)}"
        )
        return (
            f"{place} Kingsoft Cloud Holdings Limited (“Kingsoft Cloud” or the “Company”) ({tickers}), a "
            f"{kind} cloud service provider in China, today announced its unaudited financial results for "
            f"the {ORDINALS[self.number - 1]} quarter{year}."
        )


_IR = "https://ir.ksyun.com/node/"
_SEC = "https://www.sec.gov/Archives/edgar/data/"

RELEASES: tuple[Release, ...] = (
    Release("2020Q1", date(2020, 6, 3), _OLD, "99.1", url=f"{_IR}6526/html"),
    Release("2020Q2", date(2020, 8, 18), _2020, "99.1", url=f"{_IR}6621/html"),
    Release("2020Q3", date(2020, 11, 18), _2020, "99.1", url=f"{_IR}6796/html"),
    Release("2020Q4", date(2021, 3, 17), _OLD),
    Release("2021Q1", date(2021, 5, 18), _OLD),
    Release("2021Q2", date(2021, 8, 25), _2021),
    Release("2021Q3", date(2021, 11, 24), _2021),
    Release("2021Q4", date(2022, 3, 24), _2021),
    Release("2022Q1", date(2022, 6, 8), _2022, "99.1"),
    Release("2022Q2", date(2022, 9, 6), _2022),
    Release("2022Q3", date(2022, 11, 23), _2022),
    Release("2022Q4", date(2023, 3, 29), _2022),
    Release(
        "2023Q1",
        date(2023, 5, 31),
        _2023,
        "99.2",
        "0001104659-23-063361",
        f"{_SEC}1795589/000110465923063361/tm2316316d1_ex99-2.htm",
        "month_estimated",
    ),
    Release("2023Q2", date(2023, 8, 22), _2023, "99.1", url=f"{_IR}8306/html"),
    Release("2023Q3", date(2023, 11, 21), _2023, "99.1", url=f"{_IR}8426/html"),
    Release("2023Q4", date(2024, 3, 20), _2023),
    Release("2024Q1", date(2024, 5, 22), _2023, "99.1"),
    Release("2024Q2", date(2024, 8, 20), _2023, "99.1", url=f"{_IR}8821/html"),
    Release("2024Q3", date(2024, 11, 19), _2023),
    Release("2024Q4", date(2025, 3, 19), _2024Q4, "99.1"),
    Release("2025Q1", date(2025, 5, 28), _2025, "99.1", "0001104659-25-053312"),
    Release("2025Q2", date(2025, 8, 20), _2025),
    Release(
        "2025Q3",
        date(2025, 11, 19),
        _2025,
        "99.1",
        "0001104659-25-113842",
        f"{_SEC}0001795589/000110465925113842/tm2530606d1_ex99-1.htm",
    ),
    Release(
        "2025Q4",
        date(2026, 3, 25),
        _2025Q4,
        notes_from="https://streetinsider.com/news.php?classic=1&id=26213308",
    ),
    Release("2026Q1", date(2026, 5, 27), _2025Q4),
)
