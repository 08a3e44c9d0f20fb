"""Driving: does learning on a highway help an agent that has to merge, turn or cross?

DQN on highway-env (Leurent 2018): small networks, short budgets, few cars, so that ten seeds an arm
take 24 minutes of one core. A highway agent is trained once a seed, and starts all three targets.

    python examples/rl/driving_highway_env.py            audits the stored curves
    python examples/rl/driving_highway_env.py --run      trains anew (pip install highway-env)
"""

import argparse
from functools import cache
from pathlib import Path

import pandas as pd

from transfergap.rl import Environment, Episodes, audit_agents, audit_curves, from_sb3

CURVES = Path(__file__).with_suffix(".csv")
MARGIN = 0.5  # a return of 0.5 is about half a second of safe driving
SEEN = {"type": "Kinematics", "vehicles_count": 5, "features": ["presence", "x", "y", "vx", "vy"]}
COARSE = {"observation": SEEN, "simulation_frequency": 5}  # Hz; 15 take three times as long
CITY = {"type": "DiscreteMetaAction", "target_speeds": [0, 4.5, 9]}  # with the highway's 5 actions
CROSSING = {"action": CITY, "initial_vehicle_count": 6}
HIGHWAY = Environment(
    "highway_env:highway-fast-v0", {"config": COARSE | {"vehicles_count": 8, "duration": 20}}
)
TARGETS = {
    "merging": Environment("highway_env:merge-v1", {"config": COARSE}),
    "roundabout": Environment("highway_env:roundabout-v1", {"config": COARSE}),
    "intersection": Environment("highway_env:intersection-v0", {"config": COARSE | CROSSING}),
}
DQN = from_sb3(
    "DQN", learning_rate=1e-3, buffer_size=3_000, learning_starts=100, batch_size=32, gamma=0.9,
    train_freq=1, target_update_interval=50, exploration_fraction=0.4,
    policy_kwargs={"net_arch": [64, 64]},
)  # fmt: skip


@cache
def highway_agent(seed, budget):
    """Return an agent of the highway, trained once a seed, whatever target comes next."""
    return DQN(HIGHWAY, (), seed=seed, budget=budget)


def train(target, sources, *, seed, budget, init=None, callbacks=()):
    """Return an agent, as the audit asks for it."""
    if target is HIGHWAY:
        return highway_agent(seed, budget)
    return DQN(target, sources, seed=seed, budget=budget, init=init, callbacks=callbacks)


def train_anew(folder: str) -> None:
    """Train all agents and store their curves; a stopped run goes on from its folder."""
    tables = []
    for name, target in TARGETS.items():
        audit_agents(
            train, Episodes(6), target=target, sources={"highway": HIGHWAY}, name=name,
            arms=["highway pretrained"], budget=800, eval_every=200, pretraining=1_200, seeds=10,
            margin=MARGIN, run_dir=Path(folder) / name,
        )  # fmt: skip
        tables.append(pd.read_csv(Path(folder, name, "curves.csv")).assign(target=name))
        pd.concat(tables).to_csv(CURVES, index=False, lineterminator="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", action="store_true", help="train anew")
    parser.add_argument("--folder", default="runs/driving", help="where --run keeps its trials")
    options = parser.parse_args()
    if options.run:
        train_anew(options.folder)
    for name, curves in pd.read_csv(CURVES).groupby("target", sort=False):
        print(audit_curves(curves, margin=MARGIN, name=name))


if __name__ == "__main__":
    main()
