"""Odd environments, arms, seeds and scores of agents: one clear error, or a failed trial."""

import numpy as np
import pytest
from tests.rl.learners import HERE, THERE, Walk

from transfergap.errors import ConfigurationError, LearnerError, RunDirectoryError
from transfergap.rl import Environment, Episodes, ExactReturn, PolicyReuse, Race, audit_agents


def level(agent, target):
    return agent.level


def audited(train=None, evaluate=level, **options):
    settings = {"target": HERE, "sources": {"b": THERE}, "budget": 20, "eval_every": 2}
    settings |= {"seeds": 5, "margin": 0.1, "verbose": 0} | options
    return audit_agents(train or Walk(), evaluate, **settings)


def broken():
    raise RuntimeError("no display")


def needy(place):
    return place


@pytest.mark.parametrize("make", [broken, needy, lambda: None], ids=["raises", "needy", "nothing"])
@pytest.mark.parametrize("role", ["target", "sources"])
def test_a_function_that_makes_no_environment_is_named(make, role):
    with pytest.raises(ConfigurationError) as caught:
        audited(**{role: make if role == "target" else {"b": make}})
    assert "the target" in str(caught.value) if role == "target" else "'b'" in str(caught.value)


@pytest.mark.parametrize("sources", [[THERE], "CartPole-v1", {1: THERE, "1": HERE}, {"": THERE}])
def test_sources_that_are_no_names_of_environments_are_refused(sources):
    with pytest.raises(ConfigurationError):
        audited(sources=sources)


@pytest.mark.parametrize("seeds", [[[1], [2]], [1, 2**70], [1, "a"], [1.5, 2]])
def test_seeds_that_cannot_be_stored_are_refused(seeds):
    with pytest.raises(ConfigurationError, match="a seed is"):
        audited(seeds=seeds)


def test_an_array_of_seeds_is_a_sequence():
    assert audited(seeds=np.arange(5)).result.arms[0].n_completed == 5


class Nameless:
    name = None
    sources = ("b",)

    def train(self, setting):
        return setting.on_target()


@pytest.mark.parametrize("arms", ["b pretrained", 5, [1], [None], [Nameless()]])
def test_what_is_no_arm_is_refused(arms):
    with pytest.raises(ConfigurationError):
        audited(arms=arms)


def test_a_race_does_not_take_the_name_of_its_racer():
    with pytest.raises(ConfigurationError, match="'b pretrained' has the name"):
        audited(arms=[Race(("b",), called="b pretrained")])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Race("bc"),
        lambda: Race(("b",), share="x"),
        lambda: Race(("b",), share=1),
        lambda: Race(("b",), margin=float("nan")),
        lambda: PolicyReuse("b", probability="x"),
        lambda: ExactReturn(2),
        lambda: ExactReturn(0),
        lambda: ExactReturn(float("nan")),
        lambda: ExactReturn("x"),
        lambda: Episodes(True),
        lambda: Episodes(2, seed=-1),
        lambda: Episodes(2, seed="x"),
    ],
)
def test_settings_that_mean_nothing_are_refused(make):
    with pytest.raises(ConfigurationError):
        make()


@pytest.mark.parametrize("physics", [["gravity"], {"gravity": "x"}, {"step": 3}])
def test_physics_that_cannot_step_are_named(physics):
    pytest.importorskip("gymnasium")
    with pytest.raises(ConfigurationError, match=r"physics|cannot step"):
        Environment("CartPole-v1", physics=physics)()


def quiet(target, sources, *, seed, budget, init=None, callbacks=()):
    """Train without callbacks: ``evaluate`` returns the whole curve."""
    return seed + (init is not None)


@pytest.mark.parametrize("shape", [(11, 1), (11, 2), (11, 2, 2)])
def test_scores_that_are_no_curve_fail_their_trial(shape):
    def curves(agent, target):
        return np.random.default_rng(agent).normal(size=shape)

    with pytest.raises(LearnerError, match="no curve"):
        audited(quiet, curves)


def test_complex_scores_fail_their_trial():
    with pytest.raises(LearnerError, match="complex128"):
        audited(quiet, lambda agent, target: np.arange(11) * 1j)


def test_a_training_that_ignores_its_seed_settles_nothing():
    def deaf(target, sources, *, seed, budget, init=None, callbacks=()):
        return Walk()(target, sources, seed=7, budget=budget, init=init, callbacks=callbacks)

    result = audited(deaf).result
    assert {str(arm.verdict) for arm in result.arms[1:]} <= {"None", "not enough evidence"}
    assert "TG506" in {finding.code for finding in result.findings}


def test_a_changed_margin_is_not_told_to_use_an_option_that_agents_lack(tmp_path):
    audited(run_dir=tmp_path / "run")
    with pytest.raises(RunDirectoryError, match="margin was") as caught:
        audited(run_dir=tmp_path / "run", margin=0.2)
    assert "extend" not in caught.value.hint
