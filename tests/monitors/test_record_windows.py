"""A window holds the same records for every monitor, in whatever way their times are written.

It begins at its start and ends before its end. In hours that it cuts, and where the path has no
hour, a record's own time decides; a record without a time counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from typer.testing import CliRunner

import driftkit
from driftkit.capture.preprocessor import Reader, scripted_dataset
from driftkit.capture.scripts import Script
from driftkit.cli import app
from driftkit.errors import InputError, SettingsError
from driftkit.io.finding import find
from driftkit.settings import Settings
from tests.monitors.merging import contents, put
from tests.monitors.merging import label as labelled
from tests.monitors.record_kinds import READABLE, rows
from tests.monitors.record_reading import NAMES, monitor, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CSV = next(kind for kind in READABLE if kind.name == "CSV")
HALF_AN_HOUR: dict[str, Any] = {"start": "2024-03-18T10:30:00Z", "end": "2024-03-18T11:00:00Z"}
# Whether the time is from half past ten to eleven.
TIMES = {
    "2024-03-18T10:00:00Z": False,
    "2024-03-18T10:29:59.999Z": False,
    "2024-03-18T10:30:00Z": True,
    "2024-03-18T10:30:00.000000Z": True,
    "2024-03-18T10:30:00": True,
    "2024-03-18T10:30Z": True,
    "2024-03-18 10:59:59Z": True,
    "2024-03-18T10:59:59.999999999Z": True,
    "2024-03-18T11:00:00Z": False,
    "2024-03-18T11:00:00": False,
    "2024-03-18T12:30:00+02:00": True,
    "2024-03-18T12:45:00.5+0200": True,
    "2024-03-18T05:59:59-05:00": True,
    "2024-03-18T10:45:00+02:00": False,
    "2024-03-18T12:45:00Z": False,
    "0001-01-01T00:00:00+02:00": False,
    "9999-12-31T23:59:59-05:00": False,
    "soon": True,
}
ROWS = rows(2 * len(TIMES) + 1)
LAYOUTS = pytest.mark.parametrize("alike", [True, False], ids=["alike", "one by one"])
PLACES = pytest.mark.parametrize("folder", ["", "churn/AllTraffic/2024/03/18/10"])
WRITTEN = [*TIMES, *TIMES, None]
INSIDE = tuple(row for row, time in zip(ROWS, WRITTEN, strict=True) if time is None or TIMES[time])


def records(times: list[str | None]) -> list[dict[str, Any]]:
    """A record for each of some times."""
    return [
        replace(CSV, time=time).record([ROWS[number]], number) for number, time in enumerate(times)
    ]


@LAYOUTS
@PLACES
@pytest.mark.parametrize("name", NAMES)
def test_a_window_holds_the_same_records_for_all(
    name: str, folder: str, tmp_path: Path, *, alike: bool
) -> None:
    write(tmp_path / "in" / folder / "a.jsonl", records(WRITTEN), alike=alike)
    one = monitor(name, tmp_path)

    found = one.of_records(tmp_path / "in", CSV, runner="local", **HALF_AN_HOUR)

    wanted = one.of_table(INSIDE)
    assert found.rows == wanted.rows
    assert found.numbers == pytest.approx(wanted.numbers, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("zone", ["Z", "+00:00", "", "+05:30"])
@pytest.mark.parametrize("name", NAMES)
def test_windows_may_be_written_in_any_zone(name: str, zone: str, tmp_path: Path) -> None:
    write(tmp_path / "in/a.jsonl", records(WRITTEN))
    hours = ("16:00", "16:30") if zone == "+05:30" else ("10:30", "11:00")
    start, end = (f"2024-03-18T{hour}:00{zone}" for hour in hours)

    found = monitor(name, tmp_path).of_records(tmp_path / "in", CSV, start=start, end=end)

    assert found.rows == len(INSIDE)


@pytest.mark.parametrize("name", NAMES)
def test_windows_side_by_side_share_no_record(name: str, tmp_path: Path) -> None:
    times: list[str | None] = [f"2024-03-18T10:{minute:02}:00Z" for minute in range(12, 48)]
    write(tmp_path / "in/churn/AllTraffic/2024/03/18/10/a.jsonl", records(times))
    one = monitor(name, tmp_path)
    middle = "2024-03-18T10:30:00Z"

    before = one.of_records(tmp_path / "in", CSV, end=middle)
    after = one.of_records(tmp_path / "in", CSV, start=middle)

    assert (before.rows, after.rows) == (18, 18)


@PLACES
def test_a_window_holds_the_same_records_for_preprocessors(folder: str, tmp_path: Path) -> None:
    write(tmp_path / folder / "a.jsonl", records(WRITTEN))
    script = Script(
        name="p.py",
        text="def preprocess_handler(record):\n    return {'x': record.endpoint_input.data}\n",
    )
    reader = Reader(
        script=script, settings=Settings.from_keywords(format="capture", **HALF_AN_HOUR)
    )

    dataset = scripted_dataset(find([str(tmp_path)]), "in", reader)

    found = [chunk for unit in dataset.units for chunk in unit.chunks()]
    assert sum(chunk.num_rows for chunk in found) == len(INSIDE)


@LAYOUTS
def test_a_merge_takes_the_records_of_the_window(tmp_path: Path, *, alike: bool) -> None:
    captured = [{**each, "groundTruthData": None} for each in records(WRITTEN)]
    for each in captured:
        del each["groundTruthData"]
    write(tmp_path / "in/a.jsonl", captured, alike=alike)
    put(tmp_path / "truth", "2024/03/19/00", [labelled(f"id-{n}") for n in range(len(WRITTEN))])

    driftkit.merge(tmp_path / "in", tmp_path / "truth", tmp_path / "out", **HALF_AN_HOUR)

    merged = [each for file in contents(tmp_path / "out").values() for each in file]
    ids = {each["eventMetadata"]["eventId"] for each in merged}
    wanted = {f"id-{n}" for n, time in enumerate(WRITTEN) if time is None or TIMES[time]}
    assert ids == wanted


def test_merged_records_lie_in_their_hour_of_utc(tmp_path: Path) -> None:
    times: dict[str, str] = {
        "2024-03-18T23:30:00-02:00": "2024/03/19/01",
        "2024-03-18T23:30:00Z": "2024/03/18/23",
        "2024-03-18 23:30:00": "2024/03/18/23",
        "0001-01-01T00:30:00Z": "0001/01/01/00",
    }
    for number, each in enumerate(records(list(times))):
        del each["groundTruthData"]
        write(tmp_path / f"in/{number}.jsonl", [each])
    put(tmp_path / "truth", "2024/03/19/02", [labelled(f"id-{n}") for n in range(len(times))])

    done = driftkit.merge(tmp_path / "in", tmp_path / "truth", tmp_path / "out")

    assert set(done.changed_hours) == set(times.values())
    assert done.report.delay["minimum"] == 1


def test_the_delay_of_a_label_is_counted_in_utc(tmp_path: Path) -> None:
    each = records(["2024-03-18T23:30:00-02:00"])[0]
    del each["groundTruthData"]
    write(tmp_path / "in/churn/AllTraffic/2024/03/19/01/a.jsonl", [each])
    put(tmp_path / "truth", "2024/03/19/02", [labelled("id-0")])

    done = driftkit.merge(tmp_path / "in", tmp_path / "truth", tmp_path / "out")

    assert done.report.delay["maximum"] == 1


def test_blocks_of_inference_time_are_in_utc(tmp_path: Path) -> None:
    times = ["2024-03-18T23:30:00-02:00", "2024-03-18T23:30:00Z", "0001-01-01T00:00:00+02:00"]
    write(tmp_path / "a.jsonl", records([*times, None]))

    result = driftkit.data_quality.baseline(
        tmp_path / "a.jsonl", time_column="inferenceTime", time_unit="hour", engine="scan"
    )

    assert result.states is not None
    blocks = result.states.blocks()
    assert blocks is not None
    assert {key[0]: part.rows for key, part in blocks.parts.items()} == {
        "2024-03-19T01": 1,
        "2024-03-18T23": 1,
        None: 2,
    }


# Moments that no date in UTC names, and the first and the last that have one.
BEYOND = ["0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-05:00"]
FIRST, LAST = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"


@pytest.mark.parametrize("time", BEYOND)
@pytest.mark.parametrize("setting", ["start", "end"])
def test_a_window_beyond_all_dates_is_refused(setting: str, time: str, tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", records([None]))

    window: dict[str, Any] = {setting: time}

    with pytest.raises(SettingsError, match=f"{setting} has no date in UTC"):
        driftkit.data_quality.baseline(tmp_path, **window)
    done = CliRunner().invoke(
        app,
        [
            *("data-quality", "baseline", str(tmp_path), "-o", str(tmp_path / "out")),
            *(f"--{setting}", time),
        ],
    )
    assert isinstance(done.exception, SettingsError | SystemExit)


@pytest.mark.parametrize("name", NAMES)
def test_the_first_and_the_last_hour_that_there_is(name: str, tmp_path: Path) -> None:
    for hour in ("0001/01/01/00", "9999/12/31/23"):
        write(tmp_path / "in/churn/AllTraffic" / hour / "a.jsonl", records([FIRST, LAST] * 6))
    one = monitor(name, tmp_path)

    whole = one.of_records(tmp_path / "in", CSV)
    windowed = one.of_records(tmp_path / "in", CSV, start=FIRST, end=LAST)

    assert whole.rows == 24
    # No date is after the last hour: a window that ends with the last moment has it whole.
    assert windowed.rows == 24


@pytest.mark.parametrize("kind", ["text", "timestamp"])
@pytest.mark.parametrize("unit", ["day", "hour", "week"])
def test_a_column_of_times_beyond_all_dates(unit: Any, kind: str, tmp_path: Path) -> None:
    times = [*BEYOND, FIRST, LAST, "2024-03-18T23:30:00-02:00"]
    if kind == "timestamp":
        times = [time.replace("Z", "") for time in times[2:4]] + ["2024-03-19T01:30:00"]
    file = tmp_path / "a.csv"
    file.write_text("x,t\n" + "".join(f"{n},{time}\n" for n, time in enumerate(times)))
    data: Any = file
    if kind == "timestamp":
        data = arrow_table(times)

    result = driftkit.data_quality.baseline(data, time_column="t", time_unit=unit, engine="scan")

    assert result.states is not None
    blocks = result.states.blocks()
    assert blocks is not None
    found: Mapping[Any, int] = {key[0]: part.rows for key, part in blocks.parts.items()}
    days = {"0001-01-01": "T00", "9999-12-31": "T23", "2024-03-19": "T01"}
    wanted = {day + (hour if unit == "hour" else ""): 1 for day, hour in days.items()}
    if unit == "week":
        wanted = dict.fromkeys(("0001-01-01", "9999-12-27", "2024-03-18"), 1)
    assert found == wanted | ({None: 2} if kind == "text" else {})


def arrow_table(times: list[str]) -> pa.Table:
    """A table with a column of timestamps, which pandas could not hold."""
    moments = pa.array(times).cast(pa.timestamp("us"))
    return pa.table({"x": range(len(times)), "t": moments})


@pytest.mark.parametrize(
    "times",
    [
        pa.array([253_402_300_800, -62_135_596_801, 0]).view(pa.timestamp("s")),
        pa.array([253_402_300_799, -62_135_596_800, 0]).view(pa.timestamp("s", "Asia/Tokyo")),
        pa.array([253_402_300_799, -62_135_596_800, 0]).view(pa.timestamp("s", "America/Lima")),
        pa.array([2_932_897, -719_163, 0], pa.int32()).view(pa.date32()),
        pa.array([2**31 - 1, -(2**31), 0], pa.int32()).view(pa.date32()),
        pa.array([2**62, -(2**62), 0]).view(pa.timestamp("us")),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize("asked", [{}, {"time_column": "t"}, {"segment_by": "t"}])
def test_times_that_python_has_no_date_for_are_values(times: pa.Array, asked: Any) -> None:
    table = pa.table({"x": [1, 2, 3], "t": times})

    result = driftkit.data_quality.baseline(table, engine="scan", runner="local", **asked)

    (_, found) = result.files["statistics.json"]["features"]
    assert found["string_statistics"]["common"] == {"num_present": 3, "num_missing": 0}
    assert found["string_statistics"]["distinct_count"] == 3


def test_an_empty_window_is_an_error_for_all(tmp_path: Path) -> None:
    write(tmp_path / "in/churn/AllTraffic/2024/03/18/10/a.jsonl", records(list(TIMES)))
    for name in NAMES:
        with pytest.raises(InputError, match="no captured data in the window"):
            monitor(name, tmp_path).of_records(
                tmp_path / "in", CSV, start="2024-03-18T11:00:00Z", end="2024-03-18T12:00:00Z"
            )
