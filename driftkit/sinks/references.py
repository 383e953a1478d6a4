"""Secrets by reference, such as `${env:NAME}`, looked up when something is sent and kept nowhere."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from driftkit.errors import SettingsError
from driftkit.extras import library

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMS = "'${env:NAME}', '${file:PATH}' or '${aws-secretsmanager:ARN#KEY}'"
_REFERENCE = re.compile(r"\$\{(env|file|aws-secretsmanager):([^}]+)\}")
_LIKE_ONE = re.compile(r"\$\{[^}]*\}?")
_PATIENCE_SECONDS = 10
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
            expected="the name of what holds it",
            todo=f"Write {FORMS}, in single quotes",
        )


def strange_reference(text: str) -> str | None:
    """What looks like a reference and is none.

    >>> strange_reference("${vault:a} ${env:B}"), strange_reference("${env:B}")
    ('${vault:a}', None)
    """
    found = _LIKE_ONE.search(_REFERENCE.sub("", text))
    return found[0] if found else None


def look_up(text: str) -> str:
    """The text with what its references stand for.

    Raises:
        SettingsError: there is no such variable, file or secret.
    """
    return _REFERENCE.sub(_found, text)


def _found(reference: re.Match[str]) -> str:
    what, read = _SOURCES[reference[1]]
    value = read(reference[2])
    if not value:
        raise SettingsError(
            f"there is no such {what}",
            where=reference[0],
            expected="the secret",
            todo="Set it where the monitor runs",
        )
    return value


def _of_file(name: str) -> str | None:
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError):
        return None


def _of_secrets_manager(name: str) -> str | None:
    """A secret of AWS Secrets Manager, or the value of a key of it where it is JSON.

    Raises:
        SettingsError: boto3 is missing, or AWS does not give it; its words are not repeated.
    """
    boto3 = library("boto3", "aws", "AWS Secrets Manager")
    from botocore.config import Config  # noqa: PLC0415  (of the extra)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    secret, _, key = name.partition("#")
    parts = secret.split(":")
    # arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME
    region = parts[3] if len(parts) > 5 and parts[0] == "arn" else None
    how = Config(connect_timeout=_PATIENCE_SECONDS, read_timeout=_PATIENCE_SECONDS)
    try:
        client = boto3.client("secretsmanager", region_name=region, config=how)
        found = client.get_secret_value(SecretId=secret)
    except (BotoCoreError, ClientError) as error:
        about = getattr(error, "response", {}).get("Error", {})
        raise SettingsError(
            "AWS Secrets Manager does not give the secret",
            where=f"${{aws-secretsmanager:{name}}}",
            found=str(about.get("Code") or type(error).__name__),
            todo="Check its ARN, the region, and whether the run may call GetSecretValue",
        ) from None
    return _of_key(found.get("SecretString", ""), key)


def _of_key(text: str, key: str) -> str | None:
    if not key:
        return text
    try:
        held: Any = json.loads(text)
    except ValueError:
        return None
    return str(held[key]) if isinstance(held, dict) and key in held else None


# What each is called in messages, and how it is read.
_SOURCES: Mapping[str, tuple[str, Callable[[str], str | None]]] = MappingProxyType(
    {
        "env": ("variable", os.environ.get),
        "file": ("file", _of_file),
        "aws-secretsmanager": ("secret or key", _of_secrets_manager),
    }
)
