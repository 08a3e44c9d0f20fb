"""Every way in which data can be wrong has one clear error, or a fact for a finding."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import GroupKFold

from transfergap import audit
from transfergap.analysis.checks import respelled_columns
from transfergap.analysis.checks.check import Evidence
from transfergap.data.metric import metric_named
from transfergap.data.problem import Sample
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError, MetricError
from transfergap.experiment.arms import chosen_arms
from transfergap.experiment.design import ControlArm, Design
from transfergap.learners import EstimatorLearner


def refused(error, pattern, *arguments, **options):
    with pytest.raises(error, match=pattern) as caught:
        make_problem(*arguments, **options)
    assert caught.value.hint, "every error has a hint"
    assert "\n" not in caught.value.message
    return caught.value


def changed(values, index, value, dtype=None):
    values = np.array(values, dtype=dtype or values.dtype)
    values[index] = value
    return values


def test_zero_sources(binary):
    X, y, _ = binary
    refused(DataError, "no sources", X, y, sources={})


def test_a_label_with_one_class(binary):
    X, _, sources = binary
    refused(DataError, "All 60 labels of the target 'target' are no", X,
            np.repeat("no", 60), sources=sources)  # fmt: skip


def test_fewer_rows_than_folds(binary):
    X, y, sources = binary
    refused(DataError, "has 9 labelled rows, fewer than the 10 folds", X[:9], y[:9],
            sources=sources)  # fmt: skip


def test_fewer_groups_than_folds(binary):
    X, y, sources = binary
    refused(DataError, "has 4 groups", X, y, sources=sources, groups=np.arange(60) % 4)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_labels_that_are_missing_or_infinite(numbers, bad):
    X, y, sources = numbers
    message = (
        "missing; the first is in row 3" if np.isnan(bad) else "hold an infinite number in row 3"
    )
    refused(DataError, message, X, changed(y, 3, bad), sources=sources)


def test_missing_text_labels(binary):
    X, y, sources = binary
    refused(DataError, "1 of 60 labels", X, changed(y, 0, None, object), sources=sources)


def test_missing_labels_of_a_source(binary):
    X, y, sources = binary
    Xb, yb = sources["bad"]
    sources["bad"] = (Xb, changed(yb, 5, None, object))
    refused(DataError, "labels of the source 'bad' are missing", X, y, sources=sources)


def test_a_source_with_no_rows(binary):
    X, y, sources = binary
    sources["empty"] = (np.empty((0, 3)), np.empty(0, str))
    refused(DataError, "no rows in the source 'empty'", X, y, sources=sources)


@pytest.mark.parametrize("container", [np.asarray, pd.DataFrame, sparse.csr_matrix])
def test_a_table_without_columns(container):
    rows, y = container(np.empty((30, 0))), np.arange(30) % 2
    refused(DataError, "no columns in the target", rows, y, sources={"b": (rows, y)})


def test_a_source_that_is_no_pair(binary):
    X, y, _ = binary
    refused(DataError, "The source 'b' is a ndarray, not a pair", X, y, sources={"b": X})


def test_different_numbers_of_columns(binary):
    X, y, sources = binary
    Xb, yb = sources["bad"]
    refused(DataError, "has 2 columns and the target 3", X, y, sources={"b": (Xb[:, :2], yb)})


def columns_of(names, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(size=(30, len(names))), columns=list(names)), np.arange(30) % 2


def test_missing_columns_are_named():
    other = columns_of(["a", "b2", "c"], 1)
    error = refused(DataError, "lacks column 'b', which the target has; it has column 'b2' instead",
                    *columns_of("abc", 0), sources={"s": other}, columns="error")  # fmt: skip
    assert "--rename s:b2=b" in error.hint
    assert "--drop b" in error.hint


def test_columns_that_a_source_lacks_are_left_out_of_all():
    sources = {"s": columns_of("ac", 1), "t": columns_of("cba", 2)}
    problem = make_problem(*columns_of("abc", 0), sources=sources)
    assert problem.column_names == ("a", "c")
    assert list(problem.unshared.columns) == ["b"]
    assert problem.sources["s"].facts.missing_columns == ("b",)
    assert problem.sources["t"].facts.missing_columns == ()
    assert list(problem.sources["t"].sample.X.columns) == ["a", "c"]


def test_a_column_that_the_model_names_may_not_be_missing():
    refused(DataError, "lacks column 'b'", *columns_of("abc", 0),
            sources={"s": columns_of("ac", 1)}, model_columns=["b"])  # fmt: skip


def test_nothing_in_common_is_an_error():
    refused(DataError, "lacks columns 'a', 'b'", *columns_of("ab", 0),
            sources={"s": columns_of("xy", 1)})  # fmt: skip


def test_doubled_columns_are_named():
    frame = pd.DataFrame(np.zeros((30, 2)), columns=["a", "a"])
    refused(DataError, "Column 'a' occurs 2 times in the target", frame, np.arange(30) % 2,
            sources={"s": (frame, np.arange(30) % 2)})  # fmt: skip


def frames(n=40, seed=3):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return pd.DataFrame({"a": rng.normal(size=n), "b": rng.normal(size=n)}), y


def test_text_in_a_number_column_of_the_target():
    frame, y = frames()
    bad = frame.assign(a=frame["a"].astype(str).where(np.arange(40) != 7, "n/k"))
    error = refused(DataError, "Column 'a' of the target 'target' holds numbers, but 1 of 40",
                    bad, y, sources={"s": (frame, y)})  # fmt: skip
    assert "--na" in error.hint


def test_text_in_a_number_column_of_a_source():
    frame, y = frames()
    bad = frame.assign(b="high")
    refused(DataError, "Column 'b' holds numbers in the target, but in the source 's' it holds"
            " 'high'", frame, y, sources={"s": (bad, y)})  # fmt: skip


def test_infinite_features_are_named():
    frame, y = frames()
    frame.loc[4, "b"] = np.inf
    refused(DataError, "Column 'b' .* infinite number in row 4", frame, y, sources={"s": frames()})
    array = frames()[0].to_numpy(copy=True)
    array[2, 1] = -np.inf
    refused(DataError, "Column 1 .* infinite number in row 2", array, y,
            sources={"s": (frames()[0].to_numpy(), y)})  # fmt: skip


def test_numbers_too_large_for_powers_are_named(numbers):
    X, y, sources = numbers
    error = refused(
        DataError,
        "labels .* hold -3.2e\\+200 in row 4, too large",
        X,
        changed(y, 4, -3.2e200),
        sources=sources,
    )
    assert error.hint == "divide it, say by 1e+200"
    error = refused(
        DataError,
        "labels .* differ by 6.54e-200 at most, too little",
        X,
        y * 1e-200,
        sources=sources,
    )
    assert error.hint == "multiply them, say by 1e+200"
    large = X.copy()
    large[5, 1] = 1e61
    refused(
        DataError,
        "Column 1 .* holds 1e\\+61 in row 5",
        large,
        y,
        sources=sources,
    )
    frame, labels = frames()
    frame.loc[4, "b"] = 2e70
    refused(
        DataError, "Column 'b' .* holds 2e\\+70 in row 4", frame, labels, sources={"s": frames()}
    )
    # The largest that is taken can be added up over rows, in single precision too.
    fits = audit(
        None,
        (X * 1e60 / np.abs(X).max()),
        y * 1e59,
        sources=sources,
        effort="quick",
        explain="none",
    )
    assert np.isfinite(fits.to_frame().score).all()
    single = X.astype(np.float32)
    single[3, 0] = np.nan
    single[5, 1] = np.inf
    refused(DataError, "Column 1 .* infinite number in row 5", single, y, sources=sources)


def test_a_metric_that_does_not_fit_the_labels(numbers):
    X, y, sources = numbers
    error = refused(MetricError, "'roc_auc' is for binary or multiclass", X, y, sources=sources,
                    metric="roc_auc")  # fmt: skip
    assert "rmse" in error.hint


def test_an_unknown_metric_suggests_the_nearest(binary):
    X, y, sources = binary
    error = refused(MetricError, "no metric called 'roc_auk'", X, y, sources=sources,
                    metric="roc_auk")  # fmt: skip
    assert "roc_auc" in error.hint


@pytest.mark.parametrize("margin", [0.0, -0.1, np.nan])
def test_a_margin_that_is_not_above_zero(binary, margin):
    X, y, sources = binary
    refused(ConfigurationError, "must be a number above 0", X, y, sources=sources, margin=margin)


def test_a_margin_in_label_units_has_no_default(numbers):
    X, y, sources = numbers
    refused(ConfigurationError, "no default", X, y, sources=sources, metric="rmse")


def test_labels_of_different_kinds(binary):
    X, y, sources = binary
    Xb, _ = sources["bad"]
    error = refused(DataError, "labels 0, 1, the target no, yes", X, y,
                    sources={"b": (Xb, np.arange(80) % 2)})  # fmt: skip
    assert "--map b:0=no,1=yes" in error.hint


def test_labels_with_nothing_in_common(binary):
    X, y, sources = binary
    Xb, _ = sources["bad"]
    refused(DataError, "No label of the source 'b' occurs", X, y,
            sources={"b": (Xb, np.repeat("ja", 80))})  # fmt: skip


def test_a_class_that_only_a_source_has_is_left_out_and_counted(binary):
    X, y, sources = binary
    Xb, yb = sources["good"]
    yb = changed(yb, slice(0, 5), "maybe", "<U5")
    problem = make_problem(X, y, sources={"b": (Xb, yb)})
    facts = problem.sources["b"].facts
    assert (facts.n_foreign_label_rows, facts.foreign_labels) == (5, ("maybe",))
    assert len(problem.sources["b"].sample) == 75


def test_a_class_that_only_the_target_has_is_noted(binary):
    X, y, sources = binary
    Xb, _ = sources["good"]
    problem = make_problem(X, y, sources={"b": (Xb, np.repeat("no", 80))})
    assert problem.sources["b"].facts.missing_labels == ("yes",)


def test_columns_that_only_a_source_has_are_dropped_and_order_does_not_matter():
    frame, y = frames()
    other = frames(seed=1)[0][["b", "a"]].assign(c=1.0)
    problem = make_problem(frame, y, sources={"s": (other, y)})
    assert problem.sources["s"].facts.extra_columns == ("c",)
    assert list(problem.sources["s"].sample.X.columns) == ["a", "b"]


def test_numbers_in_a_text_column_of_the_target_are_read_as_text():
    frame, y = frames()
    target = frame.assign(code=np.where(y == 1, "1", "x"))
    problem = make_problem(target, y, sources={"s": (frames(seed=1)[0].assign(code=1.0), y)})
    assert problem.sources["s"].facts.retyped_columns == ("code",)
    assert set(problem.sources["s"].sample.X["code"]) == {"1"}


def test_categories_get_the_union_of_all_values():
    frame, y = frames()
    target = frame.assign(k=pd.Categorical(np.where(y == 1, "u", "v")))
    source = frames(seed=1)[0].assign(k=pd.Categorical(np.where(y == 1, "u", "w")))
    problem = make_problem(target, y, sources={"s": (source, y)})
    kinds = {str(problem.target.X["k"].dtype), str(problem.sources["s"].sample.X["k"].dtype)}
    assert len(kinds) == 1
    assert set(problem.target.X["k"].cat.categories) == {"u", "v", "w"}


@pytest.mark.parametrize("container", ["array", "frame", "sparse", "texts"])
def test_copies_of_target_rows_are_removed_from_every_kind_of_source(container):
    rng = np.random.default_rng(4)
    X, Xs = rng.normal(size=(40, 3)), rng.normal(size=(50, 3))
    Xs[:7] = X[10:17]
    y, ys = np.arange(40) % 2, np.arange(50) % 2
    convert = {
        "array": lambda A: A,
        "frame": lambda A: pd.DataFrame(A, columns=list("abc")),
        "sparse": sparse.csr_matrix,
        "texts": lambda A: [" ".join(f"{v:.6f}" for v in row) for row in A],
    }[container]
    problem = make_problem(convert(X), y, sources={"s": (convert(Xs), ys)})
    facts = problem.sources["s"].facts
    assert facts.n_duplicates_removed == 7
    assert len(problem.sources["s"].sample) == 43
    np.testing.assert_array_equal(problem.sources["s"].sample.y, ys[7:])


def test_coincidences_of_coarse_columns_are_kept_and_counted():
    rng = np.random.default_rng(5)
    X, Xs = rng.integers(0, 2, (60, 3)), rng.integers(0, 2, (80, 3))
    problem = make_problem(X, rng.integers(0, 2, 60), sources={"s": (Xs, rng.integers(0, 2, 80))})
    assert problem.sources["s"].facts.n_duplicates_removed == 0
    assert problem.sources["s"].facts.n_coincidences_kept > 40


def test_rounded_copies_are_removed_and_counted():
    rng = np.random.default_rng(6)
    X, Xs = rng.normal(size=(60, 3)), rng.normal(size=(80, 3))
    Xs[:4] = X[:4].round(6)
    problem = make_problem(X, np.arange(60) % 2, sources={"s": (Xs, np.arange(80) % 2)})
    facts = problem.sources["s"].facts
    assert (facts.n_duplicates_removed, facts.n_changed_copies) == (4, 4)
    assert len(problem.sources["s"].sample) == 76


def test_shared_groups_are_counted(binary):
    X, y, sources = binary
    Xb, yb = sources["good"]
    source = Sample(Xb, yb, groups=np.arange(80))
    problem = make_problem(X, y, sources={"b": source}, groups=np.arange(60) // 2)
    assert problem.sources["b"].facts.n_shared_groups == 30


def test_the_callers_data_are_left_alone(binary):
    X, y, sources = binary
    before = X.copy(), y.copy(), {k: (a.copy(), b.copy()) for k, (a, b) in sources.items()}
    make_problem(X, y, sources=sources)
    np.testing.assert_array_equal(X, before[0])
    np.testing.assert_array_equal(y, before[1])
    for name, (Xb, yb) in sources.items():
        np.testing.assert_array_equal(Xb, before[2][name][0])
        np.testing.assert_array_equal(yb, before[2][name][1])


def test_sources_that_are_no_mapping(binary):
    X, y, sources = binary
    refused(DataError, "The sources are a list", X, y, sources=list(sources.values()))


def test_a_text_that_is_missing():
    texts = ["good film", "bad film"] * 10
    refused(DataError, "Row 3 of the target 'target' is None", [*texts[:3], None, *texts[4:]],
            np.arange(20) % 2, sources={"b": (texts, np.arange(20) % 2)})  # fmt: skip


def test_a_classifier_needs_classes(numbers):
    X, y, sources = numbers
    refused(DataError, "is a classifier, but the labels are fractions", X, y, sources=sources,
            labels="classes")  # fmt: skip


def test_a_model_that_predicts_numbers_needs_numbers(binary):
    X, y, sources = binary
    refused(DataError, "predicts numbers, but the labels are text", X, y, sources=sources,
            labels="numbers")  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "metric", "model", "task"),
    [
        ([0, 1], None, None, "binary"),
        ([0, 1], "r2", None, "regression"),
        ([0, 1, 2], None, None, "multiclass"),
        ([0.5, 1.0], None, None, "regression"),
        (range(40), None, None, "regression"),
        (range(40), None, "classes", "multiclass"),
        ([0, 1], None, "numbers", "regression"),
        (["a", "b"], None, None, "binary"),
    ],
)
def test_the_task_is_read_off_labels_metric_and_model(labels, metric, model, task):
    from transfergap.data.labels.reading import task_of

    y = np.resize(np.array(list(labels)), 80)
    assert task_of(y, None if metric is None else metric_named(metric), model) == task


@pytest.mark.parametrize(
    ("target", "source", "levels"),
    [
        (["Ja", "Nein", "Egal"], ["JA", "NEIN", "EGAL"], {"Ja", "Nein", "Egal"}),
        (["north", "south"], ["north ", "South"], {"north", "south"}),
        (["m", "M"], [" m", "M "], {" m", "M "}),  # case has a meaning in the target
        (["a", "b"], ["A", "c"], {"a", "c"}),
        (["0007", "0012"], [7, 12, 90], {"0007", "0012", "90"}),  # a spreadsheet drops zeros
        (["7", "x"], ["007", "7.0", "x"], {"007", "7", "x"}),  # and here they tell levels apart
        (["007", "7"], ["0007", "8"], {"0007", "8"}),
        (["K\u00f6ln", "Bonn"], ["Ko\u0308ln", "BONN"], {"K\u00f6ln", "Bonn"}),  # composed
    ],
)
def test_levels_that_differ_in_case_or_blanks_are_the_targets(target, source, levels):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"k": rng.choice(target, 60), "x": rng.normal(size=60)})
    Z = pd.DataFrame({"k": rng.choice(source, 90), "x": rng.normal(size=90)})
    y, z = rng.integers(0, 2, 60), rng.integers(0, 2, 90)
    problem = make_problem(X, y, sources={"b": (Z, z)})
    assert set(problem.sources["b"].sample.X.k) == levels
    changed = ("k",) if levels != set(source) else ()
    assert problem.sources["b"].facts.respelled_columns == changed


@pytest.mark.parametrize("levels", [[0, 1, 2], [False, True]])
def test_categories_of_numbers_in_a_source_are_numbers(levels):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"k": rng.choice(levels, 60), "x": rng.normal(size=60)})
    Z = pd.DataFrame({"k": rng.choice(levels, 90), "x": rng.normal(size=90)})
    y, z = rng.integers(0, 2, 60), rng.integers(0, 2, 90)
    plain = make_problem(X, y, sources={"b": (Z, z)}).sources["b"].sample.X
    read = make_problem(X, y, sources={"b": (Z.astype({"k": "category"}), z)}).sources["b"].sample.X
    assert read.k.tolist() == plain.k.tolist() and read.k.dtype == plain.k.dtype


def test_a_splitter_by_groups_without_groups_is_refused_with_a_hint():
    rng = np.random.default_rng(0)
    (X, Z), y = rng.normal(size=(2, 60, 2)), rng.integers(0, 2, 60)
    with pytest.raises(ConfigurationError, match="GroupKFold cannot part these rows") as caught:
        make_problem(X, y, sources={"b": (Z, y)}, cv=GroupKFold(3))
    assert "groups=" in caught.value.hint


def test_texts_of_few_kinds_are_no_groups():
    answers = ["yes, always", "sometimes", "no", "never", "I do not know"]
    rng = np.random.default_rng(0)
    texts, others = ([answers[k] for k in rng.integers(0, 5, n)] for n in (60, 90))
    y, z = ((np.array([t.startswith(("no", "nev")) for t in part])).astype(int)
            for part in (texts, others))  # fmt: skip
    problem = make_problem(texts, y, sources={"b": (others, z)})
    assert problem.target.groups is None
    assert len(problem.sources["b"].sample) == 90


@pytest.mark.parametrize(
    ("target", "source", "renamed"),
    [
        (["age", "dose"], ["Age", " dose"], (("Age", "age"), (" dose", "dose"))),
        (["age", "dose"], ["age", "dose", "AGE"], ()),  # it has its namesake
        (["age", "dose"], ["Age", "AGE", "dose"], None),  # two columns are written so
        (["a", "A"], ["a", "A"], ()),
    ],
)
def test_columns_whose_names_differ_in_case_or_blanks_are_one(target, source, renamed):
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(60, len(target))), columns=target)
    Z = pd.DataFrame(rng.normal(size=(90, len(source))), columns=source)
    y, z = rng.integers(0, 2, 60), rng.integers(0, 2, 90)
    facts = make_problem(X, y, sources={"b": (Z, z)}).sources["b"].facts
    assert facts.renamed_columns == (renamed or ())
    assert facts.missing_columns == (("age",) if renamed is None else ())
    problem = make_problem(X, y, sources={"b": (Z, z)})
    learner = EstimatorLearner(DummyClassifier())
    design = Design(problem, ControlArm(learner), chosen_arms(["b pooled"], ["b"], learner))
    found = [f.says for f in respelled_columns.examine(Evidence(design, (), {}, {}))]
    assert len(found) == bool(renamed) and all("'Age' as 'age'" in text for text in found)


def table(n, seed, **columns):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 3)), columns=["a", "b", "c"]).assign(**columns)
    return frame, pd.Series((frame["a"] > 0).astype(int), name="y")


@pytest.mark.parametrize("which", ["labels", "groups", "weights", "source", "sample"])
def test_one_index_in_two_orders_is_refused(which):
    """Rows and labels are paired by position, so that each row would get another row's label."""
    X, y = table(60, 0)
    Xb, yb = table(60, 1)
    order = np.random.default_rng(2).permutation(60)
    labels = y.iloc[order] if which == "labels" else y
    source = (Xb, yb.iloc[order]) if which == "source" else (Xb, yb)
    source = Sample(Xb, yb.iloc[order]) if which == "sample" else source
    options = {
        "groups": {"groups": pd.Series(np.arange(60) // 2).iloc[order]},
        "weights": {"sample_weight": pd.Series(np.ones(60)).iloc[order]},
    }.get(which, {})
    error = refused(DataError, "same index in another", X, labels, sources={"b": source}, **options)
    assert "row 0 is 0 here and" in error.message
    assert "y.loc[X.index]" in error.hint


def test_indexes_that_do_not_tell_are_left_alone():
    X, y = table(60, 0)
    Xb, yb = table(60, 1)
    order = np.random.default_rng(2).permutation(60)
    shuffled = make_problem(X.iloc[order], y.iloc[order], sources={"b": (Xb, yb)})
    assert (shuffled.target.y == y.iloc[order]).all()
    # A part of a file keeps its index, and labels of an array have none.
    for labels in (y.set_axis(range(100, 160)), y.to_numpy()[::-1], y.set_axis([0] * 60)):
        problem = make_problem(X, labels, sources={"b": (Xb, yb)})
        assert (problem.target.y == np.asarray(labels)).all()


@pytest.mark.parametrize("target_names", [int, str])
def test_a_column_0_is_a_column_of_that_name(target_names):
    """A frame of an array counts its columns, and a file has the same as text."""
    words = np.array(["p", "q"])
    frames = [
        pd.DataFrame({0: table(60, k)[0]["a"], 1: words[(np.arange(60) + k) % 2]}) for k in (0, 1)
    ]
    other = str if target_names is int else int
    target, source = (
        frame.set_axis(list(map(kind, frame.columns)), axis=1)
        for frame, kind in zip(frames, (target_names, other), strict=True)
    )
    names = target.columns.tolist()
    y = np.arange(60) // 2 % 2
    problem = make_problem(target, y, sources={"b": (source, 1 - y)})
    assert list(map(str, problem.target.X.columns)) == list(map(str, names))
    assert problem.sources["b"].sample.X.columns.equals(problem.target.X.columns)


def test_numbers_with_marks_are_read_where_columns_are_counted():
    amounts = [np.random.default_rng(k).integers(500, 2000, 60) for k in (0, 1)]
    frames = [
        pd.DataFrame({0: [f"${value:,}" for value in part], 1: table(60, k)[0]["a"]})
        for k, part in enumerate(amounts)
    ]
    y = np.arange(60) // 2 % 2
    problem = make_problem(frames[0], y, sources={"b": (frames[1], 1 - y)})
    assert problem.target.X.iloc[:, 0].tolist() == amounts[0].tolist()


@pytest.mark.parametrize("labels", ["y", 3, np.array(1)])
def test_a_single_label_for_all_rows_is_no_label(labels):
    X, y = table(60, 0)
    error = refused(DataError, "alone, not one for each row", X, labels, sources={"b": (X, y)})
    assert "y=X['label']" in error.hint


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AUC", "roc_auc"),
        ("mcc", "matthews_corrcoef"),
        ("RMSLE", "neg_root_mean_squared_log_error"),
    ],
)
def test_what_people_call_a_metric_is_proposed(name, meant):
    with pytest.raises(MetricError, match=f"did you mean {meant}"):
        metric_named(name)
