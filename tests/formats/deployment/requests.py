"""Asks botocore whether the body of a request is what the service takes."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest


def complaints(service: str, operation: str, body: dict[str, Any]) -> str:
    """What botocore has against a body; nothing if it would send it."""
    validate = pytest.importorskip("botocore.validate")
    shape = _model(service).operation_model(operation).input_shape
    report: str = validate.ParamValidator().validate(body, shape).generate_report()
    return report


@cache
def _model(service: str) -> Any:
    return pytest.importorskip("botocore.session").get_session().get_service_model(service)
