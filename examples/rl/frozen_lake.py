"""Frozen lake: what it costs to come from another lake, scored exactly.

Q-learning on slippery ice, with an exact expected return in place of episodes, so that all spread
between seeds is that of training. Agents come from the same lake, from one with less slip, and from
two with other holes. A race of both for a fifth of the budget, ties to the control, leaves the
lake that never pays at once, and only costs its share; it is fooled by the one that pays early and
then stalls: an agent that is ahead at the end of the race need not be ahead at the end.

    python examples/rl/frozen_lake.py
"""

from transfergap.report import render
from transfergap.rl import Environment, ExactReturn, Tabular, audit_agents

LAKE = Environment("FrozenLake-v1")
SOURCES = {
    "same map": LAKE,
    "less slip": Environment("FrozenLake-v1", {"success_rate": 0.8}),
    "other holes": Environment("FrozenLake-v1", {"desc": ["SFFF", "HHHF", "FFFF", "FHFG"]}),
    "far holes": Environment("FrozenLake-v1", {"desc": ["SHFF", "FFFH", "FHFF", "HFFG"]}),
}


def main() -> None:
    result = audit_agents(
        Tabular(step_size=0.1, explore_last=0.02),
        ExactReturn(),
        target=LAKE,
        sources=SOURCES,
        budget=10_000,
        eval_every=500,
        seeds=10,
        margin=0.02,
        arms=[f"{name} {kind}" for name in SOURCES for kind in ("pretrained", "race")]
        + ["other holes restarted"],
        name="the lake",
        score="success",
    )
    print(render(result.result), end="")


if __name__ == "__main__":
    main()
