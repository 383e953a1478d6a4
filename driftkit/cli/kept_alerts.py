"""Where alerts are kept from run to run: a file, or the metrics store."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from driftkit.errors import SettingsError
from driftkit.io.locations import locate
from driftkit.results.facts import SNAPSHOT
from driftkit.sinks.alerts import Event, Silence
from driftkit.sinks.delivering import Delivery
from driftkit.sinks.gaps import Ran
from driftkit.sinks.kept import MOST_RAN, Kept, keeping, write_kept
from driftkit.store.opening import open_store
from driftkit.store.schema import RUNS, table_of
from driftkit.store.store import Query, RunKey

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from contextlib import AbstractContextManager
    from datetime import datetime

    import pyarrow as pa

    from driftkit.io.locations import Location
    from driftkit.store.store import Store

_EVENTS, _DELIVERIES, _SILENCES = "alert_events", "deliveries", "silences"
# What a silence says in the store.
_PATTERNS = {"feature": "feature_name", "check": "constraint_check_type"}
_ID_DIGITS = 32
_DUCKDB, _ENDING = ".duckdb", ".jsonl"
_KIND = re.compile("(duckdb|delta):(?!//)")
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

    def ran(self, kept: Kept, series: tuple[str, str, str] | None = None) -> list[Ran]:
        """The windows that were run.

        Args:
            kept: what is known, with windows that may be of this run.
            series: model, variant and monitor; None for all.

        Raises:
            InputError: they cannot be read.
        """

    def silence(self, made: Silence, at: datetime) -> None:
        """Keeps alerts from firing from now on.

        Args:
            made: which ones.
            at: when it was said.

        Raises:
            OutputError: it cannot be written.
            SettingsError: it is not known of which model they are.
        """

    def unsilence(self, ended: Silence, at: datetime) -> int:
        """Ends the silences of these very patterns, and says how many there were.

        Args:
            ended: the patterns.
            at: when they end.

        Raises:
            OutputError: it cannot be written.
            SettingsError: it is not known of which model they are.
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

    def ran(self, kept: Kept, series: tuple[str, str, str] | None = None) -> list[Ran]:
        """Those of its lines."""
        return [each for each in kept.ran if series in {None, each.series}]

    def silence(self, made: Silence, at: datetime) -> None:  # noqa: ARG002
        """Adds a line."""
        with self.opened() as kept:
            write_kept(self.file, replace(kept, silences=(*kept.silences, made)))

    def unsilence(self, ended: Silence, at: datetime) -> int:
        """Removes their lines."""
        with self.opened() as kept:
            left = tuple(each for each in kept.silences if not _is_of(each, ended, at))
            write_kept(self.file, replace(kept, silences=left))
        return len(kept.silences) - len(left)


@dataclass(frozen=True, slots=True, kw_only=True)
class InStore:
    """The store's tables of events, deliveries and silences.

    Attributes:
        store: the store.
        model: whose alerts they are; None for those of all models.
    """

    store: Store
    model: str | None = None

    @property
    def name(self) -> str:
        """What it is."""
        return "the metrics store"

    @contextmanager
    def opened(self) -> Iterator[Kept]:
        """The rows of the model."""
        self.store.ensure()
        query = Query(model=self.model)
        events = events_in(self.store, query)
        known = {each.event_id for each in events}
        deliveries = _rows(Delivery, self.store.read(_DELIVERIES, query))
        yield Kept(
            events=tuple(events),
            deliveries=tuple(
                sorted(
                    (each for each in deliveries if each.event_id in known),
                    key=lambda each: (each.at, each.attempt),
                )
            ),
            silences=tuple(map(_silence, self.store.read(_SILENCES, query).to_pylist())),
        )

    def write(self, kept: Kept, runs: Collection[str]) -> None:
        """Puts the rows of these runs in place of those that they had."""
        for run in sorted(runs):
            events = [each for each in kept.events if each.run_id == run]
            deliveries = [each for each in kept.deliveries if each.run_id == run]
            first = events[0]
            start = first.window_start or first.window_end or first.at
            self.store.replace_run(
                RunKey(run_id=run, model=first.model, window_start=start),
                {
                    _EVENTS: table_of(_EVENTS, map(asdict, events)),
                    _DELIVERIES: table_of(_DELIVERIES, map(asdict, deliveries)),
                },
            )

    def ran(self, kept: Kept, series: tuple[str, str, str] | None = None) -> list[Ran]:
        """Those of the table of runs, and of this run, which may not be kept yet."""
        model, variant, monitor = series or (self.model, None, None)
        query = Query(model=model, variant=variant, monitor=monitor, last=MOST_RAN)
        names = ("model", "variant", "monitor")
        rows = self.store.read(RUNS, query).to_pylist()
        there = [
            Ran(
                **{name: row[name] for name in names},
                start=row["window_start"],
                end=row["window_end"],
            )
            for row in rows
            if row["granularity"] != SNAPSHOT
        ]
        return [*there, *(each for each in kept.ran if series in {None, each.series})]

    def silence(self, made: Silence, at: datetime) -> None:
        """Adds a row."""
        model = self._of_one_model()
        self.store.ensure()
        known = {_PATTERNS.get(name, name): value for name, value in asdict(made).items()}
        digest = hashlib.sha256(repr((model, at.isoformat(), known)).encode()).hexdigest()
        self._put({"run_id": digest[:_ID_DIGITS], "model": model, "at": at, **known})

    def unsilence(self, ended: Silence, at: datetime) -> int:
        """Puts their end into their rows."""
        query = Query(model=self._of_one_model())
        self.store.ensure()
        rows = self.store.read(_SILENCES, query).to_pylist()
        found = [row for row in rows if _is_of(_silence(row), ended, at)]
        for row in found:
            self._put({**row, "until": at})
        return len(found)

    def _of_one_model(self) -> str:
        if self.model is None:
            raise SettingsError(
                "alerts of all models cannot be silenced together",
                where="--model",
                expected="the name of the model whose alerts are not to fire",
            )
        return self.model

    def _put(self, row: dict[str, Any]) -> None:
        key = RunKey(run_id=row["run_id"], model=row["model"], window_start=row["at"])
        self.store.replace_run(key, {_SILENCES: table_of(_SILENCES, [row])})


def kept_at(address: str, model: str | None) -> KeptAlerts:
    """The alerts that are kept in a file, or in a metrics store.

    Args:
        address: of the file or the store.
        model: of the alerts, where a store has several.

    Raises:
        SettingsError: there is none.
    """
    file = locate(address)
    if file.is_file() and not address.endswith(_DUCKDB):
        return InFile(file=file)
    local = Path(address.partition(":")[2] if _KIND.match(address) else address)
    if address.endswith(_ENDING) or ("://" not in address and not local.exists()):
        raise SettingsError(
            "there is no such file of alerts, and no such metrics store",
            where=address,
            expected="alerts.jsonl, which `monitor --notify` writes beside its output folder, or "
            "what --store named",
        )
    return InStore(store=open_store(address), model=model)


def events_in(store: Store, query: Query) -> list[Event]:
    """The events of alerts that a store has, in the order in which they came about."""
    return sorted(_rows(Event, store.read(_EVENTS, query)), key=lambda each: each.at)


def _is_of(made: Silence, asked: Silence, at: datetime) -> bool:
    """Whether a silence lasts and has the patterns that are asked for."""
    return made.lasts(at) and replace(made, until=None) == replace(asked, until=None)


def _silence(row: dict[str, Any]) -> Silence:
    patterns = {
        name: row[_PATTERNS.get(name, name)] for name in ("feature", "check", "fingerprint")
    }
    return Silence(**patterns, until=row["until"])


def _rows(kind: type[_Row], table: pa.Table) -> list[_Row]:
    return [kind(**{name: _value(each) for name, each in row.items()}) for row in table.to_pylist()]


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
