"""Labels with marks are read as columns are, or the first word among them is named."""

import numpy as np
import pandas as pd
import pytest

from transfergap import audit
from transfergap.data.validation import make_problem
from transfergap.errors import DataError

AMOUNTS = np.random.default_rng(0).lognormal(9, 0.5, 60).round(2)
OTHERS = np.random.default_rng(1).lognormal(9, 0.5, 80).round(2)


def posed(y, z, **options):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(len(y), 2)), rng.normal(size=(len(z), 2))
    return make_problem(X, y, sources={"b": (Z, z)}, **options)


def texts(values, pattern):
    return [pattern.format(value) for value in values]


WAYS = {
    "plain": "{:.2f}",
    "dollars": "${:.2f}",
    "dollars in groups": "$ {:,.2f}",
    "a currency behind": "{:,.2f} USD",
    "per cent": "{:.2f}%",
    "kilograms": "{:.2f} kg",
    "about": "~{:.2f}",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("where", ["target", "source", "both"])
def test_labels_with_marks_are_numbers_in_any_file(way, where):
    y = AMOUNTS if where == "source" else texts(AMOUNTS, WAYS[way])
    z = OTHERS if where == "target" else texts(OTHERS, WAYS[way])
    problem = posed(y, z)
    assert problem.task == "regression"
    assert problem.target.y.tolist() == AMOUNTS.tolist()
    assert problem.sources["b"].sample.y.tolist() == OTHERS.tolist()


def test_powers_of_ten_and_minus_signs_count():
    z = ["12.5k", "-1.5k", "(3.5k)"] * 20
    assert posed(AMOUNTS, z).sources["b"].sample.y.tolist() == [12500.0, -1500.0, -3500.0] * 20


def test_a_finding_tells_what_was_read():
    rng = np.random.default_rng(0)
    X, Z = (pd.DataFrame(rng.normal(size=(n, 2)), columns=["a", "b"]) for n in (60, 80))
    study = audit(None, X, texts(AMOUNTS, "${:,.2f}"), sources={"b": (Z, OTHERS)},
                  effort="quick", explain="none", arms=["b pooled"])  # fmt: skip
    (finding,) = [f for f in study.findings if f.code == "TG118"]
    assert "thousands marked by ',', without $" in finding.says


@pytest.mark.parametrize(
    ("y", "z"),
    [
        (["5k", "10k"] * 30, ["10k", "5k"] * 40),
        (["$1", "$2", "$5"] * 20, ["$1", "$2", "$5"] * 20),
        (["<18", "18-30", ">30"] * 20, ["<18", "18-30", ">30"] * 20),
        (["1.5 kg", "2 lb"] * 30, ["1.5 kg", "2 lb"] * 30),
        ([f"A{k}" for k in range(20)] * 3, [f"A{k}" for k in range(20)] * 4),
        ([f"{k} weeks old" for k in range(12)] * 5, [f"{k} weeks old" for k in range(12)] * 6),
        ([f"{k:03d}" for k in range(12)] * 5, [f"{k:03d}" for k in range(12)] * 6),
        ([0, 1, 2] * 20, ["0", "1", "2"] * 20),
    ],
)
def test_classes_with_digits_stay_classes(y, z):
    assert posed(y, z).classes.tolist() == sorted(set(y))


def with_word(values, word, n=6):
    words = texts(values, "{:.2f}")
    for row in range(3, 3 + 2 * n, 2):
        words[row] = word
    return words


@pytest.mark.parametrize(("word", "typed"), [("?", "--na='?'"), ("none seen", "--na='none seen'")])
@pytest.mark.parametrize("where", ["target", "source"])
def test_a_word_among_numbers_is_named_with_what_to_type(where, word, typed):
    y = with_word(AMOUNTS, word) if where == "target" else AMOUNTS
    z = with_word(OTHERS, word) if where == "source" else OTHERS
    origin = "the target 'target'" if where == "target" else "the source 'b'"
    with pytest.raises(DataError) as caught:
        posed(y, z)
    n = len(y if where == "target" else z)
    assert f"labels of {origin} are numbers, but 6 of {n} are not: {word!r}; the first is in" in (
        caught.value.message
    )
    assert "row 3." in caught.value.message and typed in caught.value.hint


def test_a_word_among_marked_numbers_is_named_too():
    y = texts(AMOUNTS, "${:,.2f}")
    y[7] = "on request"
    with pytest.raises(DataError, match="1 of 60 are not: 'on request'; the first is in row 7"):
        posed(y, OTHERS)


def test_decimal_commas_are_asked_about_as_in_columns():
    z = [text.replace(".", ",") for text in texts(OTHERS, "{:.2f}")]
    with pytest.raises(DataError, match="labels of the source 'b' are written with decimal") as e:
        posed(AMOUNTS, z)
    assert "--decimal ','" in e.value.hint


def test_several_currencies_are_an_error_about_labels():
    y = [f"{'$€'[k % 2]}{value:.2f}" for k, value in enumerate(AMOUNTS)]
    with pytest.raises(DataError, match=r"The labels are in several units or currencies") as caught:
        posed(y, OTHERS)
    assert "--category" not in caught.value.hint


def test_a_metric_of_numbers_reads_few_marked_labels():
    assert posed(["10%", "20%", "40%"] * 20, ["10%", "20%"] * 30, metric="r2").task == "regression"
