"""Settings accept what users write and refuse what contradicts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from driftkit import SettingsError
from driftkit.settings import Settings


def test_choices_ignore_case() -> None:
    given: Any = {"dialect": "AWS", "output_columns_position": "end"}
    settings = Settings.from_keywords(**given)

    assert (settings.compute.dialect, settings.read.output_columns_position) == ("aws", "END")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-03-18T15:00:00Z", datetime(2024, 3, 18, 15, tzinfo=UTC)),
        ("2024-03-18T15:00", datetime(2024, 3, 18, 15, tzinfo=UTC)),
        ("2024-03-18T17:00:00+02:00", datetime(2024, 3, 18, 15, tzinfo=UTC)),
        (datetime(2024, 3, 18, 15, tzinfo=UTC), datetime(2024, 3, 18, 15, tzinfo=UTC)),
    ],
)
def test_times_are_utc(written: Any, read: datetime) -> None:
    assert Settings.from_keywords(start=written).window.start == read


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"dialekt": "aws"}, "dialekt"),
        ({"engine": "flink"}, "scan"),
        ({"header": "perhaps"}, "true | false"),
        ({"start": "yesterday"}, "ISO 8601"),
        ({"start": "2024-03-18T15:00Z", "end": "2024-03-18T15:00Z"}, "start before end"),
    ],
)
def test_wrong_settings_are_named(values: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingsError, match=named.replace("|", r"\|")):
        Settings.from_keywords(**values)
