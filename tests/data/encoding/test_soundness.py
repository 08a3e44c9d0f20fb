"""Statistics that rows can have pass, others are refused; and sums are as exact as floats allow."""

from fractions import Fraction

import numpy as np
import pytest

from transfergap import summarize
from transfergap.data.encoding import GramSummary, fit_encoder, with_intercept
from transfergap.errors import DataError
from transfergap.safe import SafeTransferClassifier, SafeTransferRegressor


def stated(joint, n_rows=100):
    """A summary of a given joint matrix of encoded columns, intercept and response."""
    q = len(joint) - 1
    rng = np.random.default_rng(0)
    encoder = fit_encoder(rng.normal(size=(5, q - 1)), rng.normal(size=5), task="regression")
    return GramSummary(encoder, n_rows, joint[None, :q, :q], joint[None, q, :q], joint[q:, q])


def joint_of(n, q, seed=0):
    rows = np.random.default_rng(seed).normal(size=(n, q))
    return rows.T @ rows


def test_well_conditioned_collinear_and_constant_statistics_are_sound():
    stated(joint_of(1000, 20)).check_sound()
    stated(joint_of(5, 20)).check_sound()  # fewer rows than columns
    rows = np.random.default_rng(0).normal(size=(1_000_000, 6))
    rows[:, 3], rows[:, 4] = rows[:, 0] + rows[:, 1], 2.0
    stated(rows.T @ rows, 1_000_000).check_sound()
    stated(np.zeros((4, 4)), 0).check_sound()


def test_a_thousand_columns_are_checked_in_no_time():
    import time

    summary = stated(joint_of(1500, 1001))
    start = time.process_time()
    summary.check_sound()
    assert time.process_time() - start < 2.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda j: j.__setitem__((0, 0), np.nan), "not finite"),
        (lambda j: j.__setitem__((4, 4), np.inf), "not finite"),
        (lambda j: j.__setitem__((0, 0), -1.0), "not positive semi-definite"),
        (lambda j: j.__setitem__((0, 1), j[0, 1] + 1.0), "not symmetric"),
        (lambda j: j.__setitem__((4, 4), 0.5 * j[4, 4] - 1e3), "not positive semi-definite"),
        (lambda j: j.__setitem__((slice(0, 2), slice(0, 2)), 5e3 * (1 - np.eye(2))),
         "not positive semi-definite"),
    ],
)  # fmt: skip
def test_statistics_that_no_rows_have_are_refused(change, said):
    joint = joint_of(100, 5)
    change(joint)
    with pytest.raises(DataError, match=f"b.tgsum .*{said}|{said}") as error:
        stated(joint).check_sound("b.tgsum")
    assert "b.tgsum" in error.value.message
    assert error.value.hint


def test_moments_that_no_label_has_are_refused():
    joint = joint_of(100, 5)
    joint[4, :4] *= 50
    joint[:4, 4] *= 50
    with pytest.raises(DataError, match="not positive semi-definite"):
        stated(joint).check_sound()
    with pytest.raises(DataError, match="claims 0 rows"):
        stated(joint_of(100, 5), 0).check_sound()


def test_wildly_scaled_collinear_and_constant_columns_agree_with_exact_arithmetic():
    rng = np.random.default_rng(4)
    n = 300
    base = rng.normal(size=n)
    X = np.column_stack(
        [1e-8 * base, 1e8 * base + 1e10, 1e-8 + 1e-9 * rng.normal(size=n), base, base + 1e-9,
         np.full(n, 0.1), 1e8 * rng.standard_cauchy(n), rng.normal(size=n) * 1e-150]
    )  # fmt: skip
    y = 1e6 + base + rng.normal(size=n)
    encoder = fit_encoder(X, y, task="regression")
    found = summarize(X, y, encoder=encoder)
    design = with_intercept(encoder.encode(X))
    rows = np.column_stack([design, encoder.labels.responses(y)])
    exact = [[Fraction(v) for v in row] for row in rows.tolist()]
    q = design.shape[1]
    for i in range(q + 1):
        for j in range(i + 1):
            total = sum(row[i] * row[j] for row in exact)
            size = float(sum(abs(row[i] * row[j]) for row in exact))
            mine = (
                found.grams[0, i, j] if i < q
                else found.moments[0, j] if j < q
                else found.powers[0]
            )  # fmt: skip
            # Summation of n terms: n epsilon times the sum of sizes bounds it, and is far off.
            assert abs(float(Fraction(float(mine)) - total)) <= n * 2.0**-52 * size
    found.check_sound()
    # Encoding itself, against extended precision.
    for j, column in enumerate(encoder.columns):
        wide = (X[:, j].astype(np.longdouble) - np.longdouble(column.centre)) / column.scale
        lost = np.abs(np.clip(wide, -8, 8) - design[:, j]).max()
        assert lost <= 1e-15 * 8 + 2.0**-52 * abs(column.centre) / column.scale


@pytest.mark.parametrize(
    "change",
    [
        lambda j: j.__imul__(1e300),
        lambda j: j.__imul__(1e154),
        lambda j: j.__imul__(1e-320),
        lambda j: j.__setitem__((4, 4), 1e308),  # labels
        lambda j: j.__setitem__((3, 3), 1e308),  # rows
        lambda j: j.__setitem__((0, 0), 65 * j[3, 3]),  # a column beyond its clip
        lambda j: j.__setitem__((slice(0, 4), slice(0, 4)), j[:4, :4] * 1e9),
    ],
)
def test_statistics_of_sizes_that_no_rows_have_are_refused_before_they_are_used(change):
    joint = joint_of(100, 5)
    joint[3, 3] = max(joint[3, 3], joint[:3, :3].max())
    change(joint)
    with pytest.raises(DataError, match="larger or smaller than those of 100 rows"):
        stated(joint).check_sound()


def test_labels_in_another_unit_are_sound():
    joint = joint_of(100, 5)
    joint[4] *= 1e6
    joint[:, 4] *= 1e6
    stated(joint).check_sound()


@pytest.mark.parametrize("kind", [SafeTransferClassifier, SafeTransferRegressor])
def test_a_source_of_weight_zero_is_one_without_rows(kind):
    X = np.random.default_rng(0).normal(size=(40, 3))
    y = (X[:, 0] > 0).astype(int)
    alone = kind().fit(X, y)
    weightless = kind().fit(X, y, sources={"b": (X[:20] + 1.0, y[:20], np.zeros(20))})
    np.testing.assert_array_equal(alone.predict(X), weightless.predict(X))
