"""Gaps of made trials, worked from their definition: folds, pairs of folds, scores of folds."""

import numpy as np
import pytest
from scipy import stats
from tests.analysis.estimation.made import (
    LOGISTIC,
    NUMBERS,
    TREE,
    K,
    design_of,
    made,
    paired,
    residuals,
    table_of,
    whole_scores,
    wrong,
)

from transfergap.analysis.estimation import estimate_gaps
from transfergap.analysis.estimation.blocked import _pair_fits
from transfergap.experiment.cell import Split
from transfergap.stats import PairFits, block_estimate

CLASSES = np.arange(40) % 2
LABELS = np.random.default_rng(5).normal(size=40)


def fold_means(design, differences):
    """Mean difference of each fold of each repeat, where it was tested."""
    return np.array(
        [
            differences[r, design.folds[r] == a].mean()
            for r in range(design.n_repeats)
            for a in range(K)
            if not np.isnan(differences[r, design.folds[r] == a]).any()
        ]
    )


def corrected(gaps):
    return np.sqrt(np.var(gaps, ddof=1) * (1 / len(gaps) + 1 / 9))


def test_quick_accuracy_is_a_corrected_t_of_twenty_folds():
    design = design_of(CLASSES, "accuracy", TREE)
    trials = made(design, wrong)
    found = estimate_gaps(design, trials)
    control, treated = (table_of(design, trials, name) for name in ("control", "b"))
    assert found["control"].score == pytest.approx(1 - control.mean())
    assert found["control"].gap is None
    assert found["b"].score == pytest.approx(1 - treated.mean())
    gap = found["b"].gap
    assert gap.estimate == pytest.approx((control - treated).mean())
    assert gap.error == pytest.approx(corrected(fold_means(design, control - treated)))
    assert (gap.df, gap.n_pairs) == (9, 20)
    assert gap.equivalence_high - gap.estimate == pytest.approx(1.833113 * gap.error, rel=1e-6)
    assert (found["b"].check, found["b"].refitted) == (None, False)


def made_pairs(design, trials, r):
    """Differences of the fits that leave two folds out, row by row."""
    outputs = {(t.cell.arm, str(t.cell.split)): t for t in trials}
    fold, n = design.folds[r], len(design.problem.target)
    single, double = np.full(n, np.nan), np.full((n, K), np.nan)
    for row in range(n):
        for b in range(K):
            a = fold[row]
            name = f"fold:{r}:{a}" if a == b else f"pair:{r}:{min(a, b)}+{max(a, b)}"
            losses = []
            for arm in ("control", "b"):
                trial = outputs[arm, name]
                place = design.held_out(trial.cell.split).tolist().index(row)
                losses.append(trial.outputs[place])
            if a == b:
                single[row] = losses[0] - losses[1]
            else:
                double[row, b] = losses[0] - losses[1]
    return PairFits(fold, single, double)


@pytest.mark.parametrize(("effort", "n_parts"), [("full", 1), ("thorough", 2)])
def test_pairs_of_folds_make_a_jackknife(effort, n_parts):
    design = design_of(CLASSES, "accuracy", TREE, effort=effort)
    trials = made(design, wrong)
    control, treated = (table_of(design, trials, name) for name in ("control", "b"))
    parts = tuple(made_pairs(design, trials, r) for r in range(n_parts))
    for got, expected in zip(_pair_fits(paired(design, trials)), parts, strict=True):
        assert np.array_equal(got.single, expected.single)
        assert np.array_equal(got.double, expected.double, equal_nan=True)
    expected = block_estimate(
        (control - treated).mean(axis=0), fold_means(design, control - treated), parts,
        n_folds=K, zero_one=True, skewed=False,
    )  # fmt: skip
    gap = estimate_gaps(design, trials)["b"].gap
    # Four of ten of the control's rows are told wrong, so it may be chance.
    of_rows = 1.2 * np.std((control - treated).mean(axis=0), ddof=1) / np.sqrt(len(CLASSES))
    assert gap.estimate == pytest.approx(expected.estimate)
    assert gap.error == pytest.approx(max(expected.error, of_rows))
    assert (gap.df, gap.n_pairs) == (9 * n_parts, design.n_repeats * 10 + n_parts * 45)
    assert gap.instability == pytest.approx(expected.instability)


def gap_of_wrong(metric, *, control, treated):
    """Gap of losses alike in each fold: of its sixteen rows so many are told wrong by each arm."""
    design = design_of(np.arange(160) % 2, metric, LOGISTIC, effort="full")
    place = np.empty(160)  # of each row in its fold of the first partition
    for a in range(K):
        place[design.folds[0] == a] = np.arange(16)

    def draw(rng, cell, rows):
        del rng
        return 1.0 * (place[rows] < (control if cell.arm == "control" else treated))

    return estimate_gaps(design, made(design, draw))["b"].gap


@pytest.mark.parametrize(
    ("metric", "share"), [("accuracy", 0.7), ("brier", 0.7 * 0.375 ** (1 / 3))]
)
def test_the_floor_of_wrong_and_right_does_not_shrink_with_rows(metric, share):
    """Losses alike in each fold have no jackknife error; 160 rows are beyond sixty."""
    gap = gap_of_wrong(metric, control=5, treated=2)
    assert gap.estimate == pytest.approx(3 / 16)
    assert gap.error == pytest.approx(share * np.sqrt(3 / 16 * 13 / 16 / 159))


def test_a_control_that_may_be_chance_has_at_least_the_error_of_rows():
    """Half of its rows are told wrong, as by a constant: 1.2 times the error of the differences."""
    gap = gap_of_wrong("accuracy", control=8, treated=5)
    assert gap.error == pytest.approx(1.2 * np.sqrt(3 / 16 * 13 / 16 / 159))
    assert gap.method == "two-fold jackknife, widened as the control may be chance"


def test_one_pair_less_and_the_corrected_t_is_left():
    design = design_of(CLASSES, "accuracy", TREE, effort="full")
    trials = made(design, wrong, without={("b", "pair:0:3+7")})
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.method == "corrected resampled t (for stable learners)"
    assert gap.n_pairs == 20
    gap = estimate_gaps(design, made(design, wrong, without={("control", "fold:1:2")}))["b"].gap
    assert (gap.method, gap.n_pairs) == ("corrected resampled t (for stable learners)", 19)


def all_but(design, n):
    """Splits of all folds but the first ``n``."""
    return {str(split) for split in design.fold_splits()[n:]}


@pytest.mark.parametrize(("n", "judged"), [(0, False), (1, False), (2, True), (3, True)])
def test_two_folds_are_the_fewest(n, judged):
    design = design_of(CLASSES, "accuracy", TREE)
    trials = made(design, wrong, without=all_but(design, n))
    found = estimate_gaps(design, trials)["b"]
    assert (found.gap is not None) is judged
    treated = table_of(design, trials, "b")
    assert found.score == (None if n == 0 else pytest.approx(1 - np.nanmean(treated)))
    if judged:
        differences = table_of(design, trials, "control") - treated
        assert found.gap.estimate == pytest.approx(np.nanmean(differences))
        assert found.gap.n_pairs == n


@pytest.mark.parametrize(("power", "factor"), [(1, 1.0), (3, 1.6)])
def test_skewed_residuals_of_the_control_widen(power, factor):
    """Cubed exponentials are skewed, both signs alike are not."""
    design = design_of(LABELS, "mse", NUMBERS, effort="full")

    def draw(rng, cell, rows):
        if power == 1:
            return residuals(rng, cell, rows)
        return rng.exponential(size=len(rows)) ** 2 * (1.2 if cell.arm == "control" else 1.0)

    trials = made(design, draw)
    square = {"transform": np.square}
    control, treated = (table_of(design, trials, name, **square) for name in ("control", "b"))
    arm = paired(design, trials)
    expected = block_estimate(
        (control - treated).mean(axis=0), fold_means(design, control - treated), _pair_fits(arm),
        n_folds=K, zero_one=False, skewed=power == 3,
    )  # fmt: skip
    plain = block_estimate(
        (control - treated).mean(axis=0), fold_means(design, control - treated), _pair_fits(arm),
        n_folds=K, zero_one=False, skewed=False,
    )  # fmt: skip
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.error == pytest.approx(expected.error)
    assert (expected.error > plain.error) is (factor > 1)


def test_absolute_losses_are_not_widened_for_skew():
    design = design_of(LABELS, "mae", NUMBERS, effort="full")

    def draw(rng, cell, rows):
        del cell
        return rng.exponential(size=len(rows)) ** 3

    trials = made(design, draw)
    size = {"transform": np.abs}
    control, treated = (table_of(design, trials, name, **size) for name in ("control", "b"))
    expected = block_estimate(
        (control - treated).mean(axis=0), fold_means(design, control - treated),
        _pair_fits(paired(design, trials)), n_folds=K, zero_one=False, skewed=False,
    )  # fmt: skip
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.error == pytest.approx(expected.error)


def test_groups_are_the_clusters_of_the_jackknife():
    groups = np.arange(40) // 2
    design = design_of(LABELS, "mse", NUMBERS, effort="full", groups=groups)
    trials = made(design, residuals)
    square = {"transform": np.square}
    control, treated = (table_of(design, trials, name, **square) for name in ("control", "b"))
    expected = block_estimate(
        (control - treated).mean(axis=0), fold_means(design, control - treated),
        _pair_fits(paired(design, trials)), n_folds=K, zero_one=False, skewed=False,
        clusters=groups,
    )  # fmt: skip
    assert estimate_gaps(design, trials)["b"].gap.error == pytest.approx(expected.error)


def test_a_gap_in_rmse_is_one_in_mse_over_the_sum_of_roots():
    design = design_of(LABELS, "rmse", NUMBERS)
    trials = made(design, residuals)
    square = {"transform": np.square}
    control, treated = (table_of(design, trials, name, **square) for name in ("control", "b"))
    scale = 1 / (np.sqrt(control.mean()) + np.sqrt(treated.mean()))
    found = estimate_gaps(design, trials)["b"]
    assert found.score == pytest.approx(np.sqrt(treated.mean()))
    assert found.gap.estimate == pytest.approx(np.sqrt(control.mean()) - np.sqrt(treated.mean()))
    error = corrected(fold_means(design, control - treated)) * scale
    assert found.gap.error == pytest.approx(error)
    assert found.gap.equivalence_high - found.gap.estimate == pytest.approx(
        1.833113 * error, rel=1e-6
    )


def almost_equal(n_different, *, by=1.0):
    """Residuals 1 everywhere, and other ones of the treated arm in a few rows."""

    def draw(rng, cell, rows):
        del rng
        return np.where((rows < n_different) & (cell.arm == "b"), by, 1.0)

    return draw


def test_a_floor_stands_where_few_rows_differ():
    # accuracy: B = 1, 3 / 40; squared residuals: B = the largest loss, 3 * 9 / 40
    design = design_of(CLASSES, "accuracy", TREE)
    gap = estimate_gaps(design, made(design, almost_equal(0)))["b"].gap
    assert (gap.low, gap.high) == pytest.approx((-3 / 40, 3 / 40))
    design = design_of(LABELS, "mse", NUMBERS)
    gap = estimate_gaps(design, made(design, almost_equal(1, by=3.0)))["b"].gap
    assert gap.high - gap.estimate == pytest.approx(3 * 9 / 40)
    rmse = design_of(LABELS, "rmse", NUMBERS)
    gap = estimate_gaps(rmse, made(rmse, almost_equal(1, by=3.0)))["b"].gap
    assert gap.high - gap.estimate == pytest.approx(3 * 9 / 40 / (1 + np.sqrt(1.2)))
    gap = estimate_gaps(rmse, made(rmse, almost_equal(0)))["b"].gap  # largest of the control
    assert gap.high - gap.estimate == pytest.approx(3 / 40 / 2)


def test_a_spread_of_a_billionth_of_the_losses_is_none():
    def draw(rng, cell, rows):
        return 1e3 + (rng.normal(size=len(rows)) * 1e-10 - 1e-3 if cell.arm == "b" else 0.0 * rows)

    design = design_of(LABELS, "mae", NUMBERS)
    gap = estimate_gaps(design, made(design, draw))["b"].gap
    assert (gap.error, gap.p_helps) == (0.0, 0.5**10)  # as the folds' degrees of freedom say


def test_rounding_is_measured_in_units_of_the_score():
    # residuals of about 1,000: squares of a million, and a root mean square of 1,000
    def draw(rng, cell, rows):
        return 1e3 + 1e-3 * rng.normal(size=len(rows)) + (0.0 if cell.arm == "b" else 1.0)

    design = design_of(LABELS, "rmse", NUMBERS)
    gap = estimate_gaps(design, made(design, draw))["b"].gap
    assert 1e-4 < gap.error < 1e-2
    assert gap.estimate == pytest.approx(1.0, abs=1e-2)


# arms that learn nothing from the target


def test_one_fit_serves_every_row():
    design = design_of(CLASSES, "accuracy", TREE, alone=True)
    trials = made(design, wrong)
    control = table_of(design, trials, "control").mean(axis=0)
    treated = next(t for t in trials if t.cell.arm == "b").outputs
    found = estimate_gaps(design, trials)["b"]
    assert found.score == pytest.approx(1 - treated.mean())
    assert found.gap.estimate == pytest.approx((control - treated).mean())
    gaps = [(control - treated)[design.folds[0] == a].mean() for a in range(K)]
    assert found.gap.error == pytest.approx(corrected(gaps))
    assert (found.gap.n_pairs, found.gap.df) == (10, 9)
    assert found.gap.method == "corrected resampled t"


@pytest.mark.parametrize(("n_folds", "judged"), [(2, False), (3, True)])
def test_ten_rows_of_the_control_are_the_fewest(n_folds, judged):
    # 34 rows: two folds of the first partition are below ten rows, three are not
    design = design_of(np.arange(34) % 2, "accuracy", TREE, alone=True)
    trials = made(design, wrong, without=all_but(design, n_folds))
    found = estimate_gaps(design, trials)["b"]
    assert (found.gap is not None) is judged
    assert found.score is not None
    if judged:
        control = table_of(design, trials, "control")[0]
        treated = next(t for t in trials if t.cell.arm == "b").outputs
        differences = control - treated
        assert found.gap.estimate == pytest.approx(np.nanmean(differences))
        assert found.gap.n_pairs == 3


def test_exactly_ten_rows_are_enough():
    design = design_of(np.arange(20) % 2, "accuracy", TREE, alone=True)  # two rows a fold
    trials = made(design, wrong, without=all_but(design, 5))
    assert estimate_gaps(design, trials)["b"].gap is not None


# scores of whole folds


def test_scores_of_whole_folds_have_a_corrected_t():
    design = design_of(CLASSES, "f1", LOGISTIC)
    trials = made(design, whole_scores)
    values = {(t.cell.arm, t.cell.split): t.outputs[0] for t in trials}
    control, treated = (
        np.array([values[name, split] for split in design.fold_splits()])
        for name in ("control", "b")
    )
    found = estimate_gaps(design, trials)
    assert found["control"].score == pytest.approx(control.mean())
    assert (found["control"].gap, found["b"].score) == (None, pytest.approx(treated.mean()))
    gap = found["b"].gap
    assert gap.estimate == pytest.approx((treated - control).mean())
    assert gap.error == pytest.approx(corrected(treated - control))
    assert (gap.df, gap.n_pairs) == (9, 20)
    assert gap.p_helps == pytest.approx(stats.t.sf(gap.estimate / gap.error, 9))


@pytest.mark.parametrize(("n", "judged"), [(0, False), (1, False), (2, True)])
def test_two_scores_are_the_fewest(n, judged):
    design = design_of(CLASSES, "f1", LOGISTIC)
    trials = made(design, whole_scores, without=all_but(design, n))
    found = estimate_gaps(design, trials)["b"]
    assert (found.gap is not None, found.score is not None) == (judged, n > 0)


def test_a_whole_score_has_no_gap():
    design = design_of(CLASSES, "f1", LOGISTIC, alone=True)
    trials = made(design, whole_scores)
    found = estimate_gaps(design, trials)["b"]
    whole = next(t for t in trials if t.cell.split == Split("whole"))
    assert (found.score, found.gap) == (whole.outputs[0], None)


def test_scores_set_the_size_of_what_is_rounding():
    def draw(rng, cell, rows):
        del rows
        return np.array([0.9 + 1e-10 * rng.normal() - (0.9e-3 if cell.arm == "control" else 0.0)])

    design = design_of(CLASSES, "f1", LOGISTIC)
    gap = estimate_gaps(design, made(design, draw))["b"].gap
    assert (gap.error, gap.p_helps) == (0.0, 0.5**10)
