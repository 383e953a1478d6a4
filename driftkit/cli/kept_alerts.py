"""Where alerts are kept from run to run: a file, or the metrics store."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from driftkit.sinks.alerts import Event
from driftkit.sinks.delivering import Delivery
from driftkit.sinks.kept import Kept, keeping, write_kept
from driftkit.store.schema import table_of
from driftkit.store.store import Query, RunKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from driftkit.io.locations import Location
    from driftkit.store.store import Store

_EVENTS, _DELIVERIES = "alert_events", "deliveries"
_Row = TypeVar("_Row", Event, Delivery)


class KeptAlerts(Protocol):
    """Where alerts are kept."""

    @property
    def name(self) -> str:
        """For people."""

    def opened(self) -> AbstractContextManager[Kept]:
        """What is known so far.

        Raises:
            DriftkitError: it cannot be read.
        """

    def write(self, kept: Kept, runs: Collection[str]) -> None:
        """Keeps what is known now.

        Args:
            kept: all of it.
            runs: whose events and deliveries are others than before.

        Raises:
            OutputError: it cannot be written.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class InFile:
    """A file of lines of JSON, which one run at a time changes.

    Attributes:
        file: its path or URL.
    """

    file: Location

    @property
    def name(self) -> str:
        """The path."""
        return str(self.file)

    def opened(self) -> AbstractContextManager[Kept]:
        """What the file holds, while no other run changes it."""
        return keeping(self.file)

    def write(self, kept: Kept, runs: Collection[str]) -> None:  # noqa: ARG002
        """Writes all of it."""
        write_kept(self.file, kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class InStore:
    """The store's tables of events and deliveries.

    Attributes:
        store: the store.
        model: whose alerts they are.
    """

    store: Store
    model: str

    @property
    def name(self) -> str:
        """What it is."""
        return "the metrics store"

    @contextmanager
    def opened(self) -> Iterator[Kept]:
        """The rows of the model."""
        self.store.ensure()
        query = Query(model=self.model)
        events = _rows(Event, self.store.read(_EVENTS, query))
        known = {each.event_id for each in events}
        deliveries = _rows(Delivery, self.store.read(_DELIVERIES, query))
        yield Kept(
            events=tuple(sorted(events, key=lambda each: each.at)),
            deliveries=tuple(
                sorted(
                    (each for each in deliveries if each.event_id in known),
                    key=lambda each: (each.at, each.attempt),
                )
            ),
        )

    def write(self, kept: Kept, runs: Collection[str]) -> None:
        """Puts the rows of these runs in place of those that they had."""
        for run in sorted(runs):
            events = [each for each in kept.events if each.run_id == run]
            deliveries = [each for each in kept.deliveries if each.run_id == run]
            first = events[0]
            start = first.window_start or first.window_end or first.at
            self.store.replace_run(
                RunKey(run_id=run, model=self.model, window_start=start),
                {
                    _EVENTS: table_of(_EVENTS, map(asdict, events)),
                    _DELIVERIES: table_of(_DELIVERIES, map(asdict, deliveries)),
                },
            )


def _rows(kind: type[_Row], table: pa.Table) -> list[_Row]:
    return [kind(**{name: _value(each) for name, each in row.items()}) for row in table.to_pylist()]


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
