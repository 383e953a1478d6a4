"""Facts for tests of the store: of a real report, and of any content."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd
from hypothesis import strategies as st

import driftkit
from driftkit.results.contract import Finding, Metric, Skipped
from driftkit.results.facts import Facts, Subject, facts_of
from driftkit.results.figures import (
    Categories,
    Estimates,
    Figure,
    Histogram,
    Line,
    Ranking,
    Trajectory,
)
from driftkit.settings import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from driftkit.results.contract import Report

START = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = pd.DataFrame({"age": [30.0, 40.0, None] * 40, "city": ["Bonn", "Ulm", "Ulm"] * 40})


def subject(hour: int = 0, **changed: Any) -> Subject:
    """An hour of a model."""
    start = START + timedelta(hours=hour)
    of = Subject(model="churn", start=start, end=start + timedelta(hours=1), granularity="1 hour")
    return replace(of, **changed)


@cache
def report(shift: float = 0.0) -> Report:
    """A window of data quality, so far from its baseline; drift is said to be critical."""
    window = ROWS.assign(age=ROWS["age"] + shift)
    return driftkit.data_quality.monitor(window, ROWS, severity="baseline_drift_check=critical")


@cache
def quality(labels: int = 120) -> Report:
    """A window of model quality with as many labels."""
    scores = {"prediction": [1, 0, 0] * 40, "score": [0.9, 0.2, 0.4] * 40}
    labelled = pd.DataFrame({"label": [1, 0] * 60, **scores})
    settings: dict[str, Any] = {
        "problem_type": "BinaryClassification",
        "ground_truth_attribute": "label",
        "inference_attribute": "prediction",
        "probability_attribute": "score",
    }
    normal = driftkit.model_quality.baseline(labelled, **settings)
    return driftkit.model_quality.monitor(labelled.head(labels), normal, **settings)


def facts(hour: int = 0, shift: float = 0.0, minute: int = 0, **of: Any) -> Facts:
    """Facts of an hour, evaluated so many minutes after its end."""
    about = subject(hour, **of)
    at = START + timedelta(hours=hour + 1, minutes=minute)
    return facts_of(report(shift), about, evaluated_at=at)


def quality_facts(labels: int, minute: int) -> Facts:
    """Facts of quality after so many labels."""
    at = START + timedelta(hours=1, minutes=minute)
    return facts_of(quality(labels), subject(), evaluated_at=at)


def drawn_facts() -> Facts:
    """Facts with what only attributions and deployments draw."""
    names = ("age", "city")
    ranking = Ranking(name="late", features=names, window=(2.0, 1.0), baseline=(1.0, 2.0))
    times = (START, START + timedelta(hours=1))
    line = Line(x=range(2), y=[None, 0.1], lower=[None, -0.2], upper=[None, 0.4])
    way = Trajectory(name="auc", times=times, line=line, margin=0.02, decided=times[1])
    estimated = Estimates(
        name="estimated mae",
        blocks=("2024-03-18", "2024-03-19"),
        line=Line(x=range(2), y=[0.8, None], lower=[0.7, None], upper=[0.9, None]),
        realized=(None, 0.75),
        limit=0.72,
        better="lower",
    )
    return replace(facts(), figures=(ranking, way, estimated))


def as_drawn(figures: Iterable[Figure]) -> list[Figure]:
    """Figures with shares to the digits that are kept."""
    return [
        replace(each, window=_shown(each.window), baseline=_shown(each.baseline or ()))
        if isinstance(each, Histogram | Categories)
        else each
        for each in figures
    ]


def _shown(shares: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(round(each, 4) for each in shares)


_names = st.text(max_size=8)
_numbers = st.floats() | st.none()
_metrics = st.builds(
    Metric,
    group=st.sampled_from(["profile", "drift", "quality", "bias", "custom"]),
    name=st.sampled_from(["mean", "distance", "p_value", "num_missing"]) | _names,
    value=_numbers,
    feature=_names | st.none(),
    dimensions=st.dictionaries(st.sampled_from(["label", "facet", "stage", "method"]), _names),
    segment=_names | st.none(),
    baseline=_numbers,
    allowed=st.none() | st.tuples(st.just(float("-inf")), st.floats(allow_nan=False)),
    interval=st.none() | st.tuples(st.floats(), st.floats()),
    reason=st.none() | _names,
)
_findings = st.builds(
    Finding,
    check=_names,
    message=_names,
    feature=_names | st.none(),
    severity=_numbers,
    level=st.none() | st.sampled_from(SEVERITIES),
    together=st.lists(_names, max_size=3).map(tuple),
    also=st.lists(st.builds(Finding, check=_names, message=_names), max_size=2).map(tuple),
)
_skipped = st.builds(Skipped, check=_names, reason=_names, feature=_names | st.none())
any_facts = st.builds(
    lambda name, metrics, findings, skipped: replace(
        facts(),
        subject=subject(model=name),
        metrics=tuple(metrics),
        findings=tuple(findings),
        skipped=tuple(skipped),
        files={},
    ),
    _names,
    st.lists(_metrics, max_size=8),
    st.lists(_findings, max_size=4),
    st.lists(_skipped, max_size=3),
)
