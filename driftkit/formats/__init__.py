"""The JSON files of Model Monitor and Clarify as frozen dataclasses."""
