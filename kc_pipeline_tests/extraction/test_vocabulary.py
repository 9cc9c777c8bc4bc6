"""The words of filings: each pattern against its examples, and what tables and prose read from the one list."""

import re

import pytest

from kc_pipeline.extraction import vocabulary
from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.numbers import token
from kc_pipeline.extraction.periods import heading
from kc_pipeline.extraction.prose.figures import find_figures
from kc_pipeline.extraction.statements import titled_as_statement
from kc_pipeline.extraction.units import unit_words
from kc_pipeline.extraction.vocabulary import (
    CURRENCIES,
    MINOR_FORMS,
    MINOR_NAMED,
    SCOPES,
    TITLES,
    Currency,
    Phrase,
)


def _branches(pattern: str) -> list[str]:
    """Return the branches of a pattern, split at its outermost bars."""
    parts, depth = [""], 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


NAMED = [c for c in CURRENCIES if c.heading is not None]


@pytest.mark.parametrize("currency", NAMED, ids=lambda c: str(c.code))
def test_each_example_names_its_currency_and_passes_the_prefilter(currency: Currency) -> None:
    assert currency.heading is not None
    assert currency.examples
    assert currency.counter_examples
    for example in currency.examples:
        assert currency.heading.search(example), example
        assert says(example.lower(), currency.hints), example
        assert currency.code in unit_words(example).currencies
    for example in currency.counter_examples:
        assert not currency.heading.search(example), example


@pytest.mark.parametrize("currency", NAMED, ids=lambda c: str(c.code))
def test_no_branch_of_a_pattern_is_without_an_example(currency: Currency) -> None:
    assert currency.heading is not None
    for branch in _branches(currency.heading.pattern):
        assert any(re.search(branch, e, currency.heading.flags) for e in currency.examples), branch
    used = [h for h in currency.hints if any(h in example.lower() for example in currency.examples)]
    assert used == list(currency.hints)


def test_a_currency_inside_another_word_is_none() -> None:
    assert unit_words("Net sales of Brmbatinib and RMBatide").currencies == ()
    assert unit_words("in millions of RMBm").currencies == ("CNY",)


def test_shared_signs_belong_to_several_currencies() -> None:
    assert {"$", "¥", "￥", "kr", "Ps.", "R"} == set(vocabulary.SHARED_SIGNS)
    assert all(len(codes) > 1 for codes in vocabulary.SHARED_SIGNS.values())
    assert set(vocabulary.SHARED_SIGNS["Ps."]) == {"MXN", "ARS", "CLP", "COP", "PHP"}


@pytest.mark.parametrize("sign", sorted(vocabulary.CELL_SIGNS))
def test_each_sign_of_a_cell_is_read_in_one(sign: str) -> None:
    assert token(f"{sign}1,234").currency == vocabulary.CELL_SIGNS[sign]


@pytest.mark.parametrize("word", sorted(vocabulary.AHEAD))
def test_each_sign_before_a_figure_is_read_in_a_sentence(word: str) -> None:
    text = f"Revenues were {word.upper() if word.isalpha() else word}5.2 million."
    (figure,) = find_figures(text, text.lower())
    assert (figure.unit, figure.value) == (vocabulary.AHEAD[word], 5_200_000)


@pytest.mark.parametrize("word", sorted(vocabulary.BEHIND))
def test_each_word_behind_a_figure_is_read_in_a_sentence(word: str) -> None:
    text = f"Revenues were 5.2 million {word}."
    (figure,) = find_figures(text, text.lower())
    assert figure.unit == vocabulary.BEHIND[word]


@pytest.mark.parametrize("name", sorted(vocabulary.MONTHS))
def test_each_month_is_read_over_a_column(name: str) -> None:
    assert [d.month for d in heading(f"{name.title()} 5, 2024").dates] == [vocabulary.MONTHS[name]]


def test_number_words_are_made_of_tens_and_ones() -> None:
    assert vocabulary.NUMBER_WORDS["fifty-three"] == vocabulary.NUMBER_WORDS["fifty three"] == 53
    assert "million-one" not in vocabulary.NUMBER_WORDS


def test_scales_are_powers_of_ten() -> None:
    assert (vocabulary.HEADING_SCALES["亿"], vocabulary.SENTENCE_SCALES["crore"]) == (8, 7)
    assert unit_words("Revenue ($B)").scale == 9
    assert unit_words("Class B, in $").scale is None


@pytest.mark.parametrize("shared", vocabulary.SHARED, ids=lambda s: str(s.sign))
def test_a_shared_sign_means_one_of_its_currencies(shared: vocabulary.Shared) -> None:
    for example in shared.examples:
        assert says(example.lower(), shared.hints), example
        assert unit_words(example).currencies == shared.codes
    for example in shared.counter_examples:
        assert not shared.heading.search(example), example
    for branch in _branches(shared.heading.pattern):
        assert any(re.search(branch, e, re.I) for e in shared.examples), branch


def test_a_named_currency_decides_what_a_shared_sign_means() -> None:
    assert unit_words("in millions of Argentine pesos (“Ps.”)").currencies == ("ARS",)
    assert unit_words("Thousands of Mexican pesos (Ps.)").currencies == ("MXN",)
    assert unit_words("Swedish kronor, SEK million").currencies == ("SEK",)


@pytest.mark.parametrize("text", ["We try 5 ways.", "It runs on PHP 8 and COP 27.", "A SAR 1.5 device it is"])
def test_a_code_that_is_also_a_word_needs_a_scale_or_thousands(text: str) -> None:
    assert [f for f in find_figures(text, text.lower()) if f.kind == "amount"] == []


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("Revenue was Rs.1,234 crore.", 12_340_000_000, "INR"),
        ("Revenue was INR 9,210 lakh.", 921_000_000, "INR"),
        ("Revenue was VND4,927 billion.", 4_927_000_000_000, "VND"),
        ("Revenue was TRY 1,234 million.", 1_234_000_000, "TRY"),
    ],
)
def test_amounts_glued_to_codes(text: str, value: int, unit: str) -> None:
    assert [(f.value, f.unit) for f in find_figures(text, text.lower())] == [(value, unit)]


PHRASES = [p for group in (TITLES, SCOPES, MINOR_FORMS, MINOR_NAMED) for p in group.values()]


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda p: str(p.kind))
def test_a_phrase_says_its_examples_and_not_its_counter_examples(phrase: Phrase) -> None:
    assert phrase.examples
    assert phrase.counter_examples
    for example in phrase.examples:
        assert example == example.lower()
        assert phrase.said(example), example
    for example in phrase.counter_examples:
        assert not phrase.said(example), example


@pytest.mark.parametrize("phrase", PHRASES, ids=lambda p: str(p.kind))
def test_each_branch_and_each_hint_of_a_phrase_has_an_example(phrase: Phrase) -> None:
    for branch in _branches(phrase.pattern.pattern):
        assert any(re.search(branch, example) for example in phrase.examples), branch
    used = [h for h in phrase.hints if any(h in example for example in phrase.examples)]
    assert used == list(phrase.hints)


@pytest.mark.parametrize("kind", ["balance_sheet", "income", "cash_flow"])
def test_each_title_of_a_statement_names_one(kind: str) -> None:
    assert all(map(titled_as_statement, TITLES[kind].examples))
    assert not any(map(titled_as_statement, TITLES["equity"].examples))
