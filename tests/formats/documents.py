"""Small documents that the tests of the formats take apart."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

_CONSTRAINTS: dict[str, Any] = {
    "version": 0.0,
    "features": [
        {
            "name": "age",
            "inferred_type": "Integral",
            "completeness": 1.0,
            "num_constraints": {"is_non_negative": True},
        },
        {
            "name": "city",
            "inferred_type": "String",
            "completeness": 0.5,
            "string_constraints": {"domains": ["Bern", "Basel"]},
        },
    ],
    "monitoring_config": {
        "evaluate_constraints": "Enabled",
        "emit_metrics": "Disabled",
        "datatype_check_threshold": 1.0,
        "domain_content_threshold": 0.9,
        "distribution_constraints": {
            "perform_comparison": "Enabled",
            "comparison_threshold": 0.1,
            "comparison_method": "Robust",
            "categorical_comparison_threshold": 0.2,
            "categorical_drift_method": "ChiSquared",
        },
    },
}

_STATISTICS: dict[str, Any] = {
    "version": 0.0,
    "dataset": {"item_count": 4},
    "features": [
        {
            "name": "age",
            "inferred_type": "Fractional",
            "numerical_statistics": {
                "common": {"num_present": 3, "num_missing": 1},
                "mean": 2.0,
                "sum": 6.0,
                "std_dev": 0.5,
                "min": 1.0,
                "max": 3.0,
                "approximate_num_distinct_values": 3,
                "completeness": 0.75,
                "distribution": {
                    "kll": {
                        "buckets": [{"lower_bound": 1.0, "upper_bound": 3.0, "count": 3.0}],
                        "sketch": {
                            "parameters": {"c": 0.64, "k": 2048.0},
                            "data": [[1.0, 2.0], [3.0]],
                        },
                    }
                },
            },
        },
        {
            "name": "city",
            "inferred_type": "String",
            "string_statistics": {
                "common": {"num_present": 4, "num_missing": 0},
                "distinct_count": 2.0,
                "completeness": 1.0,
                "distribution": {
                    "categorical": {
                        "buckets": [{"value": "Bern", "count": 3}, {"value": "Basel", "count": 1}]
                    }
                },
            },
        },
    ],
}

_VIOLATIONS: dict[str, Any] = {
    "violations": [
        {
            "feature_name": "age",
            "constraint_check_type": "completeness_check",
            "description": "Data completeness requirement is not met.",
        }
    ]
}


def constraints() -> dict[str, Any]:
    """The content of a constraints.json with two features."""
    return deepcopy(_CONSTRAINTS)


def statistics() -> dict[str, Any]:
    """The content of a statistics.json with two features."""
    return deepcopy(_STATISTICS)


def violations() -> dict[str, Any]:
    """The content of a constraint_violations.json with one violation."""
    return deepcopy(_VIOLATIONS)


def at(document: Any, path: str) -> Any:
    """The value at a path such as `features.0.name`."""
    for step in path.split("."):
        document = document[int(step) if step.isdigit() else step]
    return document


def with_value(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with another value at a path."""
    before, _, last = path.rpartition(".")
    holder: Any = at(document, before) if before else document
    holder[int(last) if last.isdigit() else last] = value
    return document


def without(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The document without the key at a path."""
    before, _, last = path.rpartition(".")
    del (at(document, before) if before else document)[last]
    return document


def every_object(document: Any) -> list[dict[str, Any]]:
    """All objects of a document, nested ones too."""
    if isinstance(document, list):
        return [found for item in document for found in every_object(item)]
    if not isinstance(document, dict):
        return []
    return [document, *(found for value in document.values() for found in every_object(value))]


def keys_reversed(document: Any) -> Any:
    """The same document with the keys of every object in the opposite order."""
    if isinstance(document, list):
        return [keys_reversed(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {key: keys_reversed(document[key]) for key in reversed(document)}


def whole_numbers(document: Any) -> Any:
    """The same document with 1 for 1.0, as people and other programs write it."""
    if isinstance(document, list):
        return [whole_numbers(item) for item in document]
    if isinstance(document, dict):
        return {key: whole_numbers(value) for key, value in document.items()}
    whole = isinstance(document, float) and document.is_integer()
    return int(document) if whole else document


def _refused(_: str) -> None:
    raise AssertionError("it is no number of JSON")


def strictly(content: str) -> dict[str, Any]:
    """The object in a text of JSON, in which NaN and infinities have no word."""
    found: dict[str, Any] = json.loads(content, parse_constant=_refused)
    return found
