"""The ranking as part of an audit: kept with the result, said where it is not there."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from transfergap import audit, load_audit
from transfergap.analysis.assessment import assess_trials
from transfergap.auditing.audit import make_design
from transfergap.cli.main import run
from transfergap.data.validation import make_problem
from transfergap.datasets import make_shift
from transfergap.errors import ConfigurationError

NEAR, FAR = (make_shift(n_target=40, shift=shift, random_state=1) for shift in (0.1, 3.0))
TWO = {"near": NEAR.sources["source"], "far": FAR.sources["source"]}


def audited(sources=TWO, **options):
    return audit(
        Ridge(), NEAR.X, NEAR.y, sources=sources, metric="mse", margin=0.05, effort="quick",
        explain="none",
        **options,
    )  # fmt: skip


def test_an_audit_ranks_its_sources_and_keeps_the_ranking(tmp_path, capsys):
    study = audited(run_dir=tmp_path / "run")
    ranking = study.rank_sources()
    assert [source.source for source in ranking.sources] == ["far", "near"]
    assert ranking.by_model == ("pooled", "only")
    gap = next(arm.gap for arm in study.result.arms if arm.arm == "far pooled")
    assert ranking.sources[0].pooled.estimate == gap.estimate
    assert load_audit(tmp_path / "run").rank_sources() == ranking
    with pytest.raises(SystemExit):
        run(["show", str(tmp_path / "run"), "--sources"])
    assert capsys.readouterr().out == ranking.text + "\n"
    with pytest.raises(SystemExit):
        run(["show", str(tmp_path / "run"), "--sources", "--format", "json"])
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(asdict(ranking)))
    with pytest.raises(SystemExit):
        run(["show", str(tmp_path / "run"), "--sources", "--format", "markdown"])
    assert "use text or json" in capsys.readouterr().err


def test_one_source_is_no_ranking_and_that_is_said():
    study = audited({"near": TWO["near"]})
    assert study.result.ranking is None
    with pytest.raises(ConfigurationError, match="1 source, and a ranking needs two"):
        study.rank_sources()


def test_a_ranking_that_fails_costs_no_verdict():
    posed = make_problem(NEAR.X, NEAR.y, sources=TWO, metric="mse", margin=0.05)
    design = make_design(Ridge(), posed, arms=["near pooled"], effort="quick")
    groups = np.zeros(40, int)
    gone = {
        name: replace(source, sample=replace(source.sample, groups=np.zeros(len(source.sample))))
        for name, source in posed.sources.items()
    }
    target = replace(posed.target, groups=groups)
    result = assess_trials(replace(design, problem=replace(posed, target=target, sources=gone)), ())
    assert result.ranking is None
    assert "not ranked by harm: Too few sources with rows to rank: 0" in result.method_notes[-1]
