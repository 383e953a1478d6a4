"""Verdicts and tables of differences: a document that tests take apart, and any at all."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from driftkit.formats.deployment.comparison import (
    Agreement,
    Comparison,
    Difference,
    DisagreementCell,
    DisagreementExample,
    EpochTable,
    InputCell,
    InputDrift,
    PredictionDrift,
    SegmentTable,
)
from driftkit.formats.deployment.verdict import (
    EpochShare,
    MetricVerdict,
    PairCounts,
    PlanName,
    StatedRates,
    StillNeeded,
    TimeSpan,
    Verdict,
    VerdictCheck,
    of_several,
)

_DOCUMENT: dict[str, Any] = {
    "version": "1.0",
    "plan": {"name": "churn", "sha256": "0" * 64},
    "verdict": "promote",
    "final": True,
    "decided_at_window": "2026-11-02T11",
    "reason": "accuracy, brier and latency_slo are not worse than allowed",
    "challenger": "challenger",
    "champion": "champion",
    "window": {"start": "2026-11-02T10:00:00Z", "end": "2026-11-02T12:00:00.500000Z"},
    "units": {"champion": 11000, "challenger": 1200},
    "requests": {"champion": 11000, "challenger": 1200},
    "error_rates": {"promote": 0.05, "roll_back": 0.05, "guarantee": "asymptotic"},
    "metrics": [
        {
            "name": "accuracy",
            "role": "goal",
            "better": "higher",
            "champion": 0.672,
            "challenger": 0.699,
            "difference": 0.027,
            "relative": 0.039,
            "low": 0.004,
            "high": 0.05,
            "margin": 0.005,
            "p_value": 0.01,
            "adjusted_p_value": 0.02,
            "e_value": 100.0,
            "state": "passes",
            "method": "asymptotic confidence sequence",
            "reason": None,
        }
    ],
    "checks": [{"name": "sample_ratio", "passed": True, "p_value": 0.4, "detail": "as planned"}],
    "pairs": {
        "matched": 1211,
        "by": {"inferenceId": 1211},
        "ambiguous_ids": 1,
        "unmatched": {"champion": 290, "challenger": 1},
        "found_in_lookback": 0,
    },
    "epochs": [
        {
            "from": "2026-11-02T10:00:00Z",
            "weights": {"champion": 0.9, "challenger": 0.1},
            "units": {"champion": 11000, "challenger": 1200},
        }
    ],
    "still_needed": {"units": 5200, "days": 1.5},
    "notes": ["one note"],
    "actions": {
        "update_endpoint_weights_and_capacities": {"EndpointName": "churn"},
        "stop_inference_experiment": {},
    },
}


def document() -> dict[str, Any]:
    """The content of a verdict.json with every key that one challenger has."""
    return deepcopy(_DOCUMENT)


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=9)
_COUNTS = st.integers(0, 2**63 - 1)
_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False).map(lambda x: x + 0.0)
_SHARES = st.none() | st.floats(0.0, 1.0).map(lambda x: x + 0.0)
_TIMES = st.none() | st.datetimes().map(lambda time: time.replace(tzinfo=UTC))
_BY_NAME = st.dictionaries(_TEXTS, _COUNTS, max_size=3)
_WEIGHTS = st.dictionaries(_TEXTS, st.floats(0.0, 1e9).map(lambda x: x + 0.0), max_size=3)
_PLANS = st.builds(PlanName, name=_TEXTS, sha256=_TEXTS)


def _tuples(of: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=3).map(tuple)


_METRICS = st.builds(
    MetricVerdict,
    name=_TEXTS,
    role=st.sampled_from(["goal", "guardrail", "information"]),
    better=st.sampled_from(["higher", "lower", None]),
    champion=_NUMBERS,
    challenger=_NUMBERS,
    difference=_NUMBERS,
    relative=_NUMBERS,
    low=_NUMBERS,
    high=_NUMBERS,
    margin=_NUMBERS,
    p_value=_SHARES,
    adjusted_p_value=_SHARES,
    e_value=_NUMBERS,
    state=st.sampled_from(["passes", "harmed", "open", "not_measured"]),
    method=st.none() | _TEXTS,
    reason=st.none() | _TEXTS,
)
_CHECKS = st.builds(VerdictCheck, name=_TEXTS, passed=st.booleans(), p_value=_SHARES, detail=_TEXTS)
_PAIRS = st.builds(
    PairCounts,
    matched=_COUNTS,
    by=_BY_NAME,
    ambiguous_ids=_COUNTS,
    unmatched=_BY_NAME,
    found_in_lookback=_COUNTS,
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_TEXTS, inner, max_size=2),
    max_leaves=5,
)
_SINGLE = st.builds(
    Verdict,
    plan=_PLANS,
    verdict=st.sampled_from(["promote", "hold", "roll_back"]),
    final=st.booleans(),
    decided_at_window=st.none() | _TEXTS,
    reason=_TEXTS,
    challenger=_TEXTS,
    champion=_TEXTS,
    window=st.builds(TimeSpan, start=_TIMES, end=_TIMES),
    units=_BY_NAME,
    requests=_BY_NAME,
    error_rates=st.builds(
        StatedRates,
        promote=st.none() | st.floats(0.001, 0.4),
        roll_back=st.none() | st.floats(0.001, 0.4),
        guarantee=st.sampled_from(["asymptotic", "exact", "fixed horizon", "none"]),
    ),
    metrics=_tuples(_METRICS),
    checks=_tuples(_CHECKS),
    pairs=st.none() | _PAIRS,
    epochs=_tuples(st.builds(EpochShare, start=_TIMES, weights=_WEIGHTS, units=_BY_NAME)),
    still_needed=st.none() | st.builds(StillNeeded, units=st.none() | _COUNTS, days=_NUMBERS),
    notes=_tuples(_TEXTS),
    actions=st.dictionaries(_TEXTS, st.dictionaries(_TEXTS, _JSON, max_size=2), max_size=2),
)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Any verdict, of one challenger or of several, nulls among its values."""
    several = draw(st.lists(_SINGLE, min_size=1, max_size=3))
    named = [replace(each, challenger=f"{each.challenger}{i}") for i, each in enumerate(several)]
    return of_several(named, draw(st.sampled_from(named)).challenger)


_DIFFERENCES = _tuples(
    st.builds(
        Difference,
        arm=_TEXTS,
        metric=_TEXTS,
        champion=_NUMBERS,
        challenger=_NUMBERS,
        difference=_NUMBERS,
        low=_NUMBERS,
        high=_NUMBERS,
        units=_BY_NAME,
    )
)
_RIGHT = {"pairs": _COUNTS, "champion_right": _COUNTS, "challenger_right": _COUNTS}
comparisons: st.SearchStrategy[Comparison] = st.builds(
    Comparison,
    plan=_PLANS,
    champion=_TEXTS,
    segments=_tuples(
        st.builds(SegmentTable, column=_TEXTS, value=_TEXTS, differences=_DIFFERENCES)
    ),
    epochs=_tuples(
        st.builds(EpochTable, start=_TIMES, end=_TIMES, weights=_WEIGHTS, differences=_DIFFERENCES)
    ),
    inputs=st.none()
    | _tuples(
        st.builds(
            InputDrift,
            arm=_TEXTS,
            column=_TEXTS,
            units=_BY_NAME,
            stability_index=_NUMBERS,
            cells=_tuples(
                st.builds(InputCell, cell=_TEXTS, champion=_NUMBERS, challenger=_NUMBERS)
            ),
        )
    ),
    predictions=_tuples(
        st.builds(
            PredictionDrift,
            arm=_TEXTS,
            units=_BY_NAME,
            champion=_NUMBERS,
            challenger=_NUMBERS,
            difference=_NUMBERS,
            stability_index=_NUMBERS,
            kolmogorov_smirnov=_NUMBERS,
        )
    ),
    agreements=_tuples(
        st.builds(
            Agreement,
            arm=_TEXTS,
            both_right=_COUNTS,
            both_wrong=_COUNTS,
            same_label=_NUMBERS,
            kappa=_NUMBERS,
            probability_difference=_NUMBERS,
            mcnemar_p_value=_SHARES,
            e_value=_NUMBERS,
            low=_NUMBERS,
            high=_NUMBERS,
            **_RIGHT,
        )
    ),
    disagreements=_tuples(
        st.builds(
            DisagreementCell,
            arm=_TEXTS,
            feature=_TEXTS,
            cell=_TEXTS,
            difference=_NUMBERS,
            adjusted_p_value=_SHARES,
            **_RIGHT,
        )
    ),
    examples=_tuples(st.builds(DisagreementExample, arm=_TEXTS, id=_TEXTS, difference=_NUMBERS)),
)
"""Any tables of differences."""


def comparison() -> Comparison:
    """Tables of every kind, a row each."""
    difference = Difference(arm="new", metric="brier", champion=0.2, difference=-0.1, units={})
    time = datetime(2026, 11, 2, tzinfo=UTC)
    counts = {"pairs": 4, "champion_right": 1, "challenger_right": 2}
    cells = (InputCell(cell="AA", champion=0.5, challenger=0.25),)
    return Comparison(
        plan=PlanName(name="churn", sha256="0"),
        champion="old",
        segments=(SegmentTable(column="carrier", value="AA", differences=(difference,)),),
        epochs=(EpochTable(start=time, weights={"old": 1.0}, differences=(difference,)),),
        inputs=(InputDrift(arm="new", column="carrier", units={}, cells=cells),),
        predictions=(PredictionDrift(arm="new", units={}, champion=0.5, stability_index=0.1),),
        agreements=(Agreement(arm="new", both_right=1, both_wrong=0, kappa=0.1, **counts),),
        disagreements=(DisagreementCell(arm="new", feature="age", cell="[1, 2)", **counts),),
        examples=(DisagreementExample(arm="new", id="a", difference=0.8),),
    )
