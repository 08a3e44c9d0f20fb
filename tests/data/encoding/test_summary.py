"""Laws of summaries: they add, in any split, order and route, or say why they do not."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transfergap import summarize, summarize_batches
from transfergap.data.encoding import (
    Accumulator,
    empty_summary,
    fit_encoder,
    gram_of,
    with_intercept,
    working,
)
from transfergap.data.encoding.accumulator import BLOCK
from transfergap.errors import DataError


def table(n, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {"a": rng.normal(size=n), "b": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
         "k": rng.choice(list("uvw"), n)}
    )  # fmt: skip


def labels(n, task, seed=0):
    rng = np.random.default_rng([seed, 1])
    if task == "regression":
        return rng.normal(size=n)
    return rng.choice(["no", "yes"] if task == "binary" else ["x", "y", "z"], n)


def encoders(task):
    first = fit_encoder(table(50, 9), labels(50, task, 9), task=task)
    if task == "regression":
        return [first]
    point = np.random.default_rng(3).normal(
        size=(first.labels.n_responses, len(first.outputs) + 1), scale=0.5
    )
    return [first, first.at(point)]


ROUNDS = [(task, e) for task in ("regression", "binary", "multiclass") for e in encoders(task)]
BY_ROUND = pytest.mark.parametrize(("task", "encoder"), ROUNDS)


def assert_equal(one, other, rtol=1e-10):
    assert one.n_rows == other.n_rows
    for name in ("grams", "moments", "powers"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert np.allclose(mine, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max()), name


@BY_ROUND
def test_a_summary_is_what_its_definition_says(task, encoder):
    X, y = table(40), labels(40, task)
    found = summarize(X, y, encoder=encoder)
    design = with_intercept(encoder.encode(X))
    weights, z = working(design, encoder.labels.responses(y), encoder.point)
    for r in range(encoder.labels.n_responses):
        w = weights[:, r]
        gram = found.grams[min(r, len(found.grams) - 1)]
        assert np.allclose(gram, (design * w[:, None]).T @ design)
        assert np.allclose(found.moments[r], design.T @ (w * z[:, r]))
        assert np.isclose(found.powers[r], (w * z[:, r] ** 2).sum())
    assert (found.noised, found.delta) == (None, 0.0)
    assert np.array_equal(found.grams, np.swapaxes(found.grams, 1, 2))
    found.check_sound()


@BY_ROUND
@settings(max_examples=25, deadline=None)
@given(
    parts=st.lists(st.integers(0, 6), min_size=60, max_size=60),
    order=st.permutations(range(7)),
)
def test_any_partition_in_any_order_adds_up_to_the_whole(task, encoder, parts, order):
    X, y = table(60), labels(60, task)
    whole = summarize(X, y, encoder=encoder)
    parts = np.array(parts)
    pieces = [summarize(X[parts == p], y[parts == p], encoder=encoder) for p in order]
    total = pieces[0]
    for piece in pieces[1:]:
        total = total + piece
    assert_equal(total, whole)
    assert_equal(sum(pieces, start=empty_summary(encoder)), whole)


@BY_ROUND
def test_streamed_equals_in_memory_across_block_borders(task, encoder):
    n = 2 * BLOCK + 7
    X, y = table(n), labels(n, task)
    whole = summarize(X, y, encoder=encoder)
    cuts = [0, 0, 1, BLOCK - 1, BLOCK + 1, BLOCK + 1, n]
    batches = ((X[a:b], y[a:b]) for a, b in itertools.pairwise(cuts))
    assert_equal(summarize_batches(batches, encoder=encoder), whole)
    design = with_intercept(encoder.encode(X))
    assert_equal(gram_of(encoder, design, encoder.labels.responses(y)), whole)


@BY_ROUND
def test_a_weight_is_a_number_of_copies(task, encoder):
    X, y = table(30), labels(30, task)
    weights = np.arange(30) % 4
    weighted = summarize(X, y, encoder=encoder, sample_weight=weights)
    copied = summarize(X.loc[np.repeat(X.index, weights)], np.repeat(y, weights), encoder=encoder)
    assert_equal(replace(weighted, n_rows=copied.n_rows), copied)
    with pytest.raises(DataError, match="weights of site b must be 30 finite numbers"):
        summarize(X, y, encoder=encoder, sample_weight=-weights, where="site b")
    batches = [(X[:9], y[:9], weights[:9]), (X[9:], y[9:], weights[9:])]
    assert_equal(summarize_batches(batches, encoder=encoder), weighted)


@BY_ROUND
def test_no_rows_are_the_zero_of_addition(task, encoder):
    X, y = table(30), labels(30, task)
    some, none = summarize(X, y, encoder=encoder), summarize(X[:0], y[:0], encoder=encoder)
    assert none.n_rows == 0
    assert_equal(some + none, some)
    assert_equal(none, empty_summary(encoder), rtol=0)
    none.check_sound()
    assert summarize(X[:1], y[:1], encoder=encoder).n_rows == 1


def test_the_callers_tables_are_not_changed():
    X, y = table(30), labels(30, "regression")
    kept = X.copy(), y.copy()
    values = np.array(X[["a", "b"]])
    copy = values.copy()
    summarize(X, y, encoder=encoders("regression")[0], epsilon=1.0)
    summarize(values, y, encoder=fit_encoder(values, y, task="regression"))
    assert X.equals(kept[0])
    assert np.array_equal(y, kept[1])
    assert np.array_equal(values, copy, equal_nan=True)


def test_rows_of_foreign_labels_are_an_error_or_left_out_and_counted():
    encoder = encoders("binary")[0]
    X, y = table(30), labels(30, "binary").astype(object)
    y[3], y[5], y[6] = "maybe", "never", "maybe"
    with pytest.raises(DataError, match=r"3 rows of b.csv have labels .*: maybe, never") as error:
        summarize(X, y, encoder=encoder, where="b.csv")
    assert "--skip-foreign-labels" in error.value.hint
    kept = ~np.isin(y, ["maybe", "never"])
    expected = summarize(X[kept], y[kept], encoder=encoder)
    assert_equal(summarize(X, y, encoder=encoder, skip_foreign_labels=True), expected)
    sums = Accumulator(encoder, skip_foreign_labels=True)
    sums.add(X, y)
    assert (sums.n_rows, sums.n_foreign) == (27, 3)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
@pytest.mark.parametrize("skip", [True, False])
def test_missing_labels_are_an_error(missing, skip):
    y = labels(30, "binary").astype(object)
    y[7] = missing
    with pytest.raises(DataError, match=r"1 of 30 labels of b.csv are missing; .* row 7"):
        summarize(table(30), y, encoder=encoders("binary")[0], where="b.csv",
                  skip_foreign_labels=skip)  # fmt: skip


def test_labels_of_another_kind_or_length_are_an_error():
    encoder = encoders("regression")[0]
    with pytest.raises(DataError, match="labels of the data are text"):
        summarize(table(3), ["low", "mid", "high"], encoder=encoder)
    with pytest.raises(DataError, match="2 labels of shape"):
        summarize(table(3), [1.0, 2.0], encoder=encoder)
    with pytest.raises(DataError, match="labels of the data hold an infinite number in row 1"):
        summarize(table(3), [1.0, np.inf, 2.0], encoder=encoder)


def test_few_rows_are_refused_over_all_batches_together():
    encoder, X, y = encoders("binary")[0], table(30), labels(30, "binary")
    batches = [(X[:15], y[:15]), (X[15:], y[15:])]
    assert summarize_batches(batches, encoder=encoder, min_rows=30).n_rows == 30
    with pytest.raises(DataError, match=r"30 rows in b.csv, fewer than 31") as error:
        summarize_batches(batches, encoder=encoder, min_rows=31, where="b.csv")
    assert "--min-rows" in error.value.hint
    y = y.astype(object)
    y[:5] = "maybe"
    with pytest.raises(DataError, match=r"25 rows in the data \(5 left out\), fewer than 26"):
        summarize(X, y, encoder=encoder, min_rows=26, skip_foreign_labels=True)


def summary_of(X, y=None, task="regression"):
    y = labels(len(X), task) if y is None else y
    return summarize(X, y, encoder=fit_encoder(X, y, task=task))


BASE = table(40)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (BASE.assign(a=BASE["a"] + 1), "the centre of column 'a': "),
        (BASE.assign(b=BASE["b"].fillna(0.0)), "of column 'b': "),
        (
            BASE.assign(k=BASE["k"].replace("w", "q")),
            "the categories of column 'k': 'w' is in one only",
        ),
        (BASE.rename(columns={"b": "B"}), "a column: 'b' in one and 'B' in the other"),
        (BASE[["b", "a", "k"]], "a column: 'a' in one and 'b' in the other"),
        (BASE.assign(more=1.0), "the number of columns: 3 in one and 4 in the other"),
        (BASE.assign(k=np.arange(40.0)), "the kind of column 'k': 'category' in one"),
        (BASE.assign(a=BASE["a"] * 2 - BASE["a"].mean()), "the scale of column 'a'"),
    ],
)
def test_summaries_of_different_encoders_say_what_differs(other, said):
    with pytest.raises(DataError, match=f"different encoders: .*{said}") as error:
        _ = summary_of(BASE) + summary_of(other)
    assert error.value.hint == "send every site the same encoder file"


def test_summaries_of_different_labels_say_so():
    numbers, classes = summary_of(BASE), summary_of(BASE, task="binary")
    with pytest.raises(DataError, match="the task of the labels: 'regression' in one"):
        _ = numbers + classes
    renamed = np.where(labels(40, "binary") == "no", "never", "yes")
    with pytest.raises(DataError, match="the classes of the labels: 'no' is in one only"):
        _ = classes + summary_of(BASE, renamed, task="binary")
    with pytest.raises(DataError, match="the centre of the labels: "):
        _ = numbers + summary_of(BASE, labels(40, "regression") + 1)


def test_summaries_of_different_rounds_say_so():
    first, later = encoders("binary")
    X, y = table(40), labels(40, "binary")
    one, two = (summarize(X, y, encoder=e) for e in (first, later))
    with pytest.raises(DataError, match="different rounds: a first round and a later round"):
        _ = one + two
    elsewhere = summarize(X, y, encoder=first.at(later.point + 1))
    with pytest.raises(DataError, match=r"different rounds: .* start at other coefficients"):
        _ = two + elsewhere


def test_a_sum_promises_no_more_than_its_parts():
    plain = summary_of(BASE)
    one, three = replace(plain, noised=1.0, delta=1e-6), replace(plain, noised=3.0, delta=1e-7)
    assert ((one + three).noised, (one + three).delta) == (3.0, 1e-6)
    assert math.isinf((one + plain).noised)
    assert (one + empty_summary(one.encoder)).noised == 1.0


def test_the_fit_from_summed_summaries_is_the_fit_from_all_rows():
    rng = np.random.default_rng(6)
    X = rng.normal(size=(400, 5)) * 10.0 ** np.arange(-4, 6, 2)
    y = X @ 10.0 ** -np.arange(-4, 6, 2.0) + rng.normal(size=400)
    encoder = fit_encoder(X[:50], y[:50], task="regression")
    parts = [summarize(X[i::4], y[i::4], encoder=encoder) for i in range(4)]
    total = parts[0] + parts[1] + parts[2] + parts[3]
    by_sums = np.linalg.solve(total.grams[0], total.moments[0])
    design = with_intercept(encoder.encode(X))
    by_rows = np.linalg.lstsq(design, encoder.labels.responses(y)[:, 0], rcond=None)[0]
    assert np.allclose(by_sums, by_rows, rtol=1e-10, atol=1e-12)


def test_newton_rounds_by_summaries_reach_the_logistic_fit():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(7)
    X = rng.normal(size=(600, 3))
    y = (X[:, 0] + rng.logistic(size=600) > 0).astype(int)
    encoder = fit_encoder(X[:100], y[:100], task="binary").at(np.zeros((1, 4)))
    for _ in range(6):
        total = sum(
            (summarize(X[i::3], y[i::3], encoder=encoder) for i in range(3)),
            start=empty_summary(encoder),
        )
        encoder = encoder.at(np.linalg.solve(total.grams[0], total.moments[0]))
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(encoder.encode(X), y)
    assert np.allclose(encoder.point[0], [*model.coef_[0], *model.intercept_], atol=1e-5)
