"""The built site is whole and asks nobody for anything: `make docs` builds it and runs this."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("mkdocs", reason="the site is built and looked at by `make docs`")

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "build" / "site"
PAGES = sorted(path for path in SITE.rglob("*.html") if path.name != "404.html")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# What a browser fetches by itself; a link is followed by people only.
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}
MONITORS = ("attribution", "bias", "data_quality", "deployment", "model_quality")


class Tags(HTMLParser):
    """What a page loads, where it leads, and the places in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what the element loads, where it leads, and its names."""
        said = {name: value or "" for name, value in attrs}
        self.ids |= {said[name] for name in ("id", "name") if name in said}
        if LOADED.get(tag) in said and said.get("rel") != "canonical":
            self.loaded.append(said[LOADED[tag]])
        if tag == "a" and "href" in said:
            self.links.append(said["href"])


@cache
def tags(page: Path) -> Tags:
    return Tags(page.read_text(encoding="utf-8"))


def test_there_are_pages() -> None:
    assert SITE / "index.html" in PAGES


def test_nothing_is_loaded_from_elsewhere() -> None:
    asked = {
        address
        for page in PAGES
        for address in tags(page).loaded
        if urlsplit(address).netloc or urlsplit(address).scheme not in ("", "data")
    }
    styles = "\n".join(path.read_text(encoding="utf-8") for path in SITE.rglob("*.css"))

    assert asked == set()
    assert re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)]*", styles) == []


def broken(page: Path) -> Iterator[str]:
    for address in tags(page).links:
        link = urlsplit(address)
        if link.scheme or link.netloc:
            continue
        target = (page.parent / unquote(link.path)).resolve() if link.path else page
        target = target / "index.html" if target.is_dir() else target
        if not target.exists() or not has_place(target, unquote(link.fragment)):
            yield address


def has_place(target: Path, fragment: str) -> bool:
    return not fragment or target.suffix != ".html" or fragment in tags(target).ids


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(SITE)))
def test_links_lead_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def exported(module: str) -> list[str]:
    """The `__all__` of a module of the package, which is not imported: its libraries are not here."""
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            names: list[str] = ast.literal_eval(node.value)
            return names
    raise AssertionError(module)


@pytest.mark.parametrize("monitor", MONITORS)
def test_the_reference_has_what_monitors_export(monitor: str) -> None:
    page = SITE / "reference" / f"{monitor.replace('_', '-')}.html"
    # States are made and handed on; nobody looks into them.
    names = {
        name
        for name in exported(f"driftkit/monitors/{monitor}/monitor.py")
        if not name.endswith("States")
    }

    assert {name for name in names if f"driftkit.{monitor}.{name}" not in tags(page).ids} == set()


def test_the_reference_has_what_the_package_exports() -> None:
    page = SITE / "reference" / "driftkit.html"
    names = set(exported("driftkit/__init__.py")) - {"__version__", *MONITORS}
    known = {name.rpartition(".")[2] for name in tags(page).ids}

    assert names - known == set()


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")
def test_search_answers_without_a_server_and_a_network(tmp_path: Path) -> None:
    command = [
        *(str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom"),
        *(f"--user-data-dir={tmp_path}", "--virtual-time-budget=20000"),
        f"{(SITE / 'index.html').as_uri()}?q=robust",
    ]

    seen = subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", timeout=180
    ).stdout

    found = re.findall(r'<article class="md-search-result__article.*?</article>', seen, re.DOTALL)
    assert any("data-quality.html" in each or "Robust" in each for each in found), found
