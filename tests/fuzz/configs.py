"""Attacks the files that a run is told by: baselines, reports, configurations, kept states."""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from pprint import pformat
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from driftkit import bias, data_quality, model_quality
from driftkit.formats import (
    analysis,
    analysis_config,
    attribution_config,
    constraints,
    explanations,
    segments,
    statistics,
    violations,
)
from driftkit.formats.model_quality import constraints as model_constraints
from driftkit.formats.model_quality import statistics as model_statistics
from tests.fuzz.cases import RESULT, Case, Target, check, outcome, writable
from tests.fuzz.mutations import changed_bytes, document_bytes
from tests.fuzz.samples import documents, written_states

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random


_READERS: Mapping[str, Callable[[Path], Any]] = {
    "constraints": constraints.read_file,
    "statistics": statistics.read_file,
    "violations": partial(violations.read_file, row=violations.Violation),
    "segments": segments.read_constraints,
    "model constraints": model_constraints.read_file,
    "model statistics": model_statistics.read_file,
    "model violations": partial(violations.read_file, row=violations.MetricViolation),
    "analysis": analysis.read_file,
    "bias violations": partial(violations.read_file, row=violations.BiasViolation),
    "explanations": explanations.read_file,
    "attribution violations": partial(violations.read_file, row=violations.AttributionViolation),
    "bias configuration": analysis_config.read_file,
    "attribution configuration": attribution_config.read,
}
# What is read of these is written again in the same form.
_WRITTEN_AGAIN = {"constraints", "statistics", "violations", "model constraints", "bias violations"}


def make_file(random: Random) -> Case:
    """A file that was written, with changes in its structure or in its bytes."""
    kind = random.choice([*_READERS])
    content = document_bytes(random.choice(documents(kind)), random)
    return Case(files={"file.json": content}, options={"kind": kind})


def run_file(case: Case, folder: Path) -> str:
    """Reads it; what is read can be written, and read again."""
    kind, path = case.options["kind"], folder / "file.json"
    ended, found = outcome(lambda: _READERS[kind](path))
    if ended == RESULT and kind in _WRITTEN_AGAIN:
        path.write_text(json.dumps(found.to_dict()), encoding="utf-8")
        again, second = outcome(lambda: _READERS[kind](path))
        check(again == RESULT, f"what was read and written cannot be read: {second}")
        check(_same(found, second), "what was read and written is read otherwise")
    return ended


def _same(first: Any, second: Any) -> bool:
    # NaN is not itself; its text is. Keys that nobody knows may come in another order.
    return repr(first) == repr(second) or pformat(first) == pformat(second)


def make_baseline(random: Random) -> Case:
    """The files of a baseline, one of them with changes."""
    kind = random.choice(("data", "data", "model", "bias"))
    files = {
        name: json.dumps(each).encode() for name, each in documents(f"{kind} baseline")[0].items()
    }
    name = random.choice(sorted(files))
    files[name] = document_bytes(json.loads(files[name]), random)
    return Case(
        files={f"base/{each}": content for each, content in files.items()},
        options={"kind": kind, "dialect": random.choice(("textbook", "aws"))},
    )


def run_baseline(case: Case, folder: Path) -> str:
    """Compares a window with the baseline; the result can be written down."""
    told = {"dialect": case.options["dialect"], "runner": "local"}
    return _BASELINES[case.options["kind"]](str(folder / "base"), told)


def _of_data(folder: str, told: dict[str, Any]) -> str:
    kind, normal = outcome(lambda: data_quality.Baseline.read(folder))
    if kind == RESULT:
        window = {"a": [1, 2, None], "b": ["x", "y", "zz"], "c": ["1.5", "2", "x"]}
        kind, found = outcome(lambda: data_quality.monitor(window, normal, **told))
        if kind == RESULT:
            writable(found.files)
    return kind


def _of_model(folder: str, told: dict[str, Any]) -> str:
    kind, normal = outcome(lambda: model_quality.ModelBaseline.read(folder))
    if kind == RESULT:
        window = {"label": ["1", "0", "1"], "p": ["1", "1", "0"]}
        told = {**told, "inference_attribute": "p"}
        kind, found = outcome(lambda: model_quality.monitor(window, normal, **told))
        if kind == RESULT:
            writable(found.files)
    return kind


def _of_bias(folder: str, told: dict[str, Any]) -> str:
    config, window = documents("bias run")[0], documents("bias rows")[0]
    kind, found = outcome(lambda: bias.monitor(window, folder, analysis_config=config, **told))
    if kind == RESULT:
        writable(found.files)
    return kind


_BASELINES = {"data": _of_data, "model": _of_model, "bias": _of_bias}


def make_config(random: Random) -> Case:
    """Clarify's configuration with changes, as a mapping."""
    content = document_bytes(documents("bias run")[0], random)
    return Case(
        files={"analysis_config.json": content},
        options={"dialect": random.choice(("textbook", "aws"))},
    )


def run_config(case: Case, folder: Path) -> str:
    """Measures bias as it says."""
    path = folder / "analysis_config.json"
    kind, found = outcome(
        lambda: bias.baseline(
            documents("bias rows")[0], analysis_config=path, runner="local", **case.options
        )
    )
    if kind == RESULT:
        writable(found.files)
    return kind


def make_states(random: Random) -> Case:
    """Kept states with changed bytes."""
    content = random.choice(_states())
    return Case(files={"states.arrow": changed_bytes(content, random)})


def run_states(_case: Case, folder: Path) -> str:
    """Reads them, adds them up, and describes what they are of."""
    path = str(folder / "states.arrow")
    kind, found = outcome(lambda: data_quality.combine(path, path, allow_overlap=True))
    if kind == RESULT:
        kind, found = outcome(lambda: data_quality.baseline(found))
        if kind == RESULT:
            writable(found.files)
    return kind


@lru_cache(maxsize=1)
def _states() -> tuple[bytes, ...]:
    with TemporaryDirectory() as folder:
        return written_states(Path(folder))


TARGETS = (
    Target(name="files of reports and settings", share=260, make=make_file, run=run_file),
    Target(name="baselines", share=60, make=make_baseline, run=run_baseline),
    Target(name="configurations of bias", share=60, make=make_config, run=run_config),
    Target(name="kept states", share=160, make=make_states, run=run_states),
)
