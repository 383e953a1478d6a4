"""Keeps what `monitor` found in a metrics store, once its files are written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from driftkit.errors import SettingsError
from driftkit.report import terminal

if TYPE_CHECKING:
    from datetime import timedelta

    from driftkit.cli.measured import Measured
    from driftkit.results.facts import Ownership
    from driftkit.store.store import Store

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Where the runs of a command are kept.

    Attributes:
        model: that they are about.
        store: None where they are kept nowhere.
        ownership: who looks after the model; None where that is not known.
        long: how long after its window a run is kept; None for ever.
    """

    model: str = ""
    store: Store | None = None
    ownership: Ownership | None = None
    long: timedelta | None = None

    def keep(self, measured: Measured) -> None:
        """Keeps a run whose files are written, and stay whatever becomes of the store.

        Args:
            measured: what was found, and the settings that the user gave.

        Raises:
            OutputError: the store cannot be written.
        """
        if self.store is None:
            return
        # Only where a run is kept: the help needs none of this.
        from driftkit import __version__
        from driftkit.results.facts import NOBODY, about, subject_of
        from driftkit.store.store import keep

        files, page = measured.files, measured.page
        variant = measured.settings.get("variant") or ""
        subject = subject_of(measured.report, self.model, variant)
        facts = about(
            measured.facts,
            replace(subject, ownership=self.ownership or NOBODY),
            uris=(
                str(files[0].parent.absolute()) if files else None,
                str(page.absolute()) if page else None,
            ),
        )
        kept = keep(self.store, facts, version=__version__)
        terminal.say(f"kept in the metrics store as run {kept.run_id[:_SHOWN]} of {self.model}")
        if self.long is not None:
            removed = self.store.expire(datetime.now(UTC) - self.long)
            if removed:
                terminal.say(f"{removed:,} old runs removed from the metrics store")


def keeper_of(store: str | None, model: str | None) -> Keeper:
    """Where runs are kept, checked before anything is computed.

    Args:
        store: its address; None for nowhere.
        model: that they are about.

    Raises:
        SettingsError: there is no name of the model, or the library of the store is missing.
    """
    if store is None:
        return Keeper()
    if not model:
        raise SettingsError(
            "a metrics store keeps runs by the name of their model, and there is none",
            where="--store",
            expected="--model-name NAME, or DRIFTKIT_MODEL_NAME in the environment",
            todo="Give the model a name that stays the same from run to run",
        )
    # Only where a run is kept: the help needs no store.
    from driftkit.store.opening import open_store

    return Keeper(model=model, store=open_store(store))
