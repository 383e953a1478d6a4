"""With `--hide-values` no value of the data is on a page, in its data for the script, or beside it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.results.windows import window_of
from tests.monitors.attribution.data import CONFIG, model_file, rows
from tests.monitors.bias.tables import configuration, flights_table
from tests.monitors.deployment.test_bias import flights, planned
from tests.report.every import REPORTS, people, report_of
from tests.report.pages import parsed

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.report.page.page import Page
    from driftkit.results.contract import Report

CANARIES = ("CANARYKNOWN", "CANARYNEW", "CANARY SPACE", "canaryknown")
# The least and the greatest number of each side.
EXTREMES = (-918273.0, 827364.0, -736455.0, 645546.0)


def columns(seed: int, values: tuple[str, ...], ends: tuple[float, ...]) -> pd.DataFrame:
    """Numbers with two far ones, and texts."""
    random = np.random.default_rng(seed)
    number = random.normal(0, 1, 2000) + (3 * seed)
    number[:2] = ends
    text = random.choice(values, 2000)
    # A column of numbers that has texts from now on.
    mixed = pd.Series(number.round(3).astype(str))
    mixed[2 : 2 + 900 * seed] = values[0]
    return pd.DataFrame({"number": number, "text": text, "mixed": mixed, "part": text})


def canary_report(extra: int = 0) -> Report:
    """Every check of data quality that may name a value, by segments, with windows before."""
    normal, window = (
        columns(seed, values, ends)
        for seed, values, ends in (
            (0, (CANARIES[0], CANARIES[2]), EXTREMES[:2]),
            (1, (CANARIES[1], CANARIES[3], CANARIES[2]), EXTREMES[2:]),
        )
    )
    normal, window = (
        pd.concat([of, *(of["number"].rename(f"more {at}") for at in range(extra))], axis=1)
        for of in (normal, window)
    )
    learnt = driftkit.data_quality.baseline(normal, segment_by=["part"])
    return driftkit.data_quality.monitor(window, learnt)


def page_of(report: Report, *, hide_values: bool) -> Page:
    """Its page with a window before."""
    made: Page = report.report(  # type: ignore[assignment]
        [window_of(report, "Monday")], "churn", hide_values=hide_values
    )
    return made


def values_in(page: Page) -> set[str]:
    """Canaries that are on the page or beside it, in any digits that a page would show."""
    said = "\n".join(page.contents.values())
    found = {each for each in CANARIES if each in said}
    for each in EXTREMES:
        forms = (f"{each:,.0f}", f"{each:.0f}", f"{each:.3g}", str(each))
        found |= {form for form in forms if form in said}
    return found


def test_values_that_are_not_hidden_are_there() -> None:
    found = values_in(page_of(canary_report(), hide_values=False))

    assert set(CANARIES) <= found
    assert "-736,455" in found


@pytest.mark.parametrize("extra", [0, 301])
def test_no_value_of_the_data_is_on_a_page_that_hides_them(extra: int) -> None:
    page = page_of(canary_report(extra), hide_values=True)

    assert values_in(page) == set()
    found = parsed(page.html)
    names = {cell for row in found.rows for cell in row}
    if not extra:
        assert "number (part #1)" in names
        assert re.search(r"text: '#\d' is the most frequent value", found.text)
    assert "The mean went from" in found.text
    assert {"1 % quantile", "99 % quantile"} <= names
    assert not {"min", "max"} & names
    assert ("features.csv" in page.contents) is (extra > 300)


def test_quantiles_stand_in_place_of_extremes() -> None:
    window = people(1, 20_000)
    report = driftkit.data_quality.monitor(window, people(0, 20_000))

    rows = parsed(page_of(report, hide_values=True).html).rows

    (low,) = (row for row in rows if row[:2] == ["age", "1 % quantile"])
    (high,) = (row for row in rows if row[:2] == ["age", "99 % quantile"])
    expected = np.quantile(window["age"], [0.01, 0.99])
    np.testing.assert_allclose([float(low[3]), float(high[3])], expected, rtol=0.03)


def test_groups_are_told_by_rank() -> None:
    asked: dict[str, Any] = {"runner": "local"}
    table = flights_table().replace({"carrier": {"B": "CANARYGROUP"}})
    config = configuration(
        facet=[{"name_or_index": "carrier", "value_or_threshold": ["CANARYGROUP"]}]
    )
    asked["analysis_config"] = config
    normal = driftkit.bias.baseline(table, **asked)
    worse = flights_table(against=0.3).replace({"carrier": {"B": "CANARYGROUP"}})
    report = driftkit.bias.monitor(worse, normal, **asked)

    shown, hid = (page_of(report, hide_values=each) for each in (False, True))

    assert "CANARYGROUP" in shown.html
    assert "CANARYGROUP" not in hid.html
    assert "AD carrier #1" in parsed(hid.html).text


@pytest.mark.parametrize("name", REPORTS)
def test_numbers_stay_where_values_are_hidden(name: str) -> None:
    report = report_of(name)

    shown, hid = (parsed(page_of(report, hide_values=each).html) for each in (False, True))

    assert (
        hid.text.split("Violations")[0].split(":")[0]
        == shown.text.split("Violations")[0].split(":")[0]
    )
    assert len(hid.rows) == len(shown.rows)
    assert hid.ids == shown.ids


def test_labels_are_told_by_rank() -> None:
    random = np.random.default_rng(0)
    labels = random.choice(["CANARYCAT", "CANARYDOG", "CANARYELK"], 600)
    asked: dict[str, Any] = {
        "problem_type": "MulticlassClassification",
        "ground_truth_attribute": "label",
        "inference_attribute": "prediction",
    }
    right = pd.DataFrame({"label": labels, "prediction": labels})
    wrong = right.assign(prediction=random.permutation(labels))
    normal = driftkit.model_quality.baseline(right, **asked)
    report = driftkit.model_quality.monitor(wrong, normal, **asked)

    shown, hid = (page_of(report, hide_values=each) for each in (False, True))

    assert "CANARYCAT" in shown.html
    assert "CANARY" not in hid.html
    assert "of 600 rows are predicted as their label" in parsed(hid.html).text


def deployment_report(folder: Path) -> Any:
    """A verdict by bias metrics of groups, one of which has no rows, with ids and a label in notes."""
    table = flights(8000, against=0.6).replace({"carrier": {"B": "CANARYGROUP"}})
    asked = ("bias:DPPL:carrier=CANARYGROUP:0.08", "bias:RD:carrier=CANARYOTHER:0.5")
    plan = planned(*asked, data=table, horizon_units=20_000)
    labelled = {**CONFIG, "predictor": {"label_headers": ["CANARYLABEL"]}}
    explained = driftkit.attribution.baseline(
        rows(), model_file(folder), analysis_config=labelled, runner="local"
    )
    report = driftkit.deployment.monitor(
        table, plan, time_column="at", attributions={"old": explained, "new": explained}
    )
    notes = (*report.verdict.notes, "1 id occurs more than once, for example CANARYID")
    return replace(report, verdict=replace(report.verdict, notes=notes))


def test_a_deployment_tells_groups_by_rank(tmp_path: Path) -> None:
    report = deployment_report(tmp_path)

    shown, hid = (page_of(report, hide_values=each) for each in (False, True))

    for each in ("CANARYGROUP", "CANARYOTHER", "CANARYLABEL", "CANARYID"):
        assert each in shown.html
    assert "CANARY" not in hid.html
    found = parsed(hid.html).text
    assert "ROLL BACK new: bias:DPPL:carrier #1 is worse by at least" in found
    assert "with carrier #2 has" in found
    assert len(parsed(hid.html).rows) == len(parsed(shown.html).rows)
