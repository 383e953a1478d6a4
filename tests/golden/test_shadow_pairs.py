"""A shadow's captures paired with the champion's: the recorded numbers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from driftkit.comparison.deployment.delong_bins import PairCells, delong_of_pairs
from driftkit.comparison.deployment.paired import mcnemar
from driftkit.readers.dataset import TableChunk
from driftkit.states.deployment.blocks import blocks_of_seconds, seconds_of
from driftkit.states.deployment.halves import ArmChunk, halves_of
from driftkit.states.deployment.judging import JudgedRows, Judging
from driftkit.states.deployment.metrics import MetricSource, values
from driftkit.states.deployment.pairing import Pairing, PairMetric
from driftkit.states.deployment.pairs import BINS, Count, Example, PairState
from tests.states.deployment.pair_cases import state_of_halves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

NAMES = ("label", "probability", "x")
METRICS = ("accuracy", "brier")
PAIRING = Pairing(
    champion="champion",
    challenger="challenger-shadow",
    seconds=5,
    metrics=tuple(PairMetric(name=name) for name in METRICS),
    right="accuracy",
    scores=True,
    features=("x",),
)


@pytest.fixture
def expected(golden: Callable[[str], Path]) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(golden("deployment/shadow/expected.json").read_text())
    return content


@pytest.fixture
def tables(golden: Callable[[str], Path]) -> list[pa.Table]:
    """The records of each file, with their labels."""
    folder = golden("deployment/shadow/captures")
    records = _lines(golden("deployment/shadow/ground_truth").rglob("*.jsonl"))
    labels = {
        record["eventMetadata"]["inferenceId"]: record["groundTruthData"]["data"]
        for record in records
    }
    return [
        pa.Table.from_pylist(
            [_row(record, file.parents[4].name, labels) for record in _lines([file])]
        )
        for file in sorted(folder.rglob("*.jsonl"))
    ]


def _lines(files: Iterable[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def _row(record: dict[str, Any], arm: str, labels: dict[str, str]) -> dict[str, Any]:
    data, about = record["captureData"], record["eventMetadata"]
    key = about.get("inferenceId")
    return {
        "arm": arm,
        "id": key,
        "input": data["endpointInput"]["data"],
        "time": about["inferenceTime"],
        "label": labels.get(key),
        "probability": data["endpointOutput"]["data"].strip(),
        "x": float(data["endpointInput"]["data"].partition(",")[0]),
    }


def _chunk(table: pa.Table) -> ArmChunk:
    rows = JudgedRows(TableChunk(table=table.select(NAMES)), NAMES, Judging())
    told = [values(MetricSource(of=name), rows) for name in METRICS]
    x = table.column("x").to_numpy()
    seconds = seconds_of(table.column("time"))
    return ArmChunk(
        arms=table.column("arm"),
        blocks=blocks_of_seconds(seconds, ()),
        ids=table.column("id"),
        inputs=table.column("input"),
        times=seconds,
        numerators=[s for s, _ in told],
        denominators=[n for _, n in told],
        positive=rows.label_is_positive,
        scores=rows.probability,
        answers=pa.array(np.where(rows.prediction_is_positive == 1.0, "1", "0")),
        cells=(pa.array(np.digitize(x, [-1.0, 0.0, 1.0]).astype(str)),),
    )


def _state(tables: Sequence[pa.Table], size: int = 10_000, bits: int = 0) -> PairState:
    chunks = [
        _chunk(table.slice(start, size)) for table in tables for start in range(0, len(table), size)
    ]
    return state_of_halves([halves_of([chunk], PAIRING) for chunk in chunks], bits, PAIRING)


def test_pairs_are_the_recorded_ones(tables: list[pa.Table], expected: dict[str, Any]) -> None:
    state = _state(tables)

    assert state.total(Count.CHAMPION_ROWS) == expected["champion_records"]
    assert state.total(Count.CHALLENGER_ROWS) == expected["shadow_records"]
    assert state.pairs == state.total(Count.PAIRS_BY_ID) == expected["pairs"]
    assert state.total(Count.AMBIGUOUS_IDS) == len(expected["duplicate_ids"])
    assert state.total(Count.OTHER_INPUTS) == 0
    # Of the champion's 1,502 rows 1,211 are in pairs, and two have the one ambiguous id.
    assert state.unmatched == (289, 1)
    ambiguous = [each for each in state.examples if each.kind == "ambiguous"]
    assert ambiguous == [Example(kind="ambiguous", id=key) for key in expected["duplicate_ids"]]


def test_right_and_wrong_answers_are_the_recorded_ones(
    tables: list[pa.Table], expected: dict[str, Any]
) -> None:
    accuracy = _state(tables).moments_of(0)

    n11, n10, n01, n00 = (int(each.sum()) for each in accuracy.table)

    assert [n11, n10, n01, n00] == list(expected["table"].values())
    assert accuracy.n.sum() == expected["pairs_with_label"]
    shares = [
        accuracy.champion.sum() / accuracy.n.sum(),
        accuracy.challenger.sum() / accuracy.n.sum(),
    ]
    assert shares == pytest.approx(expected["accuracy"], rel=1e-12)
    assert float(mcnemar(n10, n01)) == pytest.approx(expected["mcnemar_exact_p"], rel=1e-9)


def test_differences_of_losses_are_the_recorded_ones(
    tables: list[pa.Table], expected: dict[str, Any]
) -> None:
    brier = _state(tables).moments_of(1)

    n, mean = brier.n.sum(), brier.d.sum() / brier.n.sum()
    error = np.sqrt((brier.dd.sum() - n * mean * mean) / (n - 1) / n)

    recorded = expected["brier_difference"]
    assert float(mean) == pytest.approx(recorded["mean"], rel=1e-9)
    assert float(mean / error) == pytest.approx(recorded["t"], rel=1e-9)


def test_areas_under_curves_are_the_recorded_ones_but_for_bins(
    tables: list[pa.Table], expected: dict[str, Any]
) -> None:
    counts = _state(tables).score_counts

    cells = PairCells(
        look=np.zeros(len(counts.pairs), np.int64),
        positive=counts.positive,
        champion=counts.champion,
        challenger=counts.challenger,
        count=counts.pairs,
    )
    found = delong_of_pairs(cells, 1, BINS)

    assert found.values[0].tolist() == pytest.approx(expected["auc"], abs=1e-4)
    z = float(found.difference.difference[0]) / float(found.difference.error[0])
    assert z == pytest.approx(expected["delong"]["z"], rel=5e-3)


def test_agreement_and_scores_are_the_recorded_ones(
    tables: list[pa.Table], expected: dict[str, Any]
) -> None:
    state = _state(tables)

    agreed = state.total(Count.AGREED) / state.total(Count.ANSWERED)
    pairs, distance = state.gaps.values.sum(axis=0)
    bins = [np.zeros(BINS), np.zeros(BINS)]
    for (arm, place), (count,) in zip(state.margins.keys, state.margins.values, strict=True):
        bins[arm][place] = count

    assert agreed == pytest.approx(expected["label_agreement_all_pairs"], rel=1e-12)
    assert state.answers.cells["1", "1"] + state.answers.cells["0", "0"] == state.total(
        Count.AGREED
    )
    assert distance / pairs == pytest.approx(expected["mean_abs_score_difference"], rel=1e-9)
    gap = np.abs(np.cumsum(bins[0]) - np.cumsum(bins[1])).max() / pairs
    assert gap == pytest.approx(expected["score_ks"], abs=2e-3)
    assert [each.weight for each in state.examples if each.kind == "score"] == sorted(
        (each.weight for each in state.examples if each.kind == "score"), reverse=True
    )
    judged = np.array([*state.cells.pairs.values()])
    assert judged[:, 3].sum() == expected["table"]["challenger_only"]
    assert judged[:, 4].sum() == expected["table"]["champion_only"]


@pytest.mark.parametrize(("size", "bits"), [(100, 0), (777, 3), (10_000, 5)])
def test_records_cut_anywhere_give_the_same_bits(
    tables: list[pa.Table], size: int, bits: int
) -> None:
    assert _state(tables[::-1], size, bits) == _state(tables, bits=bits)


def test_parts_of_hashes_change_sums_by_rounding_alone(tables: list[pa.Table]) -> None:
    whole, parted = _state(tables), _state(tables, bits=4)

    assert parted.counts == whole.counts
    assert parted.scores == whole.scores
    np.testing.assert_allclose(parted.moments.values, whole.moments.values, rtol=1e-12)
