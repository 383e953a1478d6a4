"""Files of states of a deployment: what was written is read, and what no rows can have is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from driftkit.errors import FormatError, InputError
from driftkit.states.deployment.storage import DeploymentStates, combined, loads
from driftkit.states.windows import Window
from tests.states.damaging import a_file_that_is_cut_off_is_refused, opened, signed
from tests.states.deployment.test_arms import FOLD, LAYOUT, ROWS, chunk, plain

if TYPE_CHECKING:
    from collections.abc import Callable

ROW = ("champion", "2026-11-02T10:00:00Z", "ann", "1", "0", 0.25, 5.0, "AA")
OTHER = ("challenger", "2026-11-02T11:00:00Z", "bob", None, "0", 1.0, 500.0, None)


def states(*rows: tuple[Any, ...], plan: str = "abc") -> DeploymentStates:
    """States of some rows."""
    window = Window(source="/data/x", rows=len(rows), digest=3)
    return DeploymentStates(state=FOLD([chunk(rows)]), plan=plan, windows=(window,))


@given(ROWS)
def test_what_is_written_is_read(rows: list[tuple[Any, ...]]) -> None:
    kept = states(*rows)

    read = loads(kept.dumps(), "states.arrow")

    assert plain(read.state) == plain(kept.state)
    assert (read.plan, read.windows, read.digest()) == (kept.plan, kept.windows, kept.digest())


def test_states_without_inputs_are_as_before_there_were_any() -> None:
    state = replace(FOLD, layout=replace(LAYOUT, cells=()), inputs=())([chunk([ROW])])

    about, table = opened(DeploymentStates(state=state, plan="abc").dumps())

    assert about["version"] == 1
    assert "cells" not in about["layout"]
    assert "inputs" not in table.schema.names


def test_windows_add_up() -> None:
    first, second = states(ROW), states(OTHER)

    both = combined([first, second], allow_overlap=True)

    assert plain(both.state) == plain(states(ROW, OTHER).state)
    assert len(both.windows) == 2


def test_rows_do_not_count_twice() -> None:
    with pytest.raises(InputError, match="two windows overlap"):
        combined([states(ROW), states(OTHER)], allow_overlap=False)


def test_a_plan_that_changed_is_refused() -> None:
    with pytest.raises(InputError, match="voids its error rates"):
        combined([states(ROW), states(OTHER, plan="def")], allow_overlap=True)


def put(name: str, value: Any, row: int = 0) -> Callable[[dict[str, list[Any]]], None]:
    """Puts a value into a column, or what a function makes of the one that is there."""

    def change(columns: dict[str, list[Any]]) -> None:
        before = columns[name][row]
        columns[name][row] = value(before) if callable(value) else value

    return change


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("arm", put("arm", 2)),
        ("arm", put("arm", -1)),
        ("block", put("block", 2**60)),
        ("block", put("block", 0, row=1)),
        ("requests", put("requests", 0)),
        ("requests", put("requests", 2**60)),
        ("labelled", put("labelled", -1)),
        ("labelled", put("labelled", 2)),
        ("sums", put("sums", lambda each: [float("nan"), *each[1:]])),
        ("sums", put("sums", lambda each: [2.0, *each[1:]])),
        ("sums", put("sums", lambda each: each[1:])),
        ("buckets", put("buckets", lambda each: each[1:])),
        ("buckets", put("buckets", lambda each: [float("inf"), *each[1:]])),
        ("scores", put("scores", lambda each: [-1, *each[1:]])),
        ("scores", put("scores", lambda each: [5, *each[1:]])),
        ("scores", put("scores", lambda each: [*each, 0])),
        ("inputs", put("inputs", lambda each: [-1, *each[1:]])),
        ("inputs", put("inputs", lambda each: [2, *each[1:]])),
        ("inputs", put("inputs", lambda each: each[1:])),
        ("column", put("column", None, row=2)),
    ],
)
def test_states_that_no_rows_can_have_are_refused(
    field: str, change: Callable[[dict[str, list[Any]]], None]
) -> None:
    about, table = opened(states(ROW, OTHER).dumps())
    columns = table.to_pydict()
    change(columns)

    with pytest.raises(FormatError, match=rf"field {field}: the states are impossible"):
        loads(signed(about, columns, table.schema), "states.arrow")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("buckets", 10**9),
        ("buckets", -1),
        ("scores", 1),
        ("arms", "old"),
        ("metrics", None),
        ("cells", []),
        ("cells", [10**9]),
        ("cells", [4, -4]),
        ("cells", 9),
    ],
)
def test_a_layout_that_no_plan_has_is_refused(key: str, value: Any) -> None:
    about, table = opened(states(ROW).dumps())
    about["layout"][key] = value

    with pytest.raises(FormatError, match=key):
        loads(signed(about, table.to_pydict(), table.schema), "states.arrow")


def test_states_of_a_later_version_are_refused() -> None:
    about, table = opened(states(ROW).dumps())

    with pytest.raises(FormatError, match=r"later version.*version 9"):
        loads(signed({**about, "version": 9}, table.to_pydict(), table.schema), "states.arrow")


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_file_that_is_cut_off_is_refused(kept: float) -> None:
    a_file_that_is_cut_off_is_refused(states(ROW, OTHER).dumps(), loads, kept)
