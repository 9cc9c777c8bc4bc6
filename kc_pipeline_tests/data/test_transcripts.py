"""The bundled transcripts: what stands in them, where it comes from, and that nothing else does."""

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import html

from kc_pipeline.sources import judge_document, read_manifest

REPO = Path(__file__).resolve().parents[2]
FILINGS = REPO / "data" / "filings" / "KC"
QUARTERS = [f"{y}Q{q}" for y in range(2020, 2027) for q in range(1, 5)][:25]
RELEASES = [f"{quarter}-release" for quarter in QUARTERS]
REPORTS = [
    "F-1-2020",
    *(f"20-F-{year}" for year in range(2020, 2025)),
    "6-K-2022-07",
    "6-K-2022-12",
    "424B3-2022-12",
    "424B5-2025-04",
    *(f"interim-{year}H1" for year in (2022, 2023, 2024)),
    *(f"annual-results-{year}" for year in (2022, 2023)),
]
DOCUMENTS = [*RELEASES, *REPORTS]
USES = ("statement", "key_figure", "ratio")
PARENT = ("parent_company", "parent_company_only")
CONTRADICTED = {
    ("20-F-2022", "2020FY", "income_loss_before_income_taxes", "non_mainland_china"),
    ("20-F-2022", "2021FY", "income_loss_before_income_taxes", "non_mainland_china"),
    ("interim-2022H1", "2022H1", "adjusted_ebitda", ""),
    ("interim-2023H1", "2023H1", "adjusted_ebitda", ""),
}
EVIDENCE = ("data-grade", "data-source-kind", "data-source-url")


def source(name: str) -> Path:
    """The HTML file of a document; a bare quarter is its release."""
    folder = FILINGS / (name if "-" in name else f"{name}-release")
    return folder / ("release.htm" if folder.name.endswith("-release") else "report.htm")


def figures(name: str) -> list[dict[str, str]]:
    with (source(name).parent / "figures.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def document(name: str) -> html.HtmlElement:
    return html.document_fromstring(source(name).read_bytes())


def text(element: html.HtmlElement, marks: bool = False) -> str:
    copy = html.fromstring(html.tostring(element, encoding="unicode", with_tail=False))
    for mark in [] if marks else copy.xpath(".//sup"):
        mark.drop_tree()
    return re.sub(r"\s+", " ", copy.text_content()).strip()


@dataclass
class Cell:
    """One figure of a table, as this module's own small reader sees it."""

    title: str
    label: str
    header: tuple[str, ...]
    value: Decimal
    evidence: tuple[str, ...]


def grid(table: html.HtmlElement) -> list[list[html.HtmlElement]]:
    out = []
    for tr in table.findall("tr"):
        row: list[html.HtmlElement] = []
        for td in tr.findall("td"):
            row += [td] * int(td.get("colspan", "1"))
        out.append(row)
    return out


def cells(quarter: str) -> list[Cell]:
    found = []
    for table in document(quarter).iter("table"):
        scale_line, title = table.getprevious(), table.getprevious().getprevious()
        assert "All amounts in" in text(scale_line)
        scale = Decimal(1000) if "thousands" in text(scale_line) else Decimal(1_000_000)
        rows = grid(table)
        width = {len(r) for r in rows}
        assert len(width) == 1, f"{quarter}: {text(title)}: rows of different width {width}"
        head = [r for r in rows if any(td.get("class") == "h" for td in r)]
        for row in rows:
            for col, td in enumerate(row):
                if td.get("data-grade") is None:
                    continue
                digits = re.search(r"[\d.,]+", text(td))
                number = Decimal(digits.group().replace(",", "")) if digits else Decimal(0)
                whole = number if text(row[0]) == "Basic" else number * scale
                sign = -1 if text(td).startswith("(") else 1
                header = tuple(text(r[col]) for r in head)
                evidence = tuple(str(td.get(a)) for a in EVIDENCE)
                found.append(Cell(text(title), text(row[0]), header, sign * whole, evidence))
    return found


def cell(quarter: str, statement: str, label: str, *header: str) -> Cell:
    hits = [
        c
        for c in cells(quarter)
        if statement in c.title and c.label == label and all(h in c.header for h in header)
    ]
    assert len(hits) == 1, f"{quarter} {statement} {label} {header}: {len(hits)} cells"
    return hits[0]


def reference_rows(shared: Path) -> list[dict[str, str]]:
    with (shared / "reference" / "facts.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def key(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(row[c] for c in ("concept", "segment", "period", "period_type"))


def currency_free(row: dict[str, str]) -> tuple[Decimal, str]:
    """Value and unit in the warehouse's terms, worked out here again."""
    value, unit = Decimal(row["value"]), row["unit"]
    if unit in ("percent", "percentage_points"):
        return (value if unit == "percent" else value / 100), "pure"
    return value, unit.replace("RMB", "CNY")


def belongs(row: dict[str, str], name: str) -> bool:
    if name not in (row["document"], row["also_in"]) or row["grade"] not in ("A", "B"):
        return False
    if (row["document"], row["period"], row["concept"], row["segment"]) in CONTRADICTED:
        return False
    if name.startswith("20-F") and row["segment"] in PARENT:
        return row["use"] == "not_group"
    uses = USES if name.endswith("-release") else (*USES, "note")
    return row["best"] == "yes" and row["use"] in uses


def test_there_is_one_release_for_each_quarter_from_2020_to_the_newest() -> None:
    assert QUARTERS[-1] == "2026Q1"
    assert {p.name for p in FILINGS.iterdir() if not p.name.startswith(".")} == set(DOCUMENTS)
    for name in DOCUMENTS:
        wanted = {"manifest.json", source(name).name, "figures.csv"}
        assert {p.name for p in source(name).parent.iterdir()} == wanted


def test_laying_out_again_gives_the_same_bytes(shared: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(REPO / "tools" / "lay_out_transcripts.py")]
    result = subprocess.run(
        [*command, "--shared", str(shared), "--out", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "left out" in result.stdout
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    kept = {p.relative_to(FILINGS.parent): p.read_bytes() for p in FILINGS.parent.rglob("*") if p.is_file()}
    assert set(made) == set(kept)
    assert [str(name) for name in made if made[name] != kept[name]] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_figure_that_belongs_is_listed_once_and_nothing_else(shared: Path, name: str) -> None:
    wanted = Counter(
        (*key(r), *currency_free(r), *(r[c] for c in ("grade", "source_kind", "source_url")))
        for r in reference_rows(shared)
        if belongs(r, name)
    )
    listed = Counter(
        (*key(f), Decimal(f["value"]), f["unit"], f["grade"], f["source_kind"], f["source_url"])
        for f in figures(name)
    )
    assert wanted, name
    assert listed == wanted
    assert max(listed.values()) == 1


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_listed_figure_is_printed_beside_its_evidence(name: str) -> None:
    """Two names of one line share a cell: then the evidence of either stands there."""
    printed: dict[tuple[str, ...], list[str]] = {}
    for element in document(name).iter("td", "p", "span"):
        if element.get("data-grade") is not None:
            printed.setdefault(tuple(str(element.get(a)) for a in EVIDENCE), []).append(text(element))
    shared: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for figure in figures(name):
        evidence = (figure["grade"], figure["source_kind"], figure["source_url"])
        concept = "" if name in REPORTS else figure["concept"]
        place = (figure["where"], figure["printed"], figure["period"], figure["unit"], concept)
        shared.setdefault(place, []).append(evidence)
    for (where, digits, *_), sources in shared.items():
        pattern = re.compile(rf"(?<![\d.,]){re.escape(digits)}(?![\d]|[.,]\d)")
        assert any(pattern.search(t) for e in sources for t in printed.get(e, [])), (where, digits)
    assert name in REPORTS or all(len(sources) == 1 for sources in shared.values())


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_printed_gives_back_the_value(name: str) -> None:
    """Digits times the scale beside them are the value, and show no digit beyond the known ones."""
    for figure in figures(name):
        value, rounding = abs(Decimal(figure["value"])), Decimal(figure["rounding"])
        if figure["printed"] in ("nil", "—"):
            assert value == 0
            continue
        number = Decimal(figure["printed"].replace(",", ""))
        scales = [value / number] if value else [Decimal(1_000_000)]
        assert scales[0] in {Decimal(10) ** n for n in (-2, 0, 3, 6, 9)}, figure
        last_digit = scales[0] * Decimal(1).scaleb(int(number.as_tuple().exponent))
        if value % rounding == 0 and figure["printed"] not in ("0",):
            assert last_digit == rounding or (last_digit > rounding == 1), figure


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_printed_figure_has_evidence_and_is_listed(name: str) -> None:
    """No cell and no sentence holds a figure that the list does not hold."""
    body = document(name)
    known = Counter(f["printed"] for f in figures(name))
    for td in body.iter("td"):
        if td.get("class") in ("h", "c") or "colspan" in td.attrib:
            continue  # a header, or the number of a note
        number = re.fullmatch(r"\(?([\d.,]+)%?\)?", text(td))
        if number:
            assert td.get("data-grade") in ("A", "B"), text(td)
            assert number.group(1) in known, text(td)
    magnitudes = {abs(Decimal(f["value"])) for f in figures(name)}
    for p in body.iter("p"):
        marked = [p, *p.iter("span")]
        if not any(e.get("data-grade") for e in marked):
            assert not re.search(r"RMB ?\d|US\$\d|\d%", text(p)), text(p)
            continue
        for currency, digits, unit in re.findall(
            r"(RMB ?-?|US\$-?)?(\d[\d,]*(?:\.\d+)?)( million| billion|%| percentage points?)?", text(p)
        ):
            if not currency and not unit:
                continue  # a date, a quarter's year, a footnote
            size = {" million": 10**6, " billion": 10**9, "": 1}.get(unit)
            factor = Decimal(size) if size else Decimal("0.01")
            assert Decimal(digits.replace(",", "")) * factor in magnitudes, (digits, unit, text(p))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_doubtful_figure_of_the_reference_is_in_no_transcript(shared: Path, name: str) -> None:
    rows = reference_rows(shared)
    good = {(*key(r), *currency_free(r)) for r in rows if belongs(r, name)}
    never = ("not_group", "site", "other")
    doubtful = {(*key(r), *currency_free(r)) for r in rows if r["grade"] == "C" or r["use"] in never}
    assert doubtful
    listed = {(*key(f), Decimal(f["value"]), f["unit"]) for f in figures(name)}
    assert listed & (doubtful - good) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_manifest_and_document_are_accepted_and_say_what_they_are(name: str) -> None:
    path = source(name).parent / "manifest.json"
    manifest = read_manifest(path.read_bytes(), name)
    assert manifest.company == "KC"
    assert name.startswith(manifest.form) or manifest.form == "6-K"
    raw = json.loads(path.read_text(encoding="utf-8"))
    (entry,) = raw["documents"]
    kind = "release" if name.endswith("-release") else "report"
    assert (entry["file"], entry["type"], entry["kind"]) == (f"{kind}.htm", kind, "transcript")
    assert raw["form"] in entry["transcript_of"]
    assert "ncomplete" in entry["note"]
    data = source(name).read_bytes()
    assert judge_document(data) is None
    assert data.endswith(b"</html>\n")
    page = document(name)
    assert "Incomplete transcript" in page.findtext(".//title")
    first = next(page.iter("p"))
    assert "Incomplete transcript" in text(first)
    assert "Not the issuer's document" in text(first)


def test_accession_numbers_and_dates_are_those_that_are_known() -> None:
    raw = {q: json.loads((source(q).parent / "manifest.json").read_text(encoding="utf-8")) for q in QUARTERS}
    assert {q: m["accession"] for q, m in raw.items() if m["accession"]} == {
        "2023Q1": "0001104659-23-063361",
        "2025Q1": "0001104659-25-053312",
        "2025Q3": "0001104659-25-113842",
    }
    assert {q for q, m in raw.items() if m["filing_date_precision"] != "day"} == {"2023Q1"}
    dates = [m["filing_date"] for m in raw.values()]
    assert dates == sorted(dates)
    assert all(m["filing_date"] > m["period_of_report"] for m in raw.values())


def test_the_markup_is_well_formed() -> None:
    """Each document parses as XML once the void and named entities of HTML are spelled out."""
    from lxml import etree

    for name in DOCUMENTS:
        page = source(name).read_text(encoding="utf-8")
        assert "\r" not in page
        page = page.replace("&nbsp;", "&#160;").replace("<!DOCTYPE html>", "")
        page = re.sub(r"<(meta [^>]*)>", r"<\1/>", page)
        etree.fromstring(page.encode("utf-8"))


def test_a_table_is_read_back_cell_by_cell() -> None:
    three, year = "Three Months Ended", "Year Ended"
    sheet = "BALANCE SHEETS"
    assert cell("2023Q1", sheet, "Total assets", "Mar 31, 2023", "RMB").value == 16_557_258_000
    assert cell("2023Q1", sheet, "Total assets", "Mar 31, 2023", "US$").value == 2_410_923_000
    assert cell("2023Q1", sheet, "Total assets", "Dec 31, 2022", "RMB").value == 17_316_231_000
    income = "COMPREHENSIVE LOSS"
    assert cell("2025Q1", income, "Total revenues", three, "Mar 31, 2024", "RMB").value == 1_775_700_000
    assert cell("2025Q1", income, "Total revenues", three, "Mar 31, 2025", "US$").value == 271_500_000
    assert cell("2025Q1", income, "Others", three, "Mar 31, 2025", "RMB").value == 0
    parent = "Net loss attributable to Kingsoft Cloud Holdings Limited"
    assert cell("2025Q1", income, parent, "Mar 31, 2025").value == -313_926_000
    assert cell("2024Q4", income, "Income tax benefit", year, "Dec 31, 2024").value == 1_520_000
    assert cell("2025Q1", income, "Basic", "Mar 31, 2025").value == Decimal("-1.26")
    assert cell("2025Q1", "CASH FLOWS", "Net cash used in investing activities").value == -490_393_000
    adjusted = cell("2024Q4", "RECONCILIATION", "Non–GAAP operating profit (loss)", "Dec 31, 2023")
    assert adjusted.value == -187_600_000
    assert adjusted.evidence[0] == "A"


def test_the_balance_sheet_of_2023q1_ties_down_to_total_liabilities() -> None:
    for day, currency in (("Dec 31, 2022", "RMB"), ("Mar 31, 2023", "RMB"), ("Mar 31, 2023", "US$")):
        column = [
            c for c in cells("2023Q1") if "BALANCE" in c.title and c.header == (day, currency) and c.value
        ]
        labels = [c.label for c in column]
        values = [c.value for c in column]

        def between(start: int, end: str, labels: list[str] = labels, values: list[Decimal] = values) -> int:
            stop = labels.index(end)
            assert sum(values[start:stop]) == values[stop], end
            return stop + 1

        place = between(0, "Total current assets")
        place = between(place, "Total non-current assets")
        assert values[place] == values[labels.index("Total current assets")] + values[place - 1]
        place = between(place + 1, "Total current liabilities")
        place = between(place, "Total non-current liabilities")
        assert values[place] == values[labels.index("Total current liabilities")] + values[place - 1]


def test_rows_that_are_not_known_are_printed_with_empty_cells() -> None:
    rows = {text(r[0]): r for t in document("2020Q2").iter("table") for r in grid(t)}
    unknown = rows["Research and development expenses"]
    assert all(text(td) == "" and td.get("data-grade") is None for td in unknown[1:])


def test_a_coarse_figure_stands_in_a_sentence_only() -> None:
    coarse = [
        f
        for name in DOCUMENTS
        for f in figures(name)
        if f["unit"] in ("CNY", "USD") and Decimal(f["rounding"]) > 100_000
    ]
    assert len(coarse) > 100
    assert {f["place"] for f in coarse} == {"sentence"}
    body = text(document("2025Q1").body)
    assert "Cost of revenues was RMB1.65 billion in the first quarter of 2025." in body
    assert "RMB0.50 billion" in body


def test_signs_are_said_in_words_or_parentheses() -> None:
    body = text(document("2025Q1").body)
    assert "Adjusted operating loss was RMB55.8 million" in body
    assert "Adjusted operating margin was negative 2.8%" in body
    assert "decreased by 11.7% quarter-over-quarter from RMB2,232.1 million" in body
    for quarter in QUARTERS:
        for figure in figures(quarter):
            if figure["place"] == "sentence" and figure["concept"].endswith(("_yoy", "_qoq")):
                word = "decreased by" if figure["value"].startswith("-") else "increased by"
                assert word in figure["where"], figure


def test_a_spans_text_names_one_source() -> None:
    """A sentence with figures of two sources is split into spans; no element with evidence holds another."""
    split = 0
    for quarter in QUARTERS:
        for p in document(quarter).iter("p"):
            spans = [s for s in p.iter("span") if s.get("data-grade")]
            assert not (spans and p.get("data-grade"))
            split += len(spans) > 1
    assert split > 50


def test_quotations_come_from_the_commentary_and_hold_no_other_figure(shared: Path) -> None:
    with (shared / "reference" / "commentary.csv").open(encoding="utf-8", newline="") as handle:
        known = [r for r in csv.DictReader(handle) if r["use"] == "release"]
    seen = 0
    for quarter in QUARTERS:
        for p in document(quarter).iter("p"):
            said = re.fullmatch(
                r"(M[rs]\. [\w ]+), ([\w ]+) of Kingsoft Cloud, (commented|added), “(.+?)…?”", text(p)
            )
            if said is None:
                assert "“" not in text(p).replace("(“Kingsoft Cloud” or the “Company”)", ""), text(p)
                continue
            seen += 1
            assert any(
                r["period"] == quarter
                and r["speaker_as_printed"] == said.group(1)
                and said.group(4) in r["quote_fragment"].replace("“", "‘").replace("”", "’")
                and r["source_url"] == p.get("data-source-url")
                for r in known
            ), text(p)
    assert seen >= 30
    assert "31.4%" not in text(document("2025Q3").body)  # a growth rate that no row of the release holds


def test_sentences_are_short_and_in_few_patterns() -> None:
    """Beyond labels and quotations the text is the tool's: each sentence begins with a known subject."""
    subjects: Counter[str] = Counter()
    for quarter in QUARTERS:
        for p in document(quarter).iter("p"):
            marked = p.get("data-grade") or p.findall("span")
            if marked and "“" not in text(p) and not p.findall("sup"):
                for sentence in re.split(r"(?<=\.) (?=[A-Z])", text(p)):
                    assert len(sentence) < 320, sentence
                    subjects[
                        re.split(r" (?:was|were|reached|accounted|increased|decreased) ", sentence)[0]
                    ] += 1
    assert max(len(s) for s in subjects) < 110
    assert len(subjects) < 150


def test_the_note_of_2021_is_in_two_versions_whose_siblings_add_up_alike() -> None:
    """A reclassification: 45,232 in December 2022; 29,278 beside 15,954 in the annual report for 2022."""
    title, label = "Accrued expenses and other liabilities", "Others*****"

    def column(name: str, day: tuple[str, ...]) -> dict[str, Decimal]:
        found = [c for c in cells(name) if c.title == title and c.header == day]
        labels = [c.label for c in found]
        start = labels.index("Accrued expenses and other liabilities, current") + 1
        return {c.label: c.value for c in found[start:]}

    first = column("6-K-2022-12", ("As at", "Dec 31, 2021", "RMB"))
    later = column("20-F-2022", ("As of December 31,", "2021", "RMB"))
    assert first[label] == Decimal(45_232_000)
    assert later[label] == Decimal(29_278_000)
    assert later["Unrecognized tax benefit"] == Decimal(15_954_000)
    assert first[label] == later[label] + later["Unrecognized tax benefit"]
    total = "Accrued expenses and other liabilities, non-current"
    assert first[total] == later[total]


@pytest.mark.parametrize("year", [2020, 2021, 2022, 2023])
def test_the_parent_companys_tables_stand_apart(year: int) -> None:
    name = f"20-F-{year}"
    parent = [f for f in figures(name) if f["segment"] in PARENT]
    assert parent
    assert all("Parent Company" in f["where"] for f in parent)
    assert not any("Parent Company" in f["where"] for f in figures(name) if f["segment"] not in PARENT)


def test_figures_inside_a_label_stand_in_a_sentence_with_their_source_too() -> None:
    labels = [text(td) for td in document("6-K-2022-07").iter("td")]
    inside = "net of allowance for credit losses of RMB32,265 and RMB32,384 (US$5,108)"
    assert any(inside in label for label in labels)
    body = text(document("6-K-2022-07").body)
    assert "The allowance for credit losses on accounts receivable was RMB32.384 million" in body
