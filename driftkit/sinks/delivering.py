"""Sends what is to be sent to every sink once, and remembers what could not be."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from driftkit.errors import DriftkitError
from driftkit.results.facts import NOBODY
from driftkit.sinks.judgements import begun
from driftkit.sinks.messages import Message, messages
from driftkit.sinks.posting import Attempts, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from driftkit.results.facts import Ownership
    from driftkit.sinks.alerts import Event
    from driftkit.sinks.sink import Sink

KEEP_TRYING = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of an event on its way to a sink: a row of the table deliveries.

    Attributes:
        sink: the sink's name.
        event_id: of the event.
        run_id: of the run that brought it about.
        attempt: how often it was tried by then; 0 when it was only noted that it is to be sent.
        at: when.
        status: sent; retry: the next run tries again; dead: nobody will.
        http_status: the receiver's last answer.
        error: why it was not sent.
        next_at: when it may be tried again.
        receipt: what the sink calls the message, where later ones need that.
    """

    sink: str
    event_id: str
    run_id: str
    attempt: int
    at: datetime
    status: Status
    http_status: int | None = None
    error: str | None = None
    next_at: datetime | None = None
    receipt: str | None = None


def queue(events: Iterable[Event], sinks: Iterable[Sink], at: datetime) -> list[Delivery]:
    """Notes what is to be sent before anything is, so that a run that is killed loses nothing."""
    events = list(events)
    return [
        Delivery(
            sink=sink.name,
            event_id=each.event_id,
            run_id=each.run_id,
            attempt=0,
            at=at,
            status="retry",
        )
        for sink in sinks
        for each in sink.wanted.of(events, sink.hears)
    ]


def deliver(
    sinks: Sequence[Sink],
    events: Sequence[Event],
    deliveries: Sequence[Delivery],
    attempts: Callable[[], Attempts] = Attempts,
    ownership: Ownership = NOBODY,
) -> list[Delivery]:
    """Sends to each sink, all of them at a time, what it has not had yet.

    Args:
        sinks: where to.
        events: that deliveries are of.
        deliveries: so far, in their order.
        attempts: makes the clock of a sink, which has a minute for all messages.
        ownership: who looks after the model.

    Returns:
        What became of it, in the order of the sinks.
    """
    if not sinks:
        return []
    known = latest(deliveries)
    with ThreadPoolExecutor(max_workers=len(sinks)) as threads:
        made = threads.map(lambda sink: _deliver(sink, events, known, attempts(), ownership), sinks)
        return [each for of_sink in made for each in of_sink]


def latest(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """What became of each event on its way to each sink at last."""
    return tuple({(each.sink, each.event_id): each for each in deliveries}.values())


def _deliver(
    sink: Sink,
    events: Sequence[Event],
    known: Sequence[Delivery],
    attempts: Attempts,
    ownership: Ownership,
) -> list[Delivery]:
    now = attempts.now()
    own = [each for each in known if each.sink == sink.name]
    open_ones = {each.event_id: each for each in own if each.status == "retry"}
    waiting = [each for each in events if each.event_id in open_ones]
    late = [each for each in waiting if now - each.at > KEEP_TRYING]
    due = [
        each
        for each in waiting
        if each not in late and (open_ones[each.event_id].next_at or now) <= now
    ]
    given_up = Outcome(status="dead", attempts=0, error="not taken within 24 hours")
    made = [_row(sink, open_ones[each.event_id], given_up, now) for each in late]
    receipts = {each.event_id: each.receipt for each in own}
    for group in _messages(sink, due, ownership):
        # A thread may be opened by the message just before.
        for message in _by_thread(group, events, receipts) if sink.holds == "thread" else [group]:
            outcome = _send(sink, message, attempts)
            receipts |= {each.event_id: outcome.receipt for each in message.events}
            rows = (open_ones[each.event_id] for each in message.events)
            made += [_row(sink, each, outcome, attempts.now()) for each in rows]
    return made


def _by_thread(
    group: Message, events: Sequence[Event], receipts: Mapping[str, str | None]
) -> list[Message]:
    """A message for each thread: that of the message by which an alert began, or a new one."""
    found: dict[str | None, list[Event]] = {}
    for each in group.events:
        first = begun(events, each)
        thread = None if first in {None, each} else receipts.get(first.event_id)
        found.setdefault(thread, []).append(each)
    return [replace(group, events=tuple(own), thread=thread) for thread, own in found.items()]


def _messages(sink: Sink, due: Sequence[Event], ownership: Ownership) -> list[Message]:
    if sink.holds == "all":
        return [Message(events=tuple(due), ownership=ownership)] if due else []
    grouped = messages(due, ownership)
    if sink.holds in {"window", "thread"}:
        return grouped
    return [replace(group, events=(each,)) for group in grouped for each in group.events]


def _send(sink: Sink, message: Message, attempts: Attempts) -> Outcome:
    try:
        return sink.send(message, attempts)
    except DriftkitError as error:
        return Outcome(status="retry", error=str(error))
    except Exception as error:  # noqa: BLE001  (no sink may end a run; its words may hold secrets)
        return Outcome(status="retry", error=f"not sent ({type(error).__name__})")


def _row(sink: Sink, before: Delivery, outcome: Outcome, at: datetime) -> Delivery:
    again = outcome.status == "retry"
    return Delivery(
        sink=sink.name,
        event_id=before.event_id,
        run_id=before.run_id,
        attempt=before.attempt + outcome.attempts,
        at=at,
        status=outcome.status,
        http_status=outcome.http_status,
        error=outcome.error,
        next_at=at + timedelta(seconds=outcome.wait) if again else None,
        receipt=outcome.receipt,
    )
