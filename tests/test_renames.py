"""Names of 0.1.0 work as before, with one warning that names the new one."""

import functools
import importlib
import inspect
import subprocess
import sys
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from tests.report import results

import transfergap.datasets
from transfergap import (
    Arm,
    AuditResult,
    Design,
    ModelSource,
    SafeTransferRegressor,
    Sample,
    TaskSource,
    audit,
    compare_scores,
    make_design,
    make_problem,
)
from transfergap.analysis.imported_scores import assess_scores
from transfergap.analysis.subgroups import group_rows
from transfergap.auditing.planning import plan
from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.datasets import ShiftProblem, load_claims, load_digits, load_flights, make_shift
from transfergap.errors import (
    RENAMES,
    current_value,
)
from transfergap.learners import (
    EstimatorLearner,
    FunctionLearner,
    as_learner,
    describe,
    is_learner,
)
from transfergap.learners.mitigations import CORAL, Gated
from transfergap.rl import Environment, ExactReturn, Tabular, audit_agents, audit_curves

HAS_TORCH = importlib.util.find_spec("torch") is not None


def rows_of(kind):
    return [r for r in RENAMES if r.kind == kind]


@pytest.mark.parametrize("rename", rows_of("name"), ids=lambda r: f"{r.place}.{r.before}")
def test_an_old_name_is_the_new_one_and_says_so(rename):
    if "torch" in rename.place and not HAS_TORCH:
        pytest.skip("needs torch")
    module = importlib.import_module(rename.place)
    with pytest.warns(DeprecationWarning) as caught:
        before = getattr(module, rename.before)
    assert before is getattr(module, rename.after)
    assert len(caught) == 1 and rename.after in str(caught[0].message)
    assert caught[0].filename == __file__
    assert rename.before not in getattr(module, "__all__", ())


def test_no_place_has_two_new_names_for_one_old():
    keys = [(r.kind, r.place, r.before) for r in RENAMES]
    assert len(keys) == len(set(keys))


def test_a_new_name_is_not_an_old_one():
    for r in RENAMES:
        chained = [s for s in RENAMES if (s.kind, s.place, s.before) == (r.kind, r.place, r.after)]
        assert not chained, r


def test_a_name_that_never_was_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = importlib.import_module("transfergap.rl").nothing


def test_values_that_never_changed_pass_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert current_value("caution", 2.0) == 2.0
        assert current_value("colour", "red") == "red"


# How each function or class takes an old argument, and what shows that it came through.
def compared(**options):
    return compare_scores([0.1, 0.2, 0.4], [0.3, 0.5, 0.6], **options).estimate


def curves(**options):
    rows = [
        (arm, seed, step, step * height + seed / 99)
        for arm, height in (("control", 1.0), ("b", 2.0))
        for seed in range(6)
        for step in (0, 1, 2)
    ]
    table = pd.DataFrame(rows, columns=["arm", "seed", "step", "return"])
    return audit_curves(table, margin=0.05, **options).to_frame().verdict[1]


def designed(**options):
    shift = make_shift(n_target=40, n_source=60, task="binary", random_state=1)
    problem = make_problem(shift.X, shift.y, sources=shift.sources, metric="accuracy")
    return make_design(None, problem, **options)


def audited(**options):
    shift = make_shift(n_target=40, n_source=60, random_state=1)
    chosen = {"metric": "r2", "arms": ["source pooled"], "explain": "none"}
    return audit(Ridge(), shift.X, shift.y, sources=shift.sources, **chosen, **options).result


def drawn(**options):
    return [load(**options).y.tolist() for load in (load_claims, load_digits, load_flights)]


def planned(**options):
    return [cell.id for cell in designed(**options).cells()]


@pytest.mark.parametrize(
    ("call", "before", "now"),
    [
        (planned, {"precision": "quick"}, {"effort": "quick"}),
        (
            lambda **options: ModelSource(**options).digest(),
            {"start": {"weight": np.zeros(2)}},
            {"weights": {"weight": np.zeros(2)}},
        ),
        (planned, {"seed": 3}, {"random_state": 3}),
        (drawn, {"seed": 3}, {"random_state": 3}),
        (compared, {"higher_is_better": False}, {"greater_is_better": False}),
        (compared, {"margin": 0.1}, {}),
        (audited, {"progress": False}, {"verbose": 0}),
        (curves, {"higher_is_better": False}, {"greater_is_better": False}),
    ],
)
def test_an_old_argument_does_what_the_new_one_does(call, before, now):
    with pytest.warns(DeprecationWarning) as caught:
        result = call(**before)
    assert result == call(**now)
    assert {w.filename for w in caught} == {__file__}
    for name in now:
        assert f"{name}=" in str(caught[0].message)


def test_the_old_and_the_new_argument_together_are_refused():
    with pytest.raises(TypeError, match="both 'greater_is_better' and its old name"):
        compared(greater_is_better=True, higher_is_better=True)


@functools.cache
def fitted(**options):
    shift = make_shift(n_target=40, n_source=60, random_state=1)
    model = SafeTransferRegressor(**options)
    return model.fit(shift.X, shift.y, sources=shift.sources)


def test_an_empty_choice_of_subgroups_is_none():
    problem = make_problem(
        np.eye(10), np.arange(10.0), sources={"b": (np.eye(10) + 1, np.ones(10))}
    )
    with pytest.warns(DeprecationWarning, match="subgroups=None now"):
        assert group_rows(problem, ()) is None


OF_SAFE_TRANSFER = [r for r in rows_of("value") if r.place != "subgroups"]


@pytest.mark.parametrize("rename", OF_SAFE_TRANSFER, ids=lambda r: f"{r.place}={r.before}")
def test_an_old_value_does_what_the_new_one_does(rename):
    fitted.cache_clear()
    with pytest.warns(DeprecationWarning, match=f"is '{rename.after}' now") as caught:
        before = fitted(**{rename.place: rename.before})
    assert len(caught) == 1 and caught[0].filename == __file__
    now = fitted(**{rename.place: rename.after})
    assert before.get_params()[rename.place] == rename.before  # as it was typed, for clones
    assert (before.report_, before.mixing_weight_) == (now.report_, now.mixing_weight_)


def test_a_model_file_of_old_attributes_is_read():
    model = SafeTransferRegressor()
    model.__setstate__({"alpha_": 0.25, "weights_": {"control": 1.0}})
    assert (model.mixing_weight_, model.member_weights_) == (0.25, {"control": 1.0})


@dataclass(frozen=True)
class Blind:
    """A learner of 0.1.0 around another: it leaves the sources out."""

    learner: object

    def fit(self, train, *, seed):
        return self.learner.fit(TargetSet(train.target), seed=seed)


def test_a_learner_and_a_mitigation_of_old_methods_are_trained_as_before():
    shift = make_shift(n_target=40, n_source=60, random_state=1)
    options = {"sources": shift.sources, "metric": "r2", "effort": "quick", "explain": "none"}
    arm = Arm("blind", ("source",), Blind(Gated(EstimatorLearner(Ridge()))))
    with pytest.warns(DeprecationWarning) as caught:
        frame = audit(Ridge(), shift.X, shift.y, arms=[arm], **options).to_frame()
    assert frame.estimate[1] == 0.0  # the control, refitted
    messages = {str(w.message).partition(";")[0] for w in caught}
    assert "Blind.fit(train, *, seed) is Blind.train(training_set, *, seed) now" in messages
    with pytest.warns(DeprecationWarning):
        inner = as_learner(CORAL(Blind(None)))
    assert inner.describe().startswith(f"CORAL({describe(Blind(None))}")


def test_a_network_of_torch_is_no_learner():
    class Module:
        def train(self, mode=True):
            return self

    assert not is_learner(Module())


def ridge_of_sources_first(sources, target, *, seed):
    X = np.concatenate([target.X, *(s.X for s in sources)])
    return Ridge().fit(X, np.concatenate([target.y, *(s.y for s in sources)]))


def ridge_of_target_first(target, sources, *, seed):
    return ridge_of_sources_first(sources, target, seed=seed)


def test_a_training_function_with_sources_first_is_told_by_its_names():
    shift = make_shift(n_target=40, n_source=60, random_state=1)
    rows = TrainingSet(Sample(shift.X, shift.y), (Sample(*shift.sources["source"]),))
    with pytest.warns(DeprecationWarning, match=r"train\(target, sources, \.\.\.\) now"):
        before = FunctionLearner(ridge_of_sources_first)
    now = FunctionLearner(ridge_of_target_first)
    predictions = [f.train(rows, seed=0).predict(shift.X).tolist() for f in (before, now)]
    assert predictions[0] == predictions[1]
    # Its description, by which stored runs know it, is that of the function.
    assert describe(ridge_of_sources_first) in before.describe()


def test_agents_are_trained_by_functions_and_calls_of_either_order():
    lake = Environment("FrozenLake-v1", {"is_slippery": False})

    def train(sources, target, *, seed, budget, init=None, callbacks=()):
        return Tabular()(sources, target, seed=seed, budget=budget, init=init, callbacks=callbacks)

    options = {"target": lake, "sources": {"same": lake}, "budget": 200, "margin": 0.05,
               "seeds": 5, "arms": ["same pretrained"]}  # fmt: skip
    with pytest.warns(DeprecationWarning, match=r"train\(target, sources"):
        before = audit_agents(train, ExactReturn(), **options)
    now = audit_agents(Tabular(), ExactReturn(), **options)
    assert before.to_frame().equals(now.to_frame())


OBJECTS = {
    "ModelSource": lambda: ModelSource({"weight": np.zeros(2)}),
    "TaskSource": lambda: TaskSource(np.eye(3), [0, 1, 1]),
    "Learner": lambda: EstimatorLearner(Ridge()),
    "SafeTransferBase": fitted,
    "Design": designed,
    "AuditResult": lambda: results.result((results.control(),)),
}


@pytest.mark.parametrize("rename", rows_of("attribute"), ids=lambda r: f"{r.place}.{r.before}")
def test_an_old_attribute_reads_the_new_one(rename):
    instance = OBJECTS[rename.place]()
    with pytest.warns(DeprecationWarning) as caught:
        before = getattr(instance, rename.before)
    assert before == getattr(instance, rename.after)
    assert len(caught) == 1 and f".{rename.after} now" in str(caught[0].message)
    assert caught[0].filename == __file__


CALLABLES = {
    "AuditResult": AuditResult,
    "Design": Design,
    "FunctionLearner": FunctionLearner,
    "ModelSource": ModelSource,
    "assess_scores": assess_scores,
    "audit_agents": audit_agents,
    "audit_curves": audit_curves,
    "draw_target": ShiftProblem.draw_target,
    "expected_gap": ShiftProblem.expected_gap,
    "plan": plan,
}


@pytest.mark.parametrize("rename", rows_of("argument"), ids=lambda r: f"{r.place}({r.before}=)")
def test_every_place_of_an_old_argument_takes_it(rename):
    function = CALLABLES.get(rename.place) or (
        getattr(transfergap, rename.place, None) or getattr(transfergap.datasets, rename.place)
    )
    made = function.__init__ if isinstance(function, type) else function
    assert hasattr(made, "__wrapped__"), "accepts_old_arguments is missing"
    parameters = inspect.signature(function).parameters
    assert rename.before not in parameters
    assert not rename.after or rename.after in parameters


@pytest.mark.parametrize(
    "line", ["from transfergap.intake import pose", "import transfergap.opaque",
             *(pytest.param(line, marks=pytest.mark.slow) for line in
               ("from transfergap.rl import from_csv", "from transfergap import load"))],
)  # fmt: skip
def test_an_import_warns_once_a_name_in_the_line_that_imports(line, tmp_path):
    script = tmp_path / "old.py"
    script.write_text(f"import os\n{line}\n")
    ran = subprocess.run(
        [sys.executable, "-W", "always::DeprecationWarning", script], capture_output=True, text=True
    )
    told = [text for text in ran.stderr.splitlines() if "tools.migrate" in text]
    assert ran.returncode == 0
    assert len(told) == (2 if "intake" in line else 1)  # the module moved, and the name changed
    assert all(text.startswith(f"{script}:2: ") for text in told)


def test_an_old_name_warns_once_a_place_whatever_the_filters_are():
    def estimate(times):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(times):
                audit(None, X, y, sources={"b": (Z, z)}, arms=["b only"],
                      precision="quick", explain="none")  # fmt: skip
        return [str(w.message) for w in caught if w.category is DeprecationWarning]

    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    y = (X[:, 0] + rng.normal(size=30) > 0).astype(int)
    Z = rng.normal(size=(40, 2))
    z = (Z[:, 0] + rng.normal(size=40) > 0).astype(int)
    assert len(estimate(2)) == 1
    assert estimate(1) == []  # and an error filter finds nothing there any more
