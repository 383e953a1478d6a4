"""A captured record means one thing: every monitor reads the same rows, or gives the same reason.

What a kind of record says is told once, in `record_kinds`. What a monitor must find in it is what
it finds in a table of these rows; a part that cannot be read is set aside by every monitor that
reads it, for the same reason. Both hold however the lines are read: one by one, all that are laid
out alike at once, with and without compiled code.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from tests.monitors.record_kinds import BROKEN, READABLE, rows
from tests.monitors.record_reading import NAMES, Found, monitor, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.monitors.record_kinds import Kind, Row

ROWS = tuple(rows())
BY_NAME = {kind.name: kind for kind in READABLE}
HOUR = "churn/AllTraffic/2024/03/18/15"
LAYOUTS = pytest.mark.parametrize("alike", [True, False], ids=["alike", "one by one"])
MONITORS = pytest.mark.parametrize("name", NAMES)
# With so many bytes, more than these few lines, compiled code would be worth its start.
COMPILED = "driftkit.native.compiled_slicing"


@pytest.fixture(autouse=True)
def compiled() -> None:
    """Small inputs are cut by compiled code, too, once it is loaded."""
    if find_spec("numba") is not None:
        import_module(COMPILED)


@cache
def expected(name: str, table: tuple[Row, ...]) -> Found:
    """What a monitor finds in a table of rows."""
    with TemporaryDirectory() as folder:
        return monitor(name, Path(folder)).of_table(table)


def kinds(some: Sequence[Kind]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", some, ids=[kind.name for kind in some])


def assert_same(found: Found, wanted: Found) -> None:
    assert found.rows == wanted.rows
    assert found.numbers == pytest.approx(wanted.numbers, rel=1e-12, abs=1e-12, nan_ok=True)


@LAYOUTS
@kinds(READABLE)
@MONITORS
def test_records_are_the_rows_of_a_table(
    name: str, kind: Kind, tmp_path: Path, *, alike: bool
) -> None:
    write(tmp_path / HOUR / "part.jsonl", kind.records(list(ROWS)), alike=alike)

    found = monitor(name, tmp_path).of_records(tmp_path / "churn", kind, runner="local")

    assert_same(found, expected(name, ROWS))
    assert found.rejected == {}


def mixed(broken: Kind) -> tuple[Kind, list[dict[str, Any]], tuple[Row, ...]]:
    """A readable kind, its records with some broken ones between, and the rows of the others."""
    good = BY_NAME["CSV" if broken.features is None else "JSON"]
    records = [
        (broken if number % 5 == 2 else good).record([row], number)
        for number, row in enumerate(ROWS)
    ]
    return good, records, tuple(row for number, row in enumerate(ROWS) if number % 5 != 2)


@LAYOUTS
@kinds(BROKEN)
@MONITORS
def test_what_cannot_be_read_is_set_aside_for_the_same_reason(
    name: str, kind: Kind, tmp_path: Path, *, alike: bool
) -> None:
    good, records, readable = mixed(kind)
    write(tmp_path / HOUR / "part.jsonl", records, alike=alike)
    one = monitor(name, tmp_path)
    if kind.broken not in one.reads:
        readable = ROWS

    found = one.of_records(tmp_path / "churn", good, runner="local")

    assert_same(found, expected(name, readable))
    aside = len(ROWS) - len(readable)
    assert found.rejected == ({kind.reason: aside} if aside else {})


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("oops", "not JSON"),
        ('{"captureData": ', "not JSON"),
        ('{"a": 1}', "without captureData"),
        ('{"groundTruthData": {"data": "1"}}', "without captureData"),
        ("[5]", "without captureData"),
        ("[]", "without captureData"),
    ],
)
@MONITORS
def test_lines_that_are_no_record_are_set_aside_for_the_same_reason(
    name: str, line: str, reason: str, tmp_path: Path
) -> None:
    kind = BY_NAME["CSV"]
    path = write(tmp_path / HOUR / "part.jsonl", kind.records(list(ROWS)))
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")

    found = monitor(name, tmp_path).of_records(tmp_path / "churn", kind, runner="local")

    assert_same(found, expected(name, ROWS))
    assert found.rejected == {reason: 1}


@MONITORS
def test_a_line_may_hold_an_array_of_records(name: str, tmp_path: Path) -> None:
    kind = BY_NAME["JSON"]
    write(tmp_path / HOUR / "part.jsonl", [kind.records(list(ROWS))])

    found = monitor(name, tmp_path).of_records(tmp_path / "churn", kind, runner="local")

    assert_same(found, expected(name, ROWS))
    assert found.rejected == {}


@LAYOUTS
@kinds([kind for kind in READABLE if kind.joined is None])
def test_a_merge_keeps_what_records_say(kind: Kind, tmp_path: Path, *, alike: bool) -> None:
    records = kind.records(list(ROWS))
    truths = [
        {
            "groundTruthData": record["groundTruthData"],
            "eventMetadata": {
                "eventId": record["eventMetadata"].get(
                    "inferenceId", record["eventMetadata"]["eventId"]
                )
            },
            "eventVersion": "0",
        }
        for record in records
    ]
    for record in records:
        del record["groundTruthData"]
    write(tmp_path / "captured" / HOUR / "a.jsonl", records, alike=alike)
    write(tmp_path / "truth" / "2024/03/18/16" / "a.jsonl", truths, alike=alike)

    done = driftkit.merge(tmp_path / "captured", tmp_path / "truth", tmp_path / "merged")

    assert done.changed_hours == (HOUR,)
    for name in ("model quality", "bias"):
        found = monitor(name, tmp_path).of_records(tmp_path / "merged", kind, runner="local")
        assert_same(found, expected(name, ROWS))
        assert found.rejected == {}
