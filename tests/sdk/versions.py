"""The SageMaker Python SDK that is installed, 2 or 3, under the names that both have."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module, metadata
from typing import Any

SOURCE = "/opt/ml/processing/output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sdk:
    """An SDK.

    Attributes:
        major: its version.
        monitors: the module of the monitors and the files they read.
        clarify: the module of Clarify's processor.
        formats: the module of the datasets' formats.
        session: its class.
    """

    major: int
    monitors: Any
    clarify: Any
    formats: Any
    session: Any

    def output(self, uri: str) -> Any:
        """Where a job's results are."""
        if self.major == 2:
            output = import_module("sagemaker.processing").ProcessingOutput
            return output(source=SOURCE, destination=uri, output_name="result")
        shapes = import_module("sagemaker.core.shapes")
        place = shapes.ProcessingS3Output(s3_uri=uri, local_path=SOURCE, s3_upload_mode="EndOfJob")
        return shapes.ProcessingOutput(output_name="result", s3_output=place)


def installed() -> Sdk | None:
    """The SDK; None where there is none."""
    try:
        core = metadata.version("sagemaker-core")
    except metadata.PackageNotFoundError:
        return None
    # Version 2 of the SDK brings version 1 of its core, version 3 version 2.
    major = int(core.partition(".")[0]) + 1
    root, session = {
        2: ("sagemaker", "sagemaker.session"),
        3: ("sagemaker.core", "sagemaker.core.helper.session_helper"),
    }[major]
    return Sdk(
        major=major,
        monitors=import_module(f"{root}.model_monitor"),
        clarify=import_module(f"{root}.clarify"),
        formats=import_module(f"{root}.model_monitor.dataset_format"),
        session=import_module(session).Session,
    )
