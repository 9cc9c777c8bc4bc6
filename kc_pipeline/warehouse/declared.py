"""What packs say of a company's dimensions, measures and securities, as rows.

`core.members`, `core.splits`, `core.securities`, `core.definitions`, `core.breaks`.

Does not belong here: definitions that documents state, and the breaks between them (definitions.py).
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from kc_pipeline.config import Company
from kc_pipeline.config.companies import Break, Definition

_SEPARATOR = "\x1f"


def definition_id(company: str, concept: str, segment: str | None, sense: str, turn: int = 1) -> str:
    """Return the id of a definition: a hash of company, measure and what is defined.

    `turn` counts from 1 how often the issuer has come to this definition again after another one.
    """
    parts = (company, concept, segment or "~", sense, str(turn))
    return hashlib.md5(_SEPARATOR.join(parts).encode(), usedforsecurity=False).hexdigest()


def measure_parts(measure: str) -> tuple[str, str | None]:
    """Return concept and segment of `concept` or `concept/segment`."""
    concept, _, segment = measure.partition("/")
    return concept, segment or None


def member_rows(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Return the rows of `core.members`."""
    return [
        {
            "company": company.id,
            "dimension": "segment",
            "member": s.id,
            "position": position,
            "name": s.called,
            "valid_from": s.valid_from,
            "valid_to": s.valid_to,
        }
        for company in companies
        for position, s in enumerate(company.segments, 1)
    ] + [
        {
            "company": company.id,
            "dimension": "counterparty",
            "member": c.id,
            "position": position,
            "name": c.called,
            "valid_from": None,
            "valid_to": None,
        }
        for company in companies
        for position, c in enumerate(company.counterparties, 1)
    ]


def split_rows(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Return the rows of `core.splits`."""
    return [
        {"company": company.id, "split_date": s.date, "ratio": s.ratio, "source": s.source}
        for company in companies
        for s in company.splits
    ]


def security_rows(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Return the rows of `core.securities`."""
    out = []
    for company in companies:
        for s in company.securities:
            exchange, colon, ticker = s.id.partition(":")
            out.append(
                {
                    "company": company.id,
                    "security": s.id,
                    "kind": "ordinary" if s.unit == "share" else "depositary",
                    "exchange": exchange if colon else None,
                    "ticker": ticker if colon else None,
                    "unit": s.unit,
                    "ordinary_shares": s.ordinary_shares,
                    "valid_from": s.valid_from,
                    "valid_to": s.valid_to,
                    "source": s.source,
                }
            )
    return out


def _id_of(company: str, d: Definition) -> str:
    # two definitions in the same words at two times are two definitions: the day is part of what is declared
    return definition_id(company, *measure_parts(d.measure), f"{d.wording}{_SEPARATOR}{d.valid_from}")


def definition_rows(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Return the rows of `core.definitions` that are declared."""
    out = []
    for company in companies:
        for d in company.definitions:
            concept, segment = measure_parts(d.measure)
            out.append(
                {
                    "definition_id": _id_of(company.id, d),
                    "company": company.id,
                    "concept": concept,
                    "segment": segment,
                    "wording": d.wording,
                    "base": d.base,
                    "exclusions": list(d.exclusions),
                    "inclusions": list(d.inclusions),
                    "valid_from": d.valid_from,
                    "valid_to": d.valid_to,
                    "known_at": d.known_at,
                    "origin": "declared",
                    "document_id": None,
                    "span_start": None,
                    "span_end": None,
                    "quote": d.quote,
                    "source": d.source,
                }
            )
    return out


def break_rows(companies: Sequence[Company]) -> list[dict[str, Any]]:
    """Return the rows of `core.breaks` that are declared, one per measure.

    The definitions before and after are those declared for one of the break's measures that end the day
    before it and begin on it.
    """
    out = []
    for company in companies:
        for b in company.breaks:
            ends = {d.valid_to: _id_of(company.id, d) for d in _of(company, b)}
            begins = {d.valid_from: _id_of(company.id, d) for d in _of(company, b)}
            for measure in b.measures:
                concept, segment = measure_parts(measure)
                out.append(
                    {
                        "company": company.id,
                        "concept": concept,
                        "segment": segment,
                        "break_date": b.break_date,
                        "kind": b.kind,
                        "effect": b.effect,
                        "note": b.note,
                        "from_definition_id": ends.get(b.break_date - timedelta(days=1)),
                        "to_definition_id": begins.get(b.break_date),
                        "wording": b.wording,
                        "known_at": b.known_at,
                        "origin": "declared",
                        "document_id": None,
                        "quote": b.quote,
                        "source": b.source,
                    }
                )
    return out


def _of(company: Company, b: Break) -> list[Definition]:
    return [d for d in company.definitions if d.measure in b.measures]
