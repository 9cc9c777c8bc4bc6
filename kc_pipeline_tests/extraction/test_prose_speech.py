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


def _speakers(html: str) -> list[tuple[str, str, str]]:
    return [(said.speaker, said.title, said.text) for said in speech(html)]


def test_degrees_are_no_titles_and_an_office_may_come_first() -> None:
    assert _speakers(
        '<p>"The business continues to grow well," said Jane Roe, M.D., Chief Executive Officer of Sample.</p>'
        '<p>"I am proud of all of our teams," said Sample CEO, John Doe.</p>'
        '<p>"We had a very strong spring season," said Sample President &amp; CEO Mike Poe.</p>'
    ) == [
        ("Jane Roe", "Chief Executive Officer of Sample", "The business continues to grow well,"),
        ("John Doe", "Sample CEO", "I am proud of all of our teams,"),
        ("Mike Poe", "Sample President & CEO", "We had a very strong spring season,"),
    ]


def test_attribution_before_the_quotation_may_be_turned_round_or_go_on_to_say() -> None:
    said = _speakers(
        '<p>"We are pleased with our first quarter," said Jane Roe, CEO of Sample.</p>'
        '<p>Concluded Ms. Roe, "We believe that we are well positioned."</p>'
        '<p>Roe went on to say, "It is important that we all step up."</p>'
    )
    assert [speaker for speaker, _, _ in said] == ["Jane Roe"] * 3


def test_quotation_signed_behind_it_or_in_the_next_paragraph() -> None:
    assert _speakers(
        '<p>"Our diversified model showed its value." - Jane Roe, Chairman, President and CEO, U.S. Sample</p>'
        '<p>"We had a notable year in many ways."</p><p>John Doe, Sample Chairman and Chief Executive Officer</p>'
    ) == [
        (
            "Jane Roe",
            "Chairman, President and CEO, U.S. Sample",
            "Our diversified model showed its value.",
        ),
        ("John Doe", "Sample Chairman and Chief Executive Officer", "We had a notable year in many ways."),
    ]


def test_next_paragraph_that_opens_with_a_quotation_goes_on_only_behind_an_attribution() -> None:
    goes_on = '<p>"It has begun in earnest," said Jane Roe, CEO of Sample.</p><p>"We will build on it for years."</p>'
    assert [speaker for speaker, _, _ in _speakers(goes_on)] == ["Jane Roe", "Jane Roe"]
    apart = (
        '<p>"It has begun in earnest," said Jane Roe, CEO of Sample. The share price rose on the news of the day.</p>'
        '<p>"Item 7. Management\'s Discussion of Results" is part of the report.</p>'
    )
    assert [text for _, _, text in _speakers(apart)] == ["It has begun in earnest,"]
