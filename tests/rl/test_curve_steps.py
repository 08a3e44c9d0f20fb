"""Curves that were scored at other steps: the error says what to do, and the option does it."""

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from transfergap.cli._imported import read_steps
from transfergap.cli.main import app
from transfergap.errors import ConfigurationError, DataError
from transfergap.rl import audit_curves


def curves(grid):
    """Straight curves; ``grid(arm, seed)`` gives the steps."""
    rows = [
        (arm, seed, step, height * step / 1000 + seed / 50)
        for arm, height in (("control", 1.0), ("b", 2.0))
        for seed in range(6)
        for step in grid(arm, seed)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "return"])


def ends_of_episodes(arm, seed):
    lengths = np.random.default_rng([seed, len(arm)]).integers(20, 60, 40)
    return np.cumsum(lengths).tolist()


GRIDS = {
    "episodes": ends_of_episodes,
    "an arm at other steps": lambda arm, seed: range(0 if arm == "b" else 5, 1001, 50),
    "the control by seed": lambda arm, seed: range(seed if arm == "control" else 0, 990, 30),
}  # fmt: skip


@pytest.mark.parametrize("grid", list(GRIDS.values()), ids=list(GRIDS))
def test_the_error_names_the_steps_and_nothing_else(grid):
    with pytest.raises(DataError, match="different steps") as caught:
        audit_curves(curves(grid), margin=0.1)
    assert "steps=" in caught.value.hint and "--steps" in caught.value.hint
    assert "rename" not in str(caught.value)


@pytest.mark.parametrize("grid", list(GRIDS.values()), ids=list(GRIDS))
def test_curves_at_steps_of_choice_are_judged(grid, tmp_path):
    study = audit_curves(curves(grid), margin=0.05, steps=[100, 300, 500, 700, 900])
    assert study.to_frame().set_index("arm").loc["b", "verdict"] == "helps"
    path = tmp_path / "curves.csv"
    curves(grid).to_csv(path, index=False)
    given = [str(path), "--margin", "0.05", "--format", "json"]
    done = CliRunner().invoke(app, ["import", *given, "--steps", "100:900:5"])
    assert done.exit_code == 0 and '"helps"' in done.output
    assert CliRunner().invoke(app, ["import", *given]).exit_code != 0


def test_a_control_that_is_not_there_is_still_named():
    table = curves(lambda arm, seed: (0, 10, 20)).replace({"arm": {"control": "scratch"}})
    with pytest.raises(DataError, match="no usable") as caught:
        audit_curves(table, margin=0.1)
    assert "rename" in caught.value.hint


def test_few_runs_at_other_steps_cost_their_pairs_only():
    table = curves(lambda arm, seed: (0, 500, 1000) if seed else (0, 400, 1000))
    assert audit_curves(table, margin=0.05).to_frame().verdict.iloc[1] == "helps"


def test_steps_are_read_and_refused():
    assert read_steps("0:10:3") == [0.0, 5.0, 10.0]
    for text in ("a", "1:2", "1:b:3", "1,,2"):
        with pytest.raises(ConfigurationError, match="steps"):
            read_steps(text)


def test_steps_are_not_for_scores(tmp_path):
    path = tmp_path / "scores.csv"
    path.write_text("arm,split,seed,score\ncontrol,0,0,1\nb,0,0,2\n")
    done = CliRunner().invoke(app, ["import", str(path), "--margin", "1", "--steps", "1,2"])
    assert isinstance(done.exception, ConfigurationError)


def resumed(arm, seed):
    """An agent whose steps go on from a pretraining of 1,000."""
    start = 1000 + 10 * seed if arm == "b" else 0
    return range(start, start + 501, 50)


def test_a_resumed_agent_is_counted_from_its_own_start(tmp_path):
    with pytest.raises(DataError, match=r"'control' from 0 to 500, 'b' from 1000 to") as caught:
        audit_curves(curves(resumed), margin=0.05)
    assert "--from-start" in caught.value.hint and "--steps" not in caught.value.hint
    counted = audit_curves(curves(resumed), margin=0.05, from_start=True)
    assert counted.training_curves.steps == tuple(range(0, 501, 50))
    curves(resumed).to_csv(tmp_path / "c.csv", index=False)
    done = CliRunner().invoke(
        app, ["import", str(tmp_path / "c.csv"), "--margin", "0.05", "--from-start"]
    )
    assert done.exit_code == 0, done.output
