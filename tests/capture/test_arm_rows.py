"""Captured records become rows of arms, whatever the way in which they are read."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.capture.arm_rows import RecordRowsOfArms, ValueSource
from driftkit.capture.arm_values import ArmValues, KnownForms, OutcomePaths
from driftkit.capture.arms import Arms
from driftkit.capture.window import TimeRange
from driftkit.columns.chunk import Rejections
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.io.finding import File
from driftkit.readers.lines import Piece
from tests.capture.captures import record, side, write

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "attribute:v=1", "attribute:v=2"


def reader(*selectors: str, **changes: Any) -> RecordRowsOfArms:
    named = {f"arm{number}": parse_selector(each) for number, each in enumerate(selectors)}
    plain = RecordRowsOfArms(
        arms=Arms.from_selectors(named),
        values=ArmValues(outcomes=KnownForms(names=("probability",)), labelled=False),
        sources={},
        paired_by=None,
        by_content=False,
        window=TimeRange(),
    )
    return replace(plain, **changes)


def called(
    attributes: str, answer: Any = "0.5", sent: Any = "1,2", call: str = "c", label: Any = None
) -> dict[str, Any]:
    found = record(sent, answer)
    found["eventMetadata"] |= {"inferenceId": call, "customAttributes": attributes.split(";")}
    return found if label is None else found | {"groundTruthData": side(label)}


def read(
    path: Path, how: RecordRowsOfArms, parts: list[Piece] | None = None
) -> tuple[list[dict[str, Any]], Rejections]:
    whole = [Piece(file=File(path=str(path), size=path.stat().st_size))]
    chunks = list(how(parts or whole))
    tables = [chunk.table for chunk in chunks]
    rows: list[dict[str, Any]] = pa.concat_tables(tables).to_pylist() if tables else []
    return rows, sum((chunk.rejected for chunk in chunks), Rejections())


def test_two_arms_in_one_folder(tmp_path: Path) -> None:
    records = [called("v=1"), called("v=2", "0.75"), called("x=1"), called("v=3"), called("v=2")]
    path = write(tmp_path / "churn/a/2026/11/02/10/f.jsonl", records)

    rows, rejected = read(path, reader(ONE, TWO))

    assert [(row["arm"], row["probability"]) for row in rows] == [
        ("arm0", "0.5"),
        ("arm1", "0.75"),
        ("arm1", "0.5"),
    ]
    assert rejected.counts == {"of no arm": 2}
    assert rejected.examples[0].startswith(f"{path}:3: of no arm")


def test_rows_of_several_arms_are_set_aside(tmp_path: Path) -> None:
    path = write(tmp_path / "f.jsonl", [called("v=1"), called("v=1;w=1"), called("w=1")])

    rows, rejected = read(path, reader(ONE, "attribute:w=1"))

    assert [row["arm"] for row in rows] == ["arm0", "arm1"]
    assert rejected.counts == {"of several arms": 1}


def test_forced_requests_are_marked(tmp_path: Path) -> None:
    path = write(
        tmp_path / "f.jsonl", [called("v=1;forced=1"), called("v=1"), called("v=2;forced=0")]
    )

    rows, _ = read(path, reader(ONE, TWO))

    assert [row["forced"] for row in rows] == [True, False, False]


def test_rows_of_one_record_are_paired_one_by_one(tmp_path: Path) -> None:
    records = [called("v=1", "0.1,0.2", "1,2\n3,4", "c1"), called("v=2", "0.3", call="c2")]
    path = write(tmp_path / "f.jsonl", records)

    rows, _ = read(path, reader(ONE, TWO, by_content=True))

    assert [row["pair"] for row in rows] == ["c1#0", "c1#1", "c2"]
    assert [row["probability"] for row in rows] == ["0.1", "0.2", "0.3"]
    assert len({row["input"] for row in rows}) == 3


def test_what_was_asked_is_digested_with_its_encoding(tmp_path: Path) -> None:
    asked = ["1,2", "1,2", "1,3", side("1,2", "JSON")]
    path = write(tmp_path / "f.jsonl", [called("v=1", sent=each) for each in asked])

    rows, _ = read(path, reader(ONE, TWO, by_content=True))

    same, again, other, encoded = (row["input"] for row in rows)
    assert same == again
    assert len({same, other, encoded}) == 3


def test_arms_by_a_field_of_the_payload(tmp_path: Path) -> None:
    asked = [side(json.dumps({"model": {"id": number}, "x": [1]}), "JSON") for number in (1, 2, 3)]
    path = write(tmp_path / "f.jsonl", [called("a=b", sent=each) for each in asked])
    values = ArmValues(
        outcomes=KnownForms(names=("probability",)), labelled=False, fields=("model.id",)
    )

    rows, rejected = read(path, reader("field:model.id=1", "field:model.id=2", values=values))

    assert [row["arm"] for row in rows] == ["arm0", "arm1"]
    assert rejected.counts == {"of no arm": 1}


def test_own_columns_are_attributes_or_else_fields(tmp_path: Path) -> None:
    json_side = side('{"latency": 12, "premium": true}', "JSON")
    answer = side('{"predictions": [0.5], "region": "eu"}', "JSON")
    records = [
        called("v=1;latency=7", sent=json_side),
        called("v=1", answer, json_side),
        called("v=1", sent="5,6"),
    ]
    path = write(tmp_path / "f.jsonl", records)
    names = ("latency", "premium", "region", "1", "no-path")
    values = ArmValues(outcomes=KnownForms(names=("probability",)), labelled=False, fields=names)
    sources = {f"column:{name}": ValueSource.from_text(name) for name in names}

    rows, _ = read(path, reader(ONE, TWO, values=values, sources=sources))

    assert [row["column:latency"] for row in rows] == ["7", "12", None]
    assert [row["column:premium"] for row in rows] == ["true", "true", None]
    assert [row["column:region"] for row in rows] == [None, "eu", None]
    assert [row["column:1"] for row in rows] == [None, None, "6"]
    assert [row["column:no-path"] for row in rows] == [None, None, None]


def test_a_request_without_an_answer_is_a_row_of_its_arm(tmp_path: Path) -> None:
    path = write(tmp_path / "f.jsonl", [called("v=1", None), called("v=2")])

    rows, rejected = read(path, reader(ONE, TWO))

    assert [(row["arm"], row["probability"]) for row in rows] == [("arm0", None), ("arm1", "0.5")]
    assert rejected.counts == {}


def test_what_cannot_be_read_is_counted_by_arm(tmp_path: Path) -> None:
    odd = [called("v=1", side("{", "JSON")), called("v=2", side("{}", "JSON")), called("v=2")]
    path = write(tmp_path / "f.jsonl", [*odd, "{"])

    rows, rejected = read(path, reader(ONE, TWO))

    assert [row["arm"] for row in rows] == ["arm1"]
    assert rejected.counts == {
        "not JSON": 1,
        "of arm0 whose payload is not JSON": 1,
        "of arm1 whose answer has no form that is known": 1,
    }


def test_labels_are_of_rows(tmp_path: Path) -> None:
    records = [
        called("v=1", "0.1,0.2", "1,2\n3,4", "c1", "1,0"),
        called("v=1", "0.3", call="c2"),
        called("v=2", "0.4,0.5", "1,2\n3,4", "c3", "1"),
    ]
    path = write(tmp_path / "f.jsonl", records)
    values = ArmValues(outcomes=KnownForms(names=("probability",)), labelled=True)

    rows, rejected = read(path, reader(ONE, TWO, values=values))

    assert [(row["label"], row["probability"]) for row in rows] == [
        ("1", "0.1"),
        ("0", "0.2"),
        (None, "0.3"),
    ]
    assert rejected.counts == {"of arm1 whose answer has no form that is known": 1}


@pytest.mark.parametrize("answer", ["1,0.25", side('{"label": 1, "deep": {"p": 0.25}}', "JSON")])
def test_named_attributes_win(tmp_path: Path, answer: Any) -> None:
    is_csv = isinstance(answer, str)
    outcomes = OutcomePaths(
        prediction="0" if is_csv else "label", probability="1" if is_csv else "deep.p"
    )
    path = write(tmp_path / "f.jsonl", [called("v=1", answer)])
    values = ArmValues(outcomes=outcomes, labelled=False)

    ((row,), _) = read(path, reader(ONE, TWO, values=values))

    assert (row["prediction"], row["probability"]) == ("1", "0.25")


CALLS = st.builds(
    called,
    st.sampled_from(["v=1", "v=2", "v=2;user=7;forced=1", "x=1", "v=1;v=2"]),
    st.sampled_from(["0.5", "0.25\n", "7", "0.1,0.9", "yes", side("{}", "JSON"), None]),
    st.sampled_from(["1,2", "1,2\n3,4", "é,x", side('{"a": 1}', "JSON"), None]),
    st.sampled_from(["c1", "c2", ""]),
    st.sampled_from([None, "1", "0\n", "1,0"]),
)


@given(calls=st.lists(CALLS, min_size=1, max_size=8), data=st.data())
def test_any_cut_of_files_gives_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, calls: list[dict[str, Any]], data: st.DataObject
) -> None:
    path = write(tmp_path_factory.mktemp("cut") / "f.jsonl", calls)
    values = ArmValues(
        outcomes=KnownForms(names=("prediction", "probability")), labelled=True, fields=("1",)
    )
    how = reader(
        *(ONE, TWO),
        values=values,
        sources={"unit": ValueSource(attribute="user"), "column:1": ValueSource.from_text("1")},
        by_content=True,
    )
    ends = [0]
    for line in path.read_bytes().splitlines(keepends=True):
        ends.append(ends[-1] + len(line))
    inner = data.draw(st.sets(st.sampled_from(ends)))
    file = File(path=str(path), size=ends[-1])
    cuts = sorted({0, ends[-1], *inner})
    parts = [Piece(file=file, start=start, stop=stop) for start, stop in pairwise(cuts)]

    whole = read(path, how)
    together = read(path, how, parts)
    apart = [read(path, how, [part]) for part in parts]

    assert together[0] == whole[0] == [row for rows, _ in apart for row in rows]
    counts = sum((rejected for _, rejected in apart), Rejections()).counts
    assert together[1].counts == whole[1].counts == counts
