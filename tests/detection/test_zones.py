"""The figures of time zones, in small numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.detection import zones

if TYPE_CHECKING:
    import pytest


def test_days_that_are_turned_are_told_and_no_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert zones.main(["taxi trips"], most=5) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("taxi trips: 0 of 5 ordinary days")
    assert "5: 100%" in printed
