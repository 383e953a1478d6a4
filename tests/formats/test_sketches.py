"""statistics.json is read with its sketches as doubles: the same content, and the same errors."""

from __future__ import annotations

import json
from array import array
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import FormatError
from driftkit.formats import sketches, statistics
from driftkit.formats.files import read_document
from driftkit.formats.jackson import dumps
from driftkit.formats.statistics import Statistics
from tests.formats import documents
from tests.formats.documents import at, with_value

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Layout = Callable[[Any], str]

KLL = "features.0.numerical_statistics.distribution.kll"
LAYOUTS = (dumps, json.dumps, lambda document: json.dumps(document, indent=1, sort_keys=True))


def document(levels: Any) -> dict[str, Any]:
    return with_value(documents.statistics(), f"{KLL}.sketch.data", levels)


def read(text: str, folder: Path) -> Statistics:
    (folder / "statistics.json").write_text(text)
    return statistics.read_file(folder / "statistics.json")


@pytest.mark.parametrize("at_once", [1, 7, 50, 1 << 20])
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    "levels",
    [
        [[1.5, -0.0, 4.9e-324, 1e300], [], [3, 2**70]],
        [[]],
        [["NaN", 1.0], ["-Infinity"]],
        [[float("nan"), 1.0]],
    ],
)
def test_any_file_says_what_its_plain_content_does(
    at_once: int, layout: Layout, levels: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sketches, "_AT_ONCE", at_once)
    content = document(levels) | {
        "data": [[1.0]],
        'x "data': [[2.0], [3.0]],
        "y": '"data": [[4.0]]',
        "z": {"data": [[5.0], [6]]},
    }

    found = read(layout(content), tmp_path)

    plain = Statistics.read(read_document(tmp_path / "statistics.json"))
    assert json.loads(dumps(found.to_dict())) == json.loads("".join(plain.dumped()))


def test_levels_are_doubles(tmp_path: Path) -> None:
    features = read(dumps(document([[1.0, 2.5], [3.0]])), tmp_path).features

    assert features[0].levels == (array("d", [1.0, 2.5]), array("d", [3.0]))


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ([[1.0], [True]], r"data\[1\]\[0\].*expected: a number.*found: true"),
        ([[1.0], ["many"]], r"data\[1\]\[0\].*expected: a number.*found: 'many'"),
        ([[1.0], 2.0], r"data\[1\].*expected: an array of numbers"),
        ([[10**400]], r"data\[0\]\[0\].*expected: a number of double precision"),
        (3.0, r"data.*expected: an array"),
    ],
)
def test_wrong_values_are_named(levels: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=f"(?s){message}"):
        read(dumps(document(levels)), tmp_path)


def test_the_place_where_a_file_is_cut_is_that_of_the_whole_text(tmp_path: Path) -> None:
    text = dumps(document([[1.0, 2.0], [3.0]]))
    cut = text[: text.rindex("string_statistics") - 3]

    with pytest.raises(FormatError, match=f"line {cut.count(chr(10)) + 1}, column"):
        read(cut, tmp_path)


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="the file is missing"):
        statistics.read_file(tmp_path / "statistics.json")


def test_extra_keys_stay(tmp_path: Path) -> None:
    content = with_value(document([[1.0]]), f"{KLL}.sketch.seed", 7)

    kept = read(dumps(content), tmp_path).to_dict()

    assert at(kept, KLL)["sketch"]["seed"] == 7
