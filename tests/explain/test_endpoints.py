"""Endpoints: what is sent, what is read, and what happens when they fail."""

from __future__ import annotations

import io
import sys
import threading
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

from driftkit.errors import InputError, SettingsError
from driftkit.explain.choice import ExplainOptions, choose_explainer
from driftkit.explain.payloads import CSV, JSON, LINES, Request, encode
from driftkit.explain.predictor_files import predictor
from driftkit.explain.predictor_http import HttpPredictor
from tests.explain.endpoint import Endpoint, sums_of_csv, sums_of_json, sums_of_lines
from tests.explain.games import random_rows, rows

DATA = rows([[1, 2.5], [3, 4], [5, 6.25]])
SUMS = DATA.values.sum(axis=1)
TWO = [[0.8, 0.2], [0.1, 0.9], [1.0, 0.0]]
JSON_AT_1 = Request(accept_type=JSON, probability=1)


@pytest.mark.parametrize(
    ("answer", "request_", "expected"),
    [
        (sums_of_csv, Request(), SUMS[:, None]),
        (
            sums_of_lines,
            Request(content_type=LINES, accept_type=LINES, probability="out.score"),
            SUMS[:, None],
        ),
        (
            sums_of_json,
            Request(
                content_type=JSON,
                accept_type=JSON,
                record_template="$features_kvp",
                probability="predictions",
            ),
            np.stack([SUMS, -SUMS], axis=1),
        ),
    ],
)
def test_every_content_type_is_spoken(answer: Any, request_: Request, expected: Any) -> None:
    endpoint = Endpoint(answer)

    with endpoint.running() as url:
        found = predictor(url, request_).predict(DATA)

    np.testing.assert_allclose(found, expected)
    assert endpoint.headers[0]["Content-Type"] == request_.content_type
    assert endpoint.headers[0]["Accept"] == request_.accept_type


@pytest.mark.parametrize(
    ("answer", "request_", "expected"),
    [
        (b"no,0.2\nyes,0.9\nno,0.4", Request(probability=1), [[0.2], [0.9], [0.4]]),
        (b'no,"[0.8, 0.2]"\nyes,"[0.1,0.9]"\nno,"[1,0]"', Request(probability="1"), TWO),
        (b"0.8,0.2\n0.1,0.9\n1,0", Request(), TWO),
        (b"[[5, 0.2], [6, 0.9], [7, 0.4]]", JSON_AT_1, [[0.2], [0.9], [0.4]]),
        (b'{"predictions": [[0.8, 0.2], [0.1, 0.9], [1, 0]]}', Request(accept_type=JSON), TWO),
    ],
)
def test_scores_are_found_beside_labels(answer: bytes, request_: Request, expected: Any) -> None:
    with Endpoint(lambda _body: answer).running() as url:
        found = predictor(url, request_).predict(DATA)

    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (Request(), b"1,2.5\n3,4\n5,6.25\n"),
        (
            Request(content_type=LINES, content_template='{"x":$features,"y":0}'),
            b'{"x":[1, 2.5],"y":0}\n{"x":[3, 4],"y":0}\n{"x":[5, 6.25],"y":0}',
        ),
        (
            Request(content_type=JSON, content_template='{"all":$records}'),
            b'{"all":[[1, 2.5],[3, 4],[5, 6.25]]}',
        ),
    ],
)
def test_templates_are_filled(request_: Request, body: bytes) -> None:
    assert encode(DATA, request_) == body


@pytest.mark.parametrize(
    "request_",
    [
        Request(content_type=LINES, content_template="{}"),
        Request(content_type=JSON, content_template="{}"),
        Request(content_type=JSON, record_template="{}"),
    ],
)
def test_a_template_without_a_place_is_an_error(request_: Request) -> None:
    with pytest.raises(SettingsError, match="no place for the features"):
        encode(DATA, request_)


def test_requests_are_sent_side_by_side_up_to_the_limit() -> None:
    three = threading.Barrier(3, timeout=900)

    def answer(body: bytes) -> bytes:
        # Nobody is answered before three have asked.
        three.wait()
        return sums_of_csv(body)

    endpoint = Endpoint(answer)
    data = random_rows(12, 2)

    with endpoint.running() as url:
        found = predictor(url, Request(batch=1, concurrent=3)).predict(data)

    np.testing.assert_allclose(found[:, 0], data.values.sum(axis=1))
    assert (endpoint.most, len(endpoint.bodies)) == (3, 12)


def test_an_endpoint_that_recovers_is_asked_again() -> None:
    endpoint = Endpoint(sums_of_csv, failures=2)

    with endpoint.running() as url:
        found = HttpPredictor(url=url, pause=0.01).predict(DATA)

    np.testing.assert_allclose(found[:, 0], SUMS)
    assert len(endpoint.bodies) == 3


@pytest.mark.parametrize(("status", "times"), [(500, 3), (503, 3), (429, 3), (403, 1), (404, 1)])
def test_an_endpoint_that_does_not_recover_ends_the_run(status: int, times: int) -> None:
    endpoint = Endpoint(lambda _: status)

    with endpoint.running() as url, pytest.raises(InputError, match=str(status)):
        HttpPredictor(url=url, request=Request(attempts=3), pause=0.01).predict(DATA)

    assert len(endpoint.bodies) == times


def test_an_endpoint_that_hangs_is_given_up() -> None:
    given_up = threading.Event()

    def answer(_: bytes) -> bytes:
        # Whoever waits for the answer never gets it.
        assert given_up.wait(900)
        return b""

    request = Request(timeout=0.1, attempts=2)

    with Endpoint(answer).running() as url:
        with pytest.raises(InputError, match=r"within 0\.1 s"):
            HttpPredictor(url=url, request=request, pause=0.01).predict(DATA)
        given_up.set()


def test_nobody_listens() -> None:
    with Endpoint(sums_of_csv).running() as url:
        pass

    with pytest.raises(InputError, match="does not answer"):
        HttpPredictor(url=url, request=Request(attempts=1)).predict(DATA)


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_rows_that_an_endpoint_refuses_are_set_aside(batch: int) -> None:
    def answer(body: bytes) -> bytes | int:
        return 400 if b"77" in body else sums_of_csv(body)

    data = rows([[1, 2], [77, 1], [3, 4], [5, 77]])
    with Endpoint(answer).running() as url:
        model = predictor(url, Request(batch=batch, concurrent=1))
        explainer = choose_explainer(model, rows([[0, 0]]), ExplainOptions())
        found = explainer.explain(data)

    assert found.rejected.tolist() == [False, True, False, True]
    np.testing.assert_allclose(found.values[[0, 2], :, 0], data.values[[0, 2]])


@pytest.mark.parametrize(
    ("answer", "request_", "words"),
    [
        (b"not a number", Request(), "cannot be read"),
        (b"1\n2\n", Request(), "another shape"),
        (b"{", Request(accept_type=JSON), "cannot be read"),
        (b'{"a": 1, "b": 2}', Request(accept_type=LINES), "no score"),
        (b'{"a": 1}', Request(accept_type=LINES, probability="b"), "no score"),
    ],
)
def test_answers_that_are_none_say_so(answer: bytes, request_: Request, words: str) -> None:
    with Endpoint(lambda _: answer).running() as url, pytest.raises(InputError, match=words):
        predictor(url, request_).predict(DATA)


def test_a_content_type_of_no_table_is_an_error() -> None:
    with pytest.raises(SettingsError, match="content_type"):
        Request(content_type="image/png")


class _Runtime:
    """boto3's client of endpoints, as far as it is used."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[dict[str, Any]] = []
        self.error = error

    def invoke_endpoint(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.error:
            raise self.error
        return {"Body": io.BytesIO(sums_of_csv(asked["Body"]))}


def _boto3(monkeypatch: pytest.MonkeyPatch, runtime: _Runtime) -> None:
    def client(service: str, **_: Any) -> _Runtime:
        assert service == "sagemaker-runtime"
        return runtime

    monkeypatch.setitem(sys.modules, "boto3", SimpleNamespace(client=client))


def test_a_sagemaker_endpoint_is_asked_through_boto3(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = _Runtime()
    _boto3(monkeypatch, runtime)

    found = predictor("sagemaker:shadow").predict(DATA)

    np.testing.assert_allclose(found[:, 0], SUMS)
    assert [(each["EndpointName"], each["ContentType"]) for each in runtime.asked] == [
        ("shadow", CSV)
    ]


def test_a_sagemaker_endpoint_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _boto3(monkeypatch, _Runtime(RuntimeError("AccessDenied")))

    with pytest.raises(InputError, match=r"sagemaker:shadow.*AccessDenied"):
        predictor("sagemaker:shadow").predict(DATA)


class _RefusalError(Exception):
    """What boto3 raises for a 400 of the model's container."""

    response: ClassVar = {"Error": {"Code": "ModelError"}, "OriginalStatusCode": 400}


def test_a_row_that_a_sagemaker_endpoint_refuses_is_set_aside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusing(_Runtime):
        def invoke_endpoint(self, **asked: Any) -> dict[str, Any]:
            if b"77" in asked["Body"]:
                raise _RefusalError
            return super().invoke_endpoint(**asked)

    _boto3(monkeypatch, Refusing())

    found = predictor("sagemaker:shadow").predict(rows([[1, 2], [77, 1], [3, 4]]))

    np.testing.assert_array_equal(found[:, 0], [3, np.nan, 7])


def test_which_of_an_endpoints_models_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = _Runtime()
    _boto3(monkeypatch, runtime)

    predictor("sagemaker:shadow", Request(target_model="b.tar.gz")).predict(DATA)

    assert [each["TargetModel"] for each in runtime.asked] == ["b.tar.gz"]
    assert "CustomAttributes" not in runtime.asked[0]


def test_without_boto3_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(InputError, match="boto3"):
        predictor("sagemaker:shadow").predict(DATA)
