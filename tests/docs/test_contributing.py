"""The contributor's map names what is there, and what is there is in the map's places."""

import re
import sys
import tomllib
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from transfergap.analysis.checks import CHECKS
from transfergap.cli.main import run
from transfergap.data.metric import catalogue
from transfergap.data.task import find_task
from transfergap.experiment.executor_choice import executor_for
from transfergap.learners.mitigations import names

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
PATHS = sorted(set(re.findall(r"`((?:src|tests|docs|tools)/[\w/.]*)`", TEXT)))


def test_the_map_names_many_places():
    assert len(PATHS) > 20


@pytest.mark.parametrize("path", PATHS)
def test_places_of_the_map_exist(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    ("thing", "folder"),
    [
        (CHECKS[0].look, "analysis/checks"),
        (names.mitigation_named("coral"), "learners/mitigations"),
        (type(executor_for(1)), "experiment/executors.py"),
        (catalogue, "data/metric"),
        (find_task("binary"), "data/task"),
    ],
)
def test_things_live_where_the_map_says(thing, folder):
    module = getattr(thing, "__module__", getattr(thing, "__name__", ""))
    assert f"src/transfergap/{folder}" in TEXT
    assert module.startswith(f"transfergap.{folder.removesuffix('.py').replace('/', '.')}")


def test_fragments_of_the_changelog_have_a_kind_that_is_gathered():
    kinds = {kind["directory"] for kind in PROJECT["tool"]["towncrier"]["type"]}
    fragments = [p.name for p in (ROOT / "changelog.d").iterdir() if p.name != "README.md"]
    assert {name.split(".")[1] for name in fragments} <= kinds


def test_every_dependency_has_a_lower_bound_that_is_installed_and_tested():
    bounds = [d.replace(">=", "==") for d in PROJECT["project"]["dependencies"]]
    lower = (ROOT / "constraints-lower.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("  #")[0] for line in lower if not line.startswith("#")] == bounds
    assert all("  # " in line for line in lower if not line.startswith("#"))
    assert "constraints-lower.txt" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


STOPS = re.findall(r"^\| `(src/transfergap/[\w/]+\.py)` `(\w+)` \|", TEXT, re.MULTILINE)


def test_a_run_comes_by_the_stops_of_its_route_in_order(tmp_path, monkeypatch):
    assert 8 <= len(STOPS) <= 12
    rng = np.random.default_rng(0)
    for name, n_rows in (("a", 40), ("b", 50)):
        x = rng.normal(size=n_rows)
        table = pd.DataFrame({"x": x.round(3), "y": (x + rng.normal(size=n_rows) > 0).astype(int)})
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    passed = {}

    def on_event(frame, event, argument):
        stop = frame.f_code.co_filename, frame.f_code.co_name
        if event == "call" and stop in places:
            passed.setdefault(places[stop], None)

    places = {(str(ROOT / file), function): (file, function) for file, function in STOPS}
    monkeypatch.chdir(tmp_path)
    options = {"--label": "y", "--effort": "quick", "--explain": "none", "--subgroups": "none",
               "--arm": "b pooled", "-o": "runs/x"}  # fmt: skip
    sys.setprofile(on_event)
    try:
        run(["run", "a.csv", "b.csv", "--quiet", *chain.from_iterable(options.items())])
    except SystemExit as ended:
        assert not ended.code
    finally:
        sys.setprofile(None)
    assert [*passed] == STOPS
