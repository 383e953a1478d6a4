"""A change of one production variant alone is told of it, whatever the baseline is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from tests.monitors.merging import capture, put

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.drift import Cause
    from driftkit.monitors.data_quality.monitor import Baseline, MonitoringResult

_SHARES = {"blue": 0.8, "green": 0.2}


def _rows(seed: int, rows: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "score": rng.normal(0, 1, rows).round(3),
            "minutes": rng.gamma(4, 10, rows).round(2),
            "city": rng.choice(["Bonn", "Ulm", "Trier"], rows),
        }
    )


def _captured(folder: Path, rows: pd.DataFrame, variant: str) -> None:
    records = []
    for number, (score, *sent) in enumerate(rows.to_numpy().tolist()):
        record = capture(f"{variant}-{number}", output=str(score))
        empty = ("" if each is None or each != each else str(each) for each in sent)  # noqa: PLR0124
        record["captureData"]["endpointInput"]["data"] = ",".join(empty)
        records.append(record)
    put(folder / "churn" / variant, "2024/03/18/15", records)


@pytest.fixture(scope="module")
def training() -> Baseline:
    return driftkit.data_quality.baseline(_rows(1, 6_000))


def _window(folder: Path, change: Any) -> Path:
    """Requests of both variants, of which those of green are changed."""
    rows = _rows(2, 2_000)
    at = int(_SHARES["blue"] * len(rows))
    _captured(folder, rows[:at], "blue")
    _captured(folder, change(rows[at:].copy()), "green")
    return folder


def _monitored(folder: Path, baseline: Baseline, **settings: Any) -> MonitoringResult:
    return driftkit.data_quality.monitor(folder, baseline, together=True, **settings)


def _causes(result: MonitoringResult, feature: str) -> tuple[Cause, ...]:
    assert result.drift is not None
    return next(each.causes for each in result.drift.features if each.feature == feature)


def _in_seconds(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(minutes=rows.minutes * 60)


def _of_nowhere(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(city=rows.city.where(np.arange(len(rows)) % 2 > 0, "Mainz"))


def _without(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(minutes=rows.minutes.where(np.arange(len(rows)) % 2 > 0))


@pytest.mark.parametrize(
    ("change", "feature", "kind", "rows"),
    [
        pytest.param(_in_seconds, "minutes", "units", 0.2, id="units"),
        pytest.param(_of_nowhere, "city", "new category", 0.1, id="a new category"),
        pytest.param(_without, "minutes", "nulls", 0.1, id="nulls"),
    ],
)
def test_the_variant_that_changed_is_named(
    change: Any, feature: str, kind: str, rows: float, training: Baseline, tmp_path: Path
) -> None:
    (cause,) = _causes(_monitored(_window(tmp_path, change), training), feature)

    assert (cause.kind, cause.segment) == (kind, "variantName=green")
    assert cause.rows == pytest.approx(rows, abs=0.01)
    assert cause.message.endswith(", only where variantName=green")


@pytest.mark.parametrize(
    "chosen",
    [
        pytest.param({"columns": ["minutes", "score"]}, id="named"),
        pytest.param({"ignore": "[cv]*"}, id="left out by a pattern that variants have too"),
    ],
)
def test_variants_are_no_feature_and_are_kept_nowhere(
    chosen: dict[str, Any], training: Baseline, tmp_path: Path
) -> None:
    folder = _window(tmp_path / "in", _in_seconds)

    result = _monitored(folder, training, **chosen)

    assert [each.name for each in result.statistics.features] == ["score", "minutes"]
    assert result.states is not None
    assert result.states.partitions == ()
    assert {each.check for each in result.findings} & {"extra_column_check"} == set()
    assert _causes(result, "minutes")[0].segment == "variantName=green"


def test_what_changed_in_all_variants_is_of_none(training: Baseline, tmp_path: Path) -> None:
    rows = _in_seconds(_rows(2, 2_000))
    _captured(tmp_path, rows[:1_600], "blue")
    _captured(tmp_path, rows[1_600:], "green")

    (cause,) = _causes(_monitored(tmp_path, training), "minutes")

    assert (cause.kind, cause.segment) == ("units", None)


def test_variants_may_be_segments_of_a_baseline_of_captures(tmp_path: Path) -> None:
    before = _window(tmp_path / "before", lambda rows: rows)
    baseline = driftkit.data_quality.baseline(before, together=True, segment_by="variantName")

    result = _monitored(_window(tmp_path / "now", _in_seconds), baseline)

    assert sorted(each.label for each in result.segments) == [
        "variantName=blue",
        "variantName=green",
    ]
    changed = [each for each in result.drift.features if each.causes] if result.drift else []
    assert [each.causes[0].segment for each in changed] == ["variantName=green"]
