"""A cap on the rows of a source: which rows, which arms, and what is said of it."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from transfergap import audit, make_problem
from transfergap.analysis.repairs import SecondLook
from transfergap.analysis.repairs.suspects import Suspect
from transfergap.auditing.audit import make_design
from transfergap.data.problem import Sample
from transfergap.errors import ConfigurationError, RunDirectoryError
from transfergap.experiment import row_cap as caps
from transfergap.experiment.row_cap import capped, row_cap
from transfergap.experiment.run_directory import design_record, fingerprint, open_run
from transfergap.report import render, result_from_json, result_to_json


def rows(rng, n, share=0.5):
    X = rng.normal(size=(n, 3))
    return X, (X[:, 0] > np.quantile(X[:, 0], 1 - share)).astype(int)


@pytest.fixture(scope="module")
def problem():
    rng = np.random.default_rng(0)
    sources = {"b": rows(rng, 400, share=0.1), "c": rows(rng, 30)}
    return make_problem(*rows(rng, 60), sources=sources)


def rows_of(design, arm):
    cell = next(c for c in design.cells() if c.arm == arm and c.split.kind in ("fold", "loo"))
    return [len(sample) for sample in design.training_set(cell).sources]


def test_only_larger_sources_are_cut_and_classes_keep_their_shares(problem):
    design = make_design(LogisticRegression(), problem, max_source_rows=100)
    assert rows_of(design, "all pooled") == [100, 30]
    (b,) = design.source_samples(design.arm("b pooled"))
    assert np.bincount(b.y).tolist() == [90, 10]
    source_rows = {tuple(row) for row in problem.sources["b"].sample.X}
    assert len({tuple(row) for row in b.X} & source_rows) == 100


@pytest.mark.parametrize("sizes", [(997, 2, 1), (5, 5, 5), (50, 30, 20), (1, 1, 998)])
@pytest.mark.parametrize("most", [10, 11, 14])
def test_every_class_keeps_a_row_and_no_more_rows_are_drawn(sizes, most):
    y = np.repeat(np.arange(len(sizes)), sizes)
    sample = Sample(np.arange(len(y), dtype=float)[:, None], y, weights=np.arange(1.0, len(y) + 1))
    drawn = capped("b", sample, most, by_class=True, seed=3)
    assert set(drawn.y) == set(range(len(sizes))) and len(drawn) <= most + len(sizes) - 1
    assert (np.diff(drawn.X[:, 0]) > 0).all()
    assert (drawn.weights == drawn.X[:, 0] + 1).all()


def test_the_draw_is_of_the_seed_and_the_name_alone():
    sample = Sample(np.arange(100.0)[:, None], np.arange(100.0))
    draws = {
        key: capped(key[0], sample, 20, by_class=False, seed=key[1]).X[:, 0].tolist()
        for key in (("b", 0), ("b", 1), ("c", 0))
    }
    assert draws["b", 0] == capped("b", sample, 20, by_class=False, seed=0).X[:, 0].tolist()
    assert len({tuple(rows) for rows in draws.values()}) == 3


def test_the_linear_safe_model_uses_all_rows_and_a_model_inside_it_does_not(problem):
    linear = make_design(LogisticRegression(), problem, max_source_rows=100)
    assert rows_of(linear, "safe") == [400, 30]
    trees = make_design(DecisionTreeClassifier(), problem, max_source_rows=100)
    assert rows_of(trees, "safe") == [100, 30]


def test_closed_forms_and_repairs_use_the_same_rows():
    rng = np.random.default_rng(1)
    X, Z = rng.normal(size=(50, 2)), rng.normal(size=(200, 2))
    problem = make_problem(X, X[:, 0], sources={"b": (Z, -Z[:, 0])}, metric="r2", margin=0.02)
    design = make_design(Ridge(), problem, max_source_rows=40)
    assert "b pooled" in design.closed_form_arms and rows_of(design, "b pooled") == [40]
    suspect = Suspect(design.arm("b pooled"), hurts=True, alone=False, repairs=())
    again = SecondLook(design, (suspect,)).singles
    assert rows_of(again, "b pooled") == [40]
    (first, second) = (d.source_samples(d.arm("b pooled"))[0].X for d in (design, again))
    assert (first == second).all()


def test_a_cap_is_set_for_huge_sources_only(monkeypatch, problem):
    assert row_cap(problem) is None
    monkeypatch.setattr(caps, "HUGE", 300)
    monkeypatch.setattr(caps, "USED_OF_HUGE", 200)
    assert row_cap(problem) is None  # twenty times the target's rows are more than there are
    monkeypatch.setattr(caps, "TIMES_TARGET", 2)
    assert row_cap(problem) == 200
    assert row_cap(problem, 350) == 350 and row_cap(problem, 400) is None


@pytest.mark.parametrize("wrong", [0, -5, 9, 2.5, True, "many"])
def test_wrong_caps_are_refused(problem, wrong):
    with pytest.raises(ConfigurationError, match="most rows of a source"):
        make_design(LogisticRegression(), problem, max_source_rows=wrong)


def test_result_report_and_json_say_how_many_rows_were_used(problem):
    X, y = problem.target.X, problem.target.y
    sources = {name: (s.sample.X, s.sample.y) for name, s in problem.sources.items()}
    result = audit(
        LogisticRegression(), X, y, sources=sources, arms=["b pooled"], effort="quick",
        explain="none", max_source_rows=100,
    ).result  # fmt: skip
    assert [source.n_used for source in result.sources] == [100, None]
    (note,) = (note for note in result.method_notes if "used in fits" in note)
    assert "b: 100 of 400" in note and "0.6 of the target's" in note
    assert "100 of 400" in render(result, "html") and "b: 100 of 400" in render(result, "html")
    text = result_to_json(result)
    assert text.count('"n_used": 100') == 1 and result_from_json(text) == result


def test_the_cap_is_part_of_the_design_and_absent_where_nothing_is_cut(problem, tmp_path):
    free, loose, tight = (
        make_design(LogisticRegression(), problem, max_source_rows=most) for most in (None, 400, 50)
    )
    assert fingerprint(design_record(free)) == fingerprint(design_record(loose))
    assert "max_source_rows" not in design_record(free)
    for first, second in ((tight, free), (free, tight)):
        place = tmp_path / str(first.max_source_rows)
        open_run(place, design_record(first)).close()
        with pytest.raises(RunDirectoryError, match="max_source_rows was"):
            open_run(place, design_record(second))
