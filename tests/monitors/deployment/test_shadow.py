"""A shadow from captures to verdict: both versions answered the same requests."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import driftkit
from driftkit import InputError
from driftkit.comparison.deployment.paired import tango
from tests.capture.captures import record, side, write
from tests.monitors.deployment.test_inputs import named_by_calls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.monitors.deployment.results import DeploymentPlan, DeploymentReport


@pytest.fixture(scope="module")
def expected(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What was computed of the recorded shadow."""
    golden: Callable[[str], Path] = request.getfixturevalue("golden")
    found: dict[str, Any] = json.loads(golden("deployment/shadow/expected.json").read_text())
    return found


@pytest.fixture(scope="module")
def merged(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The captures of both variants with their labels."""
    golden: Callable[[str], Path] = request.getfixturevalue("golden")
    folder = tmp_path_factory.mktemp("shadow")
    truths = named_by_calls(golden("deployment/shadow/ground_truth"), folder / "truth")
    for variant in ("champion", "challenger-shadow"):
        captures = golden(f"deployment/shadow/captures/demo-endpoint/{variant}")
        driftkit.merge(str(captures), str(truths), output=str(folder / "merged"))
    return folder / "merged"


def planned(data: Path, **settings: Any) -> DeploymentPlan:
    """A plan for the recorded shadow."""
    usual: dict[str, Any] = {
        "goals": "accuracy",
        "guardrails": "brier:0.005",
        "information": ["auc", "log_loss"],
        "strategy": "shadow",
        "champion": "champion",
        "minimum_days": 0,
        "horizon_units": 5_000,
    }
    return driftkit.deployment.baseline(str(data), **(usual | settings))


@pytest.fixture(scope="module")
def report(merged: Path) -> DeploymentReport:
    """The verdict on the recorded shadow."""
    return driftkit.deployment.monitor(str(merged), planned(merged))


def test_metrics_are_of_pairs_alone(report: DeploymentReport, expected: dict[str, Any]) -> None:
    found = {each.name: each for each in report.verdict.metrics}

    for name in ("accuracy", "log_loss"):
        both = [found[name].champion, found[name].challenger]
        assert both == pytest.approx(expected[name], rel=1e-9)
    brier = expected["brier_difference"]
    assert found["brier"].difference == pytest.approx(brier["mean"], rel=1e-9)
    aucs = [found["auc"].champion, found["auc"].challenger]
    # Scores are counted in 1,024 bins.
    assert aucs == pytest.approx(expected["auc"], abs=1e-4)


def test_the_difference_of_pairs_is_as_sure_as_recorded(
    report: DeploymentReport, expected: dict[str, Any]
) -> None:
    assert report.states is not None
    assert report.states.pairs is not None
    assert report.plan is not None
    names = [each.name for each in report.plan.metrics]
    sums = report.states.pairs.moments_of(names.index("brier"))
    n, mean = sums.n.sum(), sums.d.sum() / sums.n.sum()

    error = np.sqrt((sums.dd.sum() - n * mean**2) / (n - 1) / n)

    assert error == pytest.approx(expected["brier_difference"]["se"], rel=1e-9)


def test_pairs_are_counted_by_the_way_they_were_found(
    report: DeploymentReport, expected: dict[str, Any]
) -> None:
    pairs = report.verdict.pairs

    assert pairs is not None
    assert pairs.matched == expected["pairs_with_label"]
    assert pairs.by == {"inferenceId": expected["pairs_with_label"]}
    assert pairs.ambiguous_ids == len(expected["duplicate_ids"])


def test_where_the_two_agree(
    report: DeploymentReport, expected: dict[str, Any], golden: Callable[[str], Path]
) -> None:
    checks = json.loads(golden("deployment/sequential/checks.json").read_text())
    [found] = report.comparison.agreements

    table = expected["table"]
    assert found.both_right == table["both_right"]
    assert found.champion_right == table["champion_only"]
    assert found.challenger_right == table["challenger_only"]
    assert found.both_wrong == table["both_wrong"]
    assert found.mcnemar_p_value == pytest.approx(expected["mcnemar_exact_p"], rel=1e-9)
    assert found.e_value == pytest.approx(np.exp(checks["discordance log e-value 126,97"]))
    low, high = tango(97, 126, found.pairs, 0.05)
    assert (found.low, found.high) == pytest.approx((float(low), float(high)), rel=1e-12)
    assert found.kappa is not None
    assert 0.5 < found.kappa < 0.7
    assert len(report.comparison.examples) == 20


def test_the_better_shadow_is_promoted(report: DeploymentReport) -> None:
    assert report.verdict.verdict == "promote"
    assert report.verdict.actions["stop_inference_experiment"]["ModelVariantActions"] == {
        "champion": "Remove",
        "challenger-shadow": "Promote",
    }


def test_hours_add_up_to_the_same_verdict(
    merged: Path, report: DeploymentReport, tmp_path: Path
) -> None:
    plan = planned(merged)
    first = driftkit.deployment.monitor(str(merged), plan, end="2026-11-02T11:00:00Z")
    first.write(tmp_path)

    second = driftkit.deployment.monitor(
        [str(merged), str(tmp_path / "states.arrow")], plan, start="2026-11-02T11:00:00Z"
    )

    assert second.states is not None
    assert report.states is not None
    assert second.states.pairs == report.states.pairs
    assert second.verdict.to_dict() == report.verdict.to_dict()


def test_the_report_that_is_read_is_the_one_that_was_written(
    report: DeploymentReport, tmp_path: Path
) -> None:
    report.write(tmp_path)

    again = type(report).read(tmp_path)

    assert again.verdict == report.verdict
    assert again.comparison == report.comparison
    assert again.files == report.files


def test_pairs_are_of_two_arms() -> None:
    versions = ["a", "b", "c"]
    rows = {"version": versions, "id": ["1"] * 3, "label": [1, 0, 1], "prediction": [1, 1, 1]}

    with pytest.raises(InputError, match="more than two arms"):
        driftkit.deployment.baseline(
            rows,
            goals="accuracy",
            arms={each: f"field:version={each}" for each in versions},
            pair_by="field:id",
        )


@pytest.mark.parametrize(("percentage", "verdict"), [(80, True), (60, False), (100, False)])
def test_the_share_of_pairs_is_that_of_the_requests_which_a_shadow_gets(
    report: DeploymentReport,
    merged: Path,
    expected: dict[str, Any],
    percentage: float,
    verdict: object,
) -> None:
    plan = planned(merged, sampling_percentage=percentage)

    found = driftkit.deployment.monitor(str(merged), plan).verdict

    [check] = [each for each in found.checks if each.name == "pair_share"]
    assert check.passed is verdict
    # Of 1,345 rows with a label, two have the same id.
    assert check.detail.startswith(f"{expected['pairs_with_label'] / 1_343:.2%} of")
    assert not [each for each in report.verdict.checks if each.name == "pair_share"]


def image(content: bytes) -> dict[str, str]:
    """An answer that is no text."""
    return side(base64.b64encode(content).decode(), "BASE64", "image/png")


def encoded(content: bytes) -> dict[str, str]:
    """An answer in an encoding that nobody knows."""
    return side(content.hex(), "HEX", "application/x-tensor")


@pytest.mark.parametrize("answer", [image, encoded])
def test_answers_that_are_no_text_are_compared_by_their_bytes(
    answer: Callable[[bytes], dict[str, str]], tmp_path: Path
) -> None:
    for arm, number in (("old", 0), ("new", 1)):
        records = []
        for i in range(40):
            # Every fourth answer of the shadow is another one.
            content = bytes([0x89, 0xFF, i, number if i % 4 == 0 else 7])
            records.append(record("1,2", answer(content), f"2026-11-02T10:{i:02}:00Z"))
            records[-1]["eventMetadata"]["inferenceId"] = str(i)
        write(tmp_path / f"churn/{arm}/2026/11/02/10/f.jsonl", records)
    settings: dict[str, Any] = {"information": "agreement", "goals": None, "champion": "old"}
    by_plan = planned(tmp_path, **settings, guardrails="positive_rate:0.1:higher")

    report = driftkit.deployment.monitor(str(tmp_path), by_plan)

    [found] = report.comparison.agreements
    assert (found.pairs, found.same_label) == (40, 0.75)
    [rate] = [each for each in report.verdict.metrics if each.name == "positive_rate"]
    assert rate.state == "not_measured"
    assert rate.reason
    assert report.run is not None
    assert any("same bytes" in each for each in report.run.remarks)
