"""Creates a temporary (shadow) endpoint of a SageMaker model for a job."""

from __future__ import annotations

import re
import sys
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_NAME = 63
# Seconds between two looks at an endpoint, and until it is given up.
PAUSE = 15.0
PATIENCE = 1800.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """The endpoint that is wanted; the fields are Clarify's keys of `predictor`.

    Attributes:
        model: its name in SageMaker.
        instance_type: of the endpoint.
        instances: how many.
        prefix: of the endpoint's name; None for Clarify's own.
        accelerator_type: of the endpoint, if any.
    """

    model: str
    instance_type: str
    instances: int = 1
    prefix: str | None = None
    accelerator_type: str | None = None

    @classmethod
    def from_predictor(cls, predictor: Mapping[str, Any]) -> Shadow:
        """What a `predictor` of analysis_config.json asks for.

        Raises:
            SettingsError: no instances are named.
        """
        count = predictor.get("initial_instance_count")
        if not predictor.get("instance_type") or not isinstance(count, int) or count < 1:
            raise SettingsError(
                "the model's endpoint has no instances",
                where="analysis_config.json: predictor",
                expected="instance_type and initial_instance_count, 1 or more",
                found=f"{predictor.get('instance_type')}, {count}",
                todo="Name both beside model_name",
            )
        return cls(
            model=str(predictor["model_name"]),
            instance_type=str(predictor["instance_type"]),
            instances=count,
            prefix=predictor.get("endpoint_name_prefix"),
            accelerator_type=predictor.get("accelerator_type"),
        )

    def name(self) -> str:
        """A new name, as Clarify gives: prefix, time, a few letters by chance."""
        tail = f"-{datetime.now(UTC):%Y%m%d%H%M%S}-{uuid.uuid4().hex[:6]}"
        head = re.sub("[^a-zA-Z0-9-]", "-", self.prefix or f"sm-clarify-{self.model}")
        return head[: LONGEST_NAME - len(tail)].strip("-") + tail

    def variant(self) -> dict[str, Any]:
        """The endpoint's only variant."""
        more = {} if self.accelerator_type is None else {"AcceleratorType": self.accelerator_type}
        return {
            "VariantName": "AllTraffic",
            "ModelName": self.model,
            "InstanceType": self.instance_type,
            "InitialInstanceCount": self.instances,
            **more,
        }


@contextmanager
def running(shadow: Shadow) -> Iterator[str]:
    """The name of the endpoint, which is deleted however the job ends.

    Raises:
        InputError: it cannot be made, or not be deleted.
    """
    client, name = _client(shadow), shadow.name()
    try:
        _make(client, shadow, name)
        yield name
    except BaseException:
        if left := _deleted(client, name):
            # The reason why the job ends goes before; this must not be lost either.
            sys.stderr.write(f"{_left(name, left)}\n")
        raise
    if left := _deleted(client, name):
        raise _left(name, left)


def _client(shadow: Shadow) -> Any:
    try:
        import boto3  # noqa: PLC0415  (only where an endpoint is made)
    except ImportError as error:
        raise InputError(
            "making an endpoint needs boto3, which is not here",
            where=f"analysis_config.json: predictor.model_name {shadow.model}",
            expected="boto3",
            found="nothing",
            todo="Install boto3, or give the model as a file",
        ) from error
    return boto3.client("sagemaker")


def _make(client: Any, shadow: Shadow, name: str) -> None:
    try:
        client.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[shadow.variant()]
        )
        client.create_endpoint(EndpointName=name, EndpointConfigName=name)
        found = _awaited(client, name)
    except Exception as error:  # boto3's errors are made at run time
        raise _not_made(shadow, f"{type(error).__name__}: {error}") from error
    if found["EndpointStatus"] != "InService":
        reason = found.get("FailureReason") or f"none after {PATIENCE:g} s"
        raise _not_made(shadow, f"{found['EndpointStatus']}: {reason}")


def _awaited(client: Any, name: str) -> Mapping[str, Any]:
    """What is known of the endpoint once it stands or fails."""
    until = time.monotonic() + PATIENCE
    while True:
        found: Mapping[str, Any] = client.describe_endpoint(EndpointName=name)
        if found["EndpointStatus"] != "Creating" or time.monotonic() > until:
            return found
        time.sleep(PAUSE)


def _not_made(shadow: Shadow, why: str) -> InputError:
    return InputError(
        "the model's endpoint cannot be made",
        where=f"analysis_config.json: predictor.model_name {shadow.model}",
        expected=f"{shadow.instances} x {shadow.instance_type} in service",
        found=why,
        todo="Check the model, the quota of instances and the role's permissions, "
        "or name an endpoint that runs",
    )


def _deleted(client: Any, name: str) -> str:
    """What could not be deleted, and why; empty where all is gone."""
    left = []
    for kind, delete, options in (
        ("endpoint", client.delete_endpoint, "EndpointName"),
        ("configuration", client.delete_endpoint_config, "EndpointConfigName"),
    ):
        try:
            delete(**{options: name})
        except Exception as error:  # noqa: BLE001  (the other must be deleted all the same)
            if "Could not find" not in str(error):
                left.append(f"{kind}: {error}")
    return "; ".join(left)


def _left(name: str, left: str) -> InputError:
    return InputError(
        "an endpoint that the job made is still there, and costs money",
        where=f"endpoint {name}",
        expected="that it is deleted",
        found=left,
        todo="Delete the endpoint and its configuration by hand",
    )
