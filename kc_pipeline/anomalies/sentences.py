"""The sentences of a finding, as SQL over the columns of the engine's `graded` relation.

Fractions are shown as percent with one decimal, changes of ratios in percentage points, amounts in millions, and
each with how far its interval reaches, where that is more than half the last digit shown (as `figures.display`).
"""

_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_QUARTER_WORDS = ("fourth-to-first", "first-to-second", "second-to-third", "third-to-fourth")
_COMPARED = "CASE comparison WHEN 'qoq' THEN 'quarter on quarter' ELSE 'year on year' END"
_STATED_ONLY = "now_value IS NULL OR base_value IS NULL"


def _list(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{w}'" for w in words) + "]"


def _points(value: str) -> str:
    return f"printf('%.1f', abs({value}) * 100)"


def _spread(reach: str, scale: str) -> str:
    """How far an interval reaches beyond a number shown with one decimal after `scale`, rounded up; else ''."""
    tenths = f"({reach})::DOUBLE * {scale} * 10"
    return (
        f"CASE WHEN {tenths} > 0.5 + 1e-6 THEN format(' ±{{:,.1f}}', ceil({tenths} - 1e-6) / 10) ELSE '' END"
    )


def _percent(side: str) -> str:
    return f"(printf('%.1f %%', {side}_value * 100) || {_spread(f'{side}_reach', '100')})"


def _millions(side: str, sign: str = "") -> str:
    shown = f"format('{{:,.1f}}', ({sign}{side}_value / 1000000)::DOUBLE)"
    return f"(level_unit || ' ' || {shown} || ' million' || {_spread(f'{side}_reach', '1e-6')})"


_MOVED = _spread("greatest(deviation - low, high - deviation)", "100")


def _from_to(base: str, now: str) -> str:
    return (
        f"CASE WHEN {_STATED_ONLY} THEN ' in ' || period || ', as stated' "
        f"ELSE ', from ' || {base} || ' in ' || base_period || ' to ' || {now} || ' in ' || period END"
    )


def _fall() -> str:
    return (
        f"label || ' fell ' || {_points('deviation')} || {_MOVED} || ' percentage points ' || {_COMPARED} || "
        + _from_to(_percent("base"), _percent("now"))
    )


def _decline() -> str:
    return (
        f"label || ' fell ' || {_points('deviation')} || ' %' || {_MOVED} || ' ' || {_COMPARED} || "
        + _from_to(_millions("base"), _millions("now"))
    )


def _turn() -> str:
    return (
        f"label || ' turned from a profit of ' || {_millions('base')} || ' in ' || base_period || "
        f"' to a loss of ' || {_millions('now', '-')} || ' in ' || period"
    )


def _season() -> str:
    years = f"CASE WHEN years <= 10 THEN {_list(_NUMBER_WORDS)}[years + 1] ELSE years::VARCHAR END"
    known = "CASE WHEN years = 1 THEN ' earlier year that is known' ELSE ' earlier years that are known' END"
    step = f"{_list(_QUARTER_WORDS)}[quarter % 4 + 1]"
    changes = "array_to_string(list_transform(changes, x -> printf('%+.1f', x * 100)), ', ')"
    margin = "CASE kind WHEN 'turns_negative' THEN ' of the margin' ELSE '' END"
    verdict = (
        "CASE seasonality WHEN 'seasonal' THEN 'so the fall is seasonal' "
        "WHEN 'counter_seasonal' THEN 'so the fall is counter-seasonal' "
        "WHEN 'no_clear_season' THEN 'which shows no clear season' "
        "ELSE 'too few to judge the season' END"
    )
    return (
        "CASE WHEN seasonality IS NULL THEN '' "
        f"WHEN years = 0 THEN '; no earlier ' || {step} || '-quarter change is known to judge the season by' "
        f"ELSE '; in the ' || {years} || {known} || ' the ' || {step} || '-quarter change' || {margin} || "
        f"' was ' || {changes} || ' points, ' || {verdict} END"
    )


def _counterpart() -> str:
    outside = "(counterpart_change - deviation)"
    return (
        f"CASE WHEN counterpart_change IS NULL OR {outside} < -deviation / 2 THEN '' "
        f"ELSE ' The adjusted measure changed by ' || printf('%+.1f', counterpart_change * 100) || "
        f"' points, so ' || {_points(outside)} || "
        f"' points of the fall lie in what the adjustment leaves out.' END"
    )


def _remarks() -> str:
    """What must be known of the judged figures, in the words of their remarks (as `figures.display.remark_words`)."""
    words = (
        "array_to_string(list_distinct(list_transform(string_split(remarks, '; '), "
        "r -> regexp_replace(r, '^[a-z_]+: ', ''))), ', ')"
    )
    return f"CASE WHEN remarks = '' THEN '' ELSE ' To be known: ' || {words} || '.' END"


def explanation_sql() -> str:
    """Return SQL for one or more sentences with the numbers of a finding."""
    return (
        f"CASE kind WHEN 'ratio_falls' THEN {_fall()} WHEN 'amount_declines' THEN {_decline()} "
        f"ELSE {_turn()} END || {_season()} || '.' || {_counterpart()} || {_remarks()}"
    )
