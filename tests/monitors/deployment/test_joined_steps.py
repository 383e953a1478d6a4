"""Requests are followed through the steps of a pipeline by their ids."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import driftkit
from driftkit.errors import InputError
from driftkit.formats.deployment import pipeline as pipeline_file
from driftkit.formats.deployment.pipeline import StepIds
from driftkit.monitors.deployment.joined_steps import joined, stage_ids
from driftkit.settings import Settings
from tests.capture.captures import record, write
from tests.monitors.deployment.test_pipeline import ROWS, way

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

IDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e", "", None]), min_size=1, max_size=12)


def with_ids(data: dict[str, pd.DataFrame], prefix: str = "w") -> dict[str, pd.DataFrame]:
    """The same with the id of each request, in whatever order the rows are."""
    random = np.random.default_rng(3)
    ids = [f"{prefix}-{number}" for number in range(ROWS)]
    return {
        name: each.assign(inferenceId=ids).iloc[random.permutation(ROWS)].reset_index(drop=True)
        for name, each in data.items()
    }


def step_of(before: Sequence[str | None], after: Sequence[str | None]) -> StepIds | None:
    """What became of ids that stand in two tables."""
    run = Settings.from_keywords(runner="local")
    tables = ({"inferenceId": [*each], "x": range(len(each))} for each in (before, after))
    one, other = (stage_ids(pd.DataFrame(each), (), None, run) for each in tables)
    return joined(one, other, run)


@given(before=IDS, after=IDS)
@example(before=["a", "a", "b"], after=["a", "c"])
def test_ids_are_counted_as_by_hand(before: list[str | None], after: list[str | None]) -> None:
    found = step_of(before, after)

    one, other = (Counter(each for each in ids if each) for ids in (before, after))
    twice = {each for each in one | other if max(one[each], other[each]) > 1}
    expected = StepIds(
        joined=len((one.keys() & other.keys()) - twice),
        lost=len(one.keys() - other.keys() - twice),
        appeared=len(other.keys() - one.keys() - twice),
        repeated=len(twice),
        repeated_before=sum(one[each] for each in twice),
        repeated_after=sum(other[each] for each in twice),
        without_id_before=len(before) - one.total(),
        without_id_after=len(after) - other.total(),
        examples=tuple(sorted(twice)[:3]),
    )
    assert found == (expected if one and other else None)


def test_requests_that_a_step_loses_are_told(tmp_path: Path) -> None:
    window, normal = with_ids(way(2)), with_ids(way(1), "n")
    lost = window["prepared"].iloc[: ROWS * 3 // 4]
    # As many rows as before, so that their number tells nothing.
    strange = lost.iloc[: ROWS // 4].assign(inferenceId=[f"x-{i}" for i in range(ROWS // 4)])
    window["prepared"] = pd.concat([lost, strange], ignore_index=True)

    found = driftkit.deployment.pipeline(window, normal, runner="local")
    found.write(tmp_path)

    steps = found.pipeline.steps
    assert [each.lost for each in steps] == [0.25, 0.25]
    assert [(each.ids.joined, each.ids.appeared) for each in steps if each.ids] == [(450, 150)] * 2
    assert "raw to prepared: 150 ids after the step were not before it." in found.notes()
    assert pipeline_file.read_file(tmp_path / "pipeline.json") == found.pipeline


@pytest.mark.parametrize(
    ("moved", "first"),
    [
        ({}, None),
        ({"prepared": 3.0}, "raw to prepared"),
        ({"answered": 3.0}, "prepared to answered"),
    ],
)
def test_ids_do_not_drift(moved: dict[str, float], first: str | None) -> None:
    window, normal = with_ids(way(2, **moved)), with_ids(way(1), "n")

    found = driftkit.deployment.pipeline(window, normal, runner="local").pipeline

    assert found.first == first
    assert "inferenceId" not in {name for each in found.stages for name in each.features}


def captured(folder: Path, data: dict[str, pd.DataFrame], unanswered: int) -> Path:
    """Records with the ids of requests, the last of which have no answer."""
    scores = data["answered"].set_index("inferenceId")["score"]
    records = []
    for number, (x, key) in enumerate(data["raw"].itertuples(index=False)):
        answer = f"{scores[key]:.4f}" if number < ROWS - unanswered else None
        about = record(f"{x:.4f}", answer)
        about["eventMetadata"]["inferenceId"] = key
        records.append(about)
    write(folder / "churn/AllTraffic/2024/03/18/15/a.jsonl", records)
    return folder


def test_sides_of_captures_are_joined_with_tables_between(tmp_path: Path) -> None:
    window, normal = with_ids(way(2)), with_ids(way(1), "n")
    stages: dict[str, dict[str, Any]] = {}
    for name, data in (("window", window), ("normal", normal)):
        folder = captured(tmp_path / name, data, 60 if name == "window" else 0)
        renamed = data["prepared"].rename(columns={"inferenceId": "request"})
        renamed.to_csv(tmp_path / f"{name}.csv", index=False)
        stages[name] = {
            "in": f"{folder}@input",
            "prepared": str(tmp_path / f"{name}.csv"),
            "out": f"{folder}@output",
        }

    found = driftkit.deployment.pipeline(
        stages["window"], stages["normal"], id_column="request", runner="local"
    ).pipeline

    assert [each.lost for each in found.steps] == [0.0, 0.1]
    assert [each.ids.joined for each in found.steps if each.ids] == [600, 540]


def test_steps_without_ids_are_counted_by_rows() -> None:
    window = way(2) | {"answered": with_ids(way(2))["answered"].iloc[: ROWS // 2]}

    found = driftkit.deployment.pipeline(window, way(1), runner="local").pipeline

    assert [(each.lost, each.ids) for each in found.steps] == [(0.0, None), (0.5, None)]


def test_ids_of_other_requests_are_doubted() -> None:
    window = with_ids(way(2)) | {"prepared": with_ids(way(2), "y")["prepared"]}

    notes = driftkit.deployment.pipeline(window, with_ids(way(1)), runner="local").notes()

    assert len([note for note in notes if "are these the same requests?" in note]) == 2


def test_a_column_of_ids_that_is_not_there_is_refused() -> None:
    with pytest.raises(InputError, match="there is no column 'request'"):
        driftkit.deployment.pipeline(way(2), way(1), id_column="request", runner="local")
