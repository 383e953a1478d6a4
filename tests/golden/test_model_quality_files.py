"""Every model-quality file of the real containers is read and written back byte for byte."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from driftkit.errors import FormatError
from driftkit.formats.jackson import dumps
from driftkit.formats.model_quality import constraints as model_quality_constraints
from driftkit.formats.model_quality import statistics as model_quality_statistics
from driftkit.formats.model_quality.constraints import ModelConstraints
from driftkit.formats.model_quality.statistics import ModelStatistics, parts
from driftkit.formats.violations import MetricViolation, Violations, read_file
from driftkit.monitors.model_quality.checks import check, suggest

Golden = Callable[[str], Path]
Read = Callable[[Path], ModelStatistics | ModelConstraints | Violations[MetricViolation]]
READ: dict[str, Read] = {
    "statistics.json": model_quality_statistics.read_file,
    "constraints.json": model_quality_constraints.read_file,
    "constraint_violations.json": partial(read_file, row=MetricViolation),
}
SDK = "sdk/tests/data/pipeline/quality_check_step/model_quality"
WEEKS = (
    *("2020-01-13", "2020-01-27", "2020-02-10", "2020-02-24", "2020-03-09", "2020-03-23"),
    *("2020-04-06", "2020-04-20", "2020-05-04", "2020-05-18"),
)
REPORTS = tuple(f"taxi/model-quality/reports/{week}" for week in WEEKS)
BASELINE = "taxi/model-quality/baseline"
FILES = (
    f"{SDK}/statistics.json",
    f"{SDK}/good_cases/constraints.json",
    f"{SDK}/bad_cases/constraints.json",
    f"{BASELINE}/statistics.json",
    f"{BASELINE}/constraints.json",
    *(f"{report}/{name}" for report in REPORTS for name in READ),
)


@pytest.mark.parametrize("relative", FILES)
def test_written_back_byte_for_byte(golden: Golden, relative: str) -> None:
    path = golden(relative)

    written = dumps(READ[path.name](path).to_dict())

    assert written.encode() == path.read_bytes()


@pytest.mark.parametrize("folder", [SDK, BASELINE, *REPORTS])
def test_written_in_parts_is_the_same(golden: Golden, folder: str) -> None:
    path = golden(f"{folder}/statistics.json")

    written = "".join(parts(model_quality_statistics.read_file(path).to_dict()))

    assert written.encode() == path.read_bytes()


@pytest.mark.parametrize(
    ("measured", "suggested"),
    [
        (f"{SDK}/statistics.json", f"{SDK}/good_cases/constraints.json"),
        *((f"{folder}/statistics.json", f"{folder}/constraints.json") for folder in REPORTS),
        (f"{BASELINE}/statistics.json", f"{BASELINE}/constraints.json"),
    ],
)
def test_constraints_are_suggested_byte_for_byte(
    golden: Golden, measured: str, suggested: str
) -> None:
    constraints = suggest(model_quality_statistics.read_file(golden(measured)))

    assert dumps(constraints.to_dict()).encode() == golden(suggested).read_bytes()


@pytest.mark.parametrize("report", REPORTS)
def test_violations_are_rebuilt_byte_for_byte(golden: Golden, report: str) -> None:
    window = model_quality_statistics.read_file(golden(f"{report}/statistics.json"))
    bounds = model_quality_constraints.read_file(golden(f"{BASELINE}/constraints.json"))

    outcome = check(window, bounds, dialect="aws")

    written = dumps(Violations(violations=outcome.violations).to_dict())
    assert written.encode() == golden(f"{report}/constraint_violations.json").read_bytes()


@pytest.mark.parametrize("name", READ)
def test_files_of_the_data_quality_monitor_are_told_apart(golden: Golden, name: str) -> None:
    path = golden(f"taxi/data-quality/reports/2020-02-03/{name}")

    with pytest.raises(FormatError, match="the file is of another kind"):
        READ[name](path)
