"""States of model quality are kept, combined, and judged as the rows of all windows at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from driftkit.errors import FormatError, InputError
from driftkit.states.quality.storage import loads
from tests.states.damaging import (
    a_file_that_is_cut_off_is_refused,
    every_flipped_bit_is_noticed_or_harmless,
    forged,
)

if TYPE_CHECKING:
    from pathlib import Path


BINARY: dict[str, Any] = {
    "problem_type": "BinaryClassification",
    "probability_attribute": "probability",
}
MULTICLASS: dict[str, Any] = {
    "problem_type": "MulticlassClassification",
    "inference_attribute": "prediction",
}
REGRESSION: dict[str, Any] = {"problem_type": "Regression", "inference_attribute": "prediction"}
KINDS = {"binary": BINARY, "multiclass": MULTICLASS, "regression": REGRESSION}


def window(rows: int, seed: int) -> dict[str, list[Any]]:
    """Labels, predictions and probabilities, of which some are alike."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, rows)
    scores = np.clip(labels * 0.3 + random.random(rows), 0, 1).round(seed % 3 + 1)
    return {
        "label": labels.tolist(),
        "prediction": random.integers(0, 3, rows).tolist(),
        "probability": scores.tolist(),
    }


def together(tables: list[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    return {name: [value for each in tables for value in each[name]] for name in tables[0]}


def numbers(content: Any, where: str = "") -> dict[str, Any]:
    """All numbers of a file by their place."""
    if isinstance(content, np.ndarray):
        content = content.tolist()
    if not isinstance(content, dict | list):
        return {} if where.endswith("_time") else {where: content}
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    return {
        key: value
        for name, each in pairs
        for key, value in numbers(each, f"{where}/{name}").items()
    }


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_windows_together_are_the_rows_at_once(settings: dict[str, Any], tmp_path: Path) -> None:
    tables = [window(rows, seed) for seed, rows in enumerate((400, 1, 700, 300))]
    for number, table in enumerate(tables):
        kept = driftkit.model_quality.states(table, **settings)
        driftkit.model_quality.save_states(kept, tmp_path / f"{number}")
    normal = driftkit.model_quality.baseline(window(900, 9), **settings)

    month = driftkit.model_quality.combine(tmp_path / "*" / "states.arrow")
    results = [
        driftkit.model_quality.monitor(data, normal, **settings)
        for data in (month, [str(tmp_path / f"{number}") for number in range(4)])
    ]

    at_once = driftkit.model_quality.monitor(together(tables), normal, **settings)
    for result in results:
        found, expected = (numbers(each.files["statistics.json"]) for each in (result, at_once))
        same = {key: value for key, value in expected.items() if "standard_deviation" not in key}
        # Groups of rows, of which deviations are read, depend on how they come.
        exact = settings is not REGRESSION
        assert {key: found[key] for key in same} == (
            same if exact else {key: pytest.approx(value, rel=1e-11) for key, value in same.items()}
        )
        assert found.keys() == expected.keys()
        assert len(result.violations) == len(at_once.violations)
    assert [each.rows for each in month.windows] == [400, 1, 700, 300]


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_states_are_read_back(settings: dict[str, Any]) -> None:
    states = driftkit.model_quality.states(window(300, 1), **settings)

    back = loads(states.dumps(), "here")

    assert back == states
    assert back.dumps() == states.dumps()


def test_a_baseline_is_learnt_from_states() -> None:
    data = window(500, 2)

    found = driftkit.model_quality.baseline(driftkit.model_quality.states(data, **BINARY))

    assert found.constraints == driftkit.model_quality.baseline(data, **BINARY).constraints
    assert found.run is not None
    assert found.run.engine == "kept states"


def test_a_run_keeps_its_states_and_says_who_read_them(tmp_path: Path) -> None:
    data = window(500, 2)
    normal = driftkit.model_quality.baseline(data, keep_states=True, **BINARY)

    result = driftkit.model_quality.monitor(data, normal, keep_states=True, **BINARY)

    assert result.run is not None
    assert result.run.engine == "one pass in this process"
    result.write(tmp_path)
    assert driftkit.model_quality.combine(tmp_path) == result.states == normal.states
    assert driftkit.model_quality.monitor(data, normal, **BINARY).states is None


def test_the_same_rows_are_not_added_twice() -> None:
    states = driftkit.model_quality.states(window(300, 1), **BINARY)

    with pytest.raises(InputError, match="overlap"):
        driftkit.model_quality.combine(states, states)
    assert driftkit.model_quality.combine(states, states, allow_overlap=True).state.rows == 600


def test_rows_that_were_judged_otherwise_are_refused() -> None:
    states = driftkit.model_quality.states(window(300, 1), **BINARY)
    strict = driftkit.model_quality.states(
        window(300, 2), probability_threshold_attribute=0.8, **BINARY
    )
    normal = driftkit.model_quality.baseline(window(300, 3), **BINARY)

    with pytest.raises(InputError, match="judged otherwise"):
        driftkit.model_quality.combine(states, strict)
    with pytest.raises(InputError, match="judged otherwise"):
        driftkit.model_quality.monitor(states, normal, probability_threshold_attribute=0.8)
    with pytest.raises(InputError, match="judged otherwise"):
        driftkit.model_quality.baseline(states, problem_type="Regression")


def test_states_of_another_monitor_are_refused(tmp_path: Path) -> None:
    states = driftkit.model_quality.states(window(30, 1), **BINARY)
    driftkit.model_quality.save_states(states, tmp_path / "quality")
    data = driftkit.data_quality.baseline({"a": [1, 2, 3]})
    data.write(tmp_path / "data", keep_states=True)

    with pytest.raises(FormatError, match=r"of another monitor.*states of data_quality"):
        driftkit.data_quality.combine(tmp_path / "quality")
    with pytest.raises(FormatError, match=r"of another monitor.*states of model_quality"):
        driftkit.model_quality.combine(tmp_path / "data")


def test_states_and_data_are_not_handed_in_together(tmp_path: Path) -> None:
    states = driftkit.model_quality.states(window(30, 1), **BINARY)
    driftkit.model_quality.save_states(states, tmp_path / "quality")
    (tmp_path / "rows.csv").write_text("label,probability\n1,0.5\n")

    with pytest.raises(InputError, match="handed in together"):
        driftkit.model_quality.baseline([tmp_path / "quality", tmp_path / "rows.csv"], **BINARY)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("actual", lambda values: values[1:]),
        ("predicted", lambda values: [values[0]] * len(values)),
        ("predicted", lambda values: [None, *values[1:]]),
        ("rows", lambda values: [-1, *values[1:]]),
        ("rows", lambda values: [2**62, *values[1:]]),
        ("rows", lambda values: [1] * len(values)),
        ("sums", lambda values: values[1:]),
        ("sums", lambda values: [5.0, *values[1:]]),
        ("group_sums", lambda values: [-1.0, *values[1:]]),
        ("group_sums", lambda values: [0.5, *values[1:]]),
        ("group_sums", lambda values: values[:7]),
        ("score_keys", lambda values: values[::-1]),
        ("score_keys", lambda values: [*values, 2**64 - 1]),
        ("score_keys", lambda values: [2, *values[1:]]),
        ("score_rows", lambda values: [0, *values[1:]]),
        ("score_rows", lambda values: values[1:]),
    ],
)
def test_what_no_rows_can_have_is_refused(name: str, change: Any) -> None:
    states = driftkit.model_quality.states(window(300, 1), **BINARY)
    assert loads(forged(states.dumps(), name, list), "here") == states

    with pytest.raises(FormatError, match=r"here, field"):
        loads(forged(states.dumps(), name, change), "here")


def test_every_flipped_bit_is_noticed_or_harmless() -> None:
    states = driftkit.model_quality.states(window(40, 1), **BINARY)

    every_flipped_bit_is_noticed_or_harmless(states.dumps(), loads)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_file_that_is_cut_off_is_refused(kept: float) -> None:
    states = driftkit.model_quality.states(window(40, 1), **BINARY)

    a_file_that_is_cut_off_is_refused(states.dumps(), loads, kept)
