"""The project's own files, as its rules see them."""

from __future__ import annotations

import ast
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@cache
def kept_files() -> tuple[Path, ...]:
    """Gives the files that are in the repository or about to be, as relative paths."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git work tree")
    names = sorted(set(listed.stdout.splitlines()))
    return tuple(Path(name) for name in names if (ROOT / name).is_file())


@cache
def texts() -> dict[Path, str]:
    """Gives the text of every kept file; pictures and archives have none."""
    found = {}
    for path in kept_files():
        try:
            found[path] = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@cache
def modules(*folders: str) -> dict[Path, str]:
    """Gives the Python files of some top-level folders with their text."""
    return {
        path: text
        for path, text in texts().items()
        if path.suffix == ".py" and path.parts[0] in folders
    }


@cache
def trees(*folders: str) -> dict[Path, ast.Module]:
    """Gives the same files as they are parsed; whoever takes them leaves them as they are."""
    return {path: ast.parse(text) for path, text in modules(*folders).items()}
