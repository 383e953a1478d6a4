"""The page of a data-quality report: complete, without requests, and safe whatever data are called."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import driftkit
from driftkit.report.page.markup import plain
from driftkit.report.page.svg import element
from driftkit.results.contract import Finding, Metric, Run, Skipped
from driftkit.results.figures import Histogram
from driftkit.results.windows import window_of
from tests.report.pages import parsed

if TYPE_CHECKING:
    from driftkit.monitors.data_quality.monitor import MonitoringResult

HOSTILE = [
    "<script>alert(1)</script>",
    'x"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><svg onload=alert(1)>",
    "</script><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "a\u202egnp.exe",
    "\x1b[2J\x00",
    "=cmd|' /C calc'!A0",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "x" * 5000,
]


def frame(rows: int, columns: int, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    numbers = {f"feature_{at}": random.normal(size=rows) for at in range(columns)}
    return pd.DataFrame({**numbers, "country": random.choice(["DE", "FR", "US"], rows)})


@pytest.fixture(scope="module")
def drifted() -> MonitoringResult:
    window = frame(2000, 8, 1)
    window["feature_1"] += 1.0
    window.loc[:200, "feature_2"] = np.nan
    window.loc[:100, "country"] = "CN"
    return driftkit.data_quality.monitor(window, frame(3000, 8, 0))


def test_the_first_part_says_what_broke_and_on_how_many_rows(drifted: MonitoringResult) -> None:
    page = parsed(drifted.report().html)

    first = page.text.split("Other violations")[0].replace(" :", ":")
    assert "VIOLATED" in first
    assert "of 3 features in 2,000 rows" in first
    assert "feature_1: " in first
    assert "Different from the baseline beyond sampling: " in first


def test_a_page_says_since_when(drifted: MonitoringResult) -> None:
    normal = frame(3000, 8, 0)
    good = driftkit.data_quality.monitor(frame(2000, 8, 2), normal)
    past = [
        window_of(good, "Monday"),
        window_of(drifted, "Tuesday"),
        window_of(drifted, "Wednesday"),
    ]

    assert "Window 3 in a row with this status, the first was Tuesday." in (
        parsed(drifted.report(past).html).text
    )
    assert (
        "New in this window: the one before was OK." in parsed(drifted.report(past[:1]).html).text
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"violations": (), "found": (), "drift": None}, "OK"),
        ({}, "VIOLATED"),
        (
            {
                "violations": (),
                "found": (),
                "distances": (),
                "drift": None,
                "skipped": (Skipped(check="baseline_drift_check", reason="no sketch"),),
            },
            "NOT MEASURED",
        ),
        ({"violations": (), "found": (), "drift": None, "run": Run(rows=0)}, "NO DATA"),
    ],
)
def test_the_status_is_one_of_four(
    drifted: MonitoringResult, changes: dict[str, object], status: str
) -> None:
    page = parsed(replace(drifted, **changes).report().html)  # type: ignore[arg-type]

    assert f"{status} " in page.text.split("Violations")[0]


def test_a_page_makes_no_request_and_its_policy_allows_what_is_in_it(
    drifted: MonitoringResult,
) -> None:
    page = parsed(drifted.report().html)

    assert [link for link in page.links if not link.startswith("#")] == []
    assert "url(" not in "".join(page.styles)
    assert "default-src 'none'" in page.policy
    for content in (page.styles[0], page.scripts[-1]):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.policy


def test_the_same_run_gives_the_same_page(drifted: MonitoringResult) -> None:
    assert drifted.run is not None
    slower = replace(drifted, run=replace(drifted.run, seconds=drifted.run.seconds + 9.0))

    assert slower.report().html == drifted.report().html


def test_every_link_of_the_contents_leads_somewhere(drifted: MonitoringResult) -> None:
    page = parsed(drifted.report().html)

    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert {"violations", "features", "about"} <= set(page.ids)
    assert page.unbalanced == []


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_data_are_text(name: str) -> None:
    values = pd.DataFrame({name: np.arange(50.0), "c": [name, "b"] * 25})
    moved = pd.DataFrame({name: np.arange(50.0) + 90, "c": [name, name + "2"] * 25})
    plain = pd.DataFrame({"name": np.arange(50.0), "c": ["a", "b"] * 25})
    harmless = pd.DataFrame({"name": np.arange(50.0) + 90, "c": ["a", "a2"] * 25})

    report = driftkit.data_quality.monitor(moved, values)
    page = parsed(report.report([window_of(report, name, link=name)], name).html)
    expected = driftkit.data_quality.monitor(harmless, plain)
    other = parsed(expected.report([window_of(expected, "a")], "a").html)

    assert page.tags == other.tags or set(page.tags) - {"a"} <= set(other.tags)
    assert not [link for link in page.links if link.lower().startswith(("javascript", "data"))]
    assert "\x1b" not in page.text
    assert "\u202e" not in page.text
    assert max(map(len, page.text.split(" "))) < 200


@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=40), st.integers(1, 3))
def test_histograms_hold_every_number(numbers: list[float], times: int) -> None:
    window = pd.DataFrame({"x": numbers * times})

    report = driftkit.data_quality.monitor(window, pd.DataFrame({"x": numbers}))

    (figure,) = report.figures()
    assert isinstance(figure, Histogram)
    assert math.isclose(sum(figure.window), 1.0)
    assert figure.baseline is not None
    assert math.isclose(sum(figure.baseline), 1.0)
    assert list(figure.edges) == sorted(figure.edges)
    assert len(figure.edges) == len(figure.window) + 1


def test_a_plot_says_the_verdict_under_the_name(drifted: MonitoringResult) -> None:
    said = drifted.plot("country")._repr_html_()

    assert "</b> different: new categories +" in said


def test_numbers_of_the_page_are_those_of_the_result(drifted: MonitoringResult) -> None:
    page = parsed(drifted.report().html)

    for each in drifted.distances:
        assert each.value is not None
        assert f"{each.value:.4g}" in page.text


def test_a_window_in_which_a_column_was_not_measured_is_a_gap(drifted: MonitoringResult) -> None:
    known = window_of(drifted, "Monday")
    without = replace(
        known,
        name="Tuesday",
        metrics=tuple(each for each in known.metrics if each.feature != "feature_1"),
    )

    page = drifted.report([known, without]).html

    row = page.split("</i><b>feature_1</b>")[1].split("</details>")[0]
    # A point at Monday, none at Tuesday, and one now: no line.
    assert row.split("<g id=t", 1)[1].split("</g>")[0].count("<circle") == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_quotes_are_left_out_where_html_needs_none(name: str) -> None:
    written = element("p", name, element("b", title=name, id="plain", width=1.5), class_="a b")

    assert parsed(plain(written)) == parsed(written)


def test_charts_are_plain_svg_files(
    drifted: MonitoringResult, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("charts")

    drifted.plot("feature_1").save(folder / "one.svg")
    drifted.plot().save(folder / "all.html")

    assert parsed((folder / "one.svg").read_text()).tags[0] == "svg"
    assert parsed((folder / "all.html").read_text()).tags.count("svg") == 9
    assert list(drifted.plot("country").data["feature"]) == ["country"]


def test_what_cannot_be_drawn_is_an_error_that_names_what_can(drifted: MonitoringResult) -> None:
    with pytest.raises(driftkit.SettingsError, match="Did you mean 'feature_1'"):
        drifted.plot("feature1")
    with pytest.raises(driftkit.SettingsError, match=r"ends in \.html"):
        drifted.plot().save("charts.svg")


def test_a_metric_without_a_number_is_shown_with_its_reason(drifted: MonitoringResult) -> None:
    unknown = Metric(group="quality", name="auc", value=math.nan, reason="one class only")

    page = parsed(_with(drifted, unknown).report().html)

    assert "one class only" in page.text
    assert "nan" not in page.text.lower().split()


def _with(report: MonitoringResult, metric: Metric) -> MonitoringResult:
    return replace(report, distances=(*report.distances, metric))


def test_violations_that_say_the_same_of_several_groups_are_one_row(
    drifted: MonitoringResult,
) -> None:
    entropy = [
        Finding(
            check="bias_drift_check",
            message="",
            metric="GE",
            dimensions={"facet": "carrier", "facet_value": value},
            expected="at most 0.1",
            value=0.2,
            allowed=(0.0, 0.1),
        )
        for value in ("AA", "DL", "UA")
    ]

    page = parsed(replace(drifted, found=tuple(entropy), drift=None).report().html)

    assert "GE carrier AA and 2 more" in page.text
    assert "DL" not in page.text
    assert page.text.split("Violations")[0].count("GE") == 1


@pytest.mark.parametrize("bare", [{"expected": ""}, {"observed": ""}])
def test_messages_without_numbers_of_their_own_are_rounded(
    bare: dict[str, Any], drifted: MonitoringResult
) -> None:
    (found, *_) = drifted.found
    said = "Metric value -1.2083347751363944 doesn't meet the requirement -0.4703962136952151"

    page = parsed(replace(drifted, found=(replace(found, message=said, **bare),)).report().html)

    told = "Metric value -1.208 doesn't meet the requirement -0.4704"
    assert f": {told}" in page.text
    assert told in {cell for row in page.rows for cell in row}


def test_many_columns_can_be_searched() -> None:
    few, many = frame(50, 8, 0), frame(50, 40, 0)

    pages = [
        parsed(driftkit.data_quality.monitor(each, each).report().html) for each in (few, many)
    ]

    assert ["find" in page.ids for page in pages] == [False, True]


def test_segments_are_a_map_of_the_columns_that_moved_in_them() -> None:
    window = frame(3000, 3, 1)
    window.loc[window["country"] == "FR", "feature_2"] += 2.0
    normal = driftkit.data_quality.baseline(frame(3000, 3, 0), segment_by=["country"])

    page = parsed(driftkit.data_quality.monitor(window, normal).report().html)

    assert "segments" in page.ids
    assert "1 of 12 distances in segments are beyond what is allowed" in page.text
    assert page.unbalanced == []
