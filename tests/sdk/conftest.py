"""A storage service on this machine, and credentials that are worth nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sdk.versions import Sdk, installed

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def storage_address() -> Iterator[str]:
    server = pytest.importorskip("moto.server").ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def storage(storage_address: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of S3 with an empty bucket `monitoring`; the environment leads everyone to it."""
    boto3 = pytest.importorskip("boto3")
    environment = {
        "AWS_ENDPOINT_URL": storage_address,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="monitoring")
    for found in client.list_objects_v2(Bucket="monitoring").get("Contents", ()):
        client.delete_object(Bucket="monitoring", Key=found["Key"])
    return client


@pytest.fixture(scope="session")
def sdk() -> Sdk:
    """The SageMaker Python SDK of this environment, version 2 or 3."""
    found = installed()
    if found is None:
        pytest.skip("there is no SageMaker SDK")
    return found
