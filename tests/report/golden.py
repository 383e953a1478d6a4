"""Writes the pages that tests compare with, after a change that is meant: `python -m tests.report.golden`."""

from __future__ import annotations

import re
from pathlib import Path

from tests.report.every import REPORTS, page_of

FOLDER = Path(__file__).parent / "golden"
_WITHIN = re.compile(r"<(style|script)>.*?</\1>", re.DOTALL)
_OWN = re.compile(r"sha256-[\w+/=]*|(?<=Made by driftkit )[^<]*(?=\.<)")
# Tests become sharper; their numbers are tested elsewhere.
_P_VALUE = re.compile(r"\bp (?:=|&lt;) [\d.e-]*\d")
_BEGINS = re.compile(r"(?=<(?:section|details|table|tr|svg|p|li|div|g|path|text|use)\b)")


def normalised(page: str) -> str:
    """A page in short lines, without its style sheet, script, p-values and driftkit's version."""
    without = _P_VALUE.sub("p", _OWN.sub("", _WITHIN.sub(r"<\1></\1>", page)))
    return _BEGINS.sub("\n", without).replace("\n\n", "\n")


def main() -> None:
    """Writes all pages."""
    FOLDER.mkdir(exist_ok=True)
    for name in REPORTS:
        (FOLDER / f"{name}.html").write_text(normalised(page_of(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
