"""Every public call with every wrong thing ends in an error of driftkit's that says what to do."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from driftkit import attribution, bias, data_quality, merge, model_quality
from driftkit.errors import DriftkitError, InputError
from tests.monitors.attribution.data import CONFIG, rows
from tests.monitors.bias.tables import configuration
from tests.monitors.calls import BINARY, COLUMNS, flights, model, normal

if TYPE_CHECKING:
    from collections.abc import Callable


class _Of:
    """Something whose type nobody knows."""


DEPENDENCE = {**CONFIG, "methods": {"pdp": {"features": ["a"]}}}

# Nothing of these is data, a baseline, statistics, a configuration or a folder that can be written.
WRONG: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "whole number": lambda: 3,
    "number": lambda: 1.5,
    "truth": lambda: True,
    "bytes": lambda: b"abc",
    "empty text": lambda: "",
    "text with a nul": lambda: "a\0b",
    "empty list": list,
    "list of nothing": lambda: [None],
    "list of numbers": lambda: [1, 2],
    "list of frames": lambda: [flights(), flights()],
    "list of a path and a number": lambda: ["x.csv", 3],
    "empty tuple": tuple,
    "set": lambda: {1},
    "generator": lambda: (each for each in "ab"),
    "series": lambda: flights()["distance"],
    "index": lambda: flights().index,
    "groups": lambda: flights().groupby("carrier"),
    "vector": lambda: np.arange(6),
    "matrix": lambda: np.zeros((3, 2)),
    "scalar array": lambda: np.array(3),
    "records": lambda: np.zeros(3, dtype=[("a", "f8")]),
    "frame without columns and rows": pd.DataFrame,
    "frame without rows": lambda: flights().iloc[:0],
    "frame without columns": lambda: pd.DataFrame(index=range(3)),
    "frame with a name twice": lambda: pd.DataFrame([[1, 2]], columns=["a", "a"]),
    "frame with 1 and '1'": lambda: pd.DataFrame([[1, 2]], columns=[1, "1"]),
    "frame of complex numbers": lambda: pd.DataFrame({"a": [1 + 2j]}),
    "frame of objects": lambda: pd.DataFrame({"a": [object()]}),
    "frame of mixed values": lambda: pd.DataFrame({"a": [1, "x"]}, dtype=object),
    "frame of periods": lambda: pd.DataFrame({"a": pd.period_range("2024", periods=3)}),
    "empty mapping": dict,
    "mapping to a number": lambda: {"a": 1},
    "mapping to a text": lambda: {"a": "abc"},
    "mapping to nothing": lambda: {"a": None},
    "mapping to a set": lambda: {"a": {1, 2}},
    "mapping of two lengths": lambda: {"a": [1], "b": [1, 2]},
    "mapping of 1 and '1'": lambda: {1: [1, 2], "1": [1, 2]},
    "mapping to a matrix": lambda: {"a": np.zeros((2, 2))},
    "arrow array": lambda: pa.array([1]),
    "chunked array": lambda: pa.chunked_array([[1]]),
    "reader": lambda: pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), []),
    "table without columns": lambda: pa.table({}),
    "table without rows": lambda: pa.table({"a": pa.array([], pa.int64())}),
    "table of a union": lambda: pa.table(
        {"a": pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])}
    ),
    "table of texts that are none": lambda: pa.table(
        {"a": pa.Array.from_buffers(pa.string(), 1, [None, _bytes([0, 1]), pa.py_buffer(b"\xff")])}
    ),
    "class": lambda: _Of,
    "object": _Of,
    "function": lambda: print,
    "module": lambda: pd,
    "error": lambda: ValueError("x"),
    "time": lambda: datetime(2024, 1, 1, tzinfo=UTC),
    "missing path": lambda: Path("nowhere"),
    "missing text": lambda: "nowhere",
    "data-quality baseline": lambda: normal("data_quality"),
    "model-quality baseline": lambda: normal("model_quality"),
    "bias baseline": lambda: normal("bias"),
    "attribution baseline": lambda: normal("attribution"),
    "statistics": lambda: normal("data_quality").statistics,
}


def _bytes(numbers: list[int]) -> pa.Buffer:
    return pa.py_buffer(np.array(numbers, np.int32).tobytes())


CALLS: dict[str, Callable[[Any], Any]] = {
    "data_quality.baseline": data_quality.baseline,
    "data_quality.monitor data": lambda x: data_quality.monitor(x, normal("data_quality")),
    "data_quality.monitor baseline": lambda x: data_quality.monitor(flights(), x),
    "data_quality.compare statistics": lambda x: data_quality.compare(x, normal("data_quality")),
    "data_quality.compare baseline": lambda x: data_quality.compare(
        normal("data_quality").statistics, x
    ),
    "data_quality.combine": data_quality.combine,
    "Baseline.read": data_quality.Baseline.read,
    "Baseline.read constraints": lambda x: data_quality.Baseline.read(constraints=x),
    "Baseline.write": lambda x: normal("data_quality").write(x),
    "MonitoringResult.read": data_quality.MonitoringResult.read,
    "model_quality.baseline": lambda x: model_quality.baseline(x, **BINARY),
    "model_quality.monitor data": lambda x: model_quality.monitor(
        x, normal("model_quality"), **COLUMNS
    ),
    "model_quality.monitor baseline": lambda x: model_quality.monitor(flights(), x, **BINARY),
    "model_quality.compare statistics": lambda x: model_quality.compare(x, normal("model_quality")),
    "model_quality.compare baseline": lambda x: model_quality.compare(
        normal("model_quality").statistics, x
    ),
    "ModelBaseline.read": model_quality.ModelBaseline.read,
    "ModelBaseline.write": lambda x: normal("model_quality").write(x),
    "ModelResult.read": model_quality.ModelResult.read,
    "bias.baseline": lambda x: bias.baseline(x, analysis_config=configuration()),
    "bias.baseline config": lambda x: bias.baseline(flights(), analysis_config=x),
    "bias.monitor data": lambda x: bias.monitor(x, normal("bias"), analysis_config=configuration()),
    "bias.monitor baseline": lambda x: bias.monitor(flights(), x, analysis_config=configuration()),
    "BiasBaseline.read": bias.BiasBaseline.read,
    "BiasBaseline.write": lambda x: normal("bias").write(x),
    "attribution.baseline": lambda x: attribution.baseline(x, model, analysis_config=CONFIG),
    "attribution.baseline config": lambda x: attribution.baseline(
        rows(50), model, analysis_config=x
    ),
    "attribution.baseline model": lambda x: attribution.baseline(
        rows(50), x, analysis_config=CONFIG
    ),
    "attribution.monitor data": lambda x: attribution.monitor(
        x, normal("attribution"), model, analysis_config=CONFIG
    ),
    "attribution.monitor baseline": lambda x: attribution.monitor(
        rows(50), x, model, analysis_config=CONFIG
    ),
    "attribution.dependence": lambda x: attribution.dependence(
        x, model, analysis_config=DEPENDENCE
    ),
    "AttributionBaseline.read": attribution.AttributionBaseline.read,
    "AttributionBaseline.write": lambda x: normal("attribution").write(x),
    "merge captures": lambda x: merge(x, "nowhere", "out"),
    "merge ground truth": lambda x: merge("nowhere", x, "out"),
    "merge output": lambda x: merge("nowhere", "nowhere", x),
}
_COMPARED = ("monitor baseline", "compare baseline", "compare statistics")
_WRITTEN = ("Baseline", "ModelBaseline", "BiasBaseline", "AttributionBaseline")
# What is right after all.
RIGHT = {
    ("data_quality.combine", "data-quality baseline"),
    *((f"data_quality.{call}", "data-quality baseline") for call in _COMPARED),
    ("data_quality.compare statistics", "statistics"),
    *((f"model_quality.{call}", "model-quality baseline") for call in _COMPARED),
    ("bias.monitor baseline", "bias baseline"),
    ("attribution.monitor baseline", "attribution baseline"),
    *((f"{kind}.write", f"missing {name}") for kind in _WRITTEN for name in ("path", "text")),
}


@pytest.mark.parametrize("call", CALLS)
def test_wrong_things_are_refused_with_what_to_do(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    ended = {
        wrong: _ended(CALLS[call], make())
        for wrong, make in WRONG.items()
        if (call, wrong) not in RIGHT
    }

    assert {wrong: said for wrong, said in ended.items() if said is not None} == {}
    assert not list(tmp_path.iterdir())


def _ended(call: Callable[[Any], Any], wrong: Any) -> str | None:
    """How a call ended, unless in an error as it should be."""
    try:
        call(wrong)
    except DriftkitError as error:
        helps = error.what and (error.expected or error.found or error.todo)
        return None if helps and len(str(error)) < 3000 else f"unhelpful: {error}"
    except Exception as error:  # noqa: BLE001  (what the test is about)
        return f"{type(error).__name__}: {error}"
    return "not refused"


@pytest.mark.parametrize(("call", "right"), sorted(RIGHT))
def test_right_things_are_taken(
    call: str, right: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    CALLS[call](WRONG[right]())


@pytest.mark.parametrize(
    ("call", "todo"),
    [
        (lambda: data_quality.monitor(normal("data_quality"), flights()), "data come first"),
        (lambda: model_quality.monitor(normal("model_quality"), flights()), "data come first"),
        (
            lambda: bias.monitor(normal("bias"), flights(), analysis_config=configuration()),
            "data come first",
        ),
        (
            lambda: attribution.monitor(
                normal("attribution"), rows(50), model, analysis_config=CONFIG
            ),
            "data come first",
        ),
        (lambda: data_quality.baseline(flights()["distance"]), "series.to_frame()"),
        (lambda: data_quality.baseline(np.zeros((3, 2))), "pandas.DataFrame"),
        (lambda: data_quality.baseline([flights()]), "pandas.concat"),
        (lambda: data_quality.compare(flights(), normal("data_quality")), "call monitor"),
        (lambda: data_quality.monitor(flights(), 3), "what `baseline` returned"),
        (lambda: merge("nowhere", flights(), "out"), "files first"),
    ],
)
def test_the_error_says_what_to_do_instead(call: Callable[[], Any], todo: str) -> None:
    with pytest.raises(InputError) as caught:
        call()

    assert todo in (caught.value.todo or "")
