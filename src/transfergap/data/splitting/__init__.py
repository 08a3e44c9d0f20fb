"""Held-out rows: folds, groups, order and times."""
