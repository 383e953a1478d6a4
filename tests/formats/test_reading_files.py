"""Files on disk: read whole, or an error that says which file and why."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import FormatError
from driftkit.formats import constraints, statistics
from driftkit.formats.jackson import dumps
from driftkit.formats.violations import NAME, Violation
from driftkit.formats.violations import read_file as read_violations
from tests.formats import documents

if TYPE_CHECKING:
    from pathlib import Path


def test_each_file_is_read_from_disk(tmp_path: Path) -> None:
    contents = (
        (constraints.NAME, constraints.read_file, documents.constraints()),
        (statistics.NAME, statistics.read_file, documents.statistics()),
        (NAME, partial(read_violations, row=Violation), documents.violations()),
    )

    for name, read, content in contents:
        path = tmp_path / name
        path.write_text(dumps(content))
        assert read(path).to_dict() == content


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("absent.json", "the file is missing"),
        (".", "Is a directory"),
        ("cut.json", r"not valid JSON .* line 2, column 1"),
        ("empty.json", r"not valid JSON .* line 1, column 1"),
        ("other.json", "of another kind"),
    ],
)
def test_an_error_names_the_file(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "cut.json").write_text('{"version": 0.0,\n')
    (tmp_path / "empty.json").write_text("")
    (tmp_path / "other.json").write_text('{"explanations": {}}')

    with pytest.raises(FormatError, match=message) as caught:
        constraints.read_file(tmp_path / name)

    assert str(tmp_path / name) in str(caught.value.where)
