"""Windows are added up unless they have rows in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit import InputError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")


def requests(folder: Path, variant: str, hour: int, first: int) -> Path:
    """An hour of captured requests to one variant of an endpoint."""
    path = folder / f"flights/{variant}/2024/03/18/{hour:02d}/a.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    records = []
    for number in range(first, first + 40):
        side = {"encoding": "CSV", "observedContentType": "text/csv"}
        data = {
            "endpointInput": {**side, "data": f"{number},x{number % 3}"},
            "endpointOutput": {**side, "data": f"{number / 7}"},
        }
        metadata = {"eventId": f"{number}", "inferenceTime": f"2024-03-18T{hour:02d}:30:00Z"}
        records.append({"captureData": data, "eventMetadata": metadata, "eventVersion": "0"})
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder / "flights" / variant


def test_two_variants_of_the_same_hour_are_added_up(tmp_path: Path) -> None:
    hour: dict[str, Any] = {"start": "2024-03-18T15:00:00Z", "end": "2024-03-18T16:00:00Z"}
    variants = [requests(tmp_path, "blue", 15, 0), requests(tmp_path, "green", 15, 1000)]
    kept = [driftkit.data_quality.baseline(str(path), **hour).states for path in variants]

    both = driftkit.data_quality.baseline(driftkit.data_quality.combine(*kept))

    at_once = driftkit.data_quality.baseline(
        [str(path) for path in variants], together=True, **hour
    )
    assert both.statistics is not None
    assert both.statistics.item_count == 80
    assert both.files["constraints.json"] == at_once.files["constraints.json"]


def test_hours_of_one_variant_are_added_up_unless_they_intersect(tmp_path: Path) -> None:
    requests(tmp_path, "blue", 15, 0)
    source = str(requests(tmp_path, "blue", 16, 500))
    three, four, five = (f"2024-03-18T{hour}:00:00Z" for hour in (15, 16, 17))
    first, second, longer = (
        driftkit.data_quality.baseline(source, start=start, end=end).states
        for start, end in ((three, four), (four, five), (three, five))
    )

    together = driftkit.data_quality.combine(first, second)

    assert [window.rows for window in together.windows] == [40, 40]
    with pytest.raises(InputError, match="two windows overlap"):
        driftkit.data_quality.combine(longer, second)


HOUR_15: dict[str, Any] = {"start": "2024-03-18T15:00:00Z", "end": "2024-03-18T16:00:00Z"}
THREE_HOURS: dict[str, Any] = {"start": "2024-03-18T15:00:00Z", "end": "2024-03-18T18:00:00Z"}
BLUE = "cap/flights/blue"
ALL: dict[str, Any] = {"together": True}
IN_HOUR = f"{BLUE}/2024/03/18"


def rows(first: int) -> str:
    many = (f"{number},w{number % 3}\n" for number in range(first, first + 600))
    return "n,word\n" + "".join(many)


@pytest.fixture
def endpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three hours of two variants, and their copies as files of CSV."""
    for number, hour in enumerate((15, 16, 17)):
        requests(tmp_path / "cap", "blue", hour, 100 * number)
        requests(tmp_path / "cap", "green", hour, 1000 + 100 * number)
        (tmp_path / f"h{number}.csv").write_text(rows(number))
    (tmp_path / "copy.csv").write_text(rows(0))
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def measured(data: Any, window: dict[str, Any]) -> Any:
    return driftkit.data_quality.baseline(data, **window).states


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((BLUE, HOUR_15), ("cap", ALL)),
        (("cap/flights", {**ALL, **HOUR_15}), (BLUE, HOUR_15)),
        (("cap", {"variant": "blue"}), (BLUE, HOUR_15)),
        (("cap", {"variant": "blue"}), ("cap/flights", {"variant": "flights/blue"})),
        ((BLUE, THREE_HOURS), (f"{IN_HOUR}/16", {})),
        (("./cap/../cap/flights/blue", HOUR_15), (BLUE, HOUR_15)),
        (("h1.csv", {}), ("below/../h1.csv", {})),
        ((["h0.csv", "h1.csv"], {}), ("h1.csv", {})),
        (("h*.csv", {}), (["h1.csv", "copy.csv"], {})),
        (("h0.csv", {}), ("copy.csv", {})),
    ],
    ids=[
        *("the whole after an hour", "endpoint and variant", "a variant chosen", "chosen twice"),
        *("its own hour", "other spelling"),
        *("detour", "one of several", "one of a pattern", "copy"),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_rows_that_were_read_otherwise_are_recognised(one: Any, other: Any, order: int) -> None:
    first, second = (measured(*each) for each in (one, other)[::order])

    with pytest.raises(InputError, match="two windows overlap"):
        driftkit.data_quality.combine(first, second)


@pytest.mark.usefixtures("endpoint")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((f"{IN_HOUR}/15", {}), (f"{IN_HOUR}/16", {})),
        ((f"{IN_HOUR}/15", {}), (BLUE, {"start": "2024-03-18T16:00:00Z"})),
        ((BLUE, HOUR_15), ("cap/flights/green", HOUR_15)),
        (("cap", {"variant": "blue"}), ("cap", {"variant": "green"})),
        (
            ("cap", {**ALL, "end": "2024-03-18T16:00:00Z"}),
            ("cap", {**ALL, "start": "2024-03-18T16:00:00Z"}),
        ),
        ((["h0.csv", "h1.csv"], {}), ("h2.csv", {})),
    ],
    ids=[
        "hours",
        "the hours after an hour",
        "variants",
        "variants chosen",
        "before and after",
        "files",
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_rows_apart_are_added_up(one: Any, other: Any, order: int) -> None:
    first, second = (measured(*each) for each in (one, other)[::order])

    both = driftkit.data_quality.combine(first, second)

    assert both.table.rows == first.table.rows + second.table.rows


@pytest.mark.usefixtures("endpoint")
def test_the_same_rows_are_recognised_whatever_baseline_they_were_compared_with() -> None:
    normal = driftkit.data_quality.baseline("h1.csv")
    known = driftkit.data_quality.monitor("h0.csv", normal).states

    with pytest.raises(InputError, match=r"the same rows in both: .*h0\.csv; .*copy\.csv"):
        driftkit.data_quality.combine(known, measured("copy.csv", {}))


@pytest.mark.usefixtures("endpoint")
def test_a_baseline_grows_hour_by_hour(tmp_path: Path) -> None:
    measured_first = driftkit.data_quality.baseline(f"{IN_HOUR}/15")
    measured_first.write(tmp_path / "b", keep_states=True)
    for hour in (16, 17):
        states = tmp_path / "b" / "states.arrow"
        grown = driftkit.data_quality.baseline([states, f"{IN_HOUR}/{hour}"])
        grown.write(tmp_path / "b", keep_states=True)

    assert grown.statistics is not None
    assert grown.statistics.item_count == 120
    assert grown.states is not None
    assert [each.end.hour for each in grown.states.windows if each.end] == [16, 17, 18]
