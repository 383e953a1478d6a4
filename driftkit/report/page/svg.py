"""Elements, numbers and axes of charts in SVG, escaped wherever text comes from data."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from driftkit.errors import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WIDTH, HEIGHT = 640, 240
SMALL_WIDTH, SMALL_HEIGHT = 110, 24
LONGEST = 120
# HTML does not know this form for elements that may have content.
_CLOSED = {"circle", "input", "meta", "path", "rect", "use"}
TICKS = 5

# Okabe and Ito's hues, darkened so that text on white has a contrast of at least 4.5. The style sheet
# of a page names these attributes to change them for dark pages, which beats the attributes.
COLOURS = {
    "base": "#5B6270",
    "now": "#0072B2",
    "bad": "#B34700",
    "good": "#007A5A",
    "text": "#374151",
    "faint": "#D1D5DB",
}


def element(name: str, *children: object, **attributes: object) -> Markup:
    """An element; what is text in it is escaped.

    Args:
        name: of the element.
        children: markup or text.
        attributes: name -> value; None leaves one out, `_` stands for `-`, and a `_` at the end
            is dropped. Numbers are rounded to a decimal.

    >>> element("text", "a < b", x=1.26, font_size=11, class_="now")
    Markup('<text x="1.3" font-size="11" class="now">a &lt; b</text>')
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(escape(each) for each in children)
    closed = name in _CLOSED and not inner
    return Markup(f"<{name}{written}/>" if closed else f"<{name}{written}>{inner}</{name}>")  # noqa: S704  (all parts are escaped)


def _value(value: object) -> object:
    return coordinate(value) if isinstance(value, float) else value


def coordinate(value: float) -> str:
    """A coordinate with one decimal at most, written shortly.

    >>> coordinate(12.04), coordinate(-0.26), coordinate(-0.01)
    ('12', '-.3', '0')
    """
    rounded = round(float(value), 1)
    return f"{rounded:g}".replace("0.", ".", 1) if 0 < abs(rounded) < 1 else f"{rounded + 0:g}"


def shown(text: str) -> str:
    r"""What users called something, as a page may show it.

    >>> shown("a\u202eb"), shown("x" * 130)[-16:]
    ('a\\u202eb', 'xxxxxxx... (130)')
    """
    clean = visible(text)
    return clean if len(clean) <= LONGEST else f"{clean[:LONGEST]}... ({len(clean)})"


def number(value: float | None) -> str:
    """A number with four digits, empty where there is none.

    >>> [number(x) for x in (0.36125, 28905.0, 1e9, 0.0, None)]
    ['0.3613', '28,905', '1e+09', '0', '']
    """
    if value is None or math.isnan(value):
        return ""
    whole = 1e4 <= abs(value) < 1e9
    return f"{value:,.0f}" if whole else f"{value:.4g}"


def ticks(low: float, high: float) -> list[float]:
    """Round numbers between two, at most five of them.

    >>> ticks(0.0, 1.0), ticks(-3.0, 52.0)
    ([0.0, 0.5, 1.0], [0.0, 20.0, 40.0])
    """
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    rough = span / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    steps = (power, 2 * power, 5 * power, 10 * power, 20 * power)
    step = next(each for each in steps if math.floor(high / each) - math.ceil(low / each) < TICKS)
    first = math.ceil(low / step)
    return [round(step * at, 12) + 0.0 for at in range(first, math.floor(high / step) + 1)]


def known(values: Iterable[float | None]) -> list[float]:
    """Those that are numbers and no infinite ones."""
    return [each for each in values if each is not None and math.isfinite(each)]


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """Where numbers from `low` to `high` are drawn, from `start` to `end`."""
    return Scale(low, high if high > low else low + 1.0, start, end)


class Scale:
    """Numbers as coordinates."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        """The coordinate of a number; those beyond the ends are at the ends."""
        within = min(max(value, self.low), self.high)
        return self.start + (within - self.low) / (self.high - self.low) * (self.end - self.start)


def group(*children: object, **attributes: object) -> Markup:
    """Elements that have attributes in common."""
    return element("g", *children, **attributes)


def used(name: str, **attributes: object) -> Markup:
    """What is drawn elsewhere on the page under an id, once more."""
    return element("use", href=f"#{name}", **attributes)


def labels(texts: Iterable[tuple[str, float, float]], anchor: str) -> Markup:
    """Texts of a chart that are aligned in the same way.

    Args:
        texts: each with its position from the left and from the top.
        anchor: start, middle or end.
    """
    drawn = (element("text", shown(each), x=x, y=y) for each, x, y in texts)
    return group(*drawn, text_anchor=anchor)


def grid(at: Sequence[tuple[float, float]], start: float, end: float) -> list[Markup]:
    """Horizontal lines, each with its number before it.

    Args:
        at: numbers, each with its height.
        start: where the lines begin, from the left.
        end: where they end.
    """
    path = "".join(f"M{coordinate(start)} {coordinate(up)}H{coordinate(end)}" for _, up in at)
    numbers = [(number(value), start - 6, up + 4) for value, up in at]
    return [ruled("faint", path), labels(numbers, "end")]


def trail(positions: Iterable[tuple[float, float]]) -> str:
    """A line through positions as a path of the steps between them, which are short to write.

    >>> trail([(2, 22), (5.52, 20.8), (9.04, 21)])
    'M2 22l3.5-1.2 3.5 .2'
    """
    # Steps between rounded positions do not add up what rounding changed.
    tenths = [(round(x * 10), round(y * 10)) for x, y in positions]
    steps = [(across - before, up - above) for (before, above), (across, up) in pairwise(tenths)]
    first, *rest = ("".join(map(_spaced, map(_tenth, each))) for each in [*tenths[:1], *steps])
    return f"M{first.lstrip()}{'l' if rest else ''}{''.join(rest).lstrip()}"


def _tenth(value: int) -> str:
    return coordinate(value / 10)


def _spaced(written: str) -> str:
    return written if written.startswith("-") else f" {written}"


def band(ends: Sequence[tuple[float, float, float]]) -> Markup:
    """What lies between two lines.

    Args:
        ends: a position from the left, and one of each line from the top.
    """
    there = [(x, high) for x, _, high in ends]
    back = [(x, low) for x, low, _ in ends[::-1]]
    return mark("path", "now", d=f"{trail([*there, *back])}Z", fill_opacity=0.15)


def mark(name: str, colour: str, *children: object, **attributes: object) -> Markup:
    """An element that is filled with a colour of the palette."""
    return element(name, *children, fill=COLOURS[colour], **attributes)


def stroke(name: str, colour: str, **attributes: object) -> Markup:
    """An element that is drawn in a colour of the palette."""
    return element(name, fill="none", stroke=COLOURS[colour], **attributes)


def ruled(colour: str, path: str, **attributes: object) -> Markup:
    """Straight lines, which enclose nothing that could be filled."""
    return element("path", stroke=COLOURS[colour], d=path, **attributes)


def limit(up: float, start: float, end: float) -> Markup:
    """A dashed line across a chart, at which a violation begins."""
    path = f"M{coordinate(start)} {coordinate(up)}H{coordinate(end)}"
    return stroke("path", "bad", d=path, stroke_dasharray="5 3")


def words(text: str, x: float, y: float, anchor: str = "start", colour: str = "text") -> Markup:
    """Text in a chart."""
    anchored = None if anchor == "start" else anchor
    # Its colour is that of the whole chart where it is no other one.
    filled = None if colour == "text" else COLOURS[colour]
    return element("text", shown(text), x=x, y=y, text_anchor=anchored, fill=filled)


def chart(
    says: str,
    *children: object,
    width: int = WIDTH,
    height: int = HEIGHT,
    role: str = "img",
) -> Markup:
    """A chart, with a sentence that says what it shows to those who cannot see it.

    Args:
        says: the sentence.
        children: what it is made of.
        width: in pixels.
        height: in pixels.
        role: an img has nothing in it that could be used, such as a link; a group may.
    """
    return element(
        "svg",
        element("title", says),
        *children,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role=role,
        font_size=11,
        fill=COLOURS["text"],
    )


def small(says: str, *children: object, height: int, **attributes: object) -> Markup:
    """A chart in a row of a table, which keeps its size."""
    title = element("title", says)
    about = {"width": SMALL_WIDTH, "height": height, "role": "img", **attributes}
    return element("svg", title, *children, **about)


def standing_alone(drawn: Markup) -> str:
    """A chart as a file of its own, which says what it is and in which type."""
    own = '<svg xmlns="http://www.w3.org/2000/svg" font-family="system-ui,sans-serif" '
    return str(drawn).replace("<svg ", own, 1)


def legend(entries: Sequence[tuple[str, str]], x: float, y: float) -> list[Markup]:
    """Names of what is drawn, each after a square of its colour.

    Args:
        entries: colour and name.
        x: where the first one begins.
        y: its base line.
    """
    drawn: list[Markup] = []
    for colour, name in entries:
        drawn.append(mark("rect", colour, x=x, y=y - 9, width=10, height=10))
        drawn.append(words(name, x + 14, y))
        x += 14 + 7 * len(name) + 16
    return drawn
