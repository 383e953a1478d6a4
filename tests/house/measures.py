"""Measures the shape of the package; `make measures` prints the table.

Most of it is read from the syntax trees; what a run does is seen in processes of their own.
"""

from __future__ import annotations

import ast
import resource
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).resolve().parents[2] / "driftkit"
Function = ast.FunctionDef | ast.AsyncFunctionDef
RUNS = 3

# Learns a baseline of one captured record twice and prints the rooms of all functions in the order
# in which the second run calls each for the first time.
TRACED = """
import json, sys, tempfile, threading
from pathlib import Path
import driftkit
side = lambda data: {"data": data, "encoding": "CSV", "observedContentType": "text/csv"}
record = {
    "captureData": {"endpointInput": side("1,2.5,a"), "endpointOutput": side("0.5")},
    "eventMetadata": {"eventId": "e", "inferenceTime": "2024-01-01T00:10:00Z"},
}
package = str(Path(driftkit.__file__).parent) + "/"
seen = {}
def profile(frame, event, argument):
    code = frame.f_code
    if event == "call" and code.co_filename.startswith(package):
        room = code.co_filename.removeprefix(package).partition("/")[0]
        seen.setdefault((code.co_filename, code.co_qualname, code.co_firstlineno), room)
with tempfile.TemporaryDirectory() as folder:
    captures = Path(folder, "captures.jsonl")
    captures.write_text(json.dumps(record))
    driftkit.data_quality.baseline(captures, runner="local")
    threading.setprofile(profile)
    sys.setprofile(profile)
    driftkit.data_quality.baseline(captures, runner="local")
    sys.setprofile(None)
print(*seen.values())
"""
SMALL = """
import sys, tempfile
from pathlib import Path
from driftkit.cli import main
with tempfile.TemporaryDirectory() as folder:
    table = Path(folder, "training.csv")
    table.write_text("age,name\\n" + "31,a\\n45,b\\n" * 50)
    sys.argv = ["driftkit", "data-quality", "baseline", str(table), "--output", f"{folder}/out"]
    main()
"""


@dataclass(frozen=True, kw_only=True)
class Modules:
    """The modules of a package with their text, by their full names."""

    texts: dict[str, str]
    packages: frozenset[str]

    @classmethod
    def from_folder(cls, folder: Path) -> Modules:
        """Reads all modules of a package."""
        texts, packages = {}, set()
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            if parts[-1] == "__init__":
                parts = parts[:-1]
                packages.add(".".join(parts))
            texts[".".join(parts)] = path.read_text(encoding="utf-8")
        return cls(texts=texts, packages=frozenset(packages))

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        """Gives the syntax tree of each module."""
        return {name: ast.parse(text) for name, text in self.texts.items()}

    @cached_property
    def imports(self) -> dict[str, set[str]]:
        """Gives the modules of the package that each module imports, under TYPE_CHECKING too."""
        return {name: self._imported(tree) - {name} for name, tree in self.trees.items()}

    def with_one_importer(self) -> list[str]:
        """Gives the modules that exactly one other module imports."""
        counts = Counter(name for found in self.imports.values() for name in found)
        return sorted(name for name, count in counts.items() if count == 1)

    def circles(self) -> list[list[str]]:
        """Gives the groups of modules that import one another, directly or through others."""
        reached = {name: self._reached(name) for name in self.imports}
        groups = {
            frozenset(other for other in found if name in reached[other])
            for name, found in reached.items()
            if name in found
        }
        return sorted(sorted(group) for group in groups)

    def function_lines(self) -> list[int]:
        """Gives the number of lines of every function and method, decorators left out."""
        return sorted(
            (node.end_lineno or node.lineno) - node.lineno + 1
            for tree in self.trees.values()
            for node in ast.walk(tree)
            if isinstance(node, Function)
        )

    def uses_of_private_functions(self) -> list[int]:
        """Gives for every private function how often its own module names it."""
        uses = []
        for tree in self.trees.values():
            named = Counter(_names(tree))
            functions = (node for node in ast.walk(tree) if isinstance(node, Function))
            uses += [named[node.name] for node in functions if _is_private(node.name)]
        return uses

    def rooms(self) -> dict[str, tuple[int, int]]:
        """Gives the number of files and of lines in each folder right below the package."""
        sizes = defaultdict(list)
        for name, text in self.texts.items():
            inner = name.split(".")[1:]
            room = inner[0] if len(inner) > 1 or (name in self.packages and inner) else ""
            sizes[room].append(text.count("\n"))
        return {room: (len(found), sum(found)) for room, found in sorted(sizes.items())}

    def _imported(self, tree: ast.Module) -> set[str]:
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= inner & self.texts.keys() or {node.module}
        return found & self.texts.keys()

    def _reached(self, start: str) -> set[str]:
        reached: set[str] = set()
        waiting = [start]
        while waiting:
            new = self.imports[waiting.pop()] - reached
            reached |= new
            waiting += new
        return reached


def table(modules: Modules) -> list[tuple[str, str]]:
    """Gives the measures by name, as docs/architecture.md states them."""
    functions, uses = modules.function_lines(), modules.uses_of_private_functions()
    files = len(modules.texts) - len(modules.packages)
    return [
        ("lines of driftkit/", f"{sum(lines for _, lines in modules.rooms().values()):,}"),
        ("modules with one importer", f"{len(modules.with_one_importer())} of {files}"),
        ("private functions called once", f"{uses.count(1) / len(uses):.0%} of {len(uses):,}"),
        ("circles of imports", str(len(modules.circles()))),
        ("lines of a function, median and longest", f"{median(functions):g} and {functions[-1]}"),
        *(
            (f"files and lines of {f'{room}/' if room else 'the top'}", f"{count} and {lines:,}")
            for room, (count, lines) in modules.rooms().items()
        ),
    ]


def rooms_of_a_record() -> tuple[int, int]:
    """Gives how often a record enters a room, and how often it had been there before."""
    done = subprocess.run(
        [sys.executable, "-c", TRACED],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    rooms = done.stdout.split()
    stops = [room for before, room in zip(["", *rooms], rooms, strict=False) if room != before]
    return len(stops), len(stops) - len(set(stops))


def seconds_of(code: str) -> float:
    """Gives the processor time of some code, Python's start included: the best of some runs."""
    times = []
    for _ in range(RUNS):
        start = _processor_seconds()
        subprocess.run(
            [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, check=False
        )
        times.append(_processor_seconds() - start)
    return min(times)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def runs() -> list[tuple[str, str]]:
    """Gives what is measured of the running package."""
    stops, returns = rooms_of_a_record()
    helped = "import sys; sys.argv = ['driftkit', '--help']; from driftkit.cli import main; main()"
    return [
        ("rooms that a record enters, and returns to", f"{stops} and {returns}"),
        ("driftkit --help", f"{seconds_of(helped):.2f} s"),
        ("a small baseline from the shell", f"{seconds_of(SMALL):.2f} s"),
    ]


def _names(tree: ast.Module) -> list[str]:
    names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return names + [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]


def _is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


if __name__ == "__main__":
    for name, value in table(Modules.from_folder(PACKAGE)) + runs():
        print(f"{name:<44}{value}")  # noqa: T201 - the table is what this prints
