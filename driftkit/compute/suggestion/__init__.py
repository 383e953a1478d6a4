"""Deequ's own suggestions of constraints."""
