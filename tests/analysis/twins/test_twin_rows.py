"""Copies with noise and persons measured again are noticed, and strangers are left alone."""

from itertools import product

import numpy as np
import pytest
from scipy.sparse import csr_matrix, vstack
from scipy.stats import binom
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import normalize
from sklearn.tree import DecisionTreeClassifier

from transfergap import audit
from transfergap.analysis.gate import gate
from transfergap.analysis.twins.between_rows import between_rows, n_between_others
from transfergap.analysis.twins.label_twins import LabelTwins, label_twins
from transfergap.analysis.twins.twin_rows import twin_rows
from transfergap.data.problem import Sample
from transfergap.report.brief.faults import faults_of


def strangers(rng, n, width, *, shift=0.0, heavy=False):
    X = rng.standard_t(2, size=(n, width)) if heavy else rng.normal(size=(n, width))
    X += shift
    return X, (X[:, 0] + X[:, 1] + rng.normal(size=n) > 2 * shift).astype(int)


def with_twins(rng, X, y, noise, share):
    rows = rng.permutation(len(y))[: int(share * len(y))]
    return X[rows] + noise * rng.normal(size=X[rows].shape), y[rows]


CASES = [
    case if case in ((3, 0.05, 1.0), (6, 0.01, 0.2), (15, 0.001, 0.2)) else
    pytest.param(*case, marks=pytest.mark.slow)
    for case in product([3, 6, 15], [0.001, 0.01, 0.05], [0.2, 1.0])
]  # fmt: skip


@pytest.mark.parametrize(("width", "noise", "share"), CASES)
def test_copies_with_noise_are_noticed(width, noise, share):
    found = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, y = strangers(rng, 100, width)
        Z, z = strangers(rng, 300, width)
        copies, labels = with_twins(rng, X, y, noise, share)
        twins = twin_rows("b", Sample(X, y), Sample(np.vstack([Z, copies]), np.append(z, labels)))
        found += twins is not None
    hard = width == 3 and noise == 0.05  # there a stranger is often as near
    assert found >= (0 if hard else 9)


@pytest.mark.parametrize("n_draws", [12, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("options", [{}, {"shift": 1.0}, {"heavy": True}])
@pytest.mark.parametrize("width", [2, 5, 20])
def test_strangers_are_left_alone(width, options, n_draws):
    alarms = 0
    for seed in range(n_draws):
        rng = np.random.default_rng(1000 + seed)
        X, y = strangers(rng, 90, width)
        Z, z = strangers(rng, 250, width, **options)
        alarms += twin_rows("b", Sample(X, y), Sample(Z, z)) is not None
    assert alarms <= binom.ppf(1 - 1e-4, n_draws, 0.01)  # by distances 1 in 1,000, by labels 5


@pytest.mark.parametrize("n_draws", [10, pytest.param(20, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["classes", "amounts"])
def test_copies_in_coarse_columns_are_noticed_by_their_labels(kind, n_draws):
    """Whole numbers with noise: strangers are as near, but have not the label of the row."""
    found = by_labels = alarms = 0
    for seed in range(n_draws):
        rng = np.random.default_rng(seed)

        def coarse(n, rng=rng):
            X = rng.integers(0, 5, size=(n, 4)).astype(float)
            y = X[:, 0] - X[:, 1] + 2 * rng.normal(size=n)
            return X, y if kind == "amounts" else (y > 0).astype(int)

        (X, y), (Z, z) = coarse(120), coarse(240)
        near = X + 0.05 * rng.normal(size=X.shape)
        copies = Sample(np.vstack([Z, near]), np.append(z, y))
        twins = twin_rows("b", Sample(X, y), copies)
        found += twins is not None  # some lie nearer, too: then their distances tell first
        if isinstance(twins, LabelTwins):
            by_labels += 1
            assert twins.excess > twins.within + 0.1 and f"{twins.excess:.0%}" in twins.sentence
        alarms += twin_rows("b", Sample(X, y), Sample(Z, z)) is not None
    assert found >= 0.9 * n_draws
    assert by_labels
    assert alarms <= binom.ppf(1 - 1e-4, n_draws, 0.01)


@pytest.mark.parametrize("n_draws", [15, pytest.param(60, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["dense", "noisy source", "coarse", "far"])
def test_labels_of_honest_files_are_told_by_no_nearest_row(kind, n_draws):
    """What makes nearest rows better, or target rows share them, without being a copy."""
    alarms = 0
    for seed in range(n_draws):
        rng = np.random.default_rng(seed)
        width, slopes = rng.choice([2, 5]), rng.normal(size=5)

        def rows(n, noise, spread=1.0, shift=0.0, width=width, rng=rng, slopes=slopes):
            X = shift + spread * rng.normal(size=(n, width))
            y = X @ slopes[:width] + noise * rng.normal(size=n) > shift * slopes[:width].sum()
            return (np.round(X) if kind == "coarse" else X), y.astype(int)

        spread, shift = (0.2 if kind == "dense" else 1.0), (1.0 if kind == "far" else 0.0)
        target = Sample(*rows(200, 0.0 if kind == "noisy source" else 0.3, spread, shift))
        source = Sample(*rows(400, 1.5 if kind == "noisy source" else 0.3))
        alarms += twin_rows("b", target, source) is not None
    assert alarms <= binom.ppf(1 - 1e-4, n_draws, 0.02)


def test_the_evidence_of_labels_by_hand():
    # Nearest, next and the two farthest source rows of each target row; labels 0 and 1.
    target, source = np.array([1, 1, 0, 0] * 8), np.array([1, 0, 0, 1])
    nearest = np.tile([[0, 3, 1, 2], [3, 0, 1, 2], [1, 2, 0, 3], [2, 1, 3, 0]], (8, 1))
    among = np.array([[1, 2, 3, 3], [2, 0, 3, 0], [1, 3, 0, 3], [0, 1, 2, 1]])
    among, rows = np.tile(among, (20, 1)), np.tile(np.arange(4), 20)
    within = (source[rows], source, among)
    twins = label_twins("b", (target, source, nearest), [within], n_siblings=2)
    # Each nearest row has the label and no far one has: 1. Among the source's rows the first one's
    # nearest is farther in label than both far ones (-1), and those of the others are closer (1).
    assert twins.excess == 1.0
    assert twins.within == pytest.approx((-1.0 + 1.0 + 1.0 + 1.0) / 4)
    assert label_twins("b", (target, source, nearest[:, ::-1]), [within], n_siblings=2) is None
    # It must stand out from every file's own rows, and from one at least.
    assert label_twins("b", (target, source, nearest), [within, (target, source, nearest)]) is None
    assert label_twins("b", (target, source, nearest), []) is None
    # Four rows among themselves know that too badly: 1/2 is less than 2.58 of 1/2 as error.
    few = (source[rows[:4]], source, among[:4])
    assert label_twins("b", (target, source, nearest), [few], n_siblings=2) is None


SIBLINGS = [(2, 0.02), (3, 0.1), (5, 0.1)]


@pytest.mark.parametrize(("times", "noise"), SIBLINGS)
@pytest.mark.parametrize("n_strangers", [0, 150])
def test_several_copies_of_each_row_are_noticed(times, noise, n_strangers):
    """Siblings lie beside each other because of the target row between them, and not by chance."""
    found = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, _ = strangers(rng, 100, 8)
        y = rng.integers(0, 2, 100)
        Z, z = strangers(rng, n_strangers, 8)
        near = np.vstack([Z, np.tile(X, (times, 1)) + noise * rng.normal(size=(times * 100, 8))])
        twins = twin_rows("b", Sample(X, y), Sample(near, np.append(z, np.tile(y, times))))
        found += twins is not None
    assert found >= 9


def oversampled(rng, X, y, n):
    """Rows between a row and one of its five nearest of the same class, as SMOTE draws them."""
    rows = rng.integers(0, len(X), n)
    far = np.linalg.norm(X[rows, None] - X[None], axis=2) + 1e9 * (y[rows, None] != y[None])
    partners = np.argsort(far, axis=1)[np.arange(n), rng.integers(1, 6, n)]
    return X[rows] + rng.random((n, 1)) * (X[partners] - X[rows]), y[rows]


@pytest.mark.parametrize("figures", [16, 3])
def test_rows_between_target_rows_are_noticed(figures):
    found = alarms = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, _ = strangers(rng, 100, 5)
        y = rng.integers(0, 2, 100)
        Z, z = strangers(rng, 200, 5)
        new, labels = oversampled(rng, X, y, 100)
        mixed = np.vstack([Z, new.round(figures)]), np.append(z, labels)
        between = between_rows("b", X, mixed[0])
        found += between is not None and between.n_between >= 80
        assert twin_rows("b", Sample(X, y), Sample(*mixed)) is not None
        alarms += between_rows("b", X, np.vstack([Z, X[:50]])) is not None
        alarms += between_rows("b", X.round(), Z.round()) is not None  # midpoints of a grid
    assert (found, alarms) == (10, 0)


def test_rows_between_by_hand():
    t = np.arange(24.0)
    X = np.column_stack([t, t**2, np.cos(t)])  # no three on a line
    halves = (X[:-1] + X[1:]) / 2
    between = between_rows("b", X, halves)
    assert (between.n_between, between.n_rows, between.within) == (23, 23, 0.0)
    assert "23 of 23 rows of b lie exactly between two target rows" in between.sentence
    assert between_rows("b", X, halves[:7]) is None  # too few
    assert between_rows("b", X[:, :2], halves[:, :2]) is None  # of two columns
    assert between_rows("b", X, X + 3.0) is None
    assert n_between_others(np.vstack([X, halves])) == (23, 47)
    assert n_between_others(np.full((30, 3), "a", object)) == (0, 30)


def test_a_gain_from_noisy_copies_is_withheld():
    rng = np.random.default_rng(0)
    X, _ = strangers(rng, 120, 6)
    y = rng.integers(0, 2, 120)  # labels of noise: nothing can help
    Z, z = strangers(rng, 200, 6)
    copies, labels = with_twins(rng, X, y, 0.01, 1.0)
    study = audit(
        DecisionTreeClassifier(random_state=0), X, y, arms=["b pooled"], metric="accuracy",
        sources={"b": (np.vstack([Z, copies]), np.append(rng.permutation(z), labels))},
        explain="none", effort="quick", subgroups=None,
    )  # fmt: skip
    arm = next(arm for arm in study.result.arms if arm.arm == "b pooled")
    assert arm.gap.estimate > 0.1 and str(arm.verdict) == "not enough evidence"
    assert [f.subject for f in study.findings if f.code in ("TG108", "TG109")]
    assert gate(study.result).ruling == "unsettled"


def test_texts_are_not_compared_and_cost_no_verdict():
    rng = np.random.default_rng(0)
    letters = list("abcdefgh")  # no word of two letters: a vocabulary of words is empty

    def texts(n):
        y = rng.integers(0, 2, n)
        return [" ".join(rng.choice(letters[4 * k : 4 * k + 4], 8)) for k in y], y

    X, y = texts(60)
    model = make_pipeline(CountVectorizer(analyzer="char"), LogisticRegression())
    shuffled = rng.permutation(y)  # the control learns little, so that the source helps
    study = audit(
        model, X, np.where(rng.random(60) < 0.5, y, shuffled), sources={"b": texts(200)},
        arms=["b pooled"], metric="accuracy", explain="none", effort="quick", subgroups=None,
    )  # fmt: skip
    assert "TG109" in {check.code for check in study.result.silent_checks}


@pytest.mark.parametrize("n_rows", [0, 1, 15])
def test_few_rows_and_rows_without_numbers_have_no_twins(n_rows):
    rng = np.random.default_rng(0)
    X, y = strangers(rng, 60, 4)
    source = Sample(*strangers(rng, 80, 4))
    assert twin_rows("b", Sample(X[:n_rows], y[:n_rows]), source) is None
    assert twin_rows("b", Sample(X * np.nan, y), source) is None
    assert twin_rows("b", Sample(X * 0, y), source) is None


def test_a_target_that_was_oversampled_is_named_first():
    rng = np.random.default_rng(0)
    X, y = strangers(rng, 80, 5)
    new, labels = oversampled(rng, X, y, 30)
    sources = {"b": strangers(rng, 150, 5)}
    common = {"sources": sources, "effort": "quick", "explain": "none", "arms": ["b pooled"]}
    found = audit(None, np.vstack([X, new]), np.append(y, labels), **common)
    (finding,) = [f for f in found.findings if f.code == "TG142"]
    assert str(finding.strength) == "strong" and finding.evidence["n_between"] >= 20
    assert faults_of(found.result)[0].code == "TG142"
    assert "TG142" in {check.code for check in audit(None, X, y, **common).result.silent_checks}


def test_rows_off_the_grid_of_all_others_are_looked_at_alone():
    rng = np.random.default_rng(0)
    X = rng.integers(0, 40, size=(120, 4)).astype(float)
    y = rng.integers(0, 2, 120)
    assert n_between_others(X)[0] == 0  # though many whole numbers lie midway between others
    new, _ = oversampled(rng, X, y, 30)
    n, n_rows = n_between_others(np.vstack([X, new]))
    assert n_rows == 150 and 25 <= n <= 30
    assert n_between_others(np.vstack([X, new.round()]))[0] == 0  # then nothing tells
    assert n_between_others(np.vstack([X, X[:30] + 0.25]))[0] == 0  # off the grid, between none


def bags(rng, n):
    """Return counts of 200 words, a few in each row, with labels that four words tell."""
    counts = rng.poisson(0.06, size=(n, 200)).astype(float)
    counts[np.arange(n), rng.integers(4, 200, n)] += 3
    return csr_matrix(counts), (counts[:, :4].sum(axis=1) + 0.3 * rng.normal(size=n) > 0.3) * 1


def without_some(X):
    shorter = X.copy()
    shorter.data[::9] = 0
    shorter.eliminate_zeros()
    return shorter


CHANGES = {
    "other lengths": lambda X: X * 2.5,
    "one length": normalize,
    "yes or no": lambda X: (X > 0).astype(float),
    "words weighed": lambda X: X.multiply(np.linspace(0.6, 1.6, 200)).tocsr(),
    "words left out": without_some,
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_copies_of_sparse_rows_are_noticed(change):
    rng = np.random.default_rng(3)
    (X, y), (Z, z) = bags(rng, 100), bags(rng, 150)
    source = Sample(vstack([Z, CHANGES[change](X[:40])]).tocsr(), np.append(z, y[:40]))
    assert twin_rows("b", Sample(X, y), source) is not None


def test_sparse_rows_of_strangers_are_left_alone():
    rng = np.random.default_rng(4)
    files = [(Sample(*bags(rng, 100)), Sample(*bags(rng, 200))) for _ in range(10)]
    assert [twin_rows("b", *pair) for pair in files] == [None] * 10


def test_rows_scaled_to_one_length_are_noticed_beside_rows_that_are_not():
    rng = np.random.default_rng(5)
    (X, y), (Z, z) = strangers(rng, 100, 6), strangers(rng, 150, 6)
    copies = normalize(X) + 0.001 * rng.normal(size=X.shape)
    assert twin_rows("b", Sample(X, y), Sample(np.vstack([Z, copies]), np.append(z, y)))


def test_a_gain_from_shortened_sparse_copies_is_withheld():
    rng = np.random.default_rng(6)
    (X, _), (Z, _) = bags(rng, 80), bags(rng, 60)
    y, z = rng.integers(0, 2, 80), rng.integers(0, 2, 60)
    source = (vstack([Z, without_some(X)]).tocsr(), np.append(z, y))
    result = audit(
        DecisionTreeClassifier(random_state=0), X, y, sources={"b": source}, arms=["b pooled"],
        effort="quick", explain="none", subgroups=None,
    )  # fmt: skip
    assert result.to_frame().set_index("arm").verdict["b pooled"] != "helps"
