"""Where refits decide for a closed form that is off, claims stay as rare as stated."""

import numpy as np
import pytest
from benchmarks.false_claims import most_claims
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer

from transfergap.analysis.estimation import estimate_gaps, with_refits
from transfergap.auditing.audit import make_design
from transfergap.data.validation import make_problem
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.stats.gap import CLAIM_RATE

SLOPES, N_ROWS = np.array([1.0, -0.5, 0.3]), 100
NULL = 0.545  # by bisection: the mean gap of 250 draws on 95 rows, tested on 4,000, is 0.0007 there


def rows(seed, shift=0.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(N_ROWS, 3))
    slopes = SLOPES + shift * np.array([1, 1, -1]) / np.sqrt(3)
    return X, X @ slopes + rng.normal(size=N_ROWS)


def settled_gap(seed):
    bins = KBinsDiscretizer(4, encode="onehot-dense", quantile_method="averaged_inverted_cdf")
    problem = make_problem(*rows(seed), sources={"b": rows(99, NULL)}, metric="mse", margin=1e-6)
    design = make_design(make_pipeline(bins, Ridge()), problem, arms=["b pooled"])
    store = TrialStore()
    run_trials(design, store)
    settled = with_refits(design, store.trials())
    run_trials(settled, store)
    return estimate_gaps(settled, store.trials())["b pooled"]


@pytest.mark.slow
def test_claims_are_rare_after_falling_back():
    found = [settled_gap(5000 + seed) for seed in range(80)]
    assert sum(estimate.refitted for estimate in found) > 40
    assert sum(estimate.gap.p_helps < CLAIM_RATE for estimate in found) <= most_claims(80)
    assert sum(estimate.gap.p_hurts < CLAIM_RATE for estimate in found) <= most_claims(80)
