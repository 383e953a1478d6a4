"""Fixtures that every test may use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

GOLDEN = Path(__file__).resolve().parents[2] / "shared" / "golden"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that start Spark last: where a session runs, others would use it too."""
    items.sort(key=_starts_spark)


def _starts_spark(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("spark", "deequ", "cluster"))


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Path]:
    """Gives the path of a file that the real containers wrote; skips where there is none."""

    def path(relative: str) -> Path:
        file = GOLDEN / relative
        if not file.exists():
            pytest.skip(f"golden file {relative} is not here")
        return file

    return path
