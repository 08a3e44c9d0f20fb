"""Pretrained models may remember the tested rows, and nobody can search them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import ModelSource, audit
from transfergap.analysis.checks import Strength
from transfergap.learners import FunctionLearner
from transfergap.report.brief import brief_of

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


def audited(share, *, slope=0.0):
    """Audit a model that knows a share of the target's labels by heart; noise but for the slope."""
    rng = np.random.default_rng(5)
    X = rng.normal(size=(N_ROWS, 4))
    y = (slope * X[:, 1] + rng.normal(size=N_ROWS) > 0).astype(int)
    seen = rng.permutation(N_ROWS)[: round(share * N_ROWS)]
    state = {"rows": X[seen, 0], "labels": y[seen]}
    return audit(
        FunctionLearner(train), X, y, sources={"net": ModelSource(state)},
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
