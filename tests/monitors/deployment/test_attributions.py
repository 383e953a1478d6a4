"""Which features decide in the predictions of two versions, beside the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import driftkit
from driftkit import DriftkitError, FormatError, InputError, SettingsError, attribution
from driftkit.formats.deployment.comparison import read
from driftkit.monitors.deployment.attributions import attribution_tables
from tests.monitors.attribution.data import CONFIG, FORMER, NAMES, config, model_file, rows, states
from tests.monitors.deployment.sums import plan
from tests.monitors.deployment.test_bias import flights, planned

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def old(tmp_path: Path) -> str:
    """A model of which a decides most."""
    return model_file(tmp_path, name="old.py")


@pytest.fixture
def new(tmp_path: Path) -> str:
    """A model of which c decides most."""
    return model_file(tmp_path, FORMER, name="new.py")


def explained(model: str, **settings: Any) -> Any:
    """The attributions of a model."""
    return attribution.baseline(rows(), model, analysis_config=CONFIG, runner="local", **settings)


def test_the_score_is_that_of_the_attribution_monitor(old: str, new: str) -> None:
    champion, challenger = explained(old), explained(new)

    [table] = attribution_tables(plan(), {"old": champion, "new": challenger})

    monitored = attribution.monitor(rows(), champion, new, analysis_config=CONFIG, runner="local")
    assert table.ndcg == pytest.approx(monitored.compared[0].score, rel=1e-12)
    assert [each.feature for each in table.features] == ["a", "b", "c"]
    [label] = champion.explanations.labels.values()
    [other] = challenger.explanations.labels.values()
    for each in table.features:
        assert each.champion == label.global_shap_values[each.feature]
        assert each.challenger == other.global_shap_values[each.feature]
        assert each.difference == each.challenger - each.champion
    assert [each.champion_rank for each in table.features] == [1, 2, 3]
    assert [each.challenger_rank for each in table.features] == [3, 2, 1]


@pytest.mark.parametrize(
    "kept",
    [
        lambda folder, found, _: found.write(folder) and folder,
        lambda folder, found, _: found.write(folder) and str(folder / "analysis.json"),
        lambda folder, _, state: attribution.save_states(state, folder) and folder,
        lambda folder, _, state: attribution.save_states(state, folder) and folder / "states.arrow",
        lambda _folder, _found, state: state,
    ],
    ids=["folder", "analysis.json", "folder of states", "states.arrow", "states"],
)
def test_attributions_are_found_however_they_are_kept(
    tmp_path: Path, old: str, new: str, kept: Callable[..., Any]
) -> None:
    found = explained(new)
    source = kept(tmp_path / "kept", found, states(rows(), new))

    [table] = attribution_tables(plan(), {"old": explained(old), "new": source})

    [expected] = attribution_tables(plan(), {"old": explained(old), "new": found})
    assert table.ndcg == pytest.approx(expected.ndcg, rel=1e-12)
    assert [each.challenger for each in table.features] == pytest.approx(
        [each.challenger for each in expected.features], rel=1e-12
    )


def test_the_verdict_says_where_other_features_decide(old: str, new: str) -> None:
    table = flights(500)
    chosen = planned("accuracy:0.2", data=table)

    report = driftkit.deployment.monitor(
        table,
        chosen,
        time_column="at",
        attributions={"old": explained(old), "new": explained(new)},
    )

    plain = driftkit.deployment.monitor(table, chosen, time_column="at")
    [note] = set(report.verdict.notes) - set(plain.verdict.notes)
    assert "as old does by NDCG 0.7" in note
    assert "below 0.9: a from rank 1 to 3" in note
    assert note in report.notes()
    assert report.verdict.verdict == plain.verdict.verdict
    assert plain.comparison.attributions == ()
    assert read(report.comparison.to_dict()) == report.comparison


def test_nothing_is_wrong_with_the_same_features(old: str) -> None:
    table = flights(500)

    report = driftkit.deployment.monitor(
        table,
        planned("accuracy:0.2", data=table),
        time_column="at",
        attributions={"old": explained(old), "new": explained(old)},
    )

    assert not any("NDCG" in note for note in report.verdict.notes)
    assert any("by NDCG 1.0000" in note for note in report.notes())


def test_each_challenger_has_its_own(old: str, new: str) -> None:
    three = plan(challengers=("new", "newest"), arms=dict.fromkeys(("old", "new", "newest")))

    tables = attribution_tables(
        three, {"old": explained(old), "newest": explained(new), "new": explained(old)}
    )

    assert [each.arm for each in tables] == ["new", "newest"]
    assert tables[0].ndcg == 1.0
    assert tables[1].ndcg is not None
    assert tables[1].ndcg < 0.9


@pytest.mark.parametrize(
    ("sources", "error", "says"),
    [
        ({"old": "{kept}", "newer": "{kept}"}, SettingsError, "no arm of the plan"),
        ({"old": "{kept}"}, SettingsError, "nothing to be compared with"),
        ({"new": "{kept}"}, SettingsError, "those of old, the champion"),
        ({"old": "{kept}", "new": "{folder}/nowhere"}, InputError, "no such folder or file"),
        ({"old": "{kept}", "new": "{folder}/empty"}, InputError, "neither"),
        ({"old": "{kept}", "new": "{folder}/other"}, InputError, "without c; besides none"),
        ({"old": "{kept}", "new": "{folder}/bad.json"}, FormatError, "explanations"),
        ({"old": "{kept}", "new": 7}, InputError, "int"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    tmp_path: Path,
    old: str,
    sources: dict[str, Any],
    error: type[DriftkitError],
    says: str,
) -> None:
    explained(old).write(tmp_path / "kept")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.json").write_text('{"version": "1.0"}')
    fewer = config(baseline=[[0, 0]])
    fewer["headers"] = NAMES[:2]
    two = model_file(tmp_path, "def predict(table):\n    return table['a']\n", name="two.py")
    attribution.baseline(rows()[NAMES[:2]], two, analysis_config=fewer, runner="local").write(
        tmp_path / "other"
    )
    named = {
        arm: each.format(kept=tmp_path / "kept", folder=tmp_path) if isinstance(each, str) else each
        for arm, each in sources.items()
    }

    with pytest.raises(error) as caught:
        attribution_tables(plan(), named)

    assert says in str(caught.value)
    assert caught.value.todo


@pytest.mark.parametrize("said", ["old", "old=", "=folder", 7])
def test_the_setting_names_arms_and_folders(said: Any) -> None:
    with pytest.raises(SettingsError, match="ARM=FOLDER"):
        driftkit.deployment.monitor(flights(10), "plan", attributions=[said])
