"""The tabular learner and exact scores."""

import numpy as np
import pytest

from transfergap.errors import ConfigurationError, DataError, LearnerError
from transfergap.rl import Environment, Episodes, ExactReturn, Init, Reuse, Tabular, TabularAgent
from transfergap.rl.exact import tables

LAKE = Environment("FrozenLake-v1")
DRY = Environment("FrozenLake-v1", {"is_slippery": False})


class Seen:
    def __init__(self, every):
        self.every, self.steps = every, []

    def __call__(self, step, agent):
        self.steps.append(step)


def trained(**how):
    return Tabular()(DRY, (), **{"seed": 3, "budget": 3000, **how})


def test_the_same_seed_gives_the_same_agent_and_another_seed_does_not():
    one, two, other = trained(), trained(), trained(seed=4)
    assert np.array_equal(one.values, two.values)
    assert not np.array_equal(one.values, other.values)


def test_q_learning_and_sarsa_find_the_way_on_dry_ice():
    for sarsa in (False, True):
        agent = Tabular(sarsa=sarsa)(DRY, (), seed=1, budget=6000)
        assert ExactReturn()(agent, DRY) == 1.0


def test_callbacks_are_called_from_step_0_to_the_last():
    seen = Seen(1000)
    trained(callbacks=(seen,))
    assert seen.steps == [0, 1000, 2000, 3000]


def test_looking_at_an_agent_does_not_change_it():
    looked = trained(callbacks=(Seen(10),))
    assert np.array_equal(looked.values, trained().values)


def test_exact_returns_are_what_play_gives():
    rng = np.random.default_rng(0)
    agent = TabularAgent(rng.normal(size=(16, 4)), np.zeros((16, 4)))
    exact = ExactReturn()(agent, LAKE)
    good = Tabular()(LAKE, (), seed=5, budget=8000)
    for one in (agent, good):
        played = np.mean([Episodes(50, seed=1000 * k)(one, LAKE) for k in range(8)])
        exact = ExactReturn()(one, LAKE)
        assert abs(played - exact) < 4 * np.sqrt(0.25 / 400)


def test_a_discount_solves_the_bellman_equation():
    agent = trained()
    moves, rewards, start = tables(DRY())
    policy = agent.policy()
    value = ExactReturn(discount=0.9)(agent, DRY)
    values = np.zeros(16)
    for _ in range(500):
        values = np.einsum("sa,sa->s", policy, rewards + 0.9 * moves @ values)
    assert value == pytest.approx(start @ values)
    assert value == pytest.approx(0.9**5)  # six steps to the goal


def test_equal_values_share_a_state():
    agent = TabularAgent(np.zeros((16, 4)), np.zeros((16, 4)))
    assert (agent.policy() == 0.25).all()
    assert ExactReturn()(agent, LAKE) == pytest.approx(0.0139, abs=0.001)  # a random walk


def test_what_is_kept_is_kept_and_nothing_that_was_given_changes():
    old = trained()
    before = old.values.copy(), old.visits.copy()
    kept = Tabular(explore_last=0.0)(DRY, (), seed=3, budget=1, init=Init(old))
    assert kept.visits.sum() == old.visits.sum() + 1
    fresh = Tabular()(DRY, (), seed=3, budget=1, init=Init(old, optimizer=False))
    assert fresh.visits.sum() == 1
    assert np.abs(fresh.values - old.values).max() < 1.0
    assert np.array_equal(old.values, before[0]) and np.array_equal(old.visits, before[1])


def test_exploration_that_is_kept_does_not_explore():
    old = trained()
    seen_kept = Tabular(explore_last=0.0)(DRY, (), seed=9, budget=600, init=Init(old, False))
    again = Init(old, optimizer=False, exploration=False)
    seen_restarted = Tabular(explore_last=0.0)(DRY, (), seed=9, budget=600, init=again)
    # A greedy agent visits the six states of its way; an exploring one sees more.
    assert (seen_kept.visits.sum(axis=1) > 0).sum() == 6
    assert (seen_restarted.visits.sum(axis=1) > 0).sum() > 6


def test_reuse_follows_the_old_policy_at_first():
    old = trained()
    new = Tabular()(DRY, (), seed=5, budget=60, init=Reuse(old, decay=1.0))
    assert (new.visits.sum(axis=1) > 0).sum() == 6
    assert new.values.max() > 0
    alone = Tabular()(DRY, (), seed=5, budget=60)
    assert alone.values.max() == 0


@pytest.mark.parametrize(
    ("run", "error"),
    [
        (lambda: Tabular(step_size=2.0), ConfigurationError),
        (lambda: Tabular(explore_share=0.0), ConfigurationError),
        (lambda: trained(init=Init("no agent")), LearnerError),
        (lambda: Tabular()(DRY, (DRY,), seed=0, budget=5), ConfigurationError),
        (lambda: Tabular(sarsa=True)(DRY, (), seed=0, budget=5, init=Reuse(None)),
         ConfigurationError),
        (lambda: Tabular()(Environment("CartPole-v1"), (), seed=0, budget=5), LearnerError),
        (lambda: ExactReturn()(object(), LAKE), LearnerError),
        (lambda: ExactReturn()(trained(), Environment("CartPole-v1")), DataError),
        (lambda: ExactReturn()(TabularAgent(np.zeros((2, 2)), np.zeros((2, 2))), LAKE),
         LearnerError),
        (lambda: Environment("NoSuchLake-v9")(), ConfigurationError),
        (lambda: Environment("no_such_package:Lake-v9")(), ConfigurationError),
        (lambda: Environment("FrozenLake-v1", {"ice": True})(), ConfigurationError),
        (lambda: Environment("CartPole-v1", physics={"gravty": 1.0})(), ConfigurationError),
        (lambda: Episodes(0), ConfigurationError),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_error(run, error):
    with pytest.raises(error) as caught:
        run()
    assert caught.value.hint
