"""Learning curves of made-up people, in a long table."""

import numpy as np
import pandas as pd

LONG = ["participant", "group", "trial", "score"]


def scores(gains, sizes=None, *, same=False, n_trials=6, seed=0):
    """Learning curves from 0.1 to 0.8, with a head start a group."""
    rng = np.random.default_rng(seed)
    rows = []
    for group, gain in gains.items():
        for k in range((sizes or {}).get(group, 10)):
            trait = np.random.default_rng(k).normal() * 0.1 if same else rng.normal() * 0.1
            name = f"P{k}" if same else f"{group} {k}"
            for trial in range(1, n_trials + 1):
                score = 0.1 + 0.14 * (trial - 1) + gain + trait + 0.03 * rng.normal()
                rows.append((name, group, trial, score))
    return pd.DataFrame(rows, columns=LONG)
