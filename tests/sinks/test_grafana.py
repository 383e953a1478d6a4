"""What dashboards ask is answered by a real Prometheus and a real Postgres, and panels have room."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import time
import urllib.parse
import urllib.request
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from driftkit.results.contract import Metric
from driftkit.sinks.dashboards import DASHBOARDS
from driftkit.sinks.prometheus import exposition
from tests.cli.conftest import driftkit_command  # noqa: F401  (a fixture)
from tests.sinks.running import running, serving
from tests.sinks.windows import finding, measured, window
from tests.store.conftest import postgres  # noqa: F401  (a fixture)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.cli.conftest import Ended

PROMETHEUS = shutil.which("prometheus")
QUALITY = Metric(group="quality", name="auc", value=0.8, interval=(0.7, 0.9), baseline=0.85)
FACTS = window(
    1,
    finding(),
    metrics=(replace(measured(0.3), dimensions={"method": "Robust"}), QUALITY),
    rejected={"bad json": 1},
)
VALUES = {"model": "churn", "variant": ".*", "monitor": ".*", "feature": "age"}


@pytest.fixture
def gauges() -> Iterator[int]:
    """The port at which the gauges of a run can be scraped."""
    text = exposition(FACTS).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        yield server.server_address[1]


@pytest.mark.skipif(PROMETHEUS is None, reason="needs prometheus")
def test_prometheus_answers_every_panel(gauges: int, free_port: int, tmp_path: Path) -> None:
    jobs = [{"job_name": "driftkit", "static_configs": [{"targets": [f"127.0.0.1:{gauges}"]}]}]
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "scrape_configs": jobs,
        "rule_files": [str(tmp_path / "rules.yml")],
    }
    (tmp_path / "p.yml").write_text(json.dumps(config))
    rule = {"alert": "DriftkitViolation", "expr": 'driftkit_status{status="violated"} == 1'}
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "a", "rules": [rule]}]}))
    command = [
        *(str(PROMETHEUS), f"--config.file={tmp_path}/p.yml"),
        *(f"--storage.tsdb.path={tmp_path}/data", f"--web.listen-address=127.0.0.1:{free_port}"),
    ]
    with running(command, free_port) as url:
        awaited(url, "ALERTS")
        dashboard = DASHBOARDS["prometheus"]
        asked = [query for panel in dashboard.panels for query in panel.queries.values()]
        found = {query: answered(url, query) for query in map(filled, asked)}
        named = [
            re.fullmatch(r"label_values\((.*), (\w+)\)", each.query) for each in dashboard.variables
        ]
        choices = {
            each[2]: {
                series["metric"].get(each[2], "") for series in answered(url, filled(each[1]))
            }
            for each in named
            if each
        }

    assert [query for query, result in found.items() if not result] == []
    states = next(result for query, result in found.items() if "no_data" in query)
    assert [each["value"][1] for each in states] == ["3"]
    assert choices == {
        "model": {"churn"},
        "variant": {""},
        "monitor": {"data_quality"},
        "feature": {"age"},
    }


def filled(query: str) -> str:
    for name, value in VALUES.items():
        query = query.replace(f"${name}", value)
    return query


def answered(url: str, query: str) -> list[dict[str, Any]]:
    asked = urllib.parse.urlencode({"query": query})
    with urllib.request.urlopen(f"{url}/api/v1/query?{asked}") as answer:  # noqa: S310
        result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return result


def awaited(url: str, query: str) -> None:
    """Waits until it has an answer, for half a minute at most."""
    for _ in range(150):
        if answered(url, query):
            return
        time.sleep(0.2)


def test_postgres_answers_every_panel(postgres: str) -> None:  # noqa: F811
    import psycopg  # noqa: PLC0415

    from driftkit.store.opening import open_store  # noqa: PLC0415
    from driftkit.store.store import keep  # noqa: PLC0415

    keep(open_store(postgres), FACTS)
    dashboard = DASHBOARDS["postgres"]
    asked = [query for panel in dashboard.panels for query in panel.queries.values()]
    with psycopg.connect(postgres) as connection:
        found = {
            query: connection.execute(as_grafana(query)).fetchall()
            for query in (*asked, *(each.query for each in dashboard.variables))
        }

    assert [query for query, rows in found.items() if not rows] == []
    assert [row[2] for row in found[asked[0]]] == [3]


def as_grafana(query: str) -> str:
    query = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 between '2026-01-01' and '2027-01-01'", query)
    known = {"model": "'churn'", "variant": "''", "monitor": "'data_quality'", "feature": "'age'"}
    return re.sub(r"\$\{(\w+):sqlstring\}", lambda found: known[found[1]], query)


@pytest.mark.parametrize("source", ["prometheus", "postgres"])
def test_a_dashboard_is_written_whose_panels_have_room(
    source: str,
    tmp_path: Path,
    driftkit_command: Callable[..., Ended],  # noqa: F811
) -> None:
    ended = driftkit_command("grafana", "--datasource", source, "-o", tmp_path / "d.json")

    made = json.loads((tmp_path / "d.json").read_bytes())
    spots = [each["gridPos"] for each in made["panels"]]
    cells = [
        cell
        for spot in spots
        for cell in itertools.product(
            range(spot["x"], spot["x"] + spot["w"]), range(spot["y"], spot["y"] + spot["h"])
        )
    ]
    assert ended.code == 0
    assert made["uid"] == f"driftkit-{source}"
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    assert len({each["id"] for each in made["panels"]}) == len(made["panels"])
    variables = {each["name"] for each in made["templating"]["list"]}
    used = set(re.findall(r"\$\{?(\w+)", json.dumps(made["panels"])))
    assert used - {"__timeFilter", "DS_DRIFTKIT"} <= variables
