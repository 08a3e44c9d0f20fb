"""A column of two values is scaled as a category is, whatever share of the rows has which."""

import numpy as np
import pandas as pd
import pytest

from transfergap.data.encoding import fit_encoder


def encoded(column):
    y = np.arange(float(len(column)))
    return fit_encoder(np.asarray(column, float)[:, None], y, task="regression")


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1.0, 2.0), (-5.0, 20.0)])
@pytest.mark.parametrize("n_high", [1, 3, 10])
def test_the_scale_is_half_the_distance_of_the_values(low, high, n_high):
    values = np.array([high] * n_high + [low] * (20 - n_high))
    (column,) = encoded(values).columns
    assert column.scale == pytest.approx((high - low) / 2)
    ends = encoded(values).encode(np.array([[low], [high]]))[:, 0]
    assert ends[1] - ends[0] == pytest.approx(2.0)


def test_zeros_and_ones_count_as_the_words_do():
    yes = np.resize([1, 0, 0, 0, 0], 40)
    words = pd.DataFrame({"a": np.where(yes == 1, "yes", "no")})
    numbers = fit_encoder(yes[:, None].astype(float), yes * 1.0, task="regression")
    texts = fit_encoder(words, yes * 1.0, task="regression")
    assert np.ptp(numbers.encode(yes[:, None].astype(float))) == pytest.approx(
        np.ptp(texts.encode(words)[:, 0])
    )


def test_a_missing_value_is_no_third_one():
    (column,) = encoded([0.0, 1.0, np.nan, 1.0]).columns
    assert column.scale == 0.5


@pytest.mark.parametrize("values", [[1.0, 1.0 + 1e-15, 1.0], [-1.5e308, 1.5e308, 1.5e308]])
def test_rounding_and_what_overflows_are_no_two_values(values):
    (column,) = encoded(values).columns
    assert np.isfinite(column.scale)
    assert column.scale > 0
    assert np.isfinite(encoded(values).encode(np.array(values)[:, None])).all()


def test_three_values_keep_their_standard_deviation():
    values = [0.0, 1.0, 2.0, 2.0]
    (column,) = encoded(values).columns
    assert column.scale == pytest.approx(np.std(values))
