"""deployment_plan.json: read, written again, hashed, and refused by JSON path where it is wrong."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driftkit.capture.arms import Arms
from driftkit.errors import FormatError
from driftkit.formats.deployment.plan_file import read, read_file
from driftkit.formats.deployment.selectors import parse_selector
from driftkit.formats.python_json import file_text
from tests.formats.damage import damaged, ours
from tests.formats.deployment.plans import document, plans
from tests.formats.documents import keys_reversed, whole_numbers, with_value, without

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.formats.deployment.plan import Plan


def _changed(changes: dict[str, Any]) -> dict[str, Any]:
    return {**document(), "weights_history": None, **changes}


def _arms(names: list[str]) -> dict[str, Any]:
    return {
        "champion": names[0],
        "challengers": names[1:],
        "arms": {name: f"job:{name}" for name in names},
        "weights": dict.fromkeys(names, 1.0),
    }


def _metric(**values: Any) -> dict[str, Any]:
    return {"metrics": [{"role": "goal", "better": "higher", "margin": 0.1, **values}]}


_EXACT: dict[str, Any] = {"method": "exact", "unit": {"source": "request"}}


def test_a_plan_is_written_as_it_was_read() -> None:
    assert read(document()).to_dict() == document()
    assert [*read(document()).to_dict()] == [*document()]


@given(plans())
def test_any_plan_is_read_again(plan: Plan) -> None:
    again = read(json.loads(file_text(plan.to_dict())))

    assert again == plan
    assert again.sha256 == plan.sha256


def test_a_file_of_a_plan_is_read(tmp_path: Path) -> None:
    file = tmp_path / "deployment_plan.json"
    file.write_text(file_text(read(document()).to_dict()), encoding="utf-8")

    assert read_file(file) == read(document())


@pytest.mark.parametrize(
    "otherwise", [keys_reversed, whole_numbers], ids=["order", "whole numbers"]
)
def test_the_hash_is_of_what_is_in_the_plan(otherwise: Any) -> None:
    plan, other = read(document()), read(otherwise(document()))

    assert other.sha256 == plan.sha256
    assert plan.sha256 == hashlib.sha256(plan.canonical()).hexdigest()


def test_the_hash_does_not_depend_on_who_gives_the_number() -> None:
    one = read(with_value(document(), "metrics.0.margin", 1e-3))
    other = read(with_value(document(), "metrics.0.margin", 0.001))

    assert one.sha256 == other.sha256


@given(plans(), st.data())
def test_another_plan_has_another_hash(plan: Plan, data: st.DataObject) -> None:
    other = data.draw(plans())

    assert (plan.sha256 == other.sha256) == (plan == other)


def test_zero_has_no_sign() -> None:
    one, other = (read(with_value(document(), "pairing.seconds", zero)) for zero in (0, -0.0))

    assert one.sha256 == other.sha256


@pytest.mark.parametrize(
    "metrics",
    [
        _metric(name="accuracy", kind="rate"),
        _metric(name="brier", kind="mean", better="lower", range=[0, 1]),
        {"metrics": [document()["metrics"][0], document()["metrics"][2]]},
    ],
    ids=["rate", "mean with a range", "mean for information"],
)
def test_exact_bounds_are_of_rates_and_of_means_with_a_range(metrics: dict[str, Any]) -> None:
    assert read(_changed({**_EXACT, **metrics})).method == "exact"


@pytest.mark.parametrize("inputs", [[], None])
def test_a_plan_without_inputs_has_no_key_of_them(inputs: Any) -> None:
    plan = read(without(document(), "inputs"))

    assert "inputs" not in plan.to_dict()
    assert read(with_value(document(), "inputs", inputs)).sha256 == plan.sha256


def test_tables_of_metrics_have_no_inputs() -> None:
    errors = {"name": "errors", "role": "goal", "kind": "rate", "better": "lower", "margin": 0.01}

    with pytest.raises(FormatError, match="no columns of requests") as caught:
        read(_changed({"metrics": [errors]}), "plan.json")

    assert caught.value.where == "plan.json: inputs"


def test_columns_of_a_metrics_name_need_not_be_written() -> None:
    plan = read(document())

    assert read(without(document(), "metrics.1.column")).sha256 == plan.sha256
    assert plan.metrics[1].columns == ("latency",)


@given(damaged(document()))
def test_a_damaged_plan_is_read_or_refused_with_its_place(broken: dict[str, Any]) -> None:
    with ours():
        read(broken)


WRONG: list[tuple[str, Any, str, str]] = [
    ("challengers", [], "challengers", "no second arm"),
    ("challengers", ["challenger", "challenger"], "challengers", "named twice"),
    ("challengers", ["challenger", "champion"], "challengers", "named twice"),
    ("champion", "other", "arms", "'other'"),
    ("arms.third", "job:x", "arms.third", "'third'"),
    ("arms.champion", "folder:churn", "arms.champion", "folder:ENDPOINT/VARIANT"),
    ("arms.champion", "nothing", "arms.champion", "path:PREFIX"),
    ("arms.champion", "from:today", "arms.champion", "ISO 8601"),
    ("arms.champion", "folder:churn/challenger", "arms.challenger", "the same rows"),
    ("weights.challenger", 0, "weights.challenger", "not above 0"),
    ("weights.challenger", -0.5, "weights.challenger", "not above 0"),
    ("weights", {"champion": 0, "challenger": 0}, "weights", "add up to nothing"),
    ("weights", {"champion": 1.0}, "weights", "'challenger' has no weight"),
    ("weights.third", 1.0, "weights.third", "does not know"),
    ("weights_history.1.from", "2026-11-02T13:00:00Z", "weights_history[1].from", "a gap"),
    ("weights_history.1.from", "2026-11-02T11:00:00Z", "weights_history[1].from", "overlaps"),
    ("weights_history.1.from", "2026-11-02T09:00:00Z", "weights_history[1].from", "not sorted"),
    ("weights_history.0.to", "2026-11-02T10:00:00Z", "weights_history[0].to", "before they begin"),
    ("weights_history.0.weights.champion", 0, "weights_history[0].weights.champion", "above 0"),
    ("metrics.0.margin", 0, "metrics[0].margin", "superior"),
    ("metrics.0.margin", -0.1, "metrics[0].margin", "negative"),
    ("metrics.0.margin", 1, "metrics[0].margin", "as a share"),
    ("metrics.0.kind", "mean", "metrics[0].kind", "rate"),
    ("metrics.0.kind", "median", "metrics[0].kind", "rate | mean | ratio | auc | slo | bias"),
    ("metrics.0.better", "lower", "metrics[0].better", "higher"),
    ("metrics.0.name", "akkuracy", "metrics[0].name", "is not known"),
    ("metrics.0.name", "agreement", "metrics[0].role", "of both arms"),
    ("metrics.0.role", "aim", "metrics[0].role", "goal | guardrail | information"),
    ("metrics.0.winsor", 7.5, "metrics[0].winsor", "a rate has a winsor"),
    ("metrics.0.margn", 0.1, "metrics[0].margn", "margin"),
    ("metrics.1.limit", None, "metrics[1].limit", "--limit latency_slo=250"),
    ("metrics.0.limit", 3, "metrics[0].limit", "a rate has a limit"),
    ("metrics.2.range", [1.0, 1.0], "metrics[2].range", "the lower number first"),
    ("metrics.2.range", [1.0, "x"], "metrics[2].range[1]", "a number"),
    ("metrics.2.numerator", "x", "metrics[2].kind", "ratio"),
    ("metrics.2.winsor", "NaN", "metrics[2].winsor", "a finite number"),
    ("metrics.0.operational", True, "metrics[0].operational", "a goal of label, prediction"),
    ("metrics.2.operational", True, "metrics[2].operational", "information of revenue"),
    ("metrics.2.operational", "yes", "metrics[2].operational", "true or false"),
    ("inputs.0.edges", [1000.0, 250.0], "inputs[0].edges[1]", "do not ascend"),
    ("inputs.0.edges", [250.0, 250], "inputs[0].edges[1]", "do not ascend"),
    ("inputs.0.edges", [250.0, "x"], "inputs[0].edges[1]", "a number"),
    ("inputs.0.edges", [250.0, "NaN"], "inputs[0].edges[1]", "a finite number"),
    ("inputs.0.edges", [], "inputs[0].edges", "in one cell"),
    ("inputs.0.edges", None, "inputs[0]", "no cells"),
    ("inputs.0.values", ["a"], "inputs[0]", "both edges and values"),
    ("inputs.1.values", ["AA", "UA", "AA"], "inputs[1].values[2]", "two cells"),
    ("inputs.1.values", ["AA", 1], "inputs[1].values[1]", "text"),
    ("inputs.1.column", "distance", "inputs[1].column", "named twice"),
    ("inputs.1.column", "", "inputs[1].column", "no name"),
    ("inputs.1.edge", [1.0], "inputs[1].edge", "edges"),
    ("metrics", [], "metrics", "no metric decides"),
    ("error_rates.promote", 0.5, "error_rates.promote", "below 0.5"),
    ("error_rates.roll_back", 0, "error_rates.roll_back", "above 0"),
    ("error_rates.sample_ratio", -1, "error_rates.sample_ratio", "above 0"),
    ("method", "peeking", "method", "always_valid | exact | group_sequential | fixed"),
    ("method", "group_sequential", "horizon.looks", "--looks"),
    ("strategy", "rolling", "strategy", "canary | ab | shadow | blue_green | bandit | batch"),
    ("strategy", "bandit", "bandit", "no policy"),
    ("strategy", "shadow", "weights.challenger", "the shadow is listed as a production variant"),
    ("horizon.looks", 5, "horizon.looks", "does not count looks"),
    ("horizon.units", 0, "horizon.units", "above 0"),
    ("horizon.minimum_days", 14, "horizon.maximum_days", "the time is over"),
    ("horizon.minimum_days", -1, "horizon.minimum_days", "negative"),
    ("bandit", {"floor": 0.5}, "bandit.floor", "below 0.5"),
    ("bandit", {"policy": "lucky"}, "bandit.policy", "thompson-beta"),
    ("bandit", {"step": 0}, "bandit.step", "at most 1"),
    ("unit.source", "user", "unit.source", "attribute:KEY"),
    ("unit.buckets", 1, "unit.buckets", "512"),
    ("pairing.by", "id", "pairing.by", "inferenceId | attribute:KEY"),
    ("pairing.sampling_percentage", 0, "pairing.sampling_percentage", "answers none"),
    ("pairing.seconds", -1, "pairing.seconds", "negative"),
    ("version", "2.0", "version", "version '1.0'"),
]


@pytest.mark.parametrize(("at", "value", "path", "says"), WRONG)
def test_a_contradiction_is_refused_with_its_path(
    at: str, value: Any, path: str, says: str
) -> None:
    with pytest.raises(FormatError) as caught:
        read(with_value(document(), at, value), "plan.json")

    assert caught.value.where == f"plan.json: {path}"
    assert says in str(caught.value)
    assert caught.value.todo


WRONG_TOGETHER: list[tuple[dict[str, Any], str, str]] = [
    (_arms([f"arm-{i}" for i in range(11)]), "arms", "at most 10"),
    (_arms(["champion", "no_dash"]), "arms.no_dash", "A-Z"),
    (_arms(["champion", "x" * 64]), f"arms.{'x' * 64}", "1 to 63"),
    ({"arms": {"champion": "path:a/", "challenger": "path:a/b"}}, "arms.challenger", "same rows"),
    (
        {"arms": {"champion": "before:2026-01-02", "challenger": "from:2026-01-01"}},
        "arms.challenger",
        "the same rows",
    ),
    (
        {"strategy": "shadow", "weights": None, "pairing": None},
        "pairing",
        '{"by": "inferenceId", "seconds": 5}',
    ),
    ({"routing": "sticky", "unit": {"source": "request"}}, "unit.source", "--unit"),
    (
        {**_EXACT, **_metric(name="brier", kind="mean", better="lower")},
        "metrics[0].range",
        "--range brier=LOW..HIGH",
    ),
    ({**_EXACT, **_metric(name="auc", kind="auc")}, "metrics[0].kind", "always_valid"),
    ({**_EXACT, **_metric(name="f1", kind="ratio")}, "metrics[0].kind", "always_valid"),
    ({"method": "exact"}, "unit.source", "as those of one user are not"),
    (_metric(name="ratio:clicks", kind="ratio"), "metrics[0].name", "ratio:COLUMN/COLUMN"),
    (
        _metric(name="ctr", kind="ratio", numerator="clicks"),
        "metrics[0].denominator",
        "no denominator",
    ),
    (_metric(name="ctr", kind="ratio", column="clicks"), "metrics[0].numerator", "no numerator"),
    (
        {"metrics": [document()["metrics"][0], {**document()["metrics"][0], "role": "guardrail"}]},
        "metrics[1].name",
        "is goal and guardrail",
    ),
    (_metric(name="fair", kind="bias", column="sex"), "metrics[0].name", "bias:AD|DAR|DPPL"),
    (
        _metric(name="bias:RD:sex=F", kind="bias", better="lower", column="age"),
        "metrics[0].column",
        "another facet",
    ),
    (
        _metric(name="bias:RD:sex=F", kind="bias", better="lower", covariate="age"),
        "metrics[0].covariate",
        "a bias has a covariate",
    ),
    (
        {**_EXACT, **_metric(name="bias:RD:sex=F", kind="bias", better="lower")},
        "metrics[0].kind",
        "always_valid",
    ),
    (
        {"metrics": [document()["metrics"][0]] * 2},
        "metrics[1].name",
        "named twice",
    ),
]


@pytest.mark.parametrize(("changes", "path", "says"), WRONG_TOGETHER)
def test_several_wrong_values_are_refused_with_a_path(
    changes: dict[str, Any], path: str, says: str
) -> None:
    with pytest.raises(FormatError) as caught:
        read(_changed(changes), "plan.json")

    assert caught.value.where == f"plan.json: {path}"
    assert says in str(caught.value)


def test_times_that_follow_each_other_do_not_overlap() -> None:
    arms = {"champion": "before:2026-01-01", "challenger": "from:2026-01-01"}

    assert read(_changed({"arms": arms})).arms["challenger"].value == "2026-01-01T00:00:00Z"


FOLDERS = st.lists(st.sampled_from(["v2", "v21", "a"]), min_size=1, max_size=3).map("/".join)
SELECTORS = st.builds(
    "{}:{}{}{}".format,
    st.sampled_from(["path", "job"]),
    *[
        st.sampled_from(each) if isinstance(each, list) else each
        for each in (["/", "s3://", ""], FOLDERS, ["", "/"])
    ],
)


@given(st.tuples(SELECTORS, SELECTORS))
@example(("path:/x/v2", "path:/x/v21"))
@example(("path:/x/v2", "path:v2"))
@example(("path:s3a://b/v2/", "job:s3://b/v2/a"))
def test_selectors_by_path_overlap_where_one_has_all_files_of_the_other(
    texts: tuple[str, str],
) -> None:
    arms = dict(zip(("champion", "challenger"), texts, strict=True))
    found = Arms.from_selectors({name: parse_selector(text) for name, text in arms.items()})
    files = [f"{text.partition(':')[2].rstrip('/')}/f.jsonl" for text in texts]
    both = any(len(found.of_file(file)) == 2 for file in files)

    if both:
        with pytest.raises(FormatError, match="the same rows"):
            read(_changed({"arms": arms}))
    else:
        assert read(_changed({"arms": arms})).arms.keys() == arms.keys()


@pytest.mark.parametrize("bad", [b"{", b"[]", b'{"a": 1, "a": ', b"\xff"])
def test_a_file_that_is_no_plan_is_refused(tmp_path: Path, bad: bytes) -> None:
    file = tmp_path / "deployment_plan.json"
    file.write_bytes(bad)

    with pytest.raises(FormatError):
        read_file(file)
