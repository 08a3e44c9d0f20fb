"""Learning curves in reports: every format says them, whatever names hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.report import results

from transfergap.analysis.result import AuditResult
from transfergap.analysis.training_curves import Run, gather
from transfergap.report import notebook_html, render, result_from_json, result_to_json
from transfergap.report.console.screen import render_terminal
from transfergap.rl.assessing import assess_runs

HOSTILE = results.HOSTILE
STEPS = np.linspace(0.0, 2000.0, 9)


def agents(n_arms: int = 2, n_seeds: int = 8, name: str = "b{}") -> AuditResult:
    rng = np.random.default_rng(0)
    made = []
    for seed in range(n_seeds):
        own = 0.05 * rng.normal()
        for k in range(-1, n_arms):
            arm = "control" if k < 0 else name.format(k)
            lift = 0.0 if k < 0 else (-1) ** k * 0.3
            scores = (0.6 + own + lift) * STEPS / 2000 + 0.02 * rng.normal(size=9)
            made.append(Run(arm, seed, STEPS, scores))
    return assess_runs(gather(made, control="control"), margin=0.02, lowest=-1.0, name="lake")


def test_agents_survive_json():
    told = agents()
    assert result_from_json(result_to_json(told)) == told
    broken = result_to_json(told).replace('"judged_by": "mean', '"judged_by": "men')
    with pytest.raises(ValueError, match="cannot be used"):
        result_from_json(broken)


def test_results_of_tables_have_no_training_in_json():
    assert '"training":' not in result_to_json(results.demo())


def test_the_page_has_curves_metrics_and_words_for_seeds():
    page = render(agents(), "html")
    assert "How did they learn?" in page
    assert "8 seeds of 2,000 steps" in page
    assert "too few seeds to tell" in page
    assert "labelled" not in page.replace("labelledby", "")
    assert page.index("How did they learn?") < page.index("Can this be trusted?")
    assert "What the metrics mean" in page


def test_the_plot_has_a_text_alternative_with_intervals():
    page = render(agents(), "html")
    assert "Learning curves on lake" in page
    assert "control, step 0: " in page and "step 2,000: " in page


def test_pages_of_tables_have_no_such_section():
    assert "How did they learn?" not in render(results.demo(), "html")


def test_names_are_escaped_everywhere():
    told = agents(name=HOSTILE + " {} | $x$")
    assert "<script" not in render(told, "html")
    assert "<script" not in notebook_html(told)
    row = next(r for r in render(told, "markdown").splitlines() if "alert" in r and "|" in r)
    assert "<script" not in row


@pytest.mark.parametrize("n_arms", [1, 3, 15])
def test_any_number_of_arms_can_be_drawn(n_arms):
    page = render(agents(n_arms), "html")
    assert ("more arms in the tables" in page) is (n_arms > 13)
    assert len(page) < 500_000


@pytest.mark.parametrize("width", [48, 88])
@pytest.mark.parametrize("ascii", [False, True])
def test_terminal_lines_fit_and_have_an_ascii_form(width, ascii):
    said = render_terminal(agents(8), width=width, color=False, ascii=ascii, detail="why")
    assert max(map(len, said.splitlines())) <= width
    assert said.isascii() is ascii or not ascii
    assert "How did they learn?" in said and "2 more arms: see the report." in said


def test_every_metric_of_the_terminal_has_its_interval():
    said = render_terminal(agents(1), width=88, color=False, detail="why")
    line = " ".join(said[said.index("b0: jumpstart") :].split())
    for metric in ("final +0.", "steps saved +", "transfer ratio +"):
        part = line[line.index(metric) :].split(";")[0]
        assert "[" in part and "]" in part


def test_what_is_equal_in_every_seed_is_said_and_not_judged():
    told = agents(1)
    training = told.training_curves
    first = training.gaps[2]
    gap = replace(first.gap, estimate=0.0, low=0.0, high=0.0)
    gaps = (*training.gaps[:2], replace(first, gap=gap), *training.gaps[3:])
    changed = replace(told, training_curves=replace(training, gaps=gaps))
    assert "jumpstart equal in every seed;" in render(changed)


def test_the_notebook_and_github_say_the_verdicts():
    assert "b0" in notebook_html(agents())
    assert "::error" in render(agents(), "github")


def test_few_seeds_ask_for_more_seeds():
    rng = np.random.default_rng(1)
    made = [
        Run(arm, seed, STEPS, STEPS / 2000 + 0.3 * rng.normal() + 0.1 * (arm == "b"))
        for seed in range(6)
        for arm in ("control", "b")
    ]
    said = " ".join(
        render(assess_runs(gather(made, control="control"), margin=0.05, lowest=-5.0)).split()
    )
    assert "as far as 6 seeds can tell" in said
    assert "train with more seeds (there are 6)" in said
