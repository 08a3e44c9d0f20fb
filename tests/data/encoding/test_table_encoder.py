"""The encoder of tables that the default model has."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from transfergap.data.encoding.table_encoder import TableEncoder
from transfergap.errors import DataError


def table(n=40, seed=0):
    rng = np.random.default_rng(seed)
    amount = rng.lognormal(size=n)
    amount[::7] = np.nan
    kind = rng.choice(["a", "b", "c"], n).astype(object)
    kind[3] = None
    return pd.DataFrame({"amount": amount, "kind": kind, "age": rng.integers(20, 80, n)})


def test_numbers_are_those_of_skrubs_scaler_and_missing_ones_the_median():
    from skrub import SquashingScaler

    X = table()
    encoded = TableEncoder().fit_transform(X)
    numbers = X[["amount", "age"]].to_numpy(float)
    expected = SquashingScaler(max_absolute_value=5).fit_transform(numbers)
    known = ~np.isnan(numbers[:, 0])
    assert np.allclose(encoded[known, 0], expected[known, 0])
    assert np.allclose(encoded[:, -1], expected[:, 1])
    assert (encoded[~known, 0] == 0).all()
    assert encoded[:, 1].tolist() == (~known).astype(float).tolist()


def test_categories_are_those_of_one_hot():
    X = table()
    encoded = TableEncoder().fit(X).transform(X)
    one_hot = OneHotEncoder(handle_unknown="ignore", categories=[["a", "b", "c"]])
    assert (encoded[:, 2:5] == one_hot.fit_transform(X[["kind"]]).toarray()).all()


def test_new_levels_and_new_gaps_in_a_column_have_no_indicator():
    fitted = TableEncoder().fit(pd.DataFrame({"x": [1.0, 2.0, 3.0], "kind": ["a", "b", "a"]}))
    new = fitted.transform(pd.DataFrame({"x": [np.nan], "kind": ["other"]}))
    assert new.tolist() == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize("column", [[np.nan] * 3, [2.0] * 3, ["same"] * 3, [None] * 3])
def test_columns_that_tell_nothing_stay_finite(column):
    X = pd.DataFrame({"x": [1.0, 2.0, 4.0], "odd": column})
    assert np.isfinite(TableEncoder().fit_transform(X)).all()


def test_a_table_of_categories_alone_has_no_scaler():
    fitted = TableEncoder().fit(pd.DataFrame({"kind": ["a", "b"]}))
    assert fitted.scaler_ is None
    assert fitted.get_feature_names_out().tolist() == ["kind=a", "kind=b"]


def test_columns_are_found_by_name_whatever_their_order():
    X = table()
    fitted = TableEncoder().fit(X)
    assert (fitted.transform(X[["age", "kind", "amount"]]) == fitted.transform(X)).all()


def test_doubled_columns_are_refused():
    X = table().iloc[:, [0, 1, 1]]
    with pytest.raises(DataError, match="'kind' occurs 2 times"):
        TableEncoder().fit(X)


def test_fitting_and_encoding_in_one_step_is_the_same():
    X = table()
    assert (TableEncoder().fit_transform(X) == TableEncoder().fit(X).transform(X)).all()


def test_it_stands_before_a_model_and_reads_arrays():
    X = np.random.default_rng(0).normal(size=(60, 2))
    y = (X[:, 0] > 0).astype(int)
    assert make_pipeline(TableEncoder(), LogisticRegression()).fit(X, y).score(X, y) > 0.95
