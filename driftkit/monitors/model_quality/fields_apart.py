"""Finds the fields by which captured rows are told apart or errors expected: payloads, or what callers gave."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from driftkit.capture.attribute_columns import given_attributes
from driftkit.capture.heads import first_documents
from driftkit.capture.own_fields import content_of, names_in, own_fields
from driftkit.capture.record import Record
from driftkit.columns.times import INFERENCE_TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from driftkit.capture.predictions import PredictionPaths
    from driftkit.io.finding import File

# Stands for all fields that requests have.
ANY_FIELD = "*"


def told_apart(
    files: Sequence[File], paths: PredictionPaths
) -> tuple[tuple[str, ...], PredictionPaths]:
    """What callers gave of the fields, and the paths with those that first records have.

    Args:
        files: of captures, or of labelled JSON.
        paths: with all fields that are asked for.
    """
    known = (*replace(paths, fields=()).names, INFERENCE_TIME)
    if ANY_FIELD in paths.fields:
        others = {paths.label, paths.prediction, paths.probability, ANY_FIELD}
        every = (*paths.fields, *_named(files))
        paths = replace(paths, fields=tuple(name for name in every if name not in others))
    wanted = [name for name in dict.fromkeys(paths.fields) if name not in known]
    given = given_attributes(files, wanted)
    documents = [*first_documents(files)] if len(given) < len(wanted) else []
    there = [name for name in wanted if name not in given and _is_there(name, documents)]
    return given, replace(paths, fields=tuple(there))


def _named(files: Sequence[File]) -> Iterator[str]:
    """The fields of first requests, or of documents that are no records."""
    for document in first_documents(files):
        record = Record.from_document(document)
        yield from names_in(document if record is None else content_of(record.sent))


def _is_there(path: str, documents: Sequence[Any]) -> bool:
    """Whether a document, or a payload of a record, has something at a path."""
    found = (Record.from_document(each) or each for each in documents)
    return any(own_fields(each, (path,), 1)[path] != [None] for each in found)
