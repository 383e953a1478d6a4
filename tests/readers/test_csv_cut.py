"""CSV that is cut apart gives the chunks that a parser gives: same rows, same bounds, same errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.errors import InputError
from driftkit.io.finding import File
from driftkit.readers import csv_columns, csv_parts
from driftkit.readers.csv_files import csv_dataset
from tests.readers.reading import opened

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.readers.dataset import FileDataset

pytest.importorskip("numba")

PIECE_BYTES = 60
PLAIN = st.text("ab1.-é ", max_size=12)
QUOTED = st.text('a",\n1é', max_size=4).map(lambda text: '"' + text.replace('"', '""') + '"')
FIELD = st.one_of(PLAIN, PLAIN, QUOTED)
ROW = st.lists(FIELD, min_size=3, max_size=3).map(",".join)
ODD_ROW = st.one_of(
    st.lists(PLAIN, min_size=1, max_size=4).map(",".join),
    st.sampled_from(['a,5" pipe,b', '"a"b,c,d', "", "a\rb,c,d", '"a\r\nb",c,d', ' "a",b,c']),
)


def dataset(path: Path, delimiter: str) -> FileDataset:
    """A file of CSV."""
    file = File(path=str(path), size=path.stat().st_size)
    return csv_dataset([file], str(path), header=True, delimiter=delimiter)


def chunks(path: Path, *, cut: bool, delimiter: str = ",") -> list[Any] | str:
    """Rows and rejected records of every chunk, or what is wrong with the file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_parts, "PIECE_BYTES", PIECE_BYTES)
        patch.setattr(csv_parts, "LEAST_BYTES", 0)
        patch.setattr("driftkit.readers.dataset.LEAST_BYTES", 0)
        patch.setattr(csv_parts, "is_worth_cutting", lambda _: cut)
        # Columns must grow again and again.
        patch.setattr(csv_columns, "_FIRST_BYTES", 4)
        try:
            return [
                ([chunk.column(place).to_pylist() for place in range(3)], chunk.rejected)
                for unit in dataset(path, delimiter).units
                for chunk in unit.chunks()
            ]
        except InputError as error:
            return str(error)


@settings(deadline=None, max_examples=300)
@given(
    table=st.lists(ROW, min_size=1, max_size=12),
    odd=st.lists(st.tuples(st.integers(0, 12), ODD_ROW), max_size=1),
    line_end=st.sampled_from(["\n", "\n", "\r\n"]),
    last=st.booleans(),
    header=st.sampled_from(["a,b,c", '"a","b","c"', "\n\na,b,c", "\ufeffa,b,c"]),
)
def test_chunks_are_those_of_a_parser(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[str],
    odd: list[tuple[int, str]],
    line_end: str,
    last: bool,  # noqa: FBT001
    header: str,
) -> None:
    lines = [header, *table]
    for place, row in odd:
        lines.insert(1 + place, row)
    path = tmp_path_factory.mktemp("csv") / "data.csv"
    path.write_bytes((line_end.join(lines) + line_end * last).encode())

    assert chunks(path, cut=True) == chunks(path, cut=False)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " "])
def test_fields_may_stand_between_other_signs(tmp_path: Path, delimiter: str) -> None:
    rows = ["a,b,c", '1.5,"x"";,y",', "+2,-3,(é)", *(f"{'9' * n},,{n}" for n in range(20))]
    path = tmp_path / "data.csv"
    path.write_text("".join(row.replace(",", delimiter) + "\n" for row in rows))

    found = chunks(path, cut=True, delimiter=delimiter)

    assert found == chunks(path, cut=False, delimiter=delimiter)
    assert sum(len(chunk[0][0]) for chunk in found) == len(rows) - 1


def test_a_long_field_among_short_ones_has_room(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    long = "x" * 5_000_000
    path.write_text("a,b\n" + "1,2\n" * 10 + f"{long},3\n" + "4,5\n" * 10)

    [unit] = opened(path).units
    [chunk] = unit.chunks()

    assert chunk.column(0).to_pylist() == ["1"] * 10 + [long] + ["4"] * 10
    assert chunk.column(1).to_pylist() == ["2"] * 10 + ["3"] + ["5"] * 10


def test_rows_without_oddities_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "data.csv"
    path.write_text('"a",b,c\n' + '1.5,"x, ""y""",\n' * 50)
    monkeypatch.setattr("driftkit.readers.csv_files.csv.open_csv", lambda *_, **__: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        chunks(path, cut=False)


def test_only_a_parser_is_asked_for_a_line_of_one_field(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a\n\n1\n")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_parts, "LEAST_BYTES", 0)
        [unit] = opened(path).units
        [chunk] = unit.chunks()

    assert chunk.column(0).to_pylist() == ["1"]


def test_text_that_is_not_utf_8_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(b"a,b,c\n" + b"1,2,3\n" * 40 + b"1,\xff,3\n" + b"1,2,3\n" * 40)

    assert "data.csv:42" in chunks(path, cut=True)
