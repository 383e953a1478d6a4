"""What all pages are within: a whole file of HTML with its style sheet, its script and its policy."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from driftkit.report.page.markup import joined, text
from driftkit.report.page.svg import element


def document(title: str, body: Markup) -> str:
    """A page as a file.

    Args:
        title: of the page.
        body: what is on it.
    """
    style, script = _part("page.css"), _part("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'"
    )
    inner = joined(
        [
            element("meta", charset="utf-8"),
            element("meta", http_equiv="Content-Security-Policy", content=policy),
            element("meta", name_="viewport", content="width=device-width,initial-scale=1"),
            element("title", text(title)),
            element("style", Markup(style)),  # noqa: S704  (a file of this package)
        ]
    )
    skip = element("a", "to the violations", href="#violations", class_="skip")
    ran = element("script", Markup(script))  # noqa: S704  (a file of this package)
    whole = element("html", element("head", inner), element("body", skip, body, ran), lang="en")
    return f"<!doctype html>\n{whole}\n"


@cache
def _part(name: str) -> str:
    written = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return "\n".join(map(str.lstrip, written.splitlines()))


def _digest(text_: str) -> str:
    found = base64.b64encode(hashlib.sha256(text_.encode()).digest()).decode()
    return f"sha256-{found}"
