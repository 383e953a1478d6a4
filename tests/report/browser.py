"""Opens pages in headless Chromium with a script of the test in them, and tells what it saw."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SECONDS = 180
_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--hide-scrollbars", "--window-size=1280,720", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
# The page's policy holds for what comes after it; this comes before.
_PROBE = """<script>
var seen = {alerts: 0, refused: [], errors: []};
function tell() { document.documentElement.setAttribute("data-seen", JSON.stringify(seen)); }
window.alert = function () { seen.alerts++; };
addEventListener("securitypolicyviolation", function (e) { seen.refused.push(e.violatedDirective); });
addEventListener("error", function (e) { seen.errors.push(String(e.message)); });
addEventListener("load", function () {
  try { LOOK } catch (error) { seen.errors.push(String(error)); }
  seen.requests = performance.getEntriesByType("resource").length;
  tell();
});
</script>"""


def looked_at(page: str, look: str, folder: Path, options: Sequence[str] = ()) -> dict[str, Any]:
    """What a script sees in a page once it is there.

    Args:
        page: the HTML.
        look: JavaScript that adds to the object `seen`; later than the page is there, with `tell()`.
        folder: for files of the browser.
        options: of Chromium.
    """
    probed = page.replace("<head>", "<head>" + _PROBE.replace("LOOK", look), 1)
    file = folder / "page.html"
    file.write_text(probed, encoding="utf-8")
    written = run(["--dump-dom", *options, file.as_uri()], folder)
    (found,) = re.findall(r'<html[^>]* data-seen="([^"]*)"', written)
    seen: dict[str, Any] = json.loads(html.unescape(found))
    return seen


def printed(page: str, folder: Path) -> int:
    """On how many sheets of paper a page is printed."""
    file, paper = folder / "printed.html", folder / "printed.pdf"
    file.write_text(page, encoding="utf-8")
    run([f"--print-to-pdf={paper}", file.as_uri()], folder)
    return len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))


def colours_of(page: str, folder: Path) -> set[tuple[int, ...]]:
    """The colours of a page's first 1,400 pixels."""
    image = pytest.importorskip("PIL.Image")
    file, picture = folder / "drawn.html", folder / "drawn.png"
    file.write_text(page, encoding="utf-8")
    run([f"--screenshot={picture}", "--window-size=1280,1400", file.as_uri()], folder)
    with image.open(picture) as drawn:
        found = drawn.convert("RGB").getcolors(1280 * 1400) or []
    return {colour for _, colour in found}


def run(arguments: Sequence[str], folder: Path) -> str:
    """What Chromium writes."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={folder / 'profile'}", *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", timeout=_SECONDS
    ).stdout
