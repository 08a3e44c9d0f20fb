"""Source rows moved or weighed towards the target, and the traps of the libraries that do it."""

import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import sqrtm

from transfergap.data.problem import Sample, TrainingSet
from transfergap.errors import DataError, MissingExtraError
from transfergap.learners.mitigations import CORAL, KLIEP, KernelMeanMatching, OptimalTransport

pytestmark = pytest.mark.skipif(find_spec("skada") is None, reason="needs the extra da")
ALL = [CORAL, KLIEP, KernelMeanMatching, OptimalTransport]


def seen(train):
    return [(s.X, s.y, s.weights) for s in train.sources]


@pytest.mark.parametrize("cls", ALL)
def test_labels_of_the_target_have_no_part(cls, moved, shown):
    """skada's adapters and POT's plans use target labels where they get them."""
    turned = replace(moved, target=replace(moved.target, y=1 - moved.target.y))
    one, other = cls(shown).train(moved, seed=0), cls(shown).train(turned, seed=0)
    for (X, y, w), (X2, y2, w2) in zip(seen(one), seen(other), strict=True):
        np.testing.assert_array_equal(X, X2)
        np.testing.assert_array_equal(y, y2)
        np.testing.assert_array_equal(w, w2)


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("labels", [np.array([-1, 1]), np.array(["no", "yes"])])
def test_labels_pass_through_untouched(cls, labels, moved, shown):
    """skada writes into labels, and stumbles over texts and -1, its sign for "unknown"."""
    source = moved.sources[0]
    named = TrainingSet(
        replace(moved.target, y=labels[moved.target.y]), (replace(source, y=labels[source.y]),)
    )
    before = named.sources[0].y.copy()
    got = cls(shown).train(named, seed=0)
    np.testing.assert_array_equal(got.sources[0].y, before)
    np.testing.assert_array_equal(named.sources[0].y, before)


@pytest.mark.slow
def test_importing_skada_leaves_metadata_routing_as_it_was():
    program = (
        "import numpy as np, sklearn\n"
        "from transfergap.learners import FunctionLearner\n"
        "from transfergap.learners.mitigations import CORAL\n"
        "from transfergap.data.problem import Sample, TrainingSet\n"
        "sample = Sample(np.eye(3), np.zeros(3))\n"
        "learner = CORAL(FunctionLearner(lambda target, sources: 0))\n"
        "learner.train(TrainingSet(sample, (sample,)), seed=0)\n"
        "import sys\n"
        "print('skada' in sys.modules, sklearn.get_config()['enable_metadata_routing'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["True", "False"]


@pytest.mark.parametrize(("cls", "module"), [(CORAL, "skada"), (OptimalTransport, "ot")])
def test_a_missing_extra_is_named(cls, module, moved, shown, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=r"transfergap\[da\]"):
        cls(shown).train(moved, seed=0)


def test_coral_is_the_formula_of_its_paper(moved, shown):
    source = CORAL(shown).train(moved, seed=0).sources[0]
    S, T = moved.sources[0].X, moved.target.X
    scale = T.std(axis=0)
    S, T = (S - T.mean(axis=0)) / scale, (T - T.mean(axis=0)) / scale

    def with_identity(X):
        C = np.cov(X.T, bias=True)
        return C + np.eye(3) * np.trace(C) / 3

    ours, theirs = np.real(sqrtm(with_identity(T))), np.real(sqrtm(with_identity(S)))
    mapped = (S - S.mean(axis=0)) @ np.linalg.inv(theirs) @ ours
    expected = mapped * scale + moved.target.X.mean(axis=0)
    np.testing.assert_allclose(source.X, expected, atol=1e-10)
    np.testing.assert_allclose(source.X.mean(axis=0), moved.target.X.mean(axis=0))


def test_coral_survives_columns_that_repeat_each_other(moved, shown):
    doubled = TrainingSet(
        replace(moved.target, X=np.tile(moved.target.X, 2)),
        tuple(replace(s, X=np.tile(s.X, 2)) for s in moved.sources),
    )
    assert np.isfinite(CORAL(shown).train(doubled, seed=0).sources[0].X).all()


def test_transport_takes_shuffled_rows_back_to_themselves(moved, shown):
    X = moved.target.X
    order = np.random.default_rng(0).permutation(len(X))
    train = TrainingSet(moved.target, (Sample(X[order] + 1e-3, moved.target.y[order]),))
    got = OptimalTransport(shown).train(train, seed=0).sources[0].X
    np.testing.assert_allclose(got, X[order], atol=1e-9)


def test_an_entropic_plan_blurs(moved, shown):
    exact = OptimalTransport(shown).train(moved, seed=0).sources[0].X
    blurred = OptimalTransport(shown, entropy=1.0).train(moved, seed=0).sources[0].X
    assert np.isfinite(blurred).all()
    assert blurred.std() < exact.std()


@pytest.mark.parametrize("cls", [CORAL, OptimalTransport])
def test_only_numbers_that_vary_are_moved(cls, shown):
    rng = np.random.default_rng(0)

    def table(n, shift):
        X = pd.DataFrame({
            "a": rng.normal(size=n) + shift, "kind": rng.choice(["x", "y"], n),
            "whole": rng.integers(0, 9, n), "flag": rng.random(n) > 0.5, "same": 1.0,
        })  # fmt: skip
        X.loc[0, "a"] = np.nan
        return Sample(X, np.zeros(n))

    target, source = table(30, 0.0), table(20, 4.0)
    got = cls(shown).train(TrainingSet(target, (source,)), seed=0).sources[0].X
    assert list(got.columns) == list(source.X.columns)
    pd.testing.assert_frame_equal(got[["kind", "flag", "same"]], source.X[["kind", "flag", "same"]])
    assert np.isnan(got["a"].iloc[0]) and got["a"].notna().sum() == 19
    assert abs(got["a"].mean() - target.X["a"].mean()) < 0.5
    assert source.X["a"].mean() > 3


@pytest.mark.parametrize("cls", [CORAL, OptimalTransport])
def test_texts_and_sparse_rows_cannot_be_moved(cls, shown):
    from scipy.sparse import csr_matrix

    for X in (["a", "b"], csr_matrix(np.eye(2))):
        sample = Sample(X, np.zeros(2))
        with pytest.raises(DataError, match="kernel-mean-matching"):
            cls(shown).train(TrainingSet(sample, (sample,)), seed=0)


@pytest.mark.parametrize("cls", [KLIEP, KernelMeanMatching])
def test_weights_favour_rows_like_the_target_and_keep_the_total(cls, shown):
    rng = np.random.default_rng(0)
    target = Sample(rng.normal(size=(40, 2)), np.zeros(40))
    near, far = rng.normal(size=(50, 2)), rng.normal(size=(50, 2)) + 4
    source = Sample(np.vstack([near, far]), np.zeros(100), np.full(100, 0.5))
    weights = cls(shown).train(TrainingSet(target, (source,)), seed=0).sources[0].weights
    assert weights.sum() == pytest.approx(50)
    assert weights[:50].sum() > 10 * weights[50:].sum()
    none = replace(source, weights=np.r_[np.zeros(50), np.ones(50)])
    weights = cls(shown).train(TrainingSet(target, (none,)), seed=0).sources[0].weights
    assert (weights[:50] == 0).all()


def test_large_sources_are_matched_in_parts(moved, shown):
    whole = KernelMeanMatching(shown).train(moved, seed=0).sources[0].weights
    parts = KernelMeanMatching(shown, max_rows=40).train(moved, seed=0).sources[0].weights
    assert np.corrcoef(whole, parts)[0, 1] > 0.5


@pytest.mark.parametrize("cls", [KLIEP, KernelMeanMatching])
def test_texts_are_compared_by_their_words(cls, shown):
    target = Sample(["good film", "bad film", "good plot"] * 4, np.zeros(12))
    source = Sample(["good film", "stock prices fell", "rates and prices"], np.zeros(3))
    weights = cls(shown).train(TrainingSet(target, (source,)), seed=0).sources[0].weights
    assert weights[0] == weights.max()
