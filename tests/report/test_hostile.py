"""Two hundred names that break out of HTML, scripts, attributes and style sheets, as a browser reads them."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

import driftkit
from driftkit.report.page.markup import text
from driftkit.results.windows import window_of
from tests.report.browser import CHROMIUM, looked_at

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

# What a name may be within, and what it then runs.
ENDINGS = [
    *(
        "",
        '">',
        "'>",
        "</title>",
        "</script>",
        "</style>",
        "</svg>",
        "--><!-- ",
        "]]>",
        "</td></table>",
    ),
    *(
        "</noscript>",
        "\\u003c/script>",
        "</b></summary>",
        '" ',
        "' ",
        "`",
        "&quot;>",
        "\x00",
        "\u2028",
        "\u202e",
    ),
]
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "onmouseover=alert(1) autofocus onfocus=alert(1) x=",
    "<a href=javascript:alert(1)>x</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<style>*{background:url(http://example.invalid/x)}</style>",
    "<base href=//example.invalid/>",
    "<meta http-equiv=refresh content=0>",
    "<details open ontoggle=alert(1)>",
]
NAMES = ["".join(each) for each in product(ENDINGS, ATTACKS)]
COUNT = """
seen.tags = {};
document.body.querySelectorAll("*").forEach(function (each) { seen.tags[each.tagName] = (seen.tags[each.tagName] || 0) + 1; });
seen.handlers = Array.from(document.querySelectorAll("*")).filter(function (each) {
  return Array.from(each.attributes).some(function (one) { return /^on/i.test(one.name); });
}).length;
seen.names = Array.from(document.querySelectorAll("summary b")).map(function (each) { return each.textContent; });
seen.links = Array.from(document.querySelectorAll("a")).map(function (each) { return each.protocol || each.href.baseVal; });
"""


def page_of(names: list[str]) -> str:
    """A page whose columns, values, segments, windows and model are called so."""
    random = np.random.default_rng(0)
    values = pd.Series(names).repeat(2)
    normal = pd.DataFrame({name: random.normal(size=len(values)) for name in names})
    normal["kind"] = values.to_numpy()
    window = normal.assign(**{name: normal[name] + 9 for name in names[:30]})
    window["kind"] = values.iloc[::-1].to_numpy()
    normal["part"] = window["part"] = [names[at % 20] for at in range(len(values))]
    learnt = driftkit.data_quality.baseline(normal, segment_by=["part"])
    found = driftkit.data_quality.monitor(window, learnt)
    past = [window_of(found, name, link=f"{at}#{name}") for at, name in enumerate(names[:60])]
    page: str = found.report(past, names[0]).html
    return page


def test_two_hundred_hostile_names_are_text(tmp_path: Path) -> None:
    assert len(set(NAMES)) == 200
    harmless = [f"name {at}" for at in range(200)]

    (tmp_path / "other").mkdir()
    seen = looked_at(page_of(NAMES), COUNT, tmp_path)
    other = looked_at(page_of(harmless), COUNT, tmp_path / "other")

    assert (seen["alerts"], seen["requests"], seen["handlers"]) == (0, 0, 0)
    assert (seen["refused"], seen["errors"]) == ([], [])
    # A link that might be a script is left out.
    assert 0 < seen["tags"].pop("a") <= other["tags"].pop("a")
    assert seen["tags"] == other["tags"]
    assert set(seen["names"]) == {text(name) for name in [*NAMES, "kind", "part"]}
    assert not [link for link in seen["links"] if link.lower().startswith("javascript")]
