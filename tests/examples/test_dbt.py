"""The dbt project of docs/examples: its SQL on a store of DuckDB, and dbt itself where it is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from driftkit.store.opening import open_store
from driftkit.store.store import keep
from tests.house.conftest import ROOT
from tests.store.facts import facts

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("duckdb", reason="needs duckdb")
PROJECT = ROOT / "docs/examples/dbt"
DBT = shutil.which("dbt")


def filled(file: Path, *shifts: float) -> str:
    """A store of some hours, in each of which ages have moved so far."""
    for hour, shift in enumerate(shifts):
        keep(open_store(str(file)), facts(hour=hour, shift=shift))
    return str(file)


def sources() -> set[str]:
    read = yaml.safe_load((PROJECT / "models/sources.yml").read_text())
    return {table["name"] for source in read["sources"] for table in source["tables"]}


@pytest.mark.parametrize(
    ("shifts", "columns"), [((0.0, 40.0), ["age"]), ((40.0, 0.0), [])], ids=["last", "before"]
)
def test_the_last_window_has_no_violations(
    shifts: tuple[float, ...], columns: list[str], tmp_path: Path
) -> None:
    from driftkit.store.connection import connect  # noqa: PLC0415

    named: list[str] = []

    def of_source(found: re.Match[str]) -> str:
        named.append(found[1])
        return found[1]

    text = (PROJECT / "tests/no_violations_in_the_last_window.sql").read_text()
    text = re.sub(r"\{\{ source\('driftkit', '(\w+)'\) \}\}", of_source, text)
    text = text.replace('{{ var("model", "churn") }}', "churn")
    with connect(filled(tmp_path / "metrics.duckdb", *shifts)) as connection:
        rows: list[dict[str, Any]] = connection.sql(text).to_arrow_table().to_pylist()
        for table in sources():
            connection.sql(f"select count(*) from {table}").fetchall()  # noqa: S608

    assert sorted({each["feature_name"] for each in rows}) == columns
    assert {*named} <= sources()


@pytest.mark.skipif(DBT is None, reason="needs dbt")
@pytest.mark.parametrize(("shifts", "code"), [((0.0, 40.0), 1), ((40.0, 0.0), 0)])
def test_dbt_takes_the_project(shifts: tuple[float, ...], code: int, tmp_path: Path) -> None:
    shutil.copytree(PROJECT, tmp_path / "project")
    file = filled(tmp_path / "metrics.duckdb", *shifts)
    known = {"DRIFTKIT_STORE_FILE": file, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    ended = subprocess.run(
        [str(DBT), "test", "--profiles-dir", "."],
        cwd=tmp_path / "project",
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == code, ended.stdout + ended.stderr
    assert ("FAIL=1" in ended.stdout or "ERROR=1" in ended.stdout) == bool(code)
