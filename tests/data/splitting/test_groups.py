"""One person is one group, however a file writes the number."""

import uuid

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from transfergap import audit
from transfergap.analysis.checks.check import Strength
from transfergap.data.problem import Sample
from transfergap.data.sources.models_and_tasks import TaskSource
from transfergap.data.splitting.group_names import NameForm
from transfergap.data.splitting.groups import checked_groups, groups_alike, respelled_groups
from transfergap.data.validation import make_problem
from transfergap.errors import DataError

PERSONS = np.repeat(np.arange(1, 31), 2)
TEXTS = np.array([str(k) for k in PERSONS])


def posed(ours, theirs, *, task=None):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(60, 3)), rng.normal(size=(60, 3))
    y = np.arange(60) % 2
    sources = {"b": Sample(Z, y, groups=theirs)}
    if task is not None:
        sources["task"] = TaskSource(Z, y, groups=task)
    return make_problem(X, y, sources=sources, groups=ours)


WRITTEN = {
    "numbers": PERSONS,
    "fractions": PERSONS.astype(float),
    "text": TEXTS,
    "text of fractions": np.array([f"{k}.0" for k in PERSONS]),
    "blanks": np.array([f" {k} " for k in PERSONS]),
    "zeros": np.array([f"{k:04d}" for k in PERSONS]),
    "objects": PERSONS.astype(object),
    "nullable": pd.Series(PERSONS, dtype="Int64"),
    "category": pd.Series(TEXTS, dtype="category"),
    "beside others": np.array([*(f"{k:04d}" for k in PERSONS[:-2]), "B12", "B12"]),
}


@pytest.mark.parametrize("ours", WRITTEN)
@pytest.mark.parametrize("theirs", WRITTEN)
def test_persons_are_recognised_in_any_spelling(ours, theirs):
    n_shared = 30 - ("beside others" in (ours, theirs)) * (ours != theirs)
    checked = {name: checked_groups(WRITTEN[name], 60, name) for name in {ours, theirs}}
    alike = groups_alike(checked)
    assert len(set(alike[ours].tolist()) & set(alike[theirs].tolist())) == n_shared


@pytest.mark.parametrize("theirs", WRITTEN)
def test_rows_of_a_tested_person_are_no_training_rows(theirs):
    problem = posed(PERSONS, WRITTEN[theirs])
    assert problem.sources["b"].facts.n_shared_groups == 30 - (theirs == "beside others")
    tested = problem.target.rows(np.arange(10)).groups
    assert len(problem.sources["b"].sample.without_groups(tested)) == 50


def test_a_task_is_kept_apart_by_persons_too():
    problem = posed(PERSONS, TEXTS, task=WRITTEN["zeros"])
    rest = problem.others["task"].without_rows_of(problem.target.rows(np.arange(10)))
    assert len(rest.y) == 50


def test_zeros_that_tell_two_groups_apart_are_kept():
    alike = groups_alike({"the target": np.array(["7", "007", "8"]), "b": np.array(["007", "9"])})
    assert alike["the target"].tolist() == ["7", "007", "8"]
    assert alike["b"].tolist() == ["007", "9"]


def test_numbers_everywhere_stay_numbers():
    assert posed(PERSONS, PERSONS.astype(float)).target.groups.dtype.kind == "i"


NAMES = {
    "text": TEXTS,
    "backwards": 100 - PERSONS,
    "codes": np.array([f"{uuid.UUID(int=int(k) * 7919**9 % 2**64)}" for k in PERSONS]),
}


def drawn_rows(*, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(60, 3))
    return X, (X[:, 0] + rng.normal(size=60) > 0).astype(int)


@pytest.mark.parametrize("names", NAMES)
def test_no_result_hangs_on_what_groups_are_called(names):
    X, y = drawn_rows(seed=3)
    frames = [
        audit(
            LogisticRegression(),
            X,
            y,
            sources={"b": drawn_rows(seed=4)},
            groups=groups,
            effort="quick",
        ).to_frame()
        for groups in (PERSONS, NAMES[names])
    ]
    assert frames[0].equals(frames[1])


@pytest.mark.parametrize(
    "theirs", [np.array([f"P{k:03d}" for k in PERSONS]), np.array([f"pat-{k}" for k in PERSONS])]
)
def test_numbers_beside_names_with_the_same_digits_are_asked_about(theirs):
    with pytest.raises(DataError, match="written in two ways") as caught:
        posed(PERSONS, theirs)
    assert caught.value.hint


def spelled(write):
    return np.array([write(int(k)) for k in PERSONS])


DAYS = pd.Timestamp("2003-11-20") + pd.to_timedelta(np.arange(1, 31), unit="D")
DAY_OF = dict(zip(range(1, 31), DAYS, strict=True))
SPELLINGS = {
    "marks": [
        lambda k: f"KH-{k:03d}",
        lambda k: f"KH{k:03d}",
        lambda k: f"KH_{k}",
        lambda k: f"kh {k}",
    ],
    "zeros within": [lambda k: f"pat{k}x", lambda k: f"pat{k:05d}x", lambda k: f"PAT-0{k}-X"],
    "year and number": [
        lambda k: f"{2000 + k % 3}/{k}",
        lambda k: f"{2000 + k % 3}-{k:04d}",
        lambda k: f"{2000 + k % 3}.{k}/",
        lambda k: f" {2000 + k % 3} {k}",
    ],
    "quotes": [
        lambda k: f"ward{k}",
        lambda k: f"'ward{k}'",
        lambda k: f'"ward{k}"',
        lambda k: f"b'ward{k}'",
        lambda k: f"“Ward {k}”",
    ],
    "whole numbers": [
        lambda k: str(2000 * k),
        lambda k: f"{2000 * k:.4E}",
        lambda k: f"{2000 * k:,}",
        lambda k: f"{2000 * k:.4e}".replace(".", ","),
    ],
    "dates": [
        lambda k: f"{DAY_OF[k]:%Y-%m-%d}",
        lambda k: f"{DAY_OF[k]:%d.%m.%Y}",
        lambda k: str(DAY_OF[k]),
        lambda k: f"{DAY_OF[k]:%m/%d/%Y}",
        lambda k: f"{DAY_OF[k]:%d/%m/%Y}",
        lambda k: f"{DAY_OF[k]:%Y/%m/%d}",
    ],
    "persons": [
        lambda k: f"Nkemelu, Ada{k}",
        lambda k: f"Ada{k} Nkemelu",
        lambda k: f"ADA{k} NKEMELU",
    ],
    "signs": [lambda k: f"Å-{k}", lambda k: f"Å–{k}", lambda k: f"Å{k}"],
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_a_name_is_known_in_another_spelling(kind):
    ours, *others = [checked_groups(spelled(write), 60, "") for write in SPELLINGS[kind]]
    for theirs in others:
        for first, second in ((ours, theirs), (theirs, ours)):
            alike = groups_alike({"the target": first, "b": second})
            assert alike["b"].tolist() == first.tolist()
            assert len(respelled_groups(second, alike["b"], alike["the target"])) == 30


def test_dates_and_bytes_are_names_too():
    days = np.array([DAY_OF[k] for k in PERSONS], dtype="datetime64[ns]")
    alike = groups_alike({"t": days, "b": spelled(lambda k: f"{DAY_OF[k]:%d.%m.%Y}")})
    assert set(alike["t"].tolist()) == set(alike["b"].tolist())
    alike = groups_alike(
        {"t": spelled(lambda k: f"S{k}"), "b": spelled(lambda k: f"S{k}").astype("S")}
    )
    assert alike["t"].tolist() == alike["b"].tolist()


def test_names_that_match_by_form_count_beside_those_as_written():
    theirs = spelled(lambda k: f"P{k:02d}" if k < 6 else f"p-{k}")
    problem = posed(spelled(lambda k: f"P{k:02d}"), theirs)
    facts = problem.sources["b"].facts
    assert facts.n_shared_groups == 30
    assert len(facts.respelled_groups) == 25
    assert facts.respelled_groups[0] == ("p-6", "P06")


@pytest.mark.parametrize(
    ("ours", "theirs", "shared"),
    [
        (["a1", "A1", "b2"], ["A1", "B2", "c"], {"A1"}),
        (["x1", "x01", "x-2"], ["X1", "X02", "X2"], {"x1", "x-2"}),
        (["1/23", "12/3", "4/5"], ["123", "45", "1-23"], {"1/23"}),
        (["1,234", "1234", "88"], ["1,234", "8.8E+01"], {"1,234"}),
        (["3.01", "3.1", "5.5"], ["3.10", "3.1", "5.05"], {"3.1"}),
        (["-4", "+9", "12"], ["4", "9", "-12"], {"+9"}),
        (["Ann Lee", "Lee Ann"], ["Lee, Ann", "Bo Li"], {"Ann Lee"}),
    ],
)
def test_what_tells_two_groups_of_a_file_apart_tells_all(ours, theirs, shared):
    alike = groups_alike({"t": np.array(ours), "b": np.array(theirs)})
    assert alike["t"].tolist() == ours
    assert set(alike["b"].tolist()) & set(ours) == shared


def test_days_that_may_be_months_are_asked_about():
    ours, theirs = np.array(["2021-04-03", "2021-02-05"]), np.array(["3/4/2021", "5/2/2021"])
    with pytest.raises(DataError, match="the day or the month") as caught:
        groups_alike({"the target": ours, "b": theirs})
    assert "2021-04-03" in caught.value.hint
    # Alike in both files, nothing needs to be read.
    alike = groups_alike({"the target": np.array(["03/04/2021", "x"]), "b": theirs})
    assert len(set(alike["the target"].tolist()) & set(alike["b"].tolist())) == 1


def test_a_coin_for_each_person_says_helps_in_no_spelling():
    rng = np.random.default_rng(3)
    person, coin = rng.normal(size=(80, 4)), rng.integers(0, 2, 80)

    def file(write, n, noise):
        X = np.repeat(person, n, axis=0) + noise * rng.normal(size=(80 * n, 4))
        return X, np.repeat(coin, n), np.array([write(k) for k in np.repeat(np.arange(80), n)])

    X, y, ours = file(lambda k: f"KH-{k:03d}", 1, 0.2)
    Z, z, theirs = file(lambda k: f"kh{k}", 2, 0.2)
    study = audit(
        KNeighborsClassifier(1), X, y, sources={"b": Sample(Z, z, groups=theirs)}, groups=ours,
        arms=["b pooled"], effort="quick", explain="none",
    )  # fmt: skip
    assert study.to_frame().set_index("arm").loc["b pooled"].verdict != "helps"
    said = next(finding for finding in study.findings if finding.code == "TG104")
    assert "80 of these b writes otherwise, such as 'kh0' for 'KH-000'" in said.says
    assert "letters of their own" in said.fix
    assert said.strength == Strength.MODERATE  # so that it is read, and can be objected to


def test_other_people_are_other_people():
    other = np.array([f"B{k}" for k in PERSONS])
    problem = posed(np.array([f"A{k}" for k in PERSONS]), other)
    assert problem.sources["b"].facts.n_shared_groups == 0
    assert posed(PERSONS, PERSONS + 100).sources["b"].facts.n_shared_groups == 0


def test_groups_of_a_source_have_no_part_without_groups_of_the_target():
    assert posed(None, PERSONS).sources["b"].sample.groups is None


@pytest.mark.parametrize(
    ("groups", "said"),
    [([1, 2], "groups for 3 rows"), ([1, None, 2], "1 rows of the target have no group")],
)
def test_wrong_groups_are_refused(groups, said):
    with pytest.raises(DataError, match=said):
        checked_groups(groups, 3, "the target")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("P-0012", "p12"),
        ("Ab_007", "ab7"),
        ("KH 3", "kh3"),
        ("000", "0"),
        ("0042", "42"),
        ("x", "x"),
    ],
)
def test_short_and_long_way_to_a_form_agree(name, form):
    """Quotes and a further mark take the long way."""
    assert {NameForm().of(name), NameForm().of(f"'{name}'"), NameForm().of(f"{name}/")} == {form}


UUIDS = [uuid.UUID(bytes=np.random.default_rng(k).bytes(16)) for k in range(30)]
UUID_FORMS = {
    "dashes": str,
    "no dashes": lambda u: u.hex,
    "capitals": lambda u: str(u).upper(),
    "braces": lambda u: "{" + str(u).upper() + "}",
    "parentheses": lambda u: f"({u})",
    "a prefix": lambda u: u.urn,
    "capitals behind a prefix": lambda u: u.urn.upper(),
    "quotes and blanks": lambda u: f' "{u.hex}" ',
    "objects": lambda u: u,
}


@pytest.mark.parametrize("ours", UUID_FORMS)
@pytest.mark.parametrize("theirs", UUID_FORMS)
def test_uuids_are_one_group_in_any_notation(ours, theirs):
    files = {
        "the target": [UUID_FORMS[ours](u) for u in UUIDS],
        "b": [UUID_FORMS[theirs](u) for u in UUIDS[::-1]],
    }
    checked = {
        name: checked_groups(np.array(v, dtype=object), 30, name) for name, v in files.items()
    }
    alike = groups_alike(checked)
    assert alike["b"].tolist() == alike["the target"].tolist()[::-1]
    assert len(set(alike["b"].tolist())) == 30


def test_other_long_names_are_no_uuids():
    names = [u.hex for u in UUIDS]
    longer, shorter = [f"{name}0" for name in names], [name[1:] for name in names]
    dashed = [f"{name[:16]}-{name[16:]}" for name in names]
    for other in (longer, shorter, [f"P{name}" for name in names]):
        alike = groups_alike({"t": np.array(names), "b": np.array(other)})
        assert not set(alike["t"].tolist()) & set(alike["b"].tolist())
    assert NameForm().of(dashed[0]) != NameForm().of(names[0])


def test_names_that_one_file_tells_apart_by_dashes_stay_apart():
    one = str(UUIDS[0])
    alike = groups_alike({"t": np.array([one, one.replace("-", "")]), "b": np.array([one])})
    assert len(set(alike["t"].tolist())) == 2
    assert alike["b"].tolist() == [one]


def test_a_person_with_a_uuid_is_never_tested_and_trained_on():
    persons = np.repeat([str(u) for u in UUIDS], 2)
    problem = posed(persons, np.char.replace(persons, "-", ""))
    assert problem.sources["b"].facts.n_shared_groups == 30
    tested = problem.target.rows(np.arange(10)).groups
    assert len(problem.sources["b"].sample.without_groups(tested)) == 50


def test_a_column_name_as_groups_is_refused_with_what_to_give():
    with pytest.raises(DataError, match=r"groups=X\['patient'\]"):
        checked_groups("patient", 20, "the target")
