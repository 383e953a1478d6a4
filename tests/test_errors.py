"""Errors say what, where, expected, found and what to do, and survive the way from a worker."""

from __future__ import annotations

import pickle

import pytest

from driftkit import DriftkitError, EngineError, FormatError, InputError


def test_message_holds_every_part() -> None:
    error = FormatError(
        "a value has the wrong type",
        where="constraints.json: features[3].completeness",
        expected="a number",
        found="'all'",
        todo="Write a number between 0 and 1",
    )

    assert str(error) == (
        "constraints.json: features[3].completeness: a value has the wrong type "
        "(expected: a number; found: 'all'). Write a number between 0 and 1."
    )


def test_message_needs_only_what() -> None:
    assert str(EngineError("Java is missing")) == "Java is missing."


@pytest.mark.parametrize("kind", [InputError, FormatError, EngineError])
def test_errors_keep_kind_and_parts_through_pickle(kind: type[DriftkitError]) -> None:
    error = kind("what", where="where", expected="a", found="b", todo="Do")

    copy = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert (type(copy), str(copy), copy.todo) == (kind, str(error), "Do")
