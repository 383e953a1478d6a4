"""Which engine computes what."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from driftkit.compute import choice
from driftkit.compute.choice import choose
from driftkit.errors import EngineError, SettingsError
from driftkit.readers.spark import FrameDataset
from driftkit.settings import Compute, Settings
from tests.compute.samples import of_tables, typed_table

if TYPE_CHECKING:
    from driftkit.readers.dataset import Dataset

SMALL = of_tables([typed_table(10, 1)])


@dataclass
class LargeUnit:
    """A unit that says that it is large."""

    name: str = "large"
    size: int = choice.LOCAL_BYTES


@dataclass
class Stub:
    """As much of a dataset as the choice looks at."""

    units: tuple[LargeUnit, ...] = (LargeUnit(),)
    columns: tuple[Any, ...] = ()
    name: str = "stub"


HELD_BY_SPARK: Any = FrameDataset(name="frame", frame=cast("Any", None), columns=())


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "spark_is_there", lambda: False)


def chosen(dataset: Any, settings: dict[str, Any], purpose: choice.Purpose = "monitor") -> str:
    return choose(dataset, Settings.from_keywords(**settings).compute, purpose).name


@pytest.mark.parametrize("purpose", ["baseline", "monitor"])
def test_small_input_stays_in_this_process(purpose: choice.Purpose) -> None:
    assert chosen(SMALL, {}, purpose) == "scan in this process"


@pytest.mark.parametrize(("numba", "expected"), [(True, "in this process"), (False, "on Spark")])
def test_one_thread_reads_half_as_much(
    monkeypatch: pytest.MonkeyPatch, expected: str, *, numba: bool
) -> None:
    pytest.importorskip("pyspark")
    monkeypatch.setattr(choice, "find_spec", lambda name: numba or name != "numba")
    monkeypatch.setattr("driftkit.compute.runtime.java_home", lambda: "java")
    half: Any = Stub(units=(LargeUnit(size=choice.LOCAL_BYTES // 2),))

    assert chosen(half, {}) == f"scan {expected}"


@pytest.mark.parametrize("settings", [{"runner": "local"}, {"runner": "local", "engine": "scan"}])
def test_local_runner_is_obeyed_for_large_input(settings: dict[str, Any]) -> None:
    assert chosen(Stub(), settings) == "scan in this process"


def test_large_input_stays_in_this_process_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftkit.compute.runtime.java_home", lambda: None)

    assert chosen(Stub(), {}) == "scan in this process"


def test_a_large_baseline_on_spark_is_not_left_to_deequ_unasked() -> None:
    pytest.importorskip("pyspark")

    large: Any = Stub()

    engine = choose(large, Compute(runner="spark"), "baseline")

    assert engine.name == "scan on Spark"
    assert "--engine deequ" in (engine.note or "")


@pytest.mark.parametrize(
    ("dataset", "settings", "expected"),
    [
        (SMALL, {"runner": "local", "engine": "deequ"}, "contradict"),
        (HELD_BY_SPARK, {"runner": "local"}, "Spark DataFrame"),
    ],
)
def test_contradictions_are_refused(
    dataset: Dataset, settings: dict[str, Any], expected: str
) -> None:
    with pytest.raises(SettingsError, match=expected):
        chosen(dataset, settings)


@pytest.mark.parametrize("settings", [{"runner": "spark"}, {"engine": "deequ"}])
def test_spark_without_pyspark_is_an_error(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _: None)

    with pytest.raises(EngineError, match="pyspark is not installed"):
        chosen(SMALL, settings)


def test_a_small_baseline_imports_no_spark() -> None:
    code = (
        "import sys, driftkit; "
        "driftkit.data_quality.baseline({'a': [1, 2]}); "
        "driftkit.model_quality.baseline({'y': [1, 2], 'p': [1, 3]}, problem_type='Regression', "
        "inference_attribute='p', ground_truth_attribute='y'); "
        "sys.exit('pyspark' in sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], check=False)

    assert ended.returncode == 0
