"""Truths about areas under the curve: of arms with requests of their own, and of pairs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, ndtri

from driftkit.formats.deployment.plan import ErrorRates, Pairing, Plan
from driftkit.monitors.deployment.decision import Rules, decide
from driftkit.monitors.deployment.simulated_runs import BEGIN
from driftkit.states.deployment.arms import SCORE_BINS, SCORE_CLASSES, ArmSums
from driftkit.states.deployment.dense_sums import DenseSums
from driftkit.states.deployment.keyed_sums import KeyedSums
from driftkit.states.deployment.pairs import Count, PairState, score_codes
from tests.simulations.scenarios import ALLOWED, HARMS, MARGIN, RATE, Truth, ended_of, plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.monitors.deployment.decision import Decision
    from driftkit.monitors.deployment.simulating import Outcome
    from driftkit.native.arrays import Floats, Integers
    from tests.simulations.scenarios import Row

AUC = replace(RATE, name="auc", kind="auc", column=None)
# Of the scores: the champion's area, the looks of a run, and the part of a score's variance, given
# the label, that both arms of a pair have in common.
AREA, LOOKS, COMMON = 0.76, 50, 0.8


def areas(runs: int) -> Iterator[Row]:
    """The area under the curve, 50 looks of 800 requests, each scored by one arm."""
    yield from _of_positives(runs, 0.3, _Areas(of="AUC 0.76", plan=plan(AUC)))


def areas_of_few(runs: int) -> Iterator[Row]:
    """The same with few positives."""
    yield from _of_positives(runs, 0.03, _Areas(of="AUC 0.76", plan=plan(AUC)))


def paired_areas(runs: int) -> Iterator[Row]:
    """The area under the curve of a shadow, 50 looks of 400 pairs whose scores correlate by 0.8."""
    yield from _of_positives(runs, 0.3, _Areas(of="AUC 0.76 of pairs", plan=_shadow()))


def paired_areas_of_few(runs: int) -> Iterator[Row]:
    """The same with few positives."""
    yield from _of_positives(runs, 0.03, _Areas(of="AUC 0.76 of pairs", plan=_shadow()))


def _shadow() -> Plan:
    return plan(AUC, strategy="shadow", weights=None, pairing=Pairing())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Areas:
    """How areas are compared.

    Attributes:
        of: in words.
        plan: of a shadow each request is scored by both arms.
    """

    of: str
    plan: Plan

    def ended(
        self, runs: int, truth: tuple[float, float], rules: Rules | None = None
    ) -> list[list[Outcome]]:
        """The ends of runs with a share of positives, and an area that is lower by so much."""
        return [ended_of(self._decided(run, truth, rules)) for run in range(runs)]

    def _decided(
        self, run: int, truth: tuple[float, float], rules: Rules | None
    ) -> tuple[Decision, ...]:
        if self.plan.strategy == "shadow":
            sums, pairs = paired_scores(run, *truth)
            return decide(self.plan, sums, rules, pairs)
        return decide(self.plan, scores(run, *truth), rules)


def _of_positives(runs: int, positives: float, how: _Areas) -> Iterator[Row]:
    both = ErrorRates(promote=ALLOWED / 2, roll_back=ALLOWED / 2)
    superior = replace(AUC, superior=True)
    alarms = replace(how, plan=replace(how.plan, metrics=(superior,), error_rates=both))
    name = f"{how.of}, {positives:.0%} positive"
    same = Truth(of=name, truth="equal: any difference is a false alarm", wrong=("either",))
    yield same.row(alarms.ended(runs, (positives, 0.0), HARMS))
    at = Truth(
        of=f"{name}, margin 0.01",
        truth="0.01 lower, at the margin",
        wrong=("promote", "roll_back"),
    )
    yield at.row(how.ended(runs, (positives, MARGIN)))


def scores(run: int, positives: float, lower: float) -> ArmSums:
    """The binned scores of one run, each request scored by one arm."""
    requests = 800
    random = np.random.default_rng(run)
    size = LOOKS * requests
    arm, label = random.integers(0, 2, size), (random.random(size) < positives).astype(np.int64)
    score = random.standard_normal(size) + label * np.sqrt(2) * ndtri(AREA - lower * arm)
    return _sums(np.arange(size) // requests, arm, label, _bins(score))


def paired_scores(run: int, positives: float, lower: float) -> tuple[ArmSums, PairState]:
    """The binned scores of one run in which both arms score every request."""
    pairs = 400
    random = np.random.default_rng(run)
    size = LOOKS * pairs
    label = (random.random(size) < positives).astype(np.int64)
    common, own = random.standard_normal(size), random.standard_normal((2, size))
    parts = np.sqrt(2) * ndtri(AREA - lower * np.arange(2))
    noise = np.sqrt(COMMON) * common + np.sqrt(1 - COMMON) * own
    champion, challenger = bins = _bins(noise + label * parts[:, None])
    look = np.arange(size) // pairs
    sums = _sums(np.tile(look, 2), np.repeat([0, 1], size), np.tile(label, 2), bins.ravel())
    blocks = _blocks()[look]
    counted = (Count.CHAMPION_ROWS, Count.CHALLENGER_ROWS, Count.PAIRS_BY_ID)
    return sums, PairState(
        counts=KeyedSums.together(
            KeyedSums.counted(np.column_stack([blocks, np.full(size, each)])) for each in counted
        ),
        scores=KeyedSums.counted(
            np.column_stack([blocks, score_codes(label == 1, champion, challenger)])
        ),
    )


def _bins(score: Floats) -> Integers:
    shares = (expit(score - 0.5) * SCORE_BINS).astype(np.int64)
    return np.asarray(np.minimum(shares, SCORE_BINS - 1))


def _blocks() -> Integers:
    return np.asarray(BEGIN + 3_600 * np.arange(LOOKS))


def _sums(look: Integers, arm: Integers, label: Integers, bins: Integers) -> ArmSums:
    shape = (LOOKS, 2, SCORE_CLASSES, SCORE_BINS)
    cells = np.ravel_multi_index((look, arm, label, bins), shape)
    counts = np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape)
    dense = DenseSums(
        blocks=_blocks(),
        requests=counts.sum(axis=(2, 3)).astype(np.float64),
        sums={},
        scores=counts,
    )
    return dense.as_states("auc", ("champion", "challenger-1"))
