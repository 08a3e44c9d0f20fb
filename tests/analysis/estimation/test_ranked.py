"""Gaps in areas under the curve, pair by pair, from made scores."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.analysis.estimation.made import LOGISTIC, K, design_of, made, paired, scores

from transfergap.analysis.estimation import estimate_gaps, pilot_variance
from transfergap.analysis.estimation.fold_losses import fold_losses
from transfergap.analysis.estimation.pairs import outputs_of
from transfergap.analysis.estimation.ranked import ranked_rows
from transfergap.experiment.cell import Split
from transfergap.stats import auc_rows, cluster_variance, macro_auc_rows

CLASSES = np.arange(40) % 2
FOUR = np.repeat([0, 1], [20, 20])


def score_table(design, trials, arm, column=0):
    table = np.full((design.n_repeats, len(design.problem.target)), np.nan)
    for trial in trials:
        if trial.cell.arm == arm and trial.cell.split.kind == "fold":
            rows = design.held_out(trial.cell.split)
            table[trial.cell.split.repeat, rows] = trial.outputs[:, column]
    return table


def area_rows(design, table, *, within):
    """Mean over the repeats of the rows of the area; NaN for rows that were not tested."""
    y = design.problem.target.y
    sums, counts = np.zeros(len(y)), np.zeros(len(y))
    for r, values in enumerate(table):
        seen = ~np.isnan(values)
        if not seen.any():
            continue
        strata = design.folds[r][seen] if within else None
        weights = design.problem.target.weights
        weights = None if weights is None else weights[seen]
        sums[seen] += auc_rows(values[seen], y[seen] == 1, strata, weights)
        counts[seen] += 1
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def learned_scores(rng, cell, rows):
    """Scores that know classes, the control's less well."""
    return (rng.normal(size=len(rows)) + CLASSES[rows] * (2 if cell.arm == "control" else 4))[
        :, None
    ]


def scores_learned_from_b(rng, cell, rows):
    """Scores of which only those of the arm know classes."""
    return (rng.normal(size=len(rows)) + CLASSES[rows] * 4 * (cell.arm != "control"))[:, None]


@pytest.mark.parametrize("slope", [1.0, 2.0])
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("draw", [scores, learned_scores, scores_learned_from_b])
def test_a_gap_in_areas_by_its_components(slope, grouped, draw):
    groups = np.arange(40) // 2 if grouped else None
    design = design_of(CLASSES, "roc_auc" if slope == 1 else "gini", LOGISTIC, groups=groups)
    trials = made(design, draw)
    tables = [score_table(design, trials, name) for name in ("control", "b")]
    (wc, wt), (oc, ot) = (
        [area_rows(design, table, within=within) for table in tables] for within in (True, False)
    )
    found = estimate_gaps(design, trials)
    assert found["control"].score == pytest.approx(slope * wc.mean() - (slope - 1))
    assert found["control"].gap is None
    gap = found["b"].gap
    assert found["b"].score == pytest.approx(slope * wt.mean() - (slope - 1))
    assert gap.estimate == pytest.approx(slope * (wt - wc).mean())
    variance = (cluster_variance(wt - wc, groups) + cluster_variance(ot - oc, groups)) / 2
    error = slope * np.sqrt(variance)
    assert gap.df == 19  # 20 rows of each class, or 20 groups
    folds = [(wt - wc)[design.folds[r] == a].mean() for r in range(2) for a in range(K)]
    spread = slope * np.sqrt(np.var(folds, ddof=1) * (1 / 20 + 1 / 9))
    # t of 0.95 with 19 degrees of freedom times the errors of the arms' own areas
    variances = [(cluster_variance(w, groups) + cluster_variance(o, groups)) / 2
                 for w, o in ((wc, oc), (wt, ot))]  # fmt: skip
    is_chance = all(
        area.mean() - 0.5 <= 1.729133 * np.sqrt(variance)
        for area, variance in zip((wc, wt), variances, strict=True)
    )
    assert is_chance == (draw is scores)
    assert gap.error == pytest.approx(max(error, spread) if is_chance else error)
    assert ("chance" in gap.method) == is_chance
    half = 1.833113 * max(gap.error, spread)
    assert gap.equivalence_high - gap.estimate == pytest.approx(half, rel=1e-6)
    assert gap.n_pairs == 20


def test_the_rarest_class_gives_the_degrees_of_freedom():
    y = (np.arange(60) % 6 == 0).astype(int)  # ten of sixty
    design = design_of(y, "roc_auc", LOGISTIC)
    assert estimate_gaps(design, made(design, scores))["b"].gap.df == 9
    grouped = design_of(y, "roc_auc", LOGISTIC, groups=np.arange(60) // 3)  # 20 groups
    assert estimate_gaps(grouped, made(grouped, scores))["b"].gap.df == 9
    few = design_of(CLASSES, "roc_auc", LOGISTIC, groups=np.arange(40) // 4)  # 10 groups
    assert estimate_gaps(few, made(few, scores))["b"].gap.df == 9


def test_the_floor_of_areas_is_the_rule_of_three():
    def draw(rng, cell, rows):
        del rng, cell
        return np.sin(rows * 7.0)[:, None]

    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    gap = estimate_gaps(design, made(design, draw))["b"].gap
    assert (gap.estimate, gap.high) == (0.0, pytest.approx(3 / 40))
    gini = design_of(CLASSES, "gini", LOGISTIC)
    assert estimate_gaps(gini, made(gini, draw))["b"].gap.high == pytest.approx(2 * 3 / 40)


def all_but(design, n):
    return {str(split) for split in design.fold_splits()[n:]}


@pytest.mark.parametrize(("n", "judged"), [(0, False), (1, False), (2, True), (10, True)])
def test_two_ranked_folds_are_the_fewest(n, judged):
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    trials = made(design, scores, without=all_but(design, n))
    found = estimate_gaps(design, trials)["b"]
    assert (found.score is not None, found.gap is not None) == (n > 0, judged)
    if judged:
        tables = [score_table(design, trials, name) for name in ("control", "b")]
        control, treated = (area_rows(design, table, within=True) for table in tables)
        assert found.gap.estimate == pytest.approx(np.nanmean(treated - control))
        assert found.gap.n_pairs == n


def test_folds_that_one_arm_lacks_count_for_neither():
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    trials = made(design, scores, without={("control", "fold:0:3")})
    found = estimate_gaps(design, trials)["b"]
    control, treated = (score_table(design, trials, name) for name in ("control", "b"))
    assert found.score == pytest.approx(area_rows(design, treated, within=True).mean())
    treated[np.isnan(control)] = np.nan
    difference = area_rows(design, treated, within=True) - area_rows(design, control, within=True)
    assert found.gap.estimate == pytest.approx(difference.mean())
    assert found.gap.n_pairs == 19


def test_rows_among_themselves():
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    trials = made(design, scores)
    among = np.arange(40) < 24
    table = score_table(design, trials, "b")
    table[:, ~among] = np.nan
    arm = paired(design, trials)
    found = ranked_rows(arm, "b", arm.folds(), among)
    for within, got in ((True, found.within), (False, found.overall)):
        expected = area_rows(design, table, within=within)
        assert np.allclose(got, expected, equal_nan=True)
    one_class = ranked_rows(arm, "b", arm.folds(), CLASSES == 0)
    assert np.isnan(one_class.within).all()


def test_an_arm_that_learns_nothing_from_the_target_is_ranked_within_the_same_folds():
    design = design_of(CLASSES, "roc_auc", LOGISTIC, alone=True)
    trials = made(design, scores)
    whole = next(t for t in trials if t.cell.split == Split("whole")).outputs[:, 0]
    table = np.tile(whole, (2, 1))
    control = score_table(design, trials, "control")
    found = estimate_gaps(design, trials)["b"]
    assert found.score == pytest.approx(area_rows(design, table, within=True).mean())
    difference = area_rows(design, table, within=True) - area_rows(design, control, within=True)
    assert found.gap.estimate == pytest.approx(difference.mean())


def test_a_class_of_one_row_stands_for_no_class():
    y = (np.arange(40) == 3).astype(int)
    design = design_of(y, "roc_auc", LOGISTIC)
    found = estimate_gaps(design, made(design, scores))["b"]
    assert found.score is not None and found.gap is None
    two = design_of((np.arange(40) < 2).astype(int), "roc_auc", LOGISTIC)
    assert estimate_gaps(two, made(two, scores))["b"].gap.df == 1


def test_weights_count_pairs_of_rows():
    weights = np.random.default_rng(0).uniform(0.5, 2.0, 40)
    design = design_of(CLASSES, "roc_auc", LOGISTIC, sample_weight=weights)
    trials = made(design, scores)
    tables = [score_table(design, trials, name) for name in ("control", "b")]
    control, treated = (area_rows(design, table, within=True) for table in tables)
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.estimate == pytest.approx((treated - control).mean())


def three_scores(rng, cell, rows):
    del cell
    return rng.normal(size=(len(rows), 3))


def test_three_classes_have_a_macro_area():
    y = np.arange(45) % 3
    design = design_of(y, "roc_auc", LOGISTIC)
    trials = made(design, three_scores)
    rows = []
    for r in range(2):
        table = np.empty((45, 3))
        for trial in trials:
            split = trial.cell.split
            if (trial.cell.arm, split.kind, split.repeat) == ("b", "fold", r):
                table[design.held_out(split)] = trial.outputs
        rows.append(macro_auc_rows(table, y, design.folds[r]))
    found = estimate_gaps(design, trials)["b"]
    assert found.score == pytest.approx(np.mean(rows))
    assert found.gap.df == 14


# pilots, and losses of single folds


def test_a_pilot_of_areas_averages_two_variances():
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    keep = {"fold:0:0", "fold:0:1", "fold:0:4"}
    trials = made(design, scores, without={str(s) for s in design.fold_splits()} - keep)
    tables = [score_table(design, trials, name) for name in ("control", "b")]
    parts = []
    for within in (True, False):
        control, treated = (area_rows(design, table, within=within) for table in tables)
        difference = (treated - control)[~np.isnan(treated)]
        parts.append(np.var(difference, ddof=1))
    assert pilot_variance(design, trials) == pytest.approx([np.mean(parts)])


def test_a_pilot_of_one_class_has_no_variance():
    y = (np.arange(40) == 3).astype(int)
    design = design_of(y, "roc_auc", LOGISTIC)
    empty = next(s for s in design.fold_splits() if 3 not in design.held_out(s))
    trials = made(design, scores, without={str(s) for s in design.fold_splits()} - {str(empty)})
    assert pilot_variance(design, trials) == []


def test_losses_of_folds_are_one_minus_their_areas():
    design = design_of(CLASSES, "roc_auc", LOGISTIC)
    trials = made(design, scores, without={("b", "fold:0:2")})
    losses = fold_losses(design, outputs_of(trials), "b")
    table = score_table(design, trials, "b")[0]
    assert losses.shape == (10,) and np.isnan(losses[2])
    for a in set(range(K)) - {2}:
        rows = design.folds[0] == a
        assert losses[a] == pytest.approx(1 - roc_auc_score(CLASSES[rows], table[rows]))
    rare = design_of((np.arange(40) == 3).astype(int), "roc_auc", LOGISTIC)
    losses = fold_losses(rare, outputs_of(made(rare, scores)), "b")
    assert np.count_nonzero(~np.isnan(losses)) == 1
