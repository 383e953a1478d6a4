"""A processing job's file system below a temporary folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sagemaker.box import Box

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """An empty one."""
    return Box(root=tmp_path)
