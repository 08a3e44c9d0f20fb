"""Driving: does learning on a highway, or at a roundabout, help an agent that has to merge?

DQN on highway-env (Leurent 2018) with the settings of its documentation but for a far shorter
training: a real, noisy task in which agents crash. A run takes two hours on one core, so curves are
stored beside this script. The stored run was stopped early: three or four seeds an arm, and none of
the race. That settles nothing, and the audit says so.

    python examples/rl/driving_highway_env.py            audits the stored curves
    python examples/rl/driving_highway_env.py --run      trains anew (pip install highway-env)
"""

import argparse
import shutil
from pathlib import Path

from transfergap.rl import Environment, Episodes, Race, audit_agents, audit_curves, from_sb3

CURVES = Path(__file__).with_suffix(".csv")
MARGIN = 0.5  # a return of 0.5 is about half a second of safe driving
SOURCES = {
    "highway": Environment("highway_env:highway-fast-v0"),
    "roundabout": Environment("highway_env:roundabout-v1"),
}


def train_anew(folder: str) -> None:
    """Train all agents, and store their curves; a run that is stopped goes on from its folder."""
    learner = from_sb3(
        "DQN", learning_rate=5e-4, buffer_size=15_000, learning_starts=200, batch_size=32,
        gamma=0.8, train_freq=1, target_update_interval=50, exploration_fraction=0.3,
        policy_kwargs={"net_arch": [256, 256]},
    )  # fmt: skip
    audit_agents(
        learner, Episodes(10), target=Environment("highway_env:merge-v1"), sources=SOURCES,
        budget=2_000, eval_every=200, seeds=8, margin=MARGIN, name="merging",
        arms=["highway pretrained", "roundabout pretrained", Race(tuple(SOURCES), share=0.3)],
        run_dir=folder, on_trial=lambda trial: print(trial.cell.arm, trial.cell.seed, flush=True),
    )  # fmt: skip
    shutil.copy(Path(folder) / "curves.csv", CURVES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", action="store_true", help="train anew")
    parser.add_argument("--folder", default="runs/driving", help="where --run keeps its trials")
    options = parser.parse_args()
    if options.run:
        train_anew(options.folder)
    result = audit_curves(CURVES, margin=MARGIN, name="merging")
    print(result)
    print(
        result.training_curves.metrics_frame().drop(columns="note").round(2).to_string(index=False)
    )


if __name__ == "__main__":
    main()
