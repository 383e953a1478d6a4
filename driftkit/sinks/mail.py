"""Sends alerts by e-mail."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from driftkit.errors import SettingsError
from driftkit.sinks.alerts import TOLD
from driftkit.sinks.messages import about, cut, details
from driftkit.sinks.posting import ANSWER_SECONDS, Outcome
from driftkit.sinks.references import look_up
from driftkit.sinks.sink import Wanted, named

if TYPE_CHECKING:
    from datetime import datetime

    from driftkit.sinks.alerts import State
    from driftkit.sinks.messages import Message
    from driftkit.sinks.posting import Attempts
    from driftkit.sinks.sink import Holds

Protection = Literal["starttls", "ssl", "none"]
_MOST, _SUBJECT = 50, 200
_PORTS = {"starttls": 587, "ssl": 465, "none": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """People who are written to.

    Attributes:
        to: addresses, with commas between them.
        server: host, or host:port, that takes mail.
        sender: the address that it is from.
        tls: starttls, ssl, or none.
        user: name of the account; empty where none is needed.
        password: reference to its password.
        wanted: which events they are sent.
    """

    to: str
    server: str = "localhost"
    sender: str = "driftkit@localhost"
    tls: Protection = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    wanted: Wanted = field(default_factory=Wanted)
    hears: frozenset[State] = field(default=TOLD, init=False, repr=False)
    holds: Holds = field(default="window", init=False, repr=False)

    def __post_init__(self) -> None:
        if self.tls not in _PORTS:
            raise SettingsError(
                "mail cannot be sent so", where="tls", expected=", ".join(_PORTS), found=self.tls
            )
        if self.user and self.tls == "none":
            raise SettingsError(
                "the password would go over the network for all to read",
                where="tls",
                expected="starttls or ssl, with a user",
                found="none",
            )

    @property
    def name(self) -> str:
        """What deliveries know it by."""
        return named("email", self.to)

    def send(self, message: Message, attempts: Attempts) -> Outcome:
        """Hands the mail to the server."""
        made = mail(message, self.sender, self.to, attempts.now())
        return attempts(lambda: self._once(made))

    def _once(self, made: EmailMessage) -> Outcome:
        host, _, port = self.server.partition(":")
        trusted = ssl.create_default_context()
        number = int(port or _PORTS[self.tls])
        try:
            if self.tls == "ssl":
                server: smtplib.SMTP = smtplib.SMTP_SSL(
                    host, number, timeout=ANSWER_SECONDS, context=trusted
                )
            else:
                server = smtplib.SMTP(host, number, timeout=ANSWER_SECONDS)
            with server:
                if self.tls == "starttls":
                    server.starttls(context=trusted)
                if self.user:
                    server.login(look_up(self.user), look_up(self.password))
                server.send_message(made)
        except smtplib.SMTPResponseException as error:
            lasting = 500 <= error.smtp_code < 600
            said = f"{host} answered {error.smtp_code}"
            return Outcome(
                status="dead" if lasting else "retry", http_status=error.smtp_code, error=said
            )
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(status="retry", error=f"{host} took no mail ({type(error).__name__})")
        return Outcome(status="sent", http_status=250)


def mail(message: Message, sender: str, to: str, now: datetime) -> EmailMessage:
    """The message as a mail: text, and the same as a simple table."""
    made = EmailMessage()
    made["Subject"] = cut(message.title, _SUBJECT)
    made["From"], made["To"] = sender, to
    made["Date"] = now
    made["Message-ID"] = f"<{message.id}@driftkit>"
    # Mails of one model and monitor are a thread.
    thread = hashlib.sha256(message.subject.encode()).hexdigest()[:32]
    made["In-Reply-To"] = made["References"] = f"<{thread}@driftkit>"
    facts = [*message.notes, *(f"{title}: {uri}" for title, uri in message.links)]
    made.set_content("\n\n".join([message.title, *message.lines(_MOST), *facts]))
    made.add_alternative(_html(message, facts), subtype="html")
    return made


def _html(message: Message, facts: list[str]) -> str:
    row = Markup("<tr><td>{}</td><td>{}</td><td>{}</td></tr>")
    rows = (row.format(about(each), each.state, details(each)) for each in message.events[:_MOST])
    lines = [*message.more(_MOST), *facts]
    return str(
        Markup("<h2>{}</h2><table>{}</table>{}").format(
            message.title,
            Markup("").join(rows),
            Markup("").join(Markup("<p>{}</p>").format(each) for each in lines),
        )
    )
