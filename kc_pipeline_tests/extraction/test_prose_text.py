"""The running text: what is in it, where its blocks end, that it does not change the tree."""

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction.text import visible_text


def blocks(html: str) -> list[str]:
    seen = visible_text(LexborHTMLParser(html.encode()))
    return [seen.text[start:end] for start, end, _ in seen.blocks]


def test_words_split_by_inline_tags_are_whole() -> None:
    assert blocks("<p>Re<font>ven</font><b>ues</b> were&nbsp;\n <i> high</i>.</p>") == ["Revenues were high."]


def test_blocks_and_double_breaks_separate_single_breaks_do_not() -> None:
    assert blocks("<div>a<p>b</p>c</div>") == ["a", "b", "c"]
    assert blocks("<p>a<br>b<br><br>c</p>") == ["a\nb", "c"]


def test_hidden_content_and_scripts_are_dropped() -> None:
    html = '<p>a</p><div style="DISPLAY: none">secret 5%</div><p hidden>b</p><script>1</script><style>p{}</style><p>c</p>'
    assert blocks(html) == ["a", "c"]


def test_table_of_figures_is_left_out_and_a_bullet_in_a_table_is_kept() -> None:
    table = "<table><tr><td>Total revenues</td><td>1,970.0</td></tr></table>"
    bullet = "<table><tr><td>•</td><td>Total revenues were RMB1,970.0 million in the first quarter of 2025.</td></tr></table>"
    assert blocks(f"<p>a</p>{table}<p>b</p>{bullet}") == [
        "a",
        "b",
        "Total revenues were RMB1,970.0 million in the first quarter of 2025.",
    ]


def test_a_table_named_in_an_attribute_is_no_table() -> None:
    table = "<table><tr><td>Total revenues</td><td>1,970.0</td></tr></table>"
    assert blocks(f'<p title="see <table>">a</p>{table}<p>b</p>') == ["a", "b"]


def test_superscripts_are_marks() -> None:
    seen = visible_text(LexborHTMLParser(b"<p>US$245.9<sup>1</sup> million</p>"))
    assert [seen.text[start:end] for start, end in seen.marks] == ["1"]


def test_preformatted_text_keeps_its_lines() -> None:
    assert blocks("<p>a</p><pre>b  c\nd</pre>") == ["a", "b  c\nd"]


def test_tree_is_left_as_it_was() -> None:
    tree = LexborHTMLParser(b"<p>a<sup>1</sup></p><table><tr><td>5</td></tr></table>")
    before = tree.html
    visible_text(tree)
    assert tree.html == before


def test_deep_nesting_and_rubbish_end_quietly() -> None:
    assert visible_text(b"") == ""
    assert "x" in visible_text(b"<div>" * 5000 + b"x")
    assert isinstance(visible_text(b"<table><tr><td>" * 2000 + b"x"), str)
    assert isinstance(visible_text(bytes(range(256)) * 50), str)


def test_bytes_are_decoded_as_the_extraction_decodes_them() -> None:
    html = "<p>“Revenue” – 5%</p>"
    assert visible_text(html.encode("cp1252")) == visible_text(html.encode("utf-8")) == "“Revenue” – 5%\n"
