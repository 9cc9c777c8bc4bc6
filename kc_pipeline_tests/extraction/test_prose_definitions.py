"""Definitions of measures in the forms that releases and reports use."""

from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction import extract, to_dict
from kc_pipeline.extraction.model import Definition
from kc_pipeline.extraction.prose.definitions import read_definitions
from kc_pipeline.extraction.prose.reading_copy import reading_copy
from kc_pipeline.extraction.text import visible_text

pytestmark = pytest.mark.usefixtures("kc_pack")


def defined(text: str) -> list[Definition]:
    paragraphs = "".join(f"<p>{p}</p>" for p in text.split("\n"))
    visible = visible_text(LexborHTMLParser(f"<html><body>{paragraphs}</body></html>"))
    found = read_definitions(visible, reading_copy(visible))
    for d in found:
        assert visible.text[slice(*d.span)] == d.sentence
        assert d.wording in d.sentence
    return found


def one(text: str) -> Definition:
    found = defined(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("sentence", "metric", "base", "out", "plus"),
    [
        (
            "2 Non-GAAP gross profit is defined as gross profit excluding share-based compensation allocated in the cost of "
            "revenues. See “Use of Non-GAAP Financial Measures” set forth at the end of this press release.",
            "adjusted_gross_profit",
            "gross profit",
            ["share-based compensation allocated in the cost of revenues"],
            [],
        ),
        (
            "Non–GAAP net (loss) profit is defined as net loss excluding share-based compensation, foreign exchange loss (gain) "
            "and impairment of long-lived assets.",
            "adjusted_net_income_loss",
            "net loss",
            ["share-based compensation", "foreign exchange loss (gain)", "impairment of long-lived assets"],
            [],
        ),
        (
            "We define adjusted EBITDA as net loss before (i) interest expense, (ii) income taxes, and (iii) depreciation and "
            "amortization, adjusted to exclude share-based compensation.",
            "adjusted_ebitda",
            "net loss",
            ["interest expense", "income taxes", "depreciation", "amortization", "share-based compensation"],
            [],
        ),
        (
            "Free cash flow, which we define as net cash from operating activities less purchases of property, plant and equipment "
            "plus proceeds from disposals, was RMB5 million.",
            "free_cash_flow",
            "net cash from operating activities",
            ["purchases of property, plant and equipment"],
            ["proceeds from disposals"],
        ),
        (
            "“Gross billing of AI business” refers to the gross amounts billed to customers of our AI business.",
            "ai_gross_billing",
            None,
            [],
            [],
        ),
        (
            "Adjusted EBITDA excludes share-based compensation, net and foreign exchange loss.",
            "adjusted_ebitda",
            None,
            ["share-based compensation, net", "foreign exchange loss"],
            [],
        ),
    ],
)
def test_a_definition_is_taken_apart_in_the_issuers_words(
    sentence: str, metric: str, base: str | None, out: list[str], plus: list[str]
) -> None:
    d = one(sentence)
    assert (d.metric, d.base, list(d.exclusions), list(d.inclusions)) == (metric, base, out, plus)


@pytest.mark.parametrize(
    "sentence",
    [
        "Adjusted EBITDA represents 12% of revenues before tax.",
        "Please refer to adjusted EBITDA and free cash flow as measures of liquidity.",
        "Adjusted net loss refers to the table below.",
        "Adjusted EBITDA was RMB5 million excluding one-off items.",
        "Gross profit is defined as revenues less cost of revenues.",
        "Our auditors define a control as effective, excluding minor findings.",
        "We exclude share-based compensation from what management looks at.",
    ],
)
def test_what_defines_no_measure_of_the_issuers_own_is_no_definition(sentence: str) -> None:
    assert defined(sentence) == []


def test_two_definitions_in_one_sentence_end_where_the_other_begins() -> None:
    found = defined(
        "Non-GAAP EBITDA is defined as non-GAAP net loss excluding interest expense, and we define non-GAAP EBITDA margin as "
        "non-GAAP EBITDA as a percentage of revenues."
    )
    assert [(d.metric, d.wording) for d in found] == [
        ("adjusted_ebitda", "non-GAAP net loss excluding interest expense"),
        ("adjusted_ebitda_margin", "non-GAAP EBITDA as a percentage of revenues"),
    ]


def sense(sentence: str) -> str:
    return one(f"Adjusted EBITDA is defined as {sentence}.").sense


def test_wording_does_not_change_the_sense_and_substance_does() -> None:
    first = sense("net loss before interest expense, income tax expense, and share-based compensation")
    assert (
        sense(
            "net (loss) profit excluding stock-based compensation, interest expense and income tax (benefit) expense"
        )
        == first
    )
    assert sense("net loss before interest expense and income tax expense") != first
    assert (
        sense("operating loss before interest expense, income tax expense, and share-based compensation")
        != first
    )


def test_of_two_wordings_in_one_document_the_fuller_one_stands() -> None:
    d = one(
        "Adjusted EBITDA excludes taxes.\nAdjusted EBITDA is defined as net loss excluding taxes, interest and depreciation."
    )
    assert len(d.exclusions) == 3


def test_definitions_stand_in_the_output() -> None:
    out = to_dict(
        extract(b"<html><body><p>Adjusted EBITDA is defined as net loss before tax.</p></body></html>")
    )
    assert [(d["metric"], d["exclusions"]) for d in out["definitions"]] == [("adjusted_ebitda", ["tax"])]


def test_the_definitions_of_real_releases(shared: Path) -> None:
    found: dict[str, list[Definition]] = {}
    for path in sorted((shared / "realdocs" / "nvidia").glob("*press-release.html")):
        visible = visible_text(LexborHTMLParser(path.read_bytes()))
        found[path.name] = read_definitions(visible, reading_copy(visible))
    assert len(found) == 8
    assert {tuple(d.metric for d in ds) for ds in found.values()} == {("free_cash_flow",)}
    assert len({d.sense for ds in found.values() for d in ds}) == 1  # in two wordings over the years
    assert len({d.wording for ds in found.values() for d in ds}) == 2
