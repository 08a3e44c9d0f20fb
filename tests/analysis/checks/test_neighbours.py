"""Neighbours that go together are found, whatever the order is called; shuffled rows are not."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import KFold, LeaveOneOut, TimeSeriesSplit
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from transfergap.analysis.checks.check import Strength
from transfergap.analysis.checks.row_order import (
    arranging_column,
    coordinates,
    counting_columns,
    is_sorted,
    time_columns,
)
from transfergap.analysis.gate import gate
from transfergap.auditing.audit import audit
from transfergap.stats.gap import Verdict

N = 160


def smooth(n=N, seed=0, rho=0.95):
    """Errors that last."""
    rng = np.random.default_rng(seed)
    values = np.empty(n)
    values[0] = rng.normal()
    for t in range(1, n):
        values[t] = rho * values[t - 1] + np.sqrt(1 - rho**2) * rng.normal()
    return values


def found(X, y, *, model=None, metric="mae", margin=0.05, **options):
    """Audit a source that is a noisy part of the target, and return TG131 if it is there."""
    rng = np.random.default_rng(99)
    rows = rng.permutation(len(y))[: len(y) // 2]
    if hasattr(X, "iloc"):
        Z = X.iloc[rows].reset_index(drop=True)
        for name in [c for c in Z if Z[c].dtype.kind == "f"]:
            Z[name] += 0.1 * Z[name].std() * rng.normal(size=len(rows))
    else:
        Z = X[rows] + 0.1 * X.std(axis=0) * rng.normal(size=X[rows].shape)
    study = audit(
        model or KNeighborsRegressor(5), X, y, sources={"b": (Z, np.asarray(y)[rows])},
        metric=metric, margin=margin, arms=["b pooled"], explain="none", subgroups=None,
        effort="quick", **options,
    )  # fmt: skip
    return study, next((f for f in study.findings if f.code == "TG131"), None)


def ridge_on_x():
    return make_pipeline(make_column_transformer(("passthrough", ["x"])), Ridge())


def dates(n=N, **options):
    return pd.date_range("2023-02-01", periods=n, **options)


def also(*case):
    """Return a case of the slow job: others of its kind run by default."""
    return pytest.param(*case, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("day", np.arange(N)),
        also("Year", 1850 + np.arange(N)),
        also("timestamp", 1.7e9 + 3600 * np.arange(N)),
        also("t", np.linspace(0, 1, N)),
        ("measuredTime", np.arange(N)[::-1] * 2.0),
        also("observation", np.arange(N) * 3),
        ("z", 0.1 * np.arange(N)),
        ("day_no", np.random.default_rng(11).permutation(N)),
        also("when", dates()),
        ("date", dates(freq="h").astype(str)),
    ],
)
def test_an_interpolating_model_on_a_column_of_times_is_found_out(column, values):
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"x": rng.normal(size=N), column: values})
    model = None if X[column].dtype.kind in "iuf" else Ridge()
    y = 3 * smooth()[np.argsort(np.argsort(values))] + X["x"].to_numpy()
    if model is not None:
        model = ridge_on_x()
    study, finding = found(X, y, model=model)
    assert finding is not None
    assert finding.strength is Strength.STRONG
    assert "time order" in finding.says
    assert str(study).index("TG131") < str(study).index("Do  ")
    assert "every verdict is withheld" in str(study)
    assert len([line for line in str(study).splitlines() if "Leave out" in line]) == 0
    assert {arm.verdict for arm in study.result.arms if arm.judged} == {Verdict.NOT_ENOUGH_EVIDENCE}


def test_the_gate_rules_nothing_where_folds_mislead():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"x": rng.normal(size=N), "day": np.arange(N)})
    study, _ = found(X, 3 * smooth() + X["x"].to_numpy())
    assert gate(study.result, max_harm=100.0).ruling == "unsettled"
    forward, _ = found(X, 3 * smooth() + X["x"].to_numpy(), time="day")
    assert gate(forward.result, max_harm=100.0).ruling == "passes"


def test_dates_are_found_in_a_shuffled_file():
    moved = np.random.default_rng(3).permutation(N)
    X = pd.DataFrame({"x": np.random.default_rng(1).normal(size=N), "date": dates().astype(str)})
    model = ridge_on_x()
    _, finding = found(X.iloc[moved], smooth()[moved], model=model)
    assert "column date" in finding.says
    assert "--time date" in finding.fix


def test_rows_in_order_without_any_column_of_times_are_found():
    rng = np.random.default_rng(4)
    X = rng.normal(size=(N, 3))
    _, finding = found(X, X[:, 0] + smooth(), model=Ridge())
    assert "of the file" in finding.says
    assert "groups" in finding.fix


@pytest.mark.parametrize("n_series", [2, 3])
def test_series_that_take_turns_are_found(n_series):
    rng = np.random.default_rng(n_series)
    y = np.column_stack([smooth(N, seed=k) for k in range(n_series)]).ravel()[:N]
    _, finding = found(pd.DataFrame({"x": rng.normal(size=N), "z": rng.normal(size=N)}), y)
    assert f"{n_series} rows apart" in finding.says


def test_independent_rows_whose_classes_alternate_are_no_finding():
    rng = np.random.default_rng(4)
    X = pd.DataFrame(rng.normal(size=(N, 2)), columns=["x", "z"])
    y = np.arange(N) % 2
    X["x"] += y
    _, finding = found(X, y, model=LogisticRegression(), metric="brier_score")
    assert finding is None


def test_grids_are_places_and_momenta_are_none():
    grid = pd.DataFrame({"px": [1.0, 2], "py": [3.0, 4], "heat": [0.1, 0.2]})
    assert coordinates(grid) == ("py", "px")
    assert coordinates(grid.set_axis(["grid_x", "gridY", "heat"], axis=1)) == ("gridY", "grid_x")
    assert coordinates(grid.rename(columns={"heat": "pz"})) is None
    assert coordinates(grid.rename(columns={"px": "copy", "py": "happy"})) is None


@pytest.mark.parametrize(
    ("north", "east"),
    [
        ("POINT_Y", "POINT_X"), ("utm_n", "utm_e"), ("UTM_Y", "UTM_X"), ("y_utm", "x_utm"),
        ("Hochwert", "Rechtswert"), ("Breitengrad", "Längengrad"), ("latitud", "longitud"),
    ],
)  # fmt: skip
def test_coordinates_go_by_the_names_of_maps(north, east):
    table = pd.DataFrame({east: [1.0, 2], north: [3.0, 4], "pointless": [0.1, 0.2]})
    assert coordinates(table) == (north, east)


def test_persistent_classes_are_found():
    rng = np.random.default_rng(5)
    X = pd.DataFrame({"x": rng.normal(size=300), "slow": smooth(300, 7)})
    y = (X["slow"] + 0.8 * smooth(300, 8) + 0.3 * rng.normal(size=300) > 0).astype(int)
    _, finding = found(X, y.to_numpy(), model=LogisticRegression(), metric="log_loss")
    assert finding is not None


def test_near_places_are_found_and_groups_or_a_splitter_are_named():
    rng = np.random.default_rng(6)
    X = pd.DataFrame(rng.uniform(0, 10, size=(N, 3)), columns=["x", "Latitude", "lon"])
    y = np.sin(X["Latitude"]) + np.cos(X["lon"]) + 0.1 * rng.normal(size=N)
    _, finding = found(X, y.to_numpy())
    assert "on the map" in finding.says
    assert "cv=" in finding.fix


# Each way with one table by default, and each table.
USUAL = {
    ("shuffled", load_diabetes), ("by label", load_breast_cancer), ("by a column", load_wine),
    ("in sorted parts", load_diabetes),
}  # fmt: skip
ARRANGED = [
    (way, load) if (way, load) in USUAL else also(way, load)
    for way in ("shuffled", "by label", "by a column", "in sorted parts")
    for load in (load_breast_cancer, load_diabetes, load_wine)
]


@pytest.mark.parametrize(("arranged", "load"), ARRANGED)
def test_independent_rows_are_no_finding_however_the_file_is_arranged(load, arranged):
    X, y = load(return_X_y=True, as_frame=True)
    rng = np.random.default_rng(8)
    rows = rng.permutation(len(y))[:170]
    values = y.to_numpy()
    if arranged == "by label":
        rows = rows[np.argsort(values[rows], kind="stable")]
    elif arranged == "by a column":
        rows = rows[np.argsort(X.iloc[rows, 2].to_numpy(), kind="stable")]
    elif arranged == "in sorted parts":
        parts = np.array_split(rows, 4)
        rows = np.concatenate([p[np.argsort(values[p], kind="stable")] for p in parts])
    numbers = load is load_diabetes
    _, finding = found(
        X.iloc[rows], values[rows],
        model=Ridge() if numbers else make_pipeline(StandardScaler(), LogisticRegression()),
        metric="mae" if numbers else "accuracy",
    )  # fmt: skip
    assert finding is None


def test_rows_of_one_group_may_go_together():
    rng = np.random.default_rng(9)
    people = np.repeat(np.arange(40), 4)
    X = rng.normal(size=(160, 2))
    y = X[:, 0] + 2 * rng.normal(size=40)[people]
    assert found(X, y, model=Ridge())[1] is not None
    assert found(X, y, model=Ridge(), groups=people)[1] is None


def test_forward_folds_and_folds_in_one_piece_are_not_doubted():
    X = pd.DataFrame({"x": np.random.default_rng(1).normal(size=N), "day": np.arange(N)})
    y = smooth()
    assert found(X, y, time="day")[1] is None
    assert found(X, y, cv=TimeSeriesSplit(5))[1] is None
    assert found(X, y, cv=KFold(5, shuffle=True, random_state=0))[1] is not None
    assert found(X, y, cv=KFold(10))[1] is None  # sixteen rows in one piece
    # Of one or of four rows a fold, most or all have a neighbour that is trained on.
    assert found(X, y, cv=KFold(N // 4))[1] is not None


def test_dates_in_the_index_are_an_order_of_the_rows():
    rng = np.random.default_rng(1)
    y = 3 * smooth()
    X = pd.DataFrame({"x": rng.normal(size=N)}, index=dates())
    y = y + X["x"].to_numpy()
    shuffled = rng.permutation(N)
    finding = found(X.iloc[shuffled], y[shuffled])[1]
    assert finding.strength is Strength.STRONG
    assert "(the table's index)" in finding.says and "time=X.index" in finding.fix
    assert found(X.iloc[shuffled].reset_index(drop=True), y[shuffled])[1] is None
    assert found(X.iloc[shuffled], rng.normal(size=N))[1] is None
    forward, none = found(X.iloc[shuffled], y[shuffled], time=X.index[shuffled])
    assert none is None
    assert forward.result.target.n_rows == N


@pytest.mark.slow
def test_leaving_out_one_row_leaves_its_neighbours():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"x": rng.normal(size=N)})
    assert found(X, 3 * smooth() + X["x"].to_numpy(), cv=LeaveOneOut())[1] is not None


def test_the_hour_of_the_day_is_no_time_and_a_holiday_arranges_no_file():
    hours = pd.DataFrame({"hour": np.arange(N) % 24, "holiday": (np.arange(N) // 10 == 3) * 1})
    assert time_columns(hours) == {}
    assert arranging_column(hours, set()) is None


def test_what_arranges_a_file_is_told():
    rng = np.random.default_rng(2)
    site = pd.DataFrame({"x": rng.normal(size=90), "site": np.repeat(["c", "a", "b"], 30)})
    assert arranging_column(site, set()) == "site"
    age = np.sort(rng.normal(size=90))
    assert arranging_column(np.column_stack([rng.normal(size=90), age]), set()) == "1"
    assert is_sorted(np.array([1, 2, 2, 5])) and not is_sorted(np.array([1, 3, 2, 5]))
    assert is_sorted(np.array([np.nan, 1.0, 2.0, np.nan, 5.0])) and not is_sorted(
        np.array([np.nan])
    )


def test_columns_that_count_are_told_from_measurements():
    squares = np.arange(9.0) ** 2
    X = pd.DataFrame({"n": np.arange(9) * 2, "x": squares, "y": [1] * 9, "z": np.arange(9) * 0.1})
    assert counting_columns(X) == ["n", "z"]
    assert counting_columns(X.to_numpy()) == [0, 3]
    assert coordinates(pd.DataFrame({"flat": [1.0], "long_name": [2.0]})) is None


def test_labels_of_random_walks_that_look_reversed_are_a_note():
    def walk(seed):
        rng = np.random.default_rng(seed)
        rows = np.cumsum(rng.normal(size=(150, 2)), axis=0)
        return rows, (np.cumsum(rng.normal(size=150)) > 0).astype(int)

    found = []
    for seed in range(12):
        (X, y), source = walk(10 * seed + 1), walk(10 * seed + 2)
        if min(np.bincount(y, minlength=2)) < 20 or len(set(source[1])) < 2:
            continue
        result = audit(
            KNeighborsClassifier(3), X, y, sources={"b": source}, arms=["b pooled"],
            effort="quick", explain="none",
        )  # fmt: skip
        codes = {f.code: f.strength for f in result.findings}
        if codes.get("TG131") is Strength.STRONG and "TG124" in codes:
            found.append(codes["TG124"])
    assert found and set(found) == {Strength.NOTE}
