"""A model from summaries is the model from rows, and hostile sources do not move it."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from transfergap import SafeTransferClassifier, SafeTransferRegressor
from transfergap.data.encoding import fit_encoder, summarize
from transfergap.data.problem import Sample
from transfergap.errors import DataError


def table(n, rng, *, shift=0.0):
    """Numbers, a category and gaps; the label depends on all of them."""
    frame = pd.DataFrame(
        {
            "age": rng.normal(50 + shift, 10, n),
            "chol": rng.normal(200, 30, n),
            "sex": rng.choice(["f", "m"], n),
            "site": rng.choice(["x", "y", "z"], n),
        }
    )
    score = (frame.age - 50) / 10 + (frame.sex == "m") - 0.5 + rng.normal(size=n)
    frame.loc[rng.choice(n, n // 8, replace=False), "chol"] = np.nan
    return frame, score.to_numpy()


@pytest.fixture
def hospitals():
    rng = np.random.default_rng(0)
    target, site_b, site_c = (table(n, rng, shift=s) for n, s in ((60, 0), (400, 2), (300, -3)))
    return target, {"b": site_b, "c": site_c}


def labels(score, task):
    if task == "regression":
        return score
    if task == "binary":
        return np.where(score > 0, "ill", "well")
    return np.digitize(score, [-0.7, 0.7])


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
@pytest.mark.parametrize("n_rounds", [1, 2])
def test_a_model_from_summaries_is_the_model_from_rows(hospitals, task, n_rounds):
    (X, score), sites = hospitals
    make = SafeTransferRegressor if task == "regression" else SafeTransferClassifier
    y = labels(score, task)
    encoder = fit_encoder(X, y, task=task)
    for _ in range(1 if task == "regression" else n_rounds):
        rows = make().fit(
            X, y, sources={n: (x, labels(s, task)) for n, (x, s) in sites.items()}, encoder=encoder
        )
        sent = make().fit(
            X,
            y,
            sources={
                n: summarize(x, labels(s, task), encoder=encoder) for n, (x, s) in sites.items()
            },
        )
        encoder = encoder if task == "regression" else encoder.at(rows.next_expansion_)
    assert sent.mixing_weight_ == pytest.approx(rows.mixing_weight_, abs=1e-8)
    for name in ("decision_function", "predict_proba") if task != "regression" else ("predict",):
        ours, theirs = getattr(sent, name)(X), getattr(rows, name)(X)
        assert np.abs(ours - theirs).max() < 1e-8


def test_rows_and_summaries_mix(hospitals):
    (X, score), sites = hospitals
    y = labels(score, "binary")
    encoder = fit_encoder(X, y, task="binary")
    pair = {name: (x, labels(s, "binary")) for name, (x, s) in sites.items()}
    mixed = SafeTransferClassifier().fit(
        X, y, sources={"b": summarize(*pair["b"], encoder=encoder), "c": pair["c"]}
    )
    rows = SafeTransferClassifier().fit(X, y, sources=pair, encoder=encoder)
    assert np.abs(mixed.predict_proba(X) - rows.predict_proba(X)).max() < 1e-8


def test_the_logistic_rounds_settle(hospitals):
    (X, score), sites = hospitals
    y = labels(score, "binary")
    pair = {name: (x, labels(s, "binary")) for name, (x, s) in sites.items()}
    encoder, seen = fit_encoder(X, y, task="binary"), []
    for _ in range(4):
        model = SafeTransferClassifier().fit(X, y, sources=pair, encoder=encoder)
        seen.append(model.predict_proba(X)[:, 1])
        encoder = encoder.at(model.next_expansion_)
    moved = [np.abs(a - b).max() for a, b in pairwise(seen)]
    assert moved[2] < moved[0] / 2
    assert moved[2] < 0.03


def test_a_summary_of_another_encoding_is_refused_by_name(hospitals):
    (X, score), sites = hospitals
    y = labels(score, "binary")
    ours = fit_encoder(X, y, task="binary")
    theirs = fit_encoder(X.drop(columns="chol"), y, task="binary")
    b, c = (x for x, _ in sites.values())
    yb, yc = (labels(s, "binary") for _, s in sites.values())
    with pytest.raises(DataError, match=r"'b' and 'c'.*chol"):
        SafeTransferClassifier().fit(
            X,
            y,
            sources={
                "b": summarize(b, yb, encoder=ours),
                "c": summarize(c.drop(columns="chol"), yc, encoder=theirs),
            },
        )


def test_a_summary_of_another_task_is_refused(hospitals):
    (X, score), sites = hospitals
    x, s = sites["b"]
    encoder = fit_encoder(X, score, task="regression")
    with pytest.raises(DataError, match="regression task"):
        SafeTransferClassifier().fit(
            X, labels(score, "binary"), sources={"b": summarize(x, s, encoder=encoder)}
        )


def test_a_summary_that_no_rows_can_have_is_refused(hospitals):
    from dataclasses import replace

    (X, score), sites = hospitals
    x, s = sites["b"]
    good = summarize(x, s, encoder=fit_encoder(X, score, task="regression"))
    grams = good.grams.copy()
    grams[0, 0, 0] = -5.0
    for bad, said in (
        (replace(good, grams=grams), "positive semi-definite"),
        (replace(good, moments=good.moments * np.nan), "finite"),
    ):
        with pytest.raises(DataError, match=said) as caught:
            SafeTransferRegressor().fit(X, score, sources={"b": bad})
        assert "'b'" in caught.value.message
        assert caught.value.hint


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (lambda X, y: (X.drop(columns=["age"]), y), "'age'"),
        (lambda X, y: (X, np.where(y == "ill", "sick", "well")), "sick"),
        (lambda X, y: (X, np.linspace(0.1, 0.9, len(y))), "fractions"),
        (lambda X, y: (X.assign(age="old"), y), "'age'"),
        (lambda X, y: (X, y[:-1]), "labels for"),
        (lambda X, y: (X, np.full(len(y), np.nan)), "missing"),
        (lambda X, y: (X, None), "no labels"),
        (lambda X, y: X, "not a pair"),
        (lambda X, y: (X.assign(age=np.inf), y), "infinite"),
    ],
)
def test_a_source_that_does_not_fit_is_one_clear_error(hospitals, source, said):
    (X, score), sites = hospitals
    x, s = sites["b"]
    with pytest.raises(DataError, match=said) as caught:
        SafeTransferClassifier().fit(
            X, labels(score, "binary"), sources={"b": source(x, labels(s, "binary"))}
        )
    assert "'b'" in caught.value.message or "DataFrame" in caught.value.message
    assert caught.value.hint


def test_a_million_reversed_rows_do_not_move_the_model_beyond_the_stated_harm():
    rng = np.random.default_rng(1)
    slopes = np.array([1.0, -0.7, 0.4, 0.0])

    def draw(n, sign=1.0):
        X = rng.normal(size=(n, 4))
        return X, (sign * (X @ slopes) + rng.logistic(size=n) > 0).astype(int)

    (X, y), (Xt, yt) = draw(60), draw(20_000)
    hostile = draw(1_000_000, sign=-1.0)
    for caution in ("low", "medium"):
        model = SafeTransferClassifier(caution=caution).fit(X, y, sources={"hostile": hostile})
        brier = np.mean((model.predict_proba(Xt)[:, 1] - yt) ** 2)
        control = np.mean((model.control_.predict_proba(Xt)[:, 1] - yt) ** 2)
        assert brier < control + 0.002


@pytest.mark.parametrize("kind", ["feature", "label", "shuffled"])
def test_one_absurd_value_does_no_harm(kind):
    rng = np.random.default_rng(2)
    slopes = np.array([1.0, -0.7, 0.4, 0.0])
    X, Xt = rng.normal(size=(50, 4)), rng.normal(size=(5_000, 4))
    y, yt = X @ slopes + rng.normal(size=50), Xt @ slopes + rng.normal(size=5_000)
    Xs = rng.normal(size=(300, 4))
    ys = Xs @ slopes + rng.normal(size=300)
    if kind == "feature":
        Xs[7, 2] = 1e12
    if kind == "label":
        ys[7] = 1e12
    if kind == "shuffled":
        Xs, ys = np.vstack([Xs] * 1_000), np.tile(rng.permutation(ys), 1_000)
    model = SafeTransferRegressor().fit(X, y, sources={"b": (Xs, ys)})
    risk = np.mean((model.predict(Xt) - yt) ** 2)
    control = np.mean((model.control_.predict(Xt) - yt) ** 2)
    assert risk < control + 0.02 * np.var(yt)


def test_samples_and_weights_are_sources_too(hospitals):
    (X, score), sites = hospitals
    x, s = sites["b"]
    half = np.repeat([1.0, 0.0], [200, 200])
    first = SafeTransferRegressor().fit(X, score, sources={"b": (x.iloc[:200], s[:200])})
    weighted = SafeTransferRegressor().fit(X, score, sources={"b": (x, s, half)})
    sample = SafeTransferRegressor().fit(X, score, sources={"b": Sample(x, s, half)})
    assert np.allclose(weighted.predict(X), sample.predict(X), atol=1e-12)
    assert np.allclose(weighted.predict(X), first.predict(X), atol=1e-6)
