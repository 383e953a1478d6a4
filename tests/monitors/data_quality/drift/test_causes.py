"""What changed is said of each feature, in which rows, since when, and with which others."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.monitors.data_quality.monitor import MonitoringResult
from driftkit.report.terminal import show_findings, show_verdicts

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.drift import Cause
    from driftkit.monitors.data_quality.monitor import Baseline

_FIRST = pd.Timestamp("2026-01-01")


def _day(day: int, rows: int = 500) -> pd.DataFrame:
    rng = np.random.default_rng([7, day])
    seconds = np.sort(rng.integers(0, 86_400, rows))
    delay = np.round(rng.gamma(2, 12, rows) - 5)
    return pd.DataFrame(
        {
            "t": _FIRST + pd.Timedelta(days=day) + pd.to_timedelta(seconds, "s"),
            "departure": delay,
            "arrival": np.round(delay + rng.normal(0, 8, rows)),
            "minutes": np.round(rng.gamma(4, 40, rows) + 20),
            "temperature": np.round(rng.normal(15, 6, rows), 1),
            "carrier": rng.choice(["UA", "AA", "B6"], rows, p=[0.5, 0.3, 0.2]),
            "airport": rng.choice(["JFK", "EWR"], rows),
        }
    )


@pytest.fixture(scope="module")
def forty_days() -> Baseline:
    days = pd.concat([_day(day) for day in range(40)])
    return driftkit.data_quality.baseline(days, time_column="t", segment_by=["carrier", "airport"])


def _monitored(rows: pd.DataFrame, baseline: Baseline) -> MonitoringResult:
    return driftkit.data_quality.monitor(rows, baseline)


def _causes(result: MonitoringResult, feature: str) -> tuple[Cause, ...]:
    assert result.drift is not None
    return next(each.causes for each in result.drift.features if each.feature == feature)


@pytest.fixture(scope="module")
def in_seconds(forty_days: Baseline) -> MonitoringResult:
    """A day on which three features came in seconds, and one carrier's rows are warmer."""
    rows = _day(40)
    rows[["departure", "arrival", "minutes"]] *= 60
    rows.loc[rows.carrier == "UA", "temperature"] += 9
    return _monitored(rows, forty_days)


def test_features_that_changed_alike_are_one_story(in_seconds: MonitoringResult) -> None:
    assert in_seconds.drift is not None
    first, *others = in_seconds.drift.stories

    assert set(first.features) == {"departure", "arrival", "minutes"}
    assert (
        "changed together (by the same factor): values look multiplied by about 60" in first.message
    )
    assert [each.features for each in others] == [("temperature",)]
    together = {each.feature: each.together for each in reversed(in_seconds.findings)}
    assert together["arrival"] == first.features
    assert together["temperature"] == ()


def test_a_change_of_one_segment_is_told_of_its_rows(in_seconds: MonitoringResult) -> None:
    (cause,) = _causes(in_seconds, "temperature")

    assert (cause.kind, cause.segment) == ("shift", "carrier=UA")
    assert cause.size == pytest.approx(9, abs=1.5)
    assert cause.rows == pytest.approx(0.5, abs=0.1)
    assert cause.message.endswith(" standard deviations), only where carrier=UA")


def test_people_are_told_a_story_once(
    in_seconds: MonitoringResult, capsys: pytest.CaptureFixture[str]
) -> None:
    alarms = replace(in_seconds, segments=(), found=(), violations=())
    show_findings(alarms.findings)

    shown = capsys.readouterr().out
    assert shown.count("unusual_check") == 2
    assert "together" in shown
    page = alarms.report().html
    head = page[page.index('class="verdict') :].partition("</ul>")[0]
    assert head.count("multiplied by about 60") == 1
    assert "together" in head


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_names_are_whole_in_a_narrow_terminal(
    columns: int,
    in_seconds: MonitoringResult,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert in_seconds.drift is not None
    name = "temperature_of_the_air"
    renamed = [
        replace(each, feature=name) if each.feature == "temperature" else each
        for each in in_seconds.drift.features
    ]

    show_verdicts(replace(in_seconds.drift, features=tuple(renamed)))

    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert [line.split("│")[2].strip() for line in lines if name in line] == [name]
    assert sum("2026-02-10" in line for line in lines) >= 2


def test_causes_are_read_from_drift_json(in_seconds: MonitoringResult, tmp_path: Path) -> None:
    in_seconds.write(tmp_path)

    read = MonitoringResult.read(tmp_path)

    assert read.drift == in_seconds.drift
    assert [each.together for each in read.findings][:3] == [
        each.together for each in in_seconds.findings
    ][:3]


@pytest.mark.parametrize(
    ("feature", "values", "kind", "message"),
    [
        ("minutes", None, "nulls", "of the rows have no value, in the baseline 0.0%"),
        ("minutes", 9999.0, "default value", "of the values are 9999, in the baseline 0.0%"),
        ("carrier", "XX", "new category", "of the values are none that the baseline has: 'XX'"),
    ],
)
def test_changes_of_some_rows_are_named(
    feature: str, values: str | float | None, kind: str, message: str, forty_days: Baseline
) -> None:
    rows = _day(40)
    rows.loc[rows.index % 10 == 0, feature] = values

    (cause, *_) = _causes(_monitored(rows, forty_days), feature)

    assert cause.kind == kind
    assert message in cause.message
    assert cause.rows == pytest.approx(0.1, abs=0.001)


def test_new_values_of_a_column_of_many_are_named() -> None:
    places = np.array([f"place {index}" for index in range(250)])
    days = pd.concat([_day(day).assign(place=places[np.arange(500) % 250]) for day in range(40)])
    rows = _day(40).assign(place=places[np.arange(500) % 250])
    rows.loc[rows.index % 25 == 0, "place"] = "nowhere"

    (cause,) = _causes(
        _monitored(rows, driftkit.data_quality.baseline(days[["t", "place"]], time_column="t")),
        "place",
    )

    assert (cause.kind, cause.about) == ("new category", ("nowhere",))
    assert cause.rows == pytest.approx(0.04)


def test_the_hour_in_which_a_change_began_is_found() -> None:
    days = pd.concat([_day(day, rows=2_000) for day in range(4)])[["t", "minutes", "departure"]]
    baseline = driftkit.data_quality.baseline(days, time_column="t", time_unit="hour")
    rows = _day(4, rows=2_000)[["t", "minutes", "departure"]]
    rows.loc[rows.t >= _FIRST + pd.Timedelta(days=4, hours=15), "minutes"] *= 60

    (cause, *_) = _causes(_monitored(rows, baseline), "minutes")

    assert cause.onset == datetime(2026, 1, 5, 15, tzinfo=UTC)
    assert "since 2026-01-05 15:00 within the window" in cause.message


@pytest.mark.parametrize("value", [None, 7.0])
def test_columns_without_values_or_with_one_are_borne(value: float | None) -> None:
    before = pd.DataFrame({"a": np.arange(1_000.0), "b": np.full(1_000, 7.0), "c": ["x"] * 1_000})
    now = pd.DataFrame({"a": [value] * 500, "b": np.arange(500.0), "c": [None] * 500})

    result = _monitored(now, driftkit.data_quality.baseline(before))

    assert result.drift is not None
    assert [each.kind for each in _causes(result, "a")] == ["nulls" if value is None else "frozen"]
    assert [each.kind for each in _causes(result, "b")] == ["share"]
    assert [each.kind for each in _causes(result, "c")] == ["nulls"]


def test_what_the_model_hangs_on_comes_first(forty_days: Baseline, tmp_path: Path) -> None:
    values = {"departure": 0.1, "minutes": 0.1, "temperature": -0.8}
    explained = {"kernel_shap": {"0": {"global_shap_values": values, "expected_value": 0.5}}}
    (tmp_path / "analysis.json").write_text(json.dumps({"explanations": explained}))
    rows = _day(40)
    rows["minutes"] *= 60
    rows["temperature"] += 5

    found = [
        driftkit.data_quality.monitor(rows, forty_days, importance=importance).drift
        for importance in (None, str(tmp_path))
    ]

    stories = [[each.features[0] for each in drift.stories] for drift in found if drift]
    assert stories == [["minutes", "temperature"], ["temperature", "minutes"]]
    assert found[1] is not None
    assert found[1].stories[0].importance == pytest.approx(0.8, abs=0.3)


def test_what_does_not_differ_has_no_cause(forty_days: Baseline) -> None:
    result = _monitored(_day(41), forty_days)

    assert result.drift is not None
    ordinary = [each for each in result.drift.features if each.verdict == "ordinary"]
    assert [each.causes for each in ordinary] == [()] * len(ordinary)
    assert result.drift.stories == ()


_STEPS = {"clock": ["departure", "arr*"], "weather": "temperature"}


@pytest.mark.parametrize(
    ("changed", "steps"),
    [
        pytest.param(["departure", "arrival"], ["clock"], id="columns of one step"),
        pytest.param(["temperature"], ["weather"], id="the only column of a step"),
        pytest.param(["departure"], [""], id="one of two columns"),
        pytest.param(["departure", "arrival", "temperature"], [""], id="columns of two steps"),
        pytest.param(["departure", "arrival", "minutes"], [""], id="a column of none"),
    ],
)
def test_the_step_is_named_in_whose_columns_alone_something_changed(
    changed: list[str], steps: list[str], forty_days: Baseline
) -> None:
    rows = _day(40)
    rows.loc[rows.index % 10 == 0, changed] = np.nan

    result = driftkit.data_quality.monitor(rows, forty_days, sources=_STEPS)

    assert result.drift is not None
    assert [each.step for each in result.drift.stories] == steps
    told = f"in columns from {steps[0]} alone" if steps[0] else "no value, in the baseline 0.0%"
    assert [each.message.endswith(told) for each in result.drift.stories] == [True]
    assert {
        name: _causes(result, name)[0].message.endswith(told) for name in changed
    } == dict.fromkeys(changed, True)


def test_columns_that_are_made_of_one_come_from_it() -> None:
    rng = np.random.default_rng(1)
    words = [
        "the",
        "room",
        "was",
        "clean",
        "and",
        "staff",
        "were",
        "friendly",
        "but",
        "breakfast",
        "came",
        "late",
    ]
    texts = [" ".join(rng.choice(words, 25)) for _ in range(2_500)]
    before = pd.DataFrame({"review": texts[:2_000], "stars": rng.integers(1, 6, 2_000)})
    now = pd.DataFrame({"review": texts[2_000:], "stars": rng.integers(1, 6, 500)})
    now.loc[now.index % 10 == 0, "review"] = None
    baseline = driftkit.data_quality.baseline(before, text_columns="review")

    drift = driftkit.data_quality.monitor(now, baseline, alarm_on="different").drift

    assert drift is not None
    (story,) = drift.stories
    assert {"review.length", "review.words", "review.script"} < set(story.features)
    assert story.step == "review"


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ({"clock": "departures"}, "there are no such columns"),
        ({"clock": ["departure"], "radar": ["dep*"]}, "'departure' of clock and of radar"),
        ("clock", "no pairs of a column and a value"),
        ({"clock": ["departure", "departure"]}, "no list of columns"),
    ],
)
def test_steps_of_no_columns_are_refused(sources: object, said: str, forty_days: Baseline) -> None:
    with pytest.raises(driftkit.SettingsError, match=said):
        driftkit.data_quality.monitor(_day(40), forty_days, sources=sources)  # type: ignore[arg-type]


def test_what_changed_is_told_of_features_that_are_no_alarm(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rng = np.random.default_rng(2)
    before = pd.DataFrame({"weight": rng.normal(70, 10, 9_000), "city": ["Ulm", "Bonn"] * 4_500})
    now = pd.DataFrame({"weight": rng.normal(72, 10, 3_000), "city": ["Ulm", "Bonn"] * 1_500})
    result = _monitored(now, driftkit.data_quality.baseline(before))

    assert result.drift is not None
    assert [(each.feature, each.alarm) for each in result.drift.features if each.causes] == [
        ("weight", False)
    ]
    show_verdicts(result.drift)
    told = capsys.readouterr().out
    page = result.report().html
    section = page[page.index("<section id=drift") :].partition("</section>")[0]
    assert "higher" in told
    assert "higher" in section
    assert "higher" not in result.report(hide_values=True).html


def test_a_number_of_another_share_is_named() -> None:
    rng = np.random.default_rng(4)
    before, now = (
        pd.DataFrame({"weekday": rng.choice(7, rows, p=shares)})
        for rows, shares in (
            (20_000, np.full(7, 1 / 7)),
            (5_000, [0.12, 0.14, 0.19, 0.15, 0.16, 0.12, 0.12]),
        )
    )
    baseline = driftkit.data_quality.baseline(before)

    result = driftkit.data_quality.monitor(now, baseline)

    assert result.drift is not None
    (verdict,) = result.drift.features
    assert verdict.causes[0].kind == "share"
    assert " of the values are 2, in the baseline " in verdict.causes[0].message
