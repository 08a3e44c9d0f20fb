"""The front door: every kind of rows and labels, and everything an audit can show."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer, get_scorer_names
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

import transfergap
from transfergap import Arm, Audit, Sample, TrialStore, assess_trials, audit, load_audit
from transfergap.auditing.audit import make_design
from transfergap.data.metric import metric_named
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.errors import ConfigurationError, LearnerError, RunDirectoryError
from transfergap.experiment.executors import JoblibExecutor
from transfergap.experiment.runner import run_trials
from transfergap.experiment.trial import attempt, completed
from transfergap.learners import FunctionLearner
from transfergap.learners.mitigations import Balanced
from transfergap.report import result_to_json
from transfergap.safe.learner import SafeLearner

COLUMNS = [
    "arm", "sources", "score", "estimate", "low", "high", "verdict", "smallest_margin", "p_helps",
    "p_hurts", "n_pairs", "over_control", "expected", "p_cost", "p_gain",
]  # fmt: skip
WORDS = ["good", "bad", "fine", "poor", "the", "a", "film", "plot", "great", "dull"]


def texts(rng, n):
    y = rng.integers(0, 2, n)
    rows = [
        " ".join([*rng.choice(WORDS, 5), "great" if label else "dull", f"w{i}"])
        for i, label in enumerate(y)
    ]
    return rows, y


def rows_of(kind, rng, n):
    if kind == "texts":
        return texts(rng, n)
    X = rng.normal(size=(n, 4))
    y = (X[:, 0] + rng.normal(size=n) > 0).astype(int)
    if kind == "sparse":
        return sparse.csr_matrix(np.where(np.abs(X) > 0.3, X, 0.0)), y
    if kind == "frame":
        days = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 300, n), "D")
        frame = pd.DataFrame(X, columns=list("abcd"))
        frame.loc[::7, "b"] = np.nan
        return frame.assign(
            sex=pd.Categorical(rng.choice(["f", "m"], n)), town=rng.choice(["x", "y"], n), day=days
        ), pd.Series(np.where(y == 1, "ill", "well"))
    return X, y


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        *(("roc_auc", kind) for kind in ("array", "frame", "sparse", "texts")),
        *(("log_loss", kind) for kind in ("array", "sparse", "texts")),
        pytest.param("log_loss", "frame", marks=pytest.mark.slow),
    ],
)
def test_the_default_model_serves_every_kind_of_rows(kind, metric):
    rng = np.random.default_rng(0)
    X, y = rows_of(kind, rng, 60)
    explain = {} if metric == "roc_auc" else {"explain": "none"}
    study = audit(
        None, X, y, sources={"b": rows_of(kind, rng, 60)}, metric=metric, margin=0.05,
        effort="quick", arms=["b pooled", "b only"], **explain,
    )  # fmt: skip
    frame = study.to_frame()
    assert list(frame.columns) == COLUMNS
    assert frame["score"].notna().all()
    assert study.result.failures == ()
    if metric == "roc_auc":
        assert frame.set_index("arm").loc["control", "score"] > 0.6


@pytest.mark.parametrize("metric", ["r2", "mse", "rmse", "mae", "explained_variance"])
def test_numbers_can_be_predicted(numbers, metric):
    X, y, sources = numbers
    study = audit(Ridge(), X, y, sources=sources, metric=metric, margin=0.05, explain="none",
                  arms=["b pooled"])  # fmt: skip
    pooled = study.to_frame().set_index("arm").loc["b pooled"]
    assert pooled["estimate"] > 0  # more rows of the same relation
    assert pooled["low"] < pooled["estimate"] < pooled["high"]


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "log_loss", "f1", "balanced_accuracy"])
def test_more_than_two_classes(metric):
    rng = np.random.default_rng(3)

    def rows(n):
        X = rng.normal(size=(n, 3))
        return X, np.array(["p", "q", "r"])[np.digitize(X[:, 0], [-0.5, 0.5])]

    X, y = rows(80)
    study = audit(LogisticRegression(), X, y, sources={"b": rows(100)}, metric=metric, margin=0.02,
                  effort="quick", explain="none", arms=["b pooled", "b only"])  # fmt: skip
    assert study.to_frame()["score"].notna().all()
    assert study.result.failures == ()


def test_metrics_default_to_the_labels(binary, numbers):
    X, y, sources = binary
    assert audit(LogisticRegression(), X, y, sources=sources, effort="quick",
                 explain="none", arms=["good pooled"]).result.metric == "roc_auc"  # fmt: skip
    X, y, sources = numbers
    assert audit(Ridge(), X, y, sources=sources, effort="quick", explain="none",
                 arms=["b pooled"]).result.metric == "r2"  # fmt: skip


def test_a_plain_scorer_is_a_metric(binary):
    X, y, sources = binary

    def cost(model, X, y):
        return -float(np.mean((model.predict(X) != y) * np.where(y == "yes", 5.0, 1.0)))

    study = audit(LogisticRegression(), X, y, sources=sources, metric=cost, effort="quick",
                  arms=["good pooled"], explain="none")  # fmt: skip
    assert study.result.metric == "cost"
    assert "no losses per row" in study.result.method_notes[0]


def test_a_clear_gain_and_a_clear_harm_are_called():
    rng = np.random.default_rng(5)
    X, Xs = rng.normal(size=(150, 12)), rng.normal(size=(600, 12))
    slope = rng.normal(size=12)
    y, ys = X @ slope + 3 * rng.normal(size=150), Xs @ slope + 3 * rng.normal(size=600)
    study = audit(Ridge(), X, y, sources={"same": (Xs, ys), "opposite": (Xs + 0.1, -ys)},
                  metric="mse", margin=0.1, explain="none",
                  arms=["same pooled", "opposite pooled", "same only"])  # fmt: skip
    verdicts = study.to_frame().set_index("arm")["verdict"]
    assert verdicts["same pooled"] == "helps"
    assert verdicts["opposite pooled"] == "hurts"
    assert verdicts["control"] == "reference"
    assert verdicts["same only"] == "for information"


def test_an_audit_shows_itself_everywhere(binary, tmp_path):
    X, y, sources = binary
    study = audit(DecisionTreeClassifier(max_depth=1), X, y, sources=sources, metric="accuracy",
                  margin=0.02, effort="quick", name="ward 7",
                  arms=["good pooled", "bad pooled"])  # fmt: skip
    assert isinstance(study, Audit)
    assert " good " in repr(study) and "ward 7: nothing is proven yet" in repr(study)
    assert "ward 7" in study._repr_html_()
    assert "<script" not in study._repr_html_()
    for suffix in ("html", "md", "json", "txt"):
        assert "good pooled" in study.save(tmp_path / f"r.{suffix}").read_text(encoding="utf-8")
    with pytest.raises(ConfigurationError):
        study.save(tmp_path / "r.pdf")
    codes = [finding.code for finding in study.findings]
    assert all(code.startswith("TG") for code in codes)


def test_a_run_is_kept_resumed_and_loaded(binary, tmp_path):
    X, y, sources = binary
    options = {"sources": sources, "metric": "accuracy", "margin": 0.02, "effort": "quick",
               "arms": ["good pooled"]}  # fmt: skip
    first = audit(DecisionTreeClassifier(), X, y, run_dir=tmp_path / "r", **options)
    again = audit(DecisionTreeClassifier(), X, y, run_dir=tmp_path / "r", **options)
    assert load_audit(tmp_path / "r").result == again.result == first.result
    with pytest.raises(RunDirectoryError, match="control"):
        audit(DecisionTreeClassifier(max_depth=2), X, y, run_dir=tmp_path / "r", **options)
    with pytest.raises(RunDirectoryError, match="target"):
        audit(DecisionTreeClassifier(), X + 1, y, run_dir=tmp_path / "r", **options)
    text = (tmp_path / "r" / "result.json").read_text()
    assert json.loads(text)["trials"]["failed"] == 0
    assert "time" not in text


def test_own_arms_learners_and_mitigations(binary):
    X, y, sources = binary

    def train(target, sources, *, seed, budget=None):
        parts = [target, *sources]
        X, y = np.vstack([p.X for p in parts]), np.concatenate([p.y for p in parts])
        return LogisticRegression(C=budget).fit(X, y)

    mine = FunctionLearner(train, budget=0.5)
    study = audit(
        mine, X, y, sources=sources, metric="accuracy", margin=0.02, effort="quick",
        arms=["good pooled", Arm("both, mine", ("good", "bad")), Arm("tree", ("bad",),
              Balanced(FunctionLearner(train, budget=2.0)))],
    )  # fmt: skip
    assert [arm.arm for arm in study.result.arms] == [
        "control", "good pooled", "both, mine", "tree",
    ]  # fmt: skip
    assert study.result.failures == ()


def test_the_control_of_a_function_learner_gets_no_sources(binary):
    X, y, sources = binary
    seen = []

    def train(target, sources, *, seed, budget=None, init=None, callbacks=()):
        seen.append(len(sources))
        return LogisticRegression().fit(target.X, target.y)

    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.02)
    design = make_design(FunctionLearner(train), problem, effort="quick")
    n_safe = 0
    for cell in design.cells():
        n_safe += cell.arm.startswith("safe")
        if cell.arm.startswith("safe") and n_safe % 10:  # dear, and one is like the other
            continue
        seen.clear()
        attempt(design, [cell])
        if cell.arm in ("safe", "safe, target only"):
            assert seen == []  # a function cannot be fitted inside: the linear engine stands alone
        else:
            assert seen == [0 if cell.arm == "control" else len(design.arm(cell.arm).sources)]


def test_ask_and_tell_gives_the_same_as_running(binary):
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.02)
    design = make_design(DecisionTreeClassifier(max_depth=1), problem, effort="quick",
                         arms=["good pooled", "bad balanced", "bad only"])  # fmt: skip
    ran, told = TrialStore(), TrialStore()
    run_trials(design, ran)
    for cell in design.pending(told):
        model = design.arm(cell.arm).learner.train(design.training_set(cell), seed=cell.seed)
        test = problem.target.rows(design.held_out(cell.split))
        told.add(completed(cell, model.predict(test.X) != test.y))
    assert list(design.pending(told)) == []
    assert result_to_json(assess_trials(design, told.trials())) == result_to_json(
        assess_trials(design, ran.trials())
    )


def test_a_told_trial_of_the_wrong_length_is_refused(binary):
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=0.02)
    design = make_design(DecisionTreeClassifier(), problem, effort="quick")
    store = TrialStore()
    store.add(completed(next(iter(design.pending(store))), [0.0]))
    with pytest.raises(transfergap.errors.PairingError, match="has 1 outputs for 60 test rows"):
        assess_trials(design, store.trials())


def test_groups_are_taken_from_samples_too(binary):
    X, y, sources = binary
    Xb, yb = sources["good"]
    study = audit(
        LogisticRegression(), X, y, sources={"b": Sample(Xb, yb, groups=np.arange(80) // 4)},
        metric="accuracy", margin=0.02, groups=np.arange(60) // 3, effort="quick",
        arms=["b pooled", "b only"], explain="none",
    )  # fmt: skip
    assert study.result.target.n_groups == 20
    assert any("unit of every interval" in note for note in study.result.method_notes)
    only = study.to_frame().set_index("arm").loc["b only"]
    assert np.isnan(only["score"])  # every source row shares a group with a target row
    assert "TG302" in {finding.code for finding in study.findings}


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (LogisticRegression, LearnerError, "is a class, not an object"),
        ("ridge", LearnerError, "has no `fit`"),
        (object(), LearnerError, "has no `fit`"),
    ],
)
def test_things_that_are_no_models_are_refused(binary, model, error, message):
    X, y, sources = binary
    with pytest.raises(error, match=message):
        audit(model, X, y, sources=sources)


def test_a_model_that_cannot_give_what_the_metric_needs_says_so(binary):
    X, y, sources = binary
    with pytest.raises(LearnerError, match="LinearSVC has no predict_proba"):
        audit(LinearSVC(), X, y, sources=sources, metric="log_loss", effort="quick")


@pytest.mark.parametrize("options", [{"random_state": -1}, {"effort": "best"}, {"n_jobs": 0}])
def test_impossible_options_are_refused(binary, options):
    X, y, sources = binary
    with pytest.raises(ConfigurationError):
        audit(LogisticRegression(), X, y, sources=sources, **options)


@pytest.mark.slow  # as tests of the runner and of the command line do at less cost
def test_two_jobs_give_the_bytes_of_one(binary):
    X, y, sources = binary
    options = {"sources": sources, "metric": "brier", "effort": "quick"}
    one = audit(LogisticRegression(), X, y, **options).result
    two = audit(LogisticRegression(), X, y, n_jobs=2, **options).result
    assert result_to_json(one) == result_to_json(two)
    assert repr(JoblibExecutor(2)) == "JoblibExecutor(n_jobs=2)"


@pytest.mark.parametrize("n_sources", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_many_sources(n_sources):
    rng = np.random.default_rng(8)

    def rows(n):
        X = rng.normal(size=(n, 3))
        return X, X[:, 0] + rng.normal(size=n)

    X, y = rows(60)
    study = audit(Ridge(), X, y, metric="r2", margin=0.02, explain="none",
                  sources={f"site_{k:02d}": rows(20) for k in range(n_sources)},
                  effort="quick")  # fmt: skip
    assert len(study.to_frame()) == 1 + n_sources + 2 + 1 + n_sources + 1
    assert study.to_frame().set_index("arm").loc["safe", "estimate"] > 0


def test_hearts_of_four_hospitals(shared_data):
    """Target Long Beach: Hungary's patients help, and every number is where it should be."""
    frame = pd.read_parquet(shared_data / "heart4" / "data.parquet")
    parts = {
        name: (part.drop(columns=["y", "domain"]), part["y"])
        for name, part in frame.groupby("domain")
    }
    X, y = parts.pop("va_long_beach")
    study = audit(None, X, y, sources=parts, metric="roc_auc", margin=0.01, name="va_long_beach",
                  arms=[f"{name} pooled" for name in parts], explain="none")  # fmt: skip
    table = study.to_frame().set_index("arm")
    assert table.loc["control", "score"] == pytest.approx(0.66, abs=0.03)
    assert table.loc["hungarian pooled", "estimate"] > 0
    assert (table["low"].dropna() <= table["estimate"].dropna()).all()
    assert study.result.failures == ()


@pytest.mark.parametrize(
    "n", [10, *(pytest.param(n, marks=pytest.mark.slow) for n in (11, 12)), 20]
)
def test_auc_with_a_single_row_of_a_class_says_what_it_can(n):
    rng = np.random.default_rng(n)
    X, y = rng.normal(size=(n, 2)), (np.arange(n) == 0).astype(int)
    Xb = rng.normal(size=(50, 2))
    study = audit(DecisionTreeClassifier(), X, y, sources={"b": (Xb, np.arange(50) % 2)},
                  metric="roc_auc", effort="quick", explain="none")  # fmt: skip
    assert all(arm.verdict is None for arm in study.result.arms)  # one row is no sample


@pytest.mark.parametrize("name", ["all", "safe"])
def test_a_source_with_the_name_of_an_arm_of_all_is_refused(binary, name):
    X, y, sources = binary
    with pytest.raises(ConfigurationError, match=f"called '{name}'"):
        audit(LogisticRegression(), X, y, sources={name: sources["good"], "b": sources["bad"]})


def test_an_arm_of_ones_own_is_not_called_safe_unless_it_is(binary):
    X, y, sources = binary
    problem = make_problem(X, y, sources=sources, metric="accuracy")
    with pytest.raises(ConfigurationError, match="called 'safe'"):
        make_design(None, problem, arms=[Arm("safe", ("bad",))])
    mine = Arm("safe", ("bad",), SafeLearner("binary", caution="high"))
    design = make_design(None, problem, arms=[mine])
    assert design.treatments[0] == mine
    assert design.read_off == {"safe, target only": "safe"}  # beside it, at no cost


def test_an_arm_takes_a_plain_estimator_and_refuses_anything_else(binary):
    X, y, sources = binary
    arms = [Arm("tree", ("bad",), DecisionTreeClassifier())]
    study = audit(LogisticRegression(), X, y, sources=sources, effort="quick", arms=arms)
    assert study.result.failures == ()
    with pytest.raises(LearnerError, match="of an arm has no"):
        audit(LogisticRegression(), X, y, sources=sources, arms=[Arm("x", ("bad",), object())])


def test_a_source_with_one_label_has_no_arm_of_its_own(binary):
    X, y, sources = binary
    one = (sources["good"][0], np.repeat("no", 80))
    study = audit(LogisticRegression(), X, y, sources={"b": one}, effort="quick", explain="none")
    assert [arm.arm for arm in study.result.arms] == [
        "control", "b pooled", "b balanced", "safe", "safe, target only",
    ]  # fmt: skip
    assert study.result.failures == ()


def test_failed_trials_can_be_tried_again(binary, tmp_path):
    X, y, sources = binary
    flag = tmp_path / "mended"

    class Moody(LogisticRegression):
        def fit(self, X, y, sample_weight=None):
            if len(y) > 60 and not flag.exists():
                raise ValueError("not today")
            return super().fit(X, y)

    options = {"sources": sources, "metric": "accuracy", "effort": "quick"}
    options |= {"arms": ["good pooled"], "explain": "none"}
    options["run_dir"] = tmp_path / "run"
    assert audit(Moody(), X, y, **options).result.failures
    flag.touch()
    assert audit(Moody(), X, y, **options).result.failures
    assert audit(Moody(), X, y, retry_failed=True, **options).result.failures == ()


@pytest.mark.parametrize(
    ("task", "scoring"),
    [("binary", "roc_auc"), ("regression", "neg_max_error"),
     *(pytest.param(*case, marks=pytest.mark.slow) for case in
       (("binary", "f1_macro"), ("binary", "neg_log_loss"), ("regression", "r2")))],
)  # fmt: skip
def test_the_metric_may_be_what_cross_validate_takes(task, scoring):
    shift = make_shift(n_target=60, n_source=60, task=task, random_state=1)
    model = Ridge() if task == "regression" else LogisticRegression()
    options = {"sources": shift.sources, "margin": 0.05, "effort": "quick", "explain": "none",
               "arms": ["source+pooled"]}  # fmt: skip
    named = audit(model, shift.X, shift.y, metric=scoring, **options)
    assert result_to_json(named.result) == result_to_json(
        audit(model, shift.X, shift.y, scoring=scoring, **options).result
    )
    scored = audit(model, shift.X, shift.y, scoring=get_scorer(scoring), **options)

    assert scored.result.arms[1].gap is not None


def test_every_name_of_a_scorer_is_a_metric():
    assert all(metric_named(name) for name in get_scorer_names())


def test_metric_and_scoring_together_are_refused():
    with pytest.raises(ConfigurationError, match="Both metric and scoring"):
        audit(None, [[1.0]], [1.0], sources={}, metric="r2", scoring="r2")
