"""Many sources: some are tried, all are named, and every verdict counts them."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from transfergap import assess_trials, audit, make_problem
from transfergap.analysis.first_look import FirstLooks
from transfergap.analysis.ranking import untried_sources
from transfergap.analysis.ranking.screening import MOST_TRIED
from transfergap.auditing.audit import make_design
from transfergap.errors import ConfigurationError, RunDirectoryError
from transfergap.experiment.run_directory import design_record, open_run
from transfergap.experiment.runner import run_trials
from transfergap.experiment.store import TrialStore
from transfergap.report import render, result_from_json, result_to_json

SLOPES = np.array([1.0, -1.0, 0.5])


def rows(rng, n, sign=1.0):
    X = rng.normal(size=(n, 3))
    return X, sign * X @ SLOPES + rng.normal(size=n)


@pytest.fixture(scope="module")
def many():
    """A target and twenty sources: two good ones, two reversed ones, the rest noise."""
    rng = np.random.default_rng(0)
    sources = {f"s{k}": rows(rng, 60, sign=0.0) for k in range(16)}
    sources |= {f"good {k}": rows(rng, 60) for k in range(2)}
    sources |= {f"bad {k}": rows(rng, 60, sign=-1.0) for k in range(2)}
    return (*rows(rng, 40), sources)


@pytest.fixture(scope="module")
def problem(many):
    X, y, sources = many
    return make_problem(X, y, sources=sources, metric="r2", margin=0.02)


@pytest.fixture(scope="module")
def audited(many):
    X, y, sources = many
    return audit(
        Ridge(), X, y, sources=sources, metric="r2", margin=0.02, max_sources=4, effort="quick",
        explain="none",
    )  # fmt: skip


def test_three_places_of_four_go_to_gains_and_one_to_harm(problem):
    untried = untried_sources(problem, limit=4)
    tried = [name for name in problem.sources if name not in untried]
    assert {"good 0", "good 1"} < set(tried)
    assert len({"bad 0", "bad 1"} & set(tried)) == 1 and len(untried) == 16


def test_screening_begins_beyond_sixteen_sources(problem, many):
    X, y, sources = many
    few = {name: sources[name] for name in list(sources)[:MOST_TRIED]}
    assert untried_sources(make_problem(X, y, sources=few, metric="r2", margin=0.02)) == ()
    assert len(untried_sources(problem)) == len(problem.sources) - MOST_TRIED


def test_the_names_of_sources_and_their_order_decide_nothing(many):
    X, y, sources = many
    back = dict(reversed(sources.items()))
    one, other = (
        set(untried_sources(make_problem(X, y, sources=s, metric="r2", margin=0.02), limit=6))
        for s in (sources, back)
    )
    assert one == other


def test_untried_sources_have_no_arm_of_their_own_and_cost_no_fits(problem):
    few, all_ = (make_design(Ridge(), problem, max_sources=n) for n in (4, 20))
    names = few.arm_names()
    assert sum(name.endswith(" pooled") for name in names) == 4 + 1  # all pooled
    assert not any(name.startswith(f"{source} ") for source in few.untried for name in names)
    assert few.arm("safe").sources == few.arm("all pooled").sources == tuple(problem.sources)
    # One closed form, eight rows refitted to check it, and one model of the source alone.
    assert len(list(all_.cells())) - len(list(few.cells())) == 16 * (1 + 8 + 1)
    assert all_.untried == ()


def test_each_untried_source_is_named_with_its_estimate_and_never_as_no_effect(audited):
    result = audited.result
    untried = [source.name for source in result.sources if source.untried]
    assert len(untried) == 16
    (finding,) = (f for f in result.findings if f.code == "TG127")
    assert set(finding.evidence) == set(untried) and "not 'no effect'" in finding.says
    ranks = {rank.source: rank for rank in audited.rank_sources().sources}
    assert all(ranks[name].pooled is None and ranks[name].n_fits == 0 for name in untried)
    assert all(ranks[name].one_in.estimate == finding.evidence[name] for name in untried)
    text = render(result, "text")
    assert "16 of 20 sources were not tried by themselves (TG127)" in text
    assert "got no arm of their own" in render(result, "html")


def test_json_says_which_sources_were_not_tried_and_is_read_back(audited):
    text = result_to_json(audited.result)
    assert text.count('"untried": true') == 16 and '"untried": false' not in text
    assert result_from_json(text) == audited.result


def test_untried_sources_count_in_the_correction_of_verdicts(problem):
    design = make_design(Ridge(), problem, max_sources=4, effort="quick")
    store, looks = TrialStore(), []
    collected = FirstLooks(design)
    run_trials(design, store, on_trial=lambda trial: looks.append(collected.add(trial)))
    result = assess_trials(design, store.trials())
    (note,) = (note for note in result.method_notes if "Benjamini" in note)
    assert "16 untried sources counted beside" in note
    last = [look for look in looks if look is not None][-1]
    verdicts = {arm.arm: arm.verdict for arm in result.arms}
    assert all(arm.verdict is verdicts[arm.arm] for arm in last.arms)


def test_the_gap_of_a_chosen_arm_allows_for_sources_that_were_not_tried(audited):
    decision = audited.decide()
    assert decision.gap is not None and decision.gap.n_candidates >= 20


def test_an_arm_of_an_untried_source_can_be_asked_for(many):
    X, y, sources = many
    result = audit(
        Ridge(),
        X,
        y,
        sources=sources,
        metric="r2",
        arms=["s3 pooled"],
        explain="none",
        effort="quick",
        subgroups="none",
    ).result
    assert not any(source.untried for source in result.sources)
    assert "TG127" not in {finding.code for finding in result.findings}


def test_wrong_limits_are_refused(many, problem):
    for limit in (0, -1, 2.5, True):
        with pytest.raises(ConfigurationError, match="most sources"):
            make_design(Ridge(), problem, max_sources=limit)
    with pytest.raises(ConfigurationError, match="Both arms and a limit"):
        make_design(Ridge(), problem, max_sources=3, arms=["s1 pooled"])


def test_rows_in_order_are_not_screened_unless_asked_and_then_refused(many):
    X, y, sources = many
    ordered = {n: (Z, z) for n, (Z, z) in sources.items()}
    problem = make_problem(X, y, sources=ordered, metric="r2", margin=0.02, cv=[(range(20), range(20, 40)), (range(20, 40), range(20))])  # fmt: skip # noqa: E501
    assert make_design(Ridge(), problem).untried == ()
    with pytest.raises(ConfigurationError, match="in order"):
        make_design(Ridge(), problem, max_sources=3)


def test_a_run_is_not_resumed_under_another_limit(problem, tmp_path):
    four, twenty = (make_design(Ridge(), problem, max_sources=n) for n in (4, 20))
    open_run(tmp_path / "run", design_record(four)).close()
    with pytest.raises(RunDirectoryError, match="another design"):
        open_run(tmp_path / "run", design_record(twenty))
