"""Keeps other runs from writing into a folder; the public names of driftkit.io.writing."""

from __future__ import annotations

from driftkit.io.writing import holding, prepare, together, write_outputs

__all__ = ["holding", "prepare", "together", "write_outputs"]
