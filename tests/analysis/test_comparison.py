"""Two runs side by side: what changed, and what may be compared."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from tests.report import results

from transfergap import audit
from transfergap.analysis.comparison import FinishedRun, compare_runs
from transfergap.auditing.audit import make_design, make_problem
from transfergap.errors import ConfigurationError
from transfergap.experiment.run_directory import design_record
from transfergap.report.comparison import comparison_text, headline_of, render_comparison
from transfergap.report.wording.numbers import Numbers
from transfergap.stats.gap import Verdict

NUMBERS = Numbers(3)


def rows(seed, n, sign=1):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, 3))
    return X, (sign * X[:, 0] + 0.7 * rng.normal(size=n) > 0).astype(int)


def design_of(X, y, sources, **options):
    margin = options.pop("margin", 0.02)
    problem = make_problem(X, y, sources=sources, metric="accuracy", margin=margin)
    return json.loads(
        json.dumps(design_record(make_design(LogisticRegression(), problem, **options)))
    )


def record(**changed):
    sources = changed.pop("sources", {"b": rows(1, 60), "c": rows(2, 60, -1)})
    X, y = changed.pop("target", rows(0, 40))
    return design_of(X, y, sources, **changed)


def finished(name="a", result=None, design=None):
    return FinishedRun(name, results.demo() if result is None else result, design)


def compared(before, after, first=None, second=None):
    return compare_runs(finished("a", first, before), finished("b", second, after))


def test_a_run_differs_in_nothing_from_itself():
    design = record()
    same = compared(design, design)
    assert same.design == () and same.same_rows and same.same_metric
    assert not any(change.verdict_changed for change in same.arms)
    assert same.new_findings == same.gone_findings == ()
    assert headline_of(same) == "No verdict differs between a and b (4 common arms)."


def test_clauses_name_what_changed_in_the_design():
    before = record()
    sources = {"b": rows(1, 60), "d": rows(3, 50)}
    after = record(margin=0.05, effort="quick", sources=sources)
    assert set(compared(before, after).design) >= {
        "margin was 0.02 and is now 0.05",
        "effort was 'full' and is now 'quick'",
        "source 'd' is new",
        "source 'c' is gone",
        "its arms differ",
    }


@pytest.mark.parametrize(
    ("changed", "same_rows"),
    [
        ({}, True),
        ({"margin": 0.05}, True),
        ({"target": rows(9, 40)}, False),
        ({"random_state": 1}, False),
    ],
)
def test_rows_are_the_same_where_target_and_folds_are(changed, same_rows):
    comparison = compared(record(), record(**changed))
    assert comparison.same_rows is same_rows
    text = " ".join(comparison.notes)
    assert ("no test of a change" in text) is not same_rows
    assert ("depend on each other" in text) is same_rows


def test_unknown_designs_are_not_taken_for_the_same_rows():
    assert not compared(None, None).same_rows
    assert not compared(record(), None).same_rows


def arms_of(design):
    names = [arm["name"] for arm in design["arms"] if arm["judged"]]
    demo = results.demo()
    made = [replace(demo.arms[1], arm=name) for name in names]
    return replace(demo, arms=(demo.arms[0], *made))


def test_arms_share_trials_where_their_sources_and_models_do():
    before = record()
    after = record(sources={"b": rows(1, 60), "c": rows(7, 60, -1)})
    comparison = compared(before, after, arms_of(before), arms_of(after))
    shared = {change.arm: change.same_trials for change in comparison.arms}
    assert shared["b pooled"] and not shared["c pooled"] and not shared["all pooled"]
    assert any("same trials in both runs: 1." in note for note in comparison.notes)
    quick = record(effort="quick")
    again = compared(before, quick, arms_of(before), arms_of(quick))
    assert not any(change.same_trials for change in again.arms)


def test_shared_trials_give_the_same_gap():
    X, y = rows(0, 40)
    b, c = rows(1, 60), rows(2, 60, -1)
    options = {"arms": ["b pooled"], "metric": "accuracy", "explain": "none", "effort": "quick"}
    one = audit(LogisticRegression(), X, y, sources={"b": b}, margin=0.02, **options)
    other = audit(LogisticRegression(), X, y, sources={"b": b, "c": c}, margin=0.3, **options)
    designs = [json.loads(json.dumps(design_record(a.design))) for a in (one, other)]
    change = compare_runs(
        FinishedRun("a", one.result, designs[0]), FinishedRun("b", other.result, designs[1])
    ).arms[0]
    assert change.same_trials and change.before == change.after


def changed_demo():
    demo = results.demo()
    arm = replace(demo.arms[2], verdict=Verdict.HELPS, gap=results.gap(0.1, 0.02, 0.18))
    return replace(demo, arms=(*demo.arms[:2], arm), findings=demo.findings[:1])


def test_verdicts_and_findings_that_changed_are_named():
    comparison = compared(None, None, second=changed_demo())
    changed = [change.arm for change in comparison.arms if change.verdict_changed]
    assert changed == ["mnist pooled"]
    assert headline_of(comparison) == (
        "1 verdict of 2 differs between a and b: mnist pooled: hurts, now helps."
    )
    assert len(comparison.gone_findings) == 2 and comparison.new_findings == ()
    missing = next(change for change in comparison.arms if change.arm == "all balanced")
    assert missing.in_before and not missing.in_after and not missing.verdict_changed


def test_other_metrics_and_numbers_of_arms_are_noted():
    other = replace(changed_demo(), metric="roc_auc", metric_title="ROC AUC", margin=0.05)
    notes = " ".join(compared(None, None, second=other).notes)
    assert "gaps have other units" in notes
    assert "The margin was 0.02 and is 0.05" in notes
    assert "Judged arms: 4 before, 2 now" in notes


def test_the_text_fits_a_terminal_and_marks_changes():
    lines = comparison_text(compared(None, None, second=changed_demo()), NUMBERS).splitlines()
    assert max(map(len, lines)) <= 88
    (changed,) = [line for line in lines if line.startswith(" * ")]
    assert "✗ −0.180 [−0.298, −0.062]" in changed and "✓ +0.100 [+0.020, +0.180]" in changed
    assert any("not in this run" in line for line in lines)


def test_json_and_markdown_hold_both_intervals():
    comparison = compared(None, None, second=changed_demo())
    told = json.loads(render_comparison(comparison, NUMBERS, "json"))
    assert told["schema"] == "transfergap/comparison/1" and told["n_verdicts_changed"] == 1
    arm = next(arm for arm in told["arms"] if arm["arm"] == "mnist pooled")
    assert (arm["before"]["low"], arm["after"]["high"]) == (-0.298, 0.18)
    assert "**mnist pooled**" in render_comparison(comparison, NUMBERS, "markdown")
    with pytest.raises(ConfigurationError):
        render_comparison(comparison, NUMBERS, "html")


def test_hostile_names_make_no_markdown():
    hostile = results.hostile()
    text = render_comparison(compared(None, None, hostile, hostile), NUMBERS, "markdown")
    assert "<script" not in text and not re.search(r"(?<!\\)\| *<", text)
