"""Attacks the readers of typed data: Parquet files, Arrow tables, data frames and mappings."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from driftkit import data_quality
from tests.fuzz.cases import RESULT, Case, Target, check, outcome
from tests.fuzz.mutations import changed_bytes
from tests.fuzz.oracles import Expected, Table, agree, of_numbers, of_words
from tests.fuzz.paths import Way, taken
from tests.fuzz.tables import few

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

_NAN = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A type of Arrow.

    Attributes:
        arrow: the type.
        inferred: what statistics.json calls it; None where it cannot be monitored.
        values: of which some are taken.
        kept: whether Parquet gives them back as they are.
    """

    arrow: pa.DataType
    inferred: str | None
    values: tuple[Any, ...]
    kept: bool = True


_TEXTS = ("", "a", "é", "1", "two\nlines", "x" * 40)
_KINDS = (
    _Kind(arrow=pa.bool_(), inferred="Boolean", values=(True, False)),
    _Kind(arrow=pa.int8(), inferred="Integral", values=(-128, 0, 127)),
    _Kind(arrow=pa.int16(), inferred="Integral", values=(-(2**15), 7)),
    _Kind(arrow=pa.int32(), inferred="Integral", values=(-(2**31), 2**31 - 1, 5)),
    _Kind(arrow=pa.int64(), inferred="Integral", values=(-(2**63), 2**63 - 1, 3)),
    _Kind(arrow=pa.uint8(), inferred="Integral", values=(0, 255)),
    _Kind(arrow=pa.uint32(), inferred="Integral", values=(0, 2**32 - 1)),
    _Kind(arrow=pa.uint64(), inferred="Integral", values=(0, 2**64 - 1, 2**63)),
    _Kind(arrow=pa.float16(), inferred="Fractional", values=(0.5, -2.0)),
    _Kind(arrow=pa.float32(), inferred="Fractional", values=(0.5, -0.0, 3.25, _NAN, 2.0**100)),
    _Kind(arrow=pa.float64(), inferred="Fractional", values=(0.1, -0.0, _NAN, float("inf"), 1e15)),
    _Kind(arrow=pa.decimal128(10, 2), inferred="Fractional", values=(Decimal("1.25"), Decimal(-3))),
    _Kind(arrow=pa.decimal256(50, 4), inferred="Fractional", values=(Decimal("0.5"), Decimal(7))),
    _Kind(arrow=pa.string(), inferred="String", values=_TEXTS),
    _Kind(arrow=pa.large_string(), inferred="String", values=_TEXTS),
    _Kind(arrow=pa.string_view(), inferred="String", values=_TEXTS, kept=False),
    _Kind(arrow=pa.dictionary(pa.int32(), pa.string()), inferred="String", values=_TEXTS),
    _Kind(
        arrow=pa.dictionary(pa.int8(), pa.int64()), inferred="Integral", values=(3, 4), kept=False
    ),
    _Kind(arrow=pa.null(), inferred="Unknown", values=(None,)),
    _Kind(arrow=pa.date32(), inferred="String", values=(date(1, 1, 1), date(2024, 2, 29))),
    _Kind(
        arrow=pa.timestamp("us"), inferred="String", values=(datetime(2024, 3, 18, 15, tzinfo=UTC),)
    ),
    _Kind(
        arrow=pa.timestamp("ms", "UTC"),
        inferred="String",
        values=(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),),
    ),
    _Kind(arrow=pa.time64("us"), inferred="String", values=(time(1, 2, 3),)),
    _Kind(arrow=pa.duration("s"), inferred="String", values=(timedelta(seconds=3),)),
    _Kind(arrow=pa.binary(), inferred=None, values=(b"\xff", b"")),
    _Kind(arrow=pa.list_(pa.int32()), inferred=None, values=([1], [])),
    _Kind(arrow=pa.struct([("a", pa.int32())]), inferred=None, values=({"a": 1},)),
)
_NUMERIC = {"Integral", "Fractional"}


def make_table(random: Random) -> Case:
    """A table of up to four types, as Parquet, in memory, or as a data frame."""
    form = random.choice(("parquet", "parquet", "arrow"))
    kinds = [kind for kind in _KINDS if kind.kept or form == "arrow"]
    rows = few(random, 9)
    chosen = [random.choice(kinds) for _ in range(random.randint(1, 4))]
    columns = [_values(kind, rows, random) for kind in chosen]
    names = [f"c{place}" for place in range(len(chosen))]
    arrays = [pa.array(v, kind.arrow) for v, kind in zip(columns, chosen, strict=True)]
    table = pa.Table.from_arrays(arrays, names=names)
    return Case(
        files={"data": _written(table, form, random)},
        options={
            "form": form,
            "dialect": random.choice(("textbook", "aws")),
            "compiled": random.random() < 0.5,
        },
        expected=Table(
            rows=rows,
            columns={
                name: found
                for name, kind, values in zip(names, chosen, columns, strict=True)
                if (found := _expected(kind, values)) is not None
            },
        ),
    )


def _values(kind: _Kind, rows: int, random: Random) -> list[Any]:
    missing = random.choice((0.0, 0.3, 1.0))
    return [None if random.random() < missing else random.choice(kind.values) for _ in range(rows)]


def _expected(kind: _Kind, values: list[Any]) -> Expected | None:
    if kind.inferred is None:
        return None
    if kind.inferred in _NUMERIC:
        return of_numbers(kind.inferred, values)
    is_text = kind.inferred == "String" and isinstance(kind.values[0], str)
    found = of_words(kind.inferred, values if is_text else [v and "" for v in values])
    if is_text:
        return found
    missing = sum(value is None for value in values)
    return Expected(kind=kind.inferred, present=len(values) - missing, missing=missing)


def _written(table: pa.Table, form: str, random: Random) -> bytes:
    sink = io.BytesIO()
    if form == "parquet":
        pq.write_table(
            table,
            sink,
            row_group_size=random.choice((1, 2, 100)),
            compression=random.choice(("none", "snappy", "zstd")),
            use_dictionary=random.random() < 0.5,
            data_page_version=random.choice(("1.0", "2.0")),
        )
    else:
        batches = table.to_batches(max_chunksize=random.choice((1, 3, 100)))
        with pa.ipc.new_stream(sink, table.schema) as stream:
            for batch in batches:
                stream.write_batch(batch)
    return sink.getvalue()


def run_table(case: Case, folder: Path) -> str:
    """Measures a typed table, and compares with what plain Python says."""
    path = folder / "data"
    data = str(path) if case.options["form"] == "parquet" else _in_memory(case)
    kind, found = _measured(data, case)
    if not case.expected.columns:
        check(kind != RESULT, "a table without a column to be monitored is measured")
        return kind
    check(kind == RESULT, f"a sound table is refused: {found}")
    agree(case.expected, found.files["statistics.json"], found.run.rejected.total)
    return RESULT


def _in_memory(case: Case) -> pa.Table:
    with pa.ipc.open_stream(case.files["data"]) as stream:
        return stream.read_all()


def _measured(data: Any, case: Case) -> tuple[str, Any]:
    with taken(Way(compiled=case.options["compiled"])):
        return outcome(
            lambda: data_quality.baseline(
                data, runner="local", engine="scan", dialect=case.options["dialect"]
            )
        )


def make_broken(random: Random) -> Case:
    """A Parquet file of which some bytes are changed."""
    case = make_table(random)
    while case.options["form"] != "parquet":
        case = make_table(random)
    content = changed_bytes(case.files["data"], random)
    return Case(files={"data.parquet": content}, options=case.options)


def run_broken(case: Case, folder: Path) -> str:
    """Measures it: a result, or an error of driftkit's."""
    return _measured(str(folder / "data.parquet"), case)[0]


_CELLS = (
    *(None, True, 1, -5, 2**63, 10**40, 0.5, _NAN, "", "x", b"x", Decimal("1.5"), date(2024, 1, 1)),
    *(
        datetime(1, 1, 1, tzinfo=UTC),
        timedelta(1),
        1j,
        [1],
        {"a": 1},
        (1, 2),
        object,
        "\ud800",
        float("inf"),
    ),
)


def make_odd(random: Random) -> Case:
    """Columns of Python values of any types, alike or mixed, of one length or not."""
    mixed = random.random() < 0.3
    columns: dict[Any, Any] = {}
    for name in random.sample(("a", "b", "", 1, None, "a.b", "x\ny"), random.randint(1, 3)):
        first = random.choice(_CELLS)
        rows = few(random, 4) if random.random() < 0.2 else 3
        columns[name] = [random.choice(_CELLS) if mixed else first for _ in range(rows)]
    frame = random.random() < 0.4
    return Case(
        options={"columns": columns, "frame": frame, "dialect": "textbook", "compiled": False}
    )


def run_odd(case: Case, _folder: Path) -> str:
    """Measures them as a mapping, or as a data frame if pandas makes one of them."""
    columns = case.options["columns"]
    data: Any = columns
    if case.options["frame"]:
        import pandas as pd  # noqa: PLC0415  (slow to load, and needed here only)

        try:
            data = pd.DataFrame(columns)
        except (ValueError, TypeError, OverflowError):
            return "error"
    return _measured(data, case)[0]


_MAKERS: tuple[tuple[str, int, Callable[[Random], Case], Any, bool], ...] = (
    ("typed tables", 40, make_table, run_table, True),
    ("broken Parquet", 80, make_broken, run_broken, False),
    ("odd values", 60, make_odd, run_odd, False),
)
TARGETS = tuple(
    Target(name=name, share=share, make=make, run=run, structured=structured)
    for name, share, make, run, structured in _MAKERS
)
