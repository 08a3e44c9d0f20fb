"""Rows of a source that nearly are rows of the target."""
