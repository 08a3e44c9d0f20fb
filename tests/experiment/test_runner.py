"""Runs: any executor gives the same bytes, failures are kept, and interruption costs one trial."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from transfergap.analysis.assessment import assess_trials
from transfergap.data.validation import make_problem
from transfergap.errors import LearnerError
from transfergap.experiment.arms import default_arms
from transfergap.experiment.design import ControlArm, Design, Effort
from transfergap.experiment.executors import JoblibExecutor, SerialExecutor, WorkerDied
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import CompletedTrial, FailedTrial
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.report import result_to_json


def design_of(data, model, *, metric="accuracy", effort="quick", seed=0):
    X, y, sources = data
    problem = make_problem(X, y, sources=sources, metric=metric, margin=0.02)
    learner = FunctionLearner(model) if callable(model) else EstimatorLearner(model)
    if isinstance(learner, EstimatorLearner):
        learner = learner.tried_on(problem.target)
    arms = default_arms(list(problem.sources), learner)
    return Design(problem, ControlArm(learner), arms, Effort(effort), seed)


def bytes_of(design, executor=None):
    store = TrialStore()
    run_trials(design, store, executor)
    return result_to_json(assess_trials(design, store.trials()))


FOREST = DecisionTreeClassifier(max_features=1)


def test_the_same_seed_gives_the_same_bytes_for_any_executor(binary):
    serial = bytes_of(design_of(binary, FOREST))
    assert serial == bytes_of(design_of(binary, FOREST), SerialExecutor())
    assert serial == bytes_of(design_of(binary, FOREST), JoblibExecutor(2))
    assert serial != bytes_of(design_of(binary, FOREST, seed=1))


def test_linear_algebra_gives_the_same_bytes_in_workers(two_threads):
    rng = np.random.default_rng(0)
    X, Xs = rng.normal(size=(200, 80)), rng.normal(size=(300, 80))
    data = (X, (X[:, 0] > 0).astype(int), {"b": (Xs, (Xs[:, 1] > 0).astype(int))})
    design = design_of(data, LogisticRegression(max_iter=300), metric="brier")
    design = replace(design, treatments=design.treatments[:1])
    assert bytes_of(design) == bytes_of(design, JoblibExecutor(2))


def test_a_rerun_does_only_what_is_missing(binary):
    design = design_of(binary, FOREST)
    store, seen = TrialStore(), []

    class StopError(Exception):
        pass

    def stop_after_30(trial):
        seen.append(trial.cell.id)
        if len(seen) == 30:
            raise StopError

    with pytest.raises(StopError):
        run_trials(design, store, on_trial=stop_after_30)
    assert len(store) == 30
    run_trials(design, store, on_trial=lambda trial: seen.append(trial.cell.id))
    assert len(seen) == len(set(seen)) == len(list(design.cells()))
    assert result_to_json(assess_trials(design, store.trials())) == bytes_of(design)


def fails_on_large_sets(target, sources, *, seed):
    if sources and len(target.y) % 2 == 0 and seed % 3 == 0:
        raise ValueError("cannot\ndo this")
    return LogisticRegression().fit(target.X, target.y)


def test_a_trial_that_raises_is_stored_shown_and_counted(binary):
    design = design_of(binary, fails_on_large_sets)
    store, shown = TrialStore(), []
    run_trials(design, store, on_trial=shown.append)
    failed = [trial for trial in store.trials() if isinstance(trial, FailedTrial)]
    assert 0 < len(failed) < len(store)
    assert sum(isinstance(trial, FailedTrial) for trial in shown) == len(failed)
    assert failed[0].error == "ValueError: cannot"
    assert "fails_on_large_sets" in failed[0].traceback
    result = assess_trials(design, store.trials())
    assert sum(arm.n_failed for arm in result.arms) == len(failed)
    assert "TG302" in {finding.code for finding in result.findings}
    good = next(arm for arm in result.arms if arm.arm == "good pooled")
    assert good.gap.n_pairs == 20 - good.n_failed  # a failure costs its pair, and is not a zero


def always_fails(target, sources, *, seed):
    raise RuntimeError("out of memory")


def test_a_control_that_always_fails_is_an_error_with_its_reason(binary):
    design = design_of(binary, always_fails)
    store = TrialStore()
    run_trials(design, store)
    with pytest.raises(LearnerError, match=r"All 21 trials .* RuntimeError: out of memory"):
        assess_trials(design, store.trials())


def test_a_worker_that_dies_costs_its_item_and_nothing_else():
    def deadly(item):  # local, so that workers need not import what this module imports
        if item == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.01)
        return item * 10

    results = list(JoblibExecutor(2).map(deadly, range(8)))
    died = [r for r in results if isinstance(r, WorkerDied)]
    assert died == [WorkerDied(3)]
    assert sorted(r for r in results if not isinstance(r, WorkerDied)) == [
        0, 10, 20, 40, 50, 60, 70,
    ]  # fmt: skip


ORPHANS = """
import os, sys, time
from pathlib import Path
from transfergap.experiment.executors import JoblibExecutor

folder = sys.argv[1]
def mark(item):
    Path(folder, str(os.getpid())).touch()
    time.sleep(0.05)

if __name__ == "__main__":
    list(JoblibExecutor(2).map(mark, range(10_000)))
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_workers_end_with_a_parent_that_is_killed_outright(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    with subprocess.Popen([sys.executable, str(script), str(marks)]) as process:
        until(lambda: len(list(marks.iterdir())) == 2)
        process.send_signal(signal.SIGKILL)
    workers = [int(mark.name) for mark in marks.iterdir()]
    assert process.pid not in workers
    until(lambda: not any(is_running(worker) for worker in workers))


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(pid):
    status = Path("/proc", str(pid), "stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_worker_that_dies_is_a_failed_trial(binary):
    design = design_of(binary, FOREST)
    victim = list(design.cells())[5]

    class OneDies:
        def map(self, function, items):
            for item in items:
                yield WorkerDied(item) if victim in item else function(item)

    store = TrialStore()
    run_trials(design, store, OneDies())
    (failed,) = [trial for trial in store.trials() if isinstance(trial, FailedTrial)]
    assert failed.cell == victim
    assert "WorkerDied" in failed.error


def test_results_are_stored_as_they_arrive(binary):
    design = design_of(binary, FOREST)
    store, sizes = TrialStore(), []
    run_trials(design, store, JoblibExecutor(2), lambda trial: sizes.append(len(store)))
    assert sizes == list(range(1, len(sizes) + 1))


# Forks of one process, so that each start does not import everything anew.
SCRIPT = """
import json, os, signal, sqlite3, sys, time
from pathlib import Path
import numpy as np
from sklearn.linear_model import LogisticRegression
from transfergap import audit

class Slow(LogisticRegression):
    def fit(self, X, y, sample_weight=None):
        time.sleep(0.03)
        return super().fit(X, y, sample_weight)

rng = np.random.default_rng(0)
X, Xs = rng.normal(size=(40, 2)), rng.normal(size=(40, 2))
y, ys = (X[:, 0] > 0).astype(int), (Xs[:, 0] > 0).astype(int)

def start(directory):
    child = os.fork()
    if child == 0:
        # Tests that run in the background of a shell inherit that Ctrl-C is ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        status = 1
        try:
            audit(Slow(), X, y, sources={"b": (Xs, ys)}, metric="accuracy", effort="quick",
                  arms=["b pooled", "safe"], run_dir=directory, verbose=0)
            status = 0
        finally:
            os._exit(status)
    return child

def has_ended(child):
    return os.waitpid(child, os.WNOHANG) != (0, 0)

def stored(path):
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)
        n = connection.execute("SELECT count(*) FROM trials").fetchone()[0]
        connection.close()
    except sqlite3.Error:
        return 0
    return int(n)

os.chdir(sys.argv[1])
kill = int(sys.argv[2])
assert os.waitstatus_to_exitcode(os.waitpid(start("whole"), 0)[1]) == 0
n_kept = []
while not Path("cut", "result.json").exists():
    child, trials = start("cut"), Path("cut", "trials.sqlite")
    for _ in range(400):  # at most 20 s: wait until something new was stored
        if has_ended(child):
            break
        if trials.exists() and stored(trials) > sum(n_kept[-1:]) + 16:
            os.kill(child, kill)
            os.waitpid(child, 0)
            break
        time.sleep(0.05)
    else:
        os.kill(child, kill)
        os.waitpid(child, 0)
    n_kept.append(stored(trials))
    assert len(n_kept) < 30
print(json.dumps(n_kept))
"""


@pytest.mark.parametrize(
    "kill", [signal.SIGKILL, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_a_killed_run_goes_on_and_ends_with_the_same_bytes(tmp_path, kill):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), str(tmp_path), str(int(kill))]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    n_kept = json.loads(made.stdout)
    assert len(n_kept) >= 3, "it was interrupted at least twice"
    assert n_kept == sorted(n_kept)
    whole = (tmp_path / "whole" / "result.json").read_bytes()
    assert (tmp_path / "cut" / "result.json").read_bytes() == whole


def test_warnings_of_the_learner_become_a_finding(binary):
    design = design_of(binary, LogisticRegression(max_iter=1))
    store = TrialStore()
    run_trials(design, store)
    result = assess_trials(design, store.trials())
    said = [f for f in result.findings if f.code == "TG305"]
    assert "ConvergenceWarning" in said[0].says
    assert all(isinstance(trial, CompletedTrial) for trial in store.trials())


KEPT = []


def grows(item):
    """Take 400 MB for good, as importing a large library does, and go on for a while."""
    if not KEPT:
        time.sleep(0.1)
    elif len(KEPT) == 1:
        KEPT.append(np.ones(50_000_000))
        time.sleep(1.2)  # loky looks once a second
    KEPT.append(item)
    return os.getpid()


def test_workers_that_grow_are_not_taken_for_leaks():
    """loky ended them, and with items waiting the call hung now and then."""
    workers = set(JoblibExecutor(2).map(grows, range(24)))
    assert len(workers) == 2
