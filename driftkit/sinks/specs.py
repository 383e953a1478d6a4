"""Makes a sink of what users write, on the command line or in a configuration file."""

from __future__ import annotations

from dataclasses import fields
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

from driftkit.errors import SettingsError
from driftkit.sinks.alertmanager import Alertmanager
from driftkit.sinks.apprise_url import AppriseUrl
from driftkit.sinks.mail import Mail
from driftkit.sinks.pagerduty import PagerDuty
from driftkit.sinks.posting import check_url
from driftkit.sinks.references import is_reference, refuse_secrets
from driftkit.sinks.sink import Wanted
from driftkit.sinks.slack import Slack
from driftkit.sinks.slack_bot import SlackBot
from driftkit.sinks.sns import Sns
from driftkit.sinks.teams import Teams
from driftkit.sinks.webhook import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from driftkit.sinks.sink import Sink

# The first field of each is what stands after its name.
KINDS: Mapping[str, type[Any]] = MappingProxyType(
    {
        "slack": Slack,
        "slack_bot": SlackBot,
        "teams": Teams,
        "pagerduty": PagerDuty,
        "alertmanager": Alertmanager,
        "webhook": Webhook,
        "email": Mail,
        "sns": Sns,
        "apprise": AppriseUrl,
    }
)
_ADDRESSES = {"url", "webhook"}


def sink_of_spec(spec: str) -> Sink:
    """A sink of one text: its kind, where it is, and options after spaces.

    >>> sink_of_spec("slack:${env:SLACK_WEBHOOK} on=firing min_severity=error").name
    'slack ${env:SLACK_WEBHOOK}'

    Raises:
        SettingsError: there is no such sink, or an option is wrong.
    """
    kind, target, options = parts_of(spec)
    values: dict[str, Any] = {
        name: _READ[name](name, value) if name in _READ else value
        for name, value in options.items()
    }
    if kind in KINDS:
        if not target:
            raise SettingsError(
                f"a sink of {kind} has no address",
                expected=f"{kind}:WHERE",
                found=repr(kind),
                todo="Write references in single quotes: '${env:NAME}', or the shell takes them",
            )
        values = {_target(kind): target, **values}
    return sink_of(kind, **values)


def parts_of(spec: str) -> tuple[str, str, dict[str, str]]:
    """The kind of a sink, where it is, and its options.

    >>> parts_of("webhook:https://example.org on=firing")
    ('webhook', 'https://example.org', {'on': 'firing'})

    Raises:
        SettingsError: an option has no value.
    """
    head, *options = spec.split() or [""]
    kind, _, target = head.partition(":")
    values = {}
    for each in options:
        name, between, value = each.partition("=")
        if not between:
            raise SettingsError(
                "this is no option of a sink", expected="NAME=VALUE", found=repr(name)
            )
        values[name] = value
    return kind, target, values


def _states(_: str, value: str) -> tuple[str, ...]:
    return tuple(value.split(","))


def _truth(name: str, value: str) -> bool:
    if value not in {"true", "false"}:
        raise SettingsError(
            "this is neither true nor false", where=name, expected="true or false", found=value
        )
    return value == "true"


_READ: Mapping[str, Callable[[str, str], Any]] = {"on": _states, "required": _truth}


def sink_of(kind: str, **options: Any) -> Sink:
    """A sink of a kind.

    Args:
        kind: its name.
        options: the fields of its dataclass, and those of `Wanted`.

    Raises:
        SettingsError: there is no such sink, or an option is wrong.
    """
    if kind not in KINDS:
        unknown("kind of sink", kind, KINDS)
    made = KINDS[kind]
    own = {each.name for each in fields(made) if each.init and each.name != "wanted"}
    about = {each.name for each in fields(Wanted)}
    for name, value in options.items():
        if name not in own | about:
            unknown(f"option of {kind}", name, own | about)
        if name in own:
            check_option(name, value)
    wanted = Wanted(**{name: value for name, value in options.items() if name in about})
    said = {name: value for name, value in options.items() if name in own}
    if _target(kind) not in said:
        raise SettingsError(f"a sink of {kind} has no {_target(kind)}", expected=_target(kind))
    sink: Sink = made(**said, wanted=wanted)
    return sink


def _target(kind: str) -> str:
    return fields(KINDS[kind])[0].name


def check_option(name: str, value: str) -> None:
    """Refuses secrets, and addresses that are none.

    Raises:
        SettingsError: it is one.
    """
    refuse_secrets(name, value)
    if name in _ADDRESSES and not is_reference(value):
        check_url(value)


def unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Says what there is instead.

    Raises:
        SettingsError: always.
    """
    similar = get_close_matches(name, sorted(known), n=2)
    raise SettingsError(
        f"there is no such {what}",
        expected=" or ".join(similar) if similar else ", ".join(sorted(known)),
        found=repr(name),
    )
