"""A page of each monitor and of each status, small ones, as tests look at them."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import driftkit
from driftkit.results.contract import Run, Skipped
from driftkit.results.windows import window_of
from tests.cli.test_deployment import table
from tests.monitors.attribution.data import CONFIG, model_file, rows
from tests.monitors.bias.tables import configuration, flights_table
from tests.monitors.data_quality.drift.days import rows_of, several
from tests.report.test_monitors_pages import QUALITY, judged

if TYPE_CHECKING:
    from collections.abc import Callable

    from driftkit.monitors.data_quality.monitor import MonitoringResult
    from driftkit.monitors.deployment.results import DeploymentReport
    from driftkit.results.contract import Report
    from driftkit.results.history import Window


def people(seed: int, count: int = 800) -> pd.DataFrame:
    """Ages, incomes and cities, some of them missing."""
    random = np.random.default_rng(seed)
    income = np.exp(random.normal(10, 1, count))
    return pd.DataFrame(
        {
            "age": random.normal(40, 9, count).round(1),
            "income": np.where(random.random(count) < 0.02, np.nan, income),
            "city": random.choice(["Bonn", "Ulm", "Köln"], count),
        }
    )


def data_quality() -> MonitoringResult:
    """Older people, some of them from a new city."""
    window = people(1)
    window["age"] += 8
    window.loc[:60, "city"] = "Trier"
    found: MonitoringResult = driftkit.data_quality.monitor(window, people(0))
    return found


def unchanged() -> MonitoringResult:
    """People as they were."""
    found: MonitoringResult = driftkit.data_quality.monitor(people(2), people(0))
    return found


def judged_by_days() -> Report:
    """A day among which those of a reference has unusual numbers, and a new category."""
    normal = driftkit.data_quality.baseline(several(range(40), rows=100), time_column="t")
    return driftkit.data_quality.monitor(rows_of(40, shift=1.5, new=0.1), normal)


def no_data() -> Report:
    """A window without a row."""
    return replace(unchanged(), violations=(), found=(), distances=(), drift=None, run=Run(rows=0))


def not_measured() -> Report:
    """A window whose only check could not be made."""
    skipped = (Skipped(check="baseline_drift_check", reason="the baseline has no sketch"),)
    return replace(unchanged(), violations=(), found=(), distances=(), drift=None, skipped=skipped)


def segments() -> Report:
    """People of one city who are older."""
    window = people(1, 3000)
    window.loc[window["city"] == "Ulm", "age"] += 12
    normal = driftkit.data_quality.baseline(people(0, 3000), segment_by=["city"])
    return driftkit.data_quality.monitor(window, normal)


def model_quality() -> Report:
    """A model that got worse, with its calibration."""
    normal = driftkit.model_quality.baseline(judged(0, 0.2), keep_states=True, **QUALITY)
    return driftkit.model_quality.monitor(judged(1, 0.5), normal, keep_states=True, **QUALITY)


def bias() -> Report:
    """Predictions that are against a carrier."""
    asked: dict[str, Any] = {"analysis_config": configuration(), "runner": "local"}
    normal = driftkit.bias.baseline(flights_table(), **asked)
    return driftkit.bias.monitor(flights_table(against=0.3), normal, **asked)


def attribution() -> Report:
    """Another feature counts most."""
    with tempfile.TemporaryDirectory() as folder:
        model = model_file(Path(folder))
        asked: dict[str, Any] = {"analysis_config": CONFIG, "runner": "local"}
        normal = driftkit.attribution.baseline(rows(), model, **asked)
        return driftkit.attribution.monitor(rows() * [0.01, 0.1, 100], normal, model, **asked)


def deployment() -> DeploymentReport:
    """A challenger that is rolled back."""
    rows_of = table(0.7, slow=0.2)
    plan = driftkit.deployment.baseline(
        rows_of,
        arms={"old": "field:version=old", "new": "field:version=new"},
        goals="accuracy",
        information="latency_slo",
        limits={"latency_slo": 250},
        time_column="at",
        runner="local",
    )
    return driftkit.deployment.monitor(rows_of, plan, time_column="at", runner="local")


REPORTS: dict[str, Callable[[], Report]] = {
    each.__name__: each
    for each in (
        *(data_quality, unchanged, judged_by_days, no_data, not_measured, segments),
        *(model_quality, bias, attribution, deployment),
    )
}


@cache
def report_of(name: str) -> Report:
    """The report of a name, made once."""
    return REPORTS[name]()


@cache
def page_of(name: str) -> str:
    """Its page, with two windows before."""
    found = report_of(name)
    past: list[Window] = []
    if name not in {"no_data", "deployment"}:
        past = [window_of(found, "Monday"), window_of(found, "Tuesday", link="../2/report.html")]
    return found.report(past, "churn").html
