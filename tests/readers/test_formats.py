"""The table of formats: what it says holds of the settings, and every row can be opened."""

from __future__ import annotations

from importlib import import_module
from itertools import combinations
from typing import get_args

import pytest

from driftkit.readers.formats import FORMATS, InputFormat
from driftkit.settings import Format


def test_the_setting_has_every_format() -> None:
    assert set(get_args(Format)) == {"auto", *(each.name for each in FORMATS)}


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
def test_what_opens_a_format_is_there(kind: InputFormat) -> None:
    module, _, function = kind.opener.partition(":")

    assert callable(getattr(import_module(module), function))


def test_no_two_formats_are_named_or_begin_alike() -> None:
    for one, other in combinations(FORMATS, 2):
        assert not {*one.endings} & {*other.endings}
        assert not one.magic or one.magic != other.magic
        assert not one.media_type or one.media_type != other.media_type
