"""The inputs of all jobs, made once."""

from __future__ import annotations

import os

import pytest

from driftkit.monitors.model_quality import monitor as model_quality
from tests.io.publishing.jobs import Inputs


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Small inputs of every job, and baselines."""
    return Inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture(autouse=True)
def unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Flushes nothing to the disk: the system keeps what a killed process has written."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture(autouse=True)
def always_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets files that say when they were made be the same each time."""
    monkeypatch.setattr(model_quality, "_millisecond", lambda _: "2024-03-20T00:00:00.000Z")
