"""Planted causes are what they are called, and leave the target alone."""

import numpy as np
import pandas as pd
import pytest
from benchmarks.diagnosis.association import named_by_association
from benchmarks.diagnosis.planting import CAUSES, SHORTCUT, planted
from benchmarks.diagnosis.populations import simulated

from transfergap.data.validation import make_problem
from transfergap.learners import EstimatorLearner, default_estimator

BINARY = simulated("binary", np.random.default_rng(0))
NUMBERS = simulated("regression", np.random.default_rng(1))


def plant(base, *causes, seed=0):
    return planted(base, causes, n_target=200, n_source=500, rng=np.random.default_rng(seed))


ALL = [(base, cause) for base in (BINARY, NUMBERS) for cause in CAUSES]
ALL.remove((NUMBERS, "label shares"))  # numbers have none


@pytest.mark.parametrize(("base", "cause"), ALL, ids=[f"{b.task}-{c}" for b, c in ALL])
def test_the_target_and_the_test_rows_are_as_they_were(base, cause):
    clean, made = plant(base), plant(base, cause)
    columns = list(clean.X.columns)
    pd.testing.assert_frame_equal(made.X[columns], clean.X)
    assert (made.y == clean.y).all() and (made.y_test == clean.y_test).all()


def test_shares_of_classes_move():
    made = plant(BINARY, "label shares")
    apart = (made.y_source == "yes").mean() - (made.y == "yes").mean()
    assert abs(apart) > 0.15


def test_noise_changes_some_labels_and_no_column():
    clean, made = plant(NUMBERS), plant(NUMBERS, "label noise")
    changed = np.mean(clean.y_source != made.y_source)
    assert 0.05 < changed < 0.45
    pd.testing.assert_frame_equal(made.X_source, clean.X_source)


def test_units_change_in_few_columns():
    clean, made = plant(NUMBERS), plant(NUMBERS, "measurement")
    changed = [c for c in clean.X_source if not clean.X_source[c].equals(made.X_source[c])]
    assert 1 <= len(changed) <= 3
    assert (made.y_source == clean.y_source).all()


def test_a_shortcut_tells_the_label_in_the_source_only():
    made = plant(NUMBERS, "shortcut")
    assert np.corrcoef(made.X_source[SHORTCUT], made.y_source)[0, 1] > 0.7
    assert abs(np.corrcoef(made.X_test[SHORTCUT], made.y_test)[0, 1]) < 0.1


def test_copies_are_copies_and_a_swamping_source_is_large():
    assert plant(NUMBERS, "copies").X_source.duplicated().mean() > 0.9
    assert len(plant(NUMBERS, "swamping").y_source) == 4000
    assert plant(NUMBERS, "capacity").big_model


def test_covariates_keep_the_concept():
    clean, made = plant(NUMBERS), plant(NUMBERS, "covariates")
    rows = pd.concat([NUMBERS.X.round(9), pd.Series(NUMBERS.y, name="y").round(9)], axis=1)
    own = pd.concat([made.X_source.round(9), pd.Series(made.y_source, name="y").round(9)], axis=1)
    assert len(own.merge(rows)) == len(own)  # every row is one of the population, label and all
    assert len(made.y_source) <= len(clean.y_source)


def test_association_names_what_it_sees():
    made = plant(NUMBERS, "copies")
    sources = {"b": (made.X_source, made.y_source)}
    problem = make_problem(made.X, made.y, sources=sources, metric="mse", margin=0.01)
    learner = EstimatorLearner(default_estimator(problem))
    assert named_by_association(problem, learner, seed=0) == "copies"
