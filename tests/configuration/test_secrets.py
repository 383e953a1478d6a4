"""What is a secret in a configuration file is one on the command line too, and the other way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftkit.configuration.checking import checked
from driftkit.configuration.documents import Document
from driftkit.errors import SettingsError
from driftkit.sinks.specs import check_option

NAMES = st.sampled_from(["url", "webhook", "api_key", "routing_key", "db_token", "path", "on"])
PIECES = (
    *("hooks.slack.com/", "xoxs-", "xoxb-", "whsec_", "?sig=", "&key=", "-----BEGIN", "0f" * 16),
    *("AKIA" + "A" * 16, "https://", "postgresql://me", ":pw", "@", "/", "host", "a", "", " "),
    *("${env:HOOK}", "${file:/run/key}", "${other:X}", "${env:", "}"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=5).map("".join)
_SAID = "looks like a secret"


@given(name=NAMES, text=TEXTS)
def test_both_ways_to_name_a_sink_refuse_the_same(name: str, text: str) -> None:
    document = Document(name="driftkit.yml", values={"sinks": [{name: text}]})

    with pytest.raises(SettingsError) as in_file:
        checked(document)
    try:
        check_option(name, text)
        on_the_line = ""
    except SettingsError as error:
        on_the_line = str(error)

    assert (_SAID in str(in_file.value)) == (_SAID in on_the_line)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql://me:pw@host/db", True),
        ("postgresql://me:${env:PW}@host/db", False),
        ("postgresql://me@host:5432/db", False),
        ("AKIA" + "A" * 16, True),
        ("xoxs-1", True),
        ("-----BEGIN PRIVATE KEY-----", True),
    ],
)
def test_a_secret_is_told_from_a_reference_to_it(text: str, secret: bool) -> None:  # noqa: FBT001
    try:
        check_option("path", text)
        said = ""
    except SettingsError as error:
        said = str(error)

    assert (_SAID in said) == secret
    assert not secret or text not in said
