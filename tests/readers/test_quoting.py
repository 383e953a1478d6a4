"""CSV is cut between records only, whatever is quoted."""

from __future__ import annotations

import csv
import io
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from driftkit.io.finding import File
from driftkit.readers import csv_files, csv_quoting
from driftkit.readers.csv_quoting import cuts, head_of, line_of
from tests.readers.reading import opened, rejected, rows

if TYPE_CHECKING:
    from pathlib import Path

FIELD = st.text(st.sampled_from('ab1,;"\n é'), max_size=5)
TABLE = st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=30)
IN_ONE_FOLDER = settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def as_csv(table: list[tuple[str, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(table)
    return text.getvalue()


HAS_NUMBA = find_spec("numba") is not None


def written(folder: Path, content: str | bytes) -> File:
    path = folder / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return File(path=str(path), size=path.stat().st_size)


@IN_ONE_FOLDER
@given(TABLE, st.integers(1, 60))
def test_every_part_is_whole_records(
    tmp_path: Path, table: list[tuple[str, ...]], length: int
) -> None:
    text = as_csv(table).encode()
    file = written(tmp_path, text)

    places = [0, *cuts(file, ",", length), file.size]

    parts = [text[start:end].decode() for start, end in pairwise(places)]
    read = [row for part in parts for row in csv.reader(io.StringIO(part, newline=""))]
    assert read == [list(row) for row in table]
    assert all(start < end for start, end in pairwise(places))


@IN_ONE_FOLDER
@given(TABLE, st.integers(1, 60), st.integers(1, 40), st.booleans())
def test_cuts_do_not_depend_on_the_blocks_they_are_looked_for_in(
    tmp_path: Path,
    table: list[tuple[str, ...]],
    length: int,
    block: int,
    compiled: bool,  # noqa: FBT001
) -> None:
    file = written(tmp_path, as_csv(table))
    expected = list(cuts(file, ",", length))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_quoting, "BLOCK_BYTES", block)
        patch.setattr(csv_quoting, "is_worth_cutting", lambda _: compiled and HAS_NUMBA)
        found = list(cuts(file, ",", length))

    assert found == expected


@IN_ONE_FOLDER
@given(table=TABLE, length=st.integers(20, 60), header=st.booleans())
def test_a_cut_file_has_the_rows_of_the_whole(
    tmp_path: Path, table: list[tuple[str, ...]], length: int, *, header: bool
) -> None:
    file = written(tmp_path, as_csv([("x", 'y\n"', "z"), *table]))
    path = tmp_path / "data.csv"
    whole = rows(opened(path, header=header))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "UNIT_BYTES", length)
        cut = opened(path, header=header)
        found = rows(cut)

    assert found == whole
    below = [tuple(cell or None for cell in row) for row in table]
    assert whole == [*([] if header else [("x", 'y\n"', "z")]), *below]
    assert len(cut.units) <= 64
    assert file.size


@pytest.mark.skipif(not HAS_NUMBA, reason="numba is not installed")
@pytest.mark.parametrize("row", [b'1,"x"\n', b'1,2"\n', b'"a\n""b",2\n'])
def test_compiled_cuts_are_those_of_numpy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: bytes
) -> None:
    file = written(tmp_path, b"a,b\n" * 300 + row + b'3,"4"\n' * 300)
    monkeypatch.setattr(csv_quoting, "BLOCK_BYTES", 64)
    both = []
    for compiled in (False, True):
        monkeypatch.setattr(csv_quoting, "is_worth_cutting", lambda _, compiled=compiled: compiled)
        both.append(list(cuts(file, ",", 500)))

    assert both[0] == both[1]
    assert len(both[0]) >= 2


def test_a_file_with_quotes_inside_fields_is_read_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "size,unit\n" + "".join(f'{number}",inch\n' for number in range(500))
    path = tmp_path / "data.csv"
    path.write_text(text)
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 100)

    assert rows(opened(path)) == [(f'{number}"', "inch") for number in range(500)]


def test_a_mark_before_the_text_does_not_hide_its_quotes(tmp_path: Path) -> None:
    file = written(tmp_path, b'\xef\xbb\xbf"a","b"\n' + b'"1","2"\n' * 100)

    assert len(list(cuts(file, ",", 100))) == 7


@pytest.mark.parametrize(
    ("text", "above", "record", "alone"),
    [
        (b"a,b\n1,2\n", 0, b"a,b", False),
        (b"a,b\r\n1,2\r\n", 0, b"a,b", False),
        (b"a,b\r1,2\r", 0, b"a,b", False),
        (b"\n\r\n\na,b\n1,2", 3, b"a,b", False),
        (b"\xef\xbb\xbfa,b\n1,2\n", 0, b"a,b", False),
        (b'"a\n",b\n1,2\n', 0, b'"a\n",b', False),
        (b"a,b", 0, b"a,b", True),
        (b"a,b\n\n", 0, b"a,b", True),
        (b'"a,b', 0, b'"a,b', True),
    ],
)
def test_the_head_of_a_file(text: bytes, above: int, record: bytes, *, alone: bool) -> None:
    found = head_of(text, whole=True)

    assert found is not None
    assert (found.above, found.record, found.alone) == (above, record, alone)


@pytest.mark.parametrize("text", [b"", b"\n\r\n", b"\xef\xbb\xbf"])
def test_nothing_has_no_head(text: bytes) -> None:
    assert head_of(text, whole=True) is None


@pytest.mark.parametrize("text", [b"a,b", b'"a\n', b"\n"])
def test_what_may_go_on_has_no_head_yet(text: bytes) -> None:
    assert head_of(text, whole=False) is None


def test_lines_of_rows_are_those_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [f'{number},"x\ny"\n\n' for number in range(90)]
    records[40], records[80] = "bad\n", "1,2,3\n"
    text = "\n\na,b\n" + "".join(records)
    path = tmp_path / "data.csv"
    path.write_text(text)
    expected = [text[: text.index(bad)].count("\n") + 1 for bad in ("bad", "1,2,3")]
    monkeypatch.setattr(csv_files, "UNIT_BYTES", 300)

    dataset = opened(path)

    assert len(dataset.units) > 2
    assert [example.split(":")[1] for example in rejected(dataset).examples] == [
        str(line) for line in expected
    ]


def test_a_row_that_is_not_found_keeps_its_number() -> None:
    assert line_of([b"a\n"], 7) == 7
