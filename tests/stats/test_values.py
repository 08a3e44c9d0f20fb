"""The statistics core on numbers made by hand: every constant and every branch has a row.

Expected values come from the formula in the comment, from scipy or numpy, or from the definition
written out in a loop; quantiles are those of printed tables, to six figures.
"""

import numpy as np
import pytest
from scipy import stats

from transfergap.stats import (
    PairedEstimate,
    PairFits,
    auc_rows,
    block_estimate,
    can_rank,
    cluster_variance,
    corrected_error,
    crossing,
    discoveries,
    few_differences_floor,
    fitted_curve,
    forward_estimate,
    forward_score_estimate,
    holm,
    is_rounding,
    is_skewed,
    kurtosis,
    leave_one_out_estimate,
    leave_out,
    macro_auc_rows,
    resampled_estimate,
    rows_to_see,
    sign_limit,
    smallest_visible_gap,
    subgroup_estimate,
    without_rounding,
)
from transfergap.stats.block import UNSTABLE_ABOVE
from transfergap.stats.leave_one_out import LinearFit, _solved
from transfergap.stats.paired import skewness
from transfergap.stats.resampled import split_estimate
from transfergap.stats.serial import by_time, effective_size, lag_one

T9, T18, T4, Z80 = 1.833113, 1.734064, 2.131847, 0.841621  # 95 % points of t, 80 % of the normal
K = 10


# paired


def test_an_estimate_has_no_floor_and_no_size_unless_it_is_given_one():
    made = PairedEstimate(0.1, 0.02, 9, 0.02, 9, 20, "m")
    assert (made.floor, made.instability, made.size) == (0.0, None, 0.0)


@pytest.mark.parametrize(
    ("value", "size", "expected"),
    [
        (0.9e-9, 1.0, True),
        (1e-9, 1.0, True),
        (1.1e-9, 1.0, False),
        (-1.1e-9, 1.0, False),
        (1.5e-9, -2.0, True),
        (0.0, 0.0, True),
    ],
)
def test_rounding_is_a_billionth_of_the_size(value, size, expected):
    assert is_rounding(value, size=size) is expected
    left = float(without_rounding(np.array([value]), size=size)[0])
    assert left == (0.0 if expected else value)


def test_a_missing_value_is_no_rounding():
    assert np.isnan(without_rounding(np.array([np.nan]), size=1.0)[0])


@pytest.mark.parametrize(
    ("values", "clusters", "expected"),
    [
        ([0.0, 1.0], None, 0.25),  # (1/4 + 1/4) / 2^2 * 2/1
        ([1.0, 2.0, 3.0, 6.0], None, 14 / 3 / 4),  # var 14/3, over 4 rows
        # totals about the mean 3: -3 and 3; 18 / 4^2 * 2/1
        ([1.0, 2.0, 3.0, 6.0], [0, 0, 2, 2], 2.25),
        # totals -2, -1, 3; 14 / 4^2 * 3/2
        ([1.0, 2.0, 3.0, 6.0], [0, 1, 2, 2], 1.3125),
        ([1.0, 2.0, 3.0], [1, 1, 1], 0.0),
        ([5.0], None, 0.0),
    ],
)
def test_the_variance_of_a_mean_of_clusters(values, clusters, expected):
    owners = None if clusters is None else np.array(clusters)
    assert cluster_variance(np.array(values), owners) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("n_different", "expected"), [(0, 0.15), (1, 0.15), (4, 0.15), (5, 0.0), (10, 0.0)]
)
def test_the_rule_of_three_holds_below_five_different_rows(n_different, expected):
    differences = np.where(np.arange(10) < n_different, -0.4, 1e-10)
    assert few_differences_floor(differences, 0.5) == pytest.approx(expected)  # 3 * 0.5 / 10


@pytest.mark.parametrize(
    ("ones", "n", "skewed"),
    [(3, 10, True), (7, 10, True), (32, 100, False), (68, 100, False), (5, 10, False)],
)
def test_residuals_are_skewed_above_eight_tenths(ones, n, skewed):
    # (1 - 2p) / sqrt(p (1 - p)): 0.873 at p = 0.3, 0.772 at p = 0.32
    values = (np.arange(n) < ones).astype(float)
    assert skewness(values) == pytest.approx(stats.skew(values), abs=1e-12)
    assert is_skewed(values) is skewed


def test_a_constant_but_for_rounding_has_no_skewness():
    assert skewness(np.array([3.0, 3.0, 3.0 + 1e-9])) == 0.0
    assert skewness(-1e6 + np.array([0.0, 0.0, 1e-4])) == 0.0
    assert skewness(np.array([-1e-3, -1e-3, -2e-3])) == pytest.approx(-np.sqrt(0.5))


# resampled


def test_the_corrected_t_of_four_folds():
    # mean 0.15, S2 = 0.05 / 3, 1/4 + 1/4 of test to train in five folds
    made = resampled_estimate(np.array([0.1, 0.3, 0.2, 0.0]), n_folds=5, method="m")
    error = np.sqrt(0.05 / 3 * 0.5)
    assert (made.estimate, made.error, made.equivalence_error) == pytest.approx(
        (0.15, error, error)
    )
    assert (made.df, made.equivalence_df, made.n_pairs, made.floor) == (4, 4, 4, 0.0)
    weighted = resampled_estimate(np.array([0.1, 0.3]), n_folds=5, method="m", estimate=0.0)
    assert weighted.estimate == 0.0


@pytest.mark.parametrize(("n_disjoint", "df"), [(3, 2), (4, 3), (9, 3), (2, 1), (1, 1)])
def test_splits_have_one_degree_less_than_disjoint_test_sets(n_disjoint, df):
    gaps = np.array([0.1, 0.3, 0.2, 0.0])
    made = split_estimate(gaps, test_to_train=0.5, n_disjoint=n_disjoint, method="m")
    assert (made.df, made.equivalence_df, made.n_pairs) == (df, df, 4)
    assert made.estimate == pytest.approx(0.15)
    assert (made.error, made.equivalence_error) == pytest.approx([np.sqrt(0.05 / 3 * 0.75)] * 2)
    other = split_estimate(gaps, test_to_train=0.5, n_disjoint=4, method="m", estimate=0.0)
    assert other.estimate == 0.0


# power


def test_the_smallest_visible_gap_is_the_quantile_and_the_power():
    assert smallest_visible_gap(0.02, 9) == pytest.approx(0.02 * (T9 + Z80), rel=1e-6)


@pytest.mark.parametrize(
    ("gap", "expected"),
    # (T9 + Z80)^2 = 7.15420; times 100 rows times (0.02 / gap)^2, up to two figures
    [(0.02, 720), (-0.02, 720), (0.01, 2900), (0.1, 29), (0.2, 8), (1.0, 1), (0.005, 12_000)],
)
def test_the_rows_to_see_a_gap(gap, expected):
    assert rows_to_see(gap, error=0.02, df=9, n_rows=100) == expected


def test_one_row_shows_a_gap_without_error():
    assert rows_to_see(0.1, error=0.0, df=9, n_rows=100) == 1


# multiplicity


def test_the_default_rate_of_discoveries_is_a_tenth():
    # 0.05 * 2 / 1 = 0.1 is within the rate
    assert discoveries(np.array([0.05, 0.9])).tolist() == [True, False]
    assert discoveries(np.array([0.11])).tolist() == [False]
    assert discoveries(np.empty(0)).tolist() == []
    assert discoveries(np.array([0.11]), rate=0.2).tolist() == [True]


def test_corrected_p_values_stop_at_one():
    assert holm(np.array([0.6, 0.7])).tolist() == [1.0, 1.0]  # 2 * 0.6 > 1
    assert holm(np.array([0.4, 0.3])).tolist() == [0.6, 0.6]
    assert holm(np.array([0.2])).tolist() == [0.2]


# subgroup


def test_a_subgroup_of_six_rows():
    d = np.array([0.1, 0.3, -0.2, 0.4, 0.0, 0.6])
    made = subgroup_estimate(d, inflation=4.0, largest=1.0)
    error = 2.0 * np.std(d, ddof=1) / np.sqrt(6)
    assert (made.estimate, made.error, made.equivalence_error) == pytest.approx((0.2, error, error))
    assert (made.df, made.equivalence_df, made.n_pairs) == (5, 5, 6)
    assert (made.floor, made.size) == (0.0, 1.0)  # five of the six differ


def test_the_floor_and_the_units_of_a_subgroup():
    d, owners = np.array([0.1, 0.0, 0.2, 0.0]), np.array([0, 0, 1, 1])
    made = subgroup_estimate(d, inflation=0.5, largest=2.0, clusters=owners)
    # totals about the mean 0.075: -0.05 and 0.05; 0.005 / 4^2 * 2
    assert made.error == pytest.approx(np.sqrt(0.005 / 16 * 2))
    assert (made.df, made.equivalence_df, made.n_pairs, made.floor) == (1, 1, 2, 1.5)
    alone = subgroup_estimate(d, inflation=1.0, largest=2.0, clusters=np.zeros(4, int))
    assert (alone.df, alone.equivalence_df, alone.n_pairs) == (1, 1, 1)


@pytest.mark.parametrize(
    ("differences", "limit"),
    [
        ([0.3, 0.0, 0.1, 1e-12], 0.25),
        ([1e-12, -1e-12], 0.25),  # as large as any of them: no rounding
        ([0.0, 0.0], 1.0),
        ([], 1.0),
        ([1.0] * 1100, 0.5**1000),
    ],
)
def test_signs_of_rows_that_differ(differences, limit):
    assert sign_limit(np.array(differences)) == limit


def test_signs_of_groups_that_cancel_are_no_difference():
    assert sign_limit(np.array([1.0, -1.0, 2.0]), np.array([0, 0, 1])) == 0.5


# two-fold jackknife

FOLD = np.arange(40) % K


def pairs_of(fold, u, h):
    """Fits with theta_b = +u or -u and rows that change by +h or -h within each fold.

    Then the jackknife variance is 9/10 * 10 u^2, and the noise the variance h^2 m / (m - 1) of the
    changes of a fold's m rows, over m.
    """
    within = np.zeros(len(fold))
    for a in range(K):
        rows = np.flatnonzero(fold == a)
        within[rows] = np.where(np.arange(len(rows)) % 2, -h, h)
    thetas = np.where(np.arange(K) < K // 2, u, -u)
    return PairFits(fold, np.zeros(len(fold)), thetas[None, :] + within[:, None])


def alternating(n, e):
    return np.where(np.arange(n) % 2, -e, e) * 1.0


def folds_with_error(error, n=20):
    """Fold gaps +g and -g whose corrected error is this: S2 = g^2 n / (n - 1)."""
    return alternating(n, error / np.sqrt(n / (n - 1) * (1 / n + 1 / 9)))


def block(*, u=0.1, h=0.3, e=0.1, resampled=0.1, fold=FOLD, n_parts=1, n_gaps=20, **options):
    defaults = {"n_folds": K, "zero_one": False, "skewed": False}
    return block_estimate(
        0.05 + alternating(len(fold), e),
        folds_with_error(resampled, n_gaps),
        (pairs_of(fold, u, h),) * n_parts,
        **(defaults | options),
    )


def test_four_tenths_of_the_noise_are_taken_off():
    made = block()  # jackknife 0.09, noise 0.3^2 / 3 = 0.03
    assert made.error == pytest.approx(np.sqrt(0.09 - 0.4 * 0.03))
    assert (made.estimate, made.equivalence_error) == pytest.approx((0.05, 0.3))
    assert (made.df, made.equivalence_df, made.n_pairs) == (9, 9, 20 + 45)
    assert made.instability == pytest.approx(0.3 / 0.1)


def test_strong_skew_widens_by_six_tenths():
    assert block(skewed=True).error == pytest.approx(1.6 * np.sqrt(0.078))


@pytest.mark.parametrize(
    ("resampled", "error"),
    # mixed where the jackknife, 0.3, is below 1.5 times the resampled error
    [(0.3 / 1.45, 0.3 / 1.45), (0.3 / 1.55, np.sqrt(0.078)), (0.5, np.sqrt(0.078))],
)
def test_the_smaller_interval_is_taken_where_fits_are_stable(resampled, error):
    made = block(resampled=resampled)
    assert made.error == pytest.approx(error)
    assert made.equivalence_error == pytest.approx(max(resampled, 0.3))
    assert made.instability == pytest.approx(0.3 / resampled)


@pytest.mark.parametrize(
    ("resampled", "error"),
    [(0.3 / 1.7, 0.3 / 1.7 * T9 / T18), (0.3 / 1.8, np.sqrt(0.078))],
)
def test_two_partitions_mix_below_seven_quarters_at_their_own_degrees(resampled, error):
    made = block(resampled=resampled, n_parts=2, n_gaps=30)
    assert made.error == pytest.approx(error, rel=1e-6)
    assert (made.df, made.equivalence_df, made.n_pairs) == (18, 9, 30 + 90)


@pytest.mark.parametrize(
    ("n", "zero_one", "n_clusters", "share"),
    [
        (40, False, None, 0.7),
        (40, True, None, 0.7),
        (480, False, None, 0.35),  # 0.7 (60 / 480)^(1/3)
        (480, True, None, 0.7),
        (480, False, 240, 0.7 * 0.25 ** (1 / 3)),
    ],
)
def test_the_error_has_a_floor_of_seven_tenths_of_the_plain_one(n, zero_one, n_clusters, share):
    clusters = None if n_clusters is None else np.arange(n) % n_clusters
    made = block(
        u=0.001, h=0.0, e=2.0, resampled=0.001, fold=np.arange(n) % K, zero_one=zero_one,
        clusters=clusters,
    )  # fmt: skip
    # Rows alternate, and rows of one cluster are equal here: totals of 480 / 240 rows.
    units = n if n_clusters is None else n_clusters
    assert made.error == pytest.approx(share * np.sqrt(4.0 / (units - 1)))


def test_the_noise_of_clusters_is_that_of_their_totals():
    owners = np.arange(80) % 20  # two of each fold's eight rows to a cluster, alike
    fold = np.arange(80) % K
    # h^2 m / (m - 1) / m with m = 2 clusters of the eight rows: all + in one, all - in the other
    made = block(h=0.2, fold=fold, clusters=owners)
    assert made.error == pytest.approx(np.sqrt(0.09 - 0.4 * 0.2**2 / (2 - 1)))


def test_the_noise_never_makes_an_error_imaginary():
    assert block(u=0.01, h=3.0, e=0.0, resampled=0.001).error == 0.0


def test_fold_gaps_without_spread_have_no_instability():
    made = block(resampled=0.0)
    assert made.instability is None
    assert made.equivalence_error == pytest.approx(0.3)
    nearly = block_estimate(
        np.zeros(40), 5.0 + alternating(20, 1e-9), (pairs_of(FOLD, 0.1, 0.0),),
        n_folds=K, zero_one=False, skewed=False,
    )  # fmt: skip
    assert nearly.instability is None


def test_fits_are_unstable_above_seven_quarters():
    assert UNSTABLE_ABOVE == 1.75  # where benchmarks of false claims begin to rise: docs/methods.md


# closed-form leave-one-out


@pytest.mark.parametrize(
    ("n", "share"),
    [(10, 0.6), (60, 0.6), (480, 0.3)],  # 0.6 min(1, (60 / n)^(1/3))
)
def test_the_closed_form_has_a_floor_of_six_tenths(n, share):
    made = leave_one_out_estimate(alternating(n, 2.0), np.zeros(n), np.zeros(n), skewed=False)
    plain = np.sqrt(4.0 / (n - 1))
    assert (made.error, made.equivalence_error) == pytest.approx((share * plain, plain))
    assert (made.df, made.equivalence_df, made.n_pairs) == (n - 1, n - 1, n)


def test_the_closed_form_is_a_jackknife_over_rows():
    control = np.array([1.0, 2.0, 0.0, 2.0])
    treated = np.array([0.5, 1.0, 0.5, 1.0])
    without = np.array([0.1, 0.5, -0.3, 0.5])  # mean 0.2, squares 0.01 + 0.09 + 0.25 + 0.09
    made = leave_one_out_estimate(control, treated, 10 * without, skewed=False)
    assert (made.estimate, made.error) == pytest.approx((0.5, np.sqrt(3 / 4 * 44.0)))
    assert made.equivalence_error == made.error
    wide = leave_one_out_estimate(control, treated, 10 * without, skewed=True)
    assert wide.error == pytest.approx(1.6 * np.sqrt(33.0))


def test_heavy_tails_widen_the_upper_limit_alone():
    control = np.array([1.0, 2.0, 0.0, 2.0])
    treated, without = control - 0.5, np.array([0.1, 0.5, -0.3, 0.5])
    plain, heavy, both = (
        leave_one_out_estimate(control, treated, without, skewed=skewed, heavy_tailed=tails)
        for skewed, tails in ((False, False), (False, True), (True, True))
    )
    assert (plain.error, plain.upper_error) == pytest.approx((np.sqrt(0.33), np.sqrt(0.33)))
    assert (heavy.error, heavy.upper_error) == pytest.approx((np.sqrt(0.33), 1.4 * np.sqrt(0.33)))
    assert heavy.equivalence_error == heavy.upper_error
    # The larger of the two factors, on both sides.
    assert (both.error, both.upper_error) == pytest.approx((1.6 * np.sqrt(0.33),) * 2)


@pytest.mark.parametrize(
    ("ratio", "joined"),  # of the jackknife, sqrt(0.33), to the resampled error of folds
    [(0.9, False), (2.9, True), (3.1, False)],
)
def test_the_smaller_error_gives_the_lower_limit_of_a_closed_form(ratio, joined):
    control = np.array([1.0, 2.0, 0.0, 2.0])
    treated, without = control - 0.5, np.array([0.1, 0.5, -0.3, 0.5])
    # Two partitions of three folds: variance s^2 of six gaps at -s', s' has s = s' sqrt(6 / 5).
    resampled = np.sqrt(0.33) / ratio
    spread = resampled / np.sqrt(6 / 5 * (1 / 6 + 1 / 2))
    plain, made = (
        leave_one_out_estimate(
            control, treated, without, skewed=False, heavy_tailed=True, fold_gaps=gaps, n_folds=3
        )
        for gaps in (None, 7.0 + alternating(6, spread))
    )
    # Quantiles of t at .95: 2.920 with two degrees of freedom, 2.353 with three.
    expected = resampled * 2.919986 / 2.353363 if joined else np.sqrt(0.33)
    assert made.error == pytest.approx(expected, rel=1e-6)
    assert (made.estimate, made.upper_error, made.df) == (plain.estimate, plain.upper_error, 3)
    assert made.equivalence_error == plain.equivalence_error


@pytest.mark.parametrize(
    ("values", "sizes", "expected"),
    [
        ([-1, 1], None, 1.0),
        ([0, 0, 0, 0, 5], None, 3.25),  # (4 * 1 + 256) / 5 / 4^2
        ([0, 0, 0, 0, 5, 0, 0, 0, 0, -50], [5, 5], 3.25),  # another unit is no tail
        ([-1, 1, 7, 7, 7], [2, 3], 1.0),  # a constant part does not count
        ([-1, 1], [2, 0], 1.0),
        ([7, 7, 7], None, 0.0),
        ([], None, 0.0),
    ],
)
def test_kurtosis_of_parts(values, sizes, expected):
    assert kurtosis(np.array(values, float), sizes) == pytest.approx(expected)


@pytest.mark.parametrize("loss", ["squared", "log"])
def test_source_rows_show_their_tails_under_squared_loss(loss):
    X, y = np.ones((4, 1)), np.array([0.0, 1.0, 0.0, 1.0])
    ones, penalty = np.ones(9), np.zeros(1)
    design, response = np.ones((9, 1)), np.r_[y, 0.0, 0.0, 0.0, 0.0, 5.0]
    made = LinearFit(design, response, ones, penalty, y, loss, source_sizes=(5,))
    alone = LinearFit(X, y, np.ones(4), penalty, y, loss)
    expected = pytest.approx(3.25) if loss == "squared" else None
    assert leave_out(made).source_kurtosis == expected
    assert leave_out(alone).source_kurtosis is None


def ridge_of(X, y, w, penalty, labels, loss, counts=None):
    return LinearFit(X, y, w, penalty, labels, loss, counts)


def test_rows_that_count_more_do_so_in_what_is_left():
    rng = np.random.default_rng(0)
    X, y, w = rng.normal(size=(9, 2)), rng.normal(size=9), rng.uniform(0.5, 2, 9)
    counts, penalty = rng.uniform(0.5, 3, 7), np.array([0.3, 0.0])
    left = leave_out(ridge_of(X, y, w, penalty, y[:7], "squared", counts))
    for row in range(7):
        total = 0.0
        for i in set(range(7)) - {row}:
            rest = [k for k in range(9) if k not in (i, row)]
            A = X[rest].T @ (X[rest] * w[rest, None]) + np.diag(penalty)
            beta = np.linalg.solve(A, X[rest].T @ (w[rest] * y[rest]))
            total += counts[i] * (y[i] - X[i] @ beta) ** 2
        assert left.without[row] == pytest.approx(total / 6)


@pytest.mark.parametrize(("penalty", "refused"), [(1.5e-8, False), (0.7e-8, True)])
def test_a_row_is_reproduced_at_a_leverage_of_one_but_a_hundred_millionth(penalty, refused):
    X = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])  # 1 - h of the first row is the penalty
    fit = ridge_of(X, np.ones(3), np.ones(3), np.array([penalty, 1.0]), np.ones(3), "squared")
    if refused:
        with pytest.raises(np.linalg.LinAlgError, match="reproduces a target row"):
            leave_out(fit)
    else:
        assert leave_out(fit).outputs[0] == pytest.approx(1.0)


@pytest.mark.parametrize(("apart", "kept"), [(3e-12, True), (1.4e-12, False)])
def test_directions_below_a_trillionth_of_the_largest_are_none(apart, kept):
    # Eigenvalues 2 - apart and apart; the right side lies along the smaller one.
    normal, right = np.array([[1.0, 1.0 - apart], [1.0 - apart, 1.0]]), np.array([[1.0], [-1.0]])
    found = _solved(normal, right, np.zeros(2))
    assert float(np.abs(found).max()) == pytest.approx(1.0 / apart if kept else 0.0, rel=0.01)


def test_two_free_columns_that_are_one_share_the_slope():
    X = np.column_stack([np.arange(5.0), np.arange(5.0), np.ones(5)])
    y = np.array([1.0, 2.0, 4.0, 3.0, 6.0])
    fit = ridge_of(X, y, np.ones(5), np.array([0.0, 0.0, 1e-9]), y, "squared")
    slope, level = np.polyfit(np.arange(1.0, 5.0), y[1:], 1)
    assert leave_out(fit).outputs[0] == pytest.approx(y[0] - level, abs=1e-6)
    scaled = _solved(np.diag([4.0, 0.0]), np.array([[8.0], [0.0]]), np.zeros(2))
    assert scaled.ravel().tolist() == [2.0, 0.0]
    assert slope > 0


# crossing

SIZES = np.array([20.0, 40.0, 80.0, 160.0])


def weighted_line(gaps, spread, ratio):
    """Fit each fold by numpy's polynomial with the same weights, and pool as Nadeau and Bengio."""
    fits = np.array([np.polyfit(1 / SIZES, gap, 1, w=1 / np.sqrt(spread))[::-1] for gap in gaps])
    return fits.mean(axis=0), np.cov(fits.T) * (1 / len(gaps) + ratio)


def test_the_curve_weighs_sizes_by_their_spread():
    gaps = np.random.default_rng(0).normal(size=(6, 4)) * np.array([3.0, 1.0, 0.5, 0.2])
    found = fitted_curve(SIZES, gaps, test_to_train=0.2)
    expected = weighted_line(gaps, gaps.var(axis=0, ddof=1), 0.2)
    assert found[0] == pytest.approx(expected[0])
    assert found[1] == pytest.approx(expected[1])


def test_a_size_without_spread_weighs_a_thousand_times_the_largest():
    gaps = np.random.default_rng(1).normal(size=(6, 4))
    gaps[:, 3] = 0.5
    spread = gaps.var(axis=0, ddof=1)
    spread[3] = 1e-3 * spread.max()
    found = fitted_curve(SIZES, gaps, test_to_train=0.2)
    assert found[0] == pytest.approx(weighted_line(gaps, spread, 0.2)[0])


def test_folds_that_are_one_curve_have_no_covariance():
    gaps = np.tile(-0.1 + 10.0 / SIZES, (3, 1))
    coefficients, covariance = fitted_curve(SIZES, gaps, test_to_train=0.2)
    assert coefficients == pytest.approx([-0.1, 10.0])
    assert np.abs(covariance).max() < 1e-20


def at(a, b, covariance=None, df=9):
    spread = np.zeros((2, 2)) if covariance is None else np.array(covariance)
    return crossing(SIZES, np.array([a, b]), spread, df=df)


def fieller(a, b, covariance, quantile):
    """Roots of (a + b x)^2 = q^2 (c00 + 2 c01 x + c11 x^2), x = 1 / size, as sizes in order."""
    (c00, c01), (_, c11) = covariance
    q2 = quantile**2
    roots = np.roots([b * b - q2 * c11, 2 * (a * b - q2 * c01), a * a - q2 * c00])
    return sorted(1 / roots)


def test_the_ends_are_fiellers_roots():
    covariance = [[1e-4, -2e-3], [-2e-3, 0.5]]
    found = at(-0.1, 10.0, covariance)
    low, high = fieller(-0.1, 10.0, covariance, T9)
    assert found.size == 100.0
    # one step of the grid from 20 to 1,600 in 4,000 is 0.11 %
    assert found.low == pytest.approx(low, rel=2e-3)
    assert found.high == pytest.approx(high, rel=2e-3)


def test_an_exact_crossing_has_no_interval():
    found = at(-0.1, 10.0)
    assert (found.size, found.low, found.high, found.falls) == (100.0, 100.0, 100.0, True)
    assert found.limit == -0.1


@pytest.mark.parametrize(
    ("a", "b", "size", "falls"),
    [
        (-0.1, 10.0, 100.0, True),
        (0.1, -10.0, 100.0, False),  # rises through zero
        (0.1, 10.0, None, False),
        (-0.1, -10.0, None, False),
        (0.0, 10.0, None, False),
        (-0.1, 0.0, None, False),
        (-1.0, 20.0, 20.0, True),  # at the smallest size
        (-1.0, 19.9, None, True),  # below it
        (-1.0, 1600.0, 1600.0, True),  # at ten times the largest
        (-1.0, 1601.0, None, True),  # beyond
        (-0.001, 0.5, 500.0, True),
    ],
)
def test_a_crossing_is_said_between_the_smallest_size_and_ten_times_the_largest(a, b, size, falls):
    found = at(a, b)
    assert found.size == size if size is None else found.size == pytest.approx(size)
    assert found.falls is falls
    if found.size not in (20.0, 1600.0):  # ends of the grid are open ends
        assert (found.low, found.high) == (found.size, found.size)


def test_a_crossing_below_one_is_one_where_sizes_are_shares():
    found = crossing(np.array([0.5, 1.0, 2.0]), np.array([-1.0, 0.7]), np.zeros((2, 2)), df=9)
    assert found.size == pytest.approx(0.7)


def test_an_end_that_was_not_reached_is_open():
    wide = at(-0.1, 10.0, [[1e-2, 0.0], [0.0, 0.0]])  # q sqrt(c00) = 0.183 > 0.1: no upper end
    assert wide.high is None
    assert wide.low == pytest.approx(10.0 / (0.1 + T9 * 0.1), rel=2e-3)
    steep = at(-0.1, 10.0, [[0.0, 0.0], [0.0, 90.0]])  # all sizes below 274 are open
    assert steep.low is None
    assert steep.high == pytest.approx((10.0 + T9 * np.sqrt(90.0)) / 0.1, rel=2e-3)


def test_an_end_within_the_first_or_last_step_of_the_grid_is_an_end():
    # steps of 0.11 %: 20, 20.02, ... and 1,598.2, 1,600
    low = at(-0.1, 10.0, [[((10.0 / 20.01 - 0.1) / T9) ** 2, 0.0], [0.0, 0.0]]).low
    assert low == pytest.approx(20.02, abs=0.01)
    high = at(-0.1, 10.0, [[(0.093745 / T9) ** 2, 0.0], [0.0, 0.0]]).high
    assert high == pytest.approx(1598.2, abs=0.1)


# in order of time


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ([1.0, 2.0, 3.0, 4.0, 5.0], 0.84),  # raw 4 / 10, and (1 + 3 * 0.4) / 5
        ([1.0, -1.0] * 10, 0.05),  # negative counts as none: 1 / 20
        ([0.0, 1.0, 2.0], 1 / 3),  # raw 0
        ([0.0, 1.0], 0.0),  # too few
        ([2.0] * 5, 0.0),
        (list(range(300)), 0.99),  # never more
        ([1e-3, 2e-3, 3e-3, 4e-3, 5e-3], 0.84),  # in whatever unit
    ],
)
def test_the_autocorrelation_of_neighbours(series, expected):
    assert lag_one(np.array(series, float)) == pytest.approx(expected)


def test_independent_values_in_an_autoregression():
    assert effective_size(40, 0.6) == pytest.approx(10.0)  # 40 * 0.4 / 1.6
    assert effective_size(40, 0.0) == 40.0


def test_values_are_averaged_at_each_time():
    values, places = np.array([1.0, 5.0, 3.0]), np.array([3, 0, 3])
    assert by_time(values, places).tolist() == [5.0, 2.0]


def in_order(differences, control=None, places=None):
    n = len(differences)
    return forward_estimate(
        np.asarray(differences, float),
        np.zeros(n) if control is None else np.asarray(control, float),
        np.arange(n) if places is None else np.asarray(places),
        n_pairs=7,
    )


def test_five_stretches_of_ten_times():
    # means 0.5, 2.5, 4.5, 6.5, 8.5: variance 10 over 5, and sqrt 2 for few times
    made = in_order(range(10))
    assert (made.estimate, made.error, made.equivalence_error) == pytest.approx((4.5, 2.0, 2.0))
    assert (made.df, made.equivalence_df, made.n_pairs) == (4, 4, 7)


def test_stretches_follow_the_places_and_split_no_time():
    mixed = [9, 0, 1, 8, 2, 7, 3, 6, 4, 5]
    assert in_order(mixed, places=mixed).error == pytest.approx(2.0)
    # four times of 1, 1, 1 and 7 rows: wanted cuts at 2, 4, 6, 8 fall on 1|2|3 only, so that the
    # stretches are rows 0-1, 2 and 3-9
    made = in_order([0, 2, 4, 9, 9, 9, 9, 9, 9, 9], places=[0, 1, 2, 3, 3, 3, 3, 3, 3, 3])
    assert made.df == 2
    assert made.error == pytest.approx(np.std([1.0, 4.0, 9.0], ddof=1) / np.sqrt(3) * np.sqrt(2))


def test_two_times_are_two_stretches():
    made = in_order([1.0, 3.0, 6.0, 6.0], places=[0, 0, 1, 1])
    assert made.error == pytest.approx(np.std([2.0, 6.0], ddof=1) / np.sqrt(2) * np.sqrt(2))
    assert made.df == 1


def test_one_time_has_no_spread():
    made = in_order([1.0, 2.0, 3.0], places=[5, 5, 5])
    assert (made.estimate, made.error, made.df, made.equivalence_df) == (2.0, 0.0, 1, 1)


def serial_error(n, together, variance, df=4):
    """The t over n values of which effective ones are counted, less six, at its own degrees."""
    effective = n * (1 - together) / (1 + together)
    variance = variance / min(max(1 - 1 / effective, 0.3), 1.0)
    left = max(effective - 6, 1)
    half = stats.t.ppf(0.95, max(left - 1, 1)) * np.sqrt(variance / left)
    return half / stats.t.ppf(0.95, df)


def test_twenty_times_are_counted_by_how_they_go_together():
    # 20 times: stretches of 4 alternating rows have no spread; lag 1 / 20
    made = in_order(alternating(20, 1.0))
    assert made.error == pytest.approx(serial_error(20, 0.05, 20 / 19))
    # 19 times are too few: stretches of 4, 4, 3, 4, 4 rows, and sqrt 2
    few = in_order(alternating(19, 1.0))
    means = [part.mean() for part in np.split(alternating(19, 1.0), [4, 8, 11, 15])]
    assert few.error == pytest.approx(np.std(means, ddof=1) / np.sqrt(5) * np.sqrt(2))


def test_forty_times_that_hang_together_somewhat():
    # 1, 1, -1, -1, ...: 20 neighbours alike, 19 not: raw 1 / 40
    d = np.tile([1.0, 1.0, -1.0, -1.0], 10)
    together = 1 / 40 + (1 + 3 / 40) / 40
    assert in_order(d).error == pytest.approx(serial_error(40, together, 40 / 39))


def test_a_control_that_drifts_leaves_one_row():
    # lag of the control 0.99: 0.2 rows, so that the variance is over 0.3 and one row is left
    made = in_order(alternating(40, 1.0), control=np.arange(40.0))
    assert made.error == pytest.approx(
        stats.t.ppf(0.95, 1) * np.sqrt(40 / 39 / 0.3) / stats.t.ppf(0.95, 4)
    )


@pytest.mark.parametrize("period", [6, 8, 10, 14])
def test_few_rows_are_left_after_six(period):
    # A triangle wave as the control: 60 times count as 2 to 21 rows, of which six are spent.
    control = np.abs(np.arange(60) % period - period / 2)
    together = lag_one(control)
    made = in_order(alternating(60, 1.0), control=control)
    assert made.error == pytest.approx(serial_error(60, together, 60 / 59))


def test_stretches_count_where_they_are_wider():
    d = np.repeat([1.0, -1.0, 1.0, -1.0, 1.0], 40) + alternating(200, 1e-3)
    made = in_order(d)
    wide = np.std([1, -1, 1, -1, 1], ddof=1) / np.sqrt(5)
    assert made.error == pytest.approx(max(wide, serial_error(200, lag_one(d), np.var(d, ddof=1))))


@pytest.mark.parametrize(
    ("labels", "n_gains", "n"),
    [
        (alternating(40, 1.0), 4, 4.0),  # no more than blocks
        # 40 labels with lag 0.051875 are 36.0547, less six
        (np.tile([1.0, 1.0, 0.0, 0.0], 10), 40, 40 * 0.948125 / 1.051875 - 6),
        (np.repeat([0.0, 1.0], 20), 4, 1.0),  # lag 0.99: one is left
    ],
)
def test_scores_of_blocks_count_by_their_labels(labels, n_gains, n):
    gains = np.random.default_rng(0).normal(size=n_gains)
    made = forward_score_estimate(gains, labels, method="m")
    error = np.std(gains, ddof=1) / np.sqrt(n)
    assert (made.error, made.equivalence_error) == pytest.approx((error, error))
    assert (made.df, made.equivalence_df) == pytest.approx([max(n - 1, 1)] * 2)
    assert (made.estimate, made.n_pairs) == (pytest.approx(gains.mean()), n_gains)


# areas under the curve


def brute_rows(scores, positive, strata=None, weights=None):
    """AUC + n / M (R_i - M_i AUC), pair by pair."""
    n = len(scores)
    w = np.ones(n) if weights is None else weights
    s = np.zeros(n) if strata is None else strata
    right, partners = np.zeros(n), np.zeros(n)
    for i in range(n):
        for j in range(n):
            if positive[i] and not positive[j] and s[i] == s[j]:
                part = w[i] * w[j] * ((scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]))
                right[[i, j]] += part
                partners[[i, j]] += w[i] * w[j]
    auc, pairs = right.sum() / partners.sum(), partners.sum() / 2
    return auc + n / pairs * (right - partners * auc)


@pytest.mark.parametrize("strata", [None, np.arange(24) % 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_rows_of_an_area_pair_by_pair(strata, weighted):
    rng = np.random.default_rng(0)
    scores, positive = rng.integers(0, 5, 24).astype(float), rng.random(24) < 0.4
    weights = rng.uniform(0.5, 2.0, 24) if weighted else None
    found = auc_rows(scores, positive, strata, weights)
    assert found == pytest.approx(brute_rows(scores, positive, strata, weights))


def test_several_classes_are_averaged_where_they_meet_another():
    rng = np.random.default_rng(1)
    scores, labels = rng.normal(size=(20, 3)), np.arange(20) % 2
    strata = np.arange(20) // 10
    expected = np.mean([brute_rows(scores[:, c], labels == c, strata) for c in (0, 1)], axis=0)
    assert macro_auc_rows(scores, labels, strata) == pytest.approx(expected)  # nothing of class 2
    whole = np.mean([brute_rows(scores[:, c], labels == c) for c in (0, 1)], axis=0)
    assert macro_auc_rows(scores, labels) == pytest.approx(whole)
    two = macro_auc_rows(scores[:, :1], labels, strata)
    assert two == pytest.approx(brute_rows(scores[:, 0], labels == 1, strata))


def test_a_class_of_one_row_counts():
    scores, labels = (
        np.random.default_rng(3).normal(size=(8, 3)),
        np.array([0, 1, 2, 0, 1, 0, 1, 0]),
    )
    expected = np.mean([brute_rows(scores[:, c], labels == c) for c in (0, 1, 2)], axis=0)
    assert macro_auc_rows(scores, labels) == pytest.approx(expected)


def test_a_class_alone_in_its_strata_is_left_out():
    labels, strata = np.array([0, 1, 0, 1, 2, 2]), np.array([0, 0, 0, 0, 1, 1])
    scores = np.random.default_rng(2).normal(size=(6, 3))
    expected = np.mean([brute_rows(scores[:, c], labels == c, strata) for c in (0, 1)], axis=0)
    assert macro_auc_rows(scores, labels, strata) == pytest.approx(expected)
    assert macro_auc_rows(scores, labels, strata, np.full(6, 2.0)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "strata", "expected"),
    [
        ([0, 1], [0, 0], True),
        ([0, 1], [0, 1], False),
        ([0, 0, 1, 1, 1], [0, 0, 1, 1, 1], False),
        ([0, 0, 1, 0], [0, 0, 1, 1], True),
    ],
)
def test_rows_can_be_ranked_where_two_classes_meet(labels, strata, expected):
    assert can_rank(np.array(labels), np.array(strata)) is expected


def test_the_corrected_error_by_hand():
    assert corrected_error(np.array([0.1, 0.3, 0.2, 0.0]), test_to_train=1 / 9) == pytest.approx(
        np.sqrt(0.05 / 3 * (1 / 4 + 1 / 9))
    )
