"""What an encoder does to columns of every type, and what it tells of the rows it was fitted to."""

import datetime
import json
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from transfergap.data.encoding import CategoryColumn, Encoder, LabelCode, NumberColumn, fit_encoder
from transfergap.data.encoding.column_values import column_of_arrow, kind_of, numbers_of
from transfergap.data.encoding.encoder import encoder_of, text_of
from transfergap.data.encoding.encoder_fit import fit_columns
from transfergap.errors import DataError

Y = np.array([0, 1, 0, 1])


def fitted(X, y=None, **options):
    y = np.arange(len(X)) % 2 if y is None else y
    return fit_encoder(X, y, task="binary", **options)


def test_encoding_gives_the_hand_worked_table():
    encoder = Encoder(
        (
            NumberColumn("age", 50.0, 10.0),
            NumberColumn("chol", 200.0, 50.0, indicator=True, missing_share=0.25),
            CategoryColumn("sex", ("f", "m"), (0.75, 0.25)),
        ),
        named=True,
        labels=LabelCode("binary", (0, 1)),
    )
    rows = pd.DataFrame(
        {"sex": ["m", "x", None], "chol": [250.0, np.nan, 1e12], "age": [45, 60, -(10**12)]}
    )
    assert encoder.encode(rows).tolist() == [
        [-0.5, 1.0, -0.5, -1.5, 1.5],
        [1.0, 0.0, 1.5, -1.5, -0.5],
        [-8.0, 8.0, -0.5, -1.5, -0.5],
    ]
    assert encoder.outputs == ("age", "chol", "chol missing", "sex=f", "sex=m")


@pytest.mark.parametrize("value", [1e12, -1e12, 1e308, -1e308, np.inf, -np.inf])
def test_extreme_values_are_clipped(value):
    encoder = fitted(np.array([[1.0], [2.0], [3.0], [4.0]]))
    assert encoder.encode(np.array([[value]])).tolist() == [[np.sign(value) * 8.0]]


def test_a_target_of_extreme_values_still_makes_an_encoder():
    X = np.array([[1e308, 1.0], [1e308, np.inf], [-1e300, 2.0], [1e308, -np.inf]])
    encoder = fitted(X)
    assert np.isfinite(encoder.encode(X)).all()
    assert Encoder.from_json(encoder.to_json()) == encoder
    assert LabelCode.of(np.full(7, 0.1), "regression").scale == 1.0


def test_a_constant_column_and_one_of_nothing_but_missing_values_encode_to_zero():
    X = pd.DataFrame({"same": [3.0] * 4, "none": [np.nan] * 4, "x": [1.0, 2.0, 3.0, 4.0]})
    encoded = fitted(X).encode(X)
    assert np.isfinite(encoded).all()
    assert not encoded[:, :3].any()


def test_text_columns_without_a_value_have_no_outputs():
    X = pd.DataFrame({"none": [None] * 4, "empty": pd.array([None] * 4, "string"),
                      "x": [1.0, 2.0, 3.0, 4.0]})  # fmt: skip
    assert np.isfinite(fitted(X).encode(X)).all()


def test_one_row_and_no_row_encode():
    X = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "k": list("abab")})
    encoder = fitted(X)
    assert encoder.encode(X[:1]).shape == (1, 3)
    assert encoder.encode(X[:0]).shape == (0, 3)
    assert fitted(X[:1]).encode(X).shape == (4, 2)


def test_the_same_values_in_every_dtype_encode_alike():
    whole = [3, 5, 4, 9]
    expected = fitted(np.array(whole, float)[:, None]).encode(np.array(whole, float)[:, None])
    encoder = fitted(pd.DataFrame({"x": whole}))
    for dtype in ("int8", "float32", "float64", "Int64", "Float64", object, "category", "str"):
        found = encoder.encode(pd.DataFrame({"x": pd.Series(whole).astype(dtype)}))
        assert np.array_equal(found, expected), dtype


def test_nullable_columns_have_their_gaps():
    X = pd.DataFrame(
        {
            "i": pd.array([1, None, 3, 4], "Int64"),
            "b": pd.array([True, None, False, True], "boolean"),
            "s": pd.array(["u", None, "v", "u"], "string"),
            "o": np.array([1, None, 2.5, 3], dtype=object),
        }
    )
    encoder = fitted(X)
    assert [type(c).__name__ for c in encoder.columns] == [
        "NumberColumn", "NumberColumn", "CategoryColumn", "NumberColumn",
    ]  # fmt: skip
    plain = X.astype({"i": float, "b": object, "s": object})
    assert np.array_equal(encoder.encode(X), encoder.encode(plain))


def test_booleans_meet_numbers_and_text_meets_booleans():
    encoder = fitted(pd.DataFrame({"b": [True, False, True, True]}))
    mixed = pd.DataFrame({"b": np.array([True, None, False, 1], dtype=object)})
    found = encoder.encode(mixed)[:, 0]
    assert found[0] == found[3] > found[1] > found[2]
    text = fitted(pd.DataFrame({"b": ["True", "False", "True", "maybe"]}))
    assert (
        text.encode(pd.DataFrame({"b": [True]}))[0].tolist()
        == text.encode(pd.DataFrame({"b": ["True"]}))[0].tolist()
    )


def test_codes_that_are_numbers_meet_their_texts():
    encoder = fitted(pd.DataFrame({"k": ["1", "2", "03", "x"]}))
    by_text = encoder.encode(pd.DataFrame({"k": ["1", "2"]}))
    for values in ([1, 2], [1.0, 2.0], pd.array([1, 2], "Int64"), ["1.0", "02"],
                   np.array([1, "2"], dtype=object), pd.Categorical([1, 2])):  # fmt: skip
        assert np.array_equal(encoder.encode(pd.DataFrame({"k": values})), by_text)
    zero_three = encoder.encode(pd.DataFrame({"k": ["03"]}))
    assert zero_three[0, encoder.outputs.index("k=03")] > 0


def test_mixed_objects_are_categories_by_what_they_read_as():
    X = pd.DataFrame({"k": np.array([1, "a", 2.0, "a"], dtype=object)})
    assert fitted(X).outputs == ("k=1", "k=2", "k=a")


def test_unseen_categories_are_none_of_the_known():
    encoder = fitted(pd.DataFrame({"k": list("abab")}))
    unseen = encoder.encode(pd.DataFrame({"k": ["zebra", None, ""]}))
    assert (unseen == -1.0).all()


def test_instants_are_the_same_number_in_every_zone():
    naive = pd.DataFrame({"t": pd.to_datetime(["2020-01-01", "2020-01-03", None, "2020-01-05"])})
    encoder = fitted(naive)
    assert encoder.columns[0].dates
    expected = encoder.encode(naive)
    for other in (
        naive["t"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        naive["t"].astype("datetime64[s]"),
        naive["t"].map(lambda t: None if pd.isna(t) else t.to_pydatetime()).astype(object),
        pd.Series([None if pd.isna(t) else t.date() for t in naive["t"]], dtype=object),
    ):
        assert np.allclose(encoder.encode(pd.DataFrame({"t": other})), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("target", "site", "said"),
    [
        (pd.to_datetime(["2020-01-01"] * 4), [1.0] * 4, "holds dates in the target, but numbers"),
        ([1.0] * 4, pd.to_datetime(["2020-01-01"] * 4), "holds numbers in the target, but dates"),
        (pd.to_datetime(["2020-01-01"] * 4), ["soon"] * 4, "holds dates .* 'soon'"),
        ([1.0] * 4, ["1", "2", None, "many"], "holds numbers .* 'many'"),
    ],
)  # fmt: skip
def test_a_column_of_another_kind_is_named(target, site, said):
    encoder = fitted(pd.DataFrame({"t": target}))
    with pytest.raises(DataError, match=f"'t' {said}") as error:
        encoder.encode(pd.DataFrame({"t": site}), "site b")
    assert "site b" in error.value.message
    assert error.value.hint


def test_durations_are_numbers():
    X = pd.DataFrame({"d": pd.to_timedelta([1, 2, 3, None], unit="h")})
    assert fitted(X).columns[0].centre == 7200.0


def test_doubled_and_missing_columns_are_named():
    X = pd.DataFrame([[1.0, 2.0]] * 4, columns=["a", "a"])
    with pytest.raises(DataError, match="'a' occurs 2 times in the target"):
        fitted(X)
    encoder = fitted(pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]}))
    with pytest.raises(DataError, match="'a' occurs 2 times in site b"):
        encoder.encode(X, "site b")
    with pytest.raises(DataError, match="Site b lacks the column 'a'"):
        encoder.encode(pd.DataFrame({"b": [1.0]}), "site b")
    with pytest.raises(DataError, match="no column names"):
        encoder.encode(np.ones((2, 1)))


def test_the_order_and_the_number_of_other_columns_do_not_matter():
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0, 5.0], "k": list("abab")})
    encoder = fitted(X)
    other = X.assign(more=1)[["more", "k", "a"]]
    assert np.array_equal(encoder.encode(other), encoder.encode(X))


def test_arrays_of_every_kind_encode():
    for X in (np.ones((4, 2)), np.ones((4, 2), int), np.ones((4, 2), bool),
              np.array([["a", "b"]] * 4), np.array([[1, "b"], [2, "c"]] * 2, dtype=object),
              np.array([["2020-01-01"]] * 4, "datetime64[D]")):  # fmt: skip
        encoder = fitted(X)
        assert np.isfinite(encoder.encode(X)).all()
        assert encoder.encode(X).shape == (4, len(encoder.outputs))
    with pytest.raises(DataError, match=r"shape \(4, 3\); the target has 2"):
        fitted(np.ones((4, 2))).encode(np.ones((4, 3)))


def test_text_round_trips_byte_for_byte_and_value_for_value(tmp_path):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {"x": rng.normal(size=30) * 1e-8, "k": rng.choice(["ä", "b\n", ""], 30),
         "t": pd.date_range("2020-01-01", periods=30), "n": [np.nan, *range(29)]}
    )  # fmt: skip
    encoder = fitted(X).at(rng.normal(size=(1, 8)))
    assert Encoder.from_json(encoder.to_json()) == encoder
    encoder.save(tmp_path / "enc.json")
    again = Encoder.load(tmp_path / "enc.json")
    assert again == encoder
    assert again.to_json() == encoder.to_json()
    assert again.fingerprint == encoder.at(None).fingerprint
    assert [path.name for path in tmp_path.iterdir()] == ["enc.json"]


ENCODER = fitted(pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "k": list("abab")}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda r: r.update(schema="transfergap/encoder/2"), "schema 'transfergap/encoder/2'"),
        (lambda r: r.pop("columns"), "no encoder"),
        (lambda r: r["columns"][0].pop("dates"), "no encoder"),
        (lambda r: r["columns"][0].update(scale=0.0), "impossible centre, scale"),
        (lambda r: r["columns"][0].update(scale=-1), "impossible centre, scale"),
        (lambda r: r["columns"][0].update(kind="picture"), "unknown kind 'picture'"),
        (lambda r: r["columns"][1].update(shares=[0.5]), "1 shares for 2"),
        (lambda r: r["columns"][1].update(shares=[2.0, 0.5]), "impossible shares"),
        (lambda r: r["columns"][1].update(name="x"), "two columns called 'x'"),
        (lambda r: r["columns"][0].update(centre="far"), "no encoder"),
        (lambda r: r["labels"].update(task="rank"), "no task called 'rank'"),
        (lambda r: r["labels"].update(classes=[1]), "task is binary with the 1 labels"),
        (lambda r: r["labels"].update(classes=[[1], [2]]), "no encoder|with the 2 labels"),
        (lambda r: r["labels"].update(scale=0), "impossible centre or scale"),
        (lambda r: r.update(expansion=[[1.0]]), "expansion has shape"),
        (lambda r: r.update(expansion=[[1.0, "a"]]), "no encoder"),
    ],
)
def test_a_changed_encoder_is_refused_in_one_line(change, said):
    record = json.loads(ENCODER.to_json())
    change(record)
    with pytest.raises(DataError, match=said) as error:
        Encoder.from_json(json.dumps(record))
    assert error.value.hint


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", '{"a": 1}', "[" * 100_000, '{"schema": NaN}', "\x00"]
)
def test_other_texts_are_no_encoder(text):
    with pytest.raises(DataError, match="no encoder"):
        Encoder.from_json(text)


def test_infinite_numbers_in_an_encoder_are_refused():
    for wrong in ("NaN", "Infinity", "1e999"):
        text = re.sub(r'"centre": [\d.]+', f'"centre": {wrong}', ENCODER.to_json(), count=1)
        with pytest.raises(DataError):
            Encoder.from_json(text)


def test_files_that_cannot_be_read_are_named(tmp_path):
    (tmp_path / "enc.json").write_bytes(b"\xff\xfe\x00")
    for name in ("enc.json", "nothing.json"):
        with pytest.raises(DataError, match=name):
            Encoder.load(tmp_path / name)


def test_an_encoder_holds_no_value_of_a_row():
    rng = np.random.default_rng(5)
    n = 200
    X = pd.DataFrame(
        {
            "age": rng.normal(50, 10, n),
            "chol": np.where(rng.random(n) < 0.1, np.nan, rng.normal(200, 30, n)),
            "seen": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 9**9, n), "s"),
            "ward": rng.choice(["north", "south"], n),
            "town": [f"town-{i}" for i in rng.zipf(1.6, n).clip(max=60)],
        }
    )
    encoder = fit_encoder(X, rng.normal(size=n), task="regression", min_count=5)
    text = encoder.to_json()
    record = json.loads(text)
    numbers = {float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", text)}
    for column in ("age", "chol"):
        assert numbers.isdisjoint(X[column].dropna().tolist())
    days = X["seen"].astype("datetime64[us]").astype("int64") / 86_400e6
    assert numbers.isdisjoint(days.tolist())
    counts = X["town"].value_counts()
    told = set(record["columns"][4]["categories"])
    assert told == set(counts.index[counts >= 5])
    rare = counts.index[counts < 5]
    assert len(rare) > 10
    assert not [town for town in rare if f'"{town}"' in text]


def test_text_that_names_rows_is_refused_where_the_encoder_is_sent_out():
    X = pd.DataFrame({"x": np.arange(40.0), "patient": [f"p{i}" for i in range(40)]})
    with pytest.raises(DataError, match=r"'patient' is text, and 40 of its 40 values") as error:
        fitted(X, min_count=5)
    assert "--drop patient" in error.value.hint
    assert len(fitted(X).outputs) == 41  # at the target's own site nothing is told


def test_sources_add_categories_and_gaps_but_not_centres():
    target = pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0], "k": list("abab"), "same": [7.0] * 4})
    source = pd.DataFrame({"x": [100.0, np.nan], "k": ["c", "c"], "same": [9.0, 11.0]})
    alone, joined = fitted(target), fitted(target, source_tables=[source])
    assert joined.columns[0].centre == alone.columns[0].centre
    assert joined.outputs == ("x", "x missing", "k=a", "k=b", "k=c", "same")
    assert joined.columns[2].scale == 3.0


@pytest.mark.parametrize(
    ("labels", "task", "given", "expected"),
    [
        ([0, 1], "binary", [1.0, 0.0], [1, 0]),
        ([0, 1], "binary", ["1", "0"], [1, 0]),
        ([0, 1], "binary", [True, False], [1, 0]),
        (["a", "b", "c"], "multiclass", ["c", "a"], [2, 0]),
        (["1", "2", "x"], "multiclass", [2, 1], [1, 0]),
        ([False, True], "binary", ["True", "False"], [1, 0]),
    ],
)
def test_labels_are_met_however_they_are_typed(labels, task, given, expected):
    code = LabelCode.of(np.array(labels), task)
    assert code.positions(np.array(given)).tolist() == expected
    assert LabelCode.from_record(json.loads(json.dumps(code.as_record()))) == code


DATES = [datetime.date(2020, 1, 1), None, datetime.date(2020, 1, 5)]


@pytest.mark.parametrize(
    ("values", "kind", "numbers"),
    [
        (pd.Series([True, None, False], dtype="bool[pyarrow]"), "number", [1.0, np.nan, 0.0]),
        (pd.Series(DATES, dtype="date32[day][pyarrow]"), "date", [18262.0, np.nan, 18266.0]),
        (pd.Series([DATES[0], pd.NA, DATES[2]]), "date", [18262.0, np.nan, 18266.0]),
        (pd.Series([1, None], dtype="duration[s][pyarrow]"), "number", [1.0, np.nan]),
    ],
    ids=["flags", "dates", "dates with NA", "durations"],
)
def test_columns_of_pandas_that_arrow_holds_are_of_their_kind(values, kind, numbers):
    """A flag was a category there, which 0 and 1 in a further file are none of."""
    assert kind_of(values) == kind
    assert numbers_of(values).tolist() == pytest.approx(numbers, nan_ok=True)


def test_python_dates_are_dates():
    days = [datetime.date(2020, 1, day) for day in (1, 2, 3, 4)]
    assert fitted(pd.DataFrame({"t": days})).columns[0].dates


def test_columns_of_lists_are_refused():
    X = pd.DataFrame({"x": [1.0, 2.0], "k": [[1], [2]]})
    with pytest.raises(DataError, match="'k' of the target holds values that are neither"):
        fitted(X)
    encoder = fitted(pd.DataFrame({"x": [1.0, 2.0], "k": ["a", "b"]}))
    with pytest.raises(DataError, match="'k' of site b holds values that are neither"):
        encoder.encode(X, "site b")


def by_column(encoder, X):
    """Encode column by column, as rows that are no plain numbers are."""
    read = encoder.read(X)
    out = np.empty((len(encoder.outputs), len(X)))
    encoder.write(read, out)
    return np.ascontiguousarray(out.T)


@pytest.mark.parametrize("table", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_plain_numbers_are_encoded_at_once_to_the_same_bytes(table, missing, monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 7)) * 10.0 ** np.arange(-3, 4)
    encoder = fit_encoder(pd.DataFrame(X) if table else X, rng.normal(size=60), task="regression")
    Z = np.asfortranarray(rng.normal(size=(40, 7)) * 1e3)
    Z[3, 2] = 1e308
    if missing:
        Z[5, 1] = np.nan
    rows = pd.DataFrame(Z) if table else Z
    slow = by_column(encoder, rows)
    monkeypatch.setattr(NumberColumn, "read", None)  # no call a column
    fast = encoder.encode(rows)
    assert fast.flags["C_CONTIGUOUS"] and fast.tobytes() == slow.tobytes()


def test_columns_in_another_order_are_encoded_by_name():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(30, 3)), columns=list("abc"))
    encoder = fit_encoder(X, rng.normal(size=30), task="regression")
    assert (encoder.encode(X[["c", "a", "b"]]) == encoder.encode(X)).all()
    assert (encoder.encode(X.assign(d=1.0)) == encoder.encode(X)).all()


def test_a_long_tail_is_bent_and_a_normal_column_is_not():
    rng = np.random.default_rng(0)
    normal, wages = rng.normal(size=500), rng.lognormal(0, 1.5, 500)
    X = np.column_stack([normal, wages])
    plain, bent = (
        fit_encoder(X, np.arange(500.0), task="regression", bent=b) for b in (False, True)
    )
    assert plain.columns[0] == bent.columns[0] and plain.columns[1] != bent.columns[1]
    encoded = bent.encode(X)
    assert abs(encoded.mean(axis=0)).max() < 1e-12 and abs(encoded.std(axis=0) - 1).max() < 1e-12
    # Order is kept, and the largest value no longer lies far out.
    assert (np.argsort(encoded[:, 1]) == np.argsort(wages)).all()
    assert encoded[:, 1].max() < plain.encode(X)[:, 1].max()


def test_a_bent_column_by_hand():
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 103.0])
    [column] = fit_columns(values[:, None], bent=True)
    # Median 3.5, quartiles 2.25 and 4.75; the last value is 39.8 interquartile ranges away.
    assert (column.centre, column.scale) == (3.5, 2.5)
    z = (values - 3.5) / 2.5
    z = z / np.sqrt(1 + (z / 5.0) ** 2)
    assert column.bent == pytest.approx((5.0, z.mean(), z.std()))
    assert column.encode(values).ravel() == pytest.approx((z - z.mean()) / z.std())


def test_one_column_and_all_at_once_are_bent_alike():
    rng = np.random.default_rng(1)
    X = rng.lognormal(0, 2, (300, 3))
    encoder = fit_encoder(X, np.arange(300.0), task="regression", bent=True)
    one_by_one = np.hstack([c.encode(X[:, j]) for j, c in enumerate(encoder.columns)])
    assert encoder.encode(X) == pytest.approx(one_by_one, abs=1e-12)
    far = np.vstack([X, [[np.inf] * 3]])
    assert np.isfinite(encoder.encode(far)).all()


def test_a_bent_encoder_is_read_back_and_an_old_one_keeps_its_text():
    rng = np.random.default_rng(2)
    X, y = rng.lognormal(0, 2, (50, 2)), np.arange(50.0)
    bent, plain = (fit_encoder(X, y, task="regression", bent=b) for b in (True, False))
    assert encoder_of(text_of(bent)) == bent and "bent" in text_of(bent)
    assert "bent" not in text_of(plain)
    record = json.loads(text_of(bent))
    record["columns"][0]["bent"][0] = -5.0
    with pytest.raises(DataError, match="bent impossibly"):
        encoder_of(json.dumps(record))


ARROW_COLUMNS = {
    "whole": pa.array([1, 2, 3, 4]),
    "whole with gaps": pa.array([1, None, 3, 4]),
    "small": pa.array([1, 2, None, 4], pa.int8()),
    "single": pa.array([1.5, None, 2.5, 0.0], pa.float32()),
    "truth": pa.array([True, None, False, True]),
    "day": pa.array([0, 1, None, 3], pa.date32()),
    "moment": pa.array([0, 10**6, None, 3], pa.timestamp("us")),
    "decimal": pa.array(["1.5", None, "2.0", "3.25"]).cast(pa.decimal128(6, 2)),
    "text": pa.array(["a", None, "b", "a"]),
    "category": pa.array(["x", "y", None, "x"]).dictionary_encode(),
    "nothing": pa.array([None, None, None, None]),
}


@pytest.mark.parametrize("chunks", [1, 2])
def test_columns_of_arrow_are_read_as_those_of_pandas(chunks):
    table = pa.table(ARROW_COLUMNS)
    frame = table.to_pandas()
    encoder = fit_encoder(frame, np.array([0.0, 1.0, 2.0, 3.0]), task="regression")
    given = table if chunks == 2 else table.to_batches()[0]
    if chunks == 2:
        given = pa.concat_tables([table.slice(0, 2), table.slice(2)])
    for one, other in zip(encoder.read(given), encoder.read(frame), strict=True):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


def test_numbers_of_arrow_are_its_own_buffer():
    numbers = pa.array(np.arange(5.0))
    assert np.shares_memory(column_of_arrow(numbers), numbers.to_numpy())


def test_a_batch_of_arrow_without_a_column_is_refused_as_a_table_is():
    encoder = fit_encoder(pd.DataFrame({"a": [1.0, 2.0]}), np.array([0.0, 1.0]), task="regression")
    with pytest.raises(DataError, match="lacks the column 'a'"):
        encoder.read(pa.RecordBatch.from_pydict({"b": [1.0]}))
