"""Target rows in a task are held out while tested, with noise or rounding too, and no others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from transfergap import Sample, TaskSource, audit
from transfergap.analysis.twins.twin_rows import twin_rows, twins_of_arms
from transfergap.auditing.audit import make_design
from transfergap.data.copies.nearby import nearby_rows
from transfergap.data.validation import make_problem
from transfergap.errors import DataError
from transfergap.learners import FunctionLearner

N, OTHERS = 60, 150
CHANGES = {
    "nothing": lambda X, rng: X,
    "noise of a thousandth": lambda X, rng: X + rng.normal(0, 1e-3, X.shape),
    "noise of two hundredths": lambda X, rng: X + rng.normal(0, 0.02, X.shape),
    "one decimal": lambda X, rng: X.round(1),
    "three decimals in single precision": lambda X, rng: X.astype("f4").round(3),
    "half precision": lambda X, rng: X.astype("f2"),
    "each number by up to half a per cent": lambda X, rng: X * rng.uniform(0.995, 1.005, X.shape),
}
LABELS = {
    "the target's": lambda y, rng: y,
    "codes of classes": lambda y, rng: 7 * y + 2,
    "numbers": lambda y, rng: 2.5 * y - 1.0 + rng.normal(0, 0.01, len(y)),
    "two columns": lambda y, rng: np.column_stack([rng.normal(size=len(y)), y]),
    "texts": lambda y, rng: np.array(["ill", "well"])[y],
    "of noise": lambda y, rng: rng.integers(0, 9, len(y)),
}


def held_out(X, source, labels):
    """Positions of a task's rows that leave while target rows 4, 5 and 6 are tested."""
    target = Sample(X, np.zeros(len(X)), ids=np.arange(len(X)))
    task = TaskSource(source, labels).beside(target)
    left = task.without_rows_of(target.rows(np.array([4, 5, 6])))
    every = np.arange(len(labels))
    return np.setdiff1d(every, every if left.positions is None else left.positions).tolist()


@pytest.mark.parametrize("shape", [(5,), (1, 6, 6)])
@pytest.mark.parametrize("change", CHANGES)
def test_near_copies_leave_a_task_while_they_are_tested(change, shape):
    rng = np.random.default_rng(1)
    X, others = rng.normal(size=(N, *shape)), rng.normal(size=(OTHERS, *shape))
    source = np.concatenate([others, CHANGES[change](X, rng)])
    assert held_out(X, source, np.arange(len(source)) % 3) == [OTHERS + k for k in (4, 5, 6)]


@pytest.mark.parametrize("labels", LABELS)
def test_labels_of_any_kind_do_not_matter(labels):
    rng = np.random.default_rng(2)
    X = rng.normal(size=(N, 8))
    y = LABELS[labels](rng.integers(0, 2, N), rng)
    assert held_out(X, X + rng.normal(0, 0.01, X.shape), y) == [4, 5, 6]


def test_every_augmented_copy_leaves():
    rng = np.random.default_rng(3)
    X = rng.normal(size=(N, 9))
    many = np.concatenate([X + rng.normal(0, 0.02, X.shape) for _ in range(6)])
    copies = [N * k + row for k in range(6) for row in (4, 5, 6)]
    assert held_out(X, many, np.arange(6 * N)) == copies


def test_brighter_pictures_with_noise_leave_as_whole_numbers_too():
    rng = np.random.default_rng(4)
    X, others = rng.random((N, 8, 8)), rng.random((OTHERS, 8, 8))
    bright = np.concatenate([X, others]) * 180 + 20 + rng.normal(0, 1.0, (N + OTHERS, 8, 8))
    whole = bright.round().astype("u1").reshape(-1, 1, 8, 8)
    assert held_out(X, whole, np.zeros(N + OTHERS, int)) == [4, 5, 6]


def test_columns_of_a_table_in_unlike_units_weigh_alike():
    rng = np.random.default_rng(5)
    spread = np.array([1.0, 1e-3, 1e6, 10.0])

    def table(X):
        return pd.DataFrame(X * spread, columns=list("abcd")).assign(town="x")

    X, others = rng.normal(size=(N, 4)), rng.normal(size=(OTHERS, 4))
    source = table(np.concatenate([X + rng.normal(0, 0.01, X.shape), others]))
    assert held_out(table(X), source[["d", "town", "b", "a", "c"]], np.zeros(210, int)) == [4, 5, 6]


def test_real_pictures_with_noise_are_near_and_others_seldom():
    pictures = load_digits().images
    order = np.random.default_rng(12).permutation(len(pictures))
    X, others = pictures[order[:120]], pictures[order[120:620]]
    noisy = X + np.random.default_rng(13).normal(0, 0.05 * X.std(), X.shape)
    rows, partners = nearby_rows(X, np.concatenate([noisy, others]))
    assert set(range(120)) <= set(rows[rows == partners].tolist())
    assert len(np.unique(partners[partners >= 120])) <= 0.01 * 500


def test_rows_of_other_categories_are_not_near():
    rng = np.random.default_rng(14)

    def table(n):
        levels = rng.integers(0, 4, size=(n, 8)).astype(str)
        ages = rng.integers(20, 30, size=(n, 2)) + rng.normal(0, 0.01, size=(n, 2))
        names = [f"c{k}" for k in range(8)]
        return pd.concat([pd.DataFrame(ages), pd.DataFrame(levels, columns=names)], axis=1)

    target, source = table(150), table(300)
    assert len(nearby_rows(target, source)[0]) < 10
    assert len(nearby_rows(target[[0, 1]], source[[0, 1]])[0]) > 100
    noisy = target.assign(c3="9")
    noisy[0] += 1e-4
    assert len(nearby_rows(target, noisy)[0]) >= 140


@pytest.mark.parametrize(("width", "share"), [(2, 0.16), (3, 0.032), (6, 0.001)])
def test_strangers_leave_as_seldom_as_the_page_says(width, share):
    """At most 4 times 0.2 to the number of columns, for each tested row of a file as large."""
    near = 0
    for seed in range(20):
        X, Z = np.random.default_rng([seed, width]).normal(size=(2, 150, width))
        near += len(nearby_rows(X, Z)[0])
    assert near / (20 * 150) <= 1.2 * share  # bell-shaped rows are denser than even ones inside


@pytest.mark.parametrize(
    "rows",
    [np.zeros((0, 3)), np.zeros((9, 3)), np.full((9, 3), np.nan), np.ones((3, 3)), np.ones((9, 1))],
)
def test_rows_without_a_place_are_near_nobody(rows):
    some = np.random.default_rng(6).normal(size=(20, rows.shape[1]))
    assert len(nearby_rows(some, rows)[0]) in (0, len(nearby_rows(some, rows)[1]))
    assert len(nearby_rows(rows, some)[0]) == 0


def nearest_answers(target, sources, *, seed):
    """Whoever lies next decides, in the target or in a task: a learner that shows every leak."""
    parts = [(target.X, target.y), *((s.X, s.y) for s in sources)]
    X = np.concatenate([np.reshape(part, (len(part), -1)) for part, _ in parts])
    y = np.concatenate([np.asarray(labels, int) % 2 for _, labels in parts])
    return KNeighborsClassifier(1).fit(X, y)


@pytest.mark.parametrize("labels", [lambda y: y, lambda y: y + 6])
@pytest.mark.parametrize("noise", [0.001, 0.01])
def test_labels_of_noise_do_not_help_through_a_task(noise, labels):
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(100, 6)), rng.integers(0, 2, 100)
    Z, z = rng.normal(size=(60, 6)), rng.integers(0, 2, 60)
    task = TaskSource(
        np.concatenate([X + rng.normal(0, noise, X.shape), Z]), labels(np.append(y, z))
    )
    study = audit(FunctionLearner(nearest_answers), X, y, sources={"t": task}, metric="accuracy",
                  effort="quick", explain="none", subgroups=None)  # fmt: skip
    arm = study.result.arms[1]
    assert str(arm.verdict) != "helps" and arm.gap.estimate < 0.1
    assert any("100 of its rows are target rows" in note for note in study.result.method_notes)


def measured_again(rng, X, y, noise):
    """Persons measured again for a task: farther than copies lie, nearer than strangers."""
    Z = rng.normal(size=(120, X.shape[1]))
    return TaskSource(
        np.concatenate([X + rng.normal(0, noise, X.shape), Z]),
        np.append(y, rng.integers(0, 2, 120)) + 4,
    )


def test_a_help_of_rows_farther_than_copies_is_withheld():
    rng = np.random.default_rng(8)
    X, y = rng.normal(size=(100, 6)), rng.integers(0, 2, 100)
    study = audit(
        FunctionLearner(nearest_answers), X, y, metric="accuracy", effort="quick",
        sources={"t": measured_again(rng, X, y, 0.2)}, explain="none", subgroups=None,
    )  # fmt: skip
    arm = study.result.arms[1]
    assert arm.gap.estimate > 0.1 and str(arm.verdict) == "not enough evidence"
    assert {"TG109"} <= {found.code for found in study.findings}


def design_of(X, y, task):
    problem = make_problem(X, y, sources={"t": task}, metric="accuracy")
    return make_design(FunctionLearner(nearest_answers), problem, effort="quick")


def test_a_task_whose_copies_all_leave_raises_no_suspicion():
    rng = np.random.default_rng(9)
    X, y = rng.normal(size=(80, 6)), rng.integers(0, 2, 80)
    noisy = TaskSource(X + rng.normal(0, 0.01, X.shape), y)
    assert twins_of_arms(design_of(X, y, noisy), ["t co-trained"]) == {}
    assert twins_of_arms(design_of(X, y, TaskSource(X, y)), ["t co-trained"]) == {}
    strangers = TaskSource(rng.normal(size=(90, 6)), rng.integers(0, 2, 90))
    assert twins_of_arms(design_of(X, y, strangers), ["t co-trained"]) == {}


@pytest.mark.parametrize("shape", [(1, 8, 8), (400,)])
def test_pictures_and_wide_rows_have_twins_too(shape):
    rng = np.random.default_rng(10)
    X, y = rng.normal(size=(80, *shape)), rng.integers(0, 2, 80)
    Z, z = rng.normal(size=(100, *shape)), rng.integers(0, 2, 100)
    source = Sample(np.concatenate([X + rng.normal(0, 0.1, X.shape), Z]), np.append(y, z))
    assert twin_rows("b", Sample(X, y), source).n_pairs == 80
    assert twin_rows("b", Sample(X, y), Sample(Z, z)) is None


class Oracle:
    """Knows the answers of some rows by a part of theirs that no search reads."""

    def __init__(self, model, answers):
        self.model, self.answers, self.classes_ = model, answers, np.array([0, 1])

    def predict(self, X):
        pairs = zip(X, self.model.predict(X), strict=True)
        return np.array([self.answers.get(row.tobytes(), guess) for row, guess in pairs])

    def predict_proba(self, X):
        known = self.predict(X)
        return np.column_stack([1 - known, known]) * 0.98 + 0.01


@pytest.mark.parametrize(
    ("labels", "suspected"),
    [
        (lambda Z, rng: (Z[:, 0] + rng.normal(size=len(Z)) > 0).astype(int), True),
        (lambda Z, rng: rng.integers(0, 5, len(Z)) + 10, True),  # teaches nothing
        (lambda Z, rng: (Z[:, 1] > 0).astype(int) + 10, False),  # another rule, well learned
        (lambda Z, rng: Z[:, 0] + 0.1 * Z[:, 1] ** 2, False),
    ],
)
def test_a_jump_to_the_ceiling_through_a_task_is_judged_by_what_the_task_teaches(labels, suspected):
    rng = np.random.default_rng(11)
    X, Z = rng.normal(size=(100, 4)), rng.normal(size=(300, 4))
    y = (X[:, 0] + rng.normal(size=100) > 0).astype(int)
    answers = {row.tobytes(): int(label) for row, label in zip(X, y, strict=True)}

    def train(target, sources, *, seed):
        model = LogisticRegression().fit(target.X, target.y)
        return Oracle(model, answers) if sources else model

    study = audit(FunctionLearner(train), X, y, sources={"t": TaskSource(Z, labels(Z, rng))},
                  metric="accuracy", effort="quick", explain="none", subgroups=None)  # fmt: skip
    assert ("TG108" in {found.code for found in study.findings}) == suspected
    assert (str(study.result.arms[1].verdict) == "helps") != suspected


@pytest.mark.parametrize(
    "held", [tuple, np.array, pd.Series, lambda texts: [text.encode() for text in texts]]
)
def test_texts_of_a_task_are_known_whatever_holds_them(held):
    numbers = np.random.default_rng(0).integers(1000, 9999, (60, 3)).astype(str)
    texts = [f"the {a} of {b} was {c}" for a, b, c in numbers]
    task = TaskSource(held(texts[40:]), [0, 1] * 10)
    problem = make_problem(texts[:50], [0, 1] * 25, sources={"t": task})
    assert "10 of its rows are target rows" in problem.others["t"].description


@pytest.mark.parametrize(
    "labels", [[None, *[0, 1] * 9, 1], np.ma.masked_array([0, 1] * 10, mask=np.arange(20) == 3)]
)
def test_missing_labels_of_a_task_are_refused(labels):
    with pytest.raises(DataError, match="missing"):
        TaskSource(np.eye(20), labels)


def with_one_more(X):
    """Rows of a task that have a number more than the target's."""
    return np.column_stack([X, np.random.default_rng(3).normal(size=len(X))])


def under_other_names(X):
    return pd.DataFrame(X).rename(columns="f{}".format)


def with_half_the_names(X):
    return pd.DataFrame(X).rename(columns=lambda k: f"x{k}" if k < 3 else f"f{k}")


@pytest.mark.parametrize(
    ("rows", "target_rows"),
    [
        (with_one_more, np.asarray),
        (under_other_names, lambda X: pd.DataFrame(X).rename(columns="x{}".format)),
        (with_half_the_names, lambda X: pd.DataFrame(X).rename(columns="x{}".format)),
        (under_other_names, np.asarray),
    ],
    ids=["one more number", "other names", "half the names", "a table beside an array"],
)
def test_labels_of_noise_do_not_help_through_a_task_of_another_shape(rows, target_rows):
    rng = np.random.default_rng(7)
    X, y = rng.normal(size=(100, 6)), rng.integers(0, 2, 100)
    Z, z = rng.normal(size=(60, 6)), rng.integers(0, 2, 60)
    task = TaskSource(rows(np.concatenate([X, Z])), np.append(y, z) + 4)

    def nearest(target, sources, *, seed):
        first = [Sample(np.asarray(s.X, float)[:, :6], s.y) for s in sources]
        model = nearest_answers(Sample(np.asarray(target.X, float), target.y), first, seed=seed)
        return Unnamed(model)

    study = audit(FunctionLearner(nearest), target_rows(X), y, sources={"t": task},
                  metric="accuracy", effort="quick", explain="none", subgroups=None)  # fmt: skip
    assert str(study.result.arms[1].verdict) != "helps"


class Unnamed:
    """A model that reads columns by their places."""

    def __init__(self, model):
        self.model, self.classes_ = model, model.classes_

    def predict(self, X):
        return self.model.predict(np.asarray(X, float))

    def predict_proba(self, X):
        return self.model.predict_proba(np.asarray(X, float))


@pytest.mark.parametrize("factor", [1e-310, 1e300, 0.0])
def test_numbers_at_the_end_of_the_floats_are_searched_without_an_error(factor):
    rng = np.random.default_rng(1)
    X, others = rng.normal(size=(N, 5)), rng.normal(size=(OTHERS, 5))
    with np.errstate(all="ignore"):
        rows = held_out(X, np.concatenate([others, X]) * factor, np.arange(OTHERS + N) % 3)
    assert set(rows) <= {OTHERS + k for k in (4, 5, 6)}
