"""Seeds that all differ by the same amount have no spread, in any metric of curves."""

import numpy as np
import pytest

from transfergap.analysis.training_curves.gaps import improvement_gap, mean_gap, trimmed_gap

CONTROL = np.array([0.11, 0.72, 0.33, 0.94, 0.55, 0.27, 0.81, 0.43])


@pytest.mark.parametrize("gap_of", [mean_gap, trimmed_gap])
def test_equal_differences_are_judged_by_their_signs(gap_of):
    gap = gap_of(CONTROL, CONTROL + 0.1)
    assert gap.error == 0
    assert gap.p_helps >= 0.5 ** len(CONTROL)
    assert gap_of(CONTROL, CONTROL * 1.0).p_helps == 1.0


def test_yuens_error_is_the_sum_of_its_parts():
    rng = np.random.default_rng(0)
    treated = CONTROL + rng.normal(size=8)
    cut = [np.clip(v, np.sort(v)[2], np.sort(v)[5]) for v in (treated, CONTROL)]
    covariance = np.cov(np.stack(cut)) * 7 / (4 * 3)
    expected = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    assert trimmed_gap(CONTROL, treated).error == pytest.approx(np.sqrt(expected))


def test_a_tie_up_to_rounding_is_a_tie():
    gap = improvement_gap(np.full(4, 0.3), np.array([0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3]))
    assert gap.estimate == 0
