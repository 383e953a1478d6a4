"""Which engine computes what."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.compute import choice
from driftkit.compute.choice import choose
from driftkit.errors import EngineError, SettingsError
from driftkit.settings import Settings
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


@dataclass
class FrameStub:
    """A dataset whose rows Spark holds."""

    frame: Any = field(default_factory=object)
    units: tuple[Any, ...] = ()


@pytest.fixture(autouse=True)
def no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "spark_is_there", lambda: False)


def chosen(dataset: Any, settings: dict[str, str], purpose: choice.Purpose = "monitor") -> str:
    return choose(dataset, Settings.of(**settings), purpose).name


@pytest.mark.parametrize("purpose", ["baseline", "monitor"])
def test_small_input_stays_in_this_process(purpose: choice.Purpose) -> None:
    assert chosen(SMALL, {}, purpose) == "scan in this process"


@pytest.mark.parametrize("settings", [{"runner": "local"}, {"runner": "local", "engine": "scan"}])
def test_local_runner_is_obeyed_for_large_input(settings: dict[str, str]) -> None:
    assert chosen(Stub(), settings) == "scan in this process"


def test_large_input_stays_in_this_process_without_java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftkit.compute.runtime.java_home", lambda: None)

    assert chosen(Stub(), {}) == "scan in this process"


def test_a_large_baseline_on_spark_is_not_left_to_deequ_unasked() -> None:
    pytest.importorskip("pyspark")

    large: Any = Stub()

    engine = choose(large, Settings.of(runner="spark"), "baseline")

    assert engine.name == "scan on Spark"
    assert "--engine deequ" in (engine.note or "")


@pytest.mark.parametrize(
    ("dataset", "settings", "expected"),
    [
        (SMALL, {"runner": "local", "engine": "deequ"}, "contradict"),
        (FrameStub(), {"runner": "local"}, "Spark DataFrame"),
    ],
)
def test_contradictions_are_refused(
    dataset: Dataset, settings: dict[str, str], expected: str
) -> None:
    with pytest.raises(SettingsError, match=expected):
        chosen(dataset, settings)


@pytest.mark.parametrize("settings", [{"runner": "spark"}, {"engine": "deequ"}])
def test_spark_without_pyspark_is_an_error(
    settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "find_spec", lambda _: None)

    with pytest.raises(EngineError, match="pyspark is not installed"):
        chosen(SMALL, settings)


def test_choosing_the_local_runner_imports_no_spark() -> None:
    code = (
        "import sys; from driftkit.compute.choice import choose; "
        "from driftkit.settings import Settings; "
        "from driftkit.readers.dataset import FileDataset; "
        "choose(FileDataset(name='', columns=(), units=()), Settings(), 'baseline'); "
        "sys.exit('pyspark' in sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], check=False)

    assert ended.returncode == 0
