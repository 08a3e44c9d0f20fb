"""SafeTransfer as a learner: judged on rows that it never chose on, and the model to keep."""

import dataclasses
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from transfergap import Audit, SafeTransferClassifier, SafeTransferRegressor, audit, load_audit
from transfergap.auditing.audit import make_design
from transfergap.auditing.safe_model import safe_learner
from transfergap.data.problem import Sample, TargetSet, TrainingSet
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError
from transfergap.experiment.design import Arm, ControlArm, Design
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.experiment.trial import attempt
from transfergap.learners import EstimatorLearner, FunctionLearner, default_estimator
from transfergap.learners.mitigations import TargetOnly
from transfergap.safe.learner import SafeLearner


def said(model, X):
    return model.predict_proba(X) if hasattr(model, "predict_proba") else model.predict(X)


def permuted(design, rows, rng):
    """The same design, its folds too, with the labels of some target rows shuffled."""
    labels = design.problem.target.y.copy()
    labels[rows] = rng.permutation(labels[rows])
    assert (labels != design.problem.target.y).any()
    target = dataclasses.replace(design.problem.target, y=labels)
    other = dataclasses.replace(design, problem=dataclasses.replace(design.problem, target=target))
    vars(other)["folds"] = design.folds  # they are stratified by labels
    return other


@pytest.mark.parametrize("groups", [None, np.arange(60) // 2])
@pytest.mark.parametrize("model", [LogisticRegression(), DecisionTreeClassifier(max_depth=2)])
def test_labels_of_tested_rows_have_no_part_in_a_trial(binary, groups, model):
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.02, groups=groups)
    design = make_design(model, problem, arms=["safe"])
    rng = np.random.default_rng(0)
    cells = [cell for cell in design.cells() if cell.arm == "safe"]
    assert {cell.split.kind for cell in cells} == {"fold", "pair"}
    for cell in cells[::16]:
        rows = design.held_out(cell.split)
        if len(set(y[rows])) < 2:
            continue
        other = permuted(design, rows, rng)
        learner = design.arm("safe").learner
        models = [
            learner.train(one.training_set(cell), seed=cell.seed) for one in (design, other)
        ]  # fmt: skip
        one, two = (said(fitted, X[rows]).tobytes() for fitted in models)
        assert one == two


def test_labels_of_tested_rows_have_no_part_where_numbers_are_predicted(numbers):
    X, y, sources = numbers
    problem = make_problem(X, y, sources=sources, metric="mse", margin=0.1)
    design = make_design(Ridge(), problem, arms=["safe"])
    rng = np.random.default_rng(0)
    for cell in [cell for cell in design.cells() if cell.arm == "safe"][::11]:
        rows = design.held_out(cell.split)
        other, learner = permuted(design, rows, rng), design.arm("safe").learner
        one, two = (
            learner.train(d.training_set(cell), seed=cell.seed).predict(X[rows]).tobytes()
            for d in (design, other)
        )
        assert one == two


def test_labels_of_training_rows_do_matter(binary):
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.02)
    design = make_design(LogisticRegression(), problem, arms=["safe"])
    cell = next(cell for cell in design.cells() if cell.arm == "safe")
    trained = np.setdiff1d(np.arange(60), design.held_out(cell.split))
    other = permuted(design, trained, np.random.default_rng(0))
    learner = design.arm("safe").learner
    one, two = (
        said(learner.train(d.training_set(cell), seed=cell.seed), X).tobytes()
        for d in (design, other)
    )
    assert one != two


def test_with_a_useless_source_the_safe_arm_is_about_the_safe_model_alone():
    rng = np.random.default_rng(3)

    def rows(n, slope):
        X = rng.normal(size=(n, 4))
        return X, slope * X[:, 0] + rng.normal(size=n)

    X, y = rows(80, 1.5)
    Xb, _ = rows(400, 0.0)
    study = audit(Ridge(), X, y, sources={"b": (Xb, rng.normal(size=400))}, metric="mse",
                  margin=0.05, effort="quick", explain="none")  # fmt: skip
    table = study.to_frame().set_index("arm")
    safe, alone = table.loc["safe", "score"], table.loc["safe, target only", "score"]
    assert abs(safe - alone) < 0.1 * table.loc["control", "score"]
    assert abs(table.loc["safe", "estimate"]) < 0.2 * abs(table.loc["b pooled", "estimate"])
    assert table.loc["safe", "verdict"] != "helps"
    assert table.loc["safe, target only", "verdict"] == "for information"


def test_without_sources_the_arm_is_the_control_of_the_safe_model(numbers):
    X, y, _ = numbers
    model = SafeLearner("regression").train(TargetSet(Sample(X, y)), seed=0)
    assert np.array_equal(model.predict(X), model.control_.predict(X))


@pytest.mark.parametrize("estimator", [None, DecisionTreeRegressor(max_depth=2)])
def test_the_safe_model_alone_costs_no_fits_and_is_what_its_own_fit_would_be(numbers, estimator):
    X, y, sources = numbers
    problem = make_problem(X, y, sources=sources, metric="mse", margin=0.05)
    design = make_design(estimator or Ridge(), problem, effort="quick")
    assert design.read_off == {"safe, target only": "safe"}
    store = TrialStore()
    run_trials(design, store)
    trials = {trial.cell.id: trial for trial in store.trials()}
    alone = [trial for trial in trials.values() if trial.cell.arm == "safe, target only"]
    assert len(alone) == 20
    assert all(trial.fit_s == 0.0 for trial in alone)
    for trial in alone[::7]:
        (refitted,) = attempt(design, [trial.cell])
        assert refitted.fit_s > 0
        assert np.allclose(refitted.outputs, trial.outputs, rtol=1e-9)


def test_an_arm_of_other_sources_is_not_read_off(numbers):
    X, y, sources = numbers
    problem = make_problem(
        X, y, sources={**sources, "twice": sources["b"]}, metric="mse", margin=0.05
    )
    safe = SafeLearner("regression")
    arms = (Arm("safe", ("b", "twice"), safe), Arm("alone", ("b",), TargetOnly(safe), judged=False))
    assert Design(problem, ControlArm(EstimatorLearner(Ridge())), arms).read_off == {}


def test_infinite_caution_uses_no_source(numbers):
    X, y, sources = numbers
    train = TrainingSet(Sample(X, y), (Sample(*sources["b"]),))
    model = SafeLearner("regression", caution=float("inf")).train(train, seed=0)
    assert model.mixing_weight_ == 0.0
    alone = SafeLearner("regression").train(TargetSet(Sample(X, y)), seed=0)
    assert np.allclose(model.predict(X), alone.predict(X), rtol=1e-12)


def test_fit_safe_is_the_arm_on_all_rows_with_names(binary):
    X, y, sources = binary
    study = audit(LogisticRegression(), X, y, sources=sources, effort="quick", random_state=5,
                  arms=["safe"], explain="none")  # fmt: skip
    model = study.fit_safe()
    assert set(model.source_influence_) == {"good", "bad"}
    direct = SafeTransferClassifier(random_state=5).fit(X, y, sources=sources)
    assert said(model, X).tobytes() == said(direct, X).tobytes()
    assert study.fit_safe(caution="high").mixing_weight_ <= model.mixing_weight_
    with pytest.raises(ConfigurationError, match="caution"):
        study.fit_safe(caution="brave")


def test_a_loaded_audit_has_no_rows_to_fit_on(numbers, tmp_path):
    X, y, sources = numbers
    first = audit(Ridge(), X, y, sources=sources, arms=["b pooled"], explain="none",
                  run_dir=tmp_path / "run")  # fmt: skip
    assert isinstance(first.fit_safe(), SafeTransferRegressor)  # also where no arm was safe
    with pytest.raises(ConfigurationError) as caught:
        load_audit(tmp_path / "run").fit_safe()
    assert f"transfergap fit {tmp_path / 'run'} -o model.skops" in caught.value.hint
    with pytest.raises(ConfigurationError, match="holds no rows"):
        Audit(first.result).fit_safe()


def test_two_audits_are_equal_by_their_results(numbers):
    X, y, sources = numbers
    study = audit(Ridge(), X, y, sources=sources, arms=["b pooled"])
    assert Audit(study.result) == study
    assert "Design" not in repr(study)


def test_rows_of_a_label_that_training_rows_lack_are_left_out():
    rng = np.random.default_rng(0)
    X, Xb = rng.normal(size=(40, 3)), rng.normal(size=(90, 3))
    y = np.where(X[:, 0] > 0, "p", "q").astype(object)
    y[0] = "rare"
    yb = np.array(["p", "q", "rare"], dtype=object)[np.arange(90) % 3]
    study = audit(LogisticRegression(), X, y, sources={"b": (Xb, yb)}, metric="accuracy",
                  margin=0.05, effort="quick", arms=["b pooled", "safe"],
                  explain="none")  # fmt: skip
    assert study.result.failures == ()
    assert study.fit_safe().classes_.tolist() == ["p", "q", "rare"]


def test_training_rows_of_one_class_give_the_constant_that_they_are():
    X = np.arange(6.0).reshape(-1, 1)
    train = TrainingSet(Sample(X, np.ones(6, int)), (Sample(X, np.arange(6) % 2),))
    model = SafeLearner("binary").train(train, seed=0)
    assert isinstance(model, DummyClassifier)
    assert model.predict(X).tolist() == [1] * 6


def test_sources_without_rows_and_weights_of_zero_are_no_sources(numbers):
    X, y, sources = numbers
    Xb, yb = sources["b"]
    alone = SafeLearner("regression").train(TargetSet(Sample(X, y)), seed=0).predict(X)
    empty = Sample(Xb[:0], yb[:0])
    with_empty = SafeLearner("regression").train(TrainingSet(Sample(X, y), (empty,)), seed=0)
    assert np.allclose(with_empty.predict(X), alone)


@pytest.mark.parametrize(
    "metric",
    ["roc_auc", *(pytest.param(m, marks=pytest.mark.slow) for m in ("accuracy", "log_loss"))],
)
def test_groups_and_three_classes_are_judged(metric):
    rng = np.random.default_rng(3)

    def rows(n):
        X = rng.normal(size=(n, 3))
        return X, np.array(["p", "q", "r"])[np.digitize(X[:, 0], [-0.5, 0.5])]

    X, y = rows(90)
    Xb, yb = rows(100)
    study = audit(
        LogisticRegression(), X, y, groups=np.arange(90) // 3, metric=metric, margin=0.05,
        sources={"b": Sample(Xb, yb, groups=np.arange(100) // 2)}, effort="quick",
        arms=["safe"], explain="none",
    )  # fmt: skip
    assert study.result.failures == ()
    assert pd.notna(study.to_frame().set_index("arm").loc["safe", "estimate"])


PIPELINES = {
    "linear": (make_pipeline(StandardScaler(), LogisticRegression()), True),
    "searched": (GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}), True),
    "forest": (RandomForestClassifier(), False),
    "curved": (make_pipeline(PolynomialFeatures(), LogisticRegression()), False),
    "safe itself": (SafeTransferClassifier(), True),
}


@pytest.mark.parametrize("name", list(PIPELINES))
def test_a_model_that_is_not_linear_is_fitted_inside(binary, name):
    model, linear = PIPELINES[name]
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources)
    learner = safe_learner(EstimatorLearner(model), problem)
    assert (learner.estimator is None) == linear
    assert learner.estimator is None or learner.estimator is model


def test_a_model_that_makes_its_own_columns_is_fitted_inside(binary):
    X, y, _ = binary
    linear = EstimatorLearner(LogisticRegression())
    for width, inside in ((3, False), (3000, True)):
        rows = sparse.random(60, width, 0.4, "csr", random_state=0)
        problem = make_problem(rows, y, sources={"b": (rows * 1.1, y)})
        assert (safe_learner(linear, problem).estimator is not None) == inside
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(60), "D")
    table = pd.DataFrame(X, columns=list("abc")).assign(town=["x", "y"] * 30, day=days)
    others = np.random.default_rng(5).normal(size=X.shape)
    notes = [f"came on day {k} and was well and left on day {k + 3}" for k in range(60)]
    for made, inside in ((table, False), (table.assign(note=notes), True)):  # a date is a number
        source = made.assign(**dict(zip("abc", others.T, strict=True)))
        source = source.assign(**{name: source[name].to_numpy()[::-1] for name in made.columns[5:]})
        problem = make_problem(made, y, sources={"b": (source, y)})
        default = EstimatorLearner(default_estimator(problem))
        assert (safe_learner(default, problem).estimator is default.estimator) == inside


def test_a_function_cannot_be_fitted_inside_so_the_default_model_is(binary):
    X, y, sources = binary
    mine = FunctionLearner(print)
    assert safe_learner(mine, make_problem(X, y, sources=sources)).estimator is None  # it is linear
    rows = [f"{label} film {i}" for i, label in enumerate(y)]
    texts = make_problem(rows, y, sources={"b": ([f"{row} too" for row in rows], y)})
    assert "TfidfVectorizer" in safe_learner(mine, texts).describe()


@pytest.mark.slow  # tests/safe/test_estimators.py fits texts at less cost
def test_on_texts_the_safe_arm_is_no_worse_model_than_the_control():
    rng = np.random.default_rng(0)
    words = np.array([f"w{i}" for i in range(600)])
    good, bad = words[:150], words[150:300]

    def rows(n, noise):
        y = rng.integers(0, 2, n)
        told = np.where(rng.random(n) < noise, 1 - y, y)
        return [
            " ".join([*rng.choice(words[300:], 9), *rng.choice(good if one else bad, 5)])
            for one in told
        ], y

    X, y = rows(100, 0.1)
    study = audit(None, X, y, sources={"b": rows(150, 0.1)}, margin=0.02, metric="accuracy",
                  effort="quick", arms=["safe"], explain="none")  # fmt: skip
    safe = study.to_frame().set_index("arm").loc["safe"]
    assert safe["verdict"] != "hurts"
    assert safe["estimate"] > 0


def test_a_changed_caution_or_model_is_another_learner():
    tree = DecisionTreeClassifier()
    texts = {SafeLearner("binary").describe(), SafeLearner("binary", tree).describe(),
             SafeLearner("binary", caution="medium").describe(),
             SafeLearner("binary", DecisionTreeClassifier(max_depth=2)).describe(),
             SafeLearner("multiclass").describe()}  # fmt: skip
    assert len(texts) == 5


class Watched(KNeighborsRegressor):
    """Neighbours that remember the first column of the rows they are asked for."""

    days: ClassVar[list] = []

    def predict(self, X):
        type(self).days.append(X[:, 0])
        return super().predict(X)


def test_rows_in_order_of_time_are_judged_in_blocks():
    rng = np.random.default_rng(4)
    days = np.arange(120.0)
    X = np.column_stack([days, rng.normal(size=120)])
    source = Sample(X + rng.normal(size=X.shape), np.sin(days / 9) + rng.normal(size=120))
    moved = rng.permutation(120)

    def judged(**options):
        Watched.days.clear()
        target = Sample(X[moved], np.sin(days / 9)[moved], **options)
        SafeLearner("regression", Watched(3)).fitted(target, {"b": source}, seed=0)
        held_out = [d for d in Watched.days if len(d) < 120 and np.isin(d, days).all()]
        assert held_out
        return [len(d) == 12 * len(np.unique(d // 12)) for d in held_out]

    assert all(judged(times=days[moved]))
    assert not any(judged())
    assert not any(judged(times=days[moved], groups=np.arange(120)))


@pytest.mark.parametrize("library", ["polars", "pyarrow"])
def test_the_model_of_an_audit_reads_tables_of_the_library_that_it_was_given(library):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"x": rng.normal(size=60), "kind": rng.choice(["a", "b"], 60)})
    y = (table["x"] + rng.normal(size=60) > 0).astype(int).to_numpy()
    module = pytest.importorskip(library)
    of_pandas = module.from_pandas if library == "polars" else module.Table.from_pandas
    sources = {"b": (of_pandas(table[30:]), y[30:])}
    result = audit(
        None, of_pandas(table[:30]), y[:30], sources=sources, effort="quick", explain="none",
        arms=["b pooled"],
    )  # fmt: skip
    given = of_pandas(table)
    model = result.fit_safe()
    assert (model.predict(given) == model.predict(table)).all()


def test_a_run_that_was_killed_between_safe_and_what_is_read_off_it_goes_on_the_same(numbers):
    X, y, sources = numbers
    problem = make_problem(X, y, sources=sources, metric="mse", margin=0.05)
    design = make_design(Ridge(), problem, effort="quick")
    whole, stopped = TrialStore(), TrialStore()
    run_trials(design, whole)
    trials = list(whole.trials())
    last = next(t for t in trials if t.cell.arm == "safe, target only")
    for trial in trials:
        if trial.cell.id != last.cell.id:
            stopped.add(trial)
    made = []
    run_trials(design, stopped, on_trial=made.append)
    assert [trial.cell.id for trial in made] == [last.cell.id]
    assert made[0].outputs.tobytes() == last.outputs.tobytes()
