"""Attacks the readers of text with changed bytes: CSV, JSON, captures, packed or not."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from driftkit import data_quality
from tests.fuzz.cases import RESULT, Case, Target, check, outcome, writable
from tests.fuzz.mutations import changed_bytes
from tests.fuzz.paths import Way, some_way, taken
from tests.fuzz.reading import make_captures, make_csv, make_json, read, same_in_pieces, ways

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

_ODD = (
    b'a,b\n1,"2\n3,4\n',
    b"a;b\n1,5;2\n",
    b"a\tb\n1\t2\n",
    b"\xff\xfea\x00,\x00b\x00\n\x00",
    b"a,a\n1,2\n",
    b'a,b\r1,2\r"3",4\r',
    b'{"a": 1}\n[{"a": 2}, {"b": 3}]\n',
    b'[{"a": {"b": [1, null]}}, 3]',
    b"\n\n\n",
    b"a,b\n" + b"1,2\n" * 40,
)


def make_broken(random: Random) -> Case:
    """A sound file after some changes, as it is or packed before or after them."""
    source = random.choice((make_csv, make_csv, make_json, make_captures))
    case = source(random)
    ((name, content),) = case.files.items()
    if random.random() < 0.1:
        content = random.choice(_ODD)
    zipped = content[:2] == b"\x1f\x8b"
    if zipped and random.random() < 0.5:
        content = gzip.decompress(content)
        content = gzip.compress(changed_bytes(content, random), 1, mtime=0)
    else:
        content = changed_bytes(content, random)
    options = {**case.options, "header": random.random() < 0.7}
    if random.random() < 0.3:
        options["format"] = random.choice(("auto", "csv", "json", "jsonl", "capture", "parquet"))
    return Case(files={name: content}, options=options)


def run_broken(case: Case, folder: Path) -> str:
    """Measures a file: a result or an error, the same both ways."""
    settings = dict(case.options)
    return read(folder, settings, settings.pop("piece"), settings.pop("by"))[0]


def make_split(random: Random) -> Case:
    """A file of many short records, changed a little."""
    case = random.choice((make_csv, make_captures, make_json))(random)
    ((name, content),) = case.files.items()
    if name.endswith(".gz") or random.random() < 0.5:
        name = name.removesuffix(".gz")
        content = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    if name.endswith((".csv", ".tsv", ".jsonl")):
        head, end, rest = content.partition(b"\n")
        content = head + end + rest * random.choice((1, 1, 5))
        if random.random() < 0.5:
            content = head + end + changed_bytes(content[len(head + end) :], random)
    options = {key: value for key, value in case.options.items() if key != "piece"}
    return Case(files={name: content}, options={**options, "way": some_way(random)})


def run_split(case: Case, folder: Path) -> str:
    """Reads a file at once and in pieces: the counts are the same."""
    settings = dict(case.options)
    way = settings.pop("way")
    whole = read(folder, settings, None, settings.pop("by"))
    same_in_pieces(folder, settings, whole, way)
    return whole[0]


def make_window(random: Random) -> Case:
    """A baseline's table and a window of its columns, whose values may be others."""
    first, second = make_csv(random), make_csv(random)
    return Case(
        files={
            "base/data.csv": _plain(first),
            "window/data.csv": _plain(first if random.random() < 0.6 else second),
        },
        options={
            "first": first.options["header"],
            "second": second.options["header"],
            **ways(random),
        },
    )


def _plain(case: Case) -> bytes:
    ((_, content),) = case.files.items()
    return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content


def run_window(case: Case, folder: Path) -> str:
    """Monitors the window; every violation and file can be written down."""
    told = {"runner": "local", "dialect": case.options["dialect"]}
    with taken(some_way_of(case)):
        kind, normal = outcome(
            lambda: data_quality.baseline(
                str(folder / "base"), header=case.options["first"], **told
            )
        )
        if kind != RESULT:
            return kind
        header = case.options["second"]
        kind, found = outcome(
            lambda: data_quality.monitor(str(folder / "window"), normal, header=header, **told)
        )
    if kind == RESULT:
        writable(found.files)
        check(len(found.violations) == len(found.violation_rows()), "violations without a row")
        again, compared = outcome(
            lambda: data_quality.compare(found.statistics, normal, dialect=told["dialect"])
        )
        check(again == RESULT, f"what was measured cannot be compared: {compared}")
    return kind


def some_way_of(case: Case) -> Way:
    """The way that a case says."""
    return Way(compiled=case.options["by"] != "plain", piece=case.options["piece"])


_MAKERS: tuple[tuple[str, int, Callable[[Random], Case], Callable[[Case, Path], str]], ...] = (
    ("broken text files", 120, make_broken, run_broken),
    ("files in pieces", 20, make_split, run_split),
    ("windows of data quality", 20, make_window, run_window),
)
TARGETS = tuple(
    Target(name=name, share=share, make=make, run=run) for name, share, make, run in _MAKERS
)
