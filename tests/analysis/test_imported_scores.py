"""Scores made elsewhere: a score that is repeated under many seeds is one measurement."""

import numpy as np
import pandas as pd
import pytest

from transfergap.analysis.imported_scores import assess_scores
from transfergap.errors import PairingError


def table(score, *, n_splits, n_seeds):
    """One row for each arm, split and seed; ``score(arm, split, seed)``."""
    rows = [
        (arm, split, seed, score(arm, split, seed))
        for arm in ("control", "b")
        for split in range(n_splits)
        for seed in range(n_seeds)
    ]
    return pd.DataFrame(rows, columns=["arm", "split", "seed", "score"])


def test_ten_seeds_of_one_score_are_one_measurement():
    repeated = table(lambda arm, *_: 0.8812 if arm == "b" else 0.8731, n_splits=1, n_seeds=10)
    with pytest.raises(PairingError, match="one measurement") as caught:
        assess_scores(repeated, margin=0.001, independent=True)
    assert "seed" in caught.value.hint


@pytest.mark.parametrize("independent", [True, False])
def test_seeds_that_change_nothing_count_once_a_split(independent):
    rng = np.random.default_rng(0)
    values = {(arm, split): rng.normal(0.7, 0.05) for arm in ("control", "b") for split in range(5)}

    def judged(n_seeds):
        made = table(lambda arm, split, _: values[arm, split], n_splits=5, n_seeds=n_seeds)
        return assess_scores(made, margin=0.01, independent=independent)

    once, repeated = judged(1), judged(10)
    assert repeated.arms[1].gap == once.arms[1].gap
    assert any("no seed changes" in note for note in repeated.method_notes)
    assert not any("no seed changes" in note for note in once.method_notes)


def test_seeds_that_all_reach_the_best_score_stay_pairs():
    solved = table(lambda arm, *_: float(arm == "b"), n_splits=1, n_seeds=10)
    result = assess_scores(solved, margin=0.1, independent=True)
    assert result.arms[1].gap.n_pairs == 10
    assert str(result.arms[1].verdict) == "helps"
