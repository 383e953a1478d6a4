"""A cell a window, by what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.svg import chart, element, mark, shown, small

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.history import Status

SHOWN = 60
_CELL, _HEIGHT, _SMALL = 10, 22, 5
# Each status has a height besides its colour: what broke stands out without colours, too.
_LOOK: dict[Status, tuple[str, int]] = {
    "ok": ("good", 8),
    "violated": ("bad", 20),
    "not_measured": ("faint", 8),
    "no_data": ("base", 3),
}


def strip(windows: Sequence[tuple[str, Status, str | None]]) -> Markup:
    """The last windows, the newest at the right.

    Args:
        windows: name, status and link of each, oldest first.
    """
    last = windows[-SHOWN:]
    cells = [_cell(at, *each) for at, each in enumerate(last)]
    broken = sum(status == "violated" for _, status, _ in last)
    said = f"{broken} of the last {len(last)} windows have violations"
    role = "group" if any("<a" in each for each in cells) else "img"
    return chart(said, *cells, width=_CELL * len(last), height=_HEIGHT, role=role)


def _cell(at: int, name: str, status: Status, link: str | None) -> Markup:
    colour, height = _LOOK[status]
    title = element("title", f"{shown(name)}: {status.replace('_', ' ')}")
    box = {"x": _CELL * at, "y": _HEIGHT - height, "width": _CELL - 2, "height": height}
    if link and is_plain(link):
        return element("a", title, mark("rect", colour, **box), href=link)
    return mark("rect", colour, title, **box)


def row_of_cells(statuses: Sequence[Status]) -> Markup:
    """The same in a row of a table, without names and links: a path for each status."""
    paths: dict[Status, str] = {}
    for at, status in enumerate(statuses):
        height = _LOOK[status][1]
        cell = f"M{_SMALL * at} {_HEIGHT - height}h{_SMALL - 1}v{height}h-{_SMALL - 1}Z"
        paths[status] = paths.get(status, "") + cell
    said = f"{statuses.count('violated')} of {len(statuses)} windows have violations"
    drawn = [mark("path", _LOOK[status][0], d=path) for status, path in paths.items()]
    return small(said, *drawn, height=_HEIGHT, width=_SMALL * len(statuses))


def is_plain(link: str) -> bool:
    """Whether a link is a position, not a script."""
    scheme = link.split(":", 1)[0].lower() if ":" in link else ""
    return scheme in {"", "http", "https", "file", "s3"}
