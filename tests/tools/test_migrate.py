"""Scripts of 0.1.0 run after the migration, and what did not move is left alone."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from tools.migrate import migrated
from tools.migrate.words import current_arm

from transfergap.errors import RENAMES

CASES = Path(__file__).parents[2].parent / "shared" / "cases"
SCRIPTS = sorted(CASES.glob("*/*.py"))
SHELL_SCRIPTS = sorted(CASES.glob("*/*.sh"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from transfergap.problem import Sample, TargetSet\n",
         "from transfergap.data.problem import Sample, TargetSet\n"),
        ("from transfergap import store as s, audit\n",
         "from transfergap import audit\nfrom transfergap.experiment import store as s\n"),
        ("from transfergap import gap\n", "from transfergap.stats import gap\n"),
        ("from transfergap import opaque\n",
         "from transfergap.data.sources import models_and_tasks as opaque\n"),
        ("import transfergap.mitigations.names as n\n",
         "import transfergap.learners.mitigations.names as n\n"),
        ("import transfergap.metric\nx = transfergap.metric.make_metric\n",
         "import transfergap.data.metric\nx = transfergap.data.metric.make_metric\n"),
        ("if x:\n    from transfergap import store, audit\n",
         "if x:\n    from transfergap import audit\n"
         "    from transfergap.experiment import store\n"),
    ],
)  # fmt: skip
def test_imports_follow_the_modules(before, after):
    assert migrated(before) == after


@pytest.mark.parametrize(
    "script",
    [
        "from transfergap import audit, Sample\n",
        "import transfergap as tg\ntg.audit\n",
        "from transfergap.safe import SafeTransferClassifier\n",
        "from other.problem import x  # über transfergap.problem\n",
        "text = 'transfergap.problem'\n",
    ],
)
def test_the_rest_stays(script):
    assert migrated(script) == script


def test_a_script_is_shown_then_written_and_runs_without_a_warning(tmp_path):
    script = tmp_path / "old.py"
    script.write_text(
        "from transfergap.gap import compare_scores\nprint(compare_scores([1, 2], [3, 4]))\n"
    )
    command = [sys.executable, "-m", "tools.migrate", str(script)]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "+from transfergap.stats.gap import compare_scores" in shown
    assert "transfergap.gap " in script.read_text()
    subprocess.run([*command, "--write"], check=True, capture_output=True)
    subprocess.run([sys.executable, "-W", "error", str(script)], check=True, capture_output=True)


HEAD = """
import numpy as np
from sklearn.linear_model import Ridge
from transfergap.datasets import make_shift
shift = make_shift(n_target=40, n_source=60, seed=1)
"""
# What was written for 0.1.0: each prints what it must print after the migration too.
WHOLE = {
    "an audit and its attributes": HEAD + """
import transfergap as tg
options = dict(metric="r2", precision="quick", explain="none", subgroups=(), seed=3)
def run(**more):
    return tg.audit(Ridge(), shift.X, shift.y, sources=shift.sources, **{**options, **more})
study = run(arms=["source pooled", "source gated coral"], curve=["source pooled"])
print(study.result.curve.curves[0].arm, study.result.precision, study.result.training)
print(study.to_frame().round(6).to_string())
""",
    "the side door": HEAD + """
from transfergap import TrialStore, assess, run
from transfergap.auditing.audit import design_audit
from transfergap.intake import pose
problem = pose(shift.X, shift.y, sources=shift.sources, metric="r2")
design = design_audit(Ridge(), problem, arms=["source pooled"], precision="quick", seed=2)
store = TrialStore()
run(design, store)
print(design.precision, assess(design, store.trials()).arms[1].gap)
""",
    "the safe model": HEAD + """
from transfergap import SafeTransferRegressor
def fitted(caution):
    return SafeTransferRegressor(Ridge(), caution=caution, effort="fast").fit(
        shift.X, shift.y, sources=shift.sources)
model = SafeTransferRegressor(caution="strict").fit(shift.X, shift.y, sources=shift.sources)
print(round(model.alpha_, 9), sum(model.weights_.values()))
print(Ridge().set_params(alpha=2.0).alpha, fitted(caution=1.0).alpha_ >= 0)
""",
    "learners and training functions": HEAD + """
from dataclasses import dataclass
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.problem import Sample, TargetSet, TrainingSet
def train(sources, target, *, seed):
    return Ridge().fit(np.concatenate([s.X for s in (target, *sources)]),
                       np.concatenate([s.y for s in (target, *sources)]))
@dataclass(frozen=True)
class Alone:
    learner: object
    def fit(self, train, *, seed):
        return self.learner.fit(TargetSet(train.target), seed=seed)
rows = TrainingSet(Sample(shift.X, shift.y), (Sample(*shift.sources["source"]),))
print(Alone(EstimatorLearner(Ridge())).fit(rows, seed=0).coef_.round(9))
print(FunctionLearner(train=train).fit(rows, seed=0).coef_.round(9))
print(train([], rows.target, seed=1).coef_[0])
""",
    "scores from elsewhere": """
from transfergap import compare_scores
print(compare_scores([3.0, 2.0, 4.0], [2.0, 1.5, 3.5], higher_is_better=False, margin=0.1))
print(compare_scores([1.0, 2.0], [2.0, 4.0], margin=0.1, test_to_train=0.25).estimate)
""",
    "agents": """
from transfergap.rl import Environment, ExactReturn, Tabular, audit_agents
lake = Environment("FrozenLake-v1", {"is_slippery": False})
def learn(sources, target, *, seed, budget, init=None, callbacks=()):
    return Tabular()(sources, target, seed=seed, budget=budget, init=init, callbacks=callbacks)
study = audit_agents(learn, ExactReturn(), target=lake, sources={"b": lake}, budget=100,
                     margin=0.05, seeds=5, seed=1, arms=["b pretrained"])
print(study.result.training.metrics_frame().round(6).to_string())
""",
}  # fmt: skip


# Each is two processes; the slow run has all.
QUICK = ("learners and training functions",)


@pytest.mark.parametrize(
    "name",
    [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in WHOLE],
)
def test_a_whole_script_prints_the_same_after_it_without_a_warning(name, tmp_path):
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    before.write_text(WHOLE[name])
    after.write_text(migrated(WHOLE[name]))
    printed = [
        subprocess.run(
            [sys.executable, "-W", f"{action}::DeprecationWarning", str(path)],
            capture_output=True, text=True,
        )
        for action, path in (("ignore", before), ("error", after))
    ]  # fmt: skip
    assert [ran.returncode for ran in printed] == [0, 0], printed[-1].stderr + printed[0].stderr
    assert printed[0].stdout == printed[1].stdout != ""
    assert migrated(after.read_text()) == after.read_text()  # once is enough


@pytest.mark.parametrize(
    ("before", "after", "suffix"),
    [
        ("transfergap run t.csv --precision quick --arm 'b coral'",
         "transfergap run t.csv --effort quick --arm b+coral", ".sh"),
        ('transfergap run t.csv --curve --arm "site 2 pooled"',
         'transfergap run t.csv --learning-curve --arm "site 2+pooled"', ".sh"),
        ("transfergap fit t.csv --caution safe --source safe=s.csv",
         "transfergap fit t.csv --caution medium --source safe=s.csv", ".sh"),
        ("other --precision 3 --curve", "other --precision 3 --curve", ".sh"),
        ('transfergap run --arm "$arm" --curves', 'transfergap run --arm "$arm" --curves', ".sh"),
        ('[design]\nprecision = "quick"\ncurve = true\n',
         '[design]\neffort = "quick"\nlearning_curve = true\n', ".toml"),
        ("--precision\n```console\ntransfergap plan t.csv --precision full\n```\n",
         "--precision\n```console\ntransfergap plan t.csv --effort full\n```\n", ".md"),
        ("```python\nfrom transfergap import load\n```\n```python\nload(...\n```\n",
         "```python\nfrom transfergap import load_audit\n```\n```python\nload(...\n```\n", ".md"),
        ("from transfergap import load\nload('x')\n",
         "from transfergap import load_audit\nload_audit('x')\n", ".py"),
        ("from transfergap import run\ndef run(): pass\n",
         "from transfergap import run_trials as run\ndef run(): pass\n", ".py"),
        ("import subprocess\nsubprocess.run(['transfergap', 'run', '--precision', 'quick'])\n",
         "import subprocess\nsubprocess.run(['transfergap', 'run', '--effort', 'quick'])\n", ".py"),
        ("from transfergap import audit\naudit(m, X, y, sources=s, subgroups=())\n",
         "from transfergap import audit\naudit(m, X, y, sources=s, subgroups=None)\n", ".py"),
        ("from transfergap.torch.ways import HeldNear\nHeldNear(n).fit(t, seed=1)\n",
         "from transfergap.torch.ways import L2SP\nL2SP(n).train(t, seed=1)\n", ".py"),
    ],
)  # fmt: skip
def test_files_of_each_kind_are_rewritten(before, after, suffix):
    assert migrated(before, suffix) == after


@pytest.mark.parametrize(
    "script",
    [
        "from sklearn.datasets import load_digits\nload_digits(seed=1)\n",
        "from transfergap import audit\nclf.fit(X, y).alpha_, other.curve, x.weights_\n",
        "from transfergap import audit\ndef f(precision): return g(precision=precision)\n",
        "from transfergap import audit\nload = json.load(f); run(load)\n",
        "def train(sources, target): return 1\n",
        "from transfergap import audit\nfor f in audit(m).findings: print(f.says)\n",
    ],
)
def test_what_is_not_certainly_ours_stays(script):
    assert migrated(script) == script


def test_arms_become_texts_that_cannot_be_misread():
    arms = ["b pooled", "all gated tradaboost", "safe", "safe, target only", "mine", "b"]
    now = ["b+pooled", "all+gated+tradaboost", "safe", "safe, target only", "mine", "b"]
    assert [current_arm(arm) for arm in arms] == now


OLD_WORDS = [f"{r.before}=" for r in RENAMES if r.place == "audit" and r.kind == "argument"]


@pytest.mark.skipif(not SCRIPTS, reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shared_case_has_no_old_name_left(path):
    after = migrated(path.read_text(encoding="utf-8"))
    tree = ast.parse(after)
    keywords = {k.arg for n in ast.walk(tree) if isinstance(n, ast.Call) for k in n.keywords}
    assert not {word.removesuffix("=") for word in OLD_WORDS} - {"seed"} & keywords
    assert "--precision" not in after and "from_csv" not in after
    assert migrated(after) == after


@pytest.mark.skipif(not SHELL_SCRIPTS, reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize("path", SHELL_SCRIPTS, ids=lambda path: path.stem)
def test_a_shared_shell_script_has_no_old_option_left(path):
    assert "--precision" not in migrated(path.read_text(encoding="utf-8"), ".sh")
