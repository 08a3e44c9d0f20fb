"""Labels that are reversed, exchanged or in another unit are named as such, and first."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.linear_model import Ridge

from transfergap import audit
from transfergap.data.divergences.labels_apart import labels_apart
from transfergap.data.problem import Sample


def directions(rng, n_columns):
    w = rng.normal(size=n_columns)
    return w / np.linalg.norm(w)


def scores(rng, n, w, strength):
    X = rng.normal(size=(n, len(w)))
    return X, strength * X @ w + rng.normal(size=n)


def two_samples(rng, *, noise=0.0, half_another_rule=False, swapped=False):
    w = directions(rng, int(rng.integers(3, 12)))
    v = w + half_another_rule * directions(rng, len(w))
    strength = rng.uniform(1.0, 3.0)
    X, a = scores(rng, int(rng.choice([80, 120, 200])), w, strength)
    Z, b = scores(rng, int(rng.choice([100, 300])), v / np.linalg.norm(v), strength)
    z = (b > 0) != (rng.random(len(b)) < noise)
    return Sample(X, (a > 0).astype(int)), Sample(Z, (z != swapped).astype(int))


def n_named(n_draws, **kind):
    rng = np.random.default_rng(3)
    return sum(
        labels_apart(*two_samples(rng, **kind), "binary", seed=0) is not None
        for _ in range(n_draws)
    )


CLEAN = ({}, {"noise": 0.3}, {"half_another_rule": True})


def test_clean_sources_are_left_alone_and_swaps_are_found():
    n_false = sum(n_named(60, **kind) for kind in CLEAN)
    assert n_false <= binom.ppf(1 - 1e-4, 180, 0.005)
    assert n_named(60, swapped=True) >= binom.ppf(1e-4, 60, 0.95)


@pytest.mark.slow
def test_clean_sources_are_left_alone_in_many_draws():
    n_false = sum(n_named(1000, **kind) for kind in CLEAN)
    assert n_false <= binom.ppf(1 - 1e-4, 3000, 0.005)
    assert n_named(1000, swapped=True) >= binom.ppf(1e-4, 1000, 0.95)


def test_three_classes_of_which_two_are_exchanged():
    rng = np.random.default_rng(0)
    W = 3 * rng.normal(size=(4, 3))

    def rows(n):
        X = rng.normal(size=(n, 4))
        return X, np.array(["cat", "dog", "eel"])[(X @ W + rng.gumbel(size=(n, 3))).argmax(1)]

    (X, y), (Z, z) = rows(150), rows(300)
    wrong = np.select([z == "cat", z == "dog"], ["dog", "cat"], z)
    apart = labels_apart(Sample(X, y), Sample(Z, wrong), "multiclass", seed=0)
    assert apart.kind == "exchanged"
    assert set(apart.pairs) == {("cat", "dog"), ("dog", "cat")}
    assert labels_apart(Sample(X, y), Sample(Z, z), "multiclass", seed=0) is None


def three_classes(rng, n, W):
    X = rng.normal(size=(n, len(W)))
    return X, (X @ W + rng.gumbel(size=(n, 3))).argmax(1)


SIZES = [
    case
    if case in ((60, (1, 0, 2)), (200, (1, 2, 0)))
    else pytest.param(*case, marks=pytest.mark.slow)
    for case in product([60, 100, 200], [(1, 0, 2), (0, 2, 1), (1, 2, 0)])
]


@pytest.mark.parametrize(("n_target", "naming"), SIZES)
def test_exchanged_classes_are_found_in_samples_of_all_sizes(n_target, naming):
    rng = np.random.default_rng([n_target, *naming])
    n_found = n_false = 0
    for _ in range(20):
        W = 2 * rng.normal(size=(4, 3))
        (X, y), (Z, z) = three_classes(rng, n_target, W), three_classes(rng, 250, W)
        halves = Sample(X, y), Sample(Z, np.array(naming)[z])
        apart = labels_apart(*halves, "multiclass", seed=0)
        n_found += apart is not None and dict(apart.pairs) == {
            str(new): str(old) for old, new in enumerate(naming) if old != new
        }
        n_false += labels_apart(Sample(X, y), Sample(Z, z), "multiclass", seed=0) is not None
    assert n_found >= binom.ppf(1e-3, 20, 0.9)
    assert n_false == 0


@pytest.mark.parametrize("k", [2, 3])
def test_labels_dealt_out_at_random_are_not_called_reversed(k):
    rng = np.random.default_rng(k)
    n_named = 0
    for _ in range(150):
        W = 2 * rng.normal(size=(int(rng.choice([1, 2, 4])), 3))
        (X, y), (Z, z) = three_classes(rng, 100, W), three_classes(rng, 150, W)
        y, z = (np.minimum(labels, k - 1) for labels in (y, z))
        task = "binary" if k == 2 else "multiclass"
        halves = Sample(X, y), Sample(Z, rng.permutation(z))
        n_named += labels_apart(*halves, task, seed=0) is not None
    assert n_named <= binom.ppf(1 - 1e-3, 150, 0.005)


@pytest.mark.parametrize(
    ("factor", "level", "words"),
    [(1000.0, 0.0, "1,000 times larger"), (0.4536, 0.0, "times smaller"),
     (1.8, 320.0, "times larger (plus"), (1.0, 273.15, "about 273 higher"),
     (60.0, 0.0, "times larger")],
)  # fmt: skip
def test_units_of_numbers(factor, level, words):
    rng = np.random.default_rng(1)
    w = np.array([2.0, 1.0, -1.0])
    (X, y), (Z, z) = scores(rng, 120, w, 1.0), scores(rng, 250, w, 1.0)
    y, z = y + 15, (z + 15) * factor + level
    study = audit(
        Ridge(), X, y, sources={"b": (Z, z)}, metric="r2", effort="quick", arms=["b pooled"]
    )
    first = study.findings[0]
    assert (first.code, first.subject) == ("TG125", "b")
    assert words in first.says
    assert first.evidence["factor"] == pytest.approx(factor, rel=0.2)
    assert not [f for f in study.findings if f.code.startswith("TG60")]


def test_the_same_unit_is_left_alone():
    rng = np.random.default_rng(2)
    w = np.array([2.0, 1.0, -1.0])
    (X, y), (Z, z) = scores(rng, 120, w, 1.0), scores(rng, 250, w, 1.0)
    for other in (z, z + y.std(), rng.permutation(z)):
        assert labels_apart(Sample(X, y), Sample(Z, other), "regression", seed=0) is None


def test_a_turned_scale_of_numbers():
    rng = np.random.default_rng(4)
    w = np.array([2.0, 1.0, -1.0])
    (X, y), (Z, z) = scores(rng, 120, w, 1.0), scores(rng, 250, w, 1.0)
    apart = labels_apart(Sample(X, y), Sample(Z, 10 - z), "regression", seed=0)
    assert (apart.kind, apart.factor) == ("reversed", -1.0)


def test_groups_count_once():
    rng = np.random.default_rng(5)
    X, y = np.repeat(rng.normal(size=(8, 2)), 20, axis=0), np.repeat([0, 1] * 4, 20)
    target = Sample(X, y, groups=np.repeat(np.arange(8), 20))
    source = Sample(np.vstack([X, X]), np.concatenate([1 - y, 1 - y]))
    assert labels_apart(target, source, "binary", seed=0) is None
