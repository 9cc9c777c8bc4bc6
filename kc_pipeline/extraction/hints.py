"""A cheap look before a costly one: whether a text holds any of the words that a pattern cannot do without."""


def says(lowered: str, hints: tuple[str, ...]) -> bool:
    """Return whether a text in lower case holds any of the hints."""
    return any(map(lowered.__contains__, hints))
