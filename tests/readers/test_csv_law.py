"""Every reader of CSV finds in a file what Python's csv finds in it, wherever the file is cut."""

from __future__ import annotations

import csv
import gzip
import io
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from driftkit.errors import InputError
from driftkit.readers import csv_columns, csv_files, csv_parts, csv_quoting
from tests.readers.reading import opened, rejected, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HAS_NUMBA = find_spec("numba") is not None
PLAIN = st.text("ab1.-é ", max_size=5)
# What is in quotes may be nothing, a line's end, a separator, a quote.
QUOTED = st.text('a",;\n\r1é', max_size=5).map(lambda text: '"' + text.replace('"', '""') + '"')
ODD = st.sampled_from(['5" pipe', '""', '"a"b', '"a"b"c', ' "a"', 'a""', '"\r\n"', '"",'])
FIELD = st.one_of(PLAIN, PLAIN, QUOTED, ODD)
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])


@dataclass(frozen=True)
class Way:
    """How a file is read: bytes of units, of their pieces and of a parser's blocks, and by what."""

    unit: int = 300
    piece: int = 120
    block: int = 200
    searched: int = 60
    header: bool = True
    compiled: bool = False
    packed: bool = False


WAYS = st.builds(
    Way,
    unit=st.integers(20, 300),
    piece=st.integers(1, 120),
    block=st.integers(80, 200),
    searched=st.integers(1, 60),
    header=st.booleans(),
    compiled=st.booleans(),
    packed=st.sampled_from([False, False, True]),
)


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """CSV, its last line with an end or without, and its delimiter."""
    delimiter = draw(st.sampled_from([",", ",", ",", ";", "\t", "|"]))
    width = draw(st.integers(1, 4))
    widths = st.one_of(st.just(width), st.just(width), st.just(width), st.integers(1, 5))
    count = draw(st.integers(1, 12))
    end = draw(st.one_of(st.just("\n"), st.just("\r\n"), st.none()))
    lines = [delimiter.join(draw(st.lists(FIELD, min_size=width, max_size=width)))]
    for _ in range(count):
        fields = draw(widths)
        lines.append(delimiter.join(draw(st.lists(FIELD, min_size=fields, max_size=fields))))
    ends = [end or draw(ENDS) for _ in lines]
    ends[-1] *= draw(st.integers(0, 1))
    text = "".join(line + end for line, end in zip(lines, ends, strict=True))
    return draw(st.sampled_from(["", "", "", "\ufeff", "\n"])) + text, delimiter


def expected(
    text: str, delimiter: str, *, header: bool
) -> tuple[list[tuple[str | None, ...]], int] | str:
    """Rows as Python reads them, and how many have another number of fields; or what is wrong."""
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    found = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    if not found:
        return "no line"
    names = [name or f"_c{place}" for place, name in enumerate(found[0])]
    if header and len(set(names)) < len(names):
        return "more than once"
    width = len(found[0])
    below = found[1:] if header else found
    whole = [tuple(field or None for field in row) for row in below if len(row) == width]
    return whole, len(below) - len(whole)


@contextmanager
def cut(way: Way) -> Iterator[None]:
    """Files are cut at the places of a way, by the compiled loops or without them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_files, "UNIT_BYTES", way.unit)
        patch.setattr(csv_files, "BLOCK_BYTES", way.block)
        patch.setattr(csv_files, "HEAD_BYTES", 7)
        patch.setattr(csv_parts, "PIECE_BYTES", way.piece)
        patch.setattr(csv_parts, "LEAST_BYTES", 0)
        patch.setattr(csv_quoting, "BLOCK_BYTES", way.searched)
        for module in (csv_parts, csv_quoting):
            patch.setattr(module, "is_worth_cutting", lambda _: way.compiled and HAS_NUMBA)
        # Columns must grow again and again.
        patch.setattr(csv_columns, "_FIRST_BYTES", 4)
        yield


@settings(
    deadline=None,
    max_examples=300,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(written=texts(), way=WAYS)
@example(('a,b,c\n1,2,3\n4,"x",', ","), Way(compiled=True))
@example(('a,b,c\n1,2,3\n4,"x",\n', ","), Way())
@example(('x,y\n1.5,1\n"",2', ","), Way(packed=True))
@example(('a\n1\n\n""\n2\n""', ","), Way())
@example(('5" pipe,b\n1,2\n3,4"\n5,6\n', ","), Way())
@example(("a,b\r1,2\r3,4\n5,6\n", ","), Way(compiled=True))
def test_cells_are_those_of_pythons_csv(tmp_path: Path, written: tuple[str, str], way: Way) -> None:
    text, delimiter = written
    path = tmp_path / "data.csv"
    path.write_bytes(gzip.compress(text.encode()) if way.packed else text.encode())
    found = expected(text, delimiter, header=way.header)

    with cut(way):
        if isinstance(found, str):
            with pytest.raises(InputError, match=found):
                opened(path, header=way.header, separator=delimiter)
            return
        dataset = opened(path, header=way.header, separator=delimiter, decimal=".")
        assert rows(dataset) == found[0]
        assert rejected(dataset).total == found[1]
