"""Reads the code blocks of a page, and runs them in their order as a reader would.

A block is run unless the line before it says `<!-- not run: REASON -->`. With a title it is a file: it is
written, not run. `text title="output"` is what the block before it must have said, with `...` for what
differs from run to run. What a reader has already, and a page need not show, stands in a comment:
`<!-- run: bash`, the lines, `-->`. `<!-- needs: NAME -->` skips the rest of a page where that package or program is missing.
"""

from __future__ import annotations

import ast
import contextlib
import doctest
import importlib.util
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
OUTPUT = "output"
_BLOCK = re.compile(
    r"(?:<!-- (?P<mark>not run|needs): (?P<said>[^>]+?) -->\n)?"
    r"(?:^```(?P<language>\w*)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<text>.*?)^```$"
    r"|^<!-- run: (?P<hidden>\w+)\n(?P<lines>.*?)^-->$)",
    re.MULTILINE | re.DOTALL,
)
_SAID = doctest.OutputChecker()
_LIKE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block of code.

    Attributes:
        where: file and line.
        language: of its fence.
        text: the code.
        title: the file that it is.
        not_run: why it is not run.
        needs: a package or a program without which the page ends here.
    """

    where: str
    language: str
    text: str
    title: str = ""
    not_run: str = ""
    needs: str = ""


def blocks(path: Path) -> list[Block]:
    """The blocks of a page in their order, hidden ones too."""
    page = path.read_text(encoding="utf-8")
    found = []
    for each in _BLOCK.finditer(page):
        line = page.count("\n", 0, each.start()) + 1
        found.append(
            Block(
                where=f"{path.relative_to(ROOT)}:{line}",
                language=each["hidden"] or each["language"] or "",
                text=each["lines"] or each["text"] or "",
                title=each["title"] or "",
                not_run=each["said"] if each["mark"] == "not run" else "",
                needs=each["said"] if each["mark"] == "needs" else "",
            )
        )
    return found


def pages() -> list[Path]:
    """All pages of the documentation."""
    return sorted(DOCS.rglob("*.md"))


@dataclass(slots=True, kw_only=True)
class Reader:
    """Runs blocks in a folder, and remembers what the last one said."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict)
    said: str = ""

    def runs(self, block: Block) -> None:
        """Runs a block, writes it as a file, or compares it with what was said."""
        if block.needs and not is_here(block.needs):
            pytest.skip(f"{block.where} needs {block.needs}")
        if block.title == OUTPUT:
            self._compares(block)
        elif block.title:
            file = self.folder / block.title
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, encoding="utf-8")
            _CHECKS.get(block.language, str)(block.text)
        elif block.language in _CHECKS and block.language != "python":
            _CHECKS[block.language](block.text)
        else:
            self.said = {"python": self._python, "bash": self._bash, "sql": self._sql}[
                block.language
            ](block)

    def _compares(self, block: Block) -> None:
        # Boxes are drawn as wide as their longest text, and lines end with spaces.
        assert _SAID.check_output(block.text, self.said, _LIKE), (
            f"{block.where} shows\n{block.text}\nbut it is\n{self.said}"
        )

    def _python(self, block: Block) -> str:
        """What a notebook's cell would show: what is printed, and the value of the last line."""
        tree = ast.parse(block.text, block.where)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, block.where, "exec"), self.names)  # noqa: S102  (this project's)
            if isinstance(last, ast.Expr):
                code = compile(ast.Expression(last.value), block.where, "eval")
                value = eval(code, self.names)  # noqa: S307
                sys.stdout.write("" if value is None else f"{value!r}\n")
        return printed.getvalue()

    def _bash(self, block: Block) -> str:
        ended = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
            timeout=300,
        )
        assert ended.returncode == 0, f"{block.where}\n{block.text}\n{ended.stdout}"
        return ended.stdout

    def _sql(self, block: Block) -> str:
        """Asks the metrics store in the folder `metrics`."""
        from driftkit.store.connection import connect  # noqa: PLC0415  (it needs DuckDB)

        with connect("metrics") as connection:
            return str(connection.sql(block.text))

    def _environment(self) -> dict[str, str]:
        """That of a shell in which `driftkit` and `python` are this project's."""
        programs = self.folder / ".bin"
        if not programs.exists():
            programs.mkdir()
            for name, module in (("driftkit", "-m driftkit"), ("python", "")):
                program = programs / name
                python = shlex.quote(sys.executable)
                program.write_text(f'#!/bin/sh\nexec {python} {module} "$@"\n')
                program.chmod(0o755)
        kept = {key: value for key, value in os.environ.items() if "DRIFTKIT" not in key}
        paths = {"PATH": f"{programs}{os.pathsep}{kept['PATH']}", "PYTHONPATH": str(ROOT)}
        return kept | paths | {"COLUMNS": "100", "TZ": "UTC"}


def is_here(name: str) -> bool:
    """Whether a package or a program is installed."""
    return importlib.util.find_spec(name) is not None or shutil.which(name) is not None


# Whether a block that is data, or is written as a file, is of its language.
_CHECKS: dict[str, Callable[[str], Any]] = {
    "json": json.loads,
    "python": ast.parse,
    "text": str,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
}
LANGUAGES = {"bash", "sql", *_CHECKS}
