"""A control curve keeps what was recorded, and refuses what does not fit."""

from __future__ import annotations

import json

import numpy as np
import pytest

from transfergap.errors import DataError
from transfergap.torch import ControlCurve

LOSSES = np.random.default_rng(0).uniform(0.1, 2, size=(3, 9))


def curve(**changed):
    parts = {"steps": (0, 10, 20), "losses": LOSSES, "n_steps": 100, "interval": 10, "seeds": (3,)}
    return ControlCurve(**(parts | changed))


def test_a_file_gives_back_the_same_curve_to_the_last_bit(tmp_path):
    path = tmp_path / "control.json"
    curve().save(path)
    read = ControlCurve.load(path)
    np.testing.assert_array_equal(read.array, LOSSES)
    assert (read.steps, read.n_steps, read.interval, read.seeds) == ((0, 10, 20), 100, 10, (3,))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"schema": "other/1"}'])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(DataError):
        ControlCurve.load(path)
    with pytest.raises(DataError, match="holds no control curve"):
        ControlCurve.load(tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"steps": (0, 10)}, "one row for each of the 2 steps"),
        ({"losses": LOSSES[:, :7]}, "at least 8"),
        ({"losses": -LOSSES}, "at least 0"),
        ({"losses": LOSSES * np.nan}, "finite"),
        ({"steps": (10, 20, 30)}, "start at step 0"),
        ({"steps": (0, 20, 10)}, "rise"),
        ({"n_steps": 19}, "more than the whole training's 19"),
        ({"steps": (), "losses": np.zeros((0, 9))}, "shape"),
    ],
)
def test_what_does_not_fit_is_refused(changed, message):
    with pytest.raises(DataError, match=message):
        curve(**changed)


def test_an_average_is_over_the_steps_that_all_have():
    longer = curve(losses=LOSSES + 1, seeds=(4,))
    shorter = curve(steps=(0, 10), losses=LOSSES[:2])
    mean = ControlCurve.averaged([shorter, longer])
    assert (mean.steps, mean.seeds) == ((0, 10), (3, 4))
    np.testing.assert_allclose(mean.array, LOSSES[:2] + 0.5)
    with pytest.raises(DataError, match="differ"):
        ControlCurve.averaged([curve(), curve(n_steps=200)])
    with pytest.raises(DataError, match="no control curve"):
        ControlCurve.averaged([])


def test_the_curve_does_not_follow_later_changes_of_the_array():
    losses = LOSSES.copy()
    kept = curve(losses=losses)
    losses[:] = 0
    assert kept.means.min() > 0


def test_the_file_is_plain_json(tmp_path):
    curve().save(tmp_path / "c.json")
    assert json.loads((tmp_path / "c.json").read_text())["schema"] == "transfergap/control-curve/1"
