"""The queries of docs/queries give the same over Parquet and Delta, in DuckDB and in Postgres."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.store.opening import open_store
from driftkit.store.schema import table_of
from driftkit.store.sql import DUCKDB
from driftkit.store.store import RunKey, keep
from tests.house.conftest import ROOT
from tests.store.facts import START, facts, quality_facts

if TYPE_CHECKING:
    from pathlib import Path

    from driftkit.results.facts import Facts

pytestmark = pytest.mark.skipif(find_spec("duckdb") is None, reason="duckdb is not installed")
QUERIES = sorted((ROOT / "docs/queries").glob("*.sql"))


def runs() -> list[Facts]:
    made = [facts(hour=hour, shift=5.0 * hour) for hour in range(4)]
    labelled = [quality_facts(labels, minute) for labels, minute in ((60, 0), (80, 1), (120, 2))]
    # Made again: its violations are gone, and may not be seen in the latest rows.
    return [*made, replace(facts(hour=3, minute=9), run_id="f" * 32), *labelled]


def alerts(run_id: str) -> list[dict[str, Any]]:
    known = {"fingerprint": "0" * 16, "state": "firing", "run_id": run_id, "monitor": "m"}
    subject = {"model": "churn", "variant": "", "constraint_check_type": "baseline_drift_check"}
    judged = ("true", "true", "false", None)
    return [
        {**known, **subject, "event_id": str(number), "at": START, "judged": each}
        for number, each in enumerate(judged)
    ]


def fill(address: str) -> None:
    store = open_store(address)
    kept = [keep(store, each) for each in runs()]
    key = RunKey(run_id=kept[0].run_id, model="churn", window_start=START)
    store.replace_run(key, {"alert_events": table_of("alert_events", alerts(key.run_id))})


def by_duckdb(address: str, query: str) -> list[dict[str, Any]]:
    from driftkit.store.connection import connect  # noqa: PLC0415

    with connect(address) as connection:
        found: list[dict[str, Any]] = connection.sql(query).to_arrow_table().to_pylist()
    return found


def by_postgres(address: str, query: str) -> list[dict[str, Any]]:
    import psycopg  # noqa: PLC0415
    from psycopg.rows import dict_row  # noqa: PLC0415

    with psycopg.connect(address, row_factory=dict_row) as connection:
        return [dict(row) for row in connection.execute(query).fetchall()]


def plain(rows: list[Any]) -> list[dict[str, Any]]:
    """Rows whose numbers are of one type: Postgres has decimals."""
    return [
        {
            name: float(each) if type(each).__name__ == "Decimal" else each
            for name, each in row.items()
        }
        for row in rows
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Stores of the same runs, by their kind."""
    folder = tmp_path_factory.mktemp("stores")
    made = {"parquet": f"{folder}/parquet", "duckdb": f"{folder}/file.duckdb"}
    if find_spec("deltalake") is not None:
        made["delta"] = f"delta:{folder}/delta"
    for each in made.values():
        fill(each)
    return made


@pytest.mark.parametrize("query", QUERIES, ids=[each.stem for each in QUERIES])
def test_queries_give_the_same_on_all_kinds(filled: dict[str, str], query: Path) -> None:
    found = [plain(by_duckdb(each, query.read_text())) for each in filled.values()]

    assert found[0]
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("query", QUERIES, ids=[each.stem for each in QUERIES])
def test_queries_give_the_same_in_postgres(tmp_path: Path, postgres: str, query: Path) -> None:
    folder = str(tmp_path / "folder")
    for each in (folder, postgres):
        fill(each)

    assert plain(by_postgres(postgres, query.read_text())) == plain(
        by_duckdb(folder, query.read_text())
    )


@pytest.mark.parametrize("name", ["store", "store.duckdb"])
def test_views_tell_the_latest_run_and_all_versions(tmp_path: Path, name: str) -> None:
    address = str(tmp_path / name)
    fill(address)

    versions = by_duckdb(
        address,
        "select version, count(*) as n from driftkit_metrics_versions "
        "where metric_name = 'recall' group by 1 order by 1",
    )
    last = by_duckdb(
        address, "select count(*) as n from driftkit_metrics_latest where metric_name = 'recall'"
    )
    gone = by_duckdb(
        address,
        "select count(*) as n from driftkit_violations_latest "
        "where window_start = timestamptz '2026-11-01 03:00:00+00'",
    )

    assert versions == [{"version": each, "n": 1} for each in (1, 2, 3)]
    assert last == [{"n": 1}]
    assert gone == [{"n": 0}]


PROFILE = """
    window struct<start:timestamp,end:timestamp>, log_type string,
    logging_table_commit_version int, monitor_version bigint, granularity string,
    slice_key string, slice_value string, column_name string, count bigint, data_type string,
    num_nulls bigint, avg double, quantiles array<double>, min double, max double, stddev double,
    num_zeros bigint, num_nan bigint, min_length double, max_length double, avg_length double,
    non_null_columns array<string>, frequent_items array<struct<item:string,count:bigint>>,
    median double, distinct_count bigint, percent_nan double, percent_null double,
    percent_zeros double, percent_distinct double
"""
DRIFT = """
    window struct<start:timestamp,end:timestamp>, granularity string, monitor_version bigint,
    slice_key string, slice_value string, column_name string, data_type string,
    window_cmp struct<start:timestamp,end:timestamp>, drift_type string, count_delta bigint,
    avg_delta double, percent_null_delta double, percent_zeros_delta double,
    percent_distinct_delta double, non_null_columns_delta struct<added:int,missing:int>,
    js_distance double, ks_test struct<statistic:double,pvalue:double>,
    wasserstein_distance double, population_stability_index double,
    chi_squared_test struct<statistic:double,pvalue:double>, tv_distance double,
    l_infinity_distance double
"""


def columns(text: str) -> list[list[str]]:
    """Names and types in Databricks' words."""
    return [each.split() for each in text.replace("\n", " ").split(", ")]


def in_databricks_words(kind: str) -> str:
    """A type of DuckDB's as Databricks writes it."""
    words = {
        "timestamp with time zone": "timestamp",
        **{DUCKDB[name]: name for name in ("string", "int")},
    }
    text = kind.lower().replace('"', "")
    if text.endswith("[]"):
        return f"array<{in_databricks_words(text[:-2])}>"
    if text.startswith("struct("):
        inner = (each.split(" ", 1) for each in text[7:-1].split(", "))
        return f"struct<{','.join(f'{name}:{in_databricks_words(of)}' for name, of in inner)}>"
    return words.get(text, text)


@pytest.mark.parametrize(
    ("view", "expected"),
    [("databricks_profile_metrics", PROFILE), ("databricks_drift_metrics", DRIFT)],
)
@pytest.mark.parametrize("name", ["store", "store.duckdb"])
def test_the_shape_of_databricks_tables(
    tmp_path: Path, name: str, view: str, expected: str
) -> None:
    address = str(tmp_path / name)
    fill(address)

    found = by_duckdb(address, f"select column_name, column_type from (describe {view})")  # noqa: S608

    assert [
        [each["column_name"], in_databricks_words(each["column_type"])] for each in found
    ] == columns(expected)
    assert by_duckdb(address, f"select * from {view}")  # noqa: S608
