"""Windows are combined, and baselines grow, without reading data again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit import FormatError, InputError, SettingsError
from driftkit.monitors.data_quality.results import Baseline

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")


def flights(rows: int, seed: int, *, late: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    names = np.array(["AA", "UA", "DL", None])
    carriers = random.choice(names, rows, p=[0.5, 0.3, 0.15, 0.05])
    delay = random.normal(10, 4, rows) + np.where(carriers == "DL", late, 0)
    return pd.DataFrame(
        {
            "carrier": carriers,
            "delay": np.where(random.random(rows) < 0.1, np.nan, delay),
            "seats": random.integers(50, 300, rows),
            "tail": [f"N{n}" for n in random.integers(0, 5000, rows)],
            "day": pd.Timestamp("2024-03-01") + pd.to_timedelta(random.integers(0, 72, rows), "h"),
        }
    )


@pytest.fixture
def training(tmp_path: Path) -> Path:
    flights(3000, 1).to_parquet(tmp_path / "training.parquet")
    return tmp_path / "training.parquet"


@pytest.fixture
def hours(tmp_path: Path) -> list[Path]:
    """The windows of a day, of which the later ones have drifted."""
    folder = tmp_path / "hours"
    folder.mkdir()
    paths = [folder / f"{number:02d}.parquet" for number in range(8)]
    for number, path in enumerate(paths):
        rows = flights(400 + 50 * number, 10 + number, late=3.0 * number)
        if number % 3 == 0:
            rows.loc[:50, "carrier"] = "ZZ"
        rows.to_parquet(path)
    return paths


@pytest.mark.parametrize("dialect", ["textbook", "aws"])
def test_a_day_of_hours_has_the_violations_of_the_day(
    training: Path, hours: list[Path], tmp_path: Path, dialect: Any
) -> None:
    normal = driftkit.data_quality.baseline(training, dialect=dialect)
    for path in hours:
        result = driftkit.data_quality.monitor(path, normal, dialect=dialect)
        result.write(tmp_path / "reports" / path.stem)
    at_once = driftkit.data_quality.monitor([str(path) for path in hours], normal, dialect=dialect)

    day = driftkit.data_quality.combine(tmp_path / "reports" / "*" / "states.arrow")
    result = driftkit.data_quality.monitor(day, normal, dialect=dialect)

    assert result.violations
    assert result.files["constraint_violations.json"] == at_once.files["constraint_violations.json"]
    assert result.statistics.item_count == at_once.statistics.item_count
    assert result.run is not None
    assert result.run.engine == "kept states"


def test_a_baseline_of_states_is_the_baseline_of_the_rows(training: Path) -> None:
    at_once = driftkit.data_quality.baseline(training)

    again = driftkit.data_quality.baseline(driftkit.data_quality.combine(at_once))

    assert again.files == at_once.files


def test_new_data_are_added_to_a_baseline(
    training: Path, hours: list[Path], tmp_path: Path
) -> None:
    driftkit.data_quality.baseline(training).write(tmp_path / "b", keep_states=True)

    grown = driftkit.data_quality.baseline([tmp_path / "b" / "states.arrow", str(hours[0])])

    at_once = driftkit.data_quality.baseline([str(training), str(hours[0])])
    assert grown.files == at_once.files
    assert grown.states is not None
    assert [window.rows for window in grown.states.windows] == [3000, 400]


def test_the_same_window_is_not_added_twice(training: Path, tmp_path: Path) -> None:
    driftkit.data_quality.baseline(training).write(tmp_path / "b", keep_states=True)
    twice = [tmp_path / "b" / "states.arrow", str(training)]

    with pytest.raises(InputError, match=r"overlap.*--allow-overlap"):
        driftkit.data_quality.baseline(twice)

    allowed = driftkit.data_quality.baseline(twice, allow_overlap=True)
    assert allowed.statistics is not None
    assert allowed.statistics.item_count == 6000


def test_states_of_another_baseline_say_what_they_did_not_count(hours: list[Path]) -> None:
    random = np.random.default_rng(1)
    many = pd.DataFrame({"code": [f"c{n}" for n in random.integers(0, 900, 4000)]})
    few = driftkit.data_quality.baseline({"code": ["c1", "c2"] * 20})
    states = driftkit.data_quality.monitor(many, driftkit.data_quality.baseline(many)).states

    result = driftkit.data_quality.monitor(states, few)

    assert "categorical_values_check" in {each.check for each in result.skipped}
    del hours


def test_segments_are_monitored_each_against_its_own_baseline(
    training: Path, tmp_path: Path
) -> None:
    written = driftkit.data_quality.baseline(training, segment_by="carrier").write(tmp_path / "b")
    normal = Baseline.read(tmp_path / "b")
    window = flights(3000, 5, late=6.0)
    window.loc[:30, "carrier"] = "ZZ"

    result = driftkit.data_quality.monitor(window, normal)

    assert {path.name for path in written} >= {"segment_constraints.json", "states.arrow"}
    drifted = [
        (row["segment"], row["feature_name"])
        for row in result.violation_rows()
        if row["constraint_check_type"] == "baseline_drift_check"
    ]
    # The drift of one carrier drowns in the whole, and stands out in its segment.
    assert drifted == [("carrier=DL", "delay")]
    assert [each.key for each in result.segments] == [(None,), ("AA",), ("DL",), ("UA",)]
    unknown = "31 rows have values of carrier that the baseline does not know."
    assert f"segments by carrier: {unknown}" in list(map(str, result.skipped))
    assert "segment" in result.violations_table().columns
    document = result.files["segment_violations.json"]
    assert document["segment_by"] == ["carrier"]
    [late] = [each for each in document["segments"] if each["segment"] == {"carrier": "DL"}]
    assert late["violations"][-1]["constraint_check_type"] == "baseline_drift_check"


def test_segments_that_the_window_does_not_have_are_told() -> None:
    many = pd.DataFrame({"code": [f"c{number:02d}" for number in range(20)] * 20})
    normal = driftkit.data_quality.baseline(many, segment_by="code")
    few = driftkit.data_quality.baseline(flights(900, 1), segment_by="carrier")
    window = flights(900, 2)

    of_few = driftkit.data_quality.monitor(window[window["carrier"] != "UA"], few)
    of_many = driftkit.data_quality.monitor(many[many["code"] < "c08"], normal)

    assert list(map(str, of_few.skipped)) == ["segment carrier=UA: the window has no rows of it"]
    lines = list(map(str, of_many.skipped))
    assert lines[0] == "segment code=c08: the window has no rows of it"
    assert lines[-1].endswith("The window has no rows of 2 more of the baseline's segments.")
    assert len(lines) == 11


def test_a_segments_constraints_can_be_edited(training: Path, tmp_path: Path) -> None:
    driftkit.data_quality.baseline(training, segment_by=["carrier"]).write(tmp_path)
    file = tmp_path / "segment_constraints.json"
    file.write_text(
        file.read_text().replace('"comparison_threshold" : 0.1', '"comparison_threshold" : 0.99')
    )

    result = driftkit.data_quality.monitor(flights(3000, 5, late=6.0), Baseline.read(tmp_path))

    checks = {row["constraint_check_type"] for row in result.violation_rows() if row["segment"]}
    assert "baseline_drift_check" not in checks


def test_segments_of_kept_windows_are_monitored_too(training: Path, hours: list[Path]) -> None:
    normal = driftkit.data_quality.baseline(training, segment_by="carrier")
    results = [driftkit.data_quality.monitor(path, normal) for path in hours]
    at_once = driftkit.data_quality.monitor([str(path) for path in hours], normal)

    day = driftkit.data_quality.monitor(driftkit.data_quality.combine(*results), normal)

    assert day.files["segment_violations.json"] == at_once.files["segment_violations.json"]


def test_a_window_without_the_segments_column_is_monitored_as_a_whole(training: Path) -> None:
    normal = driftkit.data_quality.baseline(training, segment_by="carrier")

    result = driftkit.data_quality.monitor(flights(500, 3).drop(columns="carrier"), normal)

    assert "missing_column_check" in {each.constraint_check_type for each in result.violations}
    assert any("segments by carrier" in str(each) for each in result.skipped)


@pytest.mark.parametrize(("unit", "blocks"), [("day", 3), ("hour", 72)])
def test_blocks_of_time_are_kept_beside_the_whole(training: Path, unit: Any, blocks: int) -> None:
    plain = driftkit.data_quality.baseline(training)

    timed = driftkit.data_quality.baseline(training, time_column="day", time_unit=unit)

    assert timed.files["statistics.json"] == plain.files["statistics.json"]
    now, before = timed.constraints.features, plain.constraints.features
    assert [replace(each, overrides=None) for each in now] == [*before]
    # Times of other windows are no others than were expected.
    assert [each.name for each in now if each.overrides] == ["day"]
    assert timed.states is not None
    split = timed.states.blocks()
    assert split is not None
    assert len(split.parts) == blocks
    assert sum(part.rows for part in split.parts.values()) == 3000


def test_a_baseline_with_segments_grows_with_its_segments(
    training: Path, hours: list[Path]
) -> None:
    asked: dict[str, Any] = {"segment_by": "carrier", "time_column": "day"}
    first = driftkit.data_quality.baseline(training, **asked)

    grown = driftkit.data_quality.baseline([first.states, str(hours[0])])

    at_once = driftkit.data_quality.baseline([str(training), str(hours[0])], **asked)
    assert grown.files == at_once.files
    assert ("ZZ",) in grown.segment_constraints


def test_segments_that_states_do_not_have_are_refused(training: Path) -> None:
    plain = driftkit.data_quality.baseline(training)

    with pytest.raises(InputError, match="told apart"):
        driftkit.data_quality.baseline(plain.states, segment_by="carrier")


@pytest.mark.parametrize(
    ("verb", "asked"),
    [("baseline", {"engine": "deequ"}), ("monitor", {"engine": "scan"})],
)
def test_who_cannot_keep_segments_says_so(training: Path, verb: str, asked: Any) -> None:
    baseline = [driftkit.data_quality.baseline(training)] if verb == "monitor" else []

    with pytest.raises(SettingsError, match=r"segments|told apart"):
        getattr(driftkit.data_quality, verb)(training, *baseline, segment_by="carrier", **asked)


def test_a_columns_name_is_checked(training: Path) -> None:
    with pytest.raises(InputError, match="no_such"):
        driftkit.data_quality.baseline(training, segment_by="no_such")
    with pytest.raises(SettingsError, match="time_unit"):
        driftkit.data_quality.baseline(training, time_unit="minute")  # type: ignore[arg-type]


@pytest.mark.parametrize("given", ["missing.arrow", 7])
def test_what_are_no_states_is_refused(given: Any) -> None:
    with pytest.raises((FormatError, InputError), match="states"):
        driftkit.data_quality.combine(given)


def test_states_that_damage_reached_are_named(training: Path, tmp_path: Path) -> None:
    driftkit.data_quality.baseline(training).write(tmp_path, keep_states=True)
    content = bytearray((tmp_path / "states.arrow").read_bytes())
    content[len(content) // 2] ^= 64
    (tmp_path / "states.arrow").write_bytes(content)

    with pytest.raises(FormatError, match=r"states\.arrow: the states of column '\w+' are damaged"):
        driftkit.data_quality.combine(tmp_path)


def test_a_year_of_months_is_a_baseline_of_the_year(tmp_path: Path) -> None:
    months = [flights(300, 100 + number) for number in range(12)]
    folders = []
    for number, month in enumerate(months, start=1):
        folder = tmp_path / f"month-{number:02d}"
        driftkit.data_quality.baseline(month).write(folder, keep_states=True)
        folders.append(folder)

    year = driftkit.data_quality.baseline(driftkit.data_quality.combine(*folders))

    at_once = driftkit.data_quality.baseline(pd.concat(months, ignore_index=True))
    assert year.statistics is not None
    assert at_once.statistics is not None
    assert year.statistics.item_count == 3600
    assert year.files["constraints.json"] == at_once.files["constraints.json"]
