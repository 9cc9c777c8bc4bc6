"""The words that may stand between a measure and its figure, and what they say about the figure's role.

The reader is strict on purpose: one word that is not listed here, and the figure has no metric.
"""

import re
from dataclasses import dataclass

from kc_pipeline.extraction.text import word_set

_SPLIT = re.compile(r"[a-z][a-z'&-]*|[§†‡]|[^\sa-z]")

_LEVEL = word_set(
    "was were is are reached reach reaching reaches amounted amounting totaled totalled totaling "
    "totalling achieved achieving recorded recording posted stood came arriving arrived hit been "
    "generated delivered registered amounts equaled equalled represents represented representing reported "
    "remained be"
)
_UP = word_set(
    "increased increase increases increasing grew grow grown growth growing rose rise rising up improved "
    "improvement improving higher expanded expansion expanding climbed climb surged surge jumped jump "
    "accelerated accelerating gained gain widened widening soared upward exceeding"
) - {"exceeding", "gain"}  # fmt: skip
_DOWN = word_set(
    "decreased decrease decreases decreasing declined decline declines declining down fell fall falling "
    "dropped drop reduced reduction lower narrowed narrowing narrow contracted contraction slid slipped "
    "shrank shrunk"
)
_COMPARE = word_set("compared compares comparing versus vs against")
_SHARE = word_set(
    "accounted accounting contributed contributing representing represented accounts represents comprising"
)
_PROFIT = word_set("profit income earnings positive")
_LOSS = word_set("loss losses")
_LEGAL = word_set("plc inc ltd limited corp corporation holdings co company group")
_OWNING = word_set(
    "generated reported recorded posted delivered achieved recognized had has with realized earned "
    "generates reports reporting recording achieving announced"
)
_SMALL = word_set(
    "a an the this that which its our in for of at on to from by with and or as basis rate also again "
    "another new consecutive two three four quarters record record-high high all-time approximately about "
    "around nearly roughly significantly significant substantially substantial slightly slight strong "
    "strongly steadily steady sharply sharp further solid robust respectable total only turned continued "
    "marking reflecting driven s it they we has have had among whose while than to-date but then further "
    "notable notably considerably moderate moderately modest modestly healthy impressive remarkable "
    "remarkably rapidly rapid being successfully stably sequentially both each"
) - {"driven", "but", "than"}  # fmt: skip
_PUNCTUATION = frozenset(",:;-()\"'.")
_KNOWN = _LEVEL | _UP | _DOWN | _COMPARE | _SHARE | _PROFIT | _LOSS | _SMALL | _PUNCTUATION | {"§", "†", "‡"}
_FILLERS = word_set(
    "a an the approximately about around nearly roughly record positive § † ‡ , high new record-high "
    "total another our its significant strong robust"
)

_REACHED = word_set("reach reaching reached achieve achieving arriving")
_CHANGED_BY = word_set("by of at was were is rate")
_SHARE_OF = word_set(
    "for of contributed contributing representing represented represents comprising accounting"
)
_JOINTS = (["and"], ["and", "by"], ["and", "from"], ["or"], ["by"])

BOUND = re.compile(
    r"\b(?:more than|less than|over|above|below|under|up to|at least|exceed\w*|nearly|almost|in excess of|"
    r"fewer than|no more than|between|range|ranging|minimum|maximum)\s+(?:the\s+)?$"
)
BEFORE_LABEL = word_set(
    "our the its total we quarterly gaap consolidated record reported reporting reports and while with "
    "achieved achieving which representing a an overall § † ‡ - , : ; whose recorded recording had "
    "generated delivered posted company's group's also that \" ( ) both with has have having announced"
) | word_set("company group today")
SCOPE = re.compile(
    r"^[^a-z§]*(?:in|for|within|at|from|across|on|excluding|including|without|under|adjusted|net|before|after|unlike|"
    r"outside|ex|assuming|based|besides|of)\b"
)
# What may follow a figure: anything but a phrase that narrows it to something else than its measure.
NARROWED = re.compile(
    r"^\s*\)?\s*(?:in|for|from|at|on|of|excluding|before|including|attributable|net|related|relating|across|within|"
    r"under|after|ex|associated|incurred|to|per|by|on\s+a)\b(?!\s*$)(?!\s*§)"
)
INORGANIC = re.compile(
    r"constant[\s-]+currency|currency[\s-]+neutral|organic|comparable|excluding|pro forma|normali[sz]ed|"
    r"local currenc|like-for-like|same[\s-]+store|adjusted for|annualized|compound|per annum|cagr"
)
FORWARD = re.compile(
    r"\b(?:expects?|expected|expecting|expectations?|guidance|outlook|forecasts?|anticipates?|anticipated|projects?|"
    r"projected|targets?|targeted|targeting|will|would|could|may(?!\s+\d)|estimates?|estimated|plans?|intends?|goal|"
    r"hypothetical|if|consensus|previously)\b"
)


_BRACKETS = re.compile(r"\([^()]*\)")
_CLAUSES = re.compile(r"[,;:\"()]")
_OF_PERIOD = re.compile(r"\s*(?:\w+\s*§|(?:of|among|in)\s+(?:which|these|them)\b)")
_NEXT_CLAUSE = re.compile(
    r"[,;.]|\bcompared\b|\bwhich\b|\bwhile\b|\bprimarily\b|\bmainly\b|\bdriven\b|\bdue\b"
)
_OF = re.compile(r"\s*of\b")
# Words behind which "X of RMB5 million" is a part or a cause, not the measure itself.
CAUSE = re.compile(
    r"\b(?:due to|driven by|attributable to|result(?:ed|ing|s)? (?:from|of|in)|offset|includ\w+|consist\w*|compris\w*|"
    r"because|reflect\w*|excluding|impact\w*|benefit\w*|caused|primarily|mainly|partially|adjust\w+ for)\b"
)
# Another basis than the measure's own name says: only adjusted measures may be read in such a sentence.
BASIS = re.compile(
    r"\bexcluding\b|\bexclusive of\b|\b(?:non-?gaap|adjusted|core|pro forma|normali[sz]ed|comparable|organic)\s+basis\b|"
    r"^\W*(?:this|these|it|which)\s+(?:\w+\s+)?compare[sd]?\b|\bin (?:yen|dollar|euro|rmb|local currency) terms\b|\bin yen\b"
)
COMPARED = re.compile(r"\b(?:compar(?:ed|es|ing)|versus|vs)\b")


# One that is named with its tie to the issuer speaks of its own figures.
_PART_OF_GROUP = re.compile(
    r"\b(?:our|its|the\s+(?:company|group)'s|an?|whose)\s+(?:[\w-]+\s+){0,3}?(?:vies?|subsidiar(?:y|ies)|affiliates?|associates?|"
    r"joint\s+ventures?|investees?|customers?|competitors?|suppliers?|partners?)(?:\s+(?!we\b)[\w'&.-]+){0,3},?\s+"
    r"(?:recorded|reported|generated|delivered|posted|achieved|had|announced|realized)\b"
)


@dataclass(frozen=True, slots=True)
class Bridge:
    """What the words before a figure say: its role and the direction of a change (+1, -1, 0 unknown).

    Roles: level, growth, base, share, again (as the figure before), unknown.
    """

    role: str
    direction: int = 0
    sign: int = 0
    verb: bool = False


UNKNOWN = Bridge("unknown")


def read_bridge(words: str, *, labelled: bool, previous: str | None) -> Bridge:
    """Return the role of the figure behind these words (lower case, periods and cues masked).

    `labelled` says that the words follow a measure; `previous` is the role of the figure before, if the
    words follow one.
    """
    tokens = _SPLIT.findall(words)
    if any(token not in _KNOWN for token in tokens):
        return UNKNOWN
    changes = [i for i, token in enumerate(tokens) if token in _UP or token in _DOWN]
    if _both_ways(tokens, changes):
        return UNKNOWN
    last = next((token for token in reversed(tokens) if token not in _FILLERS), "")
    after = previous in ("level", "growth") and not labelled
    if (after and tokens[-3:] == ["(", "§", ":"]) or _compares(tokens, changes, last, previous):
        return Bridge("base", sign=_sign(tokens))
    if changes:
        return _change(tokens, changes, last, labelled=labelled)
    if last in _SHARE_OF and any(token in _SHARE for token in tokens):
        return Bridge("share", sign=_sign(tokens))
    if labelled:
        verb = any(token in _LEVEL for token in tokens)
        return Bridge("level", sign=_sign(tokens), verb=verb) if _introduces(tokens) else UNKNOWN
    return _behind_figure(tokens, last, previous)


def _both_ways(tokens: list[str], changes: list[int]) -> bool:
    """Return whether the words speak of a rise and of a fall, as of two things."""
    if len({tokens[i] in _UP for i in changes}) < 2:
        return False
    between = tokens[changes[0] : changes[-1] + 1]
    return "and" in between or "or" in between


def _compares(tokens: list[str], changes: list[int], last: str, previous: str | None) -> bool:
    """Return whether a figure is what another is compared with: "compared to", "up from"."""
    compare = [i for i, token in enumerate(tokens) if token in _COMPARE]
    if compare and (not changes or compare[-1] > changes[-1]):
        return True
    return last == "from" and bool(changes or previous)


def _change(tokens: list[str], changes: list[int], last: str, *, labelled: bool) -> Bridge:
    """Return what a figure behind a word of change is: the change ("rose by"), or what is reached ("rose to")."""
    direction, sign = (1 if tokens[changes[-1]] in _UP else -1), _sign(tokens)
    if last == "to" or last in _REACHED:
        noun = "growth" in tokens or "rate" in tokens
        return Bridge("growth" if noun and labelled else "level", direction, sign, True)
    if last in _CHANGED_BY or last in _UP or last in _DOWN:
        return Bridge("growth", direction, sign)
    return Bridge("level", direction, sign) if last == "totaling" else UNKNOWN


def _meaning(tokens: list[str]) -> list[str]:
    return [token for token in tokens if token not in _FILLERS and token not in ("in", "for", "with", "this")]


def _behind_figure(tokens: list[str], last: str, previous: str | None) -> Bridge:
    """Return what a figure is that follows another one and no measure."""
    meaning = _meaning(tokens)
    if not meaning or meaning in _JOINTS:
        if "or" in meaning or not tokens:
            return Bridge("alternative")
        return Bridge("again") if meaning and previous else UNKNOWN
    if last == "to" and previous in ("growth", "base", "again"):
        return Bridge("level", sign=_sign(tokens))
    if previous == "growth" and any(token in _LEVEL for token in tokens):
        return Bridge("level", sign=_sign(tokens))
    return UNKNOWN


def label_may_follow(words: str, names: frozenset[str] = frozenset()) -> bool:
    """Return whether a measure behind these words stands for itself (no unknown word narrows it).

    In "Pelephone generated revenues" it is somebody else's measure; `names` are words of the issuer's name.
    """
    if "(" in words:
        words = _BRACKETS.sub(" ", words)
    if ":" in words and any(t not in _KNOWN for t in _SPLIT.findall(words.rpartition(":")[0])):
        return False
    clause = _CLAUSES.split(words)
    tokens = _SPLIT.findall(clause[-1])
    last = next((token for token in reversed(tokens) if token not in ("§", "†", "‡")), "")
    if last and last not in BEFORE_LABEL and last not in _KNOWN:
        return False
    if last in ("contributed", "contributing", "contributes") or _PART_OF_GROUP.search(words):
        return False  # "Newco contributed revenues of ...", "Acme Beijing, our VIE, recorded total revenues of ..."
    if _hangs_on(tokens, last) or _is_anothers(tokens, last, names):
        return False
    scoped = any(SCOPE.match(part) and not _OF_PERIOD.match(part) for part in clause[:-1])
    return not scoped and not (SCOPE.match(clause[-1]) and any(t not in _KNOWN for t in tokens))


def _hangs_on(tokens: list[str], last: str) -> bool:
    """Return whether a measure hangs on the word before it: "of", "by", "increased to"."""
    if last == "." or (last == "to" and not any(t in _COMPARE for t in tokens)):
        return True
    if last in ("of", "in", "for", "on", "by", "as", "than"):
        return True
    if tokens[-2:] in (["to", "a"], ["to", "an"]) and not any(t in _COMPARE for t in tokens):
        return True  # "other income increased by 34% to a net income of ..."
    return bool(last == "from" and not any(t in _UP or t in _DOWN or t in _LOSS for t in tokens))


def _is_anothers(tokens: list[str], last: str, names: frozenset[str]) -> bool:
    """Return whether unknown words before a measure make it somebody else's: "Pelephone generated"."""
    if last in ("group", "company", "group's", "company's") and any(
        t not in _KNOWN and t not in BEFORE_LABEL and t not in names for t in tokens
    ):
        return True
    if any(t in ("was", "were", "is", "are") for t in tokens):
        return True
    if any(t in _OWNING for t in tokens) and any(
        t not in _KNOWN and t not in BEFORE_LABEL and t not in names for t in tokens
    ):
        return True
    return bool(
        last in ("and", "or", "&", "/") and any(t not in _KNOWN and t not in BEFORE_LABEL for t in tokens)
    )


def _introduces(tokens: list[str]) -> bool:
    if any(token in _LEVEL for token in tokens):
        return True
    meaning = _meaning(tokens)
    return (bool(meaning) and meaning[-1] in ("of", ":", "at", "-", "to", "(")) or (
        not meaning and "§" in tokens
    )


def _sign(tokens: list[str]) -> int:
    if any(token in _LOSS for token in tokens) and not any(token in _PROFIT for token in tokens):
        return -1
    return 1 if any(token in _PROFIT for token in tokens) else 0


def is_narrowed(after: str, *, share: bool) -> bool:
    """Return whether the words behind a figure narrow it: "in Japan", "from the sale of", "of deferred".

    A share ("39% of ...") says what it is of; that is not a narrowing.
    """
    if not NARROWED.match(after):
        return False
    clause = _NEXT_CLAUSE.split(after, 1)[0]
    if not NARROWED.match(clause) or (share and _OF.match(clause)):
        return False
    return any(token not in _KNOWN for token in _SPLIT.findall(clause))
