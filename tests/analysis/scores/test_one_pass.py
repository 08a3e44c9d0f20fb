"""What follows from the one pass is what fits one by one give."""

import numpy as np
import pytest
from benchmarks.transferability_speed import features
from sklearn.linear_model import Ridge
from tests.analysis.scores.cases import case, quantities

import transfergap.analysis.scores.rows as rows_module
from transfergap.analysis.scores import (
    ClassCodes,
    NumpyAlgebra,
    TorchAlgebra,
    one_pass,
    row_values,
    score_features,
)
from transfergap.analysis.scores.cross_validation import cross_validate, cross_validate_pairs
from transfergap.analysis.scores.ridge_probe import (
    SHARES,
    choose_ridge,
    closed_form_outputs,
    degrees_of_freedom,
)
from transfergap.analysis.scores.training_fit import fit_without

SHAPES = [(90, 6, 3), (60, 60, 2), (40, 90, 4), (300, 20, 12)]  # rows, columns, classes


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("ridge", [0.3, 30.0])
def test_the_ridge_probe_is_scikit_learns_ridge_of_each_fold(shape, ridge):
    drawn = case(*shape)
    read = one_pass(drawn.X, drawn.labels, drawn.folds)
    values = cross_validate(read, ridge, row_values(read.labels, None))["ridge"]
    expected = np.empty(len(drawn.X))
    for fold in range(5):
        test = drawn.folds == fold
        model = Ridge(alpha=ridge).fit(drawn.X[~test], drawn.labels.matrix()[~test])
        expected[test] = model.predict(drawn.X[test]).argmax(1) == drawn.codes[test]
    assert (values == expected[read.rows.order]).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_quantities_are_fitted_as_by_scikit_learn(shape):
    drawn = case(*shape)
    labels = quantities(drawn)
    read = one_pass(drawn.X, labels, drawn.folds)
    found = cross_validate(read, 2.0, row_values(read.labels, None))["ridge"].mean()
    outputs = np.empty_like(labels.values)
    for fold in range(5):
        test = drawn.folds == fold
        outputs[test] = (
            Ridge(alpha=2.0).fit(drawn.X[~test], labels.values[~test]).predict(drawn.X[test])
        )
    errors = ((labels.values - outputs) ** 2).mean(0) / labels.values.var(0)
    assert found == pytest.approx(1.0 - errors.mean(), rel=1e-9)


@pytest.mark.parametrize("shape", SHAPES)
def test_two_folds_left_out_are_two_folds_left_out(shape):
    drawn = case(*shape)
    read = one_pass(drawn.X, drawn.labels, drawn.folds)
    double = cross_validate_pairs(read, 1.0, row_values(read.labels, None))
    folds = drawn.folds[read.rows.order]
    X, codes = drawn.X[read.rows.order], read.labels.codes
    trained = (folds != 1) & (folds != 3)
    model = Ridge(alpha=1.0).fit(X[trained], read.labels.matrix()[trained])
    right = model.predict(X).argmax(1) == codes
    assert (double[folds == 1, 3] == right[folds == 1]).all()
    assert (double[folds == 3, 1] == right[folds == 3]).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_lda_is_the_discriminant_of_the_penalised_scatter_within_classes(shape):
    drawn = case(*shape)
    read = one_pass(drawn.X, drawn.labels, drawn.folds)
    ridge = 5.0
    values = cross_validate(read, ridge, row_values(read.labels, None))["lda"]
    expected = np.empty(len(drawn.X))
    for fold in range(5):
        test = drawn.folds == fold
        X, Y = drawn.X[~test], drawn.labels.matrix()[~test]
        counts = Y.sum(0)
        means = Y.T @ X / np.maximum(counts, 1)[:, None]
        within = (X - Y @ means).T @ (X - Y @ means)
        spread = (within + ridge * np.eye(X.shape[1])) / len(X)
        weights = np.linalg.solve(spread, (means - X.mean(0)).T)
        middle = 0.5 * np.einsum("cd,dc->c", means - X.mean(0), weights)
        with np.errstate(divide="ignore"):
            scores = (drawn.X[test] - X.mean(0)) @ weights - middle + np.log(counts / len(X))
        expected[test] = scores.argmax(1) == drawn.codes[test]
    assert (values == expected[read.rows.order]).all()


def test_the_nearest_centroid_is_the_nearest():
    drawn = case(90, 6, 3)
    read = one_pass(drawn.X, drawn.labels, drawn.folds)
    values = cross_validate(read, 1.0, row_values(read.labels, None))["centroid"]
    expected = np.empty(len(drawn.X))
    for fold in range(5):
        test = drawn.folds == fold
        means = [drawn.X[~test & (drawn.codes == c)].mean(0) for c in range(3)]
        distances = np.stack([((drawn.X[test] - mean) ** 2).sum(1) for mean in means])
        expected[test] = distances.argmin(0) == drawn.codes[test]
    assert (values == expected[read.rows.order]).all()


@pytest.mark.parametrize("shape", SHAPES[1:3])
def test_few_rows_are_left_out_one_by_one(shape):
    drawn = case(*shape)
    labels = quantities(drawn)
    read = one_pass(drawn.X, labels, drawn.folds)
    outputs = closed_form_outputs(read, 3.0)
    for place in (0, 7, 33):
        rest = np.arange(len(drawn.X)) != read.rows.order[place]
        model = Ridge(alpha=3.0).fit(drawn.X[rest], labels.values[rest])
        expected = model.predict(drawn.X[~rest])[0]
        assert outputs[place] == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("shape", SHAPES[1:3])
def test_the_penalty_of_few_rows_has_the_least_error_left_out(shape):
    drawn = case(*shape)
    labels = quantities(drawn)
    read = one_pass(drawn.X, labels, drawn.folds)
    largest = read.spectrum.values[-1]
    errors = [
        ((closed_form_outputs(read, ridge) - read.labels.values) ** 2).sum()
        for ridge in SHARES * largest
    ]
    assert choose_ridge(read) == (SHARES * largest)[int(np.argmin(errors))]


def test_many_rows_have_the_error_of_generalised_cross_validation():
    drawn = case(400, 6, 3)
    labels = quantities(drawn)
    read = one_pass(drawn.X, labels, drawn.folds)
    ridge = choose_ridge(read)
    residuals = read.labels.values - closed_form_outputs(read, ridge)
    centred = drawn.X - drawn.X.mean(0)
    inverse = np.linalg.inv(centred.T @ centred + ridge * np.eye(centred.shape[1]))
    hat = centred @ inverse @ centred.T + 1.0 / len(centred)
    assert degrees_of_freedom(read, ridge) == pytest.approx(np.trace(hat), rel=1e-8)
    plain = labels.values - hat @ labels.values
    expected = (plain**2).mean() / (1 - np.trace(hat) / len(centred)) ** 2
    assert (residuals**2).mean() == pytest.approx(expected, rel=1e-7)


def test_a_class_that_a_training_set_lacks_is_never_predicted():
    drawn = case(60, 4, 3)
    codes = drawn.codes.copy()
    codes[codes == 2] = 0
    codes[7] = 2  # a single row
    labels = type(drawn.labels)(codes, 3)
    read = one_pass(drawn.X, labels, drawn.folds)
    values = cross_validate(read, 1.0, row_values(read.labels, None))
    place = int(np.flatnonzero(read.labels.codes == 2)[0])
    assert [v[place] for v in values.values()] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("shape", [(400, 30, 4), (1000, 12, 2)])
def test_scores_in_single_precision_are_those_in_double(shape):
    drawn = case(*shape, offset=30.0)  # far off the origin: uncentred products would lose digits
    single = score_features(
        drawn.X.astype(np.float32), drawn.labels, drawn.folds, row_values(drawn.labels, None)
    )
    double = score_features(drawn.X, drawn.labels, drawn.folds, row_values(drawn.labels, None))
    for name in ("logme", "h_score", "transrate", "gbc", "sfda"):
        assert getattr(single, name) == pytest.approx(getattr(double, name), rel=1e-3), name
    assert single.ridge.value == pytest.approx(double.ridge.value, abs=2 / len(drawn.X))


@pytest.mark.parametrize("shape", [(2000, 40, 100), (600, 30, 5), (60, 90, 3)])
def test_single_precision_costs_no_score_its_digits(shape):
    n_rows, _, n_classes = shape
    X, codes = features(*shape)  # near classes: rows are drawn far by SFDA
    labels, folds = ClassCodes(codes, n_classes), np.arange(n_rows) // n_classes % 5
    single, double = (
        score_features(x, labels, folds, row_values(labels, None)) for x in (X, X.astype(float))
    )
    for name in ("logme", "h_score", "transrate", "gbc", "sfda"):
        assert getattr(single, name) == pytest.approx(getattr(double, name), rel=1e-5), name


def test_products_that_overflow_single_precision_are_made_in_double():
    drawn = case(300, 5, 3)
    large = (drawn.X * 1e22).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        read = one_pass(large, drawn.labels, drawn.folds)
    assert read.rows.dtype == np.float64
    assert np.isfinite(read.spectrum.values).all()
    assert one_pass(drawn.X.astype(np.float32), drawn.labels, drawn.folds).product_error < 1e-6


def test_rows_may_lie_in_a_file_and_are_not_held(tmp_path, monkeypatch):
    drawn = case(500, 9, 3)
    np.save(tmp_path / "x.npy", drawn.X)
    score = row_values(drawn.labels, None)
    held = score_features(drawn.X, drawn.labels, drawn.folds, score)
    monkeypatch.setattr(rows_module, "COPY_BYTES", 0)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert one_pass(mapped, drawn.labels, drawn.folds).rows.copy is None
    assert score_features(mapped, drawn.labels, drawn.folds, score) == held


def test_the_order_of_rows_changes_nothing():
    drawn = case(200, 8, 3)
    order = np.random.default_rng(1).permutation(200)
    labels = drawn.labels.take(order)
    one = score_features(drawn.X, drawn.labels, drawn.folds, row_values(drawn.labels, None))
    other = score_features(drawn.X[order], labels, drawn.folds[order], row_values(labels, None))
    assert one.ridge == other.ridge and one.lda == other.lda
    assert one.logme == pytest.approx(other.logme, rel=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_rotation_of_the_features_changes_no_score_but_the_diagonal_one(shape):
    drawn = case(*shape, offset=0.0)
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(shape[1], shape[1])))[0]
    score = row_values(drawn.labels, None)
    one = score_features(drawn.X, drawn.labels, drawn.folds, score)
    other = score_features(drawn.X @ turn, drawn.labels, drawn.folds, score)
    assert (one.ridge, one.lda, one.centroid) == (other.ridge, other.lda, other.centroid)
    for name in ("logme", "h_score", "transrate"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-7), name


@pytest.mark.parametrize("device", ["cpu", "cuda"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_device_gives_the_same_scores(shape, device):
    torch = pytest.importorskip("torch")
    if device == "cuda" and not torch.cuda.is_available():
        pytest.skip("no GPU is here")
    drawn = case(*shape)
    score = row_values(drawn.labels, None)
    here, there = (
        score_features(drawn.X, drawn.labels, drawn.folds, score, algebra=algebra)
        for algebra in (NumpyAlgebra(), TorchAlgebra(device))
    )
    assert (here.ridge, here.lda, here.centroid) == (there.ridge, there.lda, there.centroid)
    for name in ("logme", "h_score", "transrate", "gbc", "sfda"):
        assert getattr(here, name) == pytest.approx(getattr(there, name), rel=1e-9), name


def test_fits_to_all_rows_leave_none_out():
    drawn = case(50, 4, 2)
    labels = quantities(drawn, 1)
    fit = fit_without(one_pass(drawn.X, labels, drawn.folds), (), 1.0)
    model = Ridge(alpha=1.0).fit(drawn.X, labels.values)
    assert fit.weights[:, 0] == pytest.approx(model.coef_.ravel(), rel=1e-9)


@pytest.mark.parametrize("n_columns", [1, 2])
def test_very_few_columns_are_scored(n_columns):
    drawn = case(40, n_columns, 2)
    scores = score_features(drawn.X, drawn.labels, drawn.folds, row_values(drawn.labels, None))
    assert 0.0 <= scores.ridge.value <= 1.0 and np.isfinite(scores.logme)


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_features_that_are_constant_tell_nothing(value):
    drawn = case(60, 3, 3)
    score = row_values(drawn.labels, None)
    scores = score_features(np.full((60, 3), value), drawn.labels, drawn.folds, score)
    commonest = np.bincount(drawn.codes).max() / 60
    assert scores.ridge.value == pytest.approx(commonest)
    assert np.isfinite([scores.logme, scores.h_score, scores.transrate, scores.gbc]).all()
    assert scores.h_score == pytest.approx(0.0) and scores.sfda is None


def test_copies_of_columns_in_single_precision_are_scored():
    drawn = case(400, 5, 3)
    X = np.tile(20.0 * drawn.X, (1, 12)).astype(np.float32)  # rank 5 of 60
    scores = score_features(X, drawn.labels, drawn.folds, row_values(drawn.labels, None))
    plain = score_features(drawn.X, drawn.labels, drawn.folds, row_values(drawn.labels, None))
    assert scores.ridge.value == pytest.approx(plain.ridge.value, abs=0.02)
    assert scores.sfda is not None


def test_features_that_are_the_classes_have_no_spread_within():
    drawn = case(60, 3, 3)
    X = np.eye(3)[drawn.codes]
    scores = score_features(X, drawn.labels, drawn.folds, row_values(drawn.labels, None))
    assert scores.ridge.value == 1.0 and scores.sfda is None and np.isfinite(scores.logme)


def test_columns_that_are_constant_or_copies_do_no_harm():
    drawn = case(80, 5, 3)
    score = row_values(drawn.labels, None)
    X = np.column_stack([drawn.X, np.full(80, 7.0), drawn.X[:, :2]])
    scores = score_features(X, drawn.labels, drawn.folds, score)
    assert all(np.isfinite([scores.logme, scores.h_score, scores.transrate, scores.sfda]))
