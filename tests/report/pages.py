"""Pages as tests take them apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

# HTML lets parts of a table end where the next one begins, or the one that they are in ends.
_ENDED_BY = {
    "td": {"td", "th", "tr", "tbody", "table"},
    "th": {"td", "th", "tr", "tbody", "table"},
    "tr": {"tr", "tbody", "table"},
    "thead": {"tbody", "table"},
    "tbody": {"table"},
}


@dataclass
class Parsed(HTMLParser):
    """What is in a page.

    Attributes:
        attributes: of all of its elements.
        ids: of its elements.
        links: what attributes refer to.
        tags: names of its elements.
        words: its text, without scripts and styles.
        scripts: the contents of its scripts.
        styles: the contents of its style sheets.
        policy: what it may load.
        rows: cells of the rows of tables, after the column that they are about if there is one.
        unbalanced: elements that end where another one should, or never.
    """

    attributes: list[tuple[str, str | None]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    policy: str = ""
    rows: list[list[str]] = field(default_factory=list)
    unbalanced: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._within: list[str] = []
        self._about = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = dict(attrs)
        self._end_before(tag)
        self.tags.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([self._about])
        elif tag in {"td", "th"}:
            self.rows[-1].append("")
        self.ids += [given["id"] or ""] if "id" in given else []
        self.links += [given[name] or "" for name in ("href", "src", "data") if name in given]
        if given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"] or ""
        self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """One ends."""
        self._end_before(tag)
        self.unbalanced += [] if self._within and self._within[-1] == tag else [tag]
        while self._within and self._within.pop() != tag:
            pass

    def _end_before(self, tag: str) -> None:
        while self._within and tag in _ENDED_BY.get(self._within[-1], ()):
            self._within.pop()

    def close(self) -> None:
        """The page ends."""
        super().close()
        self.unbalanced += self._within

    def handle_data(self, data: str) -> None:
        """Text within one."""
        within = self._within[-1] if self._within else ""
        if self._within[-2:] == ["summary", "b"]:
            self._about = data
        elif {"td", "th"} & set(self._within) and within != "title":
            self.rows[-1][-1] += data
        {"script": self.scripts, "style": self.styles}.get(within, self.words).append(data)

    @property
    def text(self) -> str:
        """The text with single spaces."""
        return " ".join(" ".join(self.words).split())


def parsed(html: str) -> Parsed:
    """A page taken apart."""
    found = Parsed()
    found.feed(html)
    found.close()
    return found
