"""The file's schedule is printed in the form of those who keep time."""

from __future__ import annotations

import ast
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from driftkit.configuration.opening import opened
from driftkit.configuration.running import lacking_in
from driftkit.configuration.schedules import KINDS, of_eventbridge, times_of
from driftkit.errors import SettingsError
from driftkit.sinks.gaps import Ran
from tests.configuration.conftest import CAPTURES, RIGHT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

WEEKDAYS = 'schedule: {cron: "15 3 * * mon-fri"}\n'
SCHEDULE = 'schedule: {cron: "15 3 * * mon-fri", timezone: Europe/Berlin}\n'


@pytest.fixture
def printed(
    tmp_path: Path, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> Callable[[str], str]:
    """What is printed of a file in a folder with strange signs."""
    folder = tmp_path / "it's {{ 50 }} %"
    folder.mkdir()

    def of(kind: str) -> str:
        path = written(RIGHT.replace("churn", "churn's é") + SCHEDULE)
        ended = driftkit_command("schedule", "print", kind, path.rename(folder / path.name))
        assert ended.code == 0, ended.err
        return ended.out

    return of


def test_a_crontab_runs_the_file(printed: Callable[[str], str]) -> None:
    about, zone, line = printed("cron").splitlines()

    assert about.startswith("# churn's")
    assert zone == "CRON_TZ=Europe/Berlin"
    assert line.startswith("15 3 * * mon-fri driftkit run '/")
    assert line.endswith("""it'"'"'s {{ 50 }} \\%/driftkit.yml'""")


def test_airflow_gets_a_module_that_runs_the_file(printed: Callable[[str], str]) -> None:
    tree = ast.parse(printed("airflow"))

    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant)}
    assert {"15 3 * * mon-fri", "Europe/Berlin", "driftkit_churn_s__"} <= texts
    (command,) = (each for each in texts if "driftkit run" in str(each))
    assert str(command).startswith("{% raw %}driftkit run '/")
    assert str(command).endswith("driftkit.yml' --fail-on-violations{% endraw %}")


def test_eventbridge_takes_what_is_printed(
    printed: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moto = pytest.importorskip("moto", reason="needs moto")
    boto3 = pytest.importorskip("boto3", reason="needs boto3")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    asked = json.loads(printed("eventbridge"))

    with moto.mock_aws():
        client = boto3.client("scheduler", region_name="eu-west-1")
        client.create_schedule(**asked)
        made = client.get_schedule(Name=asked["Name"])

    assert made["ScheduleExpression"] == "cron(15 3 ? * MON,TUE,WED,THU,FRI *)"
    assert made["ScheduleExpressionTimezone"] == "Europe/Berlin"
    command = json.loads(made["Target"]["Input"])["containerOverrides"][0]["command"]
    assert command[0] == "run"
    assert command[1].endswith("it's {{ 50 }} %/driftkit.yml")


@pytest.mark.parametrize(
    ("cron", "found"),
    [
        ("0 0 * * 0", "0 0 ? * SUN *"),
        ("0 0 * * 7", "0 0 ? * SUN *"),
        ("*/5 */6 * */2 2/2", "0/5 0/6 ? 1/2 TUE,THU,SAT *"),
        ("0 12 */3 jan,dec *", "0 12 1/3 jan,dec ? *"),
    ],
)
def test_fields_mean_the_same_to_eventbridge(cron: str, found: str) -> None:
    assert of_eventbridge(cron) == found


def test_what_eventbridge_cannot_say_is_refused() -> None:
    with pytest.raises(SettingsError, match="at once"):
        of_eventbridge("0 0 1 * 1")


@pytest.mark.parametrize(
    ("cron", "zone", "found"),
    [
        ("15 3 * * mon-fri", "UTC", "29T03:15 01T03:15 02T03:15"),
        # Clocks go forward on the 31st.
        ("30 5 * * *", "Europe/Berlin", "29T04:30 30T04:30 31T03:30 01T03:30 02T03:30"),
        ("30 2 * * *", "Europe/Berlin", "29T01:30 30T01:30 01T00:30 02T00:30"),
        ("0 0 1 * 7", "UTC", "31T00:00 01T00:00"),
        ("0 */12 30 3 *", "UTC", "30T00:00 30T12:00"),
    ],
)
def test_a_schedule_has_these_times(
    cron: str, zone: str, found: str, written: Callable[..., Path]
) -> None:
    path = written(f'{RIGHT}schedule: {{cron: "{cron}", timezone: {zone}}}\n')
    schedule = opened(path, environment={}).configuration.schedule
    first = datetime(2024, 3, 28, 23, 59, 30, tzinfo=UTC)

    times = [*times_of(schedule, first, datetime(2024, 4, 2, 23, tzinfo=UTC))]

    assert " ".join(f"{each:%dT%H:%M}" for each in times) == found


@pytest.mark.parametrize(
    ("before", "until", "days"),
    [
        # Saturday's window is run on Sunday, which the schedule has not, as Friday's on Saturday.
        (datetime(2024, 3, 19, 4, tzinfo=UTC), None, []),
        (datetime(2024, 3, 19, 4, tzinfo=UTC), datetime(2024, 3, 19, 4, tzinfo=UTC), [17, 18]),
        (datetime(2024, 3, 19, 3, tzinfo=UTC), datetime(2024, 3, 19, 3, tzinfo=UTC), [17]),
        (datetime(2024, 4, 19, tzinfo=UTC), datetime(2024, 3, 20, tzinfo=UTC), [17, 18, 19]),
    ],
)
def test_windows_are_missed_as_the_schedule_has_them(
    before: datetime, until: datetime | None, days: list[int], written: Callable[..., Path]
) -> None:
    configuration = opened(written(CAPTURES + WEEKDAYS), environment={}).configuration
    ran = [
        Ran(
            model="churn",
            variant="A",
            monitor="model_quality",
            start=datetime(2024, 3, day, tzinfo=UTC),
            end=datetime(2024, 3, day + 1, tzinfo=UTC),
        )
        for day in (13, 14)
    ]

    found = lacking_in(configuration, before)(ran, until)

    assert [each.start.day for each in found] == days


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ('{cron: "60 3 * * *"}', "this is no minute (expected: 0 to 59"),
        ('{cron: "0 3 0 * *"}', "this is no day (expected: 1 to 31"),
        ('{cron: "0 3 * * fri-mon"}', "this is no weekday"),
        ('{cron: "0 3 * * */0"}', "this is no weekday"),
        ('{cron: "0 3 * foo *"}', "this is no month"),
        ('{cron: "0; rm 3 * * *"}', "schedule.cron: "),
        ('{cron: "0 3 * * *", timezone: Mars/Base}', "there is no such time zone"),
        ('{cron: "0 3 * * *", timezone: ../../etc/passwd}', "there is no such time zone"),
    ],
)
def test_schedules_that_cannot_be_are_refused(
    schedule: str, said: str, written: Callable[..., Path]
) -> None:
    path = written(f"{RIGHT}schedule: {schedule}\n")

    with pytest.raises(SettingsError) as refusal:
        opened(path, environment={})

    assert said in str(refusal.value)
    assert "driftkit.yml:8:" in str(refusal.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_without_a_schedule_is_told_so(
    kind: str, written: Callable[..., Path], driftkit_command: Callable[..., Ended]
) -> None:
    ended = driftkit_command("schedule", "print", kind, written())

    assert ended.code == 1
    assert "the configuration has no schedule" in ended.err
