"""Follows alerts from run to run: what was found, and what is kept, give what is kept and sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from driftkit.report import terminal
from driftkit.results.facts import NOBODY
from driftkit.sinks.alerts import Rules
from driftkit.sinks.delivering import deliver, latest, queue
from driftkit.sinks.gaps import absent, missing, ran_of
from driftkit.sinks.posting import Attempts
from driftkit.sinks.reacting import react

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from driftkit.cli.kept_alerts import KeptAlerts
    from driftkit.results.facts import Facts, Ownership
    from driftkit.sinks.alerts import Event
    from driftkit.sinks.delivering import Delivery
    from driftkit.sinks.gaps import Ran
    from driftkit.sinks.kept import Kept
    from driftkit.sinks.sink import Sink

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """Alerts that are kept somewhere, and those who are told of them.

    Attributes:
        alerts: where they are kept.
        sinks: who is told.
        rules: when they fire.
        required: whether all sinks must be told.
        ownership: who looks after the model.
        attempts: makes the clock of a sink.
        lacking: finds windows that were expected and never run, from those that were.
    """

    alerts: KeptAlerts
    sinks: Sequence[Sink] = ()
    rules: Rules | None = None
    required: bool = False
    ownership: Ownership = NOBODY
    attempts: Callable[[], Attempts] = Attempts
    lacking: Callable[[Sequence[Ran], datetime | None], list[Ran]] = missing

    def of_runs(self, found: Sequence[Facts], now: datetime) -> bool:
        """Follows the alerts of runs; whether all was told that is required.

        Args:
            found: what the runs found.
            now: when.
        """
        own = tuple(each for each in map(ran_of, found) if each is not None)
        with self.alerts.opened() as kept:
            before = replace(kept, ran=tuple(dict.fromkeys((*kept.ran, *own))))
            pairs = [(each, self._missing(before, each)) for each in found]
            return self._follow(kept, before, pairs, now)

    def of_none(self, now: datetime, until: datetime) -> bool:
        """Follows the alerts of windows that never ran; whether all was told that is required.

        Args:
            now: when.
            until: when windows must have ended to be expected.
        """
        with self.alerts.opened() as kept:
            known: dict[tuple[str, str, str], list[Ran]] = {}
            for each in self.alerts.ran(kept):
                known.setdefault(each.series, []).append(each)
            lacking = (self.lacking(known[name], until) for name in sorted(known))
            pairs = [(absent(each[-1], now), each) for each in lacking if each]
            for _, windows in pairs:
                terminal.say(_in_words(windows))
            return self._follow(kept, kept, pairs, now)

    def _missing(self, kept: Kept, facts: Facts) -> list[Ran]:
        of = ran_of(facts)
        return [] if of is None else self.lacking(self.alerts.ran(kept, of.series), None)

    def _follow(
        self,
        stored: Kept,
        before: Kept,
        found: Sequence[tuple[Facts, Sequence[Ran]]],
        now: datetime,
    ) -> bool:
        """Follows the alerts, and sends what is to be sent; what that is, is kept before."""
        rules = self.rules or Rules()
        rules = replace(rules, silences=(*rules.silences, *before.silences))
        events = list(before.events)
        for facts, lacking in found:
            events += react(facts, events, rules, lacking)
        new = events[len(before.events) :]
        queued = (*before.deliveries, *queue(new, self.sinks, now))
        kept = replace(before, events=tuple(events), deliveries=queued).trimmed(now)
        if new or before.ran != stored.ran:
            self.alerts.write(kept, {each.run_id for each in new})
        made = deliver(self.sinks, kept.events, kept.deliveries, self.attempts, self.ownership)
        after = _with(kept, made)
        if made:
            self.alerts.write(after, {each.run_id for each in made})
        self._say_new(new, rules)
        return self._say_sent(after.deliveries, made)

    def _say_new(self, new: Sequence[Event], rules: Rules) -> None:
        counts = Counter(each.state for each in new)
        said = ", ".join(f"{count:,} {state.replace('_', ' ')}" for state, count in counts.items())
        when = f" (fires in {rules.needed} of {rules.among} windows)" if "pending" in counts else ""
        terminal.say(f"Alerts: {said or 'nothing new'}{when}; kept in {self.alerts.name}")

    def _say_sent(self, deliveries: Sequence[Delivery], made: Sequence[Delivery]) -> bool:
        """Says of each sink what became of it; whether those that are required have all."""
        done = True
        for sink in self.sinks:
            failed = [each for each in made if each.sink == sink.name and each.status != "sent"]
            waits = any(each.sink == sink.name and each.status == "retry" for each in deliveries)
            if failed:
                again = "; the next run tries again" if waits else ""
                error = (failed[-1].error or "").rstrip(".")
                terminal.warn(f"Not sent to {sink.name}: {error}{again}")
            elif any(each.sink == sink.name for each in made):
                terminal.say(f"Sent to {sink.name}")
            done = done and not ((failed or waits) and (self.required or sink.wanted.required))
        return done


def _in_words(windows: Sequence[Ran]) -> str:
    of = " ".join(each for each in windows[0].series if each)
    listed = ", ".join(f"{each.start:%Y-%m-%d %H:%M}" for each in windows[:_SHOWN])
    more = f" and {len(windows) - _SHOWN:,} more" if len(windows) > _SHOWN else ""
    return f"Never run of {of}: the windows that begin at {listed}{more} (UTC)"


def _with(kept: Kept, made: Sequence[Delivery]) -> Kept:
    """What is known after sinks have answered."""
    took: dict[str, list[str]] = {}
    for each in made:
        if each.status == "sent":
            took.setdefault(each.event_id, []).append(each.sink)
    events = tuple(
        replace(each, notified_sinks=(*each.notified_sinks, *took[each.event_id]))
        if each.event_id in took
        else each
        for each in kept.events
    )
    return replace(kept, events=events, deliveries=latest((*kept.deliveries, *made)))
