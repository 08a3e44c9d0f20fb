"""Tables of curves and scores with odd columns, names and numbers: one clear error, or a count."""

import numpy as np
import pandas as pd
import pytest

from transfergap import audit_people, compare_scores
from transfergap.analysis.imported_scores import assess_scores
from transfergap.errors import ConfigurationError, DataError, PairingError
from transfergap.rl import audit_curves


def curves():
    rng = np.random.default_rng(0)
    rows = [
        (arm, seed, step, step / 100 + rng.normal())
        for arm in ("control", "b")
        for seed in range(6)
        for step in range(0, 101, 20)
    ]
    return pd.DataFrame(rows, columns=["arm", "seed", "step", "return"])


def people():
    named = curves().rename(columns={"arm": "group", "step": "trial", "return": "score"})
    return named.assign(participant=named["group"] + named["seed"].astype(str))


def scores():
    return curves()[["arm", "seed", "return", "step"]].rename(
        columns={"return": "score", "step": "split"}
    )


AUDITS = {
    "curves": (curves, lambda table: audit_curves(table, margin=0.1), "return"),
    "people": (people, lambda table: audit_people(table, margin=0.1), "score"),
    "scores": (scores, lambda table: assess_scores(table, margin=0.1), "score"),
}
every_audit = pytest.mark.parametrize(("make", "audit", "score"), AUDITS.values(), ids=AUDITS)


@every_audit
@pytest.mark.parametrize("table", [None, [1, 2], {"arm": ["b"]}, pd.Series([1.0])], ids=type)
def test_what_is_no_table_is_named(make, audit, score, table):
    with pytest.raises(DataError, match="and no table"):
        audit(table)


@every_audit
def test_a_column_that_is_there_twice_is_named(make, audit, score):
    table = make()
    doubled = pd.concat([table, table[[score]]], axis=1)
    with pytest.raises(DataError, match=f"several columns '{score}'"):
        audit(doubled)


@every_audit
@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda s: pd.to_datetime("2020-01-01") + pd.to_timedelta(s, "s"), "dates"),
        (lambda s: pd.to_timedelta(s, "s"), "durations"),
        (lambda s: s + 1j, "complex numbers"),
    ],
)
def test_dates_durations_and_complex_numbers_are_no_scores(make, audit, score, change, kind):
    table = make()
    with pytest.raises(DataError, match=kind):
        audit(table.assign(**{score: change(table[score])}))


@every_audit
def test_one_complex_number_is_found(make, audit, score):
    table = make()
    table[score] = table[score].astype(object)
    table.loc[4, score] = 1j
    with pytest.raises(DataError, match="Row 4"):
        audit(table)


@pytest.mark.parametrize("name", ["people", "scores"])
@pytest.mark.parametrize("factor", [1e160, 1e307])
def test_scores_without_finite_powers_are_refused(name, factor):
    make, audit, score = AUDITS[name]
    with pytest.raises(DataError, match="too large"):
        audit(make().assign(**{score: lambda t: t[score] * factor}))


def test_a_run_without_finite_powers_is_left_out_and_counted():
    table = curves()
    table.loc[(table["arm"] == "b") & (table["seed"] == 2), "return"] = 1e200
    report = audit_curves(table, margin=0.1)
    assert report.result.arms[1].gap.n_pairs == 5
    assert "too large" in report.training_curves.notes[0]


def test_pairs_without_finite_powers_are_refused():
    with pytest.raises(PairingError, match="too large"):
        compare_scores([1e200, 1.0, 2.0], [0.0, 1.0, 3.0])


@pytest.mark.parametrize("missing", [None, np.nan, "", "  "])
@pytest.mark.parametrize(
    ("name", "column"), [("curves", "arm"), ("people", "group"), ("scores", "arm")]
)
def test_a_missing_name_is_no_arm(name, column, missing):
    make, audit, _ = AUDITS[name]
    table = make()
    table[column] = table[column].astype(object)
    table.loc[3, column] = missing
    with pytest.raises(DataError, match=f"Row 3 of the .* has no {column}"):
        audit(table)


def test_a_missing_split_is_no_split():
    table = scores().astype({"split": float})
    table.loc[3, "split"] = np.nan
    with pytest.raises(DataError, match="has no split"):
        assess_scores(table, margin=0.1)


@pytest.mark.parametrize("by", [0.2, 0.5, np.inf, 1e300])
def test_seeds_are_not_cut_to_whole_numbers(by):
    table = curves()
    with pytest.raises(DataError, match="the seed"):
        audit_curves(table.assign(seed=table["seed"] + by), margin=0.1)


@pytest.mark.parametrize("step", [np.inf, -np.inf, 1e300])
def test_an_endless_step_is_named(step):
    table = curves().astype({"step": float})
    table.loc[5, "step"] = step
    with pytest.raises(DataError, match="Row 5 of the curves has the step"):
        audit_curves(table, margin=0.1, from_start=True)


def test_a_control_without_scores_is_not_said_to_have_another_name():
    table = curves()
    table.loc[table["arm"] == "control", "return"] = np.nan
    with pytest.raises(DataError, match="6 of its 6 runs were left out") as caught:
        audit_curves(table, margin=0.1)
    assert "rename" not in caught.value.hint


@pytest.mark.parametrize(
    "option",
    [
        {"steps": "0:100:3"},
        {"steps": [0, "x"]},
        {"steps": [0, np.nan]},
        {"steps": [0, np.inf]},
        {"judged_by": ["area"]},
        {"threshold": "x"},
        {"threshold": 1e200},
        {"lowest": "x"},
        {"lowest": None},
        {"lowest": np.nan},
        {"lowest": -1e308},
    ],
    ids=str,
)
def test_odd_options_of_curves_are_refused(option):
    with pytest.raises(ConfigurationError):
        audit_curves(curves(), margin=0.1, **option)


@pytest.mark.parametrize(
    "option",
    [
        {"design": "Within"},
        {"design": ""},
        {"ended": "HOLD"},
        {"ended": 5},
        {"criterion": np.nan},
        {"criterion": "x"},
        {"best": np.nan},
        {"best": np.inf},
        {"best": "x"},
        {"prior": [1]},
        {"prior": {"b": "x"}},
        {"judged_by": ["mean"]},
        {"columns": {"subject": "x"}},
        {"columns": ["trial"]},
        {"columns": {"score": "trial"}},
    ],
    ids=str,
)
def test_odd_options_of_people_are_refused(option):
    with pytest.raises(ConfigurationError):
        audit_people(people(), margin=0.1, **option)
