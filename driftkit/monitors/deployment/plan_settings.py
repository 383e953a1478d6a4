"""The settings of a deployment plan: what is compared, by which metrics, and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, get_args

from driftkit.formats.deployment.asked_metrics import AskedMetric
from driftkit.formats.deployment.plan_choices import Method, Policy, Routing, Strategy
from driftkit.formats.deployment.selectors import Selector
from driftkit.monitors.deployment import said
from driftkit.settings import checks
from driftkit.settings.checks import SHARE, Whole
from driftkit.settings.declaring import Option, setting

ARMS = "What is compared"
METRICS = "By which metrics"
DECIDING = "When it is decided"
_BOTH_WAYS = "METRIC[:MARGIN][:higher|lower][:superior]"
_GUARDRAIL = f"{_BOTH_WAYS}[:operational]"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What a plan says that its data do not tell."""

    arms: said.Pairs[Selector] = setting(
        (),
        said.arms,
        "An arm, and how its rows are told from others: folder:ENDPOINT/VARIANT, path:PREFIX, "
        "attribute:KEY=VALUE, field:NAME=VALUE, before:TIME, from:TIME or job:FOLDER. May be given "
        "several times; without it, each variant's folder is an arm.",
        Option(ARMS, "NAME=SELECTOR", name="--arm"),
    )
    champion: str | None = setting(
        None,
        checks.text,
        "The arm that has the traffic (default: that of the largest weight, or the first).",
        Option(ARMS, "NAME"),
    )
    strategy: Strategy = setting(
        "canary", checks.one_of(Strategy), "How the arms get their requests.", Option(ARMS)
    )
    plan_name: str | None = setting(
        None,
        checks.text,
        "The name of the deployment (default: the endpoint's).",
        Option(ARMS, "NAME"),
    )
    endpoint: str | None = setting(
        None, checks.text, "The endpoint (default: that of the folders).", Option(ARMS, "NAME")
    )
    weights: said.Pairs[float] = setting(
        (),
        said.Named(parse=said.number, expected="NAME=WEIGHT, for example champion=0.9"),
        "The weight of an arm; may be given several times.",
        Option(ARMS, "NAME=WEIGHT", name="--weight"),
    )
    weights_file: str | None = setting(
        None,
        checks.text,
        "A file with the weights, or with their history.",
        Option(ARMS, "FILE"),
    )
    routing: Routing = setting(
        "request",
        checks.one_of(Routing),
        "Whether each request is routed by itself, or all of a unit to one arm.",
        Option(ARMS),
    )
    unit: str = setting(
        "request",
        checks.text,
        "What is taken for independent: request, or users who come back, by where their id is: "
        "attribute:KEY or field:COLUMN.",
        Option(ARMS, "SOURCE"),
    )
    buckets: int = setting(
        512,
        Whole(least=2),
        "The number of buckets into which ids of users are hashed.",
        Option(ARMS),
    )
    salt: str | None = setting(
        None,
        checks.text,
        "A text that is hashed before each id (default: the plan's name).",
        Option(ARMS, "TEXT"),
    )
    pair_by: str | None = setting(
        None,
        checks.text,
        "How the rows of two arms are paired: inferenceId, and where a row has none attribute:KEY, "
        "field:COLUMN, content, or both as in attribute:KEY,content (default: inferenceId of a shadow, "
        "no pairs otherwise).",
        Option(ARMS, "WAY"),
    )
    pair_seconds: float = setting(
        5.0,
        said.NUMBER,
        "How far apart the times of two rows may be that are paired by content.",
        Option(ARMS, "SECONDS"),
    )
    sampling_percentage: float | None = setting(
        None,
        said.NUMBER,
        "The percentage of requests that the shadow gets; without it, the share of pairs is not "
        "checked.",
        Option(ARMS, "PERCENT"),
    )
    segment_by: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Show the differences for each value of these columns too.",
        Option(ARMS, "COLUMN[,COLUMN]"),
    )
    input_columns: tuple[str, ...] = setting(
        (),
        checks.columns,
        "Compare what the arms are asked by these columns: deciles of the champion's numbers, its "
        "most frequent texts.",
        Option(ARMS, "COLUMN[,COLUMN]"),
    )
    goals: tuple[AskedMetric, ...] = setting(
        (),
        said.Asked(role="goal"),
        "A metric that must not be worse than its margin, or must be better with :superior: "
        "accuracy, error_rate, precision, recall, specificity, f1, auc, brier, log_loss, mae, mse, "
        "calibration, prediction_mean, positive_rate, column:NAME, rate:NAME, NAME_slo, "
        "ratio:NAME/NAME or bias:METRIC:NAME=VALUE. May be given several times.",
        Option(METRICS, _BOTH_WAYS, name="--goal"),
    )
    guardrails: tuple[AskedMetric, ...] = setting(
        (),
        said.Asked(role="guardrail"),
        "A metric that must not be worse than its margin either. With :operational it rolls back even "
        "where the arms cannot be compared, as latencies above a limit do. May be given several times.",
        Option(METRICS, _GUARDRAIL, name="--guardrail"),
    )
    information: tuple[AskedMetric, ...] = setting(
        (),
        said.Asked(role="information"),
        "A metric that is only shown. May be given several times.",
        Option(METRICS, "METRIC", name="--information"),
    )
    limits: said.Pairs[float | said.Quantile] = setting(
        (),
        said.Named(
            parse=said.number_or_quantile,
            expected="METRIC=VALUE or METRIC=p95, a quantile above p0 and below p100, for example "
            "latency_slo=250",
        ),
        "The value above which a row counts, of a metric such as latency_slo: a number, or the "
        "champion's quantile of so many percent.",
        Option(METRICS, "METRIC=VALUE|pQ", name="--limit"),
    )
    winsors: said.Pairs[float | said.Quantile] = setting(
        (),
        said.Named(
            parse=said.number_or_quantile,
            expected="METRIC=VALUE or METRIC=p99.9, a quantile above p0 and below p100, for example "
            "column:revenue=500",
        ),
        "The value to which larger ones are cut, of a metric with heavy tails: a number, or the "
        "champion's quantile of so many percent.",
        Option(METRICS, "METRIC=VALUE|pQ", name="--winsor"),
    )
    ranges: said.Pairs[tuple[float, float]] = setting(
        (),
        said.Named(parse=said.span, expected="METRIC=LOW..HIGH, for example brier=0..1"),
        "Between which values all of a metric are.",
        Option(METRICS, "METRIC=LOW..HIGH", name="--range"),
    )
    covariates: said.Pairs[str] = setting(
        (),
        said.Named(parse=said.word, expected="METRIC=COLUMN"),
        "The column by which a metric's variance is reduced (CUPED).",
        Option(METRICS, "METRIC=COLUMN", name="--covariate"),
    )
    method: Method = setting(
        "always_valid",
        checks.one_of(Method),
        "always_valid: look whenever you like; exact: the same for few rows or rare events; "
        "group_sequential: at --looks planned looks; fixed: once, at --horizon-units.",
        Option(DECIDING),
    )
    promote_error: float = setting(
        0.05,
        said.RATE,
        "How often a challenger that is worse than a margin may ever be promoted.",
        Option(DECIDING, "RATE"),
    )
    roll_back_error: float = setting(
        0.05,
        said.RATE,
        "How often one that is within all margins may ever be rolled back.",
        Option(DECIDING, "RATE"),
    )
    sample_ratio_error: float = setting(
        0.001,
        said.RATE,
        "How often shares that are as planned may ever be doubted.",
        Option(DECIDING, "RATE"),
    )
    horizon_units: int = setting(
        40_000,
        Whole(least=1),
        "So many units of both arms are awaited; what is open then is held for good.",
        Option(DECIDING),
    )
    tuning_units: int | None = setting(
        None,
        Whole(least=1),
        "The number of units at which always-valid bounds are the narrowest (default: half of the "
        "horizon, at least 500).",
        Option(DECIDING),
    )
    minimum_days: float | None = setting(
        None,
        said.NUMBER,
        "Days before which nothing is promoted (default: 7 of an A/B test, 0 of batches, else 1).",
        Option(DECIDING, "DAYS"),
    )
    maximum_days: float = setting(
        14.0,
        said.NUMBER,
        "Days after which what is open is held for good.",
        Option(DECIDING, "DAYS"),
    )
    looks: int | None = setting(
        None,
        Whole(least=1),
        "How many looks there will be, of --method group_sequential.",
        Option(DECIDING),
    )
    burn_in_units: int = setting(
        100,
        Whole(least=0),
        "Units that each arm must have before anything is decided.",
        Option(DECIDING),
    )
    burn_in_events: int = setting(
        10,
        Whole(least=0),
        "Events of a rate, and as many rows without, that there must be in both arms.",
        Option(DECIDING),
    )
    policy: Policy | None = setting(
        None,
        checks.one_of(Policy),
        "By which a bandit's weights follow rewards (default: thompson-beta).",
        Option(DECIDING, " | ".join(get_args(Policy))),
    )
    floor: float | None = setting(
        None, SHARE, "The least share of an arm of a bandit (default: 0.05).", Option(DECIDING)
    )
    step: float | None = setting(
        None,
        SHARE,
        "By how much a share of a bandit may change in a run (default: 0.2).",
        Option(DECIDING),
    )

    @property
    def metrics(self) -> tuple[AskedMetric, ...]:
        """All that are asked for, in the order of the plan."""
        return (*self.goals, *self.guardrails, *self.information)


class PlanKeywords(TypedDict, total=False):
    """What users may write for `PlanSettings`."""

    arms: Mapping[str, str | Selector] | Sequence[str] | str | None
    champion: str | None
    strategy: Strategy
    plan_name: str | None
    endpoint: str | None
    weights: Mapping[str, float] | Sequence[str] | None
    weights_file: str | None
    routing: Routing
    unit: str
    buckets: int
    salt: str | None
    pair_by: str | None
    pair_seconds: float
    sampling_percentage: float | None
    segment_by: str | Sequence[str] | None
    input_columns: str | Sequence[str] | None
    goals: str | Sequence[str | AskedMetric] | None
    guardrails: str | Sequence[str | AskedMetric] | None
    information: str | Sequence[str | AskedMetric] | None
    limits: Mapping[str, float | str] | Sequence[str] | None
    winsors: Mapping[str, float | str] | Sequence[str] | None
    ranges: Mapping[str, tuple[float, float]] | Sequence[str] | None
    covariates: Mapping[str, str] | Sequence[str] | None
    method: Method
    promote_error: float
    roll_back_error: float
    sample_ratio_error: float
    horizon_units: int
    tuning_units: int | None
    minimum_days: float | None
    maximum_days: float
    looks: int | None
    burn_in_units: int
    burn_in_events: int
    policy: Policy | None
    floor: float | None
    step: float | None
