"""A failed Spark job is told in one sentence."""

from __future__ import annotations

import pytest

from driftkit.compute.failures import engine_error, reason

IN_PYTHON = """An error occurred while calling z:org.apache.spark.api.python.PythonRDD.runJob.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed
Traceback (most recent call last):
  File "worker.py", line 1, in main
    process()
ValueError: boom

\tat org.apache.spark.api.python.BasePythonRunner
"""
IN_JAVA = """An error occurred while calling o1.collect.
: org.apache.spark.SparkException: Job aborted: no reason
\tat org.apache.spark
Caused by: java.io.IOException: No space left on device
\tat java.io
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (IN_PYTHON, "ValueError: boom"),
        (IN_JAVA, "IOException: No space left on device"),
        ("\n plain words", " plain words"),
        ("", ""),
    ],
)
def test_reason_is_the_innermost_one(text: str, expected: str) -> None:
    assert reason(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Python worker exited unexpectedly (crashed)", "a Python worker of Spark died"),
        ("ModuleNotFoundError: No module named 'driftkit'", "workers cannot import driftkit"),
        (IN_PYTHON, "found: ValueError: boom"),
    ],
)
def test_error_says_what_happened_and_where(text: str, expected: str) -> None:
    error = engine_error(RuntimeError(text), where="part.csv")

    assert expected in str(error)
    assert str(error).startswith("part.csv: ")
