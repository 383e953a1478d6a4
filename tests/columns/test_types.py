"""Values and columns get the types that Deequ gives them."""

from __future__ import annotations

from itertools import product

import pytest

from driftkit.columns.types import InferredType, decide, type_of

EXAMPLES = {
    "Integral": ("3", "-3", "+3", " 3", "+ 3", "- 3", "007", "9" * 40),
    "Fractional": ("3.0", "-3.0", "1e5", "1E-5", "1.5e+3", "+ 0.5", "1e400"),
    "Boolean": ("true", "false"),
    "String": ("", " ", "True", ".5", "5.", "1,000", "NaN", "3 ", "5\n", "--1", "1e", "\u0663"),
}
PAIRS = [(text, kind) for kind, texts in EXAMPLES.items() for text in texts]
COLUMNS = {
    (0, 0, 0, 0): "Unknown",
    (9, 0, 0, 0): "Integral",
    (9, 1, 0, 0): "Fractional",
    (0, 9, 0, 0): "Fractional",
    (0, 0, 9, 0): "Boolean",
    (9, 0, 1, 0): "String",
    (0, 9, 1, 0): "String",
    (9, 9, 0, 1): "String",
}


@pytest.mark.parametrize(("text", "kind"), PAIRS)
def test_values_look_like_their_type(text: str, kind: str) -> None:
    assert str(type_of(text)) == kind


@pytest.mark.parametrize(("counts", "kind"), COLUMNS.items())
def test_columns_are_decided_by_all_their_values(
    counts: tuple[int, int, int, int], kind: str
) -> None:
    integral, fractional, boolean, string = counts

    decided = decide(integral=integral, fractional=fractional, boolean=boolean, string=string)

    assert str(decided) == kind


def test_one_string_decides() -> None:
    for integral, fractional, boolean in product((0, 5), repeat=3):
        decided = decide(integral=integral, fractional=fractional, boolean=boolean, string=1)
        assert decided is InferredType.STRING


@pytest.mark.parametrize("kind", InferredType)
def test_two_types_are_numeric(kind: InferredType) -> None:
    assert kind.is_numeric == (kind.value in {"Integral", "Fractional"})
