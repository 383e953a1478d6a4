"""`make detection`: whether feature, kind, segment and hour of a planted change are named.

The rules were made on flights. Taxi, air and bikes were looked at when they were frozen; then the
search for errors of units and the tolerance of grids were mended, and electricity was added, on
which nothing was changed.

python -m tests.detection.causes [--windows N] [--seed N]
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from driftkit.comparison.causes.categories import causes_of_categories
from driftkit.comparison.causes.cause import Kind
from driftkit.comparison.causes.numbers import causes_of_numbers
from driftkit.comparison.causes.samples import Categories, Numbers
from driftkit.comparison.causes.stories import Change, stories
from driftkit.comparison.causes.where import changed_segment, onset
from driftkit.comparison.detection.categories import CategoricalReference
from driftkit.comparison.detection.cells import Cells
from driftkit.comparison.detection.memory import difference
from driftkit.comparison.detection.numbers import NumericReference
from driftkit.comparison.detection.shares import share_test
from driftkit.states.profile.kll import KllSketch
from tests.detection.planted import FLIGHTS, OTHERS, Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.causes.cause import Cause
    from tests.detection.planted import Table

_RATE = 0.01
_ROWS = 2_000
_GRIDS = (0.1, 1.0, 5.0, 10.0, 100.0)
_GRID_WEIGHT = 0.05
_FIRST = 0.95
# Rows of baseline and window where segments and hours are asked for.
_BASELINE, _WINDOW = 60_000, 5_000
_PAIRS = (
    (Kind.SHIFT, Kind.NULLS),
    (Kind.UNITS, Kind.NULLS),
    (Kind.UNIT_ERRORS, Kind.NULLS),
    (Kind.DEFAULT_VALUE, Kind.NULLS),
    (Kind.ROUNDING, Kind.NULLS),
    (Kind.SHIFT, Kind.DEFAULT_VALUE),
    (Kind.UNITS, Kind.DEFAULT_VALUE),
    (Kind.SHIFT, Kind.UNIT_ERRORS),
)
_SHARED = (Kind.UNITS, Kind.NULLS, Kind.DEFAULT_VALUE)
_KINDS_OF_PART = (Kind.SHIFT, Kind.NULLS, Kind.UNITS)


def sample(values: Any) -> Numbers | Categories:
    """What a state keeps of a column."""
    missing = int(pd.isna(values).sum())
    present = values[~pd.isna(values)]
    if values.dtype == np.float64:
        levels = KllSketch().extended(present).levels
        return Numbers.of([level.tolist() for level in levels], missing)
    counts = Counter(str(each) for each in present.tolist())
    return Categories(counts=counts, missing=missing)


def evidence(before: Numbers | Categories, now: Numbers | Categories) -> float:
    """The p-value of the difference, as the monitor has it, with a test of grids."""
    if isinstance(before, Numbers) and isinstance(now, Numbers):
        edges, atoms = _edges(before)
        reference = NumericReference(cells=_counted(before, edges), atoms=atoms)
        p = float(difference(_counted(now, edges), reference).p[0])
        return min(p, _grids(before, now) / _GRID_WEIGHT) if now.present else p
    assert isinstance(before, Categories) and isinstance(now, Categories)  # noqa: PT018
    names = [*before.counts, *(each for each in now.counts if each not in before.counts)]
    seen = [
        Cells.of([side.counts.get(each, 0) for each in names], side.missing)
        for side in (before, now)
    ]
    return float(difference(seen[1], CategoricalReference(cells=seen[0])).p[0])


def _edges(before: Numbers) -> tuple[Any, Any]:
    values, counts = before.distribution.values, before.counts  # noqa: PD011  (no data frame)
    inner = before.distribution.quantiles(np.linspace(0, 1, 200))
    often = values[counts >= 0.01 * before.present]
    below = [np.nextafter(each, -np.inf) for each in often.tolist()]
    edges = np.unique(np.concatenate([inner, often, below, values[:3], values[-3:]]))
    edges = np.concatenate([[np.nextafter(values[0], -np.inf)], edges])
    return edges, np.append(np.isin(edges, often), values=False)[None]


def _counted(numbers: Numbers, edges: Any) -> Cells:
    if not numbers.present:
        return Cells.of(np.zeros(len(edges) + 1, dtype=np.int64), numbers.missing)
    ranks = np.round(numbers.distribution.shares(edges) * numbers.present).astype(np.int64)
    return Cells.of(np.diff(ranks, prepend=0, append=numbers.present), numbers.missing)


def _grids(before: Numbers, now: Numbers) -> float:
    shares = [(side.on_grid(grid), side.present) for grid in _GRIDS for side in (now, before)]
    tests = [
        float(share_test(round(k * n), n, round(r * m), m))
        for (k, n), (r, m) in zip(shares[::2], shares[1::2], strict=True)
        if abs(k - r) > 0.02
    ]
    return min(1.0, min(tests, default=1.0) * len(_GRIDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What is said of one window: feature -> p-value, and the causes of a feature."""

    p: dict[str, float]
    before: dict[str, Numbers | Categories]
    now: dict[str, Numbers | Categories]

    def first(self) -> str:
        """The feature that differs most surely."""
        return min(self.p, key=lambda name: self.p[name])

    def causes(self, feature: str) -> tuple[Cause, ...]:
        """What is said of it; nothing if it does not differ."""
        if self.p[feature] > _RATE / len(self.p):
            return ()
        before, now = self.before[feature], self.now[feature]
        if isinstance(before, Numbers) and isinstance(now, Numbers):
            return causes_of_numbers(before, now)
        assert isinstance(before, Categories) and isinstance(now, Categories)  # noqa: PT018
        return causes_of_categories(before, now)

    def changes(self) -> list[Change]:
        """Every cause of every feature that differs."""
        return [
            Change(feature=name, cause=each, p_value=self.p[name])
            for name in self.p
            for each in self.causes(name)
        ]


def _windows(
    table: Table, rows: pd.DataFrame, rng: np.random.Generator
) -> tuple[dict[str, Any], Any]:
    """A baseline, and what draws a window from the other rows."""
    order = rng.permutation(len(rows))
    base = Window.of(rows.iloc[order[: table.baseline]], table)
    others = order[table.baseline :]
    before = {name: sample(base.columns[name]) for name in table.features}
    return before, lambda: Window.of(rows.iloc[others[rng.integers(0, len(others), _ROWS)]], table)


def _named(before: dict[str, Any], window: Window) -> _Named:
    now = {name: sample(values) for name, values in window.columns.items()}
    return _Named(
        p={name: evidence(before[name], now[name]) for name in now}, before=before, now=now
    )


def _single(table: Table, repeats: int, seed: int) -> bool:
    """One change at a time: the feature first, and the kind."""
    rows, rng = table.read().reset_index(drop=True), np.random.default_rng(seed)
    first: list[bool] = []
    right: dict[str, list[bool]] = {}
    wrong: Counter[str] = Counter()
    for _ in range(repeats):
        before, draw = _windows(table, rows, rng)
        for kind in (*Kind, None):
            for feature in table.planted(kind):
                window = draw()
                if kind:
                    window.plant(kind, feature, rng)
                named = _named(before, window)
                said = next((each.kind for each in named.causes(feature or named.first())), None)
                right.setdefault(kind or "none", []).append(said == kind)
                if kind:
                    first.append(named.first() == feature)
                if said != kind:
                    wrong[f"{kind or 'none'} of {feature}: {said}"] += 1
    named_right = [each for kind, answers in right.items() if kind != "none" for each in answers]
    shares = {kind: f"{np.mean(answers):.0%}" for kind, answers in right.items()}
    _say(
        f"{table.name}: feature first in {np.mean(first):.1%}, kind right in {np.mean(named_right):.1%} of {len(named_right):,}"
    )
    _say(f"    {shares}")
    _say(f"    {dict(wrong.most_common(12))}")
    return bool(np.mean(first) >= _FIRST and np.mean(named_right) >= table.promise)


def _two(table: Table, repeats: int, seed: int) -> None:
    """Two changes of one feature: how often both are named, and how often one of them."""
    rows, rng = table.read().reset_index(drop=True), np.random.default_rng(seed)
    both: dict[str, list[bool]] = {}
    one: list[bool] = []
    for _ in range(repeats):
        before, draw = _windows(table, rows, rng)
        for kinds in _PAIRS:
            for feature in table.numbers:
                window = draw()
                for kind in kinds:
                    window.plant(kind, feature, rng)
                named = {each.kind for each in _named(before, window).causes(feature)}
                both.setdefault(" + ".join(kinds), []).append(named == set(kinds))
                one.append(bool(named & set(kinds)))
    shares = {kinds: f"{np.mean(answers):.0%}" for kinds, answers in both.items()}
    _say(f"{table.name}, two changes of a feature: one named in {np.mean(one):.1%}; both {shares}")


def _together(repeats: int, seed: int) -> bool:
    """The same change of several features: whether it is told as one story of them all."""
    table, right = FLIGHTS, Counter[str]()
    rows, rng = table.read().reset_index(drop=True), np.random.default_rng(seed)
    features = ("dep_delay", "arr_delay", "air_time")
    for _ in range(repeats):
        before, draw = _windows(table, rows, rng)
        for kind in _SHARED:
            window, state = draw(), rng.bit_generator.state
            for feature in features:
                # The same factor, and the same rows.
                rng.bit_generator.state = state
                window.plant(kind, feature, rng)
            named = _named(before, window)
            told = stories(named.changes())
            right[kind] += len(told) == 1 and set(told[0].features) == set(features)
    _say(f"three features changed together: one story of {repeats} windows in {dict(right)}")
    return min(right[kind] for kind in _SHARED) >= 0.8 * repeats


def _where(repeats: int, seed: int) -> bool:
    """A change of one segment, or from one hour on: whether it is named."""
    table, rng = FLIGHTS, np.random.default_rng(seed)
    rows = table.read().reset_index(drop=True)
    right, everywhere, hours = Counter[str](), 0, 0
    for _ in range(repeats):
        order = rng.permutation(len(rows))
        base, window = rows.iloc[order[:_BASELINE]], rows.iloc[order[_BASELINE:][:_WINDOW]].copy()
        feature = str(rng.choice(["dep_delay", "air_time", "distance"]))
        column = str(rng.choice(["origin", "carrier", "hour"]))
        value = rng.choice(window[column].value_counts().index[:6].to_numpy())
        kind = _KINDS_OF_PART[int(rng.integers(len(_KINDS_OF_PART)))]
        asked = (base, window, feature)
        _plant_part(window, feature, (window[column] == value).to_numpy(), kind, rng)
        right[column] += _segment(asked) == (column, value)
        right[f"of {column}"] += 1
        window = rows.iloc[order[_BASELINE:][:_WINDOW]].copy()
        _plant_part(window, feature, np.ones(len(window), dtype=bool), kind, rng)
        everywhere += _segment((base, window, feature)) is None
        window, first = rows.iloc[order[_BASELINE:][:_WINDOW]].copy(), int(rng.integers(1, 24))
        block = np.arange(len(window)) * 24 // len(window)
        _plant_part(window, feature, block >= first, kind, rng)
        edges, _ = _edges(_numbers(base[feature]))
        blocks = np.stack([_cells(window[feature][block == each], edges) for each in range(24)])
        hours += onset(_cells(base[feature], edges), blocks) == first
    _say(f"segment named {dict(right)}, none where all rows changed {everywhere} of {repeats}")
    _say(f"hour of onset exact in {hours} of {repeats}")
    return hours >= 0.9 * repeats


def _plant_part(
    rows: pd.DataFrame, feature: str, chosen: Any, kind: Kind, rng: np.random.Generator
) -> None:
    values = rows[feature].to_numpy(np.float64).copy()
    if kind is Kind.SHIFT:
        values[chosen] += np.round(np.nanstd(values))
    elif kind is Kind.NULLS:
        values[chosen & (rng.random(len(values)) < 0.3)] = np.nan
    else:
        values[chosen] *= 60
    rows[feature] = values


def _segment(asked: tuple[pd.DataFrame, pd.DataFrame, str]) -> tuple[str, Any] | None:
    base, window, feature = asked
    edges, _ = _edges(_numbers(base[feature]))
    keys = [
        (column, value)
        for column in ("origin", "carrier", "hour")
        for value in base[column].value_counts().index[:20].tolist()
    ]
    parts = [
        np.stack([_cells(side[feature][side[column] == value], edges) for column, value in keys])
        for side in (base, window)
    ]
    whole = [_cells(side[feature], edges) for side in (base, window)]
    found = changed_segment(whole[0], whole[1], (parts[0], parts[1]), ordered=True)
    return keys[found.index] if found else None


def _numbers(column: pd.Series[Any]) -> Numbers:
    numbers = sample(column.to_numpy(np.float64))
    assert isinstance(numbers, Numbers)
    return numbers


def _cells(column: pd.Series[Any], edges: Any) -> Any:
    """Rows by cell, those without a value last."""
    values = column.to_numpy(np.float64)
    missing = int(np.isnan(values).sum())
    cells = np.searchsorted(edges, values[~np.isnan(values)], side="left")
    return np.append(np.bincount(cells, minlength=len(edges) + 1), missing)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what is found of each table; 1 if a promise is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=12, help="of each kind and feature")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--table", default="")
    asked = parser.parse_args(arguments)
    tables = [each for each in (FLIGHTS, *OTHERS) if asked.table in each.name]
    kept = [_single(each, asked.windows, asked.seed) for each in tables]
    for each in tables:
        _two(each, max(1, asked.windows // 4), asked.seed)
    kept += [_together(asked.windows, asked.seed), _where(2 * asked.windows, asked.seed)]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
