"""Metrics of whole folds: folds that all score alike exclude no effect."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import audit
from transfergap.analysis.estimation.scored import equal_scores_floor
from transfergap.stats.gap import Verdict


@pytest.mark.parametrize(
    ("is_share", "gains", "scores", "expected"),
    [
        (True, [0.0] * 20, [0.0] * 40, 3 / 20),  # the rule of three, of gaps up to 1
        (True, [0.0] * 16 + [0.1] * 4, [0.3] * 40, 3 / 20),
        (True, [0.0] * 15 + [0.1] * 5, [0.3] * 40, 0.0),  # five folds differ: their spread tells
        (True, [0.2, 0.1, 0.3, 0.1], [0.3] * 8, 0.0),  # all folds differ, few as they are
        (False, [0.0] * 10, [2.0, 12.0] * 10, 3.0),  # as far as scores lie apart
        (False, [0.0] * 10, [4.0] * 20, 1.2),
    ],
)
def test_what_folds_that_hardly_differ_cannot_exclude(is_share, gains, scores, expected):
    assert equal_scores_floor(is_share, np.array(gains), np.array(scores)) == pytest.approx(
        expected
    )


@pytest.mark.parametrize("metric", ["f1", "recall", "jaccard", "matthews_corrcoef"])
def test_a_model_that_never_finds_a_rare_class_is_not_said_to_make_no_difference(metric):
    def rows(n, seed):
        rng = np.random.default_rng(seed)
        X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
        return X, (X.a + 0.3 * rng.normal(size=n) > 1.7).astype(int)

    (X, y), source = rows(100, 3), rows(600, 53)
    assert 4 <= y.sum() <= 8
    result = audit(
        LogisticRegression(C=0.05), X, y, sources={"b": source}, metric=metric,
        arms=["b pooled"], effort="quick", explain="none",
    )  # fmt: skip
    outcome = result["b pooled"]
    assert outcome.verdict is Verdict.NOT_ENOUGH_EVIDENCE
    assert outcome.gap.equivalence_high - outcome.gap.equivalence_low > 0.2
