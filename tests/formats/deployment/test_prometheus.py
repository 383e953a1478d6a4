"""The verdict as Prometheus reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from driftkit.formats.deployment.prometheus import METRIC, expositions

if TYPE_CHECKING:
    from driftkit.formats.deployment.verdict import Answer

SAMPLE = re.compile(rf'{METRIC}(?:\{{(\w+="(?:[^"\\\n]|\\.)*",?)*\}})? (-?\d+)')


@pytest.mark.parametrize(("verdict", "value"), [("promote", 1), ("hold", 0), ("roll_back", -1)])
def test_each_verdict_is_a_number(verdict: Answer, value: int) -> None:
    *comments, sample = expositions([(verdict, {})]).splitlines()

    assert sample == f"driftkit_deployment_verdict {value}"
    assert comments[1] == "# TYPE driftkit_deployment_verdict gauge"


def test_labels_are_escaped() -> None:
    text = expositions([("hold", {"endpoint": 'a "b"\\\nc', "challenger": "d"})])

    *_, sample = text.splitlines()
    found = SAMPLE.fullmatch(sample)
    assert found
    assert found[2] == "0"
    assert sample == METRIC + r'{endpoint="a \"b\"\\\nc",challenger="d"} 0'
    assert text.endswith("\n")


def test_challengers_are_series_of_one_gauge() -> None:
    text = expositions([("hold", {"challenger": "b"}), ("promote", {"challenger": "c"})])

    assert text.count("# TYPE") == 1
    assert text.splitlines()[2:] == [
        f'{METRIC}{{challenger="b"}} 0',
        f'{METRIC}{{challenger="c"}} 1',
    ]
