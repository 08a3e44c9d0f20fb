"""A planted cause is found by repairing it, and a clean source is left alone."""

import numpy as np
import pytest
from sklearn.impute import SimpleImputer
from sklearn.kernel_approximation import RBFSampler
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap import audit
from transfergap.auditing.audit import make_design, run_design
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError
from transfergap.experiment.store import TrialStore
from transfergap.report import result_from_json, result_to_json
from transfergap.report.advice import recommendations

SLOPES = np.array([1.0, 0.8, 0.5, 0.0, 0.0])


def numbers(rng, n, *, slopes=SLOPES, noise=0.5):
    X = rng.normal(size=(n, 5)) + 5.0
    return X, (X - 5.0) @ slopes + noise * rng.normal(size=n)


def classes(rng, n):
    X, score = numbers(rng, n, noise=0.0)
    return X, (rng.random(n) < 1 / (1 + np.exp(-2 * score))).astype(int)


def first_causes(X, y, source, *, metric, model=None, **options):
    options = {"effort": "quick", "subgroups": "none"} | options
    study = audit(
        model, X, y, sources={"b": source}, metric=metric, margin=0.01, arms=["b pooled"], **options
    )
    (explanation,) = study.result.explanations
    return explanation.causes, study


@pytest.fixture
def rng():
    return np.random.default_rng(7)


def test_a_change_of_unit(rng):
    (X, y), (Xb, yb) = numbers(rng, 120), numbers(rng, 200)
    Xb[:, 0] *= 2.54
    causes, study = first_causes(X, y, (Xb, yb), metric="mse")
    assert causes[0] == "TG601"
    (finding,) = [f for f in study.findings if f.code == "TG601"]
    assert "2.54 times larger" in finding.says or "alike on one scale" in finding.says
    assert finding.repair_low < finding.repair_gap < finding.repair_high


def test_other_shares_of_the_classes(rng):
    X, y = classes(rng, 200)
    Xb, yb = classes(rng, 3000)
    kept = rng.random(3000) < np.where(yb == 1, 1.0, 0.05)
    causes, _ = first_causes(X, y, (Xb[kept], yb[kept]), metric="log_loss")
    assert causes[0] == "TG602"


def another_rule(rng, n):
    return numbers(rng, n, slopes=np.array([-1.0, -0.8, -0.5, 1.5, -1.5]))


def test_another_rule(rng):
    X, y = numbers(rng, 120)
    causes, _ = first_causes(X, y, another_rule(rng, 200), metric="mse")
    assert causes == ("TG604",)


def test_reversed_labels_are_named_as_such_and_repaired_in_no_other_way(rng):
    (X, y), (Xb, yb) = classes(rng, 120), classes(rng, 200)
    study = audit(None, X, y, sources={"b": (Xb, 1 - yb)}, arms=["b pooled"], effort="quick")
    assert study.result.explanations == ()
    assert study.findings[0].code == "TG124"
    assert any("b: its labels look reversed" in note for note in study.result.method_notes)
    advice = recommendations(study.result)
    assert advice[0].startswith("First (TG124, b)") and "--map b:0=1,1=0" in advice[0]
    assert not any("Leave out" in line for line in advice)


def test_noisy_labels(rng):
    (X, y), (Xb, yb) = numbers(rng, 120), numbers(rng, 150)
    wrong = rng.random(150) < 0.3
    yb = np.where(wrong, yb + 20.0, yb)
    causes, _ = first_causes(X, y, (Xb, yb), metric="mse")
    assert causes[0] == "TG605"


def test_a_large_source_that_differs_a_little(rng):
    X, y = numbers(rng, 120)
    source = numbers(rng, 3000, slopes=SLOPES + 0.5 * np.array([1, -1, 1, 0, 0]))
    causes, _ = first_causes(X, y, source, metric="mse")
    assert causes == ("TG606",)


def test_a_model_with_as_many_columns_as_rows(rng):
    X, y = numbers(rng, 160)
    # 144 rows of a fold and 40 of the source: where a model just reproduces its rows.
    features = RBFSampler(gamma=0.06, n_components=184, random_state=0)
    model = make_pipeline(StandardScaler(), features, LinearRegression())
    causes, _ = first_causes(X, y, numbers(rng, 40), metric="mse", model=model)
    assert causes == ("TG607",)


def test_a_shortcut(rng):
    (X, y), (Xb, yb) = numbers(rng, 300), numbers(rng, 600)
    X[:, 4], Xb[:, 4] = rng.normal(size=300), yb + 0.2 * rng.normal(size=600)
    causes, study = first_causes(X, y, (Xb, yb), metric="mse")
    assert causes[0] == "TG608"
    assert any("'4' tells the label there" in f.says for f in study.findings if f.code == "TG608")


def test_copies(rng):
    (X, y), (Xb, yb) = numbers(rng, 300, noise=2.0), numbers(rng, 12, noise=2.0)
    rows = np.repeat(np.arange(12), 120)
    causes, _ = first_causes(X, y, (Xb[rows], yb[rows]), metric="mse")
    assert causes[0] == "TG609"


def test_a_clean_source_has_no_cause(rng):
    named = 0
    for _ in range(3):
        study = audit(
            Ridge(), *numbers(rng, 100), sources={"b": numbers(rng, 100)}, metric="mse",
            margin=0.05, arms=["b pooled"], explain="all",
        )  # fmt: skip
        (explanation,) = study.result.explanations
        named += bool(explanation.causes)
    assert named == 0


def classes_of_another_rule(rng, n):
    X, score = another_rule(rng, n)
    return X, (rng.random(n) < 1 / (1 + np.exp(-2 * score))).astype(int)


def harmful_design(rng):
    (X, y), source = numbers(rng, 60), another_rule(rng, 80)
    problem = make_problem(X, y, sources={"b": source}, metric="mse", margin=0.01)
    return make_design(Ridge(), problem, arms=["b pooled"], effort="quick")


def test_nothing_is_tried_where_nobody_asks(rng):
    study = run_design(harmful_design(rng), explain="none")
    assert study.result.explanations == ()
    checks = {check.code: check.reason for check in study.result.silent_checks}
    assert "no arm was looked at again" in checks["TG601"]


def test_an_interrupted_second_look_goes_on(rng, tmp_path):
    design = harmful_design(rng)
    n_seen = 0

    def stop(trial):
        nonlocal n_seen
        n_seen += 1
        if "," in trial.cell.arm and n_seen > 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_design(design, run_dir=tmp_path / "run", on_trial=stop)
    store = TrialStore(tmp_path / "run" / "trials.sqlite")
    n_stored = len(store)
    store.close()
    further = []
    again = run_design(design, run_dir=tmp_path / "run", on_trial=further.append)
    whole = run_design(design)
    store = TrialStore(tmp_path / "run" / "trials.sqlite")
    assert len(store) == n_stored + len(further)
    store.close()
    assert result_to_json(again.result) == result_to_json(whole.result)


def test_the_fits_are_announced_and_within_the_plan(rng):
    from transfergap.auditing.planning import plan

    design = harmful_design(rng)
    announced = []
    run_design(design, on_more=announced.append)
    assert 0 < sum(announced) <= plan(design).n_repairs
    assert plan(design, explain="none").n_repairs == 0


def test_an_explanation_survives_the_file(rng):
    result = run_design(harmful_design(rng)).result
    assert result_from_json(result_to_json(result)) == result


def test_an_unknown_choice_is_refused(rng):
    with pytest.raises(ConfigurationError, match="harmless"):
        run_design(harmful_design(rng), explain="harmless")


def test_a_model_that_nobody_can_regularise_is_explained_all_the_same(rng):
    from sklearn.naive_bayes import GaussianNB

    X, y = classes(rng, 100)
    study = audit(
        GaussianNB(), X, y, sources={"b": classes_of_another_rule(rng, 150)}, metric="accuracy",
        margin=0.01, arms=["b pooled"], effort="quick",
    )  # fmt: skip
    (explanation,) = study.result.explanations
    assert "TG607" not in {outcome.code for outcome in explanation.repairs}
    assert explanation.causes == ("TG604",)


@pytest.mark.parametrize(
    "metric",
    ["brier", *(pytest.param(m, marks=pytest.mark.slow) for m in ("accuracy", "f1", "roc_auc"))],
)
def test_every_kind_of_metric_has_explanations(rng, metric):
    X, y = classes(rng, 200)
    study = audit(
        LogisticRegression(), X, y, sources={"b": classes_of_another_rule(rng, 400)}, metric=metric,
        margin=0.01, arms=["b pooled"], effort="quick",
    )  # fmt: skip
    (explanation,) = study.result.explanations
    assert explanation.causes == ("TG604",)
    assert explanation.harm.estimate < 0 < explanation.repairs[0].gain.estimate


def test_rows_that_no_sign_can_read_cost_no_verdict(rng, monkeypatch):
    from transfergap.analysis.repairs import suspects

    def refuse(*args, **options):
        raise ValueError("no such rows")

    monkeypatch.setattr(suspects, "signs_of", refuse)
    result = run_design(harmful_design(rng)).result
    assert result.explanations == ()
    assert any("b, whose rows were refused: ValueError: no such rows" in note for note in
               result.method_notes)  # fmt: skip


def test_a_repair_that_cannot_be_fitted_is_said(rng, monkeypatch):
    from transfergap.learners.mitigations import Relabelled

    def fail(self, training_set, *, seed):
        raise ValueError("cannot")

    monkeypatch.setattr(Relabelled, "train", fail)
    result = run_design(harmful_design(rng)).result
    assert any("labels corrected' failed on 10 folds, with: ValueError: cannot" in note for note in
               result.method_notes)  # fmt: skip
    (explanation,) = result.explanations
    assert "TG604" not in {outcome.code for outcome in explanation.repairs}


def test_codes_of_missing_values_that_hurt_are_named_and_the_finding_has_the_gain(rng):
    (X, y), (Xb, yb) = numbers(rng, 120), numbers(rng, 200)
    X[:4, 4] = np.nan  # the model takes missing values, or nothing could be tried
    Xb[rng.random(200) < 0.4, 0] = -999.0
    model = make_pipeline(SimpleImputer(), Ridge())
    causes, study = first_causes(X, y, (Xb, yb), metric="mse", model=model)
    assert causes[0] == "TG601"
    (cause,) = [f for f in study.findings if f.code == "TG601"]
    (codes,) = [f for f in study.findings if f.code == "TG119"]
    assert "--na" in cause.fix and "matched-columns" not in cause.fix
    assert 0 < codes.repair_low < codes.repair_gap < codes.repair_high
    assert codes.repair_gap == cause.repair_gap


def test_codes_are_not_blanked_for_a_model_that_may_take_no_missing_value(rng):
    (X, y), (Xb, yb) = numbers(rng, 120), numbers(rng, 200)
    Xb[rng.random(200) < 0.4, 0] = -999.0
    _, study = first_causes(X, y, (Xb, yb), metric="mse", model=Ridge())
    (explanation,) = study.result.explanations
    assert "codes read as missing" not in {repair.repair for repair in explanation.repairs}
    (codes,) = [f for f in study.findings if f.code == "TG119"]
    assert codes.repair_gap is None
