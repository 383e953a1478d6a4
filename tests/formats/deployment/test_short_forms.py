"""Selectors, arms and metrics as they are written on a command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.errors import SettingsError
from driftkit.formats.deployment.asked_metrics import AskedMetric, parse_metric
from driftkit.formats.deployment.metrics import KNOWN, Role, known_metric
from driftkit.formats.deployment.selectors import Selector, parse_arm, parse_selector

_WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("text", "selector"),
    [
        ("folder:churn/new", Selector(kind="folder", key="churn", value="new")),
        ("folder:churn/new/", Selector(kind="folder", key="churn", value="new")),
        ("path:s3://bucket/new/", Selector(kind="path", value="s3://bucket/new/")),
        ("attribute:version=2=b", Selector(kind="attribute", key="version", value="2=b")),
        ("field:a[?b=='c']=x", Selector(kind="field", key="a[?b=='c']", value="x")),
        ("before:2026-11-02", Selector(kind="before", value="2026-11-02T00:00:00Z")),
        ("from:2026-11-02T12:00+01:00", Selector(kind="from", value="2026-11-02T11:00:00Z")),
        ("job:jobs/a", Selector(kind="job", value="jobs/a")),
    ],
)
def test_selectors_are_read(text: str, selector: Selector) -> None:
    assert parse_selector(text) == selector
    assert parse_selector(str(selector)) == selector


@given(
    st.one_of(
        _WORDS.map(lambda text: f"path:{text}"),
        _WORDS.map(lambda text: f"job:{text}"),
        st.tuples(_WORDS, _WORDS).map(lambda pair: f"field:{pair[0]}={pair[1]}"),
        st.tuples(_WORDS, _WORDS).map(lambda pair: f"attribute:{pair[0]}={pair[1]}"),
        st.datetimes().map(lambda time: f"before:{time.isoformat()}"),
    )
)
def test_selectors_are_written_as_they_are_read(text: str) -> None:
    try:
        selector = parse_selector(text)
    except SettingsError:
        return

    assert parse_selector(str(selector)) == selector


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "job:FOLDER"),
        ("folder", "folder:ENDPOINT/VARIANT"),
        ("folder:churn", "folder:ENDPOINT/VARIANT"),
        ("folder:a/b/c", "folder:ENDPOINT/VARIANT"),
        ("attribute:version", "attribute:KEY=VALUE"),
        ("attribute:=2", "attribute:KEY=VALUE"),
        ("field:version=", "field:JMESPATH-OR-COLUMN=VALUE"),
        ("before:noon", "2026-11-02T11:00:00Z"),
        ("from:0001-01-01T00:00+14:00", "2026-11-02T11:00:00Z"),
        ("header:x=1", "attribute:KEY=VALUE"),
    ],
)
def test_what_is_no_selector_is_refused_with_what_is_expected(text: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_arm(f"new={text}")

    assert expected in str(caught.value)


@pytest.mark.parametrize("text", ["", "new", "=job:x"])
def test_an_arm_has_a_name(text: str) -> None:
    with pytest.raises(SettingsError, match="NAME=SELECTOR"):
        parse_arm(text)


@pytest.mark.parametrize(
    ("text", "role", "asked"),
    [
        ("accuracy", "goal", AskedMetric(name="accuracy", role="goal", better="higher")),
        (
            "brier:0.005",
            "guardrail",
            AskedMetric(name="brier", role="guardrail", better="lower", margin=0.005),
        ),
        (
            "latency_slo:1e-2",
            "guardrail",
            AskedMetric(name="latency_slo", role="guardrail", better="lower", margin=0.01),
        ),
        ("auc", "information", AskedMetric(name="auc", role="information", better="higher")),
        (
            "accuracy:superior:0.01",
            "goal",
            AskedMetric(name="accuracy", role="goal", better="higher", margin=0.01, superior=True),
        ),
        (
            "rate:failed:lower:operational",
            "guardrail",
            AskedMetric(name="rate:failed", role="guardrail", better="lower", operational=True),
        ),
        (
            "column:a:b:5:lower",
            "guardrail",
            AskedMetric(name="column:a:b", role="guardrail", better="lower", margin=5.0),
        ),
        (
            "ratio:clicks/views:higher",
            "goal",
            AskedMetric(name="ratio:clicks/views", role="goal", better="higher"),
        ),
        (
            "column:5",
            "information",
            AskedMetric(name="column:5", role="information", better="higher"),
        ),
        (
            "errors:0.001",
            "guardrail",
            AskedMetric(name="errors", role="guardrail", better="lower", margin=0.001),
        ),
        (
            "table:Latency@TC(9:)/Latency@SampleCount:0.1:lower",
            "guardrail",
            AskedMetric(
                name="table:Latency@TC(9:)/Latency@SampleCount",
                role="guardrail",
                better="lower",
                margin=0.1,
            ),
        ),
    ],
)
def test_metrics_are_read(text: str, role: Role, asked: AskedMetric) -> None:
    assert parse_metric(text, role) == asked


@pytest.mark.parametrize(
    ("text", "role", "says"),
    [
        ("akkuracy", "goal", "expected: accuracy"),
        ("", "goal", "METRIC[:MARGIN]"),
        ("accuracy:high", "goal", "no metric is called so"),
        ("accuracy:0.1:0.2", "goal", "said twice"),
        ("accuracy:lower", "goal", "other direction"),
        ("accuracy:-0.1", "goal", "0 or more"),
        ("accuracy:nan", "goal", "0 or more"),
        ("column:revenue:0.1", "goal", "column:revenue:0.1:higher or"),
        ("positive_rate", "guardrail", "positive_rate:higher or"),
        ("ratio:clicks", "goal", "no metric is called so"),
        ("agreement", "guardrail", "--information agreement"),
        ("table:ModelLatency:lower", "guardrail", "--information table:ModelLatency"),
        ("table:hits/requests", "goal", "table:hits/requests:higher or"),
        ("bias:DPPL:sex=F:higher", "guardrail", "other direction"),
        ("bias:DI:sex=F", "guardrail", "bias:AD|DAR|DPPL|DRR|RD|SD:COLUMN=VALUE"),
        ("bias:DPPL:sex", "guardrail", "bias:AD|DAR|DPPL|DRR|RD|SD:COLUMN=VALUE"),
        ("bias:DPPL:age>old", "guardrail", "COLUMN>NUMBER"),
    ],
)
def test_what_is_no_metric_is_refused(text: str, role: Role, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_metric(text, role)

    assert says in str(caught.value)
    assert caught.value.where == role


@pytest.mark.parametrize("name", KNOWN)
def test_every_known_metric_may_be_asked_for(name: str) -> None:
    asked = parse_metric(f"{name}:0.5", "information")

    assert asked.known == KNOWN[name]
    assert set(asked.known.needs) <= {"label", "prediction", "probability", "pair"}


@pytest.mark.parametrize(
    ("name", "kind", "columns"),
    [
        ("column:a/b", "mean", ("a/b",)),
        ("rate:failed", "rate", ("failed",)),
        ("latency_ms_slo", "slo", ("latency_ms",)),
        ("attribute:ms_slo", "slo", ("attribute:ms",)),
        ("column:field:a[0].b", "mean", ("field:a[0].b",)),
        ("ratio:a b/c", "ratio", ("a b", "c")),
        ("bias:AD:attribute:sex=a:b", "bias", ("attribute:sex",)),
        ("bias:SD:age>1e2", "bias", ("age",)),
    ],
)
def test_names_of_own_columns_say_kind_and_columns(
    name: str, kind: str, columns: tuple[str, ...]
) -> None:
    known = known_metric(name)

    assert known is not None
    assert (known.kind, known.columns) == (kind, columns)


@pytest.mark.parametrize(
    "name", ["", "column:", "ratio:a", "ratio:a/", "ratio:a/b/c", "_slo", "accuracy:0.1:x_slo"]
)
def test_other_names_say_nothing(name: str) -> None:
    assert known_metric(name) is None


@pytest.mark.parametrize(
    ("name", "kind", "table"),
    [
        ("errors", "rate", ("Invocation5XXErrors", "Invocations")),
        ("table:a/b@SampleCount", "rate", ("a", "b@SampleCount")),
        ("table:ModelLatency", "mean", ("ModelLatency",)),
    ],
)
def test_names_of_tables_say_their_metrics(name: str, kind: str, table: tuple[str, ...]) -> None:
    known = known_metric(name)

    assert known is not None
    assert (known.kind, known.table, known.columns) == (kind, table, ())


@pytest.mark.parametrize("group", ["sex=F", "plan=5", "a=b=c", "age>40", "at=ten:thirty"])
def test_a_group_may_have_any_value(group: str) -> None:
    asked = parse_metric(f"bias:RD:{group}:0.02", "guardrail")

    assert (asked.name, asked.margin, asked.better) == (f"bias:RD:{group}", 0.02, "lower")
    assert asked.known.bias is not None
    assert asked.known.bias.group == group
