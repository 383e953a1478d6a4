"""Labels and scores in columns of the data, in answers of model files, and where none can be told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.monitors.bias import monitor as bias
from tests.explain.endpoint import Endpoint
from tests.sagemaker.adult import CONFIG
from tests.sagemaker.answers import (
    BY_FEATURES,
    CASES,
    CSV,
    FEATURES,
    LINES,
    PEOPLE,
    THRESHOLD,
    TURNED,
    Case,
    above,
    answered,
    asked,
    both_scalars,
    config_of,
    its_label,
    likeliest,
    metrics_of,
    of_columns,
)

if TYPE_CHECKING:
    from tests.sagemaker.box import Box

pytest.importorskip("sklearn", reason="the flip test needs scikit-learn")

DATA = "/opt/ml/processing/input/data"
SOURCE = "/opt/ml/processing/input/endpoint"
KEPT = "/opt/ml/processing/baseline/analysis.json"
METHODS = {"pre_training_bias": {"methods": "all"}, "post_training_bias": {"methods": "all"}}
SCRIPT = """import numpy as np

ANSWERS = {answers}

def predict(table):
    return np.array([ANSWERS[int(hours)] for hours in table["hours"]])
"""


@pytest.mark.parametrize(
    ("predictor", "threshold", "answer", "meant"),
    [
        ({"label": "label"}, None, its_label, its_label),
        ({"label": "label"}, THRESHOLD, its_label, its_label),
        ({"label": "label"}, THRESHOLD, lambda person: person.score, above(THRESHOLD)),
        ({"label": "label", "probability": "p"}, None, its_label, its_label),
        ({"label": "l", "probability": "p"}, None, lambda person: person.score, above(0.5)),
        (
            {"label": 0, "probability": 1},
            THRESHOLD,
            lambda person: [person.label, person.score],
            its_label,
        ),
        ({"probability": 1}, None, lambda person: [person.label, person.score], above(0.5)),
        ({}, None, lambda person: person.likeliest, likeliest),
        (
            {"label_headers": list(TURNED)},
            None,
            lambda person: person.likeliest,
            lambda person: 2 - likeliest(person),
        ),
    ],
)
def test_the_labels_of_a_model_in_a_file(
    box: Box, predictor: dict[str, Any], threshold: float | None, answer: Any, meant: Any
) -> None:
    """Its answers have no names: a lone number is a label where it is whole, else a score."""
    case = Case(answer=both_scalars, places=(), meant=meant, threshold=threshold)
    model = SCRIPT.format(answers={each.features[2]: answer(each) for each in PEOPLE})
    box.put("/opt/ml/processing/input/model/model.py", model)
    config = config_of(case, dataset_type=CSV, methods=METHODS, predictor=predictor)
    box.put(CONFIG, json.dumps(config))
    rows = [",".join(map(str, (*person.features, person.truth))) for person in PEOPLE]
    box.put(f"{DATA}/rows.csv", "\n".join([*rows, ""]))

    told = {"DRIFTKIT_MODEL": "/opt/ml/processing/input/model/model.py"}
    assert box.run(told) == 0, box.message

    assert metrics_of(box.json("analysis.json")) == metrics_of(of_columns(case).to_dict())


def test_a_lone_header_names_what_a_score_predicts(box: Box) -> None:
    """The labels of the data are words, of which the header is the positive one."""
    case = CASES["a score alone"]
    predictor = case.predictor(LINES) | {"label_headers": ["paid"]}
    config = config_of(case, dataset_type=CSV, methods=METHODS, predictor=predictor)
    box.put(CONFIG, json.dumps(config | {"label_values_or_threshold": ["paid"]}))
    words = ("not paid", "paid")
    rows = [",".join(map(str, (*each.features, words[each.truth]))) for each in PEOPLE]
    box.put(f"{DATA}/rows.csv", "\n".join([*rows, ""]))

    endpoint = Endpoint(lambda body: answered(case, LINES, asked(LINES, body)).encode())
    with endpoint.running() as url:
        assert box.run({"DRIFTKIT_MODEL": url}) == 0, box.message

    assert metrics_of(box.json("analysis.json")) == metrics_of(of_columns(case).to_dict())


def test_rows_whose_answer_has_no_label_are_left_out(
    box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES["both"]
    config = config_of(case, dataset_type=CSV, methods=METHODS, predictor=case.predictor(LINES))
    box.put(CONFIG, json.dumps(config))
    unknown = [(999, 99, 0, 1), (998, 98, 1, 0)]
    rows = [(*person.features, person.truth) for person in PEOPLE]
    lines = [",".join(map(str, row)) for row in (*rows[:50], *unknown, *rows[50:])]
    box.put(f"{DATA}/rows.csv", "\n".join([*lines, ""]))

    def answer(body: bytes) -> bytes:
        asked = [json.loads(line)["features"] for line in body.splitlines()]
        known = [BY_FEATURES.get((int(a), int(b), int(c))) for a, b, c in asked]
        return "\n".join(json.dumps(case.answer(each) if each else {}) for each in known).encode()

    with Endpoint(answer).running() as url:
        assert box.run({"DRIFTKIT_MODEL": url}) == 0, box.message

    assert metrics_of(box.json("analysis.json")) == metrics_of(of_columns(case).to_dict())
    assert "2 rows without a predicted label were left out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("predictor", "said"),
    [
        ({"label": "lable"}, "predictor.label: lable"),
        ({"label": "label", "label_headers": 3}, "predictor.label_headers"),
        ({"probability": "scores", "label_headers": ["a", "b"]}, "as many scores as labels"),
        ({"label": {"at": 1}}, "predictor.label"),
    ],
)
def test_a_place_where_no_label_is(box: Box, predictor: dict[str, Any], said: str) -> None:
    case = Case(
        answer=lambda person: {"label": 1, "scores": person.likeliest}, places=(), meant=its_label
    )
    named = {"content_type": LINES, "accept_type": LINES, **predictor}
    box.put(CONFIG, json.dumps(config_of(case, dataset_type=CSV, methods=METHODS, predictor=named)))
    rows = [",".join(map(str, (*person.features, person.truth))) for person in PEOPLE]
    box.put(f"{DATA}/rows.csv", "\n".join([*rows, ""]))

    endpoint = Endpoint(lambda body: answered(case, LINES, asked(LINES, body)).encode())
    with endpoint.running() as url:
        assert box.run({"DRIFTKIT_MODEL": url}) == 255

    assert box.message.startswith("ClientError: ")
    assert said in box.message
    assert box.outputs == set()


@pytest.mark.parametrize(
    ("settings", "threshold", "meant"),
    [
        ({"inference_attribute": "label"}, None, its_label),
        ({"inference_attribute": "label"}, THRESHOLD, its_label),
        ({"inference_attribute": "score"}, THRESHOLD, above(THRESHOLD)),
        ({"probability_attribute": "score"}, None, above(0.5)),
        ({"probability_attribute": "score"}, THRESHOLD, above(THRESHOLD)),
        ({"inference_attribute": "label", "probability_attribute": "score"}, None, its_label),
        ({"inference_attribute": "label", "probability_attribute": "score"}, THRESHOLD, its_label),
    ],
)
@pytest.mark.parametrize("kind", [str, float])
def test_the_labels_of_a_table(
    settings: dict[str, Any], threshold: float | None, meant: Any, kind: type
) -> None:
    """The columns of label and score stand in the data; neither is a feature of the flip test."""
    case = Case(answer=both_scalars, places=(), meant=meant, threshold=threshold)
    names = [
        *FEATURES,
        "truth",
        *(each for each in ("label", "score") if each in settings.values()),
    ]
    rows = [(*each.features, each.truth, each.label, each.score) for each in PEOPLE]
    found = dict(zip([*FEATURES, "truth", "label", "score"], zip(*rows, strict=True), strict=True))
    table: dict[str, Any] = {name: found[name] for name in names}
    if "score" in table:
        table["score"] = [kind(each) for each in table["score"]]
    config = config_of(case, headers=names)

    result = bias.baseline(table, analysis_config=config, runner="local", dialect="aws", **settings)

    assert metrics_of(result.analysis.to_dict()) == metrics_of(of_columns(case).to_dict())


def test_texts_and_other_whole_numbers_are_labels_whatever_the_threshold() -> None:
    """As in a multi-class model whose configuration has a threshold left over."""
    truth = [(each.truth, 2, "yes")[each.features[2] % 3] for each in PEOPLE]
    guess = [(each.score, 2, "yes")[each.features[2] % 3] for each in PEOPLE]
    meant = [int(each > THRESHOLD) if isinstance(each, float) else each for each in guess]
    table = {"sex": [str(each.features[0]) for each in PEOPLE], "truth": [*map(str, truth)]}
    config = config_of(
        Case(answer=both_scalars, places=(), meant=its_label),
        headers=["sex", "truth", "guess"],
        label_values_or_threshold=["1", "yes"],
        predicted_label="guess",
        group_variable=None,
    )

    found, expected = (
        bias.baseline(
            table | {"guess": [*map(str, given)]}, analysis_config=config | more, runner="local"
        )
        for given, more in ((guess, {"probability_threshold": THRESHOLD}), (meant, {}))
    )

    assert found.analysis == expected.analysis
