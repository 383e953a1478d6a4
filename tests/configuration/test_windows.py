"""Which windows are run: the last one that is complete, or those of a range."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftkit.configuration.opening import opened
from driftkit.configuration.planning import planned
from driftkit.errors import SettingsError
from tests.configuration.conftest import CAPTURES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NOW = datetime(2024, 3, 20, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "window", "names"),
    [
        ("1d, delay: 2h", "LAST", ["2024-03-18"]),
        ("1d", "LAST", ["2024-03-19"]),
        ("1h", "LAST", ["2024-03-20T00"]),
        ("1h, delay: 40m", "last", ["2024-03-19T23"]),
        ("1w", "LAST", ["2024-03-11T0000Z_2024-03-18T0000Z"]),
        ("30m", "LAST", ["2024-03-20T0100Z_2024-03-20T0130Z"]),
        ("1d", "2024-03-01/2024-03-03", ["2024-03-01", "2024-03-02"]),
        ("1h", "2024-03-01T05/2024-03-01T07", ["2024-03-01T05", "2024-03-01T06"]),
    ],
)
def test_windows_are_those_that_are_complete(
    text: str, window: str, names: list[str], written: Callable[..., Path]
) -> None:
    path = written(CAPTURES.replace("1d, delay: 2h", text))

    works = planned(opened(path, environment={}).configuration, window, NOW)

    assert [each.span.name for each in works] == names


def test_windows_are_run_again_while_labels_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: Callable[..., Path]
) -> None:
    monkeypatch.chdir(tmp_path)
    for day in (10, 16, 17):
        (tmp_path / f"reports/model_quality/2024-03-{day}").mkdir(parents=True)
    path = written(CAPTURES.replace("{path: truth}", "{path: truth, update_for: 3d}"))
    configuration = opened(path, environment={}).configuration

    last = planned(configuration, "LAST", NOW)
    one = planned(configuration, "2024-03-18/2024-03-19", NOW)

    assert [each.span.name for each in last] == ["2024-03-16", "2024-03-17", "2024-03-18"]
    assert [each.span.name for each in one] == ["2024-03-18"]


def test_a_deployment_is_of_all_requests(written: Callable[..., Path]) -> None:
    text = CAPTURES.replace("monitors:\n", "monitors:\n  deployment: {time_column: at}\n")
    configuration = opened(written(text), environment={}).configuration

    works = planned(configuration, "LAST", NOW, ["deployment"])

    assert [(each.span.name, "start" in each.settings) for each in works] == [("snapshot", False)]


@pytest.mark.parametrize(
    "window", ["yesterday", "2024-03-01/2024-03-01T05", "2024-03-02/2024-03-01", "a/b"]
)
def test_windows_that_are_none_are_refused(window: str, written: Callable[..., Path]) -> None:
    configuration = opened(written(CAPTURES), environment={}).configuration

    with pytest.raises(SettingsError, match="--window"):
        planned(configuration, window, NOW)
