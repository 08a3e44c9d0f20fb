"""What the control leaves and gains on a constant; pilots; trials that cannot be judged."""

import numpy as np
import pytest
from tests.analysis.estimation.made import (
    LOGISTIC,
    NUMBERS,
    RIDGE,
    TREE,
    K,
    design_of,
    made,
    paired,
    residuals,
    scores,
    table_of,
    whole_scores,
    wrong,
)

from transfergap.analysis.estimation import control_advantage, control_losses, pilot_variance
from transfergap.analysis.estimation.completeness import check_control, check_lengths
from transfergap.analysis.estimation.control import control_residuals
from transfergap.analysis.estimation.fold_losses import fold_losses
from transfergap.analysis.estimation.pairs import outputs_of
from transfergap.errors import LearnerError, PairingError
from transfergap.experiment.trial import CompletedTrial, FailedTrial
from transfergap.stats import auc_rows

LABELS = np.random.default_rng(5).normal(size=40)
CLASSES = (np.arange(40) % 4 == 0).astype(int)
THREE = np.arange(42) % 3


def first_only(design):
    """All but the folds 0, 1 and 2 of the first partition, and 1 of the second."""
    chosen = {"fold:0:0", "fold:0:1", "fold:0:2", "fold:1:1"}
    return {str(split) for split in design.fold_splits()} - chosen


def mean_over_repeats(table):
    counts = np.count_nonzero(~np.isnan(table), axis=0)
    return np.where(counts > 0, np.nansum(table, axis=0) / np.maximum(counts, 1), np.nan)


@pytest.mark.parametrize("some", [False, True])
def test_losses_of_the_control_row_by_row(some):
    design = design_of(LABELS, "mse", NUMBERS)
    trials = made(design, residuals, without=first_only(design) if some else ())
    expected = mean_over_repeats(table_of(design, trials, "control", transform=np.square))
    found = control_losses(design, trials)
    assert np.allclose(found, expected, equal_nan=True)
    assert np.isnan(found).any() == some
    assert np.allclose(paired(design, trials).control_losses(), expected, equal_nan=True)


@pytest.mark.parametrize("some", [False, True])
def test_residuals_of_numbers_keep_their_sign(some):
    design = design_of(LABELS, "mse", NUMBERS)
    trials = made(design, residuals, without=first_only(design) if some else ())
    expected = mean_over_repeats(table_of(design, trials, "control"))
    assert np.allclose(control_residuals(design, trials), expected, equal_nan=True)


def test_residuals_of_a_closed_form_are_its_first_column():
    def draw(rng, cell, rows):
        return rng.normal(size=(len(rows), 2) if cell.split.kind == "loo" else len(rows))

    design = design_of(LABELS, "mse", RIDGE)
    trials = made(design, draw)
    table = next(t for t in trials if t.cell.arm == "control" and t.cell.split.kind == "loo")
    assert np.array_equal(control_residuals(design, trials), table.outputs[:, 0])


def test_losses_of_two_classes_are_positive_for_the_second():
    design = design_of(CLASSES, "accuracy", TREE)
    trials = made(design, wrong, without=first_only(design))
    losses = mean_over_repeats(table_of(design, trials, "control"))
    expected = np.where(CLASSES == 1, losses, -losses)
    assert np.allclose(control_residuals(design, trials), expected, equal_nan=True)
    three = design_of(THREE, "accuracy", TREE)
    trials = made(three, wrong)
    expected = mean_over_repeats(table_of(three, trials, "control"))
    assert np.allclose(control_residuals(three, trials), expected)


def test_ranks_stand_for_scores():
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    trials = made(design, scores, without=first_only(design))
    table = table_of(design, trials, "control", transform=lambda v: v[:, 0])
    values = mean_over_repeats(table)
    seen = ~np.isnan(values)
    expected = np.full(40, np.nan)
    places = np.argsort(np.argsort(values[seen])) + 1
    expected[seen] = CLASSES[seen] - places / seen.sum()
    assert np.allclose(control_residuals(design, trials), expected, equal_nan=True)


def test_of_several_scores_a_row_the_first_is_told():
    def draw(rng, cell, rows):
        del cell
        return rng.normal(size=(len(rows), 3))

    design = design_of(THREE, "roc_auc", LOGISTIC)
    trials = made(design, draw)
    table = table_of(design, trials, "control", transform=lambda values: values[:, 0])
    assert np.allclose(control_residuals(design, trials), mean_over_repeats(table))


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc"])
def test_nothing_tested_leaves_nothing(metric):
    draw = {"accuracy": wrong, "roc_auc": scores}[metric]
    design = design_of(CLASSES, metric, LOGISTIC)
    trials = made(design, draw, without={"control"})
    assert control_residuals(design, trials) is None
    assert control_advantage(design, trials) is None
    numbers = design_of(LABELS, "mse", NUMBERS)
    assert control_residuals(numbers, []) is None


def test_scores_of_whole_folds_have_no_rows():
    design = design_of(CLASSES, "f1", LOGISTIC)
    trials = made(design, whole_scores)
    assert control_residuals(design, trials) is None
    assert control_advantage(design, trials) is None
    assert pilot_variance(design, trials) == []


def test_the_advantage_over_the_mean_in_r2_and_rmse():
    for metric in ("r2", "rmse"):
        design = design_of(LABELS, metric, NUMBERS)
        trials = made(design, residuals, without=first_only(design))
        unit = 1 / LABELS.var() if metric == "r2" else 1.0
        losses = unit * mean_over_repeats(table_of(design, trials, "control", transform=np.square))
        constant = unit * (LABELS - LABELS.mean()) ** 2
        roots = np.sqrt(constant.mean()) + np.sqrt(np.nanmean(losses))
        scale = 1 / roots if metric == "rmse" else 1.0
        found = control_advantage(design, trials)
        assert np.allclose(found, (constant - losses) * scale, equal_nan=True)


def test_the_advantage_over_the_commonest_class_and_over_one_half():
    design = design_of(CLASSES, "accuracy", TREE)
    trials = made(design, wrong)
    losses = mean_over_repeats(table_of(design, trials, "control"))
    assert np.allclose(control_advantage(design, trials), CLASSES - losses)  # 0 is commoner
    for metric, slope in (("roc_auc", 1), ("gini", 2)):
        design = design_of(CLASSES, metric, LOGISTIC)
        trials = made(design, scores)
        table = table_of(design, trials, "control", transform=lambda v: v[:, 0])
        rows = [auc_rows(table[r], CLASSES == 1, design.folds[r]) for r in range(2)]
        expected = slope * (np.mean(rows, axis=0) - 0.5)
        assert np.allclose(control_advantage(design, trials), expected)


def test_the_advantage_needs_the_control_alone():
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    trials = made(design, scores, without={"b"})
    assert control_advantage(design, trials) is not None


def test_of_a_loss_of_ones_own_nobody_knows_the_constant():
    from transfergap import make_metric

    own = make_metric("own", loss=lambda y, p: np.abs(y - p))
    design = design_of(LABELS, own, NUMBERS)
    assert control_advantage(design, made(design, residuals)) is None


# pilots


def test_a_pilot_is_the_variance_of_single_rows_in_score_units():
    for metric in ("mse", "rmse"):
        design = design_of(LABELS, metric, NUMBERS)
        trials = made(design, residuals, without=first_only(design) | {("b", "fold:0:2")})
        square = {"transform": np.square}
        control, treated = (table_of(design, trials, name, **square) for name in ("control", "b"))
        both = ~np.isnan(treated)  # rows of two repeats count twice
        before, after = control[both], treated[both]
        scale = 1 / (np.sqrt(before.mean()) + np.sqrt(after.mean())) if metric == "rmse" else 1.0
        expected = np.var(before - after, ddof=1) * scale**2
        assert pilot_variance(design, trials) == pytest.approx([expected])


def test_arms_without_pairs_or_without_spread_have_no_pilot():
    design = design_of(LABELS, "mse", NUMBERS)
    assert pilot_variance(design, made(design, residuals, without={"b"})) == []
    assert pilot_variance(design, made(design, residuals, without={"control"})) == []

    def alike(rng, cell, rows):
        return 1.0 + 1e-11 * rng.normal(size=len(rows)) + (cell.arm == "b")

    assert pilot_variance(design, made(design, alike)) == []

    def ranked_alike(rng, cell, rows):
        del rng, cell
        return np.sin(7.0 * rows)[:, None]

    areas = design_of(CLASSES, "roc_auc", LOGISTIC)
    assert pilot_variance(areas, made(areas, ranked_alike)) == []


def test_a_pilot_leaves_failed_trials_and_pairs_of_folds_out():
    design = design_of(LABELS, "mse", NUMBERS, effort="full")
    trials = made(design, residuals, without=first_only(design))
    folds = [t for t in trials if t.cell.split.kind == "fold"]
    lost = FailedTrial(folds[0].cell, "ValueError: no", "")
    rest = [t for t in folds if t.cell.split != lost.cell.split]
    found = pilot_variance(design, [lost, *[t for t in trials if t is not folds[0]]])
    assert found == pilot_variance(design, rest)


def test_a_pilot_counts_trials_of_folds_only():
    design = design_of(CLASSES, "accuracy", TREE, alone=True)
    trials = made(design, wrong)
    assert pilot_variance(design, trials) == []  # the arm was tested once, on all rows


# losses of single folds


def test_losses_of_folds_by_kind():
    design = design_of(LABELS, "rmse", NUMBERS)
    trials = made(design, residuals, without={("b", "fold:0:4")})
    losses = fold_losses(design, outputs_of(trials), "b")
    table = table_of(design, trials, "b", transform=np.square)[0]
    for a in range(K):
        expected = np.mean(table[design.folds[0] == a])
        assert losses[a] == pytest.approx(expected, nan_ok=True)
    assert np.isnan(losses[4])
    for metric, sign in (("f1", -1.0), ("calibration_error", 1.0)):
        design = design_of(CLASSES, metric, LOGISTIC)
        trials = made(design, whole_scores)
        first = [t.outputs[0] for t in trials if t.cell.arm == "b"][:10]
        assert fold_losses(design, outputs_of(trials), "b") == pytest.approx(sign * np.array(first))


# trials that cannot be judged


def test_trials_have_an_output_for_each_row():
    design = design_of(CLASSES, "accuracy", TREE)
    trials = made(design, wrong)
    check_lengths(design, tuple(trials))
    failed = FailedTrial(trials[0].cell, "ValueError: no", "")
    check_lengths(design, (failed, *trials[1:]))
    short = CompletedTrial(trials[1].cell, trials[1].outputs[:-1])
    for listed in ((failed, short), (trials[0], short)):
        with pytest.raises(PairingError, match="3 outputs for 4 test rows"):
            check_lengths(design, listed)
    scorer = design_of(CLASSES, "f1", LOGISTIC)
    whole = made(scorer, whole_scores)
    check_lengths(scorer, tuple(whole))
    two = CompletedTrial(whole[0].cell, np.zeros(2))
    with pytest.raises(PairingError, match="2 outputs for 1 test rows"):
        check_lengths(scorer, (two,))


def test_a_control_that_failed_everywhere_is_an_error():
    design = design_of(CLASSES, "accuracy", TREE)
    trials = made(design, wrong)
    mine = [t for t in trials if t.cell.arm == "control"]
    others = [t for t in trials if t.cell.arm != "control"]
    check_control(tuple(trials))
    check_control(tuple(others))
    check_control(())
    failed = [FailedTrial(t.cell, "ValueError: no", "") for t in mine]
    check_control((*failed[1:], mine[0], *others))
    check_control(tuple(FailedTrial(t.cell, "ValueError: no", "") for t in others))
    with pytest.raises(LearnerError, match="All 20 trials") as caught:
        check_control((*failed, *others))
    assert "fit and score it once on the target yourself" in caught.value.hint
    known = [FailedTrial(mine[0].cell, "ValueError: Input contains NaN", ""), *failed[1:]]
    with pytest.raises(LearnerError) as caught:
        check_control(tuple(known))
    assert "imputer" in caught.value.hint and "yourself" not in caught.value.hint
