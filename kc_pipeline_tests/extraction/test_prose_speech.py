"""Attributed commentary in the forms that releases use."""

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.model import Commentary
from kc_pipeline.extraction.prose import read_prose
from kc_pipeline.extraction.text import visible_text


def speech(html: str) -> list[Commentary]:
    return read_prose(visible_text(LexborHTMLParser(html.encode())), "", [])[1]


def test_speaker_before_the_quotation() -> None:
    (said,) = speech(
        "<p>Mr. Tao Zou, Chief Executive Officer of Sample Cloud, commented, “We saw a steady demand for AI…”</p>"
    )
    assert (said.speaker, said.title) == ("Mr. Tao Zou", "Chief Executive Officer of Sample Cloud")
    assert said.text == "We saw a steady demand for AI…"


def test_speaker_behind_the_quotation_and_a_split_quotation() -> None:
    first, second = speech(
        '<p>"We are pleased with the quarter," said Jane Doe, CEO of Sample. "Our margins went up a lot."</p>'
    )
    assert (first.speaker, first.title, first.text) == (
        "Jane Doe",
        "CEO of Sample",
        "We are pleased with the quarter,",
    )
    assert (second.speaker, second.title, second.text) == (
        "Jane Doe",
        "CEO of Sample",
        "Our margins went up a lot.",
    )


def test_quotation_over_paragraphs_and_a_pronoun() -> None:
    said = speech(
        "<p>“The industry goes through a transition,” said Jane Doe, founder and CEO of Sample. “It will take years.</p>"
        "<p>“Our whole family of products is in production,” he said.</p>"
    )
    assert [s.speaker for s in said] == ["Jane Doe"] * 3
    assert said[2].text == "Our whole family of products is in production,"


def test_surname_stands_for_the_speaker_introduced_before() -> None:
    said = speech(
        "<p>Commenting on the results, Kevin O’Connor, President and CEO said, “We ended the quarter well placed.”</p>"
        "<p>“Our margin held steady in the quarter,” noted Mr. O’Connor.</p>"
    )
    assert [(s.speaker, s.title) for s in said] == [("Kevin O'Connor", "President and CEO")] * 2


def test_title_before_the_name() -> None:
    (said,) = speech(
        "<p>Chairman and Chief Executive Officer Daniel P. Amos said, “We entered the year in good order.”</p>"
    )
    assert (said.speaker, said.title) == ("Daniel P. Amos", "Chairman and Chief Executive Officer")


def test_defined_terms_and_unattributed_quotations_are_no_commentary() -> None:
    assert (
        speech(
            "<p>Sample Holdings Limited (“Sample Cloud” or the “Company”) uses “as is” and “on top of all that”.</p>"
        )
        == []
    )


def test_span_is_the_text_as_printed() -> None:
    html = "<p>Ms. Yi Li, Chief Financial Officer of Sample, added, “Our revenue <b>increased</b> once more this time.”</p>"
    (said,) = speech(html)
    assert visible_text(html.encode())[said.span[0] : said.span[1]] == said.text
