"""Score the reader on restyled real statements: `make restyle`.

    python -m tools.restyle [STYLE...] [--mixtures 40] [--whole] [--show 12] [--dump DIR]

Takes every document with ground truth under `$KC_REALDOCS` (as `make score` does), finds the tables of its primary
statements that are read exactly, and lays them out again in each style of the trade, one `<table>` for one `<table>`.
By default the rest of the document is cut down to its opening text and empty tables; `--whole` keeps all of it. Truth
stays the same. Prints per style the share read exactly, the wrong readings, the lowest document, and bad examples.
"""

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from kc_pipeline.extraction import read
from kc_pipeline.extraction.decode import decode
from kc_pipeline.extraction.grid import grids
from kc_pipeline.extraction.survey import survey
from kc_pipeline.figures import IN_LABEL
from tools.concept_report import unit_of
from tools.markup import table_spans
from tools.restyle.model import Layout, Statement, statement_of
from tools.restyle.render import html_of, text_of
from tools.restyle.styles import FAMILIES, RATE, Style, all_styles
from tools.score import digits, realdocs

_OPENING = 30_000


@dataclass
class Source:
    """One document: its html cut around the tables that are laid out again, and the truth of those tables."""

    name: str
    company: str
    opening: str
    tables: int
    pieces: list[str]
    statements: dict[int, Statement]
    truth: list[dict[str, Any]]


@dataclass
class Result:
    """What one style gave on one document."""

    truth: int = 0
    exact: int = 0
    wrong: int = 0
    warned: int = 0
    bad: list[str] = field(default_factory=list)


@lru_cache(maxsize=40)
def source_of(path: Path) -> Source:
    """Cut one document: pieces[i] stands before the i-th converted table, the last piece after all."""
    text = decode(path.read_bytes())[0]
    tree = LexborHTMLParser(text)
    html = re.sub(r"<!--.*?-->", "", tree.html or "", flags=re.S)
    tables = grids(html)
    visible = tree.body.text(separator=" ") if tree.body is not None else ""
    document = survey(visible, tables)
    out = read(path.read_bytes())
    truth = json.loads(path.with_name(f"{path.stem}.truth.json").read_text())["truth"]
    truth = [t for t in truth if not (t["kind"] == "cash_flow" and t["months"] is None)]
    have = Counter((x.table, x.value, str(x.period_end), x.months, x.unit) for x in out.lines)
    in_label = Counter(
        (x.table, x.value, str(x.period_end), x.months, x.unit)
        for x in out.lines
        if x.column_label.endswith(IN_LABEL)
    )
    kept: list[dict[str, Any]] = []
    for t in truth:
        key = (t["table"], Decimal(t["value"]), t["end"], t["months"], unit_of(t["unit"]))
        if have[key] > 0:
            have[key] -= 1
            kept.append({**t, "in_label": in_label[key] > 0})
            in_label[key] -= 1
    spans = table_spans(html)
    statements: dict[int, Statement] = {}
    pieces: list[str] = []
    at = 0
    for index in sorted({t["table"] for t in kept}):
        grid = tables[index]
        if grid.nested or grid.depth or index >= len(spans):
            continue
        statement = statement_of(grid, grid.lead, document)
        if statement is None:
            continue
        start, end = spans[index]
        statements[index] = statement
        pieces.append(without_title(html[at:start]) if statement.title else html[at:start])
        at = end
    pieces.append(html[at:])
    company = re.split(r"-\d", path.stem)[0].upper() + " CORPORATION AND SUBSIDIARIES"
    return Source(
        path.stem,
        company,
        visible[:_OPENING],
        len(tables),
        pieces,
        statements,
        [t for t in kept if t["table"] in statements],
    )


def without_title(piece: str) -> str:
    """Blank the short lines at the end of what leads up to a table: they make its title."""
    parts = re.split(r"(<[^>]*>)", piece)
    left = 420
    for n in range(len(parts) - 1, -1, -1):
        if parts[n].startswith("<"):
            if parts[n].lower().startswith("</table"):
                break
            continue
        words = parts[n].strip()
        if len(words) > 160 or len(words) > left:
            break
        left -= len(words)
        parts[n] = ""
    return "".join(parts)


def restyled(
    source: Source, style: Style, whole: bool
) -> tuple[bytes, dict[int, tuple[int, ...]], dict[int, Layout], dict[int, Statement]]:
    """Return the document in a style; which tables each statement became; its layout; the restyled statement."""
    layouts: dict[int, Layout] = {}
    statements: dict[int, Statement] = {}
    out: list[str] = []
    moved: dict[int, tuple[int, ...]] = {}
    done = more = 0
    for number, (index, statement) in enumerate(sorted(source.statements.items())):
        new, layout = style(statement, Layout())
        layouts[index], statements[index] = layout, new
        if whole:
            out.append(source.pieces[number])
        else:
            out.append("<table><tr><td>&nbsp;</td></tr></table>" * (index - done))
            done = index + 1
        laid_out = html_of(new, layout, source.company)
        moved[index] = tuple(range(index + more, index + more + laid_out.count("</table>")))
        more += len(moved[index]) - 1
        out.append(laid_out)
    if whole:
        out.append(source.pieces[-1])
        html = "".join(out)
    else:
        html = f"<html><body><p>{escape(source.opening)}</p>{''.join(out)}</body></html>"
    return html.encode(), moved, layouts, statements


def truth_of(
    source: Source, layouts: dict[int, Layout], statements: dict[int, Statement]
) -> list[dict[str, Any]]:
    """The truth under a style: in the style's currency, with the figures of convenience columns added."""
    out: list[dict[str, Any]] = []
    for t in source.truth:
        unit = unit_of(t["unit"])
        if layouts[t["table"]].unit != "USD":
            unit = unit.replace("USD", layouts[t["table"]].unit)
            for c in statements[t["table"]].columns:
                if (
                    c.currency == "US$"
                    and str(c.end) == t["end"]
                    and c.months == t["months"]
                    and unit not in ("shares", "pure")
                ):
                    printed = Decimal(digits(t["text"]) or "0")
                    if printed:
                        got = (printed / RATE).quantize(Decimal(1).scaleb(printed.as_tuple().exponent))  # type: ignore[arg-type]
                        value = Decimal(t["value"]) * got / printed
                        out.append(
                            {**t, "unit": unit.replace("CNY", "USD"), "value": value, "text": f"{got:,}"}
                        )
        out.append({**t, "unit": unit, "value": Decimal(t["value"])})
    return out


def judged(data: bytes, truth: list[dict[str, Any]], name: str, moved: dict[int, tuple[int, ...]]) -> Result:
    """Read a restyled document and hold it against its truth, as `make score` does."""
    out = read(data)
    result = Result(len(truth))
    by_key: dict[tuple[Any, ...], int] = Counter(
        (line.value, str(line.period_end), line.months, line.unit) for line in out.lines
    )
    printed: dict[tuple[int, str], list[str]] = defaultdict(list)
    for line in out.lines:
        printed[(line.table, digits(line.text))].append(
            f"{line.value:f} {line.unit} {line.period_end} {line.months}"
        )
    warned = {w.table for w in out.warnings}
    for t in truth:
        key = (t["value"], t["end"], t["months"], t["unit"])
        tables = moved[t["table"]]
        if by_key[key] > 0:
            by_key[key] -= 1
            result.exact += 1
            continue
        got = [x for table in tables for x in printed.get((table, digits(t["text"])), ())]
        if got and not warned & set(tables):
            result.wrong += 1
        result.bad.append(
            f"{name[:28]} table {(*tables, t['table'])[0]} {t['concept'][:30]}: {t['text']} = {t['value']:f} {t['unit']} {t['end']} {t['months']}; read {(got or ['nothing'])[0]}"
        )
    cells = Counter((line.table, line.row, line.col) for line in out.lines)
    result.wrong += sum(n - 1 for n in cells.values() if n > 1)
    result.warned = len(warned & {table for t in truth for table in moved[t["table"]]})
    return result


def plain_text(
    source: Source, style: Style
) -> tuple[bytes, dict[int, tuple[int, ...]], dict[int, Layout], dict[int, Statement]]:
    """The statements as a plain-text filing; and which text table each became."""
    parts = [" ".join(source.opening[:3000].replace("<", " ").split())]
    moved: dict[int, tuple[int, ...]] = {}
    layouts: dict[int, Layout] = {}
    statements: dict[int, Statement] = {}
    for number, (index, statement) in enumerate(sorted(source.statements.items())):
        new, layout = style(statement, Layout())
        layouts[index], statements[index] = layout, new
        moved[index] = (number,)
        parts.append(text_of(new, layout, source.company))
    return "\n\n<PAGE>\n\n".join(parts).encode(), moved, layouts, statements


def run(path: Path, name: str, mixtures: int, whole: bool, dump: str) -> Result:
    """One document in one style."""
    source = source_of(path)
    if not source.truth:
        return Result()
    text = name.startswith("text_")
    style = all_styles(mixtures)[name.removeprefix("text_")]
    if text:
        data, moved, layouts, statements = plain_text(source, style)
    else:
        data, moved, layouts, statements = restyled(source, style, whole)
    if dump:
        folder = Path(dump)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}-{source.name}.{'txt' if text else 'htm'}").write_bytes(data)
    truth = truth_of(source, layouts, statements)
    if text or name.startswith("mixture") or name in FAMILIES["columns"] or name == "units_in_each_head":
        # these styles would have to reword the labels that state figures of their own
        truth = [t for t in truth if not t["in_label"]]
    return judged(data, truth, source.name, moved)


TEXT = (
    "as_read",
    "duration_day_over_years",
    "month_day_over_year",
    "date_short_month",
    "older_first",
    "minus",
    "nil_0",
    "capitals",
    "weeks",
)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.restyle", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("styles", nargs="*")
    parser.add_argument("--mixtures", type=int, default=40)
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--show", type=int, default=6)
    parser.add_argument("--dump", default="")
    parser.add_argument("--documents", default="")
    options = parser.parse_args()
    root = realdocs()
    paths = [
        p
        for folder in ("10-Q", "nvidia")
        for p in sorted((root / folder).glob("*.htm*"))
        if p.with_name(f"{p.stem}.truth.json").exists() and options.documents in p.name
    ]
    if not paths:
        print(f"no real documents with truth under {root} (set KC_REALDOCS or KC_SHARED)")
        return 2
    names = [*all_styles(options.mixtures), *(f"text_{n}" for n in TEXT)]
    if options.styles:
        names = [
            n
            for n in names
            if any(n == s or (s.endswith("*") and n.startswith(s[:-1])) for s in options.styles)
        ]
    # document by document, so that each worker cuts a document once
    jobs = [(p, n, options.mixtures, options.whole, options.dump) for p in paths for n in names]
    with ProcessPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(run, *zip(*jobs, strict=True), chunksize=len(names)))
    by_style: dict[str, list[tuple[str, Result]]] = defaultdict(list)
    for (path, name, *_), result in zip(jobs, results, strict=True):
        if result.truth:
            by_style[name].append((path.stem, result))
    print(f"{'style':28} {'numbers':>8} {'exact':>8} {'wrong':>6} {'warned':>6}  lowest")
    total = Result()
    for name in names:
        every = [r for _, r in by_style[name]]
        numbers, exact = sum(r.truth for r in every), sum(r.exact for r in every)
        wrong, warned = sum(r.wrong for r in every), sum(r.warned for r in every)
        total.truth, total.exact, total.wrong = (
            total.truth + numbers,
            total.exact + exact,
            total.wrong + wrong,
        )
        worst = min(by_style[name], key=lambda x: x[1].exact / x[1].truth)
        print(
            f"{name:28} {numbers:8} {exact / numbers:8.5f} {wrong:6} {warned:6}  {worst[1].exact / worst[1].truth:.4f} {worst[0][:30]}"
        )
        shown: Counter[str] = Counter()
        left = options.show
        for stem, result in by_style[name]:
            for line in result.bad:
                if left and shown[stem] < 2:
                    shown[stem] += 1
                    left -= 1
                    print("      ", line)
    print(
        f"ALL {len(names)} styles: {total.truth} numbers, exact {total.exact / total.truth:.5f}, wrong {total.wrong / total.truth:.5f}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
