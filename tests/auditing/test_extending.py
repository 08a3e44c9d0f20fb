"""A run that is extended gives the bytes of a run that was made so from the start."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

from transfergap import audit
from transfergap.auditing.results import load_audit
from transfergap.errors import IncompleteRunError, RunDirectoryError


def mixed_table(n, seed, drift=0.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)).round(3), columns=list("abc"))
    frame["site"] = rng.choice(["north", "south", f"site {seed}"], n)
    y = frame.a - (1.0 + drift) * frame.b + (frame.site == "north") + rng.normal(size=n)
    return frame, y.to_numpy().round(3)


TARGET = mixed_table(60, 0)
B, C = mixed_table(90, 1), mixed_table(80, 2, drift=3.0)

TREE = make_pipeline(
    make_column_transformer(("passthrough", list("abc"))), DecisionTreeRegressor(max_depth=3)
)
# Without the safe model, whose fits around a tree are many.
ARMS = ("b pooled",)


def run(model, directory, sources, **options):
    """Audit into a directory; return the bytes of its result and the number of trials made."""
    made = []
    audit(
        model,
        *TARGET,
        sources=sources,
        metric="mse",
        **{"margin": 0.05, "effort": "quick", "explain": "none"} | options,
        run_dir=directory,
        on_trial=made.append,
    )
    return (directory / "result.json").read_bytes(), len(made)


@pytest.mark.parametrize(
    ("model", "before", "after"),
    [
        (TREE, ("b pooled",), ("b pooled", "c pooled", "all pooled")),
        pytest.param(None, None, None, marks=pytest.mark.slow),
    ],
)
def test_a_source_more_is_a_run_of_both(tmp_path, model, before, after):
    fresh, n_fresh = run(model, tmp_path / "fresh", {"b": B, "c": C}, arms=after)
    _, n_before = run(model, tmp_path / "x", {"b": B}, arms=before)
    with pytest.raises(RunDirectoryError, match="source 'c' is new"):
        run(model, tmp_path / "x", {"b": B, "c": C}, arms=after)
    extended, n_more = run(model, tmp_path / "x", {"b": B, "c": C}, arms=after, extend=True)
    assert extended == fresh
    assert n_more < n_fresh
    assert n_more >= n_fresh - n_before


def test_another_margin_makes_no_trial(tmp_path):
    fresh, _ = run(TREE, tmp_path / "fresh", {"b": B}, arms=ARMS, margin=0.2)
    run(TREE, tmp_path / "x", {"b": B}, arms=ARMS)
    extended, n_more = run(TREE, tmp_path / "x", {"b": B}, arms=ARMS, margin=0.2, extend=True)
    assert extended == fresh
    assert n_more == 0


def test_a_result_of_the_design_before_does_not_pass_for_the_new_one(tmp_path):
    run(TREE, tmp_path / "x", {"b": B}, arms=ARMS)

    def stop(trial):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(TREE, *TARGET, sources={"b": B, "c": C}, metric="mse", margin=0.05, effort="quick",
              explain="none", arms=[*ARMS, "c pooled"], run_dir=tmp_path / "x", extend=True,
              on_trial=stop)  # fmt: skip
    with pytest.raises(IncompleteRunError):
        load_audit(tmp_path / "x")


def test_an_arm_more_runs_that_arm_alone(tmp_path):
    _, n_one = run(TREE, tmp_path / "x", {"b": B}, arms=["b pooled"])
    _, n_more = run(TREE, tmp_path / "x", {"b": B}, arms=["b pooled", "b only"], extend=True)
    fresh, n_both = run(TREE, tmp_path / "fresh", {"b": B}, arms=["b pooled", "b only"])
    assert n_more == n_both - n_one
    assert (tmp_path / "x" / "result.json").read_bytes() == fresh


def test_a_damaged_store_gives_the_bytes_of_before_and_says_so(tmp_path):
    before, n_trials = run(TREE, tmp_path / "x", {"b": B}, arms=["b pooled"])
    store = tmp_path / "x" / "trials.sqlite"
    data = bytearray(store.read_bytes())
    with closing(sqlite3.connect(store)) as rows:
        [outputs] = rows.execute("SELECT outputs FROM trials LIMIT 1").fetchone()
    place = data.index(outputs) + len(outputs) // 2
    data[place] ^= 16
    store.write_bytes(data)
    with pytest.warns(RuntimeWarning, match="1 stored trials .* damaged"):
        after, n_again = run(TREE, tmp_path / "x", {"b": B}, arms=["b pooled"])
    assert after == before
    assert 0 < n_again < n_trials
