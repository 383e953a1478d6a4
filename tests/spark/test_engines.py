"""Local runner, scan on Spark and Deequ give the same states of the same rows."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

pytest.importorskip("pyspark")

from driftkit.compute.choice import choose
from driftkit.compute.engine import Scan
from driftkit.compute.local import LocalRunner
from driftkit.compute.session.spark import active_session, get_session
from driftkit.compute.spark import SparkRunner
from driftkit.errors import EngineError, InputError
from driftkit.readers.arrow import from_table
from driftkit.readers.dataset import FileDataset
from driftkit.readers.spark import from_frame
from driftkit.settings import Compute, Settings
from driftkit.states.profile.table import FoldOptions
from tests.compute.samples import (
    OF_FILES,
    BadUnit,
    LoggedUnit,
    of_tables,
    text_table,
    typed_dataset,
    typed_table,
)

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from driftkit.compute.choice import Purpose
    from driftkit.readers.dataset import Dataset
    from driftkit.states.partitions.partition import TableState
    from driftkit.states.profile.column import ColumnState

pytestmark = pytest.mark.spark

HERE, THERE = Scan(runner=LocalRunner()), Scan(runner=SparkRunner())

KNOWN = {
    "texts": ("a", "b'q", "x", 'ü"\\', "not there"),
    "many texts": ("v1", "v2", "w"),
    "few ints": ("1", "2", "a"),
    "identifiers": ("id-7", "x'"),
    "mixed": ("1", "q"),
}
OPTIONS = [FoldOptions(), FoldOptions(row_order=True, known=KNOWN)]
DATASETS = ["typed", "csv", "parquet", "avro", "no units", "no rows"]


@pytest.fixture
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    kinds: dict[str, Any] = {
        "typed": typed_dataset,
        **{name: partial(make, tmp_path) for name, make in OF_FILES.items()},
        "no units": lambda: FileDataset(name="", columns=typed_dataset().columns, units=()),
        "no rows": lambda: of_tables([typed_table(0, 1)]),
    }
    found: Dataset = kinds[request.param]()
    return found


@pytest.fixture
def frame(spark: SparkSession) -> DataFrame:
    """A DataFrame of four partitions, one of them empty."""
    columns = ["longs", "few ints", "with nan", "floats", "texts", "many texts", "truths", "days"]
    rows = typed_table(3000, 7).select(columns).to_pylist()
    parts = spark.sparkContext.parallelize([rows[:1000], [], rows[1000:1001], rows[1001:]], 4)
    kinds = ["long", "int", "double", "float", "string", "string", "boolean", "date"]
    schema = ", ".join(f"`{name}` {kind}" for name, kind in zip(columns, kinds, strict=True))
    return spark.createDataFrame(
        parts.flatMap(lambda part: [tuple(row.values()) for row in part]), schema
    )


def in_partitions(frame: DataFrame) -> FileDataset:
    """The partitions of a DataFrame as units in memory."""
    from pyspark.sql.pandas.types import to_arrow_schema  # noqa: PLC0415  (needs pyspark)

    schema = to_arrow_schema(frame.schema)
    parts = frame.rdd.glom().collect()
    return of_tables(
        [pa.Table.from_pylist([row.asDict() for row in part], schema) for part in parts]
    )


def assert_same(found: TableState, expected: TableState) -> None:
    """Equal but for the last bits of sums."""
    assert (found.rows, found.rejected) == (expected.rows, expected.rejected)
    assert [exact(each) for each in found.columns] == [exact(each) for each in expected.columns]
    for one, other in zip(found.columns, expected.columns, strict=True):
        size = abs(other.moments.total) + other.moments.m2
        assert one.moments.total == pytest.approx(other.moments.total, rel=1e-12, abs=1e-12 * size)
        assert one.moments.m2 == pytest.approx(other.moments.m2, rel=1e-12)


def exact(column: ColumnState) -> tuple[object, ...]:
    """What the engines must agree upon to the last bit; Deequ counts no rows by the hash of values."""
    return (
        column.name,
        column.declared,
        column.presence,
        column.types,
        column.moments.n,
        column.extremes,
        column.sketch,
        column.distinct,
        replace(column.frequencies, buckets=None),
        column.non_finite,
    )


@pytest.mark.parametrize("options", OPTIONS, ids=["blocks", "row order"])
@pytest.mark.parametrize("dataset", DATASETS, indirect=True)
def test_scan_on_spark_gives_the_bits_of_the_local_runner(
    dataset: Dataset, options: FoldOptions, spark: SparkSession
) -> None:
    del spark

    assert THERE.profile(dataset, options) == Scan(runner=LocalRunner()).profile(dataset, options)


@pytest.mark.deequ
@pytest.mark.parametrize(
    ("dataset", "options"),
    [
        ("typed", FoldOptions(known=KNOWN)),
        ("csv", FoldOptions(known=KNOWN)),
        ("parquet", FoldOptions()),
        ("no units", FoldOptions()),
        ("no rows", FoldOptions(known=KNOWN)),
    ],
    indirect=["dataset"],
)
def test_deequ_gives_the_states_of_the_local_runner(
    dataset: Dataset, options: FoldOptions, deequ: SparkSession
) -> None:
    from driftkit.compute.deequ import Deequ  # noqa: PLC0415  (imports pyspark)

    del deequ

    assert_same(Deequ().profile(dataset, options), HERE.profile(dataset, options))


def test_partitions_of_a_frame_are_units(frame: DataFrame) -> None:
    expected = HERE.profile(in_partitions(frame), FoldOptions(known=KNOWN))

    assert THERE.profile(from_frame(frame), FoldOptions(known=KNOWN)) == expected


@pytest.mark.parametrize("held", [False, True], ids=["units", "frame"])
def test_what_spark_connect_is_asked_for_gives_the_same_bits(
    frame: DataFrame, monkeypatch: pytest.MonkeyPatch, *, held: bool
) -> None:
    """Spark Connect has no RDDs; what it is asked for is there in both kinds of sessions."""
    dataset = in_partitions(frame)
    monkeypatch.setattr("driftkit.compute.tasks.spark.is_classic", lambda _: False)
    seen: list[tuple[int, int, int]] = []

    state = THERE.profile(
        from_frame(frame) if held else dataset, FoldOptions(), lambda *counts: seen.append(counts)
    )

    assert state == HERE.profile(dataset, FoldOptions())
    assert seen[-1] == (len(dataset.units), len(dataset.units), state.rows)


@pytest.mark.deequ
def test_deequ_takes_the_partitions_of_a_frame(frame: DataFrame, deequ: SparkSession) -> None:
    from driftkit.compute.deequ import Deequ  # noqa: PLC0415  (imports pyspark)

    del deequ
    expected = HERE.profile(in_partitions(frame), FoldOptions())

    assert_same(Deequ().profile(from_frame(frame), FoldOptions()), expected)


def test_scan_is_one_pass(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("driftkit.compute.tasks.spark.uuid4", lambda: tmp_path.name)
    tables = of_tables([typed_table(100, seed) for seed in range(5)])
    log = tmp_path / "read.log"
    units = tuple(LoggedUnit(unit=unit, log=log) for unit in tables.units)

    THERE.profile(FileDataset(name="logged", columns=tables.columns, units=units), FoldOptions())

    tracker = spark.sparkContext.statusTracker()
    jobs = [
        tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(f"driftkit-{tmp_path.name}")
    ]
    stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
    assert sorted(log.read_text().split("\n")) == sorted(["", *(each.name for each in units)])
    assert [stage.numTasks for stage in stages if stage] == [1] * len(units)


def test_progress_counts_units_and_rows(spark: SparkSession) -> None:
    del spark
    seen: list[tuple[int, int, int]] = []
    dataset = of_tables([typed_table(20, 1), typed_table(30, 2)])

    THERE.profile(dataset, FoldOptions(), lambda *counts: seen.append(counts))

    assert seen == [(1, 2, 20), (2, 2, 50)]


def engine_of(name: str) -> Any:
    """An engine on Spark."""
    if name == "scan":
        return THERE
    from driftkit.compute.deequ import Deequ  # noqa: PLC0415  (imports pyspark)

    return Deequ()


@pytest.mark.parametrize("name", ["scan", pytest.param("deequ", marks=pytest.mark.deequ)])
@pytest.mark.parametrize(
    ("how", "kind", "message"),
    [
        ("dies", EngineError, "bad unit: a Python worker of Spark died"),
        ("is wrong", EngineError, "bad unit: a Spark job failed .found: ValueError: boom"),
        ("is cut off", InputError, "bad unit: the file is cut off"),
    ],
)
def test_failing_worker_ends_the_run_with_the_reason(
    name: str, how: str, kind: type[Exception], message: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("deequ" if name == "deequ" else "spark")
    good = of_tables([text_table(50, 1), text_table(50, 2)])
    units = (*good.units, BadUnit(how=how))
    # Deequ must not get the reason from its look at the first unit only.
    dataset = FileDataset(name="bad", columns=good.columns, units=units)

    with pytest.raises(kind, match=message):
        engine_of(name).profile(dataset, FoldOptions())


@pytest.mark.deequ
def test_a_metric_that_deequ_cannot_compute_is_an_error(deequ: SparkSession) -> None:
    from pydeequ import analyzers  # noqa: PLC0415  (needs SPARK_VERSION)

    from driftkit.compute.deequ_analysis import Analysis  # noqa: PLC0415  (needs Spark)

    frame = deequ.sql("SELECT 'a' AS c0")
    analysis = Analysis(deequ._jvm, frame._jdf, "here")

    with pytest.raises(EngineError, match=r"here: Deequ could not compute.*Sum\(c0"):
        analysis.states([analyzers.Completeness("c0"), analyzers.Sum("c0")])


@pytest.mark.deequ
def test_suggestions_are_those_of_deequs_own_runner(deequ: SparkSession) -> None:
    from driftkit.compute.deequ import Deequ  # noqa: PLC0415  (imports pyspark)

    names = ["few ints", "with nan", "texts", "truths", "constant"]
    table = typed_table(2000, 11).select(names).rename_columns(["i", "x", "s", "b", "k"])
    frame = deequ.createDataFrame(
        [tuple(row.values()) for row in table.to_pylist()],
        "i int, x double, s string, b boolean, k double",
    )
    dataset = from_table(table)
    engine = Deequ()

    suggested = engine.suggestions(dataset, engine.profile(dataset, FoldOptions()))

    assert suggested is not None
    assert told(suggested) == told(of_deequs_runner(deequ, frame))


def of_deequs_runner(session: SparkSession, frame: DataFrame) -> dict[str, Any]:
    from pydeequ.suggestions import DEFAULT, ConstraintSuggestionRunner  # noqa: PLC0415

    runner = ConstraintSuggestionRunner(session).onData(frame)
    found: dict[str, Any] = runner.addConstraintRule(DEFAULT()).run()
    return found


def told(suggested: Any) -> list[tuple[str, ...]]:
    keys = ("column_name", "constraint_name", "description", "current_value", "rule_description")
    entries = suggested["constraint_suggestions"]
    return sorted(
        (*(entry[key] for key in keys), entry["suggesting_rule"].partition("(")[0])
        for entry in entries
    )


def test_session_that_is_there_is_used(spark: SparkSession) -> None:
    assert active_session() is not None
    assert get_session(master="local[1]") is spark


def test_spark_without_java_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("driftkit.compute.session.spark.active_session", lambda: None)
    monkeypatch.setattr("driftkit.compute.runtime.java_home", lambda: None)
    for name in ("PYSPARK_GATEWAY_PORT", "PYSPARK_SUBMIT_ARGS", "SPARK_REMOTE", "MASTER"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(EngineError, match="Spark needs Java"):
        get_session()


@pytest.mark.parametrize(
    ("settings", "purpose", "expected"),
    [
        ({}, "monitor", "scan on Spark"),
        ({"engine": "scan"}, "baseline", "scan on Spark"),
        ({"runner": "local"}, "baseline", "scan in this process"),
    ],
)
def test_active_session_is_chosen(
    settings: dict[str, Any], purpose: Purpose, expected: str, spark: SparkSession
) -> None:
    del spark
    dataset = of_tables([typed_table(10, 1)])

    assert choose(dataset, Settings.from_keywords(**settings).compute, purpose).name == expected


@pytest.mark.deequ
def test_deequ_is_chosen_for_baselines_on_spark(deequ: SparkSession) -> None:
    del deequ
    dataset = of_tables([typed_table(10, 1)])

    engine = choose(dataset, Compute(), "baseline")

    assert engine.name == "Deequ on Spark"
    assert engine.note is not None
    assert "--engine scan" in engine.note


def test_deequ_asked_for_but_missing_is_an_error(
    spark: SparkSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    del spark
    monkeypatch.setattr("driftkit.compute.deequ.find_spec", lambda _: None)
    monkeypatch.setattr("driftkit.compute.deequ.pyspark_version", "3.5.9")
    dataset = of_tables([typed_table(10, 1)])

    with pytest.raises(EngineError, match="pydeequ is not installed"):
        choose(dataset, Compute(engine="deequ"), "monitor")
    assert choose(dataset, Compute(), "baseline").name == "scan on Spark"
