"""Screening: siblings stand in for the target, probabilities follow, fits are spent in order."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from transfergap import SafeTransferClassifier, screen
from transfergap.analysis.ranking import untried_sources
from transfergap.analysis.ranking.evidence import closed_form_evidence
from transfergap.analysis.ranking.helping import GapLaw, calibration, gap_law
from transfergap.analysis.ranking.source_screening import screened, track_record
from transfergap.data.encoding import Accumulator, fit_encoder
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError, DataError
from transfergap.stats.gap import compare_scores

SLOPES = np.array([1.0, -1.0, 0.5, 0.5, 1.0])


def rows(n, slopes=SLOPES, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, len(slopes)))
    return X, (X @ slopes + rng.normal(size=n) > 0).astype(int)


def sources(n_good=3, n_bad=1, n=200):
    good = {f"good{k}": rows(n, seed=10 + k) for k in range(n_good)}
    return good | {f"bad{k}": rows(n, -SLOPES, seed=20 + k) for k in range(n_bad)}


def numbers(n, slopes=SLOPES, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, len(slopes)))
    return X, X @ slopes + rng.normal(size=n)


def test_siblings_tell_good_sources_from_bad_ones_without_the_targets_labels():
    X, y = rows(24)
    told = [
        {e.source: e.siblings.estimate for e in closed_form_evidence(problem)}
        for problem in (make_problem(X, labels, sources=sources()) for labels in (y, 1 - y))
    ]
    assert told[0] == told[1]
    assert max(told[0], key=told[0].get).startswith("good")
    assert min(told[0], key=told[0].get) == "bad0"


def test_one_source_has_no_siblings_nor_have_sources_smaller_than_the_target():
    alone = closed_form_evidence(make_problem(*rows(40), sources={"a": rows(200, seed=3)}))
    assert alone[0].siblings is None
    small = {k: rows(50, seed=s) for k, s in (("a", 3), ("b", 4))}
    assert all(
        e.siblings is None for e in closed_form_evidence(make_problem(*rows(40), sources=small))
    )


def test_the_audit_chooses_by_the_same_evidence():
    problem = make_problem(*rows(60), sources=sources(n_good=4, n_bad=2))
    gains = {e.source: e.one_in.estimate for e in closed_form_evidence(problem)}
    assert set(untried_sources(problem, limit=5)) <= set(gains)
    assert max(gains, key=gains.get) not in untried_sources(problem, limit=1)


@pytest.mark.parametrize("kind", ["linear", "other"])
@pytest.mark.parametrize("n", [5, 20, 100, 300, 5000])
def test_probabilities_add_up_and_follow_the_evidence(kind, n):
    problem = make_problem(*rows(24), sources=sources())
    evidence = closed_form_evidence(problem)
    ranked = screened(evidence, n_target=n, margin=0.01, kind=kind)
    assert ranked[-1].name == "bad0"
    for source in ranked:
        assert 0 < source.helps < 1 and 0 < source.hurts < 1
        assert source.matters == source.helps + source.hurts < 1
    wide = screened(evidence, n_target=n, margin=0.1, kind=kind)
    assert all(a.helps < {b.name: b for b in ranked}[a.name].helps for a in wide)


def test_a_logistic_law_is_scipys():
    law, other = GapLaw(0.02, 0.013), stats.logistic(0.02, 0.013)
    assert law.above(0.01) == pytest.approx(other.sf(0.01))
    assert law.below(-0.01) == pytest.approx(other.cdf(-0.01))
    assert law.spread == pytest.approx(other.std())


def test_a_measured_gap_is_weighed_by_its_precision():
    law = GapLaw(0.0, 0.03 / (np.pi / np.sqrt(3)))  # a spread of .03
    gap = replace(compare_scores([0.5, 0.6], [0.6, 0.6]), estimate=0.1, error=0.03)
    assert law.measured(gap).centre == pytest.approx(0.05)
    assert law.measured(gap).spread == pytest.approx(0.03 / np.sqrt(2))
    vague = law.measured(replace(gap, error=10.0))
    assert vague.centre == pytest.approx(0.0, abs=1e-5)


def test_fits_are_counted_within_the_budget_and_go_to_the_best_chances():
    X, y = rows(40)
    model = LogisticRegression()
    costs = {b: screen(X, y, sources=sources(), model=model, fits=b) for b in (0, 19, 20, 35)}
    assert [costs[b].screening.n_fits for b in (0, 19, 20, 35)] == [0, 0, 20, 30]
    first = costs[0].sources[0].name
    assert [s.name for s in costs[20].sources if s.fitted] == [first]
    assert costs[0].screening.next_fits.n_fits == 20
    assert costs[20].screening.next_fits.n_fits == 10
    assert costs[20].screening.next_fits.spread_after < costs[20].screening.next_fits.spread


def test_none_of_them_is_an_answer():
    X, y = rows(60)
    told = screen(X, y, sources=sources(n_good=0, n_bad=3))
    assert told.answer is None
    assert "none of them" in told.to_text()
    assert screen(X, y, sources=sources(n_good=5, n_bad=0)).answer.startswith("good")


def test_other_metrics_are_ranked_without_probabilities():
    told = screen(*numbers(40), sources={"a": numbers(150, seed=1), "b": numbers(150, -SLOPES, 2)})
    assert [s.name for s in told.sources] == ["a", "b"]
    assert told.sources[0].helps is None and told.answer is None
    assert "No probabilities" in told.to_text()
    assert told.to_frame().helps.isna().all()


def test_kinds_of_models_have_constants_of_their_own():
    X, y = rows(40)
    told = [screen(X, y, sources=sources(), model=m) for m in (None, DecisionTreeClassifier())]
    assert [t.screening.kind for t in told] == ["linear", "other"]
    assert told[0].sources[0].helps != told[1].sources[0].helps


def test_the_same_seed_gives_the_same_bytes():
    X, y = rows(40)
    told = [screen(X, y, sources=sources(), seed=s).to_json() for s in (1, 1, 2)]
    assert told[0] == told[1] != told[2]


def test_json_is_strict_and_holds_what_is_shown():
    told = screen(*rows(24), sources={"a": rows(200, seed=1), "b": rows(100, seed=2)})
    record = json.loads(told.to_json(), parse_constant=lambda word: pytest.fail(word))
    assert record["schema"] == "transfergap/source-screening/1"
    assert [s["evidence"]["source"] for s in record["sources"]] == [s.name for s in told.sources]


@pytest.mark.parametrize("fits", [-1, 2.5, True])
def test_a_budget_is_a_number_of_fits(fits):
    with pytest.raises(ConfigurationError):
        screen(*rows(40), sources=sources(), fits=fits)


def test_rows_in_order_of_time_are_not_screened():
    from transfergap.auditing.source_screening import screen_problem

    X, y = rows(80)
    problem = make_problem(X, y, sources=sources(), time=np.arange(80))
    with pytest.raises(DataError, match="in order"):
        screen_problem(problem)


def test_track_records_come_from_the_benchmark_and_cover_every_probability():
    for kind in ("linear", "other"):
        bands = [track_record(p, kind, fitted=False) for p in np.linspace(0, 1, 11)]
        assert all(b is None or 0 <= b.share <= 1 for b in bands)
        assert sum(b is not None for b in bands) >= 9
    assert calibration().n_families >= 10


def test_target_sizes_beyond_the_measured_are_taken_as_the_nearest():
    evidence = closed_form_evidence(make_problem(*rows(24), sources=sources()))[0]
    assert gap_law(evidence, 300, "linear") == gap_law(evidence, 4000, "linear")


def summary_of(encoder, X, y):
    sums = Accumulator(encoder)
    sums.add(X, y)
    return sums.summary(min_rows=5)


def test_a_summary_tells_what_its_rows_tell_but_stands_in_for_no_target():
    target, pairs = rows(50), sources(2, 1)
    encoder = fit_encoder(*target, task="binary")
    summaries = {name: summary_of(encoder, *pairs[name]) for name in ("good0", "bad0")}
    problem = make_problem(*target, sources=pairs)
    by_rows = {e.source: e for e in closed_form_evidence(problem)}
    few = make_problem(*target, sources={"good1": pairs["good1"]})
    told = {e.source: e for e in closed_form_evidence(few, summaries=summaries)}
    for name, evidence in told.items():
        assert evidence.n_rows == 200
        assert evidence.one_in.estimate == pytest.approx(by_rows[name].one_in.estimate, abs=1e-9)
        assert evidence.alone.estimate == pytest.approx(by_rows[name].alone.estimate, abs=1e-9)
    # good1 has rows, so it judges the summaries; they have none to judge it by.
    assert told["good1"].siblings is None
    assert told["good0"].siblings.estimate > 0.0 > told["bad0"].siblings.estimate


def test_summaries_alone_are_screened_and_no_fit_is_spent_on_them():
    target, pairs = rows(50), sources(1, 1)
    encoder = fit_encoder(*target, task="binary")
    summaries = {name: summary_of(encoder, *pair) for name, pair in pairs.items()}
    screening = screen(*target, sources=summaries, fits=100)
    assert [source.name for source in screening.sources] == ["good0", "bad0"]
    assert screening.screening.n_fits == 0
    assert screening.screening.next_fits is None
    assert "target rows among theirs cannot be searched for" in " ".join(str(screening).split())
    mixed = screen(*target, sources={**summaries, "rows": rows(200, seed=30)}, fits=20)
    assert [s.name for s in mixed.sources if s.fitted] == ["rows"]


def test_summaries_of_a_later_round_or_of_two_encoders_are_refused():
    target, pairs = rows(50), sources(2, 0)
    encoder = fit_encoder(*target, task="binary")
    first = {"a": summary_of(encoder, *pairs["good0"])}
    model = SafeTransferClassifier().fit(*target, sources=first)
    later = summary_of(encoder.at(model.next_expansion_), *pairs["good0"])
    with pytest.raises(DataError, match="of a later round"):
        screen(*target, sources={"b": later})
    other = fit_encoder(*rows(40, seed=9), task="binary")
    both = {"b": summary_of(encoder, *pairs["good0"]), "c": summary_of(other, *pairs["good1"])}
    with pytest.raises(DataError, match="do not fit"):
        screen(*target, sources=both)


def test_summaries_are_screened_for_no_target_that_rows_are_not_screened_for():
    target = rows(50)
    summary = summary_of(fit_encoder(*target, task="binary"), *rows(200, seed=10))
    few = target[0][:6], np.arange(6) % 2
    for chosen in ({"b": summary}, {"b": rows(200, seed=10)}):
        with pytest.raises(DataError, match="fewer than the 10 folds"):
            screen(*few, sources=chosen)
    with pytest.raises(DataError, match="There are no sources"):
        screen(*target, sources={})


def test_copies_in_the_same_unit_are_found_without_a_search_in_others():
    X, y = rows(40)
    Z, z = rows(100, seed=5)
    leaky = np.vstack([X[:10], Z]), np.append(y[:10], z)
    problem = make_problem(X, y, sources={"b": leaky}, other_units=False)
    assert problem.sources["b"].facts.n_duplicates_removed == 10


def test_copies_and_reversed_labels_are_told():
    rng = np.random.default_rng(0)

    def drawn(n):
        X = rng.normal(size=(n, 4))
        return X, (X.sum(axis=1) + 0.5 * rng.normal(size=n) > 0).astype(int)

    (X, y), (Z, z), good = drawn(80), drawn(150), drawn(200)
    copied = np.vstack([X, good[0]]), np.append(y, good[1])
    screening = screen(X, y, sources={"copied": copied, "turned": (Z, 1 - z), "good": drawn(120)})
    text = " ".join(str(screening).split())
    assert "80 of 280 rows of copied are rows of the target" in text
    assert "The labels of turned look reversed" in text and "labels of good" not in text
