"""Text of documents shows in Markdown and does nothing there."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from kc_pipeline.escape import html, json_text, markdown, visible

# pieces that mean something to Markdown, in any order
PIECES = st.lists(
    st.sampled_from(
        [
            "![",
            "](",
            ")",
            "[",
            "]",
            "<",
            ">",
            "`",
            "```",
            "~~~",
            "*",
            "**",
            "_",
            "~",
            "|",
            "\\",
            "#",
            "##",
            "-",
            "+",
            "=",
            "---",
            "===",
            ":",
            "&",
            "&lt;",
            "&#60;",
            ";",
            "1.",
            "2)",
            "1",
            "a",
            "word",
            "http://e/a.png",
            "https://e",
            "www.e.com",
            "a@b.de",
            "javascript:alert(1)",
            "<img",
            "src=x>",
            "<script>",
            "</b>",
            "<http://e>",
            "[1]",
            "[2]:",
            "/e",
            '"',
            "'",
            "\n",
            "\n\n",
            "\t",
            "",
            "",
            "",
            "!",
        ]
    )
    | st.text(max_size=5)
).map("".join)
SHOWN = {"text", "code_inline", "softbreak"}
FRAMES = {
    "list": "- {}",
    "numbered": "1. {}",
    "cell": "| a | b |\n| --- | --- |\n| {} | z |",
    "sentence": "Words before {} and after",
}


def inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield from token.children or ()


@given(PIECES)
@example("![x](http://e/a.png)")
@example("[1]: http://e/a.png")
@example("![1](/a.png)")
@example("[1](/a.png)")
@example("`https://e`")
@example("http://e/`![a](b)")
@example("| --- | --- |")
@example("a | b")
@example("[x]: <javascript:alert(1)>")
@example("\\![a](b)")
@example("<a@b.de>")
def test_foreign_text_shows_as_itself_and_nothing_else(text: str) -> None:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    blocks = {name: [t.type for t in reader.parse(frame.format("x"))] for name, frame in FRAMES.items()}
    wanted = " ".join(visible(text).split())
    for name, frame in FRAMES.items():
        tokens = reader.parse(frame.format(markdown(text)))
        if wanted:
            assert [t.type for t in tokens] == blocks[name], name
        assert {t.type for t in inline(tokens)} <= SHOWN, name
    shown = (
        next(t for t in reader.parse(FRAMES["list"].format(markdown(text))) if t.type == "inline")
        if wanted
        else None
    )
    if shown is not None:
        assert "".join(t.content for t in shown.children or ()) == wanted


@given(st.text())
@example("https://e/a.png, www.e.com and a.b+c@d.de")
@example("see:http://e")
@example("\x1f@0")
def test_no_address_is_left_that_a_reader_would_turn_into_a_link(text: str) -> None:
    # an escaped mark opens no code
    outside_code = re.sub(r"(?<!\\)((?:\\\\)*)`[^`]*`", r"\1", markdown(text))
    assert not re.search(r"https?://|www\.|[-.\w+]+@[-\w]+", outside_code, re.IGNORECASE)


@given(st.text())
def test_html_and_json_mean_the_text(text: str) -> None:
    import json

    assert unescape(html(text)) == visible(text).replace("\r", "\n") or "\r" in text
    assert not set(html(text)) & set("<>\"'")
    written = json.dumps(text, ensure_ascii=False)
    assert json.loads(json_text(written)) == text
    assert visible(json_text(written)) == json_text(written)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\rb\x9b", "a\\x0db\\x9b"),
        ("\u202egnp", "\\u202egnp"),
        ("\U000e0041", "\\U000e0041"),
        ("营业收入\tRMB’000\n– naïve", "营业收入\tRMB’000\n– naïve"),
    ],
)
def test_what_is_not_seen_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["CNY 1,970.0 million [1][2]", "-9.9 points", "R&D / revenue", "gross_margin", "10.5 %"]
)
def test_ordinary_words_stay_readable(text: str) -> None:
    assert markdown(text) == text
