"""Options of `transfergap import` that fit another table, or no arm, are not passed over."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from transfergap.cli.main import app


def written(folder, rows, columns):
    path = folder / "table.csv"
    pd.DataFrame(rows, columns=columns).to_csv(path, index=False)
    return str(path)


@pytest.fixture
def scores(tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        (arm, split, 0, rng.normal())
        for arm, splits in (("control", range(5)), ("scratch", range(5, 10)), ("b", range(10)))
        for split in splits
    ]
    return written(tmp_path, rows, ["arm", "split", "seed", "score"])


@pytest.fixture
def curves(tmp_path):
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, step, step + rng.normal())
        for arm in ("control", "b")
        for seed in range(5)
        for step in (0, 1, 2)
    ]
    return written(tmp_path, rows, ["arm", "seed", "step", "return"])


def message(*arguments):
    done = CliRunner().invoke(app, ["import", *arguments, "--margin", "0.1"])
    assert done.exit_code != 0
    assert not isinstance(done.exception, AssertionError)
    return " ".join(str(done.exception).split())


def test_two_arms_are_not_merged_into_one_control(scores):
    assert "another arm is called 'control'" in message(scores, "--control", "scratch")


def test_a_control_that_is_no_arm_is_named(scores):
    assert "no arm is called that" in message(scores, "--control", "baseline")


def test_a_criterion_is_for_curves(scores):
    assert "--criterion is for learning curves" in message(scores, "--criterion", "0.5")


def test_independent_pairs_are_for_scores(curves):
    assert "--independent is for tables of scores" in message(curves, "--independent")


@pytest.mark.parametrize("steps", ["0:inf:5", "0:2:1000000000000", "nan:2:3"])
def test_steps_that_cannot_be_made_are_refused(curves, steps):
    assert "The steps are" in message(curves, "--steps", steps)
