"""How a document defines its own measures: "Adjusted EBITDA is defined as ...", "which we define as ...".

A definition is read where a measure of the lexicon stands directly beside the words that define it. It is taken
apart into the figure that it starts from, what it leaves out and what it adds, in the issuer's words; `sense` is
the same in a plain form, so that two wordings of one definition ("net loss before ...", "net (loss) profit
excluding ...") are one. Figures that US GAAP defines are left alone.

Does not belong here: from when to when a definition holds, and whether a series breaks (warehouse).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kc_pipeline.concepts import catalogue, metric_row
from kc_pipeline.extraction.hints import says
from kc_pipeline.extraction.model import Definition
from kc_pipeline.extraction.prose.lexicon import Label, Lexicon, lexicon
from kc_pipeline.extraction.prose.paragraphs import sentences
from kc_pipeline.extraction.prose.reading_copy import ReadingCopy
from kc_pipeline.extraction.text import VisibleText, word_set

MOST_DEFINITIONS = 500
_LONGEST = 3_000

# What defines the measure before it. The forms of `says` are loose and need a body that does arithmetic.
_CUE = re.compile(
    r"""
    (?P<defined>(?:\b(?:is|are|was|were)\s+(?:also\s+)?|,?\s*\bwhich\s+(?:is|are)\s+|,\s*|\()
       (?:an?\s+(?:non-?gaap|supplemental)[\w\s-]{0,40}?(?:measure|indicator)s?\s+(?:that\s+is\s+|which\s+is\s+)?)?
       (?:defined|calculated|computed)\s+(?:by\s+(?:us|management|the\s+company)\s+)?(?:as|by)\b)
    | (?P<we>\bwhich\s+(?:we|the\s+company|management)\s+(?:\w+\s+)?(?:defines?|calculates?|computes?)\s+(?:as|by)\b)
    | (?P<refers>\b(?:refers?\s+to|means?)\b)
    | (?P<says>\b(?:represents?|consists?\s+of|comprises?|equals?)\b)
    | (?P<leaves>\b(?:(?:that|which)\s+)?excludes?\b)
    """,
    re.X,
)
# A part of each of the words above and below: a sentence with none of them defines nothing.
_CUE_PARTS = (
    "defin",
    "exclude",
    "calculate",
    "compute",
    "represent",
    "refer",
    "mean",
    "equal",
    "consist",
    "compris",
)
# The words themselves, whatever stands around them.
_DONE = r"(?:d\s+(?:by|as)\b|s?\s)"
_CUE_WORDS = re.compile(
    rf"define{_DONE}|calculate{_DONE}|compute{_DONE}|refers?\s+to\b|means?\b|represents?\b|consists?\s+of\b|comprises?\b|"
    r"equals?\b|excludes?\b"
)
# What defines the measure behind it: "we define adjusted EBITDA as".
_WE_DEFINE = re.compile(
    r"\b(?:we|management|(?:the\s+)?(?:company|group|[a-z][\w.&-]*))\s+(?:\w+ly\s+)?(?:defines?|calculates?|computes?)\s+"
    r"(?P<term>[^.;:]{3,160}?)\s+(?:as|by)\s"
)
_OUT = (
    r"excluding|exclusive\s+of|(?:(?:that|which)\s+)?excludes?|to\s+(?:also\s+)?(?:exclude|eliminate|remove)|before|less|minus|"
    r"net\s+of|without|other\s+than|deducting|subtracting|adjusted\s+for|adjusting\s+for"
)
_IN = r"plus|including|to\s+(?:add(?:\s+back)?|include)|adding(?:\s+back)?|increased\s+by|(?:that|which)\s+includes?"
_STEP = re.compile(
    rf"[\s,(]*\b(?:adjusted\s+(?=to\b|by\b)|further\s+|and\s+|by\s+)*(?:(?P<out>{_OUT})|(?P<plus>{_IN}))\b[\s:]*"
)
_STOP = re.compile(
    r",\s+(?:was|were|is|are|reached|totall?ed)\b|\s*[;:]\s*(?:and\s+)?(?:we|the\s+company|management)\b|,?\s+(?:because|since|in\s+order\s+to|as\s+we\b|which\s+we\s+believe|"
    r"where\s|(?:and\s+)?(?=[^,;]{3,80}?,?\s+(?:(?:is|are)\s+)?(?:defined|calculated)\s+(?:as|by)\s)|as\s+(?:further\s+)?(?:set\s+forth|described|shown|discussed)|for\s+the\s+(?:period|quarter|year)s?\b|(?:if|where|as)\s+"
    r"(?:any|applicable)|in\s+each\s+case|respectively)\b"
)
_OPENS = re.compile(r"[\s\d\"'(\[\])*.]*(?:the\s+)?[\s\"']*")
_POINTS = re.compile(r"\b(?:tables?|section|notes?|below|above|following|pages?|herein)\b")
_ENUMERATOR = re.compile(r"\(?\b(?:[ivx]{1,4}|[a-h]|\d{1,2})\)\s*")
_FIGURE = re.compile(r"\d[\d,.]*\s*(?:%|percent|million|billion|thousand)|(?:rmb|us\$|\$|€|£)\s*\d", re.I)
_BRACKETS = re.compile(r"\([^()]*\)")
_NAME_BRACKET = re.compile(r"\((?:loss(?:es)?|profit|income|benefit|gain|non-?gaap[\w\s]*)\)")
_AND = re.compile(r"\s*,?\s+(?:and|or)\s+|\s*[,;]\s*(?:(?:and|or)\s+)?|\s*&\s*")
# "and" inside one thing.
_PAIRS = re.compile(
    r"\b(property(?:,\s*plant)?|selling|general|sales|research|mergers?|right|gains?|profits?|goods|restructuring|both|"
    r"purchases?|acquisitions?|software|prepaid|marketing|interest)(,?\s+and\s+|,\s+|\s*&\s*)"
    r"(plant|equipment|marketing|administrative|development|acquisitions?|loss(?:es)?|services|intangible\s+assets|dispos\w+|"
    r"similar|other)\b|,\s+net\b"
)
_SMALL = word_set(
    "the a an any all certain such impact impacts effect effects of on from for related relating to our its in with by that is are "
    "expense expenses cost costs charge charges loss losses gain gains benefit benefits provision item items net non-cash "
    "amount amounts resulting arising associated attributable and or if our company's total both these those us-gaap gaap "
    "us consolidated reported allocated profit profits positive negative changes change value this each both"
)
_SAME = {
    "stock": "share",
    "equity-based": "share-based",
    "stock-based": "share-based",
    "forex": "foreign exchange",
}


@dataclass(slots=True)
class _Body:
    """A definition's body taken apart, in plain words with the positions of the text."""

    base: str
    out: list[str]
    plus: list[str]
    steps: int


def read_definitions(visible: VisibleText, copy: ReadingCopy) -> list[Definition]:
    """Return the definitions of measures that a document's running text states, in order.

    Of several wordings for one measure in one document the one that says most stands; the others are dropped.
    """
    found: list[Definition] = []
    for start, end in copy.paragraphs:
        if len(found) >= MOST_DEFINITIONS:
            break
        if not says(copy.lower[start:end], _CUE_PARTS):
            continue
        for first, last in sentences(copy.text, start, end):
            if last - first <= _LONGEST:
                lower = copy.lower[first:last]
                if says(lower, _CUE_PARTS):
                    found += _sentence(visible, copy.text, lower, first, last)
    best: dict[tuple[str, str | None], Definition] = {}
    for item in found:
        key = (item.metric, item.segment)
        held = best.get(key)
        if held is None or _says(item) > _says(held):
            best[key] = item
    return sorted(best.values(), key=lambda d: d.span)


def _says(item: Definition) -> tuple[int, int]:
    return len(item.exclusions) + len(item.inclusions), 1 if item.base else 0


def _sentence(visible: VisibleText, text: str, lower: str, first: int, last: int) -> Iterator[Definition]:
    sentence = text[first:last]
    lower = _blanked(lower)
    if _CUE_WORDS.search(lower) is None:
        return
    lex = lexicon()
    found: list[tuple[int, int, list[Label], bool]] = []
    for match in _CUE.finditer(lower):
        labels = _before(lex, lower, match.start())
        if labels:
            kind = match.lastgroup
            opens = _OPENS.fullmatch(lower[: labels[0].start]) is not None
            strict = kind in ("says", "leaves") or (kind == "refers" and not opens)
            # what is left out is a step of the body itself
            found.append(
                (labels[0].start, match.start() if kind == "leaves" else match.end(), labels, strict)
            )
    for match in _WE_DEFINE.finditer(lower):
        labels = _whole(lex, lower, *match.span("term"))
        if labels:
            found.append((match.start(), match.end(), labels, False))
    found.sort(key=lambda x: x[1])
    for number, (_, begin, labels, strict) in enumerate(found):
        end = min([x[0] for x in found[number + 1 :] if x[0] > begin], default=len(sentence))
        for metric, segment in _defined(labels):
            item = _definition(visible, sentence, (first, last), (begin, end), metric, segment, strict)
            if item is not None:
                yield item


def _definition(
    visible: VisibleText,
    sentence: str,
    place: tuple[int, int],
    body: tuple[int, int],
    metric: str,
    segment: str | None,
    strict: bool,
) -> Definition | None:
    text = sentence[slice(*body)]
    stop = _STOP.search(text.lower())
    text = _trim(text[: stop.start()] if stop else text)
    if len(text) < 8 or _FIGURE.search(text):
        return None
    parts = _taken_apart(text)
    if not parts.steps and _POINTS.search(text.lower()):
        return None
    if strict and not parts.out and not parts.plus:
        return None
    begin = body[0] + sentence[body[0] :].find(text)
    first = place[0]
    return Definition(
        metric=metric,
        segment=segment,
        wording=visible.text[first + begin : first + begin + len(text)],
        base=parts.base or None,
        exclusions=tuple(parts.out),
        inclusions=tuple(parts.plus),
        sense=_sense(parts, text),
        span=place,
        sentence=visible.text[slice(*place)],
        evidence=visible.evidence_at(first + begin),
    )


def _blanked(lower: str) -> str:
    """Return the sentence with brackets inside names blanked out: "operating profit (loss)"; same length."""
    return _NAME_BRACKET.sub(lambda m: " " * len(m[0]), lower) if "(" in lower else lower


def _before(lex: Lexicon, lower: str, cue: int) -> list[Label]:
    """Return the measures that end directly before a cue: one, or several joined by commas and "and"."""
    labels = lex.find(lower, max(0, cue - 300), cue)
    out: list[Label] = []
    edge = cue
    for label in reversed(labels):
        gap = lower[label.end : edge]
        if not re.fullmatch(r"[\s\"')(\]\d,*]*" if edge == cue else r"[\s,\"'/&]*(?:and|or)?[\s\"']*", gap):
            break
        out.insert(0, label)
        edge = label.start
    return out


def _whole(lex: Lexicon, lower: str, start: int, end: int) -> list[Label]:
    """Return the measures of which a term consists, if it consists of nothing else."""
    labels = lex.find(lower, start, end)
    rest, position = "", start
    for label in labels:
        rest += lower[position : label.start]
        position = label.end
    rest += lower[position:end]
    plain = re.fullmatch(
        r"(?:[\s\"'(),/&]|\band\b|\bor\b|\bour\b|\bthe\b|\ba\b|\bnon-?gaap measures?\b)*", rest
    )
    return labels if plain else []


def _defined(labels: Iterable[Label]) -> Iterator[tuple[str, str | None]]:
    """Yield the measures that an issuer has to define itself: non-GAAP and operating ones."""
    for label in labels:
        metric = label.measure.metric
        if metric is None:
            continue
        known = catalogue().get(metric)
        if (known.basis if known else metric_row(metric)["basis"]) != "gaap":
            yield metric, label.measure.segment


def _trim(text: str) -> str:
    text = re.sub(r"[\s,;]+(?:and|or)\s*$", "", text.strip(" ,;:\"'.\u00a0")).strip(" ,;:\"'")
    return text[:-1].rstrip() if text.endswith(")") and text.count(")") > text.count("(") else text


def _taken_apart(text: str) -> _Body:
    lower = text.lower()
    steps = [
        m
        for m in _STEP.finditer(lower)
        if not _in_brackets(lower, m.start("out") if m["out"] else m.start("plus"))
    ]
    base = _trim(text[: steps[0].start()] if steps else text)
    body = _Body(base, [], [], len(steps))
    for number, step in enumerate(steps):
        end = steps[number + 1].start() if number + 1 < len(steps) else len(text)
        items = _items(text[step.end() : end])
        (body.out if step["out"] else body.plus).extend(items)
    if not steps:
        body.base = ""
    return body


def _in_brackets(text: str, position: int) -> bool:
    return text.count("(", 0, position) > text.count(")", 0, position)


def _items(text: str) -> list[str]:
    """Return the things that a list names, in the issuer's words."""
    text = _ENUMERATOR.sub("", text)
    shielded = _PAIRS.sub(lambda m: "\0" * len(m[0]), text.lower())
    shielded = _BRACKETS.sub(lambda m: "\0" * len(m[0]), shielded)
    out, position = [], 0
    for cut in _AND.finditer(shielded):
        out.append(text[position : cut.start()])
        position = cut.end()
    out.append(text[position:])
    return [item for piece in out if (item := _trim(re.sub(r"^(?:and|or)\s+", "", piece.strip())))]


def _sense(parts: _Body, text: str) -> str:
    """Return a definition in a plain form that does not depend on its wording."""
    if not parts.steps:
        return "= " + " ".join(_words(text))
    named = lexicon().find(_blanked(parts.base.lower()))
    known = named[-1].measure if named else None
    base = known.metric if known and known.metric else " ".join(_words(parts.base))
    out = sorted({" ".join(_words(x)) for x in parts.out} - {""})
    plus = sorted({" ".join(_words(x)) for x in parts.plus} - {""})
    return f"{base} - {'; '.join(out)} + {'; '.join(plus)}"


def _words(text: str) -> list[str]:
    plain = _BRACKETS.sub(" ", text.lower())
    words = [_SAME.get(w, w) for w in re.findall(r"[a-z][a-z&-]*", plain)]
    return [w.removesuffix("s") if len(w) > 3 else w for w in words if w not in _SMALL]
