"""How often is each way of judging a source wrong, on real problems with known truth?

Fixed before the run: nine real problems (benchmarks/verdicts/real_problems.py), targets of 60, 120
and 240 rows, the default model, margin 0.02. Two truths of an arm, both on rows held back:

- *such samples*: the mean gain over five other targets of this size, each tested on the rows that
  it leaves. A claim about a source is wrong where this truth has the other sign.
- *these rows*: the gain of the models trained on the audit's own target. What is gained or lost by
  who acts on a claim is this.

Who acts on a way of judging uses the source with the largest value among those said to help, or the
target alone where none is. Rules of folds and splits: benchmarks/verdicts/fold_rules.py. autorank
and baycomp are by their formulas; insurance-transfer's rule (its NegativeTransferDiagnostic: is the
deviance lower on one split that holds 20 % out?) and pyDVL's value (a group a source, exact
Shapley, on top of the target's rows, one split that holds 30 % out) are in their manner, with our
model in the place of theirs.

    python -m benchmarks.ways_of_judging             all that is missing; resumable
    python -m benchmarks.ways_of_judging --draws 1   fewer draws
    python -m benchmarks.ways_of_judging --judge     only count what is stored

One file an audit in ``runs/ways_of_judging``; writes benchmarks/results/ways_of_judging.json, from
which README and docs/calibration.md are made.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.decisions import MOST_TEST, SIZES
from benchmarks.record import write_record
from benchmarks.verdicts.counting import summary
from benchmarks.verdicts.fold_rules import FOLD_RULES, fold_scores, score
from benchmarks.verdicts.real_problems import MARGIN, Pool, n_draws_of, names, pool
from transfergap.analysis.decision import Policy, decide, standing
from transfergap.analysis.result import ArmOutcome, AuditResult
from transfergap.auditing.audit import make_design, run_design
from transfergap.data.problem import TargetSet, TrainingSet
from transfergap.experiment.design import Arm, Design

DONE = Path(__file__).parents[1] / "runs" / "ways_of_judging"
N_SUCH = 5  # other targets of the same size, whose mean gain is the truth of such samples


def main() -> None:
    """Make the audits that are missing, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=99, help="at most so many of each size")
    parser.add_argument("--judge", action="store_true")
    options = parser.parse_args()
    DONE.mkdir(parents=True, exist_ok=True)
    for name, n, draw in [] if options.judge else _planned(options.draws):
        path = DONE / f"{name}-{n}-{draw}.json"
        if path.exists():
            continue
        started = time.process_time()
        record = audited(name, n, draw)
        if record is not None:
            record["cpu_s"] = round(time.process_time() - started, 1)
        path.write_text(json.dumps(record))
        print(name, n, draw, "too few rows" if record is None else record["cpu_s"], flush=True)
    records = [json.loads(path.read_text()) for path in sorted(DONE.glob("*.json"))]
    fits = {name: n for name, _, n in FOLD_RULES}
    audits = [record for record in records if record is not None]
    write_record("ways_of_judging", summary(audits, fits=fits, margin=MARGIN))


def _planned(most: int) -> Iterator[tuple[str, int, int]]:
    for draw in range(most):
        for name in names():
            for n in SIZES if draw < n_draws_of(name) else ():
                yield name, n, draw


def audited(name: str, n: int, draw: int) -> dict[str, Any] | None:
    """Return one audit with its truths and what each way of judging says of its sources."""
    warnings.simplefilter("ignore")
    drawn = pool(name, n, draw)
    problem = None if drawn is None else drawn.problem(np.arange(n))
    if drawn is None or problem is None:
        return None
    design = make_design(None, problem, random_state=draw)
    result = run_design(design, explain="none", subgroups=None).result
    learner = design.control.learner
    assert learner is not None
    evidence = fold_scores(problem, learner, draw)
    rest = np.arange(n, len(drawn.rows))[:MOST_TEST]
    return {
        "problem": name,
        "n": n,
        "draw": draw,
        "metric": drawn.metric,
        "these rows": gains(design, drawn, rest),
        "such samples": such_gains(drawn, n, design, seed=draw),
        "rules": {
            source: {rule: asdict(judge(scores)) for rule, judge, _ in FOLD_RULES}
            for source, scores in evidence.items()
        },
        "ours": {arm.arm: said_of(result, arm) for arm in result.arms if arm.judged},
        "decisions": {str(policy): decide(result, policy).use for policy in Policy},
    }


def gains(design: Design, drawn: Pool, test: np.ndarray) -> dict[str, float]:
    """Return what each judged arm gains over the control on rows of the pool."""
    problem, seed = design.problem, design.seed
    X = drawn.rows.rows(test).X
    if hasattr(X, "columns"):
        X = X[list(problem.target.X.columns)].reset_index(drop=True)
    rows = type(drawn.rows)(X, drawn.rows.y[test])
    assert design.control.learner is not None
    alone = design.control.learner.train(TargetSet(problem.target), seed=seed)
    control = score(problem, alone, rows)
    found = {}
    for arm in design.treatments:
        if isinstance(arm, Arm) and arm.judged and arm.learner is not None:
            train = TrainingSet(problem.target, problem.source_samples(arm.sources))
            found[arm.name] = score(problem, arm.learner.train(train, seed=seed), rows) - control
    return found


def such_gains(drawn: Pool, n: int, design: Design, *, seed: int) -> dict[str, float]:
    """Return the mean gain of each arm over other targets of this size."""
    rng = np.random.default_rng([seed, n, zlib.crc32(b"such samples")])
    found: dict[str, list[float]] = {arm.name: [] for arm in design.treatments if arm.judged}
    for _ in range(N_SUCH):
        order = rng.permutation(len(drawn.rows))
        problem = drawn.problem(order[:n])
        if problem is None:
            continue
        other = make_design(None, problem, random_state=seed)
        for name, gain in gains(other, drawn, order[n : n + MOST_TEST]).items():
            if name in found:
                found[name].append(gain)
    return {name: float(np.mean(values)) for name, values in found.items() if values}


def said_of(result: AuditResult, arm: ArmOutcome) -> dict[str, Any]:
    """Return an arm's verdict and gap over the control, and what it cost."""
    gap = arm.over_control
    assert gap is not None
    return {
        "verdict": str(standing(result, arm)),
        "estimate": gap.estimate,
        "low": gap.low,
        "high": gap.high,
        "n_fits": arm.n_completed,
    }


if __name__ == "__main__":
    main()
