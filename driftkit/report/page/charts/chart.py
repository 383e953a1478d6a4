"""Charts of a result's figures, as notebooks show them and files keep them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.report.page.charts.figures import chart_of, name_of
from driftkit.report.page.svg import element, shown, standing_alone

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    import pandas as pd
    from markupsafe import Markup

    from driftkit.results.figures import Figure

_LISTED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One or more charts.

    Attributes:
        figures: the numbers that are drawn.
        verdicts: name of a figure -> what was found of it.
    """

    figures: tuple[Figure, ...] = field(repr=False)
    verdicts: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def svg(self) -> list[str]:
        """A file of SVG for each chart."""
        return [standing_alone(chart_of(each)) for each in self.figures]

    @property
    def data(self) -> pd.DataFrame:
        """A row for each chart, with the numbers that it draws."""
        import pandas as pd  # noqa: PLC0415  (slow to load)

        rows: list[dict[str, Any]] = [
            {"kind": type(each).__name__.lower(), **asdict(each)} for each in self.figures
        ]
        return pd.DataFrame(rows)

    def save(self, path: str | PathLike[str]) -> Path:
        """Writes the chart as SVG, several below each other as a page of HTML.

        Args:
            path: ends in .svg or .html.

        Raises:
            SettingsError: it has another ending, or an SVG shall have several charts.
        """
        where = Path(path)
        if where.suffix == ".svg" and len(self.figures) == 1:
            where.write_text(self.svg[0], encoding="utf-8")
        elif where.suffix == ".html":
            page = f"<!doctype html>\n<meta charset=utf-8>\n{self._repr_html_()}\n"
            where.write_text(page, encoding="utf-8")
        else:
            raise SettingsError(
                "charts cannot be written so",
                where=str(where),
                expected="a name that ends in .html, or in .svg for one chart",
                found=f"{len(self.figures)} charts and the ending {where.suffix!r}",
                todo="Name one chart, result.plot(NAME), or write .html",
            )
        return where

    def _repr_html_(self) -> str:
        return "".join(titled(each, self.verdicts.get(name_of(each), "")) for each in self.figures)


def titled(figure: Figure, verdict: str = "") -> Markup:
    """A chart under its name, and what was found."""
    said = f" {shown(verdict)}" if verdict else ""
    title = element("figcaption", element("b", shown(name_of(figure))), said)
    return element("figure", title, chart_of(figure))


def drawn(figures: Sequence[Figure], names: Sequence[str]) -> Chart:
    """The charts of the named figures, or of all of them.

    Raises:
        SettingsError: there is no figure of a name.
    """
    if not names:
        return Chart(figures=tuple(figures))
    named: dict[str, list[Figure]] = {}
    for each in figures:
        named.setdefault(name_of(each), []).append(each)
    for name in names:
        if name not in named:
            close = get_close_matches(name, named, n=1)
            raise SettingsError(
                "there is nothing of this name to be drawn",
                expected=", ".join(map(repr, [*named][:_LISTED])) or "a result with figures",
                found=repr(name),
                todo=f"Did you mean {close[0]!r}?" if close else "Take one of these names",
            )
    return Chart(figures=tuple(each for name in names for each in named[name]))
