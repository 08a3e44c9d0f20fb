"""Which further task helps a network to read digits, and for how long does that last?

    pip install 'transfergap[torch]'
    python examples/tasks/digits_with_tasks.py

The target is a hundred scanned digits. Beside it the network learns one further task, with a head
of its own: the digits of other scans (it should help), random labels of other scans (useless), and
random numbers asked of the target's own rows (it can only harm). Each is tried with the plain sum
of losses, with a gate that looks at the gradients, and with the guard, which asks cross-validation
on the target's own labels.
"""

import warnings

import numpy as np
from torch import nn

from transfergap import TaskSource, audit
from transfergap.datasets import load_digits
from transfergap.torch import Network


def perceptron(n_outputs):
    return nn.Sequential(
        nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 32), nn.ReLU(), nn.Linear(32, n_outputs)
    )


def main():
    scans = load_digits(n_target=100)
    others, digits = scans.sources["more_scans"]
    rng = np.random.default_rng(0)
    tasks = {
        "digits": TaskSource(others / 16, digits),
        "random": TaskSource(others / 16, rng.integers(0, 10, len(others))),
        "numbers": TaskSource(scans.X / 16, 3 * rng.normal(size=(len(scans.X), 20))),
    }
    ways = ("co-trained", "ema-gate", "gated co-trained")
    result = audit(
        Network(perceptron, steps=160),
        scans.X / 16,
        scans.y,
        sources=tasks,
        margin=0.02,
        effort="quick",
        explain="none",
        arms=[f"{task} {way}" for task in tasks for way in ways],
    )
    table = result.to_frame().set_index("arm")
    print(f"accuracy on the target alone: {table.score['control']:.2f}\n")
    print(f"{'arm':<26}gap [90 % interval]        verdict")
    for arm, row in table.iloc[1:].iterrows():
        interval = f"{row.estimate:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        print(f"{arm:<26}{interval:<26} {row.verdict}")
    print("\nThe gap against the steps of training:")
    curve = result.budget_curve(
        "steps", values=[20, 80, 320], arms=[f"{task} co-trained" for task in tasks]
    )
    for drawn in curve.curves:
        gaps = "   ".join(f"{p.at:>3.0f} steps {p.estimate:+.2f}" for p in drawn.points)
        print(f"{drawn.arm:<26}{gaps}")


if __name__ == "__main__":
    warnings.filterwarnings("error")
    main()
