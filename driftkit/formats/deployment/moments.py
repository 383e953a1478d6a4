"""Times in the deployment's files: ISO 8601 in UTC, with Z at the end."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_text(time: datetime) -> str:
    """A time as the files have it.

    >>> moment_text(datetime(2026, 11, 2, 11, tzinfo=UTC))
    '2026-11-02T11:00:00Z'
    """
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_moment(text: str) -> datetime:
    """A time of ISO 8601 in UTC; one without a zone is taken for UTC.

    Raises:
        ValueError: it is no time, or one that has no date in UTC.

    >>> parse_moment("2026-11-02T12:00+01:00").hour
    11
    """
    given = datetime.fromisoformat(text)
    try:
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(text) from error
