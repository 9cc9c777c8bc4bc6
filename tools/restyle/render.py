"""From a statement and its layout to cells, and from cells to HTML or plain text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from html import escape

from tools.restyle.headers import currency_row, duration_over_dates, periods_in_title, title_period
from tools.restyle.model import Figure, HeaderRow, Layout, Row, Statement

PARTS = {
    "joined": ("all",),
    "sign_left": ("sign", "figure"),
    "split": ("sign", "opened", "close"),
    "workiva": ("sign", "opened", "close"),
    "apart": ("sign", "open", "digits", "close"),
    "close_right": ("signed", "close"),
}


@dataclass(frozen=True)
class Cell:
    """One cell: grid column, span, text (HTML allowed in headings), what it is (`head`, `label`, `figure`, `symbol`)."""

    col: int
    span: int
    text: str
    kind: str
    indent: int = 0


GridRow = list[Cell]


def _starts(layout: Layout, count: int) -> list[int]:
    width = len(PARTS[layout.symbols]) + layout.spacers + (1 if layout.figure_marks else 0)
    return [layout.before + 1 + layout.spacers + n * width for n in range(count)]


def _over(layout: Layout, starts: list[int], first: int, after: int) -> tuple[int, int]:
    """The grid columns of a heading over statement columns [first, after)."""
    parts = len(PARTS[layout.symbols])
    low, high = starts[first], starts[after - 1] + parts
    if after - first > 1 and layout.over != "left":
        return low, high - low
    digits = next(
        n for n, p in enumerate(PARTS[layout.symbols]) if p in ("all", "figure", "opened", "digits", "signed")
    )
    return {
        "slot": (low, high - low),
        "left": (low, 1),
        "digits": (low + digits, 1),
        "right": (high - 1, 1),
        "wide": (low, high - low + layout.spacers),
        "wide_left": (low - layout.spacers, high - low + layout.spacers),
    }[layout.over]


def _figure_cells(figure: Figure, layout: Layout, start: int, signed: bool) -> list[Cell]:
    sign = figure.sign if signed else ""
    number = (
        layout.nil
        if figure.nil
        else layout.negative.format(figure.digits)
        if figure.negative
        else figure.digits
    )
    percent = "%" if figure.percent else ""
    out: list[Cell] = []
    parts = PARTS[layout.symbols]
    bracketed = figure.negative and not figure.nil and number.endswith(")")
    for n, part in enumerate(parts):
        text, kind, span = "", "symbol", 1
        if part == "all":
            text, kind = f"{sign}{number}{percent}", "figure"
        elif part == "sign":
            text = sign
        elif part == "figure":
            text, kind = f"{number}{percent}", "figure"
        elif part in ("opened", "signed"):
            body = number[:-1] if bracketed else number
            text, kind = (f"{sign}{body}" if part == "signed" else body), "figure"
        elif part == "open":
            text = "(" if bracketed else ""
        elif part == "digits":
            text, kind = (figure.digits if bracketed else number), "figure"
        elif part == "close":
            text = (")" if bracketed else "") + percent
        if layout.symbols == "workiva" and part == "sign" and not sign:
            continue
        col = start + n
        if layout.symbols == "workiva" and part == "opened" and not sign:
            col, span = start, 2
        if text:
            out.append(Cell(col, span, text, kind))
    if layout.figure_marks and not figure.nil and out:
        out.append(Cell(start + len(parts), 1, layout.figure_marks, "mark"))
    return out


def grid_of(statement: Statement, layout: Layout) -> list[GridRow]:
    """Return the rows of cells of a statement."""
    starts = _starts(layout, len(statement.columns))
    width = starts[-1] + len(PARTS[layout.symbols])
    rows: list[GridRow] = []

    def across(text: str) -> None:
        rows.append([Cell(0, width, text, "title")])

    if layout.title_at == "rows" and statement.title:
        across(statement.title)
        period = title_period(statement, layout)
        if layout.header is periods_in_title and period:
            across(period)
    if layout.units_at == "rows" and statement.units:
        across(f"({statement.units})")
    heads = _heads(statement, layout)
    for label, spans in heads:
        rows.append(_head_row(label, spans, layout, starts))
    body: list[GridRow] = []
    for row in statement.rows:
        body.append(_body_row(row, layout, starts, len(body)))
        if layout.rules and row.figures and row.label.lower().startswith(("total", "net")):
            body.append([Cell(s + len(PARTS[layout.symbols]) - 1, 1, layout.rules, "rule") for s in starts])
    if layout.repeat_header and len(body) > 10:
        middle = len(body) // 2
        body[middle:middle] = [_head_row(label, spans, layout, starts) for label, spans in heads]
    return rows + body


def _heads(statement: Statement, layout: Layout) -> list[HeaderRow]:
    heads = (layout.header or duration_over_dates)(statement, layout) + currency_row(statement)
    if layout.units_at == "label" and statement.units and heads:
        heads[-1] = (f"({statement.units})" if not heads[-1][0] else heads[-1][0], heads[-1][1])
    if layout.units_at == "over" and statement.units:
        heads.append(("", [(f"({statement.units})", 0, len(statement.columns))]))
    if layout.units_at == "each" and statement.units:
        heads.append(
            ("", [(_short_unit(statement, layout), n, n + 1) for n in range(len(statement.columns))])
        )
    if layout.audit_at == "row":
        heads.append(("", [("(Unaudited)", 0, len(statement.columns))]))
    if layout.audit_at == "each":
        last = "(Audited)" if statement.kind == "balance_sheet" else "(Unaudited)"
        marks = ["(Unaudited)"] * (len(statement.columns) - 1) + [last]
        heads.append(("", [(m, n, n + 1) for n, m in enumerate(marks)]))
    return heads


def _short_unit(statement: Statement, layout: Layout) -> str:
    lowered = statement.units.lower()
    scale = "million" if "million" in lowered else "thousand" if "thousand" in lowered else "billion"
    if layout.unit == "CNY":
        return {"million": "RMB million", "thousand": "RMB’000", "billion": "RMB billion"}[scale]
    return {"million": "$m", "thousand": "US$’000", "billion": "$bn"}[scale]


def _head_row(label: str, spans: list[tuple[str, int, int]], layout: Layout, starts: list[int]) -> GridRow:
    cells = [Cell(layout.before, 1, label, "head")] if label else []
    for text, first, after in spans:
        col, span = _over(layout, starts, first, after)
        cells.append(Cell(col, span, text, "head"))
    return cells


def _body_row(row: Row, layout: Layout, starts: list[int], number: int) -> GridRow:
    label = row.label
    if layout.label_marks and row.figures and number % 4 == 1:
        label += layout.label_marks
    cells = [Cell(layout.before, 1, label, "label", row.indent)]
    for start, figure in zip(starts, row.figures, strict=False):
        if figure is not None:
            signed = layout.signs == "all" or (layout.signs == "first" and bool(figure.sign))
            cells += _figure_cells(figure, layout, start, signed)
    return cells


def _text(text: str) -> str:
    return (
        escape(text, quote=False)
        .replace("&lt;br&gt;", "<br>")
        .replace("&lt;sup&gt;", "<sup>")
        .replace("&lt;/sup&gt;", "</sup>")
    )


def _label(cell: Cell, layout: Layout) -> tuple[str, str]:
    """Attributes and inner HTML of a label cell."""
    text = _text(cell.text)
    if not cell.indent or layout.indent == "none":
        return "", text
    if layout.indent == "nbsp":
        return "", "&nbsp;" * (3 * cell.indent) + text
    if layout.indent == "em":
        return f' style="padding-left:{cell.indent}em"', text
    if layout.indent == "margin":
        return "", f'<p style="margin-left:{10 * cell.indent}pt;text-indent:-10pt;">{text}</p>'
    return f' style="padding:2px 1pt 2px {9 * cell.indent}pt"', text


Markup = Callable[[list[GridRow], Layout], str]


def plain(rows: list[GridRow], layout: Layout, tag: str = "td") -> str:
    """One cell after the other; gaps filled with empty cells."""
    out = ["<table>"]
    for row in rows:
        out.append("<tr>")
        at = 0
        for cell in row:
            out.extend(f"<td>{layout.blank}</td>" for _ in range(at, cell.col))
            attributes, inner = _label(cell, layout) if cell.kind == "label" else ("", _text(cell.text))
            span = f' colspan="{cell.span}"' if cell.span > 1 else ""
            name = tag if cell.kind == "head" else "td"
            out.append(f"<{name}{span}{attributes}>{inner}</{name}>")
            at = cell.col + cell.span
        out.append("</tr>")
    out.append("</table>")
    return "".join(out)


def heads_as_th(rows: list[GridRow], layout: Layout) -> str:
    """Headings as `<th>` in a `<thead>`."""
    return (
        plain(rows, layout, "th")
        .replace("<table><tr>", "<table><tbody><tr>")
        .replace("</table>", "</tbody></table>")
    )


def unclosed_capitals(rows: list[GridRow], layout: Layout) -> str:
    """Tags in capitals, cells and rows never closed, fonts around everything."""
    html = (
        plain(rows, layout)
        .replace("</td>", "</FONT>")
        .replace("</tr>", "\n")
        .replace("<tr>", "<TR VALIGN=BOTTOM>")
    )
    html = re.sub(r"<td([^>]*)>", r"<TD\1 NOWRAP ALIGN=RIGHT><FONT SIZE=2>", html)
    return html.replace("<table>", "<TABLE WIDTH=100% BORDER=0>").replace("</table>", "</TABLE>")


def font_soup(rows: list[GridRow], layout: Layout) -> str:
    """Every cell in paragraphs, fonts and bold, with white space around."""
    html = plain(rows, layout)
    html = re.sub(
        r"<td([^>]*)>",
        r'<td\1 valign="bottom">\n  <p style="margin:0"><font style="font-family:Times New Roman" size="2"><b>\n',
        html,
    )
    return html.replace("</td>", "\n</b></font></p>&nbsp;</td>\n")


def inner_spans(rows: list[GridRow], layout: Layout) -> str:
    """Figures split over wrapper spans, as removed inline tags leave them."""

    def split(text: str) -> str:
        if len(text) < 3:
            return f"<span>{text}</span>"
        middle = len(text) // 2
        return f'<span style="color:#000">{text[:middle]}</span><span>{text[middle:]}</span>'

    marked = [
        [replace(c, text=f"\x01{c.text}\x02") if c.kind == "figure" else c for c in row] for row in rows
    ]
    return re.sub("\x01(.*?)\x02", lambda m: split(m[1]), plain(marked, layout))


def inline_styles(rows: list[GridRow], layout: Layout) -> str:
    """Cells and spans heavy with styles, as a word processor writes them."""
    style = 'style="background-color:#cceeff;border-bottom:1pt solid #000;padding:0 1pt;vertical-align:bottom;text-align:right"'
    html = plain(rows, layout)
    html = re.sub(
        r"<td(?![^>]*style)([^>]*)>",
        rf"<td\1 {style}><div><span style='font-size:9pt;line-height:120%'>",
        html,
    )
    html = re.sub(r"(<td[^>]*padding:2px[^>]*>)", r"\1<div><span>", html)
    return html.replace("</td>", "</span></div></td>")


def rowspan_label(rows: list[GridRow], layout: Layout) -> str:
    """The empty corner above the labels as one cell over all heading rows."""
    heads = 0
    while heads < len(rows) and all(c.kind == "head" and c.col > layout.before for c in rows[heads]):
        heads += 1
    if heads < 2:
        return plain(rows, layout)
    first = layout.before + 1
    out = (
        plain(rows[:1], layout)
        .removesuffix("</table>")
        .replace("<tr><td></td>", f'<tr><td rowspan="{heads}"></td>', 1)
    )
    moved = [[replace(c, col=c.col - first) for c in row] for row in rows[1:heads]]
    out += plain(moved, replace(layout, before=0)).removeprefix("<table>").removesuffix("</table>")
    return out + plain(rows[heads:], layout).removeprefix("<table>")


MARKUPS: dict[str, Markup] = {
    "plain": plain,
    "th": heads_as_th,
    "unclosed": unclosed_capitals,
    "fonts": font_soup,
    "inner_spans": inner_spans,
    "inline_styles": inline_styles,
    "rowspan": rowspan_label,
}


def lead_of(statement: Statement, layout: Layout, company: str) -> str:
    """Return what stands above the table: company, title, units, audit mark as the layout says."""
    title, units = escape(statement.title), escape(statement.units)
    if statement.lead:
        said = any(statement.units in line for line in statement.lead) or layout.units_at in (
            "rows",
            "label",
            "over",
            "each",
        )
        shown = [*statement.lead, *([f"({statement.units})"] if units and not said else [])]
        return "".join(f"<p>{escape(line)}</p>" for line in shown)
    parts: list[str] = [f"<p>{escape(company)}</p>"] if company else []
    if layout.title_at in ("paragraph", "far") and title:
        parts.append(f"<p><b>{title}</b></p>")
        period = title_period(statement, layout)
        if layout.header is periods_in_title and period:
            parts.append(f"<p>{period}</p>")
    if layout.units_at == "paragraph" and units:
        parts.append(f"<p>({units})</p>")
    if layout.title_at == "far":
        parts.append("<p>&nbsp;</p><div><br></div><p>4</p><hr><p>Table of Contents</p><p>&nbsp;</p>")
    return "".join(parts) + layout.between


def html_of(statement: Statement, layout: Layout, company: str) -> str:
    """Return lead and table."""
    if layout.units_at == "each" and "thousands" in statement.units[15:]:
        layout = replace(layout, units_at="paragraph")  # says more than one unit: no heading cell could
    if layout.page_break and len(statement.rows) > 12:
        return "".join(_two_pages(statement, layout, company))
    html = MARKUPS[layout.markup](grid_of(statement, layout), layout)
    if layout.title_at == "caption" and statement.title:
        units = f"<br>({escape(statement.units)})" if layout.units_at == "caption" and statement.units else ""
        html = html.replace(">", f"><caption>{escape(statement.title)}{units}</caption>", 1)
    return lead_of(statement, layout, company) + html


def _two_pages(statement: Statement, layout: Layout, company: str) -> Iterator[str]:
    """Two tables with a page's end between them, the headings on both pages or on the first alone."""
    middle = len(statement.rows) // 2
    whole = replace(layout, page_break="")
    yield html_of(replace(statement, rows=statement.rows[:middle]), whole, company)
    yield "<p>6</p><hr><p>Table of Contents</p>"
    rest = replace(statement, rows=statement.rows[middle:])
    if layout.page_break == "repeated":
        continued = replace(statement, title=f"{statement.title} (Continued)" if statement.title else "")
        yield html_of(replace(continued, rows=rest.rows), whole, company)
    else:
        heads = len(grid_of(replace(rest, rows=()), whole))
        yield MARKUPS[layout.markup](grid_of(rest, whole)[heads:], whole)


def text_of(statement: Statement, layout: Layout, company: str) -> str:
    """Return the statement as plain text with columns set by blanks."""
    heads = (layout.header or duration_over_dates)(statement, layout)
    single = [len(words) for _, spans in heads for words, first, after in spans if after == first + 1]
    wide = max(14, *(n + 3 for n in single))
    label = 48
    lines = [
        company.center(100).rstrip(),
        statement.title.center(100).rstrip(),
        f"({statement.units})".center(100).rstrip(),
        "",
    ]
    for text, spans in heads:
        line = text.ljust(label)
        rule = " " * label
        for words, first, after in spans:
            width = wide * (after - first) - 2
            at = label + wide * first + 2
            line = line.ljust(at) + words.replace("<br>", " ").center(width)
            rule = rule.ljust(at) + "-" * width
        lines += [line.rstrip(), rule.rstrip()]
    for row in statement.rows:
        name = "  " * row.indent + row.label
        while len(name) > label - 2:
            cut = name.rfind(" ", 0, label - 2)
            cut = cut if cut > 2 * row.indent else label - 2
            lines.append(name[:cut])
            name = "  " * row.indent + "  " + name[cut:].strip()
        line = name
        for n, figure in enumerate(row.figures):
            if figure is None:
                continue
            body = (
                layout.nil
                if figure.nil
                else layout.negative.format(figure.digits)
                if figure.negative
                else figure.digits
            )
            text = f"{figure.sign}{body}{'%' if figure.percent else ''}"
            right = label + wide * (n + 1) - (0 if text.endswith(")") else 1)
            line = line.ljust(right - len(text)) + text
        lines.append(line)
    return "\n".join(lines) + "\n"
