"""Parts of training rows: nested, mixed as the whole, never across a group."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap.analysis.curves import curve_design
from transfergap.auditing.audit import make_design
from transfergap.data.splitting.folds import WHOLE_PART, part_of, usable_parts
from transfergap.data.validation import make_problem
from transfergap.experiment.design import Cell, Split


def problem_of(n: int = 80, *, groups: object = None, share: float = 0.25):
    rng = np.random.default_rng(0)
    y = (np.arange(n) < share * n).astype(int)
    X = rng.normal(size=(n, 2)) + y[:, None]
    others = rng.normal(size=(n, 2)) + y[:, None]
    return make_problem(X, y, sources={"b": (others, y)}, metric="accuracy", groups=groups)


ROWS = np.arange(8, 80)


def test_parts_of_one_seed_are_nested_and_the_whole_is_all():
    problem = problem_of()
    parts = [set(part_of(problem, ROWS, eighths=k, seed=3)) for k in (1, 2, 4, 6, WHOLE_PART)]
    assert all(small < large for small, large in pairwise(parts))
    assert parts[-1] == set(ROWS)
    assert [len(part) for part in parts] == [9, 18, 36, 54, 72]


def test_classes_keep_their_shares():
    problem = problem_of()
    for eighths in (1, 2, 4, 6):
        chosen = part_of(problem, ROWS, eighths=eighths, seed=1)
        expected = eighths / 8 * problem.target.y[ROWS].sum()
        assert abs(problem.target.y[chosen].sum() - expected) <= 1


def test_another_seed_gives_another_part_and_the_same_seed_the_same():
    problem = problem_of()
    first, again, other = (part_of(problem, ROWS, eighths=2, seed=s) for s in (1, 1, 2))
    assert (first == again).all() and set(first) != set(other)


def test_groups_come_whole_but_for_the_last():
    groups = np.arange(80) // 4
    chosen = part_of(problem_of(groups=groups), np.arange(80), eighths=4, seed=0)
    counts = np.bincount(groups[chosen], minlength=20)
    assert set(counts) <= {0, 4}


@pytest.mark.parametrize(
    ("n", "share", "expected"),
    [(100, 0.5, (1, 2, 4, 6, 8)), (40, 0.5, (4, 6, 8)), (100, 0.05, (4, 6, 8)), (12, 0.5, (8,))],
)
def test_parts_too_small_to_learn_from_are_left_out(n, share, expected):
    assert usable_parts(problem_of(n, share=share)) == expected


def test_a_curve_trains_every_arm_on_the_same_part_and_tests_on_the_same_fold():
    design = make_design(LogisticRegression(), problem_of(), arms=["b pooled"])
    curve = curve_design(design, ["b pooled"])
    split = Split("part", 1, (3, 2))
    control, arm = (curve.training_set(Cell(name, split, 0)) for name in ("control", "b pooled"))
    assert (control.target.X == arm.target.X).all()
    assert (curve.held_out(split) == design.held_out(Split("fold", 1, (3,)))).all()
    assert not set(curve.trained(split)) & set(curve.held_out(split))


def test_whole_folds_of_a_curve_are_the_cells_of_the_audit():
    design = make_design(LogisticRegression(), problem_of(), arms=["b pooled"])
    known = {cell.id for cell in design.cells()}
    mine = list(curve_design(design, ["b pooled"]).cells())
    assert len(mine) == 2 * 20 * len(usable_parts(design.problem))
    assert {c.id for c in mine if c.split.kind == "fold"} <= known
    assert not {c.id for c in mine if c.split.kind == "part"} & known
