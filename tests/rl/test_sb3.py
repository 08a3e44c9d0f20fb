"""Agents of Stable-Baselines3: seeds decide them, and what is kept is kept."""

import numpy as np
import pytest

from transfergap.errors import ConfigurationError, LearnerError
from transfergap.rl import (
    Environment,
    Episodes,
    Init,
    PolicyReuse,
    Race,
    Reuse,
    audit_agents,
    from_sb3,
)

pytest.importorskip("stable_baselines3")
POLE = Environment("CartPole-v1")
HEAVY = Environment("CartPole-v1", physics={"gravity": 20.0})
SMALL = {"net_arch": [8]}
PPO = from_sb3("PPO", n_steps=64, batch_size=64, n_epochs=2, policy_kwargs=SMALL)
DQN = from_sb3("DQN", learning_starts=20, buffer_size=500, policy_kwargs=SMALL)


class Seen:
    def __init__(self, every):
        self.every, self.steps, self.weights = every, [], []

    def __call__(self, step, agent):
        self.steps.append(step)
        self.weights.append(weights(agent))


def weights(agent):
    return {k: v.numpy().copy() for k, v in agent.get_parameters()["policy"].items()}


def same(one, two):
    return all(np.array_equal(one[k], two[k]) for k in one)


def trained(learner=PPO, target=POLE, **how):
    return learner(target, (), **{"seed": 1, "budget": 128, **how})


@pytest.mark.parametrize("learner", [PPO, DQN], ids=["PPO", "DQN"])
def test_a_seed_decides_an_agent_and_looking_at_it_changes_nothing(learner):
    one, other = trained(learner), trained(learner, seed=2)
    looked = trained(learner, callbacks=(_Scoring(32),))
    assert same(weights(one), weights(looked))
    assert not same(weights(one), weights(other))


class _Scoring:
    def __init__(self, every):
        self.every = every

    def __call__(self, step, agent):
        Episodes(2)(agent, POLE)


def test_an_agent_is_shown_from_before_the_first_step_to_after_the_last_update():
    seen = Seen(32)
    agent = trained(callbacks=(seen,))
    assert seen.steps == [0, 32, 64, 96, 128]
    assert same(seen.weights[0], seen.weights[1])  # rollouts of 64: no update yet
    assert same(seen.weights[-1], weights(agent))
    assert not same(seen.weights[-1], seen.weights[-2])


def test_the_number_of_threads_is_left_as_it_was():
    import torch

    before = torch.get_num_threads()
    trained()
    assert torch.get_num_threads() == before


def first(learner, init):
    """Return an agent's weights before its first step."""
    seen = Seen(64)
    trained(learner, HEAVY, budget=64, seed=5, init=init, callbacks=(seen,))
    return seen.weights[0]


def test_weights_are_kept_and_a_restart_renews_the_action_head_alone():
    old = trained()
    kept, fresh = weights(old), first(PPO, None)
    assert same(first(PPO, Init(old)), kept)
    assert same(first(PPO, Init(old, optimizer=False)), kept)
    restarted = first(PPO, Init(old, optimizer=False, exploration=False))
    for name, value in restarted.items():
        whose = fresh if name.startswith("action_net") else kept
        assert np.array_equal(value, whose[name])


def test_going_on_never_changes_the_agent_that_was_given():
    old = trained()
    before = weights(old)
    moments = old.get_parameters()["policy.optimizer"]["state"][0]["exp_avg"].clone()
    trained(target=HEAVY, init=Init(old))
    assert same(weights(old), before)
    assert (old.get_parameters()["policy.optimizer"]["state"][0]["exp_avg"] == moments).all()


def test_the_optimizer_is_kept_only_if_asked():
    old = trained()
    full = trained(target=HEAVY, init=Init(old))
    fresh = trained(target=HEAVY, init=Init(old, optimizer=False))
    assert not same(weights(full), weights(fresh))
    steps = full.get_parameters()["policy.optimizer"]["state"][0]["step"]
    alone = fresh.get_parameters()["policy.optimizer"]["state"][0]["step"]
    assert steps == 2 * alone


def test_a_dqn_keeps_its_rate_of_exploration_and_its_replay_buffer():
    old = trained(DQN)
    on = trained(DQN, init=Init(old))
    assert on.exploration_initial_eps == on.exploration_final_eps == 0.05
    assert on.learning_starts == 0
    assert on.replay_buffer.size() == 256 and old.replay_buffer.size() == 128
    again = trained(DQN, init=Init(old, optimizer=False, exploration=False))
    assert again.exploration_initial_eps == 1.0
    assert again.learning_starts == 20
    assert again.replay_buffer.size() == 128


def test_reuse_takes_the_old_policys_actions():
    old = trained(DQN)
    calls = []
    own = old.predict
    old.predict = lambda *a, **k: calls.append(k) or own(*a, **k)
    trained(DQN, init=Reuse(old, probability=1.0, decay=1.0))
    assert len(calls) == 128 - 20  # all but the random actions at the start
    assert all(k["deterministic"] for k in calls)
    calls.clear()
    trained(DQN, init=Reuse(old, probability=0.0))
    assert calls == []


def test_an_agent_that_was_saved_is_a_source(tmp_path):
    old = trained()
    old.save(tmp_path / "old.zip")
    assert same(first(PPO, Init(tmp_path / "old.zip")), weights(old))
    broken = tmp_path / "broken.zip"
    broken.write_text("nothing")
    with pytest.raises(LearnerError, match="cannot be loaded"):
        first(PPO, Init(broken))


@pytest.mark.parametrize(
    ("run", "error", "said"),
    [
        (lambda: from_sb3("PPOO"), ConfigurationError, "PPOO"),
        (lambda: from_sb3("PPO", seed=3), ConfigurationError, "'seed'"),
        (lambda: trained(budget=100), LearnerError, "rollouts of 64"),
        (lambda: PPO(POLE, (POLE,), seed=0, budget=64), ConfigurationError, "one environment"),
        (lambda: trained(init=Init(trained(DQN))), LearnerError, "is a DQN, not a PPO"),
        (lambda: trained(init=Reuse(trained())), LearnerError, "cannot learn from another"),
        (lambda: trained(target=Environment("Acrobot-v1"), init=Init(trained())), LearnerError,
         "observation space"),
    ],
)  # fmt: skip
def test_bad_input_is_one_clear_error(run, error, said):
    with pytest.raises(error, match=said) as caught:
        run()
    assert caught.value.hint


@pytest.mark.slow  # tests/rl/test_auditing.py has it of tables
def test_an_audit_of_agents_runs_and_does_not_depend_on_the_number_of_processes():
    given = {
        "target": POLE, "sources": {"heavy": HEAVY}, "budget": 256, "eval_every": 64, "seeds": 2,
        "margin": 5.0, "arms": ["heavy pretrained", "heavy restarted", Race(("heavy",), share=0.5)],
    }  # fmt: skip
    one = audit_agents(PPO, Episodes(2), **given)
    two = audit_agents(PPO, Episodes(2), n_jobs=2, **given)
    assert one.result == two.result
    assert [c.arm for c in one.result.training_curves.curves] == [
        "control", "heavy pretrained", "heavy restarted", "heavy race",
    ]  # fmt: skip
    assert {f.code for f in one.findings}.isdisjoint({"TG302", "TG505"})
    assert "stable-baselines3" in one.result.versions


def test_policy_reuse_is_an_arm_of_a_dqn():
    study = audit_agents(
        DQN, Episodes(2), target=POLE, sources={"heavy": HEAVY}, budget=128, eval_every=64,
        seeds=2, margin=5.0, arms=[PolicyReuse("heavy", decay=0.9)],
    )  # fmt: skip
    assert study.result.training_curves.curves[1].arm == "heavy reused"
    assert not study.result.failures
