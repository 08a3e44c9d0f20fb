"""Cart and pole: PPO of Stable-Baselines3, pretrained with another gravity or a longer pole.

Ten lines make an audit of an agent. The budget is short on purpose, so that the example runs in
half a minute: the control is still learning at its end, and the audit says so (TG504).

    python examples/rl/cartpole_ppo.py
"""

from transfergap.report import render
from transfergap.rl import Environment, Episodes, audit_agents, from_sb3


def main() -> None:
    result = audit_agents(
        from_sb3(
            "PPO", learning_rate=1e-3, n_steps=128, n_epochs=6, policy_kwargs={"net_arch": [32]}
        ),
        Episodes(5),
        target=Environment("CartPole-v1", {"max_episode_steps": 200}),
        sources={
            "moon": Environment(
                "CartPole-v1", {"max_episode_steps": 200}, physics={"gravity": 1.6}
            ),
            "long pole": Environment(
                "CartPole-v1", {"max_episode_steps": 200}, physics={"length": 2.0}
            ),
        },
        budget=2_560,
        eval_every=256,
        seeds=5,
        margin=10.0,
        arms=["moon pretrained", "moon race", "long pole pretrained", "long pole race"],
        name="cart and pole",
    )
    print(render(result.result), end="")


if __name__ == "__main__":
    main()
