"""Pages of every monitor by axe-core, which finds what people with disabilities cannot use, and by a checker of HTML.

`make test-pages` installs both; without them these tests are left out.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.report.browser import CHROMIUM, looked_at
from tests.report.every import REPORTS, page_of

_MODULES = Path(__file__).parents[2] / ".pages" / "node_modules"
AXE = _MODULES / "axe-core" / "axe.min.js"
CHECKER = _MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar"
JAVA = shutil.which("java")
# What the checker does not know yet of CSS.
_NEW = ("details-content", "contain-intrinsic-height")

# All is open, as what is closed is not looked at.
RULES = """
document.querySelectorAll("details").forEach(function (each) { each.open = true; });
axe.run(document, { resultTypes: ["violations"] }).then(function (found) {
  seen.rules = found.passes.length;
  seen.broken = found.violations.map(function (each) {
    return each.id + ": " + each.nodes.map(function (node) { return node.html.slice(0, 120); }).slice(0, 3).join(" ");
  });
  tell();
}, function (error) { seen.errors.push(String(error)); tell(); });
"""


@pytest.mark.skipif(
    CHROMIUM is None or not AXE.exists(), reason="needs Chromium and axe-core: make test-pages"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", REPORTS)
def test_everybody_can_use_a_page(name: str, scheme: str, tmp_path: Path) -> None:
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []
    program = AXE.read_text(encoding="utf-8")
    page = page_of(name).replace("<head>", f"<head><script>{program}</script>", 1)

    seen = looked_at(page, RULES, tmp_path, ["--virtual-time-budget=60000", *dark])

    assert seen["errors"] == []
    assert seen["broken"] == []
    assert seen["rules"] > 15


@pytest.mark.skipif(
    JAVA is None or not CHECKER.exists(),
    reason="needs Java and the Nu HTML checker: make test-pages",
)
def test_pages_are_html(tmp_path: Path) -> None:
    for name in REPORTS:
        (tmp_path / f"{name}.html").write_text(page_of(name), encoding="utf-8")
    pages = sorted(tmp_path.iterdir())

    command = [
        str(JAVA),
        "-Xss8m",
        "-jar",
        str(CHECKER),
        "--format",
        "json",
        "--errors-only",
        *map(str, pages),
    ]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8")

    found = [each["message"] for each in json.loads(done.stderr)["messages"]]
    assert sum(any(new in each for new in _NEW) for each in found) == 2 * len(pages)
    assert [each for each in found if not any(new in each for new in _NEW)] == []
