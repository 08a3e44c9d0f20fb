"""Every check finds what was planted, and is silent on clean data."""

import numpy as np
import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier

from transfergap.analysis.assessment import assess_trials
from transfergap.analysis.checks import CHECKS, Strength
from transfergap.analysis.checks.check import Evidence
from transfergap.analysis.checks.soundness import resampled_weights
from transfergap.data.divergences.columns_apart import KNOWN_FACTORS, unit_factor
from transfergap.data.problem import Sample
from transfergap.data.validation import make_problem
from transfergap.experiment.arms import chosen_arms, default_arms
from transfergap.experiment.design import ControlArm, Design, Effort
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.learners import EstimatorLearner, FunctionLearner
from transfergap.report.advice import recommendations
from transfergap.report.choice import explanations, weighty
from transfergap.stats.gap import Verdict


def assessed(
    X, y, sources, model=None, *, metric="accuracy", effort="quick", every_arm=False, **options
):
    """Assess all rows pooled and each source alone; every default arm on request only."""
    problem = make_problem(X, y, sources=sources, metric=metric, margin=0.02, **options)
    learner = model
    if not isinstance(model, FunctionLearner):
        learner = EstimatorLearner(model or LogisticRegression()).tried_on(problem.target)
    arms = default_arms(list(problem.sources), learner)
    arms = tuple(arm for arm in arms if every_arm or arm.name.endswith((" pooled", " only")))
    design = Design(problem, ControlArm(learner), arms, Effort(effort))
    store = TrialStore()
    run_trials(design, store)
    return assess_trials(design, store.trials())


def findings(result, code):
    return [finding for finding in result.findings if finding.code == code]


def sample(rng, n, *, slope=2.0, n_columns=3):
    X = rng.normal(size=(n, n_columns))
    return X, (slope * X[:, 0] + rng.normal(size=n) > 0).astype(int)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_clean_data_have_no_strong_or_moderate_findings(rng):
    X, y = sample(rng, 150)
    result = assessed(X, y, {"b": sample(rng, 150), "c": sample(rng, 150)}, every_arm=True)
    assert [f for f in result.findings if f.strength is not Strength.NOTE] == []
    looked = {f.code for f in result.findings} | {c.code for c in result.silent_checks}
    assert looked == {check.code for check in CHECKS}


def test_codes_are_unique():
    codes = [check.code for check in CHECKS]
    assert len(codes) == len(set(codes))


def test_copies_of_target_rows_are_found_and_counted(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    Xb[:9], yb[:9] = X[:9], y[:9]
    (found,) = findings(assessed(X, y, {"b": (Xb, yb)}), "TG101")
    assert found.says.startswith("9 of 80 rows of b equal rows of the target")
    assert (found.subject, found.strength) == ("b", Strength.STRONG)


def test_repeated_target_rows_are_found(rng):
    X, y = sample(rng, 60)
    X[50:], y[50:] = X[:10], y[:10]
    (found,) = findings(assessed(X, y, {"b": sample(rng, 80)}), "TG102")
    assert found.evidence["n_repeated"] == 10


def test_rows_in_two_sources_are_found(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    Xc, yc = sample(rng, 80)
    Xc[:20] = Xb[:20]
    (found,) = findings(assessed(X, y, {"b": (Xb, yb), "c": (Xc, yc)}), "TG103")
    assert found.evidence["n_common"] == 20


def test_shared_groups_are_found(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    source = Sample(Xb, yb, groups=np.arange(80) % 40)
    result = assessed(X, y, {"b": source}, groups=np.arange(60) // 2)
    (found,) = findings(result, "TG104")
    assert found.evidence == {"n_groups": 30, "n_rows": 60}


@pytest.mark.parametrize("where", ["target", "b"])
def test_a_column_that_tells_the_label_is_found(rng, where):
    data = {"target": sample(rng, 60), "b": sample(rng, 80)}
    X, y = data[where]
    X[:, 2] = y * 10 + rng.random(len(y))
    (found,) = findings(assessed(*data["target"], {"b": data["b"]}), "TG105")
    assert (found.subject, found.strength) == (where, Strength.STRONG)


def test_a_code_that_tells_the_label_is_found(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    frame = pd.DataFrame(X).assign(code=np.where(y == 1, "dead", "alive"))
    other = pd.DataFrame(Xb).assign(code=rng.choice(["dead", "alive"], 80))
    found = findings(assessed(frame, y, {"b": (other, yb)}, DummyClassifier()), "TG105")
    assert [(f.subject, "'code'" in f.says) for f in found] == [("target", True)]


@pytest.mark.parametrize("kind", ["days", "dates", "texts"])
def test_a_column_filled_in_after_one_outcome_is_found(rng, kind):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    days = pd.Series(rng.integers(1, 90, 60).astype(float))
    values = {"days": days, "dates": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, unit="D")}
    column = values.get(kind, "note " + days.astype(str)).where(y == 1)
    frame = pd.DataFrame(X).assign(after=column)
    there = frame.after.dropna().to_numpy()[rng.integers(0, (y == 1).sum(), 80)]
    other = pd.DataFrame(Xb).assign(after=pd.Series(there).where(rng.random(80) < 0.5))
    (found,) = findings(assessed(frame, y, {"b": (other, yb)}, DummyClassifier()), "TG105")
    assert (found.subject, found.columns) == ("target", ("after",))
    assert "whether column 'after' is filled tells" in found.says


def test_a_line_that_gives_the_number_is_found(rng):
    X = rng.normal(size=(60, 2))
    y = 3 * X[:, 1] + 1
    Xb = rng.normal(size=(60, 2))
    result = assessed(X, y, {"b": (Xb, rng.normal(size=60))}, Ridge(), metric="r2")
    assert [f.subject for f in findings(result, "TG105")] == ["target"]


def test_rows_with_one_column_changed_are_found(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    Xb[:10], yb[:10] = X[:10], y[:10]
    Xb[:10, 2] = rng.normal(size=10)
    result = assessed(X, y, {"b": (Xb, yb)})
    (found,) = findings(result, "TG106")
    assert found.evidence["n_changed"] == 10
    assert "'2'" in found.says
    assert findings(result, "TG101")[0].evidence["n_equal"] == 0


def test_coarse_columns_are_said_to_be_coarse(rng):
    X, Xb = rng.integers(0, 2, (60, 3)), rng.integers(0, 2, (80, 3))
    result = assessed(X, rng.integers(0, 2, 60), {"b": (Xb, rng.integers(0, 2, 80))})
    assert len(findings(result, "TG107")) == 1
    assert findings(result, "TG101") == []


def test_extra_columns_are_named(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    other = pd.DataFrame(Xb).assign(discharge=1.0)
    (found,) = findings(assessed(pd.DataFrame(X), y, {"b": (other, yb)}), "TG111")
    assert "'discharge'" in found.says


def test_retyped_columns_are_named(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)
    frame = pd.DataFrame(X).assign(ward=rng.choice(["1", "2", "x"], 60))
    other = pd.DataFrame(Xb).assign(ward=rng.choice([1, 2], 80))
    (found,) = findings(assessed(frame, y, {"b": (other, yb)}, DummyClassifier()), "TG112")
    assert "'ward'" in found.says


@pytest.mark.parametrize("factor", [10.0, 1 / 1000, 2.54, 1 / 18.02])
@pytest.mark.parametrize("kind", ["normal", "lognormal", "gamma"])
def test_a_factor_between_units_is_found(factor, kind, rng):
    draw = {
        "normal": lambda n: rng.normal(70, 8, n),
        "lognormal": lambda n: rng.lognormal(3, 0.3, n),
        "gamma": lambda n: rng.gamma(9.0, 2.0, n),
    }[kind]
    target, source = draw(300), draw(400) * factor
    assert unit_factor(target, source) == pytest.approx(factor)


@pytest.mark.parametrize("factor", [1000.0, 0.01])
@pytest.mark.parametrize("kind", ["money", "temperature", "grade"])
def test_a_large_factor_is_found_in_skewed_signed_and_coarse_columns(factor, kind):
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        draw = {
            "money": lambda n: rng.lognormal(6.0, 1.2, n),  # noqa: B023
            "temperature": lambda n: rng.normal(1.0, 12.0, n),  # noqa: B023
            "grade": lambda n: rng.integers(15, 20, n).astype(float),  # noqa: B023
        }[kind]
        found += unit_factor(draw(120), draw(240) * factor) == pytest.approx(factor)
    # Skewed amounts of so few rows are sometimes unlike by chance.
    assert found >= (16 if kind == "money" else 18)


def test_other_ranges_of_few_values_are_no_unit():
    rng = np.random.default_rng(0)
    five, ten = rng.integers(1, 6, 100).astype(float), rng.integers(1, 11, 100).astype(float)
    assert unit_factor(five, ten) is None
    assert unit_factor(five, 5.0 + five) is None
    assert unit_factor(np.repeat([0.0, 1.0], 30), np.repeat([0.0, 100.0], 30)) is None


@pytest.mark.parametrize("bound", [1.0, 100.0])
def test_shares_of_one_bound_are_in_one_unit(bound):
    rng = np.random.default_rng(0)
    small = bound * np.append(rng.normal(0.21, 0.04, 200), 0.95).clip(0.0, 1.0)
    large = bound * (small / bound * 3.281).clip(0.0, 1.0)
    assert unit_factor(small, large) is unit_factor(large, small) is None
    # Amounts that end elsewhere have units still, and so have shares of the other bound.
    assert unit_factor(small * 0.2, large * 0.2) == pytest.approx(3.281)
    assert unit_factor(small, small * 100) == 100.0


def test_measured_amounts_below_a_hundred_have_units():
    waists = np.random.default_rng(0).normal(82.0, 5.0, 200).clip(60.0, 99.0)
    assert unit_factor(waists / 2.54, waists) == 2.54


def test_a_shifted_or_stretched_column_has_no_unit_factor(rng):
    for source in (
        rng.normal(90, 8, 300),
        rng.normal(70, 30, 300),
        rng.normal(70, 8, 300),
        rng.lognormal(4.0, 1.0, 300),
    ):
        assert unit_factor(rng.normal(70, 8, 300), source) is None


def test_factors_between_units_are_seldom_claimed_of_unrelated_columns(rng):
    claimed = sum(
        unit_factor(rng.gamma(2.0, 1.0, 100), rng.gamma(5.0, scale, 100)) is not None
        for scale in rng.lognormal(0, 2, 300)
    )
    assert claimed <= 15  # 5 % of 300
    assert len(set(KNOWN_FACTORS)) == len(KNOWN_FACTORS)


def test_units_are_found_in_an_audit(rng):
    X, y = sample(rng, 100)
    Xb, yb = sample(rng, 100)
    X[:, 1], Xb[:, 1] = X[:, 1] + 20, (Xb[:, 1] + 20) * 1000
    (found,) = findings(assessed(X, y, {"b": (Xb, yb)}), "TG113")
    assert "1000 times larger" in found.says


def test_missing_and_foreign_labels_are_found(rng):
    X, y = sample(rng, 60)
    Xb, _ = sample(rng, 80)
    Xc, yc = sample(rng, 80)
    yc[:8] = 2
    result = assessed(X, y, {"b": (Xb, np.zeros(80, int)), "c": (Xc, yc)}, KNeighborsClassifier())
    assert [f.subject for f in findings(result, "TG121")] == ["b"]
    assert [f.subject for f in findings(result, "TG122")] == ["c"]


def test_a_source_whose_numbers_are_nearly_all_one_is_named(rng):
    X, _ = sample(rng, 60)
    y = X[:, 0] + rng.normal(size=60)
    labels = {name: rng.normal(size=100) for name in ("default", "two", "measured")}
    labels["default"][:], labels["two"][:96], labels["measured"][:90] = -1.0, -1.0, -1.0
    sources = {name: (sample(rng, 100)[0], part) for name, part in labels.items()}
    found = findings(assessed(X, y, sources, Ridge(), metric="r2"), "TG121")
    assert {f.subject: f.evidence["n_equal"] for f in found} == {"default": 100, "two": 96}


def test_amounts_that_are_mostly_zero_in_both_files_are_no_default(rng):
    X, _ = sample(rng, 60)
    Xb, _ = sample(rng, 200)
    y = np.where(rng.random(60) < 0.6, 0.0, rng.normal(size=60))
    yb = np.where(rng.random(200) < 0.97, 0.0, rng.normal(size=200))
    assert not findings(assessed(X, y, {"b": (Xb, yb)}, Ridge(), metric="r2"), "TG121")


def test_rare_classes_are_found(rng):
    X, y = sample(rng, 60)
    y[:4] = 7
    (found,) = findings(assessed(X, y, {"b": sample(rng, 80)}), "TG123")
    assert "'7' (4)" in found.says


def test_different_inputs_and_label_shares_are_notes_unless_the_source_hurts(rng):
    X, y = sample(rng, 100)
    Xb, yb = sample(rng, 400)
    keep = (yb == 1) | (np.arange(400) % 10 == 0)
    result = assessed(X, y, {"b": (Xb[keep] + 3.0, yb[keep])})
    assert "no evidence of harm" in findings(result, "TG201")[0].says
    assert len(findings(result, "TG202")) == 1


def test_a_source_that_teaches_the_opposite_is_noted_for_information(rng):
    X, y = sample(rng, 100)
    result = assessed(X, y, {"b": sample(rng, 400, slope=-2.0)})
    (found,) = findings(result, "TG203")
    assert found.strength is Strength.NOTE  # no verdict is on the arm, though the source hurts
    assert found.evidence["high"] < 0
    assert any(arm.verdict is Verdict.HURTS for arm in result.arms)
    assert found not in weighty(explanations(result))
    assert not any("TG203" in line for line in recommendations(result))


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc", "log_loss"])
def test_a_degenerate_control_is_found(rng, metric):
    X, y = sample(rng, 60)
    result = assessed(
        X, y, {"b": sample(rng, 80)}, DummyClassifier(strategy="prior"), metric=metric
    )
    (found,) = findings(result, "TG301")
    assert found.strength is Strength.STRONG


def test_a_sound_control_is_not_called_degenerate(rng):
    X, y = sample(rng, 100)
    for metric in ("accuracy", "roc_auc", "log_loss", "balanced_accuracy", "brier"):
        assert findings(assessed(X, y, {"b": sample(rng, 80)}, metric=metric), "TG301") == []


def test_models_without_weights_are_resampled_and_it_is_said(rng):
    X, y = sample(rng, 60)
    result = assessed(X, y, {"b": sample(rng, 80)}, KNeighborsClassifier(), every_arm=True)
    (found,) = findings(result, "TG306")
    assert found.subject == "b balanced"


def test_every_mitigation_that_weighs_is_said_to_repeat_rows(rng):
    X, y = sample(rng, 40)
    problem = make_problem(X, y, sources={"b": sample(rng, 40)}, metric="accuracy", margin=0.02)
    asked = ["b pooled", "b gated tradaboost", "b augmented"]
    learner = EstimatorLearner(KNeighborsClassifier())
    arms = chosen_arms(asked, ["b"], learner)
    design = Design(problem, ControlArm(learner), arms)
    evidence = Evidence(design, (), {}, {})
    assert [found.subject for found in resampled_weights.examine(evidence)] == [
        "b gated tradaboost"
    ]


def test_a_closed_form_that_is_far_off_withholds_the_claim(rng):
    """A hundred columns on forty rows: one Newton step is no longer a refit."""
    X, y = sample(rng, 40, n_columns=60)
    Xb, yb = sample(rng, 30, n_columns=60)
    result = assessed(X, y, {"b": (Xb * 3, yb)}, LogisticRegression(C=1e4), metric="log_loss")
    off = {f.subject for f in findings(result, "TG304")}
    assert off
    for arm in result.arms:
        if arm.arm in off:
            assert arm.verdict.value == "not enough evidence"


def test_columns_without_information_are_named(rng):
    X, y = sample(rng, 60)
    Xb, yb = sample(rng, 80)

    def frame(X):
        n = len(X)
        return pd.DataFrame(X, columns=list("abc")).assign(
            patient=[f"p{i:03d}" for i in range(n)], unit="mg", lost=np.nan, number=np.arange(n),
            note=[f"seen on day {i}" for i in range(n)],
        )  # fmt: skip

    target, source = frame(X), frame(Xb)
    result = assessed(target, y, {"b": (source, yb)}, DummyClassifier())
    said = " ".join(finding.says for finding in findings(result, "TG114"))
    for name in ("unit", "lost"):
        assert f"'{name}'" in said
    names = findings(result, "TG115")[0].says
    assert "'patient'" in names
    assert "'number'" in names
    for name in ("a", "b", "c", "note"):
        assert f"'{name}'" not in said


@pytest.mark.parametrize(
    "values",
    [
        np.sort(np.random.default_rng(0).choice(500, 60, replace=False)),  # doses, in order
        [f"{v:.3e}" for v in np.random.default_rng(0).normal(size=60)],
        [str(v) for v in np.random.default_rng(0).choice(500, 60, replace=False)],
    ],
)
def test_a_measured_column_that_differs_in_every_row_is_not_to_be_dropped(rng, values):
    (X, y), (Xb, yb) = sample(rng, 60), sample(rng, 80)
    target = pd.DataFrame(X, columns=list("abc")).assign(mg=values)
    source = pd.DataFrame(Xb, columns=list("abc")).assign(mg=list(values) + list(values[:20]))
    result = assessed(target, y, {"b": (source, yb)}, DummyClassifier())
    assert not findings(result, "TG114")


class Plane:
    def __init__(self, slopes):
        self.slopes = slopes

    def predict(self, X):
        return (np.column_stack([X, np.ones(len(X))]) @ self.slopes > 0.5).astype(int)


def least_squares(target, sources, *, seed):
    """Fit in a tenth of the time of scikit-learn's models, since there are thousands of fits."""
    parts = [part for part in (target, *sources) if len(part)]
    X, y = (np.concatenate([getattr(part, name) for part in parts]) for name in ("X", "y"))
    A = np.column_stack([X, np.ones(len(X))])
    return Plane(np.linalg.solve(A.T @ A + 1e-6 * np.eye(A.shape[1]), A.T @ y))


def test_copies_in_the_target_count_once():
    """A source of pure noise must not help or hurt because the target was copied five times."""
    claims = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        X, y = sample(rng, 30)
        noise = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
        target = np.repeat(X, 5, axis=0), np.repeat(y, 5)
        result = assessed(*target, {"b": noise}, FunctionLearner(least_squares), effort="full")
        claims += sum(arm.verdict in ("helps",) for arm in result.arms)
        assert result.target.n_groups == 30
    assert claims <= 1


def test_a_single_copy_changes_nothing_but_is_said(rng):
    X, y = sample(rng, 150)
    X[0], y[0] = X[1], y[1]
    result = assessed(X, y, {"b": sample(rng, 80)})
    assert result.target.n_groups is None
    (found,) = findings(result, "TG102")
    assert "hardly matter" in found.says


def test_look_alikes_with_different_labels_are_not_grouped(rng):
    X, y = rng.integers(0, 2, (60, 3)), rng.integers(0, 2, 60)
    problem = make_problem(X, y, sources={"b": (rng.normal(size=(20, 3)), rng.integers(0, 2, 20))})
    assert problem.target.groups is None
