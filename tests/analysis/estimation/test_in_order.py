"""Gaps on forward folds and on folds of a splitter, from made trials."""

import numpy as np
import pytest
from sklearn.model_selection import KFold, ShuffleSplit
from tests.analysis.estimation.made import (
    LOGISTIC,
    NUMBERS,
    TREE,
    design_of,
    made,
    residuals,
    scores,
    whole_scores,
    wrong,
)

from transfergap.analysis.estimation import estimate_gaps
from transfergap.stats import auc_rows, forward_estimate, forward_score_estimate

CLASSES = (np.arange(60) * 7 % 10 < 5).astype(int)
LABELS = np.random.default_rng(5).normal(size=60)
TIMES = np.arange(60) * 11 % 60  # rows are not in order of their times


def loss_table(design, trials, arm, *, transform=lambda values: values):
    table = np.full((design.n_repeats, len(design.problem.target)), np.nan)
    for trial in trials:
        if trial.cell.arm == arm and trial.cell.split.kind == "fold":
            rows = design.held_out(trial.cell.split)
            table[trial.cell.split.repeat, rows] = transform(trial.outputs)
    return table


def splits_without(design, n):
    return {str(split) for split in design.fold_splits()[n:]}


def test_forward_folds_are_estimated_in_order_of_time():
    design = design_of(CLASSES, "accuracy", TREE, time=TIMES)
    trials = made(design, wrong)
    control, treated = (loss_table(design, trials, name)[0] for name in ("control", "b"))
    seen = ~np.isnan(control)
    expected = forward_estimate(
        (control - treated)[seen], control[seen], TIMES[seen], n_pairs=len(design.fold_splits())
    )
    found = estimate_gaps(design, trials)
    assert found["b"].score == pytest.approx(1 - np.nanmean(treated))
    assert found["control"].score == pytest.approx(1 - np.nanmean(control))
    assert found["control"].gap is None
    gap = found["b"].gap
    assert (gap.estimate, gap.error) == pytest.approx((expected.estimate, expected.error))
    assert (gap.df, gap.n_pairs) == (4, len(design.fold_splits()))


def test_forward_gaps_in_score_units():
    design = design_of(LABELS, "rmse", NUMBERS, time=TIMES)
    trials = made(design, residuals)
    control, treated = (
        loss_table(design, trials, name, transform=np.square)[0] for name in ("control", "b")
    )
    seen = ~np.isnan(control)
    expected = forward_estimate((control - treated)[seen], control[seen], TIMES[seen], n_pairs=9)
    roots = np.sqrt(np.nanmean(control)) + np.sqrt(np.nanmean(treated))
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.estimate == pytest.approx(
        np.sqrt(np.nanmean(control)) - np.sqrt(np.nanmean(treated))
    )
    assert gap.error == pytest.approx(expected.error / roots)


@pytest.mark.parametrize(("n", "judged"), [(0, False), (1, False), (3, False), (4, True)])
@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "f1"])
def test_four_blocks_are_the_fewest(n, judged, metric):
    draw = {"accuracy": wrong, "roc_auc": scores, "f1": whole_scores}[metric]
    design = design_of(CLASSES, metric, LOGISTIC, time=TIMES)
    found = estimate_gaps(design, made(design, draw, without=splits_without(design, n)))["b"]
    assert (found.score is not None, found.gap is not None) == (n > 0, judged)


@pytest.mark.parametrize(("n", "judged"), [(1, False), (2, True)])
@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "f1"])
def test_two_folds_of_a_splitter_are_the_fewest(n, judged, metric):
    draw = {"accuracy": wrong, "roc_auc": scores, "f1": whole_scores}[metric]
    design = design_of(CLASSES, metric, LOGISTIC, cv=KFold(5))
    found = estimate_gaps(design, made(design, draw, without=splits_without(design, n)))["b"]
    assert (found.score is not None, found.gap is not None) == (True, judged)


def test_folds_of_a_splitter_have_a_corrected_t():
    design = design_of(CLASSES, "accuracy", TREE, cv=KFold(5))
    trials = made(design, wrong)
    control, treated = (loss_table(design, trials, name)[0] for name in ("control", "b"))
    folds = [(control - treated)[12 * a : 12 * a + 12].mean() for a in range(5)]
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.estimate == pytest.approx((control - treated).mean())
    assert gap.error == pytest.approx(np.sqrt(np.var(folds, ddof=1) * (1 / 5 + 1 / 4)))
    assert (gap.df, gap.n_pairs) == (4, 5)
    assert gap.method == "corrected resampled t on the folds of the splitter"


def test_overlapping_test_sets_count_as_disjoint_ones():
    design = design_of(
        CLASSES, "accuracy", TREE, cv=ShuffleSplit(6, test_size=0.25, random_state=0)
    )
    trials = made(design, wrong)
    control, treated = (loss_table(design, trials, name) for name in ("control", "b"))
    n_tested = np.count_nonzero(~np.isnan(control), axis=0)
    tested = n_tested > 0
    both = (np.nansum(control - treated, axis=0) / np.maximum(n_tested, 1))[tested]
    gaps = [
        (t.outputs - u.outputs).mean()
        for t, u in zip(
            [t for t in trials if t.cell.arm == "control" and t.cell.split.kind == "fold"],
            [t for t in trials if t.cell.arm == "b" and t.cell.split.kind == "fold"],
            strict=True,
        )
    ]
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.estimate == pytest.approx(both.mean())
    assert gap.error == pytest.approx(np.sqrt(np.var(gaps, ddof=1) * (1 / 6 + 1 / 3)))
    assert gap.df == round(np.count_nonzero(tested) / 15) - 1


def area_rows(design, trials, arm, among=None):
    table = np.full(60, np.nan)
    for trial in trials:
        if trial.cell.arm == arm and trial.cell.split.kind == "fold":
            table[design.held_out(trial.cell.split)] = trial.outputs[:, 0]
    seen = ~np.isnan(table) if among is None else among
    rows = np.full(60, np.nan)
    y = design.problem.target.y
    rows[seen] = auc_rows(table[seen], y[seen] == 1, design.folds[0][seen])
    return rows


def test_areas_on_forward_folds():
    design = design_of(CLASSES, "roc_auc", LOGISTIC, time=TIMES)
    trials = made(design, scores)
    control, treated = (area_rows(design, trials, name) for name in ("control", "b"))
    seen = ~np.isnan(control)
    expected = forward_estimate((treated - control)[seen], -control[seen], TIMES[seen], n_pairs=9)
    found = estimate_gaps(design, trials)["b"]
    assert found.score == pytest.approx(np.nanmean(treated))
    assert (found.gap.estimate, found.gap.error) == pytest.approx(
        (expected.estimate, expected.error)
    )


def test_areas_on_folds_of_a_splitter_have_the_floor_of_a_bound_of_one():
    def draw(rng, cell, rows):
        del rng, cell
        return np.sin(rows * 7.0)[:, None]

    design = design_of(CLASSES, "roc_auc", LOGISTIC, cv=KFold(5))
    gap = estimate_gaps(design, made(design, draw))["b"].gap
    assert (gap.estimate, gap.high) == (0.0, pytest.approx(3 / 60))


def test_a_fold_of_one_class_ranks_nothing():
    y = CLASSES.copy()
    y[:12] = 0
    design = design_of(y, "roc_auc", LOGISTIC, cv=KFold(5))
    trials = made(design, scores)
    among = np.arange(60) >= 12
    control, treated = (area_rows(design, trials, name, among) for name in ("control", "b"))
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.estimate == pytest.approx(np.nanmean(treated - control))
    assert gap.n_pairs == 4


def values_of(design, trials, arm):
    return np.array(
        [t.outputs[0] for t in trials if t.cell.arm == arm and t.cell.split.kind == "fold"]
    )


def test_scores_of_forward_blocks_are_counted_by_labels_in_order():
    design = design_of(CLASSES, "f1", LOGISTIC, time=TIMES)
    trials = made(design, whole_scores)
    gains = values_of(design, trials, "b") - values_of(design, trials, "control")
    tested = np.flatnonzero(design.folds[0] >= 0)
    order = tested[np.argsort(TIMES[tested])]
    y = CLASSES[order]
    common = 1.0 * (y == np.bincount(CLASSES).argmax())
    expected = forward_score_estimate(gains, common, method="m")
    found = estimate_gaps(design, trials)
    assert found["b"].score == pytest.approx(values_of(design, trials, "b").mean())
    gap = found["b"].gap
    assert (gap.estimate, gap.error) == pytest.approx((gains.mean(), expected.error))
    assert (gap.df, gap.n_pairs) == (pytest.approx(expected.df), len(gains))
    assert found["control"].gap is None


def test_of_three_classes_the_commonest_stands_against_the_rest():
    # four of a, then b and c: a lasts, c does not
    y = np.array(["a", "b", "c"])[np.resize([0, 0, 0, 0, 1, 1, 1, 2], 60)]
    design = design_of(y, "calibration_error", LOGISTIC, time=np.arange(60))
    trials = made(design, whole_scores)
    gains = values_of(design, trials, "control") - values_of(design, trials, "b")  # less is better
    tested = np.flatnonzero(design.folds[0] >= 0)
    expected = forward_score_estimate(gains, 1.0 * (y[tested] == "a"), method="m")
    gap = estimate_gaps(design, trials)["b"].gap
    assert (gap.estimate, gap.error) == pytest.approx((gains.mean(), expected.error))
    assert gap.df == pytest.approx(expected.df)
    assert gap.df < len(gains) - 1


def test_a_block_of_one_class_is_no_pair():
    y = (np.arange(60) % 3 == 0).astype(int)
    design = design_of(y, "roc_auc", LOGISTIC, time=np.arange(60))
    n_blocks = len(design.fold_splits())
    assert estimate_gaps(design, made(design, scores))["b"].gap.n_pairs == n_blocks
    y[design.held_out(design.fold_splits()[2])] = 0
    design = design_of(y, "roc_auc", LOGISTIC, time=np.arange(60))
    assert estimate_gaps(design, made(design, scores))["b"].gap.n_pairs == n_blocks - 1


def test_numbers_are_their_own_labels():
    y = np.abs(np.cumsum(np.random.default_rng(3).normal(size=60)))
    design = design_of(y, "ndcg", NUMBERS, time=np.arange(60))
    trials = made(design, whole_scores)
    gains = values_of(design, trials, "b") - values_of(design, trials, "control")
    tested = np.flatnonzero(design.folds[0] >= 0)
    expected = forward_score_estimate(gains, y[tested], method="m")
    gap = estimate_gaps(design, trials)["b"].gap
    assert (gap.error, gap.df) == pytest.approx((expected.error, expected.df))


def test_scores_on_folds_of_a_splitter():
    design = design_of(CLASSES, "f1", LOGISTIC, cv=KFold(4))
    trials = made(design, whole_scores)
    gains = values_of(design, trials, "b") - values_of(design, trials, "control")
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.estimate == pytest.approx(gains.mean())
    assert gap.error == pytest.approx(np.sqrt(np.var(gains, ddof=1) * (1 / 4 + 1 / 3)))
    assert (gap.df, gap.n_pairs) == (3, 4)


def test_a_single_row_that_both_arms_tested_says_nothing():
    folds = [(np.arange(10, 60), np.array([row])) for row in (0, 1)]
    design = design_of(CLASSES, "accuracy", TREE, cv=folds)
    assert estimate_gaps(design, made(design, wrong))["b"].gap is not None
    same = [(np.arange(10, 60), np.array([0])), (np.arange(11, 60), np.array([0]))]
    design = design_of(CLASSES, "accuracy", TREE, cv=same)
    assert estimate_gaps(design, made(design, wrong))["b"].gap is None
