"""The table of quirks is complete, true and on its page."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from driftkit.dialects import AWS, QUIRKS, TEXTBOOK, Dialect, dialect, markdown
from driftkit.errors import SettingsError

if TYPE_CHECKING:
    from driftkit.quirks import Quirk

PROJECT = Path(__file__).resolve().parents[1]


def test_each_field_is_explained_once() -> None:
    explained = [quirk.name for quirk in QUIRKS]

    assert explained == [field.name for field in fields(Dialect) if field.name != "name"]


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_the_dialects_differ_in_every_quirk(quirk: Quirk) -> None:
    aws, textbook = asdict(AWS), asdict(TEXTBOOK)

    assert aws[quirk.name] is quirk.aws
    assert textbook[quirk.name] is not quirk.aws


@pytest.mark.parametrize("quirk", QUIRKS, ids=lambda quirk: quirk.name)
def test_a_quirk_names_code_and_test_that_speak_of_it(quirk: Quirk) -> None:
    code = (PROJECT / "driftkit" / quirk.where).read_text(encoding="utf-8")
    test = (PROJECT / quirk.test).read_text(encoding="utf-8")

    assert quirk.name.removesuffix("_moments") in code
    assert "def test_" in test


@pytest.mark.parametrize("name", ["aws", "textbook"])
def test_a_dialect_is_found_by_its_name(name: str) -> None:
    assert dialect(name).name == name


def test_an_unknown_dialect_names_the_known_ones() -> None:
    with pytest.raises(SettingsError, match=r"aws \| textbook.*'azure'"):
        dialect("azure")


def test_the_page_is_up_to_date() -> None:
    page = PROJECT / "docs" / "dialects.md"

    assert page.read_text(encoding="utf-8") == markdown()
