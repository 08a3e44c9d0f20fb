"""Agents of Stable-Baselines3 as a training function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from transfergap.errors import ConfigurationError, LearnerError, require
from transfergap.learners import describe
from transfergap.rl.contract import Callback, Init, MakeEnvironment, Reuse, target_and_sources
from transfergap.rl.sb3_start import loaded, starting_model


def from_sb3(algorithm: str | type, policy: str | type = "MlpPolicy", **options: Any) -> SB3:
    """Return a training function that makes agents of Stable-Baselines3.

    Parameters
    ----------
    algorithm : str or type
        ``"PPO"``, ``"DQN"``, ``"SAC"`` ..., or an algorithm class.
    policy : str or type
    **options
        Keywords of the algorithm, the same for every arm; ``seed`` and ``env`` are the audit's.

    Returns
    -------
    SB3

    Raises
    ------
    ConfigurationError
        For an unknown algorithm, or options that belong to the audit.
    MissingExtraError
        If Stable-Baselines3 is not installed.

    Examples
    --------
    >>> from_sb3("PPO", n_steps=64).describe()
    "SB3(PPO, MlpPolicy, {'n_steps': 64})"
    """
    # The audit sets these, so that arms differ in their sources alone.
    reserved = sorted({"seed", "env", "_init_setup_model"} & set(options))
    if reserved:
        raise ConfigurationError(
            f"from_sb3() got {reserved[0]!r}, which is not yours to set.",
            hint="the audit gives every arm the same seeds and environments",
        )
    if isinstance(algorithm, type):
        return SB3(algorithm, policy, options)
    package = require("stable_baselines3", extra="rl")
    algorithms = sorted(
        name
        for name in package.__all__
        if isinstance(getattr(package, name), type) and hasattr(getattr(package, name), "learn")
    )
    if algorithm not in algorithms:
        raise ConfigurationError(
            f"Stable-Baselines3 has no algorithm {algorithm!r}.",
            hint=f"known: {', '.join(algorithms)}",
        )
    return SB3(getattr(package, algorithm), policy, options)


@dataclass(frozen=True)
class SB3:
    """A training function; see :func:`from_sb3`.

    Parameters
    ----------
    algorithm : type
    policy : str or type
    options : mapping

    Notes
    -----
    One environment, on the CPU, with one thread, so that a seed decides the agent. A score at some
    step is that of the agent as it stands in the middle of a rollout there; the last one is taken
    after the last update.

    What :class:`~transfergap.rl.Init` keeps: the weights always; with ``optimizer`` the state of
    the optimizers and the replay buffer; with ``exploration`` the last rate of random actions (DQN)
    or the entropy coefficient (SAC), and no random actions before learning starts. Without it,
    these are as in a new agent, and so is the action head of PPO and A2C, from which they explore.
    :class:`~transfergap.rl.Reuse` is for DQN, after its random actions at the start.
    """

    algorithm: type
    policy: str | type
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(
        self,
        target: MakeEnvironment,
        sources: Sequence[MakeEnvironment],
        *,
        seed: int,
        budget: int,
        init: Init | Reuse | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> Any:
        """Return an agent that has trained for ``budget`` steps."""
        target, sources = target_and_sources(target, sources)
        if sources:
            raise ConfigurationError(
                "Agents of Stable-Baselines3 train on one environment.",
                hint="leave the arm Joint out",
            )
        with _one_thread():
            environment = target()
            try:
                agent = starting_model(
                    self.algorithm, self.policy, self.options, environment, seed, init
                )
                _check_budget(agent, budget)
                agent.learn(total_timesteps=budget, callback=_bridge(callbacks, budget))
            finally:
                environment.close()
        return agent

    def load(self, path: Any) -> Any:
        """Return an agent that was saved."""
        return loaded(self.algorithm, path)

    def describe(self) -> str:
        """Return a text that is the same in every process."""
        policy = self.policy if isinstance(self.policy, str) else describe(self.policy)
        return f"SB3({self.algorithm.__name__}, {policy}, {describe(self.options)})"


@contextmanager
def _one_thread() -> Iterator[None]:
    torch = require("torch", extra="rl")
    before = torch.get_num_threads()
    # Sums in another order are other numbers; with threads a seed decides nothing.
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _check_budget(agent: Any, budget: int) -> None:
    """Raise for budgets that an on-policy agent would exceed."""
    if not hasattr(agent, "rollout_buffer"):
        return
    rollout = agent.n_steps * agent.n_envs
    # On-policy agents finish their rollout: they would train longer than the other arms.
    if budget % rollout:
        raise LearnerError(
            f"{type(agent).__name__} trains in rollouts of {rollout} steps, and {budget} is no"
            " multiple of that.",
            hint=f"choose budgets that are, or from_sb3(..., n_steps=...) that divides {budget}",
        )


def _bridge(callbacks: Sequence[Callback], budget: int) -> Any:
    """Return a callback of Stable-Baselines3 that shows the agent to ours."""
    base = require("stable_baselines3.common.callbacks", extra="rl").BaseCallback

    class Bridge(base):  # type: ignore[misc, valid-type]
        def _on_training_start(self) -> None:
            self._show(0)

        def _on_step(self) -> bool:
            # The last score comes after the last update, from _on_training_end.
            if self.num_timesteps < budget:
                self._show(self.num_timesteps)
            return True

        def _on_training_end(self) -> None:
            self._show(budget)

        def _show(self, step: int) -> None:
            for callback in callbacks:
                if step % callback.every == 0:
                    callback(step, self.model)

    return Bridge()
