"""Predicts with a model behind an endpoint: by HTTP, or through SageMaker's runtime."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import InputError
from driftkit.explain.payloads import Request, decode, encode, labels_and_scores, paired
from driftkit.explain.predictor import RefusedError, UnansweredError, answers

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows

    Send = Callable[[bytes], bytes]

__all__ = ["HttpPredictor", "Request", "SageMakerPredictor"]

FIRST_BAD_GATEWAY = 500
TOO_MANY_REQUESTS = 429
# Bad request, too large, unprocessable: the fault of rows, which are then asked about by halves.
REFUSING = frozenset({400, 413, 422})


def _predict(endpoint: HttpPredictor | SageMakerPredictor, rows: Rows) -> NDArray[np.float64]:
    """Predictions, shape (rows, outputs).

    Raises:
        InputError: the endpoint cannot be asked, does not answer, or not as expected.
    """
    send, request, where = endpoint.sender(), endpoint.request, endpoint.where

    def ask(some: Rows) -> Any:
        return decode(send(encode(some, request)), request, where)

    return _in_batches(lambda some: answers(ask, some, where), rows, request)


def _labels(endpoint: HttpPredictor | SageMakerPredictor, rows: Rows) -> NDArray[np.object_]:
    """Label and scores of each row as the answers have them, shape (rows, 2).

    Raises:
        InputError: the endpoint cannot be asked, does not answer, or has neither where they should
            be.
    """
    send, request, where = endpoint.sender(), endpoint.request, endpoint.where

    def ask(some: Rows) -> Any:
        return labels_and_scores(send(encode(some, request)), request, len(some), where)

    return _in_batches(lambda some: answers(ask, some, where, paired), rows, request)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpPredictor:
    """A model that answers POST requests, as SageMaker's containers do at /invocations.

    Attributes:
        url: where it listens.
        request: how rows are written and answers read.
        pause: seconds before the first repetition; each further one waits twice as long.
    """

    url: str
    request: Request = field(default_factory=Request)
    pause: float = 0.5

    predict = _predict
    labels = _labels

    @property
    def where(self) -> str:
        """The endpoint, for messages."""
        return self.url

    def sender(self) -> Send:
        """What sends a request's body and gives the answer's."""
        return self._send

    def _send(self, body: bytes) -> bytes:
        asked = urllib.request.Request(  # noqa: S310  (http and https only, see predictor())
            self.url,
            data=body,
            headers={"Content-Type": self.request.content_type, "Accept": self.request.accept_type},
        )
        problem: Exception | None = None
        for attempt in range(self.request.attempts):
            if attempt:
                time.sleep(self.pause * 2 ** (attempt - 1))
            try:
                with urllib.request.urlopen(asked, timeout=self.request.timeout) as answer:  # noqa: S310
                    content: bytes = answer.read()
                    return content
            except urllib.error.HTTPError as error:
                problem = error
                if error.code in REFUSING:
                    raise RefusedError(f"{error.code} {error.reason}") from error
                if error.code < FIRST_BAD_GATEWAY and error.code != TOO_MANY_REQUESTS:
                    break
            except (TimeoutError, OSError) as error:
                problem = error
        raise InputError(
            "the endpoint does not answer",
            where=self.url,
            expected=f"predictions within {self.request.timeout:g} s",
            found=f"{problem} ({self.request.attempts} attempts)",
            todo="Check that it runs, takes this content type, and is fast enough",
        ) from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class SageMakerPredictor:
    """A SageMaker endpoint, asked through boto3 with the environment's credentials.

    Attributes:
        endpoint: its name.
        request: how rows are written and answers read.
    """

    endpoint: str
    request: Request = field(default_factory=Request)

    predict = _predict
    labels = _labels

    @property
    def where(self) -> str:
        """The endpoint, for messages."""
        return f"sagemaker:{self.endpoint}"

    def sender(self) -> Send:
        """What sends a request's body and gives the answer's.

        Raises:
            InputError: boto3 is not here.
        """
        try:
            import boto3  # noqa: PLC0415  (only where an endpoint is asked)
        except ImportError as error:
            raise InputError(
                "asking a SageMaker endpoint needs boto3, which is not here",
                where=self.where,
                expected="boto3",
                found="nothing",
                todo="Install boto3 on the driver and on the workers",
            ) from error
        return partial(self._send, boto3.client("sagemaker-runtime"))

    def _send(self, client: Any, body: bytes) -> bytes:
        try:
            answer = client.invoke_endpoint(
                EndpointName=self.endpoint,
                Body=body,
                ContentType=self.request.content_type,
                Accept=self.request.accept_type,
                **self._more(),
            )
            content: bytes = answer["Body"].read()
        except Exception as error:  # boto3's errors are made at run time
            if getattr(error, "response", {}).get("OriginalStatusCode") in REFUSING:
                raise RefusedError(str(error)) from error
            raise InputError(
                "the endpoint does not answer",
                where=self.where,
                expected="predictions",
                found=f"{type(error).__name__}: {error}",
                todo="Check its name, its state and the permission sagemaker:InvokeEndpoint",
            ) from error
        return content

    def _more(self) -> dict[str, str]:
        given = {
            "TargetModel": self.request.target_model,
            "CustomAttributes": self.request.custom_attributes,
        }
        return {name: value for name, value in given.items() if value is not None}


def _in_batches(
    asked: Callable[[Rows], NDArray[Any]], rows: Rows, request: Request
) -> NDArray[Any]:
    parts = [
        rows.with_values(rows.values[at : at + request.batch])
        for at in range(0, len(rows), request.batch)
    ]
    with ThreadPoolExecutor(request.concurrent) as pool:
        found = list(pool.map(lambda part: _answered(asked, part), parts))
    known = next((each for each in found if isinstance(each, np.ndarray)), None)
    if known is None:
        raise next(each for each in found if not isinstance(each, np.ndarray))
    shape = known.shape[1]
    return np.concatenate(
        [
            each if isinstance(each, np.ndarray) else np.full((len(part), shape), np.nan)
            for each, part in zip(found, parts, strict=True)
        ]
    )


def _answered(asked: Callable[[Rows], NDArray[Any]], part: Rows) -> NDArray[Any] | UnansweredError:
    try:
        return asked(part)
    except UnansweredError as error:
        return error
