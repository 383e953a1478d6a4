"""Bad rows of a deployment end in one clear error, or in a verdict that says what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.cli.deployment_rows import ARMS, COMMON, GOAL, rows
from tests.formats.documents import strictly

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    from tests.cli.conftest import Ended


def monitored(
    folder: Path,
    command: Callable[..., Ended],
    table: pd.DataFrame,
    *plan: str,
    reading: tuple[str, ...] = (),
) -> Ended:
    """A verdict on a table, by a plan that was made of good rows."""
    rows().to_csv(folder / "before.csv", index=False)
    table.to_csv(folder / "rows.csv", index=False)
    made = command(
        *("deployment", "baseline", folder / "before.csv", "-o", folder / "plan"),
        *(*COMMON, *ARMS, *plan, *reading),
    )
    assert made.code == 0, made.err
    return command(
        *("deployment", "monitor", folder / "rows.csv", "-b", folder / "plan"),
        *("-o", folder / "report", *COMMON, *reading),
    )


def without(table: pd.DataFrame, column: str) -> pd.DataFrame:
    return table.drop(columns=column)


def of_others(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(version=np.where(np.arange(len(table)) % 5, "third", table["version"]))


def of_one(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["version"] == "old"]


BAD_ROWS: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...], str]] = {
    "an arm without rows": (of_one, GOAL, "new (field:version=new)"),
    "rows of no arm": (of_others, GOAL, "more than half of the rows are of no arm"),
    "no rows": (lambda table: table[:0], GOAL, "rows.csv"),
    "a column is missing": (
        lambda table: without(table, "latency"),
        ("--guardrail", "latency_slo", "--limit", "latency_slo=250"),
        "latency",
    ),
    "no predictions": (
        lambda table: without(table, "prediction"),
        GOAL,
        "found: 'version', 'at', 'id', 'label', 'score', 'latency', 'ok'). Name it with --inf",
    ),
    "a rate of other numbers": (
        lambda table: table.assign(ok=table["ok"] * 2),
        ("--guardrail", "rate:ok:0.1:higher"),
        "other values than 0 and 1",
    ),
    "a value outside its range": (
        lambda table: table.assign(score=table["score"] * 3),
        (
            *("--goal", "column:score:0.1:higher", "--method", "exact"),
            *("--range", "column:score=0..1"),
        ),
        "outside the range",
    ),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_rows_by_which_nothing_can_be_said_are_refused(
    tmp_path: Path, driftkit_command: Callable[..., Ended], name: str
) -> None:
    spoil, plan, says = BAD_ROWS[name]

    ended = monitored(tmp_path, driftkit_command, spoil(rows()), *plan)

    assert ended.code == 1
    assert says in ended.err
    assert not (tmp_path / "report").exists() or not [*(tmp_path / "report").iterdir()]


def of_new(table: pd.DataFrame, column: str, value: Any, every: int = 1) -> pd.DataFrame:
    """The same where a column of the new version, or of each so many of its rows, has another value."""
    chosen = (table["version"] == "new") & ((np.arange(len(table)) // 2) % every == 0)
    return table.assign(**{column: table[column].astype(object).mask(chosen, value)})


SCORE = ("--guardrail", "brier:0.05")
LATENCY = ("--guardrail", "column:latency:20:lower")
HELD: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], tuple[str, ...], list[str]]] = {
    "labels of one arm alone": (
        lambda table: of_new(table, "label", None),
        GOAL,
        [
            "100.0% of the champion's rows and 0.0% of the challenger's have a label",
            "Not checked: label_share of new: ",
            "no row of the challenger has a label and a prediction",
        ],
    ),
    "labels of fewer rows of one arm": (
        lambda table: of_new(table, "label", None, every=5),
        GOAL,
        ["100.0% of the champion's rows and 80.0% of the challenger's have a label"],
    ),
    "no labels at all": (
        lambda table: table.assign(label=None),
        GOAL,
        ["accuracy is not measured yet: no row of either arm has a label and a prediction"],
    ),
    "probabilities of one arm in percent": (
        lambda table: table.assign(
            score=table["score"].where(table["version"] == "old", table["score"] * 100)
        ),
        SCORE,
        ["value_share: brier has a value of 100.0% of the champion's rows with a label and of"],
    ),
    "a column of one arm that is text": (
        lambda table: of_new(table, "latency", "slow"),
        LATENCY,
        [
            "no row of the challenger has a finite number in latency",
            "column:latency: 3,000 of 6,000 rows do not count",
        ],
    ),
    "infinite numbers in one arm": (
        lambda table: of_new(table, "latency", "inf", every=4),
        LATENCY,
        ["value_share: column:latency has a value of 100.0% of the champion's rows and of 75.0%"],
    ),
}


@pytest.mark.parametrize("name", HELD)
def test_rows_that_cannot_be_trusted_hold_and_say_why(
    tmp_path: Path, driftkit_command: Callable[..., Ended], name: str
) -> None:
    spoil, plan, says = HELD[name]

    ended = monitored(tmp_path, driftkit_command, spoil(rows()), *plan, reading=read_by(plan))

    assert ended.code == 0, ended.err
    told = said(ended)
    assert [each for each in says if each not in told] == []
    assert verdict(tmp_path)["verdict"] == "hold"


def read_by(plan: tuple[str, ...]) -> tuple[str, ...]:
    """Where answers are, for the metrics of a plan."""
    return ("--probability-attribute", "score") if plan == SCORE else ()


def said(ended: Ended) -> str:
    """What a person reads, in one line."""
    return " ".join((ended.out + ended.err).split())


def verdict(folder: Path) -> Mapping[str, Any]:
    """What was written, without NaN and infinity."""
    return strictly((folder / "report" / "verdict.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("column", "value", "plan"),
    [
        ("latency", "inf", LATENCY),
        ("latency", "NaN", LATENCY),
        ("latency", "", LATENCY),
        ("score", "1.5", SCORE),
        ("score", "-0.5", SCORE),
    ],
)
def test_a_few_values_that_are_none_are_counted_and_told(
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],
    column: str,
    value: str,
    plan: tuple[str, ...],
) -> None:
    table = rows()
    table[column] = table[column].astype(object)
    table.loc[::100, column] = value
    table.loc[1::100, column] = value

    ended = monitored(tmp_path, driftkit_command, table, *plan, reading=read_by(plan))

    assert ended.code == 0, ended.err
    [note] = verdict(tmp_path)["notes"]
    assert "120 of 6,000 rows" in note
    assert "do not count: they lack" in said(ended)


def test_latencies_without_end_are_above_any_limit(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    ended = monitored(
        tmp_path,
        driftkit_command,
        of_new(rows(), "latency", "inf", every=2),
        *("--guardrail", "latency_slo:0.05", "--limit", "latency_slo=1e6"),
    )

    assert ended.code == 0, ended.err
    [found] = verdict(tmp_path)["metrics"]
    assert (found["champion"], found["challenger"], found["state"]) == (0.0, 0.5, "harmed")


def test_windows_that_overlap_are_refused(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    monitored(tmp_path, driftkit_command, rows(), *GOAL)
    kept = tmp_path / "report" / "states.arrow"

    ended = driftkit_command(
        *("deployment", "monitor", tmp_path / "rows.csv", kept, "-b", tmp_path / "plan"),
        *("-o", tmp_path / "again", *COMMON),
    )

    assert ended.code == 1
    assert "rows.csv" in ended.err
    assert not (tmp_path / "again").exists() or not [*(tmp_path / "again").iterdir()]


def test_ids_that_pair_nothing_are_counted_and_told(
    tmp_path: Path, driftkit_command: Callable[..., Ended]
) -> None:
    table = rows()
    table.loc[:19, "id"] = "the same"
    table.loc[20:29, "id"] = ""

    ended = monitored(
        tmp_path, driftkit_command, table, *GOAL, "--strategy", "shadow", "--pair-by", "field:id"
    )

    assert ended.code == 0, ended.err
    found = verdict(tmp_path)
    assert found["pairs"]["ambiguous_ids"] == 1
    assert "5 rows of old have nothing by which they could be paired" in found["notes"]
    assert "5 rows of new have nothing by which they could be paired" in found["notes"]
    told = said(ended)
    assert "1 id occurs more than once in an arm: 20 rows are not paired" in told
    assert "for example the same" in told
