"""Closed forms beside refits: made trials in units of the score, and when refits have to decide."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.analysis.estimation.made import LOGISTIC, RIDGE, design_of, made, paired, residuals

from transfergap.analysis.estimation import estimate_gaps, with_refits
from transfergap.analysis.estimation.pairs import ArmEstimate, ClosedFormCheck
from transfergap.experiment.cell import Split
from transfergap.stats import PairedEstimate, leave_one_out_estimate
from transfergap.stats.gap import gap_from

LABELS = np.random.default_rng(5).normal(size=40)
CLASSES = np.arange(40) % 2


def draw(rng, cell, rows):
    """Residuals (or log losses) of each row, and mean losses without it; refits a little off."""
    n = len(rows)
    if cell.split.kind != "loo":
        return rng.normal(size=n)
    size = 1.3 if cell.arm == "control" else 1.0
    return np.column_stack([size * rng.normal(size=n), size**2 + 0.5 * rng.normal(size=n)])


def log_draw(rng, cell, rows):
    return np.abs(draw(rng, cell, rows))


def outputs_by_name(trials):
    return {(t.cell.arm, str(t.cell.split)): t.outputs for t in trials}


@pytest.mark.parametrize("metric", ["mse", "rmse", "r2"])
@pytest.mark.parametrize("weighted", [False, True])
def test_a_closed_form_in_units_of_the_score(metric, weighted):
    weights = np.random.default_rng(1).uniform(0.5, 2.0, 40) if weighted else None
    design = design_of(LABELS, metric, RIDGE, sample_weight=weights)
    trials = made(design, draw)
    out = outputs_by_name(trials)
    control, treated = out["control", "loo:0:"], out["b", "loo:0:"]
    w = np.ones(40) if weights is None else weights / weights.mean()
    mean = np.average(LABELS, weights=w)
    unit = 1 / np.average((LABELS - mean) ** 2, weights=w) if metric == "r2" else 1.0
    before, after = control[:, 0] ** 2 * w * unit, treated[:, 0] ** 2 * w * unit
    expected = leave_one_out_estimate(
        before, after, (control[:, 1] - treated[:, 1]) * unit, skewed=False
    )
    roots = np.sqrt(before.mean()) + np.sqrt(after.mean())
    scale = 1 / roots if metric == "rmse" else 1.0
    found = estimate_gaps(design, trials)
    score = {"mse": after.mean(), "rmse": np.sqrt(after.mean()), "r2": 1 - after.mean()}[metric]
    assert found["b"].score == pytest.approx(score)
    gap = found["b"].gap
    assert gap.estimate == pytest.approx(expected.estimate * scale)
    assert gap.error == pytest.approx(expected.error * scale)
    moved = []
    for row in design.checked_rows:
        refit = (out["control", f"row:0:{row}"] ** 2 - out["b", f"row:0:{row}"] ** 2)[0]
        moved.append(refit * w[row] * unit - (before - after)[row])
    assert found["b"].closed_form_error == pytest.approx(abs(np.mean(moved)) * scale)
    assert (found["b"].check.margin, found["b"].check.gap) == (0.02, gap)
    assert (found["control"].gap, found["control"].check) == (None, None)


def test_log_losses_are_in_units_of_the_score_already():
    design = design_of(CLASSES, "log_loss", LOGISTIC)
    trials = made(design, log_draw)
    out = outputs_by_name(trials)
    control, treated = out["control", "loo:0:"], out["b", "loo:0:"]
    expected = leave_one_out_estimate(
        control[:, 0], treated[:, 0], control[:, 1] - treated[:, 1], skewed=False
    )
    found = estimate_gaps(design, trials)["b"]
    assert (found.gap.estimate, found.gap.error) == pytest.approx(
        (expected.estimate, expected.error)
    )


@pytest.mark.parametrize("metric", ["mse", "r2"])
def test_means_of_folds_are_those_of_the_losses_in_units_of_the_score(metric):
    design = design_of(LABELS, metric, RIDGE, sample_weight=np.linspace(0.5, 2.0, 40))

    def with_folds(rng, cell, rows):
        table = draw(rng, cell, rows)
        if cell.split.kind != "loo":
            return table
        # Folds that agree: their error is far below that of rows, which jackknife it as little.
        table[:, 1] = 1.0 + 0.005 * rng.normal(size=len(rows))
        tails, size = np.zeros(len(rows)), 1.3 if cell.arm == "control" else 1.0
        return np.column_stack([table, tails, size + 0.01 * rng.normal(size=(len(rows), 2))])

    trials = made(design, with_folds)
    out = outputs_by_name(trials)
    control, treated = out["control", "loo:0:"], out["b", "loo:0:"]
    losses = design.problem.losses
    gaps = [
        (losses(control[:, 3 + r]) - losses(treated[:, 3 + r]))[design.folds[r] == fold].mean()
        for r in range(2)
        for fold in range(10)
    ]
    unit = float(losses(np.ones(40)).sum() / 40)
    known = {"skewed": False, "n_folds": 10}
    arms = losses(control[:, 0]), losses(treated[:, 0]), (control[:, 1] - treated[:, 1]) * unit
    expected = leave_one_out_estimate(*arms, fold_gaps=np.array(gaps), **known)
    gap = estimate_gaps(design, trials)["b"].gap
    assert gap.error == pytest.approx(expected.error)
    assert expected.error < leave_one_out_estimate(*arms, **known).error
    # Trials of versions that left out no folds keep the limits that they had.
    before = [
        replace(trial, outputs=trial.outputs[:, :3]) if trial.outputs.ndim == 2 else trial
        for trial in trials
    ]
    alone = estimate_gaps(design, before)["b"].gap
    assert alone.error == pytest.approx(leave_one_out_estimate(*arms, **known).error)


@pytest.mark.parametrize(
    ("skewed_arm", "factor"), [("control", 1.6), ("b", 1.0), (None, 1.0)]
)  # the control decides
def test_skewed_residuals_of_the_control_widen(skewed_arm, factor):
    def skewed(rng, cell, rows):
        table = draw(rng, cell, rows)
        if cell.split.kind == "loo" and cell.arm == skewed_arm:
            table[:, 0] = rng.exponential(size=len(rows)) ** 2
        return table

    design = design_of(LABELS, "mse", RIDGE)
    trials = made(design, skewed)
    out = outputs_by_name(trials)
    control, treated = out["control", "loo:0:"], out["b", "loo:0:"]
    plain = leave_one_out_estimate(
        control[:, 0] ** 2, treated[:, 0] ** 2, control[:, 1] - treated[:, 1], skewed=False
    )
    assert estimate_gaps(design, trials)["b"].gap.error == pytest.approx(factor * plain.error)


@pytest.mark.parametrize(
    ("where", "factor"), [("control", 1.4), ("source", 1.4), ("b", 1.0), (None, 1.0)]
)  # the arm's own residuals on the target have no part in it
def test_heavy_tails_of_target_or_source_widen_the_upper_limit(where, factor):
    def heavy(rng, cell, rows):
        table = draw(rng, cell, rows)
        if cell.split.kind != "loo":
            return table
        if cell.arm == where:
            table[:2, 0] = 9.0, -9.0  # as many above as below: heavy, and hardly skewed
        if cell.arm == "control":
            return table
        return np.column_stack([table, np.full(len(rows), 5.0 if where == "source" else 4.0)])

    design = design_of(LABELS, "mse", RIDGE)
    gap = estimate_gaps(design, made(design, heavy))["b"].gap
    wider = (gap.high - gap.estimate) / (gap.estimate - gap.low)
    assert wider == pytest.approx(factor)
    p_hurts = stats.t.cdf(gap.estimate / (factor * gap.error), gap.df)
    assert gap.p_hurts == pytest.approx(p_hurts)


def test_trials_that_lack_say_nothing():
    design = design_of(LABELS, "mse", RIDGE)
    nothing = ArmEstimate(None, None)
    found = estimate_gaps(design, made(design, draw, without={"b"}))
    assert found["b"] == nothing
    assert found["control"].score is not None
    lone = estimate_gaps(design, made(design, draw, without={"control"}))["b"]
    assert (lone.score is not None, lone.gap) == (True, None)
    rows = {str(Split("row", 0, (row,))) for row in design.checked_rows}
    unchecked = estimate_gaps(design, made(design, draw, without=rows))["b"]
    assert (unchecked.gap is not None, unchecked.check) == (True, None)
    one = estimate_gaps(design, made(design, draw, without=set(sorted(rows)[1:])))["b"]
    assert one.check is not None
    half = {("b", sorted(rows)[0])}
    assert estimate_gaps(design, made(design, draw, without=half))["b"].check is not None


# when refits have to decide


def check(difference, *, estimate, error, margin=0.02):
    gap = gap_from(PairedEstimate(estimate, error, 99, error, 99, 100, "closed form"))
    return ClosedFormCheck(difference, gap, margin)


@pytest.mark.parametrize(
    ("difference", "estimate", "error", "matters"),
    [
        # four differences against the error: 0.0099 < 0.01 never matters
        (0.0099 / 4, 0.3, 0.01, False),
        (0.0101 / 4, 0.3, 0.01, False),  # "helps" either way, and below the margin
        (0.0201 / 4, 0.3, 0.01, True),  # above the margin: the error is not to be trusted
        (0.0199 / 4, 0.3, 0.01, False),
        (0.02 / 4, 0.3, 0.01, True),  # at the margin
        (0.012 / 4, 0.025, 0.01, True),  # "helps", but by less it would not be said
        (0.012 / 4, -0.025, 0.01, True),  # and the same of harm
        (0.015 / 4, 0.0, 0.0125, False),  # nothing is said either way
        (0.015 / 4, 0.01, 0.0125, True),  # nothing is said, but by more it would help
        (0.015 / 4, -0.01, 0.0125, True),
        (0.004 / 4, 0.0, 0.001, False),  # equivalent either way
        (0.019 / 4, 0.003, 0.001, True),  # equivalent, but may leave the margin
    ],
)
def test_a_check_counts_four_times(difference, estimate, error, matters):
    assert check(difference, estimate=estimate, error=error).matters is matters


def test_a_difference_of_four_errors_over_four_does_not_matter():
    found = check(0.0025, estimate=0.0, error=0.01, margin=0.001)
    assert found.gap.error == 0.01 and found.matters is False


def test_a_closed_form_is_off_until_refits_decide():
    off = check(0.1, estimate=0.3, error=0.01)
    fine = check(0.0, estimate=0.3, error=0.01)
    assert ArmEstimate(0.5, off.gap, off).closed_form_is_off
    assert not ArmEstimate(0.5, off.gap, off, refitted=True).closed_form_is_off
    assert not ArmEstimate(0.5, fine.gap, fine).closed_form_is_off
    assert not ArmEstimate(0.5, fine.gap).closed_form_is_off
    assert ArmEstimate(0.5, off.gap, off).closed_form_error == 0.1
    assert ArmEstimate(0.5, off.gap).closed_form_error is None


def near(shift):
    """Refits that leave each row's loss where the closed form has it, plus ``shift`` for "b"."""

    def outputs(rng, cell, rows):
        if cell.split.kind in ("fold", "pair"):
            return residuals(rng, cell, rows)
        base = 2.0 + np.sin(rows * 3.0) * (1.0 if cell.arm == "b" else 1.3)
        if cell.split.kind == "loo":
            return np.column_stack([base, base.mean() ** 2 + 0.01 * np.cos(rows * 5.0)])
        return base + (shift if cell.arm == "b" else 0.0)

    return outputs


@pytest.mark.parametrize(("shift", "off"), [(0.0, False), (2.0, True)])
def test_arms_whose_closed_form_is_off_are_refitted(shift, off):
    design = design_of(LABELS, "mse", RIDGE)
    trials = made(design, near(shift))
    assert estimate_gaps(design, trials)["b"].closed_form_is_off is off
    settled = with_refits(design, trials)
    assert settled.refitted == (frozenset({"b"}) if off else frozenset())
    assert (settled is design) is not off
    if off:
        found = estimate_gaps(settled, made(settled, near(shift)))
        assert found["b"].refitted and found["b"].check is not None
        assert found["b"].gap.method != "closed-form leave-one-out"
        assert not found["b"].closed_form_is_off
        assert not found["control"].refitted


def test_an_arm_without_checks_is_not_refitted():
    design = design_of(LABELS, "mse", RIDGE)
    rows = {str(Split("row", 0, (row,))) for row in design.checked_rows}
    assert with_refits(design, made(design, near(2.0), without=rows)) is design


def test_losses_of_the_control_are_those_of_its_closed_form():
    design = design_of(LABELS, "mse", RIDGE)
    trials = made(design, draw)
    arm = paired(design, trials)
    assert np.array_equal(
        arm.control_losses(), outputs_by_name(trials)["control", "loo:0:"][:, 0] ** 2
    )
