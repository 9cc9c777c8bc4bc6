"""Documents made to hurt: bounded processor time and memory, a clear warning, no exception."""

import multiprocessing
import random
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kc_pipeline.extraction import read
from kc_pipeline_tests.extraction.pages import codes

HEAD = b"<html><body><p>Balance sheets (RMB in thousands)</p>"
DATES = b"<tr><td></td><td>December 31, 2023</td><td>December 31, 2022</td></tr>"
ROW = b"<tr><td>Revenue</td><td>1,234</td><td>2,345</td></tr>"


def _distinct_rows(count: int) -> bytes:
    return b"".join(
        b"<tr><td>Item %d</td><td>%d,%03d</td><td>(%d)</td></tr>" % (i, i, i % 1000, i) for i in range(count)
    )


DOCUMENTS: dict[str, tuple[Callable[[], bytes], str]] = {
    "random bytes": (lambda: random.Random(1).randbytes(5_000_000), "not_html"),
    "a colspan of 1,000,000": (
        lambda: (
            HEAD
            + b"<table>"
            + DATES
            + b'<tr><td colspan="1000000">Rev</td><td colspan=1000000>1</td></tr>' * 200
            + b"</table></html>"
        ),
        "no_statement",
    ),
    "a rowspan of 1,000,000": (
        lambda: (
            HEAD
            + b"<table>"
            + b"<tr><td rowspan=1000000 colspan=1000>Rev</td><td>1,234</td></tr>" * 2000
            + b"</table></html>"
        ),
        "no_statement",
    ),
    "a table nested 2,000 deep": (
        lambda: HEAD + b"<table><tr><td>x 1,234 " * 2000 + b"</td></tr></table>" * 2000 + b"</html>",
        "no_statement",
    ),
    "100,000 elements never closed": (lambda: HEAD + b"<div>" * 100_000 + b"x", "too_deep"),
    "9,000 elements one in the other": (
        lambda: HEAD + b"<div>" * 9_000 + b"x" + b"</div>" * 9_000 + b"</html>",
        "no_statement",
    ),
    "scripts and comments never closed": (
        lambda: HEAD + b'<p title="<script <style <!--">x</p>' * 60_000 + b"<script>" * 20_000,
        "truncated",
    ),
    "three encodings and NUL bytes": (
        lambda: (
            HEAD
            + "<p>第一季度</p>".encode("gb18030") * 20_000
            + "<p>première – “x”</p>".encode() * 20_000
            + b"<p>\x93quoted\x94\x00\x00</p>" * 20_000
            + b"</html>"
        ),
        "nul_bytes",
    ),
    "a table of 200,000 rows": (
        lambda: HEAD + b"<table>" + DATES + _distinct_rows(200_000) + b"</table></html>",
        "table_too_large",
    ),
    "20,000 tables": (
        lambda: HEAD + (b"<table>" + DATES + ROW + b"</table>") * 20_000 + b"</html>",
        "too_many_tables",
    ),
    "three million entities": (
        lambda: (
            HEAD
            + b"<table>"
            + DATES
            + b"<tr><td>Revenue"
            + b"&amp;" * 3_000_000
            + b"</td><td>1</td></tr></table>"
        ),
        "truncated",
    ),
    "entities that expand": (
        lambda: (
            b'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><html><p>'
            + b"&b;" * 500_000
        ),
        "truncated",
    ),
    "nothing but brackets": (lambda: b"<" * 3_000_000, "plain_text"),
    "a cell of 3 MB": (
        lambda: (
            HEAD
            + b"<table>"
            + DATES
            + b"<tr><td>"
            + b"a " * 1_500_000
            + b"</td><td>"
            + b"1," * 500_000
            + b"</td></tr>"
        ),
        "truncated",
    ),
    "200,000 lines of plain text": (
        lambda: b"\n".join(b"Revenue   %d,%03d   %d" % (i, i % 1000, i) for i in range(200_000)),
        "plain_text",
    ),
}


def _run(name: str, queue: "multiprocessing.Queue[tuple[float, float, list[str]]]") -> None:
    data = DOCUMENTS[name][0]()
    read(HEAD)
    start = time.process_time()
    out = read(data)
    seconds = time.process_time() - start
    queue.put((seconds, _peak(), sorted(codes(out))))


def _peak() -> float:
    """Peak memory of this process in MB; `ru_maxrss` alone would count what its parent held when it was forked."""
    status = Path("/proc/self/status")
    if status.exists():
        return (
            next(int(x.split()[1]) for x in status.read_text().splitlines() if x.startswith("VmHWM")) / 1024
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("name", DOCUMENTS)
def test_hostile_document_is_bounded_and_warned(name: str) -> None:
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_run, args=(name, queue))
    process.start()
    seconds, megabytes, warned = queue.get(timeout=600)  # a guard against a hang, not a measure
    process.join()
    assert (
        seconds < 12
    )  # processor time of its process, under 2 on an idle machine; what is not bounded takes minutes
    assert megabytes < 500
    assert DOCUMENTS[name][1] in warned
    assert "unreadable" not in warned


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n\t ", "empty"),
        (HEAD + b"<p>hello", "truncated"),
        (b"hello, this is a letter", "plain_text"),
        (b"<html><body><p>hello</p></body></html>", "no_statement"),
        (HEAD.replace(b"RMB", b"R\x00MB") + b"</html>", "nul_bytes"),
        (b"<html><p>\x93quoted\x94</p></html>", "encoding"),
        (b"x" * 50_000_001, "too_large"),
    ],
)
def test_what_is_wrong_with_a_document_is_said(data: bytes, code: str) -> None:
    assert code in codes(read(data))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030", "cp1252"])
def test_encodings_give_the_same_lines(encoding: str) -> None:
    label = "Total assets – net" if encoding == "cp1252" else "总资产"
    page = (
        f'<html><head><meta charset="{encoding}"></head><body><p>Balance Sheets (RMB in thousands)</p><table><tr><td></td><td>2023-12-31</td></tr>'
        f"<tr><td>{label}</td><td>1,234</td></tr><tr><td>{label} 2</td><td>5</td></tr></table></body></html>"
    )
    found = read(page.encode(encoding)).lines
    assert [(x.label, f"{x.value:f}", str(x.period_end)) for x in found] == [
        (label, "1234000", "2023-12-31"),
        (f"{label} 2", "5000", "2023-12-31"),
    ]


def test_markup_inside_an_attribute_is_not_a_cell() -> None:
    page = (
        HEAD
        + b'<table><tr><td></td><td>December 31, 2023</td></tr><tr><td title="<td>9,999</td>">Total assets</td><td>1,234</td></tr>'
    )
    page += b"<tr><td>Total liabilities</td><td>5</td></tr></table></html>"
    assert [x.text for x in read(page).lines] == ["1,234", "5"]


def test_unclosed_cells_and_rows_are_read_as_browsers_read_them() -> None:
    page = (
        HEAD
        + b"<table><tr><td><td>December 31, 2023<tr><td>Cash<td>1,234<tr><td>Total assets<td>2,345</table></html>"
    )
    assert [(x.label, x.text) for x in read(page).lines] == [("Cash", "1,234"), ("Total assets", "2,345")]
