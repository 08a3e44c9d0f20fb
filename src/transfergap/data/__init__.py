"""Samples, sources, metrics, folds and encodings: an audit's data, checked."""
