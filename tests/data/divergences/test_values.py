"""Divergences against numbers worked by hand, by SciPy and by POT."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

from transfergap.data.divergences import (
    bbse,
    concept_gap,
    coral_distance,
    disde,
    energy_distance,
    frechet_distance,
    label_variation,
    mlls,
    mmd,
    otdd,
    sinkhorn_divergence,
    sliced_wasserstein,
)
from transfergap.errors import DataError, PairingError


def normal(n, p=3, seed=0, shift=0.0):
    return np.random.default_rng(seed).normal(size=(n, p)) + shift


def test_mmd_of_three_rows_by_hand():
    near, far = np.exp(-0.5), np.exp(-2.0)  # kernels at distances 1 and 2, bandwidth 1
    found = mmd(np.array([[0.0], [1.0]]), np.array([[1.0], [2.0]]), bandwidth=1.0).value
    assert found == pytest.approx(near + near - 2 * (near + far + 1.0 + near) / 4)


@pytest.mark.parametrize("how", ["block", "features"])
def test_cheap_mmds_are_near_the_exact_one(how):
    here, there = normal(900), normal(900, seed=1, shift=0.8)
    exact = mmd(here, there, bandwidth=1.5).value
    assert mmd(here, there, how=how, bandwidth=1.5).value == pytest.approx(exact, rel=0.2)


@pytest.mark.parametrize("how", ["exact", "block", "features"])
def test_mmd_tells_another_spread_and_not_the_same_law(how):
    same, wide = normal(400, seed=2), 1.6 * normal(400, seed=3)
    assert mmd(normal(400), wide, how=how).p_value < 0.05
    assert mmd(normal(400), same, how=how).p_value > 0.05


def test_energy_distance_is_the_square_of_scipys():
    here, there = normal(40, 1)[:, 0], normal(30, 1, seed=4, shift=0.5)[:, 0]
    found = energy_distance(here[:, None], there[:, None])
    assert found.value == pytest.approx(stats.energy_distance(here, there) ** 2)


def test_coral_sees_covariances_and_no_means():
    here = normal(50)
    assert coral_distance(here, here + 7.0).value == pytest.approx(0.0, abs=1e-12)
    turned = here * np.array([2.0, 1.0, 1.0])
    apart = np.cov(here.T) - np.cov(turned.T)
    assert coral_distance(here, turned).value == pytest.approx((apart**2).sum() / 36)


def test_frechet_distance_of_diagonal_covariances_by_hand():
    here = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])  # variances 2/3
    there = 3.0 * here + np.array([1.0, 2.0])
    expected = 5.0 + 2 * (3.0 - 1.0) ** 2 * 2 / 3
    assert frechet_distance(here, there).value == pytest.approx(expected)


def test_sliced_wasserstein_of_one_column_is_the_distance_of_sorted_values():
    pytest.importorskip("ot")
    here, there = normal(60, 1), normal(60, 1, seed=5, shift=1.0)
    apart = np.sort(here[:, 0]) - np.sort(there[:, 0])
    assert sliced_wasserstein(here, there).value == pytest.approx(np.sqrt((apart**2).mean()))


def test_sinkhorn_divergence_is_zero_of_itself_and_the_squared_shift_else():
    pytest.importorskip("ot")
    here = normal(80)
    assert sinkhorn_divergence(here, here).value == pytest.approx(0.0, abs=1e-8)
    moved = sinkhorn_divergence(here, here + np.array([2.0, 0.0, 0.0])).value
    assert moved == pytest.approx(4.0, rel=0.02)


def test_otdd_adds_the_distance_of_class_gaussians():
    pytest.importorskip("ot")
    rows = np.array([[0.0], [2.0], [10.0], [12.0]])
    labels = np.array([0, 0, 1, 1])
    # Each row moves by 1, and each class's Gaussian as well.
    assert otdd(rows, labels, rows + 1.0, labels).value == pytest.approx(2.0)


@pytest.mark.parametrize("names", [[1, 0, 2], [2, 0, 1]])
def test_otdd_is_blind_to_exchanged_labels(names):
    pytest.importorskip("ot")
    labels = np.arange(60) % 3
    here = normal(60) + 4 * labels[:, None]
    there = normal(60, seed=6) + 4 * labels[:, None]
    exchanged = np.array(names)[labels]
    told = otdd(here, labels, there, labels).value
    assert otdd(here, labels, there, exchanged).value == pytest.approx(told)


def labelled(n, seed, spread=1.0):
    """Return rows of two classes that lie apart, and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.array(["a", "b"])[rng.integers(2, size=n)]
    return spread * rng.normal(size=(n, 2)) + 3 * (labels == "a")[:, None], labels


def test_transport_of_samples_has_a_permutation_p_value():
    pytest.importorskip("ot")
    here, there, wide = labelled(40, 0), labelled(50, 1), labelled(50, 1, spread=3.0)
    assert otdd(*here, *there).p_value > 0.05 >= otdd(*here, *wide).p_value
    columns = here[0], there[0], wide[0]
    assert sinkhorn_divergence(columns[0], columns[1]).p_value > 0.05
    assert sinkhorn_divergence(columns[0], columns[2]).p_value <= 0.05
    # Exchanged labels leave the sample as near as can be: OTDD is blind to them here too.
    assert otdd(*here, here[0], np.where(here[1] == "a", "b", "a")).p_value == 1.0


def test_no_p_value_where_the_rows_that_are_permuted_are_of_a_class_each(monkeypatch):
    pytest.importorskip("ot")
    # Thirty of 72 rows are permuted, not a hundred of 240: distances of classes take the time.
    monkeypatch.setattr(import_module("transfergap.data.divergences.otdd"), "_PERMUTED_ROWS", 30)
    rows, labels = normal(72), np.arange(72) // 2  # pairs of one class
    itself = otdd(rows, labels, rows, labels, seed=3)
    assert itself.value == pytest.approx(0.0)
    assert itself.p_value is None or itself.p_value > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("distance", ["otdd", "sinkhorn"])
def test_p_values_of_transport_hold_under_the_null(distance):
    """At most 17 of 150 below .05: passed by chance once in 1,800, at a rate of .05."""
    pytest.importorskip("ot")
    values = []
    for seed in range(150):
        (X, y), (Z, z) = labelled(20, 2 * seed), labelled(30, 2 * seed + 1)
        apart = otdd(X, y, Z, z) if distance == "otdd" else sinkhorn_divergence(X, Z)
        values.append(apart.p_value)
    assert sum(p <= 0.05 for p in values) <= 17
    assert np.mean(values) == pytest.approx(0.5, abs=0.1)  # 4 errors of a mean of 150


def test_label_variation_by_hand_with_an_interval_around_it():
    found = label_variation(["a"] * 60 + ["b"] * 40, ["a"] * 20 + ["b"] * 50 + ["c"] * 30)
    assert found.value == pytest.approx(0.4)
    assert found.low < 0.4 < found.high
    assert found.p_value == 0.001
    assert label_variation([0, 1] * 50, [1, 0] * 30).p_value == 1.0


def confused(shares, n, seed):
    """Return classes and calibrated probabilities of a model that is right nine times of ten."""
    rng = np.random.default_rng(seed)
    codes = rng.choice(2, n, p=shares)
    heard = np.where(rng.random(n) < 0.9, codes, 1 - codes)
    return codes, np.where(heard[:, None] == np.arange(2), 0.9, 0.1)


@pytest.mark.parametrize("estimate", [bbse, mlls])
@pytest.mark.parametrize("share", [0.5, 0.2, 0.9])
def test_shares_of_an_unlabelled_target_are_found(estimate, share):
    codes, held_out = confused((0.5, 0.5), 4000, 0)
    _, target = confused((share, 1 - share), 4000, 1)
    found = estimate(held_out, codes, target)
    assert found.shares[0] == pytest.approx(share, abs=0.03)  # 4 errors of a share of 4,000
    assert found.low[0] <= found.shares[0] <= found.high[0]
    assert found.variation == pytest.approx(abs(found.shares[0] - np.mean(codes == 0)))


def test_bbse_refuses_a_model_that_never_names_a_class():
    same = np.tile([0.9, 0.1], (6, 1))
    with pytest.raises(DataError, match="never tells"):
        bbse(same, np.array([0, 0, 0, 1, 1, 1]), same)


def test_concept_gap_has_the_t_interval_of_paired_losses():
    source, control = np.array([1.0, 2.0, 4.0, 3.0]), np.array([1.0, 1.0, 1.0, 1.0])
    found = concept_gap(source, control)
    expected = stats.ttest_rel(source, control)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    with pytest.raises(PairingError):
        concept_gap(source, control[:3])


def test_disde_parts_add_up_and_name_labels_where_rows_agree():
    rng = np.random.default_rng(0)
    half = np.full(200, 0.5)
    found = disde(rng.exponential(2.0, 200), rng.exponential(1.0, 200), half, half)
    parts = found.leaving_source.value + found.labels.value + found.entering_target.value
    assert parts == pytest.approx(found.total.value)
    assert found.labels.value == pytest.approx(found.total.value)
    assert found.shared == pytest.approx(1.0)


def test_disde_names_rows_where_the_loss_depends_on_them_alone():
    # Half of the source is easy, and of a kind that the target hardly has.
    source_p = np.repeat([0.02, 0.64], 500)
    target_p = np.repeat([0.02, 0.64], [20, 980])
    loss = {0.02: 1.0, 0.64: 3.0}
    losses = [np.array([loss[p] for p in ps]) for ps in (target_p, source_p)]
    found = disde(*losses, target_p, source_p)
    assert abs(found.labels.value) < 0.1 < 0.5 < found.leaving_source.value


@pytest.mark.parametrize(
    "bad", [np.zeros((3, 2)), np.zeros((1, 3)), np.array([[np.nan, 0.0, 0.0]] * 3)]
)
def test_rows_that_cannot_be_compared_are_refused(bad):
    with pytest.raises(DataError):
        mmd(normal(4), bad)


@pytest.mark.parametrize("distance", [mmd, energy_distance, coral_distance, frechet_distance])
def test_same_seed_same_value_and_permutation_p_holds_under_the_null(distance):
    here, there = normal(60), normal(60, seed=7)
    assert distance(here, there, seed=1) == distance(here, there, seed=1)
    assert distance(here, there).p_value > 0.01


def test_many_rows_are_no_matrix_of_pairs():
    rows = normal(100_000, 3)
    assert mmd(rows[::2], rows[1::2], how="features").p_value > 0.005
    assert coral_distance(rows[::2], rows[1::2]).value < 1e-3
