"""`driftkit alerts` lists, silences and judges what is kept in a file."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from driftkit.sinks.kept import Kept, read_kept, write_kept
from tests.cli.conftest import driftkit_command  # noqa: F401  (a fixture)
from tests.sinks.windows import BEGIN, finding, of_bits, play, window

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended


@pytest.fixture
def command(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> Callable[..., Ended]:
    """`command(verb, ...)` on a file in which an alert fires."""
    write_kept(tmp_path / "a.jsonl", Kept(events=tuple(play(of_bits([True, True])))))

    def run(verb: str, *arguments: str) -> Ended:
        return driftkit_command("alerts", verb, tmp_path / "a.jsonl", *arguments)

    return run


def test_what_fires_is_listed(command: Callable[..., Ended], tmp_path: Path) -> None:
    said = command("list")

    assert said.code == 0
    assert "age baseline_drift_check: firing" in said.out
    assert "Since 2026-11-01 01:00 UTC, in 2 windows" in said.out
    write_kept(tmp_path / "a.jsonl", Kept())
    assert command("list").out == "No alert fires.\n"


def test_a_silence_is_kept_until_its_end(command: Callable[..., Ended], tmp_path: Path) -> None:
    said = command("silence", "--feature", "a*", "--until", "2999-01-01")

    assert said.out == "silenced: column a* until 2999-01-01 00:00 UTC\n"
    kept = read_kept(tmp_path / "a.jsonl")
    (silence,) = kept.silences
    assert silence.covers("age", "any", "1", BEGIN)
    assert not silence.covers("city", "any", "1", BEGIN)
    assert "silenced: column a*" in command("list").out
    assert silence.until is not None
    assert kept.trimmed(silence.until + timedelta(seconds=1)).silences == ()


def test_alerts_are_judged(command: Callable[..., Ended], tmp_path: Path) -> None:
    fired = read_kept(tmp_path / "a.jsonl").events[-1]

    said = command("judge", fired.event_id[:8], "false", "--by", "ann", "--note", "a holiday")

    assert said.code == 0
    judged = read_kept(tmp_path / "a.jsonl").events[-1]
    assert (judged.judged, judged.judged_by, judged.note) == ("false", "ann", "a holiday")
    assert play([window(0, finding())])[0].judged is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("judge", "zzz", "true"), "no such event"),
        (("judge", "", "true"), "no such event"),
        (("silence", "--until", "2020-01-01"), "over already"),
        (("silence", "--until", "soon"), "not a time"),
    ],
)
def test_what_cannot_be_is_refused(
    command: Callable[..., Ended], arguments: tuple[str, ...], said: str
) -> None:
    ended = command(*arguments)

    assert ended.code == 1
    assert said in ended.err


def test_a_file_that_is_not_there_is_an_error(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    ended = driftkit_command("alerts", "list", tmp_path / "nothing.jsonl")

    assert ended.code == 1
    assert "no such file of alerts" in ended.err
