"""Python users see how far an audit is, if they ask."""

import io

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from transfergap import audit
from transfergap.experiment.cell import Cell, Split
from transfergap.experiment.trial import FailedTrial, completed
from transfergap.report.progress_line import ProgressLine

RNG = np.random.default_rng(0)
X, Z = RNG.normal(size=(40, 2)), RNG.normal(size=(60, 2))
CELL = Cell("control", Split("fold"), 0)


def audited(**options):
    return audit(
        KNeighborsClassifier(), X, (X[:, 0] > 0).astype(int),
        sources={"b": (Z, (Z[:, 0] > 0).astype(int))}, arms=["b pooled"], effort="quick",
        metric="accuracy", explain="none", **options,
    )  # fmt: skip


def test_a_callback_gets_each_trial(capsys):
    trials = []
    audited(on_trial=trials.append)
    assert len(trials) == 40
    assert {trial.cell.arm for trial in trials} == {"control", "b pooled"}
    assert capsys.readouterr().err == ""


def test_the_line_counts_to_the_end_and_calls_the_callback_too(capsys):
    trials = []
    audited(progress=True, on_trial=trials.append)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith("\rtransfergap: 40 of 40 trials\n") and len(trials) == 40


def test_further_trials_and_failures_are_counted():
    stream = io.StringIO()
    line = ProgressLine(1, stream=stream)
    line(completed(CELL, [0.0]))
    line.expect(2)
    line(FailedTrial(CELL, "no", "no"))
    line.end()
    assert stream.getvalue().endswith("2 of 3 trials, 1 failed\n")


def test_results_are_the_same_with_a_line(capsys):
    assert audited(progress=True).result == audited().result
