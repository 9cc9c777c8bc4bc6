"""The title of a document is what a reader would call it, not the name of a file or an exhibit."""

import pytest

from kc_pipeline.extraction import extract

COVER = "<p>UNITED STATES</p><p>SECURITIES AND EXCHANGE COMMISSION</p><p>Washington, D.C. 20549</p>"
HEADLINE = "Example Corp Announces Unaudited First Quarter 2025 Financial Results"


@pytest.mark.parametrize(
    ("own", "body", "title"),
    [
        (HEADLINE, "<p>Other words about the results of the year</p>", HEADLINE),
        ("Document", f"<p>EX-99.1</p><p>Exhibit 99.1</p><p>{HEADLINE}</p>", HEADLINE),
        ("tm2516123d1_ex99-1.htm", f"<p>FOR IMMEDIATE RELEASE</p><p>{HEADLINE}</p>", HEADLINE),
        ("Exhibit&nbsp;&nbsp;EX-99.1", f"<h1>{HEADLINE}</h1>", HEADLINE),
        (
            "",
            f"{COVER}<p>FORM 6-K</p><p>Report of Foreign Private Issuer</p><p>{HEADLINE}</p>",
            f"Form 6-K: {HEADLINE}",
        ),
        ("x-20250331", f"{COVER}<p>FORM 10-Q</p><p>Consolidated Statements of Cash Flows</p>", "Form 10-Q"),
        (
            "Document",
            "<p>This release speaks of our annual report on Form 20-F at length and says more.</p>",
            "",
        ),
        ("", "<p>We reported good results for the quarter.</p>", ""),
        ("示例公司公告", "<p>text</p>", "示例公司公告"),
    ],
)
def test_the_title(own: str, body: str, title: str) -> None:
    page = f"<html><head><title>{own}</title></head><body>{body}</body></html>"
    assert extract(page.encode()).title == title
