"""Deequ's Scala code becomes Python code for pydeequ."""

from __future__ import annotations

import pytest

from driftkit.compute.suggestion.deequ import python_code


@pytest.mark.parametrize(
    ("scala", "python"),
    [
        ('.isComplete("a")', '.isComplete("a")'),
        (
            '.hasCompleteness("t", _ >= 0.74, Some("It should be above 0.74!"))',
            '.hasCompleteness("t", lambda x: x >= 0.74, "It should be above 0.74!")',
        ),
        ('.isContainedIn("t", Array("7"))', '.isContainedIn("t", ["7"])'),
        (
            r'.isContainedIn("Some(c)", Array("a\"b", "x) _ y"), _ >= 0.9, Some("Why (so)?"))',
            r'.isContainedIn("Some(c)", ["a\"b", "x) _ y"], lambda x: x >= 0.9, "Why (so)?")',
        ),
        ('.f("a_b", Seq(Array(1), Array(2)))', '.f("a_b", [[1], [2]])'),
        ('.has_data("a", Types.Integral)', '.has_data("a", Types.Integral)'),
    ],
)
def test_code_between_quotes_is_left_alone(scala: str, python: str) -> None:
    assert python_code(scala) == python
