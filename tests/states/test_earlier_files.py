"""Files that an earlier version wrote are read, say the same as today's, and add up with new ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.errors import InputError
from driftkit.monitors.attribution.results import AttributionBaseline
from driftkit.monitors.bias.results import BiasBaseline
from driftkit.monitors.data_quality.results import Baseline, MonitoringResult
from driftkit.monitors.model_quality.results import ModelBaseline, ModelResult
from driftkit.monitors.saved_states import read_states
from driftkit.states.storage import dumps, loads
from tests.states import earlier
from tests.states.tables import as_of_version_1

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "written_by_0.1.0"
# When a file was written, and what it says since.
NOT_COMPARED = ("/evaluation_time", "/ndcg/threshold")
# The column of times is not compared since.
OF_TIMES = {
    "/monitoring_config_overrides/domain_content_threshold": 0.0,
    "/monitoring_config_overrides/distribution_constraints/perform_comparison": "Disabled",
}
STATES = sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("states.arrow"))
ROWS: dict[str, Any] = {
    "typed/baseline": (earlier.typed_rows, 30, 0),
    "typed/report": (earlier.typed_rows, 24, 1),
    "many/report": (earlier.many_rows, 7000, 1),
}

pytestmark = pytest.mark.usefixtures("no_session")


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same files, written now."""
    folder = tmp_path_factory.mktemp("today")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("driftkit.compute.choice.spark_is_there", lambda: False)
        earlier.write(folder)
    return folder


@pytest.mark.parametrize(
    "path", sorted(path.relative_to(FOLDER) for path in FOLDER.rglob("*.json")), ids=str
)
def test_the_same_rows_give_the_same_files(today: Path, path: Path) -> None:
    now = [*_told(_content(today / path))]
    if path.parts[:2] == ("typed", "baseline"):
        now = [(where, value) for where, value in now if not _is_of_times(where, value)]

    assert now == [*_told(_content(FOLDER / path))]


def _is_of_times(where: str, value: Any) -> bool:
    return any(where.endswith(end) and value == told for end, told in OF_TIMES.items())


def _content(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _told(content: Any, where: str = "") -> Iterator[tuple[str, Any]]:
    """All that a file says that is compared, numbers to the last digits but three."""
    if isinstance(content, dict | list):
        pairs = content.items() if isinstance(content, dict) else enumerate(content)
        for key, value in pairs:
            yield from _told(value, f"{where}/{key}")
    elif not where.endswith(NOT_COMPARED):
        is_number = isinstance(content, float)
        yield where, pytest.approx(content, rel=1e-12, nan_ok=True) if is_number else content


@pytest.mark.parametrize("path", STATES, ids=str)
def test_earlier_states_are_those_of_the_same_rows(today: Path, path: Path) -> None:
    before, now = read_states(FOLDER / path), read_states(today / path)

    assert as_of_version_1(before.table) == as_of_version_1(now.table)
    assert [(each.rows, each.digest) for each in before.windows] == [
        (each.rows, each.digest) for each in now.windows
    ]


@pytest.mark.parametrize("path", STATES, ids=str)
def test_earlier_states_are_written_and_read_again(path: Path) -> None:
    before = read_states(FOLDER / path)

    assert loads(dumps(before), "again") == before


@pytest.mark.parametrize("name", ["typed/baseline", "many/report"])
def test_earlier_states_add_up_with_new_ones(name: str) -> None:
    make, rows, salt = ROWS[name]
    more = make(rows, 5)
    settings: dict[str, Any] = {}
    if name == "typed/baseline":
        settings = {"segment_by": "carrier", "time_column": "days", "time_unit": "day"}
    first, second = (
        driftkit.data_quality.baseline(each, **settings) for each in (make(rows, salt), more)
    )
    normal = FOLDER / name / "states.arrow"

    grown = driftkit.data_quality.combine(normal, second)
    turned = driftkit.data_quality.combine(second, normal)

    for found, expected in ((grown, (first, second)), (turned, (second, first))):
        # What the earlier version did not look at is known of the new rows alone.
        assert [each.further for each in found.table.columns if each.moments.n] == [{}] * len(
            [each for each in found.table.columns if each.moments.n]
        )
        at_once = driftkit.data_quality.combine(*expected).table
        assert as_of_version_1(found.table) == as_of_version_1(at_once)
    assert driftkit.data_quality.baseline(grown).statistics is not None


@pytest.mark.parametrize("name", ["typed/report", "many/report"])
def test_rows_that_are_in_earlier_states_are_recognised(name: str) -> None:
    make, rows, salt = ROWS[name]
    again = driftkit.data_quality.baseline(make(rows, salt))

    with pytest.raises(InputError, match=r"overlap"):
        driftkit.data_quality.combine(FOLDER / name, again)


def test_a_window_is_compared_with_an_earlier_baseline(today: Path) -> None:
    for folder in ("typed", "text/textbook"):
        window = read_states(today / folder / "report")
        before, now = (
            driftkit.data_quality.monitor(window, Baseline.read(each / folder / "baseline"))
            for each in (FOLDER, today)
        )

        # An earlier baseline has not counted its days.
        of_both = [{**each.files, "drift.json": {}} for each in (before, now)]
        assert of_both[0] == of_both[1]
        assert before.segments == now.segments
        assert MonitoringResult.read(FOLDER / folder / "report").violations == now.violations


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("classification", {"probability_attribute": "probability"}),
        ("regression", {"inference_attribute": "prediction"}),
    ],
)
def test_quality_is_compared_with_an_earlier_baseline(
    today: Path, name: str, settings: dict[str, Any]
) -> None:
    make = earlier.labelled_rows if name == "classification" else earlier.predicted_rows
    window = make(150 if name == "classification" else 300, 1)

    before, now = (
        driftkit.model_quality.monitor(
            window, ModelBaseline.read(each / name / "baseline"), **settings
        )
        for each in (FOLDER, today)
    )

    assert (
        before.violations == now.violations == ModelResult.read(FOLDER / name / "report").violations
    )
    assert before.judgements == now.judgements


def test_bias_is_compared_with_an_earlier_baseline(today: Path) -> None:
    window = earlier.flights(500, 1)

    before, now = (
        driftkit.bias.monitor(
            window, BiasBaseline.read(each / "bias" / "baseline"), analysis_config=earlier.BIAS
        )
        for each in (FOLDER, today)
    )

    assert before.files == now.files


def test_attributions_are_compared_with_an_earlier_baseline(today: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.py"
    model.write_text(earlier.MODEL, encoding="utf-8")

    before, now = (
        driftkit.attribution.monitor(
            earlier.explained_rows(100, 1),
            AttributionBaseline.read(each / "attribution" / "baseline"),
            model,
            analysis_config=earlier.ATTRIBUTION,
        )
        for each in (FOLDER, today)
    )

    assert before.files == now.files
