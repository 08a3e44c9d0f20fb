"""Words that a practitioner does not know stand under How and All numbers alone."""

from __future__ import annotations

import re

import pytest
from tests.report import results
from tests.report.test_below_and_beyond import whole

from transfergap.report.console.screen import render_terminal
from transfergap.report.html import render_html

HARD = ("Banzhaf", "Shapley", "DeLong", "closed form", "held back", "jackknife")
MADE = {**results.ALL, "whole": whole}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
def test_hard_words_stand_under_how_alone(make):
    page = render_html(make())
    easy = [page.split('<div class="tabs">')[0]]
    for panel in re.split(r'<div class="panel panel-', page)[1:]:
        if not panel.startswith(("how", "numbers")):
            easy.append(panel)
    text = re.sub(r"<[^>]*>", " ", " ".join(easy))
    assert [word for word in HARD if word in text] == []
    assert [word for word in HARD if word in render_terminal(make(), color=False)] == []
