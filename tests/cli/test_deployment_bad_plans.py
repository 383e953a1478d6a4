"""Plans that contradict themselves or their rows end in one clear error, and nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.deployment_rows import ARMS, COMMON, GOAL, rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

BAD_PLANS: dict[str, tuple[tuple[str, ...], str]] = {
    "no second arm": (("--arm", "old=field:version=old", *GOAL), "no second arm"),
    "the same rows twice": (
        ("--arm", "old=field:version=old", "--arm", "new=field:version=old", *GOAL),
        "would have the same rows",
    ),
    "a folder in a folder": (
        ("--arm", "old=path:a/", "--arm", "new=path:a/b/", *GOAL),
        "would have the same rows",
    ),
    "a weight of 0": ((*ARMS, *GOAL, "--weight", "old=1", "--weight", "new=0"), "not above 0"),
    "a negative weight": (
        (*ARMS, *GOAL, "--weight", "old=2", "--weight", "new=-1"),
        "not above 0",
    ),
    "weights of nothing": (
        (*ARMS, *GOAL, "--weight", "old=0", "--weight", "new=0"),
        "add up to nothing",
    ),
    "a weight is missing": ((*ARMS, *GOAL, "--weight", "old=1"), "'new' has no weight"),
    "a name that no variant has": (
        (*ARMS, "--arm", "a_b=field:version=x", *GOAL),
        "none of a production variant",
    ),
    "more than ten variants": (
        (
            *ARMS,
            *(part for n in range(9) for part in ("--arm", f"v{n}=field:version=v{n}")),
            *GOAL,
        ),
        "more arms than an endpoint has variants",
    ),
    "a shadow with a weight": (
        (*ARMS, *GOAL, "--strategy", "shadow", "--weight", "old=1", "--weight", "new=1"),
        "listed as a production variant",
    ),
    "a shadow that gets nothing": (
        (*ARMS, *GOAL, "--strategy", "shadow", "--sampling-percentage", "0"),
        "a shadow that gets no requests",
    ),
    "no margin": ((*ARMS, "--goal", "accuracy:0"), "margin"),
    "goal and guardrail": ((*ARMS, *GOAL, "--guardrail", "accuracy"), "is goal and guardrail"),
    "only information": ((*ARMS, "--information", "accuracy"), "no metric decides"),
    "half of all errors": ((*ARMS, *GOAL, "--promote-error", "0.5"), "below 0.5"),
    "floors of all": (
        (*ARMS, *GOAL, "--strategy", "bandit", "--floor", "0.5"),
        "leave nothing to share out",
    ),
    "a limit without end": (
        (*ARMS, "--goal", "latency_slo", "--limit", "latency_slo=inf"),
        "limits",
    ),
    "no limit": ((*ARMS, "--goal", "latency_slo"), "--limit latency_slo=250"),
    "an unknown metric": ((*ARMS, "--goal", "akkuracy"), "accuracy"),
    "an unknown column": (
        (*ARMS, "--goal", "column:speed:0.1:lower"),
        "speed",
    ),
    "a rate of other numbers": ((*ARMS, "--goal", "rate:latency:0.1:lower"), "other values than 0"),
    "no number from which a margin is made": (
        (*ARMS, "--goal", "column:version:lower"),
        "the margin of column:version cannot be told",
    ),
    "an unknown column of inputs": (
        (*ARMS, *GOAL, "--input-columns", "latency,speed"),
        "deployment_plan.json: inputs[1].column: there is no column 'speed'",
    ),
    "inputs named twice": ((*ARMS, *GOAL, "--input-columns", "id,id"), "Name id once"),
    "a quantile of all": (
        (*ARMS, "--goal", "latency_slo", "--limit", "latency_slo=p100"),
        "a quantile above p0 and below p100",
    ),
    "a quantile of texts": (
        (*ARMS, "--goal", "version_slo", "--limit", "version_slo=p95"),
        "version_slo has no finite value in the champion's rows",
    ),
    "a quantile of nothing": (
        (*ARMS, *GOAL, "--winsor", "column:latency=p99"),
        "winsors speak of a metric that is not asked for",
    ),
    "a quantile of a table of metrics": (
        (*ARMS, "--goal", "errors", "--input-columns", "latency"),
        "tables of metrics have no rows of requests",
    ),
    "labels that are operational": (
        (*ARMS, "--guardrail", "accuracy:operational"),
        "accuracy is said to be operational",
    ),
    "exact bounds of users": (
        (*ARMS, *GOAL, "--method", "exact", "--unit", "field:id"),
        "as those of one user are not",
    ),
    "arms of times without a column": (
        (
            "--arm",
            "old=before:2026-11-02",
            "--arm",
            "new=from:2026-11-02",
            *GOAL,
            "--time-column",
            "no",
        ),
        "no",
    ),
}


@pytest.mark.parametrize("name", BAD_PLANS)
def test_a_bad_plan_is_not_made(
    tmp_path: Path, driftkit_command: Callable[..., Ended], name: str
) -> None:
    arguments, says = BAD_PLANS[name]
    rows(2).to_csv(tmp_path / "rows.csv", index=False)

    ended = driftkit_command(
        *("deployment", "baseline", tmp_path / "rows.csv", "-o", tmp_path / "plan"),
        *COMMON,
        *arguments,
    )

    assert ended.code != 0
    assert says in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "plan").exists() or not [*(tmp_path / "plan").iterdir()]
