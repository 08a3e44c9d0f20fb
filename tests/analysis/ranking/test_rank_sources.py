"""Rankings by harm: closed forms against brute force, honest intervals, and what arms add."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from transfergap.analysis.ranking import ArmGaps, rank_sources
from transfergap.analysis.ranking.encoding import encoded
from transfergap.analysis.ranking.pooled_fits import PooledFits, row_gains
from transfergap.data.problem import Sample
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.errors import DataError
from transfergap.safe.ridge import INTERCEPT, ridge_path
from transfergap.safe.task import LinearTask
from transfergap.stats import PairedEstimate
from transfergap.stats.gap import gap_from


def world(n=30, n_sources=3, *, clusters=None, n_responses=1, seed=0):
    """Return fits, and the rows of their sources."""
    rng = np.random.default_rng(seed)
    slopes = rng.normal(size=(4, n_responses))

    def rows(count, about):
        X = np.column_stack([rng.normal(size=(count, 4)), np.ones(count)])
        return X, X[:, :-1] @ about + rng.normal(size=(count, n_responses))

    X, Y = rows(n, slopes)
    sources = [rows(20 + 5 * k, slopes * (1 - k)) for k in range(n_sources)]
    fits = PooledFits(
        X, Y, np.ones(n),
        np.array([S.T @ S for S, _ in sources]), np.array([S.T @ T for S, T in sources]),
        np.array([(T**2).sum(axis=0) for _, T in sources]), clusters,
    )  # fmt: skip
    return fits, sources


def refitted(fits, sources, subset):
    """Return losses of refits without each row, or cluster, with the penalty that does best."""
    units = np.arange(len(fits.design)) if fits.clusters is None else fits.clusters
    best = None
    for penalty in fits.penalties:
        ridge = np.diag([penalty] * (fits.design.shape[1] - 1) + [penalty * INTERCEPT])
        losses = np.empty(len(units))
        for unit in np.unique(units):
            kept = [(fits.design[units != unit], fits.responses[units != unit])]
            kept += [sources[k] for k in np.flatnonzero(subset)]
            X, Y = (np.concatenate(parts) for parts in zip(*kept, strict=True))
            beta = np.linalg.solve(X.T @ X + ridge, X.T @ Y)
            out = units == unit
            losses[out] = ((fits.responses[out] - fits.design[out] @ beta) ** 2).mean(axis=1)
        if best is None or losses.mean() < best.mean():
            best = losses
    return best


@pytest.mark.parametrize("n_responses", [1, 3])
@pytest.mark.parametrize("clustered", [False, True])
def test_leaving_out_in_closed_form_is_refitting(clustered, n_responses):
    clusters = np.repeat(np.arange(12), [1, 4] * 6) if clustered else None
    fits, sources = world(30, clusters=clusters, n_responses=n_responses)
    for subset in ([False] * 3, [True, False, False], [True, True, True]):
        found = fits.losses(np.array(subset))
        assert np.abs(found - refitted(fits, sources, np.array(subset))).max() < 1e-8


def test_a_subset_is_what_the_ridge_of_safetransfer_is():
    fits, _ = world()
    task = LinearTask(
        fits.design,
        fits.responses,
        fits.weights[:, None],
        fits.grams[:, None],
        fits.moments.transpose(0, 2, 1),
        fits.powers,
    )
    left = ridge_path(task, task.grams, task.moments.sum(axis=0)).left_out
    expected = ((task.responses - left) ** 2)[:, 0]
    assert np.allclose(fits.losses(np.ones(3, bool)), expected, atol=1e-10)


def test_banzhaf_values_are_means_over_all_subsets_of_the_others():
    fits, _ = world(n_sources=4)
    gains = row_gains(fits, seed=0)
    assert (gains.n_subsets, gains.banzhaf_error.tolist()) == (16, [0.0] * 4)
    for k in range(4):
        slow = []
        for code in range(16):
            subset = np.array([bool(code >> i & 1) for i in range(4)])
            if not subset[k]:
                with_k = subset | (np.arange(4) == k)
                slow.append(fits.losses(subset) - fits.losses(with_k))
        assert np.abs(gains.banzhaf[k] - np.mean(slow, axis=0)).max() < 1e-10


def test_sampled_banzhaf_values_are_within_their_sampling_error():
    fits, _ = world(n_sources=9, seed=1)
    gains = row_gains(fits, seed=0)
    falls = []
    for code in range(256):
        subset = np.array([True, *(bool(code >> i & 1) for i in range(8))])
        falls.append((subset, (fits.losses(~subset) - fits.losses(subset)).mean()))
    exact = sum(np.where(s, f, -f) for s, f in falls) / len(falls)
    assert (gains.banzhaf_error > 0).all()
    assert np.abs((gains.banzhaf.mean(axis=1) - exact) / gains.banzhaf_error).max() < 4.5


def problem(**kinds):
    """Return a problem whose sources are as far from the target as their numbers say."""
    made = {
        name: make_shift(n_target=60, shift=shift, random_state=1) for name, shift in kinds.items()
    }
    first = next(iter(made.values()))
    return make_problem(first.X, first.y, sources={n: m.sources["source"] for n, m in made.items()})


def test_the_worst_comes_first_and_the_same_seed_gives_the_same_ranking():
    posed = problem(near=0.1, far=3.0, middle=1.0)
    ranking = rank_sources(posed, seed=0)
    assert [s.source for s in ranking.sources] == ["far", "middle", "near"]
    assert ranking == rank_sources(posed, seed=0)
    worst = ranking.sources[0]
    assert worst.rank.low == worst.rank.estimate == worst.rank.high == 1.0
    assert worst.one_in.high < 0 < ranking.sources[-1].one_in.low
    again = rank_sources(posed, seed=1)
    assert again.sources[0].banzhaf == worst.banzhaf  # no subset was sampled


def gap(estimate):
    return gap_from(PairedEstimate(estimate, 0.01, 9, 0.01, 9, 20, "by hand"))


def test_gaps_of_the_own_model_take_the_place_of_one_in_and_alone():
    posed = problem(near=0.1, far=3.0)
    turned = {"near": ArmGaps(gap(-0.5), gap(-0.5), 130), "far": ArmGaps(gap(0.5), gap(0.5), 130)}
    ranking = rank_sources(posed, turned)
    assert ranking.by_model == ("pooled", "only")
    near = next(s for s in ranking.sources if s.source == "near")
    assert (near.pooled.estimate, near.n_fits) == (-0.5, 130)
    # Two scores of five say that near is the worse of the two.
    assert near.rank.estimate == pytest.approx((1 + 1 + 2 + 2 + 2) / 5)
    assert "model, pooled" in ranking.text
    half = rank_sources(posed, {"near": turned["near"]})
    assert half.by_model == ()
    plain = rank_sources(posed)
    assert [s.rank for s in half.sources] == [s.rank for s in plain.sources]


def test_gaps_without_an_end_to_their_interval_have_no_part():
    posed = problem(near=0.1, far=3.0)
    open_ended = gap_from(PairedEstimate(0.1, np.inf, 1, np.inf, 1, 2, "by hand"))
    told = rank_sources(posed, {name: ArmGaps(open_ended, gap(0.1)) for name in ("near", "far")})
    assert told.by_model == ("only",)
    assert all(source.pooled is None for source in told.sources)


def test_fewer_than_two_sources_are_refused():
    with pytest.raises(DataError, match="rank: 1"):
        rank_sources(problem(near=0.1))


def test_rows_of_the_targets_groups_have_no_part():
    posed = problem(near=0.1, far=3.0)
    groups = np.arange(60) // 2
    target = replace(posed.target, groups=groups)
    near = posed.sources["near"]
    shared = replace(near, sample=replace(near.sample, groups=np.arange(len(near.sample)) + 20))
    grouped = replace(posed, target=target, sources={**posed.sources, "near": shared})
    data = encoded(grouped, seed=0)
    assert data.fits.clusters.max() == 29
    assert len(data.sources[0].design) == len(near.sample) - 10
    wide = rank_sources(grouped).sources[0].one_in
    assert wide.high > wide.low


def test_equal_target_rows_are_left_out_together():
    posed = problem(near=0.1, far=3.0)
    twice = posed.target.rows(np.repeat(np.arange(60), 2))
    data = encoded(replace(posed, target=twice), seed=0)
    assert data.fits.clusters is not None and data.fits.clusters.max() == 59


def table(rng, n):
    kind = rng.choice(["a", "b", "c"], n)
    X = pd.DataFrame({"kind": kind, "size": rng.normal(size=n)})
    X.loc[::7, "size"] = np.nan
    return X, np.array(["no", "yes", "maybe"])[np.where(kind == "a", 0, rng.integers(1, 3, n))]


def texts(rng, n):
    y = rng.integers(2, size=n)
    words = np.array([["bad", "dull", "poor"], ["good", "fine", "great"]])
    return [" ".join([*words[label][rng.integers(3, size=2)], "film"]) for label in y], y


@pytest.mark.parametrize("make", [table, texts])
def test_tables_of_categories_and_texts_are_ranked(make):
    rng = np.random.default_rng(0)
    X, y = make(rng, 60)
    good, bad = make(rng, 80), make(rng, 80)
    posed = make_problem(X, y, sources={"good": good, "bad": (bad[0], rng.permutation(bad[1]))})
    ranking = rank_sources(posed)
    assert ranking.sources[0].source == "bad"
    assert np.isfinite(ranking.to_frame().drop(columns=["source"]).iloc[:, :15].to_numpy()).all()


def test_weights_of_source_rows_count():
    posed = problem(near=0.1, far=3.0)
    far = posed.sources["far"].sample
    nothing = Sample(far.X, far.y, np.full(len(far), 1e-6))
    light = replace(posed.sources["far"], sample=nothing)
    weighed = rank_sources(replace(posed, sources={**posed.sources, "far": light}))
    by_name = {s.source: s for s in weighed.sources}
    assert abs(by_name["far"].one_in.estimate) < 1e-3


def test_a_frame_has_every_score_with_its_interval():
    frame = rank_sources(problem(near=0.1, far=3.0)).to_frame()
    assert list(frame.columns[:4]) == ["source", "rank", "rank_low", "rank_high"]
    assert frame["pooled"].isna().all() and frame["n_fits"].tolist() == [0, 0]
    assert (frame["one_in_low"] < frame["one_in"]).all()


def test_no_line_is_too_wide_whatever_the_names():
    posed = problem(near=0.1, far=3.0)
    odd = {"a\x1b[31m\n" + "long name " * 9: posed.sources["near"], "b": posed.sources["far"]}
    text = repr(rank_sources(replace(posed, sources=odd)))
    assert max(map(len, text.split("\n"))) <= 88
    assert "\x1b" not in text and len(text.split("\n")) == 5
