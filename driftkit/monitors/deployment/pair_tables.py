"""What pairs say beside the metrics: agreement, where answers differ, ids to look at, how they were paired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.disagreement import disagreements
from driftkit.comparison.deployment.exact_rates import log_e_value
from driftkit.comparison.deployment.paired import kappa, mcnemar, tango
from driftkit.formats.deployment.comparison import (
    Agreement,
    DisagreementCell,
    DisagreementExample,
)
from driftkit.formats.deployment.verdict import PairCounts
from driftkit.states.deployment.pairs import PAIRS, Count

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan import Plan
    from driftkit.states.deployment.pairs import PairState

RIGHT = "accuracy"
# Of the interval that is shown.
_ALPHA = 0.05
# Of a number that a file can hold.
_LARGEST_LOG = 700.0


def pair_counts(pairs: PairState, plan: Plan, challenger: str) -> PairCounts:
    """How many rows were paired, and in which way."""
    named = plan.pairing.named if plan.pairing else None
    names = ("inferenceId", named or "ids", "content")
    found = {name: pairs.total(count) for name, count in zip(names, PAIRS, strict=True)}
    champion_left, challenger_left = pairs.unmatched
    return PairCounts(
        matched=pairs.pairs,
        by={name: count for name, count in found.items() if count},
        ambiguous_ids=pairs.total(Count.AMBIGUOUS_IDS),
        unmatched={plan.champion: champion_left, challenger: challenger_left},
        found_in_lookback=pairs.found_in_lookback,
    )


def agreement_of(pairs: PairState, plan: Plan, challenger: str) -> Agreement:
    """How often the challenger answers as the champion does."""
    names = [metric.name for metric in plan.metrics]
    both = old = new = none = 0
    tested: dict[str, float] = {}
    if RIGHT in names:
        table = pairs.moments_of(names.index(RIGHT)).table
        both, old, new, none = (int(each.sum()) for each in table)
        tested = _tested(old, new, both + old + new + none)
    answered = pairs.total(Count.ANSWERED)
    gaps = pairs.gaps.values.sum(axis=0) if len(pairs.gaps.keys) else np.zeros(2)
    return Agreement(
        arm=challenger,
        pairs=pairs.pairs,
        both_right=both,
        champion_right=old,
        challenger_right=new,
        both_wrong=none,
        same_label=pairs.total(Count.AGREED) / answered if answered else None,
        kappa=_kappa(pairs),
        probability_difference=float(gaps[1] / gaps[0]) if gaps[0] else None,
        **tested,
    )


def _tested(old: int, new: int, pairs: int) -> dict[str, float]:
    """Of pairs in which one of the two alone is right: what they say of no difference."""
    low, high = tango(old, new, pairs, _ALPHA)
    log_e = log_e_value(new, old + new, 0.5, prior=1.0)
    return {
        "mcnemar_p_value": float(mcnemar(old, new)),
        "e_value": float(np.exp(np.minimum(log_e, _LARGEST_LOG))),
        "low": float(low),
        "high": float(high),
    }


def _kappa(pairs: PairState) -> float | None:
    cells = pairs.answers.cells
    if not cells:
        return None
    labels = {label: at for at, label in enumerate(sorted({each for two in cells for each in two}))}
    table = np.zeros((len(labels), len(labels)))
    for (champion, challenger), count in cells.items():
        table[labels[champion], labels[challenger]] = count
    found = float(kappa(table))
    return found if np.isfinite(found) else None


def disagreement_cells(pairs: PairState, challenger: str) -> tuple[DisagreementCell, ...]:
    """The values of features for which the arms are furthest apart, furthest first."""
    cells = sorted(pairs.cells.pairs.items())
    if not cells:
        return ()
    _, _, known, new, old = np.array([counts for _, counts in cells]).T
    found = disagreements(known, old, new)
    return tuple(
        DisagreementCell(
            arm=challenger,
            feature=cells[at][0][0],
            cell=cells[at][0][1],
            pairs=int(known[at]),
            champion_right=int(old[at]),
            challenger_right=int(new[at]),
            difference=float(difference),
            adjusted_p_value=float(p_value),
        )
        for at, difference, p_value in zip(
            found.cell.tolist(), found.difference, found.p_value, strict=True
        )
    )


def disagreement_examples(pairs: PairState, challenger: str) -> tuple[DisagreementExample, ...]:
    """Ids of pairs whose probabilities differ most."""
    return tuple(
        DisagreementExample(arm=challenger, id=each.id, difference=each.weight)
        for each in pairs.examples
        if each.kind == "score"
    )
