"""What the fuzzer found in values, baselines and kept states stays mended."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit import data_quality, model_quality
from driftkit.errors import FormatError, InputError
from driftkit.states import storage
from tests.fuzz.paths import Way, load_compiled, taken

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _loaded() -> None:
    load_compiled()


@pytest.mark.parametrize("codes", [[0, 1, 2], [0, -1]])
@pytest.mark.parametrize("compiled", [False, True])
def test_values_that_are_not_in_their_dictionary_are_damage(
    codes: list[int],
    compiled: bool,  # noqa: FBT001
) -> None:
    texts = pa.DictionaryArray.from_arrays(
        pa.array(codes, pa.int32()), pa.array(["a", "b"]), safe=False
    )
    with taken(Way(compiled=compiled)), pytest.raises(InputError, match="not in its dictionary"):
        data_quality.baseline(pa.table({"c": texts}), runner="local")


@pytest.mark.parametrize(
    "signal",
    [
        np.array([0x7FF0000000000001], np.uint64).view(np.float64),
        np.array([0x7F800001], np.uint32).view(np.float32),
    ],
    ids=["double", "float"],
)
def test_a_nan_that_signals_warns_of_nothing(signal: Any) -> None:
    with warnings.catch_warnings(), taken(Way(compiled=False)):
        warnings.simplefilter("error", RuntimeWarning)
        baseline = data_quality.baseline(pa.table({"x": pa.array(signal)}), runner="local")

    assert baseline.run is not None
    assert baseline.run.rows == 1


@pytest.mark.parametrize("auc", [-1.0, 2.0])
def test_an_area_that_no_curve_has_gives_no_interval(auc: float, tmp_path: Path) -> None:
    rows = {"y": ["1", "0", "1", "0"], "p": ["1", "0", "1", "1"], "s": [0.9, 0.2, 0.8, 0.6]}
    named: dict[str, Any] = {
        "problem_type": "BinaryClassification",
        "ground_truth_attribute": "y",
        "inference_attribute": "p",
        "probability_attribute": "s",
        "runner": "local",
    }
    model_quality.baseline(rows, **named).write(tmp_path)
    path = tmp_path / "statistics.json"
    document = json.loads(path.read_bytes())
    document["binary_classification_metrics"]["auc"]["value"] = auc
    path.write_text(json.dumps(document))
    (tmp_path / "intervals.json").unlink(missing_ok=True)

    found = model_quality.monitor(rows, str(tmp_path), **named)

    assert {each.name: each for each in found.metrics()}["auc"].value == 1.0


def test_states_that_begin_with_another_message_than_a_schema_are_damaged() -> None:
    states = data_quality.baseline({"x": [1.0]}, runner="local").states
    assert states is not None
    content = storage.dumps(states)
    forged = [
        other
        for place in range(8, 80)
        for value in range(8)
        if _kind_of(other := content[:place] + bytes([value]) + content[place + 1 :]) != "schema"
    ]

    assert any(_kind_of(each) == "record batch" for each in forged)
    for each in forged:
        with pytest.raises(FormatError):
            storage.loads(each, "states.arrow")


def _kind_of(content: bytes) -> str | None:
    try:
        return str(pa.ipc.MessageReader.open_stream(content).read_next_message().type)
    except (StopIteration, OSError, pa.ArrowException):
        return None


def test_numbers_whose_squares_no_double_holds_have_no_skewness() -> None:
    numbers = {"x": [-1.0, 8.371642805085586e201]}

    table = data_quality.baseline(numbers, runner="local").statistics_table()

    assert table.skewness.isna().all()
