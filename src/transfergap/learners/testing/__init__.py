"""Contract kits: the tests that every extension must pass."""

from transfergap.learners.testing.mitigations import check_mitigation

__all__ = ["check_mitigation"]
