"""Figures of other libraries and known answers, read in place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def fixed_horizon(golden: Callable[[str], Path], part: str) -> Any:
    """What scipy, statsmodels, scikit-learn and MLstatkit were recorded to say."""
    return json.loads(golden("deployment/tests/fixed_horizon.json").read_text())[part]


def shadow(golden: Callable[[str], Path]) -> dict[str, Any]:
    """What is known of the captures of an endpoint with a shadow."""
    known: dict[str, Any] = json.loads(golden("deployment/shadow/expected.json").read_text())
    return known
