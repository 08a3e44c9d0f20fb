"""The start of a Stable-Baselines3 agent: anew, or from another."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from transfergap.errors import LearnerError, require
from transfergap.rl.contract import Init, Reuse

_REUSE_STREAM = 7  # any constant: a stream of the seed apart from the learner's


def starting_model(
    algorithm: type,
    policy: str | type,
    options: Mapping[str, Any],
    environment: Any,
    seed: int,
    init: Init | Reuse | None,
) -> Any:
    """Return a model that is ready to learn.

    Raises
    ------
    LearnerError
        If the agent to start from is of another algorithm or for other spaces, or cannot be reused.
    """
    arguments = {"device": "cpu", **options}
    if init is None:
        return algorithm(policy, environment, seed=seed, **arguments)
    old = loaded(algorithm, init.agent)
    if not isinstance(old, algorithm):
        raise LearnerError(
            f"The source's agent is a {type(old).__name__}, not a {algorithm.__name__}.",
            hint="start from an agent of the same algorithm",
        )
    for name in ("observation_space", "action_space"):
        if getattr(old, name) != getattr(environment, name):
            raise LearnerError(
                f"The source's agent has the {name.replace('_', ' ')} {getattr(old, name)}, the"
                f" target {getattr(environment, name)}.",
                hint="wrap one of the environments so that they agree",
            )
    if isinstance(init, Reuse):
        return _reusing(algorithm, policy, arguments, environment, seed, init, old)
    new = algorithm(policy, environment, seed=seed, **_exploring_less(arguments, old, init))
    _keep(new, old, init)
    return new


def loaded(algorithm: Any, agent: Any) -> Any:
    """Return an agent, from its file if it is a path.

    Raises
    ------
    LearnerError
        If the file cannot be read as one.
    """
    if not isinstance(agent, Path):
        return agent
    try:
        return algorithm.load(agent, device="cpu")
    except (OSError, ValueError, KeyError, AssertionError) as error:
        raise LearnerError(
            f"{agent} cannot be loaded as a {algorithm.__name__} agent: {error}",
            hint="save it with agent.save(path)",
        ) from error


def _exploring_less(arguments: Mapping[str, Any], old: Any, init: Init) -> dict[str, Any]:
    options = dict(arguments)
    if init.exploration:
        if hasattr(old, "exploration_final_eps"):
            options["exploration_initial_eps"] = old.exploration_final_eps
        if hasattr(old, "learning_starts"):
            # Random actions before learning would undo a start from a trained agent.
            options["learning_starts"] = 0
    return options


def _keep(new: Any, old: Any, init: Init) -> None:
    # Copies: optimizers would go on with the very tensors of the old agent.
    parameters = copy.deepcopy(old.get_parameters())
    if not init.optimizer:
        # Moments of the optimizer belong to the source's loss; without `optimizer` they start at
        # zero.
        parameters = {name: state for name, state in parameters.items() if "optimizer" not in name}
    if not init.exploration and hasattr(old, "rollout_buffer"):
        # PPO and A2C explore by their action head, so a new head restarts exploration.
        fresh = new.get_parameters()["policy"]
        parameters["policy"] |= {
            name: state
            for name, state in fresh.items()
            if name.startswith(("action_net.", "log_std"))
        }
    new.set_parameters(parameters, exact_match=init.optimizer, device="cpu")
    if init.exploration and getattr(old, "log_ent_coef", None) is not None:
        new.log_ent_coef.data.copy_(old.log_ent_coef.data)
    if init.optimizer and getattr(old, "replay_buffer", None) is not None:
        new.replay_buffer = copy.deepcopy(old.replay_buffer)


def _reusing(
    algorithm: type,
    policy: str | type,
    arguments: Mapping[str, Any],
    environment: Any,
    seed: int,
    reuse: Reuse,
    old: Any,
) -> Any:
    """Return a DQN that sometimes takes the old policy's action."""
    if not hasattr(old, "exploration_final_eps"):
        raise LearnerError(
            f"{algorithm.__name__} cannot learn from another policy's actions as DQN can.",
            hint="leave the arm PolicyReuse out",
        )
    gymnasium = require("gymnasium", extra="rl")

    class Aged(gymnasium.Wrapper):  # type: ignore[misc, name-defined]
        age = 0

        def reset(self, **how: Any) -> Any:
            self.age = 0
            return self.env.reset(**how)

        def step(self, action: Any) -> Any:
            # Steps since the start of the episode: the probability of reuse falls with them
            # (section 3).
            self.age += 1
            return self.env.step(action)

    aged = Aged(environment)
    new: Any = algorithm(policy, aged, seed=seed, **arguments)
    # Called for steps that the old policy does not take.
    own_predict = new.predict
    rng = np.random.default_rng([seed, _REUSE_STREAM])

    def predict(observation: Any, *args: Any, deterministic: bool = False, **how: Any) -> Any:
        if not deterministic and rng.random() < reuse.chance(aged.age):
            return old.predict(observation, deterministic=True)
        return own_predict(observation, *args, deterministic=deterministic, **how)

    new.predict = predict
    return new
