"""An alert of an unusual feature lasts until a day shows that the feature is ordinary again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import driftkit
from driftkit.results.facts import Facts, facts_of
from tests.monitors.data_quality.drift.days import FIRST, rows_of, several
from tests.sinks.windows import AT_ONCE, play, window


def day_of(index: int, *, rows: int = 300, shift: float = 0.0) -> Facts:
    baseline = driftkit.data_quality.baseline(several(range(40), rows=100), time_column="t")
    report = driftkit.data_quality.monitor(rows_of(index, rows=rows, shift=shift), baseline)
    start = FIRST.tz_localize("UTC").to_pydatetime() + timedelta(days=index)
    subject = replace(window(0).subject, start=start, end=start + timedelta(days=1))
    return facts_of(report, subject, evaluated_at=subject.end)


def test_an_unusual_feature_is_an_alert_until_a_day_shows_it_ordinary() -> None:
    days = [day_of(40, shift=1.5), day_of(41, rows=15), day_of(42)]

    events = play(days, AT_ONCE)

    told = [
        (each.window_start, each.state)
        for each in events
        if (each.feature_name, each.constraint_check_type) == ("number", "unusual_check")
    ]
    starts = [each.subject.start for each in days]
    assert told == [(starts[0], "firing"), (starts[2], "resolved")]


def test_an_alert_says_what_changed_and_how_unusual_that_is_once_each() -> None:
    (event, *_) = [
        each
        for each in play([day_of(40, shift=1.5)], AT_ONCE)
        if each.constraint_check_type == "unusual_check"
    ]

    assert event.observed.startswith("unusual: ")
    assert "reference days" in event.observed
    assert "higher" in event.cause
    assert "unusual" not in event.cause


def test_a_share_of_the_rows_makes_an_alert_serious() -> None:
    baseline = driftkit.data_quality.baseline(several(range(40), rows=100), time_column="t")
    found = {}
    for share in (0.3, 1.0):
        rows = rows_of(40)
        rows.loc[rows.index < share * len(rows), "kind"] = "c"
        facts = replace(day_of(40), findings=driftkit.data_quality.monitor(rows, baseline).findings)
        found[share] = {
            each.feature_name: each.severity
            for each in play([facts], AT_ONCE)
            if each.constraint_check_type == "unusual_check"
        }

    assert found == {0.3: {"kind": "warning"}, 1.0: {"kind": "error"}}
