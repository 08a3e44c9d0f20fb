"""Three hospitals, each with a folder of its own; only files go from one to another."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TRUTH = {"age": 0.8, "bmi": -0.6, "crp": 0.4}


def patients(n: int, seed: int, *, numbers: bool, shift: float = 0.0) -> pd.DataFrame:
    """Return patients of one hospital, with gaps, categories and dates."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.normal(shift, 1.0, n).round(4) for name in TRUTH})
    score = sum(slope * frame[name] for name, slope in TRUTH.items())
    frame["ward"] = rng.choice(["north", "south"], n)
    score = score + 0.5 * (frame["ward"] == "north")
    frame["seen"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D")
    y = score + rng.normal(0, 1, n)
    frame["outcome"] = y.round(6) if numbers else np.where(y > 0, "ill", "well")
    frame.loc[rng.random(n) < 0.05, "bmi"] = np.nan
    return frame


class Hospitals:
    """Folders of a target and two sites; ``send`` is the only way between them."""

    def __init__(self, root: Path, *, numbers: bool) -> None:
        self.root, self.sent = root, []
        self.rows = {
            "target": patients(60, 1, numbers=numbers),
            "b": patients(800, 2, numbers=numbers, shift=0.3),
            "c": patients(700, 3, numbers=numbers, shift=-0.2),
        }
        for name, frame in self.rows.items():
            (root / name).mkdir()
            frame.to_parquet(root / name / "rows.parquet", index=False)

    def send(self, name: str, *, sender: str, to: str) -> Path:
        """Copy a file from one hospital's folder to another's."""
        self.sent.append(name)
        return Path(shutil.copy(self.root / sender / name, self.root / to / name))

    def type_in(self, place: str, line: str, monkeypatch: pytest.MonkeyPatch) -> int:
        """Type a command line in the folder of one hospital; return its exit code."""
        from transfergap.cli.main import run

        monkeypatch.chdir(self.root / place)
        with pytest.raises(SystemExit) as left:
            run(shlex.split(line))
        return int(left.value.code or 0)
