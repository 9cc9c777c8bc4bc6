"""A trail in words, for a terminal."""

from typing import Any

from kc_pipeline.figures import half_unit
from kc_pipeline.figures.display import (
    EVIDENCE_WORDS,
    amount,
    contradicts,
    fact_value,
    is_change_of_ratio,
    kpi_value,
    remark_words,
)

Row = dict[str, Any]


_CONFLICTS = {
    "same_document": "its document prints another figure in a better place",
    "ambiguous": "in another place as good: none of them is a fact",
    "lesser_place": "it stands where it cannot outweigh this figure",
    "opposite_sign": "equal with the opposite sign: a reading to check",
}


def render(trail: Row) -> str:
    """Return a trail as indented text, one fact under the other, and what waits for a decision at the end."""
    waiting = [
        f"  WAITS       {w['document_id']} is kept out until somebody decides ({w['check_name']}): {w['reason']}"
        for w in trail["waiting"]
    ]
    return "\n".join([_figure(trail), *waiting])


def _figure(trail: Row) -> str:
    if trail["kind"] == "absent":
        detail = f" ({trail['detail']})" if trail["detail"] else ""
        return f"{trail['company']} {trail['period']} {trail['kpi']}: absent: {trail['reason']}{detail}"
    if trail["kind"] == "concept":
        lines = [f"{trail['company']} {trail['period']} {trail['name']}"]
        for fact in trail["facts"]:
            lines += ["", *_fact(fact, "  ")]
        return "\n".join(lines)
    return "\n".join(_kpi(trail))


def _kpi(trail: Row) -> list[str]:
    kpi, unit = trail["kpi"], trail["unit"]

    shown = kpi_value(kpi, trail["value"], unit, trail["low"], trail["high"])
    lines = [f"{trail['company']} {trail['period']} {kpi} = {shown}"]
    lines.append(
        f"  value       {trail['value'].normalize():f} {unit}, {trail['origin']}, known {trail['known_at']}"
    )
    if trail["formula"]:
        lines.append(f"  formula     {trail['formula']}")
    if trail["low"] is not None and trail["low"] != trail["high"]:
        low, high = trail["low"].normalize(), trail["high"].normalize()
        lines.append(f"  interval    {low:f} to {high:f} (what the inputs' stated precision allows)")
    if trail["stated_value"] is not None:
        lines.append(f"  stated      {_plain(trail['stated_value'], unit)}{_disagreement(trail)}")
    if trail["computed_value"] is not None and trail["origin"] != "reported":
        lines.append(f"  computed    {_plain(trail['computed_value'], unit)}")
    if trail["remark"]:
        lines.append(f"  REMARK      {remark_words(trail['remark'])}")
    lines.append(f"  evidence    {trail['evidence']}: {EVIDENCE_WORDS.get(trail['evidence'], 'not known')}")
    for item in trail["inputs"]:
        lines += ["", f"  {item['role']}", *_fact(item["fact"], "    ")]
    return lines


def _disagreement(trail: Row) -> str:
    """What is to be said beside a stated ratio that the computed interval excludes; else nothing."""
    if trail["origin"] != "derived" or trail["low"] is None or trail["high"] is None:
        return ""
    decimals = [i["fact"]["decimals"] for i in trail["inputs"] if i["role"] == "stated"]
    change = is_change_of_ratio(trail["kpi"])
    if not decimals or not contradicts(
        trail["stated_value"], decimals[0], trail["low"], trail["high"], change
    ):
        return ""
    return "  CONTRADICTS the computed value"


def _plain(value: Any, unit: str) -> str:
    """A value in full, beside the one that is shown with its precision."""
    return f"{value.normalize():f} {unit}"


def place(fact: Row) -> str:
    """Return where a figure stands: table, row and column, or the characters of its quote."""
    if fact["table_index"] is not None:
        return f"table {fact['table_index']}, row {fact['row_index']}, column {fact['col_index']}"
    return f"characters {fact['span_start']} to {fact['span_end']} of the text"


def document_name(fact: Row) -> str:
    """Return the document of a figure: kind, title, exhibit, accession."""
    kind = "transcript" if fact["document_kind"] == "transcript" else "original"
    parts = [f"{kind} {fact['document_id']}"]
    if fact.get("document_title"):
        parts.append(f"“{fact['document_title']}”")
    if fact.get("exhibit"):
        parts.append(f"exhibit {fact['exhibit']}")
    parts.append(f"accession {fact['accession']}" if fact.get("accession") else "accession not known")
    return ", ".join(parts)


def _period(fact: Row) -> str:
    if fact["period_start"] is None:
        return f"at {fact['period_end']}"
    return f"{fact['period_start']} to {fact['period_end']} ({fact['months']} months)"


def _fact(fact: Row, indent: str) -> list[str]:
    name = fact["concept"] + (f"/{fact['segment']}" if fact["segment"] else "")
    name += f"@{fact['counterparty']}" if fact["counterparty"] else ""
    if fact["scope"] != "consolidated":
        name += f" [scope {fact['scope']}: not the group]"
    shown = fact_value(fact["concept"], fact["value"], fact["unit"], fact["decimals"])
    out = [f"{name} = {shown}, {_period(fact)}, {fact['origin']}"]
    if fact["origin"] == "derived":
        return [indent + line for line in [*out, *_derivation(fact)]]
    out.append(
        f"  as printed  {fact['text']!r} ({fact['value'].normalize():f} {fact['unit']}, decimals {fact['decimals']})"
    )
    headings = " > ".join(h for h in (*fact["headings"], fact["label"]) if h)
    column = f" | {fact['column_label']}" if fact["column_label"] else ""
    out.append(f"  where       {place(fact)}: {headings}{column}")
    out.append(f"  document    {document_name(fact)}")
    filed = f"{fact['form']}, filed {fact['filing_date']}"
    if fact["filing_date_precision"] != "day":
        filed += f" ({fact['filing_date_precision']})"
    out.append(
        f"  filing      {filed}{', ' + fact['url'] if fact['url'] else ''}, sha256 {fact['sha256'][:16]}…"
    )
    out.append(f"  evidence    {_evidence(fact)}")
    rules = [f"mapped by {fact['mapping_rule']}"] if fact["mapping_rule"] else []
    rules += [f"sign turned by {fact['sign_rule']}"] if fact["sign_rule"] else []
    rules += [
        f"{what} read by {fact[f'{what}_rule']}"
        for what in ("unit", "scale", "period")
        if fact.get(f"{what}_rule")
    ]
    if rules:
        out.append(f"  rules       {', '.join(rules)}")
    if fact["suspect"]:
        out.append(f"  SUSPECT     the reading is contradicted: {fact['suspect']}")
    out.append(f"  version     {fact['version']} of {1 + len(fact.get('other_versions', ()))}")
    for other in fact.get("other_versions", ()):
        value = fact_value(other["concept"], other["value"], other["unit"], other["decimals"])
        out.append(
            f"  version {other['version']}   {value}, {other['document_id']}, known {other['known_at']}"
        )
    for revision in fact.get("revisions", ()):
        change = revision["later_value"] - revision["first_value"]
        out.append(
            f"  revision    {revision['kind']}: {amount(change, fact['unit'])} in {revision['later_document_id']}"
            f" against {revision['first_document_id']}"
        )
    for conflict in fact.get("conflicts", ()):
        value = fact_value(fact["concept"], conflict["value"], fact["unit"], conflict["decimals"])
        out.append(
            f"  CONFLICT    {value}, printed {conflict['text']!r} in {conflict['document_id']}, {place(conflict)}:"
            f" {_CONFLICTS.get(conflict['kind'], conflict['kind'])}"
        )
    for sighting in fact.get("sightings", ()):
        out.append(f"  also seen   {sighting['text']!r} in {sighting['document_id']}, {place(sighting)}")
    return [indent + line for line in out]


def _derivation(fact: Row) -> list[str]:
    """The lines of a derived fact: its formula, interval and the reported facts of which it is made."""
    half = half_unit(fact["decimals"]) * (fact["half_units"] or 1)
    low, high = (fact["value"] - half).normalize(), (fact["value"] + half).normalize()
    out = [
        f"  derived     {fact['label']} = {fact['value'].normalize():f} {fact['unit']}, printed nowhere",
        f"  interval    {low:f} to {high:f} (what the inputs' stated precision allows)",
        f"  known       {fact['known_at']}, evidence {fact['evidence']}",
    ]
    if fact["suspect"]:
        out.append(f"  SUSPECT     the reading of an input is contradicted: {fact['suspect']}")
    for other in fact.get("other_versions", ()):
        value = amount(other["value"], other["unit"], other["decimals"])
        out.append(f"  version {other['version']}   {value}, {other['origin']}, known {other['known_at']}")
    for part in fact.get("inputs", ()):
        out += [f"  {'+' if part['weight'] > 0 else '-'}", *_fact(part["fact"], "    ")]
    return out


def _evidence(fact: Row) -> str:
    if fact["evidence"] == "original":
        return f"original: {EVIDENCE_WORDS['original']}"
    parts = [f"transcript, grade {fact['grade'] or 'not given'}", f"{fact['evidence']}"]
    source = fact.get("source_title") or fact["source_kind"]
    if source:
        parts.append(str(source))
    if fact["source_url"]:
        parts.append(fact["source_url"])
    return ", ".join(parts)
