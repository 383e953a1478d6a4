"""The figures of drift that is found, in small numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.detection import run

if TYPE_CHECKING:
    import pytest


def test_promises_hold_in_few_windows(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "_ROWS", (1_000,))
    monkeypatch.setattr(run, "_STREAMS", 100)
    monkeypatch.setattr(run, "_POOL", 20)

    assert run.main(["--windows", "10", "--processes", "2"]) == 0

    printed = capsys.readouterr().out.splitlines()
    assert printed[0].strip().startswith("1,000 rows: 0 of 10 windows")
    assert len(printed) >= 8
