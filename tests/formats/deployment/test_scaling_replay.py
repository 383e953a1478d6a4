"""scaling_replay.json: what is in it, and that it is read again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

from driftkit.comparison.deployment.scaling import AutoScaling, replayed
from driftkit.comparison.deployment.scaling_rules import TargetTracking
from driftkit.comparison.deployment.scaling_search import cheapest
from driftkit.errors import FormatError
from driftkit.formats.deployment.scaling_replay import (
    Questions,
    ScalingReplay,
    of_replay,
    read,
    read_file,
)
from driftkit.formats.fields import to_dict
from driftkit.formats.python_json import file_text
from tests.formats.damage import damaged, ours

if TYPE_CHECKING:
    from pathlib import Path

SCALING = AutoScaling(minimum=1, maximum=5, tracking=TargetTracking(target=1000))
LOAD = np.repeat([600.0, 3000.0, 600.0], [10, 30, 40])
# 2026-11-02T10:00:00Z
FIRST = 29_893_560


def written(**asked: Any) -> ScalingReplay:
    questions = Questions(**asked)
    choice = None
    if questions.limit is not None:
        choice = cheapest(LOAD, SCALING, max_rps=questions.max_rps or 1, limit=questions.limit)
    return of_replay(replayed(LOAD, SCALING), SCALING, FIRST, questions, choice)


def content(replay: ScalingReplay) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file_text(to_dict(replay)))
    return found


def test_all_that_can_be_asked() -> None:
    document = content(written(max_rps=20, price=1.2, limit=0.5, sampling_percentage=50))

    assert document["about"] == "replay of the published rule, not of AWS"
    assert document["arrivals"] == {
        "start": "2026-11-02T10:00:00Z",
        "end": "2026-11-02T11:20:00Z",
        "minutes": 80,
        "requests": 120_000.0,
        "sampling_percentage": 50.0,
    }
    assert [action["time"] for action in document["actions"]] == [
        "2026-11-02T10:12:00Z",
        "2026-11-02T10:54:00Z",
    ]
    assert document["over_target"] == {
        "limit": 1000.0,
        "minutes": 6,
        "requests": 12_000.0,
        "share": 0.1,
    }
    assert document["over_capacity"]["requests"] == 6 * 1800
    assert (document["instance_minutes"], document["peak_instances"]) == (156, 3)
    assert document["cost"] == pytest.approx(156 / 60 * 1.2)
    assert document["cheapest"]["share"] <= 0.5
    assert "50 % of the requests were captured" in document["notes"][1]


def test_what_was_not_asked_is_null() -> None:
    document = content(written())

    assert [document[key] for key in ("over_capacity", "cost", "cheapest")] == [None] * 3
    assert len(document["notes"]) == 1


def test_a_limit_that_nothing_holds() -> None:
    document = content(written(max_rps=1, limit=0.0))

    assert document["cheapest"]["target"] is None


@pytest.mark.parametrize("asked", [{}, {"max_rps": 20.0, "price": 1.0, "limit": 0.5}])
def test_it_is_read_again(asked: dict[str, Any], tmp_path: Path) -> None:
    replay = written(**asked)
    (tmp_path / "scaling_replay.json").write_text(file_text(to_dict(replay)))

    assert read_file(tmp_path / "scaling_replay.json") == replay


def test_a_wrong_value_is_named_by_its_path() -> None:
    document = content(written())
    document["actions"][1]["desired"] = "one"

    with pytest.raises(FormatError, match=r"actions\[1\].desired"):
        read(document)


@given(damaged(content(written(max_rps=20, limit=0.5))))
def test_damaged_files_are_read_or_refused(document: dict[str, Any]) -> None:
    with ours():
        read(document)
