"""The metrics that a deployment may be planned with: kind, direction, columns and default margin.

The default margins are house choices: 0.01 of shares and AUC, 2 % of the champion's value otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import isfinite
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["goal", "guardrail", "information"]
Kind = Literal["rate", "mean", "ratio", "auc", "slo", "bias"]
Better = Literal["higher", "lower"]

SHARE_MARGIN = 0.01
RELATIVE_MARGIN = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Bias:
    """A bias metric: the difference of a rate between the rows of a group and all others.

    Attributes:
        name: Clarify's, one of `BIAS_RATES`.
        column: the facet.
        value: that rows of the group have in it, as text; of no meaning with a threshold.
        threshold: above which they lie; None where they have the value.
    """

    name: str
    column: str
    value: str = ""
    threshold: float | None = None

    @property
    def rate(self) -> str:
        """The rate of either group."""
        return BIAS_RATES[self.name][0]

    @property
    def sign(self) -> float:
        """1 where the group's rate is taken from that of the rest, -1 where it is the other way."""
        return BIAS_RATES[self.name][1]

    @property
    def group(self) -> str:
        """The group, for people."""
        return self.column + (f"={self.value}" if self.threshold is None else f">{self.value}")


BIAS_RATES: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "AD": ("accuracy", 1.0),
        "DAR": ("precision", 1.0),
        "DPPL": ("positive_rate", 1.0),
        "DRR": ("rejection_rate", -1.0),
        "RD": ("recall", 1.0),
        "SD": ("specificity", -1.0),
    }
)
"""Name -> the rate, and the sign with which the group's is taken from that of the rest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMetric:
    """What a metric's name says.

    Attributes:
        kind: rate (a share of rows), mean, ratio (of two sums), auc, slo (the share of rows whose
            value is above a limit), or bias (the difference of a rate between two groups).
        better: the direction in which it is better; None where the name does not tell, so that
            it must be said for goals and guardrails.
        needs: of `label`, `prediction`, `probability` and `pair`, those that it is made of.
        margin: by how much it may be worse, unless the plan says it; None for 2 % of the
            champion's value.
        column: the own column that a mean, rate or share is of.
        numerator: the own column above the line, of a ratio of two.
        denominator: the one below it.
        range: the least and the largest value of a row, where there are such.
        table: the metrics of a table of operational metrics that it is of: events and requests of a
            rate, the one of a mean; METRIC, or METRIC@STATISTIC where it is not the sum.
        decisive: whether it may be a goal or a guardrail.
        bias: whose difference it is, of a bias metric: the smaller its absolute value the better.
    """

    kind: Kind
    better: Better | None
    needs: tuple[str, ...] = ()
    margin: float | None = None
    column: str | None = None
    numerator: str | None = None
    denominator: str | None = None
    range: tuple[float, float] | None = None
    table: tuple[str, ...] = ()
    decisive: bool = True
    bias: Bias | None = None

    @property
    def only_shown(self) -> str:
        """Why it may be no goal or guardrail, where it may not; a clause about the metric."""
        if self.table:
            return "is of averages, which tell no variance to test it by"
        return "is of both arms at once, so that none can be worse by it"

    @property
    def columns(self) -> tuple[str, ...]:
        """The own columns that it is made of."""
        named = (self.column, self.numerator, self.denominator)
        return tuple(each for each in named if each is not None)


_PREDICTION = ("label", "prediction")
_PROBABILITY = ("label", "probability")


def _share(better: Better | None, *needs: str) -> KnownMetric:
    return KnownMetric(kind="rate", better=better, needs=needs, margin=SHARE_MARGIN)


def _loss(*needs: str) -> KnownMetric:
    return KnownMetric(kind="mean", better="lower", needs=needs)


KNOWN: Mapping[str, KnownMetric] = MappingProxyType(
    {
        "accuracy": _share("higher", *_PREDICTION),
        "error_rate": _share("lower", *_PREDICTION),
        "precision": _share("higher", *_PREDICTION),
        "recall": _share("higher", *_PREDICTION),
        "specificity": _share("higher", *_PREDICTION),
        # The names that model quality has for the same shares.
        "true_positive_rate": _share("higher", *_PREDICTION),
        "true_negative_rate": _share("higher", *_PREDICTION),
        "false_positive_rate": _share("lower", *_PREDICTION),
        "false_negative_rate": _share("lower", *_PREDICTION),
        "weighted_recall": _share("higher", *_PREDICTION),
        "f0_5": replace(_share("higher", *_PREDICTION), kind="ratio"),
        "f1": replace(_share("higher", *_PREDICTION), kind="ratio"),
        "f2": replace(_share("higher", *_PREDICTION), kind="ratio"),
        "auc": replace(_share("higher", *_PROBABILITY), kind="auc"),
        "brier": replace(_loss(*_PROBABILITY), range=(0.0, 1.0)),
        "log_loss": _loss(*_PROBABILITY),
        "mae": _loss(*_PREDICTION),
        "mse": _loss(*_PREDICTION),
        # The mean of probability minus label, which is best at 0 and may be missed on both sides.
        "calibration": replace(_share(None, *_PROBABILITY), kind="mean", range=(-1.0, 1.0)),
        "prediction_mean": KnownMetric(kind="mean", better=None, needs=("prediction",)),
        "positive_rate": _share(None, "prediction"),
        # As CloudWatch counts them for each variant.
        "errors": replace(_share("lower"), table=("Invocation5XXErrors", "Invocations")),
        # It is of both arms at once, so that neither can be better by it.
        "agreement": replace(_share("higher", "prediction", "pair"), decisive=False),
    }
)
FORMS = (
    *KNOWN,
    "column:COLUMN (its mean)",
    "rate:COLUMN (of 0 and 1)",
    "COLUMN_slo (share above a limit)",
    "ratio:COLUMN/COLUMN",
    f"bias:{'|'.join(BIAS_RATES)}:COLUMN=VALUE, or COLUMN>NUMBER (against all other rows)",
    "table:EVENTS/REQUESTS (of a table of metrics)",
    "table:METRIC (its mean, shown only)",
)
_OWN = re.compile(
    r"table:(?P<events>[^/]+)(/(?P<requests>[^/]+))?"
    rf"|bias:(?P<bias>{'|'.join(BIAS_RATES)}):(?P<facet>[^=>]+)(?P<how>[=>])(?P<group>.+)"
    r"|column:(?P<mean>.+)|rate:(?P<rate>.+)|ratio:(?P<above>[^/]+)/(?P<below>[^/]+)"
    r"|(?P<slo>((attribute|field):)?[^:]+)_slo",
    re.DOTALL,
)


def known_metric(name: str) -> KnownMetric | None:
    """What a metric's name says; None where it says nothing.

    >>> known_metric("brier").better, known_metric("latency_slo").column
    ('lower', 'latency')
    >>> known_metric("ratio:clicks/views").columns
    ('clicks', 'views')
    >>> known_metric("bias:RD:age>40").bias.group
    'age>40'
    """
    if name in KNOWN:
        return KNOWN[name]
    own = _OWN.fullmatch(name)
    return None if own is None else _own(own)


def _own(own: re.Match[str]) -> KnownMetric | None:
    if own["bias"]:
        return _of_bias(own)
    if own["events"]:
        return _of_table(own["events"], own["requests"])
    if own["slo"]:
        return KnownMetric(kind="slo", better="lower", margin=SHARE_MARGIN, column=own["slo"])
    if own["rate"]:
        return KnownMetric(kind="rate", better=None, margin=SHARE_MARGIN, column=own["rate"])
    if own["mean"]:
        return KnownMetric(kind="mean", better=None, column=own["mean"])
    return KnownMetric(kind="ratio", better=None, numerator=own["above"], denominator=own["below"])


def _of_bias(own: re.Match[str]) -> KnownMetric | None:
    threshold = None
    if own["how"] == ">":
        try:
            threshold = float(own["group"])
        except ValueError:
            return None
        if not isfinite(threshold):
            return None
    found = Bias(name=own["bias"], column=own["facet"], value=own["group"], threshold=threshold)
    needs = ("prediction",) if found.rate == "positive_rate" else _PREDICTION
    return replace(_share("lower", *needs), kind="bias", column=found.column, bias=found)


def _of_table(events: str, requests: str | None) -> KnownMetric:
    if requests is None:
        return KnownMetric(kind="mean", better=None, table=(events,), decisive=False)
    return replace(_share(None), table=(events, requests))


def of_table(name: str) -> bool:
    """Whether a metric is of tables of operational metrics rather than of rows of requests."""
    known = known_metric(name)
    return known is not None and bool(known.table)
