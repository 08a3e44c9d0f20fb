"""Transformers go inside the safe model: sources pass through them too."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from transfergap import SafeTransferClassifier, SafeTransferRegressor, summarize
from transfergap.data.encoding import fit_encoder
from transfergap.errors import ConfigurationError, DataError
from transfergap.safe.model_file import load_model, save_model

SCALE = np.array([1.0, 50.0, 0.01, 2000.0])
CENTRE = np.array([40.0, 900.0, 3.0, -7000.0])


def task(n=40, n_source=400, seed=0, task="regression"):
    """Rows in odd units, and a source of the same rule."""
    rng = np.random.default_rng(seed)
    raw, other = rng.normal(size=(n, 4)), rng.normal(size=(n_source, 4))
    rule = np.array([1.0, -1.0, 0.5, 1.0])
    y, z = raw @ rule + rng.normal(size=n), other @ rule + rng.normal(size=n_source)
    if task == "binary":
        y, z = (y > 0).astype(int), (z > 0).astype(int)
    return raw * SCALE + CENTRE, y, {"b": (other * SCALE + CENTRE, z)}


def test_a_scaler_inside_is_the_fit_on_scaled_rows():
    X, y, sources = task()
    scaler = StandardScaler().fit(X)
    by_hand = SafeTransferRegressor().fit(
        scaler.transform(X), y, sources={"b": (scaler.transform(sources["b"][0]), sources["b"][1])}
    )
    inside = SafeTransferRegressor(preprocess=StandardScaler()).fit(X, y, sources=sources)
    new = task(seed=9)[0]
    np.testing.assert_array_equal(inside.predict(new), by_hand.predict(scaler.transform(new)))
    np.testing.assert_array_equal(
        inside.control_.predict(new), by_hand.control_.predict(scaler.transform(new))
    )
    assert inside.source_influence_ == by_hand.source_influence_
    assert not inside.report_.notes


def test_the_sources_gain_is_kept_inside_and_lost_in_front():
    X, y, sources = task(n=20, n_source=2000, seed=3)
    new, truth, _ = task(n=2000, seed=4)
    inside = SafeTransferRegressor(preprocess=StandardScaler()).fit(X, y, sources=sources)
    front = make_pipeline(StandardScaler(), SafeTransferRegressor())
    front.fit(X, y, safetransferregressor__sources=sources)
    losses = [np.mean((model.predict(new) - truth) ** 2) for model in (inside, front)]
    control = np.mean((inside.control_.predict(new) - truth) ** 2)
    assert losses[0] < 0.95 * control and losses[0] < losses[1]
    assert inside.source_influence_["b"] > 0.3
    (note,) = front[-1].report_.notes
    assert "preprocess=" in note and "'b'" in note and "preprocess=" in str(front[-1].report_)


@pytest.mark.parametrize(
    ("transformer", "kind"),
    [
        (PCA(3), "binary"),
        (make_pipeline(StandardScaler(), PCA(2)), "binary"),
        (SelectKBest(f_regression, k=2), "regression"),
        (make_pipeline(StandardScaler().set_output(transform="pandas")), "regression"),
    ],
)
def test_transformers_that_change_columns_work(transformer, kind):
    X, y, sources = task(task=kind)
    model = SafeTransferClassifier if kind == "binary" else SafeTransferRegressor
    fitted = model(preprocess=transformer).fit(X, y, sources=sources)
    assert fitted.source_influence_["b"] > 0.1 and fitted.n_features_in_ == 4
    assert fitted.predict(X).shape == (40,)
    assert not hasattr(transformer, "n_features_in_")  # the user's own is never fitted


def test_an_estimator_gets_transformed_rows_of_all():
    X, y, sources = task(task="binary")
    seen = []

    def note(rows):
        seen.append(float(np.abs(np.mean(rows))))
        return rows

    inside = make_pipeline(FunctionTransformer(note), RandomForestClassifier(5))
    model = SafeTransferClassifier(inside, preprocess=StandardScaler(), random_state=0)
    model.fit(X, y, sources=sources)
    assert seen and max(seen) < 1.0
    assert model.predict_proba(X).shape == (40, 2)


def test_tables_in_another_order_and_texts_go_through():
    X, y, sources = task(task="binary")
    table = pd.DataFrame(X, columns=list("pqrs")).assign(kind=np.where(X[:, 0] > 40, "x", "y"))
    other = pd.DataFrame(sources["b"][0], columns=list("pqrs"))
    other = other.assign(kind=np.where(other.p > 40, "x", "y"))[["kind", "s", "r", "q", "p"]]
    columns = make_column_transformer(
        (OneHotEncoder(), ["kind"]), (StandardScaler(), ["p", "q", "r", "s"])
    )
    model = SafeTransferClassifier(preprocess=columns)
    model.fit(table, y, sources={"b": (other, sources["b"][1])})
    assert model.source_influence_["b"] > 0.1
    words = np.where(y[:, None] == 1, "good", "bad")[:, 0]
    texts = [f"{word} day {k % 3}" for k, word in enumerate(words)]
    spoken = SafeTransferClassifier(preprocess=TfidfVectorizer())
    spoken.fit(texts, y, sources={"b": (texts[:30], y[:30])})
    assert (spoken.predict(["good day", "bad day"]) == [1, 0]).all()


def test_it_can_be_cloned_searched_and_saved(tmp_path):
    X, y, sources = task()
    model = SafeTransferRegressor(preprocess=StandardScaler())
    assert clone(model).get_params()["preprocess__with_mean"] is True
    scores = cross_val_score(model, X, y, params={"sources": sources}, cv=3)
    assert np.isfinite(scores).all() and scores.mean() > 0.3
    model.fit(X, y, sources=sources)
    save_model(model, tmp_path / "model.skops")
    np.testing.assert_array_equal(load_model(tmp_path / "model.skops").predict(X), model.predict(X))


def test_what_cannot_be_preprocessed_is_refused():
    X, y, sources = task(task="binary")
    for wrong in (RandomForestClassifier(), StandardScaler):
        with pytest.raises(ConfigurationError, match="transform"):
            SafeTransferClassifier(preprocess=wrong).fit(X, y, sources=sources)
    encoder = fit_encoder(X, y, task="binary")
    summary = summarize(*sources["b"], encoder=encoder)
    with pytest.raises(ConfigurationError, match="preprocess="):
        SafeTransferClassifier(preprocess=StandardScaler()).fit(X, y, sources={"b": summary})


@pytest.mark.parametrize("n_components", [2, 3])
def test_a_transformer_in_front_that_changes_columns_is_refused(n_components):
    X, y, sources = task()
    front = make_pipeline(PCA(n_components), SafeTransferRegressor())
    with pytest.raises(DataError, match="4 columns") as caught:
        front.fit(X, y, safetransferregressor__sources=sources)
    assert "preprocess=" in caught.value.hint


def test_names_that_a_transformer_in_front_made_are_refused():
    X, y, sources = task()
    table, other = (pd.DataFrame(rows, columns=list("pqrs")) for rows in (X, sources["b"][0]))
    front = make_pipeline(PCA(4).set_output(transform="pandas"), SafeTransferRegressor())
    with pytest.raises(DataError, match="lacks columns") as caught:
        front.fit(table, y, safetransferregressor__sources={"b": (other, sources["b"][1])})
    assert "preprocess=" in caught.value.hint
    texts = [f"word{k % 5}" for k in range(40)]
    front = make_pipeline(TfidfVectorizer(), SafeTransferRegressor())
    with pytest.raises(DataError, match="texts") as caught:
        front.fit(texts, y, safetransferregressor__sources={"b": (texts, y)})
    assert "preprocess=" in caught.value.hint


@pytest.mark.parametrize("shift", [0.0, 1.0, 3.0])
def test_a_shift_between_domains_is_no_note(shift):
    X, y, sources = task()
    moved = sources["b"][0] + shift * SCALE
    assert (
        not SafeTransferRegressor().fit(X, y, sources={"b": (moved, sources["b"][1])}).report_.notes
    )


@pytest.mark.parametrize("scaler", [StandardScaler(), PCA(4)])
def test_a_transformer_in_front_takes_the_targets_names_and_is_refused(scaler):
    X, y, sources = task()
    names = list("abcd")
    tables = {"b": (pd.DataFrame(sources["b"][0], columns=names), sources["b"][1])}
    model = make_pipeline(scaler, SafeTransferRegressor())
    with pytest.raises(DataError, match=r"have names \(a, b, c, ...\)") as caught:
        model.fit(pd.DataFrame(X, columns=names), y, safetransferregressor__sources=tables)
    assert "preprocess=" in caught.value.hint and "both as arrays" in caught.value.hint


def named_task():
    X, y, sources = task(task="binary")
    names = ["a", "b", "c", "d"]
    tables = {name: (pd.DataFrame(Z, columns=names), z) for name, (Z, z) in sources.items()}
    return pd.DataFrame(X, columns=names), y, tables


def test_tables_of_another_library_may_come_out_of_the_transformer():
    pytest.importorskip("polars")
    X, y, sources = named_task()
    plain, other = (
        SafeTransferClassifier(preprocess=StandardScaler().set_output(transform=library))
        for library in ("pandas", "polars")
    )
    expected = plain.fit(X, y, sources).predict_proba(X)
    np.testing.assert_allclose(other.fit(X, y, sources).predict_proba(X), expected)


def test_a_transformer_that_fails_on_a_source_names_it():
    X, y, sources = named_task()
    sources = {name: (Z.assign(city="Rome"), z) for name, (Z, z) in sources.items()}
    encoder = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough")
    with pytest.raises(DataError, match="fails on the source 'b': Found unknown categories"):
        SafeTransferClassifier(preprocess=encoder).fit(X.assign(city="Oslo"), y, sources)
