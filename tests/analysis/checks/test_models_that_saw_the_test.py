"""Pretrained models may remember the tested rows; what they saw is searched where it is given."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import ModelSource, audit
from transfergap.analysis.checks import Strength
from transfergap.data.copies import target_copies
from transfergap.errors import DataError
from transfergap.learners import FunctionLearner
from transfergap.report.brief import brief_of
from transfergap.stats.gap import Verdict

N_ROWS = 120


class Remembers:
    """Answers by heart what its state holds, and anything else by a model of the target's rows."""

    def __init__(self, model, state):
        self.model = model
        self.labels = dict(zip(state["rows"].tolist(), state["labels"].tolist(), strict=True))

    def predict(self, X):
        answers = self.model.predict(X)
        first = np.asarray(X)[:, 0].tolist()
        return np.array([self.labels.get(x, own) for x, own in zip(first, answers, strict=True)])


def train(target, sources, *, seed, budget=None, init=None, callbacks=()):
    own = LogisticRegression().fit(target.X, target.y)
    return own if init is None else Remembers(own, init.state_dict())


def audited(share, *, slope=0.0, trained_on=None):
    """Audit a model that knows a share of the target's labels by heart; noise but for the slope.

    ``trained_on`` makes the rows that the model is said to have seen of the target's and of those.
    """
    rng = np.random.default_rng(5)
    X = rng.normal(size=(N_ROWS, 4))
    y = (slope * X[:, 1] + rng.normal(size=N_ROWS) > 0).astype(int)
    seen = rng.permutation(N_ROWS)[: round(share * N_ROWS)]
    state = {"rows": X[seen, 0], "labels": y[seen]}
    rows = None if trained_on is None else trained_on(X, X[seen])
    return audit(
        FunctionLearner(train), X, y, sources={"net": ModelSource(state, trained_on=rows)},
        metric="accuracy", effort="quick", explain="none",
    ).result  # fmt: skip


def findings(result):
    return [finding for finding in result.findings if finding.code == "TG120"]


def test_answers_by_heart_are_named_before_the_gain():
    result = audited(1.0)
    (finding,) = findings(result)
    assert (finding.subject, finding.strength) == ("net", Strength.MODERATE)
    assert finding.evidence["share"] == 0.0 and finding.evidence["control"] > 0.8
    brief = brief_of(result)
    assert brief.faults[0].code == "TG120"
    assert "see TG120 first" in brief.sentence


def test_a_model_that_helps_less_is_a_note():
    (finding,) = findings(audited(0.5))
    assert finding.strength is Strength.NOTE


@pytest.mark.parametrize("share", [0.0, 0.02])
def test_a_model_that_does_not_help_is_no_finding(share):
    result = audited(share)
    assert findings(result) == []
    assert "TG120" in {check.code for check in result.silent_checks}


def test_rows_of_a_model_are_not_said_to_have_been_looked_for():
    reasons = {check.code: check.reason for check in audited(0.0).silent_checks}
    for code in ("TG101", "TG106", "TG107"):
        assert "cannot be searched" in reasons[code]


def beside_strangers(X, seen):
    return np.vstack([np.random.default_rng(9).normal(size=(300, X.shape[1])), seen])


def strangers(X, seen):
    return beside_strangers(X, seen)[:300]


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda rows: rows,
        lambda rows: np.round(rows, 3),
        lambda rows: rows * [1, 1, 1, 1000],
        lambda rows: rows.astype(np.float32),
    ],
    ids=["as they are", "rounded", "a column in another unit", "single precision"],
)
def test_rewritten_rows_are_known_again(rewrite):
    X = np.random.default_rng(5).normal(size=(N_ROWS, 4))
    copies = target_copies(X, beside_strangers(X, rewrite(X[20:50])))
    assert copies.rows.tolist() == list(range(20, 50))


def test_help_of_rows_that_the_model_was_trained_on_is_not_believed():
    result = audited(0.5, trained_on=beside_strangers)
    (finding,) = findings(result)
    assert (finding.strength, finding.evidence["n_shared"]) == (Strength.STRONG, 60)
    assert "60 of 120 target rows" in finding.says and "no help of net fine-tuned" in finding.says
    (arm,) = [arm for arm in result.arms if arm.arm == "net fine-tuned"]
    assert arm.gap.low > 0 and arm.verdict is Verdict.NOT_ENOUGH_EVIDENCE and arm.doubted
    assert brief_of(result).faults[0].code == "TG120"


def test_few_seen_rows_do_not_withhold_a_claim():
    def with_one_row(X, seen):
        return beside_strangers(X, X[:1])

    result = audited(0.5, trained_on=with_one_row)
    (finding,) = findings(result)
    assert (finding.strength, finding.evidence["n_shared"]) == (Strength.MODERATE, 1)
    (arm,) = [arm for arm in result.arms if arm.arm == "net fine-tuned"]
    assert arm.verdict is Verdict.HELPS


def test_a_model_that_saw_other_rows_is_said_to_be_searched():
    result = audited(0.5, trained_on=strangers)
    assert findings(result) == []
    reasons = {check.code: check.reason for check in result.silent_checks}
    assert reasons["TG120"] == "" and "TG120 searched" in reasons["TG101"]


def test_rows_of_another_shape_are_said_to_be_incomparable():
    result = audited(0.5, trained_on=lambda X, seen: np.hstack([seen, seen]))
    (finding,) = findings(result)
    assert finding.strength is Strength.NOTE and "cannot be compared" in finding.says
    reasons = {check.code: check.reason for check in result.silent_checks}
    assert "cannot be searched" in reasons["TG101"]


def test_pictures_with_noise_are_known_again():
    rng = np.random.default_rng(3)
    pictures = rng.uniform(size=(60, 8, 8))
    noisy = pictures[10:20] + 0.02 * rng.normal(size=(10, 8, 8))
    others = rng.uniform(size=(500, 8, 8))
    copies = target_copies(pictures, np.concatenate([others, noisy]))
    assert copies.rows.tolist() == list(range(10, 20)) and copies.searched


@pytest.mark.parametrize("shape", [(60, 4), (60, 8, 8)])
def test_strangers_are_no_copies(shape):
    alarms = [
        len(target_copies(rng.normal(size=shape), rng.normal(size=(600, *shape[1:]))).rows)
        for rng in map(np.random.default_rng, range(20))
    ]
    assert alarms == [0] * 20


def test_texts_are_searched_too():
    words = [f"{a} {b} of {c}" for a in "abcde" for b in "fghij" for c in "klmno"]
    copies = target_copies(words[:40], [text.upper() for text in words[30:]])
    assert copies.rows.tolist() == list(range(30, 40))


def test_what_a_model_was_trained_on_leaves_stored_trials_valid():
    state = {"weight": np.ones(3)}
    assert ModelSource(state).digest() == ModelSource(state, trained_on=np.ones((5, 2))).digest()


def test_a_trained_on_without_rows_is_refused():
    with pytest.raises(DataError, match="trained_on without rows"):
        ModelSource({"weight": np.ones(3)}, trained_on=np.empty((0, 2)))
