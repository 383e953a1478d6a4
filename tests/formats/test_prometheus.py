"""Gauges in Prometheus' text format, as promtool reads them."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftkit.formats.prometheus import gauge

PROMTOOL = shutil.which("promtool")


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool")
@given(
    values=st.lists(
        st.tuples(st.text(max_size=20), st.floats(allow_nan=False)),
        max_size=5,
        unique_by=lambda pair: pair[0].encode("utf-8", "backslashreplace"),
    )
)
@settings(max_examples=15, deadline=None)
def test_any_text_and_number_is_read(values: list[tuple[str, float]]) -> None:
    numbered = ({"text": f"{index} {text}"} for index, (text, _) in enumerate(values))
    text = gauge("rows", "How many.", zip(numbered, (value for _, value in values), strict=True))

    ended = subprocess.run(
        [str(PROMTOOL), "check", "metrics"], input=text.encode(), capture_output=True, check=False
    )

    assert (ended.returncode, ended.stdout + ended.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("value", "written"), [(3.0, "3"), (0.1, "0.1"), (1e300, "1e+300"), (-0.0, "0")]
)
def test_numbers_keep_their_digits(value: float, written: str) -> None:
    assert gauge("rows", "How many.", [({}, value)]).splitlines()[-1] == f"rows {written}"
