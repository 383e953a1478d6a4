"""Pages as a browser shows them: no request, nothing run, readable in both schemes and on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.report.page.svg import COLOURS
from driftkit.results.windows import window_of
from tests.report.browser import CHROMIUM, colours_of, looked_at, printed
from tests.report.test_page import HOSTILE, frame

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.monitors.data_quality.monitor import MonitoringResult

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

# The least contrast of any text with what is behind it, and names of what can be used.
READABLE = """
function channels(said) { return said.match(/[\\d.]+/g).map(Number); }
function light(c) {
  var l = c.slice(0, 3).map(function (v) { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
  return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2];
}
function behind(node) {
  for (; node; node = node.parentElement) {
    var c = channels(getComputedStyle(node).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c;
  }
  return [255, 255, 255];
}
seen.contrast = 99; seen.texts = 0;
var walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), node;
while ((node = walk.nextNode())) {
  var of = node.parentElement;
  if (!node.data.trim() || of.closest("script,style,title,.skip,[aria-hidden]")) continue;
  var style = getComputedStyle(of), front = light(channels(of.closest("svg") ? style.fill : style.color)), back = light(behind(of));
  var ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
  seen.texts++;
  if (ratio < seen.contrast) { seen.contrast = ratio; seen.worst = node.data; }
}
seen.paper = light(behind(document.body));
seen.nameless = [];
document.querySelectorAll("svg:not([aria-hidden])").forEach(function (each) {
  if (!each.querySelector(":scope > title") || !/^(img|group)$/.test(each.getAttribute("role"))) seen.nameless.push("svg");
});
document.querySelectorAll("a,button,summary,th").forEach(function (each) {
  if (!each.textContent.trim()) seen.nameless.push(each.outerHTML.slice(0, 80));
});
document.querySelectorAll("input").forEach(function (each) { if (!each.labels.length) seen.nameless.push("input"); });
var ids = Array.from(document.querySelectorAll("[id]")).map(function (each) { return each.id; });
seen.doubled = ids.length - new Set(ids).size;
seen.language = document.documentElement.lang;
"""
FIRST_SCREEN = """
seen.first = Array.from(document.querySelectorAll("header, header .facts, header .verdict p, header .verdict li"))
  .map(function (each) { return [each.textContent, each.getBoundingClientRect().bottom]; });
"""
SORTED = """
var head = Array.from(document.querySelectorAll("#violations th")).find(function (each) { return each.textContent === "about"; });
head.querySelector("button").click();
seen.about = Array.from(document.querySelectorAll("#violations tbody tr")).map(function (row) { return row.cells[head.cellIndex].textContent; });
seen.order = head.getAttribute("aria-sort");
"""
FOUND = """
var find = document.getElementById("find");
seen.hidden = !find.getClientRects().length;
find.value = "feature_1234"; find.dispatchEvent(new Event("input"));
seen.found = Array.from(document.querySelectorAll("#features details")).filter(function (each) { return !each.hidden; })
  .map(function (each) { return each.querySelector("summary b").textContent; });
var one = Array.from(document.querySelectorAll("#more details")).find(function (each) { return !each.hidden; });
one.open = true; one.dispatchEvent(new Event("toggle"));
seen.charts = one.querySelectorAll("svg title").length;
"""


@pytest.fixture(scope="module")
def page() -> str:
    """Six columns that drifted, six of another type, and two windows before."""
    window = frame(2000, 12, 1)
    for at in range(0, 6, 2):
        window[f"feature_{at}"] += 1.0 + at
        window[f"feature_{at + 1}"] *= 2.0 + at
    for at in (9, 7, 8, 11, 6, 10):
        window[f"feature_{at}"] = "none"
    report: MonitoringResult = driftkit.data_quality.monitor(window, frame(3000, 12, 0))
    past = [window_of(report, "Monday"), window_of(report, "Tuesday")]
    return report.report(past, "churn").html


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_readable_and_everything_has_a_name(
    page: str, scheme: str, tmp_path: Path
) -> None:
    dark = ["--blink-settings=preferredColorScheme=0"] if scheme == "dark" else []

    seen = looked_at(page, READABLE + FIRST_SCREEN + SORTED, tmp_path, dark)

    assert (seen["requests"], seen["alerts"], seen["refused"], seen["errors"]) == (0, 0, [], [])
    assert (seen["paper"] < 0.1) is (scheme == "dark")
    assert seen["contrast"] >= 4.5, seen["worst"]
    assert seen["texts"] > 100
    assert seen["nameless"] == []
    assert (seen["doubled"], seen["language"]) == (0, "en")
    assert seen["about"] == sorted(seen["about"])
    assert seen["order"] == "ascending"


def test_the_first_screen_says_what_since_when_the_worst_and_on_how_many_rows(
    page: str, tmp_path: Path
) -> None:
    seen = looked_at(page, FIRST_SCREEN, tmp_path)

    assert all(bottom <= 720 for _, bottom in seen["first"])
    said = " ".join(text for text, _ in seen["first"])
    assert "VIOLATED" in said
    assert "Window 3 in a row with this status, the first was Monday." in said
    assert "2,000" in said
    assert said.count("beyond sampling: ") + said.count("expected 100.0% Fractional") >= 3


def test_names_of_data_run_nothing(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    numbers = {name: random.normal(size=200) for name in HOSTILE}
    normal = pd.DataFrame({**numbers, "text": random.choice(HOSTILE[:6], 200)})
    moved = normal.assign(text=HOSTILE[6], **{name: normal[name] + 9 for name in HOSTILE})
    report = driftkit.data_quality.monitor(moved, normal)
    past = [window_of(report, name, link=name) for name in HOSTILE]
    strange = (
        "seen.strange = document.querySelectorAll('img, svg[onload], [onmouseover], "
        'a[href^="javascript:" i]\').length;'
    )

    seen = looked_at(report.report(past, HOSTILE[0]).html, strange, tmp_path)

    assert (seen["alerts"], seen["strange"], seen["requests"]) == (0, 0, 0)
    assert (seen["refused"], seen["errors"]) == ([], [])


def test_two_thousand_columns_are_drawn_and_found(tmp_path: Path) -> None:
    report = driftkit.data_quality.monitor(frame(60, 2000, 1), frame(60, 2000, 0))

    seen = looked_at(report.report().html, FOUND, tmp_path)

    assert seen["errors"] == []
    assert not seen["hidden"]
    assert seen["found"] == ["feature_1234"]
    assert seen["charts"] == 2


def test_charts_keep_their_colours_where_no_style_and_no_script_is_allowed(
    page: str, tmp_path: Path
) -> None:
    # As Jenkins shows pages of others.
    strict = re.sub(r"default-src [^\"]*", "default-src &#39;none&#39;; sandbox", page, count=1)
    assert "sha256" not in strict

    found = colours_of(strict, tmp_path)

    assert (255, 255, 255) in found
    for name in ("now", "bad", "faint"):
        digits = COLOURS[name][1:]
        assert tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4)) in found, name


def test_paper_has_what_is_folded_on_the_screen(page: str, tmp_path: Path) -> None:
    folded = re.sub(r"(</summary>).*?(</details>)", r"\1\2", page)
    assert len(folded) < len(page)

    assert printed(page, tmp_path) > printed(folded, tmp_path)
