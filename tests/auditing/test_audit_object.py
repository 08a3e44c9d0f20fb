"""A finished audit is asked for arms by name, summed up, and drawn."""

from __future__ import annotations

import matplotlib
import pytest
from matplotlib import pyplot
from tests.report import results

from transfergap import Arm, Audit
from transfergap.errors import TransferGapError, UnknownArmError

matplotlib.use("Agg")


@pytest.fixture
def audited():
    yield Audit(results.demo())
    pyplot.close("all")


def test_an_arm_is_found_by_its_name(audited):
    outcome = audited["mnist pooled"]
    assert outcome.gap.estimate == -0.180
    assert audited["mnist+pooled"] is outcome and audited[Arm("mnist")] is outcome
    assert "mnist pooled" in audited and "mnist" not in audited and 3 not in audited
    assert list(audited) == [arm.arm for arm in audited.arms]
    assert audited._ipython_key_completions_() == list(audited)


def test_an_unknown_arm_suggests_the_nearest(audited):
    with pytest.raises(KeyError) as raised:
        audited["mnist poled"]
    assert isinstance(raised.value, UnknownArmError) and isinstance(raised.value, TransferGapError)
    assert str(raised.value) == (
        "The audit has no arm called 'mnist poled'.\n hint: did you mean 'mnist pooled'?"
    )
    with pytest.raises(UnknownArmError, match="it has: control, more_scans pooled"):
        audited["zzz"]


def test_a_plot_has_a_line_an_arm_on_new_axes(audited):
    ax = audited.plot()
    assert [t.get_text() for t in ax.get_yticklabels()] == [
        "all balanced", "mnist_cropped pooled", "mnist pooled", "more_scans pooled",
    ]  # fmt: skip
    intervals = {tuple(line.get_xdata()) for line in ax.lines if len(line.get_xdata()) == 2}
    assert (-0.298, -0.062) in intervals
    low, high = ax.get_xlim()
    assert low < -0.298 and high > 0.149
    assert "margin of 0.020" in ax.get_xlabel()


def test_a_plot_is_drawn_on_axes_that_are_given_and_of_chosen_arms(audited):
    figure, axes = pyplot.subplots(1, 2)
    assert audited.plot(ax=axes[1], arms=["mnist pooled"]) is axes[1]
    assert len(axes[1].get_yticks()) == 1 and not axes[0].lines
    assert len(pyplot.get_fignums()) == 1
    figure.canvas.draw()


@pytest.mark.parametrize("make", results.ALL.values(), ids=results.ALL)
def test_every_result_can_be_drawn_and_summed_up(make):
    audited = Audit(make())
    audited.plot().figure.canvas.draw()
    pyplot.close("all")
    assert audited.summary().count("\n") >= 1


def test_a_notebook_shows_a_card(audited):
    assert audited._repr_html_().startswith("<div><style>")
    assert audited.findings == audited.result.findings
