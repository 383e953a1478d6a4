"""Columns that are made of others are monitored as any other column is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.errors import InputError, SettingsError
from driftkit.monitors.data_quality.results import Baseline
from driftkit.readers.texts import MEASURES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("no_session")

MADE = [f"review.{each}" for each in MEASURES]
WORDS = [
    "the",
    "room",
    "was",
    "clean",
    "and",
    "staff",
    "were",
    "friendly",
    "but",
    "breakfast",
    "came",
    "late",
    "every",
    "day",
]
FRENCH = [
    "la",
    "chambre",
    "était",
    "propre",
    "où",
    "le",
    "déjeuner",
    "a",
    "été",
    "servi",
    "très",
    "tôt",
    "à",
    "côté",
]


def reviews(seed: int = 0, rows: int = 400, words: list[str] = WORDS) -> list[str]:
    rng = np.random.default_rng(seed)
    return [
        f"{' '.join(rng.choice(words, int(rng.integers(5, 40))))} {rng.integers(1, 29)}"
        for _ in range(rows)
    ]


def table(texts: list[str] | None = None) -> pd.DataFrame:
    texts = reviews() if texts is None else texts
    return pd.DataFrame({"stars": np.arange(len(texts)) % 5, "review": texts})


def names(result: Any) -> list[str]:
    return [feature.name for feature in result.statistics.features]


@pytest.fixture(scope="module")
def normal() -> Baseline:
    return driftkit.data_quality.baseline(table(), text_columns="review", runner="local")


def cut(text: str) -> str:
    return text[:80]


def in_wrong_encoding(text: str) -> str:
    return text.replace("clean", "très clean").encode().decode("cp1252")


def in_template(text: str) -> str:
    return f"Order 1042-33, 2026-11-29: {text}"


def with_tags(text: str) -> str:
    return f"<p>{text}</p>"


def in_russian(text: str) -> str:
    return text.translate(str.maketrans("abcdefghiklmnoprstuvwxy", "абцдефгхиклмнопрстувшхы"))


@pytest.mark.parametrize(
    ("fault", "features"),
    [
        (cut, {"review.length", "review.words", "review.digits_share"}),
        (in_wrong_encoding, {"review.mojibake", "review.non_ascii_share"}),
        (in_template, {"review.digits_share"}),
        (with_tags, {"review.markup"}),
        (in_russian, {"review.script", "review.non_ascii_share"}),
    ],
)
def test_faults_of_texts_are_found_where_they_are(
    normal: Baseline, fault: Callable[[str], str], features: set[str]
) -> None:
    window = table([fault(text) for text in reviews(seed=1)])

    found = driftkit.data_quality.monitor(window, normal, runner="local")

    assert {each.feature_name for each in found.violations} == features


def test_another_language_in_the_same_script_is_found(normal: Baseline) -> None:
    window = table(reviews(seed=1, words=FRENCH))

    found = driftkit.data_quality.monitor(window, normal, runner="local")

    assert "review.non_ascii_share" in {each.feature_name for each in found.violations}


def test_other_texts_of_the_same_kind_are_no_fault(normal: Baseline) -> None:
    found = driftkit.data_quality.monitor(table(reviews(seed=1)), normal, runner="local")

    assert {each.feature_name for each in found.violations} == set()


def test_columns_follow_those_of_the_table_and_partitions_have_them_too() -> None:
    asked: dict[str, Any] = {"text_columns": "review", "segment_by": "stars", "runner": "local"}

    found = driftkit.data_quality.baseline(table(), **asked)

    assert names(found) == ["stars", "review", *MADE]
    assert found.states is not None
    (segments,) = found.states.partitions
    assert {tuple(column.name for column in each.columns) for each in segments.parts.values()} == {
        ("stars", "review", *MADE)
    }


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "dictionary"])
def test_files_give_the_same_columns_as_the_frame(
    normal: Baseline, kind: str, tmp_path: Path
) -> None:
    file = tmp_path / f"in.{kind}"
    if kind == "csv":
        table().to_csv(file, index=False)
    elif kind == "jsonl":
        table().to_json(file, orient="records", lines=True, force_ascii=False)
    else:
        kinds = {"review": "category"} if kind == "dictionary" else {}
        table().astype(kinds).to_parquet(file)

    found = driftkit.data_quality.baseline(str(file), text_columns="review", runner="local")

    assert made_of(found) == made_of(normal)


def made_of(result: Any) -> list[Any]:
    return [each for each in result.statistics.features if each.name in MADE]


@pytest.mark.parametrize("cut_at", [1, 150, 399])
def test_parts_of_the_rows_add_up_to_all_of_them(normal: Baseline, cut_at: int) -> None:
    parts = [table().iloc[:cut_at], table().iloc[cut_at:]]
    states = [
        driftkit.data_quality.baseline(each, text_columns="review", runner="local").states
        for each in parts
    ]

    together = driftkit.data_quality.baseline(driftkit.data_quality.combine(*states))

    assert together.derivation == normal.derivation
    assert together.states is not None
    assert normal.states is not None
    columns = (together.states.table.columns, normal.states.table.columns)
    for mine, theirs in zip(*columns, strict=True):
        for of in ("presence", "types", "extremes", "sketch", "distinct", "frequencies"):
            assert getattr(mine, of) == getattr(theirs, of)
        assert (mine.moments.mean or 0) == pytest.approx(theirs.moments.mean or 0, rel=1e-12)


def test_a_window_is_derived_as_its_baseline_was(normal: Baseline, tmp_path: Path) -> None:
    normal.write(tmp_path / "baseline")

    read = Baseline.read(tmp_path / "baseline")
    by_file = Baseline.read(constraints=tmp_path / "baseline" / "constraints.json")
    found = driftkit.data_quality.monitor(table(), tmp_path / "baseline", runner="local")
    found.write(tmp_path / "window")

    assert read.derivation == by_file.derivation == normal.derivation
    assert names(found) == ["stars", "review", *MADE]
    assert Baseline.read(tmp_path / "window").derivation == normal.derivation
    assert found.as_baseline().derivation == normal.derivation


def test_a_baseline_without_such_columns_writes_no_file_of_them(
    normal: Baseline, tmp_path: Path
) -> None:
    normal.write(tmp_path)
    assert json.loads((tmp_path / "derived.json").read_text())["text_columns"] == ["review"]

    driftkit.data_quality.baseline(table(), runner="local").write(tmp_path)

    assert not (tmp_path / "derived.json").exists()


def test_states_are_added_to_with_their_own_columns(normal: Baseline, tmp_path: Path) -> None:
    normal.write(tmp_path / "kept", keep_states=True)
    table(reviews(seed=3)).to_parquet(tmp_path / "more.parquet")
    data = [str(tmp_path / "kept" / "states.arrow"), str(tmp_path / "more.parquet")]

    grown = driftkit.data_quality.baseline(data, runner="local")

    assert grown.derivation == normal.derivation
    assert names(grown) == ["stars", "review", *MADE]
    assert grown.statistics is not None
    assert grown.statistics.item_count == 800


def test_states_that_were_derived_otherwise_are_refused(normal: Baseline) -> None:
    plain = driftkit.data_quality.baseline(table(), runner="local")

    with pytest.raises(InputError, match="not made of others in the same way"):
        driftkit.data_quality.combine(normal.states, plain.states)
    with pytest.raises(InputError, match="not made of others as they are to be"):
        driftkit.data_quality.monitor(plain.states, normal)
    with pytest.raises(InputError, match="not made of others as they are to be"):
        driftkit.data_quality.baseline(plain.states, text_columns="review")


def test_a_window_is_not_derived_otherwise_than_its_baseline(normal: Baseline) -> None:
    driftkit.data_quality.monitor(table(), normal, text_columns="review", runner="local")
    with pytest.raises(SettingsError, match="as its baseline's are"):
        driftkit.data_quality.monitor(table(), normal, text_columns="stars", runner="local")


@pytest.mark.parametrize(
    ("column", "said"), [("stars", "values of type int64"), ("revue", "columns stars, review")]
)
def test_a_baseline_needs_texts(column: str, said: str) -> None:
    with pytest.raises(InputError, match=f"no texts in column '{column}'") as caught:
        driftkit.data_quality.baseline(table(), text_columns=column, runner="local")
    assert caught.value.found == said


def test_a_name_that_is_taken_is_refused() -> None:
    both = table().assign(**{"review.words": 1})

    with pytest.raises(InputError, match="is there already"):
        driftkit.data_quality.baseline(both, text_columns="review", runner="local")


@pytest.mark.parametrize("texts", ["gone", "numbers"])
def test_a_window_without_texts_lacks_the_columns_too(normal: Baseline, texts: str) -> None:
    window = table().drop(columns="review")
    window = window if texts == "gone" else window.assign(review=1.5)

    found = driftkit.data_quality.monitor(window, normal, runner="local")

    assert names(found) == ["stars", *(["review"] if texts == "numbers" else [])]
    assert {each.constraint_check_type for each in found.violations} >= {"missing_column_check"}


def test_columns_that_are_made_can_be_chosen_and_left_out() -> None:
    asked: dict[str, Any] = {"text_columns": "review", "runner": "local"}

    some = driftkit.data_quality.baseline(table(), columns="review.length", **asked)
    others = driftkit.data_quality.baseline(table(), ignore="review.*", **asked)

    assert names(some) == ["review.length"]
    assert names(others) == ["stars", "review"]


def test_deequ_is_not_asked_for_them() -> None:
    with pytest.raises(SettingsError, match="made of others"):
        driftkit.data_quality.baseline(table(), text_columns="review", engine="deequ")


def test_verdicts_are_of_columns_that_are_made_too() -> None:
    texts = reviews(rows=40 * 60)
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(texts)) // 60, unit="D")
    before = driftkit.data_quality.baseline(
        table(texts).assign(day=days), text_columns="review", time_column="day", runner="local"
    )
    later = pd.Timestamp("2026-02-10")
    same = reviews(seed=2, rows=60)
    shorter = [cut(text) for text in same]

    found = [
        driftkit.data_quality.monitor(table(each).assign(day=later), before, runner="local")
        for each in (same, shorter)
    ]

    verdicts = [
        {each.feature: each.verdict for each in result.drift.features if each.feature in MADE}
        for result in found
        if result.drift
    ]
    assert {*verdicts[0].values()} == {"ordinary"}
    assert verdicts[1]["review.length"] == "unusual"
