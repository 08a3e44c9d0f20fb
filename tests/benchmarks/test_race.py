"""Cells of the race benchmark beside the package's own fits, and what is counted of them."""

import numpy as np
import pytest
from benchmarks.race import GROUPS, N_NULLS, broken, means, outcome, row
from benchmarks.verdicts.race_cells import FOLDS, PAIRS, World, raced
from sklearn.linear_model import Ridge
from tools.race_table import race_table

from transfergap.stats.gap import gap_from
from transfergap.stats.racing import NARROW, WIDE

WORLD = World("gaussian", 60, 5, "ridge", "squared")
SHIFTS = [0.5] * N_NULLS + [0.0, 1.5, 1.8]


@pytest.mark.parametrize("split", [(3,), (2, 7)])
def test_ridges_from_sums_are_those_of_scikit_learn(split):
    X, y, (fold, _) = WORLD.target(0)
    Xs, ys = WORLD.source(1, 0.5)
    kept = ~np.isin(fold, split)
    theirs = Ridge(1.0).fit(np.vstack([X[kept], Xs]), np.r_[y[kept], ys]).predict(X)
    ours = WORLD.outputs(X, y, fold, FOLDS + PAIRS, (Xs, ys))
    assert ours[:, (FOLDS + PAIRS).index(split)] == pytest.approx(theirs)


def test_a_null_gains_nothing_on_average():
    draws = range(10**6, 10**6 + 60)
    shift = WORLD.null_shift(0, draws)
    assert abs(WORLD.mean_gap(0, shift, draws)) < 0.1 * abs(WORLD.mean_gap(0, 0.0, draws))


def test_an_arm_of_the_race_has_one_of_three_gaps():
    (looks,) = (raced(WORLD, SHIFTS[:1], range(1)),)
    for draw in looks:
        n_fits, gap = outcome(draw[0], 0.02, 1, NARROW, WIDE)
        of_rounds = {10: gap_from(draw[0].one.now), 20: gap_from(draw[0].two.now), 65: draw[0].full}
        assert gap == of_rounds[n_fits]


def test_a_race_saves_fits_and_loses_few_verdicts():
    looks = list(raced(WORLD, SHIFTS, range(8)))
    counted = row(WORLD, 0.5, looks)
    assert set(counted["groups"]) == set(GROUPS)
    for name, group in counted["groups"].items():
        assert group["arms"] == 8 * len(GROUPS[name])
        assert 20 / 130 <= group["share of fits"] <= 1
    total = means([counted])
    assert total["differ"] <= 0.1
    assert broken([counted], total | {"share of fits": 0.6}) == ["fits 0.60"]
    record = {"rows": [counted | {"cpu_s": 1.0}], "mean": total, "broken": []}
    assert "ridge by refits, squared loss: one arm, nothing" in race_table(record)
