"""The options of a plan on a command line: what has a form of its own is given several times."""

from __future__ import annotations

from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from driftkit.cli.generating import verb
from driftkit.monitors.deployment.settings import DeploymentSettings


def said(*line: str) -> DeploymentSettings:
    """The settings of a command's line."""
    found: list[DeploymentSettings] = []
    app = typer.Typer()

    @app.command()
    @verb(DeploymentSettings)
    def baseline(settings: dict[str, Any]) -> None:
        found.append(DeploymentSettings.from_keywords(**settings))

    ended = CliRunner().invoke(app, line, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return found[0]


@pytest.mark.parametrize(
    ("line", "keywords"),
    [
        ((), {}),
        (
            ("--arm", "old=job:a,b", "--arm", "new=job:c"),
            {"arms": {"old": "job:a,b", "new": "job:c"}},
        ),
        (
            ("--goal", "accuracy", "--guardrail", "brier:0.005", "--guardrail", "latency_slo:0.01"),
            {"goals": ["accuracy"], "guardrails": ["brier:0.005", "latency_slo:0.01"]},
        ),
        (("--limit", "latency_slo=250"), {"limits": {"latency_slo": 250}}),
        (("--range", "brier=0..1"), {"ranges": {"brier": (0, 1)}}),
        (("--weight", "old=0.9", "--weight", "new=0.1"), {"weights": {"old": 0.9, "new": 0.1}}),
        (("--segment-by", "a,b"), {"segment_by": ["a", "b"]}),
        (("--policy", "ucb1", "--strategy", "AB"), {"policy": "ucb1", "strategy": "ab"}),
        (("--roll-back-on", "any-harm"), {"roll_back_on": "any-harm"}),
        (("--minimum-days", "0.5", "--looks", "5"), {"minimum_days": 0.5, "looks": 5}),
    ],
)
def test_options_say_what_keywords_say(line: tuple[str, ...], keywords: dict[str, Any]) -> None:
    assert said(*line) == DeploymentSettings.from_keywords(**keywords)
