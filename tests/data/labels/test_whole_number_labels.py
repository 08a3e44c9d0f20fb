"""Classes that look like a quantity are named, with the option; lost rows stand first."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import audit
from transfergap.data.labels.whole_number_labels import Likeness, quantity_likeness
from transfergap.errors import DataError
from transfergap.report.brief import brief_of

RNG = np.random.default_rng(3)


@pytest.mark.parametrize(
    ("y", "likeness"),
    [
        (RNG.poisson(1.5, 400), Likeness.STRONG),
        (RNG.poisson(8, 200), Likeness.STRONG),
        (RNG.integers(1990, 2020, 500), Likeness.STRONG),
        (np.repeat([3, 4, 5, 6, 7, 8], [10, 53, 681, 638, 199, 18]), Likeness.STRONG),
        (np.repeat([1.0, 2, 3, 4, 5, 6, 7], [3, 9, 20, 50, 30, 8, 2]), Likeness.STRONG),
        (np.repeat(np.arange(10), 20), Likeness.POSSIBLE),
        (np.repeat([1, 2, 3, 4, 5], [2, 10, 40, 30, 9]), Likeness.POSSIBLE),
        (np.repeat([1, 2, 3, 4, 5, 6, 7], [40, 50, 9, 2, 7, 11, 12]), Likeness.POSSIBLE),
        (np.repeat([0, 1, 2, 3], 20), Likeness.NONE),
        (RNG.choice([10115, 20095, 80331, 50667, 60311, 70173], 90), Likeness.NONE),
        (np.repeat(["0", "1", "2", "3", "4", "5"], 9), Likeness.NONE),
    ],
)
def test_counts_and_years_look_like_a_quantity_and_codes_do_not(y, likeness):
    assert quantity_likeness(y, np.unique(y)) is likeness


def result_of(y, z, model=None, **options):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(len(y), 3)), rng.normal(size=(len(z), 3))
    sources = {"b": (Z, z)}
    options = {"effort": "quick", "explain": "none", "arms": ["b pooled"]} | options
    return audit(model, X, y, sources=sources, **options).result


def codes_of(result):
    return {finding.code: str(finding.strength) for finding in result.findings}


def test_counts_are_named_before_advice_to_tune_the_model():
    result = result_of(RNG.poisson(4, 90), RNG.poisson(4, 100))
    assert codes_of(result)["TG135"] == "moderate"
    assert brief_of(result).faults[0].code == "TG135"
    assert "--metric r2" in brief_of(result).faults[0].fix


def test_ratings_are_a_note_which_is_no_fault():
    y = np.repeat([1, 2, 3, 4, 5], 16)
    result = result_of(y, y)
    assert codes_of(result)["TG135"] == "note"
    assert "TG135" not in [fault.code for fault in brief_of(result).faults]


@pytest.mark.parametrize("options", [{"metric": "accuracy"}, {"model": LogisticRegression()}])
def test_who_chose_classes_is_not_asked(options):
    y = RNG.integers(0, 12, 120)
    assert "TG135" not in codes_of(result_of(y, y, **options))


def test_a_metric_of_numbers_takes_every_row():
    y, z = np.repeat([1, 2, 3, 4, 5], 16), np.linspace(1.0, 5.0, 80).round(1)
    result = result_of(y, z, metric="r2")
    assert not {"TG122", "TG135"} & set(codes_of(result))


@pytest.mark.parametrize(("n_foreign", "strength"), [(60, "strong"), (20, "moderate")])
def test_lost_rows_stand_first_where_they_are_most(n_foreign, strength):
    y = np.repeat([1, 2, 3, 4, 5], 16)
    z = np.r_[np.full(n_foreign, 2.5), np.resize([1.0, 2, 3, 4, 5], 80 - n_foreign)]
    result = result_of(y, z)
    (finding,) = [f for f in result.findings if f.code == "TG122"]
    assert str(finding.strength) == strength and "--metric r2" in finding.fix
    faults = [fault.code for fault in brief_of(result).faults]
    assert (faults[:1] == ["TG122"]) == (strength == "strong")
    remark = f"{n_foreign} of 80 rows of b left out: no label of the target (TG122)"
    assert (remark in brief_of(result).remarks) == (strength == "moderate")


def test_words_that_are_lost_ask_for_their_spelling():
    y, z = np.array(["a", "b", "c"] * 20), np.array(["a", "b", "c", "d"] * 20)
    (finding,) = [f for f in result_of(y, z).findings if f.code == "TG122"]
    assert "spelling" in finding.fix


@pytest.mark.parametrize(
    ("target", "source", "asked"),
    [
        (range(11), [*range(10), 11], False),
        (range(8), [0, 1, 2, 3, 4, 5, 7, 9], False),
        (range(10), range(1, 11), True),
        (range(1, 8), range(7), True),
        (range(3), [0, 1, 3], True),
    ],
)
def test_counts_of_two_files_may_end_elsewhere_and_moved_codes_are_asked_about(
    target, source, asked
):
    y, z = np.array([*target] * 12), np.array([*source] * 12)
    if asked:
        with pytest.raises(DataError, match="code the same classes differently"):
            result_of(y, z)
    else:
        assert codes_of(result_of(y, z))["TG122"] == "moderate"
