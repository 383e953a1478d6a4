"""Rows of two arms are opened, paired and summed up: the recorded shadow, and small tables."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

import driftkit
from driftkit.compute.job import Job
from driftkit.compute.local import LocalRunner
from driftkit.formats.deployment.plan import Pairing, Plan, PlannedMetric
from driftkit.formats.deployment.plan_inputs import PlannedInput
from driftkit.monitors.deployment.pair_tables import pair_counts
from driftkit.monitors.deployment.paired_evidence import paired_evidence
from driftkit.states.deployment.arms import UNKNOWN, ArmLayout
from driftkit.states.deployment.arms_fold import ArmFold
from driftkit.states.deployment.metrics import source_of
from driftkit.states.deployment.pair_fold import PairFold, pairing_of
from driftkit.states.deployment.pairs import Count, PairState
from tests.capture.captures import record, write
from tests.monitors.deployment.opening import opened, plan
from tests.monitors.deployment.test_inputs import SHADOW, named_by_calls

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from driftkit.monitors.deployment.inputs import ArmRows
    from driftkit.states.deployment.pair_fold import PairedSums

    Golden = Callable[[str], Path]

ARMS = {"champion": "field:arm=old", "challenger": "field:arm=new"}


def planned(arms: dict[str, str], *metrics: str, segment_by: tuple[str, ...] = ()) -> Plan:
    """A plan that pairs rows and has metrics of these names."""
    kinds: dict[str, Any] = {"brier": "mean", "auc": "auc", "f1": "ratio"}
    return replace(
        plan(arms, pair="inferenceId"),
        metrics=tuple(
            PlannedMetric(name=name, role="goal", kind=kinds.get(name, "rate"), better="higher")
            for name in metrics
        ),
        segment_by=segment_by,
    )


def fold_of(chosen: Plan, rows: ArmRows) -> PairFold:
    """What is folded of rows by a plan."""
    layout = ArmLayout(
        arms=tuple(chosen.arms), metrics=tuple(metric.name for metric in chosen.metrics)
    )
    sources = tuple(map(source_of, chosen.metrics))
    inputs = chosen.inputs or ()
    layout = replace(layout, cells=tuple(len(each.cells) for each in inputs))
    fold = ArmFold(
        names=rows.names,
        layout=layout,
        sources=sources,
        segment_by=chosen.segment_by,
        inputs=inputs,
    )
    return PairFold(arms=fold, pairing=pairing_of(chosen, chosen.challengers[0]))


def measured(data: Any, chosen: Plan, **named: Any) -> tuple[PairedSums, PairState]:
    """The sums and the pairs of data."""
    rows = opened(data, chosen, **named)
    fold = fold_of(chosen, rows)
    return LocalRunner().run_paired(rows.dataset, Job(fold=fold), fold.pairing)


def test_captures_of_a_shadow_are_paired(golden: Golden) -> None:
    expected = json.loads(golden("deployment/shadow/expected.json").read_text())

    sums, state = measured(
        str(golden("deployment/shadow/captures")), planned(SHADOW, "accuracy", "agreement", "auc")
    )

    assert sums.rows == state.rows == expected["champion_records"] + expected["shadow_records"]
    assert state.pairs == expected["pairs"]
    assert state.unmatched == (289, 1)
    assert state.total(Count.AMBIGUOUS_IDS) == 1
    agreed = state.total(Count.AGREED) / state.total(Count.ANSWERED)
    assert agreed == pytest.approx(expected["label_agreement_all_pairs"], rel=1e-12)
    pairs, distance = state.gaps.values.sum(axis=0)
    assert distance / pairs == pytest.approx(expected["mean_abs_score_difference"], rel=1e-9)


def test_merged_captures_of_a_shadow_are_judged(golden: Golden, tmp_path: Path) -> None:
    captures = str(golden("deployment/shadow/captures"))
    truths = named_by_calls(golden("deployment/shadow/ground_truth"), tmp_path / "truth")
    driftkit.merge(captures, str(truths), tmp_path / "merged")
    expected = json.loads(golden("deployment/shadow/expected.json").read_text())

    _, state = measured(str(tmp_path / "merged"), planned(SHADOW, "accuracy", "brier", "auc"))

    assert state.pairs == expected["pairs_with_label"]
    found = [int(cell.sum()) for cell in state.moments_of(0).table]
    assert found == list(expected["table"].values())
    brier = state.moments_of(1)
    mean = brier.d.sum() / brier.n.sum()
    assert mean == pytest.approx(expected["brier_difference"]["mean"], rel=1e-9)
    assert state.score_counts.pairs.sum() == expected["pairs_with_label"]


TABLE = pa.table(
    {
        "arm": ["old", "new"] * 4,
        "inferenceId": ["a", "a", "b", "b", "c", "c", "d", None],
        "label": ["1", "1", "0", "0", "1", "1", "0", "0"],
        "prediction": ["1", "0", "1", "0", "1", "1", "0", "0"],
        "carrier": ["AA", "AA", "UA", "UA", None, None, "AA", "AA"],
    }
)


def test_precision_of_pairs_is_that_of_each_arm() -> None:
    _, state = measured(TABLE, planned(ARMS, "accuracy", "precision", "f1"))

    precision, f1 = state.ratios_of(1), state.ratios_of(2)

    assert (state.pairs, state.unmatched) == (3, (1, 1))
    # Of three predicted positive by the champion two are, and the one of the challenger is.
    assert precision.sums.tolist() == [[2.0, 3.0, 1.0, 1.0]]
    assert f1.sums.tolist() == [[4.0, 5.0, 2.0, 3.0]]
    assert not len(state.moments_of(1).n)


def test_values_of_columns_say_where_answers_differ() -> None:
    _, state = measured(TABLE, planned(ARMS, "accuracy", segment_by=("carrier",)))

    assert state.cells.pairs == {
        ("carrier", "AA"): (1, 1, 1, 0, 1),
        ("carrier", "UA"): (1, 1, 1, 1, 0),
    }
    assert state.answers.cells == {("1", "0"): 2, ("1", "1"): 1}


def test_rows_without_an_id_are_paired_by_what_was_asked(tmp_path: Path, golden: Golden) -> None:
    chosen = replace(planned(SHADOW, "agreement"), pairing=Pairing(by="content", seconds=1.0))
    captures = golden("deployment/shadow/captures")
    for file in captures.rglob("*.jsonl"):
        records = [json.loads(line) for line in file.read_text().splitlines()]
        for each in records:
            each["eventMetadata"].pop("inferenceId", None)
        target = tmp_path / file.relative_to(captures)
        target.parent.mkdir(parents=True)
        target.write_text("".join(json.dumps(record) + "\n" for record in records))

    _, state = measured(str(tmp_path), chosen)

    # The shadow of the record whose id is there twice; each input is there once, but for the zeros.
    assert state.total(Count.PAIRS_BY_CONTENT) == 1_212
    assert state.total(Count.PAIRS_BY_ID) == 0


def test_units_add_up() -> None:
    chosen = planned(ARMS, "accuracy")
    fold = fold_of(chosen, opened(TABLE, chosen))
    chunks = [
        chunk
        for start in range(0, 8, 3)
        for unit in opened(TABLE.slice(start, 3), chosen).dataset.units
        for chunk in unit.chunks()
    ]

    total = reduce(add, (fold([chunk]) for chunk in chunks), fold(()))

    assert total.rows == 8
    assert total.halves.rows == 7
    assert total.without_halves().halves.rows == 0


def test_a_precision_that_differs_is_seen_in_pairs() -> None:
    chosen = planned(ARMS, "precision")
    _, state = measured(TABLE, chosen)

    found = paired_evidence(state, [chosen.metrics[0].name], chosen.metrics[0], np.array([UNKNOWN]))

    assert found.values.tolist() == [[2 / 3, 1.0]]
    assert found.difference.tolist() == pytest.approx([1 / 3])
    assert found.variance[0] > 0


def test_numbers_say_where_answers_differ_by_the_cells_of_the_plan() -> None:
    table = TABLE.append_column("delay", pa.array([1.0, 9.0, 5.0, 5.0, None, None, 7.0, 7.0]))
    inputs = (
        PlannedInput(column="delay", edges=(1.0, 5.0)),
        PlannedInput(column="carrier", values=("UA",)),
    )

    _, state = measured(table, replace(planned(ARMS, "accuracy"), inputs=inputs))

    # Numbers are the champion's; texts are named by their values, and those without one not at all.
    assert state.cells.pairs == {
        ("delay", "(-inf, 1.0]"): (1, 1, 1, 0, 1),
        ("delay", "(1.0, 5.0]"): (1, 1, 1, 1, 0),
        ("delay", "(missing)"): (1, 0, 1, 0, 0),
        ("carrier", "AA"): (1, 1, 1, 0, 1),
        ("carrier", "UA"): (1, 1, 1, 1, 0),
    }


@pytest.mark.parametrize(
    ("by", "counts"),
    [
        ("content", {"inferenceId": 2, "content": 6}),
        ("attribute:call", {"inferenceId": 2, "attribute:call": 3}),
        ("attribute:call,content", {"inferenceId": 2, "attribute:call": 3, "content": 3}),
        ("inferenceId", {"inferenceId": 2}),
        ("inferenceId,content", {"inferenceId": 2, "content": 6}),
    ],
)
def test_ways_are_tried_in_order(by: str, counts: dict[str, int], tmp_path: Path) -> None:
    for arm in ARMS:
        records = [record(f"{i}", "0.5", f"2026-11-02T10:{i:02}:00Z") for i in range(8)]
        for i, each in enumerate(records):
            # The first two have both, and other attributes in each arm.
            each["eventMetadata"] |= {"inferenceId": f"id-{i}"} if i < 2 else {}
            call = f"call={arm}-{i}" if i < 2 else f"call={i}"
            each["eventMetadata"]["customAttributes"] = [call] if i < 5 else []
        write(tmp_path / f"churn/{arm}/2026/11/02/10/f.jsonl", records)
    selectors = {arm: f"folder:churn/{arm}" for arm in ARMS}
    chosen = replace(planned(selectors, "positive_rate"), pairing=Pairing(by=by))

    _, state = measured(str(tmp_path), chosen)

    found = pair_counts(state, chosen, "challenger")
    assert (found.matched, found.by) == (sum(counts.values()), counts)
    assert [*found.by] == [*counts]
