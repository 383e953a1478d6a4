"""The table of simulated error rates: where it is written, and what is said of broken promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from driftkit.monitors.deployment.paired_evidence import paired_evidence
from driftkit.monitors.deployment.simulating import Outcome
from driftkit.monitors.deployment.timeline import Timeline
from tests.simulations import areas, biases, run, scenarios
from tests.simulations.scenarios import Row, Truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from driftkit.formats.deployment.verdict import Answer


def ended(verdict: Answer, requests: float) -> Outcome:
    """How a run of a day ended."""
    return Outcome(verdict=verdict, requests=requests, days=1.0)


ENDS = [
    [ended("promote", 400.0)],
    [ended("roll_back", 800.0)],
    [ended("hold", 4_000.0)],
    [ended("hold", 4_000.0)],
]


def row(*wrong: str, limit: float = 0.05) -> Row:
    """A quarter of the runs promotes, a quarter rolls back."""
    return Truth(of="a rate", truth="at the margin", wrong=wrong, limit=limit).row(ENDS)


def test_shares_are_those_of_the_runs() -> None:
    found = row("promote", "either")

    assert (found.promote, found.hold, found.roll_back) == (0.25, 0.5, 0.25)
    assert found.requests == "600"
    assert found.wrong == {"promote": (0.25, 0.05), "either": (0.5, 0.05)}


def test_of_several_challengers_any_promotion_counts() -> None:
    both = [[ended("roll_back", 1.0), ended("promote", 1.0)]] * 4

    found = Truth(of="a rate", truth="at the margin").row(both)

    assert (found.promote, found.hold, found.roll_back) == (1.0, 0.0, 1.0)


def test_only_the_marked_part_of_the_document_is_replaced(tmp_path: Path) -> None:
    document = tmp_path / "deployment.md"
    document.write_text(f"# Before\n\n{run.BEGIN}\nold\n{run.END}\n\n## After\n")

    run.write(document, [row("promote")], 4)

    text = document.read_text()
    assert text.startswith("# Before\n\n<!--")
    assert text.endswith("-->\n\n## After\n")
    assert "old\n" not in text
    assert "| a rate | at the margin | **25.00 %** | 50.00 % | 25.00 % | 600 |" in text
    assert "4 runs each" in text


def test_a_document_is_begun_where_there_is_none(tmp_path: Path) -> None:
    document = tmp_path / "deployment.md"

    run.write(document, [row("either")], 4)
    first = document.read_text()
    run.write(document, [row("either")], 4)

    assert document.read_text() == first
    assert first.startswith("# The deployment monitor")
    assert "| **25.00 %** | 50.00 % | **25.00 %** |" in first


@pytest.mark.parametrize(("limit", "code"), [(0.2, 1), (0.25, 0)])
def test_a_broken_promise_ends_with_an_error(
    limit: float,
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def scenario(_: int) -> Iterator[Row]:
        yield row("promote", limit=limit)

    monkeypatch.setattr(run, "SCENARIOS", (scenario,))

    found = run.main(["--jobs", "1", "--document", str(tmp_path / "d.md")])

    assert found == code
    assert ("promote in 25.00% of the runs, 20.00% are allowed" in capsys.readouterr().err) == (
        code == 1
    )
    assert (tmp_path / "d.md").exists()


def test_runs_are_decided_by_the_monitor() -> None:
    [better, _, at_the_margin, _, worse] = scenarios.rates(20)

    assert better.promote == 1.0
    assert worse.roll_back == 1.0
    assert set(at_the_margin.wrong) == {"promote", "roll_back"}


@pytest.mark.parametrize(("lower", "area"), [(0.0, 0.76), (0.05, 0.71)])
def test_scores_have_the_area_that_is_said(lower: float, area: float) -> None:
    sums = areas.scores(1, 0.3, lower)

    of_new = sums.scores[sums.keys[:, 1] == 1].sum(axis=0)
    negatives, positives = of_new[:2].astype(float)
    below = np.cumsum(negatives) - negatives / 2
    found = (positives * below).sum() / (positives.sum() * negatives.sum())
    assert found == pytest.approx(area, abs=0.01)


def test_pairs_are_scored_alike_and_have_the_areas_that_are_said() -> None:
    sums, pairs = areas.paired_scores(1, 0.3, 0.05)

    counts = pairs.score_counts
    assert counts.pairs.sum() == pairs.pairs == sums.requests.sum() / 2 == 20_000
    assert pairs.unmatched == (0, 0)
    weights = counts.pairs * ~counts.positive
    together = np.cov(counts.champion, counts.challenger, fweights=weights)
    assert together[0, 1] / together[0, 0] == pytest.approx(areas.COMMON, abs=0.02)
    evidence = paired_evidence(pairs, [areas.AUC.name], areas.AUC, np.unique(counts.blocks))
    assert evidence.values[-1] == pytest.approx([0.76, 0.71], abs=0.01)
    # Of arms that each score half of the requests, the area varies more.
    single = areas.scores(1, 0.3, 0.05)
    looks = Timeline(plan=scenarios.plan(areas.AUC), sums=single).looks["challenger-1"]
    assert evidence.variance[-1] < looks.evidence(0, areas.AUC).variance[-1] / 2


def test_bias_at_the_margin_is_seldom_claimed_either_way() -> None:
    assert biases.biases in run.SCENARIOS

    found = list(biases.biases(40))

    assert run.broken_promises(found[1:4]) == []
    assert found[0].promote > 0.5
    assert found[-1].roll_back == 1.0


def test_bias_is_simulated_as_it_is_said_to_be() -> None:
    [outcome] = biases.ended(0, 0.0, 0.35)

    # The rest's rate less that of the group.
    assert outcome.verdict == "roll_back"
    assert outcome.requests < 50 * 600
