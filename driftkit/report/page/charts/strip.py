"""A cell a window, by what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.svg import chart, element, mark, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

SHOWN = 60
_CELL, _HEIGHT = 10, 22
# Each status has a height besides its colour: what broke stands out without colours, too.
_LOOK = {
    "ok": ("good", 8),
    "violated": ("bad", 20),
    "not_measured": ("faint", 8),
    "no_data": ("base", 3),
}


def strip(windows: Sequence[tuple[str, str, str | None]]) -> Markup:
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


def _cell(at: int, name: str, status: str, link: str | None) -> Markup:
    colour, height = _LOOK[status]
    title = element("title", f"{shown(name)}: {status.replace('_', ' ')}")
    box = {"x": _CELL * at, "y": _HEIGHT - height, "width": _CELL - 2, "height": height}
    if link and _is_plain(link):
        return element("a", title, mark("rect", colour, **box), href=link)
    return mark("rect", colour, title, **box)


def _is_plain(link: str) -> bool:
    """Whether a link is a position, not a script."""
    scheme = link.split(":", 1)[0].lower() if ":" in link else ""
    return scheme in {"", "http", "https", "file", "s3"}
