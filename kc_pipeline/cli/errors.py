"""Which errors are the user's to mend, and with which exit status a command then ends."""

from kc_pipeline.config import ConfigurationError

PUBLISHED, BUILD_FAILED, BAD_USAGE, PUBLISHED_WITH_GAPS = 0, 1, 2, 3


class UsageError(Exception):
    """A command was called with something that cannot be; the message says what would do."""


class NoWarehouseError(Exception):
    """Nothing has been published yet."""


KNOWN_ERRORS: tuple[type[Exception], ...] = (ConfigurationError, UsageError, NoWarehouseError)


def exit_code(error: Exception) -> int:
    """Return the exit status for a known error: 1 without a warehouse, else 2."""
    return BUILD_FAILED if isinstance(error, NoWarehouseError) else BAD_USAGE
