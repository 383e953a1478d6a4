"""The JSON schema of the configuration, by which editors complete and check it."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from driftkit.configuration.model import Configuration

NAME = "driftkit.schema.json"


def schema() -> dict[str, Any]:
    """The schema, in draft 2020-12."""
    made = Configuration.model_json_schema()
    return {"$schema": GenerateJsonSchema.schema_dialect, "title": "driftkit.yml", **made}


def schema_text() -> str:
    """The content of driftkit.schema.json."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
