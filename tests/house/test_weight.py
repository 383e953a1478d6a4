"""What driftkit brings with it stays small."""

from __future__ import annotations

from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.house.test_requirements import pins

_LIMIT = 400_000_000


def test_an_installation_weighs_less_than_400_mb() -> None:
    assert sum(_bytes(name) for name in pins("core")) < _LIMIT


@pytest.mark.parametrize("name", ["scipy", "scikit-learn", "pyspark", "numba"])
def test_large_libraries_come_with_extras(name: str) -> None:
    assert name not in pins("core")


def _bytes(name: str) -> int:
    """On the disk, with what Python compiled."""
    files = distribution(name).files or ()
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file())
