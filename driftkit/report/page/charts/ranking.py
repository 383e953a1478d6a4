"""Ranks of features in the baseline and in the window, with lines between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import chart, coordinate, number, stroke, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.figures import Ranking

MOST_FEATURES = 15
_ROW, _TOP, _LEFT, _RIGHT = 20, 30, 250, 390
_FAR = 3
_LONGEST = 24


def ranking(figure: Ranking) -> Markup:
    """The features that come first on either side; lines that change by over three ranks stand out."""
    before, now = _order(figure.baseline), _order(figure.window)
    shown = [at for at in now if min(now.index(at), before.index(at)) < MOST_FEATURES]
    old = [at for at in before if at in set(shown)]
    drawn = [words("baseline", _LEFT, 14, "end"), words("window", _RIGHT, 14)]
    for position, at in enumerate(shown):
        drawn += _feature(figure, at, (old.index(at), position), before.index(at) - now.index(at))
    return chart(_says(figure, before, now), *drawn, height=_TOP + _ROW * len(shown) + 6)


def _order(values: Sequence[float]) -> list[int]:
    """Indices, the greatest value first."""
    return sorted(range(len(values)), key=lambda at: -abs(values[at]))


def _feature(figure: Ranking, at: int, positions: tuple[int, int], moved: int) -> list[Markup]:
    left, right = (_TOP + _ROW * position for position in positions)
    name = figure.features[at]
    name = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}..."
    far = abs(moved) > _FAR
    path = f"M{_LEFT + 8} {coordinate(left - 4)}L{_RIGHT - 8} {coordinate(right - 4)}"
    return [
        words(f"{name} {number(figure.baseline[at])}", _LEFT, left, "end"),
        stroke("path", "bad" if far else "base", d=path, stroke_width=2 if far else 1),
        words(
            f"{name} {number(figure.window[at])}", _RIGHT, right, colour="bad" if far else "text"
        ),
    ]


def _says(figure: Ranking, before: Sequence[int], now: Sequence[int]) -> str:
    moved = sum(abs(before.index(at) - now.index(at)) > _FAR for at in now)
    first = svg.shown(figure.features[now[0]]) if now else "nothing"
    was = svg.shown(figure.features[before[0]]) if before else "nothing"
    return f"{first} contributes most, in the baseline {was}; {moved} features changed by over {_FAR} ranks"
