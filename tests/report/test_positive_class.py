"""The positive class is named in every format, whichever way it was chosen."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from transfergap import audit
from transfergap.errors import MetricError
from transfergap.report import render, result_from_json, result_to_json
from transfergap.report.console.screen import render_terminal
from transfergap.report.markdown import render_markdown


def study(metric, *, names=("well", "ill"), **options):
    rng = np.random.default_rng(0)
    X, Z = rng.normal(size=(100, 3)), rng.normal(size=(150, 3))
    y, z = (np.where(rows[:, 0] + rng.normal(size=len(rows)) > 1.2, names[1], names[0])
            for rows in (X, Z))  # fmt: skip
    return audit(
        LogisticRegression(), X, y, sources={"b": (Z, z)}, metric=metric, effort="quick",
        arms=["b pooled"], explain="none", **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "metric",
    ["f1", "roc_auc",
     *(pytest.param(m, marks=pytest.mark.slow) for m in ("average_precision", "ks", "recall"))],
)  # fmt: skip
@pytest.mark.parametrize(("positive", "expected"), [(None, "well"), ("ill", "ill")])
def test_every_format_names_the_positive_class(metric, positive, expected):
    result = study(metric, positive=positive).result
    again = result_from_json(result_to_json(result))
    assert again.target.positive == expected
    words = (f"of '{expected}'", f"positive class: {expected}")
    for text in (render_terminal(again, color=False, width=200), render_markdown(again)):
        assert any(word in text for word in words)
    assert f"positive class is {expected}" in render(again, "html")


@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "brier", "f1_macro", "quadratic_kappa"])
def test_scores_that_treat_both_classes_alike_name_none(metric):
    result = study(metric).result
    assert result.target.positive is None
    assert "positive class" not in render_terminal(result, color=False)


def test_the_score_is_that_of_the_class_whatever_it_is_called():
    """The rare class by three names: the same F1 once it is chosen."""
    scores = {
        study("f1", names=(common, rare), positive=rare).result.arms[0].score
        for common, rare in (("a", "b"), ("b", "a"), ("normal", "abnormal"))
    }
    assert len(scores) == 1


def test_error_rates_follow_the_positive_class():
    kinds = []
    for positive in ("ill", "well"):
        below = study("accuracy", positive=positive, subgroups={"g": np.arange(100) % 2}).result
        kinds.append({(e.label, e.kind) for e in below.subgroups.overall[0].errors})
    assert ("ill", "false negatives") in kinds[0]
    assert ("ill", "false positives") in kinds[1]


def test_a_long_name_stays_within_the_terminal():
    result = study("roc_auc", names=("a" * 150, "b" * 150)).result
    assert max(map(len, render_terminal(result, color=False).splitlines())) <= 88


def test_an_unknown_class_stops_before_any_trial():
    with pytest.raises(MetricError, match="no class 'sick'") as caught:
        study("f1", positive="sick")
    assert "ill, well" in caught.value.hint
