"""Files of states of attribution that are damaged, cut off, or that no rows can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from driftkit.errors import DriftkitError, FormatError
from driftkit.states.attribution_storage import loads
from tests.monitors.attribution.data import config, model_file, rows, states
from tests.states.damaging import (
    a_file_that_is_cut_off_is_refused,
    every_flipped_bit_is_noticed_or_harmless,
    opened,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.states.attribution_storage import AttributionStates

# Whether medians are asked for, where nothing is said.
MEDIAN = False


@pytest.fixture
def model(tmp_path: Path) -> str:
    return model_file(tmp_path)


def forged(
    states: AttributionStates, change: Callable[[dict[str, Any], dict[str, Any]], Any]
) -> bytes:
    """A file whose checksums are right, after a change of its description and its columns."""
    about, table = opened(states.dumps())
    columns = table.to_pydict()
    change(about, columns)
    return signed(about, columns, table.schema)


def unchanged(about: dict[str, Any], columns: dict[str, Any]) -> None:
    """Leaves a file as it is."""


def put(name: str, value: Any, *where: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    """Changes a field of the description or a column, as a whole or at a place."""

    def change(about: dict[str, Any], columns: dict[str, Any]) -> None:
        holder: Any = columns if name in columns else about
        key: Any = name
        for each in where:
            holder, key = holder[key], each
        holder[key] = value

    return change


IMPOSSIBLE = {
    "no request": put("request", None),
    "request.features": put("request", 7, "features"),
    "feature twice": put("request", ["a", "a", "c"], "features"),
    "no feature": put("request", [], "features"),
    "no label": put("request", [], "labels"),
    "expected": put("request", [0.0, 1.0], "expected"),
    "expected text": put("request", ["many"], "expected"),
    "options": put("request", {"seed": {}}, "options"),
    "background": put("request", 1, "background"),
    "median": put("request", 1, "median"),
    "medians without sketches": put("request", not MEDIAN, "median"),
    "explained of few": put("explained", [1]),
    "explained of none": put("explained", [0] * 64),
    "explained of too many": put("explained", 2**62, 0),
    "explained of less than none": put("explained", -1, 0),
    "rows": put("rows", 1),
    "rows beyond": put("rows", 2**60),
    "seen": put("seen", 1),
    "seen beyond": put("seen", 2**60),
    "another feature": put("feature", "b", 0),
    "another label": put("label", "x", 0),
    "absolute of few": put("absolute", [1.0], 0),
    "absolute null": put("absolute", None, 0, 0),
    "absolute below zero": put("absolute", -1.0, 0, 0),
    "absolute NaN": put("absolute", float("nan"), 0, 0),
    "absolute too large": put("absolute", 1e9, 0, 0),
    "squares too small": put("squares", 0.0, 0, 0),
    "fourths too small": put("fourths", 0.0, 0),
    "fourths null": put("fourths", None, 0),
    "levels": put("levels", [[1.0]], 0),
    "compactions": put("compactions", [0], 0),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_what_no_rows_can_have_is_refused(model: str, name: str) -> None:
    found = states(rows(900), model)
    assert loads(forged(found, unchanged), "here").dumps() == found.dumps()

    with pytest.raises(DriftkitError, match="here"):
        loads(forged(found, IMPOSSIBLE[name]), "here")


@pytest.mark.parametrize(
    "change",
    [
        put("levels", [], 0),
        put("levels", [[1.0]], 0),
        put("levels", [[float("nan")] * 90], 0),
        put("levels", [[]] * 60, 0),
        put("compactions", [0, 0], 0),
        put("compactions", [-1], 0),
        put("request", MEDIAN, "median"),
    ],
)
def test_sketches_that_no_rows_can_have_are_refused(model: str, change: Any) -> None:
    found = states(rows(90), model, config(agg_method="median"))
    assert loads(forged(found, unchanged), "here").dumps() == found.dumps()

    with pytest.raises(FormatError, match="here"):
        loads(forged(found, change), "here")


def test_groups_without_rows_have_no_sums(model: str) -> None:
    found = states(rows(5), model)
    empty = int(np.flatnonzero(found.state.explained == 0)[0])

    with pytest.raises(FormatError, match="groups without rows"):
        loads(forged(found, put("absolute", 1.0, 0, empty)), "here")


def test_every_flipped_bit_is_noticed_or_harmless(model: str) -> None:
    # Their arrays are compared by the bytes that they are written as.
    every_flipped_bit_is_noticed_or_harmless(
        states(rows(40), model).dumps(), lambda content, where: loads(content, where).dumps()
    )


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.95])
def test_a_file_that_is_cut_off_is_refused(model: str, kept: float) -> None:
    a_file_that_is_cut_off_is_refused(states(rows(40), model).dumps(), loads, kept)
