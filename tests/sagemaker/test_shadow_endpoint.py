"""An endpoint made for a job is used, and gone afterwards however the job ended."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.errors import InputError
from driftkit.sagemaker import explainability_jobs, shadow_endpoint
from driftkit.sagemaker.container import StoppedError
from driftkit.sagemaker.environment import Environment
from driftkit.sagemaker.paths import ContainerPaths
from driftkit.sagemaker.shadow_endpoint import Shadow, running
from tests.sagemaker.adult import Adult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.sagemaker.box import Box

WANTED = Shadow(model="adult", instance_type="ml.m5.large", instances=2)
MADE = ["create_endpoint_config", "create_endpoint"]
GONE = ["delete_endpoint", "delete_endpoint_config"]


@dataclass(slots=True)
class Service:
    """A client of SageMaker.

    Attributes:
        states: of the endpoint, one a look.
        failing: operations that fail.
        asked: operations and their arguments, in order.
    """

    states: list[str] = field(default_factory=lambda: ["Creating", "InService"])
    failing: tuple[str, ...] = ()
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def answer(**told: Any) -> Any:
            self.asked.append((operation, told))
            if operation in self.failing:
                raise RuntimeError(f"no {operation}")
            if operation == "describe_endpoint":
                return {"EndpointStatus": self.states.pop(0), "FailureReason": "no capacity"}
            return {}

        return answer

    @property
    def changes(self) -> list[str]:
        """The operations that change something."""
        return [name for name, _ in self.asked if name != "describe_endpoint"]


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Service]:
    def make(**mood: Any) -> Service:
        service = Service(**mood)
        monkeypatch.setattr(shadow_endpoint, "_client", lambda _: service)
        monkeypatch.setattr(shadow_endpoint, "PAUSE", 0.0)
        return service

    return make


def test_it_is_made_and_deleted(serving: Callable[..., Service]) -> None:
    service = serving()

    with running(WANTED) as name:
        assert service.changes == MADE
        assert name.startswith("sm-clarify-adult-")

    assert service.changes == [*MADE, *GONE]
    (variant,) = service.asked[0][1]["ProductionVariants"]
    assert variant == {
        "VariantName": "AllTraffic",
        "ModelName": "adult",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 2,
    }


@pytest.mark.parametrize("ending", [ValueError, StoppedError, KeyboardInterrupt])
def test_it_is_deleted_where_the_job_fails(
    serving: Callable[..., Service], ending: type[BaseException]
) -> None:
    service = serving()

    with pytest.raises(ending), running(WANTED):
        raise ending

    assert service.changes == [*MADE, *GONE]


@pytest.mark.parametrize(
    ("mood", "said"),
    [
        ({"states": ["Creating", "Failed"]}, "Failed: no capacity"),
        ({"failing": ("create_endpoint",)}, "RuntimeError: no create_endpoint"),
    ],
)
def test_it_cannot_be_made(serving: Callable[..., Service], mood: Any, said: str) -> None:
    service = serving(**mood)

    with pytest.raises(InputError, match="the model's endpoint cannot be made") as raised:
        running(WANTED).__enter__()

    assert said in str(raised.value)
    assert service.changes == [*MADE, *GONE]


def test_it_takes_too_long(
    serving: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = serving(states=["Creating"])
    monkeypatch.setattr(shadow_endpoint, "PATIENCE", -1.0)

    with pytest.raises(InputError, match="Creating"):
        running(WANTED).__enter__()

    assert service.changes == [*MADE, *GONE]


def test_what_cannot_be_deleted_is_named(serving: Callable[..., Service]) -> None:
    service = serving(failing=("delete_endpoint",))

    with pytest.raises(InputError, match="costs money"), running(WANTED):
        pass

    assert service.changes[-1] == "delete_endpoint_config"


def test_the_reason_of_a_failure_goes_before_what_is_left(
    serving: Callable[..., Service], capsys: pytest.CaptureFixture[str]
) -> None:
    serving(failing=("delete_endpoint",))

    with pytest.raises(ValueError, match="the reason"), running(WANTED):
        raise ValueError("the reason")

    assert "costs money" in capsys.readouterr().err


def test_names_are_short_enough() -> None:
    wanted = Shadow(model="m_" * 60, instance_type="ml.m5.large", prefix=None)

    assert len(wanted.name()) <= shadow_endpoint.LONGEST_NAME
    assert "_" not in wanted.name()


def test_the_real_client_takes_the_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto = pytest.importorskip("moto", reason="needs moto")
    boto3 = pytest.importorskip("boto3", reason="needs boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    predictor = {
        "model_name": "adult",
        "instance_type": "ml.m5.large",
        "initial_instance_count": 1,
        "endpoint_name_prefix": "mine",
    }
    environment = Environment(variables={}, paths=ContainerPaths(root=tmp_path))
    with moto.mock_aws():
        client = boto3.client("sagemaker")
        client.create_model(ModelName="adult", ExecutionRoleArn="arn:aws:iam::123456789012:role/a")

        with explainability_jobs.model_of(environment, {"predictor": predictor}) as spec:
            name = spec.removeprefix("sagemaker:")
            assert client.describe_endpoint(EndpointName=name)["EndpointStatus"] == "InService"

        assert name.startswith("mine-")
        assert client.list_endpoints()["Endpoints"] == []
        assert client.list_endpoint_configs()["EndpointConfigs"] == []


def test_a_job_asks_the_endpoint_that_it_made(
    box: Box,
    golden: Callable[[str], Path],
    serving: Callable[..., Service],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The endpoint is another model's here: what is asked about is its name."""
    text = golden("adult-clarify/aws_adult_linear_learner_shap_bias.json").read_text()
    adult, service = Adult(known=json.loads(text)), serving()
    config = adult.config(pdp={"features": ["Age"]})
    config["predictor"] = {
        "model_name": "adult",
        "instance_type": "ml.m5.large",
        "initial_instance_count": 1,
    }
    adult.put(box, config)
    asked: list[str] = []

    def refuse(spec: str, _: Any) -> Any:
        asked.append(spec)
        raise InputError("no one answers")

    monkeypatch.setattr("driftkit.monitors.attribution.measuring.predictor", refuse)

    assert box.run({}) == 255
    made = next(told for name, told in service.asked if name == "create_endpoint")
    assert asked == [f"sagemaker:{made['EndpointName']}"]
    assert service.changes == [*MADE, *GONE]
