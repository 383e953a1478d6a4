"""A file that is wrong is refused with line, path, what was expected, what was found, what was meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from driftkit.configuration.opening import opened
from driftkit.errors import SettingsError
from tests.configuration.conftest import RIGHT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = "version: 1\nmodel: {name: churn}\n"
DATA = "inputs:\n  data: {path: data.csv}\n"
QUALITY = "monitors:\n  data_quality:\n"
BASE = HEAD + DATA + QUALITY

# Name, text, and what the message holds: where it is, and what is said of it.
BROKEN = {
    "threshold": (
        BASE + "    thresholds:\n      distnace: 0.1\n",
        ":8:7: monitors.data_quality.thresholds.distnace: unknown; did you mean 'distance'?",
    ),
    "section": (RIGHT + "reprot: {path: r}\n", ":8:1: reprot: unknown; did you mean 'report'?"),
    "strange section": (
        RIGHT + "xyz: 1\n",
        ":8:1: xyz: unknown (expected: alerts, defaults, inputs",
    ),
    "monitor": (HEAD + DATA + "monitors:\n  data_qualty: {}\n", "did you mean 'data_quality'?"),
    "model key": (
        "version: 1\nmodel: {nmae: a}\n" + DATA + "monitors: {}\n",
        ":2:9: model.nmae: unknown; did you mean 'name'?",
    ),
    "setting of a monitor": (
        BASE + "    dialekt: aws\n",
        ":7:5: monitors.data_quality.dialekt: unknown; did you mean 'dialect'?",
    ),
    "setting of an input": (
        HEAD + "inputs:\n  data:\n    path: a\n    seperator: ';'\nmonitors: {}\n",
        ":6:5: inputs.data.seperator: unknown; did you mean 'separator'?",
    ),
    "feature": (
        BASE + "    features:\n      age: {distanc: 0.2}\n",
        ":8:13: monitors.data_quality.features.age.distanc: unknown; did you mean 'distance'?",
    ),
    "report key": (
        RIGHT + "report: {pth: a}\n",
        ":8:10: report.pth: unknown; did you mean 'path'?",
    ),
    "schedule key": (
        RIGHT + 'schedule: {corn: "15 3 * * *"}\n',
        ":8:12: schedule.corn: unknown; did you mean 'cron'?",
    ),
    "no version": (RIGHT.replace("version: 1\n", ""), "version: missing (expected: this key"),
    "other version": (
        RIGHT.replace("version: 1", "version: 2"),
        ":1:1: version: this is something else than expected (expected: 1; found: 2)",
    ),
    "version as text": (RIGHT.replace("version: 1", "version: '1'"), "(expected: 1; found: '1')"),
    "no model": (RIGHT.replace("model: {name: churn}\n", ""), "model: missing"),
    "no name": (RIGHT.replace("{name: churn}", "{}"), ":2:1: model.name: missing"),
    "name is a number": (RIGHT.replace("churn", "5"), ":2:9: model.name: "),
    "name is a path": (RIGHT.replace("churn", "a/b"), ":2:9: model.name: "),
    "no inputs": (HEAD + QUALITY.replace("y:\n", "y: {}\n", 1), "inputs: missing"),
    "no path": (HEAD + "inputs: {data: {}}\nmonitors: {}\n", ":3:10: inputs.data.path: missing"),
    "path is a number": (RIGHT.replace("data.csv", "7"), ":4:10: inputs.data.path: "),
    "window": (
        HEAD + "inputs:\n  captures: {path: c, window: day}\nmonitors: {}\n",
        (
            ":4:23: inputs.captures.window: this is no duration (expected: for example 15m, 1h, 1d or "
            "2w; found: 'day')"
        ),
    ),
    "window is a number": (
        HEAD + "inputs:\n  captures: {path: c, window: 3600}\nmonitors: {}\n",
        "this is no duration",
    ),
    "format": (
        RIGHT.replace("data.csv}", "data.csv, format: exel}"),
        ":4:26: inputs.data.format: format is not one of its choices (expected: auto | csv",
    ),
    "dialect": (
        RIGHT + "defaults: {dialect: azure}\n",
        (
            ":8:12: defaults.dialect: dialect is not one of its choices (expected: aws | textbook; "
            "found: 'azure')"
        ),
    ),
    "truth": (
        BASE + "    features: {country: {ignore: no}}\n",
        (
            ":7:26: monitors.data_quality.features.country.ignore: this is something else than "
            "expected (expected: true or false; found: 'no')"
        ),
    ),
    "share above 1": (
        BASE + "    thresholds: {completeness: 98}\n",
        ":7:18: monitors.data_quality.thresholds.completeness: ",
    ),
    "share as text": (BASE + '    thresholds: {completeness: "0.98"}\n', "(expected: a number"),
    "negative distance": (
        BASE + "    thresholds: {distance: -0.1}\n",
        "greater than or equal to 0",
    ),
    "distance is no number": (BASE + "    thresholds: {distance: .nan}\n", "finite"),
    "method": (
        BASE + "    thresholds: {method: Robst}\n",
        "found: 'Robst'). Did you mean 'Robust'?",
    ),
    "bound": (
        HEAD + DATA + 'monitors:\n  model_quality: {thresholds: {auc: "> 0.8"}}\n',
        ":6:32: monitors.model_quality.thresholds.auc: this is no bound",
    ),
    "bound is a list": (
        HEAD + DATA + "monitors:\n  model_quality: {thresholds: {auc: [0.8]}}\n",
        "monitors.model_quality.thresholds.auc: this is no bound",
    ),
    "no analysis_config": (
        HEAD + DATA + "monitors:\n  bias: {}\n",
        ":6:3: monitors.bias.analysis_config: missing",
    ),
    "monitor is a list": (
        HEAD + DATA + "monitors:\n  data_quality: []\n",
        ":6:3: monitors.data_quality: this is something else than expected (expected: keys and",
    ),
    "history": (RIGHT + "report: {history: -1}\n", ":8:10: report.history: "),
    "history is a text": (RIGHT + "report: {history: all}\n", "(expected: a whole number"),
    "report leaves its folder": (RIGHT + "report: {path: ../r}\n", "a path without .."),
    "cron": (RIGHT + 'schedule: {cron: "15 3"}\n', ":8:12: schedule.cron: "),
    "key twice": (
        RIGHT + "model: {name: other}\n",
        ":8:1: the key 'model' is there twice (expected: each key once; found: the first in line 2)",
    ),
    "tab": ("version: 1\n\tmodel: {}\n", ":2:1: this is not YAML"),
    "bracket": (RIGHT + "report: {path: r\n", "this is not YAML"),
    "tag": (RIGHT.replace("churn", "!!python/name:os.system x"), ":2:15: a value has a tag"),
    "list": ("- a\n", "this is no configuration"),
    "empty": ("", "this is no configuration"),
    "too deep": ("a: " + "[" * 60 + "]" * 60 + "\n", "nested too deeply"),
    "aliases": ("a: &a 1\nb: [" + "*a, " * 101 + "]\n", "too many aliases"),
    "webhook": (
        RIGHT + "sinks:\n  - {kind: slack, webhook: https://hooks.slack.com/services/T0/B0/x}\n",
        ":9:19: sinks[0].webhook: this looks like a secret",
    ),
    "password in a URL": (RIGHT + "store: {path: 'postgresql://a:b@host/db'}\n", "like a secret"),
    "key of pagerduty": (
        RIGHT + "sinks: [{kind: pagerduty, routing_key: abc}]\n",
        "sinks[0].routing_key: this looks like a secret (expected: a reference",
    ),
    "strange reference": (
        RIGHT + 'sinks: [{kind: slack, webhook: "${vault:hook}"}]\n',
        "sinks[0].webhook: this is no reference (expected: '${env:NAME}'",
    ),
    "severity": (
        BASE + "    severity: {completeness_check: fatal}\n",
        ":7:5: monitors.data_quality.severity: severity['completeness_check'] is not one of its",
    ),
    "reference elsewhere": (RIGHT.replace("data.csv", '"${env:DATA}"'), "sinks and store only"),
}


WHOLE = re.compile(
    r"driftkit\.yml:\d+:\d+: [\w.\[\]]+: [^(]+\(expected: .+; found: .+\)\. .+[.?]", re.DOTALL
)


def test_forty_files_are_told_file_line_path_what_is_expected_and_found_and_what_to_do(
    written: Callable[..., Path],
) -> None:
    whole = []
    for text, _ in BROKEN.values():
        with pytest.raises(SettingsError) as refusal:
            opened(written(text), environment={})
        whole.append(WHOLE.match(str(refusal.value)) is not None)

    assert sum(whole) >= 40


@pytest.mark.parametrize(("text", "said"), BROKEN.values(), ids=BROKEN)
def test_what_is_wrong_is_named(text: str, said: str, written: Callable[..., Path]) -> None:
    path = written(text)

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    message = str(refusal.value)
    assert said in message
    assert message.startswith("driftkit.yml")


def test_secrets_are_not_repeated(written: Callable[..., Path]) -> None:
    path = written(RIGHT + "sinks: [{kind: pagerduty, routing_key: CANARY-7}]\n")

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    assert "CANARY" not in str(refusal.value)


def test_all_errors_of_all_kinds_are_told_at_once_in_the_order_of_the_file(
    written: Callable[..., Path],
) -> None:
    text = """\
report: {pth: a, history: x}
model: {name: again}
segment: {by: !strange a}
store: {path: 'postgresql://me:canary@host/db'}
sinks: [{kind: slack, webhook: abc}, {kind: webhook, url: here}]
"""
    path = written(RIGHT + text)

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    message = str(refusal.value)
    assert re.findall(r"driftkit\.yml:(\d+:\d+): ", message) == [
        "8:10",
        "8:18",
        "9:1",
        "10:1",
        "10:15",
        "11:9",
        "12:9",
        "12:38",
    ]
    assert "7 more:" in message
    assert "canary" not in message


def test_what_the_line_says_is_told_with_what_the_file_says(written: Callable[..., Path]) -> None:
    path = written(RIGHT + "report: {history: x}\n")

    with pytest.raises(SettingsError) as refusal:
        opened(path, ["monitors.data_quality.dialect=azure"], environment={})

    message = str(refusal.value)
    assert "command line --set monitors.data_quality.dialect: " in message
    assert "driftkit.yml:8:10: report.history: " in message


TOML = """\
version = 1

[model]
name = "churn"

[inputs.data]
path = "data.csv"
{}
[monitors.data_quality.thresholds]
{}
"""


@pytest.mark.parametrize(
    ("data", "thresholds", "said"),
    [
        ("", "distnace = 0.1", "driftkit.toml:10:1: monitors.data_quality.thresholds.distnace: "),
        ("  hedaer = true", "", "driftkit.toml:8:3: inputs.data.hedaer: unknown; did you mean"),
        ("header = true\nheader = true", "", "driftkit.toml:9:14: this is not TOML"),
        ("header =", "", "this is not TOML"),
    ],
)
def test_toml_has_lines_too(
    data: str, thresholds: str, said: str, written: Callable[..., Path]
) -> None:
    path = written(TOML.format(data, thresholds), "driftkit.toml")

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    assert said in str(refusal.value)


def test_items_of_toml_arrays_have_lines(written: Callable[..., Path]) -> None:
    text = TOML.format("", "") + '[[sinks]]\nkind = "a"\n[[sinks]]\ntoken = "abc"\n'

    with pytest.raises(SettingsError, match=r"driftkit\.toml:14:1: sinks\[1\]\.token"):
        opened(written(text, "driftkit.toml"), environment={})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("driftkit.json", b"{}", "another ending"),
        ("driftkit.yml", b"a: " + b"x" * 1_000_001, "too large"),
        ("driftkit.yml", b"a: \xff\xfe", "not in UTF-8"),
    ],
)
def test_other_files_are_refused(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(SettingsError, match=said):
        opened(path, environment={})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such file"):
        opened(tmp_path / "driftkit.yml", environment={})
