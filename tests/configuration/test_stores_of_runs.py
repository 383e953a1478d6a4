"""The metrics store of `driftkit run`, where it is not found and where several monitors use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from driftkit.configuration import running
from driftkit.sinks.references import look_up
from tests.configuration.conftest import CAPTURES, captured, violations

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for day in (18, 19):
        captured(tmp_path, day, ["0.9", "0.1"] * 20)
    return tmp_path


def test_a_store_that_is_not_found_stops_neither_monitors_nor_those_who_are_told(
    here: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    store = "store: {path: '${env:NO_STORE_IS_HERE}'}\n"
    written(f"{CAPTURES}{store}sinks: [{{kind: webhook, url: 'http://localhost:9'}}]\n")

    ended = driftkit_command("run", "--window", "2024-03-18/2024-03-20", "--notify")

    assert ended.code == 1
    for day in (18, 19):
        assert f"model_quality 2024-03-{day}: " in ended.err
        assert violations(here / f"reports/model_quality/2024-03-{day}")
    assert ended.err.count("Alerts were not sent: ") == 2


def test_the_address_of_a_store_is_looked_up_once_for_all_monitors(
    written: Callable[..., Path],
    driftkit_command: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def counting(text: str) -> str:
        asked.append(text)
        return look_up(text)

    monkeypatch.setattr(running, "look_up", counting)
    monkeypatch.setenv("KEPT_IN", "metrics")
    written(f"{CAPTURES}store: {{path: '${{env:KEPT_IN}}'}}\n")

    ended = driftkit_command("run", "--window", "2024-03-18/2024-03-20")

    assert (ended.code, asked) == (0, ["${env:KEPT_IN}"]), ended.err
