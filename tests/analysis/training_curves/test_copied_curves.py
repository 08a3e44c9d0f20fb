"""One run under several seeds is one run, and coarse curves that meet are several."""

import numpy as np
import pandas as pd
import pytest

from transfergap import audit_people
from transfergap.analysis.training_curves.copied_curves import copied_curves
from transfergap.errors import DataError
from transfergap.rl import audit_curves

STEPS = range(0, 1001, 100)


def table(n_seeds=10):
    """Curves of noise: no arm differs from another."""
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, step, step / 1000 + height + rng.normal(0, 0.1))
        for arm in ("control", "b")
        for seed in range(n_seeds)
        for height in [rng.normal(0, 0.3)]
        for step in STEPS
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "return"])


def copied(curves, arm, n_distinct):
    """Give all seeds of an arm the curves of its first ones."""
    of_arm = (curves["arm"] == arm).to_numpy()
    filled = curves["return"].to_numpy(copy=True)
    scores = filled[of_arm].reshape(-1, len(STEPS))
    filled[of_arm] = scores[np.arange(len(scores)) % n_distinct].ravel()
    return curves.assign(**{"return": filled})


@pytest.mark.parametrize("n_distinct", [1, 2, 4])
@pytest.mark.parametrize("arms", [("control",), ("b",), ("control", "b")])
def test_copies_under_other_seeds_settle_nothing(arms, n_distinct):
    curves = table()
    for arm in arms:
        curves = copied(curves, arm, n_distinct)
    result = audit_curves(curves, margin=0.01).result
    treated = result.arms[1]
    assert treated.gap is None if n_distinct == 1 else treated.gap.n_pairs == n_distinct
    assert str(treated.verdict) not in ("helps", "hurts")
    found = [finding.subject for finding in result.findings if finding.code == "TG506"]
    assert found == list(arms)


def test_curves_that_meet_by_chance_are_runs_of_their_own():
    jump = {seed: np.where(np.arange(20) < 5 + seed % 3, 0.0, 1.0) for seed in range(10)}
    flat = {seed: np.zeros(20) for seed in range(10)}
    best = {seed: np.where(np.arange(20) < 19, 0.0, 0.7441302187) for seed in range(10)}
    two = {seed: np.array([9.0, 500.0]) for seed in range(10)}
    assert [copied_curves(curves) for curves in (jump, flat, best, two)] == [{}, {}, {}, {}]


def test_two_scores_of_many_digits_are_a_copy():
    curve = np.array([0.73482, 0.81244])
    assert copied_curves({"a": curve, "b": curve.copy(), "c": curve + 0.1}) == {"b": "a"}


@pytest.mark.parametrize(
    "change",
    [
        lambda scores, rng: scores + rng.normal(0, 1e-12, len(scores)),
        lambda scores, rng: scores.round(1),
        lambda scores, rng: scores.astype("f4").astype(float),
    ],
    ids=["rounding", "one decimal", "single precision"],
)
def test_copies_that_were_rounded_or_saved_again_are_copies(change):
    curves = copied(table(), "control", 1)
    of_control = (curves["arm"] == "control").to_numpy()
    scores = curves["return"].to_numpy(copy=True)
    scores[of_control] = change(scores[of_control], np.random.default_rng(1))
    result = audit_curves(curves.assign(**{"return": scores}), margin=0.01).result
    assert result.arms[1].gap is None
    assert "TG506" in {finding.code for finding in result.findings}


def test_equal_arms_keep_their_runs():
    curves = table()
    control = curves[curves["arm"] == "control"]
    both = pd.concat([control, control.assign(arm="b")])
    gap = audit_curves(both, margin=0.01).result.arms[1].gap
    assert gap.n_pairs == 10 and gap.estimate == 0.0


def people(curves):
    """Return the same curves as those of people."""
    names = curves["arm"] + curves["seed"].astype(str)
    named = curves.rename(columns={"arm": "group", "step": "trial", "return": "score"})
    return named.assign(participant=names)


def test_a_person_under_several_names_counts_once():
    curves = copied(copied(table(12), "control", 6), "b", 6)
    report = audit_people(people(curves), margin=0.01)
    assert report.result.arms[1].gap.n_pairs == 6
    assert any("another participant" in note for note in report.training_curves.notes)


def test_one_person_under_all_names_of_a_group_is_refused():
    with pytest.raises(DataError, match="1 usable participants"):
        audit_people(people(copied(table(), "b", 1)), margin=0.01)
