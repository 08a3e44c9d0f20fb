"""Contract kits: what every extension must keep, for the tests of its author."""

from transfergap.learners.testing.mitigations import check_mitigation

__all__ = ["check_mitigation"]
