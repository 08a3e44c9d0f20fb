"""The default scaling is skrub's, to the last bit."""

import warnings

import numpy as np
import pytest
from skrub import SquashingScaler

from transfergap.data.encoding.bounded_scale import BoundedScale

RNG = np.random.default_rng(0)
NORMAL = RNG.normal(50.0, 12.0, 101)
COLUMNS = {
    "normal": NORMAL,
    "even": NORMAL[:100],
    "heavy": RNG.standard_cauchy(100) * 1e6,
    "missing": np.where(RNG.random(100) < 0.3, np.nan, RNG.normal(size=100)),
    "mostly one value": np.where(RNG.random(100) < 0.1, RNG.normal(size=100), 7.0),
    "constant": np.full(60, 3.5),
    "constant and missing": np.array([2.0, np.nan, 2.0]),
    "infinite": np.append(RNG.normal(size=40), [np.inf, -np.inf, np.nan]),
    "tiny": RNG.normal(size=50) * 1e-17,
    "whole": RNG.integers(0, 5, 80).astype(float),
    "two rows": np.array([1.0, 4.0]),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_each_column_is_scaled_as_by_skrub(name):
    column = COLUMNS[name][:, None]
    others = np.concatenate([column, [[np.nan], [0.0], [1e300], [-np.inf]]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rival = SquashingScaler(max_absolute_value=5.0).fit(column)
        expected = rival.transform(others)
    ours = BoundedScale.of(column, bound=5.0).transform(others)
    assert np.array_equal(ours, expected, equal_nan=True)


def test_columns_do_not_depend_on_each_other():
    table = np.column_stack([COLUMNS[name][:40] for name in ("normal", "heavy", "missing")])
    whole = BoundedScale.of(table, bound=5.0).transform(table)
    single = [BoundedScale.of(x[:, None], bound=5.0).transform(x[:, None]) for x in table.T]
    assert np.array_equal(whole, np.hstack(single), equal_nan=True)
