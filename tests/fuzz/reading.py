"""Attacks the readers of data quality with whole tables, of which all counts are known."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from driftkit import data_quality
from driftkit.settings import Settings
from driftkit.states import storage
from tests.fuzz.cases import ERROR, RESULT, Case, Target, WrongError, check, outcome
from tests.fuzz.oracles import agree
from tests.fuzz.paths import Way, taken
from tests.fuzz.tables import (
    csv_line,
    drawn_table,
    expected,
    few,
    lines,
    packed,
    payload,
    read_again,
    some_piece,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from random import Random

PLAIN, COMPILED, BOTH = "plain", "compiled", "both"


def measured(folder: Path, settings: dict[str, Any], way: Way) -> tuple[str, Any]:
    """The baseline of a folder's files, or what is wrong with them."""
    with taken(way):
        return outcome(
            lambda: data_quality.baseline(str(folder), runner="local", engine="scan", **settings)
        )


def read(folder: Path, settings: dict[str, Any], piece: int | None, by: str) -> tuple[str, Any]:
    """The baseline of a folder's files by the plain loops, by the compiled ones, or by both.

    Raises:
        WrongError: both were asked for, and differ in a bit.
    """
    plain = measured(folder, settings, Way(piece=piece, compiled=by == COMPILED))
    if by == BOTH:
        compiled = measured(folder, settings, Way(compiled=True, piece=piece))
        if _bits(plain) != _bits(compiled):
            raise WrongError(f"compiled: {_shown(compiled)}; plain: {_shown(plain)}")
    return plain


def same_in_pieces(
    folder: Path, settings: dict[str, Any], whole: tuple[str, Any], way: Way
) -> None:
    """Compares what was read at once with the same cut into pieces of a few bytes.

    Raises:
        WrongError: they differ.
    """
    cut = measured(folder, settings, way)
    same = cut[0] == whole[0]
    if cut[0] == whole[0] == RESULT:
        same = [*_counts(cut[1])] == [*_counts(whole[1])]
    if not same:
        raise WrongError(f"in pieces of {way.piece}: {_shown(cut)}; whole: {_shown(whole)}")


def _bits(found: tuple[str, Any]) -> Any:
    kind, value = found
    if kind == ERROR:
        return value
    states = value.states
    return [storage.dumps(states), value.run.rejected.counts]


def _counts(baseline: Any) -> Iterator[Any]:
    """All that may not depend on where a file was cut."""
    yield baseline.run.rows, dict(baseline.run.rejected.counts)
    for column in baseline.states.table.columns:
        yield column.name, column.presence, column.types, dict(column.frequencies.counts)
        yield column.extremes, column.moments.n, column.non_finite, column.distinct.estimate()


def _shown(found: tuple[str, Any]) -> str:
    kind, value = found
    return value if kind == ERROR else str([*_counts(value)])[:1500]


def run_table(case: Case, folder: Path) -> str:
    """Measures files of a known table, and compares with what plain Python says."""
    settings = dict(case.options)
    kind, found = read(folder, settings, settings.pop("piece", None), settings.pop("by"))
    if kind == ERROR and _is_meant(settings, found):
        return ERROR
    check(kind == RESULT, f"a sound file is refused: {found}")
    agree(case.expected, found.files["statistics.json"], found.run.rejected.total)
    return RESULT


def _is_meant(settings: dict[str, Any], said: str) -> bool:
    """Whether a file is refused because it looks like one of other signs, and none were named."""
    return "separator" not in settings and any(
        name in said for name in ("--separator", "--decimal")
    )


def _signs(random: Random, separator: str) -> dict[str, str]:
    """The signs of a file by name, so that what looks like others is taken as it is."""
    known = {each.name for each in fields(Settings)} >= {"separator", "decimal"}
    return {"separator": separator, "decimal": "."} if known and random.random() < 0.7 else {}


def ways(random: Random, *, pieces: bool = True) -> dict[str, Any]:
    """Options that change nothing in the counts."""
    return {
        "dialect": random.choice(("textbook", "aws")),
        "piece": some_piece(random) if pieces else None,
        "by": random.choice((PLAIN, COMPILED, BOTH)),
    }


def make_csv(random: Random) -> Case:
    """A file of CSV, with any of the liberties that the format leaves."""
    table = drawn_table(random)
    separator = random.choice(",,\t")
    end = random.choice(("\n", "\n", "\r\n"))
    header = random.random() < 0.6
    names = table.names if header else [f"_c{place}" for place in range(len(table.names))]
    shown: list[list[Any]] = [table.names, *table.rows] if header else [*table.rows]
    often = random.choice((0.0, 0.1, 0.5))
    records = [csv_line(row, [random.random() < often for _ in row], separator) for row in shown]
    text = end.join(records) + end * random.randrange(2)
    again = read_again(text, separator)[int(header) :]
    check(
        again == [[each or None for each in row] for row in table.rows], "the fuzzer writes badly"
    )
    zipped = random.random() < 0.2
    name = ("data.tsv" if separator == "\t" else "data.csv") + ".gz" * zipped
    mark = "\ufeff" if random.random() < 0.1 else ""
    return Case(
        files={name: packed((mark + text).encode(), zipped=zipped)},
        options={"header": header, **_signs(random, separator), **ways(random)},
        expected=expected(names, table.rows),
    )


_SCALARS = (None, True, False, 0, -1, 3, 2.0, 0.1, "", "x", "1", "é", "a\nb", '"', 10**19, -5e-324)


def _scalar(random: Random) -> Any:
    kind = random.randrange(8)
    if kind == 0:
        return random.randint(-(10**6), 10**6)
    if kind == 1:
        return random.uniform(-10, 10) * 10.0 ** random.randint(-30, 30)
    return random.choice(_SCALARS)


def make_json(random: Random) -> Case:
    """Objects as lines or as one document, and among the lines some that are none."""
    table = drawn_table(random, _scalar)
    rows = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    as_lines, ended = random.random() < 0.5, random.random() < 0.7
    broken = as_lines and len(rows) > 1 and random.random() < 0.2
    bad = [random.choice(("{", '"x"', "[1]", "nul"))] if broken else []
    content = lines([*rows, *bad], ended=ended) if as_lines else lines([rows], ended=ended)
    zipped = random.random() < 0.2
    names = sorted(table.names)
    texts = [[_json_text(row[name]) for name in names] for row in rows]
    return Case(
        files={
            ("data.jsonl" if as_lines else "data.json") + ".gz" * zipped: packed(
                content, zipped=zipped
            )
        },
        options={
            "format": "jsonl" if as_lines else "json",
            **ways(random, pieces=as_lines),
        },
        expected=expected(names, texts, rejected=len(bad)),
    )


def _json_text(value: Any) -> str | None:
    """A JSON value as text: numbers as Python writes them."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else repr(value)


_PLAIN = ("0", "1", "-2", "3.5", "1e3", "x", "a b", "é", "true", "7", None)


def make_captures(random: Random) -> Case:
    """Captured records of CSV or JSON, some in BASE64, some of several rows, a few broken."""
    sent, answered = random.randint(1, 3), random.randint(0, 2)
    as_json = random.random() < 0.5
    position = random.choice(("START", "END"))
    kept: list[list[str | None]] = []
    records: list[Any] = []
    for _ in range(few(random, 6)):
        rows = [
            [random.choice(_PLAIN) for _ in range(sent + answered)]
            for _ in range(1 if as_json else random.choice((1, 1, 2)))
        ]
        parts = [row[:sent] for row in rows], [row[sent:] for row in rows]
        kept += [row[sent:] + row[:sent] if position == "START" else row for row in rows]
        records.append(_record(*parts, as_json=as_json, wrapped=random.random() < 0.2))
    bad = random.choice(("{", "[]", '{"captureData": 3}'))
    broken = len(records) > 1 and random.random() < 0.2
    names = _captured_names(sent, answered, position, as_json=as_json)
    content = lines([*records, *[bad] * broken], ended=random.random() < 0.7)
    return Case(
        files={"e/v/2024/03/18/15/a.jsonl": content},
        options={"output_columns_position": position, **ways(random)},
        expected=expected(names, kept, rejected=int(broken)),
    )


def _captured_names(sent: int, answered: int, position: str, *, as_json: bool) -> list[str]:
    if not as_json:
        return [f"_c{place}" for place in range(sent + answered)]
    asked, said = [f"f{place}" for place in range(sent)], [f"p{n}" for n in range(answered)]
    return [*said, *asked] if position == "START" else [*asked, *said]


def _record(
    sent: list[list[str | None]],
    answered: list[list[str | None]],
    *,
    as_json: bool,
    wrapped: bool,
) -> dict[str, Any]:
    encoding = "BASE64" if wrapped else "JSON" if as_json else "CSV"
    told = "application/json" if as_json else "text/csv"
    sides = {"endpointInput": _text(sent, "f", as_json=as_json)}
    if answered[0]:
        sides["endpointOutput"] = _text(answered, "p", as_json=as_json)
    capture = {name: payload(text, encoding, told) for name, text in sides.items()}
    about = {"eventId": "e", "inferenceTime": "2024-03-18T15:14:45Z"}
    return {"captureData": capture, "eventMetadata": about, "eventVersion": "0"}


def _text(rows: list[list[str | None]], letter: str, *, as_json: bool) -> str:
    if not as_json:
        # A payload that is nothing but an empty field would be an empty line.
        return "\n".join(csv_line(row, [False] * len(row)) for row in rows)
    (row,) = rows
    fields = {f"{letter}{place}": value for place, value in enumerate(row)}
    return lines([fields], ended=False).decode()


TARGETS = (
    Target(name="tables as CSV", share=50, make=make_csv, run=run_table, structured=True),
    Target(name="tables as JSON", share=30, make=make_json, run=run_table, structured=True),
    Target(name="tables as captures", share=25, make=make_captures, run=run_table, structured=True),
)
