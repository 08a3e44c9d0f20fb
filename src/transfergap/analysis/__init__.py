"""Gaps, subgroups, curves, rankings, repairs and checks: from trials to a result."""
