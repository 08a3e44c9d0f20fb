"""Labels of noise help nobody, though models of the commonest class turn with their sample."""

import numpy as np
import pytest
from benchmarks.false_claims import most_claims
from sklearn.model_selection import StratifiedKFold

from transfergap.analysis.estimation import estimate_gaps
from transfergap.data.validation import make_problem
from transfergap.experiment.design import Arm, ControlArm, Design, Effort
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import FunctionLearner
from transfergap.stats.gap import CLAIM_RATE

N_DRAWS = 8
HALVES = np.repeat([0, 1], 15)  # 27 training rows: the commoner class is the rarer one of the fold


class Constant:
    def __init__(self, label):
        self.label = label

    def predict(self, X):
        return np.full(len(X), self.label)


def commonest(target, sources, *, seed):
    labels = np.concatenate([target.y, *(source.y for source in sources)])
    return Constant(int(labels.mean() > 0.5))


def gap_of_noise(seed, **options):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(30, 2)), rng.permutation(HALVES)
    source = rng.normal(size=(61, 2)), rng.integers(0, 2, 61)
    problem = make_problem(X, y, sources={"b": source}, metric="accuracy", margin=1e-9, **options)
    learner = FunctionLearner(commonest)
    arms = (Arm("pooled", ("b",), learner),)
    design = Design(problem, ControlArm(learner), arms, Effort.QUICK, seed)
    store = TrialStore()
    run_trials(design, store)
    return estimate_gaps(design, store.trials())["pooled"].gap


@pytest.mark.parametrize("options", [{}, {"cv": StratifiedKFold(10)}], ids=["folds", "splitter"])
def test_noise_in_equal_halves_rarely_helps(options):
    gaps = [gap_of_noise(6000 + seed, **options) for seed in range(N_DRAWS)]
    assert sum(gap.p_helps < CLAIM_RATE for gap in gaps) <= most_claims(N_DRAWS)
    assert any("may be chance" in gap.method for gap in gaps)
