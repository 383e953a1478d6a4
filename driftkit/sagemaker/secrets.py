"""Redacts secrets in messages, in all their encodings."""

from __future__ import annotations

import json
import re
import shlex
from base64 import b64encode
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HIDDEN = "***"
_SECRET = re.compile(
    r"secret|token|passw|passphrase|pwd|credential|private|api_?key|access_?key|account_?key|auth"
    r"|connection_?string",
    re.IGNORECASE,
)
# Shorter ones are words such as "true", which messages need.
_SHORTEST = 6
_KEY = (
    r"pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:signature|sig)(?=\s*=)|auth(?:orization)?"
    r"|(?:api|access|account|shared|private|secret)[-_ ]?(?:access[-_ ]?)?key(?:[-_ ]?id)?"
    r"|(?:client|shared)[-_ ]?secret|(?:access|auth|session|security|refresh|id)[-_ ]?token"
)
# What stands after a key is its value up to what ends a field of a connection string, a URL or an
# object of JSON; a value in quotes goes up to the closing one.
_ASSIGNED = re.compile(
    rf"""(?P<key>(?<![A-Za-z])(?:[A-Za-z0-9]+[-_.])*(?:{_KEY})\\?["']?\s*(?:=|:(?!//))\s*)"""
    r"""(?P<value>\\"(?:[^"\\]|\\[^"])*|"(?:[^"\\]|\\.)*|'[^']*|(?:(?:Bearer|Basic)\s+)?[^\s;&,"'(){}\[\]]+)""",
    re.IGNORECASE,
)
# `user:password@` in URLs; a password may hold anything but a space and a slash.
_IN_URL = re.compile(r"(?P<scheme>\b[A-Za-z][A-Za-z0-9+.-]*:(?:\\?/){2})[^\s/\\?#]*@")
_PASSWORD = re.compile(r"://[^\s/:@]*:([^\s/]+)@")


def secrets_in(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The values of an environment that must never be shown, the longest first.

    They are those of variables that are called so, and what any variable calls so: the password in
    a URL, the key in a connection string.
    """
    hidden = {
        part
        for name, value in variables.items()
        for part in (*(_whole(value) if _SECRET.search(name) else ()), *_inside(value))
        if len(part) >= _SHORTEST
    }
    return tuple(sorted(hidden, key=len, reverse=True))


def without_secrets(text: str, secrets: Sequence[str]) -> str:
    """A text without secrets, as they are and as they stand in JSON, URLs, commands and BASE64.

    Whatever looks like a password by its place is blacked out too: `user:password@` in a URL, the
    value of `password=` and the like.

    >>> without_secrets("s3://me:abc@host/x?token=1 and AccountKey=a+b==;Name=c", ())
    's3://***@host/x?token=*** and AccountKey=***;Name=c'
    """
    spellings = {each for secret in secrets for each in _spellings(secret)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, HIDDEN)
    text = _IN_URL.sub(rf"\g<scheme>{HIDDEN}@", text)
    return _ASSIGNED.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    value = found["value"]
    opened = re.match(r"""\\?["']""", value)
    return f"{found['key']}{opened[0] if opened else ''}{HIDDEN}"


def _whole(value: str) -> Iterator[str]:
    """A secret, and its lines: a key in PEM is shown line by line."""
    yield value
    yield value.strip()
    lines = value.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines)


def _inside(value: str) -> Iterator[str]:
    for found in _ASSIGNED.finditer(value):
        yield found["value"].lstrip("\\\"'")
    for found in _PASSWORD.finditer(value):
        yield found[1]
        yield unquote(found[1])


def _spellings(secret: str) -> Iterator[str]:
    """The secret as it is and as programs write it."""
    yield secret
    for ascii_only in (True, False):
        inside = json.dumps(secret, ensure_ascii=ascii_only)[1:-1]
        yield inside
        # JSON within JSON, as in captured records and in configurations that are variables.
        yield json.dumps(inside, ensure_ascii=ascii_only)[1:-1]
        yield inside.replace("/", "\\/")
    for safe in ("", "/", ":/"):
        yield quote(secret, safe=safe)
        yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), quote(secret, safe=safe))
    yield quote_plus(secret)
    yield shlex.quote(secret)
    yield shlex.quote(secret)[1:-1] if "'" in secret else secret
    yield repr(secret)[1:-1]
    yield escape(secret)
    yield from _in_base64(secret)


def _in_base64(secret: str) -> Iterator[str]:
    """What BASE64 makes of the secret, by itself or in the middle of a longer text."""
    for before in range(3):
        written = b64encode(bytes(before) + secret.encode("utf-8", "replace")).decode()
        # The first and last characters depend on what stands beside the secret.
        first = (before * 8 + 5) // 6
        inside = written[first:].rstrip("=")
        inside = (
            inside if (before + len(secret.encode("utf-8", "replace"))) % 3 == 0 else inside[:-1]
        )
        if len(inside) >= _SHORTEST:
            yield inside
            yield inside.replace("+", "-").replace("/", "_")
