"""The two estimators behave as scikit-learn's do, with any rows a user has."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils.estimator_checks import parametrize_with_checks

from transfergap import (
    SafeTransferClassifier,
    SafeTransferRegressor,
    Sample,
    audit,
    make_problem,
    summarize,
)
from transfergap.data.encoding import fit_encoder
from transfergap.datasets import load_claims, load_digits, load_sentiment, make_shift
from transfergap.errors import ConfigurationError, DataError


@parametrize_with_checks([SafeTransferClassifier(), SafeTransferRegressor(caution="medium")])
def test_scikit_learns_checks_pass(estimator, check):
    check(estimator)


@pytest.fixture
def shifted():
    return make_shift(n_target=60, n_source=400, shift=0.2, task="binary", random_state=3)


def test_without_sources_it_is_the_control_to_the_last_bit(shifted):
    for sources in (None, {}):
        model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources=sources)
        assert model.mixing_weight_ == 0.0
        assert model.predict_proba(shifted.X).tobytes() == (
            model.control_.predict_proba(shifted.X).tobytes()
        )


def test_infinite_caution_is_the_control_to_the_last_bit(shifted):
    alone = SafeTransferClassifier().fit(shifted.X, shifted.y)
    model = SafeTransferClassifier(caution=np.inf).fit(
        shifted.X, shifted.y, sources=shifted.sources
    )
    assert model.predict_proba(shifted.X).tobytes() == alone.predict_proba(shifted.X).tobytes()
    assert model.source_influence_ == {"source": 0.0}


def test_the_control_does_not_depend_on_who_else_sends_rows(shifted):
    alone = SafeTransferClassifier().fit(shifted.X, shifted.y)
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources=shifted.sources)
    assert np.array_equal(model.control_.predict_proba(shifted.X), alone.predict_proba(shifted.X))


def test_a_near_source_helps_and_says_so():
    shift = make_shift(n_target=40, n_source=1_000, shift=0.1, random_state=5)
    model = SafeTransferRegressor().fit(shift.X, shift.y, sources=shift.sources)
    X, y = shift.population.draw(20_000, shift=0.0, rng=np.random.default_rng(0))
    control, ours = (np.mean((m.predict(X) - y) ** 2) for m in (model.control_, model))
    assert ours < control - 0.05
    assert 0.2 < model.source_influence_["source"] <= 1.0
    gain = model.expected_gain_
    assert gain.low < gain.estimate < gain.high and gain.estimate > 0
    assert sum(model.member_weights_.values()) == pytest.approx(1.0)
    assert "source" in model.report_.text and "R2" in model.report_.text
    assert list(model.report_.to_frame().columns) == [
        "source", "influence", "rows", "reversed_share", "use",
    ]  # fmt: skip


def test_names_of_sources_relabel_only(shifted):
    Xs, ys = shifted.sources["source"]
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"b": (Xs, ys)})
    other = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"c": (Xs, ys)})
    assert np.array_equal(model.predict_proba(Xs), other.predict_proba(Xs))
    assert set(other.source_influence_) == {"c"}


def test_it_is_cloned_searched_and_cross_validated_with_sources(shifted):
    model = SafeTransferClassifier(caution="medium")
    assert clone(model).get_params() == model.get_params()
    scores = cross_val_score(
        model, shifted.X, shifted.y, params={"sources": shifted.sources}, scoring="roc_auc", cv=4
    )
    assert scores.shape == (4,) and scores.mean() > 0.7
    search = GridSearchCV(model, {"caution": ["low", np.inf]}, cv=4, scoring="roc_auc")
    search.fit(shifted.X, shifted.y, sources=shifted.sources)
    assert search.best_params_["caution"] in ("low", np.inf)


def test_it_ends_a_pipeline(shifted):
    pipeline = make_pipeline(FunctionTransformer(), SafeTransferClassifier())
    pipeline.fit(shifted.X, shifted.y, safetransferclassifier__sources=shifted.sources)
    assert pipeline.predict_proba(shifted.X).shape == (60, 2)


def test_tables_with_gaps_categories_and_dates():
    rng = np.random.default_rng(1)

    def table(n):
        frame = pd.DataFrame(
            {
                "age": rng.normal(50, 9, n),
                "ward": pd.Categorical(rng.choice(["a", "b", "c"], n)),
                "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, n), "D"),
                "smokes": rng.random(n) < 0.3,
            }
        )
        y = np.where(frame.age + 8 * frame.smokes + rng.normal(0, 6, n) > 53, "ill", "well")
        frame.loc[::9, "age"] = np.nan
        return frame, y

    (X, y), (Xt, yt) = table(50), table(3_000)
    sources = {"b": table(500), "c": table(300)}
    sources["b"][0]["ward"] = sources["b"][0]["ward"].cat.rename_categories({"c": "new"})
    model = SafeTransferClassifier().fit(X, y, sources=sources)
    assert roc_auc_score(yt == "well", model.predict_proba(Xt)[:, 1]) > 0.8
    assert model.score(Xt, yt) > 0.7
    assert list(model.feature_names_in_) == list(X.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(Xt.drop(columns="ward"))


def test_probabilities_of_several_classes_are_calibrated():
    data = load_digits()
    sources = {name: data.sources[name] for name in data.sources}
    model = SafeTransferClassifier().fit(data.X, data.y, sources=sources)
    p = model.predict_proba(data.X)
    assert np.allclose(p.sum(axis=1), 1.0) and p.shape[1] == len(model.classes_)
    rng = np.random.default_rng(0)
    held = rng.permutation(len(data.y))[:30]
    kept = np.setdiff1d(np.arange(len(data.y)), held)
    half = SafeTransferClassifier().fit(data.X[kept], data.y[kept], sources=sources)
    positions = np.searchsorted(half.classes_, data.y[held])
    ours = log_loss(positions, half.predict_proba(data.X[held]), labels=range(len(half.classes_)))
    uniform = np.log(len(half.classes_))
    assert ours < 0.6 * uniform


def test_texts_and_wide_sparse_rows():
    data = load_sentiment()
    name = next(iter(data.sources))
    X, y = data.X[:80], data.y[:80]
    Xs, ys = data.sources[name]
    model = SafeTransferClassifier().fit(X, y, sources={name: (Xs[:300], ys[:300])})
    assert model.predict(data.X[80:90]).shape == (10,)
    rng = np.random.default_rng(0)
    wide = sparse.random(60, 3_000, density=0.01, random_state=0, format="csr")
    labels = (wide @ rng.normal(size=3_000) > 0).astype(int)
    fitted = SafeTransferClassifier().fit(wide, labels, sources={"b": (wide, labels)})
    assert fitted.predict_proba(wide).shape == (60, 2)


def test_wide_dense_rows_keep_the_exact_control():
    rng = np.random.default_rng(2)
    slopes = np.zeros(700)
    slopes[:20] = 1.0
    X, Xs = rng.normal(size=(50, 700)), rng.normal(size=(500, 700))
    y, ys = X @ slopes + rng.normal(size=50), Xs @ slopes + rng.normal(size=500)
    alone = SafeTransferRegressor().fit(X, y)
    model = SafeTransferRegressor().fit(X, y, sources={"b": (Xs, ys)})
    Xt = rng.normal(size=(2_000, 700))
    assert np.array_equal(model.control_.predict(Xt), alone.predict(Xt))
    risk = [np.mean((m.predict(Xt) - Xt @ slopes) ** 2) for m in (alone, model)]
    assert risk[1] < 0.8 * risk[0]


def test_left_out_rows_of_wide_tables_have_not_been_seen():
    """Labels that are noise stay unpredictable, however many directions there are to choose."""
    rng = np.random.default_rng(5)
    X, Xs = rng.normal(size=(80, 400)), rng.normal(size=(300, 400))
    y = rng.normal(size=80)
    model = SafeTransferRegressor(caution=0.0).fit(X, y, sources={"b": (Xs, rng.normal(size=300))})
    standardised = (y - y.mean()) / y.std()
    for left_out in (model.blend_.control_left_out, model.blend_.left_out):
        assert np.mean((standardised - left_out[:, 0]) ** 2) > 0.95


def test_wide_correlated_tables_are_helped_by_near_sources():
    rng = np.random.default_rng(6)
    mixing = rng.normal(size=(60, 500)) / np.sqrt(60)
    slopes = rng.normal(size=500) / np.sqrt(500)

    def draw(n, step=0.0):
        X = rng.normal(size=(n, 60)) @ mixing + 0.1 * rng.normal(size=(n, 500))
        return X, X @ (slopes + step * rng.normal(size=500) / np.sqrt(500)) + rng.normal(size=n)

    (X, y), (Xt, yt) = draw(150), draw(3_000)
    model = SafeTransferRegressor().fit(X, y, sources={k: draw(600, 0.3) for k in "bcd"})
    risk = [np.mean((m.predict(Xt) - yt) ** 2) / np.var(yt) for m in (model.control_, model)]
    assert risk[1] < risk[0] - 0.05 and risk[0] < 0.9


def test_many_sources():
    rng = np.random.default_rng(3)
    slopes = rng.normal(size=8) / 3
    X = rng.normal(size=(40, 8))
    y = X @ slopes + rng.normal(size=40)
    sources = {}
    for k in range(200):
        Xs = rng.normal(size=(30, 8))
        sign = -1.0 if k % 5 == 0 else 1.0
        sources[f"site {k}"] = (Xs, sign * (Xs @ slopes) + rng.normal(size=30))
    model = SafeTransferRegressor().fit(X, y, sources=sources)
    Xt = rng.normal(size=(5_000, 8))
    control, ours = (np.mean((m.predict(Xt) - Xt @ slopes) ** 2) for m in (model.control_, model))
    assert ours < 0.7 * control
    assert len(model.report_.text.splitlines()) < 20


@pytest.mark.parametrize("seed", [0, 1])
def test_the_same_seed_gives_the_same_bytes(shifted, seed):
    first, second = (
        SafeTransferClassifier(random_state=seed).fit(shifted.X, shifted.y, sources=shifted.sources)
        for _ in range(2)
    )
    assert first.predict_proba(shifted.X).tobytes() == second.predict_proba(shifted.X).tobytes()


def test_groups_are_left_out_together():
    rng = np.random.default_rng(4)
    X = np.repeat(rng.normal(size=(15, 3)), 6, axis=0)
    y = np.repeat(rng.normal(size=15), 6) + 0.1 * rng.normal(size=90)
    sources = {"b": (rng.normal(size=(100, 3)), rng.normal(size=100))}
    groups = np.repeat(np.arange(15), 6)
    naive = SafeTransferRegressor().fit(X, y, sources=sources)
    grouped = SafeTransferRegressor().fit(X, y, sources=sources, groups=groups)
    # Rows of a patient predict each other: left out alone, the noise looks predictable.
    loss = [np.mean((y - m.blend_.control_left_out[:, 0] * y.std() - y.mean()) ** 2)
            for m in (naive, grouped)]  # fmt: skip
    assert loss[1] > loss[0]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"caution": "bold"}, "caution"), ({"effort": "huge"}, "effort")],
)
def test_impossible_options_are_refused_with_a_hint(shifted, options, said):
    with pytest.raises(ConfigurationError, match=said) as caught:
        SafeTransferClassifier(**options).fit(shifted.X, shifted.y)
    assert caught.value.hint


def test_classes_in_other_codes_are_an_error_with_both_lists(shifted):
    Xs, ys = shifted.sources["source"]
    with pytest.raises(DataError, match=r"labels 1, 2, the target 0, 1") as caught:
        SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"b": (Xs, ys + 1)})
    assert "1 is 0, 2 is 1" in caught.value.hint and "--" not in caught.value.hint


def test_rows_of_a_class_that_only_the_source_has_are_left_out_and_said(shifted):
    Xs, ys = shifted.sources["source"]
    more = np.where(np.arange(len(ys)) % 10 == 0, 7, ys)
    known = more != 7
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"b": (Xs, more)})
    plain = SafeTransferClassifier().fit(
        shifted.X, shifted.y, sources={"b": (Xs[known], ys[known])}
    )
    assert np.array_equal(model.predict_proba(shifted.X), plain.predict_proba(shifted.X))
    (note,) = model.report_.notes
    assert f"{(~known).sum()} of {len(ys)} rows left out" in note and "(7)" in note


def test_labels_of_objects_decimals_and_other_spellings_are_the_same_labels(shifted):
    from decimal import Decimal

    Xs, ys = shifted.sources["source"]
    want = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"b": (Xs, ys)})
    for ours, theirs in [
        (shifted.y.astype(object), ys.astype(object)),
        (shifted.y, np.array([Decimal(int(v)) for v in ys])),
        (shifted.y, np.array([f"{v}.0 " for v in ys])),
    ]:
        model = SafeTransferClassifier().fit(shifted.X, ours, sources={"b": (Xs, theirs)})
        assert model.classes_.tolist() == [0, 1]
        assert np.array_equal(model.predict_proba(Xs), want.predict_proba(Xs))


def test_levels_that_a_file_lacks_are_noted_and_flood_nothing():
    import warnings

    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    rng = np.random.default_rng(0)

    def rows(n, levels):
        a = rng.normal(size=n)
        X = pd.DataFrame({"a": a, "kind": rng.choice(list(levels), n)})
        return X, (a + rng.normal(size=n) > 0).astype(int)

    (X, y), source = rows(60, "uvwx"), rows(120, "uvz")
    encoder = OneHotEncoder(handle_unknown="ignore", drop="first")
    model = make_pipeline(
        make_column_transformer((encoder, ["kind"]), remainder="passthrough"), LogisticRegression()
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fitted = SafeTransferClassifier(model).fit(X, y, sources={"b": source})
    assert caught == []
    assert sum("unknown categories" in note for note in fitted.report_.notes) >= 1


def test_a_source_of_nothing_is_no_source(shifted):
    Xs, ys = shifted.sources["source"]
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"b": (Xs[:0], ys[:0])})
    assert model.mixing_weight_ == 0.0 and model.source_influence_ == {}


def test_sources_of_which_nothing_counts_are_named(shifted):
    Xs, ys = shifted.sources["source"]
    alien = np.where(np.arange(len(ys)) < 20, 7, ys)  # a class that the target lacks
    sources = {
        "near": (Xs, ys),
        "bare": (Xs[:0], ys[:0]),
        "void": (Xs, ys, np.zeros(len(ys))),
        "alien": (Xs, alien, (alien == 7).astype(float)),
    }
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources=sources)
    assert list(model.source_influence_) == ["near"]
    assert model.report_.notes[-1] == (
        "'bare', 'void', 'alien' were left out: no rows, or none with a weight above 0."
    )
    plain = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"near": (Xs, ys)})
    assert np.array_equal(model.predict_proba(shifted.X), plain.predict_proba(shifted.X))
    assert plain.report_.notes == ()
    # A report of no source at all has its notes too.
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"bare": (Xs[:0], ys[:0])})
    assert "'bare' was left out: no rows" in str(model.report_)


def test_an_audit_refuses_a_source_of_which_nothing_counts(shifted):
    Xs, ys = shifted.sources["source"]
    alien = np.where(np.arange(len(ys)) < 20, 7, ys)
    for source, words in (
        ((Xs[:0], ys[:0]), "no rows in the source 'b'"),
        (Sample(Xs, ys, np.zeros(len(ys))), "All weights of the source 'b' are 0"),
        (Sample(Xs, alien, (alien == 7).astype(float)), "All usable rows of the source 'b'"),
    ):
        with pytest.raises(DataError, match=words):
            make_problem(shifted.X, shifted.y, sources={"b": source}, metric="accuracy")


def test_real_tables():
    data = load_claims()
    model = SafeTransferClassifier().fit(data.X, data.y, sources=data.sources)
    assert roc_auc_score(data.y == model.classes_[1], model.predict_proba(data.X)[:, 1]) > 0.6


def test_units_of_columns_do_not_matter(shifted):
    scales = np.logspace(-8, 8, shifted.X.shape[1])
    Xs, ys = shifted.sources["source"]
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources=shifted.sources)
    other = SafeTransferClassifier().fit(
        shifted.X * scales, shifted.y, sources={"source": (Xs * scales, ys)}
    )
    ours, theirs = model.predict_proba(Xs), other.predict_proba(Xs * scales)
    assert np.abs(ours - theirs).max() < 1e-9


def test_constant_and_doubled_columns_are_borne(shifted):
    def wider(X):
        return np.column_stack([X, np.full(len(X), 7.0), X[:, 0], X[:, 0] + X[:, 1]])

    Xs, ys = shifted.sources["source"]
    model = SafeTransferClassifier().fit(
        wider(shifted.X), shifted.y, sources={"source": (wider(Xs), ys)}
    )
    plain = SafeTransferClassifier().fit(shifted.X, shifted.y, sources=shifted.sources)
    ours, theirs = model.predict_proba(wider(Xs)), plain.predict_proba(Xs)
    assert np.isfinite(ours).all()
    assert roc_auc_score(ys, ours[:, 1]) == pytest.approx(roc_auc_score(ys, theirs[:, 1]), abs=0.02)


def test_a_source_of_one_row_changes_little(shifted):
    Xs, ys = shifted.sources["source"]
    alone = SafeTransferClassifier().fit(shifted.X, shifted.y)
    model = SafeTransferClassifier().fit(shifted.X, shifted.y, sources={"b": (Xs[:1], ys[:1])})
    assert np.abs(model.predict_proba(Xs) - alone.predict_proba(Xs)).max() < 0.1


@pytest.mark.parametrize("estimator", [None, DecisionTreeRegressor(max_depth=2)])
def test_names_and_order_of_sources_change_no_prediction(estimator):
    rng = np.random.default_rng(4)
    X = rng.normal(size=(40, 5))
    y = X @ np.array([1.0, 0.5, 0.0, 0.0, -0.5]) + rng.normal(size=40)
    made = []
    for shift in (0.0, 0.7, -2.0, 0.3):
        Xb = rng.normal(size=(60, 5))
        slopes = np.array([1.0, 0.5, 0.0, 0.0, -0.5]) + shift
        made.append((Xb, Xb @ slopes + rng.normal(size=60)))
    models = []
    for names, order in (("abcd", (0, 1, 2, 3)), ("zywv", (2, 0, 3, 1))):
        sources = {names[k]: made[k] for k in order}
        models.append(SafeTransferRegressor(estimator, random_state=0).fit(X, y, sources=sources))
    assert (models[0].predict(X) == models[1].predict(X)).all()
    influence = [[model.source_influence_[name] for name in names]
                 for model, names in zip(models, ("abcd", "zywv"), strict=True)]  # fmt: skip
    assert influence[0] == influence[1]
    assert list(models[1].source_influence_) == ["w", "z", "v", "y"]


def test_numbers_are_never_predicted_far_outside_the_labels():
    rng = np.random.default_rng(0)
    X = np.arange(20.0)[:, None] + 0.01 * rng.normal(size=(20, 3))
    y = np.arange(20.0)
    model = SafeTransferRegressor().fit(X, y)
    far = model.predict(np.array([[1e6, 1e6, 1e6], [-1e6, -1e6, -1e6]]))
    assert far.min() >= -0.25 * 19 and far.max() <= 1.25 * 19
    inside = model.predict(X)
    assert np.corrcoef(inside, y)[0, 1] > 0.99


MARKED = {
    "thousands": lambda v: f"{v:,.0f}",
    "currency": lambda v: f"${v:,.2f}",
    "per cent": lambda v: f"{v / 1000:.1f} %",
    "kilograms": lambda v: f"{v:.0f} kg",
    "German": lambda v: f"{v:,.1f}".translate(str.maketrans(",.", ".,")),
}


@pytest.mark.parametrize(
    ("route", "mark"),
    [*(("direct", mark) for mark in MARKED), ("audit", "thousands"),
     *(pytest.param("audit", m, marks=pytest.mark.slow) for m in MARKED if m != "thousands")],
)  # fmt: skip
def test_rows_to_predict_are_read_as_those_of_the_fit_were(mark, route):
    def rows(n, seed):
        rng = np.random.default_rng(seed)
        z = rng.normal(size=n)
        table = pd.DataFrame({"pay": 50_000 + 8_000 * z, "b": rng.normal(size=n)})
        return table, (z + 0.5 * rng.normal(size=n) > 0).astype(int)

    def written(table):
        return table.assign(pay=table["pay"].map(MARKED[mark]))

    (X, y), (Z, z) = rows(80, 0), rows(160, 1)
    sources = {"b": (written(Z), z)}
    if route == "direct":
        model = SafeTransferClassifier().fit(written(X), y, sources=sources)
    else:
        result = audit(LogisticRegression(), written(X), y, sources=sources, effort="quick",
                       arms=["b pooled"], explain="none")  # fmt: skip
        model = result.fit_safe()
    plain = SafeTransferClassifier().fit(X, y, sources={"b": (Z, z)})
    fresh, labels = rows(200, 2)
    assert model.predict_proba(written(fresh)) == pytest.approx(
        plain.predict_proba(fresh), abs=0.01
    )
    assert model.score(written(fresh).iloc[:3], labels[:3]) == plain.score(
        fresh.iloc[:3], labels[:3]
    )


def test_weights_that_sum_to_one_are_noted_beside_rows_of_sources():
    X, y = line_of(30, 0)
    sources = {"b": line_of(60, 1)}
    tiny = SafeTransferRegressor().fit(X, y, sources=sources, sample_weight=np.full(30, 1 / 30))
    assert "weighs 0.0333 on average" in str(tiny.report_)
    for weights in (None, np.linspace(0.5, 1.5, 30)):
        plain = SafeTransferRegressor().fit(X, y, sources=sources, sample_weight=weights)
        assert "on average" not in str(plain.report_)
    weighed = {"b": (*sources["b"], np.full(60, 1 / 30))}
    alike = SafeTransferRegressor().fit(X, y, sources=weighed, sample_weight=np.full(30, 1 / 30))
    assert "on average" not in str(alike.report_)


@pytest.mark.parametrize("gap", [None, np.nan, pd.NA])
def test_a_missing_label_among_texts_is_called_so(gap):
    X, y = three_classes(40, 0)
    labels = y.astype(object)
    labels[3] = gap
    with pytest.raises(DataError, match="contains NaN"):
        SafeTransferClassifier().fit(X, labels)


def test_what_is_no_table_is_refused_in_own_words(shifted):
    frame = pd.DataFrame(shifted.X).rename(columns="x{}".format)
    model = SafeTransferClassifier().fit(frame, shifted.y)
    with pytest.raises(DataError, match="a single column of float64"):
        model.predict(frame.iloc[0])
    with pytest.raises(DataError, match="'x0' occurs 2 times"):
        SafeTransferClassifier().fit(pd.concat([frame, frame[["x0"]]], axis=1), shifted.y)
    texts = ["good film", None, "poor film"] * 20
    for rows in (texts, pd.Series(texts), np.array(texts, dtype=object)):
        with pytest.raises(DataError, match=r"Row 1 of the target is (None|nan)"):
            SafeTransferClassifier().fit(rows, shifted.y)


def three_classes(n, seed):
    X = np.random.default_rng(seed).normal(size=(n, 3))
    return X, np.array(list("abc"))[X.argmax(axis=1)]


def test_a_class_whose_rows_all_weigh_nothing_is_no_class():
    X, y = three_classes(90, 0)
    weight = (y != "a").astype(float)
    model = SafeTransferClassifier().fit(X, y, sample_weight=weight)
    fewer = SafeTransferClassifier().fit(X[y != "a"], y[y != "a"])
    assert model.classes_.tolist() == ["b", "c"]
    assert np.array_equal(model.predict(X), fewer.predict(X))
    for least in ((y == "a").astype(float), np.eye(90)[0]):
        with pytest.raises(DataError, match=r"one class only|too few"):
            SafeTransferClassifier().fit(X, y, sample_weight=least)


def test_classes_of_an_encoder_that_the_rows_lack_are_classes_of_the_model():
    X, y = (np.concatenate(parts) for parts in zip(three_classes(90, 0), three_classes(90, 1)))
    y[X.max(axis=1) < 0.2] = "d"
    encoder = fit_encoder(X, y, task="multiclass")
    held = y != "a"
    model = SafeTransferClassifier().fit(
        X[held], y[held], sources={"b": summarize(X, y, encoder=encoder)}
    )
    assert model.classes_.tolist() == list("abcd")
    assert np.array_equal(
        model.predict(X), model.control_.classes_[model.predict_proba(X).argmax(1)]
    )


def test_numbers_written_as_texts_are_labels_in_target_and_source_alike():
    (X, y), (Z, z) = line_of(30, 0), line_of(60, 1)
    plain = SafeTransferRegressor().fit(X, y, sources={"b": (Z, z)})
    texts = SafeTransferRegressor().fit(X, y.astype(str), sources={"b": (Z, z.astype(str))})
    assert np.array_equal(texts.predict(Z), plain.predict(Z))
    with pytest.raises(DataError, match="are text"):
        SafeTransferRegressor().fit(X, y, sources={"b": (Z, np.full(60, "high"))})


def test_two_sources_of_one_name_are_refused():
    X, y = line_of(30, 0)
    with pytest.raises(DataError, match="Two sources have one name"):
        SafeTransferRegressor().fit(X, y, sources={1: line_of(30, 1), "1": line_of(30, 2)})


def line_of(n, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, X[:, 0] + rng.normal(size=n)


def amounts(n, seed):
    X = pd.DataFrame(np.random.default_rng(seed).normal(size=(n, 2)), columns=["a", "b"])
    return X, (X.a > 0).astype(int)


@pytest.mark.parametrize("kind", ["Int64", "boolean"])
def test_labels_of_nullable_kinds_keep_their_kind(kind):
    X, y = amounts(40, 0)
    model = SafeTransferClassifier().fit(X, y.astype(bool).astype(kind), {"b": amounts(60, 1)})
    assert model.classes_.dtype.kind == {"Int64": "i", "boolean": "b"}[kind]


def test_masked_labels_are_missing_labels():
    X, y = amounts(40, 0)
    masked = np.ma.masked_array(y.to_numpy(), mask=np.arange(40) == 2)
    with pytest.raises(DataError, match="NaN"):
        SafeTransferClassifier().fit(X, masked)
    with pytest.raises(DataError, match="NaN"):
        SafeTransferRegressor().fit(X, np.ma.masked_array(X.a.to_numpy(), mask=masked.mask))


def test_labels_may_be_a_sparse_column_and_no_more_columns():
    X, y = amounts(40, 0)
    plain = SafeTransferClassifier().fit(X, y)
    column = SafeTransferClassifier()
    with pytest.warns(UserWarning, match="column-vector"):
        column.fit(X, sparse.csr_matrix(y.to_numpy()[:, None]))
    np.testing.assert_array_equal(plain.predict_proba(X), column.predict_proba(X))
    for several in (np.c_[y, 1 - y], np.c_[X.a, X.b]):
        with pytest.raises(DataError, match="one label for each row"):
            SafeTransferRegressor().fit(X, several)


def test_rows_and_labels_in_two_orders_are_refused():
    X, y = amounts(40, 0)
    for estimator in (SafeTransferClassifier(), SafeTransferRegressor()):
        with pytest.raises(DataError, match="another order"):
            estimator.fit(X, y[::-1])


def test_weights_with_a_gap_are_refused_by_the_estimators():
    X, y = amounts(40, 0)
    weights = pd.Series([None, *[1] * 39], dtype="Int64")
    with pytest.raises(DataError, match="40 finite numbers"):
        SafeTransferClassifier().fit(X, y, sample_weight=weights)


def test_rows_by_position_are_refused_where_columns_have_names():
    X, y = amounts(40, 0)
    X["city"] = np.where(X.b > 0, "Oslo", "Rome")
    model = SafeTransferClassifier().fit(X, y)
    with pytest.raises(DataError, match="no column names"):
        model.predict(X.to_numpy())
