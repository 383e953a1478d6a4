"""Secrets are blacked out however they are written, and what is no secret stays."""

from __future__ import annotations

import base64
import html
import json
import re
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest

from driftkit.sagemaker.secrets import secrets_in, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "p\"ss w/rd\\+\u00fc'&=1\n2"  # noqa: S105  (an example)

WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON with all characters": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "URL in lower case": lambda text: re.sub(
        "%[0-9A-F]{2}", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "form": quote_plus,
    "shell": shlex.quote,
    "Python": repr,
    "HTML": html.escape,
    "BASE64": lambda text: base64.b64encode(text.encode()).decode(),
    "BASE64 of more": lambda text: base64.b64encode(f"user:{text}!".encode()).decode(),
    "BASE64 of a little more": lambda text: base64.b64encode(f"u{text}".encode()).decode(),
    "BASE64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
}


@pytest.mark.parametrize("write", WRITINGS.values(), ids=WRITINGS)
def test_a_secret_is_found_however_it_is_written(write: Callable[[str], str]) -> None:
    written = write(SECRET)
    said = without_secrets(f"cannot log in with {written}.", secrets_in({"MY_PASSWORD": SECRET}))

    assert "***" in said
    core = written.strip("\"'")
    assert core[4:-4] not in said


KEY = "Zm9vYmFyYmF6cXV4+/a=="
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={KEY};EndpointSuffix=core"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("at s3://key:sec/ret@host/x", "at s3://key:sec/ret@host/x"),
        ("at https://user:secret@host/x?a=1", "at https://***@host/x?a=1"),
        ("at https://user:s@cr:t@host", "at https://***@host"),
        ("at https://ghp_token@host/a@b", "at https://***@host/a@b"),
        (r'"https:\/\/u:p@host\/x"', r'"https:\/\/***@host\/x"'),
        ("see https://host/a@b", "see https://host/a@b"),
        (
            CONNECTION,
            "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=***;EndpointSuffix=core",
        ),
        ("Server=db;User Id=me;Password=a b;", "Server=db;User Id=me;Password=*** b;"),
        ("password=abc, user=me", "password=***, user=me"),
        ("Pwd='a b c'; x", "Pwd='***'; x"),
        ('{"password": "a\\"b c", "x": 1}', '{"password": "***", "x": 1}'),
        ('"{\\"secret\\": \\"abc\\", \\"x\\": 1}"', '"{\\"secret\\": \\"***\\", \\"x\\": 1}"'),
        ("x?X-Amz-Signature=abc&a=1", "x?X-Amz-Signature=***&a=1"),
        ("x?sig=abc%2F&se=1", "x?sig=***&se=1"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("aws_secret_access_key = abc/def+g", "aws_secret_access_key = ***"),
        (
            "no password is needed; key: 3, compass=north",
            "no password is needed; key: 3, compass=north",
        ),
    ],
)
def test_what_stands_where_passwords_stand_is_blacked_out(text: str, said: str) -> None:
    assert without_secrets(text, ()) == said


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("CONNECTION_STRING", CONNECTION, KEY),
        ("STORE", CONNECTION, KEY),
        ("DATABASE_URL", "postgres://me:hunter%202@db/x", "hunter 2"),
        ("DATABASE_URL", "postgres://me:hunter%202@db/x", "hunter%202"),
        ("CONFIG", '{"password": "hunter-2"}', "hunter-2"),
        ("TLS_PRIVATE_KEY", "--BEGIN--\nAAAABBBB\nCCCC\n", "AAAABBBB"),
    ],
)
def test_parts_of_variables_are_secrets_by_themselves(name: str, value: str, secret: str) -> None:
    assert without_secrets(f"no such user: {secret}.", secrets_in({name: value})) == (
        "no such user: ***."
    )
