"""constraints.json: the configuration of the whole and of single features."""

from __future__ import annotations

from typing import Any

import pytest

from driftkit.errors import FormatError
from driftkit.formats.constraints import (
    Constraints,
    FeatureConstraints,
    MonitoringConfig,
    Overrides,
)
from driftkit.formats.jackson import dumps
from tests.formats import documents
from tests.formats.documents import at, with_value, without

OFF = {"evaluate_constraints": "Disabled"}


def config_of(constraints: Constraints, name: str) -> MonitoringConfig:
    return constraints.own_configs.get(name, constraints.monitoring_config)


@pytest.mark.parametrize(
    ("feature", "place"),
    [
        (0, "monitoringConfigOverrides"),
        (0, "monitoring_config_overrides"),
        (0, "num_constraints.monitoring_config_overrides"),
        (0, "num_constraints.monitoringConfigOverrides"),
        (1, "string_constraints.monitoring_config_overrides"),
        (1, "string_constraints.monitoringConfigOverrides"),
    ],
)
def test_overrides_are_found_in_every_spelling_and_written_back_there(
    feature: int, place: str
) -> None:
    path = f"features.{feature}.{place}"
    document = with_value(documents.constraints(), path, OFF)

    constraints = Constraints.read(document)

    names = [item.name for item in constraints.features]
    evaluated = [config_of(constraints, name).evaluate_constraints for name in names]
    assert evaluated == [index != feature for index in (0, 1)]
    assert dumps(constraints.to_dict()) == dumps(document)


def test_overrides_make_a_section_that_the_feature_did_not_have() -> None:
    document = without(documents.constraints(), "features.1.string_constraints.domains")
    at(document, "features.1.string_constraints")["monitoring_config_overrides"] = OFF

    assert Constraints.read(document).to_dict() == document


@pytest.mark.parametrize(
    ("overrides", "setting", "value"),
    [
        ({"emit_metrics": "enabled"}, "emit_metrics", True),
        ({"emit_metrics": True}, "emit_metrics", True),
        ({"emitMetrics": "Enabled"}, "emit_metrics", True),
        ({"datatype_check_threshold": 0}, "datatype_check_threshold", 0.0),
        ({"domainContentThreshold": 0.25}, "domain_content_threshold", 0.25),
    ],
)
def test_a_feature_may_override_any_setting(
    overrides: dict[str, object], setting: str, value: object
) -> None:
    document = with_value(
        documents.constraints(), "features.0.monitoringConfigOverrides", overrides
    )

    constraints = Constraints.read(document)

    assert getattr(config_of(constraints, "age"), setting) == value
    assert getattr(config_of(constraints, "city"), setting) != value


@pytest.mark.parametrize(
    ("overrides", "setting", "value"),
    [
        ({"perform_comparison": "Disabled"}, "perform_comparison", False),
        ({"comparisonThreshold": 1}, "comparison_threshold", 1.0),
        ({"comparison_method": "linf_simple"}, "comparison_method", "Simple"),
        ({"categorical_comparison_threshold": 0.3}, "categorical_comparison_threshold", 0.3),
        ({"categorical_drift_method": "LInfinity"}, "categorical_drift_method", "LInfinity"),
    ],
)
@pytest.mark.parametrize("key", ["distribution_constraints", "distributionConstraints"])
def test_a_feature_may_override_how_distributions_are_compared(
    key: str, overrides: dict[str, object], setting: str, value: object
) -> None:
    document = with_value(
        documents.constraints(), "features.0.monitoring_config_overrides", {key: overrides}
    )

    constraints = Constraints.read(document)

    assert getattr(config_of(constraints, "age").distribution, setting) == value
    assert getattr(config_of(constraints, "city").distribution, setting) != value
    assert Constraints.read(constraints.to_dict()) == constraints


def test_two_places_of_overrides_add_up() -> None:
    document = documents.constraints()
    at(document, "features.1")["monitoring_config_overrides"] = OFF
    at(document, "features.1.string_constraints")["monitoringConfigOverrides"] = {
        "emit_metrics": "Enabled"
    }

    config = config_of(Constraints.read(document), "city")

    assert (config.evaluate_constraints, config.emit_metrics) == (False, True)


def test_two_places_of_overrides_that_contradict_each_other_are_an_error() -> None:
    document = documents.constraints()
    at(document, "features.1")["monitoring_config_overrides"] = OFF
    at(document, "features.1.string_constraints")["monitoring_config_overrides"] = {
        "evaluate_constraints": "Enabled"
    }

    with pytest.raises(FormatError, match="contradict each other") as caught:
        Constraints.read(document)

    assert "features[1].string_constraints.monitoring_config_overrides" in str(caught.value)
    assert "as at features[1].monitoring_config_overrides" in str(caught.value)


def test_a_wrong_value_in_overrides_is_named() -> None:
    document = with_value(
        documents.constraints(),
        "features.1.string_constraints.monitoring_config_overrides",
        {"emit_metrics": 3},
    )

    with pytest.raises(
        FormatError,
        match=r"features\[1\].string_constraints.monitoring_config_overrides.emit_metrics",
    ):
        Constraints.read(document)


def test_overrides_made_in_python_are_written_where_sdk_and_driftkit_find_them() -> None:
    feature = FeatureConstraints(
        name="age",
        inferred_type="Integral",
        overrides=Overrides(distribution={"perform_comparison": False}),
    )

    written = Constraints(features=(feature,)).to_dict()

    assert at(written, "features.0.monitoring_config_overrides") == {
        "distribution_constraints": {"perform_comparison": "Disabled"}
    }
    assert not config_of(Constraints.read(written), "age").distribution.perform_comparison


def test_settings_that_a_file_is_silent_about_have_the_containers_defaults() -> None:
    document = with_value(documents.constraints(), "monitoring_config", {})

    assert Constraints.read(document).monitoring_config == MonitoringConfig()


def test_the_older_generation_lacks_the_categorical_keys() -> None:
    written = Constraints.read(documents.constraints()).to_dict(generation="2020")

    expected = documents.constraints()
    for key in ("categorical_comparison_threshold", "categorical_drift_method"):
        without(expected, f"monitoring_config.distribution_constraints.{key}")
    assert written == expected


@pytest.mark.parametrize("enabled", [True, False])
def test_the_switch_of_2019_is_understood(enabled: bool) -> None:  # noqa: FBT001
    old = {"enable_comparisons": enabled, "min_domain_mass": 1.0, "comparison_threshold": 1.0}
    document = with_value(
        documents.constraints(), "monitoring_config.distribution_constraints", old
    )

    distribution = Constraints.read(document).monitoring_config.distribution

    assert distribution.perform_comparison is enabled
    assert distribution.extra == {"min_domain_mass": 1.0}


def test_null_means_that_there_is_no_such_constraint() -> None:
    document: dict[str, Any] = with_value(documents.constraints(), "features.0.completeness", None)

    constraints = Constraints.read(document)

    assert constraints.features[0].completeness is None
    assert constraints.to_dict() == document


def test_null_in_place_of_a_setting_is_answered_by_its_default() -> None:
    document: dict[str, Any] = with_value(
        documents.constraints(), "monitoring_config.evaluate_constraints", None
    )

    constraints = Constraints.read(document)

    assert constraints.monitoring_config.evaluate_constraints
    assert Constraints.read(constraints.to_dict()) == constraints
