"""From batches of rewards to the weights of arms, by a policy and within limits, with the reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from driftkit.comparison.deployment.bandits import (
    Policy,
    posterior,
    pulls_of,
    stop_of,
    wanted_shares,
)
from driftkit.comparison.deployment.weights import Limits, next_weights
from driftkit.errors import SettingsError
from driftkit.formats.deployment.bandit import BanditArm, BanditWeights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.comparison.deployment.bandits import Batches, Pulls, Stop
    from driftkit.comparison.deployment.weights import Weights
    from driftkit.formats.deployment.plan import Bandit
    from driftkit.monitors.deployment.bandit_settings import WeightsSettings
    from driftkit.native.arrays import Floats

# The parameter that each policy has of its own.
_OWN = {"epsilon-greedy": "epsilon", "ucb1": "alpha", "softmax": "temperature", "exp3": "gamma"}


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditRules:
    """How rewards become weights.

    Attributes:
        policy: with its parameters.
        limits: of the weights.
    """

    policy: Policy = field(default_factory=Policy)
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def of_plan(cls, bandit: Bandit | None) -> BanditRules:
        """What a plan says of its bandit; what counts without one, where it has none."""
        if bandit is None:
            return cls()
        return cls(
            policy=Policy(name=bandit.policy), limits=Limits(floor=bandit.floor, step=bandit.step)
        )

    def said(self, said: WeightsSettings, arms: Sequence[str]) -> BanditRules:
        """The rules with what is said in place of their own.

        Raises:
            SettingsError: the floors of all arms leave nothing to share out.
        """
        usual = self.limits
        floor = usual.floor if said.floor is None else said.floor
        if floor * len(arms) >= 1:
            raise SettingsError(
                f"with this floor {len(arms)} arms leave nothing to share out",
                where="floor",
                expected=f"0 or more, below {1 / len(arms):.4g}",
                found=f"{floor:g}",
                todo="Take a lower floor",
            )
        policy = Policy(
            name=said.policy or self.policy.name,
            epsilon=self.policy.epsilon if said.epsilon is None else said.epsilon,
            alpha=said.alpha,
            temperature=said.temperature,
            gamma=said.gamma,
            discount=said.discount,
            window=said.window,
        )
        step = usual.step if said.step is None else said.step
        minimum = usual.minimum if said.minimum_units is None else said.minimum_units
        return BanditRules(policy=policy, limits=Limits(floor=floor, step=step, minimum=minimum))

    @property
    def parameters(self) -> dict[str, float]:
        """Name -> value of each that has an effect."""
        own = _OWN.get(self.policy.name)
        named = {} if own is None else {own: float(getattr(self.policy, own))}
        if self.policy.discount < 1:
            named["discount"] = self.policy.discount
        if self.policy.window is not None:
            named["window"] = float(self.policy.window)
        limits = self.limits
        return {
            **named,
            "floor": limits.floor,
            "step": limits.step,
            "minimum_units": float(limits.minimum),
        }

    def weights(
        self, batches: Batches, before: Floats | None, segment: str | None = None
    ) -> BanditWeights:
        """The weights until the next run.

        Args:
            batches: rewards so far.
            before: the weights so far, in any unit; None where there were none.
            segment: that the rewards are of; None for all requests.

        Raises:
            InputError: rewards do not fit the policy.
        """
        known = pulls_of(batches, self.policy)
        wanted = wanted_shares(batches, self.policy)
        found = next_weights(wanted, known.pulls, before, self.limits)
        believed = posterior(known, self.policy)
        stop = None if believed is None else stop_of(believed)
        ended = stop is not None and stop.stop and found.changed
        return BanditWeights(
            segment=segment,
            changed=found.changed,
            reason=None if found.changed else self._waiting(batches.names, found),
            stop=ended,
            winner=batches.names[stop.best] if stop is not None and ended else None,
            value_remaining=None if stop is None else stop.value_remaining,
            arms=tuple(_Arms(known=known, wanted=wanted, before=before, stop=stop).told(found)),
        )

    def _waiting(self, arms: Sequence[str], found: Weights) -> str:
        named = ", ".join(arms[index] for index in found.waiting)
        return f"fewer than {self.limits.minimum:g} units with a matured reward: {named}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Arms:
    """What is known of each arm."""

    known: Pulls
    wanted: Floats
    before: Floats | None
    stop: Stop | None

    def told(self, found: Weights) -> Iterator[BanditArm]:
        """What the file says of them, in their order."""
        for index, name in enumerate(self.known.names):
            yield BanditArm(
                name=name,
                units=float(self.known.pulls[index]),
                rewards=float(self.known.rewards[index]),
                # Of an arm without units it is no number, which the file writes as null.
                mean=float(self.known.means[index]),
                probability_best=None if self.stop is None else self.stop.probability_best[index],
                expected_loss=None if self.stop is None else self.stop.expected_loss[index],
                before=None
                if self.before is None
                else float(self.before[index] / self.before.sum()),
                wanted=float(self.wanted[index]),
                weight=float(found.shares[index]),
            )
