"""An arm at the ceiling, though nothing it learned from deserves it, is suspected of a leak."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from transfergap import audit
from transfergap.learners import FunctionLearner
from transfergap.report.advice import recommendations


class Answers:
    """A model that knows the answers of some rows, and guesses those of others."""

    def __init__(self, answers, guess):
        self.answers, self.guess = answers, guess
        self.classes_ = np.array([0, 1])

    def predict(self, X):
        guesses = self.guess.predict(X)
        keys = [row.tobytes() for row in np.ascontiguousarray(X)]
        return np.array([self.answers.get(k, g) for k, g in zip(keys, guesses, strict=True)])

    def predict_proba(self, X):
        known = self.predict(X)
        return np.column_stack([1 - known, known]) * 0.98 + 0.01


def rows(n, seed, *, noise=1.0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 4))
    return X, (X[:, 0] + noise * rng.normal(size=n) > 0).astype(int)


def leaking(X, y):
    """A training function that gets the answers with any source: a leak that no row shows."""
    answers = {row.tobytes(): int(label) for row, label in zip(X, y, strict=True)}

    def train(target, sources, *, seed):
        model = LogisticRegression().fit(target.X, target.y)
        return Answers(answers, model) if sources else model

    return FunctionLearner(train)


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "brier"])
def test_a_leak_that_no_row_shows_withholds_helps(metric):
    X, y = rows(120, 0)
    study = audit(leaking(X, y), X, y, sources={"b": rows(150, 1)}, metric=metric,
                  arms=["b pooled"], effort="quick", explain="none")  # fmt: skip
    row = study.to_frame().set_index("arm").loc["b pooled"]
    finding = next(f for f in study.findings if f.code == "TG108")
    assert row.low > 0.1
    assert row.verdict == "not enough evidence"
    assert finding.evidence["share"] < 0.05 < finding.evidence["sources"]
    assert any("TG108" in advice for advice in recommendations(study.result))
    # With no other arm beside it, too, nothing good of it is said.
    assert study.decide().use is None and study.decide().harmless == ()
    assert "safe to add" not in str(study)


def test_persons_measured_again_are_not_to_be_used_by_the_safe_model_either():
    """Labels are noise, so that the control knows nothing and the neighbours know all."""
    rng = np.random.default_rng(0)
    X, y, noise = rng.normal(size=(80, 8)), rng.integers(0, 2, 80), rng.normal(size=(80, 8))
    strangers = rng.normal(size=(80, 8)), rng.integers(0, 2, 80)
    again = np.vstack([X + 0.1 * noise, strangers[0]]), np.r_[y, strangers[1]]
    study = audit(KNeighborsClassifier(1), X, y, sources={"b": again}, metric="accuracy",
                  arms=["b pooled", "safe"], effort="quick", explain="none")  # fmt: skip
    assert study.to_frame().set_index("arm").loc["safe"].low > 0.2
    assert study.decide().use is None and study.decide().harmless == ()
    advice = recommendations(study.result)
    assert advice[0].startswith("First (TG108") and not any("Use `" in one for one in advice)


def test_an_easy_source_that_is_as_predictable_itself_is_believed():
    """The target's own rows teach little, since they are few; the source shows the rule plainly."""
    X, y = rows(60, 2, noise=0.0)
    big = rows(2000, 3, noise=0.0)
    wide = [np.column_stack([part[0], np.random.default_rng(k).normal(size=(len(part[0]), 40))])
            for k, part in enumerate([(X, y), big])]  # fmt: skip
    study = audit(LogisticRegression(C=10.0, max_iter=2000), wide[0], y,
                  sources={"b": (wide[1], big[1])}, arms=["b pooled"], effort="quick",
                  explain="none")  # fmt: skip
    row = study.to_frame().set_index("arm").loc["b pooled"]
    assert row.score > 0.99
    assert row.verdict == "helps"
    assert not [f for f in study.findings if f.code == "TG108"]
