"""Plans of deployments: a document that tests take apart, and any plan at all."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args

from hypothesis import strategies as st

from driftkit.formats.deployment.metrics import KNOWN, Kind, Role
from driftkit.formats.deployment.plan import (
    Bandit,
    BurnIn,
    ErrorRates,
    Horizon,
    Pairing,
    Plan,
    PlannedMetric,
    Unit,
    WeightsChange,
)
from driftkit.formats.deployment.plan_inputs import PlannedInput
from driftkit.formats.deployment.selectors import Selector

if TYPE_CHECKING:
    from driftkit.formats.deployment.plan_choices import Strategy

_DOCUMENT: dict[str, Any] = {
    "version": "1.0",
    "name": "churn",
    "endpoint": "churn",
    "strategy": "canary",
    "champion": "champion",
    "challengers": ["challenger"],
    "arms": {"champion": "folder:churn/champion", "challenger": "folder:churn/challenger"},
    "weights": {"champion": 0.9, "challenger": 0.1},
    "weights_history": [
        {
            "from": "2026-11-02T10:00:00Z",
            "to": "2026-11-02T12:00:00Z",
            "weights": {"champion": 0.9, "challenger": 0.1},
        },
        {
            "from": "2026-11-02T12:00:00Z",
            "to": None,
            "weights": {"champion": 0.5, "challenger": 0.5},
        },
    ],
    "routing": "request",
    "unit": {"source": "attribute:user", "buckets": 512, "salt": "churn"},
    "pairing": {"by": "inferenceId", "seconds": 5.0, "sampling_percentage": None},
    "metrics": [
        {
            "name": "accuracy",
            "role": "goal",
            "kind": "rate",
            "better": "higher",
            "margin": 0.005,
            "superior": False,
            "limit": None,
            "winsor": None,
            "range": None,
            "covariate": None,
        },
        {
            "name": "latency_slo",
            "role": "guardrail",
            "kind": "slo",
            "better": "lower",
            "margin": 0.01,
            "superior": False,
            "limit": 250.0,
            "winsor": None,
            "range": None,
            "covariate": None,
            "column": "latency",
        },
        {
            "name": "column:revenue",
            "role": "information",
            "kind": "mean",
            "better": "higher",
            "margin": 0.0,
            "superior": False,
            "limit": None,
            "winsor": 7.51,
            "range": [0.0, 100.0],
            "covariate": "revenue_before",
            "column": "revenue",
        },
    ],
    "error_rates": {"promote": 0.05, "roll_back": 0.05, "sample_ratio": 0.001},
    "method": "always_valid",
    "horizon": {
        "units": 40000,
        "tuning_units": 20000,
        "minimum_days": 1.0,
        "maximum_days": 14.0,
        "looks": None,
    },
    "burn_in": {"units": 100, "events": 10},
    "segment_by": ["carrier"],
    "inputs": [
        {"column": "distance", "edges": [250.0, 1000.0]},
        {"column": "carrier", "values": ["AA", "UA"]},
    ],
    "bandit": None,
}


def document() -> dict[str, Any]:
    """The content of a deployment_plan.json with every kind of key."""
    return deepcopy(_DOCUMENT)


_ARMS = st.from_regex(r"[A-Za-z0-9-]{1,63}", fullmatch=True)
_TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)
_ABOVE = st.floats(1e-6, 1e6)
_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(  # noqa: DTZ001
    lambda time: time.replace(tzinfo=UTC)
)


@st.composite
def metrics(draw: st.DrawFn) -> PlannedMetric:
    """Any metric that a plan may have: of a known name, or of own columns."""
    name = draw(st.sampled_from([*KNOWN, "own"]))
    known = KNOWN.get(name)
    decisive = known is None or known.decisive
    roles: tuple[Role, ...] = get_args(Role)
    kinds: tuple[Kind, ...] = ("rate", "mean", "ratio", "slo")
    role = draw(st.sampled_from(roles if decisive else roles[-1:]))
    kind = known.kind if known else draw(st.sampled_from(kinds))
    own_guardrail = role == "guardrail" and (known is None or not known.needs)
    own_ratio = known is None and kind == "ratio"
    text = draw(_TEXTS)
    number = kind in {"mean", "ratio"}
    superior = draw(st.booleans())
    return PlannedMetric(
        name=name if known else f"own {text}",
        role=role,
        kind=kind,
        better=known.better
        if known and known.better
        else draw(st.sampled_from(["higher", "lower"])),
        margin=draw(st.floats(1e-9, 0.99)) if not superior else draw(st.sampled_from([0.0, 0.5])),
        superior=superior,
        limit=draw(_ABOVE) if kind == "slo" else None,
        winsor=draw(st.none() | _ABOVE) if number else None,
        range=draw(st.none() | st.tuples(st.floats(-1e9, 0.0), _ABOVE)) if number else None,
        covariate=draw(st.none() | _TEXTS),
        column=text if known is None and not own_ratio else None,
        numerator=text if own_ratio else None,
        denominator=draw(_TEXTS) if own_ratio else None,
        operational=draw(st.sampled_from([None, False, True] if own_guardrail else [None, False])),
    )


@st.composite
def inputs(draw: st.DrawFn) -> PlannedInput:
    """Any column of inputs: of numbers or of texts."""
    numbers = st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=4, unique=True)
    texts = st.lists(st.text(st.characters(codec="utf-8")), min_size=1, max_size=4, unique=True)
    edges = draw(st.none() | numbers.map(sorted).map(tuple))
    values = draw(texts.map(tuple)) if edges is None else None
    return PlannedInput(column=draw(_TEXTS), edges=edges, values=values)


@st.composite
def histories(draw: st.DrawFn, arms: list[str]) -> tuple[WeightsChange, ...]:
    """Weights over time, without a gap."""
    times = sorted(draw(st.lists(_TIMES, min_size=1, max_size=4, unique=True)))
    ends = [following for _, following in pairwise(times)]
    last = draw(st.sampled_from([None, times[-1] + timedelta(hours=1)]))
    named = st.sets(st.sampled_from(arms), min_size=1)
    return tuple(
        WeightsChange(
            start=start, end=end, weights={name: draw(_ABOVE) for name in sorted(draw(named))}
        )
        for start, end in zip(times, [*ends, last], strict=True)
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan without contradictions, nulls among its values."""
    arms = draw(st.lists(_ARMS, min_size=2, max_size=10, unique=True))
    chosen = draw(st.lists(metrics(), min_size=1, max_size=4, unique_by=lambda each: each.name))
    goal = PlannedMetric(
        name="own goal", role="goal", kind="rate", better="higher", margin=0.01, column="x"
    )
    strategies: tuple[Strategy, ...] = ("canary", "ab", "blue_green", "bandit", "batch")
    strategy = draw(st.sampled_from(strategies))
    bandit = Bandit(floor=draw(st.floats(0.0, 0.09)), step=draw(st.floats(0.01, 1.0)))
    sequential = draw(st.booleans())
    source = draw(st.sampled_from(["request", "attribute:user", "field:é"]))
    return Plan(
        name=draw(_TEXTS),
        endpoint=draw(st.none() | _ARMS),
        strategy=strategy,
        champion=arms[0],
        challengers=tuple(arms[1:]),
        arms={
            name: Selector(kind="field", key=draw(_TEXTS), value=f"{i}")
            for i, name in enumerate(arms)
        },
        weights=draw(st.none() | st.fixed_dictionaries(dict.fromkeys(arms, _ABOVE))),
        weights_history=draw(st.none() | histories(arms)),
        routing="sticky" if source != "request" and draw(st.booleans()) else "request",
        unit=Unit(
            source=source,
            buckets=draw(st.integers(2, 2**14)),
            salt=draw(_TEXTS),
        ),
        pairing=draw(
            st.none()
            | st.builds(
                Pairing, seconds=_ABOVE, sampling_percentage=st.none() | st.floats(0.1, 100.0)
            )
        ),
        metrics=(goal, *chosen),
        error_rates=ErrorRates(promote=draw(st.floats(1e-6, 0.49))),
        method="group_sequential" if sequential else "always_valid",
        horizon=Horizon(
            minimum_days=draw(st.floats(0.0, 5.0)),
            looks=draw(st.integers(1, 99)) if sequential else None,
        ),
        burn_in=BurnIn(units=draw(st.integers(0, 10**9))),
        segment_by=tuple(draw(st.lists(_TEXTS, max_size=2))),
        inputs=tuple(draw(st.lists(inputs(), unique_by=lambda each: each.column, max_size=3)))
        or None,
        bandit=bandit if strategy == "bandit" else draw(st.sampled_from([None, bandit])),
    )
