"""Paths and URLs, finding files, and publishing the files of a run in one step."""
