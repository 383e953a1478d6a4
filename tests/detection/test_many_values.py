"""Columns of many different texts are quiet, and what is planted into them is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.detection import many_values

if TYPE_CHECKING:
    import pytest


def test_promises_hold_in_few_windows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(many_values, "ROWS", (100, 10_000))

    assert many_values.main(["--windows", "20"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[1] == "10,000 rows: 0 of 20 windows of 24 columns alarm"
    assert "value 20 of 30,000, +5%, 10,000 rows: found in 100%" in printed
    assert "new ids of 20 rows each, 10,000 rows: different in 0%" in printed
