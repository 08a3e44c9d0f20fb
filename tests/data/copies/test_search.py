"""Rows of the target in a source: found whatever was done to them, and not where they are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from transfergap.data.copies import decide, search_rows, search_rows_nearby, tells_rows_apart
from transfergap.data.copies.comparable import ComparableColumn
from transfergap.data.copies.units import in_target_units


def measurements(n, rng, width=8):
    return pd.DataFrame(rng.normal(size=(n, width))).add_prefix("x")


def strangers_in(frame, rng, columns):
    return frame.assign(**{name: rng.permutation(frame[name]) for name in columns})


CHANGES = {
    "nothing": lambda d, rng: d,
    "two decimals": lambda d, rng: d.round(2),
    "three significant digits": lambda d, rng: d.map(lambda v: float(f"{v:.3g}")),
    "single precision": lambda d, rng: d.astype("float32").astype(float),
    "one column of strangers": lambda d, rng: strangers_in(d, rng, ["x2"]),
    "three columns of strangers": lambda d, rng: strangers_in(d, rng, ["x0", "x3", "x5"]),
    "rounded, and two of strangers": lambda d, rng: strangers_in(d.round(2), rng, ["x1", "x4"]),
    "another unit": lambda d, rng: d * 25.4,
    "another zero": lambda d, rng: d + 273.15,
    "Fahrenheit": lambda d, rng: d * 1.8 + 32,
    "three columns in other units": lambda d, rng: d.assign(x0=d.x0 * 1000, x1=d.x1 - 7, x2=-d.x2),
    "a column emptied": lambda d, rng: d.assign(x6=np.nan),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_copies_are_found_and_nothing_else_is(change, share):
    rng = np.random.default_rng(0)
    target = measurements(120, rng)
    n_copies = int(share * 120)
    copies = CHANGES[change](target.iloc[:n_copies], rng)
    source = pd.concat([copies, measurements(250, rng)], ignore_index=True)
    labels, own = rng.integers(0, 2, 120), rng.integers(0, 2, 250)
    order = rng.permutation(len(source))
    source_labels = np.r_[labels[:n_copies], own][order]
    search = search_rows(target, source.iloc[order].reset_index(drop=True))
    removed = decide(search, labels, source_labels).removed
    copied = order < n_copies
    assert removed[copied].mean() >= 0.99
    assert not removed[~copied].any()


@pytest.mark.parametrize("coarse", ["source", "target"])
@pytest.mark.parametrize("unit", [0.1, 1.0, 10.0])
def test_other_rows_in_coarser_figures_are_no_copies(coarse, unit):
    """Millimetres against whole centimetres: most rows of the one round to rows of the other."""
    rng = np.random.default_rng(11)
    species = rng.integers(0, 3, 240)
    tenths = rng.normal([58, 31, 38, 12], [8, 4, 17, 8], (240, 4)) + 12 * species[:, None]
    rows = pd.DataFrame(tenths.round() * unit, columns=list("abcd"))
    parts = [rows[:120], rows[120:].reset_index(drop=True)]
    k = ["target", "source"].index(coarse)
    parts[k] = (parts[k] / (10 * unit)).round() * 10 * unit
    search = search_rows(*parts)
    assert not decide(search, species[:120], species[120:]).removed.any()


@pytest.mark.parametrize("change", ["upper case", "blanks", "numbers as text"])
def test_texts_of_a_table_are_compared_without_case_and_blanks(change):
    rng = np.random.default_rng(1)
    words = np.array(["north", "south", "east", "west", "upper end", "lower end"])
    target = pd.DataFrame({f"t{k}": words[rng.integers(0, 6, 100)] for k in range(9)})
    target["code"] = rng.integers(1000, 9999, 100).astype(str)
    copies = target.iloc[:30]
    if change == "upper case":
        copies = copies.apply(lambda column: column.str.upper())
    elif change == "blanks":
        copies = copies.apply(lambda column: " " + column + "  ")
    else:
        copies = copies.assign(code=copies.code.astype(float))
    search = search_rows(target, copies.reset_index(drop=True))
    labels = np.arange(100) % 2
    assert decide(search, labels, labels[:30]).removed.all()


def test_a_column_that_names_rows_hides_nothing_and_is_no_evidence():
    rng = np.random.default_rng(2)
    target = measurements(80, rng, 3).assign(record=range(80))
    source = pd.concat([target, measurements(60, rng, 3)], ignore_index=True)
    source["record"] = range(5000, 5140)
    search = search_rows(target, source, excluded=["record"])
    assert search.left_out == ("record",)
    assert (search.source_class >= 0).tolist() == [True] * 80 + [False] * 60


def test_site_and_date_of_export_are_left_out_by_themselves():
    rng = np.random.default_rng(3)
    target = measurements(80, rng, 3).assign(site="own", exported="2024-01-01")
    source = target.assign(site="other", exported="2024-06-01")
    assert search_rows(target, source).n_equal == 80


def test_integers_of_nineteen_digits_that_differ_in_the_last_are_different():
    base = 1_012_442_000_103_450_434
    target = pd.DataFrame({"key": base + np.arange(50), "other": np.arange(50) % 3})
    source = pd.DataFrame({"key": base + np.arange(50, 90), "other": np.arange(40) % 3})
    assert search_rows(target, source).n_equal == 0
    assert search_rows(target, target).n_equal == 50


def test_few_yes_and_no_columns_cannot_tell_people_apart():
    rng = np.random.default_rng(4)
    target = pd.DataFrame(rng.integers(0, 2, (60, 4)))
    source = pd.DataFrame(rng.integers(0, 2, (200, 4)))
    search = search_rows(target, source)
    decision = decide(search, rng.integers(0, 2, 60), rng.integers(0, 2, 200))
    assert search.outcome == "coarse"
    assert not decision.removed.any()
    assert decision.n_lookalikes > 100
    assert not tells_rows_apart(target)


def test_rows_of_one_hour_have_the_weather_in_common_and_are_no_copies():
    """Six columns agree to the last digit; the labels and the other columns are each row's own."""
    rng = np.random.default_rng(5)
    weather = rng.normal(size=(40, 6))

    def flights(n):
        hour = rng.integers(0, 40, n)
        own = rng.normal(size=(n, 3))
        return pd.DataFrame(np.column_stack([weather[hour], own]))

    search = search_rows(flights(100), flights(300))
    labels = rng.integers(0, 2, 100), rng.integers(0, 2, 300)
    assert not decide(search, *labels).removed.any()


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (64,), (2, 4, 8)])
@pytest.mark.parametrize("change", ["nothing", "brighter", "darker by a third"])
def test_pictures_are_rows_of_any_shape(shape, change):
    rng = np.random.default_rng(6)
    pictures, others = rng.random((50, 64)), rng.random((70, 64))
    changed = {"nothing": pictures, "brighter": pictures + 3.0, "darker by a third": pictures / 1.5}
    source = np.concatenate([changed[change], others]).reshape(120, *shape)
    search = search_rows(pictures, source)
    labels = np.arange(50) % 2, np.arange(120) % 2
    assert decide(search, *labels).removed.tolist() == [True] * 50 + [False] * 70


def test_sequences_of_unlike_lengths_are_compared_as_a_whole():
    rng = np.random.default_rng(7)
    series = [rng.normal(size=int(n)).tolist() for n in rng.integers(3, 9, 40)]
    others = [rng.normal(size=int(n)).tolist() for n in rng.integers(3, 9, 30)]
    search = search_rows(series, others + series[:5])
    assert np.flatnonzero(search.partners_of(np.arange(40))).tolist() == list(range(30, 35))


def test_a_text_with_a_few_words_changed_is_the_same_text():
    rng = np.random.default_rng(8)
    words = np.array([f"word{k}" for k in range(400)])
    texts = [" ".join(words[rng.integers(0, 400, 30)]) for _ in range(60)]
    others = [" ".join(words[rng.integers(0, 400, 30)]) for _ in range(90)]
    changed = [" ".join([*text.split()[:27], "quite", "another", "end"]).upper() for text in texts]
    search = search_rows(texts, [*changed[:20], *others])
    labels = np.arange(60) % 2
    decision = decide(search, labels, np.r_[labels[:20], np.zeros(90, int)])
    assert decision.removed.tolist() == [True] * 20 + [False] * 90
    assert decision.n_changed == 20


def test_rows_of_two_kinds_cannot_be_compared():
    assert search_rows(np.eye(3), ["a", "b"]).outcome == "incomparable"
    assert search_rows(np.zeros((3, 4)), np.zeros((3, 5))).outcome == "incomparable"


def test_the_partners_of_tested_rows_are_those_rows_alone():
    rng = np.random.default_rng(9)
    target = measurements(40, rng)
    search = search_rows(target, pd.concat([target, target.round(3)], ignore_index=True))
    partners = search.partners_of(np.array([3, 11]))
    assert np.flatnonzero(partners).tolist() == [3, 11, 43, 51]


@pytest.mark.parametrize("places", [1, 2, 4])
@pytest.mark.parametrize("rounded_here", [True, False])
@pytest.mark.parametrize("form", [np.asarray, pd.DataFrame])
def test_rounding_shows_in_single_precision_too(places, rounded_here, form):
    rng = np.random.default_rng(12)
    target, strangers = (rng.normal(size=(n, 9)).astype("f4") for n in (70, 90))
    copies = target[:30]
    if rounded_here:
        target = target.round(places)
    else:
        copies = copies.round(places)
    search = search_rows(form(target), form(np.concatenate([strangers, copies])))
    labels, others = rng.integers(0, 2, 70), rng.integers(0, 2, 90)
    removed = decide(search, labels, np.append(others, labels[:30])).removed
    assert removed.tolist() == [False] * 90 + [True] * 30


@pytest.mark.parametrize("n_rows", [0, 1, 2])
def test_tiny_samples_are_searched_without_complaint(n_rows):
    rng = np.random.default_rng(10)
    target = measurements(30, rng)
    search = search_rows(target, measurements(n_rows, rng))
    assert not search.partners_of(np.arange(30)).any()


SCALES = {
    "Celsius": lambda c: c, "Fahrenheit": lambda c: 1.8 * c + 32, "kelvin": lambda c: c + 273.15,
}  # fmt: skip


@pytest.mark.parametrize("there", SCALES)
@pytest.mark.parametrize("here", SCALES)
def test_temperatures_are_converted_between_any_two_scales(here, there):
    rng = np.random.default_rng(4)
    celsius = rng.normal(37.0, 0.8, 80).round(3)
    source = np.append(celsius[:30], rng.normal(37.0, 0.8, 400).round(3))
    column = ComparableColumn("t", SCALES[here](celsius), SCALES[there](source))
    converted, change = in_target_units(column, np.arange(len(source)))
    if here == there:
        assert change == ""
    else:
        assert np.allclose(converted.source[:30], column.target[:30])


def test_sparse_rows_are_known_in_single_precision():
    rng = np.random.default_rng(0)
    rows = rng.random((30, 50)) * (rng.random((30, 50)) < 0.2)
    source = sparse.csr_matrix(rows[:8].astype(np.float32)).astype(float)
    assert search_rows(sparse.csr_matrix(rows), source).n_equal == 8


def test_long_codes_in_sparse_rows_are_compared_in_full():
    codes = np.array([[2.0**24 + k, 0.0] for k in range(20)])
    other = sparse.csr_matrix(codes[:5] + np.array([0.0, 1.0]))
    assert search_rows(sparse.csr_matrix(codes), other).n_equal == 0
    assert search_rows(sparse.csr_matrix(codes), sparse.csr_matrix(codes[:5])).n_equal == 5


def test_the_negative_of_a_picture_is_the_same_picture():
    pictures = np.random.default_rng(1).integers(0, 256, (30, 8, 8))
    strangers = np.random.default_rng(2).integers(0, 256, (20, 8, 8))
    source = np.concatenate([strangers, 255 - pictures[:10]])
    assert search_rows(pictures, source).n_equal == 10


CONTAINERS = {
    "lists": lambda X: X.tolist(),
    "a sparse matrix": sparse.csr_matrix,
    "an array of three dimensions": lambda X: X.reshape(len(X), 2, 4),
    "an array": lambda X: X,
}


@pytest.mark.parametrize("here", CONTAINERS)
@pytest.mark.parametrize("there", CONTAINERS)
def test_copies_are_found_whatever_holds_the_rows(here, there):
    rng = np.random.default_rng(0)
    target, strangers = rng.normal(size=(40, 8)), rng.normal(size=(20, 8))
    source = np.vstack([strangers, target[:10]])
    search = search_rows_nearby(CONTAINERS[here](target), CONTAINERS[there](source))
    partners = search.partners_of(np.arange(40))
    assert np.flatnonzero(partners).tolist() == list(range(20, 30))
