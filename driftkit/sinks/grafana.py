"""Dashboards as Grafana imports them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

DataSource = Literal["prometheus", "postgres"]

_SOURCE = {"type": "", "uid": "${DS_DRIFTKIT}"}
_PLUGINS = {"prometheus": "prometheus", "postgres": "grafana-postgresql-datasource"}
_TITLES = {"prometheus": "Prometheus", "postgres": "PostgreSQL"}
_WIDTH = 24
# Colours that people tell apart who do not see red and green.
STATUS = (
    (0, "ok", "#0072B2"),
    (1, "not measured", "#999999"),
    (2, "no data", "#E69F00"),
    (3, "violated", "#D55E00"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel of a dashboard.

    Attributes:
        title: what it shows.
        kind: of Grafana: timeseries, table, stat, state-timeline, bargauge.
        queries: legend -> PromQL, or SQL.
        width: in 24ths of the page.
        height: in rows of Grafana's grid.
        about: what one should know to read it.
        now: whether it shows the last values alone.
        dashed: patterns of the names of lines that are drawn dashed.
        status: whether its values are those of `STATUS`.
    """

    title: str
    kind: str
    queries: dict[str, str]
    width: int = 12
    height: int = 8
    about: str = ""
    now: bool = False
    dashed: tuple[str, ...] = ()
    status: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A choice at the top of a dashboard.

    Attributes:
        name: as queries have it.
        query: PromQL's label_values, or SQL.
        several: whether more than one may be chosen, or all.
    """

    name: str
    query: str
    several: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """What a dashboard asks.

    Attributes:
        source: of the numbers.
        variables: its choices.
        panels: in reading order.
    """

    source: DataSource
    variables: tuple[Variable, ...] = field(default=())
    panels: tuple[Panel, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The dashboard as Grafana imports it; it asks which data source to use."""
        plugin, name = _PLUGINS[self.source], _TITLES[self.source]
        return {
            "__inputs": [
                {
                    "name": "DS_DRIFTKIT",
                    "label": name,
                    "type": "datasource",
                    "pluginId": plugin,
                    "pluginName": name,
                }
            ],
            "uid": f"driftkit-{self.source}",
            "title": f"driftkit ({name})",
            "tags": ["driftkit"],
            "timezone": "utc",
            "schemaVersion": 39,
            "refresh": "5m",
            "time": {"from": "now-30d", "to": "now"},
            "templating": {"list": [_variable(each, plugin) for each in self.variables]},
            "panels": _placed(self.panels, plugin),
        }


def _variable(of: Variable, plugin: str) -> dict[str, Any]:
    is_sql = plugin != "prometheus"
    made: dict[str, Any] = {
        "name": of.name,
        "label": of.name,
        "type": "query",
        "datasource": _SOURCE | {"type": plugin},
        "query": of.query if is_sql else {"query": of.query, "refId": of.name},
        "definition": of.query,
        "refresh": 2,
        "sort": 1,
        "multi": of.several,
        "includeAll": of.several,
    }
    if of.several:
        made["current"] = {"text": ["All"], "value": ["$__all"]}
        # In SQL, all is the list of all.
        made |= {} if is_sql else {"allValue": ".*"}
    return made


def _placed(panels: tuple[Panel, ...], plugin: str) -> list[dict[str, Any]]:
    """The panels from left to right and from the top to the bottom."""
    made: list[dict[str, Any]] = []
    x = y = height = 0
    for number, each in enumerate(panels, start=1):
        if x + each.width > _WIDTH:
            x, y, height = 0, y + height, 0
        spot = {"x": x, "y": y, "w": each.width, "h": each.height}
        made.append({"id": number, "gridPos": spot, **_panel(each, plugin)})
        x, height = x + each.width, max(height, each.height)
    return made


def _panel(of: Panel, plugin: str) -> dict[str, Any]:
    return {
        "title": of.title,
        "description": of.about,
        "type": of.kind,
        "datasource": _SOURCE | {"type": plugin},
        "targets": [
            _target(of, plugin, letter, legend, query)
            for letter, (legend, query) in zip("ABCDEF", of.queries.items(), strict=False)
        ],
        "fieldConfig": {
            "defaults": {"mappings": _mappings() if of.status else []},
            "overrides": _dashed(of.dashed),
        },
    }


def _target(of: Panel, plugin: str, letter: str, legend: str, query: str) -> dict[str, Any]:
    made: dict[str, Any] = {"refId": letter, "datasource": _SOURCE | {"type": plugin}}
    how = "table" if of.kind == "table" else "time_series"
    if plugin == "prometheus":
        return {**made, "expr": query, "legendFormat": legend, "instant": of.now, "format": how}
    return {**made, "rawSql": query, "rawQuery": True, "editorMode": "code", "format": how}


def _mappings() -> list[dict[str, Any]]:
    options = {
        str(value): {"text": text, "color": colour, "index": value}
        for value, text, colour in STATUS
    }
    return [{"type": "value", "options": options}]


def _dashed(names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {
            "matcher": {"id": "byRegexp", "options": f"/^{name}$/"},
            "properties": [
                {"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [6, 6]}},
                {"id": "custom.fillOpacity", "value": 0},
            ],
        }
        for name in names
    ]
