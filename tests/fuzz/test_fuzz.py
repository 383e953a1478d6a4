"""A short run of the fuzzer, the same every time, and the fuzzer's own promises."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.fuzz import fatal, fatal_memory
from tests.fuzz.cases import KNOWN, Case, WrongError, check
from tests.fuzz.mutations import VALUES, changed_document
from tests.fuzz.running import TARGETS, Failure, explored, iterate, seed_of, settled, shrunk
from tests.fuzz.workers import Plan, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fuzz.cases import Target

SEED = 14
# Of all targets together; each takes its share.
ITERATIONS = 1500
EXAMPLES = 40
_WHOLE = sum(target.share for target in TARGETS)
STRUCTURED = [target for target in TARGETS if target.structured]


@pytest.fixture(autouse=True)
def _as_in_a_worker() -> Iterator[None]:
    with settled():
        yield


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_nothing_is_wrong(target: Target, tmp_path: Path) -> None:
    count = max(ITERATIONS * target.share // _WHOLE, 10)

    found = [iterate(target, seed_of(SEED, target.name, n), tmp_path) for n in range(count)]

    wrong = [each for each in found if isinstance(each, Failure)]
    assert not wrong, (
        f"{len(wrong)} of {count}, as {wrong[0].seed}: {wrong[0].said}\n{wrong[0].case}"
    )


@pytest.mark.parametrize("target", STRUCTURED, ids=lambda target: target.name)
def test_nothing_is_wrong_in_what_hypothesis_makes(target: Target, tmp_path: Path) -> None:
    def work(case: Case, _: str) -> None:
        for path in sorted(tmp_path.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        case.put(tmp_path)
        target.run(case, tmp_path)

    found = explored(target, EXAMPLES, SEED, work)

    assert found is None, f"{found.said}\n{found.case}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_seed_makes_the_same_case_again(target: Target) -> None:
    first, second = (target.make(Random(SEED)) for _ in range(2))  # noqa: S311

    assert repr(first) == repr(second)


def test_a_failure_is_made_smaller_as_long_as_it_stays(tmp_path: Path) -> None:
    def refuse(case: Case, _: Path) -> str:
        check(b"x" not in case.files["input"], "there is an x")
        return "result"

    broken = replace(TARGETS[-1], name="bad", run=refuse)
    case = Case(files={"input": b"abcdefx" * 20})
    failure = Failure(target="bad", seed="", kind="WrongError: there is an x", said="", case=case)

    assert shrunk(broken, failure, tmp_path).case.files == {"input": b"x"}


def test_hypothesis_shrinks_what_is_wrong() -> None:
    def refuse(case: Case, _: str) -> None:
        if case.expected.rows > 1:
            raise WrongError("more than a row")

    found = explored(STRUCTURED[0], 200, SEED, refuse)

    assert found is not None
    assert found.case.expected.rows == 2


def test_what_ends_a_worker_is_kept_and_the_run_goes_on() -> None:
    plan = Plan(
        iterations=24,
        seed=_one_of_each(fatal.TARGETS, 24),
        workers=1,
        hanging_seconds=5.0,
        module="tests.fuzz.fatal",
    )

    *_, tally = run(plan)

    assert tally.iterations == 24
    known = {("crashes", "the process ended"), ("hangs", "an iteration took")}
    assert tally.done["crashes as known", KNOWN] == 1
    assert "crashes as known" not in {name for name, _ in tally.failures}
    assert known <= {(name, " ".join(kind.split()[:3])) for name, kind in tally.failures}


def test_a_worker_that_fills_memory_is_ended_and_the_run_goes_on() -> None:
    seed = _one_of_each(fatal_memory.TARGETS, 8)
    # To fill it takes seconds where the machine is busy.
    plan = Plan(
        iterations=8,
        seed=seed,
        workers=1,
        hanging_seconds=900.0,
        module="tests.fuzz.fatal_memory",
    )

    *_, tally = run(plan)

    assert tally.iterations == 8
    (kind,) = (kind for _, kind in tally.failures)
    assert kind.startswith("the process took more than 1,500,000,000 bytes")


def _one_of_each(targets: tuple[Target, ...], iterations: int) -> int:
    """A seed with one fatal case of each target."""
    count = iterations // len(targets)
    return next(
        seed for seed in range(1000) if all(_fatal(seed, each, count) == 1 for each in targets)
    )


def _fatal(seed: int, target: Target, count: int) -> int:
    seeds = (seed_of(seed, target.name, number) for number in range(count))
    return sum(target.make(Random(each)).options["fatal"] for each in seeds)  # noqa: S311


def test_what_is_changed_in_a_case_changes_no_other() -> None:
    before = repr(VALUES)

    for number in range(2000):
        changed_document({"a": [{"b": 1}]}, Random(number))  # noqa: S311

    assert repr(VALUES) == before


def test_a_case_without_files_is_kept_too(tmp_path: Path) -> None:
    Case(options={"a": 1}).save(tmp_path / "kept")

    assert "'a': 1" in (tmp_path / "kept" / "about.txt").read_text()
