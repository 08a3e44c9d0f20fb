"""Does MNIST help a small network to read fifty scanned digits? The way of transfer decides.

    pip install 'transfergap[torch]'
    python examples/images/mnist_to_scans.py

The target is fifty 8x8 scans; the source is MNIST shrunk to the same size, once with its labels and
once with labels permuted (every 3 is called a 7, and so on). The same small network is trained on
the scans alone, on both pooled, and first on MNIST and then on the scans: with every layer, with a
frozen body, with the old head and with a new one.
"""

import warnings

import numpy as np
from torch import nn

from transfergap import audit
from transfergap.datasets import load_digits
from transfergap.torch import Network


def convolutional(n_classes):
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(256, n_classes),
    )  # fmt: skip


def main():
    scans = load_digits(n_target=50)
    X, y = scans.sources["mnist_cropped"]
    permuted = np.random.default_rng(0).permutation(10)[y]
    result = audit(
        Network(convolutional, steps=120, shape=(1, 8, 8)),
        scans.X / 16,
        scans.y,
        sources={"mnist": (X / 16, y), "permuted": (X / 16, permuted)},
        margin=0.02,
        effort="quick",
        explain="none",
        arms=["mnist pooled", "mnist fine-tuned", "mnist frozen-probe",
              "permuted pooled", "permuted fine-tuned", "permuted new-head"],
    )  # fmt: skip
    table = result.to_frame().set_index("arm")
    print(f"accuracy on the scans alone: {table.score['control']:.2f}\n")
    print(f"{'arm':<22}{'accuracy':>9}   gap [90 % interval]        verdict")
    for arm, row in table.iloc[1:].iterrows():
        interval = f"{row.estimate:+.3f} [{row.low:+.3f}, {row.high:+.3f}]"
        print(f"{arm:<22}{row.score:>9.2f}   {interval:<26} {row.verdict}")
    print("\nHow the gap hangs on the steps of training:")
    for curve in result.budget_curve().curves:
        gaps = "   ".join(f"{p.at:>3.0f} steps {p.estimate:+.2f}" for p in curve.points)
        print(f"{curve.arm:<22}{gaps}")


if __name__ == "__main__":
    warnings.filterwarnings("error")
    main()
