"""Labels are narrowed to what they are, mapped where spelling tells, and else asked about."""

import datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from transfergap import audit
from transfergap.data.labels.label_codes import aligned_labels
from transfergap.data.labels.reading import checked_labels, narrowed_labels, task_of
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError


def posed(y, z, X=None, **options):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(len(y), 2)), rng.normal(size=(len(z), 2))
    return make_problem(X, y, sources={"b": (Z, z)}, **options)


@pytest.mark.parametrize(
    ("given", "kind", "values"),
    [
        (np.array([0, 1, 2], dtype=object), "i", [0, 1, 2]),
        (np.array([0.5, 1, 2], dtype=object), "f", [0.5, 1, 2]),
        (np.array([Decimal("0.25"), Decimal(3)]), "f", [0.25, 3.0]),
        (np.array([True, False], dtype=object), "b", [True, False]),
        (pd.Series([1, 0, 1], dtype="Int64"), "i", [1, 0, 1]),
        (pd.Series(["a", "b"], dtype="category"), "O", ["a", "b"]),
        (np.array([1, "x", 2.0], dtype=object), "O", ["1", "x", "2"]),
        ([2**70, 3], "O", [str(2**70), "3"]),
    ],
)
def test_labels_are_narrowed(given, kind, values):
    narrowed = narrowed_labels(given, "the target")
    assert (narrowed.dtype.kind, narrowed.tolist()) == (kind, values)


def test_numbers_in_objects_are_numbers_to_predict():
    y = np.array([Decimal(k) / 7 for k in range(40)])
    assert task_of(checked_labels(y, 40, "the target"), None) == "regression"


def test_missing_labels_among_objects_are_found():
    with pytest.raises(DataError, match="1 of 3 labels"):
        checked_labels(pd.Series([1, None, 0], dtype="Int64"), 3, "the target")


DAYS = pd.date_range("2024-03-01", periods=40)
EVENTS = [(k % 3 == 0, float(k)) for k in range(40)]


@pytest.mark.parametrize(
    ("y", "word"),
    [
        (DAYS, "dates"),
        (pd.Series(DAYS.tz_localize("UTC")), "dates"),
        (np.array([d.date() for d in DAYS], dtype=object), "dates"),
        ([datetime.timedelta(hours=k) for k in range(40)], "durations"),
        (pd.Series(DAYS - DAYS[0]), "durations"),
        (pd.Series(DAYS.to_period("D")), "periods"),
        (DAYS.strftime("%d.%m.%Y").to_numpy(), "dates"),
        (np.array(EVENTS, dtype=[("dead", bool), ("days", float)]), "survival"),
        (EVENTS, "survival"),
        (np.array([[e, t] for e, t in EVENTS]), "survival"),
    ],
)
def test_dates_durations_and_survival_records_are_refused_with_what_to_do(y, word):
    with pytest.raises(DataError, match=word) as caught:
        posed(y, np.arange(40) % 2)
    assert "predict" in caught.value.hint


@pytest.mark.parametrize(
    ("y", "words", "hint"),
    [
        (np.eye(2)[np.arange(40) % 2], "2 columns of 0 and 1, one a class", "argmax"),
        (np.eye(3, dtype=int)[np.arange(40) % 3], "3 columns of 0 and 1, one a class", "argmax"),
        (pd.get_dummies(pd.Series(list("abcd") * 10)), "4 columns of 0 and 1, one a", "argmax"),
        (np.arange(80).reshape(40, 2) % 3 > 0, "several labels a row", "multilabel"),
        ([["a"], ["a", "b"]] * 20, "several in a row", "multilabel"),
        (pd.Series([["a", "b"], ["a"]] * 20), "several in a row", "multilabel"),
        ([{"a"}, {"a", "b"}] * 20, "several in a row", "multilabel"),
        ([["a", "c"], ["a", "b"]] * 20, "80 labels", "one column at a time"),
    ],
)
def test_several_labels_in_a_row_are_called_what_they_are(y, words, hint):
    with pytest.raises(DataError, match=words) as caught:
        posed(y, np.arange(40) % 2)
    assert hint in caught.value.hint


def test_texts_for_a_model_of_numbers_are_shown_as_they_are_written():
    with pytest.raises(DataError, match=r"are text \('-0.76'\)") as caught:
        task_of(np.array(["-0.76", "0.2"]), None, "numbers")
    assert "astype(float)" in caught.value.hint


def test_few_dates_may_be_classes():
    y = np.array(["2024-01-01", "2025-01-01"] * 20)
    assert posed(y, y).task == "binary"


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (["No", "Yes"], ["no", "YES"]),
        (["no", "yes"], [" no", "yes "]),
        ([0, 1], ["0", "1"]),
        (["0", "1"], [0.0, 1.0]),
        ([0, 1], ["0.0", "1.0"]),
        (["False", "True"], [False, True]),
        (["<=50K", ">50K"], ["<=50K.", ">50K."]),
        (["<=50K", ">50K"], ["<=50K ", "> 50K"]),
        (["No pain", "Pain."], ["nopain", "pain"]),
    ],
)
def test_spelling_alone_is_mapped_and_told(ours, theirs):
    problem = posed(np.array(ours * 20), np.array(theirs * 30))
    y = problem.sources["b"].sample.y
    assert y.tolist() == ours * 30 and y.dtype == problem.target.y.dtype
    study = audit(None, problem.target.X, problem.target.y,
                  sources={"b": (problem.sources["b"].sample.X, np.array(theirs * 30))},
                  effort="quick", arms=["b pooled"], explain="none")  # fmt: skip
    told = [f for f in study.findings if f.code == "TG126"]
    assert len(told) == (str(theirs[0]) not in ("0", "0.0", "False") or theirs[0] == "0.0")


def test_a_full_stop_is_no_spelling_where_it_tells_labels_apart():
    problem = posed(np.array(["a", "b"] * 20), np.array(["a", "b", "b."] * 20))
    assert problem.sources["b"].facts.n_foreign_label_rows == 20
    with pytest.raises(DataError, match="code the same classes differently"):
        posed(np.array(["a.", "a", "b"] * 20), np.array(["b", "a", "a ."] * 20))


def test_two_spellings_in_one_file_are_one_class():
    problem = posed(np.array(["no", "yes"] * 20), np.array(["no", "Yes", "yes", "NO "] * 10))
    assert problem.sources["b"].sample.y.tolist() == ["no", "yes", "yes", "no"] * 10


def test_a_spelling_that_fits_two_classes_is_not_guessed():
    with pytest.raises(DataError, match="No label"):
        posed(np.array(["a", "A"] * 20), np.array([" a", " a"] * 20))


@pytest.mark.parametrize(
    ("ours", "theirs", "typed"),
    [
        ([0, 1], [1, 2], "--map b:1=0,2=1"),
        ([0, 1], [-1, 1], "--map b:-1=0,1=1"),
        (["benign", "malignant"], ["M", "B"], "--map b:B=benign,M=malignant"),
        (["neg", "pos"], ["neg", "positive"], "positive=pos"),
        ([1, 2, 3], [0, 1, 2], "--map b:0=1,1=2,2=3"),
    ],
)
def test_other_codes_stop_with_both_lists_and_a_map_to_type(ours, theirs, typed):
    with pytest.raises(DataError, match="it has the labels") as caught:
        posed(np.array(ours * 20), np.array(theirs * 20))
    assert typed in caught.value.hint and "label_map={'b': {" in caught.value.hint
    assert all(str(label) in caught.value.message for label in [*ours, *theirs])


def test_a_class_more_or_a_class_less_is_no_other_code():
    y = np.array(["a", "b", "c"] * 20)
    assert posed(y, np.array(["a", "b"] * 20)).sources["b"].facts.missing_labels == ("c",)
    facts = posed(y, np.array(["a", "b", "c", "d"] * 20)).sources["b"].facts
    assert (facts.foreign_labels, facts.n_foreign_label_rows) == (("d",), 20)


def test_a_map_is_followed():
    y, z = np.array([0, 1] * 20), np.array([1, 2, 2] * 20)
    problem = posed(y, z, label_map={"b": {1: 0, 2: 1}})
    assert problem.sources["b"].sample.y.tolist() == [0, 1, 1] * 20
    assert problem.sources["b"].facts.respelled_labels == ()
    typed = posed(y, z, label_map={"b": {"1": "0", "2": "1"}})
    assert typed.sources["b"].sample.y.tolist() == [0, 1, 1] * 20


@pytest.mark.parametrize(
    ("target", "source", "typed"),
    [(["pos", "neg"], ["+", "-"], "+=pos,-=neg"), (["-", "+"], ["no", "yes"], "no=-,yes=+"),
     (["f", "t"], ["1", "0"], "0=f,1=t"), (["0", "1"], ["1", "2"], "1=0,2=1")],
)  # fmt: skip
def test_the_map_to_type_goes_by_meaning(target, source, typed):
    with pytest.raises(DataError) as caught:
        posed(np.array(target * 20), np.array(source * 20))
    assert typed in caught.value.hint


def test_a_map_turns_reversed_labels_and_leaves_classes_out():
    labels, known, facts = aligned_labels(
        np.array([0, 1, 9]), np.array([0, 1]), "binary", "b", label_map={0: 1, 1: 0, 9: None}
    )
    assert labels[known].tolist() == [1, 0]
    assert (facts.n_foreign_label_rows, facts.foreign_labels) == (1, ("9",))
    labels, known, _ = aligned_labels(
        np.array([0, 1]), np.array([0, 1]), "binary", "b", label_map={1: None}
    )
    assert known.tolist() == [True, False]


@pytest.mark.parametrize(
    ("label_map", "said"),
    [({"c": {1: 0}}, "no such source"), ({"b": {5: 0}}, "no label '5' to map"),
     ({"b": {1: 7}}, "no label of the target"), ({"b": {0: None, 1: None}}, "no row")],
)  # fmt: skip
def test_impossible_maps_are_refused(label_map, said):
    y = np.array([0, 1] * 20)
    with pytest.raises(ConfigurationError, match=said) as caught:
        posed(y, y, label_map=label_map)
    assert caught.value.hint


def test_labels_that_are_not_there_are_called_that():
    with pytest.raises(DataError, match="There are no labels of the source 'b'"):
        checked_labels(None, 3, "the source 'b'")


@pytest.mark.parametrize(
    ("target", "source"),
    [
        ([0, 1], [1] * 40 + [2] * 40 + [9] * 3),
        ([0, 1], [-1] * 40 + [1] * 40 + [99] * 12),
        (["F", "M"], ["M"] * 40 + ["W"] * 40 + ["D"] * 4),
        (["neg", "pos"], ["negative"] * 30 + ["pos"] * 40 + ["unclear"] * 5 + ["lost"] * 2),
        (["a", "b", "c"], ["b"] * 30 + ["c"] * 30 + ["d"] * 30 + ["?"] * 2),
    ],
)
def test_other_codes_beside_a_rare_further_class_are_asked_about(target, source):
    with pytest.raises(DataError, match="seems to code the same classes differently") as caught:
        posed(target * 20, source)
    assert "--map b:" in caught.value.hint.replace("'b:", "b:")


def test_the_map_that_is_proposed_runs():
    y, z = [0, 1] * 20, [1] * 40 + [2] * 40 + [9] * 3
    with pytest.raises(DataError) as caught:
        posed(y, z)
    assert "--map b:1=0,2=1,9= " in caught.value.hint
    problem = posed(y, z, label_map={"b": {1: 0, 2: 1, 9: None}})
    assert np.bincount(problem.sources["b"].sample.y).tolist() == [40, 40]


def test_classes_that_only_one_of_many_files_has_are_no_codes():
    digits = [str(k) for k in range(6)]
    problem = posed(digits * 10, [str(k) for k in range(3, 10)] * 10)
    assert problem.sources["b"].facts.n_foreign_label_rows == 40


@pytest.mark.parametrize(
    ("target", "source", "positives"),
    [
        ([0, 1], [True, False, True], 2),
        ([False, True], [0, 1, 1], 2),
        ([0, 1], ["True", "false", "TRUE"], 2),
        (["true", "false"], [1, 0, 0], 1),
        ([0, 1], [1.0, 0.0, 0.0], 1),
    ],
)
def test_true_and_false_are_one_and_zero(target, source, positives):
    y = np.array(target * 20)
    labels, has_class, _ = aligned_labels(np.array(source), np.unique(y), "binary", "b")
    assert has_class.all()
    yes = [label for label in np.unique(y).tolist() if str(label).casefold() in ("1", "true")]
    assert (labels == yes[0]).sum() == positives


def test_words_without_a_common_sense_are_not_paired_by_the_alphabet():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(60, 2)), np.array(["blue", "green", "red"])[np.arange(60) % 3]
    numbers = X, np.arange(60) % 3 + 1
    with pytest.raises(DataError) as error:
        make_problem(X, y, sources={"b": numbers})
    assert "'b:1=?,2=?,3=?'" in error.value.hint
    with pytest.raises(ConfigurationError, match="no label of the target"):
        make_problem(X, y, sources={"b": numbers}, label_map={"b": {1: "?", 2: "?", 3: "?"}})
    with pytest.raises(DataError) as error:
        make_problem(
            X, y, sources={"b": (X, np.array(["vert", "rouge", "bleu"])[np.arange(60) % 3])}
        )
    assert (
        "b:bleu=blue,rouge=red,vert=green" in error.value.hint
    )  # one is left, and two begin alike
