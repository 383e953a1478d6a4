"""A text is a number in every monitor, or in none: `1_0` is none, whatever Python says."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driftkit.capture.decision import Decision
from driftkit.capture.preprocessor import Reader, scripted_dataset
from driftkit.capture.scripts import Script
from driftkit.columns.numbers import is_index, number_in
from driftkit.errors import InputError, SettingsError
from driftkit.explain.payloads import Request, decode
from driftkit.io.finding import find
from driftkit.monitors.attribution import monitor as attribution
from driftkit.monitors.attribution.explaining import numbers_of
from driftkit.monitors.bias import monitor as bias
from driftkit.monitors.model_quality import monitor as model_quality
from driftkit.settings import Settings
from driftkit.states.quality.labels import canonical
from tests.monitors.bias.tables import configuration, value_of

if TYPE_CHECKING:
    from pathlib import Path

NONE = ["1_0", "1_000.5", "\u0661", "1\u0662"]


def in_arrow(text: str) -> float | None:
    """The number that Arrow makes of a text."""
    try:
        found: float = pc.cast(pa.array([text]), pa.float64())[0].as_py()
    except pa.ArrowInvalid:
        return None
    return found


@given(st.text("0123456789+-._eE nNaAiIfF\u0663", max_size=8))
@example("1_0")
@example("1e400")
def test_numbers_are_those_of_arrow(text: str) -> None:
    ours, theirs = number_in(text.strip()), in_arrow(text.strip())

    assert ours == theirs or (ours != ours and theirs != theirs)  # noqa: PLR0124


@given(st.lists(st.text("01._- ", max_size=5), min_size=1, max_size=4))
def test_a_features_numbers_do_not_depend_on_those_beside_them(texts: list[str]) -> None:
    """A block with a text is read one by one, others at once."""
    together, wrong = numbers_of(pa.chunked_array([texts]))
    for place, text in enumerate(texts):
        alone, bad = numbers_of(pa.chunked_array([[text]]))
        assert bad[0] == wrong[place]
        assert alone[0] == together[place] or math.isnan(alone[0]) == math.isnan(together[place])


@pytest.mark.parametrize("text", NONE)
def test_labels_are_not_merged_with_numbers(text: str) -> None:
    assert canonical(text) == text


@pytest.mark.parametrize("text", NONE)
def test_a_score_that_is_no_number_is_missing(text: str) -> None:
    def measured(score: str | None) -> Any:
        data = {"score": ["0.9", "0.2", score] * 20, "label": ["1", "0", "1"] * 20}
        found = model_quality.baseline(
            data,
            problem_type="BinaryClassification",
            probability_attribute="score",
            ground_truth_attribute="label",
            runner="local",
        )
        return str(found.files["statistics.json"]["binary_classification_metrics"])

    assert measured(text) == measured(None)


@pytest.mark.parametrize("text", NONE)
def test_a_threshold_that_is_no_number_is_an_error(text: str) -> None:
    rows = {
        "carrier": ["A", "B"] * 30,
        "distance": [float(each) for each in range(60)],
        "late": [0, 1, 1] * 20,
        "predicted": [1, 0] * 30,
        "origin": ["EWR"] * 60,
    }
    facet = [{"name_or_index": "distance", "value_or_threshold": [text]}]

    with pytest.raises(SettingsError, match="single numeric threshold"):
        bias.baseline(rows, analysis_config=configuration(facet=facet), runner="local")


def test_a_column_with_such_a_text_is_of_categories() -> None:
    rows = {
        "carrier": ["A", "B"] * 30,
        "origin": ["EWR"] * 60,
        "age": ["30", "1_0"] * 30,
        "late": ["1", "0", "1"] * 20,
        "predicted": ["1", "0"] * 30,
    }
    facet = [{"name_or_index": "age", "value_or_threshold": ["1_0"]}]

    found = bias.baseline(rows, analysis_config=configuration(facet=facet), runner="local")

    assert value_of(found.analysis, "CI", "age") == 0


@pytest.mark.parametrize("text", NONE)
def test_a_feature_that_is_no_number_is_set_aside(text: str) -> None:
    config = {"headers": ["a"], "methods": {"shap": {"baseline": [[0]]}}}

    found = attribution.baseline(
        {"a": ["1", "2", text]}, lambda rows: rows["a"], analysis_config=config, runner="local"
    )

    assert found.run is not None
    assert found.run.rejected.total == 1
    assert found.explanations.labels["label0"].global_shap_values["a"] == 1.5


def test_names_of_other_digits_are_names(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1,2\n")
    script = Script(name="s.py", text="def preprocess_handler(r):\n    return {'²': 1, '³': 2}\n")
    reader = Reader(script=script, settings=Settings.from_keywords(format="csv", header=False))

    found = scripted_dataset(find([str(tmp_path)]), "here", reader)

    assert [column.name for column in found.columns] == ["²", "³"]
    assert not is_index("²")


@pytest.mark.parametrize("text", NONE)
def test_answers_of_an_endpoint_are_read_by_the_same_rule(text: str) -> None:
    with pytest.raises(InputError, match="answer cannot be read"):
        decode(f"{text}\n".encode(), Request(), "the endpoint")


@pytest.mark.parametrize("text", NONE)
def test_scores_beside_labels_are_read_by_the_same_rule(text: str) -> None:
    decision = Decision(labelled=True, scored=True)

    with pytest.raises(ValueError, match="a score that is no number"):
        decision.label(["a", "b"], ["0.5", text])
