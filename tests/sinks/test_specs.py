"""What users write for a sink is read in one way, and secrets are refused wherever they stand."""

from __future__ import annotations

import pytest

from driftkit.errors import SettingsError
from driftkit.sinks.alertmanager import Alertmanager
from driftkit.sinks.mail import Mail
from driftkit.sinks.sink import Wanted
from driftkit.sinks.slack import Slack
from driftkit.sinks.specs import KINDS, sink_of, sink_of_spec
from driftkit.sinks.webhook import Webhook


@pytest.mark.parametrize(
    ("spec", "sink"),
    [
        ("slack:${env:HOOK}", Slack(webhook="${env:HOOK}")),
        (
            "slack:${env:HOOK} on=firing,resolved min_severity=error",
            Slack(
                webhook="${env:HOOK}",
                wanted=Wanted(on=("firing", "resolved"), min_severity="error"),
            ),
        ),
        ("alertmanager:http://am:9093", Alertmanager(url="http://am:9093")),
        (
            "webhook:https://example.org/a?b=c secret=${file:/run/key}",
            Webhook(url="https://example.org/a?b=c", secret="${file:/run/key}"),  # noqa: S106
        ),
        (
            "email:a@example.org,b@example.org server=smtp.example.org:25 tls=none",
            Mail(to="a@example.org,b@example.org", server="smtp.example.org:25", tls="none"),
        ),
    ],
)
def test_a_text_says_what_a_sink_is(spec: str, sink: object) -> None:
    assert sink_of_spec(spec) == sink


def test_a_file_says_the_same_by_names() -> None:
    assert sink_of("slack", webhook="${env:HOOK}", on=("firing",)) == sink_of_spec(
        "slack:${env:HOOK} on=firing"
    )


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("", "no such kind of sink"),
        ("slak:${env:HOOK}", "slack"),
        ("slack:", "single quotes"),
        ("slack", "slack:WHERE"),
        ("slack:${env:HOOK} on=fired", "firing, no_data"),
        ("slack:${env:HOOK} min_severity=bad", "warning, error, critical"),
        ("slack:${env:HOOK} chanel=x", "no such option of slack"),
        ("slack:${env:HOOK} loud", "NAME=VALUE"),
        ("slack:${env:HOOK} required=maybe", "true or false"),
        ("webhook:example.org", "no address"),
        ("webhook:file:///etc/passwd", "no address"),
        ("email:a@example.org tls=maybe", "starttls"),
        ("email:a@example.org tls=none user=me", "for all to read"),
        ("sns:topic", "arn:aws:sns"),
    ],
)
def test_what_is_no_sink_is_refused(spec: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        sink_of_spec(spec)


def test_secrets_are_refused_and_not_repeated() -> None:
    secrets = (
        "slack:https://hooks.slack.com" + "/services/T/B/canary",
        "teams:https://example.org/workflow?sig=canary",
        "pagerduty:0123456789abcdef0123456789abcdef",
        "pagerduty:canary",
        "webhook:https://example.org secret=whsec_canary",
        "webhook:https://user:canary@example.org",
        "email:a@example.org user=me password=canary",
    )

    for each in secrets:
        with pytest.raises(SettingsError, match=r"\$\{env:NAME\}") as refused:
            sink_of_spec(each)
        assert "canary" not in str(refused.value)
        assert "0123456789abcdef" not in str(refused.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_sink_has_a_target(kind: str) -> None:
    with pytest.raises(SettingsError, match=f"sink of {kind} has no"):
        sink_of(kind)
