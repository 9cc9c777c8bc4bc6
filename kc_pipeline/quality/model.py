"""What a check is: two queries, and what its failing means."""

from dataclasses import dataclass

SEVERITIES = ("block_document", "block_build", "warn")
STAGES = ("lines", "facts", "marts")
FAILING_COLUMNS = ("company", "document_id", "table_index", "deviation", "allowed", "message")


@dataclass(frozen=True, slots=True)
class Check:
    """One check.

    `failing` is a SELECT of the failing rows with the columns of `FAILING_COLUMNS`; `judged` is a SELECT of one
    row: how many rows could be judged, and the largest deviation among them (or NULL). A check whose `judged`
    is zero is not evaluable, never passed. `lacking` says in words what is then missing.
    """

    name: str
    title: str
    relation: str
    severity: str
    stage: str
    failing: str
    judged: str
    lacking: str
    tolerance: str | None = None

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES or self.stage not in STAGES:
            raise ValueError(f"check {self.name}: unknown severity {self.severity} or stage {self.stage}")


def identity(
    name: str, title: str, relation: str, severity: str, stage: str, rows: str, lacking: str, tolerance: str
) -> Check:
    """Return a check over rows that carry their own deviation.

    Args:
        rows: a SELECT of every row that can be judged, with the columns of `FAILING_COLUMNS`; a row fails where
            the deviation, whatever its sign, is larger than what is allowed
    """
    return Check(
        name,
        title,
        relation,
        severity,
        stage,
        f"SELECT * FROM ({rows}) WHERE abs(deviation) > allowed",
        f"SELECT count(*), max(abs(deviation)) FROM ({rows})",
        lacking,
        tolerance,
    )


def violations(
    name: str,
    title: str,
    relation: str,
    severity: str,
    stage: str,
    failing: str,
    judged: str,
    lacking: str,
    tolerance: str | None = None,
) -> Check:
    """Return a check that looks for rows that must not be there.

    Args:
        failing: a SELECT of those rows: company, document_id, table_index, message
        judged: a SELECT of one number: the rows looked at
    """
    return Check(
        name,
        title,
        relation,
        severity,
        stage,
        f"""SELECT company, document_id, table_index, NULL::DECIMAL(38,8) AS deviation,
            NULL::DECIMAL(38,8) AS allowed, message FROM ({failing})""",
        f"SELECT ({judged}), NULL::DECIMAL(38,8)",
        lacking,
        tolerance,
    )
