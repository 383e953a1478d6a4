"""Secrets by reference: `${env:NAME}` and `${file:PATH}`, looked up when something is sent."""

from __future__ import annotations

import os
import re
from pathlib import Path

from driftkit.errors import SettingsError

_REFERENCE = re.compile(r"\$\{(env|file):([^}]+)\}")
# What only those may know who may send: addresses and keys of Slack, Teams, PagerDuty and Standard
# Webhooks, passwords in URLs.
_SECRETS = re.compile(
    r"hooks\.slack\.com/|xox[abp]-|whsec_|[?&](sig|token|key)=|://[^/\s]*:[^/\s]*@|^[0-9a-fA-F]{32}$"
)


def is_reference(text: str) -> bool:
    """Whether the text names a secret.

    >>> is_reference("${env:SLACK_WEBHOOK}"), is_reference("https://example.org")
    (True, False)
    """
    return _REFERENCE.search(text) is not None


def refuse_secrets(name: str, text: str) -> None:
    """Makes sure that no secret is written where others can read it.

    Raises:
        SettingsError: the text looks like a secret; what it is, is not said.
    """
    if _SECRETS.search(_REFERENCE.sub("", text)):
        raise SettingsError(
            "this looks like a secret",
            where=name,
            expected="the name of a variable or file that holds it",
            todo="Write '${env:NAME}' or '${file:PATH}', in single quotes",
        )


def look_up(text: str) -> str:
    """The text with what its references stand for.

    Raises:
        SettingsError: there is no such variable or file.
    """
    return _REFERENCE.sub(_found, text)


def _found(reference: re.Match[str]) -> str:
    kind, name = reference.groups()
    value: str | None
    if kind == "env":
        value = os.environ.get(name)
    else:
        try:
            value = Path(name).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeError):
            value = None
    if not value:
        raise SettingsError(
            f"there is no such {'variable' if kind == 'env' else 'file'}",
            where=reference[0],
            expected="the secret",
            todo="Set it where the monitor runs",
        )
    return value
