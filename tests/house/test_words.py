"""No file names a package index, or a place on the machine where it was written."""

from __future__ import annotations

import re

from tests.house.conftest import texts

# Every pattern has a letter in brackets, or this file would be the first to break its rule.
INDEXES = re.compile(r"py[p]i\.org|python[h]osted|repo1\.[m]aven|[m]aven\.org|npm[j]s\.org")
PLACES = re.compile(r"/[w]ork/|/[t]mp/w/|\.[l]ibrary/|[s]hared/(spec|design)")
ADDRESSES = re.compile(r"\w+://|--(extra-)?index-url|--find-links|--trusted-host")
INSTALLERS = re.compile(r"^(requirements/.*|Makefile|Dockerfile|pyproject\.toml|\.ci/.*)$")
OTHER_PROJECT = re.compile(r"pip [i]nstall (-U |--upgrade )?driftkit(?!-spark)")


def test_no_file_names_an_index() -> None:
    assert _lines_with(INDEXES) == []


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    assert _lines_with(PLACES) == []


def test_what_installs_holds_no_address() -> None:
    found = [line for line in _lines_with(ADDRESSES) if INSTALLERS.match(line.partition(":")[0])]

    assert found == []


def test_nobody_is_sent_to_the_other_projects_package() -> None:
    assert _lines_with(OTHER_PROJECT) == []


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.as_posix()}:{number}: {line.strip()[:100]}"
        for path, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
