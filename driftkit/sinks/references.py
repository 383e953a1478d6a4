"""Secrets by reference: `${env:NAME}` and `${file:PATH}`, looked up when something is sent."""

from __future__ import annotations

import os
import re
from pathlib import Path

from driftkit.errors import SettingsError

_REFERENCE = re.compile(r"\$\{(env|file):([^}]+)\}")
# What only those may know who may send: addresses and keys of Slack, Teams, PagerDuty, Standard
# Webhooks and AWS, passwords in URLs, private keys.
_SECRETS = re.compile(
    r"hooks\.slack\.com/|xox[abprs]-|whsec_|AKIA[0-9A-Z]{16}|[?&](sig|token|key)="
    r"|://[^/\s]*:[^/\s]+@|^[0-9a-fA-F]{32}$|-----BEGIN"
)
_NAMES = re.compile(r"(^|_)(secret|password|passwd|token|routing_key|api_key|access_key)$")


def is_reference(text: str) -> bool:
    """Whether the text names a secret.

    >>> is_reference("${env:SLACK_WEBHOOK}"), is_reference("https://example.org")
    (True, False)
    """
    return _REFERENCE.search(text) is not None


def is_secret(name: str, text: str) -> bool:
    """Whether the text looks like a secret, or is one by its name and no reference to it.

    >>> is_secret("url", "https://me:pass@host"), is_secret("url", "https://me:${env:P}@host")
    (True, False)
    >>> is_secret("api_key", "abc"), is_secret("api_key", "${env:KEY}")
    (True, False)
    """
    by_name = bool(_NAMES.search(name)) and bool(text) and not is_reference(text)
    return by_name or _SECRETS.search(_REFERENCE.sub("", text)) is not None


def refuse_secrets(name: str, text: str) -> None:
    """Makes sure that no secret is written where others can read it.

    Raises:
        SettingsError: the text looks like a secret; what it is, is not said.
    """
    if is_secret(name, text):
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
