"""Pages of all monitors stay what they are, and show the numbers of the files beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.report.page.svg import number
from tests.report.every import REPORTS, page_of, report_of
from tests.report.golden import FOLDER, normalised
from tests.report.pages import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_what_it_was(name: str) -> None:
    expected = (FOLDER / f"{name}.html").read_text(encoding="utf-8")

    # Meant changes: python -m tests.report.golden
    assert normalised(page_of(name)).splitlines() == expected.splitlines()


@pytest.mark.parametrize("name", REPORTS)
def test_no_id_is_given_twice_and_every_reference_leads_somewhere(name: str) -> None:
    page = parsed(page_of(name))

    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert page.unbalanced == []


def of_features(file: Any) -> Iterator[tuple[set[str], float]]:
    """Numbers of statistics.json by column and name."""
    for feature in file["features"]:
        numeric = feature.get("numerical_statistics", {})
        for key in {"mean", "sum", "std_dev", "min", "max"} & set(numeric):
            yield {feature["name"], key.replace("_", " ")}, numeric[key]


def of_quality(file: Any) -> Iterator[tuple[set[str], float]]:
    """Metrics of the same file of model quality."""
    (metrics,) = (each for key, each in file.items() if key.endswith("classification_metrics"))
    for key, each in metrics.items():
        if isinstance(each, dict) and isinstance(each.get("value"), float):
            yield {key}, each["value"]


def of_bias(file: Any) -> Iterator[tuple[set[str], float]]:
    """Metrics of analysis.json."""
    for facets in file["post_training_bias_metrics"]["facets"].values():
        for metric in facets[0]["metrics"]:
            if metric["value"] is not None:
                yield {metric["name"]}, metric["value"]


def of_attribution(file: Any) -> Iterator[tuple[set[str], float]]:
    """Values of features of the same file of attributions."""
    (label,) = file["explanations"]["kernel_shap"].values()
    for feature, value in label["global_shap_values"].items():
        yield {"global_shap_value", f"{feature} label0"}, value


@pytest.mark.parametrize(
    ("name", "file", "told"),
    [
        ("data_quality", "statistics.json", of_features),
        ("unchanged", "statistics.json", of_features),
        ("model_quality", "statistics.json", of_quality),
        ("bias", "analysis.json", of_bias),
        ("attribution", "analysis.json", of_attribution),
    ],
)
def test_numbers_of_a_page_are_those_of_the_files(
    name: str, file: str, told: Callable[[Any], Iterator[tuple[set[str], float]]], tmp_path: Path
) -> None:
    report: Any = report_of(name)
    report.write(tmp_path)
    rows = parsed(page_of(name)).rows

    expected = list(told(json.loads((tmp_path / file).read_text())))

    assert len(expected) > 2
    for words, value in expected:
        row = next(each for each in rows if words <= set(each) and number(value) in each)
        said = row[row.index(number(value))].replace(",", "")
        assert float(said) == pytest.approx(value, rel=5e-4)
