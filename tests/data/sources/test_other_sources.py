"""Pretrained models, other tasks, batches of fits, and training that varies or stops too soon."""

import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import ModelSource, Sample, TaskSource, audit
from transfergap.auditing.audit import make_design
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError
from transfergap.experiment.design import Split
from transfergap.experiment.runner import batches, run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import FunctionLearner


@pytest.fixture
def rows():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(60, 4))
    return X, (X[:, 0] + 0.5 * rng.normal(size=60) > 0).astype(int)


def other_rows():
    return np.random.default_rng(4).normal(1.0, 1.0, (60, 4))


def logistic(target, sources, *, seed, init=None):
    return LogisticRegression().fit(target.X, target.y)


def test_a_task_hides_its_labels_of_tested_rows_and_keeps_the_others(rows):
    X, y = rows
    other = np.random.default_rng(0).normal(size=(7, 4))
    task = TaskSource(np.vstack([X, other]), np.arange(67) % 3)
    problem = make_problem(X, y, sources={"t": task}, metric="accuracy")
    design = make_design(FunctionLearner(logistic), problem, effort="quick")
    assert design.arm_names() == ("control", "t co-trained")
    for cell in design.cells():
        if cell.arm == "control":
            continue
        held = design.held_out(cell.split)
        (seen,) = design.training_set(cell).others
        assert len(seen.y) == 67 - len(held)
        rows_seen = {row.tobytes() for row in np.asarray(seen.X)}
        assert not rows_seen & {row.tobytes() for row in X[held]}
        assert {row.tobytes() for row in other} <= rows_seen


def test_a_task_with_repeated_target_rows_hides_all_of_them(rows):
    X, y = rows
    X = X.copy()
    X[30] = X[2]  # one copy in sixty is more than one in a hundred: they become a group
    task = TaskSource(X, np.arange(60) % 3)
    problem = make_problem(X, y, sources={"t": task}, metric="accuracy")
    kept = problem.others["t"].without_rows_of(problem.target.rows(np.array([30])))
    assert not (np.asarray(kept.X) == X[2]).all(axis=1).any()


def test_tested_groups_leave_a_task(rows):
    task = TaskSource(other_rows(), rows[1], groups=np.repeat([0, 1, 2], 20))
    assert len(task.without_rows_of(Sample(rows[0][:1], rows[1][:1], groups=np.array([1]))).y) == 40


def test_a_pretrained_model_is_where_training_starts(rows, tmp_path):
    torch = pytest.importorskip("torch")
    X, y = rows
    path = tmp_path / "net.pt"
    torch.save({"w": torch.arange(4.0)}, path)
    seen = []

    def train(target, sources, *, seed, init=None):
        seen.append(None if init is None else init.state_dict()["w"].tolist())
        return logistic(target, sources, seed=seed)

    study = audit(
        FunctionLearner(train), X, y, sources={"net": ModelSource(path)}, metric="accuracy",
        effort="quick", explain="none",
    )  # fmt: skip
    assert [arm.arm for arm in study.result.arms] == ["control", "net fine-tuned"]
    assert seen.count([0.0, 1.0, 2.0, 3.0]) == 21  # 20 folds, and one again
    assert {str(start) for start in seen} == {"None", "[0.0, 1.0, 2.0, 3.0]"}
    assert "The source net is no table of rows: file net.pt." in study.result.method_notes
    assert study.result.findings == ()


def test_changed_weights_are_a_changed_digest():
    one, two = ModelSource({"w": np.zeros(3)}), ModelSource({"w": np.ones(3)})
    assert one.digest() != two.digest()
    assert one.digest() == ModelSource({"w": np.zeros(3)}).digest()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: ModelSource("nowhere.pt"), "no pretrained model"),
        (lambda: ModelSource(3), "cannot be a int"),
        (lambda: TaskSource(np.eye(3), [1, 2]), "labels of shape"),
        (lambda: TaskSource(np.eye(2), [1.0, np.nan]), "no finite numbers"),
    ],
)
def test_what_is_no_source_is_refused(make, says):
    with pytest.raises(DataError, match=says) as caught:
        make()
    assert caught.value.hint


def test_an_estimator_is_told_that_it_cannot_use_a_model(rows):
    with pytest.raises(ConfigurationError, match="cannot use 'net'"):
        audit(LogisticRegression(), *rows, sources={"net": ModelSource({"w": np.zeros(2)})})


def test_training_that_varies_is_found_in_its_arm_only(rows):
    calls = []

    def train(target, sources, *, seed):
        calls.append(1)
        model = logistic(target, sources, seed=seed)
        if sources:
            model.intercept_ += 0.01 * len(calls)  # a state that the seed does not set
        return model

    study = audit(
        FunctionLearner(train), *rows, sources={"b": (other_rows(), rows[1])},
        metric="log_loss", margin=0.05,
        effort="quick", arms=["b pooled"], explain="none",
    )  # fmt: skip
    found = [f for f in study.findings if f.code == "TG307"]
    assert [f.subject for f in found] == ["b pooled"]


def slow_learner(steps):
    """Gradient descent on a logistic loss: far from done after few steps."""

    def train(target, sources, *, seed, budget):
        X = np.vstack([target.X, *(s.X for s in sources)])
        y = np.concatenate([target.y, *(s.y for s in sources)])
        w = np.zeros(X.shape[1])
        for _ in range(budget):
            w -= 0.05 * X.T @ (1 / (1 + np.exp(-X @ w)) - y) / len(y)
        model = LogisticRegression().fit(target.X[:2] * 0 + [[0], [1]], [0, 1])
        model.coef_, model.intercept_ = w[None], np.zeros(1)
        return model

    return FunctionLearner(train, budget=steps)


@pytest.mark.parametrize(("steps", "found"), [(40, True), (1000, False)])
def test_a_control_that_still_improves_is_a_finding_and_gaps_have_a_curve(rows, steps, found):
    X, y = rows
    study = audit(
        slow_learner(steps), X, y, sources={"b": (other_rows(), y)}, metric="log_loss", margin=0.02,
        effort="quick", arms=["b pooled"], explain="none",
    )  # fmt: skip
    assert any(f.code == "TG308" for f in study.findings) is found
    curve = study.result.budget_curve
    assert curve.axis == "budget"
    assert [p.at for p in curve.curves[0].points] == [steps / 4, steps / 2, steps]
    assert "budget →" not in str(study)  # the terminal has sentences, the page has the drawing


@dataclass(frozen=True)
class Together:
    """A learner that fits many at once and keeps count."""

    at_once: int = 8
    repeatable: bool = True

    @property
    def most_at_once(self):
        return self.at_once

    def train(self, training_set, *, seed):
        return self.fit_many([training_set], seeds=[seed])[0]

    def fit_many(self, trains, *, seeds):
        if any(len(np.unique(t.target.y)) < 2 for t in trains):
            raise ValueError("one class")
        return [LogisticRegression().fit(t.target.X, t.target.y) for t in trains]

    def describe(self):
        return f"Together({self.at_once})"


def trials_of(design, store):
    run_trials(design, store)
    return {t.cell.id: t.outputs.tolist() for t in store.trials()}


def test_batches_hold_one_arm_and_lose_no_cell(rows):
    problem = make_problem(
        *rows, sources={"b": (other_rows(), rows[1])}, metric="accuracy", name="t"
    )
    design = make_design(Together(), problem, arms=["b pooled"], effort="quick")
    made = list(batches(design))
    assert max(map(len, made)) == 8
    assert all(len({cell.arm for cell in batch}) == 1 for batch in made)
    flat = [cell.id for batch in made for cell in batch]
    assert sorted(flat) == sorted(cell.id for cell in design.cells())
    assert trials_of(design, TrialStore()) == trials_of(
        make_design(Together(1), problem, arms=["b pooled"], effort="quick"), TrialStore()
    )


def test_a_batch_that_was_stored_in_part_is_finished(rows):
    problem = make_problem(*rows, sources={"b": (other_rows(), rows[1])}, metric="accuracy")
    design = make_design(Together(), problem, arms=["b pooled"], effort="quick")
    whole, part = TrialStore(), TrialStore()
    run_trials(design, whole)
    for trial in list(whole.trials())[::3]:
        part.add(trial)
    told = []
    run_trials(design, part, on_trial=told.append)
    assert len(told) == len(whole) - len(list(whole.trials())[::3])
    assert {t.cell.id: t.outputs.tolist() for t in part.trials()} == {
        t.cell.id: t.outputs.tolist() for t in whole.trials()
    }


def test_a_fit_that_raises_costs_no_neighbour(rows):
    X, y = rows
    y = np.zeros(60, int)
    y[:6] = 1  # all in one fold of the first partition would leave one class: force it
    problem = make_problem(X, y, sources={"b": (other_rows(), rows[1])}, metric="accuracy")
    design = make_design(Together(), problem, arms=["b pooled"], effort="quick")
    held = design.held_out(Split("fold", 0, (0,)))
    y[:] = 0
    y[held[:6]] = 1
    problem = make_problem(X, y, sources={"b": (other_rows(), rows[1])}, metric="accuracy")
    design = make_design(Together(), problem, arms=["b pooled"], effort="quick")
    store = TrialStore()
    run_trials(design, store)
    failed = [t for t in store.trials() if not hasattr(t, "outputs")]
    planned = list(design.cells())
    lacking = [c for c in planned if len(np.unique(design.training_set(c).target.y)) < 2]
    assert len(store) == len(planned)
    assert {t.cell.id for t in failed} == {c.id for c in lacking}


KILLED = """
import os, signal
import numpy as np
from sklearn.linear_model import LogisticRegression
from transfergap import audit
from transfergap.learners import FunctionLearner

rng = np.random.default_rng(3)
X = rng.normal(size=(60, 4))
y = (X[:, 0] > 0).astype(int)
count = [0]

def train(target, sources, *, seed):
    count[0] += 1
    if count[0] == {at}:
        os.kill(os.getpid(), signal.SIGKILL)
    return LogisticRegression().fit(target.X, target.y)

others = rng.normal(size=(60, 4))
study = audit(FunctionLearner(train), X, y, sources={{"b": (others, y)}}, metric="accuracy",
              effort="quick", arms=["b pooled"], explain="none", run_dir={where!r})
print(count[0])
"""


@pytest.mark.slow  # tests/experiment/test_runner.py kills a run of tables
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_kill_9_costs_one_trial_of_a_training_function(tmp_path):
    script = tmp_path / "train.py"  # the same file, so that the function is the same

    def call(at):
        script.write_text(textwrap.dedent(KILLED).format(at=at, where=str(tmp_path / "run")))
        return subprocess.run([sys.executable, script], capture_output=True, text=True)

    # The constant `at` is in the function, so it must be the same in both calls.
    assert call(27).returncode == -signal.SIGKILL
    assert call(27).returncode == 0  # 42 = 26 + 16
