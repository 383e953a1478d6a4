"""Writes a store as this driftkit lays it out: `python -m tests.store.make_golden FOLDER`.

What is in tests/store/golden was written by the first version, and stays: every later one reads it.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from driftkit.store.opening import open_store
from driftkit.store.store import keep
from tests.store.facts import facts, quality_facts


def fill(folder: str) -> None:
    """Keeps two hours of data quality and two versions of an hour of model quality."""
    runs = [facts(hour=0), facts(hour=1, shift=50.0), quality_facts(80, 0), quality_facts(120, 5)]
    for each in runs:
        keep(open_store(folder), replace(each, seconds=1.0, engine="scan"), version="0.1.0")


if __name__ == "__main__":
    fill(sys.argv[1])
