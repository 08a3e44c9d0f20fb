"""Changed physics changes the environment all through, or is refused."""

import pickle

import gymnasium
import numpy as np
import pytest

from transfergap.errors import ConfigurationError
from transfergap.rl import Environment
from transfergap.rl.environment import steps_differ


class Rod(gymnasium.Env):
    """A rod whose inertia is worked out once, and a colour that nothing reads."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (1,), np.float64)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, size=1.0):
        self.size = size
        self.mass = 2.0
        self.colour = 3.0
        self.inertia = self.mass * self.size**2 / 12
        self.force = 6.0 / self.inertia  # worked out from what was worked out

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.speed = float(self.np_random.normal())
        return np.array([self.speed]), {}

    def step(self, action):
        self.speed += self.force * (action - 0.5)
        return np.array([self.speed]), 0.0, False, False, {}


gymnasium.register("Rod-v0", entry_point=Rod, max_episode_steps=50)
gymnasium.register("MadeRod-v0", entry_point=lambda: Rod(2.0), max_episode_steps=50)


@pytest.mark.parametrize(
    ("physics", "expected"),
    [
        ({"masscart": 10.0}, {"total_mass": 10.1, "polemass_length": 0.05}),
        ({"length": 2.0}, {"total_mass": 1.1, "polemass_length": 0.2}),
        ({"masspole": 0.5, "length": 1.0}, {"total_mass": 1.5, "polemass_length": 0.5}),
        ({"gravity": 1.6}, {"gravity": 1.6, "total_mass": 1.1}),
    ],
)
def test_a_cart_with_other_physics_is_consistent(physics, expected):
    made = Environment("CartPole-v1", {"max_episode_steps": 60}, physics)()
    for name, value in {**physics, **expected}.items():
        assert getattr(made.unwrapped, name) == pytest.approx(value)
    assert made.spec.max_episode_steps == 60
    assert steps_differ(Environment("CartPole-v1")(), made)


def test_a_heavy_cart_moves_as_newton_says():
    path = []
    for mass in (1.0, 10.0):
        made = Environment("CartPole-v1", physics={"masscart": mass})()
        start = made.reset(seed=0)[0]
        path.append(made.step(1)[0][1] - start[1])
    assert 5 < path[0] / path[1] < 15  # speed after one push: a tenth


@pytest.mark.parametrize("value", [1.0, 4.0])
def test_what_is_worked_out_from_what_was_worked_out_is_right_too(value):
    made = Environment("Rod-v0", physics={"mass": value})().unwrapped
    assert made.inertia == pytest.approx(value / 12) and made.force == pytest.approx(72 / value)


def test_later_steps_may_change_the_attribute():
    made = Environment("Rod-v0", physics={"mass": 4.0})()
    made.unwrapped.mass = 5.0
    assert made.unwrapped.mass == 5.0


@pytest.mark.parametrize(
    ("id", "physics", "name"),
    [
        ("Rod-v0", {"colour": 7.0}, "colour"),
        ("Rod-v0", {"mass": 4.0, "colour": 7.0}, "colour"),
        ("MadeRod-v0", {"mass": 9.0}, "mass"),  # read before it could be set
        ("Rod-v0", {"weight": 1.0}, "weight"),
    ],
)
def test_physics_without_an_effect_is_refused(id, physics, name):
    with pytest.raises(ConfigurationError, match=name):
        Environment(id, physics=physics)()


@pytest.mark.parametrize(
    ("id", "physics"),
    [
        ("MadeRod-v0", {"force": 1.0}),
        ("MountainCar-v0", {"gravity": 0.005}),
        ("Pendulum-v1", {"m": 3.0}),
        ("Acrobot-v1", {"LINK_MASS_1": 2.0}),
        ("CartPole-v1", {"force_mag": 10.0}),  # as it is anyway
    ],
)
def test_physics_with_an_effect_is_taken(id, physics):
    made = Environment(id, physics=physics)().unwrapped
    assert all(getattr(made, name) == value for name, value in physics.items())


def test_an_environment_goes_through_pickle():
    heavy = Environment("CartPole-v1", physics={"masscart": 10.0})
    heavy()
    again = pickle.loads(pickle.dumps(heavy))  # noqa: S301
    assert again == heavy and again().unwrapped.total_mass == pytest.approx(10.1)
