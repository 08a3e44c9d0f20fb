"""Runs that diverged, crashed or ended early are no random part: many of them settle nothing."""

import numpy as np
import pandas as pd
import pytest
from tests.rl.learners import HERE, THERE, Walk

from transfergap import audit_people
from transfergap.rl import audit_agents, audit_curves

N_SEEDS = 20


def curves():
    """Return curves of an arm that does better in every run."""
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, step, step / 100 + (arm == "b") + rng.normal(0, 0.1))
        for arm in ("control", "b")
        for seed in range(N_SEEDS)
        for step in range(0, 101, 10)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "return"])


def diverged(table, rows):
    return table.assign(**{"return": table["return"].where(~rows)})


def ended(table, rows):
    return table[~(rows & (table["step"] > 50))]


@pytest.mark.parametrize("lose", [diverged, ended])
@pytest.mark.parametrize("arm", ["b", "control"])
@pytest.mark.parametrize(("n_lost", "verdict"), [(2, "helps"), (3, "not enough evidence")])
def test_more_than_a_tenth_of_missing_runs_settles_nothing(lose, arm, n_lost, verdict):
    table = curves()
    lost = lose(table, (table["arm"] == arm) & (table["seed"] < n_lost))
    report = audit_curves(lost, margin=0.1)
    assert str(report.result.arms[1].verdict) == verdict
    assert report.result.arms[1].gap.n_pairs == N_SEEDS - n_lost
    found = [finding for finding in report.result.findings if finding.code == "TG507"]
    assert [finding.subject for finding in found] == [arm]
    assert ("nothing is claimed" in found[0].says) == (n_lost == 3)
    verdicts = set(report.training_curves.metrics_frame()["verdict"].dropna())
    assert verdicts == {verdict}


def test_runs_at_other_steps_that_reach_the_end_are_not_missing():
    table = curves()
    others = (table["arm"] == "b") & (table["seed"] < 5) & (table["step"] == 50)
    report = audit_curves(table[~others], margin=0.1)
    assert str(report.result.arms[1].verdict) == "helps"
    assert not [finding for finding in report.result.findings if finding.code == "TG507"]


class Falling(Walk):
    """Fails in every other seed, once it starts from an agent of elsewhere."""

    def __call__(self, target, sources, *, seed, budget, init=None, callbacks=()):
        if init is not None and seed % 2:
            raise RuntimeError("fell into a hole")
        return super().__call__(
            target, sources, seed=seed, budget=budget, init=init, callbacks=callbacks
        )


def test_an_arm_whose_trainings_fail_is_not_said_to_hurt_or_help():
    settings = {"target": HERE, "sources": {"b": THERE}, "budget": 20, "eval_every": 2}
    settings |= {"seeds": range(12), "margin": 0.01, "verbose": 0}
    whole, falling = (
        audit_agents(train, lambda agent, target: agent.level, **settings).result
        for train in (Walk(), Falling())
    )
    assert "hurts" in {str(arm.verdict) for arm in whole.arms}
    verdicts = {str(arm.verdict) for arm in falling.arms if arm.judged}
    assert verdicts == {"not enough evidence"}


def test_people_who_are_missing_are_told():
    table = curves().rename(columns={"arm": "group", "step": "trial", "return": "score"})
    table["participant"] = table["group"] + table["seed"].astype(str)
    table["score"] = table["score"].where(~((table["group"] == "b") & (table["seed"] < 5)))
    found = audit_people(table, margin=0.1).result.findings
    assert [finding.subject for finding in found if finding.code == "TG507"] == ["b"]


def test_the_curves_of_a_run_are_judged_alike_when_they_are_read_again(tmp_path):
    def level(agent, target):
        return np.nan if agent.level < 0 else agent.level

    settings = {"target": HERE, "sources": {"b": THERE}, "budget": 20, "eval_every": 2}
    settings |= {"seeds": range(12), "margin": 0.01, "verbose": 0, "run_dir": tmp_path / "run"}
    first = audit_agents(Walk(), level, **settings).result
    again = audit_curves(tmp_path / "run" / "curves.csv", margin=0.01).result
    lost = {finding.subject for finding in first.findings if finding.code == "TG507"}
    assert lost
    assert lost == {finding.subject for finding in again.findings if finding.code == "TG507"}
    assert [arm.verdict for arm in first.arms] == [arm.verdict for arm in again.arms]
