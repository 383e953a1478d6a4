"""`driftkit merge`, then `driftkit deployment`, while labels are still coming, hour after hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.cli.test_deployment import verdict
from tests.monitors.deployment.test_late_labels import REQUESTS, captured, delivered

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

NAMES = ("first", "second", "whole")
SEVEN, NINE = "2026-11-02T07:00:00Z", "2026-11-02T09:00:00Z"


def test_each_run_begins_where_the_one_before_left_off(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    captures, merged, plan = captured(tmp_path / "captured"), tmp_path / "merged", tmp_path / "plan"

    def after(newest: int, name: str, *more: object) -> Ended:
        labels = delivered(tmp_path / "truth", newest)
        driftkit_command("merge", captures, "-g", labels, "-o", merged)
        if not plan.exists():
            asked = ("--goal", "accuracy:0.1", "--champion", "v1")
            assert driftkit_command("deployment", "baseline", merged, "-o", plan, *asked).code == 0
        given = ("-b", plan, "-o", tmp_path / name, "--runner", "local", *more)
        return driftkit_command("deployment", "monitor", merged, *given)

    first = after(8, "first")
    second = after(10, "second", tmp_path / "first/states.arrow", "--start", SEVEN)
    whole = after(10, "whole", "--accept-immature")

    assert f"the 60 requests from {SEVEN} on are left out" in first.err
    assert f"the next run measures them with --start {NINE}" in second.err
    assert "are left out" not in whole.err
    assert (first.code, second.code, whole.code) == (0, 0, 0)
    requests = {name: verdict(tmp_path / name)["requests"]["v1"] for name in NAMES}
    assert requests == {"first": 7 * REQUESTS, "second": 9 * REQUESTS, "whole": 10 * REQUESTS}


def test_a_report_without_a_file_is_refused(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    captures, merged, plan = captured(tmp_path / "captured"), tmp_path / "merged", tmp_path / "plan"
    driftkit_command("merge", captures, "-g", delivered(tmp_path / "truth", 8), "-o", merged)
    asked = ("--goal", "accuracy:0.1", "--champion", "v1", "--runner", "local")
    driftkit_command("deployment", "baseline", merged, "-o", plan, *asked)

    ended = driftkit_command(
        *("deployment", "monitor", merged, "-b", plan, "-o", tmp_path / "report"),
        *("--merge-report", tmp_path / "none.json"),
    )

    assert ended.code == 1
    assert "none.json" in ended.err
    assert not [*(tmp_path / "report").glob("*")]
