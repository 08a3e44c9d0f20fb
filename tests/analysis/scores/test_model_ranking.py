"""A ranking claims what it may, shows the baselines, and says what it cannot tell."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.stats import binom

from transfergap import rank_models
from transfergap.analysis.scores import Outcome
from transfergap.analysis.scores.comparison import CLAIM_RATE
from transfergap.errors import ConfigurationError, DataError


def views(rng, n_rows, distances, n_columns=10, n_classes=2):
    """Labels, and views of them that are independent given the class."""
    y = rng.integers(n_classes, size=n_rows)
    sets = {}
    for name, distance in distances.items():
        means = distance * np.eye(n_classes, n_columns)
        sets[name] = means[y] + rng.normal(size=(n_rows, n_columns))
    return y, sets


@pytest.fixture(scope="module")
def ranked():
    y, sets = views(np.random.default_rng(0), 200, {"a": 1.0, "b": 4.0, "c": 1.0, "d": 0.0})
    raw = views(np.random.default_rng(0), 200, {"x": 2.5})[1]["x"]  # the same labels
    return rank_models(sets, y, raw=raw, prior=["a", "b", "c", "d"])


def test_the_best_features_come_first_and_beat_the_others(ranked):
    assert ranked.models[0].name == "b" and ranked.models[0].place == 1
    assert all(
        ranked.ranking.compared("b", name).outcome is Outcome.BETTER for name in ("a", "c", "d")
    )
    assert "b beats" in str(ranked)


def test_features_that_cannot_be_told_apart_share_a_place_or_are_beaten_by_the_same(ranked):
    a, c = ranked.ranking.model("a"), ranked.ranking.model("c")
    pair = ranked.ranking.compared("a", "c")
    assert pair.outcome is Outcome.CANNOT_TELL and a.place == c.place
    assert pair.n_rows_to_tell is None or pair.n_rows_to_tell >= 200


def test_a_comparison_reads_the_same_from_both_sides(ranked):
    one, back = ranked.ranking.compared("a", "b"), ranked.ranking.compared("b", "a")
    assert (one.outcome, back.outcome) == (Outcome.WORSE, Outcome.BETTER)
    assert (one.gap.low, one.gap.estimate) == (-back.gap.high, -back.gap.estimate)
    assert one.p_value == back.p_value


def test_models_that_lose_to_the_raw_inputs_are_a_finding(ranked):
    named = {finding.subject for finding in ranked.findings}
    assert "d" in named and "b" not in named
    assert {finding.code for finding in ranked.findings} == {"TG128"}
    found = next(f for f in ranked.findings if f.subject == "d")
    assert found.evidence["gap"] < 0 and "negative transfer" in found.says
    assert "TG128" in str(ranked)


def test_baselines_are_rows_of_the_table(ranked):
    lines = str(ranked).splitlines()
    assert any(line.startswith("raw inputs (scaled columns)") for line in lines)
    assert any(line.startswith("static baseline: a") for line in lines)
    assert "takes a; b is better here" in " ".join(lines)


def test_what_the_best_cannot_be_told_from_is_said_with_about_how_many_labels():
    # Nearly equal, and far too few rows.
    y, sets = views(np.random.default_rng(3), 60, {"a": 1.5, "b": 1.4})
    ranking = rank_models(sets, y)
    text = " ".join(str(ranking).split())
    assert "cannot be told apart from" in text and "labelled rows would tell it from" in text
    assert "No model beats another." in text


def test_missing_baselines_are_named():
    y, sets = views(np.random.default_rng(3), 60, {"a": 1.5})
    text = " ".join(str(rank_models(sets, y)).split())
    assert "raw inputs were not given" in text and "There is no prior ranking" in text


def test_equal_features_are_equal():
    y, sets = views(np.random.default_rng(1), 80, {"a": 1.0})
    ranking = rank_models({"a": sets["a"], "b": sets["a"]}, y)
    (pair,) = ranking.ranking.comparisons
    assert pair.gap.estimate == 0.0 and pair.outcome is Outcome.NO_MATERIAL_DIFFERENCE
    assert "Equal within the margin" in str(ranking)


def test_json_and_table_hold_what_the_text_says(ranked):
    record = json.loads(ranked.to_json())
    assert record["schema"] == "transfergap/model-ranking/1"
    assert [model["name"] for model in record["models"]] == [m.name for m in ranked.models]
    assert record["findings"][0]["code"] == "TG128"
    frame = ranked.to_frame()
    assert list(frame.index) == [m.name for m in ranked.models]
    assert frame.loc["b", "ridge"] == ranked.models[0].probe.value
    assert "| b | 1 |" in ranked.to_markdown()


def test_names_cannot_break_a_table():
    y, sets = views(np.random.default_rng(1), 60, {"a|b <i>": 1.0, "c\nd": 1.0})
    ranking = rank_models(sets, y)
    assert "<i>" not in ranking.to_markdown() and "c\nd" not in ranking.to_text()


def test_a_ranking_is_written_by_its_suffix(ranked, tmp_path):
    for name in ("r.txt", "r.md", "r.json"):
        ranked.save(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 500
    with pytest.raises(ConfigurationError):
        ranked.save(tmp_path / "r.html")


def test_the_same_seed_gives_the_same_bytes_and_another_does_not():
    y, sets = views(np.random.default_rng(2), 90, {"a": 1.0, "b": 1.0})
    one, again, other = (rank_models(sets, y, seed=seed).to_json() for seed in (0, 0, 1))
    assert one == again and one != other


def test_numbers_are_ranked_by_r2():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(120, 4))
    y = X @ [1.0, 2.0, 0.0, 0.0] + 0.1 * rng.normal(size=120)
    ranking = rank_models({"whole": X, "part": X[:, 1:]}, y, raw=X[:, 2:])
    assert [m.name for m in ranking.models] == ["whole", "part", "raw inputs"]
    assert ranking.ranking.metric == "R2" and ranking.models[0].probe.value > 0.9
    assert ranking.models[0].scores.lda is None and "TransRate" not in str(ranking)


def test_whole_numbers_may_be_classes():
    rng = np.random.default_rng(0)
    y = np.arange(160) % 40  # read as a quantity by default
    X = np.eye(40)[y] + 0.1 * rng.normal(size=(160, 40))
    assert rank_models({"a": X}, y).ranking.metric == "R2"
    assert rank_models({"a": X}, y, labels="classes").models[0].probe.value == 1.0


def test_rows_of_a_group_are_not_trained_and_tested_on():
    # Features that name the group say everything of rows whose group was seen, nothing of others.
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(40), 5)
    y = rng.integers(2, size=40)[groups]
    names = 3.0 * np.eye(40)[groups]
    assert rank_models({"a": names}, y).models[0].probe.value == 1.0
    assert rank_models({"a": names}, y, groups=groups).models[0].probe.value < 0.75


def test_rare_classes_count_alike_in_balanced_accuracy():
    rng = np.random.default_rng(0)
    y = (np.arange(200) % 10 == 0).astype(int)
    noise = rng.normal(size=(200, 3))
    plain = rank_models({"a": noise}, y).models[0].probe.value
    balanced = rank_models({"a": noise}, y, metric="balanced_accuracy").models[0].probe.value
    assert plain == pytest.approx(0.9) and balanced == pytest.approx(0.5)


def test_texts_are_their_own_raw_inputs():
    words = {0: "dull slow weak", 1: "bright quick strong"}
    y = np.arange(60) % 2
    texts = [f"a {words[c]} film number{i}" for i, c in enumerate(y)]
    ranking = rank_models({"noise": np.random.default_rng(0).normal(size=(60, 5))}, y, raw=texts)
    assert ranking.models[0].is_raw and ranking.models[0].probe.value == 1.0
    assert "raw inputs (TF-IDF of words)" in str(ranking)
    again = rank_models({"noise": np.ones((60, 1))}, y, raw=pd.Series(texts))
    assert again.models[0].probe == ranking.models[0].probe


def test_tables_and_sparse_columns_are_raw_inputs():
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    table = pd.DataFrame({"kind": np.where(y, "yes", "no"), "size": rng.normal(size=60)})
    noise = {"noise": rng.normal(size=(60, 5))}
    assert rank_models(noise, y, raw=table).models[0].is_raw
    assert rank_models(noise, y, raw=sparse.csr_matrix(np.eye(2)[y])).models[0].is_raw


def test_probabilities_of_a_source_model_give_leep_and_nce():
    y, sets = views(np.random.default_rng(0), 60, {"a": 1.0, "b": 1.0})
    shares = np.full((60, 3), 0.1)
    shares[np.arange(60), y] = 0.8
    ranking = rank_models(sets, y, probabilities={"a": shares})
    a, b = ranking.ranking.model("a").scores, ranking.ranking.model("b").scores
    assert a.nce == pytest.approx(0.0) and a.leep < 0 and b.leep is None
    assert "LEEP" in str(ranking)


def test_numbers_of_parameters_are_a_static_baseline():
    y, sets = views(np.random.default_rng(0), 60, {"a": 1.0, "b": 1.0})
    ranking = rank_models(sets, y, prior={"a": 1.1e8, "b": 2.2e7}).ranking
    assert ranking.static_pick == "a" and ranking.prior_text == "most parameters"


def wrong(**changes):
    y, sets = views(np.random.default_rng(0), 60, {"a": 1.0, "b": 1.0})
    return {"features": sets, "y": y, **changes}


NAN = np.full((60, 2), np.nan)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (wrong(features={}), ConfigurationError, "no features"),
        (wrong(features={"raw inputs": NAN}), ConfigurationError, "raw inputs"),
        (wrong(features={"a": NAN}), DataError, "Row 0 of the features of a"),
        (wrong(features={"a": np.ones((59, 2))}), DataError, "labels"),
        (wrong(features={"a": np.ones(60)}), DataError, "shape"),
        (wrong(features={"a": np.array([["x"]] * 60)}), DataError, "type"),
        (wrong(prior=["a"]), ConfigurationError, "differ in b"),
        (wrong(prior={"a": 1, "b": 2, "c": 3}), ConfigurationError, "differ in c"),
        (wrong(metric="roc_auc"), ConfigurationError, "roc_auc"),
        (wrong(metric="r2"), ConfigurationError, "r2"),
        (wrong(margin=0), ConfigurationError, "margin"),
        (wrong(probabilities={"z": np.ones((60, 2))}), ConfigurationError, "'z'"),
        (wrong(groups=np.arange(60) // 20), DataError, "3 groups"),
    ],
)
def test_what_cannot_be_ranked_is_refused_with_a_hint(arguments, error, words):
    with pytest.raises(error, match=words) as raised:
        rank_models(**arguments)
    assert raised.value.hint


def test_fewer_rows_than_folds_are_refused():
    with pytest.raises(DataError, match="fewer than the 10 folds"):
        rank_models({"a": np.ones((9, 1))}, np.arange(9) % 2)


NULLS = [  # rows, columns, classes, sets, distance: all sets are equally good
    (60, 10, 2, 3, 1.0),
    (60, 80, 2, 2, 2.0),  # more columns than rows
    (200, 30, 3, 2, 1.5),
]


def n_false(null, n_draws, seed):
    n_rows, n_columns, n_classes, n_sets, distance = null
    rng = np.random.default_rng(seed)
    found = 0
    for draw in range(n_draws):
        y, sets = views(rng, n_rows, dict.fromkeys(range(n_sets), distance), n_columns, n_classes)
        features = {str(name): X for name, X in sets.items()}
        pairs = rank_models(features, y, seed=draw).ranking.comparisons
        found += any(pair.outcome in (Outcome.BETTER, Outcome.WORSE) for pair in pairs)
    return found


@pytest.mark.parametrize("null", NULLS[:1])
def test_equally_good_features_are_seldom_claimed_to_differ(null):
    assert n_false(null, 40, seed=0) <= binom.ppf(1 - 1e-4, 40, CLAIM_RATE)


@pytest.mark.slow
@pytest.mark.parametrize("null", NULLS)
def test_equally_good_features_are_seldom_claimed_to_differ_over_many_draws(null):
    assert n_false(null, 1000, seed=1) <= binom.ppf(1 - 1e-4, 1000, CLAIM_RATE)


def test_a_large_difference_is_claimed():
    y, sets = views(np.random.default_rng(5), 150, {"a": 0.5, "b": 3.0})
    (pair,) = rank_models(sets, y).ranking.comparisons
    assert pair.outcome is Outcome.WORSE and pair.p_value < 1e-3
