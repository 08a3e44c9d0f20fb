"""The version of transfergap, which files name that it writes."""

__version__ = "0.1.0"
