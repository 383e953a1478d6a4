"""A confusion matrix: shares of each label's rows by prediction, beside the baseline's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import chart, mark, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.figures import Confusion

MOST_LABELS = 12
_CELL, _LEFT, _TOP, _BETWEEN = 64, 90, 40, 40
_ROW = 40
_LONGEST = 10
# Text on a cell has to be read in both schemes.
_DARKEST = 0.35


def confusion(figure: Confusion) -> Markup:
    """The window's matrix and the baseline's, of the labels that come first."""
    labels = figure.labels[:MOST_LABELS]
    wide = _LEFT + _CELL * len(labels)
    matrices = [
        ("window", figure.window),
        *([("baseline", figure.baseline)] if figure.baseline else []),
    ]
    drawn: list[Markup] = []
    for at, (name, rows) in enumerate(matrices):
        drawn += _matrix(name, labels, rows, at * (wide + _BETWEEN))
    width = wide * len(matrices) + _BETWEEN * (len(matrices) - 1) + 8
    height = _TOP + _ROW * len(labels) + 8
    return chart(_says(figure, labels), *drawn, width=width, height=height)


def _matrix(
    name: str, labels: Sequence[str], rows: Sequence[Sequence[float]], left: float
) -> list[Markup]:
    drawn = [words(f"{name}: label down, prediction across", left, 12)]
    for at, label in enumerate(labels):
        drawn.append(words(_short(label), left + _LEFT + _CELL * (at + 0.5), _TOP - 6, "middle"))
        drawn.append(words(_short(label), left + _LEFT - 8, _TOP + _ROW * at + 24, "end"))
        total = sum(rows[at])
        for column, count in enumerate(rows[at][: len(labels)]):
            x, y = left + _LEFT + _CELL * column, _TOP + _ROW * at
            drawn += _cell(count / total if total else 0.0, count, x, y)
    return drawn


def _cell(share: float, count: float, x: float, y: float) -> list[Markup]:
    middle = x + _CELL / 2
    written = svg.labels(
        [(f"{share:.1%}", middle, y + 17.0), (f"{count:,.0f}", middle, y + 31.0)], "middle"
    )
    dark = f"{share * _DARKEST:.2f}"
    box = mark("rect", "now", x=x, y=y, width=_CELL - 2, height=_ROW - 2, fill_opacity=dark)
    return [box, written]


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[:_LONGEST]}..."


def _says(figure: Confusion, labels: Sequence[str]) -> str:
    total = sum(map(sum, figure.window))
    right = sum(figure.window[at][at] for at in range(len(figure.labels)))
    left = len(figure.labels) - len(labels)
    more = f", the first {len(labels)} of {len(figure.labels)} labels" if left else ""
    share = f"{right / total:.1%}" if total else "none"
    return f"{share} of {total:,.0f} rows are predicted as their label{more}"
