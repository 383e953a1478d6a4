"""Pages of the documentation keep its rules: code that is run, options that exist, a place in the site."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer
import yaml

from driftkit.cli import app
from tests.cli.surface import commands
from tests.docs.blocks import DOCS, LANGUAGES, blocks, pages
from tests.docs.settings_page import settings_page
from tests.house.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", pages(), ids=name)
def test_blocks_say_their_language(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    fences = len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE))
    found = blocks(page)
    hidden = len(re.findall(r"^<!-- run: ", text, re.MULTILINE))

    # A fence that is no block would be run by nobody: see tests/docs/blocks.py.
    assert fences == 2 * (len(found) - hidden)
    assert [each.where for each in found if each.language not in LANGUAGES] == []


@pytest.mark.parametrize("page", pages(), ids=name)
def test_tests_that_are_named_exist(page: Path) -> None:
    named = set(re.findall(r"`(tests/[\w/]+(?:\.py)?)`", page.read_text(encoding="utf-8")))

    assert {each for each in named if not (ROOT / each).exists()} == set()


def lines(text: str) -> Iterator[list[str]]:
    """The words of each command of driftkit in a text."""
    for line in re.sub(r"\\\n", " ", text).splitlines():
        for part in re.split(r"&&|\|\||;|(?<!\S)\|(?!\S)", re.sub(r"\s#\s.*", "", line)):
            found = re.search(r"(?:^|\s)driftkit (.*)", part)
            if found:
                yield shlex.split(found[1])


@pytest.mark.parametrize("page", [*pages(), ROOT / "README.md"], ids=name)
def test_commands_have_the_options_that_are_shown(page: Path) -> None:
    known = {
        path: {option for each in made.params for option in (*each.opts, *each.secondary_opts)}
        for path, made in commands(typer.main.get_command(app))
    }
    wrong = []
    shown = (block for block in blocks(page) if block.language != "python")
    for words in (words for block in shown for words in lines(block.text)):
        two, one = " ".join(words[:2]), words[0]
        command = two if two in known else one
        asked = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        wrong += [f"{command} {option}" for option in asked - known.get(command, set())]

    assert wrong == []


def test_the_page_of_settings_is_up_to_date() -> None:
    page = DOCS / "reference" / "settings.md"

    # python -m tests.docs.settings_page > docs/reference/settings.md
    assert page.read_text(encoding="utf-8") == settings_page()


@pytest.mark.parametrize("page", pages(), ids=name)
def test_links_lead_to_files_of_the_documentation(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    files = {link: (page.parent / link).resolve() for link in links}

    # Others are not in the site, and it has no list of a folder.
    assert {
        link for link, file in files.items() if not (file.is_file() and DOCS in file.parents)
    } == set()


def listed(entries: list[Any]) -> Iterator[str]:
    """The pages of a part of the site's navigation."""
    for entry in entries:
        for said in entry.values() if isinstance(entry, dict) else [entry]:
            yield from listed(said) if isinstance(said, list) else [said]


def test_every_page_has_a_place_in_the_site() -> None:
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]

    assert sorted(listed(navigation)) == [str(page.relative_to(DOCS)) for page in pages()]
