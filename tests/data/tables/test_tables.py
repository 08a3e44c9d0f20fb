"""Tables of any library, in one form; numbers with marks."""

from __future__ import annotations

import datetime
import decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.dummy import DummyClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from transfergap import SafeTransferClassifier, audit, make_design
from transfergap.analysis.checks import unshared_columns
from transfergap.analysis.checks.check import Evidence
from transfergap.data.labels.reading import checked_labels
from transfergap.data.notations.marked_numbers import read_marked_numbers
from transfergap.data.notations.number_marks import with_marks_read
from transfergap.data.sources.source_samples import checked_rows
from transfergap.data.tables.columns import aligned_tables
from transfergap.data.tables.normal_form import as_column, as_table, in_normal_form
from transfergap.data.validation import make_problem
from transfergap.errors import DataError
from transfergap.experiment.trial import attempt


def frame(n, seed):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"])
    table["k"] = rng.integers(0, 5, n)
    table["city"] = rng.choice(["Oslo", "Rome"], n)
    return table, (table.a + 0.4 * table.k + rng.normal(size=n) > 1).astype(int)


def polars(table):
    return pytest.importorskip("polars").from_pandas(table)


def duckdb(table):
    return pytest.importorskip("duckdb").from_df(table)


def dask(table):
    return pytest.importorskip("dask.dataframe").from_pandas(table, npartitions=2)


class ArrowStream:
    """A table that is known by its Arrow stream only."""

    def __init__(self, table):
        self.table = table

    def __len__(self):
        return len(self.table)

    def __arrow_c_stream__(self, requested_schema=None):
        return pa.Table.from_pandas(self.table).__arrow_c_stream__(requested_schema)


class Interchange:
    """A table that is known by the dataframe interchange protocol only."""

    def __init__(self, table):
        self.table = table

    def __len__(self):
        return len(self.table)

    def __dataframe__(self, **options):
        return pa.Table.from_pandas(self.table).__dataframe__(**options)


LIBRARIES = {
    "pyarrow": pa.Table.from_pandas,
    "polars": polars,
    "lazy polars": lambda table: polars(table).lazy(),
    "duckdb": duckdb,
    "nullable": lambda table: table.convert_dtypes(),
    "arrow-backed": lambda table: table.convert_dtypes(dtype_backend="pyarrow"),
    "categories": lambda table: table.astype({"city": "category"}),
    "objects": lambda table: table.astype(object),
    "single precision": lambda table: table.astype({"k": "int32"}),
    "a record batch": lambda table: pa.RecordBatch.from_pandas(table),
    "an Arrow stream": lambda table: ArrowStream(table),
    "the interchange protocol": lambda table: Interchange(table),
    "a dictionary": lambda table: table.to_dict("list"),
    "records": lambda table: table.to_dict("records"),
    "a structured array": lambda table: table.to_records(index=False),
    "dask": dask,
}


@pytest.fixture(scope="module")
def plain_outputs():
    (X, y), (Z, z) = frame(80, 0), frame(150, 1)
    return outputs_of(X, y, Z, z)


def model_of_tables():
    """Texts as one column each and gaps filled: the default model takes ten times as long."""
    is_text = make_column_selector(dtype_exclude="number")
    texts = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    return make_pipeline(
        make_column_transformer((texts, is_text), remainder=SimpleImputer()), LogisticRegression()
    )


def outputs_of(X, y, Z, z):
    """Return the outputs of both arms on the first fold: all others are of the same tables."""
    design = make_design(
        model_of_tables(), make_problem(X, y, sources={"b": (Z, z)}), arms=["b pooled"]
    )
    cells = [next(cell for cell in design.cells() if cell.arm == arm) for arm in design.arm_names()]
    (control,), (pooled,) = (attempt(design, [cell]) for cell in cells)
    return np.r_[control.outputs, pooled.outputs]


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_gives_the_models_of_a_plain_table(library, plain_outputs):
    (X, y), (Z, z) = frame(80, 0), frame(150, 1)
    convert = LIBRARIES[library]
    turned = Z[["city", "k", "b", "a"]]  # columns are read by name
    outputs = outputs_of(convert(X), y, convert(turned), z)
    np.testing.assert_allclose(outputs, plain_outputs, rtol=1e-9, atol=1e-12)


def test_labels_and_groups_of_other_libraries_are_read():
    pl = pytest.importorskip("polars")
    (X, y), (Z, z) = frame(60, 0), frame(90, 1)
    groups = pl.Series(np.arange(60) // 3)
    problem = make_problem(
        polars(X), pl.Series(y.to_numpy()), sources={"b": (polars(Z), z)}, groups=groups
    )
    assert problem.target.y.tolist() == y.tolist()
    assert len(set(problem.target.groups.tolist())) == 20


FORMS = {
    "nullable whole": (pd.array([1, None, 3], "Int64"), [1.0, np.nan, 3.0]),
    "nullable whole, all there": (pd.array([1, 2, 3], "Int64"), [1, 2, 3]),
    "nullable number": (pd.array([1.5, None, 3], "Float64"), [1.5, np.nan, 3.0]),
    "nullable truth": (pd.array([True, None, False], "boolean"), [1.0, np.nan, 0.0]),
    "truth with blanks": (np.array([True, None, False], object), [1.0, np.nan, 0.0]),
    "truth": (np.array([True, True, False], object), [True, True, False]),
    "decimals": (np.array([decimal.Decimal("1.5"), None, decimal.Decimal(2)], object),
                 [1.5, np.nan, 2.0]),
    "whole numbers as objects": (np.array([1, 2, None], object), [1.0, 2.0, np.nan]),
    "arrow text": (pd.array(["x", None, "y"], "string[pyarrow]"), ["x", np.nan, "y"]),
    "nothing": (np.array([None, None, None], object), [np.nan] * 3),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_columns_have_one_normal_form(form):
    values, expected = FORMS[form]
    column = in_normal_form(pd.DataFrame({"c": values}), "the target")["c"]
    pd.testing.assert_series_equal(column, pd.Series(expected, name="c"), check_dtype=False)
    assert str(column.dtype) in ("float64", "int64", "bool", "object", "str")


def test_integers_that_no_double_holds_keep_every_digit():
    keys = pd.array([2**60 + 1, None, 2**60 + 3], "Int64")
    column = in_normal_form(pd.DataFrame({"c": keys}), "the target")["c"]
    assert column[0] == str(2**60 + 1)


def test_a_column_of_lists_is_refused():
    table = pd.DataFrame({"c": [[1, 2], [3]], "x": [1, 2]})
    with pytest.raises(DataError, match="holds a list"):
        in_normal_form(table, "the target")


@pytest.mark.parametrize(
    "hours",
    [
        pd.to_timedelta([1, 2], unit="h"),
        np.array([datetime.timedelta(hours=1), None], object),
        pd.array(pd.to_timedelta([1, 2], unit="h"), "duration[ns][pyarrow]"),
    ],
)
def test_a_column_of_durations_is_refused_before_any_trial(hours):
    table = pd.DataFrame({"stay": hours, "x": [1, 2]})
    with pytest.raises(DataError, match=r"Column 'stay' .* durations such as .*1:00:00") as caught:
        in_normal_form(table, "the target")
    assert "total_seconds" in caught.value.hint
    with pytest.raises(DataError, match="durations"):
        checked_rows(table[["stay"]].to_numpy("timedelta64[ns]"), "the target")


@pytest.mark.parametrize("make", [np.asarray, pd.DataFrame, lambda z: z.astype(object)])
def test_complex_numbers_are_refused_before_any_trial(make):
    rows = make(np.array([[1 + 2j, 3], [4, 5j]]))
    with pytest.raises(DataError, match=r"Column '0' .* complex numbers"):
        make_problem(rows, [0, 1], sources={"b": (rows, [0, 1])}, for_audit=False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pa.array([0, 1, 1]), [0, 1, 1]),
        (pa.array(["no", "yes", "no"]), ["no", "yes", "no"]),
        (pa.array([True, False, True]), [True, False, True]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.chunked_array([[0], [1, 1]]), [0, 1, 1]),
    ],
)
def test_arrays_of_arrow_are_labels(values, expected):
    assert checked_labels(as_column(values), 3, "the target").tolist() == expected


def test_an_array_of_arrow_is_a_single_column_of_rows_and_a_batch_a_table():
    with pytest.raises(DataError, match="a single column of int64"):
        checked_rows(as_table(pa.array([1, 2])), "the target")
    batch = pa.RecordBatch.from_pydict({"a": [1, 2], "b": [3, 4]})
    assert as_table(batch).to_dict("list") == {"a": [1, 2], "b": [3, 4]}


@pytest.mark.parametrize(
    ("ours", "theirs", "words"),
    [
        ([True, False], ["Y", "N"], "holds true and false in the target, but words such as 'Y'"),
        ([True, None], ["True", "False"], "0 and 1, or true and false, in the target"),
        ([0, 1], ["yes", "no"], "but words such as 'yes'"),
        ([0, 1], ["0", "?"], "holds numbers in the target"),
        ([3, 1], ["yes", "no"], "holds numbers in the target"),
    ],
)
def test_words_beside_true_and_false_are_told_from_codes_beside_numbers(ours, theirs, words):
    target = in_normal_form(pd.DataFrame({"c": ours}, dtype=object), "the target")
    with pytest.raises(DataError, match=words) as caught:
        aligned_tables(target, {"b": pd.DataFrame({"c": theirs})})
    assert "--drop c" in caught.value.hint


def test_true_and_false_with_blanks_in_one_file_are_numbers_in_both():
    (X, y), (Z, z) = frame(40, 0), frame(60, 1)
    blanks = np.where(np.arange(40) < 3, None, np.arange(40) % 2 == 0)
    X, Z = X.assign(smoker=blanks), Z.assign(smoker=np.arange(60) % 2 == 0)
    problem = make_problem(X, y, sources={"b": (Z, z)})
    kinds = {problem.target.X.smoker.dtype, problem.sources["b"].sample.X.smoker.dtype}
    assert kinds == {np.dtype("float64")}


WARDS = np.array(["n", "s"])[np.arange(60) % 2]
DAYS = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(60), "D")


@pytest.mark.parametrize(
    "filled", [WARDS, pd.Categorical(WARDS), DAYS], ids=["text", "cat", "date"]
)
@pytest.mark.parametrize("blank", ["target", "source"])
def test_a_column_without_any_value_in_one_table_is_of_the_other_tables_kind(filled, blank):
    (X, y), (Z, z) = frame(60, 0), frame(60, 1)
    X, Z = X.assign(ward=filled), Z.assign(ward=filled)
    (X if blank == "target" else Z)["ward"] = None
    if filled is DAYS and blank == "target":  # the kind that needs most of the encoder
        result = audit(
            None, X, y, sources={"b": (Z, z)}, effort="quick", arms=["b pooled", "b only"]
        )
        assert "TG302" not in {finding.code for finding in result.findings}
    model = SafeTransferClassifier().fit(X, y, sources={"b": (Z, z)})
    assert np.isfinite(model.predict_proba(Z)).all()


def test_a_category_without_any_value_is_borne():
    (X, y), (Z, z) = frame(60, 0), frame(60, 1)
    blank = pd.Categorical([None] * 60, categories=["n", "s"])
    problem = make_problem(X.assign(ward=blank), y, sources={"b": (Z.assign(ward=WARDS), z)})
    assert problem.target.X.ward.isna().all()


def test_numbers_in_an_object_array_are_numbers():
    (X, y), (Z, z) = frame(40, 0), frame(60, 1)
    mixed = X[["a", "b"]].to_numpy().astype(object)
    problem = make_problem(mixed, y, sources={"b": (Z[["a", "b"]].to_numpy(), z)})
    assert problem.kind == "array"


READ = {
    "1,250|900|12,000": [1250.0, 900.0, 12000.0],
    "$1,250.50|$3": [1250.5, 3.0],
    "12%|3.5 %": [12.0, 3.5],
    "1.250,5|3,2": [1250.5, 3.2],
    "1 250|12 000,5": [1250.0, 12000.5],
    "1'250.5|3": [1250.5, 3.0],
    "(1,200)|300": [-1200.0, 300.0],
    "1.250.000|3": [1250000.0, 3.0],
    "-$2,000|$5": [-2000.0, 5.0],
}
READ |= {
    "\u22125.2|3.1|\u2212\u202f0.5": [-5.2, 3.1, -0.5],
    "12-|7|3.5-": [-12.0, 7.0, -3.5],
    "5,20,000|1,250|12,34,56,789": [520_000.0, 1250.0, 123_456_789.0],
    "\u0663\u0664|\u0661\u0662|\u0667": [34.0, 12.0, 7.0],
    "~5|~7|1|2|3|4|6": [5.0, 7.0, 1.0, 2.0, 3.0, 4.0, 6.0],
}
READ |= {
    "$1.25M|$800K|$3": [1_250_000.0, 800_000.0, 3.0],
    "2.5k|900|1,100": [2500.0, 900.0, 1100.0],
    "2.5K|900|850": [2500.0, 900.0, 850.0],
    "1.2bn|40mn": [1.2e9, 40e6],
    "1,2 Mio. €|3,5 Tsd. €": [1_200_000.0, 3500.0],
    "(\u20ac2k)|\u20ac3": [-2000.0, 3.0],
    "~346|~1.5k": [346.0, 1500.0],
    "~346|ca. 20|\u2248 7.5": [346.0, 20.0, 7.5],
    "12:30|8:05": [750.0, 485.0],
    "0:01:05|1:00:00": [65.0, 3600.0],
    "12:30 AM|1:15 pm": [30.0, 795.0],
    "5'11\"|6' 2\"|6'": [71.0, 74.0, 72.0],
    "(345.58)|(2.5)": [-345.58, -2.5],
    "\u22120.346|0.512": [-0.346, 0.512],
    "\u22121.346|2.512": [-1.346, 2.512],
    "0.346-|0.512": [-0.346, 0.512],
    "\u22120,346|1,250": [-0.346, 1.25],
}
LEFT = ["1.250|900", "3,5|2,25", "abc|1,250", "0.125|1.250", "2024-01|2024-02", "A1|A2"]
LEFT += ["5k|10k|5k", "1:160|1:20", "(1)|(2)", "S|M|L", "5M|3L"]


@pytest.mark.parametrize("texts", READ)
def test_numbers_with_marks_are_read(texts):
    tables, read = read_marked_numbers({"t": pd.DataFrame({"c": texts.split("|")})})
    assert tables["t"].c.tolist() == READ[texts]
    assert list(read) == ["c"]


@pytest.mark.parametrize("texts", LEFT)
def test_what_is_no_marked_number_is_left_alone(texts):
    tables, read = read_marked_numbers({"t": pd.DataFrame({"c": texts.split("|")})})
    assert tables["t"].c.tolist() == texts.split("|")
    assert {n: str(m) for n, m in read.items()} == {}


@pytest.mark.parametrize("texts", ["€ 12|€ 3.000", "$1,250|$2.500"])
def test_marks_that_can_mean_two_things_are_asked_about(texts):
    with pytest.raises(DataError, match="can mean two things"):
        read_marked_numbers({"t": pd.DataFrame({"c": texts.split("|")})})


BY_TWENTIES = {
    "several units": lambda k: f"{k}.20 kg" if k % 2 else f"{k + 800} g",
    "may be a unit": lambda k: f"{300 + k} K" if k % 2 else f"{300 + k}",
    "times in several forms": lambda k: f"{k}:30" if k % 2 else f"{k}:30:15",
    "times in several": lambda k: f"{k}:30" if k % 2 else f"{k}",
}


@pytest.mark.parametrize("words", BY_TWENTIES)
def test_what_letters_and_times_mean_is_asked(words):
    frame = pd.DataFrame({"c": [BY_TWENTIES[words](k) for k in range(20)]})
    with pytest.raises(DataError, match=words) as error:
        read_marked_numbers({"t": frame})
    assert "--drop c" in error.value.hint
    assert "--category c" in error.value.hint
    tables, _ = read_marked_numbers({"t": frame.astype("category")})
    assert tables["t"].equals(frame.astype("category"))


def test_a_letter_behind_all_numbers_is_their_unit():
    texts = {f"{k + 280} K": k + 280.0 for k in range(20)}
    tables, how = read_marked_numbers({"t": pd.DataFrame({"c": [*texts]})})
    assert tables["t"].c.tolist() == [*texts.values()]
    assert str(how["c"]) == "without K"


def test_numbers_without_a_unit_are_in_that_of_the_others():
    texts = {f"{k} kg" if k % 3 else f"{k}": float(k) for k in range(20)}
    tables, _ = read_marked_numbers({"t": pd.DataFrame({"c": [*texts]})})
    assert tables["t"].c.tolist() == [*texts.values()]


@pytest.mark.parametrize(
    "texts", ["$1.25M|$800K", "2.5k|900", "12:30|8:05", "5'11\"|6'2\"", "~7|8"]
)
def test_rows_to_predict_are_read_as_those_of_the_fit(texts):
    frame = pd.DataFrame({"c": texts.split("|")})
    tables, how = read_marked_numbers({"t": frame})
    again = with_marks_read(frame, {name: marks.saved() for name, marks in how.items()})
    assert again.c.tolist() == tables["t"].c.tolist()


AMOUNTS = [f"{k / 4:g}" if k % 5 else f"-{k}e-05" for k in range(1, 21)]
WHOLE = [str(k) for k in range(20)]
NO_AMOUNTS = {
    "whole": WHOLE,
    "few levels": [f"{k % 4 / 2}" for k in range(20)],
    "points without decimals": [f"{k}.0" for k in range(20)],
    "padded": [f"0{k}.5" for k in range(20)],
    "a letter": [*AMOUNTS[:-1], "V57"],
}


@pytest.mark.parametrize("where", ["both", "target", "source"])
def test_amounts_that_are_text_are_numbers(where):
    texts = pd.DataFrame({"c": AMOUNTS, "x": 1.0})
    numbers = texts.assign(c=texts.c.astype(float))
    tables = {
        "t": numbers if where == "source" else texts,
        "s": numbers if where == "target" else texts,
    }
    read, how = read_marked_numbers(tables)
    for table in read.values():
        pd.testing.assert_frame_equal(table, numbers)
    assert str(how["c"]) == "numbers that were text"
    assert with_marks_read(texts[:1], {"c": how["c"].saved()}).c.tolist() == [0.25]


@pytest.mark.parametrize("kind", NO_AMOUNTS)
def test_codes_that_are_text_stay_text(kind):
    texts = pd.DataFrame({"c": NO_AMOUNTS[kind], "x": 1.0})
    tables, how = read_marked_numbers({"t": texts, "s": texts})
    assert tables["t"].c.tolist() == texts.c.tolist() and not how
    declared = pd.DataFrame({"c": AMOUNTS}).astype("category")
    assert not read_marked_numbers({"t": declared})[1]


def test_whole_numbers_are_read_where_the_target_holds_numbers_or_nothing_but_text():
    """A table read with dtype=str is read as the file would be; codes of few levels stay codes."""
    text = pd.DataFrame({"n": WHOLE, "c": AMOUNTS, "code": ["1", "2"] * 10})
    tables, how = read_marked_numbers({"t": text})
    assert sorted(how) == ["c", "n"] and tables["t"].n.tolist() == [*range(20)]
    assert sorted(read_marked_numbers({"t": text.assign(x=1.0)})[1]) == ["c"]
    numbers, texts = pd.DataFrame({"n": range(20)}), pd.DataFrame({"n": WHOLE})
    assert [*read_marked_numbers({"t": numbers, "s": texts})[1]] == ["n"]
    assert not read_marked_numbers({"t": texts, "s": numbers})[1]  # codes, as TG112 says


def test_the_safe_model_of_text_amounts_is_that_of_numbers():
    (X, y), (Z, z) = frame(60, 0), frame(90, 1)
    X, Z = X.assign(pay=np.sqrt(np.arange(60))), Z.assign(pay=np.sqrt(np.arange(90)))
    outputs = [
        SafeTransferClassifier(random_state=0)
        .fit(change(X), y, sources={"b": (change(Z), z)})
        .predict_proba(change(X))
        for change in (lambda table: table, lambda table: table.assign(pay=table.pay.astype(str)))
    ]
    np.testing.assert_allclose(*outputs, rtol=1e-12)


COMPOUNDS = {
    "an error": lambda k: f"0.{k:02d} ± 0.1",
    "a range": lambda k: f"0.{k % 9}-1.{k % 7}",
    "an interval": lambda k: f"[{k}, {k + 9}]",
    "eighths": lambda k: f"{k + 27}/8",
    "inches and eighths": lambda k: f"{k} {k % 7 + 1}/8",
    "a pressure": lambda k: f"{k + 110}/{k % 13 + 70}",
    "a titer": lambda k: f"1:{k + 60}",
    "a size": lambda k: f"{k}x{k % 7 + 2} cm",
    "a mean": lambda k: f"{k}.5 (0.{k % 5})",
    "a duration": lambda k: f"{k}h {k % 7}min",
    "a point": lambda k: f"POINT (-87.{k:03d}5 41.{997 - k})",
    "a point of a database": lambda k: f"SRID=4326;POINT(5.{k} 45)",
    "degrees": lambda k: f"(41.{997 - k}, -87.{k:03d}5)",
}
CATEGORIES = {
    "bands": lambda k: f"{k % 15}0-{k % 15}9",
    "dates": lambda k: f"{k % 28 + 1}/{k % 12 + 1}/2020",
    "months": lambda k: f"{k % 12 + 1}/{2000 + k % 9}",
    "quarters": lambda k: f"{1980 + k}:{k % 4 + 1}",
    "posts": lambda k: f"{90000 - k // 2}-{1000 + k}",
    "padded": lambda k: f"0{k // 2}/{k}",
    "dials": lambda k: f"30{k // 2}-5551{k:03d}",
    "levels": lambda k: f"{k % 3 + 1}/8",
}


@pytest.mark.parametrize("kind", [*COMPOUNDS, *CATEGORIES])
def test_several_numbers_in_one_value_are_asked_about(kind):
    def problem(change):
        rows = {}
        for n in (40, 60):
            texts = [(COMPOUNDS | CATEGORIES)[kind](k // 2) for k in range(n)]
            rows[n] = change(pd.DataFrame({"c": texts, "x": np.arange(n) ** 0.5}))
        labels = np.arange(60) % 2
        return make_problem(rows[40], labels[:40], sources={"b": (rows[60], labels)})

    if kind in COMPOUNDS:
        with pytest.raises(DataError, match="'c' holds several numbers in one value") as error:
            problem(lambda frame: frame)
        assert "--drop c" in error.value.hint
    else:
        assert "c" in problem(lambda frame: frame).target.X
    assert "c" in problem(lambda frame: frame.astype({"c": "category"})).target.X


def test_a_column_is_read_alike_in_all_files():
    tables, _ = read_marked_numbers(
        {"t": pd.DataFrame({"c": ["900", "12,000"]}), "s": pd.DataFrame({"c": ["7", "8"]}),
         "u": pd.DataFrame({"c": [5.0, 6.0]})}
    )  # fmt: skip
    assert [str(table.c.dtype) for table in tables.values()] == ["float64"] * 3


def test_marks_are_told_in_the_report():
    (X, y), (Z, z) = frame(60, 0), frame(90, 1)
    pay = [f"{1000 * k + 200:,}" for k in range(90)]
    X, Z = X.assign(pay=pay[:60]), Z.assign(pay=pay)
    study = audit(LogisticRegression(), X.drop(columns="city"), y,
                  sources={"b": (Z.drop(columns="city"), z)}, arms=["b pooled"],
                  effort="quick", explain="none")  # fmt: skip
    assert "'pay'" in next(f.says for f in study.findings if f.code == "TG118")


def test_what_a_source_lacks_costs_the_control_a_measured_amount():
    (X, y), (Z, z) = frame(120, 0), frame(150, 1)
    study = audit(
        LogisticRegression(),
        X[["b", "a", "k"]],
        y,
        sources={"s": (Z[["b", "k"]], z)},
        metric="log_loss",
        arms=["s pooled"],
        effort="quick",
        explain="none",
    )
    finding = next(f for f in study.findings if f.code == "TG117")
    alone = [audit(LogisticRegression(), X[names], y, sources={"s": (Z[names], z)},
                   metric="log_loss", arms=["s pooled"], effort="quick", explain="none")
             .to_frame().score.iloc[0] for names in (["b", "k"], ["b", "a", "k"])]  # fmt: skip
    assert finding.evidence["gain"] == pytest.approx(alone[0] - alone[1], abs=0.03)


@pytest.mark.parametrize("kind", ["words", "blanks", "dates"])
def test_columns_that_the_default_model_was_not_made_for_are_measured(kind):
    (X, y), (Z, z) = frame(100, 0), frame(60, 1)
    size = np.round(2 * X.a + X.k)
    further = {
        "words": size.map(lambda value: f"size {value:.0f}"),
        "blanks": size.mask(X.b > 1),
        "dates": pd.Timestamp("2024-01-01") + pd.to_timedelta(size, "D"),
    }[kind]
    problem = make_problem(X[["b", "k"]].assign(size=further), y, sources={"s": (Z[["b", "k"]], z)})
    design = make_design(None, problem, arms=["s pooled"], effort="quick")
    (finding,) = unshared_columns.examine(Evidence(design, (), {}, {}))
    assert finding.columns == ("size",)
    assert finding.evidence["gain"] > 0.02 and "gains +" in finding.says
    # A model of the user's own cannot read words: that is said.
    own = make_design(LogisticRegression(), problem, arms=["s pooled"], effort="quick")
    (finding,) = unshared_columns.examine(Evidence(own, (), {}, {}))
    assert not finding.evidence and "is not known" in finding.says


def test_anything_that_is_no_table_comes_back():
    for thing in (np.eye(2), ["a"], None, 3):
        assert as_table(thing) is thing


def weights_in(unit, factor=1.0):
    return pd.DataFrame({"weight": [f"{k * factor + 50.5:.1f} {unit}" for k in range(20)]})


def test_one_unit_after_all_numbers_is_left_out_of_them():
    tables, how = read_marked_numbers({"t": weights_in("kg"), "b": weights_in("kg", 2.0)})
    assert tables["t"].weight[:2].tolist() == [50.5, 51.5]
    assert tables["b"].weight[:2].tolist() == [50.5, 52.5]
    assert {n: str(m) for n, m in how.items()} == {"weight": "without kg"}


@pytest.mark.parametrize("here, there", [("kg", "lb"), ("EUR", "USD"), ("€", "$")])
def test_several_units_or_currencies_are_asked_about(here, there):
    with pytest.raises(DataError, match="several units or currencies"):
        read_marked_numbers({"t": weights_in(here), "b": weights_in(there)})


@pytest.mark.parametrize(
    "texts",
    [
        [f"{k % 3 * 12 + 12} months" for k in range(20)],
        [f"{k}{'abc'[k % 3]}" for k in range(20)],
        [f"00{k:02d}X" for k in range(20)],
        [f"{('ABC', 'DEF', 'GHI', 'JKL')[k % 4]} {k}" for k in range(20)],
    ],
)
def test_levels_and_codes_with_letters_stay_text(texts):
    tables, how = read_marked_numbers({"t": pd.DataFrame({"k": texts})})
    assert tables["t"].k.tolist() == texts
    assert {n: str(m) for n, m in how.items()} == {}


def test_numbers_in_brackets_among_others_are_negative():
    frame = pd.DataFrame({"profit": ["1.075", "(0.49)", "2"]})
    tables, how = read_marked_numbers({"t": frame})
    assert tables["t"].profit.tolist() == [1.075, -0.49, 2.0]
    assert {n: str(m) for n, m in how.items()} == {"profit": "without ( )"}


@pytest.mark.parametrize("name", [2019, np.int64(7)])
def test_a_source_may_be_called_by_a_number(name):
    (X, y), (Z, z) = frame(60, 0), frame(90, 1)
    assert list(make_problem(X, y, sources={name: (Z, z)}).sources) == [str(name)]


@pytest.mark.parametrize("name", [None, "", "  ", ("a", 1), 1.5, True])
def test_a_source_needs_a_name(name):
    (X, y), (Z, z) = frame(60, 0), frame(90, 1)
    with pytest.raises(DataError, match="which is no name"):
        make_problem(X, y, sources={name: (Z, z)})


@pytest.mark.parametrize("library", ["pyarrow", "polars", "a record batch", "records"])
def test_the_safe_model_takes_sources_of_every_library(library):
    (X, y), (Z, z) = frame(60, 0), frame(90, 1)
    convert = LIBRARIES[library]
    plain = SafeTransferClassifier().fit(X, y, sources={"b": (Z, z)}).predict_proba(X)
    turned = convert(Z[["city", "k", "b", "a"]])
    fitted = SafeTransferClassifier().fit(convert(X), y, sources={"b": (turned, z)})
    assert fitted.predict_proba(convert(X)) == pytest.approx(plain, abs=1e-9)


def numbers_and_a_text(n, seed):
    X, y = frame(n, seed)
    return X[["a", "city"]], y


@pytest.mark.parametrize(
    "rows", [lambda X: X.to_numpy(), lambda X: X.to_numpy().tolist(), lambda X: [*X.to_numpy()]]
)
def test_rows_by_position_retain_their_numbers_beside_texts(rows):
    X, _ = numbers_and_a_text(20, 0)
    table = as_table(rows(X))
    assert table.columns.tolist() == ["0", "1"]
    assert table["0"].tolist() == X.a.tolist()
    assert table["1"].tolist() == X.city.tolist()


def test_numbers_written_as_texts_in_an_array_are_numbers():
    rows, source = np.random.default_rng(0).normal(size=(2, 40, 2))
    y = [0, 1] * 20
    problem = make_problem(rows.astype(str), y, sources={"b": (source.astype(str), y)})
    assert problem.target.X.to_numpy() == pytest.approx(rows)


def test_lists_of_numbers_and_of_texts_stay():
    assert as_table([[1, 2], [3, 4]]) == [[1, 2], [3, 4]]
    assert as_table(["a b", "c"]) == ["a b", "c"]
    assert as_table([]) == []


def test_masked_values_are_missing():
    masked = np.ma.masked_array([[1.0, 2.0], [-9e9, 3.0]], mask=[[0, 0], [1, 0]])
    assert np.isnan(as_table(masked)[1, 0]) and np.isnan(as_table(masked)).sum() == 1
    counts = np.ma.masked_array([[1, 2], [-9, 3]], mask=[[0, 0], [1, 0]])
    assert np.isnan(as_table(counts)[1, 0])


def test_masked_labels_and_weights_are_refused():
    X, y = frame(20, 0)
    masked = np.ma.masked_array(y.to_numpy(), mask=np.arange(20) == 3)
    with pytest.raises(DataError, match=r"1 of 20 labels .* missing; the first is in row 3"):
        make_problem(X, masked, sources={"b": frame(20, 1)})
    weights = np.ma.masked_array(np.ones(20), mask=np.arange(20) == 3)
    with pytest.raises(DataError, match="20 finite numbers"):
        make_problem(X, y, sources={"b": frame(20, 1)}, sample_weight=weights)


def test_weights_with_a_gap_are_refused():
    X, y = frame(20, 0)
    with pytest.raises(DataError, match="20 finite numbers"):
        weights = pd.Series([None, *[1] * 19], dtype="Int64")
        make_problem(X, y, sources={"b": frame(20, 1)}, sample_weight=weights)


def test_bytes_are_texts():
    X, y = numbers_and_a_text(20, 0)
    Z, z = numbers_and_a_text(30, 1)
    bytes_table = X.assign(city=X.city.str.encode("utf-8"))
    problem = make_problem(bytes_table, y.to_numpy().astype("S1"), sources={"b": (Z, z)})
    assert problem.target.X.city.tolist() == X.city.tolist()
    assert problem.classes.tolist() == ["0", "1"]
    assert problem.sources["b"].sample.y.tolist() == z.astype(str).tolist()


def test_periods_are_dates():
    days = pd.Series(pd.period_range("2024-01", periods=2, freq="M"))
    plain = in_normal_form(pd.DataFrame({"d": days}), "the target")
    assert plain.d.dt.strftime("%Y-%m-%d").tolist() == ["2024-01-01", "2024-02-01"]


def test_a_column_of_a_sparse_matrix_is_labels():
    sparse = pytest.importorskip("scipy.sparse")
    assert as_column(sparse.csr_matrix([[0], [1]])).ravel().tolist() == [0, 1]


def test_a_stream_is_read_once():
    X, y = frame(40, 0)
    stream = pa.Table.from_pandas(X).to_reader()
    dummy = DummyClassifier(strategy="prior")
    audited = audit(dummy, stream, y, sources={"b": frame(40, 1)}, arms=["b pooled"])
    assert audited.design is not None and len(audited.design.problem.target) == 40


def test_rows_of_several_lengths_are_refused():
    with pytest.raises(DataError, match="differ in length"):
        make_problem([[1, 2], [3]] * 20, [0, 1] * 20, sources={"b": ([[1, 2]], [0])})


@pytest.mark.parametrize(
    "texts",
    [
        ("a b", "c"),
        [b"a b", "c"],
        np.array(["a b", "c"]),
        np.array([b"a b", b"c"]),
        np.array(["a b", "c"], dtype=object),
    ],
)
def test_texts_in_any_sequence_are_a_list_of_texts(texts):
    assert as_table(texts) == ["a b", "c"]


def test_a_series_of_another_library_is_a_column_of_texts():
    series = pytest.importorskip("polars").Series(["a b", "c"])
    assert as_table(series).tolist() == ["a b", "c"]
