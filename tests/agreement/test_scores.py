"""Scores are those of the published codes, which nobody here wrote."""

import json

import numpy as np
import pytest
from scipy.special import softmax

from transfergap.analysis.scores import (
    ClassCodes,
    Quantities,
    gbc,
    leep,
    logme,
    logme_as_published,
    nce,
    one_pass,
    sfda,
    shrinkage_h_score,
    transrate,
)

CASES = ["A", "B", "C", "D"]  # C has fewer rows than columns


@pytest.fixture(scope="session")
def reference(request):
    from tests.conftest import SHARED

    path = SHARED.parent / "reference" / "transferability.json"
    if not path.is_file():
        pytest.skip("the reference values are not beside this checkout")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(params=CASES)
def drawn(request, reference):
    """Return the inputs of a case by the recipe in the file, with its values."""
    given = reference["recipe"]["cases"][request.param]
    n, d, c, sources = given["N"], given["D"], given["C"], given["Cs"]
    rng = np.random.default_rng(given["seed"])
    X = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** -0.6 + 0.3
    steps = np.minimum((c * (np.arange(n) / n) ** 2).astype(int), c - 1)
    codes = steps if given["imbalanced"] else np.arange(n) % c
    X = X + (0.5 * rng.standard_normal((c, d)))[codes]
    logits = rng.standard_normal((n, sources))
    logits[np.arange(n), codes % sources] += 1.5
    numbers = X @ rng.standard_normal((d, 2)) * 0.2 + rng.standard_normal((n, 2))
    values = reference["values"][request.param]
    assert X.sum() == pytest.approx(values["X_checksum"]["sum"], rel=1e-12)
    labels, folds = ClassCodes(codes, c), np.arange(n) % 5
    probabilities = softmax(logits, axis=1)
    return values, X, labels, folds, numbers, probabilities


def test_logme_is_that_of_its_authors(drawn):
    values, X, labels, folds, numbers, _ = drawn
    found = logme_as_published(one_pass(X, labels, folds))
    assert found == pytest.approx(values["logme"], rel=1e-10)
    found = logme_as_published(one_pass(X, Quantities(numbers), folds))
    assert found == pytest.approx(values["logme_regression"], rel=1e-10)


def test_all_columns_count_in_the_determinant_of_logme(drawn):
    # Their older code does so too, with another iteration: equal to its tolerance.
    values, X, labels, folds, _, _ = drawn
    assert logme(one_pass(X, labels, folds)) == pytest.approx(values["logme_icml"], rel=2e-3)


def test_scores_of_features_are_those_of_their_authors(drawn):
    values, X, labels, folds, _, _ = drawn
    read = one_pass(X, labels, folds)
    assert shrinkage_h_score(read) == pytest.approx(values["reg_hscore"], rel=1e-12)
    assert transrate(read) == pytest.approx(values["transrate"], rel=1e-12)
    assert sfda(read) == pytest.approx(values["sfda"], rel=1e-12)
    for shape in ("diagonal", "spherical"):
        # In the log: their -1e-129 has lost digits that the log has.
        overlap = -np.log(-values[f"gbc_{shape}"])
        assert gbc(read, shape=shape) == pytest.approx(overlap, rel=1e-12)


def test_scores_of_source_models_are_those_of_their_authors(drawn):
    values, _, labels, _, _, probabilities = drawn
    assert leep(probabilities, labels.codes) == pytest.approx(values["leep"], rel=1e-12)
    found = nce(probabilities.argmax(axis=1), labels.codes)
    assert found == pytest.approx(values["nce"], rel=1e-12)
