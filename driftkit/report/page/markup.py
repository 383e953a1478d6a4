"""Parts of a page in HTML: tables, folds, lists; all text in them is escaped."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from driftkit.report.page.svg import element, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTHING = Markup("")
_PLAIN = re.compile(r'="([\w.#-]+)"(?=[ >])')


def joined(parts: Iterable[str]) -> Markup:
    """Parts one after the other; those that are no markup are escaped."""
    return NOTHING.join(parts)


def plain(body: Markup) -> Markup:
    """A part of a page without the quotes that HTML needs around other values only.

    >>> plain(Markup('<svg width="110" role="img"><use href="#a"/></svg>'))
    Markup('<svg width=110 role=img><use href="#a"/></svg>')
    """
    # In texts, and in JSON, this does not occur: both have another way to write a quote.
    return Markup(_PLAIN.sub(r"=\1", body))  # noqa: S704  (nothing but quotes is left out)


def text(said: object) -> str:
    """Text from data as a page may show it: without control characters, and not too long."""
    return shown(str(said))


def prose(said: str) -> str:
    """A sentence in which names of data stand; it may be longer than one of them."""
    return " ".join(text(each) for each in said.split(" "))


def section(name: str, title: str, *children: object) -> Markup:
    """A part of the page that the contents lead to.

    Args:
        name: its id.
        title: its heading.
        children: what is in it.
    """
    return element("section", element("h2", title), *children, id=name)


def fold(summary: object, *children: object, opened: bool = False) -> Markup:
    """What is shown when its line is clicked, and always when the page is printed."""
    line = element("summary", summary)
    return element("details", line, *children, open="" if opened else None)


def table(
    heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()
) -> Markup:
    """A table that can be moved sideways where it is too wide; see `narrow`."""
    inner = narrow(heads, rows, numbers)
    return element("div", inner, class_="wide", tabindex="0", role="group", aria_label="table")


def narrow(
    heads: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()
) -> Markup:
    """A table; columns without any content are left out.

    Args:
        heads: names of the columns.
        rows: their cells: markup, or text that is escaped.
        numbers: indices of the columns that are aligned at the right.
    """
    listed = list(rows)
    kept = [at for at in range(len(heads)) if any(row[at] for row in listed)]
    head = _begun("tr", *(_begun("th", heads[at]) for at in kept))
    body = (_begun("tr", *(_begun("td", row[at]) for at in kept)) for row in listed)
    right = set(numbers)
    aligned = " ".join(f"n{to}" for to, at in enumerate(kept) if at in right) or None
    return element("table", _begun("thead", head), _begun("tbody", *body), class_=aligned)


def _begun(name: str, *children: object) -> Markup:
    """A part of a table, which HTML lets end where the next one begins."""
    return joined([Markup(f"<{name}>"), *map(escape, children)])  # noqa: S704  (names are of this file)


def items(lines: Iterable[object]) -> Markup:
    """A list; nothing where there is no line."""
    listed = [element("li", each) for each in lines]
    return element("ul", *listed) if listed else NOTHING
