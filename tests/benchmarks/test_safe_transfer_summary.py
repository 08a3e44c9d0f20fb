"""The summaries of the SafeTransfer benchmark, and its tasks and stored records."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.safe_transfer import cache, linear
from benchmarks.safe_transfer.criteria import CRITERIA, judged
from benchmarks.safe_transfer.density import DENSITY_RIVALS, is_installed
from benchmarks.safe_transfer.problem import LinearProblem
from benchmarks.safe_transfer.summary import clustered_error, kept_share, summaries, table_of
from benchmarks.safe_transfer.tasks import TaskId, draw_task, load_dataset, usable_sources

DIGITS = TaskId("digits_odd", "scans", 20, 0, "natural")


def test_a_task_is_the_same_each_time_and_another_draw_is_not():
    first, again = draw_task(DIGITS), draw_task(DIGITS)
    other = draw_task(TaskId("digits_odd", "scans", 20, 1, "natural"))
    np.testing.assert_array_equal(first.X, again.X)
    np.testing.assert_array_equal(first.y_test, again.y_test)
    assert not np.array_equal(first.X_test, other.X_test)


def test_conditions_of_one_draw_differ_in_the_labels_of_the_spoilt_sources_only():
    natural, flipped = draw_task(DIGITS), draw_task(TaskId("digits_odd", "scans", 20, 0, "flipped"))
    np.testing.assert_array_equal(natural.X_test, flipped.X_test)
    for k, name in enumerate(natural.sources):
        same = np.array_equal(natural.sources[name][1], flipped.sources[name][1])
        assert same == (k not in flipped.spoilt)


def test_the_other_form_of_an_image_is_no_source():
    sources = usable_sources(load_dataset("digits_odd"), "mnist")
    assert sorted(sources) == ["more_scans", "scans"]


def test_pupils_of_the_target_are_in_no_source(shared_data):
    data = load_dataset("student")
    target = set(data.domains["por_GP"].units)
    for source in usable_sources(data, "por_GP").values():
        assert not target & set(source.units)


def test_labels_and_grades_are_not_among_the_features(shared_data):
    table = load_dataset("student_grade")
    for domain in table.domains.values():
        for column in domain.X.T:
            varies = np.std(column) > 0
            assert not varies or abs(np.corrcoef(column, domain.y)[0, 1]) < 0.75


def test_a_stored_record_gives_back_the_predictions_of_the_rival():
    task = draw_task(DIGITS, max_source=100)
    record = linear.rivals_record(task)
    for name, method in record["methods"].items():
        predicted = linear.rival_prediction(task, method)
        assert linear.score(task.y_test, predicted, kind="binary") == pytest.approx(
            method["score"], abs=0.01
        ), name


def test_density_rivals_leave_the_settings_of_scikit_learn_and_the_labels_alone():
    if not is_installed():
        pytest.skip("skada is not installed")
    import sklearn

    problem = LinearProblem.of(draw_task(DIGITS, max_source=50))
    before = sklearn.get_config(), problem.y.copy()
    for rival in DENSITY_RIVALS.values():
        assert np.isfinite(rival(problem).coef).all()
    assert sklearn.get_config() == before[0]
    np.testing.assert_array_equal(problem.y, before[1])


def test_the_target_alone_keeps_nothing_and_the_oracle_all():
    best, clusters = np.array([2.0, 3.0, 1.0]), np.array(["a", "a", "b"])
    assert kept_share(np.zeros(3), best, clusters)["kept"] == 0.0
    assert kept_share(best, best, clusters) == {"kept": 1.0, "kept_low": 1.0, "kept_high": 1.0}


def test_no_share_is_given_where_the_oracle_gains_nothing():
    assert kept_share(np.array([-1.0]), np.zeros(1), np.array(["a"]))["kept"] is None


def test_the_clustered_error_of_single_rows_is_the_usual_one():
    values = np.array([1.0, 4.0, 2.0, 9.0])
    usual = values.std(ddof=1) / 2.0
    assert clustered_error(values, np.arange(4)) == pytest.approx(usual)


def test_doubling_every_row_of_a_cluster_leaves_the_clustered_error():
    values, clusters = np.array([1.0, 4.0, 2.0, 9.0]), np.arange(4)
    once = clustered_error(values, clusters)
    assert clustered_error(np.tile(values, 2), np.tile(clusters, 2)) == pytest.approx(once)


def test_harm_counts_what_is_more_than_a_point_worse_and_confirms_what_is_significant():
    rivals = {"cluster": "a", "n_sources": 2, "oracle": 75.0}
    rows = []
    for draw, (score, p) in enumerate([(68.5, 0.01), (68.5, 0.2), (69.5, 0.0), (74.0, 1.0)]):
        task = str(TaskId("s", "t", 20, draw, "natural"))
        method = {"score": score, "cpu_ms": 1.0, "n_fits": 3}
        rows.append(
            (
                {**rivals, "task": task, "methods": {"m": method}},
                {"task": task, "control": 70.0, "methods": {}, "harm_p": {"m": p}},
            )
        )
    found = summaries(table_of(rows))[0]
    assert (found["harmed"], found["confirmed_harm"], found["worst"]) == (0.5, 0.25, -1.5)
    assert found["kept"] == pytest.approx((-1.5 - 1.5 - 0.5 + 4.0) / 20.0)
    assert found["most_fits_above_n_sources"] == 1


def test_a_criterion_without_a_measurement_is_not_reached_and_not_missed():
    assert {row["reached"] for row in judged({}, None)} == {None}
    assert len(judged({}, None)) == len(CRITERIA) + 1


def test_a_torn_last_line_of_the_cache_is_dropped_and_the_rest_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "RUNS", tmp_path)
    first = cache.Cache("rivals", "v")
    first.add([{"task": "a", "x": 1}, {"task": "b", "x": 2}])
    whole = first.path.read_bytes()
    first.path.write_bytes(whole[:-5])
    again = cache.Cache("rivals", "v")
    assert list(again.records) == ["a"]
    again.add([{"task": "c", "x": 3}])
    assert list(cache.Cache("rivals", "v").records) == ["a", "c"]
