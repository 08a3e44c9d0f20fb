"""Python users see how far an audit is, where somebody looks or if they ask."""

import sys
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from transfergap import audit
from transfergap.errors import ConfigurationError
from transfergap.experiment.cell import Cell, Split
from transfergap.experiment.trial import FailedTrial, completed
from transfergap.learners.progress import LogProgress, progress_of
from transfergap.report.console.trial_progress import TrialProgress

RNG = np.random.default_rng(0)
X, Z = RNG.normal(size=(40, 2)), RNG.normal(size=(60, 2))
CELL = Cell("control", Split("fold"), 0)


@cache
def silent():
    return audited().result


def audited(**options):
    return audit(
        KNeighborsClassifier(), X, (X[:, 0] > 0).astype(int),
        sources={"b": (Z, (Z[:, 0] > 0).astype(int))}, arms=["b pooled"], effort="quick",
        metric="accuracy", explain="none", **options,
    )  # fmt: skip


def test_in_a_log_lines_count_to_the_end(capsys):
    trials = []
    audited(verbose=1, on_trial=trials.append)
    shown = capsys.readouterr()
    assert shown.out == "" and len(trials) == 40
    assert {trial.cell.arm for trial in trials} == {"control", "b pooled"}
    counted = [line for line in shown.err.splitlines() if "trials" in line and "%" in line]
    assert len(counted) == 10 and counted[-1] == "100 %  40/40 trials"


def test_further_trials_and_failures_are_counted():
    lines = []
    progress = TrialProgress(LogProgress(1, writer=lines.append))
    progress(completed(CELL, [0.0]))
    progress.expect(2)
    progress(FailedTrial(CELL, "no", "no"))
    assert lines[-2:] == ["! control, fold:0: failed: no", " 60 %  2/3 trials, 1 failed"]


def test_results_are_the_same_with_a_bar(capsys):
    assert audited(verbose=1).result == silent()


def test_an_error_of_a_callback_names_the_trial_and_costs_nothing():
    calls = []

    def broken(trial):
        calls.append(trial)
        raise ValueError("no such axis")

    with pytest.warns(RuntimeWarning, match=r"ValueError \(no such axis\) at .+fold.+goes on") as w:
        result = audited(on_trial=broken).result
    assert len(calls) == 1 and len(w) == 1
    assert result == silent()


def test_a_resumed_audit_counts_what_is_stored(tmp_path, capsys):
    audited(run_dir=tmp_path / "run")
    capsys.readouterr()
    with progress_of(4, 3, verbose=1) as progress:
        progress.advance()
    assert capsys.readouterr().err == "100 %  4/4 trials\n"
    audited(run_dir=tmp_path / "run", verbose=1)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("verbose", ["loud", -1, None])
def test_another_verbosity_is_an_error(verbose):
    with pytest.raises(ConfigurationError, match="verbose is"), progress_of(1, verbose=verbose):
        pass


class Handle:
    def __init__(self, content):
        self.shown = [content]

    def update(self, content):
        self.shown.append(content)


def test_a_notebook_shows_one_display_that_ends_empty(monkeypatch, capsys):
    handles = []

    def display(content, display_id):
        handles.append(Handle(content))
        return handles[-1]

    shell = SimpleNamespace(kernel=object())
    inner = SimpleNamespace(display=display, HTML=str)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    audited()
    (handle,) = handles
    assert handle.shown[0] == '<progress max="40" value="0"></progress> 0 of 40 trials'
    assert any("b pooled" in content and "<pre>" in content for content in handle.shown)
    assert any(" left" in content for content in handle.shown)
    assert handle.shown[-1] == ""
    assert capsys.readouterr().err == ""
