"""Loads the model that a specification names as a predictor."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from driftkit.errors import InputError
from driftkit.explain import models
from driftkit.explain.predictor import answers
from driftkit.explain.predictor_http import HttpPredictor, Request, SageMakerPredictor

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from driftkit.explain.predictor import Predictor
    from driftkit.explain.rows import Rows

_BY_ENDING = {
    ".cbm": "catboost",
    ".joblib": "joblib",
    ".json": "xgboost",
    ".onnx": "onnx",
    ".pickle": "pickle",
    ".pkl": "pickle",
    ".py": "python",
    ".txt": "lightgbm",
    ".ubj": "xgboost",
}
_RUNS_CODE = {"joblib", "mlflow", "pickle", "python"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model as it travels: the bytes of its file, loaded once in each process.

    Attributes:
        kind: one of `driftkit.explain.models.KINDS`.
        name: for messages.
        content: of its file.
        digest: of the content, by which a process knows a model that it has loaded.
    """

    kind: str
    name: str
    content: bytes = field(repr=False, compare=False)
    digest: str

    @property
    def object(self) -> Any:
        """The model itself.

        Raises:
            InputError: it cannot be loaded.
        """
        return _loaded(self)

    def predict(self, rows: Rows) -> NDArray[np.float64]:
        """Predictions, shape (rows, outputs).

        Raises:
            InputError: the model fails, or answers with something else than numbers.
        """
        return answers(lambda asked: models.ask(self.object, asked), rows, self.name)


_HANDED_IN = "the model handed in"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ModelObject:
    """A model that the user has in hand; it becomes a `Model` where it is sent.

    Attributes:
        object: the model itself.
        name: for messages.
    """

    object: Any
    name: str = _HANDED_IN

    def predict(self, rows: Rows) -> NDArray[np.float64]:
        """Predictions, shape (rows, outputs).

        Raises:
            InputError: the model fails, or answers with something else than numbers.
        """
        return answers(lambda asked: models.ask(self.object, asked), rows, self.name)

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (_pickled(self.object),)


@lru_cache(maxsize=4)
def _loaded(model: Model) -> Any:
    return models.loaded(model.kind, model.name, model.content)


def predictor(spec: Any, request: Request | None = None) -> Predictor:
    """The predictor of a specification, or of a model itself.

    Args:
        spec: a path, a URL, `kind:path`, `sagemaker:endpoint`, or a model object.
        request: how an endpoint is asked; None for CSV.

    Raises:
        InputError: there is no such file, or nothing tells its kind.
    """
    if not isinstance(spec, str | Path):
        return ModelObject(object=spec)
    text = str(spec)
    if text.startswith(("http://", "https://")):
        return HttpPredictor(url=text, request=request or Request())
    head, _, rest = text.partition(":")
    if head == "sagemaker" and rest:
        return SageMakerPredictor(endpoint=rest, request=request or Request())
    if head in models.KINDS and rest:
        return _of_file(head, Path(rest))
    path = Path(text)
    kind = "mlflow" if (path / "MLmodel").exists() else _BY_ENDING.get(path.suffix.lower())
    if kind is None:
        raise InputError(
            "nothing tells the kind of the model",
            where=text,
            expected=f"one of the endings {' '.join(sorted(_BY_ENDING))}, or kind:path with one of "
            f"{', '.join(models.KINDS)}, sagemaker",
            found=path.suffix or "no ending",
            todo="Write the kind before the path",
        )
    return _of_file(kind, path)


def runs_code(model: Predictor) -> bool:
    """Whether loading it runs code of its author."""
    return isinstance(model, Model) and model.kind in _RUNS_CODE


def _pickled(model: Any) -> bytes:
    try:
        from cloudpickle import dumps  # noqa: PLC0415  (takes lambdas and notebooks' functions)
    except ImportError:
        from pickle import dumps  # noqa: PLC0415
    try:
        content: bytes = dumps(model)
    except Exception as error:
        raise InputError(
            "the model cannot be sent to the workers",
            where=_HANDED_IN,
            expected="an object that can be pickled",
            found=f"{type(error).__name__}: {error}",
            todo="Give the path of the model's file instead",
        ) from error
    return content


def _arrived(content: bytes) -> Model:
    return _model("pickle", _HANDED_IN, content)


def _of_file(kind: str, path: Path) -> Model:
    try:
        content = _archived(path) if path.is_dir() else path.read_bytes()
    except OSError as error:
        raise InputError(
            "the model cannot be read",
            where=str(path),
            expected=f"a {kind} model",
            found=error.strerror or str(error),
            todo="Check the path",
        ) from error
    return _model(kind, str(path), content)


def _model(kind: str, name: str, content: bytes) -> Model:
    digest = hashlib.sha256(content).hexdigest()
    return Model(kind=kind, name=name, content=content, digest=digest)


def _archived(folder: Path) -> bytes:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        archive.add(folder, arcname=".")
    return written.getvalue()
