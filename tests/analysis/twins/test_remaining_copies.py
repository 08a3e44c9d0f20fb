"""Where copies were found that one changed value would hide, no help is believed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

from transfergap import audit
from transfergap.analysis.twins.remaining_copies import RemainingCopies, remaining_copies
from transfergap.data.copies import search_rows
from transfergap.data.problem import DataSource, Sample, SourceFacts


def people(n, rng):
    """Return answers of few levels and an age: they tell a row together, and not without one."""
    answers = {f"q{k}": rng.integers(0, 4, n) for k in range(5)}
    return pd.DataFrame({"age": rng.integers(20, 90, n), **answers})


def test_help_beside_changed_copies_is_withheld():
    rng = np.random.default_rng(3)
    X, Z = people(120, rng), people(120, rng)
    y, z = rng.integers(0, 2, 120), rng.integers(0, 2, 120)
    # A third of the copies is as it was, the ages of the others were drawn anew.
    changed = X.assign(age=np.where(np.arange(120) < 40, X["age"], rng.permutation(X["age"])))
    source = pd.concat([Z, *[changed] * 3], ignore_index=True)
    result = audit(
        KNeighborsClassifier(3), X, y, sources={"b": (source, np.concatenate([z, y, y, y]))},
        arms=["b pooled"], metric="accuracy", effort="quick", explain="none", subgroups=None,
    )  # fmt: skip
    arm = next(arm for arm in result.result.arms if arm.arm == "b pooled")
    assert str(arm.verdict) == "not enough evidence"
    codes = {finding.code for finding in result.findings if finding.subject == "b"}
    assert {"TG101", "TG109"} <= codes


def test_the_columns_that_tell_changed_copies_by_hand():
    rng = np.random.default_rng(0)
    coarse, fine = people(100, rng), pd.DataFrame(rng.normal(size=(100, 3))).add_prefix("x")
    # Two columns of doubles are left where one was changed: far more than 13 + 8 bits.
    assert search_rows(fine, fine[:50]).tells_changed
    # Five questions of two bits each are left: 10 of 21.
    assert not search_rows(coarse, coarse[:50]).tells_changed


def test_remaining_copies_by_hand():
    sample = Sample(np.zeros((3, 2)), np.array([0, 1, 1]))

    def source(n_removed, *, tells):
        facts = SourceFacts(60, n_duplicates_removed=n_removed, tells_changed_copies=tells)
        return DataSource("b", sample, facts)

    assert remaining_copies(source(8, tells=False), 160) == RemainingCopies("b", 8, 60)
    assert remaining_copies(source(8, tells=True), 160) is None
    assert remaining_copies(source(7, tells=False), 100) is None  # fewer than eight
    assert remaining_copies(source(8, tells=False), 161) is None  # less than one in twenty
    assert "8 of 60 rows of b are rows of the target" in RemainingCopies("b", 8, 60).sentence
