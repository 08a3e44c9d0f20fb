"""Sources of very many rows are summed in blocks, to the same model."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from transfergap import SafeTransferClassifier, SafeTransferRegressor
from transfergap.data.encoding import Encoder
from transfergap.safe import streamed as blocks

RNG = np.random.default_rng(0)
SLOPES = RNG.normal(size=6)


def rows(n):
    X = RNG.normal(size=(n, 6))
    return X, X @ SLOPES + RNG.normal(size=n)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 37)


def both(monkeypatch, model, X, y, sources):
    """Return predictions of a model of encoded sources, and of one of streamed ones."""
    monkeypatch.setattr(blocks, "FEW", 10_000)
    whole = model().fit(X, y, sources=sources)
    monkeypatch.setattr(blocks, "FEW", 50)
    return whole, model().fit(X, y, sources=sources)


def test_numbers_give_the_same_model(monkeypatch):
    X, y = rows(60)
    sources = {"b": rows(300), "c": (*rows(200), RNG.uniform(0.2, 3.0, 200)), "d": rows(40)}
    whole, streamed = both(monkeypatch, SafeTransferRegressor, X, y, sources)
    assert np.allclose(whole.predict(X), streamed.predict(X), atol=1e-9)
    assert whole.source_influence_ == pytest.approx(streamed.source_influence_, abs=1e-9)


def test_classes_of_tables_give_the_same_model(monkeypatch):
    def table(n):
        X, y = rows(n)
        frame = pd.DataFrame(X, columns=list("abcdef"))
        frame["kind"] = np.array(["red", "blue", None], dtype=object)[RNG.integers(3, size=n)]
        return frame.where(RNG.random(frame.shape) > 0.05), np.digitize(y, [-1.0, 1.0])

    X, y = table(80)
    sources = {"b": table(300), "c": table(151)}
    whole, streamed = both(monkeypatch, SafeTransferClassifier, X, y, sources)
    assert np.allclose(whole.predict_proba(X), streamed.predict_proba(X), atol=1e-9)


def test_sparse_rows_are_dense_a_block_at_a_time(monkeypatch):
    X, y = rows(60)
    Z, z = rows(300)
    sources = {"b": (sparse.csr_matrix(Z), z)}
    whole, streamed = both(monkeypatch, SafeTransferRegressor, sparse.csr_matrix(X), y, sources)
    assert np.allclose(whole.predict(X), streamed.predict(X), atol=1e-9)


def test_no_more_than_a_block_is_encoded_at_once(monkeypatch):
    sizes, encode = [], Encoder.encode

    def counted(self, table, where="the data"):
        sizes.append(len(table))
        return encode(self, table, where)

    monkeypatch.setattr(Encoder, "encode", counted)
    monkeypatch.setattr(blocks, "FEW", 50)
    SafeTransferRegressor().fit(*rows(60), sources={"b": rows(300)})
    assert sizes == [60, *[37] * 8, 300 - 8 * 37]
