"""Files of states of bias that no rows can have are refused, and so are damaged ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit.errors import FormatError
from driftkit.states.groups import columns as group_columns
from driftkit.states.groups import fold as group_fold
from driftkit.states.groups.storage import loads
from tests.monitors.bias.tables import TWO_FACETS, odd_table
from tests.states.damaging import (
    a_file_that_is_cut_off_is_refused,
    every_flipped_bit_is_noticed_or_harmless,
    opened,
    signed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.states.groups.storage import GroupStates


def test_states_of_a_later_version_are_refused() -> None:
    content = forged(kept(), change_about=lambda about: about.update(version=99))

    with pytest.raises(FormatError, match=r"later version.*version 99"):
        loads(content, "states.arrow")


def kept() -> GroupStates:
    """Small states with all there is: several types, missing values, values that are collapsed."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (group_columns, group_fold):
            patch.setattr(module, "VALUES_KEPT", 10)
        config = {**TWO_FACETS, "label_values_or_threshold": [1]}
        table = odd_table(60, 1).astype({"predicted": int})
        return driftkit.bias.states(table, analysis_config=config)


def forged(
    states: GroupStates,
    change: Callable[[dict[str, Any]], None] = lambda _: None,
    change_about: Callable[[dict[str, Any]], None] = lambda _: None,
) -> bytes:
    """A file whose checksums are right and in which something is otherwise."""
    about, table = opened(states.dumps())
    [lists] = table.to_pylist()
    change(lists)
    change_about(about)
    return signed(about, {name: [each] for name, each in lists.items()}, table.schema)


def put(*path: Any) -> Callable[[dict[str, Any]], None]:
    """Puts the last item where the others lead."""
    *steps, key, value = path

    def change(node: Any) -> None:
        for step in steps:
            node = node[step]
        node[key] = value(node[key]) if callable(value) else value

    return change


CARRIER, DISTANCE, LATE, PREDICTED = range(4)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("present", put("present", CARRIER, -1)),
        ("present", put("present", CARRIER, 61)),
        ("present", put("present", lambda each: each[1:])),
        ("missing", put("missing", CARRIER, None)),
        ("present", put("missing", CARRIER, 0)),
        ("collapsed", put("collapsed", lambda each: each[1:])),
        ("values", put("collapsed", DISTANCE, lambda each: not each)),
        ("kinds", put("kinds", CARRIER, ["int"])),
        ("kinds", put("kinds", CARRIER, ["word"])),
        ("kinds", put("kinds", CARRIER, [])),
        ("maximum", put("kinds", CARRIER, ["int", "str"])),
        ("points", put("points", DISTANCE, [901.0, 900.0])),
        ("points", put("points", DISTANCE, [900.0, float("inf")])),
        ("values", put("values", CARRIER, lambda each: [each[1], *each[1:]])),
        ("values", put("values", LATE, lambda each: ["many", *each[1:]])),
        ("values", put("values", DISTANCE, lambda each: ["99", *each[1:]])),
        ("types", put("types", LATE, lambda each: each[1:])),
        ("values", put("types", LATE, lambda each: ["date", *each[1:]])),
        ("types", put("types", PREDICTED, lambda each: ["str", *each[1:]])),
        ("types", put("types", PREDICTED, lambda each: ["float", *each[1:]])),
        ("hashes", put("hashes", DISTANCE, lambda each: each[::-1])),
        ("hashes", put("hashes", DISTANCE, lambda _: list(range(4097)))),
        ("hashes", put("hashes", CARRIER, [1])),
        ("facets", put("facets", 0, [])),
        ("facets", put("facets", 0, [-1])),
        ("facets", put("facets", 0, [9])),
        ("facets", put("facets", lambda each: each[1:])),
        ("cells", put("cells", 0, lambda each: each[1:])),
        ("cells", put("cells", 0, 0, lambda each: each[1:])),
        ("cells", put("cells", 0, 0, lambda each: [-1, *each[1:]])),
        ("cells", put("cells", 0, 0, lambda each: [99, *each[1:]])),
        ("cells", put("cells", 0, lambda each: [[row[0], *row[:-1]] for row in each])),
        ("rows", put("rows", lambda each: each[1:])),
        ("rows", put("rows", 0, lambda each: [0, *each[1:]])),
        ("rows", put("rows", 0, lambda each: [2**62, *each[1:]])),
        ("rows", put("rows", 0, lambda each: [each[0] + 1, *each[1:]])),
        ("rows", put("rows", 0, lambda each: [each[0] + 1, each[1] - 1, *each[2:]])),
    ],
)
def test_what_no_rows_can_have_is_refused(
    field: str, change: Callable[[dict[str, Any]], None]
) -> None:
    states = kept()
    assert loads(forged(states), "here") == states

    with pytest.raises(FormatError, match=r"here, field ") as raised:
        loads(forged(states, change), "here")

    related = {"missing": ["present"], "values": ["cells", "kinds", "maximum"], "facets": ["cells"]}
    named = [field, *related.get(field, ())]
    assert raised.value.where in {f"here, field {name}" for name in named}


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("data[0].name", put("data", 0, "name", 3)),
        ("data[0].declared", put("data", 0, "declared", "Number")),
        ("data", put("data", None)),
        ("roles.decided", put("roles", "decided", "yes")),
        ("roles.categories[0]", put("roles", "categories", [1])),
        ("roles.reading.x", put("roles", "reading", {"x": 1})),
        ("counts.rows", put("counts", "rows", -1)),
        ("counts.label", put("counts", "label", 9)),
        ("counts.prediction", put("counts", "prediction", 9)),
        ("counts.group", put("counts", "group", "origin")),
        ("counts.columns[0].index", put("counts", "columns", 0, "index", 99)),
        ("counts.columns[0].declared", put("counts", "columns", 0, "declared", "Number")),
        ("counts.columns[0].texts", put("counts", "columns", 0, "texts", None)),
        ("counts.columns[0].threshold.score", put("counts", "columns", 0, "threshold", {})),
        ("counts.columns[1].maximum", put("counts", "columns", 1, "maximum", "high")),
        ("counts.rejected", put("counts", "rejected", None)),
        ("windows", put("windows", None)),
    ],
)
def test_what_a_file_says_of_itself_is_checked(
    place: str, change: Callable[[dict[str, Any]], None]
) -> None:
    with pytest.raises(FormatError) as raised:
        loads(forged(kept(), change_about=change), "here")

    assert (raised.value.where or "").startswith(f"here: {place}")


@pytest.mark.parametrize(
    "change",
    [
        put("counts", "columns", 1, "maximum", 5.0),
        put("counts", "columns", 1, "maximum", float("nan")),
        put("counts", "columns", 1, "maximum", None),
        put("counts", "columns", 3, "maximum", 1.0),
        put("counts", "columns", 3, "declared", "String"),
        put("counts", "group", None),
        put("counts", "rows", 59),
    ],
)
def test_what_a_file_says_fits_to_its_fields(change: Callable[[dict[str, Any]], None]) -> None:
    with pytest.raises(FormatError, match="here, field"):
        loads(forged(kept(), change_about=change), "here")


def test_every_flipped_bit_is_noticed_or_harmless() -> None:
    every_flipped_bit_is_noticed_or_harmless(kept().dumps(), loads)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_file_that_is_cut_off_is_refused(share: float) -> None:
    a_file_that_is_cut_off_is_refused(kept().dumps(), loads, share)
