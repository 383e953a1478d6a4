"""Clarify's monitors and processor of the SageMaker Python SDK, from its calls to what it reads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.capture.captures import record
from tests.explain.endpoint import Endpoint
from tests.sagemaker.box import CAPTURE, HOUR, MERGED, SCHEDULED, Box
from tests.sdk.service import HOUR_ARN, Captured, Service, hour_of, run_job

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.sdk.versions import Sdk

pytestmark = pytest.mark.sdk

FOLDER = "s3://monitoring/clarify"
ROLE = "arn:aws:iam::123456789012:role/monitoring"
HEADERS = ["y", "sex", "age", "hours"]
# Without a header: the request names the columns. As many men as women of each kind.
ROWS = ["1,0,2,1", "0,1,0,1", "1,1,2,0", "0,0,0,0", "1,0,2,1", "0,1,1,1"] * 20
WEIGHTS = (0.1, 0.3, 0.05)


def scores(body: bytes) -> bytes:
    """A model for which age counts most."""
    rows = [list(map(float, line.split(","))) for line in body.decode().splitlines()]
    return "\n".join(str(sum(map(float.__mul__, row, WEIGHTS))) for row in rows).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A user's account.

    Attributes:
        session: of the SDK.
        service: that keeps what the session asks for.
        storage: client of S3.
        folder: of this machine, for the containers.
        sdk: that the user has.
    """

    session: Any
    service: Service
    storage: Any
    folder: Path
    sdk: Sdk

    def run(self, request: Any, name: str) -> Box:
        """Runs a job's request, which must end well."""
        box = Box(root=self.folder / name)
        assert run_job(request, box, self.storage) == 0, box.message
        return box

    def data(self, output: str) -> Any:
        """Where data and results are."""
        return self.sdk.clarify.DataConfig(
            s3_data_input_path=f"{FOLDER}/rows.csv",
            s3_output_path=f"{FOLDER}/{output}",
            label="y",
            headers=HEADERS,
            dataset_type="text/csv",
        )

    def model(self) -> Any:
        """A model that an endpoint is made of."""
        return self.sdk.clarify.ModelConfig(
            model_name="ages",
            instance_count=1,
            instance_type="ml.m5.large",
            content_type="text/csv",
            accept_type="text/csv",
        )

    def shap(self, baseline: Any = None) -> Any:
        """Attributions of all coalitions, against zeros or the rows of a file."""
        return self.sdk.clarify.SHAPConfig(
            baseline=baseline or [[0, 0, 0]],
            num_samples=8,
            agg_method="mean_abs",
            save_local_shap_values=True,
        )

    def bias(self) -> Any:
        """One facet."""
        return self.sdk.clarify.BiasConfig(
            label_values_or_threshold=[1], facet_name="sex", facet_values_or_threshold=[1]
        )

    def labels(self) -> Any:
        """A score of more than a half is a 1."""
        return self.sdk.clarify.ModelPredictedLabelConfig(probability_threshold=0.5)

    def processor(self) -> Any:
        """Clarify's processor."""
        return self.sdk.clarify.SageMakerClarifyProcessor(
            role=ROLE, instance_count=1, instance_type="ml.m5.large", sagemaker_session=self.session
        )

    def monitor(self, kind: str) -> Any:
        """One of Clarify's monitors."""
        found = getattr(self.sdk.monitors, f"{kind}Monitor")
        return found(role=ROLE, sagemaker_session=self.session)

    def explained(self, monitor: Any) -> dict[str, Any]:
        """Runs a baseline; gives what the schedule must be told of it."""
        told = {"explainability_config": self.shap(), "model_config": self.model()}
        if self.sdk.major == 2:
            monitor.suggest_baseline(data_config=self.data("base"), **told)
            self.run(self.service.of("processing_job"), "base")
            return {}
        self.processor().run_explainability(
            data_config=self.data("base"), **told, wait=False, logs=False
        )
        config = self.sdk.monitors.ExplainabilityAnalysisConfig(headers=HEADERS[1:], **told)
        return self._learned(config)

    def biased(self, monitor: Any) -> dict[str, Any]:
        """As `explained`, of bias."""
        told = {"model_config": self.model(), "model_predicted_label_config": self.labels()}
        run = self.processor().run_bias if self.sdk.major == 3 else monitor.suggest_baseline
        run(data_config=self.data("base"), bias_config=self.bias(), **told, wait=False, logs=False)
        if self.sdk.major == 2:
            self.run(self.service.of("processing_job"), "base")
            return {}
        return self._learned(self.sdk.monitors.BiasAnalysisConfig(self.bias(), HEADERS, "y"))

    def _learned(self, config: Any) -> dict[str, Any]:
        # suggest_baseline of Clarify's monitors ends with an AttributeError in 3.27 of the SDK,
        # once it has asked for the job; the processor asks for the same one.
        self.run(self.service.of("processing_job"), "base")
        return {"analysis_config": config, "constraints": f"{FOLDER}/base/analysis.json"}

    def suggested(self) -> Any:
        """What the SDK reads of the baseline."""
        files = self.sdk.monitors.Constraints
        uri = f"{FOLDER}/base/analysis.json"
        return files.from_s3_uri(uri, sagemaker_session=self.session).body_dict

    def violations(self, monitor: Any) -> list[dict[str, Any]]:
        """Those of the last hour, as the SDK reads them."""
        if self.sdk.major == 2:
            found = monitor.latest_monitoring_constraint_violations()
        else:
            # list_executions of Clarify's monitors ends with an AttributeError in 3.27, too.
            execution = self.sdk.monitors.MonitoringExecution.from_processing_arn(
                self.session, HOUR_ARN
            )
            found = execution.constraint_violations()
        listed: list[dict[str, Any]] = found.body_dict["violations"]
        return listed

    def hour(self, kind: str, records: list[Any], told: dict[str, str]) -> Box:
        """Runs an hour of the only schedule."""
        lines = "\n".join(map(json.dumps, records)).encode()
        key = f"clarify/captured/AllTraffic/{HOUR}/a.jsonl"
        self.storage.put_object(Bucket="monitoring", Key=key, Body=lines)
        captured = Captured(
            uri=f"{FOLDER}/captured", baseline=f"{FOLDER}/base", window={**SCHEDULED, **told}
        )
        self.service.hour = hour_of(kind, self.service.of(kind), captured)
        return self.run(self.service.hour, "hour")


@pytest.fixture
def account(
    sdk: Sdk, storage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Account]:
    """One with rows in S3, a model, and its endpoint on this machine."""
    boto3 = pytest.importorskip("boto3")
    storage.put_object(
        Bucket="monitoring", Key="clarify/rows.csv", Body="\n".join([*ROWS, ""]).encode()
    )
    client = boto3.client("sagemaker")
    if not client.list_models(NameContains="ages")["Models"]:
        client.create_model(ModelName="ages", ExecutionRoleArn=ROLE)
    service = Service()
    with Endpoint(scores).running() as url:
        address = url.removesuffix("/invocations")
        monkeypatch.setenv("AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME", address)
        yield Account(
            session=sdk.session(
                boto3.Session(), sagemaker_client=service, default_bucket="monitoring"
            ),
            service=service,
            storage=storage,
            folder=tmp_path,
            sdk=sdk,
        )
    assert client.list_endpoints()["Endpoints"] == []


def exact() -> dict[str, float]:
    """Mean absolute attributions of a linear model against zeros."""
    rows = [list(map(float, row.split(",")))[1:] for row in ROWS]
    means = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    return {
        name: weight * mean for name, weight, mean in zip(HEADERS[1:], WEIGHTS, means, strict=True)
    }


def test_explainability(account: Account) -> None:
    account.storage.put_object(Bucket="monitoring", Key="clarify/zeros.csv", Body=b"0,0,0\n")
    account.processor().run_explainability(
        data_config=account.data("explained"),
        model_config=account.model(),
        explainability_config=[
            account.shap(f"{FOLDER}/zeros.csv"),
            account.sdk.clarify.PDPConfig(features=["age"], grid_resolution=2),
        ],
        wait=False,
        logs=False,
    )

    box = account.run(account.service.of("processing_job"), "job")

    explanations = box.json("analysis.json")["explanations"]
    found = explanations["kernel_shap"]["label0"]
    assert found["global_shap_values"] == pytest.approx(exact())
    assert found["expected_value"] == 0.0
    assert [each["feature_name"] for each in explanations["pdp"]] == ["age"]
    assert len(box.text("/opt/ml/processing/output/explanations_shap/out.csv").splitlines()) == 121


def test_bias_and_explainability(account: Account) -> None:
    account.processor().run_bias_and_explainability(
        data_config=account.data("both"),
        model_config=account.model(),
        explainability_config=account.shap(),
        bias_config=account.bias(),
        model_predicted_label_config=account.labels(),
        pre_training_methods=["DPL"],
        post_training_methods=["DPPL", "AD"],
        wait=False,
        logs=False,
    )

    box = account.run(account.service.of("processing_job"), "job")

    analysis = box.json("analysis.json")
    assert metrics(analysis, "pre_training") == pytest.approx({"DPL": 2 / 3 - 1 / 3})
    # The model is right about all: age decides.
    expected = {"DPPL": 2 / 3 - 1 / 3, "AD": 0.0}
    assert metrics(analysis, "post_training") == pytest.approx(expected)
    values = analysis["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert values == pytest.approx(exact())


def metrics(analysis: Any, stage: str) -> dict[str, float]:
    (facet,) = analysis[f"{stage}_bias_metrics"]["facets"]["sex"]
    return {each["name"]: each["value"] for each in facet["metrics"]}


def test_an_hour_of_explainability(account: Account) -> None:
    """From the baseline through the schedule to what the monitor's last execution says."""
    monitor = account.monitor("ModelExplainability")
    known = account.explained(monitor)
    values = account.suggested()["explanations"]["kernel_shap"]["label0"]["global_shap_values"]
    assert values == pytest.approx(exact())

    monitor.create_monitoring_schedule(
        endpoint_input="ages",
        output_s3_uri=f"{FOLDER}/hours",
        schedule_cron_expression="cron(0 * ? * * *)",
        **known,
    )
    # Nobody has an age any more, and hours decide.
    records = [record(f"1,0,{hours}", "0.4") for hours in range(20)]
    box = account.hour("ModelExplainability", records, {"dataset_format": CAPTURE})

    assert box.message == "CompletedWithViolations: Job completed successfully with 1 violations."
    (violation,) = account.violations(monitor)
    assert violation["label"] == "label0"
    assert violation["constraint_check_type"] == "feature_attribution_drift_check"


def test_an_hour_of_bias(account: Account) -> None:
    monitor = account.monitor("ModelBias")
    known = account.biased(monitor)
    assert metrics(account.suggested(), "post_training")["DPPL"] == pytest.approx(1 / 3)

    monitor.create_monitoring_schedule(
        endpoint_input=account.sdk.monitors.EndpointInput(
            endpoint_name="ages",
            destination="/opt/ml/processing/input_data",
            start_time_offset="-PT1H",
            end_time_offset="-PT0H",
        ),
        ground_truth_input=f"{FOLDER}/labels",
        output_s3_uri=f"{FOLDER}/hours",
        schedule_cron_expression="cron(0 * ? * * *)",
        **known,
    )
    # Women are predicted 0 whatever they are, men 1.
    records = [
        {
            **record(f"{sex},1,0", f"{0.9 - 0.8 * sex}"),
            "groundTruthData": {"data": str(truth), "encoding": "CSV"},
        }
        for sex in (0, 1)
        for truth in (0, 1, 1)
    ] * 20
    box = account.hour("ModelBias", records, {"dataset_format": MERGED})

    assert box.message.startswith("CompletedWithViolations: Job completed successfully with ")
    found = {each["metric_name"]: each for each in account.violations(monitor)}
    assert found["DPPL"]["facet"] == "sex"
    assert found["DPPL"]["description"].startswith("Metric value 1.0 doesn't meet the baseline")
