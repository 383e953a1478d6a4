"""Every data-quality file of the real containers is read and written back byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from driftkit.errors import FormatError
from driftkit.formats import constraints, statistics, violations
from driftkit.formats.constraints import Constraints
from driftkit.formats.jackson import dumps, loads
from driftkit.formats.statistics import Statistics
from driftkit.formats.violations import Violation, Violations
from driftkit.monitors.data_quality.suggestion import suggest

Golden = Callable[[str], Path]

Read = Callable[[Path], Statistics | Constraints | Violations[Violation]]
READ: dict[str, Read] = {
    "statistics.json": statistics.read_file,
    "constraints.json": constraints.read_file,
    "constraint_violations.json": partial(violations.read_file, row=Violation),
}
SDK = "sdk/tests/data/pipeline/quality_check_step/data_quality"
OF_2019 = "sdk/tests/data/monitor"
WEEKS = ["2020-02-03", "2020-02-10", "2020-02-17", "2020-02-24"]
REPORTS = [f"taxi/data-quality/reports/{week}" for week in WEEKS]
FILES = [
    f"{SDK}/statistics.json",
    f"{SDK}/good_cases/constraints.json",
    f"{SDK}/bad_cases/constraints.json",
    f"{OF_2019}/constraint_violations.json",
    "taxi/data-quality/baseline/constraints.json",
    *(f"{report}/{name}" for report in REPORTS for name in READ),
]
MODEL_QUALITY = [
    f"taxi/model-quality/{folder}/{name}"
    for folder, names in (
        ("baseline", ("statistics.json", "constraints.json")),
        ("reports/2020-03-09", tuple(READ)),
    )
    for name in names
]


@pytest.mark.parametrize("relative", FILES)
def test_written_back_byte_for_byte(golden: Golden, relative: str) -> None:
    path = golden(relative)

    written = dumps(READ[path.name](path).to_dict())

    # Only the fixture of 2019 was saved with a newline at its end.
    assert written.encode() == path.read_bytes().removesuffix(b"\n")


@pytest.mark.parametrize("relative", MODEL_QUALITY)
def test_the_json_writer_is_right_for_the_model_monitors_files_too(
    golden: Golden, relative: str
) -> None:
    path = golden(relative)

    assert dumps(loads(path.read_bytes(), path.name)).encode() == path.read_bytes()


@pytest.mark.parametrize("relative", MODEL_QUALITY)
def test_files_of_the_model_monitor_are_told_apart(golden: Golden, relative: str) -> None:
    path = golden(relative)

    with pytest.raises(FormatError, match="the file is of another kind"):
        READ[path.name](path)


@pytest.mark.parametrize("name", ["statistics.json", "constraints.json"])
def test_hand_made_files_of_2019_are_read_and_their_keys_kept(golden: Golden, name: str) -> None:
    path = golden(f"{OF_2019}/{name}")

    written = READ[name](path).to_dict()

    assert _leaves(loads(path.read_bytes(), name)) - _leaves(written) <= {
        # Written under its later name, perform_comparison.
        ("monitoring_config", "distribution_constraints", "enable_comparisons", "True")
    }


@pytest.mark.parametrize(
    ("measured", "suggested"),
    [
        (f"{SDK}/statistics.json", f"{SDK}/good_cases/constraints.json"),
        *((f"{report}/statistics.json", f"{report}/constraints.json") for report in REPORTS),
    ],
)
def test_constraints_are_suggested_byte_for_byte(
    golden: Golden, measured: str, suggested: str
) -> None:
    constraints_ = suggest(statistics.read_file(golden(measured)))

    written = dumps(constraints_.to_dict(generation="2020"))

    assert written.encode() == golden(suggested).read_bytes()


def _leaves(tree: object, *path: str) -> set[tuple[str, ...]]:
    if isinstance(tree, dict):
        return {leaf for key, value in tree.items() for leaf in _leaves(value, *path, key)}
    if isinstance(tree, list | tuple):
        return {leaf for i, item in enumerate(tree) for leaf in _leaves(item, *path, str(i))}
    return {(*path, str(tree))}
