"""Every notebook runs from its first cell to its last, and is kept with its plots."""

from __future__ import annotations

from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient", reason="notebooks are run by nbclient")
nbformat = pytest.importorskip("nbformat", reason="notebooks are read by nbformat")
pytest.importorskip("ipykernel", reason="notebooks run in an IPython kernel")
pytest.importorskip("matplotlib", reason="notebooks draw with matplotlib")
pytest.importorskip("sklearn", reason="the notebooks' model needs scikit-learn")
pytest.importorskip("shap", reason="attributions are drawn by shap")

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
_MEGABYTE = 1_000_000

every_notebook = pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)


@every_notebook
def test_a_notebook_runs_without_an_error(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)

    client = nbclient.NotebookClient(
        notebook,
        timeout=900,
        startup_timeout=900,
        resources={"metadata": {"path": str(file.parent)}},
    )

    client.execute()  # raises CellExecutionError with the cell's traceback


@every_notebook
def test_a_notebook_is_kept_with_its_plots(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)

    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert [output for output in outputs if output.output_type in ("error", "stream")] == []


@every_notebook
def test_a_notebook_is_small_enough_for_a_page(file: Path) -> None:
    assert file.stat().st_size < _MEGABYTE
