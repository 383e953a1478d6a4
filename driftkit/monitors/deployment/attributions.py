"""Which features decide in the predictions of champion and challengers, by the attribution monitor."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.comparison.rankings import ndcg
from driftkit.errors import InputError, SettingsError
from driftkit.formats.deployment.comparison import AttributionTable, FeatureAttribution
from driftkit.formats.explanations import NAME, read_file
from driftkit.io.locations import locate
from driftkit.io.reading import of_a_run
from driftkit.monitors.attribution.explained import Explained
from driftkit.monitors.attribution.results import AttributionBaseline, AttributionResult
from driftkit.monitors.attribution.settings import NDCG_THRESHOLD
from driftkit.monitors.saved_states import content_of
from driftkit.states.attribution_storage import AttributionStates, loads
from driftkit.states.state_files import FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from driftkit.formats.deployment.plan import Plan
    from driftkit.formats.explanations import Explanations
    from driftkit.io.locations import PathOrUrl
    from driftkit.states.attributions import AggMethod

_SETTING = "attributions"
_MOVED_SHOWN = 3


def attribution_tables(plan: Plan, sources: Mapping[str, Any]) -> tuple[AttributionTable, ...]:
    """The attributions of each challenger that has some beside the champion's, label by label.

    Args:
        plan: whose arms they are of.
        sources: arm -> what the attribution monitor returned or kept, or the folder or file of it.

    Raises:
        SettingsError: an arm is unknown, or there is none to compare with.
        InputError: there are no attributions, or they are of other features or labels.
        FormatError: a file is not what it should be.
    """
    if not sources:
        return ()
    _refuse_arms(plan, sources)
    found = {arm: _explanations(arm, source) for arm, source in sources.items()}
    champion = found[plan.champion]
    return tuple(
        _table(challenger, (mine, theirs), (found[challenger], champion))
        for challenger in plan.challengers
        if challenger in found
        for mine, theirs in _labels(challenger, found[challenger], champion)
    )


def sentences(tables: Iterable[AttributionTable], champion: str) -> Iterator[str]:
    """What people should know of attributions, a line each."""
    for each in tables:
        if each.ndcg is None:
            continue
        said = (
            f"{each.arm} ranks features of {each.label} as {champion} does by NDCG {each.ndcg:.4f}"
        )
        yield f"{said}, below {NDCG_THRESHOLD:g}{_moved(each)}" if is_other(each) else said


def is_other(table: AttributionTable) -> bool:
    """Whether other features decide, by the threshold of the attribution monitor."""
    return table.ndcg is not None and table.ndcg < NDCG_THRESHOLD


def _moved(table: AttributionTable) -> str:
    moved = sorted(
        (each for each in table.features if each.champion_rank != each.challenger_rank),
        key=lambda each: -abs(each.champion_rank - each.challenger_rank),
    )
    said = [
        f"{each.feature} from rank {each.champion_rank} to {each.challenger_rank}"
        for each in moved[:_MOVED_SHOWN]
    ]
    return f": {', '.join(said)}" if said else ""


def _refuse_arms(plan: Plan, sources: Mapping[str, Any]) -> None:
    unknown = [arm for arm in sources if arm not in plan.arms]
    if unknown:
        raise SettingsError(
            "attributions are of no arm of the plan",
            where=_SETTING,
            expected=" | ".join(plan.arms),
            found=", ".join(unknown),
            todo="Name the arms as the plan does",
        )
    if plan.champion not in sources or len(sources) == 1:
        raise SettingsError(
            "attributions of one arm have nothing to be compared with",
            where=_SETTING,
            expected=f"those of {plan.champion}, the champion, and of a challenger",
            found=", ".join(sources),
            todo="Give both",
        )


def _explanations(arm: str, source: Any) -> Explanations:
    if isinstance(source, AttributionBaseline | AttributionResult):
        return source.explanations
    if isinstance(source, AttributionStates):
        return _of_states(source)
    if isinstance(source, str | PathLike):
        return _read(source)
    raise InputError(
        f"these are no attributions of {arm}",
        where=_SETTING,
        expected="what driftkit.attribution returned, or the folder of it",
        found=type(source).__name__,
        todo="Hand in the one or the other",
    )


@of_a_run
def _read(source: PathOrUrl) -> Explanations:
    path = locate(source)
    file = path / NAME if path.is_dir() else path
    if file.exists() and file.name.endswith(".json"):
        return read_file(file)
    kept = path / FILE if path.is_dir() else path
    if not kept.exists():
        raise InputError(
            "there are no attributions",
            where=str(path),
            expected=f"a folder with {NAME} or {FILE}, as `driftkit attribution` writes them",
            found="neither" if path.is_dir() else "no such folder or file",
            todo="Name the output of `driftkit attribution baseline` or `monitor`",
        )
    return _of_states(loads(*content_of(kept)))


def _of_states(states: AttributionStates) -> Explanations:
    method: AggMethod = "median" if states.request.median else "mean_abs"
    explained = Explained.from_states(states, method, seed=0)
    return explained.explanations(states.request.expected)


def _labels(arm: str, challenger: Explanations, champion: Explanations) -> list[tuple[str, str]]:
    """The labels of both; a lone label is one by any name."""
    ours, theirs = list(challenger.labels), list(champion.labels)
    if len(ours) == len(theirs) == 1:
        return [(ours[0], theirs[0])]
    if set(ours) != set(theirs):
        raise InputError(
            "attributions of the arms are of other labels",
            where=arm,
            expected=", ".join(theirs),
            found=", ".join(ours),
            todo="Explain both with the same predictor.label_headers",
        )
    return [(name, name) for name in ours]


def _table(
    arm: str, labels: tuple[str, str], of: tuple[Explanations, Explanations]
) -> AttributionTable:
    new, old = (
        each.labels[label].global_shap_values for each, label in zip(of, labels, strict=True)
    )
    if set(new) != set(old):
        raise InputError(
            "attributions of the arms are of other features",
            where=arm,
            expected=", ".join(old),
            found=f"without {', '.join(sorted(set(old) - set(new))) or 'none of them'}; "
            f"besides {', '.join(sorted(set(new) - set(old))) or 'none'}",
            todo="Explain both with the same headers",
        )
    gains, live = np.array([*old.values()]), np.array([new[name] for name in old])
    score = float(ndcg(gains, live))
    features = (
        FeatureAttribution(
            feature=name,
            champion=float(a),
            challenger=float(b),
            difference=float(b - a),
            champion_rank=1 + int((gains > a).sum()),
            challenger_rank=1 + int((live > b).sum()),
        )
        for name, a, b in zip(old, gains, live, strict=True)
    )
    return AttributionTable(
        arm=arm,
        label=labels[0],
        ndcg=score if np.isfinite(score) else None,
        features=tuple(sorted(features, key=lambda each: each.champion_rank)),
    )
