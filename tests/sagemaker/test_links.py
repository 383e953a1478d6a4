"""Links in the job's inputs lead nowhere else, and archives of models neither."""

from __future__ import annotations

import io
import sys
import tarfile
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from driftkit.errors import InputError
from driftkit.explain.models import loaded
from tests.sagemaker.box import CSV, Box

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SOURCE = "/opt/ml/processing/baseline_dataset_input"
JOB = {"dataset_source": SOURCE, "dataset_format": CSV}


def to_a_file(box: Box) -> None:
    box.put("/etc/table.csv", "a\n3\n")
    box.at(f"{SOURCE}/b.csv").symlink_to(box.at("/etc/table.csv"))


def upwards(box: Box) -> None:
    box.put("/opt/ml/processing/other/table.csv", "a\n3\n")
    box.at(f"{SOURCE}/b.csv").symlink_to("../other/table.csv")


def to_a_folder(box: Box) -> None:
    box.put("/etc/folder/table.csv", "a\n3\n")
    box.at(f"{SOURCE}/deep/b").symlink_to(box.at("/etc/folder"))


def in_a_circle(box: Box) -> None:
    box.at(f"{SOURCE}/b.csv").symlink_to("c.csv")
    box.at(f"{SOURCE}/c.csv").symlink_to("b.csv")


def of_links(box: Box) -> None:
    box.put("/etc/table.csv", "a\n3\n")
    box.at(f"{SOURCE}/c").symlink_to(box.at("/etc/table.csv"))
    box.at(f"{SOURCE}/b.csv").symlink_to("c")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    made = Box(root=tmp_path)
    made.put(f"{SOURCE}/a.csv", "a\n1\n2\n")
    return made


@pytest.mark.parametrize("link", [to_a_file, upwards, to_a_folder, in_a_circle, of_links])
def test_a_link_out_of_an_input_ends_the_job(box: Box, link: Callable[[Box], None]) -> None:
    link(box)

    assert box.run(JOB) == 255
    assert "a link leads out of the job's input" in box.message
    assert f"dataset_source, {SOURCE}/" in box.message
    assert not box.outputs


def test_a_configuration_that_is_a_link_out_is_refused(box: Box) -> None:
    box.put("/etc/analysis_config.json", "{}")
    link = box.at("/opt/ml/processing/input/config/analysis_config.json")
    link.symlink_to(box.at("/etc/analysis_config.json"))

    assert box.run(JOB) == 255
    assert "outside of the job's folders" in box.message


def test_a_link_within_an_input_is_followed(box: Box) -> None:
    box.put(f"{SOURCE}/_kept/b.csv", "a\n3\n")
    box.at(f"{SOURCE}/b.csv").symlink_to("_kept/b.csv")

    assert box.run(JOB) == 0
    assert box.json("statistics.json")["dataset"]["item_count"] == 3


def member(name: str, **changes: object) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(found, key, value)
    return found


@pytest.mark.parametrize(
    "entry",
    [
        member("../out"),
        member("model/../../out"),
        member("link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("link", type=tarfile.SYMTYPE, linkname="../../etc/passwd"),
        member("hard", type=tarfile.LNKTYPE, linkname="/etc/passwd"),
        member("device", type=tarfile.CHRTYPE, devmajor=1, devminor=3),
        member("pipe", type=tarfile.FIFOTYPE),
    ],
    ids=lambda entry: f"{entry.name} {entry.linkname}",
)
def test_an_archive_of_a_model_leads_nowhere_else(
    entry: tarfile.TarInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = ModuleType("mlflow")
    library.pyfunc = ModuleType("mlflow.pyfunc")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mlflow", library)
    monkeypatch.setitem(sys.modules, "mlflow.pyfunc", library.pyfunc)
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        archive.addfile(entry)

    with pytest.raises(
        InputError, match=r"the model cannot be loaded.*(Outside|Link|Special|Absolute)\w*Error"
    ):
        loaded("mlflow", "model.tar", written.getvalue())
