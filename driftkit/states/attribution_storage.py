"""States of attributions that are kept: what they are of, their bytes, and many added up."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from driftkit.errors import InputError
from driftkit.formats.mapping import Node, shown
from driftkit.states import kept
from driftkit.states.attributions import GROUPS, AttributionState
from driftkit.states.profile.sketches import MOST_LEVELS, SKETCHES
from driftkit.states.profile.state_table import has_gaps
from driftkit.states.schemas import COUNTS, LEVELS, NUMBER, TEXT
from driftkit.states.state_files import digest_of, impossible, read_alone, written_alone
from driftkit.states.storage_about import (
    MOST_ROWS,
    read_rejections,
    read_windows,
    rejections_to_dict,
    windows_to_dict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.windows import Window


MONITOR = "attribution"
VERSION = 1
# A row is a feature and an output of the model; the lists of doubles have a number for each group.
_FIELDS = {
    "feature": TEXT,
    "label": TEXT,
    "absolute": pa.list_(NUMBER),
    "squares": pa.list_(NUMBER),
    "fourths": NUMBER,
    "levels": LEVELS,
    "compactions": COUNTS,
}
_SCHEMA = pa.schema([pa.field(name, kind, nullable=False) for name, kind in _FIELDS.items()])
# Numbers of one model on one set of baseline rows agree so well on any machine.
_SAME = 1e-9
# What rounding leaves of an inequality between sums.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionRequest:
    """How rows were explained; attributions of other rows add up where it is the same.

    Attributes:
        features: names, in the model's order.
        labels: names of the model's outputs.
        options: of the explainer, by name.
        background: the baseline rows as CSV.
        expected: the model's outputs where no feature is known.
        median: whether medians can be read.
    """

    features: tuple[str, ...]
    labels: tuple[str, ...]
    options: Mapping[str, Any]
    background: str
    expected: tuple[float, ...]
    median: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionStates:
    """The state of windows of explained rows, added up; `baseline` and `monitor` take it as data.

    Attributes:
        state: what all numbers are read from.
        request: how rows were explained.
        windows: what entered it, in the order in which it was added.
        name: the file or what else it came from, for messages.
    """

    state: AttributionState
    request: AttributionRequest
    windows: tuple[Window, ...] = ()
    name: str = field(default="states", compare=False)

    def dumps(self) -> bytes:
        """The content of a file of states; the rows' own attributions are not in it."""
        request, state = self.request, self.state
        about = {
            "request": {each.name: getattr(request, each.name) for each in fields(request)},
            **windows_to_dict(self.windows),
            "rows": state.rows,
            "seen": state.seen,
            "explained": state.explained.tolist(),
            "rejected": rejections_to_dict(state.rejected),
        }
        return written_alone(MONITOR, VERSION, about, _batch(state, request))

    def digest(self) -> int:
        """A number that the same rows give again."""
        return digest_of(_batch(self.state, self.request))


def loads(content: bytes | pa.Buffer, where: str) -> AttributionStates:
    """The states of a file.

    Args:
        content: of the file.
        where: its path, for messages.

    Raises:
        FormatError: it is none of states of this monitor, of a later version, cut off or damaged, or
            no rows can have such a state.
    """
    node, batch = read_alone(content, where, MONITOR, {VERSION: _SCHEMA})
    request = _read_request(node.child("request"))
    counts = np.array(node.each(Node.count, "explained"), dtype=np.int64)
    rows, seen = node.count("rows"), node.count("seen")
    wrongs = chain(_wrong_counts(counts, rows, seen), _wrong(batch, request, counts))
    for name, expected, wrong in wrongs:
        if wrong:
            raise impossible(where, name, expected)
    return AttributionStates(
        state=AttributionState(
            rows=rows,
            seen=seen,
            explained=counts,
            absolute=_sums(batch, "absolute", request),
            squares=_sums(batch, "squares", request),
            fourths=batch.column("fourths").to_numpy().reshape(len(request.features), -1),
            sketches=tuple(SKETCHES.decode(batch)) if request.median else (),
            rejected=read_rejections(node.child("rejected")),
        ),
        request=request,
        windows=tuple(read_windows(node)),
        name=where,
    )


def combined(
    parts: Sequence[AttributionStates], *, allow_overlap: bool = False
) -> AttributionStates:
    """The states of all windows together, as if their rows had been read at once.

    Raises:
        InputError: there are none, they were explained otherwise, or windows overlap.
    """
    return kept.combined(parts, _refuse_others, allow_overlap=allow_overlap)


def _refuse_others(first: AttributionStates, other: AttributionStates) -> None:
    found = _parts(other.request)
    for name, wanted in _parts(first.request).items():
        if name == "expected":
            same = np.allclose(found[name], wanted, rtol=_SAME, atol=_SAME)
        else:
            same = found.get(name) == wanted
        if not same:
            raise explained_otherwise(other, name, wanted, found.get(name), f", as in {first.name}")


def _parts(request: AttributionRequest) -> dict[str, Any]:
    """All that must be the same, option by option."""
    names = [each.name for each in fields(request) if each.name != "options"]
    return {**{name: getattr(request, name) for name in names}, **request.options}


def explained_otherwise(
    states: AttributionStates, name: str, wanted: Any, found: Any, as_in: str = ""
) -> InputError:
    """The error for states whose rows were explained otherwise than is asked for.

    Args:
        states: whose rows they are.
        name: of what differs.
        wanted: its value that is asked for.
        found: its value.
        as_in: where the wanted one is from.
    """
    return InputError(
        "the rows of the states were explained otherwise",
        where=f"{states.name}, {name}",
        expected=f"{_in_words(wanted)}{as_in}",
        found=_in_words(found),
        todo="Combine states of one model, configuration and baseline, or read the data again",
    )


def _in_words(value: Any) -> str:
    return shown(", ".join(map(str, value)) if isinstance(value, tuple) else value)


def _batch(state: AttributionState, request: AttributionRequest) -> pa.RecordBatch:
    pairs = [(feature, label) for feature in request.features for label in request.labels]
    sketches = state.sketches or (None,) * len(pairs)
    values = {
        "feature": [feature for feature, _ in pairs],
        "label": [label for _, label in pairs],
        "absolute": list(state.absolute.reshape(GROUPS, -1).T),
        "squares": list(state.squares.reshape(GROUPS, -1).T),
        "fourths": state.fourths.ravel(),
        "levels": [[] if each is None else list(each.levels) for each in sketches],
        "compactions": [[] if each is None else list(each.compactions) for each in sketches],
    }
    arrays = [pa.array(values[name], kind) for name, kind in _FIELDS.items()]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _read_request(node: Node) -> AttributionRequest:
    options = node.child("options")
    return AttributionRequest(
        features=node.texts("features"),
        labels=node.texts("labels"),
        options={name: _option(options, name) for name in options.value},
        background=node.text("background"),
        expected=node.each(Node.number, "expected"),
        median=node.truth("median"),
    )


def _option(options: Node, name: str) -> Any:
    """A plain value, or texts."""
    value = options.raw(name)
    if isinstance(value, list):
        return options.texts(name)
    if not isinstance(value, str | int | float | None):
        raise options.wrong(name, "a text, a number, a truth value or null", value)
    return value


def _wrong_counts(explained: Integers, rows: int, seen: int) -> Iterator[tuple[str, str, bool]]:
    yield "explained", f"a count for each of {GROUPS} groups", len(explained) != GROUPS
    yield "explained", "a row that the model answered", not explained.any()
    # One by one: their sum may be more than 64 bits hold.
    wrong = bool((explained > MOST_ROWS).any()) or int(explained.sum()) > rows
    yield "explained", "no more rows than there are", wrong
    yield "seen", "the rows, and no more than there will ever be", not rows <= seen <= MOST_ROWS


def _wrong(
    batch: pa.RecordBatch, request: AttributionRequest, explained: Integers
) -> Iterator[tuple[str, str, bool]]:
    """What no rows can have: a field, what it should hold, and whether it does not."""
    features, labels = request.features, request.labels
    yield "features", "every feature once", not features or len({*features}) < len(features)
    yield "expected", "a number for each label", not labels or len(request.expected) != len(labels)
    pairs = [(feature, label) for feature in features for label in labels]
    names = zip(*(batch.column(name).to_pylist() for name in ("feature", "label")), strict=True)
    yield "feature", "every feature with every label", [*names] != pairs
    for name in _FIELDS:
        yield name, "no nulls", has_gaps(batch.column(name))
    for name in ("absolute", "squares"):
        lengths = batch.column(name).value_lengths().to_numpy()
        yield name, f"a number for each of {GROUPS} groups", bool((lengths != GROUPS).any())
    absolute, squares = (_by_group(batch, name) for name in ("absolute", "squares"))
    fourths, count = batch.column("fourths").to_numpy(), int(explained.sum())
    for name, sums in (("absolute", absolute), ("squares", squares), ("fourths", fourths)):
        # NaN is not.
        yield name, "sums of numbers that are not negative", not (sums >= 0.0).all()
    empty = explained == 0
    for name, sums in (("absolute", absolute), ("squares", squares)):
        yield name, "nothing in groups without rows", bool(sums[:, empty].any())
    with np.errstate(over="ignore", invalid="ignore"):
        yield (
            "squares",
            "as much as the absolute values ask for",
            _too_small(squares, absolute, explained),
        )
        yield (
            "fourths",
            "as much as the squares ask for",
            _too_small(fourths, squares.sum(axis=1), count),
        )
    yield from _wrong_sketches(batch, count if request.median else None)


def _too_small(squares: Floats, sums: Floats, count: Integers | int) -> bool:
    """Whether the sums of squares are too small for those of the numbers (Cauchy and Schwarz)."""
    # The least of doubles have hardly any digits.
    return bool((sums * sums > squares * count * (1 + _ROUNDING) + 1e-300).any())


def _wrong_sketches(batch: pa.RecordBatch, count: int | None) -> Iterator[tuple[str, str, bool]]:
    """The same of sketches of so many values; None where there are none."""
    heights = batch.column("levels").value_lengths().to_numpy()
    often = batch.column("compactions")
    if count is None:
        yield "levels", "no levels, for medians were not asked for", bool(heights.any())
    else:
        wrong = (heights < 1) | (heights > MOST_LEVELS)
        yield "levels", f"1 to {MOST_LEVELS} levels", bool(wrong.any())
    yield (
        "compactions",
        "a count for each level",
        (often.value_lengths().to_numpy() != heights).any().item(),
    )
    yield "compactions", "no negative counts", bool((often.flatten().to_numpy() < 0).any())
    values = batch.column("levels").flatten().flatten().to_numpy()
    yield "levels", "finite numbers", not np.isfinite(values).all()
    for sketch in SKETCHES.decode(batch) if count is not None else ():
        yield "levels", "values that stand for all rows explained", sketch.count != count


def _by_group(batch: pa.RecordBatch, name: str) -> Floats:
    """Shape (features and labels, groups)."""
    found: Floats = batch.column(name).flatten().to_numpy().reshape(-1, GROUPS)
    return found


def _sums(batch: pa.RecordBatch, name: str, request: AttributionRequest) -> Floats:
    shape = GROUPS, len(request.features), len(request.labels)
    return np.ascontiguousarray(_by_group(batch, name).T).reshape(shape)
