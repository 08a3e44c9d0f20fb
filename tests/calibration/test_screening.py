"""Verdicts on sources chosen on the tested rows keep their rates (benchmarks.screening)."""

import pytest
from benchmarks.screening import draw, summary, world

from transfergap.stats.gap import Verdict

CLAIMS = {Verdict.HELPS, Verdict.HURTS}


@pytest.fixture(scope="module")
def places():
    return world(seed=301)


@pytest.fixture(scope="module")
def rough_places():
    """Sources whose gaps are near zero, which nobody counts on here."""
    with pytest.MonkeyPatch.context() as few:
        few.setattr("benchmarks.screening.N_COMMON", 400)
        return world(seed=301)


@pytest.mark.parametrize("n_draws", [3, pytest.param(24, marks=pytest.mark.slow)])
def test_no_more_is_claimed_than_if_all_sources_were_tried(rough_places, n_draws):
    for number in range(n_draws):
        verdicts = draw(rough_places, 301, number)
        for rule in ("8 counted", "16 counted"):
            assert verdicts[rule] & CLAIMS <= verdicts["all"] & CLAIMS


@pytest.mark.slow
def test_sources_without_effect_seldom_help_or_hurt(places):
    assert summary([draw(places, 301, number) for number in range(600)])["holds"]
