"""The benchmark of the monitor: stacks train as single runs, its sums, what is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from benchmarks.monitor import __main__ as benchmark
from benchmarks.monitor.calibrating import fitted, left_out, threshold_of
from benchmarks.monitor.judging import area, rate, weighted_area
from benchmarks.monitor.signals import gradient_signals
from benchmarks.monitor.stacked import StackedNetwork, Task, row_losses, train
from sklearn.metrics import roc_auc_score
from tools.monitor_table import monitor_tables

from transfergap.torch.monitors.calibration import Model
from transfergap.torch.monitors.signals import source_signals

ROOT = Path(__file__).parents[2]
RESULT = ROOT / "benchmarks" / "results" / "monitor.json"


def task(seed, n=64, runs=2):
    rng = np.random.default_rng(seed)
    X = torch.tensor(rng.normal(size=(runs, n, 5)), dtype=torch.float32)
    return Task("target", X, (X[:, :, 0] > 0).long())


def without_dropout(seeds):
    network = StackedNetwork(5, {"target": 2}, seeds)
    network.trunk[2].p = 0.0
    return network


def test_a_stack_trains_as_its_runs_alone():
    both = task(0)
    stack = train(without_dropout([3, 4]), [both], 30)
    for k, seed in enumerate((3, 4)):
        own = Task("target", both.X[k : k + 1], both.y[k : k + 1])
        alone = train(without_dropout([seed]), [own], 30)
        for one, other in zip(stack.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(one[k : k + 1], other, rtol=1e-4, atol=1e-5)


def test_signals_of_a_stack_are_those_of_the_package():
    held, source = task(1), task(2)
    stack = without_dropout([3, 4])
    cosine, look_ahead = gradient_signals(stack, source, held)
    for k in (0, 1):
        stack.heads.requires_grad_(False)

        def mean_loss(rows, k=k):
            return row_losses(stack, rows)[k].mean()

        (signal,) = source_signals(
            stack, lambda: mean_loss(held), {"a": lambda m: mean_loss(source)}, rate=1e-3
        )
        # The package's gradient of one run is zero for the other, so norms are the run's own.
        assert signal.cosine == pytest.approx(float(cosine[k]), abs=1e-5)
        assert signal.look_ahead == pytest.approx(float(look_ahead[k]), abs=1e-5)
        stack.heads.requires_grad_(True)


def test_areas_are_scikit_learns_with_ties_and_weights():
    rng = np.random.default_rng(0)
    truth, score = rng.random(60) < 0.4, rng.integers(8, size=60).astype(float)
    counts = rng.integers(0, 4, size=(20, 60)).astype(float)
    expected = [roc_auc_score(truth, score, sample_weight=row) for row in counts]
    np.testing.assert_allclose(weighted_area(truth, score, counts), expected)


def test_an_interval_over_pairs_is_wider_than_over_runs():
    rng = np.random.default_rng(1)
    level = np.repeat(rng.normal(size=20), 30)
    rows = pd.DataFrame({"score": level + 0.1 * rng.normal(size=600)})
    rows["harmed"] = level + 0.5 * np.repeat(rng.normal(size=20), 30) > 0
    clustered = area(rows.assign(name=np.repeat(np.arange(20), 30)), "harmed", "score")
    single = area(rows.assign(name=np.arange(600)), "harmed", "score")
    assert clustered["value"] == single["value"]
    assert clustered["high"] - clustered["low"] > 2 * (single["high"] - single["low"])


def test_a_rate_of_nothing_has_an_interval_all_the_same():
    found = rate(pd.DataFrame({"name": range(10), "warned": [False] * 10}), "warned")
    assert found["value"] == 0 and 0.2 < found["high"] < 0.35
    assert rate(pd.DataFrame({"name": [], "warned": []}), "warned")["value"] is None


def simulated_rows(n=400, *, seed=0):
    """Runs whose probability of harm is known: logistic in ``standing``."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n):
        standing = rng.normal(scale=2)
        harmed = rng.random() < 1 / (1 + np.exp(-standing))
        for share in (0.1, 0.15, 0.2, 0.5):
            rows.append(
                {
                    "share": share,
                    "standing": standing,
                    "start": rng.normal(),
                    "harmed": harmed,
                    "family": f"f{k % 4}",
                    "name": f"p{k}",
                    "way": "w",
                    "n_target": 1,
                    "n_steps": 1,
                    "seed": 0,
                }
            )
    return pd.DataFrame(rows)  # fmt: skip


def test_the_fit_finds_the_coefficients_that_made_the_runs():
    model = fitted(simulated_rows(4000), 0.2)
    assert isinstance(model, Model)
    # Three standard errors of a logistic slope with 4,000 runs.
    assert model.coefficients == pytest.approx((1.0, 0.0), abs=0.16)
    assert model.intercept == pytest.approx(0.0, abs=0.16)


def test_the_threshold_keeps_false_alarms_in_new_runs_of_the_same_kind():
    threshold = threshold_of(left_out(simulated_rows(2000)))
    fresh = simulated_rows(2000, seed=1)
    models = tuple(fitted(simulated_rows(2000), share) for share in (0.1, 0.2, 0.5))
    from benchmarks.monitor.calibrating import highest, with_probability

    runs = highest(with_probability(fresh, models))
    harmless = runs[~runs["harmed"]]
    warned = (harmless["probability"] >= threshold).sum()
    from scipy import stats

    # Of about 1,000 harmless runs. The families are alike here, so that the one that decides is
    # the highest of four noisy quantiles: fewer alarms than a tenth, and not none.
    assert stats.binom(len(harmless), 0.05).ppf(1e-6) <= warned
    assert warned <= stats.binom(len(harmless), 0.1).ppf(1 - 1e-6)


@pytest.mark.slow
def test_the_quick_benchmark_runs_and_writes_nothing(monkeypatch, capsys):
    def no_writing(*_):
        raise AssertionError("a quick run writes nothing")

    monkeypatch.setattr("sys.argv", ["monitor", "--quick"])
    monkeypatch.setattr(benchmark, "write_record", no_writing)
    monkeypatch.setattr(Path, "write_text", no_writing)
    assert benchmark.main() == 0
    assert "AUC of probability" in capsys.readouterr().out


def test_what_is_shipped_and_shown_is_what_was_measured():
    record = json.loads(RESULT.read_text(encoding="utf-8"))
    shipped = json.loads(benchmark.SHIPPED.read_text(encoding="utf-8"))
    assert not record["absent_families"]
    for kind, found in record["kinds"].items():
        own = shipped["kinds"][kind]
        assert own["false_alarms"]["share"] == found["rates"]["false_alarms"]["value"]
        assert own["threshold"] == pytest.approx(found["threshold"], abs=1e-6)
        assert [row["n_harmed"] for row in own["bins"]] == [
            row["n_harmed"] for row in found["bins"]
        ]
    page = (ROOT / "docs" / "monitor.md").read_text(encoding="utf-8")
    assert monitor_tables(record) in page
